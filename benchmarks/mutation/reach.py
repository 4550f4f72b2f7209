"""What a rule can see: which columns of which tables it reads, and whether it judges each record by itself."""

from __future__ import annotations

from checks.predicates import (
    ACROSS,
    Across,
    Custom,
    ForeignKey,
    HasColumn,
    Link,
    Measure,
    NotPlaceholder,
    Predicate,
    PresentIn,
    fields_of,
    parts_of,
)
from checks.rule import Rule

_ALONE = ("cell", "record", "cross")


def parts_of_rule(rule: Rule) -> list[Predicate]:
    """Return every predicate in a rule, its condition's and a foreign key's among them."""
    found: list[Predicate] = []
    waiting = [rule.predicate] if rule.where is None else [rule.predicate, rule.where]
    while waiting:
        predicate = waiting.pop()
        found.append(predicate)
        waiting += parts_of(predicate)
        if isinstance(predicate, ForeignKey) and predicate.other_where is not None:
            waiting.append(predicate.other_where)
    return found


def can_see(rule: Rule, table: str, fields: tuple[str, ...]) -> bool:
    """Say whether a rule may judge otherwise when some cells of a table change; no fields: when records come or go.

    Examples:
        >>> from checks.predicates import NotNull
        >>> rule = Rule("zip", NotNull("zip"), system="people")
        >>> can_see(rule, "people", ("zip",)), can_see(rule, "people", ("name",)), can_see(rule, "people", ())
        (True, False, True)
    """
    own = rule.system == table
    for predicate in parts_of_rule(rule):
        if isinstance(predicate, ForeignKey) and predicate.system == table:
            return True
        if isinstance(predicate, ACROSS) and predicate.link is not None:
            read = _read_across(predicate, predicate.link, rule, table)
            if read and (not fields or read & set(fields)):
                return True
        elif isinstance(predicate, PresentIn):
            if table in {predicate.link.system, predicate.link.other}:
                return True
        elif own and (not fields or not _named(predicate) or set(fields) & set(_named(predicate))):
            return True
    return own and bool(set(fields) & set(rule.blames))


def _read_across(predicate: Across, link: Link, rule: Rule, table: str) -> set[str]:
    """The columns of a table that a rule across systems reads: one end of the link and what is held together."""
    found = {field for system, field in ((link.system, link.field), (link.other, link.other_field)) if system == table}
    if rule.system == table:
        found.add(predicate.field)
    elif found:
        found.add(predicate.with_)
    return found


def _named(predicate: Predicate) -> tuple[str, ...]:
    """The columns a predicate reads; none where it may read any."""
    if isinstance(predicate, HasColumn):
        return (predicate.column,)
    return fields_of(predicate)


def judges_each_by_itself(rule: Rule, fields: tuple[str, ...]) -> bool:
    """Say whether a change of these fields in one record changes nothing of what a rule finds in others.

    A rule across systems judges every pair of linked records by itself, as long as the link stays.

    Examples:
        >>> from checks.predicates import NotNull, Unique
        >>> judges_each_by_itself(Rule("a", NotNull("a")), ("a",))
        True
        >>> judges_each_by_itself(Rule("b", Unique(("b",))), ("b",))
        False
    """
    return rule.level in _ALONE and all(_alone(predicate, fields) for predicate in parts_of_rule(rule))


def _alone(predicate: Predicate, fields: tuple[str, ...]) -> bool:
    if isinstance(predicate, ACROSS):
        return predicate.link is None or not {predicate.link.field, predicate.link.other_field} & set(fields)
    if isinstance(predicate, (Custom, ForeignKey, Measure, PresentIn)):
        return False
    if isinstance(predicate, NotPlaceholder) and predicate.how != "known":
        return False
    return predicate.level in _ALONE
