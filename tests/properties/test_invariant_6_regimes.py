"""Invariant 6: two regimes on one seed share every draw; each difference has a declared cause."""

from decimal import Decimal
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import asked_as_recorded, expected_cell, world_of
from worlds import GAPPY_REGIMES, LOOK, RICH_REGIMES, SCENARIOS, SEEDS, bundles, gappy

from synth.entry import burden_of
from synth.pipeline import generate
from synth.truth import Truth

SIZE = st.integers(1, 150)


@st.composite
def pairs(draw, scenarios=SCENARIOS):
    """The same cases under two regimes."""
    scenario = draw(scenarios)
    regimes = draw(st.permutations(sorted(scenario.regimes)))[:2]
    n_cases, seed = draw(SIZE), draw(SEEDS)
    return [world_and_regime(scenario, n_cases, seed, regime) for regime in regimes]


def world_and_regime(scenario, n_cases, seed, regime):
    """One side of a pair."""
    return world_of(generate(scenario, n_cases=n_cases, seed=seed, regime=regime)), regime


GROUPED = ("mandatory", "soft_warning", "reject_placeholders")
SINGLE = ("conditional_mandatory", "pick_list", "synchronise")
INSISTING = ("mandatory", "conditional_mandatory")
CONTROLS = (*GROUPED, *SINGLE, "triggers")


def controlled(scenario, regime, kinds=CONTROLS):
    """The cells a regime controls: what the file names, with `needed` and `enforced` spelt out.

    Kind "triggers" stands for the fields that somebody falsifies so that a mandatory branch does not open.
    """
    found = set()
    if "triggers" in kinds and operator(scenario, regime)["z"]:
        found = {
            (s, other) for s, f in controlled(scenario, regime, INSISTING) for other in opening(scenario, regime, s, f)
        }
    for kind in set(kinds) & set(SINGLE):
        named = getattr(scenario.regimes[regime], kind)
        found |= {(system, field) for system, names in named.items() for field in names}
    for kind in set(kinds) & set(GROUPED):
        for system, names in getattr(scenario.regimes[regime], kind).items():
            for field, spec in scenario.systems[system].fields.items():
                groups = {field, "needed"} if spec.needed else {field}
                groups |= {"enforced"} if spec.enforced else set()
                groups |= {spec.usage} if spec.usage else set()
                if groups & set(names) and not spec.stamped and spec.shown and not spec.received:
                    found.add((system, field))
    return found


def operator(scenario, regime):
    """The operator's parameters under a regime."""
    return {**scenario.operator.model_dump(), **scenario.regimes[regime].operator}


def opening(scenario, regime, system, field):
    """What must stand in other fields for the form to insist on one: field -> values."""
    own = scenario.systems[system].fields[field].applies
    more = scenario.regimes[regime].conditional_mandatory.get(system, {}).get(field, {})
    return {
        name: [v for v in own.get(name, more.get(name)) if v in more.get(name, own.get(name))]
        for name in {**own, **more}
    }


def insists(scenario, regime, record, system, field):
    """Whether the form insists on a field, if it does at all, going by what its record says."""
    return all(record[other] in allowed for other, allowed in opening(scenario, regime, system, field).items())


def burden(scenario, regime, true, system):
    """How many mandatory fields a person types in a case's record."""
    cells = [field for owner, field in controlled(scenario, regime, INSISTING) if owner == system]
    conditions = {field: opening(scenario, regime, system, field) for field in cells}
    return sum(
        (field == "narrative" or expected_cell(scenario, true, system, field) is not None)
        and all(expected_cell(scenario, true, system, other) in values for other, values in conditions[field].items())
        for field in cells
    )


def reshaped(scenario, regime):
    """The cells of which a control changes more than what becomes of gaps: lists, refusals, links, triggers."""
    return controlled(scenario, regime, ("pick_list", "reject_placeholders", "synchronise", "triggers"))


def received(scenario, system, field):
    """The (system, field) a cell is a copy of; None if it is none."""
    source = scenario.systems[system].fields[field].received
    return tuple(source.split(".")) if source else None


