"""dbt tests flag the rows that the SQL dbt compiles them to selects, run by DuckDB."""

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import load_rules
from checks.formats.jinja_value import plain
from checks.rule import Limit
from synth.errors import RuleError

# A null, a blank, repeated values, a repeated index.
VISITS = pd.DataFrame(
    {
        "id": [1, 2, 2, 4, 5, 6, 7, 8],
        "state": ["open", "closed", None, "", "N/A", " ", "open", "closed"],
        "zip": ["12345", "1234", None, "", "N/A", " ", "12345", "99999x"],
        "kind": ["a", "a", "a", None, None, "b", "b", "b"],
        "amount": [1.0, -1.0, np.nan, 0.0, 5.0, 2.0, 10.0, np.nan],
        "paid": [1.0, 0.0, 1.0, 0.0, np.nan, 9.0, 10.0, np.nan],
        "code": [1, 2, 3, 0, 9, 1, 1, 2],
    },
    index=[3, 3, 1, 1, 0, 0, 7, 7],
)
CODES = pd.DataFrame({"code": [1, 2, 3], "domain": ["x", "y", None]})
# What stands under a column (or under the table), and the condition under which dbt's compiled SQL selects a row.
ROWS = [
    ("zip", "not_null", "zip IS NULL"),
    ("zip", {"not_null": {"config": {"where": "kind = 'a'"}}}, "zip IS NULL AND kind = 'a'"),
    ("zip", {"not_null": {"where": "state is null or id > 3"}}, "zip IS NULL AND (state IS NULL OR id > 3)"),
    ("id", "unique", "id IN (SELECT id FROM t WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1)"),
    ("zip", "unique", "zip IN (SELECT zip FROM t WHERE zip IS NOT NULL GROUP BY zip HAVING count(*) > 1)"),
    (
        "zip",
        {"unique": {"config": {"where": "id <> 2"}}},
        "id <> 2 AND zip IN (SELECT zip FROM t WHERE id <> 2 GROUP BY zip HAVING count(*) > 1)",
    ),
    ("state", {"accepted_values": {"values": ["open", "closed"]}}, "state NOT IN ('open', 'closed')"),
    ("state", {"accepted_values": {"arguments": {"values": ["open", ""]}}}, "state NOT IN ('open', '')"),
    ("id", {"accepted_values": {"values": [1, 2, 4], "quote": False}}, "id NOT IN (1, 2, 4)"),
    ("id", {"accepted_values": {"values": [1, 2, 4]}}, "id NOT IN ('1', '2', '4')"),
    (
        "state",
        {"accepted_values": {"values": ["open"], "config": {"where": "kind = 'a'"}}},
        "state NOT IN ('open') AND kind = 'a'",
    ),
    (
        "code",
        {"accepted_values": {"column_name": "cast(code as varchar)", "values": ["1", "2"]}},
        "cast(code AS varchar) NOT IN ('1', '2')",
    ),
    ("code", {"relationships": {"to": "ref('codes')", "field": "code"}}, "code NOT IN (SELECT code FROM codes)"),
    (
        "code",
        {"relationships": {"arguments": {"to": "source('raw', 'codes')", "field": "code"}, "where": "code <> 0"}},
        "code <> 0 AND code NOT IN (SELECT code FROM codes)",
    ),
    ("zip", {"relationships": {"to": "ref('codes')", "field": "domain"}},
     "zip IS NOT NULL AND NOT EXISTS (SELECT 1 FROM codes c WHERE c.domain = zip)"),
    # dbt_utils
    (None, {"dbt_utils.expression_is_true": {"expression": "amount >= paid"}}, "NOT (amount >= paid)"),
    ("amount", {"dbt_utils.expression_is_true": {"expression": "> 0"}}, "NOT (amount > 0)"),
    (
        "amount",
        {"dbt_utils.expression_is_true": {"arguments": {"expression": "> 0"}, "config": {"where": "kind = 'a'"}}},
        "NOT (amount > 0) AND kind = 'a'",
    ),
    ("amount", {"dbt_utils.accepted_range": {"min_value": 0, "max_value": 5}}, "NOT amount >= 0 OR NOT amount <= 5"),
    ("amount", {"dbt_utils.accepted_range": {"min_value": 0, "inclusive": False}}, "NOT amount > 0"),
    ("amount", {"dbt_utils.accepted_range": {"max_value": "paid - 1"}}, "NOT amount <= paid - 1"),
    (
        None,
        {"dbt_utils.unique_combination_of_columns": {"combination_of_columns": ["kind", "code"]}},
        "EXISTS (SELECT 1 FROM t o WHERE o.p <> t.p AND o.kind IS NOT DISTINCT FROM t.kind AND o.code = t.code)",
    ),
    (
        None,
        {"dbt_utils.unique_combination_of_columns": {"combination_of_columns": ["kind"], "where": "id > 4"}},
        "id > 4 AND EXISTS (SELECT 1 FROM t o WHERE o.p <> t.p AND o.id > 4 AND o.kind IS NOT DISTINCT FROM t.kind)",
    ),
    (
        "code",
        {"dbt_utils.relationships_where": {"to": "ref('codes')", "field": "code", "from_condition": "code <> 0",
                                           "to_condition": "domain = 'x' or domain is null"}},
        "code <> 0 AND code NOT IN (SELECT code FROM codes WHERE domain = 'x' OR domain IS NULL)",
    ),
    ("state", {"dbt_utils.not_accepted_values": {"values": ["N/A", ""]}}, "state IN ('N/A', '')"),
    ("state", "dbt_utils.not_empty_string", "trim(translate(state, chr(9) || chr(10) || chr(13), '   ')) = ''"),
    ("state", {"dbt_utils.not_empty_string": {"trim_whitespace": False}}, "state = ''"),
    ("zip", {"dbt_utils.not_null_proportion": {"at_least": 0.5}}, "zip IS NULL"),
    # dbt_expectations
    ("zip", "dbt_expectations.expect_column_values_to_not_be_null", "zip IS NULL"),
    (
        "zip",
        {"dbt_expectations.expect_column_values_to_not_be_null": {"row_condition": "id < 3"}},
        "zip IS NULL AND id < 3",
    ),
    ("zip", "dbt_expectations.expect_column_values_to_be_null", "zip IS NOT NULL"),
    ("zip", "dbt_expectations.expect_column_values_to_be_unique",
     "zip IN (SELECT zip FROM t WHERE zip IS NOT NULL GROUP BY zip HAVING count(*) > 1)"),
    (
        None,
        {"dbt_expectations.expect_compound_columns_to_be_unique": {"column_list": ["kind", "code"]}},
        "EXISTS (SELECT 1 FROM t o WHERE o.p <> t.p AND o.kind IS NOT DISTINCT FROM t.kind AND o.code = t.code)",
    ),
    (
        None,
        {"dbt_expectations.expect_compound_columns_to_be_unique":
            {"column_list": ["kind", "code"], "ignore_row_if": "any_value_is_missing"}},
        "EXISTS (SELECT 1 FROM t o WHERE o.p <> t.p AND o.kind = t.kind AND o.code = t.code)",
    ),
    (
        "state",
        {"dbt_expectations.expect_column_values_to_be_in_set": {"value_set": ["open", "closed"]}},
        "NOT EXISTS (SELECT 1 FROM (VALUES ('open'), ('closed')) s(v) WHERE s.v = state)",  # a null joins with none
    ),
    (
        "state",
        {"dbt_expectations.expect_column_values_to_be_in_set":
            {"value_set": ["open"], "row_condition": "state is not null"}},
        "state <> 'open'",
    ),
    ("state", {"dbt_expectations.expect_column_values_to_not_be_in_set": {"value_set": ["N/A"]}}, "state = 'N/A'"),
    (
        "amount",
        {"dbt_expectations.expect_column_values_to_be_between": {"min_value": 0, "max_value": 5, "strictly": True}},
        "NOT ((amount > 0 AND amount < 5) = true)",
    ),
    (
        "amount",
        {"dbt_expectations.expect_column_values_to_be_between": {"min_value": 0, "row_condition": "kind = 'a'"}},
        "NOT (amount >= 0) AND kind = 'a'",
    ),
    (
        "zip",
        {"dbt_expectations.expect_column_value_lengths_to_be_between": {"min_value": 1, "max_value": 5}},
        "NOT (length(zip) >= 1 AND length(zip) <= 5)",
    ),
    ("zip", {"dbt_expectations.expect_column_value_lengths_to_be_between": {"max_value": 5, "strictly": True}},
     "NOT length(zip) < 5"),
    ("zip", {"dbt_expectations.expect_column_value_lengths_to_equal": {"value": 5}}, "NOT length(zip) = 5"),
    (
        "zip",
        {"dbt_expectations.expect_column_values_to_match_regex": {"regex": "^[0-9]{5}$"}},
        "NOT regexp_matches(zip, '^[0-9]{5}$')",
    ),
    (
        "zip",
        {"dbt_expectations.expect_column_values_to_not_match_regex": {"regex": "[A-Z]", "flags": "i"}},
        "regexp_matches(zip, '[A-Z]', 'i')",
    ),
    (
        "zip",
        {"dbt_expectations.expect_column_values_to_match_regex_list":
            {"regex_list": ["^[0-9]+$", "^N"], "match_on": "any"}},
        "NOT (regexp_matches(zip, '^[0-9]+$') OR regexp_matches(zip, '^N'))",
    ),
    ("zip", {"dbt_expectations.expect_column_values_to_match_like_pattern": {"like_pattern": "1%"}},
     "zip NOT LIKE '1%'"),
    (
        None,
        {"dbt_expectations.expect_column_pair_values_A_to_be_greater_than_B":
            {"column_A": "amount", "column_B": "paid", "or_equal": True}},
        "NOT (amount >= paid)",
    ),
    (
        None,
        {"dbt_expectations.expect_column_pair_values_to_be_equal": {"column_A": "amount", "column_B": "paid"}},
        "NOT (amount = paid)",
    ),
    (None, {"dbt_expectations.expression_is_true": {"expression": "amount > 0 and kind = 'a'"}},
     "NOT (amount > 0 AND kind = 'a')"),
]  # fmt: skip


