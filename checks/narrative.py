"""Facts read from text: named regular expressions and canonical forms, one column at a time.

A fact is a date, a clock time, a count or one of listed values. The canonical form is text: 2031-03-05, 14:30, 3, or
the listed value. With a tolerance, what is said to be about right ("about 14:30") is marked so: ~14:30. The first
statement in the text counts; what came later, negation, other hedging and who said it are not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.predicates import Fact
from synth.errors import RuleError

VALUE = "{value}"  # where the fact stands in a context
ABOUT = "~"  # stands before a value that is said to be about right
_ABOUT_WORDS = r"\b(?:(?:about|around|approximately|roughly|circa) |(?:approx|ca)\. ?)"
_DAY = 24 * 60
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MONTH = "|".join([*_MONTHS, "sept", *(month[:3] for month in _MONTHS)])
_TH = "(?:st|nd|rd|th)?"
_DATE = (
    r"(?:\b(?P<iso_y>[0-9]{4})-(?P<iso_m>[0-9]{1,2})-(?P<iso_d>[0-9]{1,2})\b"
    r"|\b(?P<us_m>[0-9]{1,2})/(?P<us_d>[0-9]{1,2})/(?P<us_y>[0-9]{4})\b"
    rf"|\b(?P<dmy_d>[0-9]{{1,2}}){_TH} (?:of )?(?P<dmy_n>{_MONTH})\.?,? (?P<dmy_y>[0-9]{{4}})\b"
    rf"|\b(?P<mdy_n>{_MONTH})\.? (?P<mdy_d>[0-9]{{1,2}}){_TH},? (?P<mdy_y>[0-9]{{4}})\b)"
)
_TIME = (
    r"(?:\b(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?: ?(?P<half>[ap])\.?m\b\.?)?"
    r"|\b(?P<military>[0-9]{4}) ?(?:hrs|hours|h)\b"
    r"|\b(?P<full>[0-9]{1,2}) ?(?P<full_half>[ap])\.?m\b\.?)"
)
_NAMED_GROUP = re.compile(r"\(\?P<\w+>")
_COUNT = rf"\b(?:(?P<digits>[0-9]{{1,9}})|(?P<word>{'|'.join(_WORDS)}))\b"


def read_fact(fact: Fact, texts: pa.Array) -> pa.Array:
    """Read a fact from every text; null where it is not stated or not possible (99:99, month 13).

    A text that is nothing but the fact (a structured field) is read whatever the contexts. What is read can be held
    against another reading with `differ`.

    Examples:
        >>> seen = Fact("seen", "date", contexts=("seen on {value}",))
        >>> read_fact(seen, pa.array(["Born 1990-01-01, seen on 5 March 2031.", "03/05/2031", "not seen"])).to_pylist()
        ['2031-03-05', '2031-03-05', None]
        >>> read_fact(Fact("at", "time"), pa.array(["2:30 p.m.", "at 1430 hrs", "99:99"])).to_pylist()
        ['14:30', '14:30', None]
        >>> read_fact(Fact("at", "time", tolerance=10), pa.array(["around 2:30 p.m.", "14:30"])).to_pylist()
        ['~14:30', '14:30']
        >>> held = Fact("held", "enum", values=(("yes", ("held", "in custody")), ("no", ("not held", "released"))))
        >>> read_fact(held, pa.array(["The subject is In Custody", "was not held"])).to_pylist()
        ['yes', 'no']
    """
    found = [_read(fact, regex, texts) for regex in patterns_of(fact)]
    return found[0] if len(found) == 1 else pc.coalesce(*found)


def differ(fact: Fact | None, own: pa.Array, other: pa.Array) -> npt.NDArray[np.bool_]:
    """Return where two readings of a fact state different values; False where either is null.

    Args:
        fact: what was read; None: values as they stand.
        own: what one side states, shape (n,).
        other: what the other states.

    Examples:
        >>> at = Fact("at", "time", tolerance=10)
        >>> read = [read_fact(at, pa.array(side)) for side in (["about 00:00", "about 14:30"], ["23:53", "14:45"])]
        >>> differ(at, *read)
        array([False,  True])
    """
    apart = np.array(pc.not_equal(own, other).fill_null(False).to_numpy(zero_copy_only=False), bool)
    if fact is None or not fact.tolerance or not apart.any():
        return apart
    rows = np.flatnonzero(apart)
    sides = [side.take(pa.array(rows)) for side in (own, other)]
    distance = np.abs(_number(fact, sides[0]) - _number(fact, sides[1]))
    if fact.kind == "time":
        distance = np.minimum(distance, _DAY - distance)
    hedged = [np.asarray(pc.starts_with(side, ABOUT).to_numpy(zero_copy_only=False), bool) for side in sides]
    apart[rows] = (distance > fact.tolerance) | ~(hedged[0] | hedged[1])
    return apart


def _number(fact: Fact, values: pa.Array) -> npt.NDArray[np.int64]:
    """Return times as minutes of the day, counts as they are."""
    plain = pc.utf8_ltrim(values, ABOUT)
    if fact.kind == "count":
        return np.asarray(plain.cast(pa.int64()).to_numpy(zero_copy_only=False), np.int64)
    hour, minute = (pc.utf8_slice_codeunits(plain, start, start + 2).cast(pa.int64()) for start in (0, 3))
    return np.asarray(pc.add(pc.multiply(hour, 60), minute).to_numpy(zero_copy_only=False), np.int64)


def patterns_of(fact: Fact) -> tuple[str, ...]:
    """Return the regular expressions of a fact, in the order they are tried; refuse what RE2 cannot read.

    The last one reads a text that is nothing but the fact; only there is an enum's value (a word like "no", perhaps)
    a surface of itself.
    """
    if fact.tolerance and fact.kind not in {"time", "count"}:
        raise RuleError(
            f"fact {fact.name!r} is of kind {fact.kind}; only times and counts have a tolerance. Remove it."
        )
    contexts = fact.contexts or (VALUE,)
    patterns = [_in_context(fact, context, _value_pattern(fact)) for context in contexts]
    if fact.contexts or fact.kind == "enum":
        patterns.append(_in_context(fact, rf"\A\s*{VALUE}\s*\z", _value_pattern(fact, alone=True)))
    return tuple(patterns)


def _in_context(fact: Fact, context: str, value: str) -> str:
    if context.count(VALUE) != 1:
        raise RuleError(f"fact {fact.name!r}: context {context!r} must hold {VALUE} once, where the fact stands.")
    pattern = "(?i)" + context.replace(VALUE, f"(?P<surface>{_NAMED_GROUP.sub('(?:', value)})")
    try:
        pc.extract_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as problem:
        reason = str(problem).splitlines()[0]
        raise RuleError(
            f"fact {fact.name!r}: context {context!r} cannot be read: {reason}. Group as (?:...)."
        ) from None
    return pattern


def _value_pattern(fact: Fact, *, alone: bool = False) -> str:
    if fact.kind != "enum":
        pattern = {"date": _DATE, "time": _TIME, "count": _COUNT}[fact.kind]
        return f"(?P<about>{_ABOUT_WORDS})?{pattern}" if fact.tolerance else pattern
    surfaces = _canonical_of(fact, alone=alone)
    if not surfaces:
        raise RuleError(f"fact {fact.name!r} is an enum without values. Give values: {{value: [surface, ...]}}.")
    longest_first = sorted(surfaces, key=lambda surface: (-len(surface), surface))  # "not held" is not read as "held"
    return rf"\b(?:{'|'.join(re.escape(surface) for surface in longest_first)})\b"


def _canonical_of(fact: Fact, *, alone: bool) -> dict[str, str]:
    """Surface, in lower case, -> value; alone, a value is a surface of itself."""
    table: dict[str, str] = {}
    for value, surfaces in fact.values:
        for surface in (*surfaces, *((value,) if alone else ())):
            other = table.setdefault(surface.lower(), value)
            if other != value:
                raise RuleError(f"fact {fact.name!r}: {surface!r} stands for {other!r} and for {value!r}. Keep one.")
    return table


def _read(fact: Fact, pattern: str, texts: pa.Array) -> pa.Array:
    """Cut the surface out of every text with one group, then read the distinct surfaces: there are few of them."""
    cut = pc.struct_field(pc.extract_regex(texts, pattern), "surface").cast(pa.large_string())
    encoded = pc.dictionary_encode(cut)
    return _canonical(fact, encoded.dictionary).take(encoded.indices)


def _canonical(fact: Fact, surfaces: pa.Array) -> pa.Array:
    if fact.kind == "enum":
        table = _canonical_of(fact, alone=True)
        index = pc.index_in(pc.utf8_lower(surfaces), value_set=pa.array(list(table), pa.large_string()))
        return pa.array(list(table.values()), pa.large_string()).take(index)
    groups = pc.extract_regex(surfaces, rf"(?i)\A(?:{_value_pattern(fact)})\z")
    values = _CANONICAL[fact.kind](groups)
    if not fact.tolerance:
        return values
    mark = pc.if_else(pc.not_equal(_group(groups, "about"), ""), ABOUT, "").cast(pa.large_string())
    return _join([mark, values], "")


def _group(groups: pa.StructArray, *names: str) -> pa.Array:
    """The text of whichever of these groups took part (the others are empty), null where nothing matched."""
    parts = [pc.struct_field(groups, name).cast(pa.large_string()) for name in names]
    return _join(parts, "") if len(parts) > 1 else parts[0]


def _date(groups: pa.StructArray) -> pa.Array:
    name = pc.utf8_slice_codeunits(pc.utf8_lower(_group(groups, "dmy_n", "mdy_n")), 0, 3)
    named = pc.index_in(name, value_set=pa.array([month[:3] for month in _MONTHS], pa.large_string()))
    month = pc.coalesce(pc.add(named, 1).cast(pa.large_string()), _group(groups, "iso_m", "us_m"))
    day = _group(groups, "iso_d", "us_d", "dmy_d", "mdy_d")
    year = _group(groups, "iso_y", "us_y", "dmy_y", "mdy_y")
    possible = pc.and_(_within(month, 1, 12), _within(day, 1, 31))
    date = _join([year, _two(month), _two(day)], "-")
    return pc.if_else(possible, date, pa.scalar(None, pa.large_string()))


def _time(groups: pa.StructArray) -> pa.Array:
    military = _group(groups, "military")
    is_military = pc.not_equal(military, "")
    hour = pc.if_else(is_military, pc.utf8_slice_codeunits(military, 0, 2), _group(groups, "h", "full"))
    minute = pc.if_else(is_military, pc.utf8_slice_codeunits(military, 2, 4), _group(groups, "m"))
    minute = pc.if_else(pc.equal(minute, ""), "00", minute)
    half = pc.utf8_lower(_group(groups, "half", "full_half"))
    hours = hour.cast(pa.int64())
    hours = pc.if_else(pc.and_(pc.equal(half, "p"), pc.less(hours, 12)), pc.add(hours, 12), hours)
    hours = pc.if_else(pc.and_(pc.equal(half, "a"), pc.equal(hours, 12)), 0, hours)
    possible = pc.and_(pc.less(hours, 24), _within(minute, 0, 59))
    time = _join([_two(hours.cast(pa.large_string())), minute], ":")
    return pc.if_else(possible, time, pa.scalar(None, pa.large_string()))


def _count(groups: pa.StructArray) -> pa.Array:
    word = pc.index_in(pc.utf8_lower(_group(groups, "word")), value_set=pa.array(_WORDS, pa.large_string()))
    digits = pc.if_else(
        pc.equal(_group(groups, "digits"), ""), pa.scalar(None, pa.large_string()), _group(groups, "digits")
    )
    return pc.coalesce(word.cast(pa.int64()), digits.cast(pa.int64())).cast(pa.large_string())


def _within(number: pa.Array, low: int, high: int) -> pa.Array:
    value = number.cast(pa.int64())
    return pc.and_(pc.greater_equal(value, low), pc.less_equal(value, high))


def _join(parts: list[pa.Array], separator: str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, pa.scalar(separator, pa.large_string()))


def _two(number: pa.Array) -> pa.Array:
    return pc.utf8_lpad(number, 2, "0")


_CANONICAL: dict[str, Callable[[pa.StructArray], pa.Array]] = {"date": _date, "time": _time, "count": _count}
