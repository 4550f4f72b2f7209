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

from synth.data_dictionary import NARRATIVE
from synth.entry import asked_as_recorded
from synth.plan import Plan
from synth.sheet import CUT, Sheet
from synth.spec import VERDICTS
from synth.verdicts import Statements, statements_of, verdict, without_evasions

Counts = npt.NDArray[np.int64]

QUANTITIES = (
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
    "pairs",  # statements of a shared fact by two systems, both stated
    "agreeing",  # of these, equal
    "pairs_blank",  # pairs with at least one side not stated
)


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
        for quantity, counts in _system_counts(plan, sheet, said, system).items():
            per_case[system, quantity] = counts
    for quantity in QUANTITIES:
        if (systems[0], quantity) in per_case:
            per_case["all", quantity] = np.sum([per_case[system, quantity] for system in systems], axis=0)
    per_case |= {("all", quantity): counts for quantity, counts in _agreement(plan, said, drawn.size).items()}
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


def _system_counts(plan: Plan, sheet: Sheet, said: Statements, system: str) -> dict[str, Counts]:
    size = sheet.truth.index.size
    counts = {quantity: np.zeros(size, np.int64) for quantity in QUANTITIES[:11]}
    present = ~sheet.lost[system]
    counts["events"] += 1
    counts["present"] += present
    for entry in plan.system_fields(system):
        if not (entry.spec.needed and entry.spec.shown):
            continue
        cell = (system, entry.name)
        recorded, expected = sheet.entries[cell].recorded, sheet.entries[cell].expected
        asked = asked_as_recorded(plan, cell, said.recorded, size) & present
        valued = entry.passes_for_value(recorded)
        plausible = (recorded < entry.domain.n_values) & (recorded != entry.uninformative_code)
        plausible &= ~((recorded == CUT) & entry.is_narrative)  # what is left of it is true
        applies = expected >= 0
        right = (recorded == expected) & applies & present & ~_contradicted(sheet, system, entry.name)
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
        counts["hidden_wrong"] += applies & present & valued & plausible & ~right
    return counts


def _contradicted(sheet: Sheet, system: str, name: str) -> npt.NDArray[np.bool_]:
    """Return which narratives state a fact otherwise than it was: filled, plausible, wrong."""
    out = np.zeros(sheet.truth.index.size, np.bool_)
    for (owner, _), rows in sheet.planted.contradicted.items():
        if owner == system and name == NARRATIVE:
            out[rows] = True
    return out


def _agreement(plan: Plan, said: Statements, size: int) -> dict[str, Counts]:
    """Count pairs of statements of a shared fact by two systems."""
    counts = {quantity: np.zeros(size, np.int64) for quantity in QUANTITIES[11:]}
    for fact in plan.scenario.shared_facts:
        for (system, codes), (other, other_codes) in combinations(said.of(plan, fact), 2):
            if system == other:
                continue
            both = (codes >= 0) & (other_codes >= 0)
            counts["pairs"] += both
            counts["agreeing"] += both & (codes == other_codes)
            counts["pairs_blank"] += ~both
    return counts
