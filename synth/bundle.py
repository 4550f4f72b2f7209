"""Records and answers of some cases: tables that belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from synth.draws import I64
from synth.labels import fate_table, label_table
from synth.plan import Plan
from synth.printing import Printer
from synth.spec import VERDICTS
from synth.systems import Shelf

if TYPE_CHECKING:
    import pandas as pd

ANSWERS = ("truth", "links", "stated", "labels", "fates")


@dataclass(frozen=True, repr=False)
class Bundle:
    """Generated cases.

    Attributes:
        plan: scenario, seed and regime.
        n_cases: how many cases.
        records: system -> what the system holds; the only part that rules see.
        answers: truth, links, stated, labels, fates.
    """

    plan: Plan
    n_cases: int
    records: Mapping[str, pa.Table]
    answers: Mapping[str, pa.Table]

    def __repr__(self) -> str:
        plan = self.plan
        return f"Bundle({plan.scenario.scenario}, {self.n_cases} cases, seed {plan.draws.seed}, regime {plan.regime})"

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: FBT001  # the printers' own signature
        del cycle
        printer.text(repr(self))

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield every table with its path-like name: records/<system>, answers/<name>."""
        for system, table in self.records.items():
            yield f"records/{system}", table
        for name, table in self.answers.items():
            yield f"answers/{name}", table

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the records as pandas frames: text columns, categories for finite vocabularies, null = NaN.

        The frames are the caller's own: they can be written to, and the bundle does not change.
        """
        return {system: table.to_pandas().copy() for system, table in self.records.items()}

    def answer(self, name: str) -> pd.DataFrame:
        """Return one table of answers as a pandas frame; numbers that can be null are nullable integers."""
        import pandas as pd  # a quarter of a second that one case can do without

        table = self.answers[name]
        types = {pa.int32(): pd.Int32Dtype(), pa.int64(): pd.Int64Dtype()}
        frame = table.to_pandas(types_mapper=types.get)
        whole = [
            field.name for field in table.schema if pa.types.is_integer(field.type) and not frame[field.name].hasnans
        ]
        typed: pd.DataFrame = frame.astype(
            {name: "int64" for name in whole if table.schema.field(name).type == pa.int64()}
        )
        return typed.copy()


def truth_table(shelf: Shelf, verdicts: np.ndarray) -> pa.Table:
    """Return each case's number, drawn verdict and true values."""
    truth = shelf.sheet.truth
    columns: dict[str, pa.Array] = {
        "case_id": pa.array(truth.index),
        "verdict": pa.DictionaryArray.from_arrays(pa.array(verdicts.astype(np.int16)), pa.array(VERDICTS, pa.string())),
    }
    for name, domain in shelf.plan.domains.items():
        columns[name] = domain.to_arrow(truth.codes(name))
    return pa.table(columns)


def link_table(shelf: Shelf) -> pa.Table:
    """Return which record is of which case, by case and system, a second record after the first."""
    systems = list(shelf.plan.scenario.systems)
    present = np.stack([shelf.present(system) for system in systems], axis=1)
    second = _second_records(shelf)
    keys, again = _interleaved(np.flatnonzero(present), second.rows * len(systems) + second.which)
    rows, which = np.divmod(keys, len(systems))
    place = which * shelf.sheet.truth.index.size + rows
    place[again.positions] = second.place[again.order]
    return pa.table({
        "system": pa.DictionaryArray.from_arrays(pa.array(which.astype(np.int16)), pa.array(systems, pa.string())),
        "record_id": second.ids.take(pa.array(place)),
        "case_id": pa.array(shelf.sheet.truth.index[rows]),
    })  # fmt: skip


@dataclass(frozen=True)
class _Second:
    """Records entered twice: position of the case, number of the system, place in the ids of all records."""

    rows: I64
    which: I64
    place: I64
    ids: pa.Array


