"""Every defect one case at a time: drawn by strategies and put together alone, as the columns have it."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import expected_cell
from worlds import MECHANISMS, rich

from synth.case_file import Label, Stated
from synth.desk import Desk
from synth.one_case import case_file, draft_of
from synth.pipeline import case as generated_case
from synth.pipeline import make_plan, slice_of
from synth.spots import KINDS
from synth.strategies import StrategyError, cases

RATE = {"mode": "rate", "verdicts": "", "k": "0.9", "v": "0.8", "slip": "0.2", "r1": "0.4"}
WORLDS = {"quota": rich(sorted(MECHANISMS), slip="0.2", r1="0.4"), "rate": rich(sorted(MECHANISMS), **RATE)}
PLACES = [(mode, regime) for mode, world in WORLDS.items() for regime in world.regimes]
BLANKS = {"missing", "lost_in_transmission"}
TOLD = {"narrative", "note_sent"}  # running text, one's own and what a link passed on


@cache
def cases_of(place, **asked):
    """Give the strategy of cases at a place, made once: it costs more than hundreds of its cases."""
    mode, regime = place
    return cases(WORLDS[mode], regime=regime, **asked)


@pytest.mark.parametrize(("mode", "regime"), PLACES)
def test_a_generated_case_is_the_same_by_columns_and_alone(mode, regime):
    """`case_file` gives the records and answers that `case` gives, whatever is wrong with the case.

    The plan is made once for all of them, as both make it.
    """
    plan, seen = make_plan(WORLDS[mode], seed=11, regime=regime), set()
    desk = Desk(plan)
    assert desk.file(draft_of(plan, 3, None), seed=11) == case_file(WORLDS[mode], 3, seed=11, regime=regime)
    assert slice_of(plan, 3, 4, None).answers == generated_case(WORLDS[mode], 3, seed=11, regime=regime).answers
    for index in range(60):
        bundle = slice_of(plan, index, index + 1, None)
        alone = desk.file(draft_of(plan, index, None), seed=11)
        labels = [{("label_class" if k == "class" else k): v for k, v in row.items()}
                  for row in bundle.answers["labels"].to_pylist()]  # fmt: skip

        assert [Label(**row) for row in labels] == list(alone.labels)
        assert [Stated(**row) for row in bundle.answers["stated"].to_pylist()] == list(alone.stated)
        for system, table in bundle.records.items():
            rows = {row["record_id"]: row for row in table.to_pylist()}
            assert rows == {row["record_id"]: row for row in alone.held(system)}
        seen |= {label.defect for label in alone.labels}

    everything = {"typo", "swapped", "narrative_truncated", "lost_in_transmission", "duplicate_record", "late_entry",
                  "off_system", "uninformative_valid"}  # fmt: skip
    assert everything <= seen


@settings(max_examples=25)
@given(st.sampled_from(PLACES).flatmap(cases_of))
def test_cells_differ_from_the_truth_if_and_only_if_one_label_says_so(case):
    """Of a drawn case, too, a cell is not what an error-free clerk enters if and only if exactly one label names it."""
    scenario = WORLDS["quota"]
    named = [(x.system, x.field) for x in case.labels if x.label_class != "hard_negative" and x.field is not None]
    differing = [
        (system, name)
        for system, record in case.records.items()
        for name in record
        if name not in {"record_id", *TOLD} and record[name] != expected_cell(scenario, case.truth, system, name)
    ]

    assert sorted(cell for cell in named if cell[1] not in TOLD) == sorted(differing)
    for label in case.defects:
        if label.field is not None and label.field not in TOLD:
            recorded = case.records[label.system][label.field]
            assert label.recorded == recorded
            assert (recorded is None) == (label.defect in BLANKS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", WORLDS)
def test_every_kind_can_be_asked_for_and_is_then_there(kind, mode):
    """A case asked to have a defect has it, in every regime in which it can happen; each can in some."""
    found = 0
    for regime in WORLDS[mode].regimes:
        try:
            strategy = cases(WORLDS[mode], regime=regime, defects=[kind], max_defects=1)
        except StrategyError:
            continue
        found += 1

        @settings(max_examples=15, database=None)
        @given(strategy)
        def holds(case):
            planted = {label.defect for label in case.labels if label.label_class != "hard_negative"}
            assert kind in planted  # used at once

        holds()
    assert found or (kind == "narrative_contradiction" and mode == "rate")
