"""Every defect one case at a time: drawn by strategies and put together alone, as the columns have it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import expected_cell
from worlds import MECHANISMS, rich

from synth.case_file import Label, Stated
from synth.one_case import case_file
from synth.pipeline import case as generated_case
from synth.spots import KINDS
from synth.strategies import StrategyError, cases

RATE = {"mode": "rate", "verdicts": "", "k": "0.9", "v": "0.8", "slip": "0.2", "r1": "0.4"}
WORLDS = {"quota": rich(sorted(MECHANISMS), slip="0.2", r1="0.4"), "rate": rich(sorted(MECHANISMS), **RATE)}
PLACES = [(mode, regime) for mode, world in WORLDS.items() for regime in world.regimes]
BLANKS = {"missing", "lost_in_transmission"}
TOLD = {"narrative", "note_sent"}  # running text, one's own and what a link passed on


@pytest.mark.parametrize(("mode", "regime"), PLACES)
def test_a_generated_case_is_the_same_by_columns_and_alone(mode, regime):
    """`case_file` gives the records and answers that `case` gives, whatever is wrong with the case."""
    scenario, seen = WORLDS[mode], set()
    for index in range(60):
        bundle = generated_case(scenario, index, seed=11, regime=regime)
        alone = case_file(scenario, index, seed=11, regime=regime)
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
@given(st.sampled_from(PLACES).flatmap(lambda place: cases(WORLDS[place[0]], regime=place[1])))
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
