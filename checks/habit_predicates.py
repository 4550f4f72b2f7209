"""What a rule asserts about how people fill forms: placeholders, days that pile up, answers and records repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True)
class NotPlaceholder:
    """The value says something: it is no placeholder.

    Attributes:
        field: judged.
        how: known: not in the list that comes with casegauge, compared trimmed and without case; discovered: not
            among the suspects that `checks.discovery` finds in the table; both.
        also: further placeholders.
        answers: listed answers that are never placeholders.
    """

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    how: Literal["known", "discovered", "both"] = "known"
    also: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class DaysBetween:
    """From one date to another it takes at least `min` and at most `max` days. What is no date is not judged."""

    level: ClassVar[str] = "record"
    family: ClassVar[str] = "within-record"
    start: str
    end: str
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True)
class NotOnDays:
    """The date falls on none of these days (MM-DD), weekdays (mon to sun) or years. What is no date is not judged."""

    level: ClassVar[str] = "cell"
    family: ClassVar[str] = "vocabulary"
    field: str
    days: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()
    years: tuple[str, ...] = ()


@dataclass(frozen=True)
class EvenDays:
    """Dates are spread over the days that occur: no day piles up.

    A day fails with all its rows if it holds `times` what an even spread gives it, `z` standard errors above that,
    and five rows or more.

    Attributes:
        field: the dates.
        part: day_of_year (01-01), day_of_month (1) or weekday.
        by: judged within each group of these fields; none: the table.
        times: how many times the even share.
        z: standard errors above it.
        min_rows: groups with fewer dates are not judged.
    """

    level: ClassVar[str] = "group"
    family: ClassVar[str] = "history"
    field: str
    part: Literal["day_of_year", "day_of_month", "weekday"] = "day_of_year"
    by: tuple[str, ...] = ()
    times: float = 2.0
    z: float = 4.0
    min_rows: int = 100


@dataclass(frozen=True)
class NoPileUp:
    """No group chooses an answer far more often than all others do: the first option of a pick list, say.

    Attributes:
        field: the answers.
        by: who or where: each group is held against all other rows.
        values: only these answers (the first option of the list); none: every answer.
        times: how many times the share elsewhere.
        z: standard errors (two proportions, pooled) above it.
        min_rows: groups with fewer answers are not judged.
    """

    level: ClassVar[str] = "group"
    family: ClassVar[str] = "history"
    field: str
    by: tuple[str, ...]
    values: tuple[str, ...] = ()
    times: float = 2.0
    z: float = 4.0
    min_rows: int = 20


@dataclass(frozen=True)
class NotLikePrevious:
    """A record does not repeat the previous record of the same person in all these fields.

    Attributes:
        fields: repeated together; a record with a blank in one is not judged.
        by: whose records (officer_code); the first of each is not judged.
        order: fields that put them in order (a recorded date), ties by position; none: by position.
    """

    level: ClassVar[str] = "group"
    family: ClassVar[str] = "history"
    fields: tuple[str, ...]
    by: tuple[str, ...]
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoNearDuplicate:
    """No two records have nearly the same in these fields, taken together without case, spaces and punctuation.

    Nearly: they become equal when one sign is left out of either or of both. Under four signs only equal counts. A
    record with a blank in one of the fields is not judged.

    Attributes:
        fields: compared together.
        by: only records that agree in these are compared.
    """

    level: ClassVar[str] = "group"
    family: ClassVar[str] = "within-record"
    fields: tuple[str, ...]
    by: tuple[str, ...] = ()