def _second_records(shelf: Shelf) -> _Second:
    """Return the second records of all systems, and the ids of all records: first ones by system, then second ones."""
    systems = list(shelf.plan.scenario.systems)
    sizes = [shelf.second[system].size for system in systems]
    n_first = len(systems) * shelf.sheet.truth.index.size
    ids = pa.concat_arrays([shelf.record_ids[name] for name in systems] + [shelf.second_ids[name] for name in systems])
    return _Second(
        np.concatenate([shelf.second[system] for system in systems]),
        np.repeat(np.arange(len(systems)), sizes),
        np.arange(n_first, n_first + sum(sizes)),
        ids,
    )


@dataclass(frozen=True)
class _Inserted:
    """Where the entries of a second list came to stand, and in which order they did."""

    positions: I64
    order: I64


def _interleaved(first: I64, second: I64) -> tuple[I64, _Inserted]:
    """Return ascending numbers with a few more put in, each after its equal.

    Args:
        first: ascending.
        second: some of them again, in any order.
    """
    order = np.argsort(second, kind="stable")
    places = np.searchsorted(first, second[order], side="right")
    keys = np.insert(first, places, second[order]) if second.size else first
    return keys, _Inserted(places + np.arange(second.size), order)


def stated_table(shelf: Shelf) -> pa.Table:
    """Return every fact stated in a narrative: its value and the span of text that states it, by case and place."""
    plan, index = shelf.plan, shelf.sheet.truth.index
    facts = list(dict.fromkeys(fact for told in plan.told.values() for fact in told))
    first_value = dict(
        zip(facts, np.cumsum([0, *(plan.domains[fact].n_values for fact in facts)])[:-1].tolist(), strict=True)
    )
    texts = [text for fact in facts for text in plan.domains[fact].values]  # noqa: PD011  # a tuple of texts
    vocabulary = {text: code for code, text in enumerate(dict.fromkeys(texts))}  # two facts may have one value: "yes"
    code_of = np.array([vocabulary[text] for text in texts], np.int32)
    systems = list(plan.scenario.systems)
    columns = [(system, said) for system in plan.told for said in shelf.told[system].statements]
    there = _side_by_side([shelf.states(system, said.fact) for system, said in columns], index.size, np.bool_)
    system_of = np.array([systems.index(system) for system, _ in columns], np.int64)
    second = _second_records(shelf)
    copies, column = np.nonzero(there[second.rows] & (system_of == second.which[:, None]))
    keys, again = _interleaved(np.flatnonzero(there), second.rows[copies] * max(1, len(columns)) + column)
    rows, which = np.divmod(keys, max(1, len(columns)))
    place = system_of[which] * index.size + rows if which.size else rows
    place[again.positions] = second.place[copies][again.order]

    def spread(arrays: list[np.ndarray]) -> np.ndarray:
        chosen: np.ndarray = _side_by_side(arrays, index.size, np.int32).ravel().take(keys)
        return chosen

    values = spread([shelf.facts[system, said.fact] + first_value[said.fact] for system, said in columns])
    fact_of = np.array([facts.index(said.fact) for _, said in columns], np.int64)
    return pa.table({
        "system": _dictionary(system_of[which] if which.size else which, systems),
        "record_id": second.ids.take(pa.array(place)),
        "fact": _dictionary(fact_of[which] if which.size else which, facts),
        "value": _dictionary(code_of[values] if values.size else values, list(vocabulary)),
        "start": pa.array(spread([said.start for _, said in columns])),
        "end": pa.array(spread([said.end for _, said in columns])),
    })  # fmt: skip


def _side_by_side(arrays: list[np.ndarray], size: int, dtype: type) -> np.ndarray:
    """Return columns as one array of shape (size, number of columns), row by row in memory."""
    out: np.ndarray = np.empty((size, len(arrays)), dtype)
    for place, array in enumerate(arrays):
        out[:, place] = array
    return out


def _dictionary(codes: np.ndarray, vocabulary: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int16)), pa.array(vocabulary, pa.string()))


def tables_of(shelf: Shelf, verdicts: np.ndarray) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """Return records and answers of the cases at hand."""
    records = {system: shelf.table(system) for system in shelf.plan.scenario.systems}
    answers = {
        "truth": truth_table(shelf, verdicts),
        "links": link_table(shelf),
        "stated": stated_table(shelf),
        "labels": label_table(shelf),
        "fates": fate_table(shelf),
    }
    return records, answers
