"""The answer key: one label for every cell that is not as expected, and for every legitimate difference.

Labels are made from the codes of what was recorded and what was expected, so that a label exists if and only if the
two differ. A label's number is its case and its place in the form, whatever else was generated with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth.data_dictionary import NARRATIVE, FieldEntry
from synth.defects import DEFECTS, DETECTABLE_BY, Mask
from synth.draws import I64
from synth.forms import HARD_NEGATIVES, FactForms, hard_negative_of
from synth.narratives import Narrator, Statement
from synth.plan import Plan
from synth.sheet import CAUSES, CUT, FATE, FATES, Entry
from synth.systems import Shelf, with_placeholders
from synth.verdicts import narrative_sources

CLASSES = ("defect", "not_value", "hard_negative")
KINDS = (*DEFECTS, *HARD_NEGATIVES, "not_value_honest")
BY_DEPENDENCE = ("MCAR", "ECAR", "MAR", "EAR", "MNAR", "ENAR")
MECHANISMS = ("MCAR", "MAR", "MNAR", "ECAR", "EAR", "ENAR")
SLOTS = 4096  # label numbers of a case: fields from 0, whole records from 2048, hard negatives from 3072
RECORD_SLOT, HARD_SLOT = 2048, 3072
RECORD_KINDS = ("off_system", "duplicate_record", "late_entry")  # label numbers of each system's whole records
NOTHING_SEES = "nothing"
DETECTABLE = tuple(sorted({";".join(families) or NOTHING_SEES for families in DETECTABLE_BY.values()}))


@dataclass(frozen=True)
class Piece:
    """Some labels of one kind on one field. Arrays and text columns have one entry a label."""

    rows: I64
    slot: int
    label_class: str
    kind: str
    system: str
    field: str | None = None
    other_system: str | None = None
    fact: str | None = None
    mechanism: str | None = None
    expected: pa.Array | None = None
    recorded: pa.Array | None = None
    span: tuple[I64, I64] | None = None
    other_span: tuple[I64, I64] | None = None
    other_present: np.ndarray | None = None
    ids: pa.Array | None = None
    other_ids: pa.Array | None = None
    group: int | None = None


def label_table(shelf: Shelf) -> pa.Table:
    """Return the labels of the cases at hand, by case and place in the form."""
    pieces = [piece for piece in _pieces(shelf) if piece.rows.size]
    index = shelf.sheet.truth.index
    rows = _joined([piece.rows for piece in pieces])
    sizes = [piece.rows.size for piece in pieces]
    case_id = index[rows] if rows.size else rows
    label_id = case_id * SLOTS + np.repeat(np.array([piece.slot for piece in pieces], np.int64), sizes)
    order = pa.array(np.argsort(label_id, kind="stable"))
    scenario = shelf.plan.scenario
    systems = tuple(scenario.systems)
    fields = tuple(dict.fromkeys(name for _, name in shelf.plan.dictionary))
    columns = {
        "label_id": pa.array(label_id),
        "class": _repeated([piece.label_class for piece in pieces], sizes, CLASSES),
        "system": _repeated([piece.system for piece in pieces], sizes, systems),
        "record_id": _strings([_own_ids(shelf, piece) for piece in pieces]),
        "field": _repeated([piece.field for piece in pieces], sizes, fields),
        "other_system": _repeated([piece.other_system for piece in pieces], sizes, systems),
        "other_record_id": _strings([_other_ids(shelf, piece) for piece in pieces]),
        "case_id": pa.array(case_id),
        "defect": _repeated([piece.kind for piece in pieces], sizes, KINDS),
        "mechanism": _repeated([piece.mechanism for piece in pieces], sizes, MECHANISMS),
        "fact": _repeated([piece.fact for piece in pieces], sizes, tuple(scenario.truth)),
        "expected": _strings([_or_null(piece.expected, piece.rows.size) for piece in pieces]),
        "recorded": _strings([_or_null(piece.recorded, piece.rows.size) for piece in pieces]),
        "span_start": _ends([piece.span for piece in pieces], sizes, 0),
        "span_end": _ends([piece.span for piece in pieces], sizes, 1),
        "other_span_start": _ends([piece.other_span for piece in pieces], sizes, 0),
        "other_span_end": _ends([piece.other_span for piece in pieces], sizes, 1),
        "group": _groups(pieces, index),
        "detectable_by": _repeated([_seen_by(piece) for piece in pieces], sizes, DETECTABLE),
    }
    return pa.table(columns).take(order)


def fate_table(shelf: Shelf) -> pa.Table:
    """Return what became of every gap of the cases at hand, by case and place in the form."""
    parts = [
        (entry.gaps, slot, cell, entry)
        for slot, (cell, entry) in enumerate(shelf.sheet.entries.items())
        if entry.gaps.size
    ]
    sizes = [rows.size for rows, _, _, _ in parts]
    rows = _joined([rows for rows, _, _, _ in parts])
    key = shelf.sheet.truth.index[rows] * SLOTS + np.repeat(
        np.array([slot for _, slot, _, _ in parts], np.int64), sizes
    )
    systems = tuple(shelf.plan.scenario.systems)
    fields = tuple(dict.fromkeys(name for _, name in shelf.plan.dictionary))
    columns = {
        "system": _repeated([cell[0] for _, _, cell, _ in parts], sizes, systems),
        "record_id": _strings([shelf.record_ids[cell[0]].take(pa.array(rows)) for rows, _, cell, _ in parts]),
        "field": _repeated([cell[1] for _, _, cell, _ in parts], sizes, fields),
        "fate": _coded(_joined([entry.fates for _, _, _, entry in parts]), FATES),
        "cause": _coded(_joined([entry.causes for _, _, _, entry in parts]), CAUSES),
    }
    return pa.table(columns).take(pa.array(np.argsort(key, kind="stable")))


def _pieces(shelf: Shelf) -> Iterator[Piece]:
    for slot, ((system, _), entry) in enumerate(shelf.sheet.entries.items()):
        field = shelf.plan.dictionary[system, _]
        yield from (_narrative_labels if field.is_narrative else _cell_labels)(shelf, field, entry, slot)
    for number, system in enumerate(shelf.plan.scenario.systems):
        yield from _record_labels(shelf, system, RECORD_SLOT + number * len(RECORD_KINDS))
    yield from _contradictions(shelf)
    yield from _hard_negatives(shelf)


def _record_labels(shelf: Shelf, system: str, slot: int) -> Iterator[Piece]:
    """Records that were never made, that were entered twice, or that were entered late."""
    plan, lost = shelf.plan, shelf.sheet.lost[system]
    if lost.any():
        mechanism = plan.mechanism("off_system", "off_system", system)
        yield Piece(np.flatnonzero(lost), slot, "defect", "off_system", system, mechanism=mechanism)
    second = shelf.second[system]
    if second.size:
        yield Piece(
            second, slot + 1, "defect", "duplicate_record", system, other_system=system,
            mechanism=plan.mechanism("duplicate_record", "duplicate_record", system),
            ids=shelf.second_ids[system], other_ids=shelf.record_ids[system].take(pa.array(second)),
        )  # fmt: skip
    for name in plan.stamps[system]:
        late = np.flatnonzero(shelf.sheet.truth.late(name) & ~lost)
        if late.size:
            yield Piece(
                late, slot + 2, "defect", "late_entry", system, ids=shelf.record_ids[system].take(pa.array(late)),
                mechanism=plan.mechanism("late_entry", "late_entry", system, name),
            )  # fmt: skip


def _cell_labels(shelf: Shelf, field: FieldEntry, entry: Entry, slot: int) -> Iterator[Piece]:
    """Every cell of a record that differs from what was expected, by what kind of difference it is."""
    rows = np.flatnonzero((entry.recorded != entry.expected) & shelf.present(field.system))
    if not rows.size:
        return
    left_open = np.isin(rows, entry.gaps, assume_unique=True)
    changed = np.isin(rows, entry.falsified, assume_unique=True)
    for kind, mask in _kinds_of_cells(field, entry, rows).items():
        processes: list[tuple[str, Mask]] = [
            ("gap", mask & left_open & ~changed), ("slip", mask & ~left_open), ("falsified", mask & changed)
        ]  # fmt: skip
        if kind in {"swapped", "lost_in_transmission"}:  # not a matter of who fills the field
            processes = [(kind, mask)]
        for process, struck in processes:
            here = rows[struck]
            if here.size:
                yield Piece(
                    here, slot, "not_value" if kind == "not_value_honest" else "defect", kind, field.system, field.name,
                    mechanism=mechanism_of(shelf.plan, field, process, kind),
                    group=swap_slot(shelf.plan, field) if kind == "swapped" else None,
                    expected=field.to_arrow(entry.expected[here]), recorded=field.to_arrow(entry.recorded[here]),
                )  # fmt: skip


def mechanism_of(plan: Plan, field: FieldEntry, process: str, kind: str) -> str:
    """Return the mechanism of a cell's defect: what is received has that of where it comes from."""
    if process == "swapped":
        return _of_swap(plan, kind, field.system, field.name)
    if (field.system, field.name) in plan.controls.linked:
        sent = plan.mechanism(process, kind, *plan.controls.linked[field.system, field.name])
        return max(sent, plan.mechanism(process, kind, field.system, field.name), key=BY_DEPENDENCE.index)
    if process == "lost_in_transmission" or field.source is None:
        return plan.mechanism(process, kind, field.system, field.name)
    found = plan.mechanism(process, kind, *field.source)
    if process != "slip":
        return found
    return max(found, _of_swap(plan, kind, *field.source), key=BY_DEPENDENCE.index)