def schema(test, column=None, key="data_tests"):
    if column is None:
        return yaml.dump({"models": [{"name": "visits", key: [test]}]})
    return yaml.dump({"models": [{"name": "visits", "columns": [{"name": column, key: [test]}]}]})


def by_duckdb(selects, visits=VISITS):
    con = duckdb.connect()
    con.register("t", visits.reset_index(drop=True).rename_axis("p").reset_index())
    con.register("codes", CODES)
    found = {row for (row,) in con.execute(f"SELECT p FROM t WHERE {selects}").fetchall()}  # noqa: S608  # ours
    return [row in found for row in range(len(visits))]


def flagged(text, visits=VISITS):
    (result,) = load_rules(text, "dbt").evaluate({"visits": visits, "codes": CODES}).results
    return result.fail.tolist()


def all_flagged(visits):
    """Flags of every case, from one file, so that all SQL takes one process."""
    tests = [(column, {**named(test), "name": str(place)}) for place, (column, test, _) in enumerate(ROWS)]
    node = {
        "name": "visits",
        "tests": [test for column, test in tests if column is None],
        "columns": [{"name": column, "tests": [test]} for column, test in tests if column is not None],
    }
    rules = load_rules(yaml.dump({"models": [node]}), "dbt")
    results = rules.evaluate({"visits": visits, "codes": CODES}).results
    return {result.rule.id: result.fail.tolist() for result in results}


