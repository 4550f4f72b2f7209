"""The kernel for denial constraints: records, alone or in pairs, for which all terms hold at once.

A term that meets a null does not hold. Pairs are never built where one term besides the equal ones tells them apart;
otherwise they are built group by group, up to a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from checks.columns import Codes, Table
from checks.denial_terms import Term, parse_term
from checks.judged import Judged
from checks.predicates import Denial, Mask
from synth.errors import RuleError

MAX_PAIRS = 50_000_000
_CHUNK = 2_000_000  # pairs looked at together

Values: TypeAlias = "npt.NDArray[Any]"
Compared: TypeAlias = "tuple[Values, Values, Mask, Mask]"  # values of both sides, and where each is given

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def denial(predicate: Denial, table: Table) -> Judged:
    """Fail every record that meets all terms, or is one of two that do; blame the fields named for its part."""
    terms = [parse_term(text).from_first() for text in predicate.terms]
    if not terms:
        raise RuleError("a denial constraint has no terms. Give at least one.")
    alone = {record: _alone([term for term in terms if not term.is_pair], record, table) for record in (1, 2)}
    pairs = [term for term in terms if term.is_pair]
    used = {record for term in terms for record in (term.record, term.other_record) if record}
    if used != {1, 2}:
        (record,) = used
        return _judged(terms, {record: alone[record]})
    first, second = _in_pairs(pairs, alone[1], alone[2], table)
    return _judged(terms, {1: first, 2: second})


def _judged(terms: Sequence[Term], bad: dict[int, Mask]) -> Judged:
    blamed: dict[str, Mask] = {}
    for term in terms:
        for record, field in ((term.record, term.field), (term.other_record, term.other)):
            if record:
                blamed[field] = blamed[field] | bad[record] if field in blamed else bad[record]
    return Judged(np.logical_or.reduce(list(bad.values())), blamed=blamed)


def _alone(terms: Sequence[Term], record: int, table: Table) -> Mask:
    """Rows for which the terms about this record alone hold."""
    met = np.ones(table.n_rows, dtype=bool)
    for term in terms:
        if term.record == record:
            left, right, left_given, right_given = _compared(term, table)
            met &= np.asarray(_COMPARE[term.operator](left, right), dtype=bool) & left_given & right_given
    return met


def _compared(term: Term, table: Table) -> Compared:
    """Both sides as values of one kind: codes of texts for equality, numbers where all are numbers, else texts."""
    column = table.column(term.field)
    given = ~column.null
    if not term.other_record:
        everywhere = np.ones(table.n_rows, dtype=bool)
        if term.is_number:
            return column.numbers, np.full(table.n_rows, float(term.other)), ~np.isnan(column.numbers), everywhere
        return _texts(table, term.field), np.full(table.n_rows, term.other, dtype=object), given, everywhere
    other = table.column(term.other)
    if term.operator in {"=", "!="}:
        both = pd.factorize(np.concatenate([_texts(table, term.field), _texts(table, term.other)]))[0]
        return both[: table.n_rows], both[table.n_rows :], given, ~other.null
    if not (np.isnan(column.numbers) & given).any() and not (np.isnan(other.numbers) & ~other.null).any():
        return column.numbers, other.numbers, given, ~other.null
    return _texts(table, term.field), _texts(table, term.other), given, ~other.null


def _texts(table: Table, field: str) -> Values:
    """The texts of a column, the empty text for null (which `given` tells apart)."""
    return np.asarray(table.column(field).texts.to_pandas().fillna("").to_numpy(dtype=object))


def _in_pairs(terms: Sequence[Term], may_first: Mask, may_second: Mask, table: Table) -> tuple[Mask, Mask]:
    """Rows that are the first, and rows that are the second, of a pair for which all terms hold."""
    keys = [term for term in terms if term.operator == "="]
    rest = [(term, _compared(term, table)) for term in terms if term.operator != "="]
    first, second, may_first, may_second = _keyed(keys, may_first, may_second, table)
    for _, (_, _, given_first, given_second) in rest:
        may_first, may_second = may_first & given_first, may_second & given_second
    if len(rest) == 1 and _tells_apart(rest[0][0], first, second):
        term, (left, right, _, _) = rest[0]
        return (
            _some_other(term.operator, first, left, may_first, second, right, may_second),
            _some_other(term.turned().operator, second, right, may_second, first, left, may_first),
        )
    return _built(rest, first, second, may_first, may_second)


def _tells_apart(term: Term, first: Codes, second: Codes) -> bool:
    """Whether no record can meet the term with itself, so that it need not be kept from doing so."""
    return term.field == term.other and term.operator in {"!=", "<", ">"} and first is second


def _keyed(keys: Sequence[Term], may_first: Mask, may_second: Mask, table: Table) -> tuple[Codes, Codes, Mask, Mask]:
    """A code for every combination of key values, common to both sides."""
    first = second = np.zeros(table.n_rows, dtype=np.int64)
    for term in keys:
        left, right, left_given, right_given = _compared(term, table)
        may_first, may_second = may_first & left_given, may_second & right_given
        width = int(max(left.max(initial=0), right.max(initial=0))) + 1
        both = pd.factorize(np.concatenate([first * width + left, second * width + right]))[0].astype(np.int64)
        same = term.field == term.other and first is second
        first = both[: table.n_rows]
        second = first if same else both[table.n_rows :]
    return first, second, may_first, may_second


def _some_other(
    operator: str, own: Codes, values: Values, may_own: Mask, other: Codes, others: Values, may_other: Mask
) -> Mask:
    """Rows with some record of their group on the other side for which `values operator others` holds."""
    n_groups = int(max(own.max(initial=0), other.max(initial=0))) + 1
    groups = pd.Series(others[may_other]).groupby(other[may_other])
    least, most = (np.full(n_groups, None, dtype=object) for _ in range(2))
    low, high = groups.min(), groups.max()
    least[low.index.to_numpy()], most[high.index.to_numpy()] = low.to_numpy(), high.to_numpy()
    rows = np.flatnonzero(may_own & np.isin(own, low.index.to_numpy()))
    lowest, highest = (pd.Series(side[own[rows]]).infer_objects().to_numpy() for side in (least, most))
    if operator == "!=":
        met = (values[rows] != lowest) | (values[rows] != highest)
    else:
        met = _COMPARE[operator](values[rows], highest if operator == "<" else lowest)
    found = np.zeros(len(own), dtype=bool)
    found[rows[np.asarray(met, dtype=bool)]] = True
    return found


def _built(
    rest: Sequence[tuple[Term, Compared]], first: Codes, second: Codes, may_first: Mask, may_second: Mask
) -> tuple[Mask, Mask]:
    """Look at the pairs themselves, a number of first records at a time."""
    rows = np.flatnonzero(may_first)
    partners = np.flatnonzero(may_second)
    partners = partners[np.argsort(second[partners], kind="stable")]
    ordered = second[partners]
    start, end = (np.searchsorted(ordered, first[rows], side) for side in ("left", "right"))
    n_pairs = end - start
    if n_pairs.sum() > MAX_PAIRS:
        raise RuleError(
            f"{int(n_pairs.sum())} pairs would have to be compared; at most {MAX_PAIRS} are. Add a term of equality."
        )
    as_first, as_second = np.zeros(len(first), dtype=bool), np.zeros(len(first), dtype=bool)
    chunk = np.cumsum(n_pairs) // _CHUNK
    for number in np.unique(chunk):
        part = chunk == number
        left = np.repeat(rows[part], n_pairs[part])
        offset = np.arange(len(left)) - np.repeat(np.cumsum(n_pairs[part]) - n_pairs[part], n_pairs[part])
        right = partners[np.repeat(start[part], n_pairs[part]) + offset]
        met = left != right
        for term, (values, others, _, _) in rest:
            met &= np.asarray(_COMPARE[term.operator](values[left], others[right]), dtype=bool)
        as_first[left[met]] = True
        as_second[right[met]] = True
    return as_first, as_second


KERNELS: dict[type[Any], Callable[[Any, Table], Judged]] = {Denial: denial}