def _of_swap(plan: Plan, kind: str, system: str, name: str) -> str:
    """Return the mechanism of a field's being swapped; of a field that is in no swap, the first in dependence."""
    swap = plan.scenario.systems[system].swap_of(name)
    return BY_DEPENDENCE[0] if swap is None else plan.mechanism("swapped", kind, system, swap.name)


def _kinds_of_cells(field: FieldEntry, entry: Entry, rows: I64) -> dict[str, Mask]:
    """Return which of some differing cells show what kind of difference: of those that fit, the first."""
    recorded = entry.recorded[rows]
    unsaid = ~field.is_value(recorded)
    honest = entry.gaps[entry.fates == FATE["not_value_honest"]]
    kinds = {
        "lost_in_transmission": np.isin(rows, entry.astray),
        "missing": recorded < 0,
        "not_value_honest": field.is_not_value(recorded) & np.isin(rows, honest),
        "false_unknown": field.is_not_value(recorded),
        "disguised_missing": unsaid,
        "uninformative_valid": recorded == field.uninformative_code,
        "typo": recorded >= field.typo_code,
        "swapped": np.isin(rows, entry.swapped),
        "copied_forward": np.isin(rows, entry.copied),
        "wrong_value": np.ones(rows.shape, np.bool_),
    }
    left = np.ones(rows.shape, np.bool_)
    for kind, mask in kinds.items():
        kinds[kind] = mask & left
        left &= ~mask
    return kinds


