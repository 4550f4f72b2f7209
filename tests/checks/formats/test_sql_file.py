"""A file of SQL predicates: conditions that must hold, and queries for what fails."""

import duckdb
import pandas as pd
import pytest

from checks import load_rules
from synth.errors import RuleError

VISITS = pd.DataFrame(
    {
        "zip": ["12345", "1234", None, "", "12345", " "],
        "state": ["open", "draft", None, "", "N/A", "open"],
        "opened": [1, 5, 3, 2, None, 4],
        "closed": [2, 1, None, 2, 3, 9],
    },
    index=[2, 2, 0, 0, 1, 1],
)
CONDITIONS = [  # a bare condition and how a query would ask for what fails
    "zip IS NOT NULL",
    "state IN ('open', 'closed', 'a', 'b', 'c', 'd')",
    "opened <= closed",
    "opened <= closed AND state <> 'draft'",
    "regexp_matches(zip, '^[0-9]{5}$')",
    "length(state) > 0 AND state <> 'N/A'",
    "coalesce(opened, 0) + closed > 3",
    "CASE WHEN state = 'open' THEN closed > 2 ELSE true END",
    "zip LIKE '12%' ; ",
    "state NOT IN (';', 'N/A') -- a semicolon in quotes",
    "opened >= /* ; */ 2",
]


def by_duckdb(where):
    con = duckdb.connect()
    con.register("t", VISITS.reset_index(drop=True).rename_axis("p").reset_index())
    found = {row for (row,) in con.execute(f"SELECT p FROM t WHERE {where}").fetchall()}  # noqa: S608  # ours
    return [row in found for row in range(len(VISITS))]


def test_conditions_and_queries_flag_what_duckdb_returns():
    """`WHERE NOT (condition)`: a condition that is null for a row does not fail it, nor does a query return it."""
    plain = [condition.partition("--")[0].strip(" ;") for condition in CONDITIONS]
    conditions = "\n".join(f"-- id: c{n}\n{text}\n;" for n, text in enumerate(CONDITIONS))
    queries = "\n".join(f"-- id: q{n}\nSELECT * FROM visits WHERE NOT ({text});" for n, text in enumerate(plain))

    rules = load_rules(conditions + "\n" + queries, "sql")
    results = rules.evaluate(VISITS).results

    assert [rule.id for rule in rules.rules] == [f"{kind}{n}" for kind in "cq" for n in range(len(CONDITIONS))]
    for result, text in zip(results, plain * 2, strict=True):
        assert result.fail.tolist() == by_duckdb(f"NOT ({text})"), result.rule.id
        assert any(result.fail)


def test_what_stands_above_a_statement():
    text = """-- rules for a small form
-- dialect: postgres
-- severity: warning

-- id: one
-- description: the code has five digits: all of them
-- a remark with a colon: it is not read
zip ~ '^[0-9]{5}$';

-- id: two
-- severity: error
-- system: archive
-- dialect: tsql
[closed] > 1

-- id: three
SELECT v.zip, 1 AS one FROM visits AS v WHERE v.opened > v.closed;
closed > opened
"""
    rules = load_rules(text, "sql")

    assert [(rule.id, rule.severity, rule.system, rule.predicate.dialect) for rule in rules.rules] == [
        ("one", "warning", None, "postgres"),
        ("two", "error", "archive", "tsql"),
        ("three", "warning", "visits", "postgres"),
        ("rules-4", "warning", None, "postgres"),
    ]
    assert rules.rules[0].description == "the code has five digits: all of them"
    assert [entry.place for entry in rules.coverage()] == ["line 8", "line 14", "line 17", "line 18"]


UNSUPPORTED = [
    ("select 1", "one table WHERE"),
    ("select 1 where true", "one table WHERE"),
    ("select * from visits", "one table"),
    ("select * from visits v join other o on v.a = o.a where v.x > 1", "joins"),
    ("select zip, count(*) from visits where zip is not null group by zip", "group"),
    ("select count(*) from visits where zip is null", "works something out"),
    ("select * from visits where zip is null limit 5", "limit"),
    ("select * from (select * from visits) where zip is null", "one table"),
    ("with v as (select 1) select * from v where a > 1", "with"),
    ("select * from a where x > 1 union select * from b where x > 1", "one table"),
]
REFUSED = [
    ("select * from visits where zip in (select zip from other)", "a query"),
    ("select * from visits where read_text('x') = ''", "function read_text"),
    ("select * from read_csv('x') where a > 1", "one table"),
    ("copy visits to 'x'", "a statement"),
    ("drop table visits", "a statement"),
    ("zip >", "cannot be read"),
    ("zip = 'open", "cannot be read"),
]


