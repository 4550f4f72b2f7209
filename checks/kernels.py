"""Kernels for predicates about one record: each is one columnar expression, no loop over rows."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.columns import Column, Table
from checks.judged import Judged
from checks.patterns import matches
from checks.predicates import (
    Between,
    Compare,
    Custom,
    InSet,
    Length,
    Mask,
    Multiple,
    NotBlank,
    NotIn,
    NotNull,
    Pattern,
    Strftime,
    Typed,
)
from synth.errors import RuleError

Ordered: TypeAlias = "pd.Series[Any] | npt.NDArray[Any] | pa.Array"
_ISO_DATE = r"\A[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\z"
TYPE_PATTERNS = {
    "integer": r"\A[+-]?[0-9]+\z",
    "boolean": r"\A(?:true|false|True|False|TRUE|FALSE|1|0)\z",
    "date": _ISO_DATE,
    "time": r"\A(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?\z",
    "datetime": _ISO_DATE.removesuffix(r"\z")
    + r"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?\z",
}
_MOMENT_OR_BLANK = (
    r"\A(?:\s*|[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?)?)\z"
)
_SHOWN = 30  # characters of a value in a message
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_ORDER: dict[str, str] = {
    "<": "less",
    "<=": "less_equal",
    "==": "equal",
    "!=": "not_equal",
    ">=": "greater_equal",
    ">": "greater",
}


def not_null(predicate: NotNull, table: Table) -> Judged:
    """Fail where the field is null."""
    return Judged(table.column(predicate.field).null)


def not_blank(predicate: NotBlank, table: Table) -> Judged:
    """Fail where the field is null, empty or only white space."""
    return Judged(table.column(predicate.field).blank)


def in_set(predicate: InSet, table: Table) -> Judged:
    """Fail where the value is not listed."""
    column = table.column(predicate.field)
    return Judged(~_listed(column, predicate, table), column.null)


def not_in(predicate: NotIn, table: Table) -> Judged:
    """Fail where the value is listed."""
    column = table.column(predicate.field)
    return Judged(_listed(column, predicate, table), column.null)


def pattern(predicate: Pattern, table: Table) -> Judged:
    """Fail where the text does not match; a null has no text that could, so natively it fails."""
    column = table.column(predicate.field)
    matched = matches(column.written(predicate.written), predicate.regex, predicate.how, predicate.dialect)
    return Judged(~column.spread(matched), column.null, native="fail")


def length(predicate: Length, table: Table) -> Judged:
    """Fail where the text is too short or too long."""
    column = table.column(predicate.field)
    lengths = pc.utf8_length(column.written(predicate.written))
    bad = pc.less(lengths, predicate.min if predicate.min is not None else 0)
    if predicate.max is not None:
        bad = pc.or_(bad, pc.greater(lengths, predicate.max))
    return Judged(np.asarray(column.spread(bad, missing=True), dtype=bool), column.null)


def between(predicate: Between, table: Table) -> Judged:
    """Fail where the value is outside; what cannot be read as the bounds' kind is outside."""
    column = table.column(predicate.field)
    bounds = [bound for bound in (predicate.min, predicate.max) if bound is not None]
    if predicate.stored != "any":
        reading = _as_bounded(predicate, column, table)
    else:
        reading = _reading(predicate.as_, [column], bounds)
    values, readable = _ordered(column, reading)
    inside = readable
    if predicate.min is not None:
        inside = inside & _holds(values, ">" if predicate.exclude_min else ">=", _bound(predicate.min, reading, column))
    if predicate.max is not None:
        inside = inside & _holds(values, "<" if predicate.exclude_max else "<=", _bound(predicate.max, reading, column))
    return Judged(~inside, _absent(column, reading))


def multiple(predicate: Multiple, table: Table) -> Judged:
    """Fail where the number is no whole multiple of the step; what is no number fails, a blank is null."""
    column = table.column(predicate.field)
    step = _bound(predicate.step, "number", column)
    if not step > 0:
        raise RuleError(f"the step {predicate.step!r} is not above 0.")
    with np.errstate(invalid="ignore"):
        whole = column.numbers % step == 0 if step % 1 == 0 else column.numbers / step % 1 == 0
    return Judged(~whole, column.blank)


