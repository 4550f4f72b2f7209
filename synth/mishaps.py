"""What befalls whole records, groups of fields and links, beside the gaps and slips of single fields.

Records kept elsewhere, fields skipped together, values swapped, contents lost on the way, narratives cut off: each has
a draw of its own that no control touches.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synth.data_dictionary import NARRATIVE, FieldEntry
from synth.defects import Mask, Planted, kept_elsewhere
from synth.draws import I64, below
from synth.plan import Plan
from synth.processes import Cell
from synth.sheet import CAUSE, CUT, FATE, WHOLE, Entry, merged
from synth.truth import Truth


def struck_by(plan: Plan, truth: Truth, process: str, system: str, name: str = "") -> Mask:
    """Return the cases in which a process strikes that has one draw of its own."""
    limit = plan.rates.get((process, system, name), 0)
    if not limit:
        return np.zeros(truth.index.shape, np.bool_)
    return truth.strikes(limit, truth.pair(f"{process}/{system}/{name}")[0])


def kept_elsewhere_of(plan: Plan, truth: Truth, planted: Planted, system: str) -> Mask:
    """Return the cases whose record is kept outside the system: by the quota's choice, or at a rate."""
    if (system, "") in planted.blank:
        return planted.blank[system, ""]
    struck = struck_by(plan, truth, "off_system", system)
    return struck & kept_elsewhere(plan, truth, system) if struck.any() else struck


def skipped_groups(plan: Plan, truth: Truth, system: str) -> dict[str, Mask]:
    """Return the cells left open because a whole group of fields was."""
    found: dict[str, Mask] = {}
    for name, pattern in plan.scenario.systems[system].patterns.items():
        struck = struck_by(plan, truth, "pattern", system, name)
        for member in pattern.fields if struck.any() else ():
            found[member] = found[member] | struck if member in found else struck
    return found


def receive(plan: Plan, truth: Truth, entry: FieldEntry, source: Entry, lost: Mask, left: Mask) -> Entry:
    """Return a field that a link fills: what the source's record holds, or nothing where it got lost on the way.

    What became of a gap at the source becomes of its copy. A source that was never made has nothing to send.
    """
    expected = truth.expected(entry.system, entry.name)
    strayed = struck_by(plan, truth, "lost_in_transmission", entry.system, entry.name)
    astray = strayed | lost
    recorded = np.where(astray, -1, source.recorded)
    arrived = source.gaps[~astray[source.gaps]]
    fates, causes = source.fates[~astray[source.gaps]], source.causes[~astray[source.gaps]]
    unsent = np.flatnonzero(lost & ~strayed & (expected >= 0))
    rows, fates, causes = merged(
        (arrived, fates, np.where(causes != CAUSE["none"], CAUSE["copy"], causes)),
        (unsent, np.full(unsent.shape, FATE["lost"]), np.where(left[unsent], CAUSE["copy"], CAUSE["none"])),
    )
    copied = source.copied[~astray[source.copied]]
    return Entry(expected, recorded, rows, fates, causes, copied, astray=np.flatnonzero(astray & (expected >= 0)))


def take_for_each_other(plan: Plan, truth: Truth, system: str, entries: dict[Cell, Entry]) -> None:
    """Swap the values of pairs of fields where both are right, willingly entered, and not the same."""
    for swap in plan.scenario.systems[system].swaps:
        struck = struck_by(plan, truth, "swapped", system, swap.name)
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


def cut_off(plan: Plan, truth: Truth, planted: Planted, system: str, entries: dict[Cell, Entry]) -> I64:
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
