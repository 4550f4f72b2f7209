"""Soda counts; our rules flag the rows it counts, worked out by hand or by DuckDB from the SQL a check stands for."""

import duckdb
import pandas as pd
import pytest
import yaml

from checks import load_rules
from checks.rule import Limit
from synth.errors import RuleError

# A null, a blank, a space, a repeated value, a repeated index.
VISITS = pd.DataFrame(
    {
        "id": [1, 2, 2, 4, 5, 6, 7, 8],
        "state": ["open", "closed", None, "", "N/A", " ", "open", "bad"],
        "zip": ["12345", "1234", None, "", "N/A", " ", "12345", "99999x"],
        "amount": [1.0, -1.0, None, 0.0, 5.0, 2.0, 10.0, None],
        "kind": ["a", "a", None, "a", None, "b", "b", "b"],
    },
    index=[3, 3, 1, 1, 0, 0, 7, 7],
)
STATES = pd.DataFrame({"code": ["open", "closed", None]})
MISSING = "({c} IS NULL OR {c} IN ('N/A', ''))"
# Column, its own settings, a check, and the condition of the rows Soda counts.
CONTRACT = [
    ("zip", {}, {"missing": None}, "zip IS NULL"),
    ("zip", {}, {"missing": {"missing_values": ["N/A", ""]}}, MISSING.format(c="zip")),
    ("zip", {"missing_values": ["N/A", ""]}, {"missing": None}, MISSING.format(c="zip")),
    ("zip", {"missing_values": ["x"]}, {"missing": {"missing_values": ["N/A", ""]}}, MISSING.format(c="zip")),
    ("zip", {}, {"missing": {"missing_format": {"regex": "^[ ]*$", "name": "spaces"}}},
     "zip IS NULL OR regexp_matches(zip, '^[ ]*$')"),
    ("zip", {}, {"missing": {"filter": "kind is null"}}, "zip IS NULL AND kind IS NULL"),
    ("state", {}, {"invalid": {"valid_values": ["open", "closed"]}}, "state NOT IN ('open', 'closed')"),
    ("state", {"missing_values": ["N/A", ""]}, {"invalid": {"valid_values": ["open", "closed"]}},
     f"NOT {MISSING.format(c='state')} AND state NOT IN ('open', 'closed')"),
    ("state", {"valid_values": ["open"]}, {"invalid": {"filter": "kind = 'b'"}}, "state <> 'open' AND kind = 'b'"),
    ("state", {}, {"invalid": {"invalid_values": ["bad", "N/A"]}}, "state IN ('bad', 'N/A')"),
    ("zip", {}, {"invalid": {"valid_format": {"regex": "^[0-9]{5}$", "name": "zip"}}},
     "NOT regexp_matches(zip, '^[0-9]{5}$')"),
    ("zip", {}, {"invalid": {"invalid_format": {"regex": "x", "name": "x"}}}, "regexp_matches(zip, 'x')"),
    ("amount", {}, {"invalid": {"valid_min": 0, "valid_max": 5}}, "amount < 0 OR amount > 5"),
    ("zip", {}, {"invalid": {"valid_length": 5}}, "length(zip) <> 5"),
    ("zip", {}, {"invalid": {"valid_min_length": 1, "valid_max_length": 5}}, "length(zip) < 1 OR length(zip) > 5"),
    ("state", {}, {"invalid": {"valid_reference_data": {"dataset": "db/main/states", "column": "code"}}},
     "state IS NOT NULL AND NOT EXISTS (SELECT 1 FROM states WHERE code = state)"),
    (None, {}, {"failed_rows": {"expression": "amount < id"}}, "amount < id"),
    (None, {}, {"failed_rows": {"expression": "zip = '1234' or state is null", "filter": "id < 3"}},
     "(zip = '1234' OR state IS NULL) AND id < 3"),
]  # fmt: skip
SODACL = [
    ("missing_count(zip) = 0", None, "zip IS NULL"),
    ("missing_percent(zip) < 5 %", None, "zip IS NULL"),
    ("missing_count(zip) = 0", {"missing values": ["N/A", ""]}, MISSING.format(c="zip")),
    ("invalid_count(state) = 0", {"valid values": ["open", "closed"]}, "state NOT IN ('open', 'closed')"),
    ("invalid_percent(zip) = 0", {"valid regex": "^[0-9]{5}$"}, "NOT regexp_matches(zip, '^[0-9]{5}$')"),
    ("invalid_count(amount) = 0", {"valid min": 0, "valid max": 5, "filter": "id > 2"},
     "(amount < 0 OR amount > 5) AND id > 2"),
    ("invalid_count(zip) = 0", {"valid max length": 5}, "length(zip) > 5"),
    ("duplicate_count(zip) = 0", None, "zip IN (SELECT zip FROM t GROUP BY zip HAVING count(*) > 1)"),
    ("duplicate_count(id, kind) = 0", None, "false"),
    ("values in (state) must exist in states (code)", None,
     "state IS NOT NULL AND NOT EXISTS (SELECT 1 FROM states WHERE code = state)"),
    ("failed rows", {"name": "order", "fail condition": "amount < id"}, "amount < id"),
]  # fmt: skip


