"""pandera schemas read and written, held against pandera itself."""

import re

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest

from checks import (
    Between,
    Compare,
    Custom,
    HasColumn,
    InSet,
    Length,
    Limit,
    Measure,
    NotBlank,
    NotIn,
    NotNull,
    Pattern,
    ReadAs,
    Rule,
    StoredAs,
    Typed,
    Unique,
    evaluate,
    from_pandera,
    load_pack,
    load_rules,
    to_pandera,
)
from checks.packs import MORE_PACKS, PACKS
from synth.errors import RuleError

PROBE = pd.DataFrame(
    {
        "zip": pd.Series(["12345", "1234", None, "", "N/A", " "], dtype="str"),
        "st": pd.Series(["open", "bad", None, "", "N/A", "closed"], dtype="str"),
        "x": [1, -1, np.nan, 0, 5, 2],
        "d0": pd.to_datetime(["2031-01-01", "2031-01-03", None, "2031-01-01", None, "2031-01-01"]),
        "d1": pd.to_datetime(["2031-01-02", "2031-01-02", "2031-01-02", None, None, "2031-01-02"]),
        "k": pd.Series(["a", "b", "a", "", None, "a"], dtype="str"),
    }
)
CHECKS = [
    ("zip", pa.Check.str_matches(r"^\d{5}$")),
    ("zip", pa.Check.str_matches("1")),
    ("zip", pa.Check.str_contains("/")),
    ("zip", pa.Check.str_startswith("12")),
    ("zip", pa.Check.str_endswith("/A")),
    ("zip", pa.Check.str_length(1, 4)),
    ("zip", pa.Check.str_length(exact_value=5)),
    ("zip", pa.Check.str_matches(re.compile("n/a", re.IGNORECASE))),
    ("st", pa.Check.isin(["open", "closed"])),
    ("st", pa.Check.notin(["N/A", "bad"])),
    ("st", pa.Check.equal_to("open")),
    ("st", pa.Check.not_equal_to("open")),
    ("st", pa.Check.in_range("a", "c")),
    ("x", pa.Check.greater_than(0)),
    ("x", pa.Check.greater_than_or_equal_to(0)),
    ("x", pa.Check.less_than(2)),
    ("x", pa.Check.less_than_or_equal_to(2)),
    ("x", pa.Check.in_range(0, 5, include_min=False, include_max=False)),
    ("x", pa.Check.isin([1, 5])),
    ("x", pa.Check.notin([1, 5])),
    ("x", pa.Check.equal_to(5)),
    ("d0", pa.Check.less_than(pd.Timestamp("2031-01-02"))),
    ("d0", pa.Check.in_range(pd.Timestamp("2031-01-02"), pd.Timestamp("2031-01-09"))),
    ("zip", pa.Check(lambda column: column.str.len() > 3)),
    ("zip", pa.Check(lambda value: len(value) > 3, element_wise=True)),
]
IDS = [f"{field}-{check.name}-{i}" for i, (field, check) in enumerate(CHECKS)]


def pandera_fails(frame, schema):
    """Positions of the rows pandera itself reports."""
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as found:
        return sorted(set(found.failure_cases["index"].dropna().astype(int)))
    return []


def keeping_nulls(check):
    """The same check, built in or not, with nulls not dropped first."""
    given = {"check_fn": check._check_fn, "name": check.name, "statistics": check.statistics}
    return pa.Check(**{**given, **check._check_kwargs, "ignore_na": False})


KEEPING = [(field, keeping_nulls(check)) for field, check in CHECKS if not check.element_wise]


@pytest.mark.parametrize(
    ("field", "check"),
    CHECKS + KEEPING,
    ids=IDS + [f"{field}-{c.name}-keep-{i}" for i, (field, c) in enumerate(KEEPING)],
)
def test_a_check_fails_the_rows_pandera_fails(field, check):
    """On six rows every check, built in or not, fails exactly the rows pandera reports, nulls dropped or kept."""
    schema = pa.DataFrameSchema({field: pa.Column(None, check, nullable=True)})

    read = from_pandera(schema)

    (result,) = evaluate(read.rules, PROBE).results
    assert np.flatnonzero(result.fail).tolist() == pandera_fails(PROBE, schema)
    assert {entry.status for entry in read.coverage} <= {"exact", "approximate"}


