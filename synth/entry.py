"""What is recorded: truth, entered by people, under the controls of a regime.

For each cell, design section 7: a gap is a cell nobody fills of their own accord. A control turns a gap into the
truth, a not-value or an evasion. Every decision has a draw of its own, taken whether or not it matters under this
regime, so that two regimes on one seed differ only where a control, its burden or an exit makes them differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synth.controls import Controls
from synth.data_dictionary import FieldEntry
from synth.defects import NOTHING, Mask, Planted, other_value
from synth.draws import I64, below, choose
from synth.plan import Cell, Plan
from synth.truth import Truth

FATES = (
    "blank", "honest", "lucky_default", "lucky_copy", "wrong", "copied_wrong", "uninformative", "placeholder",
    "not_value_honest", "not_value_dodged", "lost",
)  # fmt: skip
FATE = {name: np.int8(code) for code, name in enumerate(FATES)}
EVASIONS = ("lucky_default", "lucky_copy", "wrong", "copied_wrong", "uninformative", "placeholder", "not_value_dodged")
LUCKY = ("lucky_default", "lucky_copy")
CAUSES = ("none", "own_control", "burden", "exit", "copy")
CAUSE = {name: np.int8(code) for code, name in enumerate(CAUSES)}
Codes8 = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Entry:
    """A field of all cases at hand.

    Attributes:
        expected: what an error-free clerk would have recorded, shape (n,); -1 is null.
        recorded: what the system holds, shape (n,).
        gaps: positions of the gaps, and of cells forced although the form should not ask, ascending.
        fates: what became of each.
        causes: why it differs from the base regime, if it does.
        copied: positions whose wrong value is the officer's previous case's.
    """

    expected: I64
    recorded: I64
    gaps: I64
    fates: Codes8
    causes: Codes8
    copied: I64

    def at(self, fates: tuple[str, ...]) -> I64:
        """Return the positions of gaps with one of the given fates."""
        return self.gaps[np.isin(self.fates, [FATE[fate] for fate in fates])]


@dataclass(frozen=True)
class Sheet:
    """All records of the cases at hand.

    Attributes:
        truth: the cases.
        entries: every field, by (system, field).
        lost: system -> mask of cases whose record was never made.
        planted: what the quota asked for.
    """

    truth: Truth
    entries: Mapping[Cell, Entry]
    lost: Mapping[str, Mask]
    planted: Planted = NOTHING


def enter(plan: Plan, controls: Controls, truth: Truth, planted: Planted) -> Sheet:
    """Fill every form of the cases at hand under the given controls."""
    entries: dict[Cell, Entry] = {}
    lost = {}
    previous = Previous(plan, truth)
    for system in plan.scenario.systems:
        burden = burden_of(controls, truth, system)
        lost[system] = plan.draws.u32(f"exit/{system}", truth.index) < controls.exits[burden]
        for field in plan.system_fields(system):
            entry = _enter_field(plan, controls, truth, planted, field, entries, burden, previous)
            entries[system, field.name] = _lose(entry, lost[system])
    return Sheet(truth, entries, lost, planted)


def burden_of(controls: Controls, truth: Truth, system: str) -> I64:
    """Return m: how many mandatory fields a person must type in each record."""
    burden = np.zeros(truth.index.shape, np.int64)
    for owner, name in sorted(controls.mandatory):
        if owner == system:
            burden += truth.expected(owner, name) >= 0
    return burden


class Previous:
    """What the same officer's previous case is expected to hold: the source of everything copied forward."""

    def __init__(self, plan: Plan, truth: Truth) -> None:
        self.plan, self.truth = plan, truth

    def cases(self, rows: I64) -> I64:
        """Return the previous case of each position, -1 for an officer's first."""
        return self.truth.previous[rows]

    def expected(self, field: FieldEntry, rows: I64) -> I64:
        """Return its expected value of a field, -1 where there is none."""
        before = self.cases(rows)
        out = np.full(rows.shape, -1, np.int64)
        known = before >= 0
        out[known] = Truth(self.plan, before[known]).expected(field.system, field.name)
        return out


def asked_as_recorded(plan: Plan, cell: Cell, recorded: Mapping[Cell, I64], n_cases: int) -> Mask:
    """Return where a form asks for a field, going by what its record says."""
    asked = np.ones(n_cases, np.bool_)
    for other, codes in plan.conditions[cell].items():
        asked &= np.isin(recorded[cell[0], other], codes)
    return asked


