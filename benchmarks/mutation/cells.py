"""A cell that is changed, and a column with some of its cells changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Cell:
    """A cell of a mutant: what stood there, and what was put there; None is null."""

    field: str
    expected: Any
    recorded: Any


def with_values(series: pd.Series[Any], by_row: dict[int, Any]) -> pd.Series[Any]:
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
