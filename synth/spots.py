"""Where a regime lets which defect happen, and how one is put into a case by choice instead of by chance.

Nothing is planted that `generate` could not have made under the same regime: a field that the form insists on is never
null, a pick list holds no placeholder, a record is lost only where a burden makes people leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from synth.data_dictionary import DATE_MARGIN, MINUTES, NARRATIVE, Domain
from synth.desk import Desk
from synth.draft import COPIED, Column, Draft, asked_as_recorded
from synth.draws import SCALE
from synth.plan import Plan
from synth.spec import VERDICTS

KINDS = (
    "missing", "narrative_missing", "disguised_missing", "wrong_value", "copied_forward", "false_unknown",
    "narrative_contradiction", "off_system", "not_value_honest",
)  # fmt: skip
BLANKS = frozenset({"missing", "narrative_missing", "disguised_missing", "false_unknown", "not_value_honest"})
NO_EFFECT, DISAGREES, LACKS = range(len(VERDICTS))  # what a defect makes of a case, as positions in VERDICTS


@dataclass(frozen=True)
class Spot:
    """A place where one kind of defect can happen.

    Attributes:
        kind: the defect, or `not_value_honest`.
        system: of the record.
        field: of the cell; None for a record that was never made.
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
    if plan.counts and plan.counts[DISAGREES]:
        for system, fact in plan.contradictions:
            yield Spot("narrative_contradiction", system, NARRATIVE, fact, DISAGREES)
    for system in plan.scenario.systems:
        if any(plan.controls.exits[: 1 + sum(owner == system for owner, _ in plan.controls.mandatory)]):
            lacks = any(cell[0] == system for cell in plan.materials)
            yield Spot("off_system", system, None, None, LACKS if lacks else NO_EFFECT)


def _kinds_of(plan: Plan, column: Column) -> Iterator[str]:
    """Yield what can become of a cell under the plan's regime; see `entry`."""
    controls, entry = plan.controls, column.entry
    hard, soft = column.cell in controls.mandatory, column.cell in controls.soft
    if _can_be_gap(plan, column):
        if not hard and (not soft or controls.overridden):
            yield "narrative_missing" if entry.is_narrative else "missing"
            if entry.placeholders and not entry.is_narrative and controls.voluntary_placeholder:
                yield "disguised_missing"
        if hard or (soft and controls.overridden < SCALE):
            yield from _evasions(plan, column)
    if plan.slip_threshold(column.cell):
        if controls.slip_copied < SCALE:
            yield "wrong_value"
        if controls.slip_copied:
            yield "copied_forward"


def _can_be_gap(plan: Plan, column: Column) -> bool:
    if plan.counts and column.cell in plan.materials:
        weighs = plan.material_weights[plan.materials.index(column.cell)] or plan.base_controls.further_blank
        return bool(plan.counts[LACKS] and weighs)
    return plan.gap_threshold(column.cell) > 0


def _evasions(plan: Plan, column: Column) -> Iterator[str]:
    """Yield what a control that is not met with the truth puts into a cell."""
    controls, entry = plan.controls, column.entry
    placeholder, wrong, copy = (int(bound) for bound in controls.evasion)
    if entry.placeholders and (placeholder or (entry.is_narrative and wrong)):
        yield "disguised_missing"
    if not entry.is_narrative and (wrong > placeholder or (placeholder and not entry.placeholders)):
        yield "wrong_value"
    if copy > wrong:
        yield "copied_forward"
    if controls.not_values and entry.not_values:
        if controls.known and controls.unknown_dodged:
            yield "false_unknown"
        if controls.known < SCALE and controls.unknown_said:
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
        return _lose(desk, draft, spot.system)
    column = desk.columns[spot.system, spot.field]
    if draft.expected[column.cell] < 0 or draft.recorded[column.cell] != draft.expected[column.cell]:
        return False
    if spot.fact is not None:
        return _contradict(desk, draft, spot.system, spot.fact, pick)
    if spot.kind != "copied_forward" or not column.entry.is_narrative:
        draft.recorded[column.cell] = _codes[spot.kind](column, draft.expected[column.cell], pick)
    elif any(system == spot.system for system, _ in draft.contradicted):
        return False
    else:
        _copy_narrative(desk, draft, column, pick)
    if spot.kind == "copied_forward":
        draft.copied.add(column.cell)
    if spot.kind == "not_value_honest":
        draft.honest.add(column.cell)
    return True


_codes: Mapping[str, Callable[[Column, int, int], int]] = {
    "missing": lambda column, true, pick: -1,  # noqa: ARG005  # one signature for all
    "narrative_missing": lambda column, true, pick: -1,  # noqa: ARG005
    "disguised_missing": lambda column, true, pick: column.n_values + pick % len(column.entry.placeholders),  # noqa: ARG005
    "wrong_value": lambda column, true, pick: other_code(column.entry.domain, true, pick),
    "copied_forward": lambda column, true, pick: other_code(column.entry.domain, true, pick),
    "false_unknown": lambda column, true, pick: column.not_value,  # noqa: ARG005
    "not_value_honest": lambda column, true, pick: column.not_value,  # noqa: ARG005
}


def _lose(desk: Desk, draft: Draft, system: str) -> bool:
    """Leave a record out, if the fields its form insists on in this case are enough to make people leave."""
    controls = desk.plan.controls
    burden = sum(draft.expected[cell] >= 0 for cell in controls.mandatory if cell[0] == system)
    if not controls.exits[burden]:
        return False
    draft.lost.add(system)
    return True


def _contradict(desk: Desk, draft: Draft, system: str, fact: str, pick: int) -> bool:
    if (system, fact) in draft.contradicted:
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


def insist(desk: Desk, draft: Draft) -> None:
    """Fill what the form insists on although, in truth, it should not ask: a wrong trigger makes people invent."""
    for cell, column in desk.insisted.items():
        if draft.recorded[cell] < 0 and asked_as_recorded(draft, column):
            kind = next(_evasions(desk.plan, column))
            draft.recorded[cell] = _codes[kind](column, draft.expected[cell], 0)
            if kind == "copied_forward":
                draft.copied.add(cell)
