"""DQX checks flag the rows that the condition Spark evaluates would: here written by hand as SQL, and run by DuckDB."""

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml

from checks import load_rules
from synth.errors import RuleError

# A null, a blank, a space, a repeated value, a repeated index.
VISITS = pd.DataFrame(
    {
        "id": [1, 2, 2, 4, 5, 6, 7, 8],
        "state": ["open", "closed", None, "", "N/A", " ", "OPEN", "bad"],
        "zip": ["12345", "1234", None, "", "N/A", " ", "12345", "99999x"],
        "amount": [1.0, -1.0, None, 0.0, 5.0, 2.0, 10.0, None],
        "paid": [1.0, 0.0, 1.0, None, 6.0, 2.0, 3.0, None],
        "kind": ["a", "a", None, "a", None, "b", "b", "b"],
        "day": ["2031-01-05", "2031-02-30", None, "", "soon", "2031-01-06", "2031-01-07", "05.01.2031"],
        "address": ["10.0.0.1", "10.0.0.256", None, "", "::1", "1.2.3", "1.1.1.1", "10.0.0.01"],
    },
    index=[3, 3, 1, 1, 0, 0, 7, 7],
)
STATES = pd.DataFrame({"code": ["open", "closed", None], "kind": ["a", "a", "b"]})
# Function, arguments, and when Spark gives a message: a condition that is null gives none.
ROWS = [
    ("is_not_null", {"column": "zip"}, "zip IS NULL"),
    ("is_null", {"column": "zip"}, "zip IS NOT NULL"),
    ("is_not_empty", {"column": "zip"}, "zip = ''"),
    ("is_not_empty", {"column": "zip", "trim_strings": True}, "trim(zip) = ''"),
    ("is_empty", {"column": "zip"}, "zip <> ''"),
    ("is_not_null_and_not_empty", {"column": "zip"}, "zip IS NULL OR zip = ''"),
    ("is_not_null_and_not_empty", {"column": "zip", "trim_strings": True}, "zip IS NULL OR trim(zip) = ''"),
    ("is_in_list", {"column": "state", "allowed": ["open", "closed"]}, "state NOT IN ('open', 'closed')"),
    (
        "is_in_list",
        {"column": "state", "allowed": ["open", "closed"], "case_sensitive": False},
        "lower(state) NOT IN ('open', 'closed')",
    ),
    ("is_in_list", {"column": "id", "allowed": [1, 2]}, "id NOT IN (1, 2)"),
    (
        "is_not_null_and_is_in_list",
        {"column": "state", "allowed": ["open"]},
        "state IS NULL OR state NOT IN ('open')",
    ),
    ("is_not_in_list", {"column": "state", "forbidden": ["N/A", ""]}, "state IN ('N/A', '')"),
    ("is_in_range", {"column": "amount", "min_limit": 0, "max_limit": 5}, "amount < 0 OR amount > 5"),
    ("is_in_range", {"column": "amount", "min_limit": 0, "max_limit": "paid + 1"}, "amount < 0 OR amount > paid + 1"),
    ("is_not_in_range", {"column": "amount", "min_limit": 0, "max_limit": 2}, "amount >= 0 AND amount <= 2"),
    ("is_not_less_than", {"column": "amount", "limit": 1}, "amount < 1"),
    ("is_not_greater_than", {"column": "amount", "limit": "paid"}, "amount > paid"),
    ("is_equal_to", {"column": "amount", "value": 1}, "amount <> 1"),
    ("is_not_equal_to", {"column": "amount", "value": 1}, "amount = 1"),
    ("regex_match", {"column": "zip", "regex": "^[0-9]{5}$"}, "NOT regexp_matches(zip, '^[0-9]{5}$')"),
    ("regex_match", {"column": "zip", "regex": "[A-Z]", "negate": True}, "regexp_matches(zip, '[A-Z]')"),
    ("is_unique", {"columns": ["id"]}, "id = 2"),
    ("is_unique", {"columns": ["kind", "amount"]}, "false"),
    (
        "is_unique",
        {"columns": ["kind"], "nulls_distinct": False},
        "EXISTS (SELECT 1 FROM t o WHERE o.p <> t.p AND o.kind IS NOT DISTINCT FROM t.kind)",
    ),
    (
        "foreign_key",
        {"columns": ["state"], "ref_columns": ["code"], "ref_table": "main.db.states"},
        "state IS NOT NULL AND NOT EXISTS (SELECT 1 FROM states WHERE code = state)",
    ),
    (
        "foreign_key",
        {"columns": ["state", "kind"], "ref_columns": ["code", "kind"], "ref_df_name": "states", "negate": True},
        "EXISTS (SELECT 1 FROM states s WHERE s.code = t.state AND s.kind = t.kind)",
    ),
    ("sql_expression", {"expression": "amount >= paid"}, "NOT (amount >= paid)"),
    ("sql_expression", {"expression": "state = 'bad'", "negate": True, "msg": "bad"}, "state = 'bad'"),
    (
        "sql_expression",
        {"expression": "zip rlike '^[0-9]+$' or kind is null"},
        "NOT (regexp_matches(zip, '^[0-9]+$') OR kind IS NULL)",
    ),
    (
        "is_ipv4_address",
        {"column": "address"},
        "address IN ('10.0.0.256', '', '::1', '1.2.3', '10.0.0.01')",
    ),
]


