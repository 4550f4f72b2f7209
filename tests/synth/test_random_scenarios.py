"""Scenarios drawn at random: the loader takes them, they are written and read back, and they generate."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from synth import yaml_text
from synth.errors import ScenarioError
from synth.one_case import case_file
from synth.pipeline import case, generate
from synth.scenario import parse_scenario, scenario_names, scenario_text, scenario_yaml
from synth.strategies import cases, scenarios

LOOK = settings(max_examples=15, deadline=None)


def read_back(text):
    return parse_scenario(yaml_text.load(text, error=ScenarioError))


@LOOK
@given(scenarios())
def test_a_drawn_scenario_is_written_and_read_back(scenario):
    """The loader checks it twice: as it is drawn, and as it is written."""
    back = read_back(scenario_yaml(scenario))

    assert back == scenario
    assert back.digest == scenario.digest


@pytest.mark.parametrize("name", scenario_names())
def test_shipped_scenarios_are_written_and_read_back(name):
    assert read_back(scenario_yaml(read_back(scenario_text(name)))) == read_back(scenario_text(name))


@LOOK
@given(scenarios(), st.integers(0, 2**64 - 1))
def test_a_drawn_scenario_generates_under_every_regime(scenario, seed):
    """As many records as cases, or fewer where people leave; counts of a quota hold under the base regime."""
    for regime in scenario.regimes:
        size = sum(scenario.verdicts.values()) or 7
        bundle = generate(scenario, n_cases=size, seed=seed, regime=regime)

        for records in bundle.records.values():
            assert records.num_rows <= size
        if scenario.mode == "quota" and regime == scenario.base_regime:
            drawn = bundle.answers["truth"].column("verdict").to_pylist()
            assert {name: drawn.count(name) for name in scenario.verdicts} == scenario.verdicts


@LOOK
@given(scenarios(), st.integers(0, 2**31 - 1))
def test_of_a_drawn_scenario_a_case_is_the_same_by_columns_and_alone(scenario, index):
    """Two ways of making a case, one with arrays and one without, agree on any scenario."""
    for regime in scenario.regimes:
        by_columns, alone = (make(scenario, index, seed=5, regime=regime) for make in (case, case_file))

        assert {name: table.to_pylist() for name, table in by_columns.records.items()} == {
            name: [alone.records[name]] if name in alone.records else [] for name in by_columns.records
        }
        assert len(by_columns.answers["labels"]) == len(alone.labels)


@settings(LOOK, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios(), st.data())
def test_cases_of_a_drawn_scenario_can_be_drawn(scenario, data):
    drawn = data.draw(cases(scenario, regime=data.draw(st.sampled_from(sorted(scenario.regimes)))))

    assert drawn.verdict in {"documented", "inconsistent", "insufficient"}
    assert set(drawn.records) <= set(scenario.systems)


def test_the_smallest_scenario_is_one_form_with_a_reference_and_one_field():
    smallest = find(scenarios(), lambda scenario: True)

    assert {name: len(system.fields) for name, system in smallest.systems.items()} == {"alpha": 2}
    assert (list(smallest.regimes), smallest.mode) == (["base"], "rate")


def test_scenarios_are_of_many_kinds():
    """Every part of a scenario that is drawn at all comes up."""
    for part in (
        lambda x: x.mode == "quota" and x.verdicts.get("inconsistent") and x.verdicts.get("insufficient"),
        lambda x: len(x.systems) == 3 and x.links and len(x.shared_facts) > 1,
        lambda x: any(field.applies for system in x.systems.values() for field in system.fields.values()),
        lambda x: set(x.regimes) > {"base", "unknown", "warned"},
        lambda x: "due" in x.truth and len(x.narratives) > 1,
    ):
        find(scenarios(), part, settings=settings(max_examples=2000, database=None, phases=[Phase.generate]))
