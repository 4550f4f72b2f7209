"""What is true of each case, column by column and at any index."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from synth import chunks
from synth.data_dictionary import DATE_MARGIN, MINUTES
from synth.draws import I64, U64, below, choose, permuted
from synth.plan import Plan
from synth.spec import After, Calendar, Choice, Clock, Code, Reference, Seat, Whole


@dataclass
class Truth:
    """The true values of some cases, drawn when first asked for.

    Args:
        plan: the compiled scenario.
        index: case numbers in any order, shape (n,).
    """

    plan: Plan
    index: I64
    _known: dict[str, I64] = field(default_factory=dict)
    _pairs: dict[str, tuple[U64, U64]] = field(default_factory=dict)

    @cached_property
    def officers(self) -> I64:
        """The number of the officer who handled each case."""
        return chunks.officer_numbers(self.plan.draws, self.index)

    @cached_property
    def previous(self) -> I64:
        """The same officer's previous case, -1 where the case is the officer's first."""
        return chunks.previous_cases(self.plan.draws, self.index, self.officers)

    def pair(self, stream: str) -> tuple[U64, U64]:
        """Return two draws for every case; drawn once, for as many regimes as look at the same cases."""
        if stream not in self._pairs:
            self._pairs[stream] = self.plan.draws.pair(stream, self.index)
        return self._pairs[stream]

    def codes(self, name: str) -> I64:
        """Return the codes of a true value, -1 where it does not apply; shape (n,)."""
        if name not in self._known:
            self._known[name] = self._draw(name)
        return self._known[name]

    def expected(self, system: str, name: str) -> I64:
        """Return what an error-free clerk records in a field: the truth, null where the form does not ask."""
        entry = self.plan.dictionary[system, name]
        if not entry.spec.shown:
            return np.full(self.index.shape, -1, np.int64)
        if entry.is_narrative:
            return np.zeros(self.index.shape, np.int64)
        asked = self.applies(system, name)
        return self.codes(entry.truth) if asked is None else np.where(asked, self.codes(entry.truth), -1)

    def applies(self, system: str, name: str) -> np.ndarray | None:
        """Return where a field is asked in truth; None means everywhere."""
        asked: np.ndarray | None = None
        for other, codes in self.plan.conditions[system, name].items():
            held = np.isin(self.expected(system, other), codes)
            asked = held if asked is None else asked & held
        return asked

    def _draw(self, name: str) -> I64:
        truth = self.plan.scenario.truth[name]
        codes = self._unconditional(name)
        for other, allowed in getattr(truth, "when", {}).items():
            held = np.isin(self.codes(other), [self.plan.domains[other].values.index(value) for value in allowed])
            codes = np.where(held, codes, -1)
        return codes

    def _unconditional(self, name: str) -> I64:
        truth = self.plan.scenario.truth[name]
        draws, stream = self.plan.draws, f"truth/{name}"
        if isinstance(truth, Choice):
            return choose(draws.u32(stream, self.index), self.plan.bounds[name])
        if isinstance(truth, Code):
            return below(draws.u32(stream, self.index), truth.count)
        if isinstance(truth, Reference):
            return permuted(self.index, draws, stream)
        if isinstance(truth, Calendar):
            return self._days() + DATE_MARGIN
        if isinstance(truth, After):
            first, last = truth.days
            day = self.codes(truth.of)
            return np.where(day < 0, -1, day + first + below(draws.u32(stream, self.index), last - first + 1))
        if isinstance(truth, Clock):
            first, last = (_minute(text) for text in (truth.first, truth.last))
            return (first + below(draws.u32(stream, self.index), last - first + 1)) % MINUTES
        if isinstance(truth, Whole):
            return below(draws.u32(stream, self.index), truth.last - truth.first + 1)
        return self._seat(truth)

    def _seat(self, truth: Seat) -> I64:
        if truth.kind == "office":
            return below(self.plan.draws.u32("office", self.officers), truth.count)
        return permuted(self.officers, self.plan.draws, "officer")

    def _days(self) -> I64:
        return chunks.days_of_cases(self.plan.draws, self.index, self.plan.scenario.days, self.officers)


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