def checks(function, arguments, **more):
    return {"criticality": "error", "check": {"function": function, "arguments": arguments}, **more}


def by_duckdb(selects):
    con = duckdb.connect()
    con.register("t", VISITS.reset_index(drop=True).rename_axis("p").reset_index())
    con.register("states", STATES)
    found = {row for (row,) in con.execute(f"SELECT p FROM t WHERE {selects}").fetchall()}  # noqa: S608  # ours
    return [row in found for row in range(len(VISITS))]


@pytest.fixture(scope="module")
def flags():
    return all_flagged(VISITS)


def all_flagged(visits):
    text = yaml.dump([checks(function, dict(given), name=str(n)) for n, (function, given, _) in enumerate(ROWS)])
    rules = load_rules(text, system="visits")
    assert rules.format == "dqx"
    results = rules.evaluate({"visits": visits, "states": STATES}).results
    assert len(results) == len(ROWS)
    return [result.fail.tolist() for result in results]


@pytest.mark.parametrize("place", range(len(ROWS)), ids=[f"{f}: {g}"[:70] for f, g, _ in ROWS])
def test_rows_are_those_spark_gives_a_message_for(place, flags):
    function, given, selects = ROWS[place]

    (entry,) = load_rules(yaml.dump([checks(function, dict(given))])).coverage()

    assert entry.status == "exact"
    assert flags[place] == by_duckdb(selects)


def test_permuted_rows_permute_the_flags(flags):
    order = np.random.default_rng(4).permutation(len(VISITS))

    assert all_flagged(VISITS.iloc[order]) == [[found[place] for place in order] for found in flags]


def test_a_filter_is_about_some_rows_and_repeats_are_looked_for_among_them():
    text = yaml.dump([
        checks("is_not_null", {"column": "zip"}, filter="kind is null"),
        checks("is_unique", {"columns": ["zip"]}, filter="id > 1"),
        checks("is_unique", {"columns": ["id"], "row_filter": "kind is not null"}, criticality="warn"),
    ])  # fmt: skip

    rules = load_rules(text)
    results = rules.evaluate(VISITS).results

    assert [result.fail.tolist() for result in results] == [
        by_duckdb("zip IS NULL AND kind IS NULL"), by_duckdb("false"), by_duckdb("false"),
    ]  # fmt: skip
    assert [rule.severity for rule in rules.rules] == ["error", "error", "warning"]


def test_one_check_for_each_column():
    check = {"function": "is_not_null_and_not_empty", "for_each_column": ["zip", "state"], "arguments": {}}
    several = {"function": "is_unique", "for_each_column": [["id", "kind"], ["zip"]]}

    rules = load_rules(yaml.dump([{"check": check}, {"check": several, "criticality": "warn"}]))

    assert [rule.id for rule in rules.rules] == [
        "zip.is_not_null_and_not_empty", "state.is_not_null_and_not_empty", "id_kind.is_unique", "zip.is_unique",
    ]  # fmt: skip
    assert [result.fail.tolist() for result in rules.evaluate(VISITS).results] == [
        by_duckdb("zip IS NULL OR zip = ''"), by_duckdb("state IS NULL OR state = ''"), by_duckdb("false"),
        by_duckdb("zip = '12345'"),
    ]  # fmt: skip


TABLES = [  # function, arguments, whether it fails, by hand: 8 rows, 6 amounts from -1 to 10 with the sum 17
    ("is_aggr_not_greater_than", {"column": "amount", "aggr_type": "sum", "limit": 17}, False),
    ("is_aggr_not_greater_than", {"column": "*", "aggr_type": "count", "limit": 7}, True),
    ("is_aggr_not_less_than", {"column": "amount", "aggr_type": "count", "limit": 7}, True),
    ("is_aggr_equal", {"column": "amount", "aggr_type": "max", "limit": 10}, False),
    ("is_aggr_not_equal", {"column": "id", "aggr_type": "count_distinct", "limit": 7}, True),
]


