"""What a change in clean data can do to a rule: whether the rule sees it, and whether other records' findings stay."""

from __future__ import annotations

from benchmarks.rule_tables import columns_of, predicates_of, tables_of
from checks.predicates import ACROSS, Custom, ForeignKey, Measure, NotPlaceholder, Predicate, PresentIn, fields_of
from checks.rule import Rule

_ALONE = ("cell", "record", "cross")


def can_see(rule: Rule, table: str, fields: tuple[str, ...]) -> bool:
    """Say whether a rule may judge otherwise when some cells of a table change; no fields: when records come or go.

    A condition that names no column, as a function may, is taken to read all of its table.

    Examples:
        >>> from checks.predicates import NotNull
        >>> rule = Rule("zip", NotNull("zip"), system="people")
        >>> can_see(rule, "people", ("zip",)), can_see(rule, "people", ("name",)), can_see(rule, "people", ())
        (True, False, True)
    """
    if not fields:
        return table in tables_of(rule)
    if any((table, field) in columns_of(rule) for field in fields):
        return True
    return rule.system == table and not all(map(fields_of, predicates_of(rule)))


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
    return rule.level in _ALONE and all(_alone(predicate, fields) for predicate in predicates_of(rule))


def _alone(predicate: Predicate, fields: tuple[str, ...]) -> bool:
    if isinstance(predicate, ACROSS):
        return predicate.link is None or not {predicate.link.field, predicate.link.other_field} & set(fields)
    if isinstance(predicate, (Custom, ForeignKey, Measure, PresentIn)):
        return False
    if isinstance(predicate, NotPlaceholder) and predicate.how != "known":
        return False
    return predicate.level in _ALONE
