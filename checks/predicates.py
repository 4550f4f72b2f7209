"""What a rule asserts: one small frozen class per kind, written in rule files as `kind: {parameter: value}`.

A predicate says what must hold; `checks.kernels`, `checks.groups` and `checks.concordance` say for which
rows it does not. Kinds about one value are in `checks.cell_predicates`, those about how people fill forms in
`checks.habit_predicates`; all can be had from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from checks.cell_predicates import (
    Between,
    Dialect,
    InSet,
    Length,
    Multiple,
    NotBlank,
    NotIn,
    NotNull,
    Pattern,
    Reading,
    Stored,
    StoredAs,
    Strftime,
    Typed,
    ValueType,
    Written,
)
from checks.denial_terms import fields_of_terms
from checks.habit_predicates import (
    DaysBetween,
    EvenDays,
    NoNearDuplicate,
    NoPileUp,
    NotLikePrevious,
    NotOnDays,
    NotPlaceholder,
)

__all__ = [
    "ACROSS",
    "KINDS",
    "Across",
    "Agree",
    "AllOf",
    "AnyOf",
    "Between",
    "Compare",
    "Custom",
    "DaysBetween",
    "Denial",
    "Dialect",
    "EvenDays",
    "Expression",
    "Fact",
    "FactKind",
    "ForeignKey",
    "FunctionalDependency",
    "HasColumn",
    "InSet",
    "Length",
    "Link",
    "Mask",
    "Measure",
    "Metric",
    "Multiple",
    "NoNearDuplicate",
    "NoPileUp",
    "Not",
    "NotBlank",
    "NotIn",
    "NotLikePrevious",
    "NotNull",
    "NotOnDays",
    "NotPlaceholder",
    "Operator",
    "Pattern",
    "Predicate",
    "PresentIn",
    "ReadAs",
    "Reading",
    "SameText",
    "SimilarLength",
    "SimilarText",
    "Stored",
    "StoredAs",
    "Strftime",
    "Typed",
    "Unique",
    "ValueType",
    "Written",
    "fields_of",
    "kind_of",
    "parts_of",
]


Mask: TypeAlias = npt.NDArray[np.bool_]
Operator: TypeAlias = Literal["<", "<=", "==", "!=", ">=", ">"]
FactKind: TypeAlias = Literal["date", "time", "count", "enum"]
Metric: TypeAlias = Literal[
    "row_count",
    "column_count",
    "null_count",
    "null_share",
    "distinct_count",
    "distinct_share",
    "unique_ratio",
    "failing_count",
    "failing_share",
    "min",
    "max",
    "mean",
    "median",
    "stdev",
    "sum",
]


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
class Compare:
    """Two fields of a record stand in an order: `left operator right`; `stored`: as pandas compares the columns."""

    level: ClassVar[str] = "record"
    family: ClassVar[str] = "within-record"
    left: str
    operator: Operator
    right: str
    as_: Reading = "auto"


@dataclass(frozen=True)
class Unique:
    """No two records have the same values in these fields; every record of such a group fails.

    Attributes:
        fields: together.
        nulls: ignore: a record with a null in them is not judged; equal: nulls are equal to one another.
        repeats: all: every record of a group fails; later: all but its first.
    """

    level: ClassVar[str] = "group"
    family: ClassVar[str] = "within-record"
    fields: tuple[str, ...]
    nulls: Literal["ignore", "equal"] = "ignore"
    repeats: Literal["all", "later"] = "all"


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
class Denial:
    """No record, and no pair of records, meets all terms at once. Every record of such a pair fails.

    Attributes:
        terms: such as `t1.zip = t2.zip`, `t1.city != t2.city`, `t1.pay > 10`; see `checks.denial_terms`.
    """

    level: ClassVar[str] = "pair"
    family: ClassVar[str] = "within-record"
    terms: tuple[str, ...]


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
class ForeignKey:
    """The values occur together in the other system's fields (a foreign key). Any value counts, placeholders too.

    A record with a null among the values is null.

    Attributes:
        fields: of the record.
        system: where the values have to be.
        other_fields: theirs, in the same order.
        other_where: records there that count; default: all. One it cannot be evaluated for does not.
    """

    level: ClassVar[str] = "cross"
    family: ClassVar[str] = "across-systems"
    fields: tuple[str, ...]
    system: str
    other_fields: tuple[str, ...]
    other_where: Predicate | None = None


@dataclass(frozen=True)
class Expression:
    """A boolean SQL expression over the record's fields holds. Needs the extra `sql`; see `checks.contained_sql`."""

    level: ClassVar[str] = "record"
    family: ClassVar[str] = "within-record"
    sql: str
    dialect: str = "duckdb"
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class HasColumn:
    """The table has this column. About a table as a whole: no record fails."""

    level: ClassVar[str] = "table"
    family: ClassVar[str] = "presence"
    column: str


