"""pandera schemas read and written, held against pandera itself."""

import re

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest

from checks import (
    Between,
    Compare,
    InSet,
    Length,
    NotBlank,
    NotIn,
    NotNull,
    Pattern,
    Rule,
    Unique,
    evaluate,
    from_pandera,
    load_pack,
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

    assert from_model.rules == from_file.rules
    assert from_model.rules[0].predicate == Pattern("zip", r"^\d{5}$", "start")


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
        "a.dtype": "unsupported",
        "a.coerce": "unsupported",
        "^b.regex": "unsupported",
        "c.str_matches": "error",
        "a+c.unique": "approximate",
        "strict": "unsupported",
    }
    assert all(entry.reason for entry in coverage.values() if entry.status != "exact")


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (pa.Check(lambda c: bool(c.notna().all()), name="all"), "'all' gives no answer per row"),
        (pa.Check(lambda c: 1 / 0, name="broken"), "'broken' raised ZeroDivisionError"),
    ],
    ids=["whole column", "raises"],
)
def test_checks_without_a_mask(check, message):
    """A check that answers for the column, or raises, is refused by name, never counted as passing."""
    schema = pa.DataFrameSchema({"zip": pa.Column(None, check, nullable=True)})

    with pytest.raises(RuleError, match=message):
        evaluate(from_pandera(schema).rules, PROBE)


def test_what_is_no_schema(tmp_path):
    """Anything else, and a file that holds no schema, is refused in one line."""
    path = tmp_path / "x.yaml"
    path.write_text("a: [1", encoding="utf-8")

    with pytest.raises(RuleError, match="a dict is not a pandera schema"):
        from_pandera({})
    with pytest.raises(RuleError, match=r"x\.yaml: is not a pandera schema") as caught:
        from_pandera(path)
    assert "\n" not in str(caught.value)


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
    Length("zip", 1, 4),
    Between("x", min=0, max=2, exclude_min=True),
    Between("x", min=0),
    Between("x", max=2, exclude_max=True),
    Unique(("zip",)),
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
        assert (policy, type(predicate)) == ("fail", NotIn) or isinstance(predicate, Unique)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (Rule("r", NotNull("zip"), where=NotNull("st")), "condition"),
        (Rule("r", Compare("d0", "<=", "d1")), "compare"),
        (Rule("r", Between("zip", min="5")), "compares texts as texts"),
        (Rule("r", Between("zip")), "without bounds"),
    ],
)
def test_what_cannot_be_carried_is_reported(rule, reason):
    """A rule pandera has no built-in check for is reported with the reason and leaves no trace."""
    schema, (entry,) = to_pandera([rule])

    assert entry.status == "unsupported"
    assert reason in entry.reason
    assert not any(column.checks for column in schema.columns.values())


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
