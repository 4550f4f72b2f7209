"""Gaps that a control insists on: told, dodged or evaded (design section 7)."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from synth.controls import COPY, PLACEHOLDER, UNINFORMATIVE, WRONG, Controls
from synth.data_dictionary import FieldEntry
from synth.defects import Mask, other_value
from synth.draws import I64, U64, below, choose
from synth.honesty import months_of
from synth.plan import Plan
from synth.sheet import CAUSE, FATE, Codes8
from synth.truth import Truth


class Previous:
    """What the same officer's previous case is expected to hold: the source of everything copied forward."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth

    def cases(self, rows: I64) -> I64:
        """Return the previous case of each position, -1 for an officer's first."""
        return self.truth.previous[rows]

    def expected(self, field: FieldEntry, rows: I64) -> I64:
        """Return its expected value of a field, -1 where there is none."""
        if self.truth.memory is not None:
            cell = (field.system, field.name)
            key = ("before", self.truth.plan.hidden, *cell)
            return self.truth.kept(key, lambda: self.truth.before(*cell))[rows]
        before = self.cases(rows)
        out = np.full(rows.shape, -1, np.int64)
        known = before >= 0
        out[known] = self.truth.among(before[known]).expected(field.system, field.name)
        return out


class Bearing:
    """What weighs on each case whatever the field: who types, when, how much is mandatory, whether it is put off.

    Args:
        plan: scenario, seed and regime.
        truth: the cases.
    """

    def __init__(self, plan: Plan, truth: Truth) -> None:
        self.plan, self.controls, self.truth = plan, plan.controls, truth

    @cached_property
    def kinds(self) -> I64:
        """The kind of person who handles each case."""
        if not self.controls.people.differ:
            return np.zeros(self.truth.index.shape, np.int64)
        return self.controls.people.kinds(self.plan.draws, self.truth.officers)

    @cached_property
    def months(self) -> I64:
        """The month of each case, by which habit has grown."""
        if not self.controls.operator.drift:
            return np.zeros(self.truth.index.shape, np.int64)
        return months_of(self.truth.codes(self.plan.calendar), self.plan.scenario.days)

    def deferred(self, system: str, burden: I64) -> Mask:
        """Return which records are put off: of those with anything mandatory in them."""
        if not (self.controls.deferred and self.controls.forgotten):
            return np.zeros(burden.shape, np.bool_)
        (words,) = self.truth.words(f"defer/{system}", 1)
        return (burden > 0) & (words < self.controls.deferred)

    def leaves(self, system: str, burden: I64) -> Mask:
        """Return which records are not made because people leave the form."""
        levels, table = self.controls.leaving(system)
        (words,) = self.truth.words(f"exit/{system}", 1)
        combination = self.truth.combination(levels) if levels is not None else 0
        return np.asarray(words < table[burden, combination])


def placeholder_codes(field: FieldEntry, pick: U64, novel: Mask) -> I64:
    """Return placeholders: one of the known ones, or, where `novel`, one that no list has."""
    known = field.placeholder_code(below(pick, len(field.placeholders)))
    return np.where(novel, field.novel_code(below(pick, len(field.novel))), known) if field.novel else known


