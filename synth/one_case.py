"""One case at a time, in plain Python: what the columns of synth do for many, fast enough for a property test.

A `Draft` holds the case as codes; a `Desk` knows a scenario and regime as tuples and dictionaries of codes and texts,
and turns a draft into a `CaseFile`. Labels, statements and verdict are made from the codes exactly as `labels`, `bundle`
and `verdicts` make them from columns; `case_file` puts a generated case through the same desk, and tests compare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import combinations

import numpy as np

from synth import chunks
from synth.case_file import CaseFile, Label, Record, Stated
from synth.data_dictionary import NARRATIVE, FieldEntry
from synth.defects import DETECTABLE_BY
from synth.draws import below, permuted
from synth.entry import FATE
from synth.forms import HARD_NEGATIVE_OF, FactForms
from synth.labels import HARD_SLOT, NOTHING_SEES, RECORD_SLOT, SLOTS
from synth.narratives import Narrator, variant_literals
from synth.pipeline import make_plan, sheet_of
from synth.plan import Cell, Plan
from synth.spec import VERDICTS, Scenario, slots
from synth.systems import Shelf
from synth.truth import Truth

Telling = tuple[str, str]  # (system, fact)
COPIED = 1  # the code of a narrative that is another case's
SEEN_BY = {kind: ";".join(families) or NOTHING_SEES for kind, families in DETECTABLE_BY.items()}


@dataclass(frozen=True)
class Wording:
    """How a narrative is put: the variant of each sentence, the form of each fact."""

    variants: tuple[int, ...]
    forms: Mapping[str, int]


@dataclass
class Draft:
    """A case while it is being put together, as codes.

    Attributes:
        index: the case's number.
        record_numbers: system -> the number its record id is made of.
        truth: true values by name.
        expected: what an error-free clerk would have recorded, by cell.
        recorded: what the systems hold.
        said: (system, fact) -> the code the narrative states it with.
        wording: system -> how an error-free clerk would have put the narrative.
        written: system -> how the narrative at hand is put; differs only where it was copied.
        contradicted: facts that a narrative states wrongly.
        copied: cells that hold the previous case's value.
        honest: cells whose "unknown" is the truth about what the writer knew.
        lost: systems without a record of the case.
    """

    index: int
    record_numbers: Mapping[str, int]
    truth: dict[str, int]
    expected: dict[Cell, int]
    recorded: dict[Cell, int]
    said: dict[Telling, int]
    wording: Mapping[str, Wording]
    written: dict[str, Wording]
    contradicted: list[Telling] = field(default_factory=list)
    copied: set[Cell] = field(default_factory=set)
    honest: set[Cell] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Column:
    """A field as this module needs it: `texts[code]` is its text, and `texts[-1]`, the last, is null."""

    cell: Cell
    name: str
    slot: int
    entry: FieldEntry
    truth: str
    texts: tuple[str | None, ...]
    n_values: int
    not_value: int
    asked: tuple[tuple[Cell, frozenset[int]], ...]


@dataclass(frozen=True)
class Sentence:
    """A sentence of a narrative: the facts it states, and the literal text around them, by variant."""

    facts: tuple[str, ...]
    literals: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Said:
    """Where a narrative states a fact: code and form of what is stated, and the span."""

    code: int
    form: int
    start: int
    end: int


@dataclass(frozen=True)
class Desk:
    """A scenario under a regime, ready to put together one case at a time.

    Args:
        plan: the compiled scenario.
    """

    plan: Plan

    @cached_property
    def columns(self) -> Mapping[Cell, Column]:
        """Every field, in the order of the forms."""
        return {
            cell: _column(self.plan, slot, entry) for slot, (cell, entry) in enumerate(self.plan.dictionary.items())
        }

    @cached_property
    def of_system(self) -> Mapping[str, tuple[Column, ...]]:
        """The fields of each system."""
        return {
            system: tuple(column for cell, column in self.columns.items() if cell[0] == system)
            for system in self.plan.scenario.systems
        }

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """The prefix of each system's record numbers."""
        return {system: spec.prefix for system, spec in self.plan.scenario.systems.items()}

    @cached_property
    def truths(self) -> tuple[tuple[str, tuple[str | None, ...], str], ...]:
        """Name, texts and prefix of every true value."""
        return tuple(
            (name, (*domain.values, None) if domain.values else (), domain.prefix)
            for name, domain in self.plan.domains.items()
        )

    @cached_property
    def voices(self) -> Mapping[str, tuple[Sentence, ...]]:
        """The sentences of each system's narrative."""
        return {
            system: tuple(
                Sentence(
                    tuple(slots(variants[0])),
                    tuple(tuple(variant_literals(variant, first=number == 0)) for variant in variants),
                )
                for number, variants in enumerate(self.plan.scenario.narratives[system].sentences)
            )
            for system in self.plan.told
        }

    @cached_property
    def forms(self) -> Mapping[Telling, FactForms]:
        """The forms of every fact in every narrative."""
        return self.plan.forms

    @cached_property
    def materials(self) -> tuple[Column, ...]:
        """The material items."""
        return tuple(self.columns[cell] for cell in self.plan.materials)

    @cached_property
    def statements(self) -> tuple[tuple[tuple[Column, ...], tuple[str, ...], str], ...]:
        """Of every shared fact: the fields and the narratives that state it, and its name."""
        return tuple(
            (
                tuple(self.columns[cell] for cell in spec.fields.items()),
                tuple(system for system, facts in self.plan.told.items() if fact in facts),
                fact,
            )
            for fact, spec in self.plan.scenario.shared_facts.items()
        )

    @cached_property
    def comparisons(self) -> tuple[tuple[int, str, str, str, str], ...]:
        """Slot, kind, fact and systems of every pair of narratives that state a fact both."""
        pairs = [(fact, pair) for _, telling, fact in self.statements for pair in combinations(telling, 2)]
        return tuple(
            (HARD_SLOT + number, HARD_NEGATIVE_OF[self.plan.domains[fact].kind], fact, *pair)
            for number, (fact, pair) in enumerate(pairs, start=1)
        )

    @cached_property
    def elsewhere(self) -> Mapping[Telling, str]:
        """Of every fact in every narrative: another system that states it, a narrative before a field."""
        return {
            (system, fact): other
            for columns, telling, fact in self.statements
            for system in telling
            for other in [o for o in (*telling, *(column.cell[0] for column in columns)) if o != system][:1]
        }

    def expected(self, truth: Mapping[str, int]) -> dict[Cell, int]:
        """Return what an error-free clerk records: the truth, null (-1) where the form does not ask."""
        out: dict[Cell, int] = {}
        for cell, column in self.columns.items():
            if column.truth:
                asked = all(out[other] in codes for other, codes in column.asked) if column.asked else True
                out[cell] = truth[column.truth] if asked else -1
            else:
                out[cell] = 0 if column.entry.spec.shown else -1
        return out

    def file(self, draft: Draft, *, seed: int | None, changed: Mapping[str, str | None]) -> CaseFile:
        """Return the case with its records and answers as text."""
        ids = {system: reference_text(self.prefixes[system], draft.record_numbers[system]) for system in self.of_system}
        texts: dict[str, str] = {}
        spans: dict[Telling, Said] = {}
        for system in self.voices:
            texts[system] = self.render(system, draft.written[system], draft.said, spans)
        records = {
            system: self._record(draft, system, ids[system], texts) for system in self.of_system if system not in draft.lost
        }
        labels = sorted(self._labels(draft, ids, records, spans), key=lambda label: label.label_id)
        return CaseFile(
            scenario=self.plan.scenario.scenario,
            regime=self.plan.regime,
            seed=seed,
            index=draft.index,
            truth={name: _text(options, prefix, draft.truth[name]) for name, options, prefix in self.truths},
            records=records,
            stated=tuple(self._stated(draft, ids, spans)),
            labels=tuple(labels),
            verdict=VERDICTS[self.verdict(draft)],
            changed=changed,
        )

    def render(
        self, system: str, wording: Wording, codes: Mapping[Telling, int], spans: dict[Telling, Said] | None = None
    ) -> str:
        """Return a narrative, and put into `spans` where it states what."""
        pieces: list[str] = []
        reached = 0
        for sentence, variant in zip(self.voices[system], wording.variants, strict=True):
            literals = sentence.literals[variant]
            for fact, literal in zip(sentence.facts, literals, strict=False):  # one literal more: the sentence's end
                code, form, forms = codes[system, fact], wording.forms[fact], self.forms[system, fact]
                surface = forms.texts[code * forms.n_forms + form]
                start = reached + len(literal)
                reached = start + len(surface)
                pieces += (literal, surface)
                if spans is not None:
                    spans[system, fact] = Said(code, form, start, reached)
            pieces.append(literals[-1])
            reached += len(literals[-1])
        return "".join(pieces)

    def verdict(self, draft: Draft) -> int:
        """Return the verdict the records come to, as a position in `VERDICTS`; as `verdicts.verdict` on columns."""
        if any(self._silent(draft, column) for column in self.materials):
            return VERDICTS.index("insufficient")
        for columns, telling, fact in self.statements:
            values = {
                (column.cell[0], draft.recorded[column.cell])
                for column in columns
                if column.cell[0] not in draft.lost and 0 <= draft.recorded[column.cell] < column.n_values
            }
            values |= {(system, draft.said[system, fact]) for system in telling if self.written(draft, system)}
            if any(here[0] != there[0] and here[1] != there[1] for here, there in combinations(values, 2)):
                return VERDICTS.index("inconsistent")
        return VERDICTS.index("documented")

    def _silent(self, draft: Draft, column: Column) -> bool:
        """Return whether a material item is asked, going by what its record says, and states nothing."""
        if column.cell[0] in draft.lost:
            return True
        if 0 <= draft.recorded[column.cell] < column.n_values:
            return False
        return self.asked_as_recorded(draft, column)

    def asked_as_recorded(self, draft: Draft, column: Column) -> bool:
        """Return whether the form asks for a field, going by what its record says."""
        return all(draft.recorded[other] in codes for other, codes in column.asked)

    def written(self, draft: Draft, system: str) -> bool:
        """Return whether a system holds a narrative that states something."""
        column = self.columns[system, NARRATIVE]
        return system not in draft.lost and 0 <= draft.recorded[system, NARRATIVE] < column.n_values

    def _record(self, draft: Draft, system: str, record_id: str, texts: Mapping[str, str]) -> Record:
        record: Record = {"record_id": record_id}
        for column in self.of_system[system]:
            code = draft.recorded[column.cell]
            if column.name == NARRATIVE and 0 <= code < column.n_values:
                record[column.name] = texts[system]
            elif column.texts:
                record[column.name] = column.texts[code]
            else:
                record[column.name] = _reference(column, code)
        return record

    def _stated(self, draft: Draft, ids: Mapping[str, str], spans: Mapping[Telling, Said]) -> Iterator[Stated]:
        held = {system: self.written(draft, system) for system in self.voices}
        for (system, fact), said in spans.items():
            if held[system]:
                value = self.plan.domains[fact].values[said.code]  # noqa: PD011  # a tuple of texts
                yield Stated(system, ids[system], fact, value, said.start, said.end)

    def _labels(
        self,
        draft: Draft,
        ids: Mapping[str, str],
        records: Mapping[str, Record],
        spans: Mapping[Telling, Said],
    ) -> Iterator[Label]:
        for cell, code in draft.recorded.items():
            if code != draft.expected[cell] and cell[0] not in draft.lost:
                yield self._cell_label(draft, self.columns[cell], code, ids[cell[0]], records[cell[0]])
        for number, system in enumerate(self.of_system):
            if system in draft.lost:
                yield _label(draft, RECORD_SLOT + number, "defect", "off_system", "MCAR", system, None, None)
        for telling in draft.contradicted:
            if self.written(draft, telling[0]):
                yield self._contradiction(draft, telling, ids, spans)
        yield from self._hard_negatives(draft, ids, spans)

    def _cell_label(self, draft: Draft, column: Column, code: int, record_id: str, record: Record) -> Label:
        cell, system = column.cell, column.cell[0]
        if column.entry.is_narrative:
            true = {(system, fact): draft.truth[fact] for fact in self.plan.told[system]}
            expected: str | None = self.render(system, draft.wording[system], true)
            kind = "narrative_missing" if code < 0 else "copied_forward" if code == COPIED else "disguised_missing"
        else:
            expected = column.texts[draft.expected[cell]] if column.texts else _reference(column, draft.expected[cell])
            kind = self._kind(draft, column, code)
        label_class = "not_value" if kind == "not_value_honest" else "defect"
        return _label(
            draft, column.slot, label_class, kind, MECHANISMS[kind], system, column.name, record_id,
            expected=expected, recorded=record[column.name],
        )  # fmt: skip

    @staticmethod
    def _kind(draft: Draft, column: Column, code: int) -> str:
        """Return what kind of difference a cell shows."""
        if code < 0:
            return "missing"
        if code >= column.not_value:
            return "not_value_honest" if column.cell in draft.honest else "false_unknown"
        if code >= column.n_values:
            return "disguised_missing"
        return "copied_forward" if column.cell in draft.copied else "wrong_value"

    def _contradiction(
        self, draft: Draft, telling: Telling, ids: Mapping[str, str], spans: Mapping[Telling, Said]
    ) -> Label:
        (system, fact), here, forms = telling, spans[telling], self.forms[telling]
        other = self.elsewhere[telling]
        there = spans.get((other, fact)) if (other, fact) in spans and self.written(draft, other) else None
        true = forms.texts[draft.truth[fact] * forms.n_forms + here.form]
        return _label(
            draft, self.columns[system, NARRATIVE].slot, "defect", "narrative_contradiction", "ECAR", system, NARRATIVE,
            ids[system], other_system=other, other_record_id=None if other in draft.lost else ids[other], fact=fact,
            expected=true, recorded=forms.texts[here.code * forms.n_forms + here.form], span=here, other_span=there,
        )  # fmt: skip

    def _hard_negatives(self, draft: Draft, ids: Mapping[str, str], spans: Mapping[Telling, Said]) -> Iterator[Label]:
        for slot, kind, fact, system, other in self.comparisons:
            here, there = spans[system, fact], spans[other, fact]
            if here.code != there.code or here.form == there.form:
                continue
            if self.written(draft, system) and self.written(draft, other):
                forms, other_forms = self.forms[system, fact], self.forms[other, fact]
                yield _label(
                    draft, slot, "hard_negative", kind, None, system, NARRATIVE, ids[system],
                    other_system=other, other_record_id=ids[other], fact=fact,
                    expected=other_forms.texts[there.code * other_forms.n_forms + there.form],
                    recorded=forms.texts[here.code * forms.n_forms + here.form], span=here, other_span=there,
                )  # fmt: skip


