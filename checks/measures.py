"""Kernels for predicates about a table as a whole: one number, and whether it lies where it should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.columns import Column, Table
from checks.judged import Judged
from checks.predicates import HasColumn, Mask, Measure
from synth.errors import RuleError

_OF_NOTHING = ("null_share", "distinct_share", "unique_ratio", "failing_share", "sum")  # shares and sums
_N_SHOWN, _SHOWN = 3, 30  # values in a message, and the characters of each
_STATISTICS: dict[str, Callable[[pd.Series[Any]], Any]] = {
    "min": lambda values: values.min(),
    "max": lambda values: values.max(),
    "mean": lambda values: values.mean(),
    "median": lambda values: values.median(),
    "stdev": lambda values: values.std(),
    "sum": lambda values: values.sum(),
}


def has_column(predicate: HasColumn, table: Table) -> Judged:
    """Say whether the column is there."""
    held = predicate.column in table.frame.columns
    return Judged(table.nothing, skipped=table.everything, holds=held, measured=held)


def measure(predicate: Measure, table: Table, rows: Mask, settled: tuple[Mask, Mask] | None) -> Judged:
    """Work out the number over some rows, and hold it against the bounds; a number that is not there holds none.

    Args:
        predicate: what is measured.
        table: of the records.
        rows: those counted.
        settled: rows where `of` fails and rows where it was judged, for failing_count and failing_share.
    """
    value = _value(predicate, table, rows, settled)
    if value is None and predicate.metric in _OF_NOTHING:
        value = predicate.of_nothing
    holds = value is not None and _inside(predicate, value) != predicate.outside
    return Judged(table.nothing, skipped=table.everything, holds=holds, measured=value)


def _value(predicate: Measure, table: Table, rows: Mask, settled: tuple[Mask, Mask] | None) -> Any:
    metric = predicate.metric
    if metric == "row_count":
        return int(np.count_nonzero(rows))
    if metric == "column_count":
        return len(table.frame.columns)
    if metric in {"failing_count", "failing_share"}:
        if settled is None:
            raise RuleError(f"{metric} measures a condition; give it as 'of'.")
        n_fail, n_evaluated = (int(np.count_nonzero(mask & rows)) for mask in settled)
        return n_fail if metric == "failing_count" else _share(n_fail, n_evaluated)
    if predicate.field is None:
        raise RuleError(f"{metric} measures a field; name it.")
    column = table.column(predicate.field)
    n_null, n_rows = int(np.count_nonzero(column.null & rows)), int(np.count_nonzero(rows))
    if metric == "null_count":
        return n_null
    if metric == "null_share":
        return _share(n_null, n_rows)
    if metric in {"distinct_count", "distinct_share", "unique_ratio"}:
        times = np.unique(column.codes[rows & ~column.null], return_counts=True)[1]
        n_distinct = len(times)
        if metric == "unique_ratio":
            return _share(int(np.count_nonzero(times == 1)), n_distinct)
        return n_distinct if metric == "distinct_count" else _share(n_distinct, n_rows - n_null)
    return _statistic(predicate, column, rows & ~column.null, table)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _statistic(predicate: Measure, column: Column, rows: Mask, table: Table) -> Any:
    """A statistic of the values, as numbers where they or the bounds are numbers, else in text or time order."""
    untyped = column.kind == "text" and table.read_as_text
    if predicate.stored != "any" and not untyped and column.kind not in {predicate.stored, "boolean"}:
        raise RuleError(
            f"column {predicate.field!r} holds {column.kind} values, of which there is no {predicate.metric}. "
            f"Give the column as {predicate.stored}."
        )
    by_order = predicate.metric in {"min", "max"} and not _numeric(predicate, column)
    if by_order and column.is_text:
        texts = column.texts.filter(pa.array(rows))
        return pc.min_max(texts)[predicate.metric].as_py() if len(texts) else None
    if not by_order:
        _refuse_words(predicate, column, rows)
    read = column.series.reset_index(drop=True) if by_order else pd.Series(column.numbers)
    values = read[rows].dropna()
    found = _STATISTICS[predicate.metric](values) if len(values) else None
    return None if found is None or pd.isna(found) else found


def _refuse_words(predicate: Measure, column: Column, rows: Mask) -> None:
    """Refuse a statistic of numbers where a text that is not blank is none: it would be of the others only."""
    if not column.is_text:
        return
    given = rows & ~column.blank
    no_number = np.flatnonzero(given & np.isnan(column.numbers))
    if len(no_number):
        shown = ", ".join(repr(str(text)[:_SHOWN]) for text in pc.unique(column.texts.take(no_number))[:_N_SHOWN])
        n_given = int(np.count_nonzero(given))
        raise RuleError(
            f"{len(no_number):,} of {n_given:,} values of {predicate.field!r} are no number: {shown}. "
            f"The {predicate.metric} would leave them out; mend them, or ask for it of a column of numbers."
        )


def _numeric(predicate: Measure, column: Column) -> bool:
    if pd.api.types.is_numeric_dtype(column.series.dtype):
        return True
    bounds = [bound for bound in (predicate.min, predicate.max) if bound is not None]
    return column.is_text and all(_number(bound) is not None for bound in bounds)


def _number(bound: Any) -> float | None:
    try:
        return float(bound)
    except (TypeError, ValueError):
        return None


def _inside(predicate: Measure, value: Any) -> bool:
    low, high = _as_value(predicate.min, value), _as_value(predicate.max, value)
    above = low is None or (value > low if predicate.exclude_min else value >= low)
    below = high is None or (value < high if predicate.exclude_max else value <= high)
    return bool(above and below)


def _as_value(bound: Any, value: Any) -> Any:
    """The bound as the kind of the number that was worked out."""
    if bound is None:
        return None
    try:
        if isinstance(value, str):
            return str(bound)
        return pd.Timestamp(bound) if isinstance(value, pd.Timestamp) else float(bound)
    except (TypeError, ValueError):
        raise RuleError(f"the bound {bound!r} cannot be held against {value!r}.") from None
