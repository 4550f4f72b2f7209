"""Bytes to cases: Hypothesis draws a string of bytes, five for each defect and one or two for all that varies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from synth.case_file import CaseFile, CaseFiles
from synth.desk import Desk
from synth.draft import NUMBERS, Draft
from synth.knobs import Board, Settings
from synth.plan import Plan
from synth.processes import Cell
from synth.spots import Spot, insist, put

VARIED = 16  # most cases of a bundle that are drawn one by one
KEPT = 4096
SLOT = 5  # bytes a defect: whether, kind, place (two), which value


@dataclass(frozen=True)
class Source:
    """Bytes to cases: everything a strategy has worked out when it is defined.

    Attributes:
        board: scenario, regime and what may vary.
        spots: the defects that may be planted.
        verdict: what the records are to come to, as a position in `VERDICTS`.
        n_required: how many defects every case has.
        max_defects: the most it has.
    """

    board: Board
    spots: tuple[Spot, ...]
    verdict: int | None
    n_required: int
    max_defects: int

    def cases(self) -> SearchStrategy[CaseFile]:
        """Return the strategy of one case: its number, what varies, what is wrong."""
        size = self._size + 2
        return st.binary(min_size=size, max_size=size).map(
            lambda drawn: self.case((drawn[-2] << 8 | drawn[-1]) % NUMBERS, drawn)
        )

    def bundles(self, fewest: int, most: int) -> SearchStrategy[CaseFiles]:
        """Return the strategy of several cases, numbered from 0."""
        columns = {
            system: ("record_id", *(column.name for column in form)) for system, form in self.desk.of_system.items()
        }
        one = st.binary(min_size=self._size, max_size=self._size)
        if most <= VARIED:
            several = st.lists(one, min_size=fewest, max_size=most)
            return several.map(
                lambda drawn: CaseFiles(tuple(self.case(index, each) for index, each in enumerate(drawn)), columns)
            )
        varied = st.dictionaries(st.integers(0, most - 1), one, max_size=VARIED)
        return st.tuples(st.integers(fewest, most), varied).map(
            lambda drawn: CaseFiles(tuple(self._some(*drawn)), columns)
        )

    def _some(self, number: int, varied: Mapping[int, bytes]) -> Iterator[CaseFile]:
        """Yield many cases, all of them the plainest but for a few."""
        told = {place % number: drawn for place, drawn in varied.items()} if number else {}
        for index in range(number):
            yield self.case(index, told[index]) if index in told else copied(self._plain(index))

    @cached_property
    def _plain(self) -> Callable[[int], CaseFile]:
        """The plainest case of each number, made once."""
        nothing = bytes(self._size)
        return lru_cache(maxsize=KEPT)(lambda index: self.case(index, nothing))

    @property
    def desk(self) -> Desk:
        """The scenario and regime."""
        return self.board.desk

    @cached_property
    def _size(self) -> int:
        """How many bytes a case takes, but for its number."""
        return self._n_planted + self.board.size

    @cached_property
    def _n_planted(self) -> int:
        return self.max_defects * SLOT if self.spots else 0

    @cached_property
    def _by_kind(self) -> tuple[tuple[Spot, ...], ...]:
        return _grouped(self.spots)

    @cached_property
    def _deciding(self) -> tuple[tuple[Spot, ...], ...]:
        """The defects that bring the asked verdict about."""
        return _grouped([spot for spot in self.spots if spot.effect == self.verdict])

    @cached_property
    def _needs(self) -> Mapping[Cell, Mapping[str, tuple[int, ...]]]:
        """Of every field: the true values, and their codes, under which it is asked."""
        return {cell: _needs(self.desk, cell) for cell in self.desk.columns}

    def case(self, number: int, drawn: bytes) -> CaseFile:
        """Return the case that some bytes stand for: what is wrong first, then what varies."""
        settings = self.board.read(drawn[self._n_planted :])
        chosen = self._chosen(drawn[: self._n_planted])
        for spot, _ in chosen[: self.n_required]:
            self._make_apply(settings, spot)
        truth = self.board.truth(number, settings.truth)
        draft = self._draft(number, truth, settings)
        done = [put(self.desk, draft, spot, pick) for spot, pick in chosen]
        insist(self.desk, draft)
        if sum(done) < self.n_required or (self.verdict is not None and self.desk.verdict(draft) != self.verdict):
            reject()
        return self.desk.file(draft, seed=None, plainest=self.board.plainest)

    def _chosen(self, planted: bytes) -> list[tuple[Spot, int]]:
        """Return the defects to plant and which of their values, the one that decides the verdict first.

        What is required stands in a slot that says no defect only if the others do not come up to it, so that every
        defect that is not needed can be taken away alone.
        """
        slots = [planted[start : start + SLOT] for start in range(0, len(planted), SLOT)]
        chosen = [_pick(self._by_kind, slot) for slot in slots if 0 < slot[0] < 128]
        spare = [slot for slot in slots if not 0 < slot[0] < 128]
        if self.verdict:
            if not any(spot.effect == self.verdict for spot, _ in chosen):
                slot, chosen = (spare.pop(0), chosen) if spare else (slots[0], chosen[1:])
                chosen.append(_pick(self._deciding, slot))
            chosen.sort(key=lambda choice: choice[0].effect != self.verdict)
        return chosen + [_pick(self._by_kind, slot) for slot in spare[: max(0, self.n_required - len(chosen))]]

    def _make_apply(self, settings: Settings, spot: Spot) -> None:
        """Set the true values so that the form asks for the field of a required defect."""
        if spot.field is None:
            return
        for name, codes in self._needs[spot.system, spot.field].items():
            if settings.truth.get(name, self.board.plain[name]) not in codes:
                settings.truth[name] = codes[0]

    def _draft(self, number: int, truth: dict[str, int], settings: Settings) -> Draft:
        expected = self.desk.expected(truth)
        return Draft(
            index=number,
            record_numbers=dict.fromkeys(self.desk.of_system, number),
            truth=truth,
            expected=expected,
            recorded=expected.copy(),
            said={telling: truth[telling[1]] for telling in self.desk.forms},
            wording=settings.wording,
            written=settings.wording.copy(),
        )


def copied(case: CaseFile) -> CaseFile:
    """Return a case that a test may change."""
    records = {system: dict(record) for system, record in case.records.items()}
    doubled = {system: dict(record) for system, record in case.duplicates.items()}
    return replace(case, truth=dict(case.truth), records=records, duplicates=doubled)


def _pick(kinds: tuple[tuple[Spot, ...], ...], slot: bytes) -> tuple[Spot, int]:
    """Return the defect a slot stands for, and which of its values."""
    _, kind, high, low, pick = slot
    places = kinds[kind % len(kinds)]
    return places[(high << 8 | low) % len(places)], pick


def _grouped(spots: Iterable[Spot]) -> tuple[tuple[Spot, ...], ...]:
    groups: dict[str, list[Spot]] = {}
    for spot in spots:
        groups.setdefault(spot.kind, []).append(spot)
    return tuple(tuple(group) for group in groups.values())


def _needs(desk: Desk, cell: Cell) -> dict[str, tuple[int, ...]]:
    """Return the true values under which a field is asked, with the conditions of those values in turn."""
    found: dict[str, tuple[int, ...]] = {}
    for other, codes in desk.columns[cell].asked:
        found |= {desk.columns[other].truth: tuple(sorted(codes))} | _needs(desk, other)
    return found | _conditions_of(desk.plan, [desk.columns[cell].truth, *found])


def _conditions_of(plan: Plan, names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return the conditions under which true values hold, and the conditions of those."""
    found: dict[str, tuple[int, ...]] = {}
    for name in names:
        when = getattr(plan.scenario.truth.get(name), "when", {})
        for other, allowed in when.items():
            found[other] = tuple(sorted(plan.domains[other].values.index(value) for value in allowed))
        found |= _conditions_of(plan, when)
    return found