def test_nullable_and_unique():
    """A column that is not nullable fails its nulls, one that is unique its repeated values."""
    frame = pd.DataFrame({"a": pd.Series(["1", "1", None, "2"], dtype="str")})
    schema = pa.DataFrameSchema({"a": pa.Column(None, nullable=False, unique=True)})

    flags = evaluate(from_pandera(schema).rules, frame)

    assert [(r.rule.id, np.flatnonzero(r.fail).tolist()) for r in flags.results] == [
        ("a.not_null", [2]),
        ("a.unique", [0, 1]),
    ]


def test_a_check_of_the_whole_frame():
    """A check of several columns is called as it is; nulls fail it as they do in pandera."""
    schema = pa.DataFrameSchema(checks=pa.Check(lambda frame: frame["d0"] <= frame["d1"], name="order"))

    (result,) = evaluate(from_pandera(schema).rules, PROBE).results

    assert np.flatnonzero(result.fail).tolist() == [1, 2, 3, 4] == pandera_fails(PROBE, schema)


def test_repeated_index_labels_do_not_matter():
    """A check that drops nulls still marks the right rows when labels repeat."""
    schema = pa.DataFrameSchema({"zip": pa.Column(None, pa.Check(lambda c: c.str.len() == 5), nullable=True)})

    (result,) = evaluate(from_pandera(schema).rules, PROBE.set_axis([3] * 6)).results

    assert np.flatnonzero(result.fail).tolist() == [1, 3, 4, 5]
    assert np.flatnonzero(~result.evaluated).tolist() == [2]


def test_models_and_yaml_files(tmp_path):
    """A model and a YAML file are read like the schema they stand for."""

    class Record(pa.DataFrameModel):
        zip: str = pa.Field(str_matches=r"^\d{5}$", nullable=True)

    path = tmp_path / "schema.yaml"
    Record.to_schema().to_yaml(path)

    from_model, from_file = from_pandera(Record), from_pandera(path)

    assert (
        [rule.id for rule in from_model.rules]
        == [rule.id for rule in from_file.rules]
        == ["zip.str_matches", "zip.dtype"]
    )
    assert from_model.rules[0] == from_file.rules[0]
    assert from_model.rules[0].predicate == Pattern("zip", r"^\d{5}$", "start", "re", "no")


def test_nothing_is_dropped_without_a_word():
    """Everything a schema says has an entry, with its reason where it is not read."""
    schema = pa.DataFrameSchema(
        {
            "a": pa.Column(str, [pa.Check.isin(["x"]), pa.Check(len, name="mine")], coerce=True, nullable=True),
            "^b": pa.Column(str, regex=True),
            "c": pa.Column(None, pa.Check.str_matches(re.compile("a", re.VERBOSE)), nullable=True),
        },
        strict=True,
        unique=["a", "c"],
    )

    coverage = {entry.id: entry for entry in from_pandera(schema).coverage}

    assert {name: entry.status for name, entry in coverage.items()} == {
        "a.isin": "exact",
        "a.mine": "exact",
        "a.dtype": "exact",
        "a.coerce": "exact",
        "^b.regex": "unsupported",
        "c.str_matches": "error",
        "a+c.unique": "exact",
        "strict": "exact",
    }
    assert all(entry.reason for entry in coverage.values() if entry.status != "exact")


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (pa.Check(lambda c: 1 / 0, name="broken"), "'broken' raised ZeroDivisionError"),
        (pa.Check(lambda c: {"a": True}, name="odd"), "'odd' (raised|gives)"),
    ],
    ids=["raises", "a mapping"],
)
def test_checks_without_an_answer(check, message):
    """A check that raises, or answers with something else, is refused by name, never counted as passing."""
    schema = pa.DataFrameSchema({"zip": pa.Column(None, check, nullable=True)})

    with pytest.raises(RuleError, match=message):
        evaluate(from_pandera(schema).rules, PROBE)


