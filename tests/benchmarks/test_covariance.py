"""Where two processes go by the same true value, their means alone give a wrong answer, off by one covariance.

By hand, for a field that is mandatory: what is told because somebody knew it gains h (1 - eps) E[G K], with G the share
of gaps and K the share of gaps that are known. Where both go by the type of facility, E[G K] = E[G] E[K] + Cov(G, K),
and the closed form of exchangeable fields, which knows the means alone, misses the last term. The same holds for the
share of records made, R, and what is right in them, C: E[R C] = E[R] E[C] + Cov(R, C).
"""

import math
from decimal import Decimal
from fractions import Fraction

import pytest

from benchmarks.field_model import hard_stop, optional
from benchmarks.operators import from_spec
from benchmarks.regimes import compare
from synth.mechanisms import fitted
from synth.scenario import load_scenario
from synth.spec import Mechanism, OperatorSpec, RegimeSpec
from synth.true_values import Choice

N = 40_000
LOCAL = 0.25  # of facilities are local; the others are regional
K, V, H, EPS = 0.85, 0.70, 0.55, 0.03
GAPS = 1 - K * V
KNOWN = K * (1 - V) / GAPS  # of gaps
LUCK = 0.35 * 0.25 + 0.25 * 0.40  # of evasions


def levels(mean, odds, share=LOCAL):
    """Return the rates of local and of regional facilities: odds `odds` to 1, of this mean.

    With x the odds of regional ones, share o x / (1 + o x) + (1 - share) x / (1 + x) = mean. Times (1 + x)(1 + o x):
    o (1 - mean) x**2 + [share o + 1 - share - mean (1 + o)] x - mean = 0, which has one positive solution.
    """
    if odds == 0:
        return 0.0, mean / (1 - share)
    a, b, c = odds * (1 - mean), share * odds + 1 - share - mean * (1 + odds), -mean
    x = (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)
    return odds * x / (1 + odds * x), x / (1 + x)


def mean_of(pair):
    return LOCAL * pair[0] + (1 - LOCAL) * pair[1]


def covariance(one, other):
    """Return the covariance of two quantities that go by the type: share (1 - share) times both differences."""
    return LOCAL * (1 - LOCAL) * (one[0] - one[1]) * (other[0] - other[1])


def scenario_of(odds, **operator):
    """Return `reference` with a type of facility that processes go by; process -> odds of local ones."""
    scenario = load_scenario("reference")
    facility = Choice(kind="choice", values={"local": Decimal(1), "regional": Decimal(3)})
    spec = {**scenario.operator.model_dump(), "beta": 0, "x0": 0, "alpha": 0, **operator}
    return scenario.model_copy(update={
        "truth": scenario.truth | {"facility_type": facility},
        "operator": OperatorSpec.model_validate(spec),
        "mechanisms": [Mechanism(of=process, by="facility_type", odds={"local": Decimal(str(each))})
                       for process, each in odds.items()],
        "regimes": {"optional": RegimeSpec(), "all_25": RegimeSpec(mandatory={"form": ["needed"]})},
    })  # fmt: skip


def test_the_levels_of_a_hand_made_example():
    """A quarter of .6 and three quarters of .2: mean .3, odds 1.5 and .25, so 6 to 1."""
    assert levels(0.3, 6) == pytest.approx((0.6, 0.2))
    assert covariance((0.6, 0.2), (0.5, 0.9)) == pytest.approx(0.25 * 0.5 * 0.6 + 0.75 * 0.9 * 0.2 - 0.3 * 0.8)


@pytest.mark.parametrize(("mean", "odds"), [(GAPS, 4), (KNOWN, 0.2), (0.1, 5), (0.3, 0)])
def test_the_fitted_levels_solve_the_quadratic(mean, odds):
    shares = [Fraction(1, 4), Fraction(3, 4)]
    found = fitted(Fraction(mean), shares, [Fraction(str(odds)), Fraction(1)], what="it")

    assert [limit / 2**32 for limit in found] == pytest.approx(levels(mean, odds), abs=1e-8)
    assert mean_of(levels(mean, odds)) == pytest.approx(mean)


@pytest.mark.parametrize(("gap_odds", "known_odds"), [(4, 0.2), (4, 5), (0.25, 0.2)])
def test_knowing_and_gaps_by_the_same_type(gap_odds, known_odds):
    """The simulated gain is h (1 - eps) E[G K]; means alone miss it by h (1 - eps) Cov(G, K)."""
    gaps, known = levels(GAPS, gap_odds), levels(KNOWN, known_odds)
    scenario = scenario_of({"gap": gap_odds, "known": known_odds})
    operator = from_spec(scenario.operator)

    found = compare(scenario, n_cases=N).difference("all_25", "informed_of_all")

    naive = hard_stop(operator, n_required=25).informed - optional(operator).informed
    right = H * (1 - EPS) * mean_of([one * other for one, other in zip(gaps, known, strict=True)])
    term = H * (1 - EPS) * covariance(gaps, known)
    assert naive == pytest.approx(H * (1 - EPS) * GAPS * KNOWN)
    assert right == pytest.approx(naive + term)
    assert abs(found.value - right) <= 4 * found.error
    assert abs(found.value - naive) > 10 * found.error
    assert (found.value - naive) * term > 0


def test_knowing_alone_by_type_leaves_the_means_alone():
    """With gaps that go by nothing there is no covariance, and the closed form holds."""
    scenario = scenario_of({"known": 0.2})
    operator = from_spec(scenario.operator)

    found = compare(scenario, n_cases=N).difference("all_25", "informed_of_all")

    assert abs(found.value - (hard_stop(operator).informed - optional(operator).informed)) <= 4 * found.error


def correct(gap, known):
    """C: right in the system, of a mandatory field: willing entries, told gaps, lucky evasions."""
    told = known * H
    return (1 - EPS) * (1 - gap) + gap * (told * (1 - EPS) + (1 - told) * LUCK)


@pytest.mark.parametrize(("exit_odds", "gap_odds"), [(5, 4), (5, 0.25), (0, 4)])
def test_leaving_and_what_is_right_by_the_same_type(exit_odds, gap_odds):
    """Right of all events is E[R C], not E[R] E[C]; right in the system is E[R C] / E[R], not E[C]."""
    gone, gaps = levels(0.10, exit_odds), levels(GAPS, gap_odds)
    scenario = scenario_of({"exit": exit_odds, "gap": gap_odds}, stay="0.90")
    stays, right = tuple(1 - each for each in gone), tuple(correct(gap, KNOWN) for gap in gaps)

    contrast = compare(scenario, n_cases=N)
    of_all, in_system = (contrast.measure("all_25", name) for name in ("correct_of_all", "correct_in_system"))

    form = hard_stop(from_spec(scenario.operator), n_required=25)
    naive, term = form.correct_of_all, covariance(stays, right)
    assert mean_of(right) == pytest.approx(form.correct_in_system)  # C goes straight with G, so its mean is that of G
    assert naive == pytest.approx(mean_of(stays) * mean_of(right))
    assert mean_of([one * other for one, other in zip(stays, right, strict=True)]) == pytest.approx(naive + term)
    assert abs(of_all.value - naive - term) <= 4 * of_all.error
    assert abs(in_system.value - (naive + term) / 0.90) <= 4 * in_system.error
    assert abs(in_system.value - form.correct_in_system) > 4 * in_system.error
    assert (in_system.value - form.correct_in_system) * term > 0
