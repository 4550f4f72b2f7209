"""Regimes side by side: the same cases under different controls, measured and true.

Simulation error is the Monte Carlo standard error of each share, from per-case sums (a ratio estimator clustered by
case, within verdict where a quota fixes how many cases of each there are); differences between regimes are paired case
by case. It is about cases this scenario could generate and says nothing about real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.tally import QUANTITIES, Tally, count_cells, joined
from synth import chunks
from synth.errors import ScenarioError, nearest
from synth.pipeline import BLOCK, make_plan, sheet_of
from synth.plan import Plan
from synth.scenario import load_scenario
from synth.spec import VERDICTS, Scenario
from synth.truth import Truth

Floats = npt.NDArray[np.float64]
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Share:
    """A measure as a ratio of two sums over cases: name, numerator, denominator and what it says."""

    name: str
    numerator: tuple[str, ...]
    denominator: str
    says: str


SHARES = (
    Share("completeness_naive", ("filled",), "asked", "not blank"),
    Share("completeness_valued", ("valued",), "asked", "not blank, no known placeholder or not-value"),
    Share("correct_in_system", ("informed", "lucky"), "present_needed", "right, of the records in the system"),
    Share("correct_of_all", ("informed", "lucky"), "needed", "right, of all events"),
    Share("informed_of_all", ("informed",), "needed", "right because the writer knew, of all events"),
    Share("lucky_of_all", ("lucky",), "needed", "right by default, guess or copy, of all events"),
    Share(
        "hidden_wrong", ("hidden_wrong",), "present_needed", "filled, plausible, wrong, of the records in the system"
    ),
    Share("hidden_wrong_of_all", ("hidden_wrong",), "needed", "filled, plausible, wrong, of all events"),
    Share("accuracy_valued", ("informed", "lucky"), "present_valued", "right, of the cells that hold a value"),
    Share("capture_rate", ("present",), "events", "records in the system, of all there should be"),
    Share("consistency_pairwise", ("agreeing",), "pairs", "equal, of pairs of statements by two systems"),
    Share("blank_pairs", ("pairs_blank",), "all_pairs", "pairs of which one side says nothing"),
)
HEADLINE = ("completeness_naive", "completeness_valued", "correct_in_system", "correct_of_all", "hidden_wrong_of_all")


@dataclass(frozen=True)
class Estimate:
    """A number with its simulation error (standard error); both NaN where it is undefined (0 of 0)."""

    value: float
    error: float


@dataclass(frozen=True)
class Contrast:
    """The same cases under several regimes.

    Attributes:
        scenario: the scenario.
        seed: the seed of all of them.
        n_cases: how many cases.
        base: the base regime.
        tallies: regime -> counts per case, over the same cases in the same order.
    """

    scenario: Scenario
    seed: int
    n_cases: int
    base: str
    tallies: Mapping[str, Tally]

    def measure(self, regime: str, share: str, scope: str = "all") -> Estimate:
        """Return a measure under a regime."""
        value, influence = _share(self.tallies[regime], share, scope)
        return Estimate(value, self._error(influence))

    def difference(self, regime: str, share: str, scope: str = "all", *, against: str | None = None) -> Estimate:
        """Return how much higher a measure is than under the base regime, paired case by case."""
        value, influence = _share(self.tallies[regime], share, scope)
        base_value, base_influence = _share(self.tallies[against or self.base], share, scope)
        return Estimate(value - base_value, self._error(influence - base_influence))

    def net_right(self, regime: str, omega: float = 1.0, scope: str = "all") -> Estimate:
        """Return correct - omega x hidden wrong, of all events."""
        right, right_influence = _share(self.tallies[regime], "correct_of_all", scope)
        wrong, wrong_influence = _share(self.tallies[regime], "hidden_wrong_of_all", scope)
        return Estimate(right - omega * wrong, self._error(right_influence - omega * wrong_influence))

    def exchange_rate(self, regime: str, scope: str = "all", *, against: str | None = None) -> Estimate:
        """Return gain in correct / gain in hidden wrong, all events, against the base regime.

        Below this harm of one hidden wrong entry (in units of the good of one right one) the regime is the better
        one. Undefined (NaN) where hidden wrong entries do not change.
        """
        tallies = self.tallies[regime], self.tallies[against or self.base]
        (right, right_i), (right_0, right_0i) = (_share(part, "correct_of_all", scope) for part in tallies)
        (wrong, wrong_i), (wrong_0, wrong_0i) = (_share(part, "hidden_wrong_of_all", scope) for part in tallies)
        gain, cost = right - right_0, wrong - wrong_0
        if cost == 0:
            return Estimate(np.nan, np.nan)
        rate = gain / cost
        return Estimate(rate, self._error((right_i - right_0i - rate * (wrong_i - wrong_0i)) / cost))

    def _error(self, influence: Floats) -> float:
        """Return the simulation error of a sum of influences: within verdict, where a quota fixes their counts."""
        fixed = self.scenario.mode == "quota"
        return _standard_error(influence, self.tallies[self.base].verdicts["drawn"] if fixed else None)

    def scopes(self) -> tuple[str, ...]:
        """Return "all" and the systems."""
        return ("all", *self.scenario.systems)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a regime and scope: every measure, its simulation error, and the exchange rate."""
        rows = [self._row(regime, scope) for regime in self.tallies for scope in self.scopes()]
        return pd.DataFrame(rows)

    def _row(self, regime: str, scope: str) -> dict[str, object]:
        row: dict[str, object] = {"regime": regime, "scope": scope, "n_cases": self.n_cases}
        for share in shares_of(scope):
            found = self.measure(regime, share.name, scope)
            row |= {share.name: found.value, f"{share.name}_error": found.error}
        net, rate = self.net_right(regime, scope=scope), self.exchange_rate(regime, scope)
        row |= {"net_right_1": net.value, "net_right_1_error": net.error}
        return row | {"exchange_rate": rate.value, "exchange_rate_error": rate.error}


