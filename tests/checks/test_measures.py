"""Rules about a table as a whole, limits beside the mask, types and keys: worked by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from checks import (
    AllOf,
    ForeignKey,
    HasColumn,
    Length,
    Limit,
    Measure,
    NotNull,
    Pattern,
    Rule,
    Strftime,
    Typed,
    Unique,
    evaluate,
)
from synth.errors import RuleError

TEXTS = pd.DataFrame(
    {"n": ["3", "10", None, "", "x", "10"], "day": ["2031-02-03", "2031-02-30", None, "", "N/A", "2031-12-31"]}
)
TEXTS.index = [7, 7, 7, 0, 0, 1]  # labels say nothing
WITHOUT_X = TEXTS[TEXTS["n"] != "x"]
NUMBERS = pd.DataFrame({"n": [3.0, 10.0, np.nan, 5.0]})


def signs(predicate, frame, **given):
    """X fails, . passes, - is not evaluated."""
    found = evaluate([Rule("r", predicate, **given)], frame).results[0]
    return "".join(
        "-" if not seen else "X" if bad else "." for bad, seen in zip(found.fail, found.evaluated, strict=True)
    )


MEASURED = [
    ("row_count", None, TEXTS, 6),
    ("column_count", None, TEXTS, 2),
    ("null_count", "n", TEXTS, 1),
    ("null_share", "n", TEXTS, 1 / 6),
    ("distinct_count", "n", TEXTS, 4),  # 3, 10, the empty text, x
    ("distinct_share", "n", TEXTS, 4 / 5),
    ("unique_ratio", "n", TEXTS, 3 / 4),  # 10 occurs twice
    ("min", "n", WITHOUT_X, 3),  # as numbers: a blank is left out
    ("max", "n", WITHOUT_X, 10),
    ("sum", "n", WITHOUT_X, 23),
    ("mean", "n", NUMBERS, 6),
    ("median", "n", NUMBERS, 5),
    ("stdev", "n", NUMBERS, 13**0.5),  # (9 + 16 + 1) / 2
]


@pytest.mark.parametrize(("metric", "field", "frame", "value"), MEASURED)
def test_a_number_is_held_against_its_bounds(metric, field, frame, value):
    """The number is what a person counts, and lies within, below or above its bounds; no row is ever flagged."""
    for low, high, holds in ((value - 1, value + 1, True), (value + 0.01, None, False), (None, value - 0.01, False)):
        found = evaluate([Rule("m", Measure(metric, field, low, high))], frame).results[0]
        assert (found.measured, found.holds, found.alert) == (pytest.approx(value), holds, not holds)
        assert not found.fail.any()
        assert not found.evaluated.any()


@pytest.mark.parametrize("stored", ["any", "number"])
@pytest.mark.parametrize("metric", ["min", "max", "mean", "median", "stdev", "sum"])
def test_a_word_among_numbers_is_not_left_out_in_silence(metric, stored):
    """One text that is no number refuses the statistic, with how many are none; a blank, and rows not asked, do not."""
    frame = pd.DataFrame({"fee": ["abc", "def", "5", None, " "]})
    frame.attrs["read_as_text"] = True
    measure = Measure(metric, "fee", 4, 6, stored=stored)

    with pytest.raises(RuleError, match="rule 'm': 2 of 3 values of 'fee' are no number: 'abc', 'def'"):
        evaluate([Rule("m", measure)], frame)
    asked = Rule("m", measure, where=Pattern("fee", "[0-9]*"))
    assert evaluate([asked], frame).results[0].measured == (None if metric == "stdev" else 5)


def test_a_bound_may_be_excluded():
    """A bound itself is inside unless it is excluded."""
    inside = [evaluate([Rule("m", Measure("row_count", None, 6, 6, *excluded))], TEXTS).results[0].holds
              for excluded in ((False, False), (True, False), (False, True))]  # fmt: skip

    assert inside == [True, False, False]


def test_a_number_may_have_to_lie_outside():
    """Six rows are not two to five, and not six; a number that is not there lies nowhere."""
    rules = [
        Rule("a", Measure("row_count", None, 2, 5, outside=True)),
        Rule("b", Measure("row_count", None, 6, 6, outside=True)),
        Rule("c", Measure("mean", "n", 6, 6, outside=True), where=Pattern("n", "none")),
    ]

    assert [result.holds for result in evaluate(rules, TEXTS).results] == [True, False, False]


def test_the_first_day_is_a_text():
    """Without a number among the bounds, least and most are in text order, which ISO dates have."""
    rule = Rule("m", Measure("max", "day", "2031-01-01", "2031-12-31"), where=Pattern("day", "[0-9-]+"))

    assert evaluate([rule], TEXTS).results[0].measured == "2031-12-31"


def test_failing_rows_are_counted_within_where():
    """Rows where a condition does not hold, of those the rule is about: x and the empty text are shorter than two."""
    short = Measure("failing_count", max=1, of=Length("n", min=2))
    everywhere, filled = evaluate([Rule("a", short), Rule("b", short, where=Pattern("n", ".+"))], TEXTS).results

    assert (everywhere.measured, everywhere.holds) == (3, False)  # 3, the empty text and x
    assert (filled.measured, filled.holds) == (2, False)
    share = evaluate([Rule("c", Measure("failing_share", max=1, of=Length("n", min=2)))], TEXTS).results[0]
    assert share.measured == 3 / 5  # null is not evaluated


def test_nothing_has_no_mean():
    """A number that is not there lies in no bounds."""
    empty = NUMBERS.iloc[:0]

    assert evaluate([Rule("m", Measure("mean", "n", 0, 9))], empty).results[0].holds is False
    assert evaluate([Rule("m", Measure("row_count", max=0))], empty).results[0].holds is True


def test_a_missing_column_is_an_alert_and_nothing_else():
    """has_column does not refuse what it asks about."""
    there, missing = evaluate([Rule("a", HasColumn("n")), Rule("b", HasColumn("m"))], TEXTS).results

    assert (there.alert, missing.alert, missing.alarm) == (False, True, "error")


def test_a_table_is_no_condition_on_a_record():
    """What is about the whole cannot be one part of a condition on a row."""
    with pytest.raises(RuleError, match="rule 'r': measure is about a table as a whole"):
        evaluate([Rule("r", AllOf((NotNull("n"), Measure("row_count"))))], TEXTS)


TYPED = [
    ("integer", "n", "..-XX."),
    ("number", "n", "..-XX."),
    ("text", "n", "..-..."),
    ("date", "day", ".X-XX."),  # there is no 30 February
    ("boolean", "n", "XX-XXX"),
]


@pytest.mark.parametrize(("kind", "field", "expected"), TYPED)
def test_texts_read_as_a_type(kind, field, expected):
    """A text passes where it reads as the type; the empty text reads as none but text."""
    assert signs(Typed(field, kind), TEXTS) == expected


def test_stored_values_are_of_their_own_type():
    """Numbers, booleans and days that are stored as such; 3.0 is a whole number and 3.5 none."""
    frame = pd.DataFrame({"f": [3.0, 3.5, None], "i": [1, 2, 3], "b": [True, False, True],
                          "d": pd.to_datetime(["2031-01-01", None, "2031-01-02"])})  # fmt: skip

    assert [signs(Typed("f", kind), frame) for kind in ("integer", "number", "text")] == [".X-", "..-", "XX-"]
    assert [signs(Typed("i", kind), frame) for kind in ("integer", "number", "boolean")] == ["...", "...", "XXX"]
    assert [signs(Typed("b", kind), frame) for kind in ("boolean", "integer")] == ["...", "XXX"]
    assert [signs(Typed("d", kind), frame) for kind in ("date", "datetime", "text")] == [".-.", ".-.", "X-X"]


def test_strftime_reads_one_format():
    """A date in another order, or one that does not exist, fails."""
    frame = pd.DataFrame({"day": ["31.01.2031", "2031-01-31", None, "", "30.02.2031"]})

    assert signs(Strftime("day", "%d.%m.%Y"), frame) == ".X-XX"
    assert signs(Strftime("day", "%d.%m.%Y"), pd.DataFrame({"day": [dt.datetime(2031, 1, 31)]})) == "."  # noqa: DTZ001


def test_unique_by_nulls_and_repeats():
    """Nulls equal to one another or no values; every record of a group or all but the first."""
    frame = pd.DataFrame({"k": ["a", None, "a", None, "b", "a"]})

    assert signs(Unique(("k",)), frame) == "X-X-.X"
    assert signs(Unique(("k",), repeats="later"), frame) == ".-X-.X"
    assert signs(Unique(("k",), nulls="equal"), frame) == "XXXX.X"
    assert signs(Unique(("k",), nulls="equal", repeats="later"), frame) == "..XX.X"


def test_a_foreign_key_takes_any_value_for_a_value():
    """A placeholder that the other table does not hold fails; two fields must occur together; a null is null."""
    frames = {
        "a": pd.DataFrame({"x": ["1", "2", "N/A", None, "1"], "y": ["p", "q", "p", "p", "q"]}, index=[3, 3, 3, 3, 3]),
        "b": pd.DataFrame({"u": ["1", "2", "2"], "v": ["p", "q", "q"]}),
    }

    assert signs(ForeignKey(("x",), "b", ("u",)), frames, system="a") == "..X-."
    assert signs(ForeignKey(("x", "y"), "b", ("u", "v")), frames, system="a") == "..X-X"
    with pytest.raises(RuleError, match="1 fields are held against 2"):
        evaluate([Rule("r", ForeignKey(("x",), "b", ("u", "v")), system="a")], frames)


def test_limits_stand_beside_the_mask():
    """Two of five fail: a warning above one row, an error above half of them; the mask is the same."""
    limits = (Limit(1, "rows", "warning"), Limit(0.5, severity="error"))
    frame = pd.DataFrame({"z": ["1", None, None, "4", "5"]})
    bare, limited, strict = evaluate(
        [Rule("bare", NotNull("z")), Rule("limited", NotNull("z"), limits=limits),
         Rule("strict", NotNull("z"), limits=(Limit(0.4, inclusive=True),))], frame
    ).results  # fmt: skip

    assert (bare.fail == limited.fail).all()
    assert (bare.alarm, limited.alarm, strict.alarm) == ("error", "warning", "error")


@pytest.mark.parametrize("given", [{"above": -1, "unit": "rows"}, {"above": 1.5}, {"above": 1, "unit": "cells"}])
def test_limits_that_cannot_be(given):
    """A share above one, a negative number, an unknown unit."""
    with pytest.raises(RuleError, match="limit: "):
        Limit(**given)


@pytest.mark.parametrize("metric", ["null_share", "distinct_share", "unique_ratio", "sum", "mean", "max"])
def test_what_is_worked_out_of_nothing(metric):
    """There is no number and no bounds hold it, unless the rule says what a share or a sum of nothing is."""
    empty = pd.DataFrame({"n": pd.Series([], dtype="float64")})
    known = metric not in {"mean", "max"}
    rules = [Rule("a", Measure(metric, "n", 0, 1)), Rule("b", Measure(metric, "n", 0, 1, of_nothing=1.0))]
    rules.append(Rule("c", Measure(metric, "n", 0, 1, of_nothing=2.0)))
    plain, within, beyond = evaluate(rules, empty).results

    assert (plain.measured, plain.alert) == (None, True)
    assert (within.measured, within.alert) == ((1.0, False) if known else (None, True))
    assert beyond.alert


def test_a_statistic_of_numbers_is_refused_of_texts():
    """Where a tool raises at the mean of texts, so do we, in a line; texts of our own rules are read as numbers."""
    frame = pd.DataFrame({"n": ["1", "3"]})

    assert evaluate([Rule("r", Measure("mean", "n", 2, 2))], frame).results[0].alert is False
    with pytest.raises(RuleError, match="'n' holds text values, of which there is no mean"):
        evaluate([Rule("r", Measure("mean", "n", 2, 2, stored="number"))], frame)
