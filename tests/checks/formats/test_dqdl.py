"""DQDL: what every type of rule flags and alerts, as its reference describes it, counted by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from checks import Expression, load_rules
from synth.errors import RuleError


def drawn(mask):
    return "".join(np.where(mask, "X", "."))


def frame_of(**columns):
    frame = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})
    return frame.set_axis([row // 2 for row in range(len(frame))])


def result_of(rule, frame, **given):
    (result,) = load_rules(f"Rules = [ {rule} ]").evaluate(frame, **given).results
    return result


TEXTS = ["open", "", None, " ", "closed", "N/A", "open"]
NUMBERS = ["1", "5", None, "", "x", "10", "5.5"]
DAYS = ["2031-01-01", "2031-01-15", None, "", "soon", "2031-02-01 10:00:00", "2031-01-31"]
ROWS = [  # a rule about column a, its cells, and the rows that fail
    ('IsComplete "a"', TEXTS, "..X...."),
    ('Completeness "a" > 0.9', TEXTS, "..X...."),
    ('IsUnique "a"', TEXTS, "X.....X"),
    ('Uniqueness "a" > 0.5', TEXTS, "X.....X"),
    ('IsPrimaryKey "a"', TEXTS, "X.X...X"),
    ('ColumnValues "a" in ["open", "closed"]', TEXTS, ".XXX.X."),
    ('ColumnValues "a" in ["open", NULL]', TEXTS, ".X.XXX."),
    ('ColumnValues "a" in ["open", EMPTY]', TEXTS, "..XXXX."),
    ('ColumnValues "a" in ["open", NULL, EMPTY, WHITESPACES_ONLY]', TEXTS, "....XX."),
    ('ColumnValues "a" in ["open", WHITESPACES_ONLY]', TEXTS, ".XX.XX."),
    ('ColumnValues "a" not in ["N/A"]', TEXTS, ".....X."),
    ('ColumnValues "a" not in ["N/A", NULL]', TEXTS, "..X..X."),
    ('ColumnValues "a" not in ["N/A", EMPTY, WHITESPACES_ONLY]', TEXTS, ".XXX.X."),
    ('ColumnValues "a" = "open"', TEXTS, ".XXXXX."),
    ('ColumnValues "a" != "open"', TEXTS, "X.....X"),
    ('ColumnValues "a" = ""', TEXTS, "X.XXXXX"),
    ('ColumnValues "a" = NULL', TEXTS, "XX.XXXX"),
    ('ColumnValues "a" != NULL', TEXTS, "..X...."),
    ('ColumnValues "a" matches "[a-z]+"', TEXTS, ".XXX.X."),
    ('ColumnValues "a" matches "[a-z]*"', TEXTS, ".XXX.X."),
    ('ColumnValues "a" not matches "op.*"', TEXTS, "XXX...X"),
    ('ColumnValues "a" > 5', NUMBERS, "XXXXX.."),
    ('ColumnValues "a" >= 5', NUMBERS, "X.XXX.."),
    ('ColumnValues "a" < 5.5', NUMBERS, "..XXXXX"),
    ('ColumnValues "a" <= 5.5', NUMBERS, "..XXXX."),
    ('ColumnValues "a" = 5', NUMBERS, "X.XXXXX"),
    ('ColumnValues "a" != 5', NUMBERS, ".X.XX.."),
    ('ColumnValues "a" in [1, 5]', NUMBERS, "..XXXXX"),
    ('ColumnValues "a" not in [1, 5]', NUMBERS, "XX.XX.."),
    ('ColumnValues "a" between 1 and 10', NUMBERS, "X.XXXX."),  # the ends are outside
    ('ColumnValues "a" not between 1 and 10', NUMBERS, ".XXXX.X"),
    ('ColumnValues "a" between "2031-01-01" and "2031-02-01"', DAYS, "X.XXXX."),
    ('ColumnValues "a" >= "2031-01-31"', DAYS, "XXXXX.."),
    ('ColumnLength "a" = 4', TEXTS, ".XXXXX."),
    ('ColumnLength "a" > 3', TEXTS, ".XXX.X."),
    ('ColumnLength "a" <= 4', TEXTS, "....X.."),  # a null has length 0
    ('ColumnLength "a" < 1', TEXTS, "X..XXXX"),
    ('ColumnLength "a" != 4', TEXTS, "X.....X"),
    ('ColumnLength "a" between 1 and 6', TEXTS, ".XXXX.."),
    ('ColumnLength "a" in [0, 4]', TEXTS, "...XXX."),
    ('ColumnDataType "a" = "Integer"', NUMBERS, "...XX.X"),
    ('ColumnDataType "a" in ["Date", "Double"]', NUMBERS, "...XX.."),
    ('(IsComplete "a") and (IsUnique "a")', TEXTS, "X.X...X"),
    ('(ColumnValues "a" > 5) OR (ColumnValues "a" = NULL)', NUMBERS, "XX.XX.."),
    ('(ColumnValues "a" != 5) AND (ColumnValues "a" != NULL)', NUMBERS, ".XXXX.."),
    ('((IsComplete "a") and (ColumnLength "a" > 0)) and (IsUnique "a")', TEXTS, "XXX...X"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "cells", "expected"), ROWS, ids=[rule for rule, _, _ in ROWS])
def test_rows(rule, cells, expected):
    """Every rule about values fails these rows."""
    assert drawn(result_of(rule, frame_of(a=cells)).fail) == expected


def test_now_is_when_the_file_is_read():
    """Days are counted from today."""
    today = dt.datetime.now(tz=dt.UTC).date()
    cells = [str(today - dt.timedelta(days=ago)) for ago in (0, 2, 3, 8)] + [None, ""]

    late = result_of('ColumnValues "a" > (now() - 3 days)', frame_of(a=cells))
    week = result_of('ColumnValues "a" in [now(), (now() - 1 weeks), "2023-01-01"]', frame_of(a=cells))

    assert drawn(late.fail) == "..XXXX"
    assert drawn(week.fail) == ".XXXXX"


def test_several_columns():
    """Keys of two columns: parts that are null are equal, a record of nulls takes no part."""
    frame = frame_of(a=["x", "x", None, None, None], b=["1", "1", "1", "1", None])

    assert drawn(result_of('IsUnique "a" "b"', frame).fail) == "XXXX."
    assert drawn(result_of('IsPrimaryKey "a" "b"', frame).fail) == "XXXXX"
    assert result_of('Uniqueness "a" "b" between 0.1 and 0.2', frame).measured == 1.0  # of four records


SHARES = [  # of 7 cells one is null, two are equal
    ('Completeness "a" > 0.85', False), ('Completeness "a" > 0.9', True), ('Completeness "a" >= 1', True),
    ('Completeness "a" < 0.9', False), ('Completeness "a" < 0.8', True), ('Completeness "a" between 0.2 and 0.8', True),
    ('Completeness "a" between 0.8 and 0.9', False), ('Completeness "a" != 1', False),
    ('Completeness "a" not between 0.8 and 0.9', True), ('Uniqueness "a" > 0.6', False), ('Uniqueness "a" > 0.7', True),
    ('UniqueValueRatio "a" = 0.8', False), ('UniqueValueRatio "a" > 0.8', True),
    ('DistinctValuesCount "a" = 5', False), ('DistinctValuesCount "a" in [5]', False),
    ('DistinctValuesCount "a" != 5', True), ("RowCount = 7", False), ("RowCount between 7 and 9", True),
    ("RowCount > 3 + 3", False), ("RowCount > 10 - 2", True), ("ColumnCount = 1", False), ('ColumnExists "a"', False),
    ('ColumnExists "b"', True), ('ColumnValues "a" in ["open", "closed"] with threshold > 0.4', False),
    ('ColumnValues "a" in ["open", "closed"] with threshold > 0.5', True),
    ('ColumnLength "a" > 0 with threshold between 0.5 and 0.9', False),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "alert"), SHARES, ids=[rule for rule, _ in SHARES])
def test_how_much_may_fail(rule, alert):
    """A share, a number or a threshold decides the alert, and nothing else."""
    assert result_of(rule, frame_of(a=TEXTS)).alert == alert


def test_a_tenth_is_a_tenth():
    """One of ten null is a completeness of 0.9: not more than 0.9, and not less."""
    frame = frame_of(a=[None, *"123456789"])

    found = {op: result_of(f'Completeness "a" {op} 0.9', frame).alert for op in (">", ">=", "<", "<=", "=", "!=")}

    assert found == {">": True, ">=": False, "<": True, "<=": False, "=": False, "!=": True}


def test_statistics():
    """Numbers worked out of a column that is text."""
    frame = frame_of(n=["1", "3", None, "", "8"])

    assert [result_of(f'{kind} "n" > 0', frame).measured for kind in ("Mean", "Sum", "Median")] == [4, 12, 3]
    assert load_rules('Rules = [ StandardDeviation "n" > 0 ]').coverage()[0].status == "approximate"


def test_what_is_approximate_differs():
    """A sample deviates more than a population; a day is ISO's; `or` is asked of each record."""
    frame = frame_of(n=["1", "3"], day=["2031-01-05", "5 Jan 2031"])

    assert result_of('StandardDeviation "n" > 1', frame).measured == pytest.approx(2**0.5)  # of a population: 1
    assert drawn(result_of('ColumnDataType "day" = "Date"', frame).fail) == ".X"
    either = '(ColumnValues "n" > 2) or (ColumnValues "day" = "2031-01-05")'
    assert drawn(result_of(either, frame).fail) == ".."  # though neither rule holds for the whole table
    for rule in (either, 'StandardDeviation "n" > 1', 'ColumnDataType "day" = "Date"'):
        assert load_rules(f"Rules = [ {rule} ]").coverage()[0].status == "approximate"


