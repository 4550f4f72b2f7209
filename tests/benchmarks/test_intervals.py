"""Intervals against published values, an exact oracle in rational arithmetic, and their own promise of coverage."""

from fractions import Fraction
from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.intervals import (
    beta_cdf,
    clopper_pearson_interval,
    goodman_intervals,
    newcombe_interval,
    wilson_interval,
)
from synth.errors import DataError

# The audit of 67 cases, evidence/behaviour.md section 3, in percent. Two cells differ from that table by its own
# rounding: the upper exact limit of 44 is 76.8 (the complement of the 23.2 it prints for 23 of 67), not 76.9.
WILSON = [(44, 53.7, 75.9), (11, 9.4, 27.1), (12, 10.6, 28.7), (23, 24.1, 46.3)]
EXACT = [(44, 53.1, 76.8), (11, 8.5, 27.5), (12, 9.6, 29.2), (23, 23.2, 46.9)]
GOODMAN = [(51.1, 77.8), (8.3, 29.8), (9.4, 31.5)]
FINITE = [(100, 58.9, 71.9), (200, 56.0, 74.2), (500, 54.6, 75.3), (1000, 54.1, 75.6), (5000, 53.8, 75.9)]


def binomial_cdf(successes: int, trials: int, share: float) -> float:
    """Exact: every term is a rational number."""
    p = Fraction(share)
    return float(sum(comb(trials, x) * p**x * (1 - p) ** (trials - x) for x in range(successes + 1)))


@pytest.mark.parametrize(("successes", "lower", "upper"), WILSON)
def test_wilson_gives_the_published_limits(successes, lower, upper):
    """The Wilson interval of each count of the 67 is the published one to a tenth of a percent."""
    interval = 100 * wilson_interval(successes, 67)[0]

    assert interval.round(1).tolist() == [lower, upper]


@pytest.mark.parametrize(("successes", "lower", "upper"), EXACT)
def test_clopper_pearson_gives_the_published_limits(successes, lower, upper):
    """The exact interval of each count of the 67 is the published one to a tenth of a percent."""
    interval = 100 * clopper_pearson_interval(successes, 67)[0]

    assert interval.round(1).tolist() == [lower, upper]


def test_goodman_gives_the_published_simultaneous_limits():
    """44, 11 and 12 of 67 as one multinomial give the published joint intervals."""
    intervals = 100 * goodman_intervals([44, 11, 12])

    assert intervals.round(1).tolist() == [list(pair) for pair in GOODMAN]


@pytest.mark.parametrize(("population", "lower", "upper"), FINITE)
def test_a_finite_population_narrows_the_interval_as_published(population, lower, upper):
    """44 of 67 drawn from a small population is known better, by the published amount."""
    interval = 100 * wilson_interval(44, 67, population=population)[0]

    assert interval.round(1).tolist() == [lower, upper]


def test_all_but_one_of_a_population_are_worth_the_square_of_their_number():
    """67 of 68 count as 67 x 67 / 1 independent cases."""
    nearly_all = wilson_interval(44, 67, population=68)

    assert nearly_all[0] == pytest.approx(wilson_interval(44 * 67, 67 * 67)[0])


def test_clustered_cases_widen_the_interval_as_published():
    """67 cases, 5 an officer at ICC .2, leave 49.6 to 78.8 percent."""
    interval = 100 * wilson_interval(44, 67, design_effect=1 + 4 * 0.2)[0]

    assert interval.round(1).tolist() == [49.6, 78.8]


def test_the_difference_of_two_audits_is_newcombes():
    """54 of 67 after 44 of 67 is -0.1 to +29.1 points."""
    interval = 100 * newcombe_interval(44, 67, 54, 67)[0]

    assert interval.round(1).tolist() == [-0.1, 29.1]


def test_one_end_at_ninety_percent_is_a_one_sided_limit():
    """23 deviations in 67 have a one-sided 95 % upper limit of 45.0 percent."""
    upper = 100 * clopper_pearson_interval(23, 67, level=0.90)[0, 1]

    assert round(upper, 1) == 45.0


