"""Figures of docs/lessons.md: hand counts against simulation (four standard errors) and against closed forms."""

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks import Operator, over_fields
from benchmarks.field_model import exchange_rate, hard_stop, optional
from benchmarks.model import LAYOUTS, break_even, chance_revealed, pairwise_agreement
from benchmarks.operators import from_spec, with_not_values, with_pick_list, with_placeholders_rejected
from benchmarks.regimes import compare
from synth.mechanisms import fitted
from synth.pipeline import generate, make_plan, sheet_of
from synth.scenario import load_scenario, scenario_text
from synth.spec import OperatorSpec, RegimeSpec

N = 50_000
FOLDER = Path(__file__).resolve().parent.parent / "examples" / "lessons"
UNITS, REASONS, COPIES = (str(FOLDER / f"{name}.yaml") for name in ("units", "reasons", "copies"))


def near(count, total, share):
    """Whether a count is within four binomial standard errors of its expectation."""
    share = float(share)
    return abs(count - total * share) <= 4 * math.sqrt(total * share * (1 - share)) + 1e-9


def met(estimate, expected):
    """Whether a simulated measure is within four of its standard errors of what is expected."""
    return abs(estimate.value - float(expected)) <= 4 * estimate.error + 1e-9


def codes(path, regime, n_cases=N, seed=1):
    """Return the plan, and every cell of some cases."""
    plan = make_plan(path, seed=seed, regime=regime)
    return plan, sheet_of(plan, np.arange(n_cases), n_cases)[0]


@pytest.mark.parametrize("path", [UNITS, REASONS, COPIES])
def test_the_scenarios_of_the_lessons_say_nothing_of_real_people(path):
    text = scenario_text(path)

    assert "modeller's" in text
    assert not [word for word in ("nationality", "race", "religion", "police", "prison") if word in text.lower()]


# --------------------------------------------------------------------------------------- 1. the dashboard and the truth


REFERENCE = {  # regime -> naive, valued, right in system, right of all, hidden wrong in system: the evidence page
    "optional": (0.595, 0.595, 0.577, 0.577, 0.018),
    "as_reported": (0.757, 0.715, 0.651, 0.638, 0.063),
    "all_25": (1.000, 0.874, 0.723, 0.672, 0.151),
    "all_25_unknown_allowed": (1.000, 0.776, 0.687, 0.653, 0.089),
}
MEASURES = ("completeness_naive", "completeness_valued", "correct_in_system", "correct_of_all", "hidden_wrong")


@pytest.fixture(scope="module")
def reference():
    return compare("reference", n_cases=N)


@pytest.mark.parametrize("regime", REFERENCE)
def test_the_dashboard_and_the_truth(reference, regime):
    for name, figure in zip(MEASURES, REFERENCE[regime], strict=True):
        found = reference.measure(regime, name)

        assert abs(found.value - figure) <= 4 * found.error + 0.0005, name  # the page gives three decimals


def test_the_gain_from_ten_to_all_fields_is_luck(reference):
    """What is known and told: .85 x .70 x .97 of all cells, and of forced ones .255 x h x .97; times R."""
    burdened, stay = 0.55 * math.exp(-0.03 * 15), 0.98 * math.exp(-0.0035 * 15)
    ten = 0.98 * 0.97 * (0.595 + 0.4 * 0.255 * 0.55)
    all_25 = stay * 0.97 * (0.595 + 0.255 * burdened)

    assert (round(ten, 3), round(all_25, 3)) == (0.619, 0.617)
    assert met(reference.measure("as_reported", "informed_of_all"), ten)
    assert met(reference.measure("all_25", "informed_of_all"), all_25)
    assert over_fields(Operator(), n_required=10).informed == pytest.approx(ten)
    assert over_fields(Operator(), n_required=25).informed == pytest.approx(all_25)
    assert met(reference.exchange_rate("all_25", against="as_reported"), 0.4344)


def test_the_exchange_rate_of_the_natural_experiment():
    """Omitted 41.2 -> 17.6, wrong 4.4 -> 24.4: right 54.4 -> 58.0, and 3.6 / 20.0 = .18."""
    before, after = 100 - 41.2 - 4.4, 100 - 17.6 - 24.4

    assert (round(before, 1), round(after, 1)) == (54.4, 58.0)
    assert round((after - before) / (24.4 - 4.4), 2) == 0.18
    assert round(exchange_rate(*(over_fields(Operator(), n_required=n) for n in (10, 25))), 2) == 0.43


# ----------------------------------------------------------------------------------------------------- 2. honest blanks


