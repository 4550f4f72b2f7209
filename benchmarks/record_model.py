"""A whole record in closed form: forms of several fields, which next field to require, where a hard stop breaks even.

omega is the harm of one hidden wrong entry in units of the good of one right entry. Blanks, placeholders, not-values
and listed answers that say nothing count 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.field_model import (
    Content,
    Quality,
    forced_content,
    free_content,
    gap_content,
    in_system,
    mean_quality,
    quotient,
)
from benchmarks.operators import Operator
from synth.errors import DataError


@dataclass(frozen=True)
class NextField:
    """What one more required field brings, in net right entries for each event.

    Attributes:
        own: what the field itself gains.
        burden: what the fields required before lose, because one more field makes people less honest (and, where
            nothing was required before, forgetful).
        exits: what records lose that leave with everything in them.
    """

    own: float
    burden: float
    exits: float

    @property
    def gain(self) -> float:
        """D = own - burden - exits."""
        return self.own - self.burden - self.exits


@dataclass(frozen=True)
class BreakEven:
    """Where a hard stop is worth as much as leaving the field optional.

    Attributes:
        honesty: h* at which it breaks even; above 1 or below 0 where no honesty does; NaN where h changes nothing.
        with_none: gain in net right entries for each event if nobody who knows told the truth.
        with_all: the same if all of them did.
    """

    honesty: float
    with_none: float
    with_all: float

    @property
    def says(self) -> str:
        """The answer in one line.

        Examples:
            >>> break_even(Operator(), omega=1).says
            'pays if more than .31 of those who know tell the truth'
            >>> break_even(Operator(k=0.7, v=0.9), omega=1, retained=0.8).says
            'no honesty pays: knowledge cannot be mandated'
        """
        if self.with_none < 0 and self.with_all < 0:
            return "no honesty pays: knowledge cannot be mandated"
        if self.with_none >= 0 and self.with_all >= 0:
            return "pays whatever the honesty"
        which = "more" if self.with_all > self.with_none else "less"
        return f"pays if {which} than {f'{self.honesty:.2f}'.removeprefix('0')} of those who know tell the truth"


def over_fields(
    operator: Operator,
    *,
    n_fields: int = 25,
    n_required: int = 10,
    retained: float | None = None,
) -> Quality:
    """Mean quality over the fields of a form of which some are required and the rest optional.

    Args:
        operator: who types every field.
        n_fields: fields of the form.
        n_required: how many of them have a hard stop.
        retained: share of records that stay, instead of the operator's own R(m).

    Examples:
        >>> round(over_fields(Operator(), n_required=10).completeness_naive, 3)
        0.757
    """
    if not 0 <= n_required <= n_fields or n_fields < 1:
        raise DataError(f"got {n_required} required of {n_fields} fields; required lies between 0 and all fields")
    stays = operator.retained(n_required) if retained is None else retained
    forced = in_system(forced_content(operator, n_required), retained=stays)
    free = in_system(free_content(operator), retained=stays)
    return mean_quality([(n_required, forced), (n_fields - n_required, free)])


def record_quality(
    required: Sequence[Operator],
    others: Sequence[Operator] = (),
    *,
    warned: Sequence[Operator] = (),
    retained: float | None = None,
) -> Quality:
    """Mean quality over the fields of a form whose fields differ.

    Args:
        required: the operator at each field with a hard stop; nu and tau above 0: it accepts "unknown".
        others: the operator at each field that may stay blank.
        warned: the operator at each field with a warning.
        retained: share of records that stay, instead of the operators' own R(m), on which they must agree.

    Examples:
        >>> reference = Operator()
        >>> round(record_quality([reference] * 10, [reference] * 15).completeness_naive, 3)
        0.757
    """
    contents = _contents(required, others, warned)
    if not contents:
        raise DataError("a record of 0 fields has no quality; give the operator of one field or more")
    stays = _retained([*required, *others, *warned], len(required)) if retained is None else retained
    return mean_quality([(1, in_system(content, retained=stays)) for content in contents])


def record_value(
    required: Sequence[Operator],
    others: Sequence[Operator] = (),
    *,
    omega: float,
    warned: Sequence[Operator] = (),
    retained: float | None = None,
) -> float:
    """Net right entries of a whole record, for each event: right less omega times hidden wrong, over all its fields.

    Args:
        required: as in `record_quality`.
        others: the operator at each field that may stay blank.
        omega: harm of one hidden wrong entry over the good of one right entry.
        warned: the operator at each field with a warning.
        retained: share of records that stay, instead of the operators' own R(m), on which they must agree.

    Examples:
        >>> reference = Operator()
        >>> [round(record_value([reference] * m, [reference] * (25 - m), omega=1), 2) for m in (0, 10, 25)]
        [13.98, 14.41, 13.31]
    """
    stays = _retained([*required, *others, *warned], len(required)) if retained is None else retained
    return stays * sum(content.net(omega) for content in _contents(required, others, warned))


def next_field_parts(
    required: Sequence[Operator],
    candidate: Operator,
    others: Sequence[Operator] = (),
    *,
    omega: float,
    warned: Sequence[Operator] = (),
) -> NextField:
    """What it brings, in parts, if one more field becomes required.

    Args:
        required: the operator at each field that is already required; nu and tau above 0: it accepts "unknown".
        candidate: the operator at the field in question, optional so far; nu and tau as it would be required.
        others: the operator at each field that stays optional.
        omega: harm of one hidden wrong entry over the good of one right entry.
        warned: the operator at each field that has a warning.

    Examples:
        >>> reference = Operator()
        >>> parts = next_field_parts([reference] * 10, reference, [reference] * 14, omega=1)
        >>> round(parts.own, 3), round(parts.burden, 3), round(parts.exits, 3), round(parts.gain, 3)
        (0.066, 0.047, 0.05, -0.032)
    """
    everybody = [*required, candidate, *others, *warned]
    before, after = len(required), len(required) + 1
    stayed, stays = _retained(everybody, before), _retained(everybody, after)
    free = free_content(candidate).net(omega)
    old = [content.net(omega) for content in _contents(required, (), warned)]
    new = [content.net(omega) for content in _contents(required, (), warned, n_required=after)]
    rest = sum(free_content(operator).net(omega) for operator in others)
    return NextField(
        own=stays * (forced_content(candidate, after).net(omega) - free),
        burden=stays * (sum(old) - sum(new)),
        exits=(stayed - stays) * (sum(old) + free + rest),
    )


def next_field_gain(
    required: Sequence[Operator],
    candidate: Operator,
    others: Sequence[Operator] = (),
    *,
    omega: float,
    warned: Sequence[Operator] = (),
) -> float:
    """Gain in net right entries for each event if one more field becomes required.

    The candidate's own gain, less what the added burden takes from the fields required before, less the records
    that leave with everything in them: `next_field_parts` gives the three.

    Args:
        required: the operator at each field that is already required; nu and tau above 0: it accepts "unknown".
        candidate: the operator at the field in question, optional so far.
        others: the operator at each field that stays optional.
        omega: harm of one hidden wrong entry over the good of one right entry.
        warned: the operator at each field that has a warning.

    Examples:
        >>> reference = Operator()
        >>> round(next_field_gain([reference] * 10, reference, [reference] * 14, omega=1), 3)
        -0.032
    """
    return next_field_parts(required, candidate, others, omega=omega, warned=warned).gain


def next_field_break_even(
    required: Sequence[Operator],
    candidate: Operator,
    others: Sequence[Operator] = (),
    *,
    omega: float,
    warned: Sequence[Operator] = (),
) -> BreakEven:
    """Honesty at the candidate field, under the burden it adds, at which requiring it breaks even for the record.

    The whole record is counted: burden on the fields required before and records that leave.

    Args:
        required: as in `next_field_gain`.
        candidate: the operator at the field in question; its own honesty does not matter.
        others: the operator at each field that stays optional.
        omega: harm of one hidden wrong entry over the good of one right entry.
        warned: the operator at each field that has a warning.

    Examples:
        >>> reference = Operator()
        >>> next_field_break_even([reference] * 10, reference, [reference] * 14, omega=1).says
        'pays if more than .64 of those who know tell the truth'
    """
    parts = next_field_parts(required, candidate, others, omega=omega, warned=warned)
    after = len(required) + 1
    stays = _retained([*required, candidate, *others, *warned], after)
    free = free_content(candidate).net(omega)
    gains = [
        stays * (forced_content(candidate, after, honesty=honesty).net(omega) - free) - parts.burden - parts.exits
        for honesty in (0.0, 1.0)
    ]
    return BreakEven(quotient(-gains[0], gains[1] - gains[0]), gains[0], gains[1])


def break_even_yield(
    *,
    eps: float,
    lucky_share: float,
    hidden_share: float,
    omega: float,
    voluntary: float = 0.0,
    retained: float = 1.0,
) -> float:
    """Yield y* of forced gaps at which a hard stop is worth as much as an optional field.

    One field taken as the whole record, no not-values, no guesses; harm omega of a hidden wrong entry in units of one
    right entry. Below 0: worth it even if every gap is evaded; above 1: never worth it. Which *next* field to require
    is another question: `next_field_gain`.

    Args:
        eps: chance of a slip.
        lucky_share: share g of evasions that are right by luck.
        hidden_share: share b of evasions that are hidden wrong.
        omega: harm of one hidden wrong entry over the good of one right entry.
        voluntary: f0, share filled without being made to; it does not matter if nobody leaves.
        retained: share R of records that stay.

    Examples:
        >>> round(break_even_yield(eps=0.03, lucky_share=0.19, hidden_share=0.41, omega=1), 2)
        0.19
    """
    told, evaded = (1 - eps) - omega * eps, lucky_share - omega * hidden_share
    return quotient(voluntary * told * (1 / retained - 1) / (1 - voluntary) - evaded, told - evaded)


def break_even_honesty(operator: Operator, *, omega: float, retained: float = 1.0, n_required: int = 0) -> float:
    """Honesty h* at which a hard stop on one field, taken as the whole record, breaks even; not-values allowed.

    Above 1 no honesty pays: knowledge cannot be mandated (if more honesty is worth more: `break_even` says). NaN if
    no forced gap hides a known value.

    Args:
        operator: who types; their own h0, beta and exits do not matter.
        omega: harm of one hidden wrong entry over the good of one right entry.
        retained: share R of records that stay.
        n_required: fields that are required; it matters only for what is forgotten while records are put off.

    Examples:
        >>> round(break_even_honesty(Operator(), omega=1), 2)
        0.31
    """
    told, evaded = _worth(operator, omega)
    asked = operator.gap * operator.left_open
    if not asked:
        return math.nan
    known = operator.known_share * (1 - operator.forgotten(n_required))
    unhelped = 1 - ((1 - known) * operator.nu + known * operator.tau)  # evasions if nobody told the truth
    loss = free_content(operator).net(omega) * (1 / retained - 1) / asked
    return quotient(loss - unhelped * evaded, known * (told - (1 - operator.tau) * evaded))


def break_even(operator: Operator, *, omega: float, retained: float = 1.0, n_required: int = 0) -> BreakEven:
    """Where a hard stop on one field, taken as the whole record, breaks even, and on which side of it to be.

    Args:
        operator: who types; their own h0, beta and exits do not matter.
        omega: harm of one hidden wrong entry over the good of one right entry.
        retained: share R of records that stay.
        n_required: as in `break_even_honesty`.

    Examples:
        >>> round(break_even(Operator(), omega=1).honesty, 2)
        0.31
    """
    free = free_content(operator).net(omega)
    none, everybody = (
        retained * forced_content(operator, n_required, honesty=honesty).net(omega) - free for honesty in (0.0, 1.0)
    )
    honesty = break_even_honesty(operator, omega=omega, retained=retained, n_required=n_required)
    return BreakEven(honesty, none, everybody)


def _contents(
    required: Sequence[Operator],
    others: Sequence[Operator],
    warned: Sequence[Operator],
    *,
    n_required: int | None = None,
) -> list[Content]:
    """Return what each field of a record holds, in the order required, others, warned."""
    burden = len(required) if n_required is None else n_required
    forced = [forced_content(operator, burden) for operator in required]
    free = [free_content(operator) for operator in others]
    return [*forced, *free, *(_warned_content(operator, burden) for operator in warned)]


def _warned_content(operator: Operator, n_required: int) -> Content:
    unknown = operator.override if operator.override_unknown is None else operator.override_unknown
    return gap_content(
        operator,
        honesty=operator.honesty(n_required),
        forgotten=operator.forgotten(n_required),
        heeded=1 - operator.override,
        heeded_unknown=1 - unknown,
    )


def _retained(operators: Sequence[Operator], n_required: int) -> float:
    """Return R(m) of the one person who types the record."""
    found = {operator.retained(n_required) for operator in operators}
    if len(found) > 1:
        raise DataError(
            f"the operators of one record stay with {', '.join(f'{each:.3g}' for each in sorted(found))} where "
            f"{n_required} fields are required; a record leaves as a whole. Give them the same x0, divert, alpha, m0, "
            "stay."
        )
    return found.pop() if found else 1.0


def _worth(operator: Operator, omega: float) -> tuple[float, float]:
    """Value of one gap told and of one gap evaded, u_T and u_E."""
    told = operator.told_right - omega * operator.told_wrong
    return told, operator.lucky_share - omega * operator.hidden_share
