"""Great Expectations suites: what becomes of every expectation, and the rows flagged, held against the engine."""

import json
import os

import numpy as np
import pandas as pd
import pytest

from checks import load_rules
from checks.formats.gx_kinds import KINDS, NO_TRANSLATION
from synth.errors import RuleError

FRAME = pd.DataFrame(
    {
        "zip": pd.Series(["12345", "1234", None, "", "N/A", " ", "12345", "ABCDE"], dtype="str"),
        "st": pd.Series(["open", "bad", None, "", "N/A", "closed", "open", "open"], dtype="str"),
        "x": [1.0, -1.0, np.nan, 0.0, 5.0, 2.0, 1.0, 7.0],
        "n": [3, 1, 2, 2, 5, 8, 9, 10],
        "y": [1.0, 2.0, np.nan, np.nan, 5.0, np.nan, 0.0, 7.0],
        "a": pd.Series(["p", "p", None, None, "q", "", "p", "q"], dtype="str"),
        "b": pd.Series(["p", "q", None, "p", "q", "r", "p", None], dtype="str"),
        "mixed": pd.Series([1, "1", None, "", 2.5, True, ["l"], {"d": 1}], dtype=object),
        "names": pd.Series(["a", "b", None, "", "a", "c", "d", "e"], dtype=object),
        "day": pd.Series(
            ["2031-01-31", "31/01/2031", None, "", "2031-02-30", "x", "2031-12-01", "5 May 2031"], dtype="str"
        ),
        "doc": pd.Series(["{}", "[1", None, "", "1", "null", '{"a": 1}', "x"], dtype="str"),
        "id": pd.Series(["1", "2", None, None, "3", "2", "4", ""], dtype="str"),
    }
)
LABELS = [3, 3, 3, 0, 0, 1, 7, 7]  # of another index: they say nothing
COLUMN = "expect_column_values_to_"
ROWS = [
    ("not_be_null", {"column": "zip"}),
    ("be_null", {"column": "zip"}),
    ("be_in_set", {"column": "st", "value_set": ["open", "closed"]}),
    ("be_in_set", {"column": "st", "value_set": ["open", None]}),
    ("be_in_set", {"column": "x", "value_set": [1, 5]}),
    ("be_in_set", {"column": "st", "value_set": []}),
    ("not_be_in_set", {"column": "st", "value_set": ["N/A", ""]}),
    ("not_be_in_set", {"column": "n", "value_set": [2, 5]}),
    ("match_regex", {"column": "zip", "regex": r"^\d{5}$"}),
    ("match_regex", {"column": "zip", "regex": "1"}),
    ("match_regex", {"column": "n", "regex": "^[0-9]$"}),
    ("match_regex", {"column": "zip", "regex": "(?=1)12"}),
    ("not_match_regex", {"column": "zip", "regex": "N/A|^ $"}),
    ("match_regex_list", {"column": "zip", "regex_list": ["^1", "^A"]}),
    ("match_regex_list", {"column": "zip", "regex_list": ["1", "5"], "match_on": "all"}),
    ("not_match_regex_list", {"column": "zip", "regex_list": ["^N", "^$"]}),
    ("expect_column_value_lengths_to_be_between", {"column": "zip", "min_value": 1, "max_value": 4}),
    (
        "expect_column_value_lengths_to_be_between",
        {"column": "zip", "min_value": 1, "max_value": 5, "strict_max": True},
    ),
    ("expect_column_value_lengths_to_be_between", {"column": "zip", "min_value": 0, "strict_min": True}),
    ("expect_column_value_lengths_to_equal", {"column": "zip", "value": 5}),
    ("expect_column_value_lengths_to_equal", {"column": "n", "value": 1}),
    ("be_between", {"column": "x", "min_value": 0, "max_value": 5}),
    ("be_between", {"column": "x", "min_value": 0, "max_value": 5, "strict_min": True, "strict_max": True}),
    ("be_between", {"column": "n", "max_value": 5}),
    ("be_unique", {"column": "id"}),
    ("be_unique", {"column": "x"}),
    ("be_of_type", {"column": "mixed", "type_": "int"}),
    ("be_of_type", {"column": "mixed", "type_": "str"}),
    ("be_of_type", {"column": "mixed", "type_": "list"}),
    ("be_of_type", {"column": "mixed", "type_": "float"}),
    ("be_of_type", {"column": "names", "type_": "str"}),
    ("be_in_type_list", {"column": "mixed", "type_list": ["int", "str"]}),
    ("match_strftime_format", {"column": "day", "strftime_format": "%Y-%m-%d"}),
    ("be_dateutil_parseable", {"column": "day"}),
    ("be_json_parseable", {"column": "doc"}),
    ("be_increasing", {"column": "n"}),
    ("be_increasing", {"column": "n", "strictly": True}),
    ("be_decreasing", {"column": "x"}),
    ("expect_column_value_z_scores_to_be_less_than", {"column": "x", "threshold": 1.2, "double_sided": False}),
    ("expect_column_value_z_scores_to_be_less_than", {"column": "x", "threshold": 0.9, "double_sided": True}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b", "ignore_row_if": "neither"}),
    (
        "expect_column_pair_values_to_be_equal",
        {"column_A": "x", "column_B": "y", "ignore_row_if": "either_value_is_missing"},
    ),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "x", "column_B": "y"}),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "n", "column_B": "y", "or_equal": True}),
    (
        "expect_column_pair_values_to_be_in_set",
        {"column_A": "a", "column_B": "b", "value_pairs_set": [["p", "q"], ["q", "q"]]},
    ),
    (
        "expect_column_pair_values_to_be_in_set",
        {"column_A": "a", "column_B": "b", "value_pairs_set": [["q", None], [None, "p"]]},
    ),
    ("expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["id", "a"], "ignore_row_if": "any_value_is_missing"}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["id", "y"], "ignore_row_if": "never"}),
    ("expect_select_column_values_to_be_unique_within_record", {"column_list": ["a", "b"]}),
    (
        "expect_select_column_values_to_be_unique_within_record",
        {"column_list": ["a", "b", "st"], "ignore_row_if": "never"},
    ),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["x", "y"], "sum_total": 2}),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["x", "n"], "sum_total": 10}),
    ("expect_multicolumn_values_to_be_equal", {"column_list": ["a", "b"]}),
]
CONDITIONS = [
    "st == 'open'",
    "st != 'open'",
    "x > 0 and st in ['open', 'closed']",
    "x >= 1 & n < 9 | a == 'q'",
    "not (x > 0)",
    "~(x > 0)",
    "st not in ['open']",
    "x == y",
    "x != y",
    "0 < x <= 5",
    "5 >= n",
    "zip.notnull() and x.isna()",
    "a.isin(['p', ''])",
    "`a` == 'p'",
]
WHOLES = [
    ("be_of_type", {"column": "n", "type_": "int"}),
    ("be_of_type", {"column": "x", "type_": "int"}),
    ("be_of_type", {"column": "zip", "type_": "str"}),
    ("be_of_type", {"column": "n", "type_": "str"}),
    ("be_in_type_list", {"column": "n", "type_list": ["int64", "float"]}),
    ("be_in_type_list", {"column": "x", "type_list": ["int", "int32"]}),
    ("expect_column_to_exist", {"column": "zip"}),
    ("expect_column_to_exist", {"column": "zap"}),
    ("expect_column_to_exist", {"column": "st", "column_index": 1}),
    ("expect_column_to_exist", {"column": "st", "column_index": 2}),
    ("expect_table_columns_to_match_set", {"column_set": ["zip", "st"]}),
    ("expect_table_columns_to_match_set", {"column_set": ["zip", "st"], "exact_match": False}),
    ("expect_table_columns_to_match_ordered_list", {"column_list": list(FRAME)}),
    ("expect_table_columns_to_match_ordered_list", {"column_list": list(FRAME)[::-1]}),
    ("expect_table_column_count_to_equal", {"value": 12}),
    ("expect_table_column_count_to_be_between", {"min_value": 13}),
    ("expect_table_row_count_to_equal", {"value": 8}),
    ("expect_table_row_count_to_be_between", {"min_value": 9, "max_value": 20}),
    ("expect_column_distinct_values_to_contain_set", {"column": "st", "value_set": ["open", "bad"]}),
    ("expect_column_distinct_values_to_contain_set", {"column": "st", "value_set": ["open", "gone"]}),
    ("expect_column_distinct_values_to_equal_set", {"column": "st", "value_set": ["open", "bad", "", "N/A", "closed"]}),
    ("expect_column_distinct_values_to_equal_set", {"column": "x", "value_set": [1, -1, 0, 5, 2]}),
    ("expect_column_most_common_value_to_be_in_set", {"column": "st", "value_set": ["open"]}),
    ("expect_column_most_common_value_to_be_in_set", {"column": "y", "value_set": [1, 2], "ties_okay": True}),
    ("expect_column_most_common_value_to_be_in_set", {"column": "y", "value_set": [1, 2]}),
    ("expect_column_min_to_be_between", {"column": "x", "min_value": -1, "strict_min": True}),
    ("expect_column_max_to_be_between", {"column": "x", "max_value": 7}),
    ("expect_column_mean_to_be_between", {"column": "x", "min_value": 2.1, "max_value": 2.2}),
    ("expect_column_median_to_be_between", {"column": "x", "min_value": 1, "max_value": 1}),
    ("expect_column_sum_to_be_between", {"column": "n", "min_value": 40, "max_value": 40}),
    ("expect_column_stdev_to_be_between", {"column": "n", "min_value": 3.4, "max_value": 3.6}),
    ("expect_column_unique_value_count_to_be_between", {"column": "st", "min_value": 5, "max_value": 5}),
    ("expect_column_proportion_of_unique_values_to_be_between", {"column": "id", "min_value": 0.84, "max_value": 1}),
    ("expect_column_proportion_of_non_null_values_to_be_between", {"column": "id", "min_value": 0.75}),
    (
        "expect_column_proportion_of_non_null_values_to_be_between",
        {"column": "id", "max_value": 0.75, "strict_max": True},
    ),
    (
        "expect_column_quantile_values_to_be_between",
        {
            "column": "n",
            "quantile_ranges": {"quantiles": [0.25, 0.5, 0.9], "value_ranges": [[2, 2], [None, 5], [9, None]]},
        },
    ),
    (
        "expect_column_quantile_values_to_be_between",
        {"column": "n", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[0, 1]]}},
    ),
]
DISTINCT = [(["open", "bad", "", "N/A", "closed"], True), (["open", "closed"], False)]


