"""pandera schemas read into fields and demands, without importing pandera before somebody hands one in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from synth.schemas.documents import LeftOut, known_keys
from synth.schemas.plan import PANDERA, WHOLE_TABLE, Demand, Kind, SchemaField, SchemaKey, SchemaPlan, is_number
from synth.strategy_error import StrategyError

_COMPARISONS = {
    "greater_than": ("above", "min_value"),
    "greater_than_or_equal_to": ("min", "min_value"),
    "less_than": ("below", "max_value"),
    "less_than_or_equal_to": ("max", "max_value"),
}
_PATTERNS = {
    "str_matches": ("start", "pattern"),
    "str_contains": ("anywhere", "pattern"),
    "str_startswith": ("start", "string"),
    "str_endswith": ("anywhere", "string"),
}
_ORDER = ("min", "above", "max", "below")
_KINDS: Mapping[str, Kind] = {
    "int": "whole", "uint": "whole", "float": "number", "bool": "boolean", "str": "text", "string": "text",
    "object": "text", "datetime64": "moment", "category": "text", "None": "any",
}  # fmt: skip
_TYPES: Mapping[Kind, tuple[type, ...]] = {
    "whole": (int,), "number": (int, float), "boolean": (bool,), "text": (str,), "moment": (datetime,),
}  # fmt: skip


def pandera_plan(schema: Any, left_out: LeftOut) -> SchemaPlan:
    """Read a DataFrameSchema, or a DataFrameModel class."""
    schema = schema.to_schema() if isinstance(schema, type) and hasattr(schema, "to_schema") else schema
    if schema.index is not None:
        left_out.refuse(f"{WHOLE_TABLE}.index", "labels of rows are not drawn; a frame has positions")
    if getattr(schema, "parsers", None):
        left_out.refuse(f"{WHOLE_TABLE}.parsers", "they change the frame before it is checked")
    shared = list(_shared(schema, left_out))
    fields = []
    for name, column in schema.columns.items():
        if not isinstance(name, str):
            raise StrategyError(f"column {name!r}: its name is no text. Give it one.")
        if name in left_out:
            if column.required:
                left_out.refuse(f"{name}.required", "a frame without the column fails")
            continue
        field = _field(name, column, [*column.checks, *shared], schema, left_out)
        fields += [] if field is None else [field]
    if not fields:
        raise StrategyError("the pandera schema has no columns to draw. Name them.")
    return SchemaPlan(PANDERA, tuple(fields), known_keys(list(_keys(schema, [field.name for field in fields])), fields))


def _shared(schema: Any, left_out: LeftOut) -> Iterator[Any]:
    """Yield the checks of the whole frame that are asked of every column."""
    for check in schema.checks:
        if _is_builtin(check) and check.name in _BUILTIN:
            yield check
        else:
            place = f"{WHOLE_TABLE}.{check.name or 'check'}"
            left_out.refuse(place, "a check of the whole frame is code, which is not solved")


def _keys(schema: Any, names: list[str]) -> Iterator[SchemaKey]:
    yield from (SchemaKey((name,), "unique") for name in names if schema.columns[name].unique)
    told = schema.unique or []
    for key in [told] if isinstance(told, str) or all(isinstance(each, str) for each in told) else told:
        if key:
            yield SchemaKey((key,) if isinstance(key, str) else tuple(key), "unique")


def _field(name: str, column: Any, checks: list[Any], schema: Any, left_out: LeftOut) -> SchemaField | None:
    if column.regex:
        left_out.refuse(name, "the name is a pattern of names; list the columns")
        return None
    if column.parsers:
        left_out.refuse(f"{name}.parsers", "they change values before they are checked")
    told = schema.dtype or column.dtype
    dtype = _dtype(name, told)
    stem = re.match("[A-Za-z]+(64(?=\\[))?", str(dtype) if dtype is not None else "None")
    kind = _KINDS.get("" if stem is None else stem[0] if stem[0] in _KINDS else stem[0].lower())
    if kind is None or getattr(dtype, "tz", None) is not None:
        left_out.refuse(name, f"values of dtype {dtype} are not drawn")
        return None
    demands = [demand for check in checks for demand in _demands(name, check, kind, left_out)]
    if kind == "any":
        kind = _guessed(demands)
    if kind == "text":
        _refuse_of_texts(name, dtype, demands, left_out)
    if kind == "whole":
        demands += _range_of(str(dtype))
    if isinstance(dtype, pd.CategoricalDtype) and dtype.categories is not None:
        demands.append(Demand("values", tuple(dtype.categories), "dtype", f"categories {list(dtype.categories)}"))
    nullable = f"{name}.nullable" in left_out or column.nullable
    null_rules = [] if nullable else ["nullable"]
    if isinstance(dtype, str) and re.match("u?int|bool$", dtype):
        null_rules.append("dtype")  # there is no null in such a column
    coerced = kind == "text" and bool(column.coerce or schema.coerce)
    open_list = isinstance(dtype, pd.CategoricalDtype) and dtype.categories is None  # takes whatever there is
    anything = coerced or open_list or (not isinstance(dtype, pd.CategoricalDtype) and dtype in {None, "object"})
    return SchemaField(
        name, kind, tuple(demands), _typed("any" if anything else kind), "dtype",
        write=_stamp if kind == "moment" else _as_it_is, null_rules=tuple(null_rules), dtype=dtype,
    )  # fmt: skip


def _refuse_of_texts(name: str, dtype: Any, demands: list[Demand], left_out: LeftOut) -> None:
    for demand in demands:
        if demand.what in _ORDER:
            left_out.refuse(f"{name}.{demand.rule}", "an order of texts is not solved")
        elif isinstance(dtype, pd.CategoricalDtype) and demand.what not in {"values", "not_values"}:
            left_out.refuse(f"{name}.{demand.rule}", "what is asked of the texts of a category is not solved")


def _as_it_is(value: Any) -> Any:
    return value


def _stamp(moment: Any) -> pd.Timestamp:
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError(moment)  # not in nanoseconds
    return pd.Timestamp(moment)


YEARS = (1678, 2261)


def _dtype(name: str, told: Any) -> Any:
    """Return what pandas calls a dtype of pandera; None where the schema does not say one."""
    if told is None:
        return None
    found = getattr(told, "type", None)
    if isinstance(found, pd.CategoricalDtype):
        return found
    if str(told) == "category":
        categories = getattr(told, "categories", None)
        return pd.CategoricalDtype(categories)
    if str(told).startswith("string"):
        return "str" if str(found) == "str" else "string"
    try:
        return str(told) if str(told) == "object" else pd.api.types.pandas_dtype(str(told)).name
    except TypeError:
        raise StrategyError(f"'{name}': values of dtype {told} are not drawn. Put '{name}' into leave_out.") from None


def _typed(kind: Kind) -> Callable[[Any], bool]:
    types = _TYPES.get(kind)
    if types is None:
        return lambda _: True
    return lambda value: isinstance(value, types) and (kind == "boolean" or not isinstance(value, bool))


def _guessed(demands: list[Demand]) -> Kind:
    """Return what the values of a column without a dtype are, by what is asked of them."""
    for demand in demands:
        if demand.what in {"min", "max", "above", "below"}:
            return "number" if is_number(demand.given) else "moment" if isinstance(demand.given, datetime) else "text"
    return "text"


def _range_of(dtype: str) -> Iterator[Demand]:
    found = re.fullmatch("(u?)int([0-9]+)", dtype.lower())
    if found is not None:
        bits, signed = int(found[2]), not found[1]
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
        yield Demand("min", low, "dtype", f"dtype {dtype}")
        yield Demand("max", high, "dtype", f"dtype {dtype}")


def _is_builtin(check: Any) -> bool:
    plain = not check.element_wise and check.groupby is None and bool(check.statistics)
    return plain and bool(type(check).is_builtin_check(check.name))


def _demands(name: str, check: Any, kind: Kind, left_out: LeftOut) -> Iterator[Demand]:
    rule = check.name or "check"
    if f"{name}.{rule}" in left_out:
        return
    if not _is_builtin(check) or rule not in _BUILTIN:
        left_out.refuse(f"{name}.{rule}", "a check that is code is not solved")
        return
    told = {key: value for key, value in check.statistics.items() if value is not None}
    shown = f"{rule}({', '.join(f'{key}={value!r}' for key, value in told.items())})"
    for what, given in _BUILTIN[rule](told):
        plain = tuple(_plain(each, kind) for each in given) if isinstance(given, tuple) else _plain(given, kind)
        yield Demand(what, plain, rule, shown)


def _plain(value: Any, kind: Kind) -> Any:
    """Return a number, text or moment of Python, for one of numpy or pandas."""
    if kind == "moment" or isinstance(value, pd.Timestamp):
        return pd.Timestamp(value).to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def _compared(rule: str) -> Callable[[Mapping[str, Any]], Iterator[tuple[str, Any]]]:
    what, key = _COMPARISONS[rule]
    return lambda told: iter([(what, told[key])])


def _in_range(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "min" if told.get("include_min", True) else "above", told["min_value"]
    yield "max" if told.get("include_max", True) else "below", told["max_value"]


def _length(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    exact = told.get("exact_value")
    for what, key in (("min_length", "min_value"), ("max_length", "max_value")):
        if exact is not None or key in told:
            yield what, told[key] if exact is None else exact


def _pattern(rule: str) -> Callable[[Mapping[str, Any]], Iterator[tuple[str, Any]]]:
    what, key = _PATTERNS[rule]

    def read(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        given = told[key].pattern if isinstance(told[key], re.Pattern) else str(told[key])
        if key == "string":
            given = re.escape(given) + (r"\Z" if rule == "str_endswith" else "")
        yield what, given

    return read


_BUILTIN: Mapping[str, Callable[[Mapping[str, Any]], Iterator[tuple[str, Any]]]] = {
    **{rule: _compared(rule) for rule in _COMPARISONS},
    **{rule: _pattern(rule) for rule in _PATTERNS},
    "equal_to": lambda told: iter([("values", (told["value"],))]),
    "not_equal_to": lambda told: iter([("not_values", (told["value"],))]),
    "isin": lambda told: iter([("values", tuple(told["allowed_values"]))]),
    "notin": lambda told: iter([("not_values", tuple(told["forbidden_values"]))]),
    "in_range": _in_range,
    "str_length": _length,
}