def typed(predicate: Typed, table: Table) -> Judged:
    """Fail where the value is neither stored as the type nor a text that reads as it; a blank text reads as none."""
    column = table.column(predicate.field)
    if not column.is_text:
        return Judged(~is_stored_as(column, predicate.type), column.null)
    if predicate.type == "text":
        return Judged(table.nothing, column.null)
    if predicate.type == "number":
        return Judged(np.isnan(column.numbers), column.null)
    read = pc.match_substring_regex(column.elements, TYPE_PATTERNS[predicate.type])
    if predicate.type in {"date", "datetime"}:
        days = pd.to_datetime(
            pc.utf8_slice_codeunits(column.elements, 0, 10).to_pandas(), format="%Y-%m-%d", errors="coerce"
        )
        read = pc.and_(read, pa.array(days.notna().to_numpy()))
    return Judged(~np.asarray(column.spread(read), dtype=bool), column.null)


def strftime(predicate: Strftime, table: Table) -> Judged:
    """Fail where the text is no date or time in the format."""
    column = table.column(predicate.field)
    if not column.is_text:
        stored = pd.api.types.is_datetime64_any_dtype(column.series.dtype)
        return Judged(table.nothing if stored else table.everything, column.null)
    distinct = pc.dictionary_encode(column.elements)
    read = [_reads(text, predicate.format) for text in distinct.dictionary.to_pylist()]
    judged = pa.array(read, pa.bool_()).take(distinct.indices)
    return Judged(~np.asarray(column.spread(judged), dtype=bool), column.null)


