"""Controls follow the closed forms of the design, and cover the fields the file names."""

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import LOOK, small

from synth.controls import compile_controls, honesty, operator_under, staying
from synth.data_dictionary import dictionary_of
from synth.errors import ScenarioError
from synth.scenario import load_scenario

PARAMETERS = st.fixed_dictionaries(
    {
        "h0": st.decimals(0, 1, places=3),
        "beta": st.decimals(0, 1, places=3),
        "x0": st.decimals(0, 1, places=3),
        "alpha": st.decimals(0, 1, places=4),
        "m0": st.integers(0, 25),
    }
)


@LOOK
@given(PARAMETERS, st.integers(0, 40))
def test_honesty_and_staying_are_the_closed_forms(parameters, m):
    """h(m) = h0 exp(-beta max(0, m - m0)), R(m) = (1 - x0) exp(-alpha max(0, m - m0)), R(0) = 1."""
    operator = load_scenario("reference").operator.model_copy(update=parameters)
    h0, beta, x0, alpha = (float(parameters[name]) for name in ("h0", "beta", "x0", "alpha"))
    excess = max(0, m - parameters["m0"])

    assert float(honesty(operator, m)) == pytest.approx(h0 * math.exp(-beta * excess), rel=1e-12, abs=1e-15)
    stay = 1 if m == 0 else (1 - x0) * math.exp(-alpha * excess)
    assert float(staying(operator, m)) == pytest.approx(stay, rel=1e-12, abs=1e-15)


# The numbers of the design page, section 7
WORKED = [("as_reported", 10, 0.55, 0.98), ("all_25", 25, 0.3507, 0.9299), ("all_25_unknown_allowed", 25, 0.3188, 0.95)]


@pytest.mark.parametrize(("regime", "m", "h", "stay"), WORKED)
def test_the_reference_in_numbers(regime, m, h, stay):
    """10 fields: h .55, R .98. 25 fields: .55 x exp(-.45) = .351 and .98 x exp(-.0525) = .930; or .319 and .95."""
    operator = operator_under(load_scenario("reference"), regime)

    assert float(honesty(operator, m)) == pytest.approx(h, abs=5e-5)
    assert float(staying(operator, m)) == pytest.approx(stay, abs=5e-5)


def compiled(scenario, regime):
    """The controls of a regime."""
    return compile_controls(scenario, regime, dictionary_of(scenario))


def test_thresholds_are_the_rates():
    """Each threshold is its rate out of 2**32, to the nearest whole number."""
    controls = compiled(load_scenario("reference"), "all_25_unknown_allowed")
    rates = {
        "unknown_said": 0.7, "unknown_dodged": 0.3,
        "lucky": 0.25, "copied_true": 0.4, "copied_true_stable": 0.4, "overridden": 0, "voluntary_placeholder": 0,
        "slip_copied": 0, "further_blank": 0,
    }  # fmt: skip
    for name, rate in rates.items():
        assert getattr(controls, name) == pytest.approx(rate * 2**32, abs=1), name
    assert controls.evasion.tolist() == [round(0.4 * 2**32), round(0.75 * 2**32), 2**32, 2**32]
    assert controls.exits[[0, 1, 25]].tolist() == [0, round(0.05 * 2**32), round(0.05 * 2**32)]
    known, (_, honest) = controls.known(("form", "f01")), controls.honest(("form", "f01"))
    assert known == pytest.approx(0.85 * 0.30 / (1 - 0.85 * 0.70) * 2**32, abs=1)
    assert honest.shape == (1, 1, 1, 26)
    assert honest.ravel()[[0, 25]] == pytest.approx([0.5 * 2**32, 0.5 * math.exp(-0.45) * 2**32], abs=1)
    assert {field.name for field in fields(controls)} >= set(rates)


def test_groups_stand_for_their_fields():
    """`enforced` is the 10 fields of the report of which people type 5, `needed` is 25 less the 5 that are stamped."""
    scenario = load_scenario("oig-20-13")
    reported, every = compiled(scenario, "as_reported"), compiled(scenario, "all_25")
    encounter = scenario.systems["encounter"].fields

    assert sum(spec.needed for spec in encounter.values()) == 25
    assert sum(spec.enforced for spec in encounter.values()) == 10
    assert {field for _, field in reported.mandatory} == {
        "encounter_date", "intake_basis", "facility_type", "custody_status", "offence_category"
    }  # fmt: skip
    assert len(every.mandatory) == 20
    assert {system for system, _ in every.mandatory} == {"encounter"}
    assert compiled(scenario, "reason_on_close").mandatory - reported.mandatory == {
        ("casework", "reason_hold_not_enforced")
    }


def test_names_and_groups_mix():
    """A regime can name single fields beside a group; a soft warning is no hard stop."""
    controls = compiled(small(), "unknown")

    assert ("alpha", "due") in controls.mandatory
    assert ("card", "pages") in controls.mandatory
    assert not controls.soft
    assert controls.not_values >= {("alpha", "due"), ("beta", "pages"), ("card", "pages")}
    assert not compiled(small(), "soft").mandatory


def test_a_regimes_operator_is_checked():
    """A rate out of range in a regime is refused by name, with the value."""
    scenario = small()
    spec = scenario.regimes["unknown"].model_copy(update={"operator": {"x0": 7}})
    changed = scenario.model_copy(update={"regimes": {**scenario.regimes, "unknown": spec}})
    with pytest.raises(ScenarioError, match=r"regime 'unknown': .*7 is not a rate"):
        compiled(changed, "unknown")

    assert float(operator_under(scenario, "unknown").x0) == pytest.approx(0.2)
