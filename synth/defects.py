"""Values that are wrong but plausible, and which case gets which defect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synth.data_dictionary import DATE_MARGIN, MINUTES, REFERENCE_VALUES, Domain
from synth.draws import I64, U64, below
from synth.plan import Plan
from synth.processes import Cell
from synth.spec import VERDICTS
from synth.truth import Truth

DEFECTS = (
    "missing", "disguised_missing", "uninformative_valid", "wrong_value", "typo", "swapped", "copied_forward",
    "false_unknown", "narrative_contradiction", "narrative_missing", "narrative_truncated", "lost_in_transmission",
    "duplicate_record", "off_system", "late_entry",
)  # fmt: skip

# Which families of rules can see a defect at all; docs/model.md says why.
DETECTABLE_BY: Mapping[str, tuple[str, ...]] = {
    "missing": ("presence",),
    "disguised_missing": ("vocabulary",),
    "uninformative_valid": ("vocabulary",),
    "wrong_value": (),
    "typo": ("vocabulary",),
    "swapped": ("within-record",),
    "copied_forward": ("history",),
    "false_unknown": ("vocabulary",),
    "narrative_contradiction": ("across-systems", "narrative"),
    "narrative_missing": ("presence", "narrative"),
    "narrative_truncated": ("narrative",),
    "lost_in_transmission": ("presence", "across-systems"),
    "duplicate_record": ("history",),
    "off_system": ("across-systems",),
    "late_entry": ("within-record",),
}

Mask = npt.NDArray[np.bool_]


def other_value(domain: Domain, true: I64, words: U64, *, never: int = -2) -> I64:
    """Return a plausible value that is not the true one.

    Args:
        domain: what values there are.
        true: codes, shape (n,); -1 where there is no truth, and then any value will do.
        words: draws < 2**32, shape (n,).
        never: a listed answer that says nothing and so is not taken for wrong, unless the list has no other.

    Returns:
        Codes of values. Choices, codes and numbers: any other. Dates: 1 to 30 days off. Times: at least 30 minutes
            off, so that no rounded time can stand for both.
    """
    if domain.kind == "date":
        offset = below(words, 60) - 30
        return np.where(true < 0, DATE_MARGIN + 15, true) + np.where(offset < 0, offset, offset + 1)
    if domain.kind == "time":
        return (np.maximum(true, 0) + 30 + below(words, MINUTES - 59)) % MINUTES
    if never >= 0 and domain.n_values > 2:
        shorter = Domain(domain.kind, domain.values[:-1])
        found = other_value(shorter, true - (true > never), words)
        return found + (found >= never)
    size = REFERENCE_VALUES if domain.kind == "reference" else domain.n_values
    return np.where(true < 0, below(words, size), (true + 1 + below(words, size - 1)) % size)


@dataclass(frozen=True)
class Planted:
    """What a quota asks of each case.

    Attributes:
        blank: material items that are gaps, by cell: masks of shape (n,); (system, "") is a record kept elsewhere.
        contradicted: (system, fact) -> positions of the cases whose narrative states it wrongly.
        wrong: (system, fact) -> the codes stated there.
    """

    blank: Mapping[Cell, Mask]
    contradicted: Mapping[tuple[str, str], I64]
    wrong: Mapping[tuple[str, str], I64]


NOTHING = Planted({}, {}, {})


def plant(plan: Plan, truth: Truth, verdicts: npt.NDArray[np.int8]) -> Planted:
    """Decide what each insufficient case lacks and what each inconsistent case contradicts."""
    return truth.kept(("planted", plan.hidden, plan.controls.further_blank), lambda: _planted(plan, truth, verdicts))


def _planted(plan: Plan, truth: Truth, verdicts: npt.NDArray[np.int8]) -> Planted:
    blank = _blanks(plan, truth, np.flatnonzero(verdicts == VERDICTS.index("insufficient")))
    contradicted, wrong = _contradictions(plan, truth, np.flatnonzero(verdicts == VERDICTS.index("inconsistent")))
    return Planted(blank, contradicted, wrong)


def _blanks(plan: Plan, truth: Truth, rows: I64) -> dict[Cell, Mask]:
    """One item that applies, by its weight among those that do; each further material item at a low rate."""
    index, items = truth.index[rows], plan.processes.items
    eligible = np.array([_possible(plan, truth, item)[rows] for item in items]).reshape(len(items), rows.size)
    levels, table = plan.processes.item_weights
    weights = eligible * (table[0][:, None] if levels is None else table[truth.combination(levels)[rows]].T)
    reached = weights.cumsum(axis=0)
    ticket = below(plan.draws.u32("plant/item", index), reached[-1] if rows.size else np.zeros(0, np.int64))
    first = (reached <= ticket).sum(axis=0)
    blank = {}
    for number, cell in enumerate(items):
        chosen = first == number
        if cell[1]:
            further = plan.draws.u32(f"plant/further/{cell[0]}/{cell[1]}", index)
            chosen |= further < plan.controls.further_blank
        mask = np.zeros(truth.index.shape, np.bool_)
        mask[rows] = eligible[number] & chosen
        blank[cell] = mask
    return blank


def _possible(plan: Plan, truth: Truth, item: Cell) -> Mask:
    """Return where an item is asked for, or where a record can be kept elsewhere."""
    system, name = item
    if name:
        return truth.expected(system, name) >= 0
    return kept_elsewhere(plan, truth, system)


def kept_elsewhere(plan: Plan, truth: Truth, system: str) -> Mask:
    """Return which cases may be kept outside a system."""
    spec = plan.scenario.systems[system].off_system
    possible = np.ones(truth.index.shape, np.bool_)
    for cause, allowed in (spec.when if spec is not None else {}).items():
        codes = [plan.domains[cause].values.index(value) for value in allowed]
        possible &= np.isin(truth.codes(cause), codes)
    return possible


def _contradictions(
    plan: Plan, truth: Truth, rows: I64
) -> tuple[dict[tuple[str, str], I64], dict[tuple[str, str], I64]]:
    """One shared fact, stated otherwise in one system's narrative."""
    index = truth.index[rows]
    pick, words = plan.draws.pair("plant/contradiction", index)
    chosen = below(pick, max(1, len(plan.contradictions)))
    contradicted, wrong = {}, {}
    for number, (system, fact) in enumerate(plan.contradictions):
        here = np.flatnonzero(chosen == number)
        true = truth.codes(fact)[rows[here]]
        contradicted[system, fact] = rows[here]
        wrong[system, fact] = other_value(plan.domains[fact], true, words[here])
    return contradicted, wrong
