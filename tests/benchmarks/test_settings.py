"""A setting: which parameters, which values, what can matter at all, and what is refused in one line."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import SHIPPED

from benchmarks.ranges import one_at_a_time
from benchmarks.settings import (
    SHARES,
    movable,
    parameters_of,
    plain,
    range_of,
    with_behaviour,
    with_parameter,
    with_values,
)
from synth.behaviour import known_parameters
from synth.controls import operator_under
from synth.errors import ScenarioError
from synth.scenario import load_scenario
from synth.spec import OperatorSpec

RATES = st.decimals("0", "1", places=4)
REFUSED = {
    "unknown": (["hh=1"], "unknown parameter 'hh'. Did you mean 'h'?"),
    "no number": (["k=x"], "k is 'x', not a number. Write it like k=0.4."),
    "above 1": (["h=1.4"], "h0 is 1.4; it is a share or chance, from 0 to 1."),
    "below 0": (["k=-.1"], "k is -.1; it is a share or chance, from 0 to 1."),
    "not whole": (["m0=2.5"], "m0 is 2.5; it is a whole number of 0 or more."),
    "negative amount": (["alpha=-1"], "alpha is -1; it is a number of 0 or more."),
    "twice": (["h=.1", "h0=.2"], "h0 is given twice: 0.1 and .2. Give it once."),
    "no value": (["q_copy"], "'q_copy' is no parameter and value. Write it like h0=0.4."),
    "infinite": (["alpha=inf"], "alpha is 'inf', not a number."),
}


@settings(max_examples=30)
@given(st.sampled_from(SHIPPED), st.sampled_from(SHARES), RATES)
def test_shares_of_evasions_still_sum_to_one(name, parameter, value):
    """Moving one share of evasions leaves the others in proportion, and all sum to exactly 1."""
    scenario = load_scenario(name)
    before, after = scenario.operator, with_parameter(scenario, parameter, value).operator

    assert sum(getattr(after, share) for share in SHARES) == 1
    assert getattr(after, parameter) == value
    first, second, *_ = (share for share in SHARES if share != parameter)
    kept = getattr(before, first) * getattr(after, second)
    assert abs(kept - getattr(before, second) * getattr(after, first)) < Decimal("0.00001")


def test_a_share_that_was_all_leaves_halves_to_the_others():
    """Where every evasion was a placeholder there is no proportion to keep: the others get half each."""
    scenario = load_scenario("reference")
    changes = {"q_placeholder": Decimal(1), "q_wrong": Decimal(0), "q_copy": Decimal(0)}
    lone = scenario.model_copy(update={"operator": scenario.operator.model_copy(update=changes)})

    found = with_parameter(lone, "q_placeholder", Decimal("0.4")).operator

    assert (found.q_placeholder, found.q_wrong, found.q_copy) == (Decimal("0.4"), Decimal("0.3"), Decimal("0.3"))


@pytest.mark.parametrize("name", SHIPPED)
def test_only_the_parameter_moves(name):
    """Setting a parameter to the value it has changes nothing; the scenario given is never changed."""
    scenario = load_scenario(name)
    before = scenario.model_dump()

    for parameter in movable(scenario, list(scenario.regimes)):
        found = with_parameter(scenario, parameter, Decimal(getattr(scenario.operator, parameter)))
        with_parameter(scenario, parameter, range_of(scenario, parameter)[1])
        assert found.operator == scenario.operator
    assert scenario.model_dump() == before


def test_exits_of_a_quota_change_under_the_other_regimes_only():
    """In a quota the base regime holds every record: exits are set in the regimes, not in the operator."""
    scenario = load_scenario("oig-20-13")

    found = with_values(scenario, {"x0": Decimal("0.1")})

    assert found.operator.x0 == scenario.operator.x0
    assert found.regimes["all_25"].operator["x0"] == Decimal("0.1")
    assert found.regimes["as_reported"] == scenario.regimes["as_reported"]


def test_a_parameter_that_a_regime_sets_itself_is_set_there():
    """The regime with not-values has an h0 of its own, and it is set too."""
    found = with_values(load_scenario("oig-20-13"), {"h0": Decimal("0.9")})

    assert operator_under(found, "all_25_unknown_allowed").h0 == found.operator.h0 == Decimal("0.9")
    assert "h0" not in found.regimes["all_25"].operator


@pytest.mark.parametrize(("texts", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_set_is_told_in_one_line(texts, message):
    """What was got, what is possible, what to do."""
    with pytest.raises(ScenarioError) as problem:
        parameters_of(texts)

    assert message in str(problem.value)
    assert "\n" not in str(problem.value)


def test_symbols_stand_for_parameters():
    """The model's h and eps are h0 and slips."""
    assert parameters_of(["h=.4", "eps=0.01", "qP=.5"]) == {
        "h0": Decimal("0.4"), "slips": Decimal("0.01"), "q_placeholder": Decimal("0.5"),
    }  # fmt: skip