def full(kind):
    return kind if kind.startswith("expect_") else COLUMN + kind


def suite(*expectations, key="type"):
    return json.dumps(
        {"name": "s", "expectations": [{key: full(kind), "kwargs": given} for kind, given in expectations]}
    )


def ours(frame, kind, given, key="type", status="exact"):
    (entry,) = (rules := load_rules(suite((kind, given), key=key), on_unsupported="skip")).coverage()
    assert (entry.status, bool(entry.reason)) == (status, status != "exact")
    return rules.evaluate(frame).results[0]


@pytest.fixture(scope="module")
def native(engine):
    """Validate one expectation on FRAME with Great Expectations itself; rows it lists, and whether it succeeds."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    gx = engine("great_expectations")
    configuration = engine("great_expectations.expectations.expectation_configuration").ExpectationConfiguration
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("p")
    batch = source.add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    batch = batch.get_batch(batch_parameters={"dataframe": FRAME})

    def run(kind, given):
        expectation = configuration(type=full(kind), kwargs=given).to_domain_obj()
        found = batch.validate(expectation, result_format="COMPLETE")
        raised = found.exception_info or {}
        assert not raised.get("raised_exception"), raised
        assert found.result or kind.endswith("exist"), found.exception_info
        return sorted(found.result.get("unexpected_index_list") or []), found.success

    return run


def ids(cases):
    return [f"{i}-{kind.removeprefix('expect_')}" for i, (kind, _) in enumerate(cases)]


@pytest.mark.parametrize(("kind", "given"), ROWS, ids=ids(ROWS))
@pytest.mark.filterwarnings("ignore")
def test_rows_are_those_the_engine_lists(kind, given, native):
    """On eight rows with a null, a blank, and a failing row, the same rows; other labels change nothing."""
    rows, success = native(kind, given)
    found = ours(FRAME, kind, given)

    assert np.flatnonzero(found.fail).tolist() == rows
    assert found.alert is not success
    assert np.array_equal(ours(FRAME.set_axis(LABELS), kind, given, "expectation_type").fail, found.fail)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize(
    "kind", [("not_be_null", {"column": "y"}), ("be_unique", {"column": "st"})], ids=["null", "unique"]
)
@pytest.mark.filterwarnings("ignore")
def test_conditions_keep_the_rows_the_engine_keeps(kind, condition, native):
    """A row_condition in pandas' spelling keeps the same rows, nulls among them, before a value is called repeated."""
    given = {**kind[1], "row_condition": condition, "condition_parser": "pandas"}

    assert np.flatnonzero(ours(FRAME.set_axis(LABELS), kind[0], given).fail).tolist() == native(kind[0], given)[0]


