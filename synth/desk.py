"""A scenario under a regime, ready to put together one case at a time: fast enough for a property test.

A `Desk` knows the scenario as tuples and dictionaries of codes and texts, and turns a `Draft` into a `CaseFile`.
Labels, statements and verdict are made from the codes exactly as `labels`, `bundle` and `verdicts` make them from
columns; `one_case.case_file` puts a generated case through the same desk, and tests compare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from synth.case_file import CaseFile, Label, Record, Stated
from synth.data_dictionary import NARRATIVE
from synth.defects import DETECTABLE_BY
from synth.draft import (
    COPIED,
    CUT_OFF,
    Column,
    Draft,
    Said,
    Sentence,
    Telling,
    Told,
    Wording,
    asked_as_recorded,
    column_of,
    numbered_text,
    reference_cell,
    reference_text,
)
from synth.forms import HARD_NEGATIVES, FactForms, hard_negative_of, stump, variant_literals
from synth.labels import HARD_SLOT, NOTHING_SEES, RECORD_KINDS, RECORD_SLOT, SLOTS, mechanism_of, swap_slot
from synth.plan import Plan
from synth.processes import Cell
from synth.spec import VERDICTS, slots

REMEMBERED = 1 << 16  # sentences kept ready
SEEN_BY = {kind: ";".join(families) or NOTHING_SEES for kind, families in DETECTABLE_BY.items()}


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
            cell: column_of(self.plan, slot, entry) for slot, (cell, entry) in enumerate(self.plan.dictionary.items())
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
    def plain_wording(self) -> Mapping[str, Wording]:
        """The first variant of every sentence and the usual form of every fact, by system."""
        return {
            system: Wording(
                tuple(0 for _ in sentences), {fact: self.forms[system, fact].usual for fact in self.plan.told[system]}
            )
            for system, sentences in self.voices.items()
        }

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
    def comparisons(self) -> tuple[tuple[int, str, Telling, Telling], ...]:
        """Slot, fact and both ends of every pair of narratives that state a fact both."""
        pairs = [(fact, pair) for _, telling, fact in self.statements for pair in combinations(telling, 2)]
        return tuple(
            (HARD_SLOT + number, fact, (system, fact), (other, fact))
            for number, (fact, (system, other)) in enumerate(pairs, start=1)
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

    @cached_property
    def insisted(self) -> Mapping[Cell, Column]:
        """The fields a hard stop covers that are not always asked."""
        conditional = self.plan.controls.mandatory & set(self.plan.controls.branches)
        return {cell: column for cell, column in self.columns.items() if cell in conditional}

    def expected(self, truth: Mapping[str, int]) -> dict[Cell, int]:
        """Return what an error-free clerk records: the truth, null (-1) where the form does not ask."""
        out = {cell: truth[name] if name else fixed for cell, name, fixed in self._sources}
        for cell, asked in self._conditional:
            for other, codes in asked:
                if out[other] not in codes:
                    out[cell] = -1
        for cell, source in self.received.items():
            out[cell] = out[source]
        return out

    @cached_property
    def received(self) -> Mapping[Cell, Cell]:
        """The fields that a link fills, and where from."""
        return {
            cell: column.entry.source
            for cell, column in self.columns.items()
            if column.entry.source is not None and column.entry.spec.shown
        }

    @cached_property
    def _sources(self) -> tuple[tuple[Cell, str, int], ...]:
        """Of every field: the true value it records, or the code it always has."""
        return tuple(
            (cell, column.truth, 0 if column.entry.spec.shown else -1) for cell, column in self.columns.items()
        )

    @cached_property
    def _conditional(self) -> tuple[tuple[Cell, tuple[tuple[Cell, frozenset[int]], ...]], ...]:
        """The fields that are not always asked."""
        return tuple((cell, column.asked) for cell, column in self.columns.items() if column.asked)

    def file(self, draft: Draft, *, seed: int | None, plainest: Mapping[str, str | None] | None = None) -> CaseFile:
        """Return the case with its records and answers as text; `plainest` is what a reader need not be told."""
        ids = {system: reference_text(self.prefixes[system], draft.record_numbers[system]) for system in self.of_system}
        told = {
            system: self.render(system, draft.written[system], draft.said, draft.kept.get(system))
            for system in self.voices
        }
        held = {system: text for system, text in told.items() if self.written(draft, system)}
        records = {
            system: self._record(draft, system, ids[system], held, told)
            for system in self.of_system
            if system not in draft.lost
        }
        seconds = {system: reference_text(self.prefixes[system], number) for system, number in draft.doubled.items()}
        labels = sorted(self._labels(draft, ids, seconds, records, held, told), key=lambda label: label.label_id)
        return CaseFile(
            scenario=self.plan.scenario.scenario,
            regime=self.plan.regime,
            seed=seed,
            index=draft.index,
            truth=self.true_texts(draft.truth),
            records=records,
            duplicates={system: {**records[system], "record_id": number} for system, number in seconds.items()},
            stated=tuple(self._stated(ids, seconds, held)),
            labels=tuple(labels),
            verdict=VERDICTS[self.verdict(draft)],
            plainest=plainest or {},
            reworded=tuple(system for system in self.voices if draft.written[system] != self.plain_wording[system]),
        )

    def true_texts(self, truth: Mapping[str, int]) -> dict[str, str | None]:
        """Return true values as text."""
        return {
            name: options[truth[name]] if options else numbered_text(prefix, truth[name])
            for name, options, prefix in self.truths
        }

    def render(self, system: str, wording: Wording, codes: Mapping[Telling, int], kept: int | None = None) -> Told:
        """Return a narrative that states facts with the given codes; `kept`: the sentences before it is cut off."""
        pieces: list[str] = []
        said: list[Said] = []
        reached, forms = 0, wording.forms
        for number, (tellings, variant) in enumerate(zip(self._tellings[system], wording.variants, strict=True)):
            if number == kept:
                pieces.append(stump(self.voices[system][number].literals[variant][0]))
                break
            values = tuple([(codes[telling], forms[telling[1]]) for telling in tellings])
            sentence = self._sentence(system, number, variant, values)
            pieces.append(sentence.text)
            for telling, code, form, start, end in sentence.said:
                said.append(Said(telling, code, form, start + reached, end + reached))
            reached += len(sentence.text)
        return Told("".join(pieces), tuple(said))

    def _sentence(self, system: str, number: int, variant: int, values: tuple[tuple[int, int], ...]) -> Told:
        """Return a sentence, remembered: most narratives are put together from sentences that were told before."""
        key = (system, number, variant, values)
        if key not in self._told:
            if len(self._told) >= REMEMBERED:
                self._told.clear()
            self._told[key] = self._spell(self.voices[system][number], system, variant, values)
        return self._told[key]

    @cached_property
    def _told(self) -> dict[tuple[str, int, int, tuple[tuple[int, int], ...]], Told]:
        return {}

    @cached_property
    def _tellings(self) -> Mapping[str, tuple[tuple[Telling, ...], ...]]:
        return {
            system: tuple(tuple((system, fact) for fact in sentence.facts) for sentence in sentences)
            for system, sentences in self.voices.items()
        }

    def _spell(self, sentence: Sentence, system: str, variant: int, values: tuple[tuple[int, int], ...]) -> Told:
        """Return a sentence that states each of its facts with a code and in a form."""
        literals, text = sentence.literals[variant], ""
        said = []
        for fact, literal, (code, form) in zip(sentence.facts, literals, values, strict=False):  # and the last literal
            forms = self.forms[system, fact]
            start = len(text) + len(literal)
            text += literal + forms.texts[code * forms.n_forms + form]
            said.append(Said((system, fact), code, form, start, len(text)))
        return Told(text + literals[-1], tuple(said))

    def verdict(self, draft: Draft) -> int:
        """Return the verdict the records come to, as a position in `VERDICTS`; as `verdicts.verdict` on columns."""
        if draft.recorded == draft.expected and not draft.contradicted and not draft.lost:
            return VERDICTS.index("documented")
        if any(self._silent(draft, column) for column in self.materials):
            return VERDICTS.index("insufficient")
        written = {system for system in self.voices if self.written(draft, system)}
        for columns, telling, fact in self.statements:
            values = [
                (system, draft.said[system, fact])
                for system in telling
                if system in written and not (draft.kept and self._cut_before(draft, system, fact))
            ]
            for column in columns:
                code = draft.recorded[column.cell]
                if column.is_value(code) and column.cell[0] not in draft.lost:
                    values.append((column.cell[0], code))
            if len({code for _, code in values}) > 1 and _disagree(values):
                return VERDICTS.index("inconsistent")
        return VERDICTS.index("documented")

    def _cut_before(self, draft: Draft, system: str, fact: str) -> bool:
        """Return whether a narrative ends before it states a fact."""
        return self.plan.sentence_of[system, fact] >= draft.kept.get(system, len(self.voices[system]))

    @staticmethod
    def _silent(draft: Draft, column: Column) -> bool:
        """Return whether a material item is asked, going by what its record says, and states nothing."""
        if column.is_value(draft.recorded[column.cell]):
            return column.cell[0] in draft.lost
        return column.cell[0] in draft.lost or asked_as_recorded(draft, column)

    def written(self, draft: Draft, system: str) -> bool:
        """Return whether a system holds a narrative that states something."""
        column = self.columns[system, NARRATIVE]
        return system not in draft.lost and 0 <= draft.recorded[system, NARRATIVE] < column.n_values

    def _record(
        self, draft: Draft, system: str, record_id: str, held: Mapping[str, Told], told: Mapping[str, Told]
    ) -> Record:
        recorded = draft.recorded
        record: Record = {"record_id": record_id}
        for name, cell, options in self._form[system]:
            record[name] = options[recorded[cell]] if options else reference_cell(self.columns[cell], recorded[cell])
        if system in held:
            record[NARRATIVE] = held[system].text
        for cell in self.passed_on.get(system, ()):
            column = self.columns[cell]
            if 0 <= recorded[cell] < column.n_values:
                record[column.name] = told[column.entry.teller].text
        return record

    @cached_property
    def passed_on(self) -> Mapping[str, tuple[Cell, ...]]:
        """Of each system, the narratives that a link sends to it."""
        cells = [cell for cell in self.received if self.columns[cell].entry.is_narrative]
        return {system: tuple(cell for cell in cells if cell[0] == system) for system in self.of_system}

    @cached_property
    def _form(self) -> Mapping[str, tuple[tuple[str, Cell, tuple[str | None, ...]], ...]]:
        """Name, cell and texts of every field of a system."""
        return {
            system: tuple((column.name, column.cell, column.texts) for column in columns)
            for system, columns in self.of_system.items()
        }

    def _stated(self, ids: Mapping[str, str], seconds: Mapping[str, str], held: Mapping[str, Told]) -> Iterator[Stated]:
        for system, told in held.items():
            record_ids = (ids[system], seconds[system]) if system in seconds else (ids[system],)
            for (_, fact), code, _, start, end in told.said:
                for record_id in record_ids:
                    yield Stated(system, record_id, fact, self._values[fact][code], start, end)

    @cached_property
    def _values(self) -> Mapping[str, tuple[str, ...]]:
        return {name: domain.values for name, domain in self.plan.domains.items()}

    def _labels(
        self,
        draft: Draft,
        ids: Mapping[str, str],
        seconds: Mapping[str, str],
        records: Mapping[str, Record],
        held: Mapping[str, Told],
        told: Mapping[str, Told],
    ) -> Iterator[Label]:
        for cell, code in draft.recorded.items():
            if code != draft.expected[cell] and cell[0] not in draft.lost:
                yield self._cell_label(draft, self.columns[cell], code, ids[cell[0]], records[cell[0]])
        for number, system in enumerate(self.of_system):
            yield from self._record_labels(draft, system, RECORD_SLOT + number * len(RECORD_KINDS), ids, seconds)
        for telling in draft.contradicted:
            for cell, column in self.columns.items():
                here = column.entry.is_narrative and column.entry.teller == telling[0] and cell[0] not in draft.lost
                if here and 0 <= draft.recorded[cell] < column.n_values:
                    yield self._contradiction(draft, telling, column, ids, told)
        yield from self._hard_negatives(draft, ids, held)

    def _record_labels(
        self, draft: Draft, system: str, slot: int, ids: Mapping[str, str], seconds: Mapping[str, str]
    ) -> Iterator[Label]:
        plan = self.plan
        if system in draft.lost:
            mechanism = plan.mechanism("off_system", "off_system", system)
            yield _label(draft, slot, "defect", "off_system", mechanism, system, None, None)
            return
        if system in seconds:
            mechanism = plan.mechanism("duplicate_record", "duplicate_record", system)
            yield _label(
                draft, slot + 1, "defect", "duplicate_record", mechanism, system, None, seconds[system],
                other_system=system, other_record_id=ids[system],
            )  # fmt: skip
        for name in draft.late.intersection(plan.stamps[system]):
            mechanism = plan.mechanism("late_entry", "late_entry", system, name)
            yield _label(draft, slot + 2, "defect", "late_entry", mechanism, system, None, ids[system])

    def _cell_label(self, draft: Draft, column: Column, code: int, record_id: str, record: Record) -> Label:
        cell, system = column.cell, column.cell[0]
        if column.entry.is_narrative:
            teller = column.entry.teller
            true = {(teller, fact): draft.truth[fact] for fact in self.plan.told[teller]}
            expected: str | None = self.render(teller, draft.wording[teller], true).text
            kind = _NARRATIVE_KINDS.get(code, "disguised_missing")
            kind = "lost_in_transmission" if cell in draft.astray else kind
            process = kind if kind in {"narrative_truncated", "lost_in_transmission"} else "gap"
        else:
            expected = (
                column.texts[draft.expected[cell]] if column.texts else reference_cell(column, draft.expected[cell])
            )
            kind = self._kind(draft, column, code)
            process = "falsified" if cell in draft.falsified else "gap" if cell in draft.left_open else "slip"
            process = kind if kind in {"swapped", "lost_in_transmission"} else process
        label_class = "not_value" if kind == "not_value_honest" else "defect"
        return _label(
            draft, column.slot, label_class, kind, mechanism_of(self.plan, column.entry, process, kind), system,
            column.name, record_id, expected=expected, recorded=record[column.name],
            group=draft.index * SLOTS + swap_slot(self.plan, column.entry) if kind == "swapped" else None,
        )  # fmt: skip

    @staticmethod
    def _kind(draft: Draft, column: Column, code: int) -> str:
        """Return what kind of difference a cell shows; as `labels` does, the first that fits."""
        cell = column.cell
        if cell in draft.astray:
            return "lost_in_transmission"
        if code < 0:
            return "missing"
        if column.is_not_value(code):
            return "not_value_honest" if cell in draft.honest else "false_unknown"
        if not column.is_value(code):
            return "disguised_missing"
        if code == column.uninformative:
            return "uninformative_valid"
        if code >= column.typo:
            return "typo"
        if cell in draft.swapped:
            return "swapped"
        return "copied_forward" if cell in draft.copied else "wrong_value"

    def _contradiction(
        self, draft: Draft, telling: Telling, column: Column, ids: Mapping[str, str], told: Mapping[str, Told]
    ) -> Label:
        (teller, fact), here, forms = telling, _said(told, telling), self.forms[telling]
        system, other = column.cell[0], self.elsewhere[telling]
        states = self.written(draft, other) if other in self.voices else False
        there = _said(told, (other, fact)) if states and fact in self.plan.told[other] else None
        true = forms.texts[draft.truth[fact] * forms.n_forms + here.form]
        return _label(
            draft, column.slot, "defect", "narrative_contradiction",
            self.plan.mechanism("inconsistent", "narrative_contradiction", teller, NARRATIVE), system, column.name,
            ids[system], other_system=other, other_record_id=None if other in draft.lost else ids[other], fact=fact,
            expected=true, recorded=forms.texts[here.code * forms.n_forms + here.form], span=here, other_span=there,
        )  # fmt: skip

    def _hard_negatives(self, draft: Draft, ids: Mapping[str, str], held: Mapping[str, Told]) -> Iterator[Label]:
        said, forms_of = draft.said, {system: draft.written[system].forms for system in held}
        for slot, fact, here, there in self.comparisons:
            system, other = here[0], there[0]
            if system not in held or other not in held or said[here] != said[there]:
                continue
            if draft.kept and (self._cut_before(draft, system, fact) or self._cut_before(draft, other, fact)):
                continue
            form, other_form = forms_of[system][fact], forms_of[other][fact]
            if form == other_form:
                continue
            forms, other_forms = self.forms[here], self.forms[there]
            recorded = forms.texts[said[here] * forms.n_forms + form]
            expected = other_forms.texts[said[there] * other_forms.n_forms + other_form]
            if recorded != expected:  # two forms of a day in May are one text
                kind = HARD_NEGATIVES[hard_negative_of(forms, form, other_forms, other_form)]
                yield _label(
                    draft, slot, "hard_negative", kind, None, system, NARRATIVE, ids[system],
                    other_system=other, other_record_id=ids[other], fact=fact, expected=expected, recorded=recorded,
                    span=_said(held, here), other_span=_said(held, there),
                )  # fmt: skip


def _said(held: Mapping[str, Told], telling: Telling) -> Said:
    return next(said for said in held[telling[0]].said if said.telling == telling)


def _disagree(values: list[tuple[str, int]]) -> bool:
    """Return whether two systems state different values."""
    return any(here[0] != there[0] and here[1] != there[1] for here, there in combinations(values, 2))


_NARRATIVE_KINDS = {-1: "narrative_missing", COPIED: "copied_forward", CUT_OFF: "narrative_truncated"}


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
    group: int | None = None,
) -> Label:
    return Label(
        draft.index * SLOTS + slot, label_class, system, record_id, name, other_system, other_record_id, draft.index,
        kind, mechanism, fact, expected, recorded,
        None if span is None else span.start, None if span is None else span.end,
        None if other_span is None else other_span.start, None if other_span is None else other_span.end,
        group, SEEN_BY[kind] if label_class == "defect" else None,
    )  # fmt: skip
