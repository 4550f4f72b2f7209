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
from synth.entry import Sheet
from synth.narratives import Narrator, Told
from synth.plan import Plan
from synth.verdicts import narrative_sources, told_facts


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
            system: reference_texts(spec.prefix, permuted(index * 2, self.plan.draws, f"record/{system}"))
            for system, spec in self.plan.scenario.systems.items()
        }

    @cached_property
    def facts(self) -> dict[tuple[str, str], I64]:
        """The code each narrative states for each of its facts."""
        return told_facts(self.plan, self.sheet)

    @cached_property
    def told(self) -> dict[str, Told]:
        """Every system's narratives as written, with their statements (before any is blanked)."""
        index = self.sheet.truth.index
        return {
            system: Narrator(self.plan, system).tell(
                narrative_sources(self.plan, self.sheet, system) if index.size else index,
                {fact: self.facts[system, fact] for fact in facts},
            )
            for system, facts in self.plan.told.items()
        }

    def column(self, field: FieldEntry) -> pa.Array:
        """Return a field's recorded cells as text, in case order."""
        codes = self.sheet.entries[field.system, field.name].recorded
        if not field.spec.shown:
            return pa.nulls(codes.size, pa.string())
        if not field.is_narrative:
            return field.to_arrow(codes)
        text = self.told[field.system].text
        special = np.flatnonzero(~field.is_value(codes))
        if not special.size:
            return text
        mask = np.zeros(codes.size, np.bool_)
        mask[special] = True
        shown = [None if code < 0 else field.texts[code] for code in codes[special].tolist()]
        return pc.replace_with_mask(text, pa.array(mask), pa.array(shown, pa.string()))

    def table(self, system: str) -> pa.Table:
        """Return a system's records, chunk by chunk in keyed order."""
        index = self.sheet.truth.index
        rows = chunks.row_order(self.plan.draws, system, index)
        rows = rows[self.present(system)[rows]]
        columns = {"record_id": self.record_ids[system]}
        columns |= {field.name: self.column(field) for field in self.plan.system_fields(system)}
        return pa.table(columns).take(pa.array(rows))

    def narrative_written(self, system: str) -> Mask:
        """Return where a system holds a narrative that states something: present, not blank, not a placeholder."""
        field = self.plan.dictionary[system, NARRATIVE]
        written: Mask = field.is_value(self.sheet.entries[system, NARRATIVE].recorded)
        return self.present(system) & written