def _reads(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007  # only whether it reads
    except ValueError:
        return False
    return True


def is_stored_as(column: Column, wanted: str) -> Mask:
    """Say, for every row of a column that is not text, whether it is stored as a type; a whole number is a number."""
    dtype, types = _own_dtype(column.series), pd.api.types
    everything = np.ones(len(column.series), dtype=bool)
    if types.is_bool_dtype(dtype):
        return everything if wanted == "boolean" else ~everything
    if types.is_numeric_dtype(dtype):
        whole = types.is_integer_dtype(dtype) or (wanted == "integer" and column.numbers % 1 == 0)
        return everything & whole if wanted == "integer" else everything & (wanted == "number")
    return everything & (types.is_datetime64_any_dtype(dtype) and wanted in {"date", "datetime"})


def compare(predicate: Compare, table: Table) -> Judged:
    """Fail where the order does not hold; what cannot be read has no order and is not judged."""
    left, right = table.column(predicate.left), table.column(predicate.right)
    if predicate.as_ in {"auto", "stored"} and "text" in {left.kind, right.kind}:
        first, second = _moments(left), _moments(right)
        if first is not None and second is not None and not _days_alone(left, right):
            return _compared_moments(predicate, left, right, first, second)
    if predicate.as_ == "stored" and not (left.kind == right.kind == "text"):
        if left.kind != right.kind or left.kind == "mixed" or _in_own_order(left) or _in_own_order(right):
            _refuse_days_with_texts(left, right, predicate.operator)
            held = _OPERATORS[predicate.operator](_to_compare(left), _to_compare(right))
            return Judged(~held.to_numpy(dtype=bool, na_value=False), left.null | right.null)
        reading = "own"
    elif predicate.as_ == "stored":
        reading = "number" if table.read_as_text and _numbers_alone(left) and _numbers_alone(right) else "text"
    else:
        reading = _reading(predicate.as_, [left, right], [])
    (left_values, left_readable), (right_values, right_readable) = _ordered(left, reading), _ordered(right, reading)
    null = _absent(left, reading) | _absent(right, reading)
    holds = _holds(left_values, predicate.operator, right_values)
    return Judged(~holds, null, skipped=~(left_readable & right_readable) & ~null)


def _moments(column: Column) -> pd.Series[Any] | None:
    """Days and moments of a column without a zone that holds nothing else; None: it holds something else."""
    if column.kind == "datetime":
        return column.series.reset_index(drop=True) if column.series.dtype.kind == "M" else None
    if column.kind != "text" or not len(given := column.elements.drop_null()):
        return None
    if not all(pc.all(pc.match_substring_regex(part, _MOMENT_OR_BLANK)).as_py() for part in (given[:1], given)):
        return None
    return pd.Series(pd.to_datetime(column.texts.to_pandas(), format="ISO8601", errors="coerce"))


def _days_alone(*columns: Column) -> bool:
    """Whether all are texts no longer than a day, whose order as texts is that of the days."""
    longest = (pc.max(pc.utf8_length(column.elements)).as_py() for column in columns)
    return all(column.kind == "text" for column in columns) and max(longest) <= len("2031-12-31")


def _compared_moments(
    predicate: Compare, left: Column, right: Column, first: pd.Series[Any], second: pd.Series[Any]
) -> Judged:
    """Compare as moments, a day being its midnight; a day that no calendar has is not judged."""
    held = _OPERATORS[predicate.operator](first, second).to_numpy(dtype=bool)
    null = left.blank | right.blank
    unread = (first.isna() | second.isna()).to_numpy(dtype=bool)
    return Judged(~held, null, skipped=unread & ~null)


def _refuse_days_with_texts(left: Column, right: Column, sign: str) -> None:
    """Refuse to order days and texts that are no days, which pandas does not either."""
    days, texts = (left, right) if left.kind == "datetime" else (right, left)
    if sign in {"==", "!="} or days.kind != "datetime" or texts.kind != "text":
        return
    given = texts.texts.filter(pa.array(~texts.blank))
    odd = given.filter(pc.invert(pc.match_substring_regex(given, _MOMENT_OR_BLANK)))
    shown = f", and {odd[0].as_py()[:_SHOWN]!r} is no day" if len(odd) else ""
    raise RuleError(
        f"column {texts.series.name!r} holds texts and column {days.series.name!r} days{shown}. "
        "Write the texts as days, 2031-12-31, or store both columns as days."
    )


def custom(predicate: Custom, table: Table) -> Judged:
    """Ask the predicate's own function, with the rows in order and labels that are positions."""
    for field in predicate.fields:
        table.column(field)
    frame = table.frame[list(predicate.fields)] if predicate.fields else table.frame
    answer = predicate.function(frame.reset_index(drop=True))
    if isinstance(answer, bool):
        return Judged(table.nothing, skipped=table.everything, holds=answer)
    bad, evaluated = answer
    return Judged(bad, skipped=~evaluated)


def _to_compare(column: Column) -> pd.Series[Any]:
    """The values as pandas compares them; a category without an order as its values."""
    series = column.series.reset_index(drop=True)
    return series.astype(_own_dtype_with_nulls(column)) if column.is_category and not _in_own_order(column) else series


def _in_own_order(column: Column) -> bool:
    return column.is_category and bool(column.series.cat.ordered)


def _numbers_alone(column: Column) -> bool:
    return bool((column.blank | ~np.isnan(column.numbers)).all())


def _as_bounded(predicate: Between, column: Column, table: Table) -> str:
    """How the values are ordered where the bounds are of one stored kind; a column of another kind is refused."""
    wanted, kind = predicate.stored, column.kind
    if kind == "text" and table.read_as_text:
        return {"number": "number", "datetime": "date"}.get(wanted, "text")
    if predicate.as_ == "stored" and _in_own_order(column):
        return "category"
    if kind == wanted or (kind, wanted) in {("boolean", "number"), ("datetime", "text")}:
        return "text" if kind == "text" else "own"
    bound = predicate.max if predicate.min is None else predicate.min
    held = "values of several kinds" if kind == "mixed" else f"{kind} values"
    raise RuleError(
        f"column {column.series.name!r} holds {held}, which are not compared with {bound!r}, a {wanted}. "
        f"Give the column as {wanted}, or the rule another bound."
    )


def _listed(column: Column, predicate: InSet | NotIn, table: Table) -> Mask:
    given: Sequence[Any] = predicate.values  # noqa: PD011  # a rule's list, not a frame's values
    if predicate.stored != "any":
        if column.kind == "text" and table.read_as_text:
            given = _among_texts(column, given, predicate.stored)
        elif column.kind != "text":
            return column.series.isin(list(given)).to_numpy(dtype=bool, na_value=False)
        elif predicate.stored != "text":
            return table.nothing
    if not column.is_text:
        return _listed_natively(column.series, given)
    values, listed = column.elements, pa.array([str(value) for value in given], type=column.elements.type)
    if predicate.trim:
        values, listed = pc.utf8_trim_whitespace(values), pc.utf8_trim_whitespace(listed)
    if predicate.ignore_case:
        values, listed = pc.utf8_lower(values), pc.utf8_lower(listed)
    return np.asarray(column.spread(pc.is_in(values, value_set=listed, skip_nulls=True)), dtype=bool)


def _among_texts(column: Column, given: Sequence[Any], kind: str) -> Sequence[Any]:
    """Texts of a column that read as one of the values: 01 and 1.0 as the number 1, TRUE as true."""
    if kind == "text":
        return given
    texts = pc.unique(column.elements).drop_null()
    words = texts.to_pandas()
    if kind == "boolean":
        read = words.str.lower().map({"true": True, "false": False})
    elif kind == "number":
        read = pd.to_numeric(words, errors="coerce")
    else:
        read = pd.to_datetime(words, format="ISO8601", errors="coerce", utc=True)
        given = list(pd.to_datetime(list(given), utc=True))
    return list(words[read.isin(list(given)).to_numpy(dtype=bool)])


def _listed_natively(series: pd.Series[Any], values: Sequence[Any]) -> Mask:
    """Numbers, dates and booleans: a rule file's texts are read as the column's own kind first."""
    dtype = _own_dtype(series)
    if values and all(isinstance(value, str) for value in values):
        try:
            values = (
                [_BOOLEANS[value.lower()] for value in values]
                if pd.api.types.is_bool_dtype(dtype)
                else list(pd.Series(list(values)).astype(dtype))
            )
        except (KeyError, ValueError, TypeError):
            raise RuleError(
                f"column {series.name!r} holds {dtype}, and the values {list(values)[:3]} cannot be read as such. "
                "List values of that kind."
            ) from None
    return series.isin(list(values)).to_numpy(dtype=bool)


def _own_dtype(series: pd.Series[Any]) -> Any:
    return series.cat.categories.dtype if isinstance(series.dtype, pd.CategoricalDtype) else series.dtype


def _own_dtype_with_nulls(column: Column) -> Any:
    """The type of the values; a category of whole numbers may have nulls, which they have no room for."""
    dtype = _own_dtype(column.series)
    return pd.Int64Dtype() if pd.api.types.is_integer_dtype(dtype) and column.null.any() else dtype


def _reading(asked: str, columns: Sequence[Column], bounds: Sequence[Any]) -> str:
    """Decide how values are ordered: the columns' own order, as numbers, as ISO dates or as texts."""
    if all(not column.is_text for column in columns):
        return "own"
    if asked != "auto":
        return asked
    if any(pd.api.types.is_datetime64_any_dtype(column.series.dtype) for column in columns):
        return "date"
    if any(not column.is_text for column in columns):
        return "number"
    return "number" if bounds and all(_is_number(bound) for bound in bounds) else "text"


def _is_number(bound: Any) -> bool:
    try:
        float(bound)
    except (TypeError, ValueError):
        return False
    return True


def _ordered(column: Column, reading: str) -> tuple[Ordered, Mask]:
    """Return the values of every row as something ordered, and the rows where they could be read."""
    if reading == "category":
        return column.series.cat.codes.to_numpy(), ~column.null
    if reading == "own":
        series = column.series.astype(_own_dtype_with_nulls(column))
        return series.reset_index(drop=True), ~column.null
    if reading == "number":
        return column.numbers, ~np.isnan(column.numbers)
    if reading == "date":
        dates = column.spread(pc.match_substring_regex(column.elements, _ISO_DATE))
        return column.texts, np.asarray(dates, dtype=bool)
    return column.texts, ~column.null


def _absent(column: Column, reading: str) -> Mask:
    """Rows without a value: a blank is a text like any other, but no number and no date."""
    return column.blank if reading in {"number", "date"} else column.null


def _bound(bound: Any, reading: str, column: Column) -> Any:
    """The bound as the values are read; a rule file's text is read as the column's own kind."""
    try:
        if reading == "number":
            return float(bound)
        if reading == "category":
            return list(column.series.cat.categories).index(bound)
        if reading != "own":
            return bound.isoformat()[:10] if isinstance(bound, pd.Timestamp) else str(bound)
        return pd.Series([bound]).astype(_own_dtype(column.series))[0] if isinstance(bound, str) else bound
    except (ValueError, TypeError):
        held = f"a value of {column.kind}" if reading == "own" else f"a {reading}"
        raise RuleError(f"the bound {bound!r} cannot be read as {held} of column {column.series.name!r}.") from None


def _holds(left: Ordered, sign: str, right: Any) -> Mask:
    """Apply an order row by row; False where either side is null."""
    if isinstance(left, (pa.Array, pa.ChunkedArray)):
        if isinstance(right, pa.Array) and right.type != left.type:
            right = right.cast(left.type)
        held = pc.call_function(_ORDER[sign], [left, right])
        return np.asarray(held.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)
    held = pd.Series(getattr(np, _ORDER[sign])(left, right))
    return held.to_numpy(dtype=bool, na_value=False)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
KERNELS: dict[type[Any], Callable[[Any, Table], Judged]] = {
    NotNull: not_null,
    NotBlank: not_blank,
    InSet: in_set,
    NotIn: not_in,
    Pattern: pattern,
    Length: length,
    Between: between,
    Multiple: multiple,
    Typed: typed,
    Strftime: strftime,
    Compare: compare,
    Custom: custom,
}