class Forcing:
    """Gaps of one field that a control insists on.

    Args:
        plan: scenario, seed and regime.
        bearing: what weighs on the cases.
        field: the field.
        rows: positions of the gaps.
        burden: how many mandatory fields a person must type in each record, of all cases.
        deferred: which records are put off, of all cases.
    """

    def __init__(self, plan: Plan, bearing: Bearing, field: FieldEntry, rows: I64, burden: I64, deferred: Mask) -> None:
        self.plan, self.field, self.bearing = plan, field, bearing
        self.controls: Controls = plan.controls
        self.cell = (field.system, field.name)
        self.soft = self.cell not in self.controls.mandatory
        self.burden, self.deferred = burden, deferred
        self.name = f"{field.system}/{field.name}"
        self._take(rows)

    def _take(self, rows: I64) -> None:
        truth = self.bearing.truth
        self.rows = rows
        self.previous = Previous(truth)
        words = truth.words(f"fate/{self.name}", 4, rows)
        self.known_word, self.honest_word, self.unknown_word, self.kind_word = words
        words = truth.words(f"evasion/{self.name}", 4, rows)
        self.luck_word, self.value_word, self.pick_word, self.answer_word = words

    def heeded(self, expected: I64) -> I64:
        """Return the gaps a control reaches: all under a hard stop, those not overridden under a soft warning."""
        if not self.soft:
            return self.rows
        (words,) = self.bearing.truth.words(f"override/{self.name}", 1, self.rows)
        known, _ = self._knows(expected)
        limits = np.where(known, np.uint64(self.controls.overridden), np.uint64(self.controls.overridden_unknown))
        self._take(self.rows[words >= limits])
        return self.rows

    def outcome(self, expected: I64, willing: I64) -> tuple[I64, Codes8, Codes8]:
        """Return what is recorded, the fate and the cause of each forced gap.

        Args:
            expected: the truth as the form asks for it, of all cases; -1 where it should not ask at all.
            willing: what a willing clerk enters: the truth, or a slip.
        """
        expected, willing = expected[self.rows], willing[self.rows]
        knew, forgot = self._knew(expected)
        known = knew & ~forgot
        honest_limit, unburdened_limit = self._honest_limits()
        honest = known & (self.honest_word < honest_limit)
        fates, recorded = self._evasions(expected)
        said = self.unknown_word < np.where(known, self.controls.unknown_dodged, self.controls.unknown_said)
        unknown = said & (self.cell in self.controls.not_values)
        fates = np.where(unknown, np.where(known, FATE["not_value_dodged"], FATE["not_value_honest"]), fates)
        if self.field.not_values:
            answer = self.field.not_value_code() + below(self.answer_word, len(self.field.not_values))
            recorded = np.where(unknown, answer, recorded)
        fates = np.where(honest, FATE["honest"], fates)
        recorded = np.where(honest, willing, recorded)
        worn_down = knew & ~honest & (self.honest_word < unburdened_limit)
        return recorded, fates.astype(np.int8), np.where(worn_down, CAUSE["burden"], CAUSE["own_control"])

    def _knows(self, expected: I64) -> tuple[Mask, Mask]:
        knew, forgot = self._knew(expected[self.rows])
        return knew & ~forgot, forgot

    def _knew(self, expected: I64) -> tuple[Mask, Mask]:
        """Return who knew the truth when it happened, and who of all has forgotten it since."""
        knew = (expected >= 0) & self.bearing.truth.strikes(self.controls.known(self.cell), self.known_word, self.rows)
        forgot = self.deferred[self.rows]
        if forgot.any():
            (words,) = self.bearing.truth.words(f"forget/{self.name}", 1, self.rows)
            forgot = forgot & (words < self.controls.forgotten)
        return knew, forgot

    def _honest_limits(self) -> tuple[U64, U64]:
        """Return the thresholds of telling the truth, and what they were without burden."""
        levels, table = self.controls.honest(self.cell)
        if table.size == 1:
            return table.ravel()[0], table.ravel()[0]
        kinds, months = self.bearing.kinds[self.rows], self.bearing.months[self.rows]
        combination = 0 if levels is None else self.bearing.truth.combination(levels, self.rows)
        return table[kinds, months, combination, self.burden[self.rows]], table[kinds, months, combination, 0]

    def _evasions(self, expected: I64) -> tuple[Codes8, I64]:
        """Return fate and value of each gap, were it evaded."""
        kind = choose(self.kind_word, self.controls.evasion)
        before = self._before()
        placeholder = self._placeholder()
        if self.cell in self.controls.rejected:
            kind, placeholder = self._refused(kind, placeholder, before)
        if self.field.is_narrative:
            copies = (kind == COPY) & (before >= 0)
            return np.where(copies, FATE["copied_wrong"], FATE["placeholder"]), np.where(copies, 1, placeholder)
        still_true = self.controls.copied_true_stable if self.field.spec.stable else self.controls.copied_true
        lucky = (expected >= 0) & (self.luck_word < np.where(kind == COPY, still_true, self.controls.lucky))
        copies = (kind == COPY) & ~lucky & (before >= 0) & (before != expected)
        fates = np.where(copies, FATE["copied_wrong"], FATE["wrong"])
        fates = np.where(lucky, np.where(kind == COPY, FATE["lucky_copy"], FATE["lucky_default"]), fates)
        recorded = np.where(copies, before, np.where(lucky, expected, self._wrong_pick(expected)))
        if self.field.placeholders:
            fates = np.where(kind == PLACEHOLDER, FATE["placeholder"], fates)
            recorded = np.where(kind == PLACEHOLDER, placeholder, recorded)
        listed = self.field.uninformative_code
        if listed >= 0:
            says_nothing = (kind == UNINFORMATIVE) | ((kind == PLACEHOLDER) & (not self.field.placeholders))
            recorded = np.where(says_nothing, listed, recorded)
            fates = np.where((recorded == listed) & (expected != listed), FATE["uninformative"], fates)
        return fates, recorded

    def _refused(self, kind: I64, placeholder: I64, before: I64) -> tuple[I64, I64]:
        """Return what becomes of known placeholders that the form refuses: a new spelling, or another evasion.

        A narrative that cannot be copied from a previous case is respelled.
        """
        refused = (kind == PLACEHOLDER) & (placeholder < self.field.not_value_code())
        if self.field.is_narrative:
            refused = (kind != COPY) | (before < 0)
            refused &= placeholder < self.field.not_value_code()
        again, other, value, _ = self.bearing.truth.words(f"respell/{self.name}", 4, self.rows)
        self.value_word = np.where(refused, value, self.value_word)  # the first one said that the spelling is known
        respelled = again < self.controls.respelled
        if self.field.is_narrative:
            respelled |= before < 0
        instead = WRONG + choose(other, self.controls.instead)
        if not self.field.novel:
            return np.where(refused, instead, kind), placeholder
        kind = np.where(refused & ~respelled, COPY if self.field.is_narrative else instead, kind)
        novel = self.field.novel_code(below(self.pick_word, len(self.field.novel)))
        return kind, np.where(refused & respelled, novel, placeholder)

    def _before(self) -> I64:
        """Return the previous case's value; of a narrative, whether there is a previous case."""
        if self.field.is_narrative:
            return self.previous.cases(self.rows)
        return self.previous.expected(self.field, self.rows)

    def _placeholder(self) -> I64:
        if not self.field.placeholders:
            return np.full(self.rows.shape, -1, np.int64)
        return placeholder_codes(self.field, self.pick_word, self.value_word < self.controls.novel)

    def _wrong_pick(self, expected: I64) -> I64:
        """Return the first option of a list where that is wrong, else any other wrong value."""
        other = other_value(self.field.domain, expected, self.value_word, never=self.field.uninformative_code)
        return np.where(expected == 0, other, 0) if self.field.domain.kind == "choice" else other