@pytest.mark.parametrize(("text", "said"), UNSUPPORTED + REFUSED, ids=[row[0] for row in UNSUPPORTED + REFUSED])
def test_other_statements_are_listed_with_reason_and_line(text, said):
    whole = f"-- id: fine\nzip is not null;\n\n-- id: lost\n{text}"

    with pytest.raises(RuleError, match="1 of 2 rules cannot be translated"):
        load_rules(whole, "sql")
    fine, lost = load_rules(whole, "sql", on_unsupported="skip").coverage()

    assert (fine.status, lost.id) == ("exact", "lost")
    assert lost.status in {"unsupported", "error"}
    assert said in lost.reason
    assert lost.place == "line 5"
    assert "\n" not in lost.reason


def test_a_dialect_that_compares_otherwise_is_approximate_and_differs_in_one_row():
    """MySQL's usual collation takes OPEN for open; here the row fails."""
    rules = load_rules("-- dialect: mysql\n-- id: state\nstate = 'open'", "sql")

    (entry,), (result,) = rules.coverage(), rules.evaluate(pd.DataFrame({"state": ["open", "OPEN", None]})).results

    assert (entry.status, result.fail.tolist()) == ("approximate", [False, True, False])
    assert "without case" in entry.reason


def test_a_misspelt_key_is_refused_with_its_line():
    with pytest.raises(RuleError, match=r"line 2: unknown key 'severty'. Did you mean 'severity'"):
        load_rules("-- id: one\n-- severty: warning\nzip is not null", "sql")


def test_a_file_is_known_by_its_ending(tmp_path):
    path = tmp_path / "form.sql"
    path.write_text("zip IS NOT NULL;\nopened > 0;\n", encoding="utf-8")

    rules = load_rules(path)

    assert (rules.format, rules.name, [rule.id for rule in rules.rules]) == ("sql", "form", ["form-1", "form-2"])


def test_an_id_that_is_given_twice_is_an_error():
    """Two statements of one name on two lines: the second is refused with both lines, or left out and listed."""
    text = "-- id: a\nzip is not null;\n-- id: a\nzip <> '';\n"

    with pytest.raises(RuleError, match=r"rule id 'a' is given twice \(first on line 2\)\. Rename one"):
        load_rules(text, "sql")
    kept, lost = load_rules(text, "sql", on_unsupported="skip").coverage()

    assert (kept.id, kept.status, lost.status, lost.place) == ("a", "exact", "error", "line 4")


def test_a_function_in_a_query_keeps_the_case_it_was_written_in():
    """The reason names it as the file does."""
    with pytest.raises(RuleError, match="function read_text is not among"):
        load_rules("select * from visits where read_text('x') = '';\n", "sql")


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("bigquery", r"zip <> 'a\';b'"),
        ("mysql", r"zip <> 'a\';b'"),
        ("duckdb", "zip <> 'a'';b'"),
        ("tsql", "[zip;it's] <> 'x'"),
        ("sqlite", "[zip;it's] <> 'x'"),
    ],
)
def test_a_semicolon_in_quotes_ends_nothing_in_any_dialect(dialect, sql):
    """Quotes end as they do in the dialect: doubled, after a backslash, in brackets."""
    rules = load_rules(f"-- dialect: {dialect}\n-- id: a\n{sql};\n-- id: b\nzip is not null;\n", "sql")

    assert [rule.id for rule in rules.rules] == ["a", "b"]
    assert rules.rules[0].predicate.sql == sql


def test_a_cast_to_the_longest_text_is_read():
    """VARCHAR(MAX) of SQL Server is any text; VARCHAR(2) cuts there and not here, and that is said."""
    rules = load_rules("-- dialect: tsql\n-- id: a\nCAST(zip AS VARCHAR(MAX)) <> CAST(st AS NVARCHAR(2));\n", "sql")
    records = pd.DataFrame({"zip": ["abc", "ab"], "st": ["abc", "abc"]})

    assert rules.evaluate(records).results[0].fail.tolist() == [True, False]  # there: [False, True]
    assert "cuts the text there" in rules.coverage()[0].reason
