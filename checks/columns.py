"""Columns as kernels see them: judged once per distinct value where the column is a category, then taken by codes.

Masks are numpy booleans, one per row, aligned by position. Index labels play no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.predicates import Mask
from synth.errors import DataError, RuleError, nearest

Codes = npt.NDArray[np.int64]
READ_AS_TEXT = "read_as_text"  # of a frame: it came from a file that says no types, so every column is text
_NO_MIXTURE = ("string", "empty")


class Column:
    """One column of a frame; what several rules need is computed once."""

    def __init__(self, series: pd.Series[Any]) -> None:
        self.series = series
        self.is_category = isinstance(series.dtype, pd.CategoricalDtype)

    @cached_property
    def null(self) -> Mask:
        """Rows that hold null."""
        return self.series.isna().to_numpy()

    @cached_property
    def is_text(self) -> bool:
        """Whether the values are texts (so that numbers, dates and booleans keep their own order)."""
        dtype = self.series.cat.categories.dtype if self.is_category else self.series.dtype
        return bool(pd.api.types.is_string_dtype(dtype) or (isinstance(dtype, np.dtype) and dtype.kind == "O"))

    @cached_property
    def is_mixed(self) -> bool:
        """Whether objects that are no text stand among the values."""
        values = self._values
        return values.dtype == np.dtype(object) and pd.api.types.infer_dtype(values, skipna=True) not in _NO_MIXTURE

    @cached_property
    def kind(self) -> str:
        """What the values are as stored: text, number, boolean, datetime, or mixed (objects of several kinds)."""
        if self.is_text:
            return "mixed" if self.is_mixed else "text"
        dtype, types = self._values.dtype, pd.api.types
        if types.is_bool_dtype(dtype):
            return "boolean"
        if types.is_numeric_dtype(dtype):
            return "number"
        return "datetime" if types.is_datetime64_any_dtype(dtype) else str(dtype)

    @property
    def _values(self) -> pd.Series[Any]:
        """What `elements` are the texts of: the categories of a category column, else every row."""
        return self.series.cat.categories.to_series() if self.is_category else self.series

    def written(self, how: str) -> pa.Array:
        """Return `elements`, where a value that is no text is written short, as Python does, or is null (`no`)."""
        if how == "short" or (self.is_text and not self.is_mixed):
            return self.elements
        if how == "python":
            return self._as_python
        if not self.is_text:
            raise RuleError(f"column {self.series.name!r} holds {self._values.dtype}, no texts. Give it as text.")
        texts = [value if isinstance(value, str) else None for value in self._values]
        return pa.array(texts, pa.large_string())

    @cached_property
    def _as_python(self) -> pa.Array:
        given = self._values.notna().to_numpy()
        texts = np.full(len(given), None, dtype=object)
        texts[given] = self._values[given].astype(str).to_numpy(dtype=object)
        return pa.array(texts, pa.large_string())

    @cached_property
    def elements(self) -> pa.Array:
        """Texts to be judged: the categories of a category column, else every row."""
        return _texts(self._values)

    @cached_property
    def _category_codes(self) -> npt.NDArray[Any]:
        return self.series.cat.codes.to_numpy()

    def spread(self, judged: pa.Array | npt.NDArray[Any], *, missing: Any = False) -> npt.NDArray[Any]:
        """Take what was judged per element of `elements` to the rows; null rows get `missing`."""
        if isinstance(judged, (pa.Array, pa.ChunkedArray)):
            filled = judged.fill_null(missing) if judged.null_count else judged
            judged = filled.to_numpy(zero_copy_only=False)
        rows: npt.NDArray[Any] = np.asarray(judged)
        if not self.is_category:
            return rows
        table = np.append(rows, np.asarray([missing], dtype=rows.dtype))
        spread: npt.NDArray[Any] = table[self._category_codes]  # code -1 (null) takes the last entry
        return spread

    @cached_property
    def blank(self) -> Mask:
        """Rows that hold null, the empty text or only white space."""
        if not self.is_text:
            return self.null
        empty = pc.or_(pc.utf8_is_space(self.elements), pc.equal(pc.binary_length(self.elements), 0))
        return np.asarray(self.spread(empty, missing=True), dtype=bool)

    @cached_property
    def texts(self) -> pa.Array:
        """The text of every row."""
        return self.take(self.elements)

    def take(self, judged: pa.Array) -> pa.Array:
        """Take an Arrow array with one element per element of `elements` to the rows, null for null rows."""
        return judged.take(pa.array(self._category_codes, mask=self.null)) if self.is_category else judged

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The value of every row as a number; NaN where it is none."""
        if pd.api.types.is_numeric_dtype(self.series.dtype):
            return self.series.to_numpy(dtype=np.float64, na_value=np.nan)
        read = pd.to_numeric(self.elements.to_pandas(), errors="coerce").to_numpy(dtype=np.float64)
        return np.asarray(self.spread(read, missing=np.nan), dtype=np.float64)

    @cached_property
    def codes(self) -> Codes:
        """An integer for every distinct value, -1 for null."""
        if self.is_category:
            return self._category_codes.astype(np.int64)
        return text_codes(self.elements)


