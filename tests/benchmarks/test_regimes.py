"""The same cases under each regime: closed forms, hand counts, simulation errors by simulation, what must not move."""

import math
from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from statistics import NormalDist, mean, stdev

import numpy as np
import pytest
from hand_made import cells, contrast_of, tally_of
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import SEEDS, SHIPPED

import benchmarks.regimes
from benchmarks.regimes import (
    BETWEEN,
    SHARES,
    compare,
    outcomes_of,
    related_plans,
    shown_regime,
    tallies_of,
    verdict_counts,
)
from benchmarks.settings import parameters_of, with_values
from synth.errors import CasegaugeError, ScenarioError
from synth.pipeline import generate, make_plan
from synth.scenario import load_scenario
from synth.truth import Truth

MEASURES = ("completeness_naive", "completeness_valued", "correct_in_system", "correct_of_all", "hidden_wrong")

# docs: behaviour.md 4.6 and 8, design section 7: published to three decimals.
REFERENCE = {
    "optional": (0.595, 0.595, 0.577, 0.577, 0.018),
    "soft_warning": (0.696, 0.670, 0.624, 0.624, 0.046),
    "as_reported": (0.757, 0.715, 0.651, 0.638, 0.063),
    "all_25": (1, 0.874, 0.723, 0.672, 0.151),
    "all_25_unknown_allowed": (1, 0.776, 0.687, 0.653, 0.089),
}
EXCHANGE_RATES = (("as_reported", "all_25", 0.44), ("optional", "all_25", 0.78),
                  ("all_25_unknown_allowed", "all_25", 0.35))  # fmt: skip


@pytest.fixture(scope="module")
def small_reference():
    return compare("reference", n_cases=2000, seed=11)


@pytest.fixture(scope="module")
def small_audit():
    return compare("oig-20-13", n_cases=500, seed=11)


def assert_closed_forms(contrast):
    for regime, row in REFERENCE.items():
        for name, value in zip(MEASURES, row, strict=True):
            found = contrast.measure(regime, name)
            assert abs(found.value - value) <= 4 * found.error + 0.0005, (regime, name, found)
    for base, regime, value in EXCHANGE_RATES:
        found = contrast.exchange_rate(regime, against=base)
        assert abs(found.value - value) <= 4 * found.error + 0.005, (base, regime, found)


def test_the_reference_scenario_meets_its_closed_forms(small_reference):
    """Five regimes, five measures and three exchange rates are the published ones, within four simulation errors."""
    assert_closed_forms(small_reference)


@pytest.mark.slow
def test_the_reference_scenario_meets_its_closed_forms_with_many_cases():
    """With 40,000 cases the published figures hold within a quarter of a point."""
    contrast = compare("reference", n_cases=40_000, seed=2)

    assert_closed_forms(contrast)
    assert contrast.measure("all_25", "correct_in_system").error < 0.0006


def test_shares_and_differences_counted_by_hand():
    """Ten cells a case, four cases: 6 right and 1 hidden wrong before, 8 (2 of them lucky) and 2 after."""
    contrast = contrast_of(cells("before", 6, 1, blank=3), cells("after", 8, 2, lucky=2))

    before = {share.name: contrast.measure("before", share.name).value for share in SHARES}
    after = {share.name: contrast.measure("after", share.name).value for share in SHARES}
    assert before["completeness_naive"] == 0.7
    assert before["completeness_valued"] == 0.7
    assert before["correct_of_all"] == before["informed_of_all"] == 0.6
    assert after["correct_of_all"] == 0.8
    assert (after["informed_of_all"], after["lucky_of_all"]) == (0.6, 0.2)
    assert after["hidden_wrong"] == after["hidden_wrong_of_all"] == 0.2
    assert after["accuracy_valued"] == 0.8
    assert math.isnan(after["consistency_pairwise"])
    assert contrast.difference("after", "correct_of_all").value == pytest.approx(0.2)
    assert contrast.net_right("after").value == pytest.approx(0.6)
    assert contrast.net_right("after", 3).value == pytest.approx(0.2)
    assert contrast.exchange_rate("after").value == pytest.approx(2.0)
    assert contrast.exchange_rate("before", against="after").value == pytest.approx(2.0)


