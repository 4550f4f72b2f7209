"""Every choice at once: the same settings under every regime, counts of settings, and which choice decides."""

from decimal import Decimal

import numpy as np
import pytest

from benchmarks.exchangeable import closed_form
from benchmarks.regimes import compare
from benchmarks.settings import SHARES, range_of, with_values
from benchmarks.sweeps import FEW_CASES, Sweep, draw_settings, fitted_surface, sweep
from synth.scenario import load_scenario


@pytest.fixture(scope="module")
def closed():
    return sweep(load_scenario("reference"), n_settings=300, seed=4)


def values_of(found, row):
    values = {name: Decimal(f"{value:.6f}") for name, value in zip(found.parameters, found.settings[row], strict=True)}
    moved = [name for name in SHARES if name in values]
    values[moved[0]] = 1 - sum(values[name] for name in moved[1:])
    return values


def test_every_setting_is_the_scenario_with_these_values(closed):
    """Right and hidden wrong of each regime are the closed forms of the scenario changed by hand."""
    scenario = load_scenario("reference")

    for row in (0, 7, 299):
        changed = with_values(scenario, values_of(closed, row))
        for place, regime in enumerate(closed.regimes):
            quality = closed_form(changed, regime).quality()
            assert closed.right[row, place] == pytest.approx(quality.correct_of_all, abs=1e-5)
            assert closed.wrong[row, place] == pytest.approx(quality.hidden_wrong_of_all, abs=1e-5)


def test_where_nothing_is_exact_each_setting_is_simulated():
    """A setting of another scenario is a comparison of the same 670 cases, every choice changed by hand."""
    scenario = load_scenario("oig-20-13")
    found = sweep(scenario, ["all_25"], n_settings=2, seed=3)
    contrast = compare(with_values(scenario, values_of(found, 1)), n_cases=FEW_CASES, seed=3, regimes=["all_25"])

    assert found.n_cases == FEW_CASES
    for place, regime in enumerate(found.regimes):
        assert found.right[1, place] == pytest.approx(contrast.measure(regime, "correct_of_all").value, abs=1e-3)
        assert found.wrong[1, place] == pytest.approx(contrast.measure(regime, "hidden_wrong_of_all").value, abs=1e-3)


def test_draws_lie_in_their_ranges_and_shares_sum_to_one(closed):
    """Uniform between low and high; shares of evasions about the central ones; whole numbers stay whole; no yield."""
    scenario = load_scenario("reference")
    found = draw_settings(scenario, closed.parameters, 4000, np.random.default_rng(1))

    assert "y" not in closed.parameters
    for place, name in enumerate(closed.parameters):
        if name in SHARES:
            assert found[:, place].mean() == pytest.approx(float(getattr(scenario.operator, name)), abs=0.01)
            continue
        low, high = (float(end) for end in range_of(scenario, name))
        assert low <= found[:, place].min() < found[:, place].max() <= high
        assert found[:, place].mean() == pytest.approx((low + high) / 2, abs=0.02 * (high - low))
    shares = [place for place, name in enumerate(closed.parameters) if name in SHARES]
    assert found[:, shares].sum(axis=1) == pytest.approx(np.ones(4000), abs=2e-6)
    whole = found[:, closed.parameters.index("m0")]
    assert set(whole) == set(range(5, 16))


def test_the_same_seed_gives_the_same_settings(closed):
    """And another seed others; the order of the regimes changes nothing."""
    scenario = load_scenario("reference")
    again = sweep(scenario, list(reversed(scenario.regimes)), n_settings=300, seed=4)

    assert (again.settings == closed.settings).all()
    for regime in closed.regimes:
        assert (again.net_gains(regime, 1) == closed.net_gains(regime, 1)).all()
    assert (sweep(scenario, n_settings=300, seed=5).settings != closed.settings).any()


def test_a_regime_is_never_ahead_of_itself(closed):
    """Common draws: against itself a regime differs by nothing in every setting."""
    for regime in closed.regimes:
        assert not closed.net_gains(regime, 1, against=regime).any()
        assert closed.n_ahead(regime, 1, against=regime) == 0
        both = closed.n_ahead(regime, 1, against="all_25") + closed.n_ahead("all_25", 1, against=regime)
        assert both == (0 if regime == "all_25" else closed.n_settings)


def test_settings_ahead_counted_by_hand():
    """Right +.1, hidden wrong +.05 or +.2: ahead at harm 1 in the first, at harm 0 in both, at harm 3 in none."""
    right, wrong = np.array([[0.5, 0.6], [0.5, 0.6]]), np.array([[0.1, 0.15], [0.1, 0.3]])
    found = Sweep(("a", "b"), (), np.zeros((2, 0)), right, wrong, 0, {}, {}, 1.0)

    assert [found.n_ahead("b", omega) for omega in (0, 1, 3)] == [2, 1, 0]
    assert found.deciding("b") == []


def test_what_decides_is_what_moves_the_answer(closed):
    """With honesty alone free to move, honesty decides; the indices of independent inputs sum to at most 1."""
    scenario = load_scenario("reference")
    fixed = {name: (range_of(scenario, name)[0],) * 2 for name in closed.parameters if name != "h0"}
    alone = sweep(scenario.model_copy(update={"ranges": fixed}), ["all_25"], n_settings=50)

    assert alone.parameters == ("h0",)
    assert [each.name for each in alone.deciding("all_25")] == ["h0"]
    assert alone.indices["all_25"][0].total == pytest.approx(1, abs=0.1)
    assert sum(each.first for each in closed.indices["all_25"]) < 1.15


def test_a_surface_through_settings_is_the_function_it_was_made_of():
    """A quadratic of three inputs with a product is found again; noise explains nothing."""
    rng = np.random.default_rng(4)
    settings = rng.random((200, 5))

    def answer(x):
        return 1 + 2 * x[:, 0] - x[:, 1] ** 2 + 3 * x[:, 0] * x[:, 2]

    surface, explained = fitted_surface(settings, answer(settings))
    fresh = rng.random((50, 5))
    assert explained > 0.999
    assert surface(fresh) == pytest.approx(answer(fresh), abs=0.02)
    assert fitted_surface(settings, rng.normal(size=200))[1] < 0.2
