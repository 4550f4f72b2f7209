"""On the reference scenario shares and measures are those of the design's section 7, worked out here by hand."""

import math
from collections import Counter

import numpy as np
import pytest

from synth.pipeline import generate, sheet_of
from synth.sheet import FATES

N = 12_000
SIGMAS = 4.5
K, V, EPS = 0.85, 0.70, 0.03
GAP = 1 - K * V
KNOWN = K * (1 - V) / GAP
# The first 16 of 4,096 cases have no previous case; of the others one in eight has the same value as this one.
BEFORE = (1 - 16 / 4096) * 7 / 8
HONEST = {"as_reported": 0.55, "all_25": 0.55 * math.exp(-0.45), "all_25_unknown_allowed": 0.50 * math.exp(-0.45)}
STAY = {"as_reported": 0.98, "all_25": 0.98 * math.exp(-0.0525), "all_25_unknown_allowed": 0.95}
# Over the 25 fields: naive, valued, correct in system, correct of all, hidden wrong in system (design, section 7)
MEASURES = {
    "optional": (0.595, 0.595, 0.577, 0.577, 0.018),
    "as_reported": (0.757, 0.715, 0.651, 0.638, 0.063),
    "all_25": (1, 0.874, 0.723, 0.672, 0.151),
    "all_25_unknown_allowed": (1, 0.776, 0.687, 0.653, 0.089),
    "soft_warning": (0.696, 0.670, 0.624, 0.624, 0.046),
}


@pytest.fixture(scope="module")
def sheets():
    """The cells of 12,000 cases under each regime, as (plan, sheet)."""
    found = {}
    for regime in MEASURES:
        plan = generate("reference", n_cases=1, seed=31, regime=regime).plan
        found[regime] = (plan, sheet_of(plan, np.arange(N), N)[0])
    return found


def fate_shares(regime):
    """The chance of each fate of a gap under a hard stop, from the parameters of the design page."""
    honest = KNOWN * HONEST[regime]
    unknown_said = dodged = 0.0
    if regime == "all_25_unknown_allowed":
        unknown_said, dodged = (1 - KNOWN) * 0.70, KNOWN * (1 - HONEST[regime]) * 0.30
    evasion = 1 - honest - unknown_said - dodged
    copied_wrong = 0.25 * 0.60 * BEFORE
    shares = {
        "placeholder": 0.40, "lucky_default": 0.35 * 0.25, "lucky_copy": 0.25 * 0.40, "copied_wrong": copied_wrong,
        "wrong": 0.35 * 0.75 + 0.25 * 0.60 - copied_wrong,
    }  # fmt: skip
    found = {fate: evasion * share for fate, share in shares.items()}
    return found | {"honest": honest, "not_value_honest": unknown_said, "not_value_dodged": dodged}


@pytest.mark.parametrize("regime", HONEST)
def test_shares_of_fates(sheets, regime):
    """Of the gaps of a mandatory field each fate has its share, within 4.5 binomial standard errors."""
    _, sheet = sheets[regime]
    found = Counter()
    for (_, field), entry in sheet.entries.items():
        if field != "form_no" and not (regime == "as_reported" and field > "f10"):
            found.update(np.array(FATES)[entry.fates].tolist())
    lost = found.pop("lost")
    total = sum(found.values())
    shares = fate_shares(regime)

    assert set(found) <= set(shares)
    for fate, share in shares.items():
        assert abs(found[fate] - share * total) <= SIGMAS * math.sqrt(total * share * (1 - share)), fate
    assert lost / (lost + total) == pytest.approx(1 - STAY[regime], abs=0.01)


def test_gaps_are_left_blank_where_nobody_insists(sheets):
    """A gap has chance 1 - k v = .405; without a control all are blank, for want of a cause."""
    _, sheet = sheets["optional"]
    gaps = sum(entry.gaps.size for entry in sheet.entries.values())

    assert abs(gaps - N * 25 * GAP) <= SIGMAS * math.sqrt(N * 25 * GAP * (1 - GAP))
    assert all((entry.recorded[entry.gaps] == -1).all() for entry in sheet.entries.values())
    assert not sheet.lost["form"].any()


