"""Everything a comparison of regimes comes to: measures, what rules still catch, the range, doses, what decides."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np

from benchmarks.catches import Catch, Packs, caught
from benchmarks.doses import DoseResponse, busiest_system, dose_response, needed_fields
from benchmarks.exchangeable import break_even, closed_form, is_exchangeable
from benchmarks.ranges import Setting, one_at_a_time
from benchmarks.regimes import (
    IN_SYSTEM,
    SHARES,
    Contrast,
    compare,
    outcomes_of,
    regime_names,
    related_plans,
    shown_regime,
)
from benchmarks.settings import number, parameter_named, plain, range_of, with_parameter
from benchmarks.side_work import apart
from benchmarks.spread import Estimate
from benchmarks.sweeps import FEW_CASES, Sweep, sweep
from synth.behaviour import GRADES, known_parameters
from synth.controls import operator_under
from synth.errors import ScenarioError
from synth.spec import VERDICTS, OperatorSpec, Scenario

SWEEP_STEPS = 9
MOST_STEPS = 1000
TENTH = 0.1  # of the assumption range: more than that, and simulation error is in the way


@dataclass(frozen=True)
class Track:
    """One parameter moved in steps, everything else as set.

    Attributes:
        parameter: which.
        values: its values, rising.
        right, wrong: regime -> correct_of_all and hidden_wrong_of_all at each value.
        n_cases: cases at each value; 0: closed forms, exact.
    """

    parameter: str
    values: Sequence[Decimal]
    right: Mapping[str, Sequence[float]]
    wrong: Mapping[str, Sequence[float]]
    n_cases: int


@dataclass(frozen=True)
class Comparison:
    """Regimes compared, with everything that the answer hangs on.

    Attributes:
        contrast: the same cases under each regime.
        omega: harm of one hidden wrong entry, in units of the good of one right one.
        catches: what each pack of rules still catches under each regime.
        shown: the regime that the range is about; None where there is only one.
        settings: `shown` against the base regime, one choice at a time; empty where there are too few cases.
        sweep: all choices at once; None where there are too few cases.
        doses: one system's fields made mandatory one by one; None where nothing is to be made mandatory.
        tracks: parameters that were asked to be moved in steps.
        break_evens: regime -> honesty at which it is worth as much as the base regime; closed forms only.
    """

    contrast: Contrast
    omega: float = 1.0
    catches: Sequence[Catch] = ()
    shown: str | None = None
    settings: Sequence[Setting] = ()
    sweep: Sweep | None = None
    doses: DoseResponse | None = None
    tracks: Sequence[Track] = ()
    break_evens: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_exact(self) -> bool:
        """Whether the range rests on closed forms."""
        return is_exchangeable(self.contrast.scenario, list(self.contrast.tallies))

    def range_width(self) -> tuple[float, float]:
        """Return how wide the assumption range of right and of hidden wrong differences is: highest less lowest."""
        rights, wrongs = [each.right for each in self.settings], [each.wrong for each in self.settings]
        if self.sweep is not None and self.shown in self.sweep.regimes:
            gains = self.sweep.gains(str(self.shown))
            rights, wrongs = rights + gains[0].tolist(), wrongs + gains[1].tolist()
        if not rights:
            return math.nan, math.nan
        return max(rights) - min(rights), max(wrongs) - min(wrongs)

    def cases_enough(self) -> tuple[bool, int]:
        """Return whether simulation error is under a tenth of the assumption range, and how many cases would do."""
        if self.shown is None:
            return True, self.contrast.n_cases
        found = [self.contrast.difference(self.shown, name) for name in ("correct_of_all", "hidden_wrong_of_all")]
        ratios = [each.error / width for each, width in zip(found, self.range_width(), strict=True) if width > 0]
        worst = max((ratio for ratio in ratios if not math.isnan(ratio)), default=0.0)
        return worst < TENTH, math.ceil(self.contrast.n_cases * (worst / TENTH) ** 2)


def comparison(
    scenario: Scenario,
    *,
    n_cases: int,
    seed: int = 1,
    regimes: Sequence[str] | None = None,
    packs: Packs | None = None,
    omega: float = 1.0,
    n_settings: int | None = None,
    tracks: Sequence[str] = (),
    order: str = "form",
    workers: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Compare regimes, and see what the answer hangs on.

    Args:
        scenario: with all its choices as they are to be.
        n_cases: how many cases; with fewer than 670 no range is worked out unless it is asked for.
        seed: of all regimes alike.
        regimes: names; the base regime is always among them. None: all of the scenario's.
        packs: rules by name of the pack.
        omega: harm of one hidden wrong entry, in units of the good of one right one.
        n_settings: settings of the sweep; None: as many as are quick; 0: none.
        tracks: `parameter=low:high[:steps]`, each moved in steps.
        order: of the doses: `form` or `gain`.
        workers: 2: the sweep has a process of its own. The answer does not depend on it.
        progress: called with the number of parts done, of `N_PARTS`.
    """
    spans = [steps_of(text) for text in tracks]
    names = regime_names(scenario, regimes)
    contrast = compare(scenario, n_cases=n_cases, seed=seed, regimes=names)
    progress(1)
    with span_beside(
        contrast, ranged=_with_ranges(scenario, spans), n_settings=n_settings, omega=omega, order=order, workers=workers
    ) as worked_out:
        catches = caught(scenario, packs or {}, n_cases=n_cases, seed=seed, regimes=names)
        progress(2)
        moved = [track(scenario, *span, regimes=names, seed=seed) for span in spans]
        progress(3)
        found = worked_out()
        progress(N_PARTS)
    return replace(found.over(contrast), omega=omega, catches=catches, tracks=moved)


