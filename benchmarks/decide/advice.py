"""Which fields to require: every field under every control, in the context of its whole form, over all settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.decide.cells import FILLED, HIDDEN, INFORMED, LUCKY, NEEDED, SECONDS
from benchmarks.decide.field_list import (
    FITS_NOT,
    REQUIRED,
    STATES,
    UNKNOWN_ALLOWED,
    FieldRow,
)
from benchmarks.decide.form import MANDATORY, Changes, Form, Totals, changes_of, form_of, net, totals_of
from benchmarks.decide.people import is_measured, people_of
from benchmarks.decide.settings import F64, OMEGA, OMEGA_RANGE, SHARES, Settings, make_settings
from benchmarks.decide.words import DEPENDS, GAP, KNOWN
from synth.behaviour import Parameter, known_parameters

NEARLY_ALL = 0.9  # of the settings: from here on a verdict is plain; a modeller's choice
WORTH = 1.0  # net right entries for 1,000 cases below which nothing is changed; a modeller's choice
PER = 1000  # cases
BINS = 10  # of a parameter's range, when its share of the variance is worked out
NUMBERS = ("right", "informed", "lucky", "hidden_wrong", "net_right", "hours", "records_lost")
UNTOLD = "a field that is required already does not show how often it would be left blank: its blank % tells nothing"


@dataclass(frozen=True)
class Range:
    """A number at the central setting, and its lowest and highest over all settings: no percentage, no interval."""

    central: float
    low: float
    high: float


@dataclass(frozen=True)
class Option:
    """One control of one field, against the form as it is; every number for 1,000 cases.

    Attributes:
        state: one of `STATES`.
        n_best: in how many settings of the sweep it is the best.
        numbers: by `NUMBERS`, differences from the form as it is.
    """

    state: str
    n_best: int
    numbers: Mapping[str, Range]


@dataclass(frozen=True)
class FieldAdvice:
    """What to do about one field.

    Attributes:
        row: the field.
        verdict: one of `STATES` where it is best in nearly all settings, else "depends"; "" for stamped fields.
        is_half: in nearly all settings the field is best required, and "depends" is about "unknown" alone.
        leaning: the state that is best in most settings.
        rival: the state that is best in the next most.
        decider: of leaning against rival, the parameter that decides; '' if none does.
        share: of the variance of that difference over the sweep, how much goes with the decider alone.
        flips: parameters at one end of which, alone, another state is best than at the central setting.
        options: by state.
        notes: on how the row was read.
    """

    row: FieldRow
    verdict: str
    is_half: bool
    leaning: int
    rival: int
    decider: str
    share: float
    flips: tuple[str, ...]
    options: tuple[Option, ...]
    notes: tuple[str, ...]

    @property
    def change(self) -> Option:
        """The change that is best in most settings: the leaning, or where that is today's control, the next."""
        rest = [option for state, option in enumerate(self.options) if state != self.row.now]
        return self.options[self.leaning] if self.leaning != self.row.now else max(rest, key=_most_often)


def _most_often(option: Option) -> tuple[int, float]:
    return option.n_best, option.numbers["net_right"].central


@dataclass(frozen=True)
class FormAdvice:
    """The whole form under one set of controls.

    Attributes:
        name: as it is, ...
        states: of each field.
        numbers: by `NUMBERS`, totals for 1,000 cases.
        changes: the same, less the form as it is.
        complete: what a dashboard shows: cells filled, of cells asked for, in records that are there.
        n_ahead: in how many settings of the sweep it is ahead of the form as it is.
    """

    name: str
    states: tuple[int, ...]
    numbers: Mapping[str, Range]
    changes: Mapping[str, Range]
    complete: Range
    n_ahead: int


@dataclass(frozen=True)
class Step:
    """One change of the greedy order: a field, its new state, and the net right entries that adds for 1,000 cases."""

    field: str
    was: int
    state: int
    gain: float


@dataclass(frozen=True)
class Advice:
    """Everything `casegauge decide` says of a form.

    Attributes:
        fields: in the order of the list.
        forms: as it is; the set found; all required; all required with "unknown".
        steps: how the set was found.
        settings: what all of it ranges over.
        worth: net right entries for 1,000 cases below which nothing is changed.
        notes: on the list as a whole.
    """

    fields: tuple[FieldAdvice, ...]
    forms: tuple[FormAdvice, ...]
    steps: tuple[Step, ...]
    settings: Settings
    worth: float
    notes: tuple[str, ...] = field(default=())


AS_IT_IS, FOUND, ALL, ALL_UNKNOWN = "as it is", "the set found", "all required", "all required or unknown"


