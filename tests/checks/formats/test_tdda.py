"""TDDA constraints: the records that its detection reports, counted by hand."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from checks import load_rules
from synth.errors import RuleError


def drawn(mask):
    return "".join(np.where(mask, "X", "."))


def frame_of(cells):
    return pd.DataFrame({"a": pd.Series(cells, dtype="str")}).set_axis([row // 2 for row in range(len(cells))])


def load(**constraints):
    return load_rules(json.dumps({"fields": {"a": constraints}}, indent=1), on_unsupported="skip")


NUMBERS = ["1", "2.5", "-3", None, "", "x", "0", "1"]
TEXTS = ["x", "xyz", "", None, "x", " ", "N/A", "Xy"]
DAYS = ["2031-01-01", "2031-01-15", None, "", "soon", "2031-02-01T10:00:00"]
CASES = [  # a constraint, cells, the records that fail
    ({"min": 1}, NUMBERS, "..X...X."),
    ({"max": 1}, NUMBERS, ".X......"),
    ({"min": {"value": 1, "precision": "open"}}, NUMBERS, "X.X...XX"),
    ({"max": {"value": 1, "precision": "closed"}}, NUMBERS, ".X......"),
    ({"max": {"value": 1, "precision": "fuzzy"}}, NUMBERS, ".X......"),
    ({"sign": "positive"}, NUMBERS, "..X...X."),
    ({"sign": "non-negative"}, NUMBERS, "..X....."),
    ({"sign": "zero"}, NUMBERS, "XXX....X"),
    ({"sign": "non-positive"}, NUMBERS, "XX.....X"),
    ({"sign": "negative"}, NUMBERS, "XX....XX"),
    ({"type": "int"}, ["1", "1.0", "1.5", None, "", "x"], "..X.XX"),
    ({"type": "real"}, ["1", "1.5", None, "", "x"], "...XX"),
    ({"type": ["bool", "int"]}, ["true", "3", "x", None, ""], "..X.X"),
    ({"type": "string"}, TEXTS, "........"),
    ({"min_length": 1}, TEXTS, "..X....."),
    ({"max_length": 2}, TEXTS, ".X....X."),
    ({"max_nulls": 0}, TEXTS, "...X...."),
    ({"no_duplicates": True}, [*TEXTS, None], "X...X...."),
    ({"allowed_values": ["x", "Xy", ""]}, TEXTS, ".X...XX."),
    ({"rex": ["^[a-z]+$", "^N/A$"]}, TEXTS, "..X..X.X"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("constraint", "cells", "expected"), CASES, ids=[str(constraint) for constraint, _, _ in CASES]
)
def test_a_constraint(constraint, cells, expected):
    """Every constraint fails these records; a null fails only max_nulls."""
    (result,) = load(**constraint).evaluate(frame_of(cells)).results

    assert drawn(result.fail) == expected


def test_days():
    """Bounds of a date field are days."""
    rules = load(type="date", min="2031-01-02 00:00:00", max="2031-01-31 00:00:00")

    found = {result.rule.id: drawn(result.fail) for result in rules.evaluate(frame_of(DAYS)).results}

    assert found == {"a.type": "...XX.", "a.min": "X.....", "a.max": ".....X"}


@pytest.mark.parametrize(("allowed", "alert"), [(0, True), (1, True), (2, False)])
def test_nulls_up_to_a_number(allowed, alert):
    """The records with a null are flagged; up to so many are no alert."""
    (result,) = load(max_nulls=allowed).evaluate(frame_of(["x", None, "", None])).results

    assert (drawn(result.fail), result.alert) == (".X.X", alert)


def test_the_type_of_a_column_is_judged_by_value():
    """One wrong value fails alone; there, the column as a whole has another type: why it is approximate."""
    rules = load(type="int")

    assert drawn(rules.evaluate(frame_of(["1", "x"])).results[0].fail) == ".X"
    assert [entry.status for entry in rules.coverage()] == ["approximate"]


@pytest.mark.parametrize(
    ("constraints", "reason"),
    [
        ({"minimum": 1}, "'minimum' is no constraint"),
        ({"min": [1]}, "min is \\[1\\]; it must be a number or a day"),
        ({"min": "2031-01-01"}, "the field is no date"),
        ({"min": {"value": 1, "precision": "vague"}}, "precision is 'vague'"),
        ({"sign": "plus"}, "sign is 'plus'"),
        ({"type": "integer"}, "type is 'integer'"),
        ({"max_length": "3"}, "must be a whole number"),
        ({"rex": ["("]}, "not a regular expression"),
        ({"no_duplicates": False}, "says nothing"),
    ],
)
def test_what_is_not_translated_says_why(constraints, reason):
    """One entry with the reason and the line; the file is refused unless it may be skipped."""
    text = json.dumps({"fields": {"a": {"max_nulls": 0, **constraints}}}, indent=1)

    with pytest.raises(RuleError, match=f"line [0-9]+.*{reason}"):
        load_rules(text)

    assert len(load_rules(text, on_unsupported="skip").coverage()) == 2


def test_other_keys():
    """What is said about the making of the file is no rule; what is about groups of fields is named."""
    made = '"creation_metadata": {"tddafile": "x"}'
    text = f'{{{made}, "fields": {{"a": {{"max_nulls": 0}}}}, "field_groups": {{"a,b": {{"lt": true}}}}}}'

    assert [entry.id for entry in load_rules(text, on_unsupported="skip").coverage()] == ["a.max_nulls", "field_groups"]


def test_regular_expressions_are_python_s():
    """TDDA matches with `re`: digits of other scripts are digits; flags at a pattern's head are its alone."""
    texts = ["12", "\u0661\u0662", "12\n", "AB", "ab", "CD", "cd"]
    rexes = [r"^\d+$", "(?i)ab", "CD"]
    text = json.dumps({"fields": {"a": {"rex": rexes}}})
    expected = [not any(re.match(rex, value) for rex in rexes) for value in texts]

    assert load_rules(text).evaluate(pd.DataFrame({"a": texts})).results[0].fail.tolist() == expected
    assert expected == [False, False, False, False, False, False, True]