def test_lost_records_count_among_all_events_only():
    """Of two records one is lost: right are 6 of 10 cells in the system, and 6 of 20 of all events."""
    alike = {"needed": [10, 10], "informed": [6, 0], "present_needed": [10, 0], "present": [1, 0]}
    contrast = contrast_of(tally_of("base", **alike, asked=[10, 0], filled=[6, 0]))

    assert contrast.measure("base", "correct_in_system").value == 0.6
    assert contrast.measure("base", "correct_of_all").value == 0.3
    assert contrast.measure("base", "completeness_naive").value == 0.6
    assert contrast.measure("base", "capture_rate").value == 0.5


def test_the_error_of_a_mean_is_the_one_of_the_textbook():
    """Where every case has ten needed cells, a share is a mean, and its error s / sqrt(n)."""
    right = [2, 4, 6, 8, 10]
    contrast = contrast_of(tally_of("base", needed=[10] * 5, informed=right))

    found = contrast.measure("base", "correct_of_all")

    assert found.value == 0.6
    assert found.error == pytest.approx(stdev(count / 10 for count in right) / 5**0.5)


def test_the_error_of_an_exchange_rate_counted_by_hand():
    """Every case gains 3 right entries, every other one 2 wrong ones: rate 3, and its error that of the wrong ones."""
    needed, wrong = [10] * 8, [0, 2] * 4
    before = tally_of("base", needed=needed, informed=[5] * 8)
    after = tally_of("next", needed=needed, informed=[8] * 8, hidden_wrong=wrong)

    found = contrast_of(before, after).exchange_rate("next")

    assert found.value == pytest.approx(3)
    assert found.error == pytest.approx(3 * stdev(wrong) / 8**0.5)


def test_the_error_of_a_ratio_is_near_the_jackknife_s(small_reference):
    """Leaving out one case at a time gives the same standard error to 2 %, for shares, differences and rates."""
    regime, size = "all_25", 300
    base, other = ({name: each.counts(name)[:size] for name in ("needed", "informed", "lucky", "hidden_wrong")}
                   for each in (small_reference.tallies["optional"], small_reference.tallies[regime]))  # fmt: skip
    contrast = contrast_of(tally_of("optional", **base), tally_of(regime, **other))

    def left_out(counts, *names):
        top, bottom = sum(counts[name] for name in names), counts["needed"]
        return (top.sum() - top) / (bottom.sum() - bottom)

    def jackknife(values):
        return math.sqrt((size - 1) / size * ((values - values.mean()) ** 2).sum())

    right = left_out(other, "informed", "lucky") - left_out(base, "informed", "lucky")
    wrong = left_out(other, "hidden_wrong") - left_out(base, "hidden_wrong")
    net = left_out(other, "informed", "lucky") - 2 * left_out(other, "hidden_wrong")
    wanted = {
        jackknife(left_out(other, "informed", "lucky")): contrast.measure(regime, "correct_of_all"),
        jackknife(right): contrast.difference(regime, "correct_of_all"),
        jackknife(net): contrast.net_right(regime, 2),
        jackknife(right / wrong): contrast.exchange_rate(regime),
    }  # fmt: skip
    for error, found in wanted.items():
        assert found.error == pytest.approx(error, rel=0.02)


def test_quotas_leave_no_error_between_verdicts(small_audit):
    """Where a quota fixes how many cases of each verdict there are, the error is that of the cases within them."""
    contrast = replace(small_audit, officers=None)
    tally = contrast.tallies["as_reported"]
    top, bottom = tally.counts("agreeing"), tally.counts("pairs")
    share = top.sum() / bottom.sum()
    variance = 0.0
    for code in range(3):
        within = [
            a - share * b for a, b, drawn in zip(top, bottom, tally.verdicts["drawn"], strict=True) if drawn == code
        ]
        variance += stdev(within) ** 2 * len(within)

    found = contrast.measure("as_reported", "consistency_pairwise")

    assert found.value == share
    assert found.error == pytest.approx(math.sqrt(variance) / bottom.sum())