TREES = [
    {"type": "comparison", "column": {"name": "x"}, "operator": ">", "parameter": 0},
    {"type": "comparison", "column": {"name": "st"}, "operator": "NOT_IN", "parameter": ["open", "bad"]},
    {"type": "or", "conditions": [
        {"type": "nullity", "column": {"name": "x"}, "is_null": True},
        {"type": "comparison", "column": {"name": "st"}, "operator": "==", "parameter": "open"}]},
    {"type": "pass_through", "pass_through_filter": "x > 0 and n < 9"},
]  # fmt: skip


@pytest.mark.parametrize("condition", TREES, ids=[tree["type"] for tree in TREES])
def test_conditions_as_trees(condition, native):
    """The 1.x shape of a condition keeps the same rows too."""
    given = {"column": "y", "row_condition": condition}

    assert np.flatnonzero(ours(FRAME, "not_be_null", given).fail).tolist() == native("not_be_null", given)[0]


@pytest.mark.parametrize(("kind", "given"), WHOLES, ids=ids(WHOLES))
@pytest.mark.filterwarnings("ignore")
def test_wholes_hold_where_the_engine_says_so(kind, given, native):
    """Expectations about a column or the table flag no row; they alert where the engine fails."""
    found = ours(FRAME, kind, given)

    assert found.alert is not native(kind, given)[1]
    assert not found.fail.any()


