"""A conditional mandatory branch in closed form: the answer that opens it, and the fields it then insists on.

The form goes by what is recorded. So a branch can stay closed where it applies (the trigger is blank, wrong or
falsified), and open where it does not; and records in which it applies carry its fields as burden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.field_model import Content, Quality, forced_content, free_content, quotient
from benchmarks.operators import Operator
from synth.errors import DataError

_NOTHING = Content(0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class BranchQuality:
    """Measures of a branch.

    Attributes:
        trigger: of the field whose answer opens the branch.
        fields: of each field of the branch; measured where the form asks for it as recorded, true where it applies.
        group: over all of them, each needed cell counting once.
    """

    trigger: Quality
    fields: tuple[Quality, ...]
    group: Quality


@dataclass(frozen=True)
class _Part:
    """Some records of one field, each share weighted with how many records of all events they are."""

    weight: float
    retained: float
    content: Content
    asked: bool = True
    applies: bool = True


def conditional(
    trigger: Operator,
    fields: Sequence[Operator],
    *,
    applies: float,
    z: float = 0.0,
    n_required: int = 0,
    trigger_required: bool = False,
    stays_open: float = 0.0,
    opens_wrongly: float = 1.0,
) -> BranchQuality:
    """Quality of a trigger and of the fields that are mandatory where its recorded answer opens the branch.

    Args:
        trigger: who types the trigger.
        fields: who types each field of the branch.
        applies: share of events in which the branch applies in truth.
        z: of right answers that would open the branch, the share changed so that it does not; its fields stay blank.
        n_required: fields with a hard stop in every record, the trigger among them if it has one.
        trigger_required: whether the trigger has a hard stop.
        stays_open: chance that a wrong answer, where the branch applies, is another one that opens it.
        opens_wrongly: chance that a wrong answer, where it does not apply, opens it (1: yes and no are all there is).

    Returns:
        Measures; `completeness_` of a branch field is of the cells that the form asks for as recorded (NaN if none).

    Examples:
        >>> reference = Operator()
        >>> honest, tempted = (conditional(reference, [reference] * 3, applies=0.2, z=z) for z in (0, 0.1))
        >>> [round(each.fields[0].completeness_naive, 3) for each in (honest, tempted)]
        [1.0, 1.0]
        >>> [round(each.fields[0].correct_of_all, 3) for each in (honest, tempted)]
        [0.671, 0.627]
    """
    shares = {"applies": applies, "z": z, "stays_open": stays_open, "opens_wrongly": opens_wrongly}
    for name, value in shares.items():
        if not 0 <= value <= 1:
            raise DataError(f"{name} is {value}; it is a chance or share between 0 and 1")
    if trigger_required and n_required < 1:
        raise DataError(f"n_required is {n_required}; with a required trigger it is 1 or more")
    heavy = n_required + len(fields)
    stays, stays_heavy = trigger.retained(n_required), trigger.retained(heavy)
    told, told_heavy = (
        forced_content(trigger, burden) if trigger_required else free_content(trigger) for burden in (n_required, heavy)
    )
    right = told_heavy.informed + told_heavy.lucky
    falsified = applies * right * z
    own = [_Part(1 - applies, stays, told), _Part(applies, stays_heavy, _falsified(trigger, told_heavy, z))]
    opened = applies * (right * (1 - z) + told_heavy.hidden * stays_open)
    phantom = told.hidden * opens_wrongly * (1 - applies)
    parts = [
        [
            _Part(opened, stays_heavy, forced_content(operator, heavy)),
            _Part(applies - opened - falsified, stays_heavy, free_content(operator), asked=False),
            _Part(falsified, stays_heavy, _NOTHING, asked=False),
            _Part(phantom, stays, _without_truth(operator), applies=False),
        ]
        for operator in fields
    ]
    present = applies * stays_heavy + (1 - applies) * stays
    return BranchQuality(
        _quality(own, present),
        tuple(_quality(each, present) for each in parts),
        _quality([part for each in (own, *parts) for part in each], present),
    )


def _falsified(trigger: Operator, told: Content, z: float) -> Content:
    """Return a trigger whose right answers are changed on purpose with chance z: plausible values, wrong."""
    right = told.informed + told.lucky
    return replace(
        told,
        informed=told.informed * (1 - z),
        lucky=told.lucky * (1 - z),
        hidden=told.hidden + right * z,
        seconds=told.seconds + z * told.informed * (trigger.seconds_evasion - trigger.seconds_entry),
    )


def _without_truth(operator: Operator) -> Content:
    """Return what is typed where the form insists though it should not ask: "unknown", a placeholder, anything."""
    evaded = 1 - operator.nu
    placeholder = evaded * operator.q_placeholder
    valued = evaded - placeholder * (1 - operator.novel)
    return Content(1, valued, 0, 0, 0, placeholder, operator.nu, 0, operator.seconds_evasion)


def _quality(parts: Sequence[_Part], present: float) -> Quality:
    """Return the measures of some records' cells; see `benchmarks.tally` for what stands above and below each line."""

    def total(name: str, *, asked: bool = False, applies: bool = False, all_events: bool = False) -> float:
        return sum(
            part.weight * (1 if all_events else part.retained) * (getattr(part.content, name) if name else 1)
            for part in parts
            if (part.asked or not asked) and (part.applies or not applies)
        )

    shown = total("", asked=True)
    there = total("", applies=True)
    needed = total("", applies=True, all_events=True)
    informed, lucky, hidden = (total(name, applies=True) for name in ("informed", "lucky", "hidden"))
    return Quality(
        completeness_naive=quotient(total("filled", asked=True), shown),
        completeness_valued=quotient(total("valued", asked=True), shown),
        correct_in_system=quotient(informed + lucky, there),
        correct_of_all=quotient(informed + lucky, needed),
        informed=quotient(informed, needed),
        lucky=quotient(lucky, needed),
        hidden_wrong=quotient(hidden, there),
        hidden_wrong_of_all=quotient(hidden, needed),
        accuracy_valued=quotient(informed + lucky, total("valued", applies=True)),
        capture_rate=present,
        placeholder=quotient(total("placeholder", applies=True), there),
        not_value=quotient(total("not_value", applies=True), there),
        uninformative=quotient(total("nothing", applies=True), there),
        seconds_of_all=quotient(total("seconds"), needed),
    )
