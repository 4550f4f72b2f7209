"""What a column of a team's own data holds, as far as planting a defect needs to know it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

Form = Literal["boolean", "number", "instant", "date", "time", "number text", "pick list", "narrative", "text", "other"]

_LOOKED_AT = 1_000  # distinct values; more say no more
_MOSTLY = 0.9  # so many of them have a form before the column has it
_LONG, _WORDS = 40, 5  # characters and words of the middle text of a narrative
_MOST_LISTED, _TIMES_EACH = 30, 2  # values of a pick list, and how often each occurs on average
_TEXT_FORMS: dict[Form, Callable[[str], Any]] = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}\Z").match,
    "time": re.compile(r"\d{1,2}:\d{2}(:\d{2})?\Z").match,
    "number text": re.compile(r"[+-]?\d+([.,]\d+)?\Z").match,
}


@dataclass(frozen=True)
class ColumnForm:
    """What a column holds.

    Attributes:
        name: of the column.
        form: what most of its values look like.
        distinct: its values that are not null, each once, as they first occur; at most 1,000.
        whole: whether all its numbers are whole.
    """

    name: str
    form: Form
    distinct: tuple[Any, ...]
    whole: bool = False

    @property
    def is_text(self) -> bool:
        """Whether any text can stand there."""
        return self.form not in {"boolean", "number", "instant", "other"}


def form_of(name: str, series: pd.Series[Any]) -> ColumnForm:
    """Look at a column.

    Args:
        name: what it is called.
        series: its values. A category column has the form of its categories.

    Examples:
        >>> form_of("time", pd.Series(["09:30", "14:05", None])).form
        'time'
        >>> form_of("age", pd.Series([31, 40])).form
        'number'
    """
    distinct = series.dropna().drop_duplicates().head(_LOOKED_AT)
    values = tuple(distinct.tolist())
    dtype = series.cat.categories.dtype if isinstance(series.dtype, pd.CategoricalDtype) else series.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return ColumnForm(name, "boolean", values)
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype):
        whole = all(float(value).is_integer() for value in values if np.isfinite(value))
        return ColumnForm(name, "number", values, whole=whole)
    if pd.api.types.is_datetime64_any_dtype(dtype) and all(isinstance(value, pd.Timestamp) for value in values):
        return ColumnForm(name, "instant", values)
    if not all(isinstance(value, str) for value in values):
        return ColumnForm(name, "other", values)
    return ColumnForm(name, _form_of_texts(values, int(series.notna().sum())), values)


def _form_of_texts(values: Sequence[str], n_filled: int) -> Form:
    for form, match in _TEXT_FORMS.items():
        if values and sum(bool(match(value)) for value in values) >= _MOSTLY * len(values):
            return form
    middle = sorted(values, key=len)[len(values) // 2] if values else ""
    if len(middle) >= _LONG and len(middle.split()) >= _WORDS:
        return "narrative"
    listed = len(values) <= _MOST_LISTED and n_filled >= _TIMES_EACH * len(values)
    return "pick list" if values and listed else "text"
