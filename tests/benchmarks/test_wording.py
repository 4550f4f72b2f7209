"""Numbers as sentences: every branch, from counts a person can check."""

import math

import pytest
from hand_made import cells, contrast_of, tally_of

from benchmarks.ranges import Setting
from benchmarks.wording import (
    PLAIN,
    PLAIN_DEFECTS,
    cross_table_says,
    depends_on,
    filled_is_not_documented,
    headline,
    percent,
    points,
    price,
    signed,
)
from synth.defects import DEFECTS
from synth.scenario import load_scenario, scenario_names
from synth.spec import OperatorSpec

BASE = cells("base", 5, 1, blank=4)
WORSE, BETTER = "; at these settings worse at any price.", "; at these settings better at any price."
HAPPENED = ", of everything that happened"
RATE = (
    "; exchange rate {0} (±0.00): better than base only if one hidden wrong entry does {1} than {0} of the good of one "
    "right entry."
)
PRICES = {
    "no difference": (5, 1, "no difference from base that 4 cases can show."),
    "both worse": (4, 2, "right -10.00 points, hidden wrong +10.00 points" + HAPPENED + WORSE),
    "only fewer right": (4, 1, "right -10.00 points, hidden wrong unchanged" + HAPPENED + WORSE),
    "only more wrong": (5, 2, "right unchanged, hidden wrong +10.00 points" + HAPPENED + WORSE),
    "both better": (6, 0, "right +10.00 points, hidden wrong -10.00 points" + HAPPENED + BETTER),
    "only more right": (6, 1, "right +10.00 points, hidden wrong unchanged" + HAPPENED + BETTER),
    "only fewer wrong": (5, 0, "right unchanged, hidden wrong -10.00 points" + HAPPENED + BETTER),
    "bought": (6, 3, "right +10.00 points, hidden wrong +20.00 points" + HAPPENED + RATE.format("0.50", "less")),
    "sold": (3, 0, "right -20.00 points, hidden wrong -10.00 points" + HAPPENED + RATE.format("2.00", "more")),
}


@pytest.mark.parametrize(("right", "wrong", "sentence"), PRICES.values(), ids=PRICES)
def test_a_price_is_told_as_the_two_differences_are(right, wrong, sentence):
    """From 5 right and 1 hidden wrong of ten: which of them rise, fall or stay decides what is said."""
    assert price(contrast_of(BASE, cells("next", right, wrong)), "next") == f"next: {sentence}"


def test_records_never_made_are_told_apart():
    """Where one of two records is lost, the headline says that half of them are not made, and what is right of all."""
    after = tally_of(
        "next", needed=[10] * 40, informed=[6, 0] * 20, hidden_wrong=[3, 0] * 20, present=[1, 0] * 20,
        present_needed=[10, 0] * 20, asked=[10, 0] * 20, filled=[10, 0] * 20,
    )  # fmt: skip
    before = tally_of(
        "base",
        needed=[10] * 40,
        present_needed=[10] * 40,
        informed=[5] * 40,
        hidden_wrong=[1] * 40,
        filled=[8] * 40,
        asked=[10] * 40,
    )

    said = headline(contrast_of(before, after))

    assert "what is right goes from 50.0 % to 60.0 %, and what is wrong but looks right from 10.0 % to 30.0 %." in said
    assert said.endswith(
        "Counting the 50.0 % of records that are not in it, what is right goes from 50.0 % to 30.0 % of everything "
        "that happened."
    )


def test_records_missing_before_and_after_are_told_as_two_shares():
    """One record of four is absent in the base regime and two in the other: both shares are said."""
    one, two = ([int(number >= absent) for number in range(4)] for absent in (1, 2))
    before, after = (
        tally_of(name, needed=[10] * 4, present=there, present_needed=[10 * each for each in there])
        for name, there in (("base", one), ("next", two))
    )

    said = headline(contrast_of(before, after))

    assert "Counting the records that are not in it (25.0 % before, 50.0 % after), what is right goes" in said


def test_a_difference_within_two_simulation_errors_is_no_difference():
    """One case better, one worse by nearly as much: four cases cannot show a difference."""
    after = tally_of("next", needed=[10] * 4, informed=[9, 2, 5, 5], hidden_wrong=[1] * 4)

    assert price(contrast_of(BASE, after), "next").endswith("no difference from base that 4 cases can show.")