MECHANISMS = {
    "missing": "MCAR", "narrative_missing": "MCAR", "disguised_missing": "MCAR", "not_value_honest": "MCAR",
    "off_system": "MCAR", "false_unknown": "ECAR", "copied_forward": "ECAR", "wrong_value": "ECAR",
    "narrative_contradiction": "ECAR",
}  # fmt: skip


def _label(
    draft: Draft,
    slot: int,
    label_class: str,
    kind: str,
    mechanism: str | None,
    system: str,
    name: str | None,
    record_id: str | None,
    *,
    other_system: str | None = None,
    other_record_id: str | None = None,
    fact: str | None = None,
    expected: str | None = None,
    recorded: str | None = None,
    span: Said | None = None,
    other_span: Said | None = None,
) -> Label:
    return Label(
        draft.index * SLOTS + slot, label_class, system, record_id, name, other_system, other_record_id, draft.index,
        kind, mechanism, fact, expected, recorded,
        None if span is None else span.start, None if span is None else span.end,
        None if other_span is None else other_span.start, None if other_span is None else other_span.end,
        None, SEEN_BY[kind] if label_class == "defect" else None,
    )  # fmt: skip


def _column(plan: Plan, slot: int, entry: FieldEntry) -> Column:
    cell = (entry.system, entry.name)
    asked = tuple(((entry.system, other), frozenset(codes)) for other, codes in plan.conditions[cell].items())
    texts = (*entry.texts, None) if entry.domain.values else ()
    return Column(
        cell, entry.name, slot, entry, entry.truth, texts, entry.domain.n_values, entry.not_value_code(), asked
    )


