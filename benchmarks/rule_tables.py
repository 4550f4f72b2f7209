"""Which tables and columns a rule is about, and the same rule with its tables called otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from checks.predicates import ACROSS, KINDS, ForeignKey, Link, Predicate, PresentIn, fields_of, parts_of
from checks.rule import Rule

_PREDICATES = tuple(KINDS.values())


def tables_of(rule: Rule) -> tuple[str, ...]:
    """Return every table a rule names, its own first, each once.

    Examples:
        >>> from checks import ForeignKey
        >>> tables_of(Rule("known", ForeignKey(("id",), "people", ("no",)), system="visits"))
        ('visits', 'people')
    """
    own = () if rule.system is None else (rule.system,)
    return tuple(dict.fromkeys((*own, *(table for table, _ in _elsewhere(rule)))))


def columns_of(rule: Rule) -> tuple[tuple[str | None, str], ...]:
    """Return every table and column a rule reads or blames, its own table (or None) first, each once.

    Examples:
        >>> from checks import ForeignKey
        >>> columns_of(Rule("known", ForeignKey(("id",), "people", ("no",)), system="visits"))
        (('visits', 'id'), ('people', 'no'))
    """
    condition = () if rule.where is None else fields_of(rule.where)
    own = ((rule.system, column) for column in (*fields_of(rule.predicate), *condition, *rule.blames))
    return tuple(dict.fromkeys((*own, *_elsewhere(rule))))


def predicates_of(rule: Rule) -> list[Predicate]:
    """Return every predicate on a rule's own table: the rule's, its condition's, and those they are made of.

    Examples:
        >>> from checks import AnyOf, NotNull
        >>> [type(each).__name__ for each in predicates_of(Rule("one", AnyOf((NotNull("a"), NotNull("b")))))]
        ['AnyOf', 'NotNull', 'NotNull']
    """
    return list(_inside([rule.predicate, *([rule.where] if rule.where is not None else [])]))


def renamed(rule: Rule, names: Mapping[str, str]) -> Rule:
    """Return a rule with tables called otherwise, wherever it names them.

    Examples:
        >>> from checks import ForeignKey
        >>> rule = Rule("boss", ForeignKey(("boss",), "people", ("id",)), system="people")
        >>> renamed(rule, {"people": "export-07"}).predicate.system
        'export-07'
    """
    if all(old == new for old, new in names.items()):
        return rule
    system = None if rule.system is None else names.get(rule.system, rule.system)
    where = None if rule.where is None else _renamed(rule.where, names)
    return replace(rule, system=system, predicate=_renamed(rule.predicate, names), where=where)


def _renamed(part: Any, names: Mapping[str, str]) -> Any:
    if isinstance(part, tuple):
        return tuple(_renamed(each, names) for each in part)
    if isinstance(part, Link):
        return replace(part, system=names.get(part.system, part.system), other=names.get(part.other, part.other))
    if not isinstance(part, _PREDICATES):
        return part
    kind: Any = part
    changed = {field.name: _renamed(getattr(part, field.name), names) for field in fields(kind)}
    if isinstance(part, ForeignKey):
        changed["system"] = names.get(part.system, part.system)
    return replace(kind, **changed)


def _elsewhere(rule: Rule) -> Iterator[tuple[str, str]]:
    """Tables and columns that a rule looks up: those of foreign keys, and of records it is joined with."""
    for predicate in predicates_of(rule):
        if isinstance(predicate, ForeignKey):
            counting = () if predicate.other_where is None else fields_of(predicate.other_where)
            yield from ((predicate.system, column) for column in (*predicate.other_fields, *counting))
        if isinstance(predicate, (*ACROSS, PresentIn)) and predicate.link is not None:
            yield predicate.link.system, predicate.link.field
            yield predicate.link.other, predicate.link.other_field
            if not isinstance(predicate, PresentIn):
                yield predicate.link.other, predicate.with_


def _inside(predicates: Iterable[Predicate]) -> Iterator[Predicate]:
    for predicate in predicates:
        yield predicate
        yield from _inside(parts_of(predicate))
