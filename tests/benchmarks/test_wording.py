"""Numbers as sentences: every branch, from counts a person can check."""

import math

import numpy as np
import pytest
from hand_made import cells, contrast_of, tally_of

from benchmarks.comparisons import Comparison
from benchmarks.ranges import Setting
from benchmarks.regimes import compare
from benchmarks.sobol import Index
from benchmarks.sweeps import Sweep
from benchmarks.wording import (
    PLAIN_DEFECTS,
    ahead_counts,
    bargain,
    choices_in_short,
    conclusion,
    cross_table_says,
    depends_on,
    enough,
    filled_is_not_documented,
    headline,
    honesty_needed,
    percent,
    points,
    price,
    signed,
)
from synth.defects import DEFECTS

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


def comparison_of(net, *, settings=(), indices=(), omega=1.0):
    """Give a comparison of base and next with these net gains (as right entries alone) over settings."""
    right = np.column_stack([np.zeros(len(net)), net])
    swept = Sweep(("base", "next"), (), np.zeros((len(net), 0)), right, np.zeros_like(right), 0,
                  {"next": indices}, {"next": 1.0}, omega)  # fmt: skip
    contrast = contrast_of(cells("base", 5, 1), cells("next", 6, 1))
    return Comparison(contrast, omega, shown="next", settings=settings, sweep=swept)


def test_the_conclusion_says_ahead_behind_or_what_it_depends_on():
    """In all settings, in none, or in 640 of 1,000: then the parameter with most of the variance is named."""
    h0 = [Index("h0", 0.5, 0.6), Index("k", 0.02, 0.03), Index("shares of evasions", 0.2, 0.3)]
    some = np.array([0.1] * 640 + [-0.2] * 360)

    assert conclusion(comparison_of([0.1, 0.2])) == (
        "next is ahead of base in all 2 settings tried (one hidden wrong entry taken to undo 1 right one; net right "
        "+10.00 points to +20.00 points)."
    )
    assert conclusion(comparison_of([-0.1], omega=2)).startswith(
        "next is not ahead of base in any of 1 settings tried (one hidden wrong entry taken to undo 2 right ones;"
    )
    assert conclusion(comparison_of(some, indices=h0)) == (
        "Whether next is better than base depends on h0 (tells the truth when forced, if it is known) and shares of "
        "evasions: ahead in 640 of 1,000 settings tried (one hidden wrong entry taken to undo 1 right one; net right "
        "-20.00 points to +10.00 points)."
    )


def test_one_end_of_a_range_that_turns_the_answer_is_not_passed_over():
    """Behind in every setting tried, but ahead at one end with all else as set: the answer depends on it."""
    settings = [Setting("", "", -0.01, 0), Setting("alpha", "0.0002", 0.01, 0), Setting("alpha", "0.02", -0.1, 0)]

    said = conclusion(comparison_of([-0.1, -0.2], settings=settings))

    assert said.startswith("Whether next is better than base depends on alpha (records lost")
    assert said.endswith(", but ahead with alpha at 0.0002 and all else as set.")


def test_settings_ahead_are_counts_and_not_chances():
    """640 of 1,000, no per cent."""
    said = ahead_counts(comparison_of(np.array([0.1] * 640 + [-0.2] * 360)).sweep, 1)

    assert said == "Of 1,000 settings, worked out in closed form, ahead of base: next in 640."


def test_enough_cases_or_that_it_could_not():
    """No simulation error at all is under a tenth of any range; without a range nothing is said."""
    settings = [Setting("", "", 0, 0), Setting("k", "1", 0.1, 0)]

    assert enough(comparison_of([0.1], settings=settings)).endswith("is under a tenth of the assumption range.")
    assert enough(comparison_of([0.1])) == ""


@pytest.mark.parametrize(("value", "words"), [
    (1.29, "next: no honesty pays (it would take 1.29"), (0.4, "next is as good as base if 0.40 of those who know"),
    (-0.1, "next is ahead of base even if nobody"), (math.nan, "next: honesty makes no difference"),
])  # fmt: skip
def test_a_break_even_is_told_in_words(value, words):
    """Above 1 no honesty pays; below 0 none is needed."""
    assert honesty_needed(value, "next", "base").startswith(words)


def test_a_bargain_is_told_in_a_few_words():
    """Which of the two, and at what harm."""
    contrast = contrast_of(BASE, cells("bought", 6, 3), cells("sold", 3, 0), cells("worse", 4, 2))

    assert bargain(contrast, "bought", against="base") == "better if harm is under 0.50"
    assert bargain(contrast, "sold", against="base") == "better if harm is over 2.00"
    assert bargain(contrast, "worse", against="base") == "worse at any price"
    assert bargain(contrast, "base", against="base") == ""


def test_modellers_choices_are_told_with_value_range_and_grade():
    """Those that can matter under the regimes compared, in one paragraph."""
    contrast = compare("reference", n_cases=5, regimes=["all_25"])

    said = choices_in_short(Comparison(contrast))

    assert said.startswith("Modeller's choices, as set (range, grade): k 0.85 (0.70 to 0.95, M); v 0.70")
    assert "h0 0.55 (0.2 to 0.9, U)" in said
    assert "override" not in said


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
