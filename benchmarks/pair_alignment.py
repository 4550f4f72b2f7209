"""Bring a dirty table and its truth into one shape, cell beside cell, or refuse."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from synth.errors import DataError, nearest

LONG_COLUMNS = ("tid", "attribute", "correct_val")
_N_SHOWN = 3  # keys without a partner that a note names
_SUSPICIOUS = 0.1  # share of listed values that change nothing, from which a list of corrections looks misnumbered


@dataclass(frozen=True)
class Aligned:
    """A dirty table and its truth, row beside row where both have the row.

    Attributes:
        whole: the dirty table as given, in its own order; this is what rules see.
        truth: the true values of the rows that are scored, same column names.
        rows: position in `whole` of every row that is scored, ascending.
        notes: what was matched by position, reordered, left out or filled in, for the report.
        key: the column rows were matched by; None: by position.
    """

    whole: pd.DataFrame
    truth: pd.DataFrame
    rows: npt.NDArray[np.intp]
    notes: tuple[str, ...]
    key: str | None = None
    dirty: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        """Keep the dirty rows that are scored, in the shape of `truth`."""
        scored = self.whole if len(self.rows) == len(self.whole) else self.whole.iloc[self.rows]
        object.__setattr__(self, "dirty", scored.reset_index(drop=True))


def align_pair(dirty: pd.DataFrame, truth: pd.DataFrame, *, align: str) -> Aligned:
    """Align a truth table with a dirty one.

    Args:
        dirty: texts, null where blank.
        truth: the same table without errors; or its cells in long form (tid, attribute, correct_val), where tid is the
            row's position from 0 (or its key) and a cell not listed is taken to be right.
        align: `position`, or `key:COLUMN` of the dirty table, whose values must name every row once. By key, rows that
            are in one table alone are left out, as long as at least half of the rows of either table have a partner.

    Examples:
        >>> dirty = pd.DataFrame({"id": ["1", "2", "3"], "zip": ["12345", "1234", "54321"]})
        >>> truth = pd.DataFrame({"id": ["3", "2", "4"], "zip": ["54321", "12346", "11111"]})
        >>> pair = align_pair(dirty, truth, align="key:id")
        >>> pair.rows, pair.truth["zip"].tolist()
        (array([1, 2]), ['12346', '54321'])
        >>> pair.notes[1:]
        ("1 of 3 rows of dirty is not in truth and not scored: '1'", "1 of 3 rows of truth is not in dirty: '4'")
    """
    key = _key(align, dirty)
    if set(LONG_COLUMNS) <= set(truth.columns):
        return _from_long(dirty, truth, key)
    _same_count("columns", dirty.shape[1], truth.shape[1], "")
    if key is None:
        _same_count("rows", dirty.shape[0], truth.shape[0], ", or match rows by a column: --align key:COL")
    truth, notes = _same_columns(dirty, truth)
    if key is None:
        return Aligned(dirty, truth, np.arange(len(dirty)), notes)
    places = _places(dirty[key], truth[key], key)
    rows = np.flatnonzero(places >= 0)
    partners = truth.iloc[places[rows]].reset_index(drop=True)
    return Aligned(dirty, partners, rows, (*notes, f"rows matched by {key}", *_alone(dirty[key], truth[key])), key)


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
    same = with_partner == dirty.shape[1]  # a row that is its partner belongs to it, whatever others look like
    more, less = float(((with_partner > with_other) | same).mean()), float((with_partner < with_other).mean())
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


def _same_count(what: str, n_dirty: int, n_truth: int, way_out: str) -> None:
    if n_dirty != n_truth:
        raise DataError(
            f"the pair is not aligned: dirty has {n_dirty} {what}, truth has {n_truth}. "
            f"Give two versions of one table{way_out}."
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
    """Position in `offered` of every wanted key, -1 where it is not there; refuse a key that does not fit."""
    _check_key(wanted, "dirty", key)
    _check_key(offered, "truth", key)
    places: npt.NDArray[np.intp] = pd.Index(offered).get_indexer(pd.Index(wanted))
    n_both = int(np.count_nonzero(places >= 0))
    side, other, n_rows = max(("dirty", "truth", len(wanted)), ("truth", "dirty", len(offered)), key=lambda s: s[2])
    if 2 * n_both < n_rows:
        raise DataError(
            f"the pair is not aligned: {n_both} of {n_rows} rows of {side} have their {key!r} in {other}; at least "
            "half are needed. Use a key column without errors, or leave out the rows that have no partner."
        )
    return places


def _check_key(values: pd.Series[str], side: str, key: str) -> None:
    """Refuse blank and repeated keys."""
    if values.isna().any():
        raise DataError(f"align: key {key!r} is blank in row {int(values.isna().argmax()) + 1} of {side}. Fill it.")
    if values.duplicated().any():
        twice = values[values.duplicated()].iloc[0]
        raise DataError(f"align: key {key!r} has the value {twice!r} more than once in {side}. Use a unique column.")


def _alone(dirty: pd.Series[str], truth: pd.Series[str]) -> tuple[str, ...]:
    """Notes on the rows that are in one table alone: how many, and the first few keys."""
    sides = (("dirty", dirty, "truth and not scored", truth), ("truth", truth, "dirty", dirty))
    notes = []
    for side, own, other, theirs in sides:
        alone = own[~own.isin(theirs)]
        if len(alone):
            first = ", ".join(repr(value) for value in alone.iloc[:_N_SHOWN]) + ", ..." * (len(alone) > _N_SHOWN)
            verb = "is" if len(alone) == 1 else "are"
            notes.append(f"{len(alone)} of {len(own)} rows of {side} {verb} not in {other}: {first}")
    return tuple(notes)


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
    truth = pd.DataFrame(columns)
    notes = ("truth read in long form (tid, attribute, correct_val)", *_long_notes(dirty, truth, len(cells), key))
    return Aligned(dirty, truth, np.arange(len(dirty)), notes, key)


def _long_notes(dirty: pd.DataFrame, truth: pd.DataFrame, n_listed: int, key: str | None) -> tuple[str, ...]:
    """Notes on cells that are not listed, and on a list of corrections of which many change nothing."""
    n_unlisted = dirty.size - n_listed
    if not n_unlisted:
        return ()
    notes = (f"{n_unlisted} of {dirty.size} cells are not listed in truth and taken to be right",)
    dirty_codes, truth_codes = cell_codes(dirty, truth)
    n_same = n_listed - int(np.count_nonzero(dirty_codes != truth_codes))
    if n_same < _SUSPICIOUS * n_listed or not n_same:
        return notes
    meaning = "tids count data rows from 0, not from 1" if key is None else f"a tid is a value of {key!r}"
    return (*notes, f"{n_same} of {n_listed} listed values equal what the dirty file holds; {meaning}")


def _long_rows(dirty: pd.DataFrame, tid: pd.Series[str], key: str | None) -> npt.NDArray[np.intp]:
    """Row of the dirty table for every cell in long form: its key's, or its number from 0."""
    if key is not None:
        names = dirty[key]
        _check_key(names, "dirty", key)
    else:
        names = pd.Series(np.arange(len(dirty))).astype("str")
    rows: npt.NDArray[np.intp] = pd.Index(names).get_indexer(pd.Index(tid))
    if (rows < 0).any():
        first = tid[rows < 0].iloc[0]
        where = f"a value of {key!r}" if key is not None else f"a row number from 0 to {len(dirty) - 1}"
        raise DataError(f"the pair is not aligned: truth has tid {first!r}, which is not {where} of the dirty file.")
    return rows