def test_errors_are_summed_by_the_officer_who_handled_the_case():
    """In rate mode the error is that of 16 sums, one an officer, each about the mean of all cases."""
    contrast = compare("reference", n_cases=512, seed=3, regimes=["all_25"])
    tally = contrast.tallies["all_25"]
    top, bottom = tally.counts("hidden_wrong"), tally.counts("needed")
    share = top.sum() / bottom.sum()
    sums = dict.fromkeys(contrast.officers, 0.0)
    for a, b, officer in zip(top, bottom, contrast.officers, strict=True):
        sums[officer] += (a - share * b) / bottom.sum()

    found = contrast.measure("all_25", "hidden_wrong_of_all")

    assert len(sums) == found.n_officers == 16
    assert found.error == pytest.approx(math.sqrt(sum(each**2 for each in sums.values()) * 16 / 15))


def test_a_verdict_of_one_case_keeps_its_whole_deviation():
    """Three cases of three verdicts have no spread within a verdict: the error is not reported as none."""
    assert compare("oig-20-13", n_cases=3, seed=1).measure("as_reported", "completeness_valued").error > 0


# About 90 measures are looked at: each side of each may be passed by chance once in 10,000.
FAR = NormalDist().inv_cdf(1 - 0.0001)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n_cases"), [("reference", 250), ("oig-20-13", 469)])
def test_simulation_errors_are_the_spread_over_seeds(name, n_cases):
    """Over 100 seeds a share, difference, net or exchange rate spreads as widely as its reported error says."""
    n_runs, values, errors = 100, {}, {}
    for seed in range(n_runs):
        contrast = compare(name, n_cases=n_cases, seed=seed, regimes=["all_25"])
        found = {
            f"{regime} {share.name}": contrast.measure(regime, share.name)
            for regime in contrast.tallies
            for share in SHARES
        }
        found |= {f"gain {share.name}": contrast.difference("all_25", share.name) for share in SHARES}
        found["net"] = contrast.net_right("all_25")
        if name == "reference":  # in the other the gain in right entries is near none, and a ratio of it not normal
            found["rate"] = contrast.exchange_rate("all_25")
        for key, each in found.items():
            values.setdefault(key, []).append(each.value)
            errors.setdefault(key, []).append(each.error)

    # A sample standard deviation of n normal values is off by 1 / sqrt(2 (n - 1)) of itself; a little more for tails.
    tolerance = 1.3 * FAR / math.sqrt(2 * (n_runs - 1))
    for key, each in values.items():
        if math.isnan(each[0]) or not any(errors[key]):
            assert math.isnan(each[0]) or len(set(each)) == 1, key
            continue
        if ("lucky" in key or "capture_rate" in key) and "all_25" not in key and "gain" not in key:
            continue  # a handful of cells, or of records kept elsewhere: not normal
        if "error_revealed" in key and name == "oig-20-13":
            continue  # some 80 statements, nearly all revealed: not normal either
        assert abs(stdev(each) / mean(errors[key]) - 1) < tolerance, key


@pytest.mark.parametrize("regime", ["all_25", "all_25_unknown_allowed", "reason_on_close"])
def test_pairing_makes_a_difference_sharper(small_audit, regime):
    """The paired error of a difference is smaller than what two independent runs would have."""
    alone = replace(small_audit, officers=None)
    for name in ("completeness_naive", "completeness_valued", "correct_in_system", "hidden_wrong_of_all"):
        apart = math.hypot(alone.measure(regime, name).error, alone.measure("as_reported", name).error)
        assert alone.difference(regime, name).error < apart


def test_an_exchange_rate_without_a_change_is_undefined(small_audit):
    """A regime against itself, or in a system it does not touch, has no exchange rate: not 0, not infinity."""
    for found in (
        small_audit.exchange_rate("as_reported"),
        small_audit.exchange_rate("all_25", against="all_25"),
        small_audit.exchange_rate("all_25", "casework"),
        contrast_of(cells("base", 5, 1), cells("other", 7, 1)).exchange_rate("other"),
    ):
        assert math.isnan(found.value)
        assert math.isnan(found.error)


