"""SQL conditions: what may be written, what is refused, and what DuckDB gets."""

import time
from contextlib import suppress

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import load_rules
from checks.sql_expression import DIALECTS, for_duckdb, known_dialect, read_expression
from synth.errors import RuleError

DEEP = 3_000
REFUSED = [  # what is written, and a part of what is said
    ("read_csv('x.csv')", "function read_csv"),
    ("read_parquet('x') = 1", "function read_parquet"),
    ("read_text('x') = 'y'", "function read_text"),
    ("glob('*') = 'y'", "function glob"),
    ("(select content from read_text('x')) = 'y'", "a query"),
    ("a in (select b from t)", "a query"),
    ("exists (select 1)", "function exists"),
    ("a > all (select 1)", "a query"),
    ("a = (with recursive t(x) as (select 1 union all select x + 1 from t) select max(x) from t)", "a query"),
    ("select 1", "a query"),
    ("select true from t", "a query"),
    ("a = 1 union select 1", "a query"),
    ("attach 'x' as y", "a statement"),
    ("copy t to 'x'", "a statement"),
    ("install httpfs", "INSTALL"),
    ("load httpfs", "a statement"),
    ("create table x (a int)", "a statement"),
    ("drop table x", "a statement"),
    ("insert into t values (1)", "a statement"),
    ("set threads = 8", "a statement"),
    ("pragma version", "a statement"),
    ("a = 1; drop table t", "2 statements"),
    ("a = 1;; select 1", "2 statements"),
    ("", "is empty"),
    ("-- all is well", "is empty"),
    ("a = 1) from read_csv('x') --", "cannot be read"),
    ("a = 1 /* open", "cannot be read"),
    ("a = 'open", "cannot be read"),
    ("list_sort(range(100000000))[1] = 0", "'LIST_SORT(RANGE(0, 100000000))[1]' has no place"),
    ("length(repeat('x', 1000000000)) > 1", "function repeat"),
    ("lpad(a, 1000000000, 'x') = 'b'", "function lpad"),
    ("levenshtein(a, b) > 1", "function levenshtein"),
    ("getenv('HOME') = 'x'", "function getenv"),
    ("current_setting('memory_limit') = 'x'", "function current_setting"),
    ("current_user = 'x'", "'CURRENT_USER()' is not among"),
    ("random() > 0.5", "function rand"),
    ("pg_sleep(100) is null", "function pg_sleep"),
    ("query('select 1') = 1", "function query"),
    ("count(*) > 1", "function count"),
    ("count(*) over () > 1", "a window"),
    ("columns(*) > 1", "function columns"),
    ("a = ?", "a parameter"),
    ("a = $1", "a parameter"),
    ("[x for x in range(3)] = [1]", "'[x FOR x IN RANGE(0, 3)]' is not among"),
    ("a::int[100000000] is null", "type ARRAY"),
    ("x.t.a = 1", "names a table elsewhere"),
    ("t.a = u.b", "names two tables (t, u)"),
    ("a = '{{ env_var(1) }}'", "holds a template"),
    ("a = '\x00'", "NUL"),
    ("(" * DEEP + "a" + ")" * DEEP, "nest deeper than 100"),
    ("not " * DEEP + "a", "nests too deeply"),
    ("- " * DEEP + "a > 1", "nests too deeply"),
    ("case when " * 1_500 + "a", "nests too deeply"),
    ("a = 1" + " or a = 1" * 12_000, "at most 20,000 are read"),
    ("a in (" + ",".join("1" for _ in range(9_000)) + ")", "more than 4,000 parts"),
]


@pytest.mark.parametrize(("written", "said"), REFUSED, ids=[row[0][:40] or "nothing" for row in REFUSED])
def test_what_is_more_than_a_condition_on_one_row_is_refused_in_one_line(written, said):
    began = time.monotonic()

    with pytest.raises(RuleError) as problem:
        read_expression(written)

    message = str(problem.value)
    assert said in message
    assert "\n" not in message
    assert len(message) < 300
    assert time.monotonic() - began < 5