@pytest.mark.parametrize(("function", "given", "alert"), TABLES, ids=[str(row[:2]) for row in TABLES])
def test_tables_as_a_whole(function, given, alert):
    (result,) = load_rules(yaml.dump([checks(function, given)])).evaluate(VISITS).results

    assert (result.alert, result.fail.sum()) == (alert, 0)


APPROXIMATE = [  # function, arguments, days, flags here, by hand; the last day is where Spark differs
    ("is_valid_date", {}, ["2031-01-05", "2031-02-30", None, "soon", "2031-1-5"], [0, 1, 0, 1, 1]),
    ("is_valid_date", {"date_format": "yyyy-MM-dd"},
     ["2031-01-05", "2031-02-30", None, "", "2031-1-5"], [0, 1, 0, 1, 0]),
    ("is_valid_timestamp", {"timestamp_format": "yyyy-MM-dd'T'HH:mm:ss"},
     ["2031-01-05T10:00:00", "2031-01-05", None, "", "2031-01-05T1:00:00"], [0, 1, 0, 1, 0]),
]  # fmt: skip


@pytest.mark.parametrize(("function", "given", "days", "flagged"), APPROXIMATE, ids=range(3))
def test_dates_differ_from_spark_in_short_forms(function, given, days, flagged):
    rules = load_rules(yaml.dump([checks(function, {"column": "day", **given})]))

    (entry,), (result,) = rules.coverage(), rules.evaluate(pd.DataFrame({"day": pd.array(days, "str")})).results

    assert entry.status == "approximate"
    assert "Spark" in entry.reason
    assert result.fail.astype(int).tolist() == flagged


def test_the_first_date_at_or_after_the_second_less_some_days_fails():
    frame = pd.DataFrame({"a": ["2031-01-01", "2031-01-05", "2031-01-09", None], "b": ["2031-01-08"] * 4})
    text = yaml.dump([checks("is_older_than_col2_for_n_days", {"column1": "a", "column2": "b", "days": 3})])

    (result,) = load_rules(text).evaluate(frame).results

    assert result.fail.tolist() == [False, True, True, False]


LOST = [
    (checks("is_data_fresh", {"column": "day", "max_age_minutes": 5}), "unsupported", "the day it is run"),
    (checks("sql_query", {"query": "select 1"}), "unsupported", "not run"),
    (checks("our_own", {"column": "zip"}), "unsupported", "our_own is not known"),
    (checks("is_not_null", {"column": "a.b(1)"}), "unsupported", "an expression"),
    (checks("is_not_null", {"column": "zip", "often": 1}), "unsupported", "'often'"),
    (checks("is_aggr_equal", {"column": "id", "limit": 1, "group_by": ["kind"]}), "unsupported", "group"),
    (checks("is_valid_date", {"column": "day", "date_format": "EEE d"}), "unsupported", "format"),
    (checks("sql_expression", {"expression": "id in (select 1)"}), "error", "a query"),
    (checks("sql_expression", {"expression": "java_method('x', 'y') = 1"}), "error", "function java_method"),
    (checks("is_in_list", {"column": "zip", "allowed": []}), "error", "list with values"),
    (checks("is_in_list", {"column": "zip"}), "error", "has no 'allowed'"),
    (checks("is_not_null", {"column": "zip"}, filter="read_files('x') = 1"), "error", "read_files"),
    (checks("is_not_null", {"column": "zip"}, severity="high"), "error", "'severity' is not known"),
    ({"check": {"function": "is_not_null", "arguments": {"column": "zip"}}, "criticality": "high"}, "error", "high"),
    ({"check": {"arguments": {}}}, "error", "no check with a function"),
]


@pytest.mark.parametrize(("check", "status", "said"), LOST, ids=[str(row[2]) for row in LOST])
def test_what_has_no_translation_is_listed_with_its_reason_and_line(check, status, said):
    text = yaml.dump([checks("is_not_null", {"column": "id"}), check])

    with pytest.raises(RuleError, match="1 of 2 rules cannot be translated"):
        load_rules(text)
    fine, lost = load_rules(text, on_unsupported="skip").coverage()

    assert (fine.status, lost.status) == ("exact", status)
    assert said in lost.reason
    assert "line" in lost.place
