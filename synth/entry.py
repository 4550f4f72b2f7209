"""What is recorded: truth, entered by people, under the controls of a regime.

For each cell, design section 7: a gap is a cell nobody fills of their own accord. A control turns a gap into the
truth, a not-value or an evasion. Every decision has a draw of its own, taken whether or not it matters under this
regime, so that two regimes on one seed differ only where a control, its burden or an exit makes them differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from synth.controls import COPY, PLACEHOLDER, UNINFORMATIVE, Controls
from synth.data_dictionary import FieldEntry
from synth.defects import Mask, Planted, other_value
from synth.draws import I64, SCALE, U64, below, choose
from synth.mishaps import cut_off, kept_elsewhere_of, receive, skipped_groups, struck_by, take_for_each_other
from synth.plan import Plan
from synth.processes import Cell
from synth.sheet import CAUSE, FATE, Codes8, Entry, Sheet, merged
from synth.truth import Truth


def enter(plan: Plan, controls: Controls, truth: Truth, planted: Planted) -> Sheet:
    """Fill every form of the cases at hand under the given controls."""
    entries: dict[Cell, Entry] = {}
    lost: dict[str, Mask] = {}
    left: dict[str, Mask] = {}
    kept: dict[str, I64] = {}
    doubled: dict[str, Mask] = {}
    previous = Previous(plan, truth)
    for system in plan.scenario.systems:
        burden = burden_of(controls, truth, system)
        left[system] = plan.draws.u32(f"exit/{system}", truth.index) < controls.exits[burden]
        lost[system] = left[system] | kept_elsewhere_of(plan, truth, planted, system)
        skipped = skipped_groups(plan, truth, system)
        for entry in plan.system_fields(system):
            if entry.source is not None:
                owner = entry.source[0]
                entries[system, entry.name] = receive(
                    plan, truth, entry, entries[entry.source], lost[owner], left[owner]
                )
                continue
            open_too = skipped.get(entry.name)
            done = _enter_field(plan, controls, truth, planted, entry, entries, burden, previous, open_too)
            entries[system, entry.name] = done
        take_for_each_other(plan, truth, system, entries)
        kept[system] = cut_off(plan, truth, planted, system, entries)
        doubled[system] = struck_by(plan, truth, "duplicate_record", system) & ~lost[system]
        for cell in [cell for cell in entries if cell[0] == system]:
            entries[cell] = _lose(entries[cell], lost[system], left[system])
    return Sheet(truth, entries, lost, planted, kept, doubled)


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
        out[known] = self.truth.among(before[known]).expected(field.system, field.name)
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
    skipped: Mask | None,
) -> Entry:
    cell = (field.system, field.name)
    expected = truth.expected(*cell)
    gap, slip = _gaps_and_slips(plan, truth, planted, field, expected)
    if skipped is not None:
        gap = gap | (skipped & (expected >= 0))
    willing, left_over = _slipped(plan, controls, field, expected, np.flatnonzero(slip), previous)
    recorded = np.where(gap, -1, willing)
    rows = np.flatnonzero(gap)
    recorded[rows] = _unforced(plan, controls, truth, field, rows)
    fates = np.where(recorded[rows] < 0, FATE["blank"], FATE["placeholder"])
    fates = np.where(recorded[rows] == field.uninformative_code, FATE["uninformative"], fates)
    causes = np.zeros(rows.shape, np.int8)
    if cell in controls.mandatory or cell in controls.soft:
        asked = asked_as_recorded(plan, cell, {key: e.recorded for key, e in entries.items()}, expected.size)
        forced = np.flatnonzero(asked & (recorded < 0))
        forced = forced[_not_overridden(plan, controls, truth, cell, forced)]
        forcing = _Forcing(plan, controls, truth, field, forced, burden[forced], previous)
        recorded[forced], new_fates, new_causes = forcing.outcome(expected[forced], willing[forced])
        rows, fates, causes = merged((rows, fates, causes), (forced, new_fates, new_causes))
    entered = ~gap
    entered[rows[fates == FATE["honest"]]] = True
    copied = np.union1d(left_over[entered[left_over]], rows[fates == FATE["copied_wrong"]])
    return Entry(expected, recorded, rows, fates, causes, copied)


def _gaps_and_slips(plan: Plan, truth: Truth, planted: Planted, field: FieldEntry, expected: I64) -> tuple[Mask, Mask]:
    """Return where the cell is a gap, and where what is entered would be wrong."""
    cell = (field.system, field.name)
    applies = expected >= 0
    gap_limit, slip_limit = plan.gaps[cell], plan.slips[cell]
    none = np.zeros(expected.shape, np.bool_)
    gap, slip = planted.blank.get(cell, none), none
    if gap_limit or slip_limit:
        gap_word, slip_word = truth.pair(f"cell/{cell[0]}/{cell[1]}")
        gap = gap if cell in planted.blank else applies & truth.strikes(gap_limit, gap_word)
        slip = applies & truth.strikes(slip_limit, slip_word)
    return gap, slip


def _slipped(
    plan: Plan, controls: Controls, field: FieldEntry, expected: I64, rows: I64, previous: Previous
) -> tuple[I64, I64]:
    """Return what a willing clerk enters, slips included, and the positions where the slip is a value left over.

    A slip is a value left over from the previous case, a typing error, or another value.
    """
    willing = expected.copy()
    if not rows.size:
        return willing, rows
    left_over, words = plan.draws.pair(f"slip/{field.system}/{field.name}", previous.truth.index[rows])
    before = previous.expected(field, rows)
    copies = (left_over < controls.slip_copied) & (before >= 0) & (before != expected[rows])
    wrong = other_value(field.domain, expected[rows], words, never=field.uninformative_code)
    if field.mistyped:
        mistyped = (left_over >= controls.slip_copied) & (left_over < controls.slip_copied + controls.slip_typo)
        wrong = np.where(mistyped, field.mistype(expected[rows], words), wrong)
    willing[rows] = np.where(copies, before, wrong)
    return willing, rows[copies]


def _unforced(plan: Plan, controls: Controls, truth: Truth, field: FieldEntry, rows: I64) -> I64:
    """Return what stands in a gap nobody insists on: null, a placeholder, or a listed answer that says nothing."""
    says_nothing = field.uninformative_code >= 0 and controls.voluntary_uninformative > 0
    says_nothing &= not field.spec.material  # what a case lacks is seen to be lacking where nobody insists
    if not rows.size or field.is_narrative or not (field.placeholders or says_nothing):
        return np.full(rows.shape, -1, np.int64)
    form, pick = plan.draws.pair(f"gap/{field.system}/{field.name}", truth.index[rows])
    unfilled = np.full(rows.shape, -1, np.int64)
    if says_nothing:
        low = controls.voluntary_placeholder
        listed = (form >= low) & (form < low + controls.voluntary_uninformative)
        unfilled = np.where(listed, field.uninformative_code, unfilled)
    if not field.placeholders:
        return unfilled
    disguised = placeholder_codes(field, pick, form < controls.voluntary_placeholder * controls.novel // SCALE)
    return np.where(form < controls.voluntary_placeholder, disguised, unfilled)


def placeholder_codes(field: FieldEntry, pick: U64, novel: Mask) -> I64:
    """Return placeholders: one of the known ones, or, where `novel`, one that no list has."""
    known = field.placeholder_code(below(pick, len(field.placeholders)))
    return np.where(novel, field.novel_code(below(pick, len(field.novel))), known) if field.novel else known


def _not_overridden(plan: Plan, controls: Controls, truth: Truth, cell: Cell, rows: I64) -> Mask:
    """Return which gaps a control reaches: all under a hard stop, those not overridden under a soft warning."""
    if cell in controls.mandatory:
        return np.ones(rows.shape, np.bool_)
    return plan.draws.u32(f"override/{cell[0]}/{cell[1]}", truth.index[rows]) >= controls.overridden


def _lose(entry: Entry, lost: Mask, left: Mask) -> Entry:
    """Return the entry with the gaps of records that were never made marked as lost; `left`: because people leave."""
    gone = lost[entry.gaps]
    fates = np.where(gone, FATE["lost"], entry.fates)
    causes = np.where(gone, np.where(left[entry.gaps], CAUSE["exit"], CAUSE["none"]), entry.causes)
    return replace(entry, fates=fates.astype(np.int8), causes=causes.astype(np.int8))


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
        self.luck_word, self.value_word, self.pick_word, self.answer_word = plan.draws.words(f"evasion/{name}", index)

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
        if self.field.not_values:
            answer = self.field.not_value_code() + below(self.answer_word, len(self.field.not_values))
            recorded = np.where(unknown, answer, recorded)
        fates = np.where(honest, FATE["honest"], fates)
        recorded = np.where(honest, willing, recorded)
        worn_down = known & ~honest & (self.honest_word < self.controls.honest_unburdened)
        return recorded, fates.astype(np.int8), np.where(worn_down, CAUSE["burden"], CAUSE["own_control"])

    def _evasions(self, expected: I64) -> tuple[Codes8, I64]:
        """Return fate and value of each gap, were it evaded."""
        kind = choose(self.kind_word, self.controls.evasion)
        before = self._before()
        if self.field.is_narrative:
            copies = (kind == COPY) & (before >= 0)
            placeholder = self._placeholder()
            return np.where(copies, FATE["copied_wrong"], FATE["placeholder"]), np.where(copies, 1, placeholder)
        still_true = self.controls.copied_true_stable if self.field.spec.stable else self.controls.copied_true
        lucky = (expected >= 0) & (self.luck_word < np.where(kind == COPY, still_true, self.controls.lucky))
        copies = (kind == COPY) & ~lucky & (before >= 0) & (before != expected)
        fates = np.where(copies, FATE["copied_wrong"], FATE["wrong"])
        fates = np.where(lucky, np.where(kind == COPY, FATE["lucky_copy"], FATE["lucky_default"]), fates)
        recorded = np.where(copies, before, np.where(lucky, expected, self._wrong_pick(expected)))
        if self.field.placeholders:
            fates = np.where(kind == PLACEHOLDER, FATE["placeholder"], fates)
            recorded = np.where(kind == PLACEHOLDER, self._placeholder(), recorded)
        listed = self.field.uninformative_code
        if listed >= 0:
            says_nothing = (kind == UNINFORMATIVE) | ((kind == PLACEHOLDER) & (not self.field.placeholders))
            recorded = np.where(says_nothing, listed, recorded)
            fates = np.where((recorded == listed) & (expected != listed), FATE["uninformative"], fates)
        return fates, recorded

    def _before(self) -> I64:
        """Return the previous case's value; of a narrative, whether there is a previous case."""
        if self.field.is_narrative:
            return self.previous.cases(self.rows)
        return self.previous.expected(self.field, self.rows)

    def _placeholder(self) -> I64:
        return placeholder_codes(self.field, self.pick_word, self.value_word < self.controls.novel)

    def _wrong_pick(self, expected: I64) -> I64:
        """Return the first option of a list where that is wrong, else any other wrong value."""
        other = other_value(self.field.domain, expected, self.value_word, never=self.field.uninformative_code)
        return np.where(expected == 0, other, 0) if self.field.domain.kind == "choice" else other