def test_what_duckdb_gets_holds_no_comment_and_no_column_name_of_the_source():
    expression = read_expression('"a""; drop" = 1 /* x */ and b <> \')--\' -- end')

    written, unreadable = for_duckdb(expression, {}, {'a"; drop': "c0", "b": "c1"})

    assert expression.fields == ('a"; drop', "b")
    assert written == '"c0" = 1 AND "c1" <> \')--\''
    assert unreadable == "FALSE"


DIALECT_CASES = [  # dialect, condition, what it says of the rows below (n: null), counted by hand
    ("duckdb", "name like 'a%'", "TFnF"),
    ("postgres", "name ~ '^[ab]$'", "TTnF"),
    ("postgres", "name ~* '^A$'", "TFnF"),
    ("snowflake", "regexp_like(name, 'a')", "TFnF"),
    ("snowflake", "iff(name = 'a', true, false)", "TFFF"),
    ("spark", "name rlike 'a'", "TFnT"),
    ("bigquery", "regexp_contains(name, r'a')", "TFnT"),
    ("bigquery", "safe_cast(name as int64) is null", "TTTT"),
    ("tsql", "len([name]) > 1 and isnull([name], '') <> ''", "FFFT"),
    ("mysql", '`name` = "a"', "TFnF"),
    ("redshift", "nvl(name, 'z') in ('z', 'b')", "FTTF"),
    ("databricks", "amount between 1 and 2", "TnTF"),
    ("trino", "coalesce(amount, 0) > 0", "TFTT"),
    ("sqlite", "amount is not null", "TFTT"),
    ("duckdb", "amount is distinct from 1", "FTTT"),
    ("duckdb", "not (amount > 1)", "TnFF"),
    ("duckdb", "amount > 1 or name = 'a'", "TnTT"),
    ("duckdb", "t.amount > 1", "FnTT"),
]


@pytest.mark.parametrize(("dialect", "written", "expected"), DIALECT_CASES, ids=[c[1] for c in DIALECT_CASES])
def test_conditions_of_other_dialects_mean_the_same_in_duckdb(dialect, written, expected):
    rows = [("a", 1), ("b", None), (None, 2), ("za", 3)]
    condition, _ = for_duckdb(read_expression(written, dialect), {}, {"name": "c0", "amount": "c1"})

    con = duckdb.connect()
    con.execute("CREATE TABLE t (p INT, c0 VARCHAR, c1 INT)")
    con.executemany("INSERT INTO t VALUES (?, ?, ?)", [(place, *row) for place, row in enumerate(rows)])
    got = con.execute(f"SELECT ({condition}) FROM t ORDER BY p").fetchall()  # noqa: S608  # vetted

    assert "".join({True: "T", False: "F", None: "n"}[value] for (value,) in got) == expected


DIFFERENT = [
    ("mysql", "a = 'x'", "without case"),
    ("tsql", "a in ('x')", "without case"),
    ("postgres", "a / b > 1", "divides whole numbers"),
    ("tsql", "a like '[0-9]%'", "set of characters"),
    ("postgres", r"a like '10\%'", "backslash"),
    ("oracle", "a <> ''", "empty text is null"),
    ("duckdb", "a <= current_date", "the day it is run"),
    ("duckdb", "a = 'x' and b / 2 > 1", ""),
    ("postgres", "a = 'x'", ""),
]


@pytest.mark.parametrize(("dialect", "written", "said"), DIFFERENT)
def test_where_another_engine_may_see_other_rows_it_is_said(dialect, written, said):
    differs = read_expression(written, dialect).differs

    assert said in differs
    assert bool(differs) == bool(said)


READINGS = [  # condition, kinds of its columns, which of them are read as numbers (N), dates (D) or taken as they are
    ("a > 0", "text", "N"),
    ("0 < a", "text", "N"),
    ("a = '0'", "text", "."),
    ("a = 0", "number", "."),
    ("a in (1, 2)", "text", "N"),
    ("a in ('1', '2')", "number_text", "."),
    ("a between -1 and 2", "text", "N"),
    ("coalesce(a, 0) > 0", "text", "N"),
    ("coalesce(a, b) > 0", "text text", "NN"),
    ("coalesce(a, 'x') > b", "text text", ".."),
    ("a <= b", "number_text number_text", "NN"),
    ("a <= b", "number_text text", ".."),
    ("a <= b", "text number", "N."),
    ("a + b > 3", "text text", "NN"),
    ("length(a) > 3", "text", "."),
    ("a like '1%'", "number_text", "."),
    ("a is null", "text", "."),
    ("a > current_date", "date_text", "D"),
    ("a <= b", "text date", "D."),
    ("year(a) > 2000", "text", "D"),
    ("case when a = 'x' then b else 0 end > 3", "text text", ".N"),
    ("abs(a) > 3", "text", "N"),
]