@given(trials=st.integers(1, 120), data=st.data(), level=st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_clopper_pearson_inverts_the_binomial_tails(trials, data, level):
    """At its limits the exact interval leaves half of the uncovered chance in each tail of the binomial."""
    successes = data.draw(st.integers(0, trials))
    lower, upper = clopper_pearson_interval(successes, trials, level=level)[0]

    if successes > 0:
        assert 1 - binomial_cdf(successes - 1, trials, lower) == pytest.approx((1 - level) / 2, rel=1e-9)
    if successes < trials:
        assert binomial_cdf(successes, trials, upper) == pytest.approx((1 - level) / 2, rel=1e-9)


@given(trials=st.integers(1, 300), data=st.data(), share=st.floats(0.001, 0.999))
def test_the_beta_function_is_a_binomial_tail(trials, data, share):
    """P(Beta(x, n - x + 1) <= p) is P(at least x of n) for every p."""
    successes = data.draw(st.integers(1, trials))

    tail = beta_cdf(share, successes, trials - successes + 1)

    assert tail == pytest.approx(1 - binomial_cdf(successes - 1, trials, share), abs=1e-11)


@given(trials=st.integers(0, 10_000), data=st.data(), level=st.floats(0.01, 0.999))
def test_every_interval_holds_the_share_it_is_about(trials, data, level):
    """Lower <= share <= upper, inside 0 to 1, for both intervals and any level."""
    successes = data.draw(st.integers(0, trials))

    for interval in (wilson_interval, clopper_pearson_interval):
        lower, upper = interval(successes, trials, level=level)[0]
        assert 0 <= lower <= (successes / trials if trials else 0.5) <= upper <= 1


@given(trials=st.integers(1, 500), data=st.data())
def test_wilson_mirrors_successes_and_failures(trials, data):
    """The interval for the failures is the interval for the successes, mirrored."""
    successes = data.draw(st.integers(0, trials))

    lower, upper = wilson_interval(successes, trials)[0]

    assert wilson_interval(trials - successes, trials)[0] == pytest.approx([1 - upper, 1 - lower], abs=1e-12)


def test_nothing_seen_is_nothing_known():
    """Zero trials leave 0 to 1 (a difference: -1 to 1)."""
    assert wilson_interval(0, 0).tolist() == [[0, 1]]
    assert clopper_pearson_interval(0, 0).tolist() == [[0, 1]]
    assert goodman_intervals([0, 0]).tolist() == [[0, 1], [0, 1]]
    assert newcombe_interval(0, 0, 3, 4).tolist() == [[-1, 1]]


def test_a_whole_population_leaves_no_interval():
    """A census has no sampling error."""
    assert wilson_interval(44, 67, population=67)[0] == pytest.approx([44 / 67, 44 / 67])


@pytest.mark.parametrize("share", [0.05, 0.3, 0.657, 0.9])
def test_exact_intervals_cover_at_least_their_level(share):
    """Summed over all outcomes of 67 cases, the exact interval covers at least 95 %, Wilson 92 % or more."""
    outcomes = np.arange(68)
    chance = np.diff([0, *[binomial_cdf(x, 67, share) for x in range(68)]])

    exact, wilson = (interval(outcomes, 67) for interval in (clopper_pearson_interval, wilson_interval))

    assert chance[(exact[:, 0] <= share) & (share <= exact[:, 1])].sum() >= 0.95
    assert chance[(wilson[:, 0] <= share) & (share <= wilson[:, 1])].sum() >= 0.92


def test_goodman_intervals_cover_all_three_shares_together():
    """In 2,000 simulated audits the three intervals hold together in about 95 % or more."""
    runs, shares = 2_000, np.array([44, 11, 12]) / 67
    samples = np.random.default_rng(1).multinomial(67, shares, size=runs)

    held = [bool(np.all((box[:, 0] <= shares) & (shares <= box[:, 1]))) for box in map(goodman_intervals, samples)]

    # Four standard errors of a share of `runs`; the score interval may fall a point short of its level at n = 67.
    assert np.mean(held) >= 0.95 - 0.01 - 4 * sqrt(0.95 * 0.05 / runs)


def test_newcombe_intervals_cover_the_difference():
    """In 2,000 simulated pairs of audits the interval holds the true difference in about 95 %."""
    runs, before, after = 2_000, 0.657, 0.8
    rng = np.random.default_rng(2)

    box = newcombe_interval(rng.binomial(67, before, runs), 67, rng.binomial(67, after, runs), 67)

    held = np.mean((box[:, 0] <= after - before) & (after - before <= box[:, 1]))
    assert abs(held - 0.95) <= 0.01 + 4 * sqrt(0.95 * 0.05 / runs)


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        (lambda: wilson_interval(5, 4), "5 successes in 4 trials"),
        (lambda: clopper_pearson_interval([1, -2], [4, 4]), "-2 successes in 4 trials"),
        (lambda: wilson_interval(1, 4, level=95), "level is 95"),
        (lambda: wilson_interval(44, 67, population=50), "67 trials from a population of 50"),
        (lambda: wilson_interval(44, 67, design_effect=0.5), "design_effect is 0.5"),
        (lambda: goodman_intervals([5]), r"class counts \[5.0\]"),
    ],
)
def test_impossible_counts_are_refused_with_their_value(call, shown):
    """What cannot be a count, a level or a sample is named in the message."""
    with pytest.raises(DataError, match=shown):
        call()
