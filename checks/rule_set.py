"""Rules as a file gives them, what became of every one of its source rules, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from checks.coverage import Coverage
from checks.evaluation import evaluate
from checks.flags import Flags
from checks.pandera_writer import to_pandera
from checks.predicates import Fact, Link
from checks.rule import Rule
from checks.rule_text import write_rules
from checks.sql_writer import to_sql
from synth.errors import RuleError, nearest


@dataclass(frozen=True)
class RuleSet:
    """Rules as a file gives them.

    Attributes:
        name: of the set; default: the file's name without its ending.
        rules: in the order of the file.
        about: one sentence for a report.
        normalise: what is made the same before a dirty/truth pair is compared: html, whitespace, case.
        links: link fields by name.
        facts: facts read from texts, by name.
        format: of the file: casegauge for its own form.
        entries: what became of every source rule; none: every rule is exact.
        files: table -> the name, without ending, of the file the source says it is in.
    """

    name: str
    rules: tuple[Rule, ...]
    about: str = ""
    normalise: tuple[str, ...] = ()
    links: Mapping[str, Link] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    format: str = "casegauge"
    entries: tuple[Coverage, ...] = field(default=(), compare=False)
    files: Mapping[str, str] = field(default_factory=dict)

    def coverage(self) -> tuple[Coverage, ...]:
        """Return what became of every source rule: exact, approximate, unsupported or error, why, and its place."""
        return self.entries or tuple(Coverage(rule.id, "exact") for rule in self.rules)

    def evaluate(self, records: Mapping[str, pd.DataFrame] | pd.DataFrame, *, null_policy: str | None = None) -> Flags:
        """Evaluate the rules on records: see `checks.evaluate`. Flags are aligned by position."""
        return evaluate(self.rules, records, null_policy=null_policy)

    def about_system(self, system: str) -> RuleSet:
        """Return the rules about one system; refuse one no rule is about. Rules that name none become about it."""
        if {rule.system for rule in self.rules} == {None}:
            return replace(self, rules=tuple(replace(rule, system=system) for rule in self.rules), entries=())
        kept = tuple(rule for rule in self.rules if rule.system == system)
        if not kept:
            systems = {str(rule.system) for rule in self.rules}
            raise RuleError(f"no rule is about {system!r}. {nearest(system, systems)}")
        return replace(self, rules=kept, entries=())

    def only_system(self) -> str | None:
        """Return the system that all rules are about; refuse where there are several."""
        systems = {rule.system for rule in self.rules}
        if len(systems) > 1:
            raise RuleError(f"the rules are about {len(systems)} tables; name one. {nearest('', map(str, systems))}")
        return next(iter(systems), None)

    def to_yaml(self) -> tuple[str, tuple[Coverage, ...]]:
        """Return the text of a rule file, and what it can carry of every rule; code it cannot."""
        return write_rules(
            self.rules,
            name=self.name,
            about=self.about,
            normalise=self.normalise,
            links=self.links,
            facts=self.facts,
        )

    def to_pandera(self, *, system: str | None = None) -> tuple[Any, tuple[Coverage, ...]]:
        """Return a pandera schema of one system's rules, and what it can carry of every rule."""
        return to_pandera(self.rules, system=system)

    def to_sql(self, dialect: str = "duckdb") -> tuple[str, tuple[Coverage, ...]]:
        """Return queries that give the records that fail, one per rule, and what SQL can carry of every rule."""
        return to_sql(self.rules, dialect=dialect)


def dump_rules(rules: RuleSet | Iterable[Rule]) -> str:
    """Return the text of a rule file; `load_rules` of it gives the same rules.

    A rule whose predicate is code (`Custom`) is refused: a file cannot hold it.

    Examples:
        >>> from checks import NotBlank, Rule
        >>> print(dump_rules([Rule("time", NotBlank("encounter_time"), system="encounter")]), end="")
        name: rules
        rules:
        - id: time
          system: encounter
          not_blank:
            field: encounter_time
    """
    whole = rules if isinstance(rules, RuleSet) else RuleSet("rules", tuple(rules))
    text, coverage = whole.to_yaml()
    for entry in coverage:
        if entry.status != "exact":
            raise RuleError(f"rule {entry.id!r}: {entry.reason}")
    return text


def _pandera_text(rules: RuleSet, system: str | None, _: str) -> tuple[str, tuple[Coverage, ...]]:
    schema, coverage = rules.to_pandera(system=system or rules.only_system())
    return schema.to_yaml(), coverage


def _own_text(rules: RuleSet, system: str | None, _: str) -> tuple[str, tuple[Coverage, ...]]:
    return (rules if system is None else rules.about_system(system)).to_yaml()


def _sql_text(rules: RuleSet, system: str | None, dialect: str) -> tuple[str, tuple[Coverage, ...]]:
    return (rules if system is None else rules.about_system(system)).to_sql(dialect)


TARGETS: dict[str, Callable[[RuleSet, str | None, str], tuple[str, tuple[Coverage, ...]]]] = {
    "casegauge": _own_text,
    "pandera": _pandera_text,
    "sql": _sql_text,
}
