"""A case while it is put together one at a time: codes in plain dictionaries, and the fields as tuples of texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from synth.data_dictionary import FieldEntry
from synth.plan import Plan
from synth.processes import Cell

Telling = tuple[str, str]  # (system, fact)
COPIED = 1  # the code of a narrative that is another case's
NUMBERS = 1 << 15  # cases a strategy numbers; second records are numbered from there
CUT_OFF = 2  # the code of one that ends too early


@dataclass(frozen=True)
class Wording:
    """How a narrative is put: the variant of each sentence, the form of each fact."""

    variants: tuple[int, ...]
    forms: Mapping[str, int]


@dataclass
class Draft:
    """A case while it is being put together, as codes.

    Attributes:
        index: the case's number.
        record_numbers: system -> the number its record id is made of.
        truth: true values by name.
        expected: what an error-free clerk would have recorded, by cell.
        recorded: what the systems hold.
        said: (system, fact) -> the code the narrative states it with.
        wording: system -> how an error-free clerk would have put the narrative.
        written: system -> how the narrative at hand is put; differs only where it was copied.
        contradicted: facts that a narrative states wrongly.
        copied: cells that hold the previous case's value.
        honest: cells whose "unknown" is the truth about what the writer knew.
        lost: systems without a record of the case.
        left_open: cells nobody filled of their own accord, whatever stands there now.
        falsified: cells changed so that a mandatory branch does not open.
        swapped: cells whose value stands in another field, and the other way round.
        astray: received cells whose content was lost on the way.
        kept: system -> sentences left of a narrative that is cut off.
        doubled: system -> the number of the second record made of it.
        late: true values entered late.
    """

    index: int
    record_numbers: Mapping[str, int]
    truth: dict[str, int]
    expected: dict[Cell, int]
    recorded: dict[Cell, int]
    said: dict[Telling, int]
    wording: Mapping[str, Wording]
    written: dict[str, Wording]
    contradicted: list[Telling] = field(default_factory=list)
    copied: set[Cell] = field(default_factory=set)
    honest: set[Cell] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    left_open: set[Cell] = field(default_factory=set)
    falsified: set[Cell] = field(default_factory=set)
    swapped: set[Cell] = field(default_factory=set)
    astray: set[Cell] = field(default_factory=set)
    kept: dict[str, int] = field(default_factory=dict)
    doubled: dict[str, int] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Column:
    """A field as this module needs it: `texts[code]` is its text, and `texts[-1]`, the last, is null."""

    cell: Cell
    name: str
    slot: int
    entry: FieldEntry
    truth: str
    texts: tuple[str | None, ...]
    n_values: int
    not_value: int
    typo: int
    uninformative: int
    asked: tuple[tuple[Cell, frozenset[int]], ...]

    def is_value(self, code: int) -> bool:
        """Return whether a code is meant as a value, mistyped or not."""
        return 0 <= code < self.n_values or code >= self.typo

    def is_not_value(self, code: int) -> bool:
        """Return whether a code is a not-value."""
        return self.not_value <= code < self.not_value + len(self.entry.not_values)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a narrative: the facts it states, and the literal text around them, by variant."""

    facts: tuple[str, ...]
    literals: tuple[tuple[str, ...], ...]


class Said(NamedTuple):
    """Where a text states a fact: as which code, in which form, and the span."""

    telling: Telling
    code: int
    form: int
    start: int
    end: int


class Told(NamedTuple):
    """A text and what it states."""

    text: str
    said: tuple[Said, ...]


def asked_as_recorded(draft: Draft, column: Column) -> bool:
    """Return whether the form asks for a field, going by what its record says."""
    return all(draft.recorded[other] in codes for other, codes in column.asked)


def column_of(plan: Plan, slot: int, entry: FieldEntry) -> Column:
    """Return a field with its texts, its place among all fields and the condition under which it is asked."""
    cell = (entry.system, entry.name)
    asked = tuple(((entry.system, other), frozenset(codes)) for other, codes in plan.conditions[cell].items())
    texts = (*entry.texts, None) if entry.domain.values else ()
    return Column(
        cell, entry.name, slot, entry, entry.truth, texts, entry.domain.n_values, entry.not_value_code(),
        entry.typo_code, entry.uninformative_code, asked,
    )  # fmt: skip


def reference_cell(column: Column, code: int) -> str | None:
    """Return a cell whose values are references: a number with a check digit, or what stands in its place."""
    if code < column.n_values:
        return None if code < 0 else reference_text(column.entry.domain.prefix, code)
    return column.entry.special_text(code)


def numbered_text(prefix: str, code: int) -> str | None:
    """Return a true value that is a reference; None for null."""
    return None if code < 0 else reference_text(prefix, code)


def reference_text(prefix: str, number: int) -> str:
    """Return a reference number as text: prefix, ten digits and a Luhn check digit.

    Examples:
        >>> reference_text("SYN-Q", 79927398)
        'SYN-Q-0079927398-2'
    """
    return f"{prefix}-{_checked(number)}"


@lru_cache(maxsize=1 << 12)
def _checked(number: int) -> str:
    digits = f"{number:010d}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[1::2])
    return f"{digits}-{-(doubled + sum(int(digit) for digit in digits[0::2])) % 10}"