class Table:
    """One system's frame, read by position."""

    def __init__(self, name: str, frame: pd.DataFrame) -> None:
        if not frame.columns.is_unique:
            twice = frame.columns[frame.columns.duplicated()][0]
            raise DataError(f"{name}: column {twice!r} stands there twice. Rename one.")
        self.name = name
        self.frame = frame
        self.n_rows = len(frame)
        self.read_as_text = bool(frame.attrs.get(READ_AS_TEXT))
        self._columns: dict[str, Column] = {}
        self.memo: dict[Any, pa.Array] = {}  # what several rules read from a column (checks.concordance)

    def column(self, field: str) -> Column:
        """Return a column, or refuse by name and nearest name."""
        if field not in self._columns:
            if field not in self.frame.columns:
                names = [str(name) for name in self.frame.columns]
                raise RuleError(f"field {field!r} is not in {self.name!r}. {nearest(field, names)}")
            self._columns[field] = Column(self.frame[field])
        return self._columns[field]

    @cached_property
    def everything(self) -> Mask:
        """The mask of all rows; shared, so read-only."""
        mask = np.ones(self.n_rows, dtype=bool)
        mask.flags.writeable = False
        return mask

    @cached_property
    def nothing(self) -> Mask:
        """The mask of no row; shared, so read-only."""
        mask = np.zeros(self.n_rows, dtype=bool)
        mask.flags.writeable = False
        return mask

    def group_codes(self, fields: Sequence[str], *, missing: Mask) -> Codes:
        """An integer for every distinct combination of values, -1 where `missing`."""
        codes = self.column(fields[0]).codes
        for field in fields[1:]:
            more = self.column(field).codes
            codes = pd.factorize(codes * (more.max(initial=0) + 2) + more)[0].astype(np.int64)
        return np.where(missing, -1, codes)


def text_codes(values: pa.Array) -> Codes:
    """Return an integer for every distinct text, -1 for null.

    Examples:
        >>> text_codes(pa.array(["b", None, "a", "b"]))
        array([ 0, -1,  1,  0])
    """
    codes = pc.dictionary_encode(values).indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.asarray(codes, dtype=np.int64)


def _texts(series: pd.Series[Any]) -> pa.Array:
    """The series as one Arrow array of texts; what is not text is written as text."""
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # an object column of mixed types
        array = pa.array(series.astype("string"), from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if pa.types.is_timestamp(array.type) and not _has_times(array):
        return pc.strftime(array, format="%Y-%m-%d").cast(pa.large_string())
    if not pa.types.is_string(array.type) and not pa.types.is_large_string(array.type):
        array = pc.cast(array, pa.large_string())
    return array


def _has_times(days: pa.Array) -> bool:
    """Whether any of the instants is not midnight, so that it is more than a day."""
    return bool(pc.any(pc.not_equal(days, pc.floor_temporal(days, unit="day"))).as_py())
