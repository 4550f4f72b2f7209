"""The cells of a pair one by one: which rules blame them, which are wrong, and a CSV of both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.pair_alignment import Aligned
from checks.flags import Flags, RuleFlags
from synth.errors import OutputError

Cells = npt.NDArray[np.bool_]
OUTCOMES = ("missed", "false", "hit")  # wrong alone, flagged alone, both


def blamed_cells(result: RuleFlags, pair: Aligned) -> Cells:
    """The cells one rule blames in the rows that are scored, as a table of booleans."""
    cells = np.zeros(pair.dirty.shape, dtype=bool)
    for field, rows in result.blamed.items():
        cells[:, pair.dirty.columns.get_loc(field)] = rows[pair.rows]
    return cells


def times_flagged(flags: Flags, pair: Aligned) -> npt.NDArray[np.int32]:
    """How many rules blame each cell."""
    times = np.zeros(pair.dirty.shape, dtype=np.int32)
    for result in flags.results:
        times += blamed_cells(result, pair)
    return times


def cell_table(pair: Aligned, flags: Flags, wrong: Cells) -> pd.DataFrame:
    """Return one row per cell that is flagged or wrong, in the order of the dirty file.

    Columns: row (of the dirty file; 1 is the first below the header), key (where rows were matched by one), column,
    dirty, truth (both as they were compared, so after `normalise`), rules (ids joined by ;), outcome (hit, false,
    missed).

    Examples:
        >>> from benchmarks.pair_alignment import align_pair
        >>> from checks import evaluate, load_rules
        >>> dirty, truth = (pd.DataFrame({"zip": values}) for values in (["1234", "x"], ["12345", "x"]))
        >>> pair = align_pair(dirty, truth, align="position")
        >>> flags = evaluate(load_rules("rules: [{id: digits, pattern: {field: zip, regex: '[0-9]{5}'}}]").rules, dirty)
        >>> print(cell_table(pair, flags, (pair.dirty != pair.truth).to_numpy()).to_string(index=False))
         row column dirty truth  rules outcome
           1    zip  1234 12345 digits     hit
           2    zip     x     x digits   false
    """
    flagged = times_flagged(flags, pair) > 0
    listed = np.flatnonzero((flagged | wrong).ravel())
    rows, columns = np.divmod(listed, pair.dirty.shape[1])
    kind = 2 * flagged.ravel()[listed] + wrong.ravel()[listed] - 1
    found = pd.DataFrame(
        {
            "row": pair.rows[rows] + 1,
            "column": pair.dirty.columns.to_numpy(dtype=object)[columns],
            "dirty": pair.dirty.to_numpy(dtype=object)[rows, columns],
            "truth": pair.truth.to_numpy(dtype=object)[rows, columns],
            "rules": _rules(pair, flags, listed),
            "outcome": np.array(OUTCOMES, dtype=object)[kind],
        }
    )
    if pair.key is not None:
        found.insert(1, "key", pair.dirty[pair.key].take(rows).to_numpy())
    return found


def check_new_file(path: Path) -> None:
    """Refuse a file that exists or has no folder, before anything is scored."""
    if path.exists():
        raise OutputError(f"--cells {path} exists; nothing was written. Name a new file.")
    if not path.parent.is_dir():
        raise OutputError(f"--cells {path}: there is no such folder. Name a file in one that exists.")


def write_cells(path: Path, table: pd.DataFrame) -> None:
    """Write the cells as CSV to a new file; null is the empty field."""
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            table.to_csv(file, index=False, lineterminator="\n")
    except OSError as problem:
        raise OutputError(
            f"--cells {path}: cannot be written ({problem.strerror or problem}). Name a new file."
        ) from None


def _rules(pair: Aligned, flags: Flags, listed: npt.NDArray[np.intp]) -> npt.NDArray[np.object_]:
    """Ids of the rules that blame each listed cell, joined; a list of ids is put together once per combination."""
    names, code = [""], np.zeros(len(listed), dtype=np.int64)
    for result in flags.results:
        blamed = blamed_cells(result, pair).ravel()[listed]
        found, code = np.unique(2 * code + blamed, return_inverse=True)
        names = [
            ";".join(filter(None, (names[before], result.rule.id if also else "")))
            for before, also in zip((found // 2).tolist(), (found % 2).tolist(), strict=True)
        ]
    return np.array(names, dtype=object)[code]