def _narrative_labels(shelf: Shelf, field: FieldEntry, entry: Entry, slot: int) -> Iterator[Piece]:
    """Narratives that are blank, a placeholder, or another case's; the expected text is written out in full."""
    if not field.spec.shown:
        return
    present = shelf.present(field.system)
    astray = np.isin(np.arange(present.size), entry.astray)
    kinds = (
        ("lost_in_transmission", "lost_in_transmission", astray),
        ("narrative_missing", "gap", (entry.recorded < 0) & ~astray),
        ("disguised_missing", "gap", entry.recorded >= field.domain.n_values),
        ("copied_forward", "gap", entry.recorded == 1),
        ("narrative_truncated", "narrative_truncated", entry.recorded == CUT),
    )
    teller = field.teller
    truth = {fact: shelf.sheet.truth.codes(fact) for fact in shelf.plan.told[teller]}
    told = {fact: shelf.facts[teller, fact] for fact in shelf.plan.told[teller]}
    for kind, process, mask in kinds:
        rows = np.flatnonzero(mask & present)
        if not rows.size:
            continue
        codes = entry.recorded[rows]
        recorded = pa.nulls(rows.size, pa.string())
        if kind not in {"narrative_missing", "lost_in_transmission"}:
            sources = narrative_sources(shelf.sheet, teller)
            kept = shelf.sheet.kept[teller][rows]
            recorded = with_placeholders(field, codes, _narratives(shelf, teller, sources, told, rows, kept))
        yield Piece(
            rows, slot, "defect", kind, field.system, field.name, recorded=recorded,
            mechanism=mechanism_of(shelf.plan, field, process, kind),
            expected=_narratives(shelf, teller, shelf.sheet.truth.index, truth, rows),
        )  # fmt: skip