def test_one_case_has_no_simulation_error():
    """The error of one case is undefined, its shares are not."""
    contrast = compare("oig-20-13", n_cases=1, seed=3)

    assert contrast.measure("as_reported", "completeness_naive").value > 0
    assert math.isnan(contrast.measure("as_reported", "completeness_naive").error)


@settings(max_examples=6)
@given(st.sampled_from(SHIPPED), SEEDS, st.integers(2, 150))
def test_measures_keep_their_order_in_every_regime(name, seed, n_cases):
    """Not blank is at least valued, right in the system at least right of all, and informed and lucky are right."""
    contrast = compare(name, n_cases=n_cases, seed=seed)

    for regime in contrast.tallies:
        for scope in contrast.scopes():
            get = {share.name: contrast.measure(regime, share.name, scope).value for share in SHARES
                   if scope == "all" or share.name not in BETWEEN}  # fmt: skip
            if not contrast.tallies[regime].total("present", scope):
                continue
            assert get["completeness_naive"] >= get["completeness_valued"]
            assert get["correct_in_system"] >= get["correct_of_all"]
            assert get["hidden_wrong"] >= get["hidden_wrong_of_all"]
            assert get["informed_of_all"] + get["lucky_of_all"] == pytest.approx(get["correct_of_all"])
            assert get["correct_in_system"] + get["hidden_wrong"] <= 1 + 1e-9
            assert get["accuracy_valued"] >= get["correct_in_system"] - 1e-9
            assert all(0 <= value <= 1 for value in get.values() if not math.isnan(value))


@settings(max_examples=10)
@given(st.sampled_from([("oig-20-13", "as_reported"), ("reference", "optional")]), SEEDS)
def test_a_hard_stop_only_takes_records_away_and_only_fills_the_rest(which, seed):
    """Enforcing all fields loses no fewer records; in those that stay, blanks go, right and hidden wrong only rise.

    Where nobody falsifies what opens a branch: that takes right entries away.
    """
    name, base = which
    scenario = load_scenario(name)
    scenario = scenario.model_copy(update={"operator": scenario.operator.model_copy(update={"z": Decimal(0)})})
    contrast = compare(scenario, n_cases=134, seed=seed, regimes=[base, "all_25"])
    system = "encounter" if name == "oig-20-13" else "form"
    before, after = (contrast.tallies[regime] for regime in (base, "all_25"))

    assert (after.counts("present") <= before.counts("present")).all()
    here = after.counts("present", system) == 1
    assert contrast.measure("all_25", "completeness_naive", system).value == 1
    for quantity in ("filled", "valued", "hidden_wrong", "informed", "lucky"):
        assert (after.counts(quantity, system)[here] >= before.counts(quantity, system)[here]).all(), quantity


def test_a_reason_on_close_changes_only_that_field_and_what_opens_it():
    """Demanding the reason a hold was not enforced changes that field, and answers that would ask for it."""
    before, after = (generate("oig-20-13", n_cases=500, seed=4, regime=regime).frames()
                     for regime in ("as_reported", "reason_on_close"))  # fmt: skip

    changed = {(system, field) for system in before for field in before[system].columns
               if not before[system][field].equals(after[system][field])}  # fmt: skip
    assert changed == {("casework", "reason_hold_not_enforced"), ("casework", "hold_outcome")}
    opens, said = (frames["casework"]["hold_outcome"].astype(object).fillna("") for frames in (before, after))
    avoided = opens != said
    assert set(opens[avoided]) <= {"declined", "lifted"}
    assert after["casework"]["reason_hold_not_enforced"][avoided].isna().all()
    rows = before["casework"]["reason_hold_not_enforced"].isna() & after["casework"]["reason_hold_not_enforced"].notna()
    assert rows.sum() > 0


@pytest.mark.parametrize("regime", ["all_25", "all_25_unknown_allowed"])
def test_controls_of_the_encounter_form_leave_the_other_systems_alone(small_audit, regime):
    """Enforcing the encounter's fields changes no cell of casework or inquiry, and no count of theirs."""
    before, after = (
        generate("oig-20-13", n_cases=200, seed=4, regime=each).frames() for each in ("as_reported", regime)
    )

    for system in ("casework", "inquiry"):
        assert before[system].equals(after[system])
        for (scope, quantity), counts in small_audit.tallies[regime].per_case.items():
            if scope == system:
                assert (counts == small_audit.tallies["as_reported"].counts(quantity, system)).all()
    assert not before["encounter"].equals(after["encounter"])


