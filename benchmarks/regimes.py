"""Regimes side by side: the same cases under different controls, measured and true.

Differences between regimes are paired case by case; their simulation error is that of `benchmarks.spread`: by case
within verdict where a quota fixes how many cases of each there are, summed by officer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.settings import SECONDS, Values, number, parameter_named, with_values
from benchmarks.spread import Codes, Estimate, Groups, groups_of
from benchmarks.tally import OF_ENTRIES, OF_RECORDS, QUANTITIES, Outcome, Tally, count_cells, joined, outcome_of
from synth import chunks
from synth.controls import operator_under
from synth.errors import ScenarioError, nearest
from synth.pipeline import BLOCK, make_plan, sheet_of
from synth.plan import Plan
from synth.scenario import load_scenario
from synth.spec import VERDICTS, Scenario
from synth.truth import Truth

Floats = npt.NDArray[np.float64]
Name = TypeVar("Name", bound=Hashable)
MOST_KEPT = 4096  # cases of which everything that is drawn is kept for the next regime


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
    Share(
        "error_revealed",
        ("revealed",),
        "wrong_statements",
        "contradicted by another system, of statements of shared facts that are wrong",
    ),
)
BETWEEN = ("consistency_pairwise", "blank_pairs", "error_revealed")  # of systems held against each other
IN_SYSTEM = ("completeness_naive", "completeness_valued", "correct_in_system", "hidden_wrong", "accuracy_valued")
HEADLINE = ("completeness_naive", "completeness_valued", "correct_in_system", "correct_of_all", "hidden_wrong_of_all")


@dataclass(frozen=True)
class Contrast:
    """The same cases under several regimes.

    Attributes:
        scenario: the scenario.
        seed: the seed of all of them.
        n_cases: how many cases.
        base: the base regime.
        tallies: regime -> counts per case, over the same cases in the same order.
        officers: the number of each case's officer, shape (n_cases,); None: each case has its own.
        changed: parameters that were set for this comparison, under every regime.
    """

    scenario: Scenario
    seed: int
    n_cases: int
    base: str
    tallies: Mapping[str, Tally]
    officers: Codes | None = None
    changed: Values = field(default_factory=dict)

    def measure(self, regime: str, share: str, scope: str = "all") -> Estimate:
        """Return a measure under a regime."""
        value, influence = _share(self.tallies[regime], share, scope)
        return self._estimate(value, influence)

    def difference(self, regime: str, share: str, scope: str = "all", *, against: str | None = None) -> Estimate:
        """Return how much higher a measure is than under the base regime, paired case by case."""
        value, influence = _share(self.tallies[regime], share, scope)
        base_value, base_influence = _share(self.tallies[against or self.base], share, scope)
        return self._estimate(value - base_value, influence - base_influence)

    def net_right(self, regime: str, omega: float = 1.0, scope: str = "all") -> Estimate:
        """Return correct - omega x hidden wrong, of all events."""
        right, right_influence = _share(self.tallies[regime], "correct_of_all", scope)
        wrong, wrong_influence = _share(self.tallies[regime], "hidden_wrong_of_all", scope)
        return self._estimate(right - omega * wrong, right_influence - omega * wrong_influence)

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
        return self._estimate(rate, (right_i - right_0i - rate * (wrong_i - wrong_0i)) / cost)

    def net_gain(self, regime: str, omega: float = 1.0, *, against: str | None = None) -> Estimate:
        """Return how much higher net_right(omega) is than under another regime, paired case by case."""
        tallies = self.tallies[regime], self.tallies[against or self.base]
        (right, right_i), (right_0, right_0i) = (_share(part, "correct_of_all", "all") for part in tallies)
        (wrong, wrong_i), (wrong_0, wrong_0i) = (_share(part, "hidden_wrong_of_all", "all") for part in tallies)
        return self._estimate(
            right - right_0 - omega * (wrong - wrong_0), right_i - right_0i - omega * (wrong_i - wrong_0i)
        )

    def denominator(self, regime: str, share: str, scope: str = "all") -> int:
        """Return what a measure is a share of, as a count."""
        return int(_denominator(self.tallies[regime], _named(share).denominator, scope).sum())

    def minutes(self, regime: str) -> Estimate:
        """Return the time it takes to enter the records of a case, in minutes; records never made take none."""
        spent = self._minutes(regime)
        return self._estimate(float(spent.mean()), (spent - spent.mean()) / spent.size)

    def minutes_more(self, regime: str, *, against: str | None = None) -> Estimate:
        """Return how many minutes more a case takes than under another regime, paired case by case."""
        more = self._minutes(regime) - self._minutes(against or self.base)
        return self._estimate(float(more.mean()), (more - more.mean()) / more.size)

    def _minutes(self, regime: str) -> Floats:
        operator, tally = operator_under(self.scenario, regime), self.tallies[regime]
        seconds = [float(getattr(operator, name)) for name in SECONDS]
        each = [tally.counts(quantity) * second for quantity, second in zip(OF_ENTRIES, seconds, strict=True)]
        return np.asarray(np.sum(each, axis=0) / 60)

    def lost_per_1000(self, regime: str) -> Estimate:
        """Return how many of 1,000 records there should be are not in the system."""
        captured = self.measure(regime, "capture_rate")
        return Estimate(1000 * (1 - captured.value), 1000 * captured.error, captured.n_officers)

    def difference_in_both(self, regime: str, share: str, *, against: str | None = None) -> Estimate:
        """Return the difference of a measure over the records that are in the system under both regimes.

        A dashboard compares different records: those that a regime loses are not on it. This one compares the same.
        """
        one, other = self.tallies[regime], self.tallies[against or self.base]
        parts = [_share(each, share, "all") for each in _in_both(one, other)]
        return self._estimate(parts[0][0] - parts[1][0], parts[0][1] - parts[1][1])

    def pairs(self) -> list[tuple[str, str]]:
        """Return every two regimes, the earlier first."""
        names = list(self.tallies)
        return [(one, other) for one, other in permutations(names, 2) if names.index(one) < names.index(other)]

    def _estimate(self, value: float, influence: Floats) -> Estimate:
        """Return an estimate with its simulation error: within verdict where a quota fixes counts, by officer."""
        return Estimate(value, self._groups.error(influence), self._groups.n_officers)

    @cached_property
    def _groups(self) -> Groups:
        """The cases by officer, and by drawn verdict where a quota fixes how many there are of each."""
        fixed = self.scenario.mode == "quota"
        strata = self.tallies[self.base].verdicts["drawn"] if fixed else None
        return groups_of(self.n_cases, self.officers, strata)

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
        if scope == "all":
            spent, lost = self.minutes(regime), self.lost_per_1000(regime)
            row |= {"entry_minutes": spent.value, "entry_minutes_error": spent.error}
            row |= {"lost_per_1000": lost.value, "lost_per_1000_error": lost.error}
        return row | {"exchange_rate": rate.value, "exchange_rate_error": rate.error}


def shares_of(scope: str) -> tuple[Share, ...]:
    """Return the measures a scope has: agreement is between systems, so it stands under "all" only."""
    return tuple(share for share in SHARES if scope == "all" or share.name not in BETWEEN)


def compare(
    scenario: Scenario | str,
    *,
    n_cases: int,
    seed: int = 1,
    regimes: Sequence[str] | None = None,
    parameters: Values | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Contrast:
    """Put the same cases through several regimes and count what becomes of every needed cell.

    Args:
        scenario: a scenario, or the name or path of one.
        n_cases: how many cases.
        seed: of all regimes alike, so that differences are paired.
        regimes: names; None is all of the scenario's. The base regime is always among them.
        parameters: of the operator, set under every regime: {"h0": 0.4}; None leaves the scenario's.
        progress: called with the number of cases done (over all regimes).

    Returns:
        Counts per case under each regime; its methods give measures, differences and their simulation errors.

    Raises:
        CasegaugeError: a number of cases that is impossible, an unknown regime or parameter, a value it cannot have.

    Examples:
        >>> contrast = compare("oig-20-13", n_cases=67, regimes=["all_25"])
        >>> sorted(contrast.tallies)
        ['all_25', 'as_reported']
    """
    loaded = load_scenario(scenario) if isinstance(scenario, str) else scenario
    names = regime_names(loaded, regimes)
    changed = {parameter_named(name): number(parameter_named(name), str(value))
               for name, value in (parameters or {}).items()}  # fmt: skip
    loaded = with_values(loaded, changed) if changed else loaded
    chunks.check_n_cases(n_cases)
    plans = related_plans({name: (loaded, name) for name in names}, seed=seed)
    officers = chunks.officer_numbers(plans[names[0]].draws, np.arange(n_cases, dtype=np.int64))
    tallies = tallies_of(plans, n_cases, progress)
    return Contrast(loaded, seed, n_cases, loaded.base_regime, tallies, officers, changed)


def regime_names(scenario: Scenario, regimes: Sequence[str] | None) -> list[str]:
    """Return the regimes to compare: the base regime first, none twice; None: all of the scenario's.

    Raises:
        ScenarioError: one of them is not there.
    """
    names = list(dict.fromkeys([scenario.base_regime, *(scenario.regimes if regimes is None else regimes)]))
    for name in names:
        if name not in scenario.regimes:
            raise ScenarioError(f"unknown regime '{name}'. {nearest(name, scenario.regimes)}")
    return names


SHARED = ("bounds", "domains", "forms", "segments", "sentence_of", "told")  # of a plan: what no operator changes
OF_FORMS = ("dictionary", "conditions", "hidden", "rates")  # what only a control that changes the forms does
OF_PEOPLE = {"gaps": ("k", "v", "u"), "slips": ("slips",), "guesses": ("k", "v", "u")}  # and what these do besides


def related_plans(settings: Mapping[Name, tuple[Scenario, str]], *, seed: int) -> dict[Name, Plan]:
    """Return plans of one scenario under several settings and regimes; what they have in common is made once.

    Args:
        settings: name -> scenario and regime; the scenarios differ in operators and regimes only.
        seed: of all of them.
    """
    plans: dict[Name, Plan] = {}
    made: dict[Hashable, Any] = {}
    before: Plan | None = None
    for name, (scenario, regime) in settings.items():
        plan = plans[name] = make_plan(scenario, seed=seed, regime=regime)
        vars(plan).update({each: _made(made, (), plan, each) for each in SHARED})
        forms = _forms_of(plan)
        vars(plan).update({each: _made(made, forms, plan, each) for each in OF_FORMS})
        for each, parameters in OF_PEOPLE.items():
            people = tuple(getattr(scenario.operator, parameter) for parameter in parameters)
            vars(plan)[each] = _made(made, (forms, people), plan, each)
        if before is not None and _same_base(before, plan):
            vars(plan)["base"] = before.base
        before = plan
    return plans


def _made(made: dict[Hashable, Any], key: Hashable, plan: Plan, part: str) -> Any:
    """Return a part of a plan, made once for all plans of one key."""
    if (part, key) not in made:
        made[part, key] = getattr(plan, part)
    return made[part, key]


def _forms_of(plan: Plan) -> Hashable:
    """Return what decides how a plan's forms are: the scenario's own, and what its regime changes of them."""
    filed, regime = plan.filed, plan.filed.regimes[plan.regime]
    changed = (str(regime.pick_list), str(regime.synchronise))
    return id(filed.systems), id(filed.mechanisms), filed.operator.slip_typo > 0, changed


def _same_base(one: Plan, other: Plan) -> bool:
    """Whether two plans have the same cases under their base regime."""
    here, there = one.filed, other.filed
    same = here.systems is there.systems and here.mechanisms is there.mechanisms and here.operator == there.operator
    return same and here.regimes[here.base_regime] is there.regimes[there.base_regime]


def tallies_of(
    plans: Mapping[Name, Plan],
    n_cases: int,
    progress: Callable[[int], None] = lambda _: None,
    *,
    memory: bool = True,
) -> dict[Name, Tally]:
    """Put the same cases through several plans that differ in what people do, not in what is true.

    Args:
        plans: name -> plan, all of one seed and with the same truth, which is drawn once.
        n_cases: how many cases.
        progress: called with the number of cases done (over all plans).
        memory: whether what is drawn for one plan is kept for the next, of up to `MOST_KEPT` cases; the tallies do not
            depend on it.
    """
    chunks.check_n_cases(n_cases)
    parts: dict[Name, list[Tally]] = {name: [] for name in plans}
    done = 0
    for start in range(0, n_cases, BLOCK):
        index = np.arange(start, min(start + BLOCK, n_cases), dtype=np.int64)
        kept: dict[Hashable, Any] | None = {} if memory and index.size <= MOST_KEPT else None
        truth = Truth(next(iter(plans.values())), index, n_cases, kept)
        for name, plan in plans.items():
            parts[name].append(count_cells(plan, *sheet_of(plan, truth, n_cases)))
            done += index.size
            progress(done)
    return {name: joined(each) for name, each in parts.items()}


def outcomes_of(
    plans: Mapping[Name, Plan], n_cases: int, progress: Callable[[int], None] = lambda _: None
) -> dict[Name, Outcome]:
    """Return what is right and hidden wrong under several plans, as `tallies_of` but without anything else.

    Args:
        plans: name -> plan, all of one seed and with the same truth, which is drawn once.
        n_cases: how many cases; few, all worked on at once.
        progress: called with the number of plans done.
    """
    index = np.arange(n_cases, dtype=np.int64)
    truth = Truth(next(iter(plans.values())), index, n_cases, memory={})
    found = {}
    for done, (name, plan) in enumerate(plans.items(), 1):
        found[name] = outcome_of(plan, truth)
        progress(done)
    return found


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


def _named(name: str) -> Share:
    return next(share for share in SHARES if share.name == name)


def _share(counts: Tally, name: str, scope: str) -> tuple[float, Floats]:
    """Return a share and each case's influence on it, shape (n_cases,)."""
    share = _named(name)
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


def _in_both(one: Tally, other: Tally) -> tuple[Tally, Tally]:
    """Return both tallies over the records that both have: counts of cells, summed over the systems."""
    systems = [scope for scope, quantity in one.per_case if quantity == "present" and scope != "all"] or ["all"]
    here = {each: (one.counts("present", each) * other.counts("present", each)) > 0 for each in systems}
    parts = []
    for tally in (one, other):
        kept = {("all", quantity): np.sum([tally.counts(quantity, each) * here[each] for each in systems], axis=0)
                for quantity in OF_RECORDS}  # fmt: skip
        parts.append(Tally(tally.regime, kept, tally.verdicts))
    return parts[0], parts[1]
