"""Bring a dirty table and its truth into one shape, cell beside cell, or refuse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synth.errors import DataError, nearest

LONG_COLUMNS = ("tid", "attribute", "correct_val")


@dataclass(frozen=True)
class Aligned:
    """A dirty table and its truth, same shape, same column names, row beside row.

    Attributes:
        dirty: as given, in its own order.
        truth: the true values in the same order.
        notes: what was matched by position, reordered or filled in, for the report.
    """

    dirty: pd.DataFrame
    truth: pd.DataFrame
    notes: tuple[str, ...]


def align_pair(dirty: pd.DataFrame, truth: pd.DataFrame, *, align: str) -> Aligned:
    """Align a truth table with a dirty one.

    Args:
        dirty: texts, null where blank.
        truth: the same table without errors; or its cells in long form (tid, attribute, correct_val), where tid is the
            row's position from 0 (or its key) and a cell not listed is taken to be right.
        align: `position`, or `key:COLUMN` of the dirty table, whose values must name every row once.
    """
    key = _key(align, dirty)
    if set(LONG_COLUMNS) <= set(truth.columns):
        return _from_long(dirty, truth, key)
    _same_count("columns", dirty.shape[1], truth.shape[1])
    _same_count("rows", dirty.shape[0], truth.shape[0])
    truth, notes = _same_columns(dirty, truth)
    if key is not None:
        truth = truth.iloc[_places(dirty[key], truth[key], key)].reset_index(drop=True)
        notes = (*notes, f"rows matched by {key}")
    return Aligned(dirty, truth, notes)


def cell_codes(dirty: pd.DataFrame, truth: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Integers per cell that are equal where the texts are (a blank equals a blank), for both tables.

    Examples:
        >>> dirty, truth = pd.DataFrame({"a": ["x", None, "y"]}), pd.DataFrame({"a": ["x", None, None]})
        >>> cell_codes(dirty, truth)[0] == cell_codes(dirty, truth)[1]
        array([[ True],
               [ True],
               [False]])
    """
    n_rows = len(dirty)
    coded = [pd.factorize(pd.concat([dirty[name], truth[name]]))[0].astype(np.int64) for name in dirty.columns]
    both = np.column_stack(coded)
    return both[:n_rows], both[n_rows:]


def check_alignment(dirty: npt.NDArray[np.int64], truth: npt.NDArray[np.int64]) -> None:
    """Refuse a pair of which fewer than half of the rows agree more with their partner than with a random other row.

    The random rows come from a generator of fixed seed: the same files always get the same answer.
    """
    n_rows = len(dirty)
    if n_rows < 2:
        return
    steps = np.random.default_rng(0).integers(1, n_rows, size=n_rows)
    other = (np.arange(n_rows) + steps) % n_rows
    with_partner = (dirty == truth).sum(axis=1)
    with_other = (dirty == truth[other]).sum(axis=1)
    more, less = float((with_partner > with_other).mean()), float((with_partner < with_other).mean())
    if more < 0.5:
        raise DataError(
            f"the pair is not aligned: {more:.1%} of rows agree with their partner in more cells than with a random "
            f"other row, {less:.1%} in fewer; at least 50 % are needed. Sort both alike or give --align key:COLUMN."
        )


def _key(align: str, dirty: pd.DataFrame) -> str | None:
    if align == "position":
        return None
    kind, colon, name = align.partition(":")
    if kind != "key" or not colon or not name:
        raise DataError(f"align is {align!r}. Possible: position, key:COLUMN.")
    if name not in dirty.columns:
        raise DataError(f"align: column {name!r} is not in the dirty file. {nearest(name, dirty.columns)}")
    return name


def _same_count(what: str, n_dirty: int, n_truth: int) -> None:
    if n_dirty != n_truth:
        raise DataError(
            f"the pair is not aligned: dirty has {n_dirty} {what}, truth has {n_truth}. Give two versions of one table."
        )


