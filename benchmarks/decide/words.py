"""Plain words for decisions: what a change is called, and which local measurement would settle a parameter."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.decide.field_list import OPTIONAL, REQUIRED, UNKNOWN_ALLOWED, WARNED
from synth.behaviour import Parameter

DEPENDS = "depends"
KNOWN, GAP = "known", "gap"  # what k, v and a blank rate come to for one field

TODAY = ("optional", "required", "required, or unknown", "warns")
HALF = ('require; "unknown"', 'keep required; "unknown"', 'keep required; "unknown"', 'require; "unknown"')
_CALLED = {
    OPTIONAL: ("leave", "require", 'require with "unknown"', "warn"),
    REQUIRED: ("stop requiring", "keep required", 'allow "unknown"', "warn instead"),
    UNKNOWN_ALLOWED: ("stop requiring", 'take "unknown" away', "keep as it is", "warn instead"),
    WARNED: ("stop warning", "require", 'require with "unknown"', "keep the warning"),
}

# What to measure in one's own office. Each is one count that somebody can make within weeks.
MEASUREMENTS = {
    KNOWN: "take 100 blanks of this field and ask, or look in another system: could the writer have known the value?",
    GAP: "count blanks where the field may stay blank: an older form, another office, two weeks without the stop",
    "u": "take 100 entries nobody insisted on and ask the writers which were guesses",
    "slips": "hold 100 entries against their source, with a second reader",
    "h0": "ask reviewers of 100 forced entries: is what stands there true, and could the writer have known?",
    "q_placeholder": "scan the field with a list of placeholders (N/A, a dot, 999), before and after it is forced",
    "q_wrong": "count how often the first option or default is chosen, where the field is forced and where not",
    "q_copy": "count how often the value equals the writer's previous record, where forced and where not",
    "c": "take 100 values that equal the same writer's previous record and look whether each is true",
    "c_stable": "take 100 values that equal the same writer's previous record and look whether each is true",
    "w": "count how often the first option or the default is the true answer, in cases known for certain",
    "x0": "count cases known from elsewhere (a log, a till, a gate) that have no record",
    "divert": "count cases known from elsewhere (a log, a gate) that have no record, and look for lists kept aside",
    "alpha": "count cases known from elsewhere that have no record, on forms with few and with many required fields",
    "m0": "compare forms with few and with many required fields: placeholders for each such field, and missing records",
    "beta": "compare forms with few and with many required fields: placeholders for each required field",
    "nu": 'offer "unknown" in one office for a month and count it beside the blanks of before',
    "tau": 'take 100 answers "unknown" and ask, or look in another system: was the value known?',
    "override": "show the warning in one office for a month and count how often it is passed over",
    "misfit": "read 100 true values and count those that no option of the list says",
    "z": "count how often the answer that opens the branch is given, before and after the branch is required",
    "omega": "say what one hidden wrong entry costs you, in right entries: a case reopened, a decision taken on it",
}
SHORT = {
    KNOWN: "whether they could know it", GAP: "how often it would be blank", "u": "guessing", "slips": "slips",
    "h0": "honesty when forced", "q_placeholder": "placeholders", "q_wrong": "first-option picks", "q_copy": "copying",
    "c": "copies still true", "c_stable": "copies still true", "w": "lucky picks", "x0": "records not made",
    "divert": "records kept elsewhere", "alpha": "records lost to burden", "m0": "fields people put up with",
    "beta": "honesty lost to burden", "nu": '"unknown" used honestly', "tau": '"unknown" used to dodge',
    "override": "warnings passed over", "misfit": "misfit of the list", "z": "avoiding the branch",
    "omega": "harm of a wrong entry",
}  # fmt: skip
_SAYS = {
    KNOWN: "whether the writer could have known what is left blank",
    GAP: "how often the field would stay blank if it might",
    "omega": "what one hidden wrong entry costs, in right entries",
}


def called(now: int, state: int) -> str:
    """Return what it is called to put a field from one state into another.

    Examples:
        >>> called(0, 2), called(1, 0), called(1, 1)
        ('require with "unknown"', 'stop requiring', 'keep required')
    """
    return _CALLED[now][state]


def parameter_says(name: str, behaviour: Mapping[str, Parameter]) -> str:
    """Return a parameter in plain words."""
    return _SAYS.get(name) or behaviour[name].says
