"""One case with its answers, as a test reads it: plain dictionaries of text, and what is wrong said first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from synth.data_dictionary import NARRATIVE
from synth.printing import Printer

Record = dict[str, str | None]
_WHOLE = frozenset({
    "label_id", "case_id", "span_start", "span_end", "other_span_start", "other_span_end", "group", "start", "end",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """One row of answers/labels; `label_class` is its column `class`."""

    label_id: int
    label_class: str
    system: str
    record_id: str | None
    field: str | None
    other_system: str | None
    other_record_id: str | None
    case_id: int
    defect: str
    mechanism: str | None
    fact: str | None
    expected: str | None
    recorded: str | None
    span_start: int | None
    span_end: int | None
    other_span_start: int | None
    other_span_end: int | None
    group: int | None
    detectable_by: str | None


class Stated(NamedTuple):
    """One row of answers/stated: a fact a narrative states, and where."""

    system: str
    record_id: str
    fact: str
    value: str | None
    start: int
    end: int


@dataclass(frozen=True, repr=False)
class CaseFile:
    """One case: what is true, what the systems hold, and what is wrong with it.

    Attributes:
        scenario: its name.
        regime: the controls it was entered under.
        seed: the seed it was generated from; None for a case a strategy put together.
        index: the case's number; its references and record numbers follow from it.
        truth: true values by name, None where one does not apply.
        records: system -> field -> text, None for null; a record that was never made is not there.
        stated: the facts its narratives state.
        labels: defects, not-values and hard negatives, in the order of answers/labels.
        verdict: what the records come to (see `verdicts`).
        plainest: the true values of the plainest case, for a case a strategy put together.
        reworded: systems whose narrative is not in the plainest words.
        duplicates: system -> the second record, where one was entered twice.
    """

    scenario: str
    regime: str
    seed: int | None
    index: int
    truth: Record
    records: dict[str, Record]
    stated: tuple[Stated, ...]
    labels: tuple[Label, ...]
    verdict: str
    plainest: Mapping[str, str | None]
    reworded: tuple[str, ...]
    duplicates: Mapping[str, Record] = field(default_factory=dict)

    @property
    def changed(self) -> dict[str, str | None]:
        """The true values that are not those of the plainest case."""
        return {
            name: text for name, text in self.truth.items() if name in self.plainest and text != self.plainest[name]
        }

    @property
    def case(self) -> tuple[int | None, int]:
        """Seed and index: `case_file(scenario, index, seed=seed, regime=regime)` makes a generated case again."""
        return self.seed, self.index

    @property
    def narratives(self) -> dict[str, str | None]:
        """The narrative each record holds, by system."""
        return {system: record[NARRATIVE] for system, record in self.records.items() if NARRATIVE in record}

    @cached_property
    def defects(self) -> tuple[Label, ...]:
        """The labels of class `defect`."""
        return tuple(label for label in self.labels if label.label_class == "defect")

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the records as frames of a row each, as `Bundle.frames` does; a record never made is not there."""
        return {system: text_frame(self.held(system), list(record)) for system, record in self.records.items()}

    def held(self, system: str) -> list[Record]:
        """Return what a system holds of the case: one record, none, or the same one twice."""
        return [each[system] for each in (self.records, self.duplicates) if system in each]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: FBT001  # the printers' own signature
        del cycle
        for number, line in enumerate(self._lines()):
            if number:
                printer.break_()
            printer.text(line)

    def _lines(self) -> list[str]:
        """Return what is wrong, then what else is not the plainest."""
        lines = [f"CaseFile {self.index}: {self.verdict}, {_counted(len(self.defects), 'defect')}"]
        lines += [_told(label) for label in sorted(self.labels, key=lambda label: label.label_class)]
        if self.seed is not None:
            return [*lines, f"  generated: {self.scenario}, seed {self.seed}, regime {self.regime}"]
        changed = [f"{name} = {_shown(value)}" for name, value in self.changed.items()]
        changed += [f"other wording in {system}" for system in self.reworded]
        rest = f"all else plainest, but {', '.join(changed)}" if changed else "all else plainest"
        return [*lines, f"  {rest} ({self.scenario}, {self.regime})"]


@dataclass(frozen=True)
class CaseFiles:
    """Some cases, joined into the tables a `Bundle` has.

    Attributes:
        cases: the cases, numbered from 0.
        columns: the columns of each system's records.
    """

    cases: tuple[CaseFile, ...]
    columns: Mapping[str, tuple[str, ...]]

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the records of every system as text columns, one row a record, in the order of the cases."""
        return {
            system: text_frame([record for case in self.cases for record in case.held(system)], columns)
            for system, columns in self.columns.items()
        }

    def labels(self) -> pd.DataFrame:
        """Return answers/labels; numbers that can be null are nullable integers."""
        frame = _answer(
            [column.name for column in fields(Label)], [label for case in self.cases for label in case.labels]
        )
        return frame.rename(columns={"label_class": "class"})

    def stated(self) -> pd.DataFrame:
        """Return answers/stated."""
        return _answer(Stated._fields, [said for case in self.cases for said in case.stated])

    def links(self) -> pd.DataFrame:
        """Return answers/links: which record is of which case."""
        rows = [
            (system, record["record_id"], case.index)
            for case in self.cases
            for system in case.records
            for record in case.held(system)
        ]
        return pd.DataFrame(rows, columns=["system", "record_id", "case_id"])

    def __repr__(self) -> str:
        return "\n".join(["CaseFiles of", *(repr(case) for case in self.cases)])

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: FBT001  # the printers' own signature
        printer.text("CaseFiles of")
        for case in self.cases:
            printer.break_()
            case._repr_pretty_(printer, cycle)  # a printer's hook, called as printers call it


def text_frame(records: list[Record], columns: list[str] | tuple[str, ...]) -> pd.DataFrame:
    """Return records as a frame of text columns, null = NaN as in `Bundle.frames`."""
    table = pa.table({name: pa.array([record[name] for record in records], pa.string()) for name in columns})
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _answer(names: Iterable[str], rows: Sequence[Label | Stated]) -> pd.DataFrame:
    columns = {
        name: pa.array([getattr(row, name) for row in rows], pa.int64() if name in _WHOLE else pa.string())
        for name in names
    }
    frame: pd.DataFrame = pa.table(columns).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    return frame


def _told(label: Label) -> str:
    """Return a label as a line a reader understands."""
    place = label.system if label.field is None else f"{label.system}.{label.field}"
    if label.field is None:
        return f"  {label.defect}: {place} {_OF_RECORDS[label.defect]}"
    if label.span_start is None:
        return f"  {label.defect}: {place} is {_shown(label.recorded)}, expected {_shown(label.expected)}"
    if label.label_class == "hard_negative":
        return f"  {label.defect}: {place} says {label.recorded!r}, {label.other_system} {label.expected!r}; both true"
    span = f"[{label.span_start}:{label.span_end}]"
    return f"  {label.defect}: {place}{span} says {label.recorded!r}, {label.expected!r} is true ({label.fact})"


_OF_RECORDS = {
    "off_system": "has no record of the case",
    "duplicate_record": "holds its record of the case twice",
    "late_entry": "was entered late",
}


def _shown(text: str | None) -> str:
    return "null" if text is None else repr(text)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