def _same_columns(dirty: pd.DataFrame, truth: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Match columns by name where the names are the same, else by position; say what was done."""
    own, theirs = list(dirty.columns), list(truth.columns)
    if own == theirs:
        return truth, ()
    if set(own) == set(theirs):
        return truth[own], ("truth columns put in the order of the dirty file",)
    moved = [name for name in own if name in theirs and own.index(name) != theirs.index(name)]
    if moved:
        raise DataError(
            f"the pair is not aligned: column {moved[0]!r} is number {own.index(moved[0]) + 1} in dirty and "
            f"{theirs.index(moved[0]) + 1} in truth, and other names differ. Use the same names or the same order."
        )
    renamed = ", ".join(f"{a} = {b}" for a, b in zip(own, theirs, strict=True) if a != b)
    return truth.set_axis(own, axis=1), (f"columns matched by position: {renamed}",)


def _places(wanted: pd.Series[str], offered: pd.Series[str], key: str) -> npt.NDArray[np.intp]:
    """Position in `offered` of every wanted key."""
    for side, values in (("dirty", wanted), ("truth", offered)):
        if values.isna().any():
            raise DataError(f"align: key {key!r} is blank in row {int(values.isna().argmax()) + 1} of {side}. Fill it.")
        if values.duplicated().any():
            twice = values[values.duplicated()].iloc[0]
            raise DataError(
                f"align: key {key!r} has the value {twice!r} more than once in {side}. Use a unique column."
            )
    places = pd.Index(offered).get_indexer(pd.Index(wanted))
    absent = places < 0
    if absent.any():
        raise DataError(
            f"the pair is not aligned: {int(absent.sum())} of {len(wanted)} keys of dirty are not in truth, "
            f"{wanted[absent].iloc[0]!r} first. Use a key column without errors."
        )
    return places


def _from_long(dirty: pd.DataFrame, cells: pd.DataFrame, key: str | None) -> Aligned:
    """Put cells in long form over a copy of the dirty table."""
    tid, attribute = cells["tid"], cells["attribute"]
    unknown = ~attribute.isin(list(dirty.columns))
    if unknown.any():
        name = str(attribute[unknown].iloc[0])
        raise DataError(f"truth: attribute {name!r} is not a column of the dirty file. {nearest(name, dirty.columns)}")
    rows = _long_rows(dirty, tid, key)
    twice = pd.DataFrame({"tid": tid, "attribute": attribute}).duplicated()
    if twice.any():
        first = cells[twice].iloc[0]
        raise DataError(f"truth: tid {first['tid']!r}, attribute {first['attribute']!r} is given twice. Keep one.")
    columns = {}
    for name in dirty.columns:
        values = dirty[name].to_numpy(dtype=object, copy=True)
        listed = (attribute == name).to_numpy()
        values[rows[listed]] = cells["correct_val"].to_numpy(dtype=object)[listed]
        columns[name] = pd.Series(values, dtype="str")
    n_unlisted = dirty.size - len(cells)
    notes: tuple[str, ...] = ("truth read in long form (tid, attribute, correct_val)",)
    if n_unlisted:
        notes = (*notes, f"{n_unlisted} of {dirty.size} cells are not listed in truth and taken to be right")
    return Aligned(dirty, pd.DataFrame(columns), notes)


def _long_rows(dirty: pd.DataFrame, tid: pd.Series[str], key: str | None) -> npt.NDArray[np.intp]:
    """Row of the dirty table for every cell in long form: its key's, or its number from 0."""
    if key is not None:
        names = dirty[key]
        _places(names, names, key)  # refuses blank and repeated keys
    else:
        names = pd.Series(np.arange(len(dirty))).astype("str")
    rows: npt.NDArray[np.intp] = pd.Index(names).get_indexer(pd.Index(tid))
    if (rows < 0).any():
        first = tid[rows < 0].iloc[0]
        where = f"a value of {key!r}" if key is not None else f"a row number from 0 to {len(dirty) - 1}"
        raise DataError(f"the pair is not aligned: truth has tid {first!r}, which is not {where} of the dirty file.")
    return rows
