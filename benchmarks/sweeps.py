"""The seeded sweep: every modeller's choice moved at once, the same settings under every regime.

A setting draws each parameter uniformly between low and high in its own scale, and the shares of evasions from a
Dirichlet distribution about the shares as set. What it gives is a range and counts of settings, never a percentage: how
likely a setting is, nobody knows. The yield y is never drawn; it follows from k, v and h.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from benchmarks.exchangeable import closed_form, is_exchangeable
from benchmarks.regimes import outcomes_of, regime_names, related_plans
from benchmarks.settings import SHARES, WHOLE, movable, range_of, with_values
from benchmarks.sobol import Index, sobol_indices
from benchmarks.tally import Outcome
from synth.spec import Scenario

Floats = npt.NDArray[np.float64]
CONCENTRATION = 12  # of the Dirichlet: a share of .40 lies between .14 and .68 in 95 of 100 settings
CLOSED_SETTINGS = 1000
FEW_CASES = 670  # of a setting that is simulated; the same cases at every setting
BASE_SETTINGS = 512  # of each of the two samples behind the indices
EVASIONS = "shares of evasions"
SIMULATED_SETTINGS = 30
TRUSTED = 0.5  # a surface that explains less of the spread is not read
DECIDES = 0.1  # a total index from which on an input is named


@dataclass(frozen=True)
class Sweep:
    """What is right and hidden wrong under every regime at every setting.

    Attributes:
        regimes: the regimes, the base regime first.
        parameters: what was moved.
        settings: the values, shape (n_settings, n_parameters).
        right, wrong: correct_of_all and hidden_wrong_of_all, shape (n_settings, n_regimes).
        n_cases: cases of each setting; 0: closed forms, exact.
        indices: regime -> sensitivity of its net_right(omega) against the base regime.
        explained: regime -> share of the spread that the surface behind the indices explains at settings it was not
            fitted to; 1 where the indices rest on the closed forms.
        omega: of the indices.
    """

    regimes: tuple[str, ...]
    parameters: tuple[str, ...]
    settings: Floats
    right: Floats
    wrong: Floats
    n_cases: int
    indices: Mapping[str, Sequence[Index]]
    explained: Mapping[str, float]
    omega: float

    @property
    def n_settings(self) -> int:
        """How many settings there are."""
        return len(self.settings)

    def gains(self, regime: str, *, against: str | None = None) -> tuple[Floats, Floats]:
        """Return the differences in right and in hidden wrong entries at every setting."""
        here, there = (self.regimes.index(name) for name in (regime, against or self.regimes[0]))
        return self.right[:, here] - self.right[:, there], self.wrong[:, here] - self.wrong[:, there]

    def net_gains(self, regime: str, omega: float, *, against: str | None = None) -> Floats:
        """Return the differences in net_right(omega) at every setting."""
        right, wrong = self.gains(regime, against=against)
        return right - omega * wrong

    def n_ahead(self, regime: str, omega: float, *, against: str | None = None) -> int:
        """Return in how many settings a regime is ahead in net_right(omega)."""
        return int(np.count_nonzero(self.net_gains(regime, omega, against=against) > 0))

    def deciding(self, regime: str) -> list[Index]:
        """Return the inputs with most of the variance, largest first; none where the surface explains too little."""
        if not self.explained.get(regime, 0) >= TRUSTED:
            return []
        found = [each for each in self.indices[regime] if each.total >= DECIDES]
        return sorted(found, key=lambda each: -each.total)


def sweep(
    scenario: Scenario,
    regimes: Sequence[str] | None = None,
    *,
    n_settings: int | None = None,
    seed: int = 1,
    omega: float = 1.0,
    progress: Callable[[int], None] = lambda _: None,
) -> Sweep:
    """Move every choice that can matter at once, and see which regime is ahead where.

    Args:
        scenario: its ranges are `Scenario.range_of`.
        regimes: names; the base regime is always among them. None: all of the scenario's.
        n_settings: how many settings; None: 1,000 where closed forms are exact, else 30.
        seed: of the cases and of the settings.
        omega: of the sensitivity: harm of one hidden wrong entry over the good of one right entry.
        progress: called with the number of simulations done.

    Examples:
        >>> from synth import load_scenario
        >>> found = sweep(load_scenario("reference"), ["all_25"], n_settings=20)
        >>> found.n_cases, found.n_settings, found.regimes
        (0, 20, ('optional', 'all_25'))
    """
    names = tuple(regime_names(scenario, regimes))
    closed = is_exchangeable(scenario, names)
    size = n_settings if n_settings is not None else CLOSED_SETTINGS if closed else SIMULATED_SETTINGS
    parameters = movable(scenario, names)
    rng = np.random.default_rng([seed, size])
    settings = draw_settings(scenario, parameters, size, rng)
    outcomes = _closed(scenario, names, parameters, settings) if closed else _simulated(
        scenario, names, parameters, settings, seed, progress
    )  # fmt: skip
    right, wrong = outcomes[..., 0], outcomes[..., 1]
    found = Sweep(names, parameters, settings, right, wrong, 0 if closed else FEW_CASES, {}, {}, omega)
    indices, explained = _sensitivity(scenario, found, closed=closed, rng=rng)
    return Sweep(names, parameters, settings, right, wrong, found.n_cases, indices, explained, omega)


def draw_settings(scenario: Scenario, parameters: Sequence[str], size: int, rng: np.random.Generator) -> Floats:
    """Return values of the parameters, shape (size, n_parameters), to six decimals.

    Args:
        scenario: its ranges, and the shares of evasions as set.
        parameters: what to move.
        size: how many settings.
        rng: where the draws come from.
    """
    drawn = rng.random((size, len(parameters)))
    shares = [place for place, name in enumerate(parameters) if name in SHARES]
    for place, name in enumerate(parameters):
        low, high = (float(end) for end in range_of(scenario, name) or (0, 0))
        drawn[:, place] = low + (high - low) * drawn[:, place]
        if name in WHOLE:
            drawn[:, place] = np.rint(drawn[:, place])
    if shares:
        central = np.array([float(getattr(scenario.operator, parameters[place])) for place in shares])
        drawn[:, shares] = _dirichlet(central, size, rng)
    return np.round(drawn, 6)


def _dirichlet(central: Floats, size: int, rng: np.random.Generator) -> Floats:
    """Return shares that sum to what the central ones do, drawn about them."""
    total = central.sum()
    out = np.zeros((size, central.size))
    some = central > 0
    out[:, some] = rng.dirichlet(CONCENTRATION * central[some] / total, size) * total
    return out


def _values(parameters: Sequence[str], row: Floats, scenario: Scenario) -> dict[str, Decimal]:
    """Return one setting by parameter; the shares of evasions sum to exactly 1."""
    values = {name: Decimal(f"{value:.6f}") for name, value in zip(parameters, row.tolist(), strict=True)}
    moved = [name for name in SHARES if name in values]
    if moved:
        still = sum((Decimal(getattr(scenario.operator, name)) for name in SHARES if name not in moved), Decimal(0))
        largest = max(moved, key=lambda name: values[name])
        values[largest] = 1 - still - sum((values[name] for name in moved if name != largest), Decimal(0))
    return values


def _closed(scenario: Scenario, names: Sequence[str], parameters: Sequence[str], settings: Floats) -> Floats:
    out = np.empty((len(settings), len(names), 2))
    forms = [closed_form(scenario, name) for name in names]
    for place, row in enumerate(settings):
        values = {name: float(value) for name, value in _values(parameters, row, scenario).items()}
        for number, form in enumerate(forms):
            quality = form.quality(values)
            out[place, number] = quality.correct_of_all, quality.hidden_wrong_of_all
    return out


def _simulated(
    scenario: Scenario,
    names: Sequence[str],
    parameters: Sequence[str],
    settings: Floats,
    seed: int,
    progress: Callable[[int], None],
) -> Floats:
    scenarios = [with_values(scenario, _values(parameters, row, scenario)) for row in settings]
    variants = {(place, name): (moved, name) for place, moved in enumerate(scenarios) for name in names}
    found: dict[tuple[int, str], Outcome] = outcomes_of(related_plans(variants, seed=seed), FEW_CASES, progress)
    rows = [[(found[place, name].right, found[place, name].wrong) for name in names] for place in range(len(settings))]
    return np.array(rows).reshape(len(settings), len(names), 2)


# ------------------------------------------------------------------------------------------------- which choice decides


def _sensitivity(
    scenario: Scenario, found: Sweep, *, closed: bool, rng: np.random.Generator
) -> tuple[dict[str, list[Index]], dict[str, float]]:
    """Return, for every regime but the base, the indices of its net gain and how far they can be trusted."""
    others, groups = found.regimes[1:], _groups(found.parameters)
    if not others or not groups:
        return {}, {}
    size = BASE_SETTINGS if closed else 4 * BASE_SETTINGS
    one, other = (draw_settings(scenario, found.parameters, size, rng) for _ in range(2))
    indices, explained = {}, {}
    if closed:
        nets: dict[bytes, Floats] = {}

        def of_regime(number: int) -> Callable[[Floats], Floats]:
            def answer(settings: Floats) -> Floats:
                key = settings.tobytes()
                if key not in nets:
                    both = _closed(scenario, found.regimes, found.parameters, settings)
                    nets[key] = both[..., 0] - found.omega * both[..., 1]
                return np.asarray(nets[key][:, number] - nets[key][:, 0])

            return answer

        for number, name in enumerate(others, 1):
            indices[name], explained[name] = sobol_indices(of_regime(number), one, other, groups), 1.0
        return indices, explained
    for name in others:
        surface, explained[name] = fitted_surface(found.settings, found.net_gains(name, found.omega))
        indices[name] = sobol_indices(surface, one, other, groups)
    return indices, explained


def _groups(parameters: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Return each parameter with its column; the shares of evasions are one group."""
    shares = [place for place, name in enumerate(parameters) if name in SHARES]
    alone = [(name, [place]) for place, name in enumerate(parameters) if name not in SHARES]
    return [*alone, *([(EVASIONS, shares)] if shares else [])]


