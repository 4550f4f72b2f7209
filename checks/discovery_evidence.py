"""Evidence that a value is a placeholder: points per distinct value, each with its reason.

The points were set on the development half of tests/planted.py and are not fitted to anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.discovery_profile import Floats, Profile, matching
from checks.predicates import Mask

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_RUNS = frozenset(
    row[start:end] for row in _KEYS for start in range(len(row)) for end in range(start + 3, len(row) + 1)
    if end - start >= 4 or start == 0
)  # fmt: skip
_STRUCTURED = ("number", "date", "time", "code")
_RARE = 0.02
_SAMPLE = 20_000  # rows that the comparison of columns looks at


class Evidence:
    """Points per distinct value of one column, with reasons."""

    def __init__(self, n_values: int) -> None:
        self.points: list[tuple[str, Floats]] = []
        self._n = n_values

    def add(self, reason: str, where: Mask, points: float | Floats) -> None:
        """Give points to the values where the evidence holds."""
        given = np.where(where, points, 0.0)
        if given.any():
            self.points.append((reason, given))

    def total(self) -> Floats:
        """The sum per value."""
        return np.sum([given for _, given in self.points], axis=0) if self.points else np.zeros(self._n)

    def reasons(self, place: int) -> tuple[str, ...]:
        """Why a value is suspect, strongest first."""
        held = [(reason, float(given[place])) for reason, given in self.points if given[place] > 0]
        return tuple(reason for reason, _ in sorted(held, key=lambda each: -each[1]))


def own_evidence(one: Profile) -> Evidence:
    """Gather what a column says about its own values."""
    found = Evidence(len(one.counts))
    _signs(one, found)
    _shape(one, found)
    if one.kind == "number":
        _number(one, found)
    elif one.kind == "date":
        _date(one, found)
    elif one.kind == "time":
        _time(one, found)
    else:
        _frequency(one, found)
    return found


def _signs(one: Profile, found: Evidence) -> None:
    """How a value is written: nothing but signs, one sign again and again, a run of keys."""
    bare = ~one.letters & ~one.digits
    if one.counts[bare].sum() <= 0.2 * one.n_rows:
        found.add("neither letters nor digits", bare, 1.0)
    same, words = one.same_sign, one.letters & ~one.digits
    roman = matching(one.cores, r"\A[ivxlcdm]+\z") & (same == 0)
    long = 1.0 if roman.sum() < 2 else 0.3
    found.add("one letter repeated", words & (same >= 3), long)
    found.add("one letter repeated", words & (same == 2), 0.4)
    run = _in(one.cores, _RUNS)
    found.add("a run of keys", words & run, 0.7)
    if one.kind in {"code", "category", "text"}:
        found.add("one digit repeated", ~one.letters & (same >= 2), 0.4)


def _shape(one: Profile, found: Evidence) -> None:
    """Whether a value is written like the rest of its column."""
    odd = one.share_of_others(one.letters * 2 + one.digits * 1) <= _RARE
    words, figures = one.letters & ~one.digits, one.digits & ~one.letters
    free, pick = one.kind == "text", one.kind == "category"
    frequent = (one.rates > 0.04) if pick else np.zeros(len(one.counts), dtype=bool)  # an answer that looks odd
    found.add("words where the column has figures", odd & words & ~frequent, 1.0 if one.kind in _STRUCTURED else 0.6)
    found.add("figures where the column has words", odd & figures & ~frequent, 0.4 if free else 0.6)
    found.add("words and figures mixed unlike the column", odd & one.letters & one.digits & ~frequent, 0.2)
    mask_share = one.share_of_others(one.masks)
    common = np.sort(np.bincount(one.masks, weights=one.counts))[::-1]
    regular = bool(common[:3].sum() >= 0.95 * one.n_rows and one.n_rows >= 50 and len(one.counts) > 3)
    unformed = (mask_share <= 0.002) & regular & ~frequent
    found.add("not of the column's form", unformed, 0.2 if one.kind == "number" else 0.5)
    if one.kind not in {"category", "text", "code"}:
        return
    style = one.share_of_others(one.styles)
    unstyled = (style <= _RARE) & one.letters & ~frequent
    found.add("capitals unlike the column's", unstyled, 0.4)
    punctuation = pc.replace_substring_regex(one.texts, r"[\pL\pN\s]+", "")
    marks = one.share_of_others(pd.factorize(punctuation.to_pandas())[0].astype(np.int64))
    marked = matching(one.texts, r"[^\pL\pN\s]") & (one.letters | one.digits) & ~frequent
    found.add("signs that the column does not use", marked & (marks <= 0.005), 0.2 if free else 0.4)
    if not pick:
        low = _weighted_quantile(one.lengths.astype(np.float64), one.counts, 0.05)
        found.add("much shorter than the rest", one.lengths <= 0.25 * low, 0.6)
        found.add("shorter than the rest", (one.lengths <= 0.5 * low) & (one.lengths > 0.25 * low), 0.3)
    if len(one.counts) >= 0.1 * one.n_rows:
        again = (one.counts >= 2) & (found.total() >= 0.4)
        found.add("written so more than once", again, 0.2)


def _frequency(one: Profile, found: Evidence) -> None:
    """Repeated where hardly anything is."""
    others = (one.n_rows - one.counts) / max(1, len(one.counts) - 1)
    if len(one.counts) >= 0.5 * one.n_rows:
        found.add("repeated where values are not", one.counts >= np.maximum(3, 3 * others), 0.4)
        if others.size and np.median(others) <= 1.02:
            found.add("repeated where every value is its own", one.counts == 2, 0.2)


def _number(one: Profile, found: Evidence) -> None:
    values = one.numbers
    same = np.where(~one.letters, one.same_sign, 0)
    ordered = ~np.isnan(values)
    low, high = (_weighted_quantile(values[ordered], one.counts[ordered], q) for q in (0.05, 0.95))
    width = max(high - low, abs(high) * 0.1, 1e-9)
    away = np.where(ordered, np.maximum(values - high, low - values) / width, 0.0)
    found.add("far from the other numbers", ordered & (away > 3), 0.5)
    found.add("away from the other numbers", ordered & (away > 1) & (away <= 3), 0.3)
    negative = ordered & (values < 0)
    if one.counts[negative].sum() <= 0.05 * one.n_rows:
        slip = (same == 0) & (-values >= low) & (-values <= high)  # an ordinary number with a wrong sign
        found.add("below zero where numbers are not", negative, np.where(slip, 0.3, 0.7))
        found.add("one digit repeated", negative & (same >= 1), 0.3)
    found.add("one digit repeated", ~negative & (same >= 3), 0.5)
    found.add("one digit repeated", ~negative & (same == 2), 0.3)
    piled = ordered & (np.abs(away) >= 0) & _piled(values, one.counts)
    found.add("more frequent than its neighbours", piled & ((same >= 2) | (away > 1) | negative), 0.5)


def _date(one: Profile, found: Evidence) -> None:
    days, real, month_day = one.days
    written = ~np.isnan(days)
    usual = real & written
    low, high = (_weighted_quantile(days[usual], one.counts[usual], q) for q in (0.05, 0.95))
    width = max(high - low, 5 * 365.0)
    away = np.where(written, np.maximum(days - high, low - days) / width, 0.0)
    same = one.same_sign
    edge = np.isin(month_day, (101, 1231)) | (month_day // 100 == month_day % 100)
    found.add("no such day", written & ~real, 0.6)
    found.add("no such day, one digit or zeros", written & ~real & ((same > 0) | (month_day == 0)), 0.4)
    found.add("far from the other days", usual & (away > 1), 0.6)
    found.add("first or last day of a year, or day = month", usual & edge, 0.4)
    piled = usual & _piled(days, one.counts)
    found.add("more frequent than the days around it", piled & (edge | (away > 1)), 0.6)
    found.add("more frequent than other impossible days", _above(one.counts, written & ~real), 0.4)


def _time(one: Profile, found: Evidence) -> None:
    minutes, real = one.minutes
    written = ~np.isnan(minutes)
    found.add("no such time", written & ~real, 0.7)
    found.add("one digit repeated", written & ~real & (one.same_sign > 0), 0.3)
    found.add("more frequent than other impossible times", _above(one.counts, written & ~real), 0.3)
    edge = real & ((minutes == 0) | (minutes == 24 * 60 - 1))
    found.add("an end of the clock", edge, 0.5)
    found.add("more frequent than the times around it", edge & _piled(minutes, one.counts), 0.5)


def contradicted(profiles: Sequence[Profile], gathered: Mapping[str, Evidence]) -> None:
    """Values that the other columns contradict: an unbiased sample of what those would decide.

    Where column A nearly decides column B, a value of B that stands in several groups of A and is the usual one in
    none of them says nothing about its rows.
    """
    if not profiles:
        return
    n_rows = len(profiles[0].codes)
    rows = np.arange(n_rows) if n_rows <= _SAMPLE else np.linspace(0, n_rows - 1, _SAMPLE).astype(np.int64)
    codes = {one.name: one.codes[rows] for one in profiles}
    for target in profiles:
        if len(target.counts) < 2:
            continue
        best = np.zeros(len(target.counts), dtype=bool)
        for other in profiles:
            if other is not target and 2 <= len(other.counts) <= len(rows) / 3:
                best |= _against(codes[other.name], codes[target.name], len(other.counts), len(target.counts))
        gathered[target.name].add("contradicted by another column", best, 0.7)


def _against(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], n_left: int, n_right: int) -> Mask:
    """Values of the right column that are usual in none of the two or more groups of the left they stand in."""
    both = (left >= 0) & (right >= 0)
    pair, where = pd.factorize(left[both] * n_right + right[both])
    counts = np.bincount(pair) if len(where) else np.zeros(0, dtype=np.int64)
    group, value = np.divmod(np.asarray(where, dtype=np.int64), n_right)
    size = np.bincount(group, weights=counts, minlength=n_left)
    top = np.zeros(n_left)
    np.maximum.at(top, group, counts)
    big = size >= 3
    judged = size[big].sum()
    usual = np.bincount(value, weights=counts, minlength=n_right).max(initial=0) * judged / max(1, both.sum())
    if judged < 0.5 * both.sum() or top[big].sum() < 0.9 * judged or top[big].sum() - usual < 0.7 * (judged - usual):
        return np.zeros(n_right, dtype=bool)  # the left does not decide the right, or one value is usual everywhere
    minor = big[group] & (counts <= 0.4 * size[group]) & (top[group] >= 0.6 * size[group])
    stands = np.bincount(value, minlength=n_right)
    against = np.bincount(value, weights=minor, minlength=n_right)
    return np.asarray((against >= 2) & (against >= 0.8 * stands), dtype=bool)


def shared(profiles: Sequence[Profile], gathered: Mapping[str, Evidence]) -> None:
    """Spellings that stand in several columns that have nothing else in common.

    Values with a digit take no part: any two columns of numbers have some in common.
    """
    if len(profiles) < 2:
        return
    whole = pd.concat([_wordings(number, one, gathered[one.name]) for number, one in enumerate(profiles)])
    again = whole[whole.duplicated("key", keep=False)].reset_index(drop=True).reset_index(names="at")
    joined = again.merge(again, on="key", suffixes=("", "_other"))
    joined = joined[joined.column != joined.column_other]
    sizes = np.array([len(one.counts) for one in profiles])
    common = np.zeros((len(profiles), len(profiles)), dtype=np.int64)
    np.add.at(common, (joined.column.to_numpy(), joined.column_other.to_numpy()), 1)
    related = common > 0.2 * np.minimum(sizes, sizes[:, None])
    joined = joined[joined.minor & joined.minor_other]
    apart = ~related[joined.column.to_numpy(), joined.column_other.to_numpy()]
    n_unrelated, oddest = np.zeros(len(again), dtype=np.int64), np.zeros(len(again))
    np.add.at(n_unrelated, joined["at"].to_numpy()[apart], 1)
    np.maximum.at(oddest, joined["at"].to_numpy(), joined.odd_other.to_numpy())
    points = np.select(
        [oddest >= 0.9, n_unrelated >= 3, (n_unrelated >= 2) | ((n_unrelated == 1) & (oddest >= 0.4))],
        [1.0, 0.8, 0.6],
        default=0.0,
    )
    for number, one in enumerate(profiles):
        mine = (again.column == number).to_numpy()
        given = np.zeros(len(one.counts))
        np.maximum.at(given, again.place.to_numpy()[mine], points[mine])
        gathered[one.name].add("also stands in other columns", given > 0, given)


def _wordings(number: int, one: Profile, found: Evidence) -> pd.DataFrame:
    """The short values without a digit of one column, one row per value without case."""
    chosen = np.flatnonzero(~one.digits & (one.lengths <= 40))
    return pd.DataFrame({
        "key": one.keys.take(pa.array(chosen)).to_pandas().astype("object"),
        "column": number,
        "place": chosen,
        "minor": one.rates[chosen] <= 0.1,
        "odd": found.total()[chosen],
    })  # fmt: skip


def _piled(values: Floats, counts: npt.NDArray[np.int64]) -> Mask:
    """Values that are much more frequent than the ten distinct values before and after them."""
    order = np.argsort(values, kind="stable")  # NaN last
    n = int((~np.isnan(values)).sum())
    along = counts[order][:n].astype(np.float64)
    total = np.concatenate([[0.0], np.cumsum(along)])
    at = np.arange(n)
    low, high = np.maximum(at - 10, 0), np.minimum(at + 11, n)
    usual = (total[high] - total[low] - along) / np.maximum(1, high - low - 1)
    piled = np.zeros(len(values), dtype=bool)
    piled[order[:n]] = (along >= 3) & (along >= 3 * usual + 1)
    return piled


def _above(counts: npt.NDArray[np.int64], among: Mask) -> Mask:
    """Values that are repeated, and far more often than is usual among them: typing errors are not."""
    usual = np.median(counts[among]) if among.sum() > 1 else 0.0
    return np.asarray(among & (counts >= 2) & (counts >= 3 * usual), dtype=bool)


def _weighted_quantile(values: Floats, counts: npt.NDArray[np.int64], q: float) -> float:
    if not len(values):
        return 0.0
    order = np.argsort(values)
    rows = np.cumsum(counts[order])
    return float(values[order][np.searchsorted(rows, q * rows[-1])])


def _in(values: pa.Array, listed: frozenset[str]) -> Mask:
    found = pc.is_in(values, value_set=pa.array(sorted(listed), values.type))
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)