@dataclass(frozen=True)
class Span:
    """What an answer hangs on: one choice at a time, all at once, one field more; worked out apart from the cases.

    Attributes:
        shown: as in `Comparison`.
        settings: as in `Comparison`.
        sweep: as in `Comparison`.
        doses: as in `Comparison`.
        break_evens: as in `Comparison`.
    """

    shown: str | None
    settings: Sequence[Setting] = ()
    sweep: Sweep | None = None
    doses: DoseResponse | None = None
    break_evens: Mapping[str, float] = field(default_factory=dict)

    def over(self, contrast: Contrast) -> Comparison:
        """Return the comparison this is about."""
        return Comparison(
            contrast, shown=self.shown, settings=self.settings, sweep=self.sweep, doses=self.doses,
            break_evens=self.break_evens,
        )  # fmt: skip


@contextmanager
def span_beside(
    contrast: Contrast,
    *,
    ranged: Scenario | None = None,
    n_settings: int | None = None,
    omega: float = 1.0,
    order: str = "form",
    workers: int = 1,
) -> Iterator[Callable[[], Span]]:
    """Work out what an answer hangs on beside the block; give a function that waits for it.

    Args:
        contrast: the regimes compared.
        ranged: the scenario with the ranges that were asked for; None: as it is.
        n_settings: settings of the sweep; None: as many as are quick; 0: none.
        omega: harm of one hidden wrong entry, in units of the good of one right one.
        order: of the doses.
        workers: 1: it is worked out when it is asked for; 2: in a process of its own, unless closed forms are exact.
    """
    scenario, names = contrast.scenario, list(contrast.tallies)
    exact, shown = is_exchangeable(scenario, names), shown_regime(contrast)
    work = partial(
        span_over, scenario, names, shown, n_cases=contrast.n_cases, seed=contrast.seed,
        ranged=scenario if ranged is None else ranged, n_settings=n_settings, omega=omega, order=order,
    )  # fmt: skip
    long = contrast.n_cases >= FEW_CASES or bool(n_settings)
    with apart(work, enabled=workers > 1 and long and not exact) as found:
        yield found


