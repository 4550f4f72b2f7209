"""What is recorded: truth, entered by people, under the controls of a regime.

For each cell, design section 7: a gap is a cell nobody fills of their own accord. A control turns a gap into the
truth, a not-value or an evasion. Every decision has a draw of its own, taken whether or not it matters under this
regime, so that two regimes on one seed differ only where a control, its burden or an exit makes them differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from synth.controls import COPY, PLACEHOLDER, UNINFORMATIVE, Controls
from synth.data_dictionary import NARRATIVE, FieldEntry
from synth.defects import Mask, Planted, kept_elsewhere, other_value
from synth.draws import I64, SCALE, U64, below, choose
from synth.plan import Plan
from synth.processes import Cell
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
NOWHERE: I64 = np.zeros(0, np.int64)
CUT = 2  # the code of a narrative that is cut off
WHOLE = -1  # of a narrative that is not


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
        swapped: positions whose value stands in another field, and the other way round.
        astray: positions whose content was lost on the way from another system.
    """

    expected: I64
    recorded: I64
    gaps: I64
    fates: Codes8
    causes: Codes8
    copied: I64
    swapped: I64 = field(default_factory=lambda: NOWHERE)
    astray: I64 = field(default_factory=lambda: NOWHERE)

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
        kept: system -> how many sentences are left of each narrative; `WHOLE` where it is not cut off.
        doubled: system -> mask of cases whose record was entered twice.
    """

    truth: Truth
    entries: Mapping[Cell, Entry]
    lost: Mapping[str, Mask]
    planted: Planted
    kept: Mapping[str, I64]
    doubled: Mapping[str, Mask]


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
        lost[system] = left[system] | _kept_elsewhere(plan, truth, planted, system)
        skipped = _skipped(plan, truth, system)
        for entry in plan.system_fields(system):
            if entry.source is not None:
                owner = entry.source[0]
                entries[system, entry.name] = _receive(
                    plan, truth, entry, entries[entry.source], lost[owner], left[owner]
                )
                continue
            open_too = skipped.get(entry.name)
            done = _enter_field(plan, controls, truth, planted, entry, entries, burden, previous, open_too)
            entries[system, entry.name] = done
        _take_for_each_other(plan, truth, system, entries)
        kept[system] = _cut_off(plan, truth, planted, system, entries)
        doubled[system] = _strike(plan, truth, "duplicate_record", system) & ~lost[system]
        for cell in [cell for cell in entries if cell[0] == system]:
            entries[cell] = _lose(entries[cell], lost[system], left[system])
    return Sheet(truth, entries, lost, planted, kept, doubled)


def _strike(plan: Plan, truth: Truth, process: str, system: str, name: str = "") -> Mask:
    """Return the cases in which a process strikes that has one draw of its own."""
    limit = plan.rates.get((process, system, name), 0)
    if not limit:
        return np.zeros(truth.index.shape, np.bool_)
    return truth.strikes(limit, truth.pair(f"{process}/{system}/{name}")[0])


def _kept_elsewhere(plan: Plan, truth: Truth, planted: Planted, system: str) -> Mask:
    """Return the cases whose record is kept outside the system: by the quota's choice, or at a rate."""
    if (system, "") in planted.blank:
        return planted.blank[system, ""]
    struck = _strike(plan, truth, "off_system", system)
    return struck & kept_elsewhere(plan, truth, system) if struck.any() else struck


def _skipped(plan: Plan, truth: Truth, system: str) -> dict[str, Mask]:
    """Return the cells left open because a whole group of fields was."""
    found: dict[str, Mask] = {}
    for name, pattern in plan.scenario.systems[system].patterns.items():
        struck = _strike(plan, truth, "pattern", system, name)
        for member in pattern.fields if struck.any() else ():
            found[member] = found[member] | struck if member in found else struck
    return found