def contract(column, settings, check):
    tree = {"dataset": "db/main/visits"}
    if column is None:
        return yaml.dump(tree | {"checks": [check]})
    return yaml.dump(tree | {"columns": [{"name": column, **settings, "checks": [check]}]})


def sodacl(written, given=None, table="visits"):
    return yaml.dump({f"checks for {table}": [written if given is None else {written: given}]})


def by_duckdb(selects):
    con = duckdb.connect()
    con.register("t", VISITS.reset_index(drop=True).rename_axis("p").reset_index())
    con.register("states", STATES)
    found = {row for (row,) in con.execute(f"SELECT p FROM t WHERE {selects}").fetchall()}  # noqa: S608  # ours
    return [row in found for row in range(len(VISITS))]


def result_of(text):
    rules = load_rules(text, "soda")
    (result,) = rules.evaluate({"visits": VISITS, "states": STATES}).results
    assert [entry.status for entry in rules.coverage()] == ["exact"]
    return result


@pytest.mark.parametrize(("column", "settings", "check", "counted"), CONTRACT, ids=[str(c[2])[:70] for c in CONTRACT])
def test_a_contract_flags_the_rows_it_counts(column, settings, check, counted):
    result = result_of(contract(column, settings, check))

    assert result.fail.tolist() == by_duckdb(counted)
    assert any(result.fail)
    assert result.alert


@pytest.mark.parametrize(("written", "given", "counted"), SODACL, ids=[c[0] for c in SODACL])
def test_sodacl_flags_the_rows_it_counts(written, given, counted):
    assert result_of(sodacl(written, given)).fail.tolist() == by_duckdb(counted)


def test_repeats_in_a_contract_are_valid_values_less_distinct_ones():
    """Three 7s and two 8s: five values, two distinct ones, three repeats; the missing ones are not counted."""
    numbers = pd.DataFrame({"n": ["7", "8", "7", "N/A", "N/A", None, "8", "7"]}, index=[0] * 8)
    text = yaml.dump({"dataset": "a/b/visits", "columns": [
        {"name": "n", "missing_values": ["N/A"], "checks": [{"duplicate": {"threshold": {"must_be_less_than": 3}}}]},
    ]})  # fmt: skip

    (result,) = load_rules(text).evaluate(numbers).results

    assert result.fail.tolist() == [False, False, True, False, False, False, True, True]
    assert result.evaluated.sum() == 5
    assert result.alert


THRESHOLDS = [  # threshold of a check on missing zips (1 of 8 rows), limits or None for a rule about the table, alert
    ({}, (), True),
    ({"must_be": 0}, (), True),
    ({"must_be_less_than": 1}, (Limit(1, "rows", inclusive=True),), True),
    ({"must_be_less_than": 2}, (Limit(2, "rows", inclusive=True),), False),
    ({"must_be_less_than_or_equal": 1, "level": "warn"}, (Limit(1, "rows", "warning"),), False),
    ({"metric": "percent", "must_be_less_than": 12.5}, (Limit(0.125, inclusive=True),), True),
    ({"metric": "percent", "must_be_less_than_or_equal": 12.5}, (Limit(0.125),), False),
    ({"must_be_between": {"greater_than_or_equal": 0, "less_than": 2}}, (Limit(2, "rows", inclusive=True),), False),
    ({"must_be": 1}, None, False),
    ({"must_be_greater_than": 1}, None, True),
    ({"must_be_greater_than_or_equal": 1}, None, False),
    ({"must_not_be": 1}, None, True),
    ({"must_be_between": {"greater_than": 1, "less_than": 3}}, None, True),
    ({"must_be_not_between": {"less_than": 1, "greater_than": 3}}, None, True),
    ({"must_be_not_between": {"less_than_or_equal": 1, "greater_than": 3}}, None, False),
    ({"metric": "percent", "must_be_greater_than": 12}, None, False),
]


@pytest.mark.parametrize(("threshold", "limits", "alert"), THRESHOLDS, ids=[str(row[0]) for row in THRESHOLDS])
def test_thresholds(threshold, limits, alert):
    result = result_of(contract("zip", {}, {"missing": {"threshold": threshold}}))

    assert result.alert is alert
    assert result.rule.severity == ("warning" if "level" in threshold else "error")
    if limits is None:
        assert (result.rule.level, result.fail.sum()) == ("table", 0)
    else:
        assert (result.rule.limits, result.fail.sum()) == (limits, 1)