def test_refused_placeholders_come_back_or_become_something_that_looks_real():
    """Of gaps .405: known .6296 told .55, so .6537 evade; .4 of these placeholders, half respelled, half 3.5 : 2.5."""
    evaded = 0.405 - 0.255 * 0.55
    lucky, told = 0.35 * 0.25 + 0.25 * 0.40, 0.97 * (0.595 + 0.255 * 0.55)
    right = told + evaded * (lucky + 0.2 * lucky / 0.60)
    respelled = evaded * 0.4 * 0.5
    form = hard_stop(with_placeholders_rejected(Operator()))
    scenario = load_scenario("reference")
    regimes = {"refused": RegimeSpec.model_validate(
        {"mandatory": {"form": ["enforced"]}, "reject_placeholders": {"form": ["enforced"]}}
    )}  # fmt: skip
    fields = {name: spec for name, spec in scenario.systems["form"].fields.items() if spec.enforced or spec.stamped}
    form_of_ten = scenario.systems["form"].model_copy(update={"fields": fields})
    tried = compare(
        scenario.model_copy(update={"systems": {"form": form_of_ten}, "regimes": regimes, "base_regime": "refused",
                                    "novel_placeholders": {"choice": ["n.a", "??"]}}), n_cases=N)  # fmt: skip

    assert (round(form.correct_in_system, 3), round(form.hidden_wrong, 3)) == (0.779, 0.168)
    assert form.correct_in_system == pytest.approx(right)
    assert met(tried.measure("refused", "correct_in_system"), right)
    assert met(tried.measure("refused", "hidden_wrong"), 1 - right - respelled)
    assert tried.measure("refused", "completeness_valued").value == 1


# ------------------------------------------------------------------------------------------------------ 3. survivorship


HALF = [Fraction(1, 2)] * 2


def test_the_levels_of_the_two_units_are_those_of_the_hand_count():
    """By unit: blank .30 and .80, told 1/3 and 1/4, gone 0 and .60."""
    blank = fitted(Fraction(55, 100), HALF, [Fraction(3), Fraction(28)], what="gap")
    told = fitted(Fraction(7, 24), HALF, [Fraction(3), Fraction(2)], what="honest")
    gone = fitted(Fraction(3, 10), HALF, [Fraction(0), Fraction(1)], what="exit")

    for found, levels in ((blank, (0.3, 0.8)), (told, (1 / 3, 1 / 4)), (gone, (0, 0.6))):
        assert [limit / 2**32 for limit in found] == pytest.approx(levels, abs=1e-8)
    for gap, honest, before, after in ((0.3, 1 / 3, 0.80, 0.78), (0.8, 1 / 4, 0.40, 0.36)):
        assert 1 - gap * (1 - honest) == pytest.approx(before)
        assert 1 - gap * (1 - honest * 0.8) == pytest.approx(after)


def test_quality_improves_because_the_bad_records_left():
    contrast = compare(UNITS, n_cases=N)
    plan, sheet = codes(UNITS, "after")
    in_b = sheet.truth.codes("unit") == plan.domains["unit"].values.index("unit-b")
    before, after = contrast.tallies["before"], contrast.tallies["after"]
    right = [tally.counts("informed") for tally in (before, after)]
    there = after.counts("present") == 1

    assert near(right[0][~in_b].sum(), (~in_b).sum(), 0.80)
    assert near(right[0][in_b].sum(), in_b.sum(), 0.40)
    assert there[~in_b].all()
    assert near(there[in_b].sum(), in_b.sum(), 0.40)
    assert near(right[1][~in_b].sum(), (~in_b).sum(), 0.78)
    assert near(right[1][in_b & there].sum(), (in_b & there).sum(), 0.36)
    assert met(contrast.measure("before", "correct_in_system"), 0.60)
    assert met(contrast.measure("after", "correct_in_system"), 92.4 / 140)
    assert met(contrast.measure("after", "correct_of_all"), 92.4 / 200)
    assert met(contrast.difference("after", "correct_in_system"), 92.4 / 140 - 0.60)
    # on the records that are there both times: (80 + 16) of 140 before, 92.4 of 140 after
    assert near(right[0][there].sum(), there.sum(), 96 / 140)
    same = (right[1] - right[0])[there]
    assert same.mean() < 0 < contrast.difference("after", "correct_in_system").value
    assert abs(same.mean() - (92.4 - 96) / 140) <= 4 * same.std() / math.sqrt(same.size)
    assert met(contrast.difference_in_both("after", "correct_in_system"), (92.4 - 96) / 140)


# -------------------------------------------------------------------------------------------------------------- 4. MNAR


ANSWERS = {  # of 1,000 cases on record: awkward, comfortable, not stated
    "optional": (60, 630, 310),
    "mandatory": (108, 892, 0),
    "not_stated_allowed": (108, 757.6, 134.4),
}


