"""Put mutants into clean data: a frame that shares every column with the clean one but those that change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.mutation.cells import with_values
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
        changed[field] = with_values(frame[field], by_row)
    return changed, rows
