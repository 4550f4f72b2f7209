"""What a translator fills: rules, and for every source rule one entry that says what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from checks.coverage import Coverage
from checks.formats.source import Place, Source
from checks.predicates import Predicate
from checks.rule import Rule

# What a translator raises at a rule that is not what its tool would take.
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, re.error)


class Collector:
    """Collects the rules of one file.

    Attributes:
        source: the file.
        system: the system of rules that name none.
        trust: whether code in the file may run.
        rules: read so far, with distinct ids.
        entries: one for every source rule, in order.
        files: table -> the name, without ending, of the file it is in, where the source says so.
    """

    def __init__(self, source: Source, *, system: str | None = None, trust: bool = False) -> None:
        self.source = source
        self.system = system
        self.trust = trust
        self.rules: list[Rule] = []
        self.entries: list[Coverage] = []
        self.files: dict[str, str] = {}
        self._n_of: dict[str, int] = {}

    def exact(self, rule_id: str, predicate: Predicate, place: Place | int, **given: Any) -> None:
        """Add a rule that flags what the source tool flags; `given` are fields of Rule, or a `note`."""
        self._add("exact", given.pop("note", ""), rule_id, predicate, place, given)

    def approximate(self, rule_id: str, predicate: Predicate, place: Place | int, reason: str, **given: Any) -> None:
        """Add a rule that differs from the source tool's in a way the reason tells."""
        self._add("approximate", reason, rule_id, predicate, place, given)

    def switched_off(self, rule_id: str, reason: str, place: Place | int) -> None:
        """Say that the source tool never runs a rule: its exact translation is no rule."""
        self.entries.append(Coverage(self._new_id(rule_id), "exact", reason, self._where(place)))

    def unsupported(self, rule_id: str, reason: str, place: Place | int) -> None:
        """Say that a source rule has no translation, and why."""
        self.entries.append(Coverage(self._new_id(rule_id), "unsupported", reason, self._where(place)))

    def error(self, rule_id: str, reason: str, place: Place | int) -> None:
        """Say that a source rule is broken, and how."""
        self.entries.append(Coverage(self._new_id(rule_id), "error", reason, self._where(place)))

    def adopt(self, rules: Iterable[Rule], entries: Iterable[Coverage], *, prefix: str = "") -> None:
        """Take over rules and entries that another reader made; ids that are taken get a number."""
        ids: dict[str, str] = {}
        for entry in entries:
            ids[entry.id] = self._new_id(prefix + entry.id)
            self.entries.append(replace(entry, id=ids[entry.id]))
        places = {entry.id: entry.place for entry in self.entries}
        for rule in rules:
            new = ids[rule.id]
            self.rules.append(replace(rule, id=new, place=self._named(places[new])))

    def attempt(self, rule_id: str, place: Place | int, translate: Callable[[], None]) -> None:
        """Translate one source rule; what it cannot be is an entry with status error, and the others go on."""
        n_rules, n_entries = len(self.rules), len(self.entries)
        try:
            translate()
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
            re.error,
        ) as problem:
            del self.rules[n_rules:], self.entries[n_entries:]
            what = f"has no {problem}" if isinstance(problem, KeyError) else str(problem)
            self.error(rule_id, " ".join(what.split()), place)

    def _add(
        self, status: str, reason: str, rule_id: str, predicate: Predicate, place: Place | int, given: dict[str, Any]
    ) -> None:
        given.setdefault("system", self.system)
        rule_id = self._new_id(rule_id)
        given.setdefault("place", self._named(self._where(place)))
        self.rules.append(Rule(rule_id, predicate, **given))
        self.entries.append(Coverage(rule_id, status, reason, self._where(place)))

    def _named(self, where: str) -> str:
        """A place with the file it is in."""
        return f"{self.source.name}: {where}" if self.source.name else where

    def _where(self, place: Place | int) -> str:
        return f"line {place}" if isinstance(place, int) else self.source.where(place)

    def _new_id(self, wanted: str) -> str:
        """An id no other rule has: the second `zip.not_null` is `zip.not_null-2`."""
        n = self._n_of[wanted] = self._n_of.get(wanted, 0) + 1
        return self._new_id(f"{wanted}-{n}") if n > 1 else wanted