@pytest.mark.parametrize("regime", ANSWERS)
def test_the_mandatory_field_hides_the_reason(regime):
    reason = generate(REASONS, n_cases=N, regime=regime).frames()["form"]["reason"].astype(object)
    awkward, comfortable = (reason == "our-mistake").sum(), (reason == "no-longer-needed").sum()
    by_hand = ANSWERS[regime]

    assert near(awkward, N, by_hand[0] / 1000)
    assert near(comfortable, N, by_hand[1] / 1000)
    assert near(N - awkward - comfortable, N, by_hand[2] / 1000)
    share = by_hand[0] / (by_hand[0] + by_hand[1])
    assert near(awkward, awkward + comfortable, share)
    assert round(share, 3) == {"optional": 0.087, "mandatory": 0.108, "not_stated_allowed": 0.125}[regime]


def test_completeness_of_the_reason_is_not_its_accuracy():
    """Of 1,000 mandatory answers 108 + 700 are right."""
    contrast = compare(REASONS, n_cases=N)

    assert contrast.measure("mandatory", "completeness_naive").value == 1
    assert met(contrast.measure("mandatory", "correct_of_all"), 0.808)
    assert met(contrast.measure("not_stated_allowed", "hidden_wrong"), 0.192 * 0.30)


def test_the_levels_of_the_reason_are_those_of_the_hand_count():
    """Blank .10 and .80; told, practically 1 and .20."""
    shares = [Fraction(7, 10), Fraction(3, 10)]
    blank = fitted(Fraction(31, 100), shares, [Fraction(1), Fraction(36)], what="gap")
    told = fitted(Fraction(76, 100), shares, [Fraction(1_000_000), Fraction(1)], what="honest")

    assert [limit / 2**32 for limit in blank] == pytest.approx([0.1, 0.8], abs=1e-8)
    assert [limit / 2**32 for limit in told] == pytest.approx([1, 0.2], abs=2e-5)


def test_other_choices_give_the_same_share_not_stated():
    """Awkward 192 x .60, and of 70 comfortable blanks 45 % x .60: 134, as 192 x .70."""
    assert round(192 * 0.60 + 70 * 0.45 * 0.60) == round(192 * 0.70) == 134


# --------------------------------------------------------------------------------------------------- 5. synchronisation


LINKED = {"apart": 0, "linked_half": 0.5, "linked_most": 0.9, "linked_all": 1}


@pytest.fixture(scope="module")
def copies():
    return compare(COPIES, n_cases=N)


@pytest.mark.parametrize(("regime", "by_hand"), list(zip(LINKED, (0.65, 0.825, 0.965, 1), strict=True)))
def test_linked_systems_agree(copies, regime, by_hand):
    """Both right .64, both wrong alike .04 / 4, and what is copied."""
    assert pairwise_agreement(0.8, 0.25, LINKED[regime]) == pytest.approx(by_hand)
    assert met(copies.measure(regime, "consistency_pairwise"), by_hand)
    assert met(copies.measure(regime, "correct_of_all"), 0.80)


REVEALED = {  # regime -> by the archive, by the spot check, by either
    "apart": (0.95, 0.95, 0.9975),
    "linked_half": (0.475, 0.95, 0.97375),
    "linked_most": (0.095, 0.95, 0.95475),
    "linked_all": (0, 0.95, 0.95),
    "spot_check_too": (0, 0, 0),
}


@pytest.mark.parametrize("regime", REVEALED)
def test_what_shows_that_intake_is_wrong(copies, regime):
    _, sheet = codes(COPIES, regime)
    held = {system: sheet.entries[system, "status"].recorded for system in ("intake", "archive", "spot_check")}
    wrong = held["intake"] != sheet.truth.codes("status")
    archive, check = (held[system][wrong] != held["intake"][wrong] for system in ("archive", "spot_check"))

    for found, by_hand in zip((archive, check, archive | check), REVEALED[regime], strict=True):
        assert near(found.sum(), wrong.sum(), by_hand)
    assert met(copies.measure(regime, "error_revealed"), REVEALED[regime][0])
    if regime in LINKED:
        for layout, by_hand in (("two_systems", REVEALED[regime][0]), ("one_copy", REVEALED[regime][2])):
            assert chance_revealed(0.8, 0.25, LINKED[regime], layout=layout) == pytest.approx(by_hand)


