"""Columns of another kind than a rule asks for: what each tool itself does with them, row for row, or one plain line.

A rule about numbers meets texts, days, truth values, categories, mixed objects, instants with a zone. Either the rows
are those the tool lists, or, where it fails as a whole or raises, we refuse in one line. What is left is named here.
"""

import json
import os
import re

import numpy as np
import pandas as pd
import pytest
import yaml

from checks import load_rules
from checks.data_files import read_data
from synth.errors import RuleError

DAYS = ["2031-01-01", "2031-01-05", None, "2031-02-01", "2031-01-01", "2030-12-31"]
FRAME = pd.DataFrame(
    {
        "text": pd.Series(["1", "5", None, "05", "open", "1.0"], dtype="str"),
        "objects": pd.Series(["1", "5", None, "05", "open", "1.0"], dtype=object),
        "scripts": pd.Series(["1", "\u0661", None, "1\n", "\u00e9", "a b\n"], dtype="str"),
        "int": [1, 5, 2, 7, 10, 0],
        "Int": pd.array([1, 5, None, 7, 10, 0], dtype="Int64"),
        "float": [1.0, 5.0, np.nan, 2.5, 10.0, 0.0],
        "bool": [True, False, True, True, False, False],
        "boolean": pd.array([True, False, None, True, False, False], dtype="boolean"),
        "mixed": pd.Series([1, "1", None, 5.0, True, "open"], dtype=object),
        "ordered": pd.Categorical(
            ["low", "high", None, "mid", "low", "high"], categories=["low", "mid", "high"], ordered=True
        ),
        "ordered_numbers": pd.Categorical([1, 5, None, 10, 1, 5], categories=[10, 5, 1], ordered=True),
        "category": pd.Categorical(["1", "5", None, "open", "1", "5"]),
        "category_numbers": pd.Categorical([1, 5, None, 10, 1, 5]),
        "day": pd.to_datetime(pd.Series(DAYS)),
        "time": pd.to_datetime(pd.Series(["2031-01-01T10:00:00", *DAYS[1:]]), format="ISO8601"),
        "zoned": pd.to_datetime(pd.Series(DAYS), utc=True),
        "zoned_text": pd.Series(
            ["2031-01-01T00:00:00Z", "2031-01-01T00:00:00+00:00", None, "2031-02-01T00:00:00Z", "x", ""], dtype="str"
        ),
    }
)
RULES = {
    "in numbers": ("in", [1, 5]),
    "in texts": ("in", ["1", "open", "low"]),
    "in both": ("in", [1, "open"]),
    "in truths": ("in", [True]),
    "in decimals": ("in", [1.0, 2.5]),
    "in days": ("in", ["2031-01-01", "2031-01-01T00:00:00Z"]),
    "not numbers": ("not in", [1, 5]),
    "not texts": ("not in", ["1", "open", "low"]),
    "not days": ("not in", ["2031-01-01"]),
    "between numbers": ("between", 1, 5),
    "between texts": ("between", "1", "5"),
    "between days": ("between", "2031-01-01", "2031-01-31"),
    "between grades": ("between", "low", "mid"),
    "is number": ("==", 1),
    "is text": ("==", "1"),
    "is day": ("==", "2031-01-01"),
    "is true": ("==", True),
    "no number": ("!=", 1),
    "no text": ("!=", "1"),
    "digits": ("regex", r"^\d$"),
    "word": ("regex", r"\w\b$|^\S+\s"),
    "signs": ("regex", r"\.0$|T|00"),
    "length": ("length", 1, 3),
}
NUMBERS_AS_CATEGORY = ("ordered_numbers", "category_numbers")
MOMENTS = ("day", "time", "zoned")


def ours(given):
    """Rows flagged, or the one line that refuses."""
    try:
        return np.flatnonzero(load_rules(given).evaluate(FRAME).results[0].fail).tolist()
    except RuleError as problem:
        return str(problem)


# ------------------------------------------------------------------------------------------------- Great Expectations


def as_expectation(rule, column):
    kind, *given = RULES[rule]
    values, bounds = "expect_column_values_to_", dict(zip(("min_value", "max_value"), given, strict=False))
    return {
        "in": (f"{values}be_in_set", {"value_set": given[0]}),
        "not in": (f"{values}not_be_in_set", {"value_set": given[0]}),
        "between": (f"{values}be_between", bounds),
        "regex": (f"{values}match_regex", {"regex": given[0]}),
        "length": ("expect_column_value_lengths_to_be_between", bounds),
    }[kind]


