"""What is true of each case, column by column and at any index."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from synth import chunks
from synth.data_dictionary import DATE_MARGIN, MINUTES
from synth.draws import I64, U64, below, choose, permuted
from synth.mechanisms import Levels, Limit
from synth.plan import Plan
from synth.spec import After, Calendar, Choice, Clock, Code, Reference, Seat, Whole

Mask = npt.NDArray[np.bool_]
Found = TypeVar("Found")


@dataclass
class Truth:
    """The true values of some cases, drawn when first asked for.

    Args:
        plan: the compiled scenario.
        index: case numbers in any order, shape (n,).
        n_cases: how many cases there are in all; None: as if every verdict block were whole.
        memory: where draws and what follows from them are kept, for few cases that many settings and regimes look at;
            None: nothing is kept, and no more is drawn than is asked for.
    """

    plan: Plan
    index: I64
    n_cases: int | None = None
    memory: dict[Hashable, Any] | None = None
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

    @cached_property
    def verdicts(self) -> npt.NDArray[np.int8]:
        """The verdict the quota draws for each case, as a position in `VERDICTS`; quota mode only."""
        return chunks.verdict_codes(self.plan.draws, self.plan.counts, self.index, self.n_cases)

    def among(self, index: I64) -> Truth:
        """Return what is true of other cases of the same run."""
        return Truth(self.plan, index, self.n_cases)

    def under(self, plan: Plan) -> Truth:
        """Return what is true of the same cases, as a plan of another regime asks for it; nothing is drawn again."""
        if plan is self.plan:
            return self
        same = Truth(plan, self.index, self.n_cases, self.memory, self._known, self._pairs)
        for name in ("officers", "previous", "verdicts", "_joint"):
            if name in self.__dict__:
                same.__dict__[name] = self.__dict__[name]
        return same

    def strikes(self, limit: Limit, words: U64, rows: I64 | None = None) -> Mask:
        """Return where a process strikes.

        Args:
            limit: how often, of all cases or by what is true of them.
            words: draws < 2**32, one a case.
            rows: the positions of the cases the draws are of; None: all.
        """
        if isinstance(limit, int):
            struck: Mask = words < limit
            return struck
        return np.asarray(words < limit.table[self.combination(limit.levels, rows)])

    def combination(self, levels: Levels, rows: I64 | None = None) -> I64:
        """Return each case's combination of levels."""
        codes = [self.codes(name) for name in levels.names]
        return levels.code(codes if rows is None else [each[rows] for each in codes])

    def late(self, name: str) -> Mask:
        """Return which cases have a day that is entered late."""
        limit = self.plan.rates.get(("late_entry", "", name), 0)
        if not limit:
            return np.zeros(self.index.shape, np.bool_)
        return (self.codes(name) >= 0) & self.strikes(limit, self.pair(f"late/{name}")[0])

    def kept(self, key: Hashable, work: Callable[[], Found]) -> Found:
        """Return what some work on these cases comes to, from memory where there is one.

        Args:
            key: everything the answer depends on, beside the cases and what is true of them.
            work: what to do where it is not known yet.
        """
        if self.memory is None:
            return work()
        if key not in self.memory:
            self.memory[key] = work()
        found: Found = self.memory[key]
        return found

    def words(self, stream: str, count: int, rows: I64 | None = None) -> list[U64]:
        """Return `count` (1, 2 or 4) draws of a stream for some of the cases.

        Args:
            stream: its name.
            count: how many; a stream is read in one way only.
            rows: the positions of the cases; None: all.
        """
        draws = self.plan.draws
        if self.memory is None:
            return draws.read(stream, self.index if rows is None else self.index[rows], count)
        found = self.kept((stream, count), lambda: draws.read(stream, self.index, count))
        return found if rows is None else [word[rows] for word in found]

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
        return self.kept(("expected", self.plan.hidden, system, name), lambda: self._expected(system, name))

    def before(self, system: str, name: str) -> I64:
        """Return what is expected in a field of the same officer's previous case, -1 where there is none."""
        out = np.full(self.index.shape, -1, np.int64)
        known = self.previous >= 0
        out[known] = self._before.expected(system, name)
        return out

    @cached_property
    def _before(self) -> Truth:
        """What is true of the previous cases, of those that have one."""
        return self.kept("previous", lambda: self.among(self.previous[self.previous >= 0])).under(self.plan)

    def _expected(self, system: str, name: str) -> I64:
        entry = self.plan.dictionary[system, name]
        if not entry.spec.shown:
            return np.full(self.index.shape, -1, np.int64)
        if entry.source is not None:
            return self.expected(*entry.source)
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
        joint = self.plan.processes.joint
        if joint is not None and name in joint[0].names:
            return self._joint[name]
        if isinstance(truth, Choice):
            return choose(draws.u32(stream, self.index), self.plan.bounds[name])
        if isinstance(truth, Code):
            return below(draws.u32(stream, self.index), truth.count)
        if isinstance(truth, Reference):
            return permuted(self.index, draws, stream)
        if isinstance(truth, Calendar):
            return self._days() + DATE_MARGIN
        if isinstance(truth, After):
            day = self.codes(truth.of)
            return np.where(day < 0, -1, day + _between(truth.days, draws.u32(stream, self.index)) + self._delay(name))
        if isinstance(truth, Clock):
            first, last = (_minute(text) for text in (truth.first, truth.last))
            return (first + below(draws.u32(stream, self.index), last - first + 1)) % MINUTES
        if isinstance(truth, Whole):
            return below(draws.u32(stream, self.index), truth.last - truth.first + 1)
        return self._seat(truth)

    @cached_property
    def _joint(self) -> dict[str, I64]:
        """The true values that go with the drawn verdict: drawn together, given the verdict."""
        found = self.plan.processes.joint
        if found is None:
            return {}
        levels, bounds = found
        words = self.plan.draws.u32("truth/joint", self.index)
        code = np.zeros(self.index.shape, np.int64)
        for place, limits in enumerate(bounds):
            here = np.flatnonzero(self.verdicts == place)
            code[here] = np.searchsorted(limits, words[here], side="right")
        return levels.levels_of(code)

    def _delay(self, name: str) -> I64 | int:
        """Return by how many days more a day is late."""
        truth = self.plan.scenario.truth[name]
        limit = self.plan.rates.get(("late_entry", "", name), 0)
        if not isinstance(truth, After) or truth.late is None or not limit:
            return 0
        struck, how = self.pair(f"late/{name}")
        return np.where(self.strikes(limit, struck), _between(truth.late.days, how), 0)

    def _seat(self, truth: Seat) -> I64:
        if truth.kind == "office":
            return below(self.plan.draws.u32("office", self.officers), truth.count)
        return permuted(self.officers, self.plan.draws, "officer")

    def _days(self) -> I64:
        return chunks.days_of_cases(self.plan.draws, self.index, self.plan.scenario.days, self.officers)


def _between(days: tuple[int, int], words: U64) -> I64:
    first, last = days
    return first + below(words, last - first + 1)


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
