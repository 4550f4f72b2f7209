"""Dose-response: the fields of one form made mandatory one after the other, and which next one is worth it.

Dose d makes the first d needed fields of a system mandatory, in a stated order, on top of whatever else the base
regime controls. What a further field brings is judged over the whole record (design: D, never y*): its own cells, what
its burden takes from the fields that are mandatory already, and the records that leave with everything in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.exchangeable import closed_form, is_exchangeable
from benchmarks.regimes import Contrast, related_plans, tallies_of
from benchmarks.spread import Estimate
from synth import chunks
from synth.data_dictionary import dictionary_of
from synth.errors import ScenarioError, nearest
from synth.spec import Scenario

MOST_CASES = 2010  # of a dose that is simulated; the same cases at every dose
ORDERS = ("form", "gain")


@dataclass(frozen=True)
class Dose:
    """Measured and true quality with so many fields of a form mandatory.

    Attributes:
        n_required: mandatory fields of the system.
        field: the one made mandatory last; '' at dose 0.
        naive, valued: completeness as a dashboard shows it.
        right, wrong: correct_of_all and hidden_wrong_of_all.
        net: net_right(omega).
        lost: records that are not in the system, of 1,000 there should be.
    """

    n_required: int
    field: str
    naive: float
    valued: float
    right: float
    wrong: float
    net: float
    lost: float


@dataclass(frozen=True)
class Next:
    """One further mandatory field, judged over the whole record.

    Attributes:
        field: its name.
        right, wrong: right and hidden wrong entries gained, of 1,000 cases, with simulation error.
        net: net right entries gained, of 1,000 cases; NaN error where it is a closed form.
    """

    field: str
    right: Estimate
    wrong: Estimate
    net: Estimate

    @property
    def clear(self) -> bool:
        """Whether the gain is more than two simulation errors from nothing."""
        return not abs(self.net.value) <= 2 * self.net.error


@dataclass(frozen=True)
class DoseResponse:
    """All doses of one system, and every next field.

    Attributes:
        system: whose fields.
        order: `form`: as the form has them; `gain`: each dose the field that gains most.
        doses: dose 0 to all needed fields.
        base: the regime that `following` starts from.
        following: every needed field that the base regime leaves open, largest gain first.
        n_cases: cases of each dose; 0: closed forms, exact.
        omega: harm of one hidden wrong entry over the good of one right entry.
    """

    system: str
    order: str
    doses: Sequence[Dose]
    base: str
    following: Sequence[Next]
    n_cases: int
    omega: float

    @property
    def best(self) -> Dose:
        """The dose with the most net right entries, the lowest of equals."""
        return max(self.doses, key=lambda dose: (round(dose.net, 12), -dose.n_required))


def needed_fields(scenario: Scenario, system: str) -> list[str]:
    """Return the fields of a form that are needed and typed, in its order.

    Raises:
        ScenarioError: no such system.
    """
    if system not in scenario.systems:
        raise ScenarioError(f"unknown system '{system}'. {nearest(system, scenario.systems)}")
    entries = dictionary_of(scenario).items()
    return [name for (owner, name), entry in entries if owner == system and entry.spec.needed and entry.is_typed]


def busiest_system(scenario: Scenario, regimes: Sequence[str]) -> str:
    """Return the system of whose needed fields the regimes control most, the earlier of equals."""

    def controlled(system: str) -> int:
        specs = [scenario.regimes[name] for name in regimes]
        some = [spec for spec in specs if system in {**spec.mandatory, **spec.soft_warning}]
        return len(some) * len(needed_fields(scenario, system))

    return max(scenario.systems, key=controlled)


def dose_response(
    scenario: Scenario,
    system: str,
    *,
    n_cases: int,
    seed: int = 1,
    order: str = "form",
    omega: float = 1.0,
    progress: Callable[[int], None] = lambda _: None,
) -> DoseResponse:
    """Make the needed fields of a system mandatory one after the other.

    Args:
        scenario: its base regime is what everything else stays under.
        system: whose fields.
        n_cases: cases of the run; at most `MOST_CASES` of them are used.
        seed: as for the run.
        order: `form` or `gain`.
        omega: harm of one hidden wrong entry over the good of one right entry.
        progress: called with the number of simulations done.

    Examples:
        >>> from synth import load_scenario
        >>> found = dose_response(load_scenario("reference"), "form", n_cases=100)
        >>> len(found.doses), found.best.n_required
        (26, 10)
    """
    if order not in ORDERS:
        raise ScenarioError(f"order is '{order}'. {nearest(order, ORDERS)}")
    fields = needed_fields(scenario, system)
    if not fields:
        raise ScenarioError(f"system '{system}' has no needed field that people type. Choose another.")
    trial = _Trial(scenario, system, min(n_cases, MOST_CASES), seed, omega, progress)
    if order == "gain" and not trial.is_closed:  # exchangeable fields are alike: any order is the form's
        fields = _by_gain(trial, fields)
    doses = trial.doses([fields[:size] for size in range(len(fields) + 1)])
    held = [name for name in fields if trial.is_mandatory(name)]
    following = trial.following(held, [name for name in fields if name not in held])
    cases = 0 if trial.is_closed else trial.n_cases
    return DoseResponse(system, order, doses, scenario.base_regime, following, cases, omega)


def _by_gain(trial: _Trial, fields: Sequence[str]) -> list[str]:
    """Return the fields in the order in which each brings most, given those before it."""
    chosen: list[str] = []
    while len(chosen) < len(fields):
        left = [name for name in fields if name not in chosen]
        tried = trial.doses([[*chosen, name] for name in left])
        chosen.append(max(zip(left, tried, strict=True), key=lambda pair: pair[1].net)[0])
    return chosen


class _Trial:
    """The same cases under sets of mandatory fields."""

    def __init__(
        self,
        scenario: Scenario,
        system: str,
        n_cases: int,
        seed: int,
        omega: float,
        progress: Callable[[int], None],
    ) -> None:
        self.scenario, self.system, self.n_cases, self.seed, self.omega = scenario, system, n_cases, seed, omega
        self.progress, self.done = progress, 0
        self.is_closed = is_exchangeable(self.under([]), ["dose"])

    def under(self, fields: Sequence[str]) -> Scenario:
        """Return the scenario with a regime `dose` that has these fields of the system mandatory."""
        base = self.scenario.regimes[self.scenario.base_regime]
        mandatory = {**base.mandatory, self.system: list(fields)}
        regime = base.model_copy(update={"mandatory": {name: each for name, each in mandatory.items() if each}})
        return self.scenario.model_copy(update={"regimes": {**self.scenario.regimes, "dose": regime}})

    def is_mandatory(self, field: str) -> bool:
        """Return whether the base regime enforces a field."""
        given = self.scenario.regimes[self.scenario.base_regime].mandatory.get(self.system, [])
        spec = self.scenario.systems[self.system].fields[field]
        names = {given} if isinstance(given, str) else set(given)
        return bool(({field} | spec.groups()) & names)

    def doses(self, sets: Sequence[Sequence[str]]) -> list[Dose]:
        """Return the measures under each set of mandatory fields."""
        if self.is_closed:
            return [self._closed(each) for each in sets]
        plans = related_plans({place: (self.under(each), "dose") for place, each in enumerate(sets)}, seed=self.seed)
        tallies = tallies_of(plans, self.n_cases)
        self.done += len(sets)
        self.progress(self.done)
        named = {str(place): tally for place, tally in tallies.items()}
        contrast = Contrast(self.scenario, self.seed, self.n_cases, "0", named)
        return [self._counted(contrast, str(place), each) for place, each in enumerate(sets)]

    def _closed(self, fields: Sequence[str]) -> Dose:
        quality = closed_form(self.under(fields), "dose").quality()
        return Dose(
            len(fields), fields[-1] if fields else "", quality.completeness_naive, quality.completeness_valued,
            quality.correct_of_all, quality.hidden_wrong_of_all, quality.net_right(self.omega),
            1000 * (1 - quality.capture_rate),
        )  # fmt: skip

    def _counted(self, contrast: Contrast, name: str, fields: Sequence[str]) -> Dose:
        measures = ("completeness_naive", "completeness_valued", "correct_of_all", "hidden_wrong_of_all")
        naive, valued, right, wrong = (contrast.measure(name, each).value for each in measures)
        lost = contrast.lost_per_1000(name).value
        return Dose(
            len(fields), fields[-1] if fields else "", naive, valued, right, wrong, right - self.omega * wrong, lost
        )

    def following(self, held: Sequence[str], left: Sequence[str]) -> list[Next]:
        """Return what each further field brings to the whole record, largest gain first."""
        if not left:
            return []
        found = self._closed_next(held, left) if self.is_closed else self._counted_next(held, left)
        return sorted(found, key=lambda each: -each.net.value)

    def _closed_next(self, held: Sequence[str], left: Sequence[str]) -> list[Next]:
        n_fields = len(needed_fields(self.scenario, self.system))
        before, found = self._closed(held), []
        for name in left:
            after = self._closed([*held, name])
            changes = (after.right - before.right, after.wrong - before.wrong, after.net - before.net)
            found.append(Next(name, *(Estimate(1000 * n_fields * change, 0.0) for change in changes)))
        return found

    def _counted_next(self, held: Sequence[str], left: Sequence[str]) -> list[Next]:
        sets = {"": list(held), **{name: [*held, name] for name in left}}
        plans = related_plans({name: (self.under(each), "dose") for name, each in sets.items()}, seed=self.seed)
        tallies = tallies_of(plans, self.n_cases)
        self.done += len(sets)
        self.progress(self.done)
        first = plans[""]
        officers = chunks.officer_numbers(first.draws, np.arange(self.n_cases, dtype=np.int64))
        contrast = Contrast(self.scenario, self.seed, self.n_cases, "", tallies, officers)
        cells = 1000 * tallies[""].total("needed") / self.n_cases
        found = []
        for name in left:
            changes = (contrast.difference(name, "correct_of_all"), contrast.difference(name, "hidden_wrong_of_all"),
                       contrast.net_gain(name, self.omega))  # fmt: skip
            found.append(Next(name, *(Estimate(cells * each.value, cells * each.error, each.n_officers)
                                      for each in changes)))  # fmt: skip
        return found