def _narratives(
    shelf: Shelf, system: str, index: I64, facts: Mapping[str, I64], rows: I64, kept: I64 | None = None
) -> pa.Array:
    """Return the narratives of some positions, worded as those of `index` and stating `facts`."""
    here = {fact: codes[rows] for fact, codes in facts.items()}
    return Narrator(shelf.plan, system).tell(index[rows], here, kept=kept).text


def _contradictions(shelf: Shelf) -> Iterator[Piece]:
    """Narratives that state a fact otherwise than it was, and what a link passed on of them."""
    for (system, fact), planted in shelf.sheet.planted.contradicted.items():
        for slot, ((holder, name), field) in enumerate(shelf.plan.dictionary.items()):
            if not field.is_narrative or not field.spec.shown or field.teller != system:
                continue
            codes = shelf.sheet.entries[holder, name].recorded
            rows = planted[(shelf.present(holder) & field.is_value(codes))[planted]]
            if rows.size:
                yield _contradiction(shelf, field, fact, rows, slot)


def _contradiction(shelf: Shelf, field: FieldEntry, fact: str, rows: I64, slot: int) -> Piece:
    teller = field.teller
    here, forms = _statement(shelf, teller, fact), shelf.plan.forms[teller, fact]
    true = shelf.sheet.truth.codes(fact)[rows] * forms.n_forms + here.surface[rows] % forms.n_forms
    other, other_span = _elsewhere(shelf, teller, fact, rows)
    return Piece(
        rows, slot, "defect", "narrative_contradiction", field.system, field.name, other, fact,
        shelf.plan.mechanism("inconsistent", "narrative_contradiction", teller, NARRATIVE),
        expected=forms.column.take(pa.array(true)), recorded=forms.column.take(pa.array(here.surface[rows])),
        span=(here.start[rows], here.end[rows]), other_span=other_span,
        other_present=shelf.present(other)[rows],
    )  # fmt: skip


def _elsewhere(shelf: Shelf, system: str, fact: str, rows: I64) -> tuple[str, tuple[I64, I64] | None]:
    """Return another system that states the fact, and where its narrative does (-1: not in a narrative)."""
    for other, facts in shelf.plan.told.items():
        if other != system and fact in facts:
            there = _statement(shelf, other, fact)
            written = shelf.states(other, fact)[rows]
            return other, (np.where(written, there.start[rows], -1), np.where(written, there.end[rows], -1))
    return next(other for other in shelf.plan.scenario.shared_facts[fact].fields if other != system), None


def _hard_negatives(shelf: Shelf) -> Iterator[Piece]:
    """Pairs of narratives that state the same value in different forms; what they differ by is the kind."""
    number = HARD_SLOT
    for fact in shelf.plan.scenario.shared_facts:
        telling = [system for system, facts in shelf.plan.told.items() if fact in facts]
        for system, other in combinations(telling, 2):
            number += 1
            here, there = _statement(shelf, system, fact), _statement(shelf, other, fact)
            forms, other_forms = (shelf.plan.forms[owner, fact] for owner in (system, other))
            same = shelf.facts[system, fact] == shelf.facts[other, fact]
            differ = here.surface != there.surface  # of one value in one list of forms: in another form
            rows = np.flatnonzero(same & differ & shelf.states(system, fact) & shelf.states(other, fact))
            rows = rows[_differently_worded(forms, here.surface[rows], other_forms, there.surface[rows])]
            kinds = hard_negative_of(
                forms, here.surface[rows] % forms.n_forms, other_forms, there.surface[rows] % other_forms.n_forms
            )
            for kind in np.unique(kinds).tolist():
                some = rows[kinds == kind]
                yield Piece(
                    some, number, "hard_negative", HARD_NEGATIVES[kind], system, NARRATIVE, other, fact, None,
                    expected=other_forms.column.take(pa.array(there.surface[some])),
                    recorded=forms.column.take(pa.array(here.surface[some])),
                    span=(here.start[some], here.end[some]), other_span=(there.start[some], there.end[some]),
                )  # fmt: skip


