"""What a rule asserts about one value: it is there, is listed, has a pattern, lies between bounds, is of a type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

Reading: TypeAlias = Literal["auto", "text", "number", "date", "stored"]
Stored: TypeAlias = Literal["any", "text", "number", "boolean", "datetime"]
Dialect: TypeAlias = Literal["ascii", "re"]
Written: TypeAlias = Literal["short", "python", "no"]
ValueType: TypeAlias = Literal["text", "integer", "number", "boolean", "date", "time", "datetime"]


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
    """The value is none of the listed ones (placeholders, say); `stored` as in InSet."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    values: tuple[Any, ...]
    ignore_case: bool = False
    trim: bool = False
    stored: Stored = "any"


@dataclass(frozen=True)
class InSet:
    """The value is one of the listed ones.

    `stored` says what the listed values are: with `number` the text 1 is no 1, as it is none to pandas. With `any` they
    are read as the column's own kind. Where a column is text because the file it came from says no types (CSV), its
    texts are read as what is listed.
    """

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    values: tuple[Any, ...]
    ignore_case: bool = False
    trim: bool = False
    stored: Stored = "any"


@dataclass(frozen=True)
class Pattern:
    r"""The text matches a regular expression: as a whole (full), from its start, or somewhere (search).

    Attributes:
        field: judged.
        regex: the pattern.
        how: how much of the text it must match.
        dialect: ascii: `\d`, `\w`, `\s`, `\b` are ASCII and `$` is the end; re: as Python's `re` has them, which knows
            every script and lets `$` stand before a line break at the end.
        written: a value that is no text: short (1), as python writes it (1.0, True), or `no`: it does not match.
    """

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    regex: str
    how: Literal["full", "start", "search"] = "full"
    dialect: Dialect = "ascii"
    written: Written = "short"


@dataclass(frozen=True)
class Length:
    """The text has at least min and at most max characters (code points); `written` as in Pattern."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    min: int | None = None
    max: int | None = None
    written: Written = "short"


@dataclass(frozen=True)
class Between:
    """The value lies between two bounds, ends included unless said otherwise.

    `auto` reads numbers where both bounds are numbers, else text; ISO dates and HH:MM times have text order. `stored`
    says what the bounds are, as in InSet; a column of another kind is refused. With `as_` stored, an ordered category
    has its own order.
    """

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    min: Any = None
    max: Any = None
    exclude_min: bool = False
    exclude_max: bool = False
    as_: Reading = "auto"
    stored: Stored = "any"


@dataclass(frozen=True)
class Multiple:
    """The number is a whole multiple of a step, as division of floating-point numbers finds it."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    step: Any


@dataclass(frozen=True)
class Typed:
    """The value is of a type: stored as it, or a text that reads as it (true, 1; 2031-03-05; 14:30)."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    type: ValueType


@dataclass(frozen=True)
class StoredAs:
    """The value is stored as one of these types (int, str, float64, Timestamp), whatever its text says.

    A column of mixed objects is judged value by value, a column of one type as a whole: no record of it fails.
    """

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class Strftime:
    """The text is a date or time in one format, as `datetime.strptime` reads it."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    format: str
