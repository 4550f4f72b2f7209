"""What is recorded: truth, entered by people, under the controls of a regime.

For each cell, design section 7: a gap is a cell nobody fills of their own accord. A control turns a gap into the
truth, a not-value or an evasion. Every decision has a draw of its own, taken whether or not it matters under this
regime, so that two regimes on one seed differ only where a control, its burden or an exit makes them differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from synth.data_dictionary import FieldEntry
from synth.defects import Mask, Planted, other_value
from synth.draws import I64, SCALE
from synth.forcing import Bearing, Forcing, Previous, placeholder_codes
from synth.mishaps import cut_off, kept_elsewhere_of, receive, skipped_groups, struck_by, take_for_each_other
from synth.plan import Plan
from synth.processes import Cell
from synth.sheet import CAUSE, FATE, Entry, Sheet, merged
from synth.truth import Truth
from synth.workarounds import closed_branches, falsified, linked, opens_in_truth, without_fitting_option


def enter(plan: Plan, truth: Truth, planted: Planted) -> Sheet:
    """Fill every form of the cases at hand under the controls of the plan's regime."""
    controls = plan.controls
    entries: dict[Cell, Entry] = {}
    lost: dict[str, Mask] = {}
    left: dict[str, Mask] = {}
    kept: dict[str, I64] = {}
    doubled: dict[str, Mask] = {}
    bearing = Bearing(plan, truth)
    for system in plan.scenario.systems:
        burden = burden_of(plan, truth, system)
        deferred = bearing.deferred(system, burden)
        left[system] = bearing.leaves(system, burden)
        lost[system] = left[system] | kept_elsewhere_of(plan, truth, planted, system)
        skipped = skipped_groups(plan, truth, system)
        for field in plan.system_fields(system):
            cell = (system, field.name)
            if field.source is not None and field.spec.shown:
                owner = field.source[0]
                sent = entries[field.source]
                entries[cell] = receive(plan, truth, field, sent, lost[owner], left[owner])
                continue
            form = _Form(plan, bearing, planted, entries, burden, deferred)
            entries[cell] = form.enter(field, skipped.get(field.name))
            if cell in controls.linked:
                source = controls.linked[cell]
                entries[cell] = linked(plan, truth, field, entries[cell], entries[source], lost[source[0]])
        take_for_each_other(plan, truth, system, entries)
        kept[system] = cut_off(plan, truth, planted, system, entries)
        doubled[system] = struck_by(plan, truth, "duplicate_record", system) & ~lost[system]
    for cell, entry in entries.items():
        entries[cell] = _lose(entry, lost[cell[0]], left[cell[0]])
    return Sheet(truth, entries, lost, planted, kept, doubled)


def burden_of(plan: Plan, truth: Truth, system: str) -> I64:
    """Return m: how many mandatory fields a person must type in each record."""
    burden = np.zeros(truth.index.shape, np.int64)
    for owner, name in sorted(plan.controls.mandatory):
        if owner == system:
            burden += (truth.expected(owner, name) >= 0) & opens_in_truth(plan, truth, (owner, name))
    return burden


def asked_as_recorded(plan: Plan, cell: Cell, recorded: Mapping[Cell, I64], n_cases: int) -> Mask:
    """Return where a form asks for a field, going by what its record says."""
    asked = np.ones(n_cases, np.bool_)
    for other, codes in plan.conditions[cell].items():
        asked &= np.isin(recorded[cell[0], other], codes)
    return asked


