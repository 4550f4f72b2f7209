"""Running text from facts, column by column, with the place of every fact in it.

A narrative is a row of sentences; a sentence is one of its variants; a variant is literal text around the facts it
states, each in one of its forms (ISO or long date, 24-hour or 12-hour clock, to the minute or about, digits or words,
this wording or that, alone or with what came later).
Text and spans come from the same codes, so a span cannot be off: it is the running sum of the pieces' lengths.
Every stretch of a sentence is written out beforehand in all its variants and surfaces; a column is then a few takes.
All text is ASCII, so that bytes and code points are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth.defects import Mask
from synth.draws import I64, U64, below, choose
from synth.plan import Plan


@dataclass(frozen=True)
class Statement:
    """Where narratives state one fact: spans in code points, and the surface as a code of its `FactForms`."""

    fact: str
    start: I64
    end: I64
    surface: I64


@dataclass(frozen=True)
class Told:
    """Narratives of one system.

    Attributes:
        text: of the rows asked for.
        statements: where each narrative states what.
        variants: which variant of each sentence was taken, sentence by sentence.
    """

    text: pa.Array
    statements: tuple[Statement, ...]
    variants: tuple[I64, ...]


class Narrator:
    """Writes one system's narratives.

    Args:
        plan: the compiled scenario.
        system: whose voice.
    """

    def __init__(self, plan: Plan, system: str) -> None:
        self.plan, self.system = plan, system
        self.forms = {fact: plan.forms[system, fact] for fact in plan.told[system]}

    def tell(
        self,
        index: I64,
        facts: Mapping[str, I64],
        *,
        rows: I64 | None = None,
        blank: Mask | None = None,
        kept: I64 | None = None,
    ) -> Told:
        """Write the narratives of some cases.

        Args:
            index: the cases whose wording is used, shape (n,).
            facts: the codes each fact is stated with, shape (n,) each.
            rows: which of them to write, and in which order (positions in `index`); None is all as they come. The
                statements are of all of them, as they come.
            blank: which of the written ones are null instead.
            kept: how many sentences are left of each, shape (n,); -1: all. Statements are of the whole text.
        """
        cut = None if kept is None or not (kept >= 0).any() else kept
        pieces: list[pa.Array] = []
        statements: list[Statement] = []
        variants: list[I64] = []
        reached = np.zeros(index.shape, np.int64)
        for number, segments in enumerate(self.plan.segments[self.system]):
            words = self._words(number, index, n_facts=sum(segment.fact is not None for segment in segments))
            variant = below(words[0], segments[0].before.size)
            variants.append(variant)
            for place, segment in enumerate(segments):
                choice = variant
                if segment.fact is not None:
                    surface = self._surface(segment.fact, facts[segment.fact], words[place + 1])
                    start = reached + segment.before[variant]
                    statements.append(
                        Statement(segment.fact, start, start + self.forms[segment.fact].lengths[surface], surface)
                    )
                    choice = variant * segment.n_surfaces + surface
                reached = reached + segment.lengths[choice]
                if cut is not None:
                    beyond = segment.lengths.size + np.where((cut == number) & (place == 0), 1 + variant, 0)
                    choice = np.where((cut >= 0) & (cut <= number), beyond, choice)
                mask = None if pieces else blank  # one null piece makes the whole text null
                pieces.append(segment.texts.take(pa.array(choice if rows is None else choice[rows], mask=mask)))
        return Told(pc.binary_join_element_wise(*pieces, ""), tuple(statements), tuple(variants))

    def _words(self, number: int, index: I64, *, n_facts: int) -> tuple[U64, ...]:
        """Return a word for the variant of a sentence and one for the form of each of its facts."""
        stream = f"narrative/{self.system}/{number}"
        if n_facts == 0:
            return (self.plan.draws.u32(stream, index),)
        return self.plan.draws.pair(stream, index) if n_facts == 1 else self.plan.draws.words(stream, index)

    def _surface(self, fact: str, codes: I64, words: U64) -> I64:
        """Return value and form as one code: the usual form, or at the declared rates one of the others."""
        forms = self.forms[fact]
        return codes if forms.n_forms == 1 else codes * forms.n_forms + choose(words, forms.bounds)