def test_what_is_no_schema(tmp_path):
    """Anything else, and a file that holds no schema, is refused in one line."""
    path = tmp_path / "x.yaml"

    with pytest.raises(RuleError, match="a dict is not a pandera schema"):
        from_pandera({})
    for text, message in (("a: [1", "line 2: not YAML"), ("a: 1", "no key 'columns'"), ("columns: {a: 3}", "line 1: ")):
        path.write_text(text + "\n", encoding="utf-8")
        with pytest.raises(RuleError, match=rf"x\.yaml: .*{message}") as caught:
            from_pandera(path)
        assert "\n" not in str(caught.value)


# ------------------------------------------------------------------------------------- what is not a check of one value


def judged(schema, frame):
    """Rows flagged by any rule, and whether anything alerts; no reason means exact."""
    read = from_pandera(schema)
    assert {entry.status for entry in read.coverage} == {"exact"}
    results = evaluate(read.rules, frame).results
    rows = np.flatnonzero(np.logical_or.reduce([result.fail for result in results])).tolist()
    return rows, any(result.alert for result in results)


def pandera_says(schema, frame):
    """The same, of pandera itself."""
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as found:
        labels = pd.to_numeric(found.failure_cases["index"], errors="coerce").dropna()
        return sorted(set(labels.astype(int))), True
    return [], False