class _Form:
    """One system's form, filled field by field; `entries` holds what stands there already.

    Args:
        plan: scenario, seed and regime.
        bearing: what weighs on the cases.
        planted: what the quota asks of them.
        entries: the fields filled so far, of all systems.
        burden: how many mandatory fields a person must type in each record.
        deferred: which records are put off.
    """

    def __init__(
        self,
        plan: Plan,
        bearing: Bearing,
        planted: Planted,
        entries: Mapping[Cell, Entry],
        burden: I64,
        deferred: Mask,
    ) -> None:
        self.plan, self.controls, self.bearing, self.truth = plan, plan.controls, bearing, bearing.truth
        self.planted, self.entries, self.burden, self.deferred = planted, entries, burden, deferred

    def enter(self, field: FieldEntry, skipped: Mask | None) -> Entry:
        """Fill one field of all cases; `skipped`: where a whole group of fields is left open."""
        cell = (field.system, field.name)
        expected = self.truth.expected(*cell)
        gap, slip = self._gaps_and_slips(field, expected)
        if skipped is not None:
            gap = gap | (skipped & (expected >= 0))
        willing, left_over = self._slipped(field, expected, np.flatnonzero(slip))
        guesses, willing, left_over = self._guessed(field, expected, willing, left_over, gap)
        closed = closed_branches(self.plan, field, self.entries, expected.size) & (expected >= 0)
        recorded = np.where(gap | closed, -1, willing)
        rows = np.flatnonzero(gap & ~closed)
        recorded[rows] = self._unforced(field, rows)
        rows = np.flatnonzero(gap | closed)
        fates = np.where(recorded[rows] < 0, FATE["blank"], FATE["placeholder"])
        fates = np.where(recorded[rows] == field.uninformative_code, FATE["uninformative"], fates)
        causes = np.where(closed[rows], CAUSE["own_control"], CAUSE["none"]).astype(np.int8)
        if cell in self.controls.mandatory or cell in self.controls.soft:
            forcing = Forcing(
                self.plan, self.bearing, field, self._insisted(cell, recorded), self.burden, self.deferred
            )
            forced = forcing.heeded(expected)
            recorded[forced], new_fates, new_causes = forcing.outcome(expected, willing)
            rows, fates, causes = merged((rows, fates, causes), (forced, new_fates, new_causes))
        entered = ~(gap | closed)
        entered[rows[fates == FATE["honest"]]] = True
        copied = np.union1d(left_over[entered[left_over]], rows[fates == FATE["copied_wrong"]])
        entry = Entry(expected, recorded, rows, fates, causes, copied, guesses=guesses[~closed[guesses]])
        if cell in self.controls.misfitting:
            entry = without_fitting_option(self.plan, self.truth, field, entry)
        if cell in self.controls.triggers:
            entry = falsified(self.plan, self.truth, field, entry, self.controls.triggers[cell])
        return entry

    def _insisted(self, cell: Cell, recorded: I64) -> I64:
        """Return the blanks a control insists on, going by what the record says."""
        held = {key: entry.recorded for key, entry in self.entries.items()}
        asked = asked_as_recorded(self.plan, cell, held, recorded.size)
        for branch in self.controls.branches.get(cell, ()):
            for other, codes in branch.items():
                asked &= np.isin(held[cell[0], other], sorted(codes))
        return np.flatnonzero(asked & (recorded < 0))

    def _gaps_and_slips(self, field: FieldEntry, expected: I64) -> tuple[Mask, Mask]:
        """Return where the cell is a gap, and where what is entered would be wrong."""
        cell = (field.system, field.name)
        applies = expected >= 0
        gap_limit, slip_limit = self.plan.gaps[cell], self.plan.slips[cell]
        none = np.zeros(expected.shape, np.bool_)
        gap, slip = self.planted.blank.get(cell, none), none
        if gap_limit or slip_limit:
            gap_word, slip_word = self.truth.pair(f"cell/{cell[0]}/{cell[1]}")
            gap = gap if cell in self.planted.blank else applies & self.truth.strikes(gap_limit, gap_word)
            slip = applies & self.truth.strikes(slip_limit, slip_word)
        return gap, slip

    def _slipped(self, field: FieldEntry, expected: I64, rows: I64) -> tuple[I64, I64]:
        """Return what a willing clerk enters, slips included, and the positions where the slip is a value left over.

        A slip is a value left over from the previous case, a typing error, or another value.
        """
        willing = expected.copy()
        if not rows.size:
            return willing, rows
        copied, typo = self.controls.slip_copied, self.controls.slip_typo
        left_over, words = self.truth.words(f"slip/{field.system}/{field.name}", 2, rows)
        before = Previous(self.truth).expected(field, rows)
        copies = (left_over < copied) & (before >= 0) & (before != expected[rows])
        wrong = other_value(field.domain, expected[rows], words, never=field.uninformative_code)
        if field.mistyped:
            mistyped = (left_over >= copied) & (left_over < copied + typo)
            wrong = np.where(mistyped, field.mistype(expected[rows], words), wrong)
        willing[rows] = np.where(copies, before, wrong)
        return willing, rows[copies]

    def _guessed(
        self, field: FieldEntry, expected: I64, willing: I64, left_over: I64, gap: Mask
    ) -> tuple[I64, I64, I64]:
        """Return the positions of guesses, what is entered with guesses in it, and what is left over."""
        limit = self.plan.guesses[field.system, field.name]
        none = np.zeros(0, np.int64)
        if not limit:
            return none, willing, left_over
        words = self.truth.words(f"guess/{field.system}/{field.name}", 4)
        guessed = (expected >= 0) & ~gap & self.truth.strikes(limit, words[0])
        rows = np.flatnonzero(guessed)
        right = words[1][rows] < self.plan.lucky_guess
        wrong = other_value(field.domain, expected[rows], words[2][rows], never=field.uninformative_code)
        entered = willing.copy()
        entered[rows] = np.where(right, expected[rows], wrong)
        return rows, entered, left_over[~guessed[left_over]]

    def _unforced(self, field: FieldEntry, rows: I64) -> I64:
        """Return what stands in a gap nobody insists on: null, a placeholder, or a listed answer that says nothing."""
        controls = self.controls
        says_nothing = field.uninformative_code >= 0 and controls.voluntary_uninformative > 0
        says_nothing &= not field.spec.material  # what a case lacks is seen to be lacking where nobody insists
        unfilled = np.full(rows.shape, -1, np.int64)
        if not rows.size or field.is_narrative or not (field.placeholders or says_nothing):
            return unfilled
        form, pick = self.truth.words(f"gap/{field.system}/{field.name}", 2, rows)
        if says_nothing:
            low = controls.voluntary_placeholder
            listed = (form >= low) & (form < low + controls.voluntary_uninformative)
            unfilled = np.where(listed, field.uninformative_code, unfilled)
        if not field.placeholders:
            return unfilled
        novel = form < controls.voluntary_placeholder * controls.novel // SCALE
        disguised = placeholder_codes(field, pick, novel)
        typed = form < controls.voluntary_placeholder
        if (field.system, field.name) in controls.rejected:
            typed, disguised = self._typed_again(field, rows, typed, disguised)
        return np.where(typed, disguised, unfilled)

    def _typed_again(self, field: FieldEntry, rows: I64, typed: Mask, disguised: I64) -> tuple[Mask, I64]:
        """Return which placeholders stand after the form refused the known ones, and how they are spelled."""
        refused = typed & (disguised < field.not_value_code())
        again, pick = self.truth.words(f"refused/{field.system}/{field.name}", 2, rows)
        if not field.novel:
            return typed & ~refused, disguised
        spelled = field.novel_code((pick % np.uint64(len(field.novel))).astype(np.int64))
        return typed & (~refused | (again < self.controls.respelled)), np.where(refused, spelled, disguised)


def _lose(entry: Entry, lost: Mask, left: Mask) -> Entry:
    """Return the entry with the gaps of records that were never made marked as lost; `left`: because people leave."""
    gone = lost[entry.gaps]
    fates = np.where(gone, FATE["lost"], entry.fates)
    causes = np.where(gone, np.where(left[entry.gaps], CAUSE["exit"], CAUSE["none"]), entry.causes)
    return replace(entry, fates=fates.astype(np.int8), causes=causes.astype(np.int8))
