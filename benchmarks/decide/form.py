"""A whole form in closed form: what every change of one field does to everything that is on record.

V = sum over fields of E[R(m) (right - omega x hidden wrong)], where m counts the mandatory fields that apply in a
record. A change of one field moves its own cells, the honesty at all other forced fields (burden), the share of records
that are made at all, and the trigger of a branch it makes mandatory. D is the difference of two such V: the whole
record, never one field taken as the record. Each setting is worked out in closed form, without
simulation error; which settings are swept is a seeded draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.decide.cells import HIDDEN, INFORMED, LUCKY, MEASURES, cells_of
from benchmarks.decide.field_list import REQUIRED, STATES, UNKNOWN_ALLOWED, FieldRow, condition_key, trigger_of
from benchmarks.decide.people import people_of
from benchmarks.decide.settings import F64, OMEGA, Settings

SAID = (INFORMED, LUCKY, HIDDEN)  # what a falsified trigger no longer says
UNSAID = tuple(measure for measure in range(len(MEASURES)) if measure not in SAID)
MANDATORY = (REQUIRED, UNKNOWN_ALLOWED)
ALWAYS = 0  # the branch of fields that always apply


@dataclass(frozen=True)
class Branches:
    """Which fields apply together: branch 0 always, every other in its share of cases, independently of the rest.

    Attributes:
        of_field: branch of each field.
        applies: share of cases of each branch.
        trigger: the field that opens each branch; -1 = none, or none of the list.
        can_falsify: whether a branch has a condition that somebody could answer otherwise.
    """

    of_field: tuple[int, ...]
    applies: tuple[float, ...]
    trigger: tuple[int, ...]
    can_falsify: tuple[bool, ...]


@dataclass(frozen=True)
class Form:
    """A form in all settings.

    Attributes:
        plain, by_honesty: what a cell holds, shape (states, measures, settings, fields) (`benchmarks.decide.cells`).
        now: state of each field.
        typed: whether somebody types it; stamped fields burden nobody.
        branches: which fields apply together.
        at_once, alpha, beta, m0: exits and burden, shape (settings,).
        falsified: chance of changing the answer that would open a mandatory branch.
        omega: harm of one hidden wrong entry in units of one right entry.
    """

    plain: F64
    by_honesty: F64
    now: tuple[int, ...]
    typed: tuple[bool, ...]
    branches: Branches
    at_once: F64
    alpha: F64
    beta: F64
    m0: F64
    falsified: F64
    omega: F64


@dataclass(frozen=True)
class Totals:
    """A form in all settings, for each case that happened.

    Attributes:
        measures: by `MEASURES`, shape (measures, settings): sums over the fields.
        retained: share of records that are made.
    """

    measures: F64
    retained: F64

    def net(self, omega: F64) -> F64:
        """Right minus omega times hidden wrong."""
        return net(self.measures, omega)


@dataclass(frozen=True)
class Changes:
    """One field changed at a time, everything else as it is.

    Attributes:
        now: the form as it is.
        measures: differences from it, shape (states, measures, settings, fields); 0 where nothing changes.
        retained: share of records made then, shape (states, settings, fields).
    """

    now: Totals
    measures: F64
    retained: F64

    def gain(self, omega: F64) -> F64:
        """D: the whole record after the change minus before, shape (states, settings, fields)."""
        right = self.measures[:, INFORMED] + self.measures[:, LUCKY]
        found: F64 = right - omega[:, None] * self.measures[:, HIDDEN]
        return found


def net(measures: F64, omega: F64) -> F64:
    """Right minus omega times hidden wrong, by setting."""
    found: F64 = measures[INFORMED] + measures[LUCKY] - omega * measures[HIDDEN]
    return found


def form_of(rows: Sequence[FieldRow], settings: Settings) -> Form:
    """Return the form of a list in every setting."""
    plain, by_honesty = cells_of(rows, people_of(rows, settings))
    return Form(
        plain, by_honesty, now=tuple(row.now for row in rows), typed=tuple(not row.stamped for row in rows),
        branches=branches_of(rows), at_once=np.minimum(1, settings.value("x0") + settings.value("divert")),
        alpha=settings.value("alpha"), beta=settings.value("beta"), m0=settings.value("m0"),
        falsified=settings.value("z"), omega=settings.value(OMEGA),
    )  # fmt: skip


def branches_of(rows: Sequence[FieldRow]) -> Branches:
    """Return which fields apply together: those of one condition; without a condition, each by itself."""
    names = {row.name.casefold(): place for place, row in enumerate(rows)}
    keys: dict[object, int] = {"": ALWAYS}
    applies, trigger, can_falsify, of_field = [1.0], [-1], [False], []
    for place, row in enumerate(rows):
        key: object = condition_key(row.condition) or ("" if row.applies == 1 else place)
        if key not in keys:
            keys[key] = len(keys)
            applies.append(row.applies)
            found = trigger_of(row.condition, names)
            trigger.append(-1 if found == place else found)
            can_falsify.append(bool(row.condition))
        of_field.append(keys[key])
    return Branches(tuple(of_field), tuple(applies), tuple(trigger), tuple(can_falsify))


def totals_of(form: Form, state: Sequence[int] | None = None) -> Totals:
    """Return the form as it is, or with other states."""
    form = form if state is None else replace(form, now=tuple(state))
    weights = _weights(form, _counts(form))
    return Totals(_sums(_held(form), weights), weights.retained)


def changes_of(form: Form) -> Changes:
    """Return what changing one field at a time does to the whole form."""
    counts = _counts(form)
    held, weights = _held(form), _weights(form, counts)
    now = Totals(_sums(held, weights), weights.retained)
    n_states, _, n_settings, n_fields = form.plain.shape
    measures = np.zeros_like(form.plain)
    retained = np.broadcast_to(now.retained[None, :, None], (n_states, n_settings, n_fields)).copy()
    for branch, delta, pairs in _moves(form):
        after = counts.copy()
        after[branch] += delta
        if delta:
            weights = _weights(form, after)
        others = _sums(held, weights) - now.measures if delta else np.zeros_like(now.measures)
        for state, places in pairs:
            at = np.array(places)
            for cells, was, cell, said in (
                (form.plain, held[0], weights.cell, weights.said),
                (form.by_honesty, held[1], weights.cell_burdened, weights.said_burdened),
            ):
                change = cells[state][:, :, at] - was[:, :, at]
                change[list(SAID)] *= said[:, at]
                change[list(UNSAID)] *= cell[:, at]
                measures[state][:, :, at] += change
            measures[state][:, :, at] += others[:, :, None]
            retained[state][:, at] = weights.retained[:, None]
    return Changes(now, measures, retained)


def _moves(form: Form) -> Iterator[tuple[int, int, list[tuple[int, list[int]]]]]:
    """Yield all changes by what they do to the number of mandatory fields: branch, difference, (state, fields)."""
    found: dict[tuple[int, int], dict[int, list[int]]] = {}
    for place, now in enumerate(form.now):
        if not form.typed[place]:
            continue
        for state in range(len(STATES)):
            delta = (state in MANDATORY) - (now in MANDATORY)
            if state != now:
                key = (form.branches.of_field[place] if delta else ALWAYS, delta)
                found.setdefault(key, {}).setdefault(state, []).append(place)
    for (branch, delta), states in sorted(found.items(), key=lambda each: abs(each[0][1])):  # no difference first
        yield branch, delta, list(states.items())


def _counts(form: Form) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return how many fields of each branch are mandatory and typed."""
    counts = np.zeros(len(form.branches.applies), np.int64)
    for branch, state, typed in zip(form.branches.of_field, form.now, form.typed, strict=True):
        counts[branch] += typed and state in MANDATORY
    return counts


