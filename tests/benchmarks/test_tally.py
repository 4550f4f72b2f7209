"""What becomes of every needed cell, counted again from the public tables by slow loops."""

import re
from collections import Counter
from itertools import combinations

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import SEEDS, SHIPPED, small

from benchmarks.tally import OF_RECORDS, QUANTITIES, Tally, count_cells, joined, outcome_of
from synth.pipeline import generate, make_plan, sheet_of
from synth.scenario import load_scenario
from synth.spec import VERDICTS
from synth.truth import Truth

EVERY_REGIME = [(name, regime) for name in SHIPPED for regime in load_scenario(name).regimes]
ODD = small(g1="0.4", b1="2", r1="0.5", m0="3", alpha="0.1", beta="0.3")


def tally_of(scenario, regime, seed, n_cases):
    """Count one run from the machinery's own codes."""
    plan = make_plan(scenario, seed=seed, regime=regime)
    return count_cells(plan, *sheet_of(plan, np.arange(n_cases), n_cases))


class SlowTally:
    """Every quantity per case and scope, from records, truth, links, labels and fates alone."""

    def __init__(self, bundle):
        self.world = oracles.world_of(bundle)
        self.scenario = bundle.plan.scenario
        case_of = {(row["system"], row["record_id"]): row["case_id"] for row in self.world.links}
        self.wrong = {
            (row["system"], case_of[row["system"], row["record_id"]], row["field"])
            for row in self.world.labels
            if row["class"] in oracles.CLASSES and row["record_id"] is not None
        }
        self.fate = {
            (row["system"], case_of[row["system"], row["record_id"]], row["field"]): row["fate"]
            for row in self.world.fates
            if (row["system"], row["record_id"]) in case_of  # the rest are of records that were never made
        }
        self.kind = {(row["system"], row["case_id"], row["field"]): row["defect"]
                     for row in self.world.labels if row["class"] == "defect"}  # fmt: skip
        self.counts = Counter()
        for case, true in self.world.truth.items():
            for system in self.scenario.systems:
                self.count_record(case, true, system)
            self.count_pairs(case)

    def add(self, quantity, case, system, *, if_=True):
        for scope in (system, "all"):
            self.counts[scope, quantity, case] += bool(if_)

    def count_record(self, case, true, system):
        record = self.world.records.get((system, case))
        self.add("events", case, system)
        self.add("present", case, system, if_=record is not None)
        for field, spec in self.scenario.systems[system].fields.items():
            self.count_entry(case, system, field, record)
            if not (spec.needed and spec.shown):
                continue
            applies = self.applies(true, system, field)
            self.add("needed", case, system, if_=applies)
            if record is None:
                continue
            asked = oracles.asked_as_recorded(self.scenario, record, system, field)
            new = {text for texts in self.scenario.novel_placeholders.values() for text in texts}  # no list has them
            valued = oracles.says_something(self.scenario, record, system, field) or record[field] in new
            right = applies and (system, case, field) not in self.wrong
            lucky = self.fate.get((system, case, field)) in {"lucky_default", "lucky_copy"}
            self.add("asked", case, system, if_=asked)
            self.add("filled", case, system, if_=asked and record[field] is not None)
            self.add("valued", case, system, if_=asked and valued)
            self.add("present_needed", case, system, if_=applies)
            self.add("present_valued", case, system, if_=applies and valued)
            self.add("informed", case, system, if_=right and not lucky)
            self.add("lucky", case, system, if_=right and lucky)
            seen_through = self.kind.get((system, case, field)) in {
                "uninformative_valid",
                "disguised_missing",
                "typo",
                "narrative_truncated",
            }
            self.add("hidden_wrong", case, system, if_=applies and valued and not right and not seen_through)

    def count_entry(self, case, system, field, record):
        """Count what somebody entered: evaded, told in a narrative, picked where there is no room for a placeholder."""
        spec = self.scenario.systems[system].fields[field]
        if spec.stamped or not spec.shown or spec.received or record is None:
            return
        truth = self.scenario.truth.get(spec.truth or field)
        kind = "narrative" if truth is None else truth.kind
        kind = {"seat": "reference", "office": "code", "officer": "reference", "calendar": "date", "after": "date",
                "clock": "time"}.get(kind, kind)  # fmt: skip
        is_list = spec.pick_list if spec.pick_list is not None else kind == "choice"
        held = record[field] is not None
        evaded = self.fate.get((system, case, field)) in {*oracles.EVASIONS, "not_value_honest"}
        meant = "picked" if is_list or not self.scenario.placeholders.get(kind) else "typed"
        meant = "narrated" if field == "narrative" else meant
        for quantity in ("picked", "typed", "narrated"):
            self.add(quantity, case, system, if_=held and not evaded and quantity == meant)
        self.add("evaded", case, system, if_=held and evaded)

    def applies(self, true, system, field):
        if field == "narrative":
            return True
        return oracles.expected_cell(self.scenario, true, system, field) is not None

    def count_pairs(self, case):
        for fact, shared in self.scenario.shared_facts.items():
            said = [(system, self.cell(system, case, field)) for system, field in shared.fields.items()]
            for system, spec in self.scenario.narratives.items():
                if any(re.search(rf"\{{{fact}\}}", variant) for variants in spec.sentences for variant in variants):
                    said.append((system, oracles.statements(self.world, system, case).get(fact)))
            true = self.world.truth[case][fact]
            for system, one in said:
                wrong = one is not None and one != true
                seen = any(other != system and two is not None and two != one for other, two in said)
                self.counts["all", "wrong_statements", case] += wrong
                self.counts["all", "revealed", case] += wrong and seen
            for (system, one), (other, two) in combinations(said, 2):
                if system != other:
                    both = one is not None and two is not None
                    self.counts["all", "pairs", case] += both
                    self.counts["all", "agreeing", case] += both and one == two
                    self.counts["all", "pairs_blank", case] += not both

    def cell(self, system, case, field):
        record = self.world.records.get((system, case))
        if record is None or not oracles.says_something(self.scenario, record, system, field):
            return None
        return record[field]

    def verdicts(self):
        """Drawn, reviewer and true verdict of each case, by the verdict function of the design page."""
        evaded = frozenset(cell for cell, fate in self.fate.items() if fate in oracles.EVASIONS)
        return {
            "drawn": [self.world.truth[case]["verdict"] for case in self.world.truth],
            "reviewer": [oracles.verdict_of(self.world, case) for case in self.world.truth],
            "true": [oracles.verdict_of(self.world, case, blanked=evaded) for case in self.world.truth],
        }