def test_references():
    """A key into another data set; a null is not found."""
    text = 'Rules = [ ReferentialIntegrity "a" "other.id" = 1.0, ReferentialIntegrity "a,b" "other.{id,b}" > 0.5 ]'
    records = {"t": frame_of(a=["x", "y", None, ""], b=["1", "1", "1", None]), "other": frame_of(id=["x"], b=["2"])}

    first, second = load_rules(text, system="t").evaluate(records).results

    assert (drawn(first.fail), drawn(second.fail)) == (".XXX", "XXXX")
    assert second.alert


def test_where_is_sql(engine):
    """Only records for which the condition is true are judged."""
    for name in ("duckdb", "sqlglot"):
        engine(name)
    frame = frame_of(a=["x", None, None, ""], b=["yes", "yes", "no", None])

    result = result_of('IsComplete "a" where "b = \'yes\'"', frame)

    assert (drawn(result.fail), drawn(result.evaluated)) == (".X..", "XX..")


WHOLE = """
# what we ask
codes = ["open", "closed"]
Analyzers = [ RowCount ]
Rules = [
    IsComplete "a",   # given
    ColumnValues "a" in $codes where "b > 1",
    ColumnValues "a" != "a, [b]" labels=["k"="v"],
    IsUnique "a" with owner = "us",
    CustomSql "select 1",
    IsCompleet "a",
    ColumnValues "a" in $other
]
"""


