"""Denial constraints as text: HoloClean's lines, and not(t1.a = t2.a and t1.b != t2.b)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from checks.denial_terms import Term, parse_term
from checks.formats.collector import Collector
from checks.formats.source import Source
from checks.predicates import Denial, FunctionalDependency
from synth.errors import RuleError

_HOLOCLEAN = re.compile(r"t1\s*(?:&\s*t2\s*)?&(.*)", re.IGNORECASE)
_NEGATED = re.compile(r"(?:not|!|\u00ac)\s*\((.*)\)", re.IGNORECASE)
_QUANTIFIED = re.compile(r"(?:for\s*all|\u2200)\s*(?:t1|t2|,|\s|in\s+\w+)*[:,.]?\s*", re.IGNORECASE)
_CALL = re.compile(r"\s*([A-Za-z]+)\s*\(\s*(.+?)\s*,\s*(.+?)\s*\)\s*")
_QUOTED = r"\"[^\"]*\"|'[^']*'|`[^`]*`"
_OPERATORS = {"EQ": "=", "IQ": "!=", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_REASON = "a blank is no value here: not a second one, and no key"


def translate(source: Source, collector: Collector) -> None:
    """Translate every line that holds a constraint; lines that begin with # are comments."""
    for number, line in enumerate(source.text.splitlines(), 1):
        text = line.strip()
        if text and not text.startswith("#"):
            collector.attempt(f"constraint-{number}", number, partial(_translate, collector, text, number))


def _translate(collector: Collector, text: str, number: int) -> None:
    rule_id = f"constraint-{number}"
    if re.search(r"\bt[03-9]\.", text):
        collector.unsupported(rule_id, "is about more than two records", number)
        return
    terms = _terms(text)
    given = {"reference": "denial constraint", "description": text}
    dependency = _dependency(terms)
    if dependency is not None:
        collector.approximate(rule_id, dependency, number, _REASON, **given)
    else:
        collector.exact(rule_id, Denial(tuple(term.text() for term in terms)), number, **given)


def _terms(text: str) -> list[Term]:
    """The terms of either notation."""
    negated = _NEGATED.fullmatch(_QUANTIFIED.sub("", text, count=1) if _QUANTIFIED.match(text) else text)
    if negated:
        return [parse_term(part) for part in _split(negated[1], r"\band\b|&&?|\u2227")]
    lines = _HOLOCLEAN.fullmatch(text)
    if lines is None:
        raise RuleError("is no denial constraint; write t1&t2&EQ(t1.a,t2.a)&IQ(t1.b,t2.b) or not(t1.a=t2.a and ...)")
    return [_called(part) for part in _split(lines[1], "&")]


def _split(text: str, at: str) -> list[str]:
    """The parts between signs that stand outside of quotes."""
    parts, begun = [], 0
    for found in re.finditer(f"{_QUOTED}|({at})", text, re.IGNORECASE):
        if found[1] is not None:
            parts.append(text[begun : found.start()])
            begun = found.end()
    return [*parts, text[begun:]]


def _called(part: str) -> Term:
    """One of HoloClean's terms: EQ(t1.a,t2.a)."""
    found = _CALL.fullmatch(part)
    if found is None or found[1].upper() not in _OPERATORS:
        raise RuleError(f"{part.strip()!r} is no term; write {', '.join(_OPERATORS)} of two fields, as EQ(t1.a,t2.a)")
    left, right = (_field(side) for side in found.groups()[1:])
    if not left.startswith(("t1.", "t2.")):
        left, right = right, left
        return (
            parse_term(f"{left} {_OPERATORS[found[1].upper()]} {right}").turned() if "." in right else _constant(part)
        )
    return parse_term(f"{left} {_OPERATORS[found[1].upper()]} {right}")


def _constant(part: str) -> Term:
    raise RuleError(f"{part.strip()!r} has its constant first; write the field first")


def _field(side: str) -> str:
    """A field with its name in back quotes, where it holds more than a word."""
    found = re.fullmatch(r"(t[12])\.([^`'\"]+)", side, re.IGNORECASE)
    return f"{found[1].lower()}.`{found[2].strip()}`" if found else side


def _dependency(terms: Sequence[Term]) -> FunctionalDependency | None:
    """Equal on the left and different in one field: a functional dependency."""
    if not all(term.is_pair and term.field == term.other for term in terms):
        return None
    left = tuple(term.field for term in terms if term.operator == "=")
    right = tuple(term.field for term in terms if term.operator == "!=")
    if len(left) + len(right) != len(terms) or len(right) != 1 or not left:
        return None
    return FunctionalDependency(left, right)