@pytest.fixture(scope="module")
def expectations(engine):
    """Validate one expectation with the engine: rows it lists, or None where it raises."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    gx = engine("great_expectations")
    configuration = engine("great_expectations.expectations.expectation_configuration").ExpectationConfiguration
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("other_kinds")
    batch = source.add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    batch = batch.get_batch(batch_parameters={"dataframe": FRAME})

    def run(kind, given):
        found = batch.validate(configuration(type=kind, kwargs=given).to_domain_obj(), result_format="COMPLETE")
        return sorted(found.result.get("unexpected_index_list") or []) if found.result else None

    return run


# A null of a nullable column is listed by the engine in sets and patterns, because there a comparison with it is null.
GX_RULES = [name for name, (kind, *_) in RULES.items() if kind not in {"==", "!="} and not name.startswith("between ")]


@pytest.mark.parametrize("rule", [*GX_RULES, "between numbers"])
@pytest.mark.filterwarnings("ignore")
def test_great_expectations(rule, expectations):
    """On every column the rows the engine lists; where it raises, one line. Nulls of Int64 it lists, we do not."""
    for column in FRAME:
        kind, given = as_expectation(rule, column)
        given = {"column": column, **given}
        rows = expectations(kind, given)
        found = ours(json.dumps({"expectations": [{"type": kind, "kwargs": given}]}))
        if column == "Int" and isinstance(rows, list):
            rows = [row for row in rows if row != 2]

        if rows is None:
            assert isinstance(found, str) or (rule.startswith("not ") and column in MOMENTS), (column, found)
        else:
            assert found == rows, column


@pytest.mark.parametrize(("low", "high"), [("2031-01-01", "2031-01-31"), ("a", "m")])
def test_bounds_that_are_texts_are_approximate(low, high, expectations):
    """The 1.x engine raises at them on texts and days alike, or refuses them; here they are held against both."""
    given = {"column": "day", "min_value": low, "max_value": high}
    text = json.dumps({"expectations": [{"type": "expect_column_values_to_be_between", "kwargs": given}]})
    (entry,) = load_rules(text).coverage()

    assert entry.status == "approximate"
    if low.startswith("2"):
        assert expectations("expect_column_values_to_be_between", given) is None
        assert ours(text) == [3, 5]
    else:
        with pytest.raises(ValueError, match="min_value"):
            expectations("expect_column_values_to_be_between", given)


# ------------------------------------------------------------------------------------------------------------ pandera


def as_check(rule, pa):
    kind, *given = RULES[rule]
    check = {
        "in": pa.Check.isin,
        "not in": pa.Check.notin,
        "between": pa.Check.in_range,
        "==": pa.Check.equal_to,
        "!=": pa.Check.not_equal_to,
        "regex": pa.Check.str_contains,
        "length": pa.Check.str_length,
    }[kind]
    return check(*given)


def pandera_fails(pa, schema, column):
    """Rows among the failure cases; None where the check fails as a whole."""
    try:
        schema.validate(FRAME[[column]], lazy=True)
    except pa.errors.SchemaErrors as problem:
        places = problem.failure_cases["index"]
        return None if places.isna().any() else sorted({int(place) for place in places})
    return []


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.filterwarnings("ignore")
def test_pandera(rule, engine):
    """The same rows, or one line where the check fails as a whole.

    Left: a category without an order is compared by its values, where pandera's check fails; a day is looked for in no
    column of numbers.
    """
    pa = engine("pandera.pandas")
    for column in FRAME:
        schema = pa.DataFrameSchema({column: pa.Column(None, as_check(rule, pa), nullable=True)})
        rows, found = pandera_fails(pa, schema, column), ours(schema)

        if rows is None and isinstance(found, list):
            assert (rule.split()[0], column.split("_")[0]) == ("between", "category"), column
        elif rows is not None and isinstance(found, str):
            assert rule == "is day", column
            assert "cannot be read as such" in found
        elif rows is not None:
            assert found == rows, column


# --------------------------------------------------------------------------------------------------------- pointblank


def as_step(rule, column):
    kind, *given = RULES[rule]
    return {
        "in": {"col_vals_in_set": {"columns": column, "set": given[0]}},
        "not in": {"col_vals_not_in_set": {"columns": column, "set": given[0]}},
        "between": {
            "col_vals_between": {"columns": column, "left": given[0], "right": given[-1], "na_pass": True},
        },
        "==": {"col_vals_eq": {"columns": column, "value": given[0], "na_pass": True}},
        "!=": {"col_vals_ne": {"columns": column, "value": given[0], "na_pass": True}},
        "regex": {"col_vals_regex": {"columns": column, "pattern": given[0], "na_pass": True}},
    }[kind]


@pytest.mark.parametrize("rule", [name for name in RULES if name not in {"length", "between texts", "between grades"}])
@pytest.mark.filterwarnings("ignore")
def test_pointblank(rule, engine):
    """The same rows, or one line where the step is not evaluated.

    Left, and evaluated here where the tool does not: truth values, sets of days, nullable numbers, categories of
    numbers. Refused here though not there: values of several kinds, and one value against a column of another kind.
    """
    pb = engine("pointblank")
    for column in FRAME:
        plan = yaml.safe_dump({"tbl": "small_table", "steps": [as_step(rule, column)]})
        found = ours(plan)
        try:
            (step,) = pb.yaml_interrogate(plan, set_tbl=FRAME).validation_info
            checked = None if step.eval_error else ~step.tbl_checked["pb_is_good_"].astype(bool)
            rows = None if checked is None else np.flatnonzero(checked).tolist()
        except (AttributeError, TypeError, ValueError):  # what it raises instead
            rows = None

        if rows is None and isinstance(found, list):
            assert column in {"bool", "boolean", "Int", *MOMENTS, *NUMBERS_AS_CATEGORY}, column
        elif rows is not None and isinstance(found, str):
            assert rule.split()[0] in {"is", "no"}, column
            assert column in {"mixed", "day", "time", "zoned", *NUMBERS_AS_CATEGORY}, column
        elif rows is not None:
            assert found == rows, column


@pytest.mark.parametrize(("method", "value"), [("col_vals_gt", "open"), ("col_vals_between", "open")])
def test_pointblank_orders_no_texts(method, value, engine):
    """A text that is no day is refused there; here it is an entry with status error."""
    pb = engine("pointblank")
    given = {"value": value} if method == "col_vals_gt" else {"left": value, "right": value}
    plan = yaml.safe_dump({"tbl": "small_table", "steps": [{method: {"columns": "text", **given}}]})
    (entry,) = load_rules(plan, on_unsupported="list").coverage()

    assert (entry.status, "must be a day" in entry.reason) == ("error", True)
    with pytest.raises(ValueError, match="date"):
        pb.yaml_interrogate(plan, set_tbl=FRAME)


# ------------------------------------------------------------------------------------------- what the person is told


def test_a_refusal_names_file_line_and_column(tmp_path):
    """One line: which rule, which column, what it holds, and where the rule stands."""
    path = tmp_path / "suite.json"
    entry = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "text", "min_value": 1}}
    path.write_text('{"expectations": [\n  ' + json.dumps(entry) + "]}", encoding="utf-8")

    with pytest.raises(RuleError) as refused:
        load_rules(path).evaluate(FRAME)

    assert re.fullmatch(
        r"rule 'text.be_between': column 'text' holds text values, .* \[.*suite\.json: expectations\[0\] \(line 2\)\]",
        str(refused.value),
    )


def test_a_file_without_types_is_read_as_what_is_listed(tmp_path):
    """CSV says no types, so numbers are numbers, as the tool that reads the file has it; in a frame they are not."""
    path = tmp_path / "d.csv"
    path.write_text("n,t,ok\n1,a,TRUE\n01,1,false\n1.0,b,true\n2,1,\n", encoding="utf-8")
    kwargs = [
        {"column": "n", "value_set": [1]},
        {"column": "t", "value_set": ["1"]},
        {"column": "ok", "value_set": [True]},
    ]
    suite = {"expectations": [{"type": "expect_column_values_to_be_in_set", "kwargs": given} for given in kwargs]}
    (frame,) = read_data([path]).values()
    plain = pd.DataFrame({name: frame[name].tolist() for name in frame}, dtype="str")
    rules = load_rules(json.dumps(suite))

    assert [r.fail.tolist() for r in rules.evaluate(frame).results] == [
        [False, False, False, True],
        [True, False, True, False],
        [False, True, False, False],
    ]
    assert [r.fail.tolist() for r in rules.evaluate(plain).results] == [
        [True, True, True, True],
        [True, False, True, False],
        [True, True, True, False],
    ]


def test_numbers_of_a_file_without_types_have_the_order_of_numbers(tmp_path):
    """9 is less than 10 in CSV too, against a bound and against another column; a mean is a mean."""
    path = tmp_path / "d.csv"
    path.write_text("a,b\n9,10\n10,9\n", encoding="utf-8")
    suite = {
        "expectations": [
            {"type": "expect_column_values_to_be_between", "kwargs": {"column": "a", "max_value": 9.5}},
            {
                "type": "expect_column_pair_values_a_to_be_greater_than_b",
                "kwargs": {"column_A": "b", "column_B": "a"},
            },
            {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "a", "min_value": 9.5, "max_value": 9.5}},
        ]
    }
    (frame,) = read_data([path]).values()
    results = load_rules(json.dumps(suite)).evaluate(frame).results

    assert [r.fail.tolist() for r in results] == [[False, True], [False, True], [False, False]]
    assert not results[2].alert
