"""What texts read as, before a condition looks at them."""

import numpy as np
import pandas as pd
import pytest

from checks import AllOf, Between, InSet, Measure, NotNull, ReadAs, Rule, Unique, evaluate

CASES = [  # parameters of read_as, texts, what fails "is given": those that are null or do not read
    ({"nulls": ("", "N/A")}, ["a", "", "N/A", None, " "], ".XXX."),
    ({"regex": "[a-z]+"}, ["a", "A", "ab1", None], ".XXX"),
    ({"type": "integer"}, ["1", " -2 ", "+3", "1.0", "1e3", "", "x", None], "...XXXXX"),
    ({"type": "integer"}, ["12345678901234567890", "7", "x"], "..X"),
    ({"type": "integer", "remove": "[^0-9]"}, ["EUR 5", "none"], ".X"),
    ({"type": "number"}, ["1", ".5", "5.", "1e-3", "-1,5", "1_0", "", None], "....XXXX"),
    ({"type": "number", "decimal": ",", "remove": "[.]"}, ["1.000,5", "1,5", "x"], "..X"),
    ({"type": "number", "decimal": ","}, ["1.5", "1,5"], "X."),
    ({"type": "boolean"}, ["true", "FALSE", "1", "yes", None], "...XX"),
    ({"type": "boolean", "true": ("yes",), "false": ("no",)}, ["yes", "no", "true"], "..X"),
    ({"type": "date"}, ["2031-02-28", "2031-02-29", "2031-2-1", "soon", None], ".XXXX"),
    ({"type": "date", "format": "%d.%m.%Y"}, ["28.02.2031", "2031-02-28", None, "30.02.2031"], ".XXX"),
    ({"type": "time"}, ["14:30", "14:30:05Z", "24:30", "2:30", None], "..XXX"),
    ({"type": "datetime"}, ["2031-01-05T10:00:00Z", "2031-01-05 10:00", "2031-01-05", None], "..XX"),
]  # fmt: skip


def drawn(mask):
    return "".join(np.where(mask, "X", "."))


@pytest.mark.parametrize("as_category", [False, True], ids=["text", "category"])
@pytest.mark.parametrize(("given", "texts", "expected"), CASES, ids=[str(given) for given, _, _ in CASES])
def test_what_reads(given, texts, expected, as_category):
    """A text that does not read is null, whatever the labels of the rows."""
    frame = pd.DataFrame({"a": pd.Series(texts, dtype="category" if as_category else "str")})
    frame.index = [7] * len(texts)

    result = evaluate([Rule("r", ReadAs(NotNull("a"), **given))], frame).results[0]

    assert drawn(result.fail) == expected


@pytest.mark.parametrize(
    ("column", "kind", "expected"),
    [
        ([1, 2], "number", ".."),
        ([1.0, 2.5], "integer", ".X"),
        ([True, False], "boolean", ".."),
        ([True, False], "number", "XX"),
        ([1, 2], "text", "XX"),
        (pd.to_datetime(["2031-01-01", None]), "date", ".X"),
    ],
)
def test_stored_values_stay(column, kind, expected):
    """A column that is not text holds values of its type and of no other."""
    result = evaluate([Rule("r", ReadAs(NotNull("a"), kind))], pd.DataFrame({"a": column})).results[0]

    assert drawn(result.fail) == expected


def test_conditions_see_what_was_read():
    """01 and 1 are one number, days have their order, and only the fields named are read."""
    frame = pd.DataFrame({"n": ["1", "01", "x", None], "d": ["05.01.2031", "06.01.2030", "-", None]})
    rules = [
        Rule("unique", ReadAs(Unique(("n",)), "integer")),
        Rule("listed", ReadAs(InSet("n", ("2",)), "integer")),
        Rule("late", ReadAs(Between("d", max="2030-12-31"), "date", format="%d.%m.%Y")),
        Rule("one", ReadAs(AllOf((InSet("n", ("1",)), NotNull("d"))), "integer", ("n",))),
    ]

    results = evaluate(rules, frame).results

    assert [drawn(result.fail) for result in results] == ["XX..", "XX..", "X...", "...X"]
    assert [drawn(result.evaluated) for result in results[:3]] == ["XX..", "XX..", "XX.."]


def test_what_does_not_read_may_fail():
    """Asked for fail, a text that does not read fails the condition; a null and a listed text are null as ever."""
    frame = pd.DataFrame({"n": ["1", "9", "x", "-", None, ""]})
    predicate = ReadAs(Between("n", max=5), "integer", nulls=("-",), unread="fail")

    results = [evaluate([Rule("r", predicate, null_policy=policy)], frame).results[0] for policy in ("ignore", "fail")]

    assert [drawn(result.fail) for result in results] == [".XX..X", ".XXXXX"]
    assert drawn(results[0].evaluated) == "XXX..X"


def test_a_table_as_a_whole_sees_what_was_read():
    """A mean leaves out what is listed as null."""
    frame = pd.DataFrame({"n": ["1", "3", "999"]})

    result = evaluate([Rule("r", ReadAs(Measure("mean", "n", max=2), "integer", nulls=("999",)))], frame).results[0]

    assert (result.measured, result.holds, result.rule.level) == (2.0, True, "table")


def test_a_text_that_does_not_read_is_null_or_fails_as_told():
    """The same reading, told twice: null is passed over, fail fails; with nulls that fail both do."""
    frame = pd.DataFrame({"age": ["4", "old", None, "9"]})
    rules = [Rule(unread, ReadAs(Between("age", max=5), "number", unread=unread)) for unread in ("null", "fail")]

    assert [r.fail.tolist() for r in evaluate(rules, frame).results] == [
        [False] * 3 + [True],
        [False, True, False, True],
    ]
    assert [r.evaluated.tolist() for r in evaluate(rules, frame).results] == [
        [True, False, False, True],
        [True, True, False, True],
    ]


def test_readings_that_differ_are_not_shared():
    """Conditions on one column in one evaluation, each read in its own way, in whatever order."""
    frame = pd.DataFrame({"n": ["1,5", "-", "2.5", "x"], "m": ["-", "1", "1", "1"]})
    given = NotNull("n")
    readings = [
        ReadAs(given, "number"),
        ReadAs(given, "number", decimal=","),
        ReadAs(given, "number", nulls=("-", "2.5")),
        ReadAs(given, "text"),
        ReadAs(given, "text", nulls=("-",)),
        ReadAs(AllOf((given, NotNull("m"))), "text", ("m",), nulls=("-",)),
        ReadAs(given, "text", regex="x"),
        ReadAs(given, "number", remove="x|-|,"),
    ]
    expected = ["XX.X", ".XXX", "XXXX", "....", ".X..", "X...", "XXX.", ".X.X"]
    for order in (1, -1):
        rules = [Rule(str(place), reading) for place, reading in enumerate(readings)][::order]
        assert [drawn(result.fail) for result in evaluate(rules, frame).results][::order] == expected
