"""Where a regime lets which defect happen, and how one is put into a case by choice instead of by chance.

Nothing is planted that `generate` could not have made under the same regime: a field that the form insists on is never
null, a pick list holds no placeholder, a record is lost only where a burden makes people leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from synth.data_dictionary import DATE_MARGIN, MINUTES, NARRATIVE, Domain
from synth.desk import Desk
from synth.draft import COPIED, CUT_OFF, NUMBERS, Column, Draft
from synth.draws import SCALE
from synth.mechanisms import can_fail
from synth.plan import Plan
from synth.processes import Cell
from synth.spec import VERDICTS, After
from synth.typos import TYPOS

KINDS = (
    "missing", "narrative_missing", "disguised_missing", "wrong_value", "copied_forward", "false_unknown",
    "narrative_contradiction", "off_system", "not_value_honest", "typo", "swapped", "uninformative_valid",
    "narrative_truncated", "lost_in_transmission", "duplicate_record", "late_entry",
)  # fmt: skip
BLANKS = frozenset({"missing", "narrative_missing", "disguised_missing", "false_unknown", "not_value_honest"})
NO_EFFECT, DISAGREES, LACKS = range(len(VERDICTS))  # what a defect makes of a case, as positions in VERDICTS


@dataclass(frozen=True)
class Spot:
    """A place where one kind of defect can happen.

    Attributes:
        kind: the defect, or `not_value_honest`.
        system: of the record.
        field: of the cell; None for a defect of a whole record.
        fact: of a contradiction.
        effect: the verdict it brings about on its own, as a position in `VERDICTS`.
    """

    kind: str
    system: str
    field: str | None
    fact: str | None
    effect: int


def spots_of(desk: Desk) -> tuple[Spot, ...]:
    """Return every defect that can happen under a regime, the plainest kinds first, in the order of the forms."""
    return tuple(sorted(_spots(desk), key=lambda spot: KINDS.index(spot.kind)))


def _spots(desk: Desk) -> Iterator[Spot]:
    plan = desk.plan
    for cell, column in desk.columns.items():
        for kind in dict.fromkeys(_kinds_of(plan, column)):
            yield Spot(kind, *cell, None, _effect(desk, column, kind))
        if cell in desk.received and column.entry.spec.lost:
            yield Spot("lost_in_transmission", *cell, None, NO_EFFECT)
    if plan.counts and plan.counts[DISAGREES]:
        for system, fact in plan.contradictions:
            yield Spot("narrative_contradiction", system, NARRATIVE, fact, DISAGREES)
    for system in plan.scenario.systems:
        yield from _record_spots(plan, system)


def _record_spots(plan: Plan, system: str) -> Iterator[Spot]:
    """Yield what can become of a record as a whole, of its narrative's end, and of two of its fields at once."""
    spec = plan.scenario.systems[system]
    if _can_be_absent(plan, system):
        lacks = any(cell[0] == system for cell in plan.materials)
        yield Spot("off_system", system, None, None, LACKS if lacks else NO_EFFECT)
    if spec.duplicates:
        yield Spot("duplicate_record", system, None, None, NO_EFFECT)
    if plan.stamps[system]:
        yield Spot("late_entry", system, None, None, NO_EFFECT)
    if spec.truncated:
        yield Spot("narrative_truncated", system, NARRATIVE, None, NO_EFFECT)
    for swap in spec.swaps:
        if swap.rate:
            yield Spot("swapped", system, swap.fields[0], None, NO_EFFECT)


def _can_be_absent(plan: Plan, system: str) -> bool:
    """Return whether a record can be lost: people leave, or it is kept elsewhere."""
    _, table = plan.controls.leaving(system)
    leaves = table[: 1 + sum(owner == system for owner, _ in plan.controls.mandatory)].ravel()
    spec = plan.scenario.systems[system].off_system
    return bool(any(leaves)) or (spec is not None and bool(spec.rate or (spec.blank_weight and plan.counts[LACKS])))