def test_two_that_copy_by_themselves_or_together():
    """Each by itself, simulated at .5 and .9: 1 - (sigma + (1 - sigma) .05)**2. Together: (1 - sigma) .9975."""
    scenario = load_scenario(COPIES)
    both = scenario.regimes["spot_check_too"]
    apart, together = ([round(chance_revealed(0.8, 0.25, sigma, layout=layout), 2) for sigma in (0, 0.5, 0.9, 1)]
                       for layout in ("copied_apart", "copied_together"))  # fmt: skip
    assert apart == [1.0, 0.72, 0.18, 0.0]
    assert together == [1.0, 0.5, 0.1, 0.0]
    assert len(LAYOUTS) == 4

    for sigma, by_hand in (("0.5", 1 - 0.525**2), ("0.9", 1 - 0.905**2)):
        regime = both.model_copy(update={"operator": {"sigma": Decimal(sigma)}})
        _, sheet = codes(scenario.model_copy(update={"regimes": scenario.regimes | {"tried": regime}}), "tried")
        held = [sheet.entries[system, "status"].recorded for system in ("intake", "archive", "spot_check")]
        wrong = held[0] != sheet.truth.codes("status")
        shown = (held[1] != held[0]) | (held[2] != held[0])

        assert near(shown[wrong].sum(), wrong.sum(), by_hand)


# ------------------------------------------------------------------------------------------------ 6. mandates that work


def test_a_mandate_that_works_and_one_that_cannot():
    """With k .95, h .90, eps .01 and a list: told .95 x (.70 + .30 x .90) x .99, lucky .25 or .40 of the rest."""
    told, evaded = 0.95 * (0.70 + 0.30 * 0.90) * 0.99, 1 - 0.95 * (0.70 + 0.30 * 0.90)
    right = told + evaded * (0.75 * 0.25 + 0.25 * 0.40)
    assert 0.90 < right < 0.95

    scenario = load_scenario("reference")
    operator = {"k": "0.95", "h0": "0.9", "slips": "0.01"}
    spec = OperatorSpec.model_validate({**scenario.operator.model_dump(), **operator})
    five = [f"f{number:02}" for number in range(1, 6)]
    fields = {name: each for name, each in scenario.systems["form"].fields.items() if name in (*five, "form_no")}
    form = scenario.systems["form"].model_copy(update={"fields": fields})
    lists = RegimeSpec.model_validate({"mandatory": {"form": five}, "pick_list": {"form": dict.fromkeys(five, "fits")}})
    tried = compare(scenario.model_copy(update={
        "systems": {"form": form}, "operator": spec, "regimes": {"fits": lists}, "base_regime": "fits",
    }), n_cases=N)  # fmt: skip

    assert met(tried.measure("fits", "correct_in_system"), right)
    assert met(tried.measure("fits", "correct_of_all"), 0.98 * right)
    closed = hard_stop(with_pick_list(from_spec(spec)), n_required=5)
    assert closed.correct_in_system == pytest.approx(right)
    assert optional(from_spec(spec)).correct_of_all == pytest.approx(0.95 * 0.70 * 0.99)


@pytest.mark.parametrize("omega", [0.5, 1, 2])
def test_no_honesty_pays_where_nobody_knows(omega):
    """With k .10 and everybody honest the known gaps bring .03 x .99, the .90 unknown ones cost .71 omega - .29."""
    nobody = with_pick_list(Operator(k=0.1, h0=0.9, eps=0.01))
    gain = 0.03 * (0.99 - omega * 0.01) - 0.90 * (omega * 0.7125 - 0.2875)

    assert gain < 0
    assert break_even(nobody, omega=omega).says == "no honesty pays: knowledge cannot be mandated"
    assert break_even(nobody, omega=omega).with_all == pytest.approx(gain)


def test_unknown_allowed_costs_score_and_hides_less():
    """Hidden wrong .151 -> .089, and the score .874 -> .776."""
    strict = hard_stop(Operator(), n_required=25, retained=0.93)
    unknown = hard_stop(with_not_values(Operator()), n_required=25, retained=0.95)

    assert (round(strict.hidden_wrong, 3), round(unknown.hidden_wrong, 3)) == (0.151, 0.089)
    assert (round(strict.completeness_valued, 3), round(unknown.completeness_valued, 3)) == (0.874, 0.776)


@pytest.mark.parametrize(("h0", "known"), [(0.50, 0.656), (0.35, 0.632)])
def test_what_unknown_takes_from_those_who_would_have_told(h0, known):
    """What is told of the .255 of cells that are known gaps: x h x .97, worn down by 15 fields beyond m0."""
    worn = math.exp(-0.03 * 15)
    by_hand = 0.97 * (0.595 + 0.255 * h0 * worn)
    form = hard_stop(with_not_values(Operator(), h0=h0), n_required=25, retained=0.95)

    assert round(by_hand, 3) == known
    assert form.informed / 0.95 == pytest.approx(by_hand)
    assert round(0.97 * (0.595 + 0.255 * 0.55 * worn), 3) == 0.664