@pytest.mark.parametrize(("listed", "holds"), DISTINCT)
def test_distinct_values_in_a_set(listed, holds, native):
    """The engine names the values and lists no row; here the rows that hold them are flagged, which is approximate."""
    kind, given = "expect_column_distinct_values_to_be_in_set", {"column": "st", "value_set": listed}

    found = ours(FRAME, kind, given, status="approximate")

    assert (not found.alert) is holds is native(kind, given)[1]
    assert native(kind, given)[0] == []
    assert set(FRAME["st"][found.fail]) == set(FRAME["st"].dropna()) - set(listed)


def test_every_kind_is_tried():
    """Each expectation with a translation is held against the engine above, or is an older or database-only one."""
    tried = {full(kind) for kind, _ in ROWS + WHOLES} | {"expect_column_distinct_values_to_be_in_set"}
    likes = {f"{COLUMN}{no}match_like_pattern{many}" for no in ("", "not_") for many in ("", "_list")}
    older = {"expect_column_pair_values_A_to_be_greater_than_B", "expect_multicolumn_values_to_be_unique"}

    assert set(KINDS) == tried | likes | older


@pytest.mark.parametrize("pattern", ["1%", "%/_", "_____", "12345", "%", "", "A.C%", "N\\%"])
def test_like_patterns_as_a_database_reads_them(pattern, engine):
    """LIKE, which the engine leaves to databases: % any text, _ one sign, the rest as it stands."""
    values = [*FRAME["zip"].tolist()[:2], None, "", "N/A", " ", "1\n2", "A.C", "ABC", "N\\x"]
    con = engine("duckdb").connect()
    held = con.execute(
        "SELECT i FROM (SELECT unnest(range(10)) i, unnest(?) v) WHERE NOT v LIKE ? ORDER BY i", [values, pattern]
    )
    frame = pd.DataFrame({"v": pd.Series(values, dtype="str")})
    one, none = (
        ours(frame, f"{word}match_like_pattern", {"column": "v", "like_pattern": pattern}) for word in ("", "not_")
    )
    several = ours(frame, "match_like_pattern_list", {"column": "v", "like_pattern_list": [pattern, "zzz"]})

    assert (
        np.flatnonzero(one.fail).tolist()
        == [row for (row,) in held.fetchall()]
        == np.flatnonzero(several.fail).tolist()
    )
    assert sorted([*np.flatnonzero(one.fail), *np.flatnonzero(none.fail)]) == [0, 1, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("mostly", "n_null", "alarm"),
    [(0.9, 1, ""), (0.9, 2, "error"), (1, 0, ""), (1, 1, "error"), (0, 10, ""), (0.7, 3, "")],
)
def test_mostly_stands_beside_the_mask(mostly, n_null, alarm):
    """`mostly` .9 lets exactly a tenth fail; the rows that fail are the same."""
    frame = pd.DataFrame({"z": pd.Series([None] * n_null + ["1"] * (10 - n_null), dtype="str")})
    found = ours(frame, "not_be_null", {"column": "z", "mostly": mostly})

    assert (found.n_fail, found.alarm) == (n_null, alarm)


