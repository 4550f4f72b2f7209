"""A provider for Faker: fictional case records, narratives and placeholders, drawn by Faker's own seed alone.

`Faker().add_provider(CaseProvider)` adds the methods. A draw is one of `CASES` cases, made when a scenario is first
asked for, under numbers of its own: records differ by their numbers, and those drawn together belong together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from faker.providers import BaseProvider

from synth.bundle import Bundle
from synth.case_file import Record
from synth.data_dictionary import NARRATIVE, REFERENCE_VALUES
from synth.draft import reference_text
from synth.draws import I64
from synth.errors import CasegaugeError, nearest
from synth.pipeline import generate
from synth.scenario import load_scenario
from synth.spec import Reference, Scenario

CASES = 4096  # cases a scenario has ready; a power of two, so that a drawn number names one evenly
NUMBERS = 1 << 31  # numbers of cases
_STEP = 2_654_435_761  # odd: multiplying by it permutes the whole numbers below 2**32
_REMEMBERED = 16  # scenarios kept ready


@dataclass(frozen=True)
class _Ready:
    """Some cases of a scenario under a regime, as lists of texts, and where each stands in the records of a system."""

    bundle: Bundle

    @cached_property
    def systems(self) -> tuple[str, ...]:
        return tuple(self.bundle.records)

    @cached_property
    def rows(self) -> Mapping[str, I64]:
        """System -> the row of each case's first record, -1 where it has none."""
        links = self.bundle.answers["links"]
        named = links["system"].cast(pa.string())
        found = {}
        for system, table in self.bundle.records.items():
            own = links.filter(pc.equal(named, system))
            cases, first = np.unique(own["case_id"].to_numpy(), return_index=True)
            rows = np.full(CASES, -1, np.int64)
            rows[cases] = pc.index_in(own["record_id"], value_set=table["record_id"]).to_numpy()[first]
            found[system] = rows
        return found

    @cached_property
    def candidates(self) -> Mapping[str | None, Sequence[int]]:
        """System -> the cases that have a record in it; None -> those that have one anywhere."""
        there = {system: rows >= 0 for system, rows in self.rows.items()}
        anywhere = np.logical_or.reduce(list(there.values()))
        return {name: np.flatnonzero(mask).tolist() for name, mask in [*there.items(), (None, anywhere)]}

    @cached_property
    def held(self) -> Mapping[str, Mapping[str, Sequence[str | None]]]:
        """System -> field -> what the records hold."""
        return {
            system: {name: _texts(table[name]) for name in table.column_names}
            for system, table in self.bundle.records.items()
        }

    @cached_property
    def numbered(self) -> Mapping[str, Sequence[tuple[str, Sequence[str | None], str, int]]]:
        """System -> field, true texts, prefix and offset of every field that records a number of the case."""
        plan, truth = self.bundle.plan, self.bundle.answers["truth"]
        told = {fact for facts in plan.told.values() for fact in facts}
        names = [name for name, spec in plan.scenario.truth.items() if isinstance(spec, Reference) and name not in told]
        return {
            system: [
                (entry.name, _texts(truth[entry.truth]), entry.domain.prefix, names.index(entry.truth))
                for entry in plan.system_fields(system)
                if entry.truth in names
            ]
            for system in self.systems
        }

    def record(self, system: str, case: int, number: int) -> Record:
        """Return a case's record with the numbers of another case in the place of its own."""
        row = int(self.rows[system][case])
        record = {name: texts[row] for name, texts in self.held[system].items()}
        record["record_id"] = _reference(self.bundle.plan.scenario.systems[system].prefix, number, -1)
        for name, true, prefix, place in self.numbered[system]:
            if record[name] is not None and record[name] == true[case]:
                record[name] = _reference(prefix, number, place)
        return record

    @cached_property
    def narratives(self) -> Mapping[str | None, Sequence[str]]:
        """System -> the narratives its records hold, None -> all; blanks and placeholders are none."""
        scenario = self.bundle.plan.scenario
        empty = {None, *scenario.placeholders.get(NARRATIVE, ()), *scenario.novel_placeholders.get(NARRATIVE, ())}
        told: dict[str | None, list[str]] = {
            system: [text for text in _texts(table[NARRATIVE]) if text is not None and text not in empty]
            for system, table in self.bundle.records.items()
            if NARRATIVE in table.column_names
        }
        told = {system: texts for system, texts in told.items() if texts}
        return {**told, None: [text for texts in told.values() for text in texts]}