def shares_of(scope: str) -> tuple[Share, ...]:
    """Return the measures a scope has: agreement is between systems, so it stands under "all" only."""
    between = {"consistency_pairwise", "blank_pairs"}
    return tuple(share for share in SHARES if scope == "all" or share.name not in between)


def compare(
    scenario: Scenario | str,
    *,
    n_cases: int,
    seed: int = 1,
    regimes: Sequence[str] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Contrast:
    """Put the same cases through several regimes and count what becomes of every needed cell.

    Args:
        scenario: a scenario, or the name or path of one.
        n_cases: how many cases.
        seed: of all regimes alike, so that differences are paired.
        regimes: names; None is all of the scenario's. The base regime is always among them.
        progress: called with the number of cases done (over all regimes).

    Examples:
        >>> contrast = compare("oig-20-13", n_cases=67, regimes=["all_25"])
        >>> sorted(contrast.tallies)
        ['all_25', 'as_reported']
    """
    loaded = load_scenario(scenario) if isinstance(scenario, str) else scenario
    names = list(loaded.regimes) if regimes is None else list(dict.fromkeys([loaded.base_regime, *regimes]))
    for name in names:
        if name not in loaded.regimes:
            raise ScenarioError(f"unknown regime '{name}'. {nearest(name, loaded.regimes)}")
    plans = {name: make_plan(loaded, seed=seed, regime=name) for name in names}
    return Contrast(loaded, seed, n_cases, loaded.base_regime, tallies_of(plans, n_cases, progress))


def tallies_of(
    plans: Mapping[Name, Plan], n_cases: int, progress: Callable[[int], None] = lambda _: None
) -> dict[Name, Tally]:
    """Put the same cases through several plans that differ in what people do, not in what is true.

    Args:
        plans: name -> plan, all of one seed and with the same truth, which is drawn once.
        n_cases: how many cases.
        progress: called with the number of cases done (over all plans).
    """
    chunks.check_n_cases(n_cases)
    parts: dict[Name, list[Tally]] = {name: [] for name in plans}
    done = 0
    for start in range(0, n_cases, BLOCK):
        index = np.arange(start, min(start + BLOCK, n_cases), dtype=np.int64)
        truth = Truth(next(iter(plans.values())), index, n_cases)
        for name, plan in plans.items():
            parts[name].append(count_cells(plan, *sheet_of(plan, truth, n_cases)))
            done += index.size
            progress(done)
    return {name: joined(each) for name, each in parts.items()}


def shown_regime(contrast: Contrast) -> str | None:
    """Return the regime to speak of first: the one that lifts the dashboard most, the earlier of equals."""
    others = [regime for regime in contrast.tallies if regime != contrast.base]
    gains = {regime: contrast.difference(regime, "completeness_naive").value for regime in others}
    ranks = {regime: -np.inf if np.isnan(gain) else round(gain, 3) for regime, gain in gains.items()}
    return max(others, key=ranks.__getitem__) if others else None


def verdict_counts(contrast: Contrast, regime: str, kind: str, first: int | None = None) -> dict[str, int]:
    """Return how many cases have each verdict; `first` looks at the first so many cases only."""
    codes = contrast.tallies[regime].verdicts[kind][:first]
    return dict(zip(VERDICTS, np.bincount(codes, minlength=len(VERDICTS)).tolist(), strict=True))


def _share(counts: Tally, name: str, scope: str) -> tuple[float, Floats]:
    """Return a share and each case's influence on it, shape (n_cases,)."""
    share = next(share for share in SHARES if share.name == name)
    top = np.sum([counts.counts(quantity, scope) for quantity in share.numerator], axis=0).astype(np.float64)
    bottom = _denominator(counts, share.denominator, scope).astype(np.float64)
    if not bottom.sum():
        return np.nan, np.full(bottom.shape, np.nan)
    value = float(top.sum() / bottom.sum())
    return value, (top - value * bottom) / bottom.sum()


def _denominator(counts: Tally, quantity: str, scope: str) -> npt.NDArray[np.int64]:
    if quantity in QUANTITIES:
        return counts.counts(quantity, scope)
    return counts.counts("pairs", scope) + counts.counts("pairs_blank", scope)


def _standard_error(influence: Floats, strata: npt.NDArray[np.int8] | None = None) -> float:
    """Return the standard error of a sum of independent cases' influences; undefined for one case.

    Cases vary about the mean of their stratum. A stratum of one case has no spread of its own, so its influence counts
    whole.
    """
    if influence.size < 2:
        return np.nan
    code = np.zeros(influence.size, np.int64) if strata is None else strata.astype(np.int64)
    sizes = np.bincount(code)
    means = np.where(sizes > 1, np.bincount(code, influence) / np.maximum(sizes, 1), 0.0)
    squares = np.bincount(code, (influence - means[code]) ** 2)
    return float(np.sqrt((squares * sizes / np.maximum(sizes - 1, 1)).sum()))
