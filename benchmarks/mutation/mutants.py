"""Mutants: what a defect makes of one cell, or one record, of clean data.

Each kind of defect of `docs/glossary.md` that can be put into data nobody knows the truth of. What a mutant holds is
made from the column itself: nothing of one column goes into another, but for `swapped`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.mutation.cells import Cell, with_values
from benchmarks.mutation.column_forms import ColumnForm, form_of
from synth.typos import typing_error

RECORD_DEFECTS = ("duplicate_record", "off_system")
DEFECTS = (
    "missing", "disguised_missing", "uninformative_valid", "false_unknown", "wrong_value", "typo", "swapped",
    "copied_forward", "narrative_contradiction", "narrative_truncated", "late_entry", *RECORD_DEFECTS,
)  # fmt: skip
_LATE = 45  # days
_KEPT = 0.6  # of a narrative that is cut off
_LOOKS = 40  # rows tried for each mutant that is wanted
_NO_TEXT = ("unknown", "N/A", "-", " ")
_DISGUISES: Mapping[str, tuple[Any, ...]] = {
    "number": (-1, 9999),
    "instant": (pd.Timestamp("1900-01-01"),),
    "date": ("1900-01-01", *_NO_TEXT[:2]),
    "time": ("00:00", "99:99", *_NO_TEXT[:2]),
    "number text": ("-1", "9999", *_NO_TEXT[:2]),
    "pick list": _NO_TEXT,
    "narrative": ("see file", *_NO_TEXT[1:]),
    "text": (*_NO_TEXT, "xxx"),
}
_SAYS_NOTHING = re.compile(r"\b(other|misc\w*|see (?:notes?|file)|unspecified|general)\b", re.IGNORECASE)
_NOT_KNOWN = re.compile(r"\b(unknown|not known|not recorded|not asked|not stated|undetermined)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Mutant:
    """One defect in one record of the clean data.

    Attributes:
        table: the table.
        row: the record, by position from 0.
        defect: the kind, one of `DEFECTS`.
        variant: which form of it, where there are several (the placeholder).
        cells: what changed; none where it is the record as a whole.
    """

    table: str
    row: int
    defect: str
    variant: str
    cells: tuple[Cell, ...]

    @property
    def field(self) -> str | None:
        """The cell's field; None for a record as a whole."""
        return self.cells[0].field if self.cells else None

    @property
    def size(self) -> tuple[int, int]:
        """How much there is to read, then the row: the smallest example is the least of these."""
        return sum(len(str(cell.expected)) + len(str(cell.recorded)) for cell in self.cells), self.row

    def said(self, *, with_table: bool = True) -> str:
        """Write it as a person reads it; rows count from 1."""
        row = f"row {self.row + 1} of {self.table}" if with_table else f"row {self.row + 1}"
        if not self.cells:
            return f"{row} {'recorded twice' if self.defect == 'duplicate_record' else 'not in the table'}"
        cells = "; ".join(f"{cell.field}: {_shown(cell.expected)} -> {_shown(cell.recorded)}" for cell in self.cells)
        return f"{row}, {cells}"

    __str__ = said


def _shown(value: Any) -> str:
    text = "null" if value is None else repr(value if isinstance(value, (str, int, float)) else str(value))
    return text if len(text) <= 42 else f"{text[:18]}...{text[-18:]}"