def test_shares_that_do_not_sum_to_one_are_refused_with_their_sum():
    """q_copy at .4 beside .40 and .35 makes 1.15."""
    with pytest.raises(ScenarioError, match=r"is 1\.15; the shares of evasions sum to 1"):
        with_values(load_scenario("reference"), {"q_copy": Decimal("0.4")})


def test_a_behaviour_file_sets_values_and_ranges(tmp_path):
    """Central becomes the value, low to high the range; what the file leaves out stays."""
    (tmp_path / "mine.yaml").write_text("h0: {low: 0.3, central: 0.4, high: 0.5}\nk: {central: 0.9}\n")
    scenario = load_scenario("reference")

    found = with_behaviour(scenario, tmp_path / "mine.yaml")

    assert (found.operator.h0, found.operator.k, found.operator.v) == (
        Decimal("0.4"), Decimal("0.9"), scenario.operator.v,
    )  # fmt: skip
    assert found.range_of("h0") == (Decimal("0.3"), Decimal("0.5"))
    assert operator_under(found, "all_25_unknown_allowed").h0 == Decimal("0.4")


def test_a_behaviour_file_with_a_chance_above_one_is_refused(tmp_path):
    """A high end that the parameter cannot take is named."""
    (tmp_path / "mine.yaml").write_text("h0: {high: 1.5}\n")

    with pytest.raises(ScenarioError, match=r"h0 is 1\.5; it is a share or chance"):
        with_behaviour(load_scenario("reference"), tmp_path / "mine.yaml")


@pytest.mark.parametrize("regime", ["optional", "soft_warning", "as_reported", "all_25"])
def test_what_is_left_out_changes_nothing(regime):
    """Over its whole range, a parameter that is not moved changes neither right nor hidden wrong entries."""
    scenario = load_scenario("reference")
    still = [name for name in OperatorSpec.model_fields
             if name not in movable(scenario, ["optional", regime]) and range_of(scenario, name)]  # fmt: skip
    assert still

    found = one_at_a_time(scenario, regime, n_cases=67, seed=1, parameters=still)

    assert len({(each.right, each.wrong) for each in found}) == 1


def test_only_what_the_controls_bring_into_play_is_moved():
    """A warning brings override, not-values nu and tau, mandatory fields exits; seconds never change what is right."""
    scenario = load_scenario("reference")

    assert set(movable(scenario, ["optional"])) == {"k", "v", "slips"}
    assert "override" not in movable(scenario, ["all_25"])
    assert {"override", "h0"} <= set(movable(scenario, ["soft_warning"]))
    assert {"x0", "alpha", "beta"}.isdisjoint(movable(scenario, ["soft_warning"]))
    assert {"nu", "tau"}.isdisjoint(movable(scenario, ["all_25"]))
    assert {"nu", "tau"} <= set(movable(scenario, ["all_25_unknown_allowed"]))
    assert {"x0", "alpha"}.isdisjoint(movable(scenario, ["all_25_unknown_allowed"]))  # it says itself who stays
    assert not any(name.startswith("seconds") for name in movable(scenario, list(scenario.regimes)))


def test_every_parameter_has_plain_words():
    """Each parameter the operator knows can be told in words: those of behaviour.yaml."""
    for name in OperatorSpec.model_fields:
        assert plain(name)
    assert plain("k") == known_parameters()["k"].says
