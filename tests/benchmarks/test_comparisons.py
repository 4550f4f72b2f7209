"""A whole comparison: the JSON people read, one parameter in steps, how many cases are enough, what is refused."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hand_made import cells, contrast_of

from benchmarks import compare_tables
from benchmarks.comparisons import Comparison, choices, comparison, steps_of, to_json
from benchmarks.exchangeable import closed_form
from benchmarks.ranges import Setting
from benchmarks.regimes import SHARES, compare
from benchmarks.settings import parameters_of, with_values
from synth.behaviour import known_parameters
from synth.errors import ScenarioError
from synth.scenario import load_scenario


@pytest.fixture(scope="module")
def found():
    return comparison(load_scenario("reference"), n_cases=400, seed=2, n_settings=60, tracks=["h=.1:.9:3"], omega=0.5)


@pytest.fixture(scope="module")
def rows(found):
    return to_json(found)


def test_json_is_one_object_a_regime_with_measures_by_name(found, rows):
    """In the order of the regimes; each measure with its error and denominator; no NaN."""
    assert [row["regime"] for row in rows] == list(found.contrast.tallies)
    for row in rows:
        assert row["n_cases"] == 400
        for share in SHARES:
            measure = found.contrast.measure(row["regime"], share.name)
            if math.isnan(measure.value):
                assert row[share.name] is None
                continue
            assert row[share.name] == pytest.approx(measure.value, abs=1e-12)
            assert row[f"{share.name}_error"] == pytest.approx(measure.error, abs=1e-12)
            assert row["denominators"][share.name] > 0
        assert sum(map(sum, row["verdicts"])) == 400
        assert row["net_right"]["value"] == found.contrast.net_right(row["regime"], 0.5).value


def test_json_has_every_other_regime_beside_each(found, rows):
    """All pairs, both ways: differences change sign; the two in-system contrasts never come alone."""
    of = {row["regime"]: row for row in rows}

    for name, row in of.items():
        assert set(row["against"]) == set(of) - {name}
        for other, pair in row["against"].items():
            back = of[other]["against"][name]
            for share, each in pair["differences"].items():
                if each["value"] is not None:
                    assert each["value"] == pytest.approx(-back["differences"][share]["value"])
                    low, high = each["simulation_limits_95"]
                    assert low <= each["value"] <= high
            assert set(pair["in_system"]) == {"as_each_dashboard_shows", "records_in_both"}


def test_json_marks_every_modellers_choice(rows):
    """Value, range, grade and anchor of each parameter, in every object."""
    for row in rows:
        marked = {each["parameter"]: each for each in row["modellers_choices"]}
        assert set(marked) == set(known_parameters())
        assert (marked["h0"]["value"], marked["h0"]["low"], marked["h0"]["high"]) == ("0.55", "0.2", "0.9")
        assert all(each["anchor"] and each["grade"] in "MSDU" for each in marked.values())


def test_the_three_uncertainties_have_names_of_their_own(rows):
    """Simulation error is called so; the range has settings and counts, and no error; nothing is called interval."""
    swept = rows[3]["sweep"]

    assert swept["closed_forms"] is True
    assert 0 <= swept["n_ahead"] <= swept["n_settings"] == 60
    assert not any("error" in key or "interval" in key for key in swept)
    assert {"value", "simulation_error", "simulation_limits_95"} == set(rows[3]["net_right"])


def test_a_parameter_in_steps_is_the_scenario_with_that_value(found):
    """Three values from .1 to .9, each the closed form of the scenario changed by hand."""
    (track,) = found.tracks

    assert [float(value) for value in track.values] == [0.1, 0.5, 0.9]
    for place, value in enumerate((".1", ".5", ".9")):
        changed = with_values(load_scenario("reference"), parameters_of([f"h0={value}"]))
        for regime in found.contrast.tallies:
            assert track.right[regime][place] == closed_form(changed, regime).quality().correct_of_all


def test_a_simulated_parameter_in_steps_is_a_comparison_at_that_value():
    """Where nothing is exact the first 670 cases are compared at each value."""
    scenario = load_scenario("shelter-intake")
    (track,) = comparison(scenario, n_cases=67, seed=2, tracks=["eps=0:.05:2"]).tracks
    plain = compare(with_values(scenario, parameters_of(["eps=.05"])), n_cases=670, seed=2)

    assert track.n_cases == 670
    for regime in plain.tallies:
        assert track.right[regime][1] == plain.measure(regime, "correct_of_all").value


REFUSED = {
    "reversed": ("h0=.9:.1", "the sweep of h0 from 0.9 to 0.1 is the wrong way round"),
    "empty": ("h0=.5:.5", "the sweep of h0 from 0.5 to 0.5 is empty"),
    "no ends": ("h0", "'h0' is no sweep. Write it like h0=0.1:0.9"),
    "half": ("h0=.1:", "'h0=.1:' is no sweep"),
    "unknown": ("hh=.1:.9", "unknown parameter 'hh'. Did you mean 'h'?"),
    "out of range": ("h0=.1:1.9", "h0 is 1.9; it is a share or chance, from 0 to 1"),
    "one step": ("h0=.1:.9:1", "a sweep in '1' steps; possible are 2 to 1,000"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_sweep_that_cannot_be_is_told_in_one_line(text, message):
    """Empty, reversed, unknown, out of range: what was got and what to do."""
    with pytest.raises(ScenarioError) as problem:
        steps_of(text)

    assert message in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_sweep_is_nine_steps_unless_said_otherwise():
    """Symbols stand for parameters here as well."""
    assert steps_of("h=.1:.9") == ("h0", Decimal("0.1"), Decimal("0.9"), 9)


def test_enough_cases_are_told_by_hand():
    """A range of 30 errors is enough; one of 5 errors takes (.2 / .1)^2 = 4 times as many cases."""
    contrast = compare("reference", n_cases=64, seed=1, regimes=["all_25"])
    error = contrast.difference("all_25", "correct_of_all").error
    wide, narrow = ([Setting("", "", 0, 0), Setting("k", "1", factor * error, 0)] for factor in (30, 5))

    assert Comparison(contrast, shown="all_25", settings=wide).cases_enough()[0]
    is_enough, needed = Comparison(contrast, shown="all_25", settings=narrow).cases_enough()
    assert not is_enough
    assert needed == pytest.approx(64 * 4, abs=1)


def test_too_few_cases_have_no_range_unless_it_is_asked_for():
    """With 67 simulated cases nothing is ranged over; the rest stands."""
    found = comparison(load_scenario("shelter-intake"), n_cases=67)

    assert (list(found.settings), found.sweep, found.doses) == ([], None, None)
    assert compare_tables.one_by_one_table(found) is None
    assert compare_tables.measure_table(found).rows


def test_choices_say_what_is_switched_off_and_what_a_regime_changes():
    """U is off in the reference; h0 is another under the regime that allows unknown."""
    found = {each["parameter"]: each for each in choices(load_scenario("reference"))}

    assert found["u"]["off"] is True
    assert found["h0"]["off"] is False
    assert found["h0"]["regimes"] == {"all_25_unknown_allowed": "0.50"}
    assert found["override"]["off"] is False  # a regime switches it on


def test_tables_say_the_numbers_of_the_comparison(found):
    """Every pair of regimes once; every dose; a field that is like all others told once."""
    pairs = compare_tables.exchange_table(found.contrast)
    rate = found.contrast.exchange_rate("all_25", against="as_reported")

    assert len(pairs.rows) == 10
    row = next(row for row in pairs.rows if row[:2] == ["as_reported", "all_25"])
    assert row[4] == f"{rate.value:.2f} ±{rate.error:.2f}"
    assert len(compare_tables.dose_table(found).rows) == 26
    assert len(compare_tables.dose_table(found, 9).rows) < 15
    assert [row[0] for row in compare_tables.next_table(found).rows] == ["any of 25"]
    assert len(compare_tables.in_system_table(found.contrast).rows) == 4 * 5
    assert len(compare_tables.verdict_table(found.contrast).rows) == 5 * 3
    assert compare_tables.catch_table(found) is None
    assert compare_tables.sweep_table(found).rows[0][-1].endswith("of 60")


def test_a_regime_that_is_neither_bought_nor_sold_has_no_rate():
    """More right and fewer wrong: a price would mean nothing."""
    table = compare_tables.exchange_table(contrast_of(cells("a", 5, 2), cells("b", 6, 1)))

    assert table.rows == [["a", "b", "+10.00 ±0.00", "-10.00 ±0.00", "-", "better at any price"]]


def test_what_is_caught_stands_as_counts_and_share(found):
    """3 of 4 found, and 0 of 0."""
    from benchmarks.catches import Catch

    names = list(found.contrast.tallies)
    made = replace(found, catches=[Catch(name, "mine", 4 * (name != "optional"), 3 * (name != "optional"))
                                   for name in names])  # fmt: skip

    assert compare_tables.catch_table(made).rows == [["mine", "0 of 0", *["3 of 4 (75 %)"] * 4]]
