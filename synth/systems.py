"""Records as the systems hold them: tables of text, in an order that says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth import chunks
from synth.data_dictionary import NARRATIVE, FieldEntry, reference_texts
from synth.defects import Mask
from synth.draws import I64, permuted
from synth.narratives import Narrator, Told
from synth.plan import Plan
from synth.sheet import Sheet
from synth.verdicts import narrative_sources, read_so_far, told_facts

COPIES = 2  # record numbers set aside for each case in each system


@dataclass(frozen=True)
class Shelf:
    """The records of the cases at hand, with what is needed to speak about them.

    Attributes:
        plan: the compiled scenario.
        sheet: every cell as codes.
    """

    plan: Plan
    sheet: Sheet

    def present(self, system: str) -> Mask:
        """Return which cases have a record in a system."""
        return ~self.sheet.lost[system]

    @cached_property
    def record_ids(self) -> dict[str, pa.Array]:
        """Each case's record number in each system, whether or not the record was made."""
        index = self.sheet.truth.index
        return {
            system: reference_texts(spec.prefix, permuted(index * COPIES, self.plan.draws, f"record/{system}"))
            for system, spec in self.plan.scenario.systems.items()
        }

    @cached_property
    def second(self) -> dict[str, I64]:
        """The cases whose record was entered twice, by system: positions, ascending."""
        return {system: np.flatnonzero(mask) for system, mask in self.sheet.doubled.items()}

    @cached_property
    def second_ids(self) -> dict[str, pa.Array]:
        """The record numbers of the second records."""
        index = self.sheet.truth.index
        return {
            system: reference_texts(
                self.plan.scenario.systems[system].prefix,
                permuted(index[rows] * COPIES + 1, self.plan.draws, f"record/{system}"),
            )
            for system, rows in self.second.items()
        }

    def all_ids(self, system: str) -> pa.Array:
        """Return the record numbers of the first records of all cases, then of the second ones."""
        return pa.concat_arrays([self.record_ids[system], self.second_ids[system]])

    @cached_property
    def facts(self) -> dict[tuple[str, str], I64]:
        """The code each narrative states for each of its facts."""
        return told_facts(self.plan, self.sheet)

    @cached_property
    def order(self) -> dict[str, I64]:
        """The records of each system as they are written, as positions in `all_ids`."""
        found = {}
        index = self.sheet.truth.index
        for system, second in self.second.items():
            order = chunks.row_order(self.plan.draws, system, index, index[second])
            there = np.concatenate([self.present(system), np.ones(second.size, np.bool_)])
            found[system] = order[there[order]]
        return found

    @cached_property
    def rows(self) -> dict[str, I64]:
        """The case of each record, as positions, in the order in which the records are written."""
        cases = np.arange(self.sheet.truth.index.size, dtype=np.int64)
        return {
            system: np.concatenate([cases, self.second[system]])[order] if self.second[system].size else order
            for system, order in self.order.items()
        }

    @cached_property
    def told(self) -> dict[str, Told]:
        """Every system's narratives: the text in the order of its records, the statements in case order."""
        return {
            system: Narrator(self.plan, system).tell(
                narrative_sources(self.sheet, system),
                {fact: self.facts[system, fact] for fact in facts},
                rows=self.rows[system],
                blank=self.sheet.entries[system, NARRATIVE].recorded[self.rows[system]] < 0,
                kept=self.sheet.kept[system],
            )
            for system, facts in self.plan.told.items()
        }

    def column(self, field: FieldEntry) -> pa.Array:
        """Return a field's recorded cells as text, in the order of the system's records."""
        rows = self.rows[field.system]
        if not field.spec.shown:
            return pa.nulls(rows.size, pa.string())
        codes = self.sheet.entries[field.system, field.name].recorded[rows]
        if not field.is_narrative:
            return field.to_arrow(codes)
        written = self.told[field.system].text if field.source is None else self.passed_on(field)
        return with_placeholders(field, codes, written)

    def passed_on(self, field: FieldEntry) -> pa.Array:
        """Return the narratives that a link sent on, in the order of the receiving system's records."""
        teller, rows = field.teller, self.rows[field.system]
        return (
            Narrator(self.plan, teller)
            .tell(
                narrative_sources(self.sheet, teller)[rows],
                {fact: self.facts[teller, fact][rows] for fact in self.plan.told[teller]},
                blank=self.sheet.entries[field.system, field.name].recorded[rows] < 0,
                kept=self.sheet.kept[teller][rows],
            )
            .text
        )

    def table(self, system: str) -> pa.Table:
        """Return a system's records, chunk by chunk in keyed order."""
        columns = {"record_id": self.all_ids(system).take(pa.array(self.order[system]))}
        return pa.table(columns | {field.name: self.column(field) for field in self.plan.system_fields(system)})

    def narrative_written(self, system: str) -> Mask:
        """Return where a system holds a narrative that states something: present, not blank, not a placeholder."""
        field = self.plan.dictionary[system, NARRATIVE]
        written: Mask = field.is_value(self.sheet.entries[system, NARRATIVE].recorded)
        return self.present(system) & written

    def states(self, system: str, fact: str) -> Mask:
        """Return where a system's narrative states a fact: it is written, and not cut off before."""
        return self.narrative_written(system) & read_so_far(self.plan, self.sheet, system, fact)


def with_placeholders(field: FieldEntry, codes: I64, written: pa.Array) -> pa.Array:
    """Return narratives with placeholders in their places.

    Args:
        field: a narrative.
        codes: its recorded codes.
        written: what stands there otherwise; null where the narrative is blank.
    """
    special: Mask = codes >= field.domain.n_values
    if not special.any():
        return written
    shown = [field.texts[code] for code in codes[special].tolist()]
    return pc.replace_with_mask(written, pa.array(special), pa.array(shown, pa.string()))
