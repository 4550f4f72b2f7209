"""Where a case sits: blocks, chunks, officers, previous cases, days, rows."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import LOOK, SEEDS

from synth import chunks
from synth.draws import Draws
from synth.pipeline import make_plan
from synth.truth import Truth

SPAN = np.arange(2 * chunks.CHUNK)


@pytest.mark.parametrize("seed", [0, 12])
def test_each_round_gives_each_officer_one_case(seed):
    """Of 16 cases in a row each is another officer's; a chunk has 16 officers, the next one others."""
    officers = chunks.officer_numbers(Draws(seed), SPAN)

    assert all(np.unique(row).size == 16 for row in officers.reshape(-1, 16))
    assert [np.unique(part).size for part in np.split(officers, 2)] == [16, 16]
    assert not set(officers[: chunks.CHUNK]) & set(officers[chunks.CHUNK :])


@pytest.mark.parametrize("seed", [0, 12])
def test_the_previous_case_is_the_officers_latest_earlier_one(seed):
    """Going through all cases in order and keeping each officer's last one gives the same previous cases."""
    officers = chunks.officer_numbers(Draws(seed), SPAN).tolist()
    last, expected = {}, []
    for case, officer in enumerate(officers):
        expected.append(last.get(officer, -1))
        last[officer] = case

    assert chunks.previous_cases(Draws(seed), SPAN).tolist() == expected
    assert sum(case == -1 for case in expected) == 32


@LOOK
@given(SEEDS, st.integers(0, 10**9))
def test_the_previous_case_anywhere(seed, index):
    """At any index it is the same officer's, smaller, and on a strictly earlier day."""
    draws, here = Draws(seed), np.array([index])
    before = chunks.previous_cases(draws, here)
    if before[0] < 0:
        assert index % chunks.CHUNK < 16
        return

    assert before[0] < index
    assert chunks.officer_numbers(draws, before) == chunks.officer_numbers(draws, here)
    assert chunks.days_of_cases(draws, before, 365) < chunks.days_of_cases(draws, here, 365)


@pytest.mark.parametrize("days", [300, 365, 366])
def test_an_officers_cases_fall_on_later_and_later_days(days):
    """Every officer's days rise strictly, and all lie within the year."""
    draws = Draws(5)
    officers = chunks.officer_numbers(draws, SPAN)
    found = chunks.days_of_cases(draws, SPAN, days)
    for officer in np.unique(officers):
        assert all(one < other for one, other in pairwise(found[officers == officer].tolist()))

    assert found.min() >= 0
    assert found.max() < days
    assert found.max() - found.min() > days * 0.9


@LOOK
@given(SEEDS, st.integers(1, 9000), st.integers(0, 9000))
def test_rows_are_ordered_chunk_by_chunk(seed, size, first):
    """The order of rows is a permutation that never mixes chunks and does not depend on the order asked in."""
    index = np.arange(first, first + size)
    order = chunks.row_order(Draws(seed), "a", index)
    backwards = chunks.row_order(Draws(seed), "a", index[::-1])

    assert sorted(order) == list(range(size))
    assert (np.diff(index[order] // chunks.CHUNK) >= 0).all()
    assert (index[::-1][backwards] == index[order]).all()


def test_systems_have_orders_of_their_own():
    """Two systems put the cases of a chunk in unrelated orders, neither of them the cases' own."""
    orders = [chunks.row_order(Draws(1), name, np.arange(4096)) for name in ("a", "b")]

    assert np.mean(orders[0] == orders[1]) < 0.01
    assert np.mean(orders[0] == np.arange(4096)) < 0.01


def test_offices_belong_to_officers():
    """All of an officer's cases are in one office, officers have numbers of their own, offices are spread."""
    truth = Truth(make_plan("oig-20-13", seed=4), SPAN)
    officers, offices = truth.codes("officer_code"), truth.codes("office_code")

    assert np.unique(officers).size == 32
    assert all(np.unique(offices[officers == officer]).size == 1 for officer in np.unique(officers))
    assert np.unique(offices).size > 10


@LOOK
@given(SEEDS, st.lists(st.integers(0, 200_000), min_size=1, max_size=30))
def test_truth_at_any_index_in_any_order(seed, indices):
    """A true value depends on the case alone, not on which others are asked for, nor in what order."""
    plan = make_plan("oig-20-13", seed=seed)
    together = Truth(plan, np.array(indices))
    alone = Truth(plan, np.array(indices[-1:]))
    for name in plan.scenario.truth:
        assert together.codes(name)[-1] == alone.codes(name)[0]