def _enter_field(
    plan: Plan,
    controls: Controls,
    truth: Truth,
    planted: Planted,
    field: FieldEntry,
    entries: Mapping[Cell, Entry],
    burden: I64,
    previous: Previous,
) -> Entry:
    cell = (field.system, field.name)
    expected = truth.expected(*cell)
    gap, slip = _gaps_and_slips(plan, truth, planted, field, expected)
    willing, left_over = _slipped(plan, controls, field, expected, np.flatnonzero(slip), previous)
    recorded = np.where(gap, -1, willing)
    rows = np.flatnonzero(gap)
    recorded[rows] = _unforced(plan, controls, truth, field, rows)
    fates = np.where(recorded[rows] < 0, FATE["blank"], FATE["placeholder"])
    causes = np.zeros(rows.shape, np.int8)
    if cell in controls.mandatory or cell in controls.soft:
        asked = asked_as_recorded(plan, cell, {key: e.recorded for key, e in entries.items()}, expected.size)
        forced = np.flatnonzero(asked & (recorded < 0))
        forced = forced[_not_overridden(plan, controls, truth, cell, forced)]
        forcing = _Forcing(plan, controls, truth, field, forced, burden[forced], previous)
        recorded[forced], new_fates, new_causes = forcing.outcome(expected[forced], willing[forced])
        rows, fates, causes = _merge((rows, fates, causes), (forced, new_fates, new_causes))
    entered = ~gap
    entered[rows[fates == FATE["honest"]]] = True
    copied = np.union1d(left_over[entered[left_over]], rows[fates == FATE["copied_wrong"]])
    return Entry(expected, recorded, rows, fates, causes, copied)


def _gaps_and_slips(plan: Plan, truth: Truth, planted: Planted, field: FieldEntry, expected: I64) -> tuple[Mask, Mask]:
    """Return where the cell is a gap, and where what is entered would be wrong."""
    cell = (field.system, field.name)
    applies = expected >= 0
    gap_limit, slip_limit = plan.gap_threshold(cell), plan.slip_threshold(cell)
    none = np.zeros(expected.shape, np.bool_)
    gap, slip = planted.blank.get(cell, none), none
    if gap_limit or slip_limit:
        gap_word, slip_word = truth.pair(f"cell/{cell[0]}/{cell[1]}")
        gap = gap if cell in planted.blank else applies & (gap_word < gap_limit)
        slip = applies & (slip_word < slip_limit)
    return gap, slip


def _slipped(
    plan: Plan, controls: Controls, field: FieldEntry, expected: I64, rows: I64, previous: Previous
) -> tuple[I64, I64]:
    """Return what a willing clerk enters, slips included, and the positions where the slip is a value left over."""
    willing = expected.copy()
    if not rows.size:
        return willing, rows
    left_over, words = plan.draws.pair(f"slip/{field.system}/{field.name}", previous.truth.index[rows])
    before = previous.expected(field, rows)
    copies = (left_over < controls.slip_copied) & (before >= 0) & (before != expected[rows])
    willing[rows] = np.where(copies, before, other_value(field.domain, expected[rows], words))
    return willing, rows[copies]


def _unforced(plan: Plan, controls: Controls, truth: Truth, field: FieldEntry, rows: I64) -> I64:
    """Return what stands in a gap nobody insists on: null, or a placeholder."""
    if not rows.size or not field.placeholders or field.is_narrative:
        return np.full(rows.shape, -1, np.int64)
    form, pick = plan.draws.pair(f"gap/{field.system}/{field.name}", truth.index[rows])
    disguised = field.placeholder_code(below(pick, len(field.placeholders)))
    return np.where(form < controls.voluntary_placeholder, disguised, -1)


def _not_overridden(plan: Plan, controls: Controls, truth: Truth, cell: Cell, rows: I64) -> Mask:
    """Return which gaps a control reaches: all under a hard stop, those not overridden under a soft warning."""
    if cell in controls.mandatory:
        return np.ones(rows.shape, np.bool_)
    return plan.draws.u32(f"override/{cell[0]}/{cell[1]}", truth.index[rows]) >= controls.overridden


Gaps = tuple[I64, Codes8, Codes8]


