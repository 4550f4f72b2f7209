"""Values that a rule lists, by what they are as stored: to pandas the number 1 and the text 1 are not equal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

import numpy as np
import pandas as pd

from checks.predicates import AllOf, AnyOf, Between, InSet, NotIn, Predicate, Stored
from synth.errors import RuleError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUE = {"true": True, "yes": True, "false": False, "no": False}


def plain_value(value: Any) -> Any:
    """Return a numpy value as Python's own; a moment as a Timestamp; any other as it is."""
    if isinstance(value, (np.datetime64, datetime)):
        return pd.Timestamp(value)
    return value.item() if isinstance(value, np.generic) else value


def moment(value: Any) -> Any:
    """Return a text that is an ISO day or moment as a Timestamp; any other value as it is."""
    try:
        return pd.Timestamp(datetime.fromisoformat(value)) if isinstance(value, str) and _DAY.match(value) else value
    except ValueError:
        return value


def stored_kind(value: Any) -> Stored:
    """Return what a value is; `any` where it is none of what rules know.

    Examples:
        >>> [stored_kind(value) for value in (1, 2.5, True, "1", None)]
        ['number', 'number', 'boolean', 'text', 'any']
    """
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    return "datetime" if isinstance(value, pd.Timestamp) else "any"


def stored_value(text: Any, kind: str) -> Any:
    """Return the value that a rule file's text stands for.

    Examples:
        >>> stored_value("1", "number"), stored_value("1.0", "number"), stored_value("yes", "boolean")
        (1, 1.0, True)
        >>> stored_value("old", "number")
        Traceback (most recent call last):
        synth.errors.RuleError: 'old' is no number. Write one, or leave out stored.
    """
    if kind in {"any", "text"} or not isinstance(text, str):
        return text
    try:
        if kind == "boolean":
            return _TRUE[text.lower()]
        if kind == "datetime":
            return pd.Timestamp(text)
        return float(text) if set(text.lower()) & set(".einf") else int(text)
    except (KeyError, ValueError):
        raise RuleError(f"{text!r} is no {kind}. Write one, or leave out stored.") from None


def bounded(field: str, low: Any = None, high: Any = None, **more: Any) -> Between:
    """Return that a field lies between two bounds, as values stored like them are compared; `more` is of Between.

    Examples:
        >>> bounded("x", 1).stored, bounded("x", 1, "2").stored
        ('number', 'any')
    """
    low, high = plain_value(low), plain_value(high)
    kinds = {stored_kind(bound) for bound in (low, high) if bound is not None}
    return Between(field, low, high, **more, stored=kinds.pop() if len(kinds) == 1 else "any")


def listed(field: str, values: Sequence[Any], *, inside: bool = True) -> Predicate:
    """Return that a field holds one of some values (or none of them), as pandas finds them: one part for every kind.

    Examples:
        >>> listed("x", [1, 5])
        InSet(field='x', values=(1, 5), ignore_case=False, trim=False, stored='number')
        >>> len(listed("x", [1, "a"], inside=False).of)
        2
    """
    plain = [plain_value(value) for value in values]
    kinds: dict[str, list[Any]] = {}
    for value in plain:
        kinds.setdefault(stored_kind(value), []).append(value)
    kind_of_field = InSet if inside else NotIn
    possible: tuple[Stored, ...] = get_args(Stored)
    parts = tuple(kind_of_field(field, tuple(kinds[kind]), stored=kind) for kind in possible if kind in kinds)
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return kind_of_field(field, (), stored="text")
    return AnyOf(parts) if inside else AllOf(parts)
