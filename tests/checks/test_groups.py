"""Rules about groups of records, against slow versions that look at every pair."""

import itertools

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from checks import FunctionalDependency, Rule, Unique, evaluate

VALUES = st.sampled_from(["a", "b", "c", "", " ", None])
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=12)


def frame_of(rows, *, category):
    frame = pd.DataFrame(rows, columns=["k", "l", "r"]).astype("str")
    return frame.astype("category") if category else frame


def is_blank(value):
    return value is None or not value.strip()


@given(ROWS, st.booleans())
def test_functional_dependency_blames_both_cells_of_every_disagreeing_pair(rows, category):
    """A row fails exactly if another row has its left and another, not blank, right."""
    frame = frame_of(rows, category=category)
    bad = np.zeros(len(rows), dtype=bool)
    for (i, a), (j, b) in itertools.combinations(enumerate(rows), 2):
        judged = not any(is_blank(value) for value in (*a[:2], *b[:2]))
        if judged and a[:2] == b[:2] and not is_blank(a[2]) and not is_blank(b[2]) and a[2] != b[2]:
            bad[[i, j]] = True

    result = evaluate([Rule("fd", FunctionalDependency(("k", "l"), ("r",)))], frame).results[0]

    assert result.fail.tolist() == bad.tolist()
    assert all(mask.tolist() == bad.tolist() for mask in result.blamed.values())
    assert result.evaluated.tolist() == [not (is_blank(k) or is_blank(v)) for k, v, _ in rows]


@given(ROWS, st.booleans())
def test_unique_fails_every_record_of_a_repeated_value(rows, category):
    """A record fails exactly if another has the same values and none of them is null."""
    frame = frame_of(rows, category=category)
    keys = [row[:2] for row in rows]
    expected = [None not in key and keys.count(key) > 1 for key in keys]

    result = evaluate([Rule("u", Unique(("k", "l")))], frame).results[0]

    assert result.fail.tolist() == expected


def test_each_right_field_is_blamed_for_itself():
    """With two fields on the right, a cell is blamed only where its own values disagree."""
    frame = pd.DataFrame({"zip": ["1", "1", "2", "2"], "city": ["x", "y", "z", "z"], "state": ["s", "s", "t", "u"]})

    result = evaluate([Rule("fd", FunctionalDependency(("zip",), ("city", "state")))], frame).results[0]

    assert result.blamed["zip"].tolist() == [True, True, True, True]
    assert result.blamed["city"].tolist() == [True, True, False, False]
    assert result.blamed["state"].tolist() == [False, False, True, True]


def test_blanks_are_not_second_values():
    """A blank on the right passes; a row with a blank on the left is not judged."""
    frame = pd.DataFrame({"zip": ["1", "1", None, None, "2", "2"], "city": ["x", None, "x", "y", "x", "y"]})

    result = evaluate([Rule("fd", FunctionalDependency(("zip",), ("city",)))], frame).results[0]

    assert result.fail.tolist() == [False, False, False, False, True, True]
    assert result.evaluated.tolist() == [True, True, False, False, True, True]
