"""Rules written as SQL: DuckDB returns the records our own kernels flag, and the file reads back as the same flags."""

import datetime as dt
import json
import sqlite3

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import Rule, load_rules
from checks.predicates import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Custom,
    Expression,
    ForeignKey,
    FunctionalDependency,
    HasColumn,
    InSet,
    Length,
    Measure,
    Not,
    NotBlank,
    NotIn,
    NotNull,
    Pattern,
    ReadAs,
    SameText,
    Unique,
)
from checks.rule import Limit
from checks.rule_set import RuleSet
from checks.sql_expression import DIALECTS
from checks.sql_writer import NOT_READ_BACK, to_sql
from synth.errors import RuleError

VALUES = ["12345", "1234", None, "", "N/A", " ", "\t", "\u00a0", "a'b", "zip\n", "Ünï", "7", "-1", "2031-01-05", "1e3"]
FIVE = ("a'b", "N/A", "7", "", "1234", "x")
PREDICATES = [
    NotNull("zip"),
    NotBlank("zip"),
    InSet("zip", FIVE),
    NotIn("zip", FIVE),
    InSet("zip", ("n/a", "ÜNÏ"), ignore_case=True),
    Pattern("zip", "[0-9]{5}"),
    Pattern("zip", "^[0-9]+", "start"),
    Pattern("zip", r"\s|'", "search"),
    Pattern("zip", "zip.", "full"),
    Pattern("zip", "[0-9]+", "search", "re"),
    NotIn("zip", ("7", "a'b"), stored="text"),
    Between("x", 0, 5, stored="number"),
    Between("zip", "1", "5", stored="text"),
    Compare("x", ">", "y", "stored"),
    Length("zip", 1, 4),
    Length("zip", max=3),
    Between("zip", 0, 2000),
    Between("zip", min=0, exclude_min=True),
    Between("zip", "2031-01-01", "2031-12-31", as_="date"),
    Between("zip", "a", "z"),
    Between("x", 0, 5, exclude_max=True),
    Compare("zip", "<=", "st"),
    Compare("x", ">", "y"),
    Compare("x", "==", "y"),
    Unique(("zip",)),
    Unique(("zip", "st"), nulls="equal"),
    FunctionalDependency(("zip",), ("st", "x")),
    ForeignKey(("zip",), "other", ("code",)),
    ForeignKey(("zip",), "other", ("code",), NotNull("kind")),
    AllOf((NotNull("zip"), AnyOf((InSet("st", ("a",)), Pattern("zip", "[0-9]+"))))),
    Not(AnyOf((Between("x", 0, 5), NotBlank("st")))),
    Not(InSet("zip", FIVE)),
    Not(Pattern("zip", "[0-9]+")),
    Not(Not(Length("zip", max=3))),
    Expression("x > y OR zip IN ('7', '1', '2', '3', '4', '5')"),
]
RULES = [
    Rule(f"rule {number} {policy} {where is not None}", predicate, "records", where, null_policy=policy)
    for number, predicate in enumerate(PREDICATES)
    for policy in ("native", "ignore", "fail")
    for where in (None, NotIn("st", ("c",)))
]
OTHER = pd.DataFrame({"code": ["7", "N/A", "", None], "kind": ["k", None, "k", "k"]})
rows_of_records = st.lists(
    st.tuples(
        st.sampled_from(VALUES),
        st.sampled_from(["a", "c", None, " ", "N/A"]),
        st.sampled_from([0.0, 1.0, 5.0, -2.5, np.nan]),
        st.sampled_from([0.0, 1.0, 7.0, np.nan]),
    ),
    max_size=25,
)
SIX = [("12345", "open", 1.0, 2.0), ("1234", "bad", 9.0, 1.0), (None, None, np.nan, 1.0), ("", "", 1.0, np.nan),
       ("N/A", "N/A", np.nan, np.nan), (" ", "closed", 2.0, 2.0)]  # fmt: skip


def frame(rows):
    made = pd.DataFrame(rows, columns=["zip", "st", "x", "y"])
    return made.astype({"zip": "str", "st": "str", "x": "float64", "y": "float64"})


def run_in_duckdb(text, records):
    """Positions every query returns, with two threads."""
    con = duckdb.connect(config={"threads": 2})
    con.register("records", records.reset_index(drop=True).rename_axis("p").reset_index())
    con.register("other", OTHER)
    queries = [query for query in text.split(";\n") if query.strip()]
    return [set(con.execute(query).fetchnumpy()["p"].tolist()) for query in queries]