def mutants_of(
    name: str,
    frame: pd.DataFrame,
    *,
    defects: Sequence[str],
    fields: Sequence[str],
    eligible: np.ndarray[Any, np.dtype[np.bool_]],
    per: int,
    seed: int,
) -> Iterator[list[Mutant]]:
    """Yield the mutants of a table, in lots that have defect, field and variant in common.

    Args:
        name: of the table.
        frame: clean records.
        defects: the kinds to plant.
        fields: the columns to plant them in; a defect of a whole record is planted where all columns are asked for.
        eligible: rows that may be changed, shape (n_rows,).
        per: mutants in each lot, where so many rows allow them.
        seed: decides which rows.
    """
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(eligible))
    forms = {column: form_of(column, frame[column]) for column in frame.columns}
    plain = _Plain(frame)
    for defect in defects:
        if defect in RECORD_DEFECTS:
            if len(fields) == len(frame.columns):
                yield [Mutant(name, int(row), defect, "", ()) for row in rows[:per]]
            continue
        for field in fields:
            for variant, change in _CHANGES[defect](forms[field], forms):
                lot = []
                for row in rows[: _LOOKS * per]:
                    mutant = _mutant(name, frame, int(row), defect, variant, change(plain, field, int(row)))
                    if mutant is not None:
                        lot.append(mutant)
                    if len(lot) == per:
                        break
                yield lot


def _mutant(
    name: str, frame: pd.DataFrame, row: int, defect: str, variant: str, cells: tuple[Cell, ...]
) -> Mutant | None:
    """The mutant, if its cells differ from what stood there and their columns have a place for them."""
    if not cells or any(_same(cell.expected, cell.recorded) for cell in cells):
        return None
    try:
        for cell in cells:
            with_values(frame[cell.field].iloc[[row]], {0: cell.recorded})
    except (TypeError, ValueError, OverflowError):
        return None
    return Mutant(name, row, defect, variant, cells)


