"""What a failing rule says to the person who must mend the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checks.predicates import (
    Between,
    Compare,
    ForeignKey,
    InSet,
    Length,
    NotBlank,
    NotIn,
    NotNull,
    Pattern,
    Predicate,
    ReadAs,
    Strftime,
    Typed,
    Unique,
    kind_of,
)

_SHOWN = 6


def complaint_about(predicate: Predicate) -> str:
    """Return what is wrong with a value for which a predicate fails, in a clerk's words.

    Examples:
        >>> complaint_about(Between("age", min=0, max=120)), complaint_about(InSet("state", ("open", "closed")))
        ('is not between 0 and 120', 'is none of: open, closed')
    """
    if isinstance(predicate, ReadAs):
        return complaint_about(predicate.of)
    say = _COMPLAINTS.get(type(predicate))
    return say(predicate) if say is not None else f"{kind_of(predicate)} does not hold"


def _listed(values: tuple[Any, ...]) -> str:
    shown = ", ".join(str(value) for value in values[:_SHOWN])
    return f"{shown}, ... ({len(values)} values)" if len(values) > _SHOWN else shown


def _outside(low: Any, high: Any) -> str:
    if low is None:
        return f"above {high}"
    return f"below {low}" if high is None else f"not between {low} and {high}"


_COMPLAINTS: dict[type[Any], Callable[[Any], str]] = {
    NotNull: lambda _: "is missing",
    NotBlank: lambda _: "is missing or blank",
    InSet: lambda given: f"is none of: {_listed(given.values)}",
    NotIn: lambda given: f"is one of: {_listed(given.values)}",
    Pattern: lambda given: f"does not have the form {given.regex}",
    Between: lambda given: f"is {_outside(given.min, given.max)}",
    Length: lambda given: f"has a length that is {_outside(given.min, given.max)}",
    Compare: lambda given: f"{given.left} {given.operator} {given.right} does not hold",
    Unique: lambda given: f"occurs more than once ({', '.join(given.fields)})",
    ForeignKey: lambda given: f"is not in {given.system} ({', '.join(given.other_fields)})",
    Typed: lambda given: f"is no {given.type}",
    Strftime: lambda given: f"is not written as {given.format}",
}