def assert_same(scenario, regime, seed, n_cases):
    fast = tally_of(scenario, regime, seed, n_cases)
    slow = SlowTally(generate(scenario, n_cases=n_cases, seed=seed, regime=regime))

    links = generate(scenario, n_cases=1, regime=regime).plan.controls.linked  # the tables do not say which cells
    filled = {"all", *(system for system, _ in links)} if links else set()
    for (scope, quantity), counts in fast.per_case.items():
        if scope in filled and quantity in {"picked", "typed", "evaded"}:
            continue
        assert counts.tolist() == [slow.counts[scope, quantity, case] for case in range(n_cases)], (scope, quantity)
    assert {quantity for scope, quantity in fast.per_case if scope == "all"} == set(QUANTITIES)
    found = {kind: [VERDICTS[code] for code in codes] for kind, codes in fast.verdicts.items()}
    assert found == slow.verdicts()


@pytest.mark.parametrize(("name", "regime"), EVERY_REGIME)
def test_every_quantity_and_verdict_is_what_a_loop_over_the_tables_counts(name, regime):
    """Counting from records, truth, links, labels and fates gives the same numbers in every case and system."""
    assert_same(load_scenario(name), regime, seed=7, n_cases=67)


@settings(max_examples=12)
@given(st.sampled_from(EVERY_REGIME), SEEDS, st.integers(1, 40))
def test_counts_are_the_oracle_s_at_any_seed_and_size(which, seed, n_cases):
    """The slow count agrees for the shipped scenarios at any seed, size and regime."""
    name, regime = which

    assert_same(load_scenario(name), regime, seed, n_cases)


@settings(max_examples=10)
@given(st.sampled_from(sorted(ODD.regimes)), SEEDS, st.integers(1, 40))
def test_counts_are_the_oracle_s_where_exits_soft_warnings_and_slips_are_frequent(regime, seed, n_cases):
    """The slow count agrees on a small scenario full of gaps, lost records, conditional fields and warnings."""
    assert_same(ODD, regime, seed, n_cases)


@settings(max_examples=20)
@given(st.sampled_from(EVERY_REGIME), SEEDS)
def test_what_must_hold_between_counts_holds_in_every_case(which, seed):
    """Valued is part of filled, filled of asked; right and hidden wrong entries are parts of what is needed."""
    name, regime = which
    found = tally_of(load_scenario(name), regime, seed, 134)

    for scope in ("all", *load_scenario(name).systems):
        count = {key: found.counts(key, scope) for key in OF_RECORDS}
        assert (count["valued"] <= count["filled"]).all()
        assert (count["filled"] <= count["asked"]).all()
        assert (count["present_valued"] <= count["present_needed"]).all()
        assert (count["present_needed"] <= count["needed"]).all()
        assert (count["informed"] + count["lucky"] + count["hidden_wrong"] <= count["present_valued"]).all()
        assert (count["present"] <= count["events"]).all()
    assert (found.counts("agreeing") <= found.counts("pairs")).all()
    for quantity in OF_RECORDS:
        parts = [found.counts(quantity, system) for system in load_scenario(name).systems]
        assert (found.counts(quantity) == np.sum(parts, axis=0)).all()