def _reference(column: Column, code: int) -> str | None:
    """Return a cell whose values are references: a number with a check digit, or what stands in its place."""
    if code < column.n_values:
        return None if code < 0 else reference_text(column.entry.domain.prefix, code)
    return (*column.entry.placeholders, *column.entry.not_values)[code - column.n_values]


def _text(texts: tuple[str | None, ...], prefix: str, code: int) -> str | None:
    if texts:
        return texts[code]
    return None if code < 0 else reference_text(prefix, code)


@lru_cache(maxsize=1 << 14)
def reference_text(prefix: str, number: int) -> str:
    """Return a reference number as text: prefix, ten digits and a Luhn check digit.

    Examples:
        >>> reference_text("SYN-Q", 79927398)
        'SYN-Q-0079927398-2'
    """
    digits = f"{number:010d}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[1::2])
    return f"{prefix}-{digits}-{-(doubled + sum(int(digit) for digit in digits[0::2])) % 10}"


def case_file(
    scenario: Scenario | str, index: int, *, seed: int = 1, regime: str | None = None, n_cases: int | None = None
) -> CaseFile:
    """Return a generated case as a `CaseFile`: the same records and answers as `pipeline.case` gives as tables.

    Args:
        scenario: a scenario, or the name or path of one.
        index: the case, 0 or more.
        seed: as for `generate`.
        regime: as for `generate`.
        n_cases: how many cases the run has; None: as if the case's verdict block were whole.

    Examples:
        >>> one = case_file("oig-20-13", 3, seed=1)
        >>> one.case, sorted(one.records)
        ((1, 3), ['casework', 'encounter', 'inquiry'])
    """
    plan = make_plan(scenario, seed=seed, regime=regime)
    chunks.check_n_cases(index + 1 if n_cases is None else n_cases)
    return Desk(plan).file(draft_of(plan, index, n_cases), seed=seed, changed={})


