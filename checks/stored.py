"""How values are stored: types by the names people write in rule files, held against a column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from checks.columns import Table
from checks.judged import Judged
from checks.predicates import StoredAs
from synth.errors import RuleError

_PYTHON: dict[str, type] = {
    "bool": bool,
    "bytes": bytes,
    "complex": complex,
    "dict": dict,
    "float": float,
    "int": int,
    "list": list,
    "long": int,
    "none": type(None),
    "str": str,
    "string_types": str,
}


def stored_as(predicate: StoredAs, table: Table) -> Judged:
    """Judge a column of objects value by value, and a column of one type as a whole."""
    column = table.column(predicate.field)
    wanted = tuple(kind for name in predicate.types for kind in types_of(name))
    dtype = column.series.dtype
    if dtype != np.dtype(object) or np.object_ in wanted:
        return Judged(table.nothing, skipped=table.everything, holds=dtype.type in wanted)
    fits = column.series.map(lambda value: isinstance(value, wanted)).to_numpy(dtype=bool)
    return Judged(~fits, column.null)


def types_of(name: str) -> tuple[type[Any], ...]:
    """Return the types a name stands for: of numpy, of pandas, of Python.

    Examples:
        >>> [kind.__name__ for kind in types_of("str")], [kind.__name__ for kind in types_of("Timestamp")]
        (['str_', 'str'], ['Timestamp'])
        >>> types_of("StringType")
        Traceback (most recent call last):
        synth.errors.RuleError: 'StringType' is no type of Python, numpy or pandas. Write int, float, str, bool, say.
    """
    found: list[type[Any]] = []
    try:
        found.append(np.dtype(name).type)
    except TypeError:
        kind = getattr(pd, name, None) if name.isidentifier() else None
        found += [kind] if isinstance(kind, type) else []
    if name.lower() in _PYTHON:
        found.append(_PYTHON[name.lower()])
    if not found:
        raise RuleError(f"{name!r} is no type of Python, numpy or pandas. Write int, float, str, bool, say.")
    return tuple(dict.fromkeys(found))