def fates_there(world, system, field):
    """Case -> fate of a cell, of the records that were made."""
    case_of = {(link["system"], link["record_id"]): link["case_id"] for link in world.links}
    return {
        case_of[system, fate["record_id"]]: fate
        for fate in world.fates
        if (fate["system"], fate["field"]) == (system, field) and (system, fate["record_id"]) in case_of
    }


def causes(world):
    """(system, case, field) -> cause of every gap of a record that was made."""
    case_of = {(link["system"], link["record_id"]): link["case_id"] for link in world.links}
    return {
        (f["system"], case_of[f["system"], f["record_id"]], f["field"]): f["cause"]
        for f in world.fates
        if (f["system"], f["record_id"]) in case_of
    }


@LOOK
@given(pairs())
def test_truth_and_drawn_verdicts_are_the_same(pair):
    """A regime changes what is recorded and nothing of what is true, drawn, stated by surviving records or linked."""
    (one, _), (other, _) = pair

    assert one.truth == other.truth
    both = set(one.records) & set(other.records)
    assert {k: one.records[k]["record_id"] for k in both} == {k: other.records[k]["record_id"] for k in both}


@LOOK
@given(pairs())
def test_every_difference_has_a_cause(pair):
    """A cell that differs is forced in one of the two regimes, and the fates there say by what."""
    (one, regime), (other, other_regime) = pair
    explained = [
        (causes(one), controlled(one.scenario, regime)),
        (causes(other), controlled(other.scenario, other_regime)),
    ]
    changed = reshaped(one.scenario, regime) | reshaped(other.scenario, other_regime)
    for system, field, case, record in one.cells():
        if (system, case) in other.records and record[field] != other.records[system, case][field]:
            copied = received(one.scenario, system, field)
            if {(system, field), copied} & changed:
                continue
            reasons = [
                fates.get((system, case, field), "none") == "copy"
                if copied
                else fates.get((system, case, field), "none") != "none" and (system, field) in cells
                for fates, cells in explained
            ]

            assert any(reasons), (system, field, case)


@LOOK
@given(pairs())
def test_equal_conditions_give_equal_cells(pair):
    """Controlled alike, with one operator, one burden and one answer to whether it is asked, a cell is the same."""
    (one, regime), (other, other_regime) = pair
    scenario = one.scenario
    spec, other_spec = scenario.regimes[regime], scenario.regimes[other_regime]
    same_operator = (spec.operator, spec.allow_not_value) == (other_spec.operator, other_spec.allow_not_value)
    kinds = [[controlled(scenario, name, (kind,)) for kind in CONTROLS] for name in (regime, other_regime)]
    put_off = any(operator(scenario, name)["defer"] for name in (regime, other_regime))
    burdens = {}
    for system, field, case, record in one.cells():
        if (system, case) not in other.records or received(scenario, system, field):
            continue
        there = other.records[system, case]
        cell = (system, field)
        alike = [cell in group for group in kinds[0]] == [cell in group for group in kinds[1]]
        alike &= opening(scenario, regime, *cell) == opening(scenario, other_regime, *cell)
        if (system, case) not in burdens:
            burdens[system, case] = [
                max(burden(scenario, name, one.truth[case], system), scenario.operator.m0)
                for name in (regime, other_regime)
            ]
        free = not any(cell in group for groups in kinds for group in groups)
        same_burden = burdens[system, case][0] == burdens[system, case][1]
        same_question = insists(scenario, regime, record, *cell) == insists(scenario, other_regime, there, *cell)
        if free or (alike and same_operator and same_burden and same_question and not put_off):
            assert record[field] == there[field], (system, field, case)


