"""Values that meet all demands of a field: ranges, lists, lengths, patterns put together, not tried and thrown away."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from hypothesis import HealthCheck, currently_in_test_context, find, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument, NoSuchExample, Unsatisfiable
from hypothesis.strategies import SearchStrategy

from synth.schemas.languages import How, Language, UnreadablePatternError, fewest_characters
from synth.schemas.plan import Demand, SchemaField
from synth.strategy_error import StrategyError

FEW = 2_000  # whole numbers and lists up to so many are counted out
MOST_CHARACTERS = 1_000  # that the shortest text has; Hypothesis itself gives up on much larger examples
TRIES = 200  # of values, where demands are left over that no strategy can be made of
CLASHES = 100_000  # steps looked at for the next multiple that floating-point numbers agree about
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
PATTERNS = ("all", "start", "anywhere", "drawn")


@dataclass(frozen=True)
class Values:
    """The values of a field.

    Attributes:
        strategy: draws one.
        listed: all of them, the plainest first, where they are few.
        step: whole numbers without a list: what lies between one and the next.
    """

    strategy: SearchStrategy[Any]
    listed: tuple[Any, ...] | None = None
    step: int = 0


def values_of(field: SchemaField) -> Values:
    """Return the values of a field that meet everything the schema asks.

    Raises:
        StrategyError: if there is none.
    """
    lists = field.demanded("values")
    if lists or field.kind == "boolean":
        written = [field.write(value) for value in (lists[0] if lists else (False, True))]
        return _of_list(field, [value for value in written if value is not None])
    return _BY_KIND[field.kind](field)


def impossible(field: SchemaField) -> StrategyError:
    """Return the error of a field whose demands contradict each other."""
    told = ", ".join(dict.fromkeys(demand.shown for demand in field.demands)) or "its type"
    return StrategyError(f"field '{field.name}': no value meets {told}. Change one of them.")


def _of_list(field: SchemaField, possible: Sequence[Any]) -> Values:
    apart: dict[tuple[bool, Any], Any] = {}
    for value in possible:
        try:
            apart.setdefault((isinstance(value, bool), value), value)  # 1 is not true
        except TypeError:
            continue  # a list or an object, which no field holds
    fitting = _judged_once(field)
    found = [value for value in apart.values() if fitting.fits(value)]
    if not found:
        raise impossible(field)
    return Values(st.sampled_from(found), tuple(found))


def _judged_once(field: SchemaField) -> SchemaField:
    """Return a field without its first list of values, which its candidates are taken from."""
    listed = next((demand for demand in field.demands if demand.what == "values"), None)
    return replace(field, demands=tuple(demand for demand in field.demands if demand is not listed))


def _bounds(field: SchemaField) -> tuple[Any, bool, Any, bool]:
    """Return the highest lower bound, whether it is excluded, and the lowest upper bound alike."""
    low = max([(given, False) for given in field.demanded("min")] + [(x, True) for x in field.demanded("above")],
              default=(None, False))  # fmt: skip
    high = min([(given, True) for given in field.demanded("max")] + [(x, False) for x in field.demanded("below")],
               default=(None, True))  # fmt: skip
    return low[0], low[1], high[0], not high[1]


def _whole(field: SchemaField) -> Values:
    low, low_out, high, high_out = _bounds(field)
    step = _step(field, whole=True).numerator
    first = None if low is None else -(-math.ceil(low) // step)
    last = None if high is None else math.floor(high) // step
    first = first + 1 if low_out and first is not None and first * step == low else first
    last = last - 1 if high_out and last is not None and last * step == high else last
    if first is not None and last is not None:
        if first > last:
            raise impossible(field)
        if last - first < FEW:
            plain = sorted(range(first, last + 1), key=lambda number: (abs(number), number < 0))
            return _of_list(field, [number * step for number in plain])
    numbers = st.integers(first, last)
    return _sifted(field, numbers.map(lambda number: number * step) if step > 1 else numbers, "not_values", step=step)


def _step(field: SchemaField, *, whole: bool) -> Fraction:
    """Return the least number of which all multiples are multiples of what is asked; 0 if nothing is."""
    steps = [Fraction(str(given)) for given in field.demanded("multiple")] + [Fraction(1)] * whole
    if not steps:
        return Fraction(0)
    return Fraction(math.lcm(*(each.numerator for each in steps)), math.gcd(*(each.denominator for each in steps)))


def _number(field: SchemaField) -> Values:
    low, low_out, high, high_out = _bounds(field)
    step = _step(field, whole=False)
    if step:
        return _multiples(field, step, low, high)
    width: Literal[32, 64] = 32 if str(field.dtype).lower() == "float32" else 64
    if width == 32:
        low, low_out = _single(low, low_out, math.inf)
        high, high_out = _single(high, high_out, -math.inf)
    try:
        numbers = st.floats(
            low, high, exclude_min=low_out, exclude_max=high_out, allow_nan=False, allow_infinity=False,
            allow_subnormal=False, width=width,
        )  # fmt: skip
        numbers.validate()
    except InvalidArgument:
        raise impossible(field) from None
    return _sifted(field, numbers, "not_values")


def _single(bound: Any, out: bool, inward: float) -> tuple[Any, bool]:  # noqa: FBT001  # as bounds come
    """Return a bound that single precision has, and whether it is excluded: the next one inside."""
    if bound is None or float(np.float32(bound)) == bound:
        return bound, out
    near = np.float32(bound)
    inside = near > bound if inward > 0 else near < bound
    return float(near if inside else np.nextafter(near, np.float32(inward))), False


def _multiples(field: SchemaField, step: Fraction, low: Any, high: Any) -> Values:
    """Return multiples of a fraction, of those on which floating-point numbers agree that they are."""
    first = None if low is None else math.ceil(Fraction(str(low)) / step)
    last = None if high is None else math.floor(Fraction(str(high)) / step)

    def value(number: int) -> Any:
        exact = number * step
        return int(exact) if exact.denominator == 1 else float(exact)

    def agreed(number: int) -> Any:
        """Return the multiple itself, or the next one nearer to zero that is one in floating point too."""
        toward = -1 if number > 0 else 1
        while not field.meets(value(number)) and number:
            number += toward
        return value(number)

    if first is not None and last is not None and last - first < FEW:
        plain = sorted(range(first, last + 1), key=lambda number: (abs(number), number < 0))
        return _of_list(field, [value(number) for number in plain])
    near = st.integers(-CLASHES if first is None and last is None else first, last)
    return Values(near.map(agreed).filter(field.fits))


def _date(field: SchemaField) -> Values:
    low, low_out, high, high_out = _bounds(field)
    first = (low or date.min) + timedelta(days=low_out)
    last = (high or date.max) - timedelta(days=high_out)
    if first > last:
        raise impossible(field)
    return _sifted(field, st.dates(first, last).map(field.write), *_left(field, first))


def _time(field: SchemaField) -> Values:
    low, low_out, high, high_out = _bounds(field)
    first, last = (_seconds(low) if low else 0) + low_out, (_seconds(high) if high else 86_399) - high_out
    if first > last:
        raise impossible(field)
    times = st.integers(first, last).map(lambda second: field.write(_clock(second)))
    return _sifted(field, times, *_left(field, _clock(first)))


def _clock(second: int) -> time:
    return time(second // 3600, second // 60 % 60, second % 60)


def _seconds(moment: time) -> int:
    return 3600 * moment.hour + 60 * moment.minute + moment.second


def _moment(field: SchemaField) -> Values:
    """Return moments to the second, in the years that nanoseconds reach."""
    low, low_out, high, high_out = _bounds(field)
    first = max(low, _FIRST) if low is not None else _FIRST
    last = min(high, _LAST) if high is not None else _LAST
    whole = first.replace(microsecond=0)
    first = whole if whole == first and not low_out else whole + timedelta(seconds=1)
    last = last - timedelta(microseconds=1) if high_out else last
    if first > last:
        raise impossible(field)
    moments = st.datetimes(first, last).map(lambda moment: field.write(moment.replace(microsecond=0)))
    return _sifted(field, moments, *_left(field, first))


_FIRST, _LAST = datetime(1678, 1, 1), datetime(2261, 12, 31, 23, 59, 59)  # noqa: DTZ001  # without a zone, as columns hold them


def _left(field: SchemaField, first: Any) -> tuple[str, ...]:
    """Return the demands on a day or time that its range does not see to: its text, and bounds if that is rounded."""
    rounded = field.read(field.write(first)) != first
    return ("min_length", "max_length", *PATTERNS, "not_values", *(("min", "above", "max", "below") if rounded else ()))


def _text(field: SchemaField) -> Values:
    fewest = max(0, math.ceil(max(field.demanded("min_length"), default=0)))
    most = min(map(math.floor, field.demanded("max_length")), default=None)
    if most is not None and (fewest > most or most < 0):
        raise impossible(field)
    if most == 0 and not field.demanded(*PATTERNS):
        return _of_list(field, [""])
    patterns = tuple((demand.given, _how(demand)) for demand in field.demands if demand.what in PATTERNS)
    shortest = max([fewest, *(fewest_characters(regex) for regex, _ in patterns)])
    if shortest > MOST_CHARACTERS:
        raise StrategyError(
            f"field '{field.name}': texts of at least {shortest:,} characters are asked for; up to {MOST_CHARACTERS:,} "
            "are drawn. Put the length or the pattern into leave_out."
        )
    if not patterns:
        if most == 0 and field.nulls and "" in field.nulls:
            raise impossible(field)
        return _sifted(field, st.text(CHARACTERS, min_size=fewest, max_size=most), "not_values")
    try:
        language = Language(patterns, fewest, most)
        if not language.lengths:
            raise impossible(field)
        return _sifted(field, language.texts(), "not_values")
    except UnreadablePatternError:
        regex, how = patterns[0]
        inside = how == "anywhere" or regex.startswith("(?")  # flags stand at the very beginning
        texts = st.from_regex(regex if inside else rf"\A(?:{regex})", fullmatch=how == "all", alphabet=CHARACTERS)
        return _sifted(field, texts, "min_length", "max_length", *PATTERNS, "not_values")


def _how(demand: Demand) -> How:
    return "all" if demand.what in {"all", "drawn"} else "start" if demand.what == "start" else "anywhere"


def _sifted(field: SchemaField, strategy: SearchStrategy[Any], *left: str, step: int = 0) -> Values:
    """Return values that also meet demands that are left over: few values, or what no strategy can be made of.

    That there is one is seen here and not in a test.
    """
    if not any(demand.what in left for demand in field.demands):
        return Values(strategy, step=step)
    fitting = strategy.filter(field.fits)
    if not _only_exceptions(field, left) and not currently_in_test_context():
        try:
            find(fitting, _anything, settings=_TRYING)
        except (NoSuchExample, Unsatisfiable):
            raise impossible(field) from None
    return Values(fitting, step=step)


_TRYING = settings(max_examples=TRIES, database=None, suppress_health_check=list(HealthCheck), derandomize=True)


def _anything(_: Any) -> bool:
    return True


def _only_exceptions(field: SchemaField, left: Sequence[str]) -> bool:
    """Return whether all that is left over is a few values that are not allowed."""
    return {demand.what for demand in field.demands if demand.what in left} == {"not_values"}


_BY_KIND: dict[str, Callable[[SchemaField], Values]] = {
    "text": _text, "any": _text, "whole": _whole, "number": _number, "date": _date, "time": _time, "moment": _moment,
}  # fmt: skip