MIXED = pd.DataFrame(
    {
        "zip": pd.Series(["1", "x", None, "", "3", "1"], dtype="str"),
        "obj": pd.Series(["a", 1, None, "", 2.5, "a"], dtype=object),
        "n": [1, 2, 3, 4, 5, 6],
        "f": [1.0, 2.5, np.nan, 4.0, 5.0, 1.0],
        "day": pd.Series(["2031-01-01", "x", None, "2031-02-30", "2031-03-01", ""], dtype="str"),
        "k": pd.Series(["a", "a", "b", "b", "a", "b"], dtype="str"),
    }
)
UPPER = pa.Parser(lambda column: column.str.upper())
COLUMNS = {
    "text": ("zip", pa.Column(str, nullable=True)),
    "text of objects": ("obj", pa.Column(str, nullable=True)),
    "whole numbers": ("n", pa.Column(int)),
    "whole numbers, of texts": ("zip", pa.Column(int, nullable=True)),
    "numbers, of whole numbers": ("n", pa.Column(float)),
    "dates, of texts": ("day", pa.Column("datetime64[ns]", nullable=True)),
    "category": ("k", pa.Column("category")),
    "nullable whole numbers": ("f", pa.Column("Int64", nullable=True)),
    "coerced to numbers": ("f", pa.Column(float, pa.Check.gt(2), coerce=True, nullable=True)),
    "coerced, some cannot": ("zip", pa.Column("Int64", coerce=True, nullable=True)),
    "coerced, some cannot, then checked": ("zip", pa.Column("Int64", pa.Check.gt(1), coerce=True, nullable=True)),
    "coerced texts of numbers": ("n", pa.Column(str, pa.Check.str_matches("[1-3]"), coerce=True)),
    "coerced to dates": ("day", pa.Column("datetime64[ns]", coerce=True, nullable=True)),
    "coerced, then unique": ("f", pa.Column(float, unique=True, coerce=True, nullable=True)),
    "default": ("f", pa.Column(float, pa.Check.gt(2), default=9.0)),
    "default that fails": ("f", pa.Column(float, pa.Check.gt(2), default=0.5)),
    "parser": ("zip", pa.Column(None, pa.Check.isin(["X", "1"]), parsers=UPPER, nullable=True)),
    "unique": ("zip", pa.Column(None, unique=True, nullable=True)),
    "unique but the first": ("zip", pa.Column(None, unique=True, nullable=True, report_duplicates="exclude_first")),
    "unique but the last": ("zip", pa.Column(None, unique=True, nullable=True, report_duplicates="exclude_last")),
    "a mean": ("f", pa.Column(None, pa.Check(lambda c: c.mean() > 9), nullable=True)),
    "another mean": ("f", pa.Column(None, pa.Check(lambda c: c.mean() < 9), nullable=True)),
    "one of all": ("f", pa.Column(None, pa.Check(lambda c: np.bool_(c.max() > 9)), nullable=True)),
    "groups": ("n", pa.Column(None, pa.Check(lambda g: g["a"].mean() > g["b"].mean(), groupby="k"))),
    "groups that hold": ("n", pa.Column(None, pa.Check(lambda g: g["a"].mean() < g["b"].mean(), groupby="k"))),
    "two samples": (
        "n",
        pa.Column(
            None, pa.Hypothesis.two_sample_ttest("a", "b", groupby="k", relationship="greater_than", alpha=0.5)
        ),
    ),
    "a list not": ("zip", pa.Column(None, pa.Check.notin(["1"], ignore_na=False), nullable=True)),
    "a list": ("zip", pa.Column(None, pa.Check.isin(["1"], ignore_na=False), nullable=True)),
    "a warning": ("zip", pa.Column(None, pa.Check.str_length(1, 1), nullable=True)),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.filterwarnings("ignore")
def test_columns_as_pandera_judges_them(name):
    """Types, coercion, defaults, keys, answers for a whole: the rows pandera lists, and an alert where it raises."""
    if name == "two samples":
        pytest.importorskip("scipy")
    field, column = COLUMNS[name]
    schema = pa.DataFrameSchema({"k": pa.Column(), field: column})

    rows, alert = judged(schema, MIXED.set_axis([7, 7, 7, 0, 0, 1]))

    assert (rows, alert) == pandera_says(schema, MIXED)


FRAMES = {
    "strict": pa.DataFrameSchema({"zip": pa.Column(nullable=True)}, strict=True),
    "strict that holds": pa.DataFrameSchema({name: pa.Column(nullable=True) for name in MIXED}, strict=True),
    "strict filter": pa.DataFrameSchema({"n": pa.Column(int)}, strict="filter"),
    "ordered": pa.DataFrameSchema({name: pa.Column(nullable=True) for name in ("n", "zip")}, ordered=True),
    "ordered that holds": pa.DataFrameSchema({name: pa.Column(nullable=True) for name in ("zip", "n")}, ordered=True),
    "required": pa.DataFrameSchema({"gone": pa.Column(nullable=True), "n": pa.Column()}),
    "unique": pa.DataFrameSchema({"n": pa.Column()}, unique=["zip", "f"]),
    "unique of one": pa.DataFrameSchema({"n": pa.Column()}, unique="k"),
    "unique but the first": pa.DataFrameSchema({"n": pa.Column()}, unique=["k"], report_duplicates="exclude_first"),
    "unique column names": pa.DataFrameSchema({"n": pa.Column()}, unique_column_names=True),
    "type of all": pa.DataFrameSchema({"n": pa.Column(), "f": pa.Column(nullable=True)}, dtype=int),
    "coerced as a whole": pa.DataFrameSchema(
        {"n": pa.Column(str, pa.Check.isin(["1"])), "f": pa.Column(float)}, coerce=True
    ),
    "wide": pa.DataFrameSchema({"n": pa.Column()}, checks=pa.Check(lambda df: df["n"] > df["f"])),
    "wide with coercion": pa.DataFrameSchema(
        {"n": pa.Column(float, coerce=True)},
        checks=pa.Check(lambda df: df["n"].map(lambda v: isinstance(v, int)), name="c"),
    ),
    "every row": pa.DataFrameSchema({"n": pa.Column()}, checks=pa.Check(lambda row: row["n"] < 3, element_wise=True)),
    "one answer": pa.DataFrameSchema({"n": pa.Column()}, checks=pa.Check(lambda df: len(df) > 9)),
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.filterwarnings("ignore")
def test_frames_as_pandera_judges_them(name):
    """Shape, keys and checks of the whole frame: the same rows and the same alert."""
    schema = FRAMES[name]

    assert judged(schema, MIXED.set_axis([7, 7, 7, 0, 0, 1])) == pandera_says(schema, MIXED)


def test_a_schema_is_no_function():
    """A schema object can be called; load_rules reads it all the same."""
    schema = pa.DataFrameSchema({"zip": pa.Column(None, nullable=False)}, name="ours")

    rules = load_rules(schema)

    assert (rules.format, rules.name, [entry.id for entry in rules.coverage()]) == ("pandera", "ours", ["zip.not_null"])


def test_two_nulls_are_a_repeated_value():
    """A second null is refused by pandera, which lists no row for it; the rows are flagged here."""
    frame = pd.DataFrame({"a": pd.Series(["1", None, None, ""], dtype="str")})
    schema = pa.DataFrameSchema({"a": pa.Column(None, unique=True, nullable=True)})

    assert judged(schema, frame) == ([1, 2], True)
    assert pandera_says(schema, frame) in (([], True), ([1, 2], True))


def test_a_column_that_may_be_missing():
    """Where pandera passes a frame without the column, evaluation says that it is missing: approximate."""
    schema = pa.DataFrameSchema({"gone": pa.Column(int, required=False)})
    read = from_pandera(schema)

    assert {entry.status for entry in read.coverage} == {"approximate"}
    assert pandera_says(schema, MIXED) == ([], False)
    with pytest.raises(RuleError, match="field 'gone' is not in"):
        evaluate(read.rules, MIXED)


def test_an_ordinary_schema_is_loaded_without_leave():
    """Types and coercion are no reason to refuse a schema or a model."""

    class Record(pa.DataFrameModel):
        zip: str = pa.Field(str_matches="[0-9]", nullable=True)
        n: int = pa.Field(ge=0)

        @pa.dataframe_check
        def order(cls, frame):  # noqa: N805  # as pandera writes it
            return frame["n"] > 0

        class Config:
            strict = True
            coerce = True

    rules = load_rules(Record)

    assert [entry.id for entry in rules.coverage()] == [
        "zip.coerce", "zip.str_matches", "zip.dtype", "n.coerce", "n.not_null", "n.greater_than_or_equal_to", "n.dtype",
        "order", "strict",
    ]  # fmt: skip
    assert {entry.status for entry in rules.coverage()} == {"exact"}


# ---------------------------------------------------------------------------------------------------------- YAML texts

TEXT = """schema_type: dataframe
version: 0.35.0
columns:
  zip:
    dtype: str
    nullable: true
    checks:
      str_matches: {value: '^[0-9]{5}$', options: {check_name: str_matches, ignore_na: true}}
  st:
    nullable: false
    checks:
      - {value: [open, closed], options: {check_name: isin, ignore_na: true}}
      - {value: 1, options: {check_name: nobody_knows_it}}
checks: null
strict: true
"""


def test_a_text_without_a_file():
    """The same entries from a text and from a file, with lines; a check nobody registered is said, not dropped."""
    rules = load_rules(TEXT, on_unsupported="skip")

    assert [(entry.id, entry.status, entry.place) for entry in rules.coverage()] == [
        ("zip.str_matches", "exact", "columns.zip (line 4)"),
        ("zip.dtype", "exact", "columns.zip (line 4)"),
        ("st.not_null", "exact", "columns.st (line 9)"),
        ("st.isin", "exact", "columns.st (line 9)"),
        ("strict", "exact", "strict (line 15)"),
        ("st.nobody_knows_it", "unsupported", "columns.st (line 9)"),
    ]
    found = {result.rule.id: result.fail.tolist() for result in rules.evaluate(PROBE[["zip", "st"]]).results}
    assert found["zip.str_matches"] == [False, True, False, True, True, True]
    assert found["st.isin"] == [False, True, False, True, True, False]


def test_a_registered_check_is_called():
    """A check that this process registered is pandera's to call."""
    from pandera import extensions

    name = "ends_in_five"
    if name not in pa.Check.REGISTERED_CUSTOM_CHECKS:
        extensions.register_check_method(statistics=["digit"])(ends_in_five)
    schema = pa.DataFrameSchema({"zip": pa.Column(None, pa.Check.ends_in_five(digit="5"), nullable=True)})

    rules = load_rules(schema.to_yaml())

    assert [entry.status for entry in rules.coverage()] == ["exact"]
    assert (
        np.flatnonzero(rules.evaluate(PROBE).results[0].fail).tolist() == pandera_fails(PROBE, schema) == [1, 3, 4, 5]
    )


def ends_in_five(pandas_obj, *, digit):
    return pandas_obj.str.endswith(digit)


@pytest.mark.parametrize(
    "name", ["__init__", "__class__", "from_builtin_check_name", "register_backend", "__subclasshook__"]
)
@pytest.mark.parametrize("place", ["column", "frame", "mapping"])
def test_a_check_is_no_attribute(name, place):
    """A name in a file that is no check is never looked up on pandera's class."""
    check = f"{{value: 1, options: {{check_name: {name}}}}}"
    columns = f"  zip: {{nullable: false, checks: [{check}]}}\n" if place == "column" else "  zip: {nullable: false}\n"
    columns = f"  zip: {{nullable: false, checks: {{{name}: {{value: 1}}}}}}\n" if place == "mapping" else columns
    text = f"schema_type: dataframe\ncolumns:\n{columns}" + (f"checks: [{check}]\n" if place == "frame" else "")

    entries = load_rules(text, on_unsupported="skip").coverage()

    assert [entry.status for entry in entries] == ["exact", "unsupported"]


WRITTEN = [
    NotNull("zip"),
    NotBlank("zip"),
    InSet("st", ("open", "closed")),
    InSet("st", ("OPEN", "n/a"), ignore_case=True, trim=True),
    NotIn("zip", ("N/A",)),
    NotIn("zip", ("n/a", "", "-"), ignore_case=True, trim=True),
    Pattern("zip", r"[0-9]{5}|1234"),
    Pattern("zip", "1", "start"),
    Pattern("zip", "/", "search"),
    Pattern("zip", r"\d{5}|N/A", "full", "re", "no"),
    Pattern("zip", r"\d$", "search"),
    Pattern("zip", r"[\d/]+|\w+|\s"),
    Pattern("zip", "(?i)n/a"),
    Length("zip", 1, 4, "no"),
    InSet("x", (1.0, 2.0), stored="number"),
    NotIn("zip", ("N/A", "12345"), stored="text"),
    Between("zip", "1", "2", as_="stored", stored="text"),
    Length("zip", 1, 4),
    Between("x", min=0, max=2, exclude_min=True),
    Between("x", min=0),
    Between("x", max=2, exclude_max=True),
    Unique(("zip",)),
    Unique(("k",), nulls="equal"),
    Unique(("k",), nulls="equal", repeats="later"),
    Unique(("k", "x"), nulls="equal", repeats="later"),
]


@pytest.mark.parametrize("policy", ["native", "ignore", "fail"])
@pytest.mark.parametrize("predicate", WRITTEN, ids=[repr(predicate) for predicate in WRITTEN])
def test_a_written_schema_fails_the_same_rows(predicate, policy):
    """What is called exact fails the same rows in pandera, after its YAML too."""
    rule = Rule("r", predicate, null_policy=policy)

    schema, (entry,) = to_pandera([rule])

    if entry.status == "exact":
        (result,) = evaluate([rule], PROBE).results
        again = pa.DataFrameSchema.from_yaml(schema.to_yaml())
        assert np.flatnonzero(result.fail).tolist() == pandera_fails(PROBE, schema) == pandera_fails(PROBE, again)
    else:
        assert (policy, type(predicate)) == ("fail", NotIn) or (
            isinstance(predicate, Unique) and predicate.nulls == "ignore"
        )


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (Rule("r", NotNull("zip"), where=NotNull("st")), "condition"),
        (Rule("r", Compare("d0", "<=", "d1")), "compare"),
        (Rule("r", Between("zip", min="5")), "compares texts as texts"),
        (Rule("r", Between("zip")), "without bounds"),
        (Rule("r", StoredAs("zip", ("str",))), "says stored_as"),
        (Rule("r", Typed("zip", "integer")), "says typed"),
        (Rule("r", Measure("row_count", min=1)), "says measure"),
        (Rule("r", Custom((), len, "mine")), "check 'mine' is code"),
    ],
)
def test_what_cannot_be_carried_is_reported(rule, reason):
    """A rule pandera has no built-in check for is reported with the reason and leaves no trace."""
    schema, (entry,) = to_pandera([rule])

    assert entry.status == "unsupported"
    assert reason in entry.reason
    assert not any(column.checks for column in schema.columns.values())


