"""At the ends of the model's parameters, simulated measures are what they must be without any formula."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.regimes import SHARES, compare
from synth.scenario import load_scenario
from synth.spec import OperatorSpec, RegimeSpec

N = 3000
PERFECT = {"k": 1, "h0": 1, "slips": 0, "x0": 0, "alpha": 0, "beta": 0}


def reference(operator, **regimes):
    """The reference scenario with some parameters and regimes of its own."""
    scenario = load_scenario("reference")
    changed = OperatorSpec.model_validate({**scenario.operator.model_dump(), **operator})
    named = {name: RegimeSpec.model_validate(spec) for name, spec in regimes.items()}
    return scenario.model_copy(update={"operator": changed, "regimes": scenario.regimes | named})


def values(contrast, regime):
    """Every measure of a regime."""
    return {share.name: contrast.measure(regime, share.name).value for share in SHARES}


@settings(max_examples=10)
@given(st.sampled_from(["0.1", "0.5", "0.9"]), st.integers(0, 2**32))
def test_where_all_know_and_tell_measured_is_true(v, seed):
    """With h = 1, k = 1, no slips, burden and exits: all mandatory fields are filled and right, none by luck."""
    found = values(compare(reference({**PERFECT, "v": v}), n_cases=300, seed=seed, regimes=["all_25"]), "all_25")

    for name in ("completeness_naive", "completeness_valued", "correct_in_system", "correct_of_all", "informed_of_all"):
        assert found[name] == 1
    assert found["lucky_of_all"] == found["hidden_wrong"] == 0


def test_where_all_know_and_tell_an_optional_form_shows_what_it_holds():
    """Without controls measured completeness is the share that is right, whatever v."""
    found = values(compare(reference(PERFECT), n_cases=N, regimes=[]), "optional")

    assert found["completeness_naive"] == found["completeness_valued"] == found["correct_of_all"] < 1


def test_where_nobody_says_unknown_offering_it_changes_nothing():
    """With nu = tau = 0 a form that offers "unknown" is like one that does not."""
    offered = {"mandatory": {"form": ["needed"]}, "allow_not_value": "yes"}
    contrast = compare(reference({"nu": 0, "tau": 0}, offered=offered), n_cases=N, regimes=["all_25", "offered"])

    assert values(contrast, "all_25") == pytest.approx(values(contrast, "offered"), nan_ok=True)


@pytest.mark.parametrize("control", [
    {}, {"allow_not_value": "yes"}, {"reject_placeholders": {"form": ["needed"]}}, {"operator": {"h0": "0.1", "x0": 1}},
    {"soft_warning": {"form": ["needed"]}, "operator": {"override": 1}},
])  # fmt: skip
def test_where_no_control_bites_nothing_changes(control):
    """No control, or one that nobody meets: every measure is that of the optional form."""
    contrast = compare(reference({}, other=control), n_cases=N, regimes=["other"])

    assert values(contrast, "other") == pytest.approx(values(contrast, "optional"), nan_ok=True)


def test_leaving_multiplies_what_is_of_all_events_and_nothing_else():
    """With R from 1 to .8 (exits blind to content) shares in the system stay, those of all events fall by a fifth."""
    stays, leaves = ({"mandatory": {"form": ["needed"]}, "operator": {"stay": share}} for share in (1, Decimal("0.8")))
    contrast = compare(reference({"beta": 0}, stays=stays, leaves=leaves), n_cases=30_000, regimes=["stays", "leaves"])
    before, after = values(contrast, "stays"), values(contrast, "leaves")
    made = after["capture_rate"]

    assert made == pytest.approx(0.8, abs=0.01)
    for name in ("completeness_naive", "completeness_valued", "correct_in_system", "hidden_wrong", "accuracy_valued"):
        assert after[name] == pytest.approx(before[name], abs=0.004), name
    for name in ("correct_of_all", "informed_of_all", "lucky_of_all", "hidden_wrong_of_all"):
        assert after[name] == pytest.approx(made * before[name], abs=0.004), name
