"""Simulation error when officers differ: textbook cases, hand counts, and coverage by replication."""

import math
from statistics import NormalDist, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.spread import Estimate, groups_of, standard_error, t_quantile

# Student's t, two-sided 95 %: any table of it.
T_975 = {3: 3.182, 5: 2.571, 10: 2.228, 15: 2.131, 30: 2.042, 60: 2.000, 120: 1.980}
FAR = NormalDist().inv_cdf(1 - 0.0001)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=30))
def test_cases_of_their_own_officers_give_the_textbook_s_error(values):
    """Where every case has its own officer, the error of a sum is s sqrt(n)."""
    found = standard_error(np.array(values))

    assert found == pytest.approx(stdev(values) * math.sqrt(len(values)), abs=1e-9)


def test_an_officer_s_cases_count_together():
    """Two officers with 3 and 3, and 5 and 5: means 3 and 5, sums 2 below and 2 above, times 2 for what two lose."""
    influence, officers = np.array([3.0, 5.0, 3.0, 5.0]), np.array([7, 9, 7, 9])

    assert standard_error(influence, officers) == pytest.approx(math.sqrt((2**2 + 2**2) / (1 - 2 * 0.5**2)))
    assert groups_of(4, officers).n_officers == 2
    assert groups_of(4).n_officers == 4


def test_a_verdict_varies_about_its_own_mean():
    """Two verdicts of two cases each, 1 and 3, 10 and 14: squares 1, 1, 4, 4, each doubled, whatever lies between."""
    influence, strata = np.array([1.0, 3.0, 10.0, 14.0]), np.array([0, 0, 1, 1], np.int8)

    assert standard_error(influence, strata=strata) == pytest.approx(math.sqrt(2 * (1 + 1 + 4 + 4)))


def test_what_one_officer_holds_alone_counts_whole():
    """A verdict of one case has no spread of its own: it is not taken for none."""
    influence, strata = np.array([1.0, 1.0, 5.0]), np.array([0, 0, 1], np.int8)

    assert standard_error(influence, strata=strata) == pytest.approx(5)


@pytest.mark.parametrize("influence", [[1.0], [math.nan, math.nan]])
def test_one_case_and_undefined_shares_have_no_error(influence):
    """Nothing is known of the spread of one case, nor of a share of 0 of 0."""
    assert math.isnan(standard_error(np.array(influence)))


def test_one_officer_alone_gives_no_error():
    """Cases of one officer say nothing about other officers."""
    assert math.isnan(standard_error(np.array([1.0, 2.0]), np.array([3, 3])))


@pytest.mark.parametrize(("degrees", "quantile"), T_975.items())
def test_quantiles_are_those_of_the_table(degrees, quantile):
    """Student's t at .975, to what the table shows; the fewer officers the coarser."""
    assert t_quantile(0.975, degrees) == pytest.approx(quantile, abs=0.005 if degrees < 10 else 0.0006)
    assert t_quantile(0.025, degrees) == pytest.approx(-quantile, abs=0.005 if degrees < 10 else 0.0006)


def test_limits_lie_about_the_value_and_a_known_number_has_none():
    """16 officers: 2.131 errors either side; nothing estimated: the normal's 1.96; no error: the value itself."""
    low, high = Estimate(1.0, 0.1, 16).limits()

    assert (low, high) == (pytest.approx(1 - 0.2131, abs=1e-4), pytest.approx(1 + 0.2131, abs=1e-4))
    assert Estimate(1.0, 0.1).limits()[1] == pytest.approx(1 + 0.1 * 1.959964)
    assert Estimate(1.0, 0.0).limits() == (1.0, 1.0)


@pytest.mark.parametrize("n_rows", [256, 4096])
@pytest.mark.parametrize("has_quota", [False, True])
def test_limits_hold_what_they_say_when_officers_differ(has_quota, n_rows):
    """Over 1,500 worlds of 16 officers who differ, 95 % limits hold the truth in 95 %; case by case they would not."""
    rng, n_worlds = np.random.default_rng(7), 1500
    officers = np.tile(np.arange(16), n_rows // 16)
    strata = np.sort(rng.integers(0, 3, n_rows)).astype(np.int8) if has_quota else None
    level = np.array([0.0, 1.0, 3.0])[strata] if has_quota else 0.0
    held = case_by_case = 0
    for _ in range(n_worlds):
        own = rng.normal(size=16) * 0.3
        each = level + own[officers] + rng.normal(size=n_rows)
        truth, mean = float(np.mean(level)), float(each.mean())
        error = standard_error((each - mean) / n_rows, officers, strata)
        low, high = Estimate(mean, error, 16).limits()
        held += low <= truth <= high
        alone = standard_error((each - mean) / n_rows, None, strata)
        case_by_case += abs(mean - truth) <= 1.96 * alone

    assert abs(held / n_worlds - 0.95) < FAR * math.sqrt(0.95 * 0.05 / n_worlds)
    assert case_by_case / n_worlds < 0.9


def test_independent_cases_in_unequal_groups_are_met_on_average():
    """Where officers do not differ, the squared error averages to the variance, however unequal their shares."""
    rng = np.random.default_rng(3)
    officers = np.repeat(np.arange(8), [40, 20, 10, 10, 5, 5, 5, 5])
    strata = rng.integers(0, 3, 100).astype(np.int8)
    squares = [standard_error(rng.normal(size=100), officers, strata) ** 2 for _ in range(4000)]

    assert np.mean(squares) == pytest.approx(100, abs=4 * np.std(squares) / math.sqrt(4000))