@LOOK
@given(pairs())
def test_causes_are_what_they_say(pair):
    """Own control: a controlled field. Burden: more mandatory fields than m0. Exit: no record. Copy: of such a cell."""
    for world, regime in pair:
        scenario = world.scenario
        cells = controlled(scenario, regime)
        present = {(link["system"], link["record_id"]): link["case_id"] for link in world.links}
        for fate in world.fates:
            key = (fate["system"], fate["record_id"])
            source = received(scenario, fate["system"], fate["field"])
            link = scenario.regimes[regime].synchronise.get(fate["system"], {}).get(fate["field"])
            if source is None:
                assert (fate["fate"] == "lost") == (key not in present)
                assert fate["fate"] == "lost" or fate["cause"] != "exit"
            if fate["cause"] == "copy" and source is None:
                copied = fates_there(world, *link.split(".")).get(present.get(key))
                assert fate["fate"] == ("honest" if copied is None else copied["fate"])
            elif fate["cause"] == "copy":
                assert source is not None
                copied = fates_there(world, *source).get(present.get(key))
                assert copied is None or copied["cause"] != "none"
                assert copied is not None or fate["fate"] == "lost"
            if fate["cause"] in {"own_control", "burden"}:
                assert (fate["system"], fate["field"]) in cells
            if fate["cause"] == "none":
                assert fate["fate"] in {"blank", "placeholder", "uninformative", "wrong", "lost"}
                misfit = (fate["system"], fate["field"]) in controlled(scenario, regime, ("pick_list",))
                assert fate["fate"] != "wrong" or misfit
            if fate["cause"] == "burden":
                true = world.truth[present[key]]
                most = 0 if operator(scenario, regime)["defer"] else scenario.operator.m0
                assert burden(scenario, regime, true, fate["system"]) > most
            if fate["fate"] == "blank" and (fate["system"], fate["field"]) in controlled(scenario, regime, INSISTING):
                record = world.records[fate["system"], present[key]]
                assert not insists(scenario, regime, record, fate["system"], fate["field"])


@LOOK
@given(bundles())
def test_a_hard_stop_asks_what_the_record_says(bundle):
    """A mandatory field is null only where its record does not ask for it, and is forced only where it does."""
    world, regime = world_of(bundle), bundle.plan.regime
    mandatory = controlled(world.scenario, regime, INSISTING)
    for system, field, _, record in world.cells():
        if (system, field) in mandatory and record[field] is None:
            assert not insists(world.scenario, regime, record, system, field)
    for fate in world.fates:
        if fate["cause"] in {"own_control", "burden"} and fate["fate"] != "blank":
            (case,) = [link["case_id"] for link in world.links if link["record_id"] == fate["record_id"]]
            assert insists(world.scenario, regime, world.records[fate["system"], case], fate["system"], fate["field"])


@pytest.mark.parametrize("regime", ["all_25", "all_25_unknown_allowed", "reason_on_close"])
def test_a_hard_stop_in_the_audit_scenario(regime):
    """The same on 1,500 cases, among which triggers are falsified both ways."""
    bundle = generate("oig-20-13", n_cases=1500, seed=8, regime=regime)
    test_a_hard_stop_asks_what_the_record_says.hypothesis.inner_test(bundle)
    world = world_of(bundle)
    found = set()
    for (system, case), record in world.records.items():
        for field, spec in world.scenario.systems[system].fields.items():
            if spec.applies and (system, field) in controlled(world.scenario, regime):
                due = expected_cell(world.scenario, world.truth[case], system, field) is not None
                found.add((due, asked_as_recorded(world.scenario, record, system, field)))

    falsified = {(False, True)} if regime != "reason_on_close" else set()
    assert found == {(True, True), (False, False), (True, False)} | falsified


@LOOK
@given(bundles())
def test_the_burden_is_the_mandatory_fields_that_apply(bundle):
    """The burden counts, record by record, the mandatory fields a person types that the case's truth asks for."""
    world, plan = world_of(bundle), bundle.plan
    truth = Truth(plan, np.arange(bundle.n_cases))
    for system in plan.scenario.systems:
        counted = [burden(plan.scenario, plan.regime, true, system) for true in world.truth.values()]

        assert burden_of(plan, truth, system).tolist() == counted


NO_BURDEN = {name: Decimal(0) for name in ("beta", "alpha", "x0", "divert", "defer")}