def _kinds_of(plan: Plan, column: Column) -> Iterator[str]:
    """Yield what can become of a cell under the plan's regime; see `entry`."""
    controls = plan.controls
    if column.cell in controls.linked:
        return  # what stands there is the source's
    if _can_be_gap(plan, column):
        yield from _unforced(plan, column)
        soft = column.cell in controls.soft and min(controls.overridden, controls.overridden_unknown) < SCALE
        if column.cell in controls.mandatory or soft:
            yield from _evasions(plan, column)
    yield from _wrong_although_willing(plan, column)


def _unforced(plan: Plan, column: Column) -> Iterator[str]:
    """Yield what can stand in a gap that no control reaches, where there is such a gap."""
    controls, entry = plan.controls, column.entry
    conditions = len(controls.branches.get(column.cell, ()))  # the form's own, and those of a control
    if column.cell in controls.mandatory and conditions <= bool(column.asked):
        return
    if column.cell in controls.soft and not max(controls.overridden, controls.overridden_unknown):
        return
    yield "narrative_missing" if entry.is_narrative else "missing"
    if _disguises(plan, column) and not entry.is_narrative and controls.voluntary_placeholder:
        yield "disguised_missing"
    if _volunteers_nothing(plan, column):
        yield "uninformative_valid"


def _wrong_although_willing(plan: Plan, column: Column) -> Iterator[str]:
    """Yield what can stand in a cell that somebody meant to fill: slips, guesses, what no list has."""
    controls = plan.controls
    mistyped = controls.slip_typo if column.entry.mistyped else 0
    slips = plan.slips[column.cell]
    guesses = plan.guesses[column.cell] and plan.lucky_guess < SCALE
    if ((slips and controls.slip_copied + mistyped < SCALE) or guesses) and _has_wrong_values(column):
        yield "wrong_value"
    if slips and mistyped:
        yield "typo"
    if slips and controls.slip_copied:
        yield "copied_forward"
    if column.cell in controls.misfitting and controls.misfit:
        yield "uninformative_valid" if column.uninformative >= 0 else "wrong_value"


def _can_be_gap(plan: Plan, column: Column) -> bool:
    if plan.counts and column.cell in plan.materials:
        _, weights = plan.processes.item_weights
        weighs = weights[:, plan.processes.items.index(column.cell)].any() or plan.controls.further_blank
        return bool(plan.counts[LACKS] and weighs)
    patterns = plan.scenario.systems[column.cell[0]].patterns.values()
    return bool(plan.gaps[column.cell]) or any(column.name in each.fields and each.rate for each in patterns)


def _volunteers_nothing(plan: Plan, column: Column) -> bool:
    """Return whether a gap can be filled with a listed answer that says nothing, although nobody insists."""
    willing = column.uninformative >= 0 and bool(plan.controls.voluntary_uninformative)
    return willing and not column.entry.spec.material


def _disguises(plan: Plan, column: Column) -> bool:
    """Return whether a placeholder can stand in a cell: one that the form does not refuse."""
    if column.cell in plan.controls.rejected:
        return bool(column.entry.novel and (plan.controls.respelled or plan.controls.novel))
    return bool(column.entry.placeholders)


def _has_wrong_values(column: Column) -> bool:
    return column.n_values - (column.uninformative >= 0) > 1


def _evasions(plan: Plan, column: Column) -> Iterator[str]:
    """Yield what a control that is not met with the truth puts into a cell."""
    controls, entry = plan.controls, column.entry
    placeholder, wrong, copy, listed = (int(bound) for bound in controls.evasion)
    if _disguises(plan, column) and (placeholder or (entry.is_narrative and wrong)):
        yield "disguised_missing"
    instead = placeholder and not entry.placeholders  # whoever would type a placeholder picks what says nothing
    picked = wrong > placeholder or (instead and column.uninformative < 0)
    if not entry.is_narrative and picked and _has_wrong_values(column):
        yield "wrong_value"
    if copy > wrong and (entry.is_narrative or _has_wrong_values(column)):
        yield "copied_forward"
    if (listed > copy or instead) and column.uninformative >= 0:
        yield "uninformative_valid"
    if column.cell in controls.not_values:
        known = controls.known(column.cell)
        if known and controls.unknown_dodged:
            yield "false_unknown"
        if (can_fail(known) or (controls.deferred and controls.forgotten)) and controls.unknown_said:
            yield "not_value_honest"


