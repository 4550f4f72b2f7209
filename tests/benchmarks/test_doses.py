"""One field more: doses, their order, and what each next field brings to the whole record."""

import pytest

from benchmarks.doses import busiest_system, dose_response, needed_fields
from benchmarks.model import Operator, exchange_rate, next_field_gain, over_fields
from benchmarks.regimes import compare
from synth.errors import ScenarioError
from synth.scenario import load_scenario


def test_doses_of_exchangeable_fields_are_the_closed_forms():
    """0, 10 and 25 of 25 fields are the published optional, as_reported and (with R as it follows) all_25."""
    found = dose_response(load_scenario("reference"), "form", n_cases=100)

    assert found.n_cases == 0
    assert [dose.n_required for dose in found.doses] == list(range(26))
    for size in (0, 10, 25):
        quality = over_fields(Operator(), n_required=size)
        assert found.doses[size].naive == pytest.approx(quality.completeness_naive)
        assert found.doses[size].right == pytest.approx(quality.correct_of_all)
        assert found.doses[size].wrong == pytest.approx(quality.hidden_wrong_of_all)
    assert exchange_rate(over_fields(Operator(), n_required=0), over_fields(Operator(), n_required=25)) > 0


def test_the_next_exchangeable_field_brings_what_the_model_says():
    """D of the design, of 1,000 cases; every field alike."""
    reference = Operator()
    wanted = 1000 * next_field_gain([], reference, [reference] * 24, omega=1)

    found = dose_response(load_scenario("reference"), "form", n_cases=100)

    assert {round(each.net.value, 6) for each in found.following} == {round(wanted, 6)}
    assert len(found.following) == 25


def test_a_simulated_dose_is_the_comparison_with_that_regime():
    """The first 12 fields of the encounter form by hand, beside dose 12; the next field as a regime of its own."""
    scenario = load_scenario("oig-20-13")
    found = dose_response(scenario, "encounter", n_cases=200, seed=3, omega=2)
    fields = needed_fields(scenario, "encounter")
    spec = scenario.regimes["as_reported"]
    held = [name for name in fields if scenario.systems["encounter"].fields[name].enforced]
    chosen = next(each for each in found.following if each.field == "research_centre")
    regimes = {
        "twelve": spec.model_copy(update={"mandatory": {"encounter": fields[:12]}}),
        "one more": spec.model_copy(update={"mandatory": {"encounter": [*held, "research_centre"]}}),
    }
    by_hand = scenario.model_copy(update={"regimes": {**scenario.regimes, **regimes}})
    contrast = compare(by_hand, n_cases=200, seed=3, regimes=list(regimes))

    assert found.doses[12].field == fields[11]
    assert found.doses[12].right == contrast.measure("twelve", "correct_of_all").value
    assert found.doses[12].net == pytest.approx(contrast.net_right("twelve", 2).value)
    cells = contrast.denominator("as_reported", "correct_of_all")
    gain = contrast.net_gain("one more", 2)
    assert chosen.net.value == pytest.approx(1000 * gain.value * cells / 200)
    assert chosen.net.error == pytest.approx(1000 * gain.error * cells / 200)


def test_by_gain_each_dose_is_the_best_of_what_is_left():
    """On a form of three needed fields the greedy order is found again by trying every next field."""
    scenario = load_scenario("shelter-intake")
    system = min(scenario.systems, key=lambda name: (len(needed_fields(scenario, name)) < 3,
                                                     len(needed_fields(scenario, name))))  # fmt: skip
    kept = needed_fields(scenario, system)[:3]
    spec = scenario.systems[system]
    fields = {name: each if name in kept else each.model_copy(update={"needed": False})
              for name, each in spec.fields.items()}  # fmt: skip
    few = scenario.model_copy(
        update={"systems": {**scenario.systems, system: spec.model_copy(update={"fields": fields})}}
    )

    found = dose_response(few, system, n_cases=300, order="gain")
    plain = dose_response(few, system, n_cases=300)

    assert sorted(dose.field for dose in found.doses[1:]) == sorted(kept)
    assert found.doses[1].net >= plain.doses[1].net
    assert found.doses[3].net == pytest.approx(plain.doses[3].net)
    assert found.order == "gain"


def test_the_system_that_the_regimes_control_is_looked_at():
    """In the audit's scenario that is the encounter; a system or order that is not there is refused."""
    scenario = load_scenario("oig-20-13")

    assert busiest_system(scenario, list(scenario.regimes)) == "encounter"
    with pytest.raises(ScenarioError, match=r"unknown system 'encountr'\. Did you mean 'encounter'"):
        dose_response(scenario, "encountr", n_cases=10)
    with pytest.raises(ScenarioError, match=r"order is 'gian'\. Did you mean 'gain'"):
        dose_response(scenario, "encounter", n_cases=10, order="gian")
