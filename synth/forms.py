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
from synth.draws import I64, U64, cumulative_thresholds
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
# Kinds of legitimate difference. Of two statements in different forms, the later kind in this list says what differs.
HARD_NEGATIVES = ("date_format", "clock_format", "paraphrase", "rounding", "later_update")
_OTHER_FORM = {"date": "date_format", "time": "clock_format", "whole": "paraphrase", "choice": "paraphrase"}
QUARTER = 15  # minutes to which a time of day is rounded


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


def rounded_surfaces(text: str) -> list[str]:
    """Return a time of day rounded to the nearest quarter of an hour, said to be so, on either clock.

    Examples:
        >>> rounded_surfaces("14:09"), rounded_surfaces("23:53")
        (['about 14:15', 'around 2:15 p.m.'], ['about 00:00', 'around 12:00 a.m.'])
    """
    minute = 60 * int(text[:2]) + int(text[3:])
    quarters = (minute + QUARTER // 2) // QUARTER % (24 * 60 // QUARTER)
    exact, _, twelve = clock_surfaces(f"{quarters // 4:02d}:{quarters % 4 * QUARTER:02d}")
    return [f"about {exact}", f"around {twelve}"]


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
        kinds: of every form, the kind of legitimate difference it makes to a statement in a plain form.
        usual: the system's usual form.
        bounds: cumulative thresholds over the forms, out of 2**32.
    """

    texts: tuple[str, ...]
    kinds: tuple[str, ...]
    usual: int
    bounds: U64

    @property
    def n_forms(self) -> int:
        """Forms per value."""
        return len(self.kinds)

    @cached_property
    def others(self) -> tuple[int, ...]:
        """The forms beside the usual one that come up."""
        shares = np.diff(self.bounds, prepend=np.uint64(0))
        return tuple(form for form in range(self.n_forms) if form != self.usual and shares[form])

    @cached_property
    def ranks(self) -> I64:
        """The kind of every form, as a position in `HARD_NEGATIVES`."""
        return np.array([HARD_NEGATIVES.index(kind) for kind in self.kinds], np.int64)

    @cached_property
    def lengths(self) -> I64:
        """Length of every surface in code points."""
        return np.array([len(text) for text in self.texts], np.int64)

    @cached_property
    def column(self) -> pa.Array:
        """The surfaces as an Arrow array to take from."""
        return pa.array(self.texts, pa.string())


def hard_negative_of(forms: FactForms, form: I64 | int, others: FactForms, other: I64 | int) -> I64:
    """Return what two statements of one value differ by, as positions in `HARD_NEGATIVES`.

    A later update on either side is one, else rounding on either side; else two plain forms differ.

    Args:
        forms: of the one statement.
        form: the forms it takes, shape (n,), or one form.
        others: of the other statement.
        other: the forms it takes.
    """
    return np.maximum(forms.ranks[form], others.ranks[other])


def fact_forms(scenario: Scenario, domain: Domain, system: str, fact: str) -> FactForms:
    """Return the forms of a fact in a system's narrative: plain ones, then rounded ones and later updates."""
    truth = scenario.truth[fact]
    plain = formats_of(truth)
    rows, extra = _surfaces(scenario, domain, fact)
    kinds = (_OTHER_FORM[domain.kind],) * len(plain) + (extra,) * (len(rows[0]) - len(plain))
    usual = plain.index(scenario.narratives[system].formats.get(fact, plain[0]))
    others = [kind for form, kind in enumerate(kinds) if form != usual]
    shares = {kind: Fraction(getattr(scenario.hard_negatives, kind)) / others.count(kind) for kind in others}
    weights = [Fraction(0) if form == usual else shares[kind] for form, kind in enumerate(kinds)]
    weights[usual] = 1 - sum(weights, Fraction(0))
    return FactForms(tuple(text for row in rows for text in row), kinds, usual, cumulative_thresholds(weights))


def _surfaces(scenario: Scenario, domain: Domain, fact: str) -> tuple[list[list[str]], str]:
    """Return the surfaces of every value, and the kind of those beyond the plain forms; none whose rate is 0."""
    truth, rates = scenario.truth[fact], scenario.hard_negatives
    if domain.kind == "date":
        return [date_surfaces(text) for text in domain.values], ""
    if domain.kind == "time":
        rounded = rounded_surfaces if rates.rounding else lambda _: []
        return [clock_surfaces(text) + rounded(text) for text in domain.values], "rounding"
    if domain.kind == "whole":
        return [whole_surfaces(text) for text in domain.values], ""
    surfaces, updates = (truth.surfaces, truth.updates) if isinstance(truth, Choice) else ({}, {})
    n_plain = len(formats_of(truth))
    return [
        surfaces.get(text, [text])[:n_plain] + (updates.get(text, []) if rates.later_update else [])
        for text in domain.values
    ], "later_update"


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
