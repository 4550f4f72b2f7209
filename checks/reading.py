"""Columns of text read as numbers, dates and other values; what does not read is null."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.columns import Column, Table
from checks.kernels import TYPE_PATTERNS, is_stored_as
from checks.patterns import matches
from checks.predicates import Mask, ReadAs

_NUMBER = r"\A[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity))\z"
_MOST_DIGITS = r"\A[+-]?[0-9]{1,18}\z"  # what 64 bits hold for certain
_ZONED_TIME = TYPE_PATTERNS["time"].removesuffix(r"\z") + r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?\z"
_TEXT = pa.large_string()
_DAY_OF_TIMES = "1900-01-01T"


def read_table(predicate: ReadAs, fields: Sequence[str], table: Table) -> tuple[Table, Mask]:
    """Return the table with these columns read as the predicate says, and the rows where a value does not read."""
    frame = table.frame.copy(deep=False)
    unread = np.zeros(table.n_rows, dtype=bool)
    for field in fields:
        column = table.column(field)
        read = read_column(predicate, column)
        frame[field] = read.array
        unread |= read.isna().to_numpy() & _is_given(predicate, column)
    return Table(table.name, frame), unread


def _is_given(predicate: ReadAs, column: Column) -> Mask:
    """Rows with a value that is not listed as null."""
    listed: Mask = np.asarray(_listed(predicate, column.texts.cast(_TEXT)), dtype=bool)
    return np.logical_not(column.null | listed)


def _listed(predicate: ReadAs, texts: pa.Array) -> pa.Array:
    return pc.is_in(texts, value_set=pa.array(predicate.nulls, texts.type), skip_nulls=True)


def read_column(predicate: ReadAs, column: Column) -> pd.Series[Any]:
    """Return the values of a column as they read, null where they do not; values that are stored as the type stay.

    Examples:
        >>> from checks.predicates import NotNull
        >>> column = Column(pd.Series(["1.5", "1,5", "x", "-"]))
        >>> read_column(ReadAs(NotNull("n"), "number", nulls=("-",), decimal=","), column).tolist()
        [nan, 1.5, nan, nan]
    """
    texts = column.texts.cast(_TEXT)
    listed = _listed(predicate, texts)
    if not column.is_text:
        stored = is_stored_as(column, predicate.type) & ~np.asarray(listed.to_numpy(zero_copy_only=False), dtype=bool)
        return column.series.reset_index(drop=True).where(stored)
    texts = _kept(texts, pc.invert(listed))
    if predicate.regex:
        texts = _kept(texts, matches(texts, predicate.regex, "full"))
    if predicate.remove:
        texts = pc.replace_substring_regex(texts, predicate.remove, "")
    return _READERS[predicate.type](predicate, texts)


def _kept(texts: pa.Array, rows: pa.Array) -> pa.Array:
    return pc.if_else(rows, texts, pa.scalar(None, texts.type))


def _text(_: ReadAs, texts: pa.Array) -> pd.Series[Any]:
    return pd.Series(texts.to_pandas(), dtype="str")


def _integer(_: ReadAs, texts: pa.Array) -> pd.Series[Any]:
    """Whole numbers; where one is too long for 64 bits, all are read as floating point."""
    texts = pc.utf8_trim_whitespace(texts)
    texts = _kept(texts, pc.match_substring_regex(texts, TYPE_PATTERNS["integer"]))
    if pc.all(pc.match_substring_regex(texts, _MOST_DIGITS)).as_py() is False:
        return pd.Series(pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False))
    unsigned = pc.replace_substring_regex(texts, r"\A\+", "")
    return pd.Series(pc.cast(unsigned, pa.int64()).to_pandas(integer_object_nulls=True), dtype="Int64")


def _number(predicate: ReadAs, texts: pa.Array) -> pd.Series[Any]:
    texts = pc.utf8_trim_whitespace(texts)
    if predicate.decimal != ".":
        texts = _kept(texts, pc.invert(pc.match_substring(texts, ".")))
        texts = pc.replace_substring(texts, predicate.decimal, ".")
    texts = _kept(texts, pc.match_substring_regex(texts, _NUMBER))
    return pd.Series(pd.to_numeric(texts.to_pandas(), errors="coerce"), dtype="float64")


def _boolean(predicate: ReadAs, texts: pa.Array) -> pd.Series[Any]:
    true, false = (
        pc.is_in(texts, value_set=pa.array(given, texts.type), skip_nulls=True)
        for given in (predicate.true, predicate.false)
    )
    read = pc.if_else(true, True, pc.if_else(false, False, pa.scalar(None, pa.bool_())))
    return pd.Series(read.to_pandas(), dtype="boolean")


def _moment(predicate: ReadAs, texts: pa.Array) -> pd.Series[Any]:
    """Dates and times; a time is one of an arbitrary day, one with a zone is put at Greenwich."""
    if predicate.format:
        distinct = pc.dictionary_encode(texts)
        read = pd.Series([_strptime(text, predicate.format) for text in distinct.dictionary.to_pylist()])
        days = pd.to_datetime(read, errors="coerce", utc=True)
        indices = distinct.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return days.dt.tz_localize(None).reindex(indices).reset_index(drop=True)
    pattern = _ZONED_TIME if predicate.type == "time" else TYPE_PATTERNS[predicate.type]
    texts = _kept(texts, pc.match_substring_regex(texts, pattern))
    if predicate.type == "time":
        texts = pc.binary_join_element_wise(
            pa.scalar(_DAY_OF_TIMES, _TEXT), texts, pa.scalar("", _TEXT), null_handling="emit_null"
        )
    days = pd.Series(pd.to_datetime(texts.to_pandas(), format="ISO8601", errors="coerce", utc=True))
    return days.dt.tz_localize(None)


def _strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007  # a zone is there only where the text has one
    except ValueError:
        return None


_READERS: dict[str, Callable[[ReadAs, pa.Array], pd.Series[Any]]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _moment,
    "time": _moment,
    "datetime": _moment,
}