@dataclass(frozen=True)
class Measure:
    """A number worked out of the table lies between two bounds. About a table as a whole: no record fails.

    Attributes:
        metric: row_count and column_count need no field; distinct_share is distinct values by values that are not null;
            unique_ratio is values that occur once by distinct values;
            failing_count and failing_share are of `of` (share of evaluated rows); stdev is of a sample.
        field: whose values.
        min: least allowed; none: no bound.
        max: most allowed.
        exclude_min: whether the bound itself is not allowed.
        exclude_max: likewise.
        of: for failing_count and failing_share, a condition; rows where it does not hold are counted.
        outside: whether the number must lie outside instead.
        of_nothing: what a share or a sum of nothing is; none: there is no number, and it lies in no bounds.
        stored: number: a statistic of a column that holds no numbers is refused; any: its texts are read as numbers.
    """

    level: ClassVar[str] = "table"
    family: ClassVar[str] = "within-record"
    metric: Metric
    field: str | None = None
    min: Any = None
    max: Any = None
    exclude_min: bool = False
    exclude_max: bool = False
    of: Predicate | None = None
    outside: bool = False
    of_nothing: float | None = None
    stored: Stored = "any"


@dataclass(frozen=True)
class SimilarLength:
    """Of two texts, the longer has at most `factor` times the characters of the shorter."""

    level: ClassVar[str] = "cross"
    family: ClassVar[str] = "narrative"
    field: str
    with_: str
    factor: float = 2.0
    link: Link | None = None


@dataclass(frozen=True)
class SimilarText:
    """Two texts are at least so similar, without case: 1 is equal, 0 has nothing in common.

    Attributes:
        field: one text.
        with_: the other.
        how: words: shared words over all words (Jaccard); trigrams: cosine of the counts of three signs in a row.
        least: the least similarity that passes.
        link: joins the other system.
    """

    level: ClassVar[str] = "cross"
    family: ClassVar[str] = "narrative"
    field: str
    with_: str
    how: Literal["words", "trigrams"] = "words"
    least: float = 0.5
    link: Link | None = None


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
class ReadAs:
    """The condition holds of what the texts read as. A text that does not read is null; so is one that is listed.

    Attributes:
        of: the condition; it sees the values read.
        type: what they are read as. Date, time and datetime as ISO writes them, or by `format`.
        fields: which of the condition's fields are read; default: all of them.
        nulls: texts that are null.
        regex: what a text must match as a whole to be read at all.
        remove: a pattern; what it finds is taken out before reading.
        format: of dates and times, as `datetime.strptime` reads them.
        decimal: the sign before the decimals of a number.
        unread: null: a text that does not read is null; fail: it fails the condition.
        true: texts that are true.
        false: texts that are false.
    """

    of: Predicate
    type: ValueType = "text"
    fields: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    regex: str = ""
    remove: str = ""
    format: str = ""
    decimal: str = "."
    unread: Literal["null", "fail"] = "null"
    true: tuple[str, ...] = ("true", "True", "TRUE", "1")
    false: tuple[str, ...] = ("false", "False", "FALSE", "0")

    @property
    def level(self) -> str:
        """The level of its condition."""
        return self.of.level

    @property
    def family(self) -> str:
        """The family of its condition."""
        return self.of.family


@dataclass(frozen=True)
class Custom:
    """A condition that is code: cannot be written to a rule file.

    Attributes:
        fields: the columns it reads and blames; none: it reads all and blames the record.
        function: gets the frame with these columns and a RangeIndex, returns two masks by position: fails, evaluated;
            or one answer for the table as a whole, of which no record fails.
        name: what reports call it.
    """

    level: ClassVar[str] = "record"
    family: ClassVar[str] = "within-record"
    fields: tuple[str, ...]
    function: Callable[[pd.DataFrame], tuple[Mask, Mask] | bool]
    name: str = "custom"