@pytest.mark.parametrize("name", SHIPPED)
def test_regimes_share_the_cases(name):
    """Under every regime the same cells are needed and the drawn verdicts are the same: differences are paired."""
    contrast = compare(name, n_cases=134, seed=9)

    base = contrast.tallies[contrast.base]
    for tally in contrast.tallies.values():
        assert (tally.counts("needed") == base.counts("needed")).all()
        assert (tally.verdicts["drawn"] == base.verdicts["drawn"]).all()


def test_counting_in_pieces_changes_nothing(monkeypatch):
    """Cases counted 50 at a time are the cases counted at once, and progress ends at cases times regimes."""
    whole = compare("oig-20-13", n_cases=134, seed=2)
    steps = []
    monkeypatch.setattr(benchmarks.regimes, "BLOCK", 50)

    found = compare("oig-20-13", n_cases=134, seed=2, progress=steps.append)

    assert found.to_frame().equals(whole.to_frame())
    assert steps == sorted(steps)
    assert steps[-1] == 134 * len(whole.tallies)


def test_the_frame_has_a_row_a_regime_and_system(small_audit):
    """The table that is written holds what `measure` and `exchange_rate` say, and agreement under "all" only."""
    frame = small_audit.to_frame().set_index(["regime", "scope"])

    assert len(frame) == len(small_audit.tallies) * 4
    for (regime, scope), row in frame.iterrows():
        for share in SHARES:
            if scope != "all" and share.name in BETWEEN:
                assert math.isnan(row[share.name])
                continue
            assert row[share.name] == small_audit.measure(regime, share.name, scope).value
            assert row[f"{share.name}_error"] == small_audit.measure(regime, share.name, scope).error
        rate = small_audit.exchange_rate(regime, scope).value
        assert row["exchange_rate"] == rate or (math.isnan(row["exchange_rate"]) and math.isnan(rate))
        assert row["net_right_1"] == pytest.approx(row["correct_of_all"] - row["hidden_wrong_of_all"])


def test_the_audit_s_cases_keep_their_verdicts(small_audit):
    """The first 67 cases are 44, 11 and 12; all cases of 500 are the largest-remainder counts 328, 82 and 90."""
    first = verdict_counts(small_audit, "as_reported", "reviewer", first=67)

    assert first == {"documented": 44, "inconsistent": 11, "insufficient": 12}
    assert verdict_counts(small_audit, "as_reported", "drawn") == dict(
        zip(first, np.bincount(small_audit.tallies["all_25"].verdicts["drawn"]).tolist(), strict=True)
    )
    assert sum(verdict_counts(small_audit, "all_25", "true").values()) == 500


def test_the_regime_spoken_of_first_lifts_the_dashboard_most():
    """The largest gain in what is not blank wins, the earlier of equals; a regime without records never does."""
    base, low, high, same = (
        cells("b", 5, 0, blank=5),
        cells("l", 6, 0, blank=4),
        cells("h", 8, 0, blank=2),
        cells("s", 8, 0, blank=2),
    )
    gone = cells("gone", 0, 0, present=0)

    assert shown_regime(contrast_of(base, low, high, same)) == "h"
    assert shown_regime(contrast_of(base, gone, low)) == "l"
    assert shown_regime(contrast_of(base)) is None


