"""One modeller's choice at a time over its range: same draws, what decides the answer, and closed forms where exact."""

from decimal import Decimal

import pytest

import benchmarks.ranges
from benchmarks.ranges import Setting, decisive, one_at_a_time
from benchmarks.regimes import compare
from benchmarks.settings import movable, range_of, with_parameter
from synth.scenario import load_scenario


@pytest.mark.parametrize("regime", ["all_25", "all_25_unknown_allowed"])
def test_every_setting_is_a_comparison_of_the_changed_scenario(regime):
    """The central setting is the plain comparison; each other one is a comparison of the scenario changed by hand."""
    scenario, parameters = load_scenario("oig-20-13"), ("slips", "q_copy", "x0")

    found = one_at_a_time(scenario, regime, n_cases=67, seed=6, parameters=parameters)

    assert [(each.parameter, each.value) for each in found[1:]] == [
        (parameter, str(end)) for parameter in parameters for end in range_of(scenario, parameter)
    ]
    assert (found[0].parameter, found[0].value) == ("", "")
    for each in found[::2]:
        changed = with_parameter(scenario, each.parameter, Decimal(each.value)) if each.parameter else scenario
        plain = compare(changed, n_cases=67, seed=6, regimes=[regime])
        assert each.right == plain.difference(regime, "correct_of_all").value
        assert each.wrong == plain.difference(regime, "hidden_wrong_of_all").value


def test_all_that_can_matter_is_moved_unless_said_otherwise():
    """Without a list, both ends of every parameter that can matter under the two regimes."""
    scenario = load_scenario("reference")
    names = movable(scenario, ["optional", "all_25"])

    found = one_at_a_time(scenario, "all_25", n_cases=1, seed=1)

    assert [each.parameter for each in found[1:]] == [name for name in names for _ in range(2)]


@pytest.mark.parametrize("parameter", ["further_blank", "slips", "slip_copied", "voluntary_placeholder"])
def test_a_choice_that_moves_the_base_regime_moves_both_sides(parameter):
    """A parameter that changes the base regime of a quota is compared with the base regime changed alike."""
    scenario = load_scenario("oig-20-13")
    moved = scenario.model_copy(update={"ranges": {parameter: (Decimal("0.02"), Decimal("0.6"))}})

    found = one_at_a_time(moved, "all_25", n_cases=201, seed=1, parameters=[parameter])[-1]

    plain = compare(with_parameter(moved, parameter, Decimal("0.6")), n_cases=201, regimes=["all_25"])
    assert found.right == plain.difference("all_25", "correct_of_all").value
    assert found.wrong == plain.difference("all_25", "hidden_wrong_of_all").value


def test_where_closed_forms_are_exact_the_simulation_agrees_with_them():
    """Right and hidden wrong at the ends of three ranges are the simulated ones within four and a half errors."""
    scenario = load_scenario("reference")

    for each in one_at_a_time(scenario, "all_25", n_cases=1, seed=1, parameters=["h0", "q_wrong", "alpha"])[1:]:
        changed = with_parameter(scenario, each.parameter, Decimal(each.value))
        contrast = compare(changed, n_cases=2048, seed=9, regimes=["all_25"])
        for name, value in (("correct_of_all", each.right), ("hidden_wrong_of_all", each.wrong)):
            found = contrast.difference("all_25", name)
            assert abs(found.value - value) <= 4.5 * found.error, each


def test_no_more_cases_than_the_limit_are_used(monkeypatch):
    """Asked for more cases than the limit, the settings are those of the limit."""
    scenario = load_scenario("oig-20-13")
    monkeypatch.setattr(benchmarks.ranges, "MOST_CASES", 67)

    assert one_at_a_time(scenario, "all_25", n_cases=500, seed=1, parameters=["k"]) == one_at_a_time(
        scenario, "all_25", n_cases=67, seed=1, parameters=["k"]
    )


def test_what_people_know_and_tell_moves_the_answer_the_way_it_must():
    """More honesty, or more knowledge, gives more right entries; more exits fewer."""
    parameters = ["h0", "w", "x0", "q_wrong"]
    settings = one_at_a_time(load_scenario("reference"), "all_25", n_cases=300, seed=1, parameters=parameters)
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
    assert central.net(2) == 0
