"""Kernels for predicates that hold two statements of one fact against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.columns import Table
from checks.judged import Judged
from checks.narrative import differ, read_fact
from checks.predicates import (
    Across,
    Agree,
    Fact,
    ForeignKey,
    Link,
    Mask,
    PresentIn,
    SameText,
    SimilarLength,
    SimilarText,
)
from checks.records import Records
from checks.similarity import length_ratio, trigram_cosine, word_overlap
from synth.errors import RuleError

_TEXT = pa.large_string()


def agree(predicate: Agree, table: Table, records: Records) -> Judged:
    """Fail where both sides state the fact and state it differently; unjoined records are not judged."""

    def read(side: Table, field: str) -> pa.Array:
        return _statement(side, field, predicate.fact, predicate.ignore)

    return _held_against(predicate, table, records, read, partial(differ, predicate.fact))


def same_text(predicate: SameText, table: Table, records: Records) -> Judged:
    """Fail where two texts differ in more than white space and case."""
    return _held_against(predicate, table, records, _plain_text, partial(differ, None))


def similar_length(predicate: SimilarLength, table: Table, records: Records) -> Judged:
    """Fail where one text has more than `factor` times the characters of the other."""

    def apart(own: pa.Array, other: pa.Array) -> Mask:
        return length_ratio(own, other) > predicate.factor

    return _held_against(predicate, table, records, _plain_text, apart)


def similar_text(predicate: SimilarText, table: Table, records: Records) -> Judged:
    """Fail where two texts are less similar than asked."""
    likeness = word_overlap if predicate.how == "words" else trigram_cosine

    def apart(own: pa.Array, other: pa.Array) -> Mask:
        return likeness(own, other) < predicate.least - 1e-9

    return _held_against(predicate, table, records, _plain_text, apart)


def present_in(predicate: PresentIn, table: Table, records: Records) -> Judged:
    """Fail where no record of the other system has this link value; a blank link is a null."""
    _check_side(predicate.link, table)
    view = records.view(predicate.link)
    return Judged(
        ~view.found,
        null=view.status == 1,
        partners={predicate.link.other: view.partner},
        partner_fields={predicate.link.other: ()},
    )


def foreign_key(predicate: ForeignKey, table: Table, records: Records, rows: Mask | None = None) -> Judged:
    """Fail where the values do not occur together in the other system, or in those of its rows that count."""
    other = records.table(predicate.system)
    if len(predicate.fields) != len(predicate.other_fields):
        raise RuleError(f"{len(predicate.fields)} fields are held against {len(predicate.other_fields)}; give as many.")
    null = np.logical_or.reduce([table.column(field).null for field in predicate.fields])
    there = _keys(other, predicate.other_fields)
    found = np.asarray(_keys(table, predicate.fields).isin(there if rows is None else there[rows]), dtype=bool)
    return Judged(~found, null)


def _keys(table: Table, fields: Sequence[str]) -> pd.Index[Any]:
    columns = [table.column(field).texts.cast(_TEXT).to_pandas() for field in fields]
    return pd.Index(columns[0]) if len(columns) == 1 else pd.MultiIndex.from_arrays(columns)


def _held_against(
    predicate: Across,
    table: Table,
    records: Records,
    read: Callable[[Table, str], pa.Array],
    apart_of: Callable[[pa.Array, pa.Array], Mask],
) -> Judged:
    own, link = read(table, predicate.field), predicate.link
    if link is None:
        other = read(table, predicate.with_)
        return Judged(apart_of(own, other), _either_null(own, other))
    _check_side(link, table)
    partner = records.view(link).partner
    apart = partner < 0
    other = read(records.table(link.other), predicate.with_).take(pa.array(partner, mask=apart))
    return Judged(
        apart_of(own, other),
        _either_null(own, other) & ~apart,
        skipped=apart,
        partners={link.other: partner},
        partner_fields={link.other: (predicate.with_,)},
    )


def _check_side(link: Link, table: Table) -> None:
    if link.system != table.name:
        raise RuleError(f"the link starts at {link.system!r}, but the rule is about {table.name!r}. Reverse the link.")


def _statement(table: Table, field: str, fact: Fact | None, ignore: tuple[str, ...]) -> pa.Array:
    """What every row states, null where nothing; read once however many rules ask."""
    key = (field, fact, ignore)
    if key not in table.memo:
        column = table.column(field)
        texts = pc.utf8_trim_whitespace(column.elements.cast(_TEXT))
        ignored = pa.array(["", *(value.strip().lower() for value in ignore)], _TEXT)
        texts = pc.if_else(pc.is_in(pc.utf8_lower(texts), value_set=ignored), pa.scalar(None, _TEXT), texts)
        table.memo[key] = column.take(texts if fact is None else read_fact(fact, texts))
    return table.memo[key]


def _plain_text(table: Table, field: str) -> pa.Array:
    key = (field, "plain text")
    if key not in table.memo:
        column = table.column(field)
        texts = pc.replace_substring_regex(column.elements.cast(_TEXT), r"\s+", " ")
        texts = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
        table.memo[key] = column.take(pc.if_else(pc.equal(texts, ""), pa.scalar(None, _TEXT), texts))
    return table.memo[key]


def _either_null(own: pa.Array, other: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.or_(own.is_null(), other.is_null()).to_numpy(zero_copy_only=False), dtype=bool)


KERNELS: dict[type[Any], Callable[[Any, Table, Records], Judged]] = {
    Agree: agree,
    SameText: same_text,
    SimilarLength: similar_length,
    SimilarText: similar_text,
    PresentIn: present_in,
    ForeignKey: foreign_key,
}