def named(test):
    return {test: {}} if isinstance(test, str) else test


@pytest.fixture(scope="module")
def flags():
    return all_flagged(VISITS)


@pytest.mark.parametrize("place", range(len(ROWS)), ids=[f"{c}: {t}"[:70] for c, t, _ in ROWS])
def test_rows_are_those_the_compiled_sql_selects(place, flags):
    column, test, selects = ROWS[place]
    expected = by_duckdb(selects)

    for key in ("tests", "data_tests"):
        rules = load_rules(schema(test, column, key), "dbt")
        assert [entry.status for entry in rules.coverage()] == ["exact"]

    assert flags[str(place)] == expected
    assert 0 < sum(expected) < len(VISITS), "the case tells nothing"


def test_permuted_rows_permute_the_flags(flags):
    order = np.random.default_rng(3).permutation(len(VISITS))

    permuted = all_flagged(VISITS.iloc[order])

    assert permuted == {rule_id: [found[place] for place in order] for rule_id, found in flags.items()}


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["1", "2", "", None]), st.sampled_from(["a", "b", None])), min_size=1))
def test_unique_and_accepted_values_under_where_on_any_rows(rows):
    visits = pd.DataFrame(rows, columns=["zip", "kind"], dtype="str")
    cases = [
        ({"unique": {"where": "kind = 'a'"}},
         "kind = 'a' AND zip IN (SELECT zip FROM t WHERE kind = 'a' GROUP BY zip HAVING count(*) > 1)"),
        ({"accepted_values": {"values": ["1"], "where": "kind <> 'a'"}}, "kind <> 'a' AND zip NOT IN ('1')"),
    ]  # fmt: skip
    for test, selects in cases:
        assert flagged(schema(test, "zip"), visits) == by_duckdb(selects, visits)


