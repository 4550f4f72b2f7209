"""Typing errors: what a hurried hand makes of a value. It is never a value itself: the list or the form betrays it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import cache

from synth.spec import NULL_LOOKALIKES, UNSAFE_STARTS

TYPOS = 2  # different typing errors of each value
_LOOKALIKES = {"0": "O", "1": "l", "5": "S", "8": "B", "O": "0", "S": "5", "B": "8", "l": "1"}


@cache
def typing_errors(values: tuple[str, ...], beside: tuple[str, ...]) -> tuple[str, ...]:
    """Return `TYPOS` typing errors of each value, one value after the other.

    No two are alike, and none is a value or stands beside the values.

    Examples:
        >>> typing_errors(("FAC-01", "FAC-10"), ())
        ('FCA-01', 'AFC-01', 'FCA-10', 'AFC-10')
    """
    taken = {*values, *beside}
    found: list[str] = []
    for value in values:
        found += _typos_of(value, taken)
        taken.update(found[-TYPOS:])
    return tuple(found)


def typing_error(value: str, beside: Collection[str]) -> str:
    """Return the likeliest typing error of a text that is neither a null by accident nor stands beside it.

    Examples:
        >>> typing_error("FAC-01", ["FAC-10"])
        'FCA-01'
    """
    return _typos_of(value, {value, *beside})[0]


def _typos_of(value: str, taken: set[str]) -> list[str]:
    found: list[str] = []
    for text in slips_of(value):
        if text not in taken and text not in found and _gives_itself_away(text):
            found.append(text)
        if len(found) == TYPOS:
            break
    return found


def _gives_itself_away(text: str) -> bool:
    """Return whether a text is no other day, no null by accident, and nothing a spreadsheet runs as a formula."""
    if text != text.strip() or text.startswith(UNSAFE_STARTS) or text.lower() in NULL_LOOKALIKES:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return True
    return False


def slips_of(value: str) -> Iterator[str]:
    """Yield slips of the hand, likelier ones first: neighbours swapped, look-alikes, a character twice.

    There are always enough: a value with its last character two, three or four times over is at hand at the end.
    """
    places = range(len(value) - 1, -1, -1)
    for place in places[1:]:
        if value[place : place + 2].isdigit() or value[place : place + 2].isalpha():
            yield value[:place] + value[place + 1] + value[place] + value[place + 2 :]
    for place in places:
        if value[place] in _LOOKALIKES:
            yield value[:place] + _LOOKALIKES[value[place]] + value[place + 1 :]
    for place in places:
        if value[place].isalnum():
            yield value[: place + 1] + value[place:]
    more = value
    while True:
        more += value[-1]
        yield more


def mistyped_reference(text: str, number: int, which: int) -> str:
    """Return a reference with one of its last five digits mistyped; the check digit gives it away.

    Examples:
        >>> mistyped_reference("SYN-Q-0079927398-2", 79927398, 0)
        'SYN-Q-0079928398-2'
    """
    place = len(text) - 3 - (number + which) % 5
    return text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