def _effect(desk: Desk, column: Column, kind: str) -> int:
    if kind in BLANKS:
        return LACKS if column.entry.spec.material else NO_EFFECT
    if column.entry.is_narrative:
        copied = _copied_fact(desk, column.cell[0])
        return DISAGREES if (column.cell[0], copied) in desk.elsewhere else NO_EFFECT
    for columns, telling, _ in desk.statements:
        systems = {*telling, *(other.cell[0] for other in columns)}
        if column in columns and systems - {column.cell[0]}:
            return DISAGREES
    return NO_EFFECT


def _copied_fact(desk: Desk, system: str) -> str:
    """Return the fact by which the previous case's narrative differs from this one's."""
    told = desk.plan.told[system]
    return next((fact for fact in told if (system, fact) in desk.elsewhere), told[0])


def other_code(domain: Domain, true: int, pick: int) -> int:
    """Return a plausible value that is not the true one: a choice of `defects.other_value`, the nearest first.

    A wrong reference is one of the next three numbers, so that it can be another case's.

    Examples:
        >>> [other_code(Domain("choice", ("a", "b", "c")), 1, pick) for pick in range(3)]
        [2, 0, 2]
    """
    if domain.kind == "date":
        days = pick % 60
        return (DATE_MARGIN + 15 if true < 0 else true) + (days + 1 if days < 30 else 29 - days)
    if domain.kind == "time":
        return (max(true, 0) + 30 + pick % (MINUTES - 59)) % MINUTES
    if domain.kind == "reference":
        return (max(true, 0) + 1 + pick % 3) % domain.n_values
    return pick % domain.n_values if true < 0 else (true + 1 + pick % (domain.n_values - 1)) % domain.n_values


def put(desk: Desk, draft: Draft, spot: Spot, pick: int) -> bool:
    """Put a defect into a draft; return False, having done nothing, where it cannot stand there.

    Args:
        desk: the scenario and regime.
        draft: the case, which is changed.
        spot: which defect, and where.
        pick: which of the possible placeholders or wrong values, from 0, the plainest.
    """
    if spot.system in draft.lost:
        return False
    if spot.field is None:
        return _ON_RECORDS[spot.kind](desk, draft, spot.system, pick)
    column = desk.columns[spot.system, spot.field]
    if draft.expected[column.cell] < 0 or draft.recorded[column.cell] != draft.expected[column.cell]:
        return False
    if spot.fact is not None:
        return _contradict(desk, draft, spot.system, spot.fact, pick)
    if (
        spot.kind in {"missing", "narrative_missing"}
        and column.cell in desk.insisted
        and _opened(desk, draft, column.cell)
    ):
        return False
    if spot.kind in _IN_PLACE:
        return _IN_PLACE[spot.kind](desk, draft, column, pick)
    if spot.kind == "disguised_missing" and column.cell in desk.plan.controls.rejected:
        pick = len(column.entry.placeholders) + pick % len(column.entry.novel)  # the form refuses the known ones
    if spot.kind != "copied_forward" or not column.entry.is_narrative:
        draft.recorded[column.cell] = _codes[spot.kind](column, draft.expected[column.cell], pick)
    elif any(system == spot.system for system, _ in draft.contradicted):
        return False
    else:
        _copy_narrative(desk, draft, column, pick)
    _remember(desk, draft, spot.kind, column)
    return True


