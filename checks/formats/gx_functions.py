"""What a few Great Expectations ask that no kind of rule says: small functions of a frame, compared by what they hold.

Each is called with the columns it names and labels that are positions; it answers for every row, or for the whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from dateutil.parser import parse  # type: ignore[import-untyped]  # comes with pandas

from checks.columns import READ_AS_TEXT, Column
from checks.predicates import Mask
from checks.stored import types_of
from checks.stored_values import moment

Masks = tuple[Mask, Mask]


def _masks(holds: Any, evaluated: Any) -> Masks:
    seen = np.asarray(evaluated, dtype=bool)
    return ~np.asarray(holds, dtype=bool) & seen, seen


def _ordered(series: pd.Series[Any]) -> pd.Series[Any]:
    """The values as something that has differences: texts as numbers."""
    column = Column(series)
    return pd.Series(column.numbers, index=series.index) if column.is_text else series


def _as_listed(frame: pd.DataFrame, field: str, values: tuple[Any, ...]) -> pd.Series[Any]:
    """The values of a column; numbers where numbers are listed and a file without types gave texts that are numbers."""
    series = frame[field]
    given = [value for value in values if not isinstance(value, bool)]
    if frame.attrs.get(READ_AS_TEXT) and given and all(isinstance(value, (int, float)) for value in given):
        column = Column(series)
        read = pd.Series(column.numbers, index=series.index)
        return read if bool((read.notna() | column.null).all()) else series
    return series


@dataclass(frozen=True)
class DifferentFields:
    """The fields of a record hold different values; two nulls are equal."""

    fields: tuple[str, ...]

    def __call__(self, frame: pd.DataFrame) -> Masks:
        """Judge every row."""
        codes = pd.factorize(frame[list(self.fields)].to_numpy(dtype=object).ravel())[0]
        grid = np.sort(codes.reshape(len(frame), len(self.fields)), axis=1)
        return _masks((np.diff(grid, axis=1) != 0).all(axis=1), np.ones(len(frame), dtype=bool))


@dataclass(frozen=True)
class EqualFields:
    """The fields of a record hold one value, or all are null."""

    fields: tuple[str, ...]

    def __call__(self, frame: pd.DataFrame) -> Masks:
        """Judge every row."""
        first = frame[self.fields[0]]
        held = np.ones(len(frame), dtype=bool)
        for name in self.fields[1:]:
            same = (frame[name] == first).to_numpy(dtype=bool, na_value=False)
            held &= same | (frame[name].isna() & first.isna()).to_numpy()
        return _masks(held, np.ones(len(frame), dtype=bool))


@dataclass(frozen=True)
class SumOf:
    """The fields of a record add up to a total; with a null among them they do not."""

    fields: tuple[str, ...]
    total: float

    def __call__(self, frame: pd.DataFrame) -> Masks:
        """Judge every row."""
        numbers = pd.DataFrame({name: Column(frame[name]).numbers for name in self.fields})
        return _masks(numbers.sum(axis=1, skipna=False) == self.total, np.ones(len(frame), dtype=bool))


@dataclass(frozen=True)
class InOrder:
    """Each value that is not null is at least (at most) the one before it."""

    field: str
    descending: bool = False
    strictly: bool = False

    def __call__(self, frame: pd.DataFrame) -> Masks:
        """Judge every row that holds a value."""
        given = frame[self.field].notna().to_numpy()
        step = _ordered(frame[self.field])[given].diff()
        zero = pd.Timedelta(0) if pd.api.types.is_timedelta64_dtype(step.dtype) else 0
        step = -step if self.descending else step
        held = np.ones(len(frame), dtype=bool)
        held[given] = (step > zero if self.strictly else step >= zero) | step.isna()
        return _masks(held, given)


@dataclass(frozen=True)
class Readable:
    """The text reads as JSON, or as a date in whatever form."""

    field: str
    form: str

    def __call__(self, frame: pd.DataFrame) -> Masks:
        """Judge every row that holds a value, each distinct text once."""
        series = frame[self.field]
        given = series.notna().to_numpy()
        texts = series[given]
        known = {text: self._reads(text) for text in {value for value in texts if isinstance(value, str)}}
        held = np.ones(len(frame), dtype=bool)
        held[given] = [isinstance(value, str) and known[value] for value in texts]
        return _masks(held, given)

    def _reads(self, text: str) -> bool:
        try:
            (json.loads if self.form == "json" else parse)(text)
        except (ValueError, OverflowError, RecursionError):
            return False
        return True


@dataclass(frozen=True)
class NearMean:
    """The value is fewer than so many standard deviations of the column above its mean (or from it)."""

    field: str
    threshold: float
    double_sided: bool

    def __call__(self, frame: pd.DataFrame) -> Masks:
        """Judge every row that holds a value; where there is no spread, all hold."""
        values = _ordered(frame[self.field])
        spread = values.std()
        score = (values - values.mean()) / (spread or np.nan)
        near = score.abs() < abs(self.threshold) if self.double_sided else score < self.threshold
        return _masks(near | score.isna(), frame[self.field].notna())


@dataclass(frozen=True)
class TypeListed:
    """A column of objects holds values of these types only; a column of one type is of one of these."""

    field: str
    types: tuple[str, ...]

    def __call__(self, frame: pd.DataFrame) -> Masks | bool:
        """Judge every row of a column of objects, else the whole."""
        wanted: list[Any] = [kind for name in self.types for kind in types_of(name)]
        series = frame[self.field]
        if series.dtype != np.dtype(object) or {"object", "object_", "O"} & set(self.types):
            return any(series.dtype == kind for kind in [*wanted, *self._dtypes()])
        fits = series.map(lambda value: isinstance(value, tuple(wanted)))
        return _masks(fits, series.notna())

    def _dtypes(self) -> list[Any]:
        made: list[Any] = []
        for name in self.types:
            try:
                made.append(np.dtype(name))
            except TypeError:
                kind = getattr(pd, name, None)
                if isinstance(kind, type) and issubclass(kind, pd.api.extensions.ExtensionDtype):
                    made.append(kind())
        return made


@dataclass(frozen=True)
class ColumnsAre:
    """The table has these columns: all and only they, at least they, or they in this order."""

    names: tuple[str, ...]
    how: str = "exactly"

    def __call__(self, frame: pd.DataFrame) -> bool:
        """Answer for the table."""
        held = [str(name) for name in frame.columns]
        if self.how == "in order":
            return held == list(self.names)
        return set(held) >= set(self.names) and (self.how == "at least" or set(held) <= set(self.names))


@dataclass(frozen=True)
class ColumnAt:
    """The column stands at a place, counted from 0."""

    name: str
    index: int

    def __call__(self, frame: pd.DataFrame) -> bool:
        """Answer for the table."""
        held = list(frame.columns)
        return -len(held) <= self.index < len(held) and bool(held[self.index] == self.name)


@dataclass(frozen=True)
class HoldsEvery:
    """Every listed value occurs in the column; `only`: and no other."""

    field: str
    values: tuple[Any, ...]
    only: bool = False

    def __call__(self, frame: pd.DataFrame) -> bool:
        """Answer for the table."""
        values = _as_listed(frame, self.field, self.values).dropna()
        days = pd.api.types.is_datetime64_dtype(values.dtype)
        held, listed = set(values), {moment(value) if days else value for value in self.values}
        return held >= listed and (not self.only or held <= listed)


@dataclass(frozen=True)
class MostCommon:
    """The most common value is a listed one; where several are, one of them is (`ties`), or none will do."""

    field: str
    values: tuple[Any, ...]
    ties: bool = False

    def __call__(self, frame: pd.DataFrame) -> bool:
        """Answer for the table."""
        modes = _as_listed(frame, self.field, self.values).mode()
        n_listed = len(set(modes) & set(self.values))
        return n_listed > 0 if self.ties else len(modes) == 1 == n_listed


@dataclass(frozen=True)
class Quantiles:
    """Quantiles of the values that are not null lie in their ranges, ends included to one part in 10,000."""

    field: str
    quantiles: tuple[float, ...]
    ranges: tuple[tuple[float | None, float | None], ...]
    interpolation: str = "nearest"

    def __call__(self, frame: pd.DataFrame) -> bool:
        """Answer for the table."""
        values = _ordered(frame[self.field]).dropna().astype(float)
        found = np.quantile(values, self.quantiles, method=self.interpolation) if len(values) else []  # type: ignore[call-overload]
        inside = []
        for value, (low, high) in zip(found, self.ranges, strict=False):
            least, most = -np.inf if low is None else low, np.inf if high is None else high
            near = any(np.isfinite(end) and abs(value - end) <= 1e-4 * abs(end) for end in (least, most))
            inside.append(near or least <= value <= most)
        return bool(inside) and all(inside)