TABLES = [  # test, whether dbt finds a failure, by hand: 8 rows, 7 columns; 5 distinct zips, one null; amounts -1 to 10
    (None, {"dbt_expectations.expect_table_row_count_to_be_between": {"min_value": 1, "max_value": 8}}, False),
    (None, {"dbt_expectations.expect_table_row_count_to_equal": {"value": 9}}, True),
    (None, {"dbt_expectations.expect_table_column_count_to_equal": {"value": 7}}, False),
    ("zip", "dbt_expectations.expect_column_to_exist", False),
    ("zap", "dbt_expectations.expect_column_to_exist", True),
    ("zip", {"dbt_expectations.expect_column_unique_value_count_to_be_between": {"min_value": 6}}, False),
    ("zip", {"dbt_expectations.expect_column_unique_value_count_to_be_between": {"min_value": 7}}, True),
    ("amount", {"dbt_expectations.expect_column_max_to_be_between": {"max_value": 10, "strictly": True}}, True),
    ("amount", {"dbt_expectations.expect_column_min_to_be_between": {"min_value": -1}}, False),
    ("amount", {"dbt_expectations.expect_column_sum_to_be_between": {"min_value": 17, "max_value": 17}}, False),
    (
        "amount",
        {"dbt_expectations.expect_column_sum_to_be_between": {"max_value": 4, "row_condition": "kind is null"}},
        True,
    ),
    ("zip", "dbt_utils.at_least_one", False),
    ("zip", {"dbt_utils.not_null_proportion": {"at_least": 0.875}}, False),  # one of eight is null
    ("zip", {"dbt_utils.not_null_proportion": {"at_least": 0.88}}, True),
    ("zip", {"dbt_utils.not_null_proportion": {"at_least": 0.5, "at_most": 0.8}}, True),
    ("zip", {"dbt_expectations.expect_column_distinct_count_to_be_greater_than": {"value": 5}}, False),
    ("zip", {"dbt_expectations.expect_column_distinct_count_to_be_less_than": {"value": 6}}, True),
]


@pytest.mark.parametrize(("column", "test", "alert"), TABLES, ids=[f"{c}: {t}"[:80] for c, t, _ in TABLES])
def test_tables_as_a_whole(column, test, alert):
    (result,) = load_rules(schema(test, column), "dbt").evaluate(VISITS).results

    assert result.alert is alert


def test_a_column_without_a_value_is_where_not_constant_differs():
    """The test selects a column that has exactly one value; the translation also reports one that has none."""
    nothing = pd.DataFrame({"zip": pd.Series([None, None], dtype="str")})
    rules = load_rules(schema("dbt_utils.not_constant", "zip"), "dbt")

    assert [(entry.status, entry.reason) for entry in rules.coverage()] == [
        ("approximate", "a column without any value passes there, here it does not")
    ]
    assert rules.evaluate(nothing).results[0].alert
    assert rules.evaluate(pd.DataFrame({"zip": ["1", "1"]})).results[0].alert
    assert not rules.evaluate(VISITS).results[0].alert


def test_a_list_of_types_reads_every_value_where_dbt_looks_at_the_column():
    """A column of texts that all read as dates fails dbt's test and passes the translation."""
    test = {"dbt_expectations.expect_column_values_to_be_in_type_list": {"column_type_list": ["date", "timestamp"]}}
    rules = load_rules(schema(test, "day"), "dbt")

    (result,) = rules.evaluate(pd.DataFrame({"day": ["2031-01-01", "2031-01-01 10:00:00", None, "soon", ""]})).results

    assert rules.coverage()[0].status == "approximate"
    assert result.fail.tolist() == [False, False, False, True, True]


