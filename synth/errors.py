"""Errors a user can act on: what was got, what is possible, what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CasegaugeError(ValueError):
    """The input cannot be used; the message is one line a clerk can act on."""


class ScenarioError(CasegaugeError):
    """A scenario is unknown, misspelt or contradicts itself."""


class RuleError(CasegaugeError):
    """A rule file or a rule cannot be used."""


class DataError(CasegaugeError):
    """A data file cannot be read, or does not fit what was asked."""


class OutputError(CasegaugeError):
    """A place to write to cannot be used; nothing was written."""


def nearest(name: str, possible: Iterable[str]) -> str:
    """Return a hint that names the closest possible word, or lists what is possible.

    Examples:
        >>> nearest("encounter_tme", ["encounter_time", "case_no"])
        "Did you mean 'encounter_time'?"
        >>> nearest("zzz", ["a", "b"])
        'Possible: a, b.'
        >>> nearest("zzz", [])
        'There is none.'
    """
    names = sorted(possible)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    if not names:
        return "There is none."
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"Possible: {shown}."