def _remember(desk: Desk, draft: Draft, kind: str, column: Column) -> None:
    """Note what the codes alone do not say: copied, honest, left open before something else came to stand there."""
    if kind == "copied_forward":
        draft.copied.add(column.cell)
    if kind == "not_value_honest":
        draft.honest.add(column.cell)
    slips = kind == "typo" or (kind in {"wrong_value", "copied_forward"} and desk.plan.slips[column.cell])
    if not slips:
        draft.left_open.add(column.cell)


def _wrong(column: Column, true: int, pick: int) -> int:
    """Return a wrong value that is not the listed answer that says nothing."""
    found = other_code(column.entry.domain, true, pick)
    return found if found != column.uninformative else other_code(column.entry.domain, true, pick + 1)


def _disguise(column: Column, true: int, pick: int) -> int:  # noqa: ARG001  # one signature for all
    """Return a placeholder: the known ones first, then those that no list has."""
    known = len(column.entry.placeholders)
    number = pick % (known + len(column.entry.novel))
    return column.n_values + number if number < known else int(column.entry.novel_code(np.array(number - known)))


_codes: Mapping[str, Callable[[Column, int, int], int]] = {
    "missing": lambda column, true, pick: -1,  # noqa: ARG005  # one signature for all
    "narrative_missing": lambda column, true, pick: -1,  # noqa: ARG005
    "disguised_missing": _disguise,
    "wrong_value": _wrong,
    "copied_forward": _wrong,
    "typo": lambda column, true, pick: column.typo + true * TYPOS + pick % TYPOS,
    "uninformative_valid": lambda column, true, pick: column.uninformative,  # noqa: ARG005
    "false_unknown": lambda column, true, pick: column.not_value + pick % len(column.entry.not_values),  # noqa: ARG005
    "not_value_honest": lambda column, true, pick: column.not_value + pick % len(column.entry.not_values),  # noqa: ARG005
}


def _lose(desk: Desk, draft: Draft, system: str, pick: int) -> bool:
    """Leave a record out, if people can leave this form in this case, or if such a case can be kept elsewhere."""
    del pick
    plan = desk.plan
    burden = sum(draft.expected[cell] >= 0 for cell in plan.controls.mandatory if cell[0] == system)
    _, leaving = plan.controls.leaving(system)
    spec = plan.scenario.systems[system].off_system
    elsewhere = spec is not None and bool(spec.rate or spec.blank_weight) and all(
        draft.truth[cause] in [plan.domains[cause].values.index(value) for value in allowed]
        for cause, allowed in spec.when.items()
    )  # fmt: skip
    if not (leaving[burden].any() or elsewhere) or system in draft.doubled:
        return False
    draft.lost.add(system)
    return True


def _double(desk: Desk, draft: Draft, system: str, pick: int) -> bool:
    """Enter a record twice."""
    del desk, pick
    if system in draft.doubled:
        return False
    draft.doubled[system] = draft.record_numbers[system] + NUMBERS
    return True


def _delay(desk: Desk, draft: Draft, system: str, pick: int) -> bool:
    """Enter a record late: the day it is stamped with, true as it is, is later than it should be."""
    name = desk.plan.stamps[system][0]
    truth = desk.plan.scenario.truth[name]
    if name in draft.late or draft.truth[name] < 0 or not isinstance(truth, After) or truth.late is None:
        return False
    first, last = truth.late.days
    delay = first + pick % (last - first + 1)
    followers = {name}
    for other, after in desk.plan.scenario.truth.items():
        if isinstance(after, After) and after.of in followers:
            followers.add(other)
    for other in followers:
        draft.truth[other] += delay if draft.truth[other] >= 0 else 0
    for cell, column in desk.columns.items():
        if column.truth in followers and draft.expected[cell] >= 0:
            draft.recorded[cell] += delay if draft.recorded[cell] == draft.expected[cell] else 0
            draft.expected[cell] += delay
    for telling in draft.said:
        if telling[1] in followers:
            draft.said[telling] += delay
    draft.late.add(name)
    return True