def _texts(column: pa.ChunkedArray) -> list[str | None]:
    """Return a column as a list; a coded one by its codes, which is quicker."""
    found: list[str | None] = []
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type):
            listed = [*chunk.dictionary.to_pylist(), None]
            found += [listed[code] for code in chunk.indices.fill_null(-1).to_pylist()]
        else:
            found += chunk.to_pylist()
    return found


class CaseProvider(BaseProvider):
    """Fictional case records for Faker: `fake.add_provider(CaseProvider)`.

    What is drawn follows from Faker's seed alone (`Faker.seed`, `seed_instance`), in every locale; texts are English.
    Every value is as non-identifying as what `synth.generate` makes (docs/privacy.md).

    Examples:
        >>> from faker import Faker
        >>> fake = Faker()
        >>> fake.add_provider(CaseProvider)
        >>> fake.seed_instance(7)
        >>> record = fake.case_record("encounter")
        >>> fake.seed_instance(7)
        >>> fake.case_record("encounter") == record
        True
        >>> fake.case_record("booking")
        Traceback (most recent call last):
        synth.errors.CasegaugeError: system 'booking' is not in scenario 'oig-20-13'. Possible: casework, ...
    """

    def case_record(
        self, system: str | None = None, scenario: Scenario | str | Path = "oig-20-13", *, regime: str | None = None
    ) -> Record:
        """Return a record as a system holds it, defects and all: field -> text, None for null.

        Args:
            system: a system of the scenario; None: any.
            scenario: a scenario, or the name or path of one.
            regime: a regime of it; None: its base regime.

        Raises:
            CasegaugeError: a scenario, regime or system that is not there.
        """
        ready = _ready(scenario, regime)
        if system is not None:
            _check(ready, ready.systems, system)
        number, case = self._drawn(ready, system)
        if system is None:
            there = [name for name in ready.systems if ready.rows[name][case] >= 0]
            system = there[self.random_int(0, len(there) - 1)]
        return ready.record(system, case, number)

    def case_records(
        self, scenario: Scenario | str | Path = "oig-20-13", *, regime: str | None = None
    ) -> dict[str, Record]:
        """Return the records of one case by system, linked as they are recorded; a record never made is not there.

        Args:
            scenario: as for `case_record`.
            regime: as for `case_record`.
        """
        ready = _ready(scenario, regime)
        number, case = self._drawn(ready, None)
        return {name: ready.record(name, case, number) for name in ready.systems if ready.rows[name][case] >= 0}

    def case_narrative(
        self, system: str | None = None, scenario: Scenario | str | Path = "oig-20-13", *, regime: str | None = None
    ) -> str:
        """Return a narrative that a record holds, neither blank nor a placeholder.

        Args:
            system: a system that holds narratives; None: any.
            scenario: as for `case_record`.
            regime: as for `case_record`.

        Raises:
            CasegaugeError: as for `case_record`, and where there is no narrative.

        Examples:
            >>> from faker import Faker
            >>> fake = Faker()
            >>> fake.add_provider(CaseProvider)
            >>> fake.case_narrative("encounter").endswith(".")
            True
        """
        ready = _ready(scenario, regime)
        told = ready.narratives
        if not told[None]:
            raise CasegaugeError(f"scenario '{ready.bundle.plan.scenario.scenario}' has no narratives. Name another.")
        if system is not None:
            _check(ready, [name for name in told if name is not None], system, "holds no narratives in")
        return told[system][self.random_int(0, len(told[system]) - 1)]

    def placeholder(
        self, kind: str | None = None, scenario: Scenario | str | Path = "oig-20-13", *, novel: bool = False
    ) -> str:
        """Return a text that fills a field and says nothing, such as N/A.

        Args:
            kind: of the field it fills: code, reference, date, time, narrative; None: any.
            scenario: as for `case_record`.
            novel: one that no list of known placeholders has.

        Raises:
            CasegaugeError: a scenario that is not there, a kind it has none of.

        Examples:
            >>> from faker import Faker
            >>> fake = Faker()
            >>> fake.add_provider(CaseProvider)
            >>> fake.placeholder("date") in {"1900-01-01", "9999-12-31"}
            True
        """
        loaded = _loaded(scenario)
        listed = loaded.novel_placeholders if novel else loaded.placeholders
        if kind is not None and not listed.get(kind):
            raise CasegaugeError(
                f"scenario '{loaded.scenario}' has no {'novel ' if novel else ''}placeholders of kind {kind!r}. "
                f"{nearest(str(kind), [name for name, texts in listed.items() if texts])}"
            )
        texts = list(dict.fromkeys(text for name, of in listed.items() if kind in {None, name} for text in of))
        if not texts:
            raise CasegaugeError(f"scenario '{loaded.scenario}' lists no such placeholders. Name another scenario.")
        return texts[self.random_int(0, len(texts) - 1)]

    def _drawn(self, ready: _Ready, system: str | None) -> tuple[int, int]:
        """Draw a number, and the case it stands for among those with a record in a system."""
        number = self.random_int(0, NUMBERS - 1)
        candidates = ready.candidates[system]
        if not candidates:
            plan = ready.bundle.plan
            where = f"scenario '{plan.scenario.scenario}' under regime '{plan.regime}'"
            raise CasegaugeError(f"no case of {where} has a record in {system!r}. Name another system.")
        return number, candidates[number % len(candidates)]


