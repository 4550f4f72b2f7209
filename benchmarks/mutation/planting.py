"""Put mutants into clean data: a frame that shares every column with the clean one but those that change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.mutation.mutants import Mutant

Rows = npt.NDArray[np.int64]


def planted(frame: pd.DataFrame, mutants: Sequence[Mutant]) -> tuple[pd.DataFrame, Rows]:
    """Return the table with some mutants in it, and which clean record each of its rows is.

    Args:
        frame: clean records; it is not changed.
        mutants: defects of cells in different rows, or one defect of a whole record.
    """
    rows = np.arange(len(frame), dtype=np.int64)
    whole = [mutant for mutant in mutants if not mutant.cells]
    if whole:
        row = whole[0].row
        kept = np.append(rows, row) if whole[0].defect == "duplicate_record" else np.delete(rows, row)
        return frame.iloc[kept].reset_index(drop=True), kept
    changed = frame.copy(deep=False)
    values: dict[str, dict[int, Any]] = {}
    for mutant in mutants:
        for cell in mutant.cells:
            values.setdefault(cell.field, {})[mutant.row] = cell.recorded
    for field, by_row in values.items():
        changed[field] = _with(frame[field], by_row)
    return changed, rows


def _with(series: pd.Series[Any], by_row: dict[int, Any]) -> pd.Series[Any]:
    """The column with other values in some rows; its type stays, but for a null that it has no place for."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        known = set(series.cat.categories)
        series = series.cat.add_categories(list({value: None for value in by_row.values() if value not in known
                                                 and value is not None}))  # fmt: skip
    elif None in by_row.values() and isinstance(series.dtype, np.dtype) and series.dtype.kind in "iub":
        series = series.astype("boolean" if series.dtype.kind == "b" else "Int64")
    found = series.copy()
    nulls = [row for row, value in by_row.items() if value is None]
    filled = [row for row, value in by_row.items() if value is not None]
    if nulls:
        found.iloc[nulls] = None
    if filled:
        found.iloc[filled] = [by_row[row] for row in filled]
    return found