def _merge(unforced: Gaps, forced: Gaps) -> Gaps:
    """Return the gaps with the forced ones put in the place of the unforced."""
    left = ~np.isin(unforced[0], forced[0])
    rows = np.concatenate([unforced[0][left], forced[0]])
    order = np.argsort(rows, kind="stable")
    fates = np.concatenate([unforced[1][left], forced[1]])[order].astype(np.int8)
    causes = np.concatenate([unforced[2][left], forced[2]])[order].astype(np.int8)
    return rows[order], fates, causes


def _lose(entry: Entry, lost: Mask) -> Entry:
    """Return the entry with the gaps of records that were never made marked as lost."""
    gone = lost[entry.gaps]
    fates = np.where(gone, FATE["lost"], entry.fates)
    causes = np.where(gone, CAUSE["exit"], entry.causes)
    return Entry(entry.expected, entry.recorded, entry.gaps, fates, causes, entry.copied)


class _Forcing:
    """Gaps of one field that a control insists on."""

    def __init__(
        self,
        plan: Plan,
        controls: Controls,
        truth: Truth,
        field: FieldEntry,
        rows: I64,
        burden: I64,
        previous: Previous,
    ) -> None:
        self.controls, self.field, self.rows, self.burden, self.previous = controls, field, rows, burden, previous
        index = truth.index[rows]
        name = f"{field.system}/{field.name}"
        self.known_word, self.honest_word, self.unknown_word, self.kind_word = plan.draws.words(f"fate/{name}", index)
        self.luck_word, self.value_word, self.pick_word, _ = plan.draws.words(f"evasion/{name}", index)

    def outcome(self, expected: I64, willing: I64) -> tuple[I64, Codes8, Codes8]:
        """Return what is recorded, the fate and the cause of each forced gap.

        Args:
            expected: the truth as the form asks for it; -1 where it should not ask at all.
            willing: what a willing clerk enters: the truth, or a slip.
        """
        known = (expected >= 0) & (self.known_word < self.controls.known)
        honest = known & (self.honest_word < self.controls.honest[self.burden])
        fates, recorded = self._evasions(expected)
        said = self.unknown_word < np.where(known, self.controls.unknown_dodged, self.controls.unknown_said)
        unknown = said & self.controls.not_values & bool(self.field.not_values)
        fates = np.where(unknown, np.where(known, FATE["not_value_dodged"], FATE["not_value_honest"]), fates)
        recorded = np.where(unknown, self.field.not_value_code(), recorded)
        fates = np.where(honest, FATE["honest"], fates)
        recorded = np.where(honest, willing, recorded)
        worn_down = known & ~honest & (self.honest_word < self.controls.honest_unburdened)
        return recorded, fates.astype(np.int8), np.where(worn_down, CAUSE["burden"], CAUSE["own_control"])

    def _evasions(self, expected: I64) -> tuple[Codes8, I64]:
        """Return fate and value of each gap, were it evaded."""
        kind = choose(self.kind_word, self.controls.evasion)
        before = self._before()
        if self.field.is_narrative:
            copies = (kind == 2) & (before >= 0)
            placeholder = self._placeholder()
            return np.where(copies, FATE["copied_wrong"], FATE["placeholder"]), np.where(copies, 1, placeholder)
        still_true = self.controls.copied_true_stable if self.field.spec.stable else self.controls.copied_true
        lucky = (expected >= 0) & (self.luck_word < np.where(kind == 2, still_true, self.controls.lucky))
        copies = (kind == 2) & ~lucky & (before >= 0) & (before != expected)
        fates = np.where(copies, FATE["copied_wrong"], FATE["wrong"])
        fates = np.where(lucky, np.where(kind == 2, FATE["lucky_copy"], FATE["lucky_default"]), fates)
        recorded = np.where(copies, before, np.where(lucky, expected, self._wrong_pick(expected)))
        if self.field.placeholders:
            fates = np.where(kind == 0, FATE["placeholder"], fates)
            recorded = np.where(kind == 0, self._placeholder(), recorded)
        return fates, recorded

    def _before(self) -> I64:
        """Return the previous case's value; of a narrative, whether there is a previous case."""
        if self.field.is_narrative:
            return self.previous.cases(self.rows)
        return self.previous.expected(self.field, self.rows)

    def _placeholder(self) -> I64:
        return self.field.placeholder_code(below(self.pick_word, len(self.field.placeholders)))

    def _wrong_pick(self, expected: I64) -> I64:
        """Return the first option of a list where that is wrong, else any other wrong value."""
        other = other_value(self.field.domain, expected, self.value_word)
        return np.where(expected == 0, other, 0) if self.field.domain.kind == "choice" else other