def draft_of(plan: Plan, index: int, n_cases: int | None) -> Draft:
    """Return a generated case as a draft."""
    here = np.array([index], np.int64)
    sheet, _ = sheet_of(plan, here, n_cases)
    shelf = Shelf(plan, sheet)
    own = {system: _wording(plan, system, here) for system in plan.told}
    copied = {
        system: replace(_wording(plan, system, chunks.previous_cases(plan.draws, here)))
        for system in plan.told
        if sheet.entries[system, NARRATIVE].recorded[0] == COPIED
    }
    return Draft(
        index=index,
        record_numbers={
            system: int(permuted(here * 2, plan.draws, f"record/{system}")[0]) for system in plan.scenario.systems
        },
        truth={name: int(Truth(plan, here).codes(name)[0]) for name in plan.scenario.truth},
        expected={cell: int(entry.expected[0]) for cell, entry in sheet.entries.items()},
        recorded={cell: int(entry.recorded[0]) for cell, entry in sheet.entries.items()},
        said={telling: int(codes[0]) for telling, codes in shelf.facts.items()},
        wording=own,
        written=own | copied,
        contradicted=[telling for telling, rows in sheet.planted.contradicted.items() if rows.size],
        copied={cell for cell, entry in sheet.entries.items() if entry.copied.size},
        honest={cell for cell, entry in sheet.entries.items() if (entry.fates == FATE["not_value_honest"]).any()},
        lost={system for system, mask in sheet.lost.items() if mask[0]},
    )


def _wording(plan: Plan, system: str, index: np.ndarray) -> Wording:
    """Return how a generated case's narrative is put."""
    narrator = Narrator(plan, system)
    variants = tuple(
        int(below(plan.draws.u32(f"narrative/{system}/{number}", index), len(options))[0])
        for number, options in enumerate(narrator.sentences)
    )
    zero = {fact: np.zeros(1, np.int64) for fact in plan.told[system]}
    told = narrator.tell(index, zero, text=False)
    return Wording(variants, {said.fact: int(said.surface[0]) for said in told.statements})
