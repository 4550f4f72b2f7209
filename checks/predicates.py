"""What a rule asserts: one small frozen class per kind, written in rule files as `kind: {parameter: value}`.

A predicate says what must hold; `checks.kernels`, `checks.groups` and `checks.concordance` say for which
rows it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask: TypeAlias = npt.NDArray[np.bool_]
Operator: TypeAlias = Literal["<", "<=", "==", "!=", ">=", ">"]
Reading: TypeAlias = Literal["auto", "text", "number", "date"]
FactKind: TypeAlias = Literal["date", "time", "count", "enum"]


@dataclass(frozen=True)
class Link:
    """Two link fields, as recorded, that name the same case or subject in two systems."""

    system: str
    field: str
    other: str
    other_field: str

    def reversed(self) -> Link:
        """Return the same link seen from the other system."""
        return Link(self.other, self.other_field, self.system, self.field)


@dataclass(frozen=True)
class Fact:
    """How to read one fact from text: see `checks.narrative`.

    Attributes:
        name: the fact.
        kind: date, time, count or enum.
        contexts: regular expressions with `{value}` where the fact stands, tried in order; none: anywhere.
        values: for an enum, value and the surfaces that state it in running text.
        tolerance: how far two times (minutes) or counts may differ where one is said to be about right; 0: it is not
            looked for.
    """

    name: str
    kind: FactKind
    contexts: tuple[str, ...] = ()
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tolerance: int = 0


@dataclass(frozen=True)
class NotNull:
    """The field is not null. The empty text and white space are values."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "presence"
    field: str


@dataclass(frozen=True)
class NotBlank:
    """The field is neither null nor empty nor only white space."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "presence"
    field: str


@dataclass(frozen=True)
class NotIn:
    """The value is none of the listed ones (placeholders, say)."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    values: tuple[Any, ...]
    ignore_case: bool = False
    trim: bool = False


@dataclass(frozen=True)
class InSet:
    """The value is one of the listed ones."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    values: tuple[Any, ...]
    ignore_case: bool = False
    trim: bool = False


@dataclass(frozen=True)
class Pattern:
    """The text matches a regular expression: as a whole (full), from its start, or somewhere (search)."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    regex: str
    how: Literal["full", "start", "search"] = "full"


@dataclass(frozen=True)
class Length:
    """The text has at least min and at most max characters (code points)."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True)
class Between:
    """The value lies between two bounds, ends included unless said otherwise.

    `auto` reads numbers where both bounds are numbers, else text; ISO dates and HH:MM times have text order.
    """

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    min: Any = None
    max: Any = None
    exclude_min: bool = False
    exclude_max: bool = False
    as_: Reading = "auto"


@dataclass(frozen=True)
class Compare:
    """Two fields of a record stand in an order: `left operator right`."""

    level: ClassVar[str] = "record"
    family: ClassVar[str] = "within-record"
    left: str
    operator: Operator
    right: str
    as_: Reading = "auto"


@dataclass(frozen=True)
class Unique:
    """No two records have the same values in these fields; every record of such a group fails."""

    level: ClassVar[str] = "group"
    family: ClassVar[str] = "within-record"
    fields: tuple[str, ...]


@dataclass(frozen=True)
class FunctionalDependency:
    """Records that agree on the left agree on the right. Both cells of a disagreeing pair are blamed.

    A blank on the right is not a second value; a record with a blank on the left is not judged.
    """

    level: ClassVar[str] = "group"
    family: ClassVar[str] = "within-record"
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True)
class Agree:
    """Two records of one case, or two fields of one record (no link), state the same.

    With a fact, it is read from both sides first; without, the values are compared as they stand.
    """

    level: ClassVar[str] = "cross"
    family: ClassVar[str] = "across-systems"
    field: str
    with_: str
    link: Link | None = None
    fact: Fact | None = None
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class SameText:
    """Two texts are equal but for white space and case: the naive way to compare narratives."""

    level: ClassVar[str] = "cross"
    family: ClassVar[str] = "narrative"
    field: str
    with_: str
    link: Link | None = None


@dataclass(frozen=True)
class PresentIn:
    """The other system holds a record with this link value."""

    level: ClassVar[str] = "cross"
    family: ClassVar[str] = "across-systems"
    link: Link


@dataclass(frozen=True)
class AllOf:
    """Every one of the conditions holds."""

    level: ClassVar[str] = "record"
    family: ClassVar[str] = "within-record"
    of: tuple[Predicate, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of the conditions holds."""

    level: ClassVar[str] = "record"
    family: ClassVar[str] = "within-record"
    of: tuple[Predicate, ...]


@dataclass(frozen=True)
class Not:
    """The condition does not hold."""

    level: ClassVar[str] = "record"
    family: ClassVar[str] = "within-record"
    of: Predicate


@dataclass(frozen=True)
class Custom:
    """A condition that is code: cannot be written to a rule file.

    Attributes:
        fields: the columns it reads and blames; none: it reads all and blames the record.
        function: gets the frame with these columns and a RangeIndex, returns two masks by position: fails, evaluated.
        name: what reports call it.
    """

    level: ClassVar[str] = "record"
    family: ClassVar[str] = "within-record"
    fields: tuple[str, ...]
    function: Callable[[pd.DataFrame], tuple[Mask, Mask]]
    name: str = "custom"


Predicate: TypeAlias = (
    NotNull
    | NotBlank
    | NotIn
    | InSet
    | Pattern
    | Length
    | Between
    | Compare
    | Unique
    | FunctionalDependency
    | Agree
    | SameText
    | PresentIn
    | AllOf
    | AnyOf
    | Not
    | Custom
)

KINDS: dict[str, type[Any]] = {
    "not_null": NotNull,
    "not_blank": NotBlank,
    "not_in": NotIn,
    "in_set": InSet,
    "pattern": Pattern,
    "length": Length,
    "between": Between,
    "compare": Compare,
    "unique": Unique,
    "functional_dependency": FunctionalDependency,
    "agree": Agree,
    "same_text": SameText,
    "present_in": PresentIn,
    "all_of": AllOf,
    "any_of": AnyOf,
    "not": Not,
    "custom": Custom,
}
_NAMES = {kind: name for name, kind in KINDS.items()}


def kind_of(predicate: Predicate) -> str:
    """Return the name of a predicate's kind.

    Examples:
        >>> kind_of(NotNull("zip"))
        'not_null'
    """
    return _NAMES[type(predicate)]


def fields_of(predicate: Predicate) -> tuple[str, ...]:
    """Return the fields of the rule's own system that a predicate reads, each once, in order.

    Examples:
        >>> fields_of(Compare("opened_date", "<=", "closed_date"))
        ('opened_date', 'closed_date')
        >>> fields_of(Not(AllOf((NotNull("a"), InSet("b", ("x",))))))
        ('a', 'b')
    """
    match predicate:
        case Compare(left=left, right=right):
            fields = [left, right]
        case FunctionalDependency(left=left_fields, right=right_fields):
            fields = [*left_fields, *right_fields]
        case Unique(fields=several) | Custom(fields=several):
            fields = list(several)
        case Agree(field=field, with_=other, link=link) | SameText(field=field, with_=other, link=link):
            fields = [field, other] if link is None else [field]
        case PresentIn(link=link):
            fields = [link.field]
        case AllOf(of=parts) | AnyOf(of=parts):
            fields = [field for part in parts for field in fields_of(part)]
        case Not(of=part):
            fields = list(fields_of(part))
        case _:
            fields = [predicate.field]
    return tuple(dict.fromkeys(fields))