def test_an_unclear_difference_sets_no_price():
    """Right entries rise clearly, hidden wrong ones by chance: nothing is said about a price."""
    after = tally_of("next", needed=[10] * 4, informed=[7] * 4, hidden_wrong=[4, 0, 1, 0])

    assert price(contrast_of(BASE, after), "next") == (
        "next: right +20.00 points, hidden wrong not clearly changed, of everything that happened."
    )


def test_the_headline_says_the_three_shares_before_and_after():
    """Measured, right and hidden wrong of the base regime and of the one that lifts the dashboard most."""
    contrast = contrast_of(BASE, cells("some", 6, 1, blank=3), cells("most", 7, 3))

    assert headline(contrast) == (
        "From base to most, the dashboard goes from 60.0 % to 100.0 % complete. In the records that are in the system, "
        "what is right goes from 50.0 % to 70.0 %, and what is wrong but looks right from 10.0 % to 30.0 %."
    )
    assert headline(contrast_of(BASE)) == "One regime only: nothing to compare."


def test_what_the_answer_depends_on_is_named_with_the_setting_that_turns_it():
    """A choice is named in plain words with the value and both differences at the end that turns a sign."""
    settings = [Setting("", "", -0.01, 0.01), Setting("k", "0.7", -0.02, 0.02), Setting("k", "0.95", -0.001, 0.01)]

    assert depends_on(settings, "all_25", "as_reported") == (
        "Moving one choice at a time over its range does not change which way all_25 differs from as_reported."
    )
    turning = [Setting("alpha", "0.0002", 0.0068, 0.006, "0.0035"), Setting("alpha", "0.02", -0.079, 0.005, "0.0035")]
    assert depends_on([*settings, *turning], "all_25", "as_reported") == (
        "Which way it goes depends on alpha (records lost to each mandatory field beyond m0; 0.0035 here): at 0.0002 "
        "right +0.68 points, hidden wrong +0.60 points; at 0.02 right -7.90 points, hidden wrong +0.50 points."
    )


def test_filled_cells_stand_beside_documented_cases():
    """Six of ten cells filled, and of four cases the reviewer calls one documented."""
    base = cells("base", 5, 1, blank=4)
    base.verdicts["reviewer"][:] = [0, 1, 2, 2]

    assert filled_is_not_documented(contrast_of(base)).startswith(
        "60.0 % of the cells are filled, yet 25.0 % of the cases are documented"
    )


def test_every_choice_with_a_range_has_plain_words():
    """Each parameter that a shipped scenario gives a range, and each the operator knows, can be told in words."""
    for name in scenario_names():
        assert set(load_scenario(name).ranges) <= set(PLAIN)
    assert set(PLAIN) == set(OperatorSpec.model_fields) - {"stay"}  # a regime's own share of records made


def test_every_defect_has_plain_words():
    """The report can say in plain words what each kind of defect is."""
    assert set(PLAIN_DEFECTS) == set(DEFECTS)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (percent(0.9779), "97.8 %"),
        (percent(0), "0.0 %"),
        (percent(1, 0), "100 %"),
        (percent(math.nan), "undefined: 0 of 0"),
        (points(0.0023), "0.23"),
        (points(math.nan), "-"),
        (signed(0), "+0.00 points"),
        (signed(-0.0083), "-0.83 points"),
    ],
)
def test_shares_as_text(found, text):
    """Shares become percent, errors points, differences signed points; undefined is never a number."""
    assert found == text


def test_a_table_of_verdicts_is_told_by_what_looks_documented_and_is_not():
    """Two of three cases that look documented are not; where all agree, that is said."""
    tally = tally_of("base", needed=[1] * 4)
    tally.verdicts["true"][:] = [0, 1, 2, 2]
    tally.verdicts["reviewer"][:] = [0, 0, 0, 2]

    assert cross_table_says(tally, 4) == "2 of 3 cases that look documented are not"
    tally.verdicts["reviewer"][:] = [0, 1, 2, 2]
    assert cross_table_says(tally, 4) == "reviewer and truth agree in every case"