@dataclass(frozen=True)
class _Weights:
    """How much a cell counts, shape (settings, fields): its branch applies, its record is made, nobody avoided it.

    `burdened` ones also hold the honesty lost to m; `said` ones are of what is said, and leave out falsified triggers.
    `invented` is the answers that falsify a trigger, shape (settings,).
    """

    cell: F64
    cell_burdened: F64
    said: F64
    said_burdened: F64
    invented: F64
    retained: F64


def _weights(form: Form, counts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> _Weights:
    branches = form.branches
    of_branch, overall = chances_of_m(counts, np.array(branches.applies))
    beyond = np.maximum(0, np.arange(len(overall)) - form.m0[:, None])
    kept = (1 - form.at_once[:, None]) * np.exp(-form.alpha[:, None] * beyond)
    kept[:, 0] = 1  # nothing is mandatory: nobody leaves
    burdened = kept * np.exp(-form.beta[:, None] * beyond)
    stays, stays_burdened = (table @ of_branch.T * np.array(branches.applies) for table in (kept, burdened))
    avoided = form.falsified[:, None] * (np.array(branches.can_falsify) & (counts > 0))
    field = np.array(branches.of_field)
    cell, cell_burdened = ((table * (1 - avoided))[:, field] for table in (stays, stays_burdened))
    said, said_burdened = cell.copy(), cell_burdened.copy()
    for branch, trigger in enumerate(branches.trigger):
        if trigger >= 0 and counts[branch]:
            said[:, trigger] -= avoided[:, branch] * stays[:, branch]
            said_burdened[:, trigger] -= avoided[:, branch] * stays_burdened[:, branch]
    return _Weights(cell, cell_burdened, said, said_burdened, (avoided * stays).sum(axis=1), kept @ overall)


def chances_of_m(counts: np.ndarray[tuple[int], np.dtype[np.int64]], applies: F64) -> tuple[F64, F64]:
    """Return the chances that m fields are mandatory in a record: in which each branch applies, and in any.

    Args:
        counts: mandatory fields of each branch; branch 0 always applies.
        applies: share of cases of each branch; branches are independent.

    Returns:
        Shapes (branches, most m + 1) and (most m + 1,).

    Examples:
        >>> of_branch, overall = chances_of_m(np.array([1, 2]), np.array([1.0, 0.25]))
        >>> overall.tolist(), of_branch[1].tolist()
        ([0.0, 0.75, 0.0, 0.25], [0.0, 0.0, 0.0, 1.0])
    """
    parts = []
    for count, share in zip(counts, applies, strict=True):
        part = np.zeros(count + 1)
        part[0] += 1 - share
        part[count] += share
        parts.append(part)
    before, after = [np.ones(1)], [np.ones(1)]
    for part in parts:
        before.append(np.convolve(before[-1], part))
    for part in reversed(parts):
        after.append(np.convolve(after[-1], part))
    of_branch = np.zeros((len(counts), len(before[-1])))
    for branch, count in enumerate(counts):
        others = np.convolve(before[branch], after[len(counts) - branch - 1])
        of_branch[branch, count : count + len(others)] = others
    return of_branch, before[-1]


def _held(form: Form) -> tuple[F64, F64]:
    """Return what the cells hold today, shape (measures, settings, fields), without honesty and with."""
    now, fields = list(form.now), np.arange(len(form.now))
    plain, by_honesty = (cells[now, :, :, fields].transpose(1, 2, 0) for cells in (form.plain, form.by_honesty))
    return np.ascontiguousarray(plain), np.ascontiguousarray(by_honesty)


def _sums(held: tuple[F64, F64], weights: _Weights) -> F64:
    """Return the measures of the form with these weights, shape (measures, settings)."""
    plain, by_honesty = held
    found: F64 = np.einsum("qsf,sf->qs", plain, weights.cell) + np.einsum(
        "qsf,sf->qs", by_honesty, weights.cell_burdened
    )
    said = list(SAID)
    found[said] = np.einsum("qsf,sf->qs", plain[said], weights.said)
    found[said] += np.einsum("qsf,sf->qs", by_honesty[said], weights.said_burdened)
    found[HIDDEN] += weights.invented
    return found