def span_over(
    scenario: Scenario,
    names: Sequence[str],
    shown: str | None,
    *,
    n_cases: int,
    seed: int,
    ranged: Scenario,
    n_settings: int | None,
    omega: float,
    order: str,
) -> Span:
    """Return what an answer hangs on; nothing but break-evens where there are too few cases and no settings asked for.

    Args:
        scenario: as it is set.
        names: the regimes, the base regime first.
        shown: the regime that the range is about.
        n_cases: cases of the run.
        seed: of the run.
        ranged: the scenario with the ranges that were asked for.
        n_settings: settings of the sweep.
        omega: harm of one hidden wrong entry, in units of the good of one right one.
        order: of the doses.
    """
    exact = is_exchangeable(scenario, names)
    has_range = exact or bool(n_settings) or n_cases >= FEW_CASES
    settings = one_at_a_time(ranged, shown, n_cases=n_cases, seed=seed) if shown and has_range else []
    swept = None
    if shown and has_range and n_settings != 0:
        swept = sweep(ranged, names, n_settings=n_settings, seed=seed, omega=omega)
    response = _doses(scenario, names, n_cases, seed, order, omega) if has_range else None
    evens = {}
    if exact:
        evens = {name: break_even(scenario, name, against=names[0], omega=omega) for name in names[1:]}
    return Span(shown, settings, swept, response, evens)


N_PARTS = 4


def _doses(
    scenario: Scenario, regimes: Sequence[str], n_cases: int, seed: int, order: str, omega: float
) -> DoseResponse | None:
    system = busiest_system(scenario, regimes)
    if not needed_fields(scenario, system):
        return None
    return dose_response(scenario, system, n_cases=n_cases, seed=seed, order=order, omega=omega)


# ------------------------------------------------------------------------------------- one parameter moved in steps


Steps = tuple[str, Decimal, Decimal, int]


def steps_of(text: str) -> Steps:
    """Read `parameter=low:high[:steps]`.

    Raises:
        ScenarioError: not of that form, unknown, out of range, empty or the wrong way round.

    Examples:
        >>> steps_of("h=.1:.9:5")
        ('h0', Decimal('0.1'), Decimal('0.9'), 5)
    """
    name, equals, ends = text.partition("=")
    parts = ends.split(":")
    if not equals or len(parts) not in (2, 3) or not all(part.strip() for part in parts):
        raise ScenarioError(f"'{text}' is no sweep. Write it like h0=0.1:0.9 or h0=0.1:0.9:5, with 5 steps.")
    parameter = parameter_named(name.strip())
    low, high = (number(parameter, part.strip()) for part in parts[:2])
    if not low < high:
        wrong = "empty" if low == high else "the wrong way round"
        raise ScenarioError(
            f"the sweep of {parameter} from {low} to {high} is {wrong}. Give a low end, then a high one."
        )
    steps = parts[2].strip() if len(parts) == 3 else str(SWEEP_STEPS)
    if not (steps.isascii() and steps.isdecimal() and 2 <= int(steps) <= MOST_STEPS):
        raise ScenarioError(f"a sweep in '{steps}' steps; possible are 2 to {MOST_STEPS:,}. Give a whole number.")
    return parameter, low, high, int(steps)


def _with_ranges(scenario: Scenario, spans: Sequence[Steps]) -> Scenario:
    """Return the scenario with the ranges that were asked for in the place of its own."""
    ranges = {**scenario.ranges, **{parameter: (low, high) for parameter, low, high, _ in spans}}
    return scenario.model_copy(update={"ranges": ranges}) if spans else scenario