@pytest.mark.parametrize(("written", "kinds", "expected"), READINGS, ids=[f"{r[0]} on {r[1]}" for r in READINGS])
def test_a_column_of_texts_is_read_as_what_stands_beside_it(written, kinds, expected):
    expression = read_expression(written)
    given = dict(zip(("a", "b"), kinds.split(), strict=False))

    condition, unreadable = for_duckdb(expression, given, {"a": "c0", "b": "c1"})

    for name, letter in zip(("c0", "c1"), expected, strict=False):
        cast = f"TRY_CAST(NULLIF(TRIM(\"{name}\"), '') AS "
        assert (cast + "DOUBLE" in condition) == (letter == "N")
        assert (cast + "DATE" in condition or cast + "TIMESTAMP" in condition) == (letter == "D")
        assert (name in unreadable) == (letter != ".")


@given(st.text(max_size=60), st.sampled_from(DIALECTS))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text, dialect):
    with suppress(RuleError):
        expression = read_expression(text, dialect)
        for_duckdb(expression, {}, dict.fromkeys(expression.fields, "c0"))


def test_a_dialect_that_is_not_known_is_refused():
    assert known_dialect("SQLServer") == "tsql"
    with pytest.raises(RuleError, match=r"SQL dialect 'snowflke' is not known. Did you mean 'snowflake'"):
        read_expression("a = 1", "snowflke")


IN_PLAIN_WORDS = [
    ("listagg(a) = 'b'", "snowflake", "function listagg is not among those"),
    ("LPad (a, 3) = 'b'", "duckdb", "function LPad is not among those"),
    ("date_format(a, 'x') = 'b'", "mysql", "function date_format is not among those"),
    ("a -> 'x' = 'y'", "postgres", "\"a -> 'x'\" is not among what"),
    ("a & b > 1", "duckdb", "'a & b' has no place"),
    ("a AT TIME ZONE 'UTC' > b", "postgres", "\"a AT TIME ZONE 'UTC'\" has no place"),
    ("DROP TABLE x", "duckdb", "a statement has no place"),
    ("a IN b", "duckdb", "'a IN b' has no list; write IN (a, b)."),
    ("", "duckdb", "is empty; a rule is one condition."),
    ("a =", "duckdb", "cannot be read as duckdb: at '=' (line 1, column 3) something is missing."),
    ("(a > 1", "duckdb", "at '1' (line 1, column 6) a bracket is not closed."),
    ("a > 1)", "duckdb", "at ')' (line 1, column 6) stands something that is not expected."),
    ("a = 'x", "duckdb", "a quote or a comment is not closed."),
    ("CASE WHEN a THEN 1", "duckdb", "END is missing after CASE."),
]


@pytest.mark.parametrize(("sql", "dialect", "said"), IN_PLAIN_WORDS, ids=[row[0] for row in IN_PLAIN_WORDS])
def test_refusals_are_in_the_words_of_whoever_wrote_the_rule(sql, dialect, said):
    """A function by the name it was written with, anything else as it stands; no class of a library."""
    with pytest.raises(RuleError) as caught:
        read_expression(sql, dialect)

    assert said in str(caught.value)
    assert "sqlglot" not in str(caught.value)
    assert "<class" not in str(caught.value)


def test_a_reason_in_brackets_has_no_full_stop_of_its_own():
    """The whole message ends each sentence once."""
    with pytest.raises(RuleError) as caught:
        load_rules("sum(a) > 1;\n", "sql")

    assert ".)" not in str(caught.value)
    assert "function sum is not among those a rule may use). Leave" in str(caught.value)