def advise(
    rows: Sequence[FieldRow],
    *,
    parameters: Mapping[str, Parameter] | None = None,
    n_settings: int = 1000,
    seed: int = 1,
    omega: tuple[float, float, float] = OMEGA_RANGE,
    worth: float = WORTH,
    notes: Sequence[str] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> Advice:
    """Return what to do about each field of a form, and what sets of controls come to.

    Args:
        rows: the fields (`read_field_rows`).
        parameters: of the people who fill the form; None: the package's own.
        n_settings: of the sweep.
        seed: of the sweep.
        omega: harm of one hidden wrong entry in units of one right one: low, central, high.
        worth: net right entries for 1,000 cases below which nothing is changed.
        notes: on the list, to be shown.
        progress: called with the number of changes tried in full, at most one a field or so.

    Examples:
        >>> advice = advise([FieldRow("outcome", blank=0.12), FieldRow("site", blank=0.0)], n_settings=100)
        >>> [each.verdict for each in advice.fields][1], advice.fields[1].options[1].n_best
        ('leave', 0)
    """
    settings = make_settings(parameters or known_parameters(), n_settings=n_settings, seed=seed, omega=omega)
    form = form_of(rows, settings)
    changes = changes_of(form)
    steps, found = _greedy(form_of(rows, settings.central()), worth, progress)
    named = [Step(rows[place].name, was, state, gain) for place, was, state, gain in steps]
    said = list(notes)
    if net(changes.now.measures, form.omega)[0] < 0:
        said.append(
            "at the central setting a record of this form does more harm than good, so that losing records counts as a "
            "gain: read nothing off this page before you have looked at omega"
        )
    return Advice(
        fields=_fields(rows, settings, form, changes, worth), forms=_forms(form, changes.now, found, settings),
        steps=tuple(named), settings=settings, worth=worth, notes=tuple(said),
    )  # fmt: skip


def _greedy(
    form: Form, worth: float, progress: Callable[[int], None]
) -> tuple[list[tuple[int, int, int, float]], tuple[int, ...]]:
    """Return the changes that raise the net right entries of the whole record most, one after another.

    At the central setting alone. Each step tries every control of every field in the form as it then stands, and takes
    the best; it ends where no change is worth `worth`. Ties go to the earlier row.
    """
    steps: list[tuple[int, int, int, float]] = []
    while True:
        gains = changes_of(form).gain(form.omega)[:, 0, :]
        best = int(gains.T.argmax())  # fields first: ties go to the earlier row
        place, state = divmod(best, len(STATES))
        gain = PER * float(gains[state, place])
        if not gain > max(worth, 1e-9):
            return steps, form.now
        steps.append((place, form.now[place], state, gain))
        progress(len(steps))
        form = replace(form, now=(*form.now[:place], state, *form.now[place + 1 :]))


def _fields(
    rows: Sequence[FieldRow], settings: Settings, form: Form, changes: Changes, worth: float
) -> tuple[FieldAdvice, ...]:
    gains = PER * changes.gain(form.omega)
    people = people_of(rows, settings)
    found = []
    for place, row in enumerate(rows):
        if row.stamped:
            found.append(FieldAdvice(row, "", False, row.now, row.now, "", 0.0, (), (), ("filled by the system",)))
            continue
        gain = gains[:, :, place]
        best = best_states(gain, row.now, worth)
        n_best = np.bincount(best[settings.swept], minlength=len(STATES))
        leaning, rival = _first_two(n_best, row.now)
        is_half = leaning in MANDATORY and sum(n_best[state] for state in MANDATORY) >= NEARLY_ALL * settings.n_swept
        if is_half:
            rival = sum(MANDATORY) - leaning
        factors = _factors(row, settings, people.known[:, place], people.gap[:, place])
        decider, share = ("", 0.0)
        is_plain = settings.n_swept > 0 and n_best[leaning] >= NEARLY_ALL * settings.n_swept
        if not is_plain and settings.n_swept:
            decider, share = deciding(gain[leaning] - gain[rival], factors, settings.swept)
        options = tuple(
            Option(STATES[state], int(n_best[state]), _differences(form, changes, state, place))
            for state in range(len(STATES))
        )
        flips = tuple(dict.fromkeys(
            name for (name, _), at in zip(settings.ends, best[1:], strict=False) if at != best[0]
        ))  # fmt: skip
        verdict = STATES[leaning] if is_plain else DEPENDS
        found.append(
            FieldAdvice(
                row, verdict, is_half and not is_plain, leaning, rival, decider, share, flips, options, row_notes(row)
            )
        )
    return tuple(found)


def best_states(gain: F64, now: int, worth: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the best state in each setting; what is there stays unless another is worth the change.

    Args:
        gain: net right entries for 1,000 cases, shape (states, settings).
        now: the state today.
        worth: below which nothing is changed.

    Examples:
        >>> best_states(np.array([[0.0, 0, 0], [5, 0.5, -1], [4, 0.2, 2], [0, 0, 0]]), 0, 1.0).tolist()
        [1, 0, 2]
    """
    found: np.ndarray[tuple[int], np.dtype[np.int64]] = np.where(
        gain.max(axis=0) > gain[now] + worth, gain.argmax(axis=0), now
    )
    return found


def _first_two(n_best: np.ndarray[tuple[int], np.dtype[np.int64]], now: int) -> tuple[int, int]:
    """Return the states best in most and in next most settings; ties to what is there, then to the lighter control."""
    order = sorted(range(len(STATES)), key=lambda state: (-n_best[state], state != now, state))
    return order[0], order[1]


def _factors(row: FieldRow, settings: Settings, known: F64, gap: F64) -> dict[str, F64]:
    """Return the parameters that can decide about a field, in every setting.

    k and v stand in them as what they come to: how much of what is blank could be known, and how much is blank.
    """
    names = [
        *("u", "slips", "h0", *SHARES, "c_stable" if row.stable else "c", "w", "x0", "alpha", "divert", "beta", "m0"),
        *("nu", "tau", "override", OMEGA),
    ]
    if row.condition:
        names.append("z")
    if row.listed == FITS_NOT and row.misfit is None:
        names.append("misfit")
    found = {name: settings.value(name) for name in names}
    found[KNOWN] = known
    if not is_measured(row):
        found[GAP] = gap
    return found


def deciding(difference: F64, factors: Mapping[str, F64], swept: slice) -> tuple[str, float]:
    """Return the parameter that decides which of two options is ahead, and its share of the variance.

    Over the sweep, the share of the variance of the difference that goes with one parameter alone (the first-order
    index, by tenths of its range).

    Args:
        difference: gain of one option less that of the other, shape (settings,).
        factors: values of each parameter, shape (settings,).
        swept: where the sweep stands.

    References:
        Saltelli and others (2008), Global Sensitivity Analysis, on first-order indices.

    Examples:
        >>> places = np.linspace(-1, 1, 100)
        >>> name, share = deciding(3 * places, {"a": places, "b": np.tile([0.0, 1.0], 50)}, slice(0, 100))
        >>> name, round(share, 2)
        ('a', 0.99)
    """
    difference = difference[swept]
    variance = difference.var()
    found = []
    for name, values in factors.items():
        part = values[swept]
        if variance <= 0 or part.max() - part.min() <= 1e-12:  # nothing to tell apart
            continue
        tenth = part.argsort(kind="stable").argsort(kind="stable") * BINS // len(part)
        size = np.bincount(tenth, minlength=BINS)
        means = np.bincount(tenth, weights=difference, minlength=BINS)[size > 0] / size[size > 0]
        between = float((size[size > 0] * (means - difference.mean()) ** 2).sum() / len(part) / variance)
        found.append((between, name))
    if not found:
        return "", 0.0
    share, name = max(found, key=lambda each: each[0])
    return name, share


def _range(values: F64) -> Range:
    return Range(float(values[0]), float(values.min()), float(values.max()))


def _numbers(measures: F64, lost: F64, omega: F64) -> dict[str, Range]:
    """Return the numbers for 1,000 cases from measures of one case, shape (measures, settings)."""
    parts = {
        "right": PER * (measures[INFORMED] + measures[LUCKY]), "informed": PER * measures[INFORMED],
        "lucky": PER * measures[LUCKY], "hidden_wrong": PER * measures[HIDDEN],
        "net_right": PER * net(measures, omega), "hours": PER * measures[SECONDS] / 3600, "records_lost": PER * lost,
    }  # fmt: skip
    return {name: _range(parts[name] + 0.0) for name in NUMBERS}


def _differences(form: Form, changes: Changes, state: int, place: int) -> dict[str, Range]:
    lost = changes.now.retained - changes.retained[state, :, place]
    return _numbers(changes.measures[state, :, :, place], lost, form.omega)


def _forms(form: Form, now: Totals, found: tuple[int, ...], settings: Settings) -> tuple[FormAdvice, ...]:
    sets = {AS_IT_IS: form.now, FOUND: found}
    for name, state in ((ALL, REQUIRED), (ALL_UNKNOWN, UNKNOWN_ALLOWED)):
        sets[name] = tuple(state if typed else was for typed, was in zip(form.typed, form.now, strict=True))
    told = []
    for name, states in sets.items():
        totals = now if name == AS_IT_IS else totals_of(form, states)
        difference = totals.measures - now.measures
        ahead = net(difference, form.omega)[settings.swept] > 0
        told.append(FormAdvice(
            name, states, _numbers(totals.measures, 1 - totals.retained, form.omega),
            _numbers(difference, now.retained - totals.retained, form.omega),
            _range(totals.measures[FILLED] / np.maximum(totals.measures[NEEDED], 1e-12)), int(ahead.sum()),
        ))  # fmt: skip
    return tuple(told)


def row_notes(row: FieldRow) -> tuple[str, ...]:
    """Return how a row was read, where that is not plain."""
    notes = list(row.notes)
    if row.now in MANDATORY and not row.stamped:
        notes.append(UNTOLD)
    elif row.blank is None and row.placeholder is not None:
        notes.append("blank %: not said; the general range of k and v taken, the placeholder % not used")
    elif row.blank is None:
        notes.append("blank %: not said; the general range of k and v taken")
    return tuple(notes)
