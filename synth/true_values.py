"""The kinds of true values a scenario can have."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from synth.spec_types import ClockText, Condition, Part, Rate, Weight, Word


class Choice(Part):
    """One of a list of values, drawn with the given weights.

    Attributes:
        kind: choice.
        values: the values and their weights, which are relative: {yes: 9, no: 1}.
        surfaces: the wordings a narrative may use for each value (default: the value itself).
        updates: wordings that state a value together with what became of it later.
        when: applies only to cases whose other true values, each a choice defined above, are among these.
    """

    kind: Literal["choice"]
    values: dict[Word, Weight]
    surfaces: dict[str, list[Word]] = Field(default_factory=dict)
    updates: dict[str, list[Word]] = Field(default_factory=dict)
    when: Condition = Field(default_factory=dict)


class Code(Part):
    """One of `count` codes with a prefix, drawn evenly: FAC-01, FAC-02, ...

    Attributes:
        kind: code.
        prefix: what the text begins with; plain ASCII.
        count: how many codes there are, 2 to 10,000.
        when: applies only to cases whose other true values, each a choice defined above, are among these.
    """

    kind: Literal["code"]
    prefix: Word
    count: Annotated[int, Field(ge=2, le=10_000)]
    when: Condition = Field(default_factory=dict)


class Reference(Part):
    """A number of its own for every case, with a prefix and a check digit: SYN-S-0123456789-5.

    Attributes:
        kind: reference.
        prefix: what the text begins with; plain ASCII. Begin it with SYN-, so that nobody takes it for a real
            number.
    """

    kind: Literal["reference"]
    prefix: Word


class Calendar(Part):
    """The day of the case, from the officer's sequence of cases.

    Attributes:
        kind: calendar.
    """

    kind: Literal["calendar"]


Days = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(le=120)]]


class Late(Part):
    """How often a day falls later than it should: {rate: 0.05, days: [8, 40]}.

    Attributes:
        rate: share of cases.
        days: the fewest and the most days it is late by.
    """

    rate: Rate
    days: Days


class After(Part):
    """A day some days after another.

    Attributes:
        kind: after.
        of: the true value it follows: a calendar day or another after.
        days: the fewest and the most days that lie between, drawn evenly: [first, last].
        late: how often, and by how many days more, it falls later than it should.
        when: applies only to cases whose other true values, each a choice defined above, are among these.
    """

    kind: Literal["after"]
    of: str
    days: Days
    late: Late | None = None
    when: Condition = Field(default_factory=dict)


class Clock(Part):
    """A time of day, to the minute, drawn evenly between `first` and `last`.

    Attributes:
        kind: time.
        first: the earliest, HH:MM, in quotes.
        last: the latest, HH:MM, in quotes.
    """

    kind: Literal["time"]
    first: ClockText = "00:01"
    last: ClockText = "23:59"


class Whole(Part):
    """A whole number, drawn evenly between `first` and `last`.

    Attributes:
        kind: whole.
        first: the smallest, 0 or more.
        last: the largest, at most 1,000.
    """

    kind: Literal["whole"]
    first: Annotated[int, Field(ge=0)]
    last: Annotated[int, Field(le=1000)]


class Seat(Part):
    """The officer who handled the case, or the office the officer belongs to.

    Attributes:
        kind: officer or office.
        prefix: what the text begins with; plain ASCII.
        count: how many offices there are, 2 to 1,000.
    """

    kind: Literal["officer", "office"]
    prefix: Word
    count: Annotated[int, Field(ge=2, le=1000)] = 24


Truth = Annotated[Choice | Code | Reference | Calendar | After | Clock | Whole | Seat, Field(discriminator="kind")]