def _differently_worded(forms: FactForms, surface: I64, other_forms: FactForms, other_surface: I64) -> Mask:
    """Return where two statements read differently: "10 May 2031" is both the long and the short form of its day."""
    texts, others = forms.column.take(pa.array(surface)), other_forms.column.take(pa.array(other_surface))
    differ: Mask = pc.not_equal(texts, others).to_numpy(zero_copy_only=False)
    return differ


def _statement(shelf: Shelf, system: str, fact: str) -> Statement:
    return next(said for said in shelf.told[system].statements if said.fact == fact)


def _seen_by(piece: Piece) -> str | None:
    """Return the rule families that can see a defect; null where there is no defect to see."""
    return (";".join(DETECTABLE_BY[piece.kind]) or NOTHING_SEES) if piece.label_class == "defect" else None


def _ids(shelf: Shelf, system: str, rows: I64, *, present: bool) -> pa.Array:
    return shelf.record_ids[system].take(pa.array(rows)) if present else pa.nulls(rows.size, pa.string())


def _own_ids(shelf: Shelf, piece: Piece) -> pa.Array:
    if piece.ids is not None:
        return piece.ids
    return _ids(shelf, piece.system, piece.rows, present=piece.field is not None)


def swap_slot(plan: Plan, field: FieldEntry) -> int:
    """Return the place in the form of the first of the two fields of a swap."""
    swap, cells = plan.scenario.systems[field.system].swap_of(field.name), list(plan.dictionary)
    return min(cells.index((field.system, name)) for name in (swap.fields if swap is not None else (field.name,)))


def _groups(pieces: Sequence[Piece], index: I64) -> pa.Array:
    """Return a number that the two labels of one swap share; null elsewhere."""
    slots = np.repeat([-1 if piece.group is None else piece.group for piece in pieces], [p.rows.size for p in pieces])
    cases = index[_joined([piece.rows for piece in pieces])] if pieces else np.zeros(0, np.int64)
    return pa.array(cases * SLOTS + slots.astype(np.int64), mask=slots < 0)


def _other_ids(shelf: Shelf, piece: Piece) -> pa.Array:
    if piece.other_ids is not None:
        return piece.other_ids
    if piece.other_system is None:
        return pa.nulls(piece.rows.size, pa.string())
    ids = _ids(shelf, piece.other_system, piece.rows, present=True)
    if piece.other_present is None or piece.other_present.all():
        return ids
    return pc.if_else(pa.array(piece.other_present), ids, pa.scalar(None, pa.string()))


def _joined(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(arrays) if arrays else np.zeros(0, np.int64)


def _strings(arrays: Sequence[pa.Array]) -> pa.Array:
    plain = [array.cast(pa.string()) for array in arrays]
    return pa.concat_arrays(plain) if plain else pa.array([], pa.string())


def _or_null(texts: pa.Array | None, size: int) -> pa.Array:
    return pa.nulls(size, pa.string()) if texts is None else texts


def _repeated(words: Sequence[str | None], sizes: Sequence[int], vocabulary: tuple[str, ...]) -> pa.Array:
    """Return a dictionary column with each word repeated."""
    place: Mapping[str | None, int] = {None: -1, **{word: code for code, word in enumerate(vocabulary)}}
    codes = np.repeat(np.array([place[word] for word in words], np.int64), sizes)
    return _coded(codes, vocabulary)


def _coded(codes: np.ndarray, vocabulary: tuple[str, ...]) -> pa.Array:
    null = codes < 0
    indices = pa.array(np.where(null, 0, codes).astype(np.int16), mask=null)
    return pa.DictionaryArray.from_arrays(indices, pa.array(vocabulary, pa.string()))


def _ends(spans: Sequence[tuple[I64, I64] | None], sizes: Sequence[int], which: int) -> pa.Array:
    """Return one end of the spans as int32; null where a piece has none, or where the end is -1."""
    found = [np.full(size, -1) if span is None else span[which] for span, size in zip(spans, sizes, strict=True)]
    ends = _joined(found)
    return pa.array(ends.astype(np.int32), mask=ends < 0)
