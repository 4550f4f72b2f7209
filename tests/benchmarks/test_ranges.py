"""One modeller's choice at a time over its range: same draws, shares that sum to 1, what decides the answer."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import SHIPPED

import benchmarks.ranges
from benchmarks.ranges import SHARES, Setting, decisive, one_at_a_time, with_parameter
from benchmarks.regimes import compare
from synth.scenario import load_scenario

RATES = st.decimals("0", "1", places=4)
EVERY_RANGE = [(name, parameter) for name in SHIPPED for parameter in load_scenario(name).ranges]


@settings(max_examples=30)
@given(st.sampled_from(SHIPPED), st.sampled_from(SHARES), RATES)
def test_shares_of_evasions_still_sum_to_one(name, parameter, value):
    """Moving one share of evasions leaves the others in proportion, and all sum to exactly 1."""
    scenario = load_scenario(name)
    before, after = scenario.operator, with_parameter(scenario, parameter, value, "all_25").operator

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

    found = with_parameter(lone, "q_placeholder", Decimal("0.4"), "all_25").operator

    assert (found.q_placeholder, found.q_wrong, found.q_copy) == (Decimal("0.4"), Decimal("0.3"), Decimal("0.3"))


@pytest.mark.parametrize(("name", "parameter"), EVERY_RANGE)
def test_only_the_parameter_moves(name, parameter):
    """Setting a parameter to the value it has changes no result; the scenario given is not changed."""
    scenario = load_scenario(name)
    before = scenario.model_dump()

    found = with_parameter(scenario, parameter, getattr(scenario.operator, parameter), "all_25")
    with_parameter(scenario, parameter, scenario.ranges[parameter][1], "all_25")

    assert scenario.model_dump() == before
    assert found.operator == scenario.operator


def test_exits_of_a_quota_change_under_the_regime_only():
    """In a quota the base regime holds every record: more exits are set in the regime, not in the operator."""
    scenario = load_scenario("oig-20-13")

    found = with_parameter(scenario, "x0", Decimal("0.1"), "all_25")

    assert found.operator.x0 == scenario.operator.x0 == 0
    assert found.regimes["all_25"].operator["x0"] == Decimal("0.1")
    assert found.regimes["as_reported"] == scenario.regimes["as_reported"]


def test_a_parameter_that_a_regime_sets_itself_is_varied_there():
    """The regime with not-values has an h0 of its own, and it moves too."""
    found = with_parameter(load_scenario("oig-20-13"), "h0", Decimal("0.9"), "all_25_unknown_allowed")

    assert found.operator.h0 == found.regimes["all_25_unknown_allowed"].operator["h0"] == Decimal("0.9")
    assert "h0" not in found.regimes["all_25"].operator


@pytest.mark.parametrize(
    ("name", "regime"), [("oig-20-13", "all_25"), ("oig-20-13", "all_25_unknown_allowed"), ("reference", "all_25")]
)
def test_every_setting_is_a_comparison_of_the_changed_scenario(name, regime):
    """The central setting is the plain comparison; each other one is a comparison of the scenario changed by hand."""
    scenario = load_scenario(name)
    ranges = {each: scenario.ranges[each] for each in ("slips", "q_copy", "x0")}
    scenario = scenario.model_copy(update={"ranges": ranges})

    found = one_at_a_time(scenario, regime, n_cases=67, seed=6)

    assert [(each.parameter, each.value) for each in found[1:]] == [
        (parameter, str(end)) for parameter, ends in scenario.ranges.items() for end in ends
    ]
    assert (found[0].parameter, found[0].value) == ("", "")
    for each in found[::2]:
        changed = scenario
        if each.parameter:
            changed = with_parameter(scenario, each.parameter, Decimal(each.value), regime)
        plain = compare(changed, n_cases=67, seed=6, regimes=[regime])
        assert each.right == plain.difference(regime, "correct_of_all").value
        assert each.wrong == plain.difference(regime, "hidden_wrong_of_all").value


@pytest.mark.parametrize("parameter", ["further_blank", "slips", "slip_copied", "voluntary_placeholder"])
def test_a_choice_that_moves_the_base_regime_moves_both_sides(parameter):
    """A parameter that changes the base regime of a quota is compared with the base regime changed alike."""
    scenario = load_scenario("oig-20-13")
    moved = scenario.model_copy(update={"ranges": {parameter: (Decimal("0.02"), Decimal("0.6"))}})

    found = one_at_a_time(moved, "all_25", n_cases=201, seed=1)[-1]

    plain = compare(with_parameter(moved, parameter, Decimal("0.6"), "all_25"), n_cases=201, regimes=["all_25"])
    assert found.right == plain.difference("all_25", "correct_of_all").value
    assert found.wrong == plain.difference("all_25", "hidden_wrong_of_all").value


def test_no_more_cases_than_the_limit_are_used(monkeypatch):
    """Asked for more cases than the limit, the settings are those of the limit."""
    scenario = load_scenario("reference")
    scenario = scenario.model_copy(update={"ranges": {"k": scenario.ranges["k"]}})
    monkeypatch.setattr(benchmarks.ranges, "MOST_CASES", 67)

    assert one_at_a_time(scenario, "all_25", n_cases=500, seed=1) == one_at_a_time(
        scenario, "all_25", n_cases=67, seed=1
    )


def test_what_people_know_and_tell_moves_the_answer_the_way_it_must():
    """More honesty, or more knowledge, gives more right entries; more exits fewer."""
    scenario = load_scenario("reference")
    ranges = {name: scenario.ranges[name] for name in ("h0", "w", "x0", "q_wrong")}
    settings = one_at_a_time(scenario.model_copy(update={"ranges": ranges}), "all_25", n_cases=300, seed=1)
    found = {(each.parameter, each.value): each for each in settings}

    assert found["h0", "0.2"].right < found["", ""].right < found["h0", "0.9"].right
    assert found["w", "0.05"].right < found["w", "0.50"].right
    assert found["x0", "0.10"].right < found["x0", "0"].right
    assert found["q_wrong", "0.20"].wrong < found["q_wrong", "0.50"].wrong


def test_a_choice_decides_if_an_end_of_its_range_turns_a_sign():
    """Only parameters at an end of which right or hidden wrong entries go the other way are named, once."""
    central = Setting("", "", 0.02, 0.01)
    same = [Setting("k", "0.7", 0.001, 0.5), Setting("k", "0.9", 0.2, 0.001)]
    turned = [Setting("alpha", "0", 0.03, 0.01), Setting("alpha", "1", -0.01, 0.01),
              Setting("w", "0", 0.02, -0.01), Setting("w", "1", -0.02, -0.01)]  # fmt: skip

    assert decisive([central, *same]) == []
    assert decisive([central, *same, *turned]) == ["alpha", "w"]
    assert decisive([central]) == []