@pytest.mark.parametrize(
    ("rule", "lost"),
    [
        (Rule("r", NotNull("zip"), limits=(Limit(0.1),)), "limits (1)"),
        (Rule("r", NotNull("zip"), threshold=0.1), "threshold 0.1"),
        (Rule("r", NotNull("zip"), severity="warning"), "a warning"),
        (Rule("r", HasColumn("zip"), severity="warning"), "a warning"),
        (Rule("r", Unique(("zip",))), "counts a second null"),
        (Rule("r", Pattern("zip", "1"), blames=("st",)), "blames"),
    ],
)
def test_what_is_lost_on_the_way_is_reported(rule, lost):
    """The check is written, and what pandera has no place for is said."""
    _, (entry,) = to_pandera([rule])

    assert (entry.status, lost in entry.reason) == ("approximate", True)


def test_a_column_that_must_exist_is_written():
    """It is a column of which nothing else is asked; it reads back as such."""
    schema, (entry,) = to_pandera([Rule("r", HasColumn("zip"))])

    assert entry.status == "exact"
    assert [rule.predicate for rule in from_pandera(schema).rules] == [HasColumn("zip")]


def test_a_second_check_of_a_name_is_reported():
    """Pandera's YAML keeps one check of a name a column, so the second is reported, not lost."""
    rules = [Rule("a", Pattern("zip", "1")), Rule("b", Pattern("zip", "2"))]

    schema, coverage = to_pandera(rules)

    assert [entry.status for entry in coverage] == ["exact", "unsupported"]
    assert len(schema.columns["zip"].checks) == 1