def _check(ready: _Ready, possible: Collection[str], system: str, fault: str = "is not in") -> None:
    """Refuse a system that is not among those possible."""
    if system not in possible:
        problem = fault if system in ready.systems else "is not in"
        scenario = ready.bundle.plan.scenario.scenario
        raise CasegaugeError(f"system {system!r} {problem} scenario '{scenario}'. {nearest(str(system), possible)}")


def _reference(prefix: str, number: int, place: int) -> str:
    """Return a reference number of a case: another for every number, and not the same for every field."""
    return reference_text(prefix, (number * _STEP + (place + 2) * 0x9E3779B1) % REFERENCE_VALUES)


def _loaded(scenario: Scenario | str | Path) -> Scenario:
    if isinstance(scenario, Scenario):
        return scenario
    if not isinstance(scenario, (str, Path)):
        raise CasegaugeError(f"scenario {scenario!r} is no scenario. Give its name or path, or a Scenario.")
    path = Path(scenario)
    return _read(str(scenario), path.stat().st_mtime_ns if path.suffix and path.is_file() else 0)


@lru_cache(maxsize=_REMEMBERED)
def _read(scenario: str, changed: int) -> Scenario:
    del changed  # part of what is remembered: a file that was written again is read again
    return load_scenario(scenario)


def _ready(scenario: Scenario | str | Path, regime: str | None) -> _Ready:
    """Return the cases of a scenario, made when it is first asked for."""
    loaded = _loaded(scenario)
    key = (loaded.digest, regime)
    found = _KEPT.get(key)
    if found is None:  # two threads may make the same cases; it does not matter whose are kept
        found = _KEPT[key] = _Ready(generate(loaded, n_cases=CASES, regime=regime))
        for oldest in list(_KEPT)[:-_REMEMBERED]:
            _KEPT.pop(oldest, None)
    return found


_KEPT: dict[tuple[str, str | None], _Ready] = {}
