"""Kernels for predicates about days: how long something took, improbable days, days that pile up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from checks.columns import Codes, Column, Table
from checks.judged import Judged
from checks.predicates import DaysBetween, EvenDays, Mask, NotOnDays
from synth.errors import RuleError, nearest

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ISO = r"\A(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})(?:[T ].*)?\z"
_FEWEST = 5  # rows that can be a pile


def read_days(column: Column) -> npt.NDArray[np.datetime64]:
    """Return the day of every row, NaT where the value is no ISO date (a time of day after it is left out).

    Examples:
        >>> read_days(Column(pd.Series(["2031-03-05", "2031-02-30", "9999-12-31T10:00", "soon"])))
        array(['2031-03-05',        'NaT', '9999-12-31',        'NaT'],
              dtype='datetime64[D]')
    """
    if pd.api.types.is_datetime64_any_dtype(column.series.dtype):
        return column.series.to_numpy().astype("datetime64[D]")
    groups = pc.extract_regex(column.elements, _ISO)
    year, month, day = (
        pd.to_numeric(pc.struct_field(groups, name).to_pandas(), errors="coerce").to_numpy(dtype=np.float64)
        for name in "ymd"
    )
    shaped = ~np.isnan(year) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    year, month, day = (np.where(shaped, part, 1).astype(np.int64) for part in (year, month, day))
    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    days = months.astype("datetime64[D]") + (day - 1)
    days[~shaped | (days.astype("datetime64[M]") != months)] = np.datetime64("NaT")
    return np.asarray(column.spread(days, missing=np.datetime64("NaT")))


def days_between(predicate: DaysBetween, table: Table) -> Judged:
    """Fail where it took fewer or more days; a row without two dates is not judged."""
    columns = [table.column(field) for field in (predicate.start, predicate.end)]
    start, end = (read_days(column) for column in columns)
    blank = columns[0].blank | columns[1].blank
    unread = np.isnat(start) | np.isnat(end)
    took = np.where(unread, 0, (end - start).astype(np.int64))
    bad = np.zeros(table.n_rows, dtype=bool)
    if predicate.min is not None:
        bad |= took < predicate.min
    if predicate.max is not None:
        bad |= took > predicate.max
    return Judged(bad, blank, skipped=unread & ~blank)


def not_on_days(predicate: NotOnDays, table: Table) -> Judged:
    """Fail where the date falls on one of the days, weekdays or years; what is no date is not judged."""
    for weekday in predicate.weekdays:
        if weekday not in WEEKDAYS:
            raise RuleError(f"weekday {weekday!r} is not known. {nearest(weekday, WEEKDAYS)}")
    column = table.column(predicate.field)
    days = read_days(column)
    unread = np.isnat(days)
    month_day, weekday_of, year = _parts(days)
    listed = [int(text.replace("-", "")) for text in predicate.days if _is_month_day(text)]
    bad = np.isin(month_day, listed)
    bad |= np.isin(weekday_of, [WEEKDAYS.index(weekday) for weekday in predicate.weekdays])
    bad |= np.isin(year, [int(text) for text in predicate.years if _is_year(text)])
    return Judged(bad, column.blank, skipped=unread & ~column.blank)


def even_days(predicate: EvenDays, table: Table) -> Judged:
    """Fail the rows of days on which far more dates fall than an even spread over the days that occur gives."""
    column = table.column(predicate.field)
    days = read_days(column)
    month_day, weekday, _ = _parts(days)
    part = {"day_of_year": month_day, "day_of_month": month_day % 100, "weekday": weekday}[predicate.part]
    group, grouped = groups_of(table, predicate.by)
    judged = grouped & ~np.isnat(days)
    place, parts = pd.factorize(part[judged])
    n_groups, n_parts = int(group.max(initial=0)) + 1, max(1, len(parts))
    size = np.bincount(group[judged], minlength=n_groups)
    pair = group[judged] * n_parts + place
    counts = np.bincount(pair, minlength=n_groups * n_parts)
    occurring = np.maximum(1, (counts.reshape(n_groups, n_parts) > 0).sum(axis=1))
    even = 1 / occurring
    expected = size * even
    spread = np.sqrt(expected * (1 - even))
    here = group[judged]
    held = counts[pair]
    piled = (held >= _FEWEST) & (held >= predicate.times * expected[here])
    piled &= held - expected[here] >= predicate.z * spread[here]
    bad = np.zeros(table.n_rows, dtype=bool)
    bad[judged] = piled & (occurring[here] > 1)
    enough = judged & (size[group] >= predicate.min_rows)
    return Judged(bad, column.blank, skipped=~enough & ~column.blank, blamed={predicate.field: bad})


def groups_of(table: Table, by: tuple[str, ...]) -> tuple[Codes, Mask]:
    """Return an integer from 0 for every row's group and the rows that are in one; no field: all in one."""
    if not by:
        return np.zeros(table.n_rows, dtype=np.int64), np.array(table.everything)
    blank = np.asarray(np.logical_or.reduce([table.column(field).blank for field in by]), dtype=bool)
    codes = table.group_codes(by, missing=blank)
    return np.where(blank, 0, codes), ~blank


def _parts(days: npt.NDArray[np.datetime64]) -> tuple[Codes, Codes, Codes]:
    """Month * 100 + day, weekday from Monday 0, and year; -1 where there is no day."""
    there = ~np.isnat(days)
    safe = np.where(there, days, np.datetime64("1970-01-01"))
    months = safe.astype("datetime64[M]")
    years = safe.astype("datetime64[Y]")
    month = (months - years.astype("datetime64[M]")).astype(np.int64) + 1
    day = (safe - months.astype("datetime64[D]")).astype(np.int64) + 1
    weekday = (safe.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    found = (month * 100 + day, weekday, years.astype(np.int64) + 1970)
    return tuple(np.where(there, part, -1) for part in found)  # type: ignore[return-value]  # three of them


def _is_month_day(text: str) -> bool:
    month, dash, day = text.partition("-")
    if dash and len(text) == 5 and month.isdecimal() and day.isdecimal() and 1 <= int(month) <= 12 and int(day) <= 31:
        return True
    raise RuleError(f"{text!r} is no day of a year. Write MM-DD, as 01-01.")


def _is_year(text: str) -> bool:
    if text.isdecimal() and len(text) == 4:
        return True
    raise RuleError(f"{text!r} is no year. Write four digits, as 1900.")


KERNELS: dict[type[Any], Callable[[Any, Table], Judged]] = {
    DaysBetween: days_between,
    NotOnDays: not_on_days,
    EvenDays: even_days,
}