def unburdened(scenario):
    """The scenario without burden and without exits."""
    operator = scenario.operator.model_copy(update={**NO_BURDEN, "stay": None})
    regimes = {
        name: spec.model_copy(
            update={"operator": {k: v for k, v in spec.operator.items() if k not in {*NO_BURDEN, "stay"}}}
        )
        for name, spec in scenario.regimes.items()
    }
    return scenario.model_copy(update={"operator": operator, "regimes": regimes})


@LOOK
@given(pairs(SCENARIOS.map(unburdened)))
def test_without_burden_and_exits_only_the_own_control_remains(pair):
    """With beta, alpha and x0 at 0 no record is lost, no gap has another cause, and uncontrolled cells are equal."""
    (one, regime), (other, other_regime) = pair
    cells = controlled(one.scenario, regime) | controlled(one.scenario, other_regime)

    assert {fate["cause"] for world, _ in pair for fate in world.fates} <= {"none", "own_control", "copy"}
    assert set(one.records) == set(other.records)
    for system, field, case, record in one.cells():
        if (received(one.scenario, system, field) or (system, field)) not in cells:
            assert record[field] == other.records[system, case][field]


@LOOK
@given(SEEDS, st.sampled_from([("as_reported", "all_25"), ("as_reported", "all_25_unknown_allowed")]))
def test_exits_nest(seed, regimes):
    """Whoever leaves under the lighter form leaves under the heavier one too."""
    few, many = (generate("reference", n_cases=600, seed=seed, regime=regime) for regime in regimes)
    kept, kept_by_many = (set(run.answers["links"]["case_id"].to_pylist()) for run in (few, many))

    assert kept_by_many < kept


@LOOK
@given(SEEDS)
def test_honesty_nests(seed):
    """With a heavier burden the honest gaps are some of those that were honest under the lighter one."""
    few, many = (
        world_of(generate("reference", n_cases=300, seed=seed, regime=regime)) for regime in ("as_reported", "all_25")
    )
    enforced = {f"f{number:02d}" for number in range(1, 11)}
    told = [
        {(f["record_id"], f["field"]) for f in world.fates if f["fate"] == "honest" and f["field"] in enforced}
        for world in (few, many)
    ]
    worn = {(f["record_id"], f["field"]) for f in many.fates if f["cause"] == "burden"}
    lost = {f["record_id"] for f in many.fates if f["fate"] == "lost"}

    assert told[1] < told[0]
    assert all(cell in worn or cell[0] in lost for cell in told[0] - told[1])
    assert np.mean([cell in told[1] for cell in told[0]]) > 0.4


PROPERTIES = [
    test_truth_and_drawn_verdicts_are_the_same,
    test_every_difference_has_a_cause,
    test_equal_conditions_give_equal_cells,
    test_causes_are_what_they_say,
]


WORLDS = (GAPPY_REGIMES, *(tuple(name for name in RICH_REGIMES if name.startswith(mode)) for mode in ("rich", "quota")))


@pytest.mark.parametrize("regimes", [two for world in WORLDS for two in combinations(world, 2)], ids="-".join)
@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda test: test.__name__)
def test_it_holds_where_there_is_every_kind_of_gap(holds, regimes):
    """Each property also holds of fixed cases in which everything that can go wrong does."""
    holds.hypothesis.inner_test([(world_of(gappy(regime)), regime.split("/")[-1]) for regime in regimes])


@pytest.mark.parametrize("regime", ["all_25", "as_reported"])
def test_the_burden_of_the_audit_scenario(regime):
    """Conditional fields weigh only on the cases they apply to: 16 to 20 of the 20 typed fields, or the 5 enforced."""
    bundle = generate("oig-20-13", n_cases=300, seed=4, regime=regime)
    test_the_burden_is_the_mandatory_fields_that_apply.hypothesis.inner_test(bundle)
    found = burden_of(bundle.plan, Truth(bundle.plan, np.arange(300)), "encounter")

    assert set(found.tolist()) <= ({5} if regime == "as_reported" else set(range(16, 21)))
    assert len(set(found.tolist())) == (1 if regime == "as_reported" else 5)
