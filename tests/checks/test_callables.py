"""Plain functions as rules: what they may answer, and what is refused."""

import functools

import numpy as np
import pandas as pd
import pytest

from checks import evaluate, load_rules
from synth.errors import RuleError

FRAME = pd.DataFrame(
    {"zip": pd.Series(["12345", "1234", None, "", "12345"], dtype="str"), "x": [1.0, -1.0, np.nan, 0.0, 2.0]}
)
LABELS = [3, 3, 0, 0, 1]


def signs(function, frame=FRAME):
    (result,) = load_rules(function).evaluate(frame).results
    return "".join(
        "-" if not seen else "X" if bad else "." for bad, seen in zip(result.fail, result.evaluated, strict=True)
    )


ANSWERS = [
    ("a Series", lambda frame: frame["x"] > 0, ".XXX."),
    ("an array", lambda frame: (frame["x"] > 0).to_numpy(), ".XXX."),
    ("a list", lambda frame: [True, False, None, False, True], ".X-X."),
    ("nullable booleans", lambda frame: frame["x"].astype("Float64") > 0, ".X-X."),
    ("some rows", lambda frame: frame["zip"].dropna().str.len() == 5, ".X-X."),
    ("some rows in another order", lambda frame: (frame["x"].dropna() >= 0)[::-1], ".X-.."),
    ("no row", lambda frame: frame["x"][frame["x"] > 99] > 0, "-----"),
    ("ones and zeros", lambda frame: [1, 0, 1, 0, 1], ".X.X."),
    ("a partial", functools.partial(lambda column, frame: frame[column].notna(), "zip"), "..X.."),
]


@pytest.mark.parametrize(("what", "function", "expected"), ANSWERS, ids=[what for what, _, _ in ANSWERS])
def test_answers_for_every_row(what, function, expected):
    """Answers are put back by position, whatever the labels of the records."""
    assert signs(function) == signs(function, FRAME.set_axis(LABELS)) == expected


def test_one_answer_is_about_the_whole():
    """True or False for all is an alert or none; no row fails."""
    for answer in (True, False, np.bool_(False)):
        (result,) = load_rules(lambda frame, answer=answer: answer).evaluate(FRAME).results
        assert (result.holds, result.alert, result.n_fail, result.n_evaluated) == (bool(answer), not answer, 0, 0)


def test_several_functions_and_who_is_blamed():
    """Names are ids; `fields` says which cells are blamed, and a missing one is named."""

    def positive(frame):
        return frame["x"] > 0

    def filled(frame):
        return frame["zip"].notna()

    positive.fields = ["x"]
    rules = load_rules([positive, filled])

    found = rules.evaluate(FRAME).results
    assert [rule.id for rule in rules.rules] == ["positive", "filled"]
    assert (list(found[0].blamed), list(found[1].blamed)) == (["x"], [])
    assert [entry.status for entry in rules.coverage()] == ["exact", "exact"]
    with pytest.raises(RuleError, match="rule 'positive': field 'x' is not in"):
        rules.evaluate(FRAME[["zip"]])


def test_the_frame_is_the_function_s_own():
    """What a function does to its frame is not seen by the records or the next rule."""

    def clears(frame):
        frame["x"] = 1.0
        frame.drop(columns="zip", inplace=True)  # noqa: PD002  # as careless as a user may be
        return frame["x"] > 0

    def looks(frame):
        return frame["x"].notna() & frame["zip"].notna()

    before = FRAME.copy()

    assert signs(clears) == "....."
    assert [r.n_fail for r in evaluate(load_rules([clears, looks]).rules, FRAME).results] == [0, 1]
    pd.testing.assert_frame_equal(FRAME, before)


REFUSED = [
    (lambda frame: 3, "gives a int"),
    (lambda frame: None, "gives a NoneType"),
    (lambda frame: frame, "gives a DataFrame"),
    (lambda frame: "yes", "gives a str"),
    (lambda frame: [True], "gives 1 answers for 5 rows"),
    (lambda frame: ["a"] * 5, "neither true nor false"),
    (lambda frame: pd.Series([True], index=[9]), "gives labels that are not the frame's"),
    (lambda frame: pd.Series([True, False], index=[1, 1]), "gives labels that are not the frame's"),
    (lambda frame: frame["zap"], "raised KeyError: 'zap'"),
    (lambda: True, "raised TypeError"),
]


@pytest.mark.parametrize(("function", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_is_no_answer(function, message):
    """One line that names the function and says what it gave."""
    with pytest.raises(RuleError, match=message) as caught:
        signs(function)
    assert "'<lambda>'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_function():
    """A list with something else in it is refused by its kind."""
    with pytest.raises(RuleError, match="a int is no function"):
        load_rules([len, 3])
