"""Validation rules for case records: what must hold, evaluated as masks aligned to the records by position.

Rules see records and nothing else: no truth, labels or fates.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checks.completeness import record_completeness
    from checks.discovery import Suspect, discover_placeholders
    from checks.evaluation import evaluate
    from checks.flags import Flags, RuleFlags
    from checks.loading import load_rules
    from checks.packs import PACKS, load_pack
    from checks.pandera_reader import from_pandera
    from checks.pandera_writer import to_pandera
    from checks.predicates import (
        Agree,
        AllOf,
        AnyOf,
        Between,
        Compare,
        Custom,
        DaysBetween,
        Denial,
        EvenDays,
        Expression,
        Fact,
        ForeignKey,
        FunctionalDependency,
        HasColumn,
        InSet,
        Length,
        Link,
        Measure,
        Multiple,
        NoNearDuplicate,
        NoPileUp,
        Not,
        NotBlank,
        NotIn,
        NotLikePrevious,
        NotNull,
        NotOnDays,
        NotPlaceholder,
        Pattern,
        Predicate,
        PresentIn,
        ReadAs,
        SameText,
        SimilarLength,
        SimilarText,
        StoredAs,
        Strftime,
        Typed,
        Unique,
    )
    from checks.rule import Limit, Rule
    from checks.rule_set import RuleSet, dump_rules
    from checks.sniffing import FORMATS
    from checks.views import View, join

_HOME = {
    "checks.completeness": ("record_completeness",),
    "checks.discovery": ("Suspect", "discover_placeholders"),
    "checks.evaluation": ("evaluate",),
    "checks.flags": ("Flags", "RuleFlags"),
    "checks.loading": ("load_rules",),
    "checks.packs": ("PACKS", "load_pack"),
    "checks.pandera_reader": ("from_pandera",),
    "checks.pandera_writer": ("to_pandera",),
    "checks.predicates": (
        "Agree",
        "AllOf",
        "AnyOf",
        "Between",
        "Compare",
        "Custom",
        "DaysBetween",
        "Denial",
        "EvenDays",
        "Expression",
        "Fact",
        "ForeignKey",
        "FunctionalDependency",
        "HasColumn",
        "InSet",
        "Length",
        "Link",
        "Measure",
        "Multiple",
        "NoNearDuplicate",
        "NoPileUp",
        "Not",
        "NotBlank",
        "NotIn",
        "NotLikePrevious",
        "NotNull",
        "NotOnDays",
        "NotPlaceholder",
        "Pattern",
        "Predicate",
        "PresentIn",
        "ForeignKey",
        "ReadAs",
        "SameText",
        "StoredAs",
        "SameText",
        "SimilarLength",
        "SimilarText",
        "Strftime",
        "Typed",
        "Unique",
    ),
    "checks.rule": ("Limit", "Rule"),
    "checks.rule_set": ("RuleSet", "dump_rules"),
    "checks.sniffing": ("FORMATS",),
    "checks.views": ("View", "join"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "FORMATS",
    "PACKS",
    "Agree",
    "AllOf",
    "AnyOf",
    "Between",
    "Compare",
    "Custom",
    "DaysBetween",
    "Denial",
    "EvenDays",
    "Expression",
    "Fact",
    "Flags",
    "ForeignKey",
    "FunctionalDependency",
    "HasColumn",
    "InSet",
    "Length",
    "Limit",
    "Link",
    "Measure",
    "Multiple",
    "NoNearDuplicate",
    "NoPileUp",
    "Not",
    "NotBlank",
    "NotIn",
    "NotLikePrevious",
    "NotNull",
    "NotOnDays",
    "NotPlaceholder",
    "Pattern",
    "Predicate",
    "PresentIn",
    "ReadAs",
    "Rule",
    "RuleFlags",
    "RuleSet",
    "SameText",
    "SimilarLength",
    "SimilarText",
    "StoredAs",
    "Strftime",
    "Suspect",
    "Typed",
    "Unique",
    "View",
    "discover_placeholders",
    "dump_rules",
    "evaluate",
    "from_pandera",
    "join",
    "load_pack",
    "load_rules",
    "record_completeness",
    "to_pandera",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import checks` stays light."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'checks' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
