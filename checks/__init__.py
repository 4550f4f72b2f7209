"""Validation rules for case records: what must hold, evaluated as masks aligned to the records by position.

Rules see records and nothing else: no truth, labels or fates.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checks.evaluation import evaluate
    from checks.flags import Flags, RuleFlags
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
        Fact,
        FunctionalDependency,
        InSet,
        Length,
        Link,
        Not,
        NotBlank,
        NotIn,
        NotNull,
        Pattern,
        Predicate,
        PresentIn,
        SameText,
        Unique,
    )
    from checks.rule import Rule
    from checks.rule_file import RuleSet, load_rules
    from checks.rule_text import dump_rules
    from checks.views import View, join

_HOME = {
    "checks.evaluation": ("evaluate",),
    "checks.flags": ("Flags", "RuleFlags"),
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
        "Fact",
        "FunctionalDependency",
        "InSet",
        "Length",
        "Link",
        "Not",
        "NotBlank",
        "NotIn",
        "NotNull",
        "Pattern",
        "Predicate",
        "PresentIn",
        "SameText",
        "Unique",
    ),
    "checks.rule": ("Rule",),
    "checks.rule_file": ("RuleSet", "load_rules"),
    "checks.rule_text": ("dump_rules",),
    "checks.views": ("View", "join"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "PACKS",
    "Agree",
    "AllOf",
    "AnyOf",
    "Between",
    "Compare",
    "Custom",
    "Fact",
    "Flags",
    "FunctionalDependency",
    "InSet",
    "Length",
    "Link",
    "Not",
    "NotBlank",
    "NotIn",
    "NotNull",
    "Pattern",
    "Predicate",
    "PresentIn",
    "Rule",
    "RuleFlags",
    "RuleSet",
    "SameText",
    "Unique",
    "View",
    "dump_rules",
    "evaluate",
    "from_pandera",
    "join",
    "load_pack",
    "load_rules",
    "to_pandera",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import checks` stays light."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'checks' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
