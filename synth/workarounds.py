"""What a control does to cells that are not gaps: falsified triggers, truths that no list has, fields a link fills.

Each has draws of its own, shared by all regimes, and nothing happens where no control asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from synth.data_dictionary import FieldEntry
from synth.defects import Mask, other_value
from synth.draws import I64
from synth.plan import Plan
from synth.processes import Cell
from synth.sheet import CAUSE, FATE, Entry, merged
from synth.truth import Truth


def without_fitting_option(plan: Plan, truth: Truth, field: FieldEntry, entry: Entry) -> Entry:
    """Put another answer wherever the right one has no option in the list.

    What becomes of it is the listed answer that says nothing, or else a wrong pick. A gap told or guessed right has
    that fate; a cell filled willingly is no gap and has none.
    """
    words, pick = truth.words(f"misfit/{field.system}/{field.name}", 2)
    rows = np.flatnonzero((words < plan.controls.misfit) & (entry.recorded == entry.expected) & (entry.expected >= 0))
    listed = field.uninformative_code
    wrong = other_value(field.domain, entry.expected[rows], pick[rows], never=listed)
    recorded = entry.recorded.copy()
    recorded[rows] = wrong if listed < 0 else listed
    changed = np.isin(entry.gaps, rows)
    fates = np.where(changed, FATE["wrong"] if listed < 0 else FATE["uninformative"], entry.fates).astype(np.int8)
    guesses = np.setdiff1d(entry.guesses, rows)
    return replace(entry, recorded=recorded, fates=fates, guesses=guesses)


def falsified(plan: Plan, truth: Truth, field: FieldEntry, entry: Entry, branches: tuple[Cell, ...]) -> Entry:
    """Change the answer that would open a mandatory branch, where somebody does that rather than fill the branch.

    A falsified trigger counts as a gap with fate `wrong`: an evasion put its value there.
    """
    cell = (field.system, field.name)
    words, pick = truth.words(f"branch/{field.system}/{field.name}", 2)
    opening = [plan.controls.opens(cell, branch) for branch in branches]
    closed = sorted(set(range(field.domain.n_values)) - frozenset.union(*opening) - {field.uninformative_code})
    asked = np.zeros(words.shape, np.bool_)
    for branch in branches:
        asked |= opens_in_truth(plan, truth, branch) & (truth.expected(*branch) >= 0)
    struck = asked & (entry.recorded == entry.expected) & (words < plan.controls.falsified)
    rows = np.flatnonzero(struck) if closed else np.zeros(0, np.int64)
    if not rows.size:
        return entry
    recorded = entry.recorded.copy()
    recorded[rows] = np.array(closed, np.int64)[(pick[rows] % np.uint64(len(closed))).astype(np.int64)]
    forced = rows, np.full(rows.shape, FATE["wrong"]), np.full(rows.shape, CAUSE["own_control"])
    gaps, fates, causes = merged((entry.gaps, entry.fates, entry.causes), forced)
    return replace(entry, recorded=recorded, gaps=gaps, fates=fates, causes=causes, falsified=rows,
                   guesses=np.setdiff1d(entry.guesses, rows))  # fmt: skip


def opens_in_truth(plan: Plan, truth: Truth, cell: Cell) -> Mask:
    """Return where everything that opens the branch a field is in is true."""
    held = np.ones(truth.index.shape, np.bool_)
    for branch in plan.controls.branches.get(cell, ()):
        for other, codes in branch.items():
            held &= np.isin(truth.expected(cell[0], other), sorted(codes))
    return held


def closed_branches(plan: Plan, field: FieldEntry, entries: Mapping[Cell, Entry], size: int) -> Mask:
    """Return where a mandatory field is not shown because its trigger was falsified."""
    closed = np.zeros(size, np.bool_)
    for trigger, branches in plan.controls.triggers.items():
        if trigger[0] == field.system and (field.system, field.name) in branches:
            closed[np.setdiff1d(entries[trigger].falsified, entries[trigger].linked)] = True
    return closed


def linked(plan: Plan, truth: Truth, field: FieldEntry, own: Entry, source: Entry, lost: Mask) -> Entry:
    """Fill a field with what another system holds, in the records that a link fills; own entries stay elsewhere.

    A source that was never made, or that is null, sends nothing. A gap has the fate of where its content comes from:
    that of the source's gap, or `honest` where somebody filled the source of their own accord.
    """
    (words,) = truth.words(f"link/{field.system}", 1)
    sent = (words < plan.controls.sent) & ~lost & (source.recorded >= 0) & (own.expected >= 0)
    arrived = sent[source.gaps]
    filled = own.gaps[sent[own.gaps]]
    causes = source.causes[arrived]
    gaps = merged(
        (filled, np.full(filled.shape, FATE["honest"]), np.full(filled.shape, CAUSE["copy"])),
        (source.gaps[arrived], source.fates[arrived], np.full(causes.shape, CAUSE["copy"])),
    )
    kept = ~sent[own.gaps]
    rows, fates, why = merged((own.gaps[kept], own.fates[kept], own.causes[kept]), gaps)
    return replace(
        own,
        recorded=np.where(sent, source.recorded, own.recorded),
        gaps=rows,
        fates=fates,
        causes=why,
        copied=_either(sent, source.copied, own.copied),
        swapped=_either(sent, source.swapped, own.swapped),
        guesses=_either(sent, source.guesses, own.guesses),
        falsified=_either(sent, source.falsified, own.falsified),
        linked=np.flatnonzero(sent),
    )


def _either(sent: Mask, theirs: I64, own: I64) -> I64:
    """Return positions that hold for the source where it was sent, for the field itself elsewhere."""
    return np.union1d(theirs[sent[theirs]], own[~sent[own]])
