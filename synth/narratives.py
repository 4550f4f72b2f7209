"""Running text from facts, column by column, with the place of every fact in it.

A narrative is a row of sentences; a sentence is one of its variants; a variant is literal text around the facts it
states, each in one of its forms (ISO or long date, 24-hour or 12-hour clock, digits or words, this wording or that).
Text and spans come from the same codes, so a span cannot be off: it is the running sum of the pieces' lengths.
All text is ASCII, so that bytes and code points are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth.draws import I64, below
from synth.plan import Plan
from synth.spec import slots


@dataclass(frozen=True)
class Statement:
    """Where narratives state one fact: spans in code points, and the surface as a code of its `FactForms`."""

    fact: str
    start: I64
    end: I64
    surface: I64


@dataclass(frozen=True)
class Told:
    """Narratives of one system: the text, and where it states what."""

    text: pa.Array
    statements: tuple[Statement, ...]


class Narrator:
    """Writes one system's narratives.

    Args:
        plan: the compiled scenario.
        system: whose voice.
    """

    def __init__(self, plan: Plan, system: str) -> None:
        self.plan, self.system = plan, system
        self.sentences = plan.scenario.narratives[system].sentences
        self.forms = {fact: plan.forms[system, fact] for fact in plan.told[system]}

    def tell(self, index: I64, facts: Mapping[str, I64], *, text: bool = True) -> Told:
        """Write the narratives of some cases.

        Args:
            index: the cases whose wording is used, shape (n,).
            facts: the codes each fact is stated with, shape (n,) each.
            text: no = only the statements, with an empty text column.
        """
        pieces: list[pa.Array] = []
        statements: list[Statement] = []
        reached = np.zeros(index.shape, np.int64)
        for number, variants in enumerate(self.sentences):
            words = self.plan.draws.words(f"narrative/{self.system}/{number}", index)
            literals = [variant_literals(variant, first=number == 0) for variant in variants]
            variant = below(words[0], len(variants))
            for place, fact in enumerate([*slots(variants[0]), None]):
                options = [literal[place] for literal in literals]
                reached = reached + np.array([len(option) for option in options], np.int64)[variant]
                if text:
                    pieces.append(pa.array(options, pa.string()).take(pa.array(variant)))
                if fact is None:
                    continue
                surface = self._surface(fact, facts[fact], words[place + 1])
                end = reached + self.forms[fact].lengths[surface]
                statements.append(Statement(fact, reached, end, surface))
                if text:
                    pieces.append(self.forms[fact].column.take(pa.array(surface)))
                reached = end
        joined = pc.binary_join_element_wise(*pieces, "") if text else pa.nulls(index.size, pa.string())
        return Told(joined, tuple(statements))

    def _surface(self, fact: str, codes: I64, words: np.ndarray) -> I64:
        """Return value and form as one code: the usual form, or at the declared rate one of the others."""
        forms = self.forms[fact]
        if forms.n_forms == 1:
            return codes
        limit = np.uint64(max(forms.unusual, 1))
        step = 1 + (words * np.uint64(forms.n_forms - 1) // limit).astype(np.int64)
        other = (forms.usual + step) % forms.n_forms
        return codes * forms.n_forms + np.where(words < np.uint64(forms.unusual), other, forms.usual)


def variant_literals(variant: str, *, first: bool) -> list[str]:
    """Return the literal text around a variant's facts; sentences after the first begin with a space."""
    pieces = ("" if first else " ") + variant
    return [piece.split("}", 1)[-1] for piece in pieces.split("{")]
