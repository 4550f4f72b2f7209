"""The forms in which a fact can be written: dates, times, numbers and wordings that mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

import numpy as np
import pyarrow as pa

from synth.data_dictionary import Domain
from synth.draws import I64, threshold
from synth.spec import Choice, Scenario, formats_of, slots

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
NUMBER_WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
STUMP = 9  # letters left of the sentence in which a narrative is cut off
HARD_NEGATIVE_OF = {"date": "date_format", "time": "clock_format", "whole": "paraphrase", "choice": "paraphrase"}


def date_surfaces(iso: str) -> list[str]:
    """Return a day in the forms of `DATE_FORMATS`.

    Examples:
        >>> date_surfaces("2031-03-05")
        ['2031-03-05', '5 March 2031', 'March 5, 2031', '05 Mar 2031']
    """
    day = date.fromisoformat(iso)
    month = MONTHS[day.month - 1]
    return [
        iso,
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day.day:02d} {month[:3]} {day.year}",
    ]


def clock_surfaces(text: str) -> list[str]:
    """Return a time of day in the forms of `CLOCK_FORMATS`.

    Examples:
        >>> clock_surfaces("14:05"), clock_surfaces("00:30")
        (['14:05', '1405 hours', '2:05 p.m.'], ['00:30', '0030 hours', '12:30 a.m.'])
    """
    hour, minute = int(text[:2]), text[3:]
    half = "a.m." if hour < 12 else "p.m."
    return [text, f"{text[:2]}{minute} hours", f"{(hour + 11) % 12 + 1}:{minute} {half}"]


def whole_surfaces(text: str) -> list[str]:
    """Return a number in the forms of `WHOLE_FORMATS`; numbers above twelve stay digits.

    Examples:
        >>> whole_surfaces("3")
        ['3', 'three']
    """
    return [text, NUMBER_WORDS[int(text)] if int(text) < len(NUMBER_WORDS) else text]


@dataclass(frozen=True)
class FactForms:
    """The forms in which one fact can be written: `texts[code * n_forms + form]`.

    Attributes:
        texts: every surface.
        n_forms: forms per value.
        usual: the system's usual form.
        unusual: threshold of another form being taken.
    """

    texts: tuple[str, ...]
    n_forms: int
    usual: int
    unusual: int

    @cached_property
    def lengths(self) -> I64:
        """Length of every surface in code points."""
        return np.array([len(text) for text in self.texts], np.int64)

    @cached_property
    def column(self) -> pa.Array:
        """The surfaces as an Arrow array to take from."""
        return pa.array(self.texts, pa.string())


def fact_forms(scenario: Scenario, domain: Domain, system: str, fact: str) -> FactForms:
    """Return the forms of a fact in a system's narrative."""
    truth = scenario.truth[fact]
    forms = formats_of(truth)
    if domain.kind == "date":
        rows = [date_surfaces(text) for text in domain.values]
    elif domain.kind == "time":
        rows = [clock_surfaces(text) for text in domain.values]
    elif domain.kind == "whole":
        rows = [whole_surfaces(text) for text in domain.values]
    else:
        surfaces = truth.surfaces if isinstance(truth, Choice) else {}
        rows = [surfaces.get(text, [text])[: len(forms)] for text in domain.values]
    usual = forms.index(scenario.narratives[system].formats.get(fact, forms[0]))
    rate = getattr(scenario.hard_negatives, HARD_NEGATIVE_OF[domain.kind]) if len(forms) > 1 else 0
    return FactForms(tuple(text for row in rows for text in row), len(forms), usual, threshold(Fraction(rate)))


@dataclass(frozen=True)
class Segment:
    """A stretch of a sentence up to and including one fact, or its closing words, written out for every combination.

    Attributes:
        fact: the fact it ends with; None for closing words.
        n_surfaces: surfaces of the fact; 1 without one.
        texts: the text of every (variant, surface): `texts[variant * n_surfaces + surface]`; then nothing at all, and
            the first letters of every variant, for narratives that are cut off.
        before: length of the words before the fact, by variant.
        lengths: length of every text.
    """

    fact: str | None
    n_surfaces: int
    texts: pa.Array
    before: I64
    lengths: I64


def sentence_segments(variants: list[str], forms: Mapping[str, FactForms], *, first: bool) -> tuple[Segment, ...]:
    """Write a sentence out in all its variants and surfaces; words after the last fact go with that fact."""
    literals = [variant_literals(variant, first=first) for variant in variants]
    facts = slots(variants[0])
    if not facts:
        return (_segment(None, [literal[0] for literal in literals], ("",), [""] * len(literals)),)
    found = []
    for place, fact in enumerate(facts):
        last = place == len(facts) - 1
        closing = [literal[-1] if last else "" for literal in literals]
        found.append(_segment(fact, [literal[place] for literal in literals], forms[fact].texts, closing))
    return tuple(found)


def _segment(fact: str | None, opening: list[str], surfaces: tuple[str, ...], closing: list[str]) -> Segment:
    texts = [before + surface + after for before, after in zip(opening, closing, strict=True) for surface in surfaces]
    before = np.array([len(words) for words in opening], np.int64)
    lengths = np.array([len(text) for text in texts], np.int64)
    return Segment(fact, len(surfaces), pa.array([*texts, "", *map(stump, opening)], pa.string()), before, lengths)


def stump(opening: str) -> str:
    """Return what is left of a sentence in which a narrative is cut off, given the words before its first fact.

    Examples:
        >>> stump(" I informed the ")
        ' I inform'
        >>> stump(" End.")
        ' En'
    """
    return opening[: min(STUMP, max(0, len(opening) - 2))].rstrip()


def variant_literals(variant: str, *, first: bool) -> list[str]:
    """Return the literal text around a variant's facts; sentences after the first begin with a space.

    Examples:
        >>> variant_literals("At {encounter_time} I left.", first=False)
        [' At ', ' I left.']
    """
    pieces = ("" if first else " ") + variant
    return [piece.split("}", 1)[-1] for piece in pieces.split("{")]