def positions(results):
    return [set(np.flatnonzero(result.fail).tolist()) for result in results]


@settings(max_examples=25, deadline=None)
@given(rows_of_records)
def test_duckdb_returns_the_records_our_kernels_flag(rows):
    records = frame(rows)
    rules = RuleSet("all", tuple(rule for rule in RULES if not isinstance(rule.predicate, Expression)))
    text, coverage = rules.to_sql()

    found = run_in_duckdb(text, records)

    assert {entry.status for entry in coverage} == {"exact"}
    for rule, here, there in zip(
        rules.rules, positions(rules.evaluate({"records": records, "other": OTHER}).results), found, strict=True
    ):
        assert there == here, (rule, text)


def test_the_six_rows_with_repeated_labels_and_sql_among_the_rules():
    records = frame(SIX).set_axis([3, 3, 0, 0, 1, 1])
    rules = RuleSet("all", tuple(RULES))

    here = positions(rules.evaluate({"records": records, "other": OTHER}).results)

    assert run_in_duckdb(rules.to_sql()[0], records) == here
    assert any(here)


def test_queries_about_records_read_back_as_the_same_flags():
    """Groups and other tables are read back as unsupported; everything else flags the same."""
    records = frame(SIX)
    rules = RuleSet("all", tuple(RULES))
    text, _ = rules.to_sql()

    back = load_rules(text, "sql", on_unsupported="skip")

    wanted = {rule.id: found for rule, found in zip(RULES, positions(rules.evaluate(
        {"records": records, "other": OTHER}).results), strict=True)}  # fmt: skip
    results = back.evaluate({"records": records, "other": OTHER}).results
    assert {result.rule.id: set(np.flatnonzero(result.fail).tolist()) for result in results} == {
        rule.id: wanted[rule.id] for rule in back.rules
    }
    lost = {entry.id for entry in back.coverage() if entry.status != "exact"}
    assert lost == {rule.id for rule in RULES if isinstance(rule.predicate, Unique | FunctionalDependency | ForeignKey)}


@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != "duckdb"])
def test_queries_about_records_read_back_from_every_dialect(dialect):
    """What is written is read, but for groups and other tables, and flags the same where nothing was said to differ."""
    records = frame(SIX)
    some = (rule for rule in RULES if rule.where is None and rule.null_policy != "ignore")
    rules = RuleSet("all", tuple(rule for rule in some if not isinstance(rule.predicate, Expression)))
    text, written = rules.to_sql(dialect)

    back = load_rules(text, "sql", on_unsupported="skip")

    groups = {entry.id for entry in written if NOT_READ_BACK in entry.reason}
    assert {entry.id for entry in back.coverage() if entry.status in {"unsupported", "error"}} == groups
    kinds = Unique | FunctionalDependency | ForeignKey
    carried = {entry.id for entry in written if entry.status != "unsupported"}
    assert groups == {rule.id for rule in rules.rules if isinstance(rule.predicate, kinds) and rule.id in carried}
    known = {entry.id for entry in written if entry.status == "exact"} - groups
    there = {result.rule.id: result.fail.tolist() for result in back.evaluate(records).results}
    here = rules.evaluate({"records": records, "other": OTHER}).results
    assert {result.rule.id: result.fail.tolist() for result in here if result.rule.id in known} == {
        rule_id: there[rule_id] for rule_id in known
    }
    assert len(known) >= 1


def test_sql_server_compares_without_case_and_that_is_said():
    """An exact copy of a list of texts would find other rows there."""
    rules = [Rule("r", InSet("zip", ("a",))), Rule("u", Unique(("zip",))), Rule("l", Length("zip", 1))]
    _, (listed, unique, length) = to_sql(rules, dialect="tsql")

    assert {listed.status, unique.status, length.status} == {"approximate"}
    assert "without case" in listed.reason
    assert "without case" in unique.reason
    assert "spaces at the end" in length.reason


def test_long_lists_and_two_threads_do_not_mix_up_rows():
    draws = np.random.default_rng(5)
    records = frame([("7", "a", 1.0, 1.0)]).iloc[[0] * 60_000].reset_index(drop=True)
    records["zip"] = draws.choice(np.array([value for value in VALUES if value is not None]), len(records))
    rules = RuleSet("long", (Rule("in", InSet("zip", FIVE)), Rule("not", NotIn("zip", FIVE))))
    text, _ = rules.to_sql()

    here = positions(rules.evaluate(records).results)

    assert run_in_duckdb(text, records) == here
    assert positions(load_rules(text, "sql").evaluate(records).results) == here
    assert here[0] == set(np.flatnonzero(~records["zip"].isin(FIVE)).tolist())


