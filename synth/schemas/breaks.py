"""What goes wrong with a value that meets a schema: the ways, each a value that stands there instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np

from synth.schemas.plan import ABSENT, SchemaField, same
from synth.schemas.values import Values
from synth.typos import slips_of

MOST = 12  # ways of one kind in one cell

# The words of the glossary; `out_of_domain` is a value that the schema's own rules refuse.
DEFECTS = ("missing", "disguised_missing", "wrong_value", "typo", "out_of_domain", "duplicate_record")
PLACEHOLDERS: Mapping[str, tuple[Any, ...]] = {
    "text": ("N/A", "XXX", "-", "unknown", " "),
    "any": ("N/A", "XXX"),
    "whole": (999, -1, 0, "N/A"),
    "number": (999, -1, 0, "N/A"),
    "boolean": ("N/A", "unknown"),
    "date": (date(1900, 1, 1), date(9999, 12, 31), "N/A"),
    "time": ("99:99", "00:00:00", "N/A"),
    "moment": (datetime(1900, 1, 1), datetime(2199, 12, 31), "N/A"),  # noqa: DTZ001  # as columns hold them
}
LETTERS = ("x", "é", " ", "\n", "0")


def ways(field: SchemaField, values: Values, kind: str, clean: Any, other: Any) -> list[Any]:
    """Return what may stand instead of a clean value, the plainest first; nothing if this cannot happen there.

    Args:
        field: the field.
        values: its values.
        kind: one of `DEFECTS`, but for what happens to whole records.
        clean: a value that meets the schema; no null.
        other: another such value, drawn; may be the same.
    """
    found: list[Any] = []
    for value in islice(_WAYS[kind](field, values, clean, other), 100):
        if isinstance(value, float) and str(field.dtype).lower() == "float32":
            value = float(np.float32(value))  # noqa: PLW2901  # as the column holds it
        if not any(same_kind(value, each) for each in [clean, *found]):
            found.append(value)
        if len(found) == MOST:
            break
    return found


def same_kind(one: Any, other: Any) -> bool:
    """Return whether two values are alike, absent ones and nulls too."""
    if one is ABSENT or other is ABSENT or one is None or other is None:
        return one is other
    return same(one, other)


def can_happen(field: SchemaField, values: Values, kind: str) -> bool:
    """Return whether a kind of defect can happen to every value of a field."""
    if kind == "wrong_value":
        return values.listed is None or len(values.listed) > 1
    if kind == "typo":
        return field.kind != "boolean" and not (values.listed and all(isinstance(each, bool) for each in values.listed))
    if kind == "out_of_domain":
        sample = values.listed[0] if values.listed else None
        if sample is None and field.kind not in {"whole", "number"}:
            sample = "0"
        return any(True for _ in _outside(field, values, sample, None))
    return True


def _missing(field: SchemaField, values: Values, clean: Any, other: Any) -> Iterator[Any]:
    """Yield null where the schema lets it be, else what comes nearest: no property, or a null all the same."""
    del values, clean, other
    if field.absent_rules is None:
        yield None
    elif field.null_rules:
        yield ABSENT
    else:
        yield from (None, ABSENT)


def _disguised(field: SchemaField, values: Values, clean: Any, other: Any) -> Iterator[Any]:
    del values, clean, other
    for each in PLACEHOLDERS[field.kind]:
        found = each if isinstance(each, str) or not isinstance(each, date) else field.write(each)
        if found is not None and not (isinstance(found, str) and found in field.nulls):
            yield found


def _wrong(field: SchemaField, values: Values, clean: Any, other: Any) -> Iterator[Any]:
    """Yield other values that meet the schema."""
    if values.listed is not None:
        place = values.listed.index(clean)
        yield from values.listed[place + 1 :]
        yield from values.listed[:place]
        return
    if not same_kind(other, clean):
        yield other
    near = [clean + values.step, clean - values.step] if values.step else _near(field, clean)
    yield from (each for each in near if not field.broken(each))


def _near(field: SchemaField, clean: Any) -> Iterator[Any]:
    if isinstance(clean, str) and field.kind in {"text", "any"}:
        yield from (clean + letter for letter in "a0A")
        yield from (clean[:-1] + letter for letter in "abAB01" if clean)
    elif isinstance(clean, datetime):
        yield from (field.write(clean + timedelta(days=days)) for days in (1, -1, 30))
    elif isinstance(clean, float | int):
        yield from (clean + 1, clean - 1, clean / 2, clean * 2)
    elif isinstance(read := field.read(clean), date):
        yield from (field.write(read + timedelta(days=days)) for days in (1, -1, 31, -31) if 1 < read.year < 9999)


def _typo(field: SchemaField, values: Values, clean: Any, other: Any) -> Iterator[Any]:
    """Yield slips of the hand; of a number or a moment those that are one too."""
    del values, other
    if isinstance(clean, str):
        yield from (slip for slip in islice(slips_of(clean or "x"), 8) if slip not in field.nulls)
        return
    text = clean.isoformat(sep=" ") if isinstance(clean, datetime) else str(clean)
    for slip in islice(_digits(text), 60):
        try:
            yield field.write(datetime.fromisoformat(slip)) if isinstance(clean, datetime) else type(clean)(slip)
        except (ValueError, OverflowError):
            continue


def _digits(text: str) -> Iterator[str]:
    """Yield a text with neighbouring digits swapped, one typed twice, or the next one typed."""
    places = [place for place, each in enumerate(text) if each.isdigit()]
    for place in reversed(places[:-1]):
        yield text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :]
    for place in reversed(places):
        yield text[: place + 1] + text[place:]
    for place in reversed(places):
        yield text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]


def _outside(field: SchemaField, values: Values, clean: Any, other: Any) -> Iterator[Any]:
    """Yield values that the schema refuses, by what it asks."""
    del values, other
    for value in _beyond(field, clean):
        null = value is None or (isinstance(value, str) and value in field.nulls)
        foreign = not isinstance(value, str) and isinstance(clean, str) and field.typed(value)  # judged by no rule
        if not null and not foreign and field.broken(value):
            yield value


def _beyond(field: SchemaField, clean: Any) -> Iterator[Any]:
    for demand in field.demands:
        if demand.what in _BEYOND:
            yield from _BEYOND[demand.what](field, demand.given, clean)
    yield "N/A"
    yield 7
    yield 0.5


def _past(direction: int) -> Callable[[SchemaField, Any, Any], Iterator[Any]]:
    def found(field: SchemaField, given: Any, clean: Any) -> Iterator[Any]:
        del clean
        for unit in (0, 1, 100):
            try:
                yield field.write(given + direction * (timedelta(days=unit) if isinstance(given, date) else unit))
            except (OverflowError, TypeError, ValueError):
                continue

    return found


def _unlisted(field: SchemaField, given: Any, clean: Any) -> Iterator[Any]:
    del clean
    texts = [each for each in given if isinstance(each, str)]
    yield from (f"{each}{letter}" for each in texts[:1] for letter in ("x", " "))
    yield from (each.swapcase() for each in texts[:1])
    if field.kind in {"whole", "number"}:
        yield max(given) + 1


def _misshapen(field: SchemaField, given: Any, clean: Any) -> Iterator[Any]:
    del field, given
    text = clean if isinstance(clean, str) else "0"
    yield from (text + letter for letter in LETTERS)
    yield from (letter + text for letter in LETTERS)
    yield text[:-1]
    yield text.replace("@", " ")
    yield from LETTERS
    yield ""


def _too_long(field: SchemaField, given: int, clean: Any) -> Iterator[Any]:
    del field
    text = clean if isinstance(clean, str) and clean else "x"
    yield text + text[-1] * (given + 1 - len(text))


def _too_short(field: SchemaField, given: int, clean: Any) -> Iterator[Any]:
    del field
    text = clean if isinstance(clean, str) and clean else "x" * given
    yield text[: max(0, given - 1)]


_BEYOND: Mapping[str, Callable[[SchemaField, Any, Any], Iterator[Any]]] = {
    "values": _unlisted,
    "not_values": lambda field, given, _: (field.write(each) for each in given),
    "min": _past(-1), "above": _past(-1), "max": _past(1), "below": _past(1),
    "multiple": lambda _field, given, _clean: iter([given / 2, 1 if given != 1 else 0.5]),
    "min_length": _too_short, "max_length": _too_long,
    "all": _misshapen, "start": _misshapen, "anywhere": _misshapen, "format": _misshapen,
}  # fmt: skip
_WAYS: Mapping[str, Callable[[SchemaField, Values, Any, Any], Iterator[Any]]] = {
    "missing": _missing, "disguised_missing": _disguised, "wrong_value": _wrong, "typo": _typo,
    "out_of_domain": _outside,
}  # fmt: skip