def test_a_macro_of_another_package_may_do_otherwise_than_its_name_says():
    """Read as dbt_expectations' test of that name, said so; a macro that measures with LEN counts no spaces at the end.

    Some projects give such a macro a body of their own for one engine, where LEN('1234 ') is 4.
    """
    records = pd.DataFrame({"zip": ["12345", "1234 ", "1234", None]})
    test = {"the_project.expect_column_value_lengths_to_equal": {"value": 5}}
    rules = load_rules(schema(test, "zip"), "dbt")
    ours = rules.evaluate(records).results[0].fail.tolist()
    named = schema({"dbt_expectations.expect_column_value_lengths_to_equal": {"value": 5}}, "zip")

    (entry,) = rules.coverage()
    own_body = duckdb.sql("SELECT length(rtrim(zip)) <> 5 AS bad FROM records").df()["bad"].fillna(False).tolist()

    assert (entry.status, entry.reason) == (
        "approximate", "the_project is not in the file; read as the test of that name of dbt_expectations"
    )  # fmt: skip
    assert ours == load_rules(named, "dbt").evaluate(records).results[0].fail.tolist() == [False, False, True, False]
    assert own_body == [False, True, True, False]


THRESHOLDS = [  # config, limits
    ({"severity": "warn"}, "warning", ()),
    ({"error_if": ">10"}, "error", (Limit(10, "rows"), Limit(0, "rows", "warning"))),
    ({"error_if": ">= 10", "warn_if": ">5"}, "error",
     (Limit(10, "rows", inclusive=True), Limit(5, "rows", "warning"))),
    ({"severity": "warn", "warn_if": ">5", "error_if": ">10"}, "warning", (Limit(5, "rows", "warning"),)),
    ({"warn_if": "!=0"}, "error", (Limit(0, "rows"), Limit(0, "rows", "warning"))),
]  # fmt: skip


@pytest.mark.parametrize(("config", "severity", "limits"), THRESHOLDS)
def test_thresholds_stand_beside_the_mask(config, severity, limits):
    for test in ({"not_null": {"config": config}}, {"not_null": config}):
        rules = load_rules(schema(test, "zip"), "dbt")

        (rule,) = rules.rules
        assert (rule.severity, rule.limits) == (severity, limits)
        assert rules.coverage()[0].status == "exact"
        assert rules.evaluate(VISITS).results[0].fail.sum() == 1


def test_thresholds_on_repeated_values_count_values_there_and_rows_here():
    """Two rows with one repeated id: one failure for dbt, which is not above 1; two failing rows here, which are."""
    rules = load_rules(schema({"unique": {"config": {"error_if": ">1", "warn_if": ">1"}}}, "id"), "dbt")

    (entry,), (result,) = rules.coverage(), rules.evaluate(VISITS).results

    assert entry.status == "approximate"
    assert "count repeated values there, rows here" in entry.reason
    assert (result.fail.sum(), result.alert) == (2, True)


UNSUPPORTED = [
    ("zip", "the_project.is_nice", "not known"),
    ("zip", "is_nice", "not known"),
    ("zip", {"not_null": {"config": {"where": "d > {{ run_started_at }}"}}}, "only literals and var"),
    ("zip", {"not_null": {"config": {"enabled": "{{ env_var('X') }}"}}}, "whether it is enabled is not known"),
    ("zip", {"not_null": {"config": {"where": "id in (select id from t)"}}}, "a query"),
    ("zip", {"not_null": {"config": {"where": "read_text('x') = ''"}}}, "function read_text"),
    ("zip", {"not_null": {"sometimes": True}}, "argument 'sometimes'"),
    (None, {"dbt_utils.equal_rowcount": {"compare_model": "ref('x')"}}, "of another"),
    ("zip", {"accepted_values": {"values": ["a+b"], "quote": False}}, "an expression"),
    ("lower(zip)", "unique", "an expression"),
    ("zip", {"dbt_expectations.expect_column_values_to_match_regex": {"regex": "x", "flags": "mx"}}, "flags"),
]


@pytest.mark.parametrize(("column", "test", "said"), UNSUPPORTED, ids=[str(t)[:60] for _, t, _ in UNSUPPORTED])
def test_what_has_no_translation_is_listed_with_its_reason_and_line(column, test, said):
    text = schema(test, column)
    both = yaml.safe_load(text)
    both["models"][0].setdefault("columns", []).append({"name": "id", "tests": ["not_null"]})

    with pytest.raises(RuleError, match="cannot be translated"):
        load_rules(text, "dbt")
    entries = load_rules(yaml.dump(both), "dbt", on_unsupported="skip").coverage()

    lost = [entry for entry in entries if entry.status == "unsupported"]
    assert len(entries) == 2
    assert len(lost) == 1
    assert said in lost[0].reason
    assert "line" in lost[0].place