class _Plain:
    """The values of a frame as plain Python values by column and position; null is None."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def at(self, field: str, row: int) -> Any:
        value: Any = self.frame[field].iloc[row]
        if pd.api.types.is_scalar(value) and pd.isna(value):
            return None
        return value.item() if isinstance(value, np.generic) else value


_Change = Callable[[_Plain, str, int], "tuple[Cell, ...]"]
_Changes = Iterator[tuple[str, _Change]]


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is None and other is None
    equal = one == other
    return bool(equal.all() if isinstance(equal, np.ndarray) else equal)


def _to(make: Callable[[Any], Any]) -> _Change:
    """Change what stands in a cell; one that is blank, or of which `make` makes nothing, stays."""

    def change(plain: _Plain, field: str, row: int) -> tuple[Cell, ...]:
        value = plain.at(field, row)
        made = None if value is None or not str(value).strip() else make(value)
        return () if made is None else (Cell(field, value, made),)

    return change


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def _missing(_form: ColumnForm, _: Mapping[str, ColumnForm]) -> _Changes:
    def change(plain: _Plain, field: str, row: int) -> tuple[Cell, ...]:
        return (Cell(field, plain.at(field, row), None),)

    yield "", change


def _disguised(form: ColumnForm, _: Mapping[str, ColumnForm]) -> _Changes:
    for text in _DISGUISES.get(form.form, ()):
        value = text
        if form.form == "instant" and form.distinct:
            value = text.tz_localize(form.distinct[0].tz)
        if form.form == "number" and not form.whole:
            value = float(text)
        if value not in form.distinct:
            yield str(text), _to(_always(value))


def _listed(like: re.Pattern[str]) -> Callable[[ColumnForm, Mapping[str, ColumnForm]], _Changes]:
    def changes(form: ColumnForm, _: Mapping[str, ColumnForm]) -> _Changes:
        if form.form == "pick list":
            for value in form.distinct:
                if like.search(value):
                    yield value, _to(_always(value))

    return changes


def _wrong(form: ColumnForm, _: Mapping[str, ColumnForm]) -> _Changes:
    """Another value of the column; which one follows from the row, and is spread over all of them."""

    def change(plain: _Plain, field: str, row: int) -> tuple[Cell, ...]:
        value = plain.at(field, row)
        others = [other for other in form.distinct if not _same(other, value)]
        if value is None or not others:
            return ()
        other = others[(row * 7919 + 1) % len(others)]
        return (Cell(field, value, other),)

    if form.form != "narrative":
        yield "", change


def _typo(form: ColumnForm, _: Mapping[str, ColumnForm]) -> _Changes:
    if form.form == "number":
        yield "", _to(lambda value: _mistyped_number(value, whole=form.whole))
    elif form.form == "instant":
        yield "", _to(_day_and_month_swapped)
    elif form.is_text and form.form != "narrative":
        yield "", _to(lambda value: typing_error(value, form.distinct))


def _mistyped_number(value: float, *, whole: bool) -> float | None:
    """Two neighbouring digits swapped, or the last one typed twice."""
    if not np.isfinite(value) or not float(value).is_integer():
        return value * 10 if np.isfinite(value) else None
    digits = str(abs(int(value)))
    swapped = next((digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :] for i in range(len(digits) - 2, -1, -1)
                    if digits[i] != digits[i + 1] and (i or digits[i + 1] != "0")), digits + digits[-1])  # fmt: skip
    found = int(swapped) * (-1 if value < 0 else 1)
    return found if whole else float(found)


def _day_and_month_swapped(value: pd.Timestamp) -> pd.Timestamp | None:
    try:
        if value.day <= 12 and value.day != value.month:
            return value.replace(month=value.day, day=value.month)
        return value + pd.Timedelta(days=10)
    except (ValueError, OverflowError):  # beyond what the column's unit reaches
        return None


def _swapped(form: ColumnForm, forms: Mapping[str, ColumnForm]) -> _Changes:
    """With the next column of the same form, or of text where there is none."""
    names = list(forms)
    after = [*names[names.index(form.name) + 1 :], *names[: names.index(form.name)]]
    alike = [name for name in after if forms[name].form == form.form]
    texts = [name for name in after if forms[name].is_text and form.is_text]
    for other in (alike or texts)[:1]:

        def change(plain: _Plain, field: str, row: int, other: str = other) -> tuple[Cell, ...]:
            one, two = plain.at(field, row), plain.at(other, row)
            return () if one is None or two is None else (Cell(field, one, two), Cell(other, two, one))

        yield other, change


def _copied(_form: ColumnForm, _: Mapping[str, ColumnForm]) -> _Changes:
    def change(plain: _Plain, field: str, row: int) -> tuple[Cell, ...]:
        value = plain.at(field, row)
        before = plain.at(field, row - 1) if row else None
        return () if value is None or before is None else (Cell(field, value, before),)

    yield "", change


def _contradicted(form: ColumnForm, _: Mapping[str, ColumnForm]) -> _Changes:
    if form.form == "narrative":
        yield "", _to(lambda text: _NUMBER.sub(_next_number, text, count=1))


def _next_number(found: re.Match[str]) -> str:
    digits = found.group()
    return digits[:-1] + str((int(digits[-1]) + 1) % 10)


def _truncated(form: ColumnForm, _: Mapping[str, ColumnForm]) -> _Changes:
    if form.form == "narrative":
        yield "", _to(lambda text: text[: int(len(text) * _KEPT)].rstrip() or None)


def _late(form: ColumnForm, _: Mapping[str, ColumnForm]) -> _Changes:
    if form.form == "instant":
        yield "", _to(_days_later)
    if form.form == "date":
        yield "", _to(_later)


def _days_later(value: pd.Timestamp) -> pd.Timestamp | None:
    try:
        return value + pd.Timedelta(days=_LATE)
    except (ValueError, OverflowError):
        return None


def _later(text: str) -> str | None:
    try:
        return (date.fromisoformat(text) + timedelta(days=_LATE)).isoformat()
    except (ValueError, OverflowError):
        return None


_CHANGES: dict[str, Callable[[ColumnForm, Mapping[str, ColumnForm]], _Changes]] = {
    "missing": _missing,
    "disguised_missing": _disguised,
    "uninformative_valid": _listed(_SAYS_NOTHING),
    "false_unknown": _listed(_NOT_KNOWN),
    "wrong_value": _wrong,
    "typo": _typo,
    "swapped": _swapped,
    "copied_forward": _copied,
    "narrative_contradiction": _contradicted,
    "narrative_truncated": _truncated,
    "late_entry": _late,
}