def fitted_surface(settings: Floats, answers: Floats) -> tuple[Callable[[Floats], Floats], float]:
    """Return a quadratic surface through simulated settings, and how much it explains of settings it has not seen.

    Ridge regression on every parameter, its square, and the products of the four that matter most, with the penalty
    that leaves the smallest squared error when each setting in turn is left out.

    Args:
        settings: shape (n, d).
        answers: shape (n,).

    Returns:
        The surface, and 1 - (squared error of left-out settings) / (their spread); NaN where nothing varies.
    """
    middle, spread = settings.mean(axis=0), settings.std(axis=0)
    spread[spread == 0] = 1
    unit = (settings - middle) / spread
    weights = np.abs(unit.T @ (answers - answers.mean()))
    first = np.argsort(-weights)[:4]

    def features(given: Floats) -> Floats:
        each = (given - middle) / spread
        products = [each[:, one] * each[:, two] for place, one in enumerate(first) for two in first[place + 1 :]]
        return np.column_stack([each, each**2 - 1, *products])

    design = features(settings)
    centre = design.mean(axis=0)
    basis, singular, turn = np.linalg.svd(design - centre, full_matrices=False)
    projected = basis.T @ (answers - answers.mean())
    best, chosen = np.inf, 0.0
    for penalty in np.logspace(-3, 4, 29):
        shrink = singular**2 / (singular**2 + penalty)
        leverage = 1 / len(answers) + (basis**2) @ shrink
        left = (answers - answers.mean() - basis @ (shrink * projected)) / np.maximum(1 - leverage, 1e-9)
        if float((left**2).sum()) < best:
            best, chosen = float((left**2).sum()), float(penalty)
    slopes = turn.T @ (singular / (singular**2 + chosen) * projected)
    total = float(((answers - answers.mean()) ** 2).sum())

    def surface(given: Floats) -> Floats:
        return np.asarray(answers.mean() + (features(given) - centre) @ slopes)

    return surface, 1 - best / total if total else float("nan")