@pytest.mark.parametrize("name", [*PACKS, *MORE_PACKS])
def test_every_pack_is_a_schema_to_take_home(name):
    """Every rule of every pack is carried or reported, system by system, and the schema survives its YAML."""
    rules = load_pack(name)

    for system in sorted({rule.system for rule in rules}):
        schema, coverage = to_pandera(rules, system=system)
        assert [entry.id for entry in coverage] == [rule.id for rule in rules if rule.system == system]
        assert all(entry.reason for entry in coverage if entry.status != "exact")
        if schema.columns:
            again = pa.DataFrameSchema.from_yaml(schema.to_yaml())
            assert {n: len(c.checks) for n, c in again.columns.items()} == {
                n: len(c.checks) for n, c in schema.columns.items()
            }


BROKEN_PATTERNS = [
    "columns:\n  zip:\n    dtype: str\n    nullable: true\n    checks:\n      str_length: {min_value: 1}\n"
    "      str_matches: '[0-9{5'\n",
    "columns:\n  zip:\n    dtype: str\n    nullable: true\n    str_length: {min_value: 1}\n\n"
    "    str_matches: '[0-9{5'\n",
    "columns:\n- name: zip\n  dtype: str\n  nullable: true\n  checks:\n"
    "  - {min_value: 1, options: {check_name: str_length}}\n"
    "  - {value: '[0-9{5', options: {check_name: str_matches}}\n",
]