MEASURES = [
    (Measure("row_count", min=6, max=6), False),
    (Measure("row_count", max=6, exclude_max=True), True),
    (Measure("null_count", "zip", max=0), True),
    (Measure("null_share", "zip", max=0.2), False),
    (Measure("distinct_count", "zip", min=5), False),
    (Measure("distinct_share", "zip", min=1), False),
    (Measure("failing_count", of=NotBlank("zip"), max=2), True),
]


@pytest.mark.parametrize(("measure", "alert"), MEASURES, ids=[str(row[0]) for row in MEASURES])
def test_a_table_as_a_whole_gives_one_row_if_it_does_not_hold(measure, alert):
    rules = RuleSet("whole", (Rule("whole", measure),))
    con = duckdb.connect()
    con.register("records", frame(SIX))

    rows = con.execute(rules.to_sql()[0].partition("\n")[2].replace(";", "")).fetchall()

    assert bool(rows) == alert == rules.evaluate(frame(SIX)).results[0].alert


LOST = [
    (Rule("r", Pattern("zip", "(?=a)b")), "unsupported", "look-around"),
    (Rule("r", Custom(("zip",), lambda f: (f.zip.isna(), f.zip.isna()))), "unsupported", "custom"),
    (Rule("r", SameText("a", "b")), "unsupported", "same_text"),
    (Rule("r", HasColumn("zip")), "unsupported", "has_column"),
    (Rule("r", Unique(("zip",), repeats="later")), "unsupported", "no order"),
    (Rule("r", Measure("mean", "x", min=1)), "unsupported", "mean"),
    (Rule("r", NotNull("zip"), threshold=0.1), "approximate", "threshold"),
    (Rule("r", NotNull("zip"), limits=(Limit(1, "rows"),)), "approximate", "threshold"),
    (Rule("r", InSet("zip", (1, 2))), "approximate", "as numbers"),
    (Rule("r", InSet("zip", ("a",), trim=True)), "approximate", "only spaces are trimmed"),
]


@pytest.mark.parametrize(("rule", "status", "reason"), LOST, ids=[row[2] for row in LOST])
def test_what_sql_cannot_carry_is_said(rule, status, reason):
    text, (entry,) = to_sql([rule])

    assert entry.status == status
    assert reason in entry.reason
    assert bool(text) == (status == "approximate")


def test_where_a_list_of_numbers_and_a_trim_differ():
    """The two micro-cases: '01' is the number 1 for SQL and another text here; a tab is trimmed here and not there."""
    records = frame([("01", "a", 1.0, 1.0), ("a\t", "a", 1.0, 1.0)])
    rules = RuleSet("r", (Rule("n", InSet("zip", (1,))), Rule("t", InSet("zip", ("a", "01"), trim=True))))

    assert positions(rules.evaluate(records).results) == [{0, 1}, set()]
    assert run_in_duckdb(rules.to_sql()[0], records) == [set(), {1}]


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "bigquery", "spark", "tsql", "mysql", "sqlite", "oracle"])
def test_other_dialects_parse_there_and_say_what_differs(dialect):
    rules = RuleSet("all", tuple(RULES))

    text, coverage = rules.to_sql(dialect)

    queries = [query for query in sqlglot.parse(text, read=dialect) if query is not None]
    carried = [entry for entry in coverage if entry.status != "unsupported"]
    assert len(queries) == len(carried) >= 20
    assert len(coverage) == len(RULES)
    assert all(entry.reason for entry in coverage if entry.status != "exact")
    assert text.startswith(f"-- dialect: {dialect}\n")
    bare = {rule.id for rule in RULES if isinstance(rule.predicate, NotNull) and rule.where is None}
    assert {entry.status for entry in coverage if entry.id in bare} == {"exact"}


def test_sqlite_runs_what_is_written_for_it():
    """The same rows, by another engine: sqlite has no patterns, everything else runs."""
    kinds = (NotNull, InSet, NotIn, Length, Unique, Compare)
    rules = RuleSet("some", tuple(rule for rule in RULES if isinstance(rule.predicate, kinds)
                                  and not getattr(rule.predicate, "ignore_case", False)))  # fmt: skip
    records = frame(SIX)
    con = sqlite3.connect(":memory:")
    records.rename_axis("p").reset_index().to_sql("records", con, index=False)

    text, coverage = rules.to_sql("sqlite")
    found = [{row[0] for row in con.execute(query)} for query in text.split(";\n") if query.strip()]

    assert {entry.status for entry in coverage} == {"exact"}
    assert found == positions(rules.evaluate(records).results)