@pytest.mark.parametrize(("word", "severity"), [("critical", "error"), ("warning", "warning"), ("info", "warning")])
def test_severities(word, severity):
    """Of the 1.x words two are warnings; the word goes to the limit as well."""
    entry = {"type": COLUMN + "not_be_null", "kwargs": {"column": "z", "mostly": 0.5}, "severity": word}
    (rule,) = load_rules(json.dumps({"expectations": [entry]})).rules

    assert (rule.severity, rule.limits[0].severity) == (severity, severity)


ATTACKS = [
    "@pd.io.common.os.system('touch {}')",
    "x > 0 and @pd.io.common.os.system('touch {}') == 0",
    "__import__('os').system('touch {}')",
    "x.map(open('{}', 'w').write)",
    "(lambda: open('{}', 'w'))()",
    "`@pd` == 1 and @os.system('touch {}')",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("parser", ["pandas", "python", "spark", None])
def test_a_condition_never_runs(attack, parser, tmp_path):
    """What would run in the engine is unsupported here and leaves no file behind."""
    trace = tmp_path / "trace"
    given = {"column": "x", "row_condition": attack.format(trace), "condition_parser": parser}
    text = suite(("not_be_null", given), ("not_be_null", {"column": "x"}))

    rules = load_rules(text, on_unsupported="skip")
    rules.evaluate(FRAME)

    assert [entry.status for entry in rules.coverage()] == ["unsupported", "exact"]
    assert not trace.exists()


@pytest.mark.parametrize(
    ("condition", "part"),
    [("x >", "ends too early"), ("(x > 1", "not closed"), ("x == None", "'None' is not read"),
     ("x = 1", "'=' is not read"), ("1 < 2", "two constants"), ("~x > 1", "'~' is not read"),
     ("x + 1 > 2", "'+' is not read"), ("x in y", "'y'"),
     ("(" * 60 + "x > 1" + ")" * 60, "nested deeper"), ("x > 1 " * 5000, "characters"), ("x == 'a\\n'", "is not read")],
)  # fmt: skip
def test_conditions_that_are_not_read(condition, part):
    """They are unsupported, in one line that shows what was not read."""
    given = {"column": "x", "row_condition": condition, "condition_parser": "pandas"}
    (entry,) = load_rules(suite(("be_null", given), ("be_null", {"column": "x"})), on_unsupported="skip").coverage()[:1]

    assert entry.status == "unsupported"
    assert part in entry.reason
    assert "\n" not in entry.reason


SQL = [("x > 0 OR st = 'bad'", [0, 1, 4, 5, 6, 7]), ("NOT (x > 0)", [1, 3]),
       ("st <> 'open' and x is not null", [1, 3, 4, 5]),
       ("st IN ('bad', 'closed') or x IS NULL", [1, 2, 5]), ("st NOT IN ('open')", [1, 3, 4, 5])]  # fmt: skip


@pytest.mark.parametrize(("condition", "kept"), SQL)
def test_spark_conditions_have_three_values(condition, kept, engine):
    """In SQL a comparison with null is unknown, and so is its contrary: the rows a database keeps."""
    given = {"column": "n", "row_condition": condition, "condition_parser": "spark"}
    frame = FRAME.drop(columns="mixed")
    con = engine("duckdb").connect()
    con.register("frame", frame.assign(row=range(len(frame))))

    assert con.execute(f"SELECT row FROM frame WHERE {condition} ORDER BY row").fetchnumpy()["row"].tolist() == kept  # noqa: S608
    assert np.flatnonzero(ours(FRAME, "be_null", given).fail).tolist() == kept


BROKEN = [
    (
        {"type": COLUMN + "be_in_set", "kwargs": {"column": "x", "value_set": "a"}},
        "value_set is 'a'; it must be a list",
    ),
    ({"type": COLUMN + "be_between", "kwargs": {"column": "x"}}, "min_value and max_value are both missing"),
    (
        {"type": COLUMN + "be_between", "kwargs": {"column": "x", "min_value": 2, "max_value": 1}},
        "is more than max_value",
    ),
    ({"type": COLUMN + "match_regex", "kwargs": {"column": "x", "regex": "("}}, "not a regular expression"),
    ({"type": COLUMN + "not_be_null", "kwargs": {}}, "has no 'column'"),
    ({"type": COLUMN + "not_be_null", "kwargs": {"column": "x", "mostly": 2}}, "mostly is 2"),
    ({"type": COLUMN + "not_be_null", "kwargs": {"column": "x", "mosty": 1}}, "'mosty' is no argument"),
    ({"type": COLUMN + "not_be_null", "kwargs": {"column": "x"}, "severity": "bad"}, "severity is 'bad'"),
    ({"kwargs": {"column": "x"}}, "names no type"),
]


@pytest.mark.parametrize(("entry", "message"), BROKEN)
def test_broken_expectations(entry, message):
    """Each is an entry with status error, one line, and the others go on."""
    sound = {"type": COLUMN + "not_be_null", "kwargs": {"column": "x"}}
    broken, fine = load_rules(json.dumps({"expectations": [entry, sound]}), on_unsupported="skip").coverage()

    assert (broken.status, fine.status) == ("error", "exact")
    assert message in broken.reason
    assert "\n" not in broken.reason


@pytest.mark.parametrize("bounds", [("b", "closed"), ("1", "2"), (None, "c"), ("N", None)])
def test_text_bounds_have_text_order(bounds):
    """Between texts (which only the 0.x engine takes) order is that of Python's texts, for numbers in quotes too."""
    low, high = bounds
    given = {"column": "st" if "1" not in bounds else "zip", "min_value": low, "max_value": high}
    values = FRAME[given["column"]].tolist()
    outside = [i for i, v in enumerate(values) if isinstance(v, str) and not (low or "") <= v <= (high or "~")]

    assert np.flatnonzero(ours(FRAME, "be_between", given, "expectation_type").fail).tolist() == outside != []


def test_an_unknown_argument_of_an_old_suite_is_said():
    """The 0.x engine ignores what it does not know; so do we, and say so."""
    given = {"column": "x", "max_value": 100, "strict_min_value": 0}
    (entry,) = load_rules(suite(("be_between", given), key="expectation_type")).coverage()

    assert (entry.status, "strict_min_value" in entry.reason) == ("exact", True)


@pytest.mark.parametrize("kind", [*NO_TRANSLATION, "expect_column_values_to_be_nice"])
def test_what_has_no_translation_says_why(kind):
    """An expectation without a translation is refused with the reason unless it may be skipped."""
    text = suite((kind, {"column": "x"}), ("not_be_null", {"column": "x"}))

    assert load_rules(text, on_unsupported="skip").coverage()[0].status == "unsupported"
    with pytest.raises(RuleError, match="1 of 2 rules cannot be translated"):
        load_rules(text)


def test_parameters_of_the_run():
    """A value that only a run knows is no value here."""
    given = {"column": "x", "min_value": {"$PARAMETER": "low"}}
    entry, _ = load_rules(suite(("be_between", given), ("be_null", {"column": "x"})), on_unsupported="skip").coverage()

    assert (entry.status, "'low'" in entry.reason) == ("unsupported", True)


def test_a_missing_column_is_one_clear_line():
    """The engine gives an empty result; here the rule is named."""
    rules = load_rules(suite(("not_be_null", {"column": "zap"})))

    with pytest.raises(RuleError, match=r"rule 'zap.not_be_null': field 'zap' is not in 'records'"):
        rules.evaluate(FRAME)


@pytest.mark.parametrize(("mostly", "n_null", "alert"), [(0.995, 1, False), (0.995, 2, True), (0.999, 1, True)])
def test_mostly_close_to_all(mostly, n_null, alert):
    """Of 200 rows .995 lets one fail, .999 none."""
    frame = pd.DataFrame({"z": pd.Series([None] * n_null + ["1"] * (200 - n_null), dtype="str")})

    assert ours(frame, "not_be_null", {"column": "z", "mostly": mostly}).alert is alert


def test_null_policies_are_the_tool_s():
    """Rules about nulls look at them by themselves; all others pass over them."""
    kinds = [
        ("be_null", {"column": "x"}),
        ("not_be_null", {"column": "x"}),
        ("be_in_set", {"column": "x", "value_set": [1]}),
    ]
    rules = load_rules(suite(*kinds))

    assert [rule.null_policy for rule in rules.rules] == ["native", "native", "ignore"]
    assert np.flatnonzero(rules.evaluate(FRAME).results[0].fail).tolist() == [0, 1, 3, 4, 5, 6, 7]


EMPTY = {
    "no rows": pd.DataFrame({"x": pd.Series([], dtype="float64"), "t": pd.Series([], dtype="str")}),
    "nulls": pd.DataFrame({"x": [np.nan] * 3, "t": pd.Series([None] * 3, dtype="str")}),
}
OF_COLUMN = ["proportion_of_unique_values", "proportion_of_non_null_values", "sum", "mean", "median", "stdev", "min",
             "max", "unique_value_count"]  # fmt: skip
BOUNDS = [{"min_value": 0.4, "max_value": 0.9}, {"min_value": 0}, {"max_value": 1}, {"min_value": 0, "max_value": 0}]


@pytest.mark.parametrize("table", EMPTY)
@pytest.mark.parametrize("what", OF_COLUMN)
@pytest.mark.filterwarnings("ignore")
def test_numbers_of_nothing(what, table, engine):
    """Of no rows, or of nulls alone, a share and a sum are 0 to the engine, and there is no mean."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    gx = engine("great_expectations")
    configuration = engine("great_expectations.expectations.expectation_configuration").ExpectationConfiguration
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("nothing")
    batch = source.add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    batch = batch.get_batch(batch_parameters={"dataframe": EMPTY[table]})
    kind = f"expect_column_{what}_to_be_between"

    for column in ("x", "t"):
        for bounds in BOUNDS:
            given = {"column": column, **bounds}
            success = batch.validate(configuration(type=kind, kwargs=given).to_domain_obj()).success
            try:
                alert = ours(EMPTY[table], kind, given).alert
            except RuleError:
                alert = True
            assert alert is not success, given
