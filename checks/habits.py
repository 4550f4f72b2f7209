"""Kernels for predicates about what people do again and again: one option, the previous record, the same case twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.columns import Codes, Column, Table
from checks.days import groups_of
from checks.discovery import discover_placeholders
from checks.judged import Judged
from checks.placeholders import PLACEHOLDERS
from checks.predicates import Mask, NoNearDuplicate, NoPileUp, NotLikePrevious, NotPlaceholder
from synth.errors import RuleError

_Hashes: TypeAlias = npt.NDArray[np.uint64]
_TEXT = pa.large_string()
_SHORTEST = 4  # signs of a key of which one may differ
_BASE = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64
_INVERSE = pow(_BASE, -1, 2**64)


def not_placeholder(predicate: NotPlaceholder, table: Table) -> Judged:
    """Fail where the value is a placeholder, known or discovered; answers that are listed never are."""
    column = table.column(predicate.field)
    keys = pc.utf8_lower(pc.utf8_trim_whitespace(column.elements.cast(_TEXT)))
    listed = {text.strip().lower() for text in predicate.also}
    if predicate.how != "discovered":
        listed |= {text.lower() for text in PLACEHOLDERS}
    bad = pc.is_in(keys, value_set=pa.array(sorted(listed), _TEXT), skip_nulls=True)
    if predicate.how != "known":
        found = pc.is_in(column.elements.cast(_TEXT), value_set=_discovered(table, predicate.field), skip_nulls=True)
        bad = pc.or_(bad, found)
    answers = pa.array(sorted({text.strip().lower() for text in predicate.answers}), _TEXT)
    bad = pc.and_(bad, pc.invert(pc.is_in(keys, value_set=answers, skip_nulls=True)))
    return Judged(np.asarray(column.spread(bad), dtype=bool), column.null)


def _discovered(table: Table, field: str) -> pa.Array:
    """Suspects of a column; the table is searched once however many rules ask."""
    key = "discovered placeholders"
    if key not in table.memo:
        suspects = discover_placeholders(table.frame)
        table.memo[key] = pa.array([(one.column, one.value) for one in suspects], pa.list_(_TEXT))
    return pa.array([value for column, value in table.memo[key].to_pylist() if column == field], _TEXT)


def no_pile_up(predicate: NoPileUp, table: Table) -> Judged:
    """Fail the rows of a group that hold an answer far more often there than in all other rows."""
    if not predicate.by:
        raise RuleError("no_pile_up compares groups. Give by: the fields that name them.")
    column = table.column(predicate.field)
    group, grouped = groups_of(table, predicate.by)
    judged = grouped & ~column.blank
    here, answer = group[judged], column.codes[judged]
    n_answers = int(answer.max(initial=0)) + 1
    pair, distinct = pd.factorize(here * n_answers + answer)
    who, what = np.divmod(np.asarray(distinct, dtype=np.int64), n_answers)
    held = np.bincount(pair, minlength=len(distinct)).astype(np.float64)
    n_rows = len(here)
    sizes = np.bincount(here, minlength=int(group.max(initial=0)) + 1)
    size, rest, total = sizes[who], n_rows - sizes[who], np.bincount(answer, minlength=n_answers)[what]
    share, elsewhere = held / size, (total - held) / np.maximum(1, rest)
    pooled = total / max(1, n_rows)
    error = np.sqrt(pooled * (1 - pooled) * (1 / size + 1 / np.maximum(1, rest)))
    piled = (share >= predicate.times * elsewhere) & (share - elsewhere >= predicate.z * error) & (rest > 0)
    bad = np.zeros(table.n_rows, dtype=bool)
    bad[judged] = piled[pair]
    listed = predicate.values  # noqa: PD011  # a rule's list
    if listed:
        given = pc.is_in(column.elements.cast(_TEXT), value_set=pa.array(list(listed), _TEXT), skip_nulls=True)
        bad &= np.asarray(column.spread(given), dtype=bool)
    enough = judged & ((sizes >= predicate.min_rows) & (sizes < n_rows))[group]
    return Judged(bad, column.blank, skipped=~enough & ~column.blank, blamed={predicate.field: bad})


def not_like_previous(predicate: NotLikePrevious, table: Table) -> Judged:
    """Fail the records that say in all fields what the previous record of the same person says."""
    group, grouped = groups_of(table, predicate.by)
    blank = np.asarray(np.logical_or.reduce([table.column(field).blank for field in predicate.fields]), dtype=bool)
    unordered = np.zeros(table.n_rows, dtype=bool)
    ranks = []
    for field in predicate.order:
        column = table.column(field)
        unordered |= column.blank
        ranks.append(_rank(column))
    there = grouped & ~unordered
    order = np.lexsort([np.arange(table.n_rows), *reversed(ranks), group])
    order = order[there[order]]
    codes = np.stack([table.column(field).codes for field in predicate.fields])[:, order]
    same_person = group[order][1:] == group[order][:-1]
    alike = (codes[:, 1:] == codes[:, :-1]).all(axis=0) & ~blank[order][1:] & ~blank[order][:-1]
    bad, first = np.zeros(table.n_rows, dtype=bool), np.ones(table.n_rows, dtype=bool)
    bad[order[1:]] = same_person & alike
    first[order[1:]] = ~same_person
    return Judged(bad, blank, skipped=first & ~blank)


def _rank(column: Column) -> Codes:
    """An integer for every row that grows with the value."""
    if not column.is_text:
        return np.asarray(column.series.rank(method="dense").fillna(0), dtype=np.int64)
    encoded = pc.dictionary_encode(column.texts)
    by_value = np.argsort(pc.sort_indices(encoded.dictionary).to_numpy())
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.asarray(np.append(by_value, -1)[codes], dtype=np.int64)


def no_near_duplicate(predicate: NoNearDuplicate, table: Table) -> Judged:
    """Fail every record of which another one says nearly the same."""
    group, grouped = groups_of(table, predicate.by)
    columns = [table.column(field) for field in predicate.fields]
    blank = np.asarray(np.logical_or.reduce([column.blank for column in columns]), dtype=bool)
    judged = np.flatnonzero(grouped & ~blank)
    parts = [_plain(column).take(pa.array(judged)) for column in columns]
    keys = pc.dictionary_encode(pc.binary_join_element_wise(*parts, pa.scalar(" ", _TEXT)))
    which = keys.indices.to_numpy(zero_copy_only=False).astype(np.int64) * (int(group.max(initial=0)) + 1)
    pairs, distinct = pd.factorize(which + group[judged])
    text, block = np.divmod(np.asarray(distinct, dtype=np.int64), int(group.max(initial=0)) + 1)
    repeated = np.bincount(pairs, minlength=len(distinct)) > 1
    near = _near(keys.dictionary.take(pa.array(text)), block)
    bad = np.zeros(table.n_rows, dtype=bool)
    bad[judged] = (repeated | near)[pairs]
    return Judged(bad, blank, skipped=~grouped & ~blank)


def _plain(column: Column) -> pa.Array:
    texts = pc.replace_substring_regex(pc.utf8_lower(column.elements.cast(_TEXT)), r"[^\pL\pN]+", "")
    return column.take(texts)


def _near(keys: pa.Array, block: Codes) -> Mask:
    """Which of these distinct (key, block) become equal to another when a sign is left out of either or of both.

    All texts with one sign left out are hashed at once: a polynomial over the signs, without its i-th term and with
    what follows moved down.
    """
    lengths = np.asarray(pc.utf8_length(keys).to_numpy(zero_copy_only=False), dtype=np.int64)
    signs = np.frombuffer("".join(keys.to_pylist()).encode("utf-32-le"), dtype=np.uint32)
    owner = np.repeat(np.arange(len(keys)), lengths)
    start = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(keys) else np.zeros(0, dtype=np.int64)
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(int(lengths.max(initial=1)) + 1, _BASE, dtype=np.uint64))
        terms = _mixed(signs.astype(np.uint64)) * powers[np.arange(len(signs)) - start[owner]]
        total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(terms)])
        before = total[:-1] - total[start][owner]
        whole = total[start + lengths] - total[start]
        after = (whole[owner] - before - terms) * np.uint64(_INVERSE)
        own_block = _mixed(block.astype(np.uint64) + np.uint64(1))
        left_out = before + after + own_block[owner]
        full = whole + own_block
    long = lengths[owner] >= _SHORTEST
    hashes = np.concatenate([full[lengths >= _SHORTEST - 1], left_out[long]])
    ids = np.concatenate([np.flatnonzero(lengths >= _SHORTEST - 1), owner[long]])
    codes, _ = pd.factorize(hashes)
    some_id = np.zeros(int(codes.max(initial=0)) + 1, dtype=np.int64)
    some_id[codes] = ids
    shared = np.zeros(len(some_id), dtype=bool)
    shared[codes[ids != some_id[codes]]] = True
    near = np.zeros(len(keys), dtype=bool)
    near[ids[shared[codes]]] = True
    return near


def _mixed(values: _Hashes) -> _Hashes:
    """Scatter integers over 64 bits (the finalizer of splitmix64)."""
    mixed = values + np.uint64(_BASE)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


KERNELS: dict[type[Any], Callable[[Any, Table], Judged]] = {
    NotPlaceholder: not_placeholder,
    NoPileUp: no_pile_up,
    NotLikePrevious: not_like_previous,
    NoNearDuplicate: no_near_duplicate,
}
