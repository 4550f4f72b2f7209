"""What one column looks like, value by value: signs, shape, order and counts, for placeholder discovery."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.columns import Codes, Column, text_codes
from checks.predicates import Mask

Floats: TypeAlias = npt.NDArray[np.float64]
ColumnKind: TypeAlias = Literal["number", "date", "time", "code", "category", "text"]
KINDS_OF_COLUMNS: tuple[ColumnKind, ...] = ("number", "date", "time", "code", "category", "text")
_MOST = 0.8  # share of the filled rows that makes a column one of numbers, dates, times or codes
_FEW = 30  # most answers of a pick list
_TEXT = pa.large_string()
_TIME = r"\A[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?\z"
_DATE = (
    r"\A(?:(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"|(?P<ad>[0-9]{1,2})[./](?P<am>[0-9]{1,2})[./](?P<ay>[0-9]{4}))(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?\z"
)
_DAYS_BEFORE = np.array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])
_DAYS_IN = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@dataclass(frozen=True)
class Profile:
    """One column by distinct value; arrays have one entry per distinct value that is not null.

    Attributes:
        name: of the column.
        texts: distinct values.
        counts: rows that hold each.
        codes: for every row the place of its value, -1 for null.
    """

    name: str
    texts: pa.Array
    counts: Codes
    codes: Codes

    @cached_property
    def n_rows(self) -> int:
        """Rows that are not null."""
        return int(self.counts.sum())

    @cached_property
    def rates(self) -> Floats:
        """Share of the filled rows."""
        return np.asarray(self.counts / max(1, self.n_rows), dtype=np.float64)

    @cached_property
    def keys(self) -> pa.Array:
        """Values trimmed and in lower case."""
        return pc.utf8_lower(pc.utf8_trim_whitespace(self.texts))

    @cached_property
    def cores(self) -> pa.Array:
        """Letters and digits alone, in lower case."""
        return pc.replace_substring_regex(self.keys, r"[^\pL\pN]+", "")

    @cached_property
    def lengths(self) -> Codes:
        """Characters of the trimmed value."""
        return _ints(pc.utf8_length(self.keys))

    @cached_property
    def letters(self) -> Mask:
        """Values with a letter."""
        return matching(self.texts, r"\pL")

    @cached_property
    def digits(self) -> Mask:
        """Values with a digit."""
        return matching(self.texts, r"\pN")

    @cached_property
    def same_sign(self) -> Codes:
        """How many letters or digits a value has if they are all the same one, else 0."""
        first = pc.utf8_slice_codeunits(self.cores, 0, 1)
        length = pc.utf8_length(self.cores)
        again = pc.binary_repeat(first, length)
        return np.where(_bools(pc.equal(again, self.cores)), _ints(length), 0)

    @cached_property
    def masks(self) -> Codes:
        """An integer for every mask: digits, small and capital letters made alike, sign by sign."""
        return text_codes(self._mask("0", "a", "A"))

    @cached_property
    def shapes(self) -> Codes:
        """The same with runs of digits and of letters made one."""
        return text_codes(self._mask("0", "a", "A", run="+"))

    @cached_property
    def styles(self) -> Codes:
        """Capital letters: 0 none, 1 first alone, 2 all, 3 another way, -1 where there is no letter."""
        upper, lower = matching(self.texts, r"\p{Lu}"), matching(self.texts, r"\p{Ll}")
        first = matching(self.texts, r"\A[^\pL]*\p{Lu}")
        return np.select([~self.letters, ~upper, ~lower, first], [-1, 0, 2, 1], default=3)

    def _mask(self, digit: str, small: str, capital: str, run: str = "") -> pa.Array:
        text = pc.replace_substring_regex(self.texts, rf"\p{{Ll}}{run}", small)
        text = pc.replace_substring_regex(text, rf"\p{{Lu}}{run}", capital)
        return pc.replace_substring_regex(text, rf"\pN{run}", digit)

    @cached_property
    def kind(self) -> ColumnKind:
        """What most rows are."""

        def most(mask: Mask) -> bool:
            return bool(self.counts[mask].sum() >= _MOST * self.n_rows)

        if most(matching(self.texts, _DATE)):
            return "date"
        if most(matching(self.texts, _TIME)):
            return "time"
        is_pick = len(self.counts) <= _FEW and self.n_rows >= 10 * len(self.counts)
        if most(~np.isnan(self.numbers)):
            return "number"
        if is_pick:
            return "category"
        top = np.bincount(self.shapes, weights=self.counts).max(initial=0)
        if top >= _MOST * self.n_rows and most(self.digits) and most(~matching(self.texts, r"\s")):
            return "code"
        common = np.sort(self.counts)[::-1][:_FEW].sum()
        return "category" if common >= 0.9 * self.n_rows and self.n_rows >= 10 * _FEW else "text"

    @cached_property
    def numbers(self) -> Floats:
        """Values as numbers, NaN where they are none."""
        plain = matching(self.texts, r"\A\s*[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?\s*\z")
        text = pc.if_else(pa.array(plain), self.keys, pa.scalar(None, _TEXT))
        return np.asarray(pd.to_numeric(text.to_pandas(), errors="coerce"), dtype=np.float64)

    @cached_property
    def days(self) -> tuple[Floats, Mask, Codes]:
        """Dates as days (NaN where not of the form of a date), whether there is such a day, and month * 100 + day."""
        groups = pc.extract_regex(self.texts, _DATE)
        parts = [_part(groups, first, second) for first, second in (("y", "ay"), ("m", "am"), ("d", "ad"))]
        written = ~np.isnan(parts[0])
        year, month, day = (np.nan_to_num(part).astype(np.int64) for part in parts)
        inside = (month >= 1) & (month <= 12)
        real = written & inside & (day >= 1) & (day <= _DAYS_IN[np.where(inside, month, 0)]) & (year > 0)
        ordinal = year * 365.25 + _DAYS_BEFORE[np.where(inside, month, 0)] + day
        return np.where(written, ordinal, np.nan), real, month * 100 + day

    @cached_property
    def minutes(self) -> tuple[Floats, Mask]:
        """Clock times as minutes (NaN where not of the form of a time), and whether the clock shows such a time."""
        groups = pc.extract_regex(self.texts, r"\A(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2}))?\z")
        hour, minute = _part(groups, "h"), _part(groups, "m")
        second = np.nan_to_num(_part(groups, "s"))
        real = (hour <= 23) & (minute <= 59) & (second <= 59)
        return hour * 60 + minute, np.asarray(real & ~np.isnan(hour), dtype=bool)

    def share_of_others(self, groups: Codes) -> Floats:
        """For every value, the share of the rows with another value that are in its group."""
        at = groups - groups.min(initial=0)
        rows = np.bincount(at, weights=self.counts) if len(at) else np.zeros(0)
        others = np.maximum(1, self.n_rows - self.counts)
        return np.asarray((rows[at] - self.counts) / others, dtype=np.float64)


def profile(name: str, column: Column) -> Profile:
    """Count the distinct values of a column; what is only white space is left to `not_blank`."""
    texts = column.texts.cast(_TEXT)
    blank = np.asarray(column.blank, dtype=bool)
    encoded = pc.dictionary_encode(pc.if_else(pa.array(blank), pa.scalar(None, _TEXT), texts))
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=len(encoded.dictionary)).astype(np.int64)
    return Profile(name, encoded.dictionary, counts, codes)


def matching(values: pa.Array, regex: str) -> Mask:
    """Return which values hold a match."""
    return _bools(pc.match_substring_regex(values, regex))


def _bools(values: pa.Array) -> Mask:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=bool)


def _ints(values: pa.Array) -> Codes:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.int64)


def _part(groups: pa.StructArray, *names: str) -> Floats:
    """The number in whichever group took part, NaN where none did."""
    parts: list[Any] = [pc.struct_field(groups, name).cast(_TEXT) for name in names]
    text = pc.binary_join_element_wise(*parts, pa.scalar("", _TEXT)) if len(parts) > 1 else parts[0]
    return np.asarray(pd.to_numeric(text.to_pandas(), errors="coerce"), dtype=np.float64)
