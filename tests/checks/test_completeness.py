"""Record completeness in four senses, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from checks import record_completeness
from checks.completeness import Density, Prediction
from synth.errors import RuleError

# subject a: three visits, b: two, c: one, and one that is nobody's
VISITS = pd.DataFrame(
    {
        "who": ["a", "a", "a", "b", "b", "c", None],
        "day": ["2031-01-01", "2031-01-08", "2031-03-01", "2031-01-01", "2031-01-31", "2031-01-01", "2031-01-02"],
        "weight": ["70", "71", "72", "80", "N/A", "90", "60"],
        "tel": [None, "555-0101", None, " ", "UNK", "555-0102", "555-0103"],
    },
    index=[5] * 7,
)


def only(frame=VISITS, **asked):
    (found,) = record_completeness(frame, **asked)
    return found


def test_breadth_by_subject_and_by_record():
    """Subjects a and c have both kinds once; by record, rows 1, 5 and 6 do."""
    by_subject, by_record = only(needed=["weight", "tel"], subject="who"), only(needed=["weight", "tel"])

    assert (by_subject.n_met, by_subject.n, by_subject.unit) == (2, 3, "subject")
    assert by_subject.met.tolist() == [True, True, True, False, False, True, False]
    assert by_subject.evaluated.tolist() == [True] * 6 + [False]
    assert np.flatnonzero(by_record.met).tolist() == [1, 5, 6]
    assert by_record.rate == 3 / 7


def test_density_counts_values_and_gaps():
    """Two dated weights: a alone has them (b's second is a placeholder); at most 40 days apart: nobody has."""
    enough, close, closer = (
        only(subject="who", density=Density("weight", "day", 2, every)) for every in (None, 52, 51)
    )

    assert (enough.n_met, enough.n) == (1, 3)
    assert close.met.tolist() == [True] * 3 + [False] * 4  # 8 January to 1 March is 52 days
    assert closer.n_met == 0


def test_gaps_are_those_of_one_subject():
    """Five months lie between the values of a and of b, and between none of either."""
    frame = pd.DataFrame({"who": ["a", "b"], "day": ["2031-01-01", "2031-06-01"], "weight": ["70", "80"]})

    assert only(frame, subject="who", density=Density("weight", "day", 1, 10)).n_met == 2


def test_a_blank_that_nobody_observed_is_no_gap():
    """The record holds the one observation that was made; nothing is known of the other."""
    frame = pd.DataFrame({"weight": ["70"], "tel": [None]})

    assert only(frame, observed={"weight": [True], "tel": [False]}).n_met == 1


def test_documentation_counts_what_is_known_to_have_been_observed():
    """Of the records whose observation is known to have been made, those that hold it; the others are not judged."""
    made = {
        "tel": [True, True, False, True, False, False, False],
        "weight": [True, False, False, False, True, False, False],
    }

    found = only(observed=made)

    # row 0 lacks tel, row 1 complete, row 3 has a blank tel, row 4 a placeholder weight
    assert (found.n_met, found.n) == (1, 4)
    assert np.flatnonzero(found.met).tolist() == [1]
    assert found.evaluated.tolist() == [True, True, False, True, True, False, False]


def test_predictive_by_hand():
    """Four of u are yes and four of v are no; each is told from the other seven.

    Row 0: 3 yes, 4 no. prior (3+1)/(7+2), (4+1)/(7+2); u given yes (3+1)/(3+2), given no (0+1)/(4+2):
    yes 4/9 * 4/5, no 5/9 * 1/6, so yes is .793 sure. A record without x: 4 and 4, .5 sure; without a target: .5 * 5/6
    against .5 * 1/6, .833 sure.
    """
    frame = pd.DataFrame({"x": ["u"] * 4 + ["v"] * 4 + [None, "u"], "t": ["yes"] * 4 + ["no"] * 4 + [None, "N/A"]})

    sure, surer = (only(frame, prediction=Prediction("t", ("x",), certainty)) for certainty in (0.79, 0.80))

    assert sure.met.tolist() == [True] * 8 + [False, True]
    assert surer.met.tolist() == [False] * 9 + [True]
    assert sure.n == 10


def test_senses_differ_on_one_table():
    """All asked at once, in the order of the page, each with its own denominator."""
    found = record_completeness(
        VISITS,
        subject="who",
        observed={"weight": np.ones(7, dtype=bool)},
        needed=["weight"],
        density=Density("weight", "day", 1),
        prediction=Prediction("weight", ("tel",)),
    )

    assert [str(sense) for sense in found] == [
        "documentation: 0.857 (6 of 7 records)",
        "breadth: 1.000 (3 of 3 subjects)",
        "density: 1.000 (3 of 3 subjects)",
        "predictive: 0.000 (0 of 7 records)",
    ]


def test_nothing_of_nothing_is_undefined():
    """No record, no rate."""
    found = only(VISITS.iloc[:0], needed=["tel"], subject="who")

    assert (found.rate, str(found)) == (None, "breadth: undefined (0 of 0 subjects)")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "nothing was asked"),
        ({"needed": ["phone"]}, "field 'phone' is not in 'records'"),
        ({"observed": {"tel": [True]}}, r"observed\['tel'\] has 1 entries for 7 records"),
        ({"prediction": Prediction("nil", ("tel",))}, "field 'nil' is not in"),
    ],
)
def test_mistakes_are_told_in_one_line(asked, message):
    """What was got, what is possible."""
    with pytest.raises(RuleError, match=message):
        record_completeness(VISITS, **asked)
