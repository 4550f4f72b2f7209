"""The verdict: a pure function of what one case's records state.

`insufficient` if an applicable material item is blank, a placeholder or a not-value, or its record is absent; else
`inconsistent` if two systems state different values of a shared fact; else `documented`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from synth.data_dictionary import NARRATIVE
from synth.defects import Mask
from synth.draws import I64
from synth.entry import asked_as_recorded
from synth.plan import Plan
from synth.processes import Cell
from synth.sheet import EVASIONS, Sheet

DOCUMENTED, INCONSISTENT, INSUFFICIENT = np.int8(0), np.int8(1), np.int8(2)


@dataclass(frozen=True)
class Statements:
    """What the records state: cells, facts told in narratives, and which records there are."""

    recorded: Mapping[Cell, I64]
    told: Mapping[tuple[str, str], I64]
    lost: Mapping[str, Mask]

    def of(self, plan: Plan, fact: str) -> list[tuple[str, I64]]:
        """Return every statement of a shared fact as (system, codes), -1 where nothing is stated."""
        found = []
        for system, name in plan.scenario.shared_facts[fact].fields.items():
            codes = self.recorded[system, name]
            states = plan.dictionary[system, name].is_value(codes) & ~self.lost[system]
            found.append((system, np.where(states, codes, -1)))
        for system, facts in plan.told.items():
            if fact in facts:
                written = plan.dictionary[system, NARRATIVE].is_value(self.recorded[system, NARRATIVE])
                found.append((system, np.where(written & ~self.lost[system], self.told[system, fact], -1)))
        return found


def told_facts(plan: Plan, sheet: Sheet) -> dict[tuple[str, str], I64]:
    """Return the code each narrative states for each of its facts: the truth, a contradiction, or a copied case's."""
    told = {}
    for system, facts in plan.told.items():
        entry = sheet.entries[system, NARRATIVE]
        source = narrative_sources(sheet, system)
        copied = np.flatnonzero(entry.recorded == 1)
        before = sheet.truth.among(source[copied])
        for fact in facts:
            codes = sheet.truth.codes(fact).copy()
            wrong = sheet.planted.contradicted.get((system, fact))
            if wrong is not None:
                codes[wrong] = sheet.planted.wrong[system, fact]
            if copied.size:
                codes[copied] = before.codes(fact)
            told[system, fact] = codes
    return told


def heard_facts(plan: Plan, sheet: Sheet) -> dict[tuple[str, str], I64]:
    """Return the code each narrative states for each of its facts; -1 where the text ends before it."""
    return {
        (system, fact): np.where(read_so_far(plan, sheet, system, fact), codes, -1)
        for (system, fact), codes in told_facts(plan, sheet).items()
    }


def read_so_far(plan: Plan, sheet: Sheet, system: str, fact: str) -> Mask:
    """Return where a narrative, cut off or not, reaches the sentence that states a fact."""
    kept = sheet.kept[system]
    reached: Mask = (kept < 0) | (plan.sentence_of[system, fact] < kept)
    return reached


def narrative_sources(sheet: Sheet, system: str) -> I64:
    """Return the case whose narrative stands in each record: its own, or the one it was copied from."""
    from_here = sheet.truth.index.copy()
    copied = np.flatnonzero(sheet.entries[system, NARRATIVE].recorded == 1)
    if copied.size:
        from_here[copied] = sheet.truth.previous[copied]
    return from_here


def statements_of(plan: Plan, sheet: Sheet) -> Statements:
    """Return what the records state."""
    recorded = {cell: entry.recorded for cell, entry in sheet.entries.items()}
    return Statements(recorded, heard_facts(plan, sheet), sheet.lost)


def without_evasions(sheet: Sheet, said: Statements) -> Statements:
    """Return the statements with every value that an evasion put there blanked again."""
    recorded = dict(said.recorded)
    for cell, entry in sheet.entries.items():
        evaded = entry.at(EVASIONS)
        if evaded.size:
            recorded[cell] = entry.recorded.copy()
            recorded[cell][evaded] = -1
    return replace(said, recorded=recorded)


def verdict(plan: Plan, said: Statements) -> npt.NDArray[np.int8]:
    """Return the verdict of each case as a position in `VERDICTS`."""
    size = next(iter(said.recorded.values())).size
    out = np.where(_inconsistent(plan, said, size), INCONSISTENT, DOCUMENTED)
    return np.where(_insufficient(plan, said, size), INSUFFICIENT, out).astype(np.int8)


def _insufficient(plan: Plan, said: Statements, size: int) -> Mask:
    out = np.zeros(size, np.bool_)
    for cell in plan.materials:
        entry = plan.dictionary[cell]
        silent = ~entry.is_value(said.recorded[cell])
        out |= silent & asked_as_recorded(plan, cell, said.recorded, size)
        out |= said.lost[cell[0]]
    return out


def _inconsistent(plan: Plan, said: Statements, size: int) -> Mask:
    out = np.zeros(size, np.bool_)
    for fact in plan.scenario.shared_facts:
        for (system, codes), (other, other_codes) in combinations(said.of(plan, fact), 2):
            if system != other:
                out |= (codes >= 0) & (other_codes >= 0) & (codes != other_codes)
    return out