Predicate: TypeAlias = (
    NotNull
    | NotBlank
    | NotIn
    | InSet
    | Pattern
    | Length
    | Between
    | Multiple
    | Typed
    | StoredAs
    | Strftime
    | Compare
    | Unique
    | FunctionalDependency
    | Denial
    | Agree
    | SameText
    | PresentIn
    | ForeignKey
    | Expression
    | HasColumn
    | Measure
    | SimilarLength
    | SimilarText
    | NotPlaceholder
    | DaysBetween
    | NotOnDays
    | EvenDays
    | NoPileUp
    | NotLikePrevious
    | NoNearDuplicate
    | AllOf
    | AnyOf
    | Not
    | ReadAs
    | Custom
)

Across: TypeAlias = Agree | SameText | SimilarLength | SimilarText
ACROSS = (Agree, SameText, SimilarLength, SimilarText)  # hold a field against another one, here or over a link

KINDS: dict[str, type[Any]] = {
    "not_null": NotNull,
    "not_blank": NotBlank,
    "not_in": NotIn,
    "in_set": InSet,
    "pattern": Pattern,
    "length": Length,
    "between": Between,
    "multiple": Multiple,
    "typed": Typed,
    "stored_as": StoredAs,
    "strftime": Strftime,
    "compare": Compare,
    "unique": Unique,
    "functional_dependency": FunctionalDependency,
    "denial": Denial,
    "agree": Agree,
    "same_text": SameText,
    "present_in": PresentIn,
    "foreign_key": ForeignKey,
    "expression": Expression,
    "has_column": HasColumn,
    "measure": Measure,
    "similar_length": SimilarLength,
    "similar_text": SimilarText,
    "not_placeholder": NotPlaceholder,
    "days_between": DaysBetween,
    "not_on_days": NotOnDays,
    "even_days": EvenDays,
    "no_pile_up": NoPileUp,
    "not_like_previous": NotLikePrevious,
    "no_near_duplicate": NoNearDuplicate,
    "all_of": AllOf,
    "any_of": AnyOf,
    "not": Not,
    "read_as": ReadAs,
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


def parts_of(predicate: Predicate) -> tuple[Predicate, ...]:
    """Return the conditions a predicate is made of; none for most kinds."""
    match predicate:
        case AllOf(of=parts) | AnyOf(of=parts):
            return parts
        case Not(of=part) | ReadAs(of=part):
            return (part,)
        case Measure(of=part) if part is not None:
            return (part,)
    return ()


def fields_of(predicate: Predicate) -> tuple[str, ...]:
    """Return the fields of the rule's own system that a predicate reads, each once, in order.

    Examples:
        >>> fields_of(Compare("opened_date", "<=", "closed_date"))
        ('opened_date', 'closed_date')
        >>> fields_of(Not(AllOf((NotNull("a"), InSet("b", ("x",))))))
        ('a', 'b')
    """
    inner = [field for part in parts_of(predicate) for field in fields_of(part)]
    return tuple(dict.fromkeys([*_named(predicate), *inner]))


def _named(predicate: Predicate) -> list[str]:
    match predicate:
        case Compare(left=left, right=right):
            return [left, right]
        case FunctionalDependency(left=left_fields, right=right_fields):
            return [*left_fields, *right_fields]
        case Denial(terms=terms):
            return fields_of_terms(terms)
        case Unique(fields=several) | Custom(fields=several) | ForeignKey(fields=several) | Expression(fields=several):
            return list(several)
        case Agree() | SameText() | SimilarLength() | SimilarText():
            return [predicate.field, predicate.with_] if predicate.link is None else [predicate.field]
        case DaysBetween(start=start, end=end):
            return [start, end]
        case NotLikePrevious(fields=several) | NoNearDuplicate(fields=several):
            return list(several)
        case PresentIn(link=link):
            return [link.field]
    alone: str | None = getattr(predicate, "field", None)
    return [alone] if alone is not None else []