def test_the_base_regime_is_always_compared_and_none_twice():
    """Asking for a regime twice gives it once, beside the base regime."""
    assert list(compare("reference", n_cases=5, regimes=["all_25", "all_25"]).tallies) == ["optional", "all_25"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"regimes": ["all25"], "n_cases": 5}, "unknown regime 'all25'. Did you mean 'all_25'?"),
        ({"n_cases": 0}, "0"),
        ({"n_cases": 2**31 + 1}, "2,?147,?483,?649"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    """A regime that does not exist and a number of cases that is impossible are named."""
    with pytest.raises((ScenarioError, CasegaugeError), match=message):
        compare("oig-20-13", **arguments)


def test_a_regime_compared_with_itself_differs_by_nothing(small_audit):
    """Common draws: every difference, net gain and limit of a regime against itself is 0."""
    for regime in small_audit.tallies:
        for share in SHARES:
            found = small_audit.difference(regime, share.name, against=regime)
            assert (found.value, found.error) == (0, 0)
            assert small_audit.difference_in_both(regime, "hidden_wrong", against=regime).value == 0
        assert small_audit.net_gain(regime, 2, against=regime).limits() == (0, 0)
        assert small_audit.minutes_more(regime, against=regime).value == 0


def test_the_order_of_the_regimes_changes_nothing():
    """Asked for in any order, every regime has the same counts and every pair the same difference."""
    regimes = ["all_25", "all_25_unknown_allowed", "reason_on_close"]
    first = compare("oig-20-13", n_cases=134, seed=8, regimes=regimes)

    for order in permutations(regimes):
        found = compare("oig-20-13", n_cases=134, seed=8, regimes=order)
        for name in regimes:
            assert all((found.tallies[name].per_case[key] == counts).all()
                       for key, counts in first.tallies[name].per_case.items())  # fmt: skip
            assert found.difference(name, "correct_of_all") == first.difference(name, "correct_of_all")


def test_an_exchange_rate_is_the_same_either_way_round(small_reference):
    """From one regime to another and back: both gains change sign, and their ratio does not."""
    for one, other in small_reference.pairs():
        there, back = (small_reference.exchange_rate(a, against=b) for a, b in ((one, other), (other, one)))
        assert there.value == pytest.approx(back.value)
        assert there.error == pytest.approx(back.error)
    assert len(small_reference.pairs()) == 5 * 4 / 2


def test_on_records_in_both_survivors_are_compared_with_themselves():
    """Simpson by hand: a bad record leaves, the rest get worse; a dashboard sees better, the records in both worse."""
    alike = {"needed": [10, 10]}
    before = tally_of("before", **alike, present=[1, 1], present_needed=[10, 10], informed=[9, 2])
    after = tally_of("after", **alike, present=[1, 0], present_needed=[10, 0], informed=[8, 0])

    contrast = contrast_of(before, after)

    assert contrast.difference("after", "correct_in_system").value == pytest.approx(0.8 - 0.55)
    assert contrast.difference_in_both("after", "correct_in_system").value == pytest.approx(0.8 - 0.9)


def test_minutes_and_lost_records_counted_by_hand():
    """2 picks, 3 typed, 1 narrative and 4 evasions a case: 2 x 5.5 + 3 x 11.5 + 120 + 4 x 1.4 = 171.1 seconds."""
    contrast = contrast_of(
        tally_of("base", picked=[2, 2], typed=[3, 3], narrated=[1, 1], evaded=[4, 4], present=[1, 1]),
        tally_of("none", picked=[0, 2], typed=[0, 3], narrated=[0, 1], evaded=[0, 4], present=[0, 1]),
    )
    scenario = contrast.scenario
    specs = dict.fromkeys(contrast.tallies, scenario.regimes["optional"])
    contrast = replace(contrast, scenario=scenario.model_copy(update={"regimes": specs}))

    assert contrast.minutes("base").value == pytest.approx(171.1 / 60)
    assert contrast.minutes_more("none").value == pytest.approx(-171.1 / 60 / 2)
    assert contrast.lost_per_1000("none").value == pytest.approx(500)


def test_an_error_that_no_other_system_contradicts_is_not_revealed():
    """Of 4 wrong statements 3 are contradicted; none wrong is undefined, not 0 or 1."""
    contrast = contrast_of(tally_of("base", wrong_statements=[3, 1], revealed=[3, 0]), tally_of("next", needed=[1, 1]))

    assert contrast.measure("base", "error_revealed").value == 0.75
    assert math.isnan(contrast.measure("next", "error_revealed").value)


def test_parameters_are_set_under_every_regime():
    """`parameters` is the scenario with them set; with all honesty gone, nobody forced tells the truth."""
    none = compare("reference", n_cases=200, regimes=["all_25"], parameters={"h": 0})
    usual = compare("reference", n_cases=200, regimes=["all_25"])

    assert none.difference("all_25", "informed_of_all").value <= 0
    assert usual.difference("all_25", "informed_of_all").value > 0
    assert none.tallies["optional"].total("informed") == usual.tallies["optional"].total("informed")


def test_plans_that_share_what_they_have_in_common_are_plans_made_alone():
    """Draws, wordings and rates made once for many settings give the counts of plans that share nothing."""
    scenario = load_scenario("oig-20-13")
    moved = [
        with_values(scenario, parameters_of(changes))
        for changes in (
            ["eps=.05", "h=.2"],
            ["further_blank=.6", "slip_typo=.5", "eps=.05"],
            ["u=.4"],
            ["k=.6", "u=.4"],
        )
    ]
    listed = scenario.regimes["all_25"].model_copy(
        update={
            "pick_list": {"encounter": {"facility_code": "misfits"}},
            "operator": {"misfit": Decimal("0.3")},
        }
    )
    regimes = {"as_reported": scenario.regimes["as_reported"], "all_25": scenario.regimes["all_25"], "listed": listed,
               "synchronised": scenario.regimes["synchronised"]}  # fmt: skip
    settings = {(place, regime): (each.model_copy(update={"regimes": {**each.regimes, "listed": listed}}), regime)
                for place, each in enumerate((scenario, *moved, scenario)) for regime in regimes}  # fmt: skip

    shared = tallies_of(related_plans(settings, seed=5), 268)
    outcomes = outcomes_of(related_plans(settings, seed=5), 268)

    for key, (each, regime) in settings.items():
        alone = tallies_of({regime: make_plan(each, seed=5, regime=regime)}, 268, memory=False)[regime]
        assert all((alone.per_case[name] == counts).all() for name, counts in shared[key].per_case.items())
        right = alone.total("informed") + alone.total("lucky")
        assert outcomes[key].right == right / alone.total("needed")
        assert outcomes[key].wrong == alone.total("hidden_wrong") / alone.total("needed")


def test_what_is_kept_of_cases_is_what_each_regime_expects():
    """With a memory that regimes share, a field and the same officer's field before hold what they hold without one."""
    plans = [make_plan("oig-20-13", seed=5, regime=regime) for regime in ("as_reported", "synchronised", "all_25")]
    index = np.arange(90)
    shared = Truth(plans[0], index, 90, memory={})
    assert len({plan.hidden for plan in plans}) == 2

    for plan in plans:
        for system, name in plan.dictionary:
            here, alone = shared.under(plan), Truth(plan, index, 90)
            known = alone.previous >= 0
            before = np.full(90, -1)
            before[known] = alone.among(alone.previous[known]).expected(system, name)

            assert (here.expected(system, name) == alone.expected(system, name)).all()
            assert (here.before(system, name) == before).all()


@pytest.mark.slow
@pytest.mark.parametrize("changes", [["h_icc=.3"], ["careless=.3"]])
def test_limits_of_a_difference_hold_what_they_say_when_officers_differ(changes):
    """Over 120 seeds the 95 % limits of a gain hold its mean over many cases in about 95 %; case by case too seldom."""
    scenario = with_values(load_scenario("reference"), parameters_of(changes))
    n_runs, held, alone = 120, 0, 0
    runs = [compare(scenario, n_cases=1024, seed=seed, regimes=["all_25"]) for seed in range(n_runs)]
    values = [contrast.difference("all_25", "correct_of_all").value for contrast in runs]
    for contrast in runs:
        found = contrast.difference("all_25", "correct_of_all")
        low, high = found.limits()
        held += low <= mean(values) <= high
        single = replace(contrast, officers=None).difference("all_25", "correct_of_all")
        alone += abs(single.value - mean(values)) <= 1.96 * single.error

    assert held / n_runs > 0.95 - FAR * math.sqrt(0.95 * 0.05 / n_runs)
    assert alone < held
    assert stdev(values) / mean(
        contrast.difference("all_25", "correct_of_all").error for contrast in runs
    ) == pytest.approx(1, abs=1.3 * FAR / math.sqrt(2 * (n_runs - 1)))
