"""What one regime did to the cases: per case, how many cells are filled, valued, right, lucky or hidden wrong.

Everything is counted per case and system, so that any share has its simulation error from the same pass and two
regimes on the same cases can be compared case by case. Measures and denominators are those of docs/glossary.md:
*measured* counts what a dashboard sees (records in the system, fields that apply as recorded); *true* counts every
event and the fields that apply in truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from synth.data_dictionary import NARRATIVE, FieldEntry
from synth.defects import NOTHING, Mask, plant
from synth.entry import asked_as_recorded, enter
from synth.plan import Plan
from synth.sheet import CUT, EVASIONS, Sheet
from synth.spec import VERDICTS
from synth.truth import Truth
from synth.verdicts import Statements, statements_of, verdict, without_evasions

Counts = npt.NDArray[np.int64]

OF_RECORDS = (
    "asked",  # needed cells as a dashboard counts them: record present, field applies as recorded
    "filled",  # of these, not blank
    "valued",  # of these, not a placeholder or not-value either
    "present_needed",  # needed cells in truth, in records that are in the system
    "present_valued",  # of these, valued
    "needed",  # needed cells in truth, all events
    "informed",  # right because the writer knew
    "lucky",  # right by default, guess or copy
    "hidden_wrong",  # filled, plausible, wrong
    "events",  # records there should be
    "present",  # records there are
)
OF_ENTRIES = (
    "picked",  # cells a person picked from a list: the truth, or what was meant to be
    "typed",  # the same of cells that are typed
    "narrated",  # the same of narratives
    "evaded",  # placeholders, guesses, copies, listed answers that say nothing, not-values
)
OF_STATEMENTS = (
    "pairs",  # statements of a shared fact by two systems, both stated
    "agreeing",  # of these, equal
    "pairs_blank",  # pairs with at least one side not stated
    "wrong_statements",  # statements of a shared fact, in a field or a narrative, that are not true
    "revealed",  # of these, contradicted by what another system states
)
QUANTITIES = OF_RECORDS + OF_ENTRIES + OF_STATEMENTS


@dataclass(frozen=True)
class Tally:
    """Counts per case under one regime.

    Attributes:
        regime: its name.
        per_case: (scope, quantity) -> counts, shape (n_cases,); scope is a system or "all".
        verdicts: drawn, reviewer and true verdict of each case as positions in `VERDICTS`.
    """

    regime: str
    per_case: Mapping[tuple[str, str], Counts]
    verdicts: Mapping[str, npt.NDArray[np.int8]] = field(default_factory=dict)

    def counts(self, quantity: str, scope: str = "all") -> Counts:
        """Return the counts of a quantity, shape (n_cases,)."""
        return self.per_case[scope, quantity]

    def total(self, quantity: str, scope: str = "all") -> int:
        """Return the sum of a quantity over all cases."""
        return int(self.counts(quantity, scope).sum())

    def cross_table(self, rows: str = "reviewer", columns: str = "true") -> Counts:
        """Return the 3 x 3 table of two verdicts, in the order of `VERDICTS`."""
        size = len(VERDICTS)
        codes = self.verdicts[rows].astype(np.int64) * size + self.verdicts[columns]
        return np.bincount(codes, minlength=size * size).reshape(size, size)


def count_cells(plan: Plan, sheet: Sheet, drawn: npt.NDArray[np.int8]) -> Tally:
    """Count what became of every needed cell of some cases."""
    said = statements_of(plan, sheet)
    per_case: dict[tuple[str, str], Counts] = {}
    systems = list(plan.scenario.systems)
    for system in systems:
        counted = _system_counts(plan, sheet, said, system) | _entry_counts(plan, sheet, system)
        per_case |= {(system, quantity): counts for quantity, counts in counted.items()}
    for quantity in OF_RECORDS + OF_ENTRIES:
        per_case["all", quantity] = np.sum([per_case[system, quantity] for system in systems], axis=0)
    stated = _statement_counts(plan, sheet, said)
    per_case |= {("all", quantity): counts for quantity, counts in stated.items()}
    verdicts = {
        "drawn": drawn,
        "reviewer": verdict(plan, said),
        "true": verdict(plan, without_evasions(sheet, said)),
    }
    return Tally(plan.regime, per_case, verdicts)


def joined(parts: Sequence[Tally]) -> Tally:
    """Return the tally of cases that were counted piece by piece."""
    first = parts[0]
    per_case = {key: np.concatenate([part.per_case[key] for part in parts]) for key in first.per_case}
    verdicts = {key: np.concatenate([part.verdicts[key] for part in parts]) for key in first.verdicts}
    return Tally(first.regime, per_case, verdicts)


@dataclass(frozen=True)
class Outcome:
    """What is right and what is hidden wrong, of needed cells of all events: two shares."""

    right: float
    wrong: float


def outcome_of(plan: Plan, truth: Truth) -> Outcome:
    """Return the shares of right and of hidden wrong cells alone: quicker where many settings are tried.

    The same numbers as `correct_of_all` and `hidden_wrong_of_all`.
    """
    here = truth.under(plan)
    sheet = enter(plan, here, plant(plan, here, here.verdicts) if plan.counts else NOTHING)
    needed = right = wrong = 0
    for system in plan.scenario.systems:
        present = ~sheet.lost[system]
        for entry in plan.system_fields(system):
            if entry.spec.needed and entry.spec.shown:
                cell = _cell(sheet, entry)
                needed += int(np.count_nonzero(cell.applies))
                right += int(np.count_nonzero(cell.right & present))
                wrong += int(np.count_nonzero(cell.hidden_wrong & present))
    return Outcome(right / needed, wrong / needed) if needed else Outcome(np.nan, np.nan)


@dataclass(frozen=True)
class _Cell:
    """A field of all cases: where it applies, holds a value, is right, is hidden wrong; in whichever record."""

    applies: Mask
    valued: Mask
    right: Mask
    hidden_wrong: Mask


def _cell(sheet: Sheet, entry: FieldEntry) -> _Cell:
    cell = sheet.entries[entry.system, entry.name]
    recorded, expected = cell.recorded, cell.expected
    valued = entry.passes_for_value(recorded)
    plausible = (recorded < entry.domain.n_values) & (recorded != entry.uninformative_code)
    plausible &= ~((recorded == CUT) & entry.is_narrative)  # what is left of it is true
    applies = expected >= 0
    right = (recorded == expected) & applies & ~_contradicted(sheet, entry.system, entry.name)
    return _Cell(applies, valued, right, applies & valued & plausible & ~right)


def _system_counts(plan: Plan, sheet: Sheet, said: Statements, system: str) -> dict[str, Counts]:
    size = sheet.truth.index.size
    counts = {quantity: np.zeros(size, np.int64) for quantity in OF_RECORDS}
    present = ~sheet.lost[system]
    counts["events"] += 1
    counts["present"] += present
    for entry in plan.system_fields(system):
        if not (entry.spec.needed and entry.spec.shown):
            continue
        cell = (system, entry.name)
        recorded, held = sheet.entries[cell].recorded, _cell(sheet, entry)
        asked = asked_as_recorded(plan, cell, said.recorded, size) & present
        applies, valued, right = held.applies, held.valued, held.right & present
        lucky = np.zeros(size, np.bool_)
        lucky[sheet.entries[cell].lucky()] = True
        counts["asked"] += asked
        counts["filled"] += asked & (recorded >= 0)
        counts["valued"] += asked & valued
        counts["present_needed"] += applies & present
        counts["present_valued"] += applies & present & valued
        counts["needed"] += applies
        counts["informed"] += right & ~lucky
        counts["lucky"] += right & lucky
        counts["hidden_wrong"] += held.hidden_wrong & present
    return counts


def _contradicted(sheet: Sheet, system: str, name: str) -> npt.NDArray[np.bool_]:
    """Return which narratives state a fact otherwise than it was: filled, plausible, wrong."""
    out = np.zeros(sheet.truth.index.size, np.bool_)
    for (owner, _), rows in sheet.planted.contradicted.items():
        if owner == system and name == NARRATIVE:
            out[rows] = True
    return out


def _entry_counts(plan: Plan, sheet: Sheet, system: str) -> dict[str, Counts]:
    """Count the cells that took somebody time: every field a person fills, needed or not, of records there are."""
    size = sheet.truth.index.size
    counts = {quantity: np.zeros(size, np.int64) for quantity in OF_ENTRIES}
    present = ~sheet.lost[system]
    for entry in plan.system_fields(system):
        if not entry.is_typed:
            continue
        cell = sheet.entries[system, entry.name]
        held = present & (cell.recorded >= 0)
        held[cell.linked] = False  # a link took the time
        evaded = np.zeros(size, np.bool_)
        evaded[cell.at((*EVASIONS, "not_value_honest"))] = True
        evaded[cell.guesses] = True
        meant = "narrated" if entry.is_narrative else "typed" if entry.placeholders else "picked"
        counts[meant] += held & ~evaded
        counts["evaded"] += held & evaded
    return counts


def _statement_counts(plan: Plan, sheet: Sheet, said: Statements) -> dict[str, Counts]:
    """Count pairs of statements of a shared fact by two systems, and the wrong statements that another contradicts."""
    size = sheet.truth.index.size
    counts = {quantity: np.zeros(size, np.int64) for quantity in OF_STATEMENTS}
    for fact in plan.scenario.shared_facts:
        statements = said.of(plan, fact)
        true = sheet.truth.codes(fact)
        wrong = [(codes >= 0) & (codes != true) for _, codes in statements]
        revealed = [np.zeros(size, np.bool_) for _ in statements]
        for (one, (system, codes)), (two, (other, other_codes)) in combinations(enumerate(statements), 2):
            if system == other:
                continue
            both = (codes >= 0) & (other_codes >= 0)
            differ = both & (codes != other_codes)
            counts["pairs"] += both
            counts["agreeing"] += both & ~differ
            counts["pairs_blank"] += ~both
            revealed[one] |= differ
            revealed[two] |= differ
        counts["wrong_statements"] += np.sum(wrong, axis=0, dtype=np.int64)
        counts["revealed"] += np.sum([each & seen for each, seen in zip(wrong, revealed, strict=True)],
                                     axis=0, dtype=np.int64)  # fmt: skip
    return counts