def track(
    scenario: Scenario, parameter: str, low: Decimal, high: Decimal, steps: int, *, regimes: Sequence[str], seed: int
) -> Track:
    """Move one parameter from low to high in even steps and see what is right and wrong under every regime.

    Args:
        scenario: everything else as it is set.
        parameter: which; the other shares of evasions keep their proportions.
        low: the first value.
        high: the last.
        steps: how many values.
        regimes: which regimes.
        seed: as for the run.
    """
    values = [(low + (high - low) * step / (steps - 1)).quantize(Decimal("0.000001")) for step in range(steps)]
    scenarios = [with_parameter(scenario, parameter, value.normalize()) for value in values]
    right: dict[str, list[float]] = {name: [] for name in regimes}
    wrong: dict[str, list[float]] = {name: [] for name in regimes}
    exact = is_exchangeable(scenario, regimes) and all(is_exchangeable(each, regimes) for each in scenarios)
    if exact:
        for each in scenarios:
            for name in regimes:
                quality = closed_form(each, name).quality()
                right[name].append(quality.correct_of_all)
                wrong[name].append(quality.hidden_wrong_of_all)
        return Track(parameter, values, right, wrong, 0)
    variants = {(place, name): (each, name) for place, each in enumerate(scenarios) for name in regimes}
    found = outcomes_of(related_plans(variants, seed=seed), FEW_CASES)
    for (_, name), outcome in found.items():
        right[name].append(outcome.right)
        wrong[name].append(outcome.wrong)
    return Track(parameter, values, right, wrong, FEW_CASES)


# ------------------------------------------------------------------------------------------------- modeller's choices


