"""Invariant 4: verdict counts are the largest-remainder counts at every n; every other rate is Bernoulli."""

import math
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import asked_as_recorded, expected_cell, largest_remainder, silent_words, world_of
from worlds import LOOK, SEEDS, small

from synth import chunks
from synth.draws import Draws
from synth.pipeline import generate
from synth.spec import VERDICTS

LISTED = (1, 2, 3, *range(66, 135), 1000, 12_345)
BY_HAND = {1: (1, 0, 0), 2: (1, 0, 1), 3: (2, 0, 1), 66: (43, 11, 12), 67: (44, 11, 12), 100: (66, 16, 18)}
N = 12_000
SIGMAS = 4.5  # some sixty rates are tested: P(any beyond 4.5 standard errors) < 0.0005


def drawn_counts(counts, n_cases, seed):
    """Count the verdicts of all cases of a run."""
    codes = chunks.verdict_codes(Draws(seed), counts, np.arange(n_cases), n_cases)
    return np.bincount(codes, minlength=3).tolist()


@pytest.mark.parametrize("n_cases", LISTED)
def test_largest_remainder_counts_at_the_listed_sizes(n_cases):
    """At n cases there are whole blocks of 44, 11 and 12, and the largest-remainder share of the rest."""
    blocks, rest = divmod(n_cases, 67)
    partial = largest_remainder([44, 11, 12], rest)

    assert drawn_counts([44, 11, 12], n_cases, seed=n_cases) == [
        count * blocks + more for count, more in zip([44, 11, 12], partial, strict=True)
    ]
    assert drawn_counts([44, 11, 12], n_cases, seed=5) == largest_remainder([44, 11, 12], n_cases)


@pytest.mark.parametrize(("n_cases", "counts"), BY_HAND.items())
def test_counts_a_person_can_check(n_cases, counts):
    """Sizes whose counts were worked out by hand."""
    bundle = generate("oig-20-13", n_cases=n_cases, seed=11)
    found = Counter(bundle.answer("truth")["verdict"])

    assert tuple(found[verdict] for verdict in VERDICTS) == counts


