"""Bounds that cannot be meant: a least above the most, a text where numbers are read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from checks.predicates import Between, Predicate


def why_not_meant(predicate: Predicate) -> str:
    """Return why no value could lie between a predicate's bounds, or why they cannot be read; empty if they are fine.

    Examples:
        >>> from checks.predicates import Length
        >>> why_not_meant(Between("age", min="10", max="1"))
        "'min' is 10 and 'max' is 1, so no value lies between them. Exchange them?"
        >>> why_not_meant(Between("age", min="low", as_="number"))
        "'min' is 'low', which is no number. Give a number, or write as: text."
        >>> why_not_meant(Length("age", max=3))
        ''
    """
    low, high = (getattr(predicate, name, None) for name in ("min", "max"))
    if getattr(predicate, "outside", False):
        return ""
    reading = _reading(low, high)
    if isinstance(predicate, Between):
        reading = reading if predicate.as_ in {"auto", "stored"} else predicate.as_
        if reading == "mixed":
            return f"'min' is {low!r} and 'max' is {high!r}: a number and a text. Give two of one kind, or as: text."
        for name, bound in (("min", low), ("max", high)):
            if bound is not None and _READ[reading](bound) is None:
                return f"{name!r} is {bound!r}, which is no {_SAID[reading]}, or write as: text."
    if low is None or high is None or reading == "mixed":
        return ""
    said_to_be_text = getattr(predicate, "as_", "auto") == "text"
    if reading == "text" and not said_to_be_text and not all(_IN_ORDER.match(str(bound)) for bound in (low, high)):
        return ""  # the column may hold days or an order of its own
    least, most = _READ[reading](low), _READ[reading](high)
    open_end = getattr(predicate, "exclude_min", False) or getattr(predicate, "exclude_max", False)
    if least > most or (least == most and open_end):
        return f"'min' is {low} and 'max' is {high}, so no value lies between them. Exchange them?"
    return ""


def _reading(low: Any, high: Any) -> str:
    """What bounds are when nobody says it: numbers where all are, else texts; one of each is mixed."""
    numbers = {_number(bound) is not None for bound in (low, high) if bound is not None}
    return "mixed" if len(numbers) > 1 else "text" if numbers == {False} else "number"


def _number(bound: Any) -> float | None:
    try:
        number = float(bound)
    except (TypeError, ValueError):
        return None
    return None if math.isnan(number) else number


def _day(bound: Any) -> str | None:
    try:
        date.fromisoformat(str(bound)[:10])
    except ValueError:
        return None
    return str(bound)


_IN_ORDER = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d")  # texts whose order is that of what they mean
_READ: dict[str, Callable[[Any], Any]] = {"number": _number, "date": _day, "text": str}
_SAID = {"number": "number. Give a number", "date": "date. Write it as YYYY-MM-DD", "text": "text"}
