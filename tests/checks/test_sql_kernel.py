"""Rules that are SQL: three-valued, by position, on texts and on typed columns, and through the rule file."""

import numpy as np
import pandas as pd
import pytest

from checks import Rule, evaluate, sql_kernel
from checks.contained_sql import outcomes
from checks.predicates import AllOf, Expression, ForeignKey, Measure, Not, NotNull
from checks.rule_file import read_rule_file
from checks.rule_set import RuleSet
from synth.errors import RuleError

# The six rows of docs/rules.md: a good value, a bad one, null, the empty text, N/A, one space; x and two days beside.
SIX = pd.DataFrame(
    {
        "zip": ["12345", "1234", None, "", "N/A", " "],
        "st": ["open", "bad", None, "", "N/A", "closed"],
        "x": [1, -1, np.nan, 0, 5, 2],
        "d0": pd.to_datetime(["2031-01-01", "2031-01-09", None, "2031-01-01", None, "2031-01-02"]),
        "d1": pd.to_datetime(["2031-01-02", "2031-01-01", "2031-01-01", None, None, "2031-01-02"]),
    },
    index=[7, 7, 7, 1, 1, 0],
)
# Expected from the published matrix: `WHERE NOT (pass)` is native, `(pass) IS NOT TRUE` is fail.
MATRIX = [
    ("zip IS NOT NULL", "..X...", "..X..."),
    ("regexp_matches(zip, '^[0-9]{5}$')", ".X.XXX", ".XXXXX"),
    ("st IN ('open', 'closed')", ".X.XX.", ".XXXX."),
    ("zip NOT IN ('N/A')", "....X.", "..X.X."),
    ("x > 0", ".X.X..", ".XXX.."),
    ("d0 <= d1", ".X....", ".XXXX."),
]


def marks(mask):
    return "".join("X" if value else "." for value in mask)


@pytest.mark.parametrize(("sql", "native", "fail"), MATRIX, ids=[row[0] for row in MATRIX])
def test_the_six_rows(sql, native, fail):
    rules = [Rule("sql", Expression(sql))]

    assert marks(evaluate(rules, SIX).results[0].fail) == native
    assert marks(evaluate(rules, SIX, null_policy="ignore").results[0].fail) == native
    assert marks(evaluate(rules, SIX, null_policy="fail").results[0].fail) == fail


TEXTS = pd.DataFrame({"amount": ["5", "-3", None, " ", "many", "10"], "least": ["4", "4", "4", "4", "4", "9"]})


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("amount > 0", ".X..X."),
        ("amount > least", ".X.X.X"),  # `many` makes amount a column of texts: text order; '10' < '9', ' ' < '4'
        ("least >= 4", "......"),
        ("amount + 0 > least", ".X..X."),
        ("amount > 0 OR least = '4'", "......"),
        ("length(amount) < 3", "....X."),
    ],
)
def test_texts_of_a_csv_file_are_read_as_what_the_sql_takes_them_for(sql, expected):
    """What cannot be read is a failure where the outcome hangs on it; a blank is a null."""
    assert marks(evaluate([Rule("sql", Expression(sql))], TEXTS).results[0].fail) == expected


def test_sql_within_other_conditions_and_as_where_and_of():
    rules = [
        Rule("not", Not(Expression("x > 0"))),
        Rule("both", AllOf((Expression("x > 0"), NotNull("zip")))),
        Rule("where", NotNull("zip"), where=Expression("x IS NULL")),
        Rule("count", Measure("failing_count", of=Expression("x > 0"), max=1)),
    ]

    results = evaluate(rules, SIX).results

    assert [marks(result.fail) for result in results[:3]] == ["X...XX", ".XXX..", "..X..."]
    assert (results[3].measured, results[3].holds) == (2, False)


def test_a_key_is_looked_up_among_the_rows_that_count():
    rule = Rule(
        "key", ForeignKey(("code",), "codes", ("id",), Expression("kind = 'a'")), system="cases",
        where=Expression("code <> 0"),
    )  # fmt: skip
    records = {
        "cases": pd.DataFrame({"code": [1, 2, 3, 0, 9]}),
        "codes": pd.DataFrame({"id": [1, 2, 3], "kind": ["a", "b", None]}),
    }

    (result,) = evaluate([rule], records).results

    assert marks(result.fail) == ".XX.X"
    assert marks(result.evaluated) == "XXX.X"


def test_all_sql_of_a_table_takes_one_process(monkeypatch):
    tables = []
    monkeypatch.setattr(sql_kernel.contained_sql, "outcomes", lambda c, t: tables.append(t) or outcomes(c, t))
    rules = [Rule(f"r{n}", Expression(f"x > {n}"), where=Expression("zip IS NOT NULL")) for n in range(12)]

    evaluate(rules, SIX)

    assert [table.column_names for table in tables] == [["c0", "c1"]]


BROKEN = [
    ("y > 0", "rule 'sql': field 'y' is not in 'records'. Possible"),
    ("x >", "cannot be read as duckdb"),
    ("zip + x", "gives DOUBLE, not true or false"),
    ("CAST(zip AS INT) > 0", "Could not convert string '' to INT32"),
    ("CAST(zip AS INT) > 0", "It stands in row 4 of 'zip'. TRY_CAST makes null of what it cannot read"),
    ("read_text('x') = ''", "function read_text is not among those a rule may use"),
]


@pytest.mark.parametrize(("sql", "said"), BROKEN, ids=[row[0] for row in BROKEN])
def test_sql_that_cannot_be_evaluated_is_refused_in_one_line(sql, said):
    with pytest.raises(RuleError) as problem:
        evaluate([Rule("sql", Expression(sql)), Rule("fine", Expression("x > 0"))], SIX)

    assert said in str(problem.value)
    assert "\n" not in str(problem.value)
    assert "c0" not in str(problem.value)


def test_a_table_that_is_not_there_is_said_with_the_rule():
    with pytest.raises(RuleError, match="rule 'sql': system 'visits' is not among"):
        evaluate([Rule("sql", Expression("x > 0"), system="visits")], {"a": SIX, "b": SIX})


def test_categories_booleans_and_decimals():
    frame = pd.DataFrame({"kind": pd.Categorical(["a", None, "b"]), "is_open": [True, False, True], "n": [1, 2, 3]})

    rules = [Rule("one", Expression("kind = 'a'")), Rule("two", Expression("is_open AND n < 3"))]

    assert [marks(result.fail) for result in evaluate(rules, frame).results] == ["..X", ".XX"]


def test_a_rule_file_holds_sql():
    text = """
rules:
- id: amounts
  expression: {sql: amount > 0 OR state = 'draft', dialect: postgres, fields: [amount, state]}
- id: key
  foreign_key:
    fields: [code]
    system: codes
    other_fields: [id]
    other_where: {expression: {sql: kind = 'a'}}
"""
    rules = read_rule_file(text).rules

    assert rules[0].predicate == Expression("amount > 0 OR state = 'draft'", "postgres", ("amount", "state"))
    assert rules[1].predicate == ForeignKey(("code",), "codes", ("id",), Expression("kind = 'a'"))
    assert read_rule_file(RuleSet("r", rules).to_yaml()[0]).rules == rules