@pytest.mark.parametrize("text", BROKEN_PATTERNS, ids=["mapping", "flat", "list"])
def test_a_pattern_that_cannot_be_read_has_its_line_and_costs_no_other_rule(text):
    """In every form of the file: the entry is an error, the rest is read."""
    text = f"schema_type: dataframe\nversion: '1'\n{text}"
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "[0-9{5" in each)

    with pytest.raises(
        RuleError, match=rf"zip.str_matches at .*\(line {line}\): the pattern '\[0-9\{{5' cannot be read"
    ):
        load_rules(text)
    rules = load_rules(text, on_unsupported="skip")

    statuses = {entry.id: entry.status for entry in rules.coverage()}
    assert statuses["zip.str_matches"] == "error"
    assert "zip.dtype" in {rule.id for rule in rules.rules}


@pytest.mark.parametrize("regex", [r"\pL", "[[:alpha:]]", "a{,2}", r"\B", r"\bx", r"[^\W\d]"])
def test_a_pattern_python_reads_otherwise_is_not_written(regex):
    """Pandera reads patterns with `re`: what that would take for something else is reported, with the pattern."""
    schema, (entry,) = to_pandera([Rule("r", Pattern("zip", regex))])

    assert entry.status == "unsupported"
    assert "Python's re" in entry.reason or "regular expression" in entry.reason
    assert not any(column.checks for column in schema.columns.values())