BROKEN = [
    ({"accepted_values": {}}, "values"),
    ({"accepted_values": {"values": "open"}}, "must be a list"),
    ({"relationships": {"to": "ref('codes')"}}, "has no 'field'"),
    ({"relationships": {"to": "codes()", "field": "code"}}, "names no table"),
    ({"not_null": {"config": {"severity": "fatal"}}}, "severity"),
    ({"not_null": 3}, "must be a mapping"),
    ({"not_null": {}, "unique": {}}, "one test has one name"),
    (7, "a test is a name"),
]


@pytest.mark.parametrize(("test", "said"), BROKEN, ids=[str(row[0]) for row in BROKEN])
def test_a_broken_test_is_an_error_and_the_others_go_on(test, said):
    text = yaml.dump({"models": [{"name": "visits", "columns": [{"name": "zip", "tests": [test, "not_null"]}]}]})

    rules = load_rules(text, "dbt", on_unsupported="skip")

    assert sorted(entry.status for entry in rules.coverage()) == ["error", "exact"]
    (broken,) = [entry for entry in rules.coverage() if entry.status == "error"]
    assert said in broken.reason
    assert len(rules.rules) == 1


def test_everything_that_has_tests_is_read():
    """Models, versions, seeds, snapshots and sources; the tests of tables and of columns; constraints."""
    columns = [{"name": "zip", "tests": ["not_null"], "constraints": [{"type": "not_null"}]}]
    node = {"name": "one", "tests": [{"unique": {"column_name": "zip"}}], "columns": columns,
            "constraints": [{"type": "primary_key", "columns": ["id"]},
                            {"type": "check", "expression": "id > 1"}]}  # fmt: skip
    text = yaml.dump({
        "version": 2,
        "models": [node, {"name": "two", "versions": [{"v": 2, "columns": columns}]}],
        "seeds": [{**node, "name": "three"}],
        "snapshots": [{**node, "name": "four"}],
        "sources": [{"name": "raw", "tables": [{**node, "name": "five"}]}],
    })  # fmt: skip

    rules = load_rules(text)

    assert rules.format == "dbt"
    assert [rule.system for rule in rules.rules] == [
        *["one"] * 5, *["two.v2"] * 2, *["three"] * 5, *["four"] * 5, *["five"] * 5
    ]  # fmt: skip
    assert {entry.status for entry in rules.coverage()} == {"exact"}


def test_a_test_with_a_name_of_its_own():
    text = schema({"name": "zip_is_given", "test_name": "not_null", "config": {"where": "id > 1"}}, "zip")

    assert [rule.id for rule in load_rules(text).rules] == ["zip_is_given"]


def test_a_test_that_is_off_is_exact_and_flags_nothing():
    text = yaml.dump({"models": [{"name": "visits", "columns": [{"name": "zip", "tests": [
        {"not_null": {"config": {"enabled": "{{ var('strict', false) | as_bool }}"}}}, "unique",
    ]}]}]})  # fmt: skip

    rules = load_rules(text)

    assert [(entry.id, entry.status) for entry in rules.coverage()] == [
        ("visits.zip.not_null", "exact"), ("visits.zip.unique", "exact"),
    ]  # fmt: skip
    assert [rule.id for rule in rules.rules] == ["visits.zip.unique"]


TEMPLATES = [
    ("{{ var('x', 3) }}", 3),
    ("{{ var('x', 'a') }}", "a"),
    ("{{ not var('x', false) }}", True),
    ("{{ (target.type != 'fabric') and var('x', true) | as_bool }}", True),
    ("{{ [1, 'b'] }}", [1, "b"]),
    ("{{ -1 }}", -1),
    ("{{- 1 -}}", 1),
    ("plain", "plain"),
    (["{{ 1 }}"], [1]),
]


@pytest.mark.parametrize(("given_text", "value"), TEMPLATES, ids=str)
def test_templates_that_say_a_value(given_text, value):
    assert plain(given_text) == value


@pytest.mark.parametrize(
    "template",
    ["{{ var('x') }}", "{{ ref('x') }}", "{{ x }}", "{% if 1 %}a{% endif %}", "a {{ 1 }}", "{{ 1 }}{{ 2 }}", "{{ }}",
     "{{ __import__('os').system('true') }}", "{{ ''.__class__ }}", "{{ (1).real }}", "{{ 9 ** 9 ** 9 }}",
     "{{ 1 | x }}"],
)  # fmt: skip
def test_every_other_template_is_refused(template):
    with pytest.raises(RuleError, match="only literals and var"):
        plain(template)
