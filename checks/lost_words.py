"""Why a rule cannot be written in another form, said about the rule and not about how it is held here."""

from __future__ import annotations

from checks.predicates import Custom, Predicate, ReadAs

_READ = {
    "integer": "whole numbers",
    "number": "numbers",
    "boolean": "true and false",
    "date": "days",
    "time": "times",
    "datetime": "moments",
}


def in_words(predicate: Predicate) -> str:
    """Return what a condition does that other forms have no words for; empty where its kind says it.

    Examples:
        >>> from checks.predicates import Between
        >>> in_words(ReadAs(Between("age", min=0), "number", regex="[0-9]+"))
        'it reads numbers from the texts first, and judges those'
    """
    if isinstance(predicate, ReadAs) and predicate.type == "text":
        return "it judges only values that are texts"
    if isinstance(predicate, ReadAs):
        return f"it reads {_READ[predicate.type]} from the texts first, and judges those"
    if isinstance(predicate, Custom):
        known = getattr(predicate.function, "in_words", "")
        return str(known) or f"check {predicate.name!r} is code"
    return ""