def test_values_that_are_no_text_are_not_written_there():
    """Pandera matches texts alone; that another way of writing is lost is said."""
    (one,) = to_pandera([Rule("r", Pattern("zip", "1", written="python"))])[1]
    (other,) = to_pandera([Rule("r", Length("zip", 1, written="python"))])[1]

    assert {(entry.status, "no text" in entry.reason) for entry in (one, other)} == {("approximate", True)}


def test_patterns_of_ours_hold_the_end_in_pandera_too():
    """A line break at the end is no end to us, nor is it to what we write; other digits are none either."""
    frame = pd.DataFrame({"zip": ["12", "12\n", "\u0661\u0662", "x"]})
    for predicate in (Pattern("zip", r"\d+"), Pattern("zip", r"^\d+$", "search"), Pattern("zip", r"\d+$", "start")):
        schema, (entry,) = to_pandera([Rule("r", predicate)])

        assert entry.status == "exact"
        assert (
            pandera_fails(frame, schema)
            == [1, 2, 3]
            == np.flatnonzero(evaluate([Rule("r", predicate)], frame).results[0].fail).tolist()
        )


def test_types_and_readings_are_carried_to_pandera():
    """A type goes back as it came; a number read from text is approximate; neither is called code."""
    schema = pa.DataFrameSchema({"n": pa.Column("int64", coerce=True), "id": pa.Column("string", nullable=True)})
    read = from_pandera(schema)
    rules = [*read.rules, Rule("age", ReadAs(Between("age", 0, 120), "number")), Rule("z", ReadAs(Length("z", 0)))]

    back, coverage = to_pandera(rules)

    assert str(back.columns["id"].dtype) == str(schema.columns["id"].dtype)
    assert [check.name for check in back.columns["age"].checks] == ["in_range"]
    said = {entry.id: (entry.status, entry.reason) for entry in coverage}
    assert said["id.dtype"] == ("exact", "")
    assert said["age"][0] == "approximate"
    assert said["age"][1].endswith("pandera judges the values as they are stored")
    assert said["z"] == ("unsupported", "it judges only values that are texts, which no built-in check says")
    assert said["n.coerce"][1].startswith("pandera itself is asked to change column 'n' to int64")
    assert not any("is code" in reason or "custom" in reason for _, reason in said.values())