@LOOK
@given(st.lists(st.integers(0, 400), min_size=3, max_size=3).filter(any), st.integers(1, 3000), SEEDS)
def test_counts_of_any_quota(counts, n_cases, seed):
    """For any counts, whole blocks hold exactly them and the last block the largest-remainder counts."""
    size = sum(counts)
    partial = largest_remainder(counts, n_cases % size)

    assert drawn_counts(counts, n_cases, seed) == [
        count * (n_cases // size) + more for count, more in zip(counts, partial, strict=True)
    ]
    assert chunks.largest_remainder(counts, n_cases) == largest_remainder(counts, n_cases)


@pytest.mark.parametrize(
    ("counts", "total", "shares"),
    [([1, 1, 1], 1, [1, 0, 0]), ([1, 1, 1], 2, [1, 1, 0]), ([0, 1, 1], 1, [0, 1, 0]), ([3, 1, 2], 3, [2, 0, 1])],
)
def test_ties_go_to_the_earlier_category(counts, total, shares):
    """Where two remainders are equal, the earlier verdict gets the case."""
    assert chunks.largest_remainder(counts, total) == shares


def test_every_block_holds_its_counts_in_an_order_of_its_own():
    """Each block of 67 has 44, 11 and 12 cases, and no two of the first 300 blocks are ordered alike."""
    codes = chunks.verdict_codes(Draws(3), [44, 11, 12], np.arange(67 * 300)).reshape(300, 67)

    assert all(np.bincount(block).tolist() == [44, 11, 12] for block in codes)
    assert len({block.tobytes() for block in codes}) == 300


# Bernoulli rates, from the records of 12,000 cases


@pytest.fixture(scope="module")
def world():
    """The records and answers of 12,000 cases of the audit scenario, as dicts."""
    return world_of(generate("oig-20-13", n_cases=N, seed=2031))


def assert_rate(hits, trials, rate):
    """Check a count against a rate, within 4.5 binomial standard errors."""
    tolerance = SIGMAS * math.sqrt(trials * rate * (1 - rate))

    assert abs(hits - trials * rate) <= tolerance + 1e-9, (hits / trials, rate, trials)


@pytest.fixture(scope="module")
def gap_cells(world):
    """(system, field) -> how many of its cells are gaps."""
    return Counter((fate["system"], fate["field"]) for fate in world.fates)


def test_gap_rates(world, gap_cells):
    """A field that is not material is left open at its own rate, among the cases that it applies to."""
    scenario = world.scenario
    for system, spec in scenario.systems.items():
        for field, entry in spec.fields.items():
            if entry.material or not entry.shown:
                continue
            applies = sum(expected_cell(scenario, t, system, field) is not None for t in world.truth.values())

            if entry.received:
                continue  # filled by a link: its gaps are those of its source
            filled = 1 - (0 if entry.stamped else float(entry.gap))
            for pattern in spec.patterns.values():
                filled *= 1 - float(pattern.rate) * (field in pattern.fields)
            assert_rate(gap_cells[system, field], applies, 1 - filled)


def test_slip_rates(world):
    """A field that no verdict hangs on holds another value at the rate of slips, where it is filled; others never."""
    scenario = world.scenario
    facts = {(s, f) for fact in scenario.shared_facts.values() for s, f in fact.fields.items()}
    triggers = {(s, o) for s, spec in scenario.systems.items() for e in spec.fields.values() for o in e.applies}
    swapped = {(x["system"], x["record_id"], x["field"]) for x in world.labels if x["defect"] == "swapped"}
    filled, wrong, copied = Counter(), Counter(), Counter()
    for system, field, case, record in world.cells():
        expected = expected_cell(scenario, world.truth[case], system, field) if field != "narrative" else None
        silent = set().union(*silent_words(scenario, system, field))
        if (system, record["record_id"], field) in swapped or scenario.systems[system].fields[field].received:
            continue
        silent.add(scenario.systems[system].fields[field].uninformative)
        if expected is not None and record[field] is not None and record[field] not in silent:
            filled[system, field] += 1
            wrong[system, field] += record[field] != expected
    for label in world.labels:
        copied[label["defect"]] += label["class"] == "defect" and label["field"] != "narrative"
    for (system, field), n in filled.items():
        spec = scenario.systems[system].fields[field]
        never = spec.stamped or (system, field) in facts | triggers or spec.received
        rate = float(scenario.operator.slips if spec.slip is None else spec.slip)

        assert_rate(wrong[system, field], n, 0 if never else rate)
    slips = sum(copied[kind] for kind in ("copied_forward", "wrong_value", "typo"))
    assert 0.15 < copied["copied_forward"] / slips < 0.25  # a quarter, less those whose previous value is the true one
    assert 0.05 < copied["typo"] / slips < 0.25  # a quarter where fields are typed, none where they are picked


def test_voluntary_placeholder_rates(world, gap_cells):
    """A quarter of the gaps of a field that takes placeholders is filled with one."""
    gaps = disguised = 0
    scenario = world.scenario
    placeholder_fates = Counter((f["system"], f["field"]) for f in world.fates if f["fate"] == "placeholder")
    for (system, field), n in gap_cells.items():
        placeholders, _ = silent_words(scenario, system, field)
        spec = scenario.systems[system].fields[field]
        if spec.received:
            continue
        if placeholders and field != "narrative":
            gaps, disguised = gaps + n, disguised + placeholder_fates[system, field]
        else:
            assert not placeholder_fates[system, field]

    assert_rate(disguised, gaps, 0.25)


def test_blank_weights(world):
    """An insufficient case lacks one applicable item drawn by weight, and each other material one at a low rate.

    A record that is kept elsewhere is such an item as well, where the case can be kept elsewhere.
    """
    scenario, operator = world.scenario, world.scenario.operator
    materials = [(s, f) for s, spec in scenario.systems.items() for f, e in spec.fields.items() if e.material]
    mean, variance = Counter(), Counter()
    for true in world.truth.values():
        if true["verdict"] != "insufficient":
            continue
        weights = {
            (s, f): float(scenario.systems[s].fields[f].blank_weight)
            for s, f in materials
            if f == "narrative" or expected_cell(scenario, true, s, f) is not None
        }
        elsewhere = [
            float(spec.off_system.blank_weight)
            for spec in scenario.systems.values()
            if spec.off_system and all(true[name] in allowed for name, allowed in spec.off_system.when.items())
        ]
        for cell, weight in weights.items():
            first = weight / (sum(weights.values()) + sum(elsewhere))
            share = first + (1 - first) * float(operator.further_blank)
            mean[cell] += share
            variance[cell] += share * (1 - share)
    found = Counter((f["system"], f["field"]) for f in world.fates if (f["system"], f["field"]) in set(materials))

    assert set(found) == set(materials)
    for cell in materials:
        assert abs(found[cell] - mean[cell]) <= SIGMAS * math.sqrt(variance[cell]), cell


def test_material_items_are_blank_only_in_insufficient_cases(world):
    """A documented or inconsistent case has every material item its form asks for."""
    for system, field, case, record in world.cells():
        spec = world.scenario.systems[system].fields[field]
        if spec.material and world.truth[case]["verdict"] != "insufficient":
            assert record[field] is not None or not asked_as_recorded(world.scenario, record, system, field)


def test_contradictions_are_spread_evenly(world):
    """Each inconsistent case contradicts one fact in one narrative; every pair of the two is as likely."""
    found = Counter(
        (label["system"], label["fact"]) for label in world.labels if label["defect"] == "narrative_contradiction"
    )
    inconsistent = sum(true["verdict"] == "inconsistent" for true in world.truth.values())

    assert sum(found.values()) == inconsistent
    assert len(found) == 24  # inquiry 4, encounter 11, casework 9: counted in the scenario file
    for n in found.values():
        assert_rate(n, inconsistent, 1 / 24)


UNUSUAL = {  # fact -> (rate, what the usual form looks like); "05 May 2031" could be either form of a date
    "encounter_date": (0.10, r"[1-9]\d? [A-Z][a-z]{3,} \d{4}|\d\d? May \d{4}"),
    "encounter_time": (0.20, r"\d\d:\d\d"),  # another clock .12, rounded .08
    "custody_status": (0.10, r"in custody|awaiting transfer|released"),  # other words .06, a later update .04
    "documents_attached": (0.06, r"\d"),
}


@pytest.mark.parametrize("system", ["encounter", "casework"])
def test_hard_negative_rates(world, system):
    """A statement takes an unusual form at the declared rates: dates .10, times .20, statuses .10, numbers .06."""
    texts = {record["record_id"]: record["narrative"] for (s, _), record in world.records.items() if s == system}
    seen, unusual = Counter(), Counter()
    for said in world.stated:
        if said["system"] == system and said["fact"] in UNUSUAL:
            surface = texts[said["record_id"]][said["start"] : said["end"]]
            seen[said["fact"]] += " May " not in surface
            unusual[said["fact"]] += " May " not in surface and not re.fullmatch(UNUSUAL[said["fact"]][1], surface)
    for fact, (rate, _) in UNUSUAL.items():
        assert_rate(unusual[fact], seen[fact], rate)


def test_a_rate_of_none_and_of_all_is_met_exactly():
    """A gap share of 0 leaves no cell open, one of 1 leaves every cell open."""
    for share, filled in (("0", 200), ("1", 0)):
        world = world_of(generate(small(g1=share, r1="0"), n_cases=200, seed=4))

        assert sum(r["desk"] is not None for (s, _), r in world.records.items() if s == "alpha") == filled