def choices(scenario: Scenario, regimes: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return every modeller's choice about people: value, range, grade, anchor, plain words, and what regimes change.

    Examples:
        >>> from synth import load_scenario
        >>> first = choices(load_scenario("reference"))[0]
        >>> first["parameter"], first["value"], first["low"], first["high"], first["grade"]
        ('k', '0.85', '0.70', '0.95', 'M')
    """
    rows = []
    for name in OperatorSpec.model_fields:
        value, known = getattr(scenario.operator, name), known_parameters().get(name)
        if known is None:
            continue
        own = {
            regime: str(getattr(operator_under(scenario, regime), name))
            for regime in (scenario.regimes if regimes is None else regimes)
            if name in scenario.regimes[regime].operator
        }
        both = range_of(scenario, name)
        rows.append({
            "parameter": name, "says": plain(name), "value": None if value is None else str(value),
            "low": None if both is None else str(both[0]), "high": None if both is None else str(both[1]),
            "grade": known.grade, "grade_says": GRADES[known.grade], "anchor": known.anchor,
            "off": both is None and name not in scenario.ranges and value in {None, known.usual} and not own,
            "regimes": own,
        })  # fmt: skip
    return rows


# ----------------------------------------------------------------------------------------------------------------- JSON


def to_json(found: Comparison) -> list[dict[str, Any]]:
    """Return one object a regime: measures by name, n_cases, and under further keys everything else; NaN is null."""
    contrast = found.contrast
    frame = contrast.to_frame()
    whole = frame[frame["scope"] == "all"].drop(columns="scope")
    rows = json.loads(whole.to_json(orient="records", double_precision=15))
    marked = choices(contrast.scenario, list(contrast.tallies))
    for row in rows:
        name = row["regime"]
        row |= {
            "scenario": contrast.scenario.scenario, "seed": contrast.seed, "base": contrast.base,
            "omega": found.omega, "net_right": _of(contrast.net_right(name, found.omega)),
            "denominators": {share.name: contrast.denominator(name, share.name) for share in SHARES},
            "verdicts": contrast.tallies[name].cross_table().tolist(),
            "verdicts_are": {"order": list(VERDICTS), "rows": "reviewer", "columns": "true"},
            "catches": [_catch(each) for each in found.catches if each.regime == name],
            "against": {other: _pair(found, name, other) for other in contrast.tallies if other != name},
            "modellers_choices": marked,
        }  # fmt: skip
        if name == contrast.base:
            row["dose_response"] = None if found.doses is None else _doses_json(found.doses)
        else:
            row |= {"range": _range(found, name), "sweep": _sweep(found, name)}
            if found.break_evens:
                row["break_even_h0"] = found.break_evens[name]
        row["tracks"] = [
            {"parameter": each.parameter, "n_cases": each.n_cases, "values": [float(value) for value in each.values],
             "right": list(each.right[name]), "hidden_wrong": list(each.wrong[name])} for each in found.tracks
        ]  # fmt: skip
    return [_finite(row) for row in rows]


def _of(found: Estimate) -> dict[str, Any]:
    """Return an estimate with its simulation error, and the limits of that."""
    low, high = found.limits()
    return {"value": found.value, "simulation_error": found.error, "simulation_limits_95": [low, high]}


def _catch(found: Catch) -> dict[str, Any]:
    return {"pack": found.pack, "n_defects": found.n_defects, "n_found": found.n_found, "n_planted": found.n_planted,
            "sensitivity": found.sensitivity}  # fmt: skip


def _pair(found: Comparison, regime: str, other: str) -> dict[str, Any]:
    """Return a regime against another: paired differences, exchange rate, both in-system contrasts."""
    contrast = found.contrast
    return {
        "differences": {share.name: _of(contrast.difference(regime, share.name, against=other)) for share in SHARES},
        "net_gain": _of(contrast.net_gain(regime, found.omega, against=other)),
        "exchange_rate": _of(contrast.exchange_rate(regime, against=other)),
        "entry_minutes": _of(contrast.minutes_more(regime, against=other)),
        "in_system": {
            "as_each_dashboard_shows": {
                name: _of(contrast.difference(regime, name, against=other)) for name in IN_SYSTEM
            },
            "records_in_both": {
                name: _of(contrast.difference_in_both(regime, name, against=other)) for name in IN_SYSTEM
            },
        },
    }


def _range(found: Comparison, regime: str) -> list[dict[str, Any]] | None:
    if regime != found.shown or not found.settings:
        return None
    return [{"parameter": each.parameter or None, "value": each.value or None, "right": each.right,
             "hidden_wrong": each.wrong, "net_gain": each.net(found.omega)} for each in found.settings]  # fmt: skip


def _sweep(found: Comparison, regime: str) -> dict[str, Any] | None:
    swept = found.sweep
    if swept is None:
        return None
    right, wrong = swept.gains(regime)
    net = swept.net_gains(regime, found.omega)
    return {
        "n_settings": swept.n_settings, "n_cases": swept.n_cases, "closed_forms": swept.n_cases == 0,
        "parameters": list(swept.parameters), "n_ahead": swept.n_ahead(regime, found.omega),
        "right": [float(right.min()), float(np.median(right)), float(right.max())],
        "hidden_wrong": [float(wrong.min()), float(np.median(wrong)), float(wrong.max())],
        "net_gain": [float(net.min()), float(np.median(net)), float(net.max())],
        "sensitivity": [{"input": each.name, "first": each.first, "total": each.total}
                        for each in swept.indices.get(regime, [])],
        "sensitivity_explained": swept.explained.get(regime),
        "depends_on": [each.name for each in swept.deciding(regime)],
    }  # fmt: skip


def _doses_json(found: DoseResponse) -> dict[str, Any]:
    return {
        "system": found.system, "order": found.order, "n_cases": found.n_cases, "closed_forms": found.n_cases == 0,
        "omega": found.omega, "best": found.best.n_required,
        "doses": [{"n_required": each.n_required, "field": each.field or None, "completeness_naive": each.naive,
                   "completeness_valued": each.valued, "correct_of_all": each.right, "hidden_wrong_of_all": each.wrong,
                   "net_right": each.net, "lost_per_1000": each.lost} for each in found.doses],
        "next_field": [{"field": each.field, "right_per_1000": _of(each.right), "net_per_1000": _of(each.net),
                        "hidden_wrong_per_1000": _of(each.wrong)} for each in found.following],
    }  # fmt: skip


def _finite(data: Any) -> Any:
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    return [_finite(value) for value in data] if isinstance(data, list | tuple) else data