def _receive(plan: Plan, truth: Truth, entry: FieldEntry, source: Entry, lost: Mask, left: Mask) -> Entry:
    """Return a field that a link fills: what the source's record holds, or nothing where it got lost on the way.

    What became of a gap at the source becomes of its copy. A source that was never made has nothing to send.
    """
    expected = truth.expected(entry.system, entry.name)
    strayed = _strike(plan, truth, "lost_in_transmission", entry.system, entry.name)
    astray = strayed | lost
    recorded = np.where(astray, -1, source.recorded)
    arrived = source.gaps[~astray[source.gaps]]
    fates, causes = source.fates[~astray[source.gaps]], source.causes[~astray[source.gaps]]
    unsent = np.flatnonzero(lost & ~strayed & (expected >= 0))
    rows, fates, causes = _merge(
        (arrived, fates, np.where(causes != CAUSE["none"], CAUSE["copy"], causes)),
        (unsent, np.full(unsent.shape, FATE["lost"]), np.where(left[unsent], CAUSE["copy"], CAUSE["none"])),
    )
    copied = source.copied[~astray[source.copied]]
    return Entry(expected, recorded, rows, fates, causes, copied, astray=np.flatnonzero(astray & (expected >= 0)))


def _take_for_each_other(plan: Plan, truth: Truth, system: str, entries: dict[Cell, Entry]) -> None:
    """Swap the values of pairs of fields where both are right, willingly entered, and not the same."""
    for swap in plan.scenario.systems[system].swaps:
        struck = _strike(plan, truth, "swapped", system, "-".join(swap.fields))
        if not struck.any():
            continue
        one, other = ((system, name) for name in swap.fields)
        first, second = entries[one], entries[other]
        for entry in (first, second):
            struck &= (entry.recorded == entry.expected) & (entry.recorded >= 0)
            struck[entry.gaps] = False
            struck[entry.swapped] = False
        rows = np.flatnonzero(struck & (first.recorded != second.recorded))
        entries[one] = _with_values(first, rows, second.recorded[rows])
        entries[other] = _with_values(second, rows, first.recorded[rows])


def _with_values(entry: Entry, rows: I64, values: I64) -> Entry:
    recorded = entry.recorded.copy()
    recorded[rows] = values
    return replace(entry, recorded=recorded, swapped=np.union1d(entry.swapped, rows))


def _cut_off(plan: Plan, truth: Truth, planted: Planted, system: str, entries: dict[Cell, Entry]) -> I64:
    """Cut narratives off, and return how many sentences are left of each; a planted contradiction stays readable."""
    kept = np.full(truth.index.shape, WHOLE, np.int64)
    limit = plan.rates.get(("narrative_truncated", system, NARRATIVE), 0)
    if not limit:
        return kept
    cell = (system, NARRATIVE)
    struck_word, where = truth.pair(f"narrative_truncated/{system}")
    struck = truth.strikes(limit, struck_word) & (entries[cell].recorded == 0)
    for contradicted in planted.contradicted.values():
        struck[contradicted] = False
    rows = np.flatnonzero(struck)
    kept[rows] = 1 + below(where[rows], len(plan.segments[system]) - 1)
    recorded = entries[cell].recorded.copy()
    recorded[rows] = CUT
    entries[cell] = replace(entries[cell], recorded=recorded)
    return kept


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
        rows, fates, causes = _merge((rows, fates, causes), (forced, new_fates, new_causes))
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
    says_nothing &= not (plan.counts and field.spec.material)  # the item a quota asked to be missing is missing
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


Gaps = tuple[I64, Codes8, Codes8]


def _merge(unforced: Gaps, forced: Gaps) -> Gaps:
    """Return the gaps with the forced ones put in the place of the unforced."""
    left = ~np.isin(unforced[0], forced[0])
    rows = np.concatenate([unforced[0][left], forced[0]])
    order = np.argsort(rows, kind="stable")
    fates = np.concatenate([unforced[1][left], forced[1]])[order].astype(np.int8)
    causes = np.concatenate([unforced[2][left], forced[2]])[order].astype(np.int8)
    return rows[order], fates, causes


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