def test_an_unknown_dialect_is_refused():
    with pytest.raises(RuleError, match=r"SQL dialect 'postgre' is not known. Did you mean 'postgres'"):
        to_sql([], dialect="postgre")


@pytest.mark.parametrize(
    ("predicate", "status", "reason"),
    [
        (Pattern("zip", "[0-9]{5}", "full", "re"), "exact", ""),
        (Pattern("zip", r"[0-9]\Z", "search", "re"), "exact", ""),
        (Pattern("zip", r"\d{5}", "full", "re"), "approximate", "are not Python's"),
        (Pattern("zip", "[0-9]$", "search", "re"), "approximate", "$ is the end"),
        (Pattern("zip", "a{,2}", "search", "re"), "unsupported", "look-around"),
        (Pattern("zip", "1", "search", written="python"), "approximate", "what duckdb writes"),
        (Length("zip", 1, written="no"), "approximate", "what duckdb writes"),
        (InSet("x", (1, 2), stored="number"), "approximate", "as numbers"),
        (InSet("zip", ("1",), stored="text"), "exact", ""),
        (Between("zip", "a", "b", as_="stored", stored="text"), "approximate", "ordered category"),
    ],
)
def test_what_sql_sees_otherwise_is_said(predicate, status, reason):
    """Python's classes of signs, values that are no text, categories: said, or not written."""
    text, (entry,) = to_sql([Rule("r", predicate)])

    assert (entry.status, reason in entry.reason) == (status, True)
    assert bool(text) is (status != "unsupported")


def test_days_and_sums_of_nothing_are_written():
    """A moment is written as one; of no rows a share is what the rule says."""
    records = pd.DataFrame({"day": pd.to_datetime(["2031-01-01", "2031-01-02"])})
    con = duckdb.connect()
    con.register("records", records)
    listed = to_sql([Rule("r", InSet("day", (pd.Timestamp("2031-01-01"),), stored="datetime"))])[0]
    con.register("none", records.iloc[:0])
    shares = [Measure("null_share", "day", 0.5, of_nothing=given) for given in (None, 0.0, 1.0)]
    found = [con.execute(to_sql([Rule("r", share, "none")])[0]).fetchall() for share in shares]

    assert con.execute(listed).fetchnumpy()["day"].astype("datetime64[D]").tolist() == [dt.date(2031, 1, 2)]
    assert [len(rows) for rows in found] == [1, 1, 0]


def test_texts_read_as_numbers_are_written_and_read_back(tmp_path):
    """What JSON Schema says of numbers and texts becomes SQL that flags the same rows of a CSV file, by hand."""
    text = {"type": "object", "properties": {
        "zip": {"type": "string", "pattern": "^[0-9]{5}$", "minLength": 2},
        "age": {"type": "integer", "minimum": 0, "maximum": 120},
        "kind": {"enum": [1, 2]},
        "fee": {"multipleOf": 0.5},
    }}  # fmt: skip
    (tmp_path / "s.json").write_text(
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **text}), encoding="utf-8"
    )
    frame = pd.DataFrame({
        "zip": ["12345", "x", None, "123456", "1234"],
        "age": ["5", "130", "5.5", "-1", "old"],
        "kind": ["1", "3", "2.0", "z", None],
        "fee": ["0.5", "0.7", "x", "2", None],
    })  # fmt: skip
    flagged = {
        "zip.type": "", "zip.pattern": "134", "zip.minLength": "1", "age.type": "24", "age.minimum": "3",
        "age.maximum": "1", "kind.enum": "13", "fee.multipleOf": "1",
    }  # fmt: skip

    read = load_rules(tmp_path / "s.json")
    written, coverage = read.to_sql()
    (tmp_path / "s.sql").write_text(written, encoding="utf-8")
    back = load_rules(tmp_path / "s.sql")

    assert {entry.status for entry in coverage} == {"approximate"}
    for rules in (read, back):
        results = rules.evaluate(frame).results
        assert {r.rule.id: "".join(map(str, r.fail.nonzero()[0])) for r in results} == flagged


def test_what_sql_has_no_words_for_is_said_about_the_rule():
    """Not by the name that the condition has in casegauge."""
    rule = Rule("r", ReadAs(Between("day", max="2031-01-01"), "date", format="%d.%m.%Y"))

    reason = to_sql([rule])[1][0].reason

    assert reason == "it reads days from the texts first, and judges those, which SQL has no words for here"