def test_a_whole_text():
    """Comments, variables, conditions, labels and tags; every rule has an entry with its line."""
    rules = load_rules(WHOLE, on_unsupported="skip")

    assert rules.format == "dqdl"
    assert [(entry.id, entry.status, entry.place) for entry in rules.coverage()] == [
        ("a.IsComplete", "exact", "line 6"), ("a.ColumnValues", "exact", "line 7"),
        ("a.ColumnValues-2", "exact", "line 8"), ("a.IsUnique", "exact", "line 9"),
        ("select 1.CustomSql", "unsupported", "line 10"), ("a.IsCompleet", "error", "line 11"),
        ("a.ColumnValues-3", "unsupported", "line 12"),
    ]  # fmt: skip
    assert rules.rules[1].where == Expression("b > 1", "spark")
    assert "Did you mean 'IsComplete'" in rules.coverage()[5].reason


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('Rules = [ IsComplete "a"', "line 1: the list 'Rules = \\[' is not closed"),
        ('Rules = [ IsComplete "a ]', "line 1: a quote is not closed"),
        ('Rules = [ Completeness "a" ]', "Completeness has no condition"),
        ('Rules = [ IsComplete "a" > 1 ]', "IsComplete has a condition"),
        ('Rules = [ ColumnValues "a" in [1, "2"] ]', "mixes numbers and texts"),
        ('Rules = [ ColumnValues "a" > "x" ]', "give numbers or days"),
        ('Rules = [ ColumnValues "a" matches "(" ]', "not a regular expression"),
        ('Rules = [ ColumnValues "a" > 1 junk ]', "'junk' after its end"),
        ('Rules = [ (IsComplete "a" ]', "where '\\)' must stand|is not closed"),
        ('Rules = [ Completeness "a" > 1.5 ]', "above is -0.5"),
        ("Rules = [ ]", "holds no rule"),
    ],
)
def test_refused(text, message):
    """One line says what is wrong."""
    with pytest.raises(RuleError, match=message) as caught:
        load_rules(text, "dqdl")

    assert "\n" not in str(caught.value)