_ON_RECORDS: Mapping[str, Callable[[Desk, Draft, str, int], bool]] = {
    "off_system": _lose,
    "duplicate_record": _double,
    "late_entry": _delay,
}


def _swap(desk: Desk, draft: Draft, column: Column, pick: int) -> bool:
    """Take two fields for each other."""
    del pick
    system, name = column.cell
    swap = desk.plan.scenario.systems[system].swap_of(name)
    cells = [(system, each) for each in (swap.fields if swap is not None else ())]
    values = [draft.recorded[cell] for cell in cells]
    if values != [draft.expected[cell] for cell in cells] or min(values) < 0 or values[0] == values[1]:
        return False
    draft.recorded[cells[0]], draft.recorded[cells[1]] = values[1], values[0]
    draft.swapped.update(cells)
    return True


def _cut(desk: Desk, draft: Draft, column: Column, pick: int) -> bool:
    """Cut a narrative off, unless some narrative of the case contradicts another."""
    system = column.cell[0]
    if draft.contradicted:
        return False
    draft.recorded[column.cell] = CUT_OFF
    draft.kept[system] = 1 + pick % (len(desk.voices[system]) - 1)
    return True


def _stray(desk: Desk, draft: Draft, column: Column, pick: int) -> bool:
    """Lose on the way what should have been received."""
    del desk, pick
    draft.astray.add(column.cell)
    draft.recorded[column.cell] = -1
    return True


_IN_PLACE: Mapping[str, Callable[[Desk, Draft, Column, int], bool]] = {
    "swapped": _swap,
    "narrative_truncated": _cut,
    "lost_in_transmission": _stray,
}


def _contradict(desk: Desk, draft: Draft, system: str, fact: str, pick: int) -> bool:
    if (system, fact) in draft.contradicted or draft.kept:
        return False
    draft.contradicted.append((system, fact))
    draft.said[system, fact] = other_code(desk.plan.domains[fact], draft.truth[fact], pick)
    return True


def _copy_narrative(desk: Desk, draft: Draft, column: Column, pick: int) -> None:
    """Put the previous case's narrative here: plainly worded, of a case that differs in one fact."""
    system = column.cell[0]
    draft.recorded[column.cell] = COPIED
    draft.written[system] = desk.plain_wording[system]
    fact = _copied_fact(desk, system)
    draft.said[system, fact] = other_code(desk.plan.domains[fact], draft.truth[fact], pick)


def _opened(desk: Desk, draft: Draft, cell: Cell) -> bool:
    """Return whether a form insists on a conditional field, going by what its record says."""
    return all(
        draft.recorded[cell[0], other] in codes
        for branch in desk.plan.controls.branches.get(cell, ())
        for other, codes in branch.items()
    )


def insist(desk: Desk, draft: Draft) -> None:
    """Fill what the form insists on although, in truth, it should not ask: a wrong trigger makes people invent."""
    for cell, column in desk.insisted.items():
        if draft.recorded[cell] < 0 and _opened(desk, draft, cell):
            kind = next(_evasions(desk.plan, column))
            draft.recorded[cell] = _codes[kind](column, draft.expected[cell], 0)
            draft.left_open.add(cell)
            if kind == "copied_forward":
                draft.copied.add(cell)
    for cell, source in desk.received.items():
        _deliver(draft, cell, source)
    for cell, source in desk.plan.controls.linked.items() if desk.plan.controls.sent else ():
        if draft.recorded[source] >= 0 and source[0] not in draft.lost and draft.expected[cell] >= 0:
            _deliver(draft, cell, source)


def _deliver(draft: Draft, cell: Cell, source: Cell) -> None:
    """Fill a received field with what its source holds, or with nothing."""
    if source[0] in draft.lost and draft.expected[cell] >= 0:
        draft.astray.add(cell)
    draft.recorded[cell] = -1 if cell in draft.astray or source[0] in draft.lost else draft.recorded[source]
    if cell not in draft.astray:
        for noted in (draft.copied, draft.honest, draft.left_open):
            noted.update({cell} if source in noted else ())