def test_three_in_four_override_a_soft_warning(sheets):
    """Under the soft warning one gap in four is filled."""
    _, sheet = sheets["soft_warning"]
    gaps = sum(entry.gaps.size for entry in sheet.entries.values())
    filled = sum((entry.recorded[entry.gaps] >= 0).sum() for entry in sheet.entries.values())

    assert abs(filled - gaps * 0.25) <= SIGMAS * math.sqrt(gaps * 0.25 * 0.75)


def measured(plan, sheet):
    """Count naive, valued, correct, correct of all and hidden wrong over the 25 needed fields."""
    present = ~sheet.lost["form"]
    counts = np.zeros(4)
    for cell, entry in sheet.entries.items():
        if cell[1] == "form_no":
            continue
        recorded, expected = entry.recorded[present], entry.expected[present]
        value = plan.dictionary[cell].is_value(recorded)
        right = recorded == expected
        counts += [(recorded >= 0).sum(), value.sum(), right.sum(), (value & ~right).sum()]
    in_system = counts / (present.sum() * 25)
    return (*in_system[:3], counts[2] / (N * 25), in_system[3])


@pytest.mark.parametrize("regime", MEASURES)
def test_measures_are_those_of_the_design_page(sheets, regime):
    """Over 25 fields, the five measures of the page to its three digits, within 4.5 standard errors of n x 25 cells."""
    found = measured(*sheets[regime])
    for number, (got, printed) in enumerate(zip(found, MEASURES[regime], strict=True)):
        error = math.sqrt(printed * (1 - printed) / (N * 25))
        if number == 3:
            error = math.hypot(error, 0.7 * math.sqrt(0.07 * 0.93 / N))  # exits come by the record

        assert abs(got - printed) <= 0.0005 + SIGMAS * error, number


def test_exits_follow_the_closed_form(sheets):
    """The share of records made is R(m): .98 at 10 mandatory fields, .98 exp(-.0525) at 25, .95 where declared."""
    for regime, stay in STAY.items():
        made = (~sheets[regime][1].lost["form"]).sum()

        assert abs(made - N * stay) <= SIGMAS * math.sqrt(N * stay * (1 - stay))


def test_slips(sheets):
    """Of the cells filled of one's own accord 3 % are wrong, each other value as often."""
    _, sheet = sheets["optional"]
    wrong = filled = 0
    away = Counter()
    for cell, entry in sheet.entries.items():
        if cell[1] != "form_no":
            there = entry.recorded >= 0
            filled += there.sum()
            wrong += (there & (entry.recorded != entry.expected)).sum()
            slipped = there & (entry.recorded != entry.expected)
            away.update(((entry.recorded - entry.expected)[slipped] % 8).tolist())

    assert abs(wrong - filled * EPS) <= SIGMAS * math.sqrt(filled * EPS * (1 - EPS))
    assert set(away) == set(range(1, 8))
    assert all(abs(n - wrong / 7) <= SIGMAS * math.sqrt(wrong / 7 * 6 / 7) for n in away.values())


def test_a_lazy_wrong_pick_is_the_first_option(sheets):
    """A wrong pick from a list is its first option, unless that is the truth."""
    _, sheet = sheets["all_25"]
    for cell, entry in sheet.entries.items():
        rows = entry.at(("wrong",))
        if cell[1] != "form_no":
            assert ((entry.recorded[rows] == 0) | (entry.expected[rows] == 0)).all()
            assert (entry.recorded[rows] != entry.expected[rows]).all()


def test_fates_say_what_the_cell_holds(sheets):
    """Lucky is right, wrong is wrong, honest is right or a slip, a placeholder is one, unknown is unknown."""
    for plan, sheet in sheets.values():
        for cell, entry in sheet.entries.items():
            field = plan.dictionary[cell]
            lucky, wrong = entry.at(("lucky_default", "lucky_copy")), entry.at(("wrong", "copied_wrong"))
            assert (entry.recorded[lucky] == entry.expected[lucky]).all()
            assert (entry.recorded[wrong] != entry.expected[wrong]).all()
            assert field.is_value(entry.recorded[wrong]).all()
            disguised = entry.recorded[entry.at(("placeholder",))]
            assert ((disguised >= field.domain.n_values) & (disguised < field.not_value_code())).all()
            unknown = entry.recorded[entry.at(("not_value_honest", "not_value_dodged"))]
            assert (unknown == field.not_value_code()).all()
            assert (entry.recorded[entry.at(("blank",))] == -1).all()