@pytest.mark.parametrize(("name", "regime"), EVERY_REGIME)
def test_the_table_of_verdicts_holds_every_case_once(name, regime):
    """The 3 x 3 table sums to n; in a base regime in which nobody is forced to evade everything is on its diagonal."""
    scenario = load_scenario(name)
    found = tally_of(scenario, regime, 3, 200)

    table = found.cross_table()
    assert table.shape == (3, 3)
    assert table.sum() == 200
    for kind in found.verdicts:
        counts = np.bincount(found.verdicts[kind], minlength=3)
        assert found.cross_table(kind, "drawn").sum(axis=1).tolist() == counts.tolist()
        assert found.cross_table("drawn", kind).sum(axis=0).tolist() == counts.tolist()
    if regime == scenario.base_regime:
        assert (found.verdicts["drawn"] == found.verdicts["reviewer"]).all()
        if scenario.mode == "quota" or not scenario.regimes[regime].mandatory:
            assert (table == np.diag(np.diag(table))).all()


@pytest.mark.parametrize("name", SHIPPED)
def test_evasions_never_improve_the_true_verdict_of_completeness(name):
    """Blanking what evasions put there can make a case insufficient; it never makes an insufficient one sufficient."""
    for regime in load_scenario(name).regimes:
        found = tally_of(load_scenario(name), regime, 5, 300)

        assert (found.verdicts["true"][found.verdicts["reviewer"] == 2] == 2).all()


def test_a_table_of_verdicts_counted_by_hand():
    """Rows are what a reviewer says, columns what is true."""
    codes = {"drawn": [0, 0, 0, 2], "reviewer": [0, 0, 1, 2], "true": [0, 2, 2, 2]}
    found = Tally("made", {}, {kind: np.array(each, np.int8) for kind, each in codes.items()})

    assert found.cross_table().tolist() == [[1, 0, 1], [0, 0, 1], [0, 0, 1]]
    assert found.cross_table("drawn", "reviewer").tolist() == [[2, 1, 0], [0, 0, 0], [0, 0, 1]]


def test_pieces_joined_are_the_whole():
    """Cases counted in two pieces and joined are the cases counted at once."""
    plan = make_plan("oig-20-13", seed=2, regime="all_25")
    whole = count_cells(plan, *sheet_of(plan, np.arange(100), 100))
    pieces = [count_cells(plan, *sheet_of(plan, np.arange(*ends), 100)) for ends in ((0, 30), (30, 100))]

    found = joined(pieces)

    assert found.regime == "all_25"
    assert all((found.per_case[key] == whole.per_case[key]).all() for key in whole.per_case)
    assert all((found.verdicts[key] == whole.verdicts[key]).all() for key in whole.verdicts)
    assert found.total("events") == 300


@pytest.mark.parametrize(("name", "regime"), EVERY_REGIME)
def test_the_quick_count_is_the_whole_one(name, regime):
    """Right and hidden wrong shares counted alone are those of all counts."""
    plan = make_plan(name, seed=4, regime=regime)
    whole = count_cells(plan, *sheet_of(plan, np.arange(200), 200))

    found = outcome_of(plan, Truth(make_plan(name, seed=4), np.arange(200), 200))

    assert found.right == (whole.total("informed") + whole.total("lucky")) / whole.total("needed")
    assert found.wrong == whole.total("hidden_wrong") / whole.total("needed")


def test_a_contradiction_is_revealed_only_by_another_system():
    """In the replayed audit every inconsistent case has one wrong statement, which another system contradicts."""
    scenario = load_scenario("oig-20-13")
    found = tally_of(scenario, "as_reported", 1, 67)

    # Of the first 67 cases 11 are inconsistent, each by one contradiction, and nothing is wrong unseen.
    assert found.total("wrong_statements") == found.total("revealed") == 11


def test_a_cell_that_a_link_fills_takes_nobody_time():
    """Under links casework has fewer cells picked or typed, by those that the links filled."""
    plans = {name: make_plan("oig-20-13", seed=5, regime=name) for name in ("as_reported", "synchronised")}
    sheets = {name: sheet_of(plan, np.arange(500), 500) for name, plan in plans.items()}
    before, after = (count_cells(plans[name], *sheets[name]) for name in plans)
    sent = sum(
        ((sheets["as_reported"][0].entries[cell].recorded >= 0) & ~sheets["as_reported"][0].lost[cell[0]])[
            entry.linked
        ].sum()
        for cell, entry in sheets["synchronised"][0].entries.items()
    )

    assert sent > 1000
    assert sum(before.total(q, "casework") - after.total(q, "casework") for q in ("picked", "typed", "evaded")) == sent