TABLES = [  # check and whether it fails, counted by hand
    (contract(None, {}, {"row_count": {"threshold": {"must_be_between": {"greater_than": 7, "less_than": 9}}}}), False),
    (contract(None, {}, {"row_count": None}), False),
    (contract("amount", {}, {"aggregate": {"function": "avg", "threshold": {"must_be_less_than": 2}}}), True),
    (contract("amount", {}, {"aggregate": {"function": "sum", "threshold": {"must_be": 17}}}), False),
    (contract("zip", {}, {"aggregate": {"function": "distinct_count", "threshold": {"must_be": 6}}}), False),
    (sodacl("row_count > 8"), True),
    (sodacl("row_count between 1 and 8"), False),
    (sodacl("row_count between (8 and 10]"), True),
    (sodacl("row_count not between 1 and 8"), True),
    (sodacl("row_count != 8"), True),
    (sodacl("max(amount) <= 10"), False),
    (sodacl("avg(amount) < 2", {"filter": "id > 3"}), True),
    (sodacl("missing_count(zip) > 1"), True),
]


@pytest.mark.parametrize(("text", "alert"), TABLES, ids=range(len(TABLES)))
def test_tables_as_a_whole(text, alert):
    result = result_of(text)

    assert (result.alert, result.rule.level, result.fail.sum()) == (alert, "table", 0)


def test_warnings_and_failures_of_sodacl_are_two_limits():
    result = result_of(sodacl("missing_count(zip)", {"warn": "when > 0", "fail": "when >= 3"}))

    assert result.rule.limits == (Limit(3, "rows", "error", inclusive=True), Limit(0, "rows", "warning"))
    assert (result.alarm, result.fail.sum()) == ("warning", 1)


def test_settings_and_parts_of_a_sodacl_file():
    text = """
filter visits [late]:
  where: id > 3
configurations for visits:
  valid values for state: [open, closed]
  missing values for zip: [N/A, '']
checks for visits:
  - invalid_count(state) = 0
  - missing_count(zip) = 0
checks for visits [late]:
  - missing_count(zip) = 0
  - schema:
      fail:
        when required column missing: [id, day]
"""
    rules = load_rules(text)

    results = rules.evaluate(VISITS).results

    assert rules.format == "soda"
    assert [result.fail.sum() for result in results[:3]] == [4, 3, 2]
    assert [result.alert for result in results[3:]] == [False, True]
    assert {entry.status for entry in rules.coverage()} == {"exact"}


def test_the_schema_of_a_contract_is_its_columns():
    text = "dataset: a/b/visits\ncolumns: [{name: id}, {name: day}]\nchecks: [{schema: }]"

    results = load_rules(text).evaluate(VISITS).results

    assert [(result.rule.id, result.alert) for result in results] == [
        ("visits.id.schema", False), ("visits.day.schema", True),
    ]  # fmt: skip


def test_a_threshold_on_repeats_of_sodacl_counts_values_there_and_rows_here():
    """One value occurs twice: one repeated value for Soda, which is below two; two rows here, which are not."""
    rules = load_rules(sodacl("duplicate_count(zip) < 2"), "soda")

    (entry,), (result,) = rules.coverage(), rules.evaluate(VISITS).results

    assert (entry.status, result.fail.sum(), result.alert) == ("approximate", 2, True)
    assert "repeated values are counted there" in entry.reason


LOST = [
    (contract("zip", {}, {"freshness": {"threshold": {"must_be_less_than": 3}}}), "unsupported", "freshness"),
    (contract(None, {}, {"failed_rows": {"query": "select 1"}}), "unsupported", "query"),
    (contract(None, {}, {"failed_rows": {"expression": "id in (select 1)"}}), "error", "a query"),
    (contract(None, {}, {"failed_rows": {"expression": "read_text('x') = ''"}}), "error", "function read_text"),
    (contract("zip", {}, {"missing": {"filter": "day = ${var.DAY}"}}), "unsupported", "variable"),
    (contract("zip", {}, {"invalid": None}), "error", "what is valid"),
    (contract("zip", {}, {"missing": {"threshold": {"must_be_small": 1}}}), "error", "must_be_small"),
    (contract("zip", {}, {"aggregate": {"function": "median_of_x"}}), "unsupported", "median_of_x"),
    (sodacl("invalid_count(zip) = 0", {"valid format": "email"}), "unsupported", "named format"),
    (sodacl("freshness(day) < 1d"), "unsupported", "freshness"),
    (sodacl("anomaly detection for row_count"), "unsupported", "is not read"),
    (sodacl("missing_count(zip) = ${n}"), "unsupported", "variable"),
    (sodacl("missing_count(zip)"), "error", "no threshold"),
    (sodacl("missing_count(zip) = many"), "unsupported", "not read"),
    (sodacl("failed rows", {"fail query": "select 1"}), "unsupported", "failed"),
    (sodacl("missing_count(zip) = 0", table="visits [today]"), "unsupported", "variable"),
    ("for each dataset D:\n  datasets: [a%]\n  checks:\n    - row_count > 0\n", "unsupported", "which tables"),
]


@pytest.mark.parametrize(("text", "status", "said"), LOST, ids=range(len(LOST)))
def test_what_has_no_translation_is_listed_with_its_reason_and_line(text, status, said):
    with pytest.raises(RuleError, match="1 of 1 rules cannot be translated") as problem:
        load_rules(text, "soda")

    assert said in str(problem.value)
    assert "line" in str(problem.value)
    assert "\n" not in str(problem.value)
