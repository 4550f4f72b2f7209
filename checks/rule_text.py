"""Write rules as a rule file that reads back as the same rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

import yaml

from checks.coverage import Coverage
from checks.lost_words import in_words
from checks.predicates import (
    ACROSS,
    Agree,
    AllOf,
    AnyOf,
    Custom,
    Fact,
    Link,
    Not,
    Predicate,
    PresentIn,
    fields_of,
    kind_of,
    parts_of,
)
from checks.rule import Limit, Rule
from synth.errors import RuleError

_CONDITIONS = ("of", "other_where")


def write_rules(
    rules: Sequence[Rule],
    *,
    name: str,
    about: str = "",
    normalise: Sequence[str] = (),
    links: Mapping[str, Link] | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> tuple[str, tuple[Coverage, ...]]:
    """Return the text of a rule file and, for every rule, whether it is in it."""
    coded = {rule.id: reason for rule in rules if (reason := _coded(rule)) is not None}
    coverage = tuple(
        Coverage(rule.id, "unsupported", coded[rule.id], kind_of(rule.predicate))
        if rule.id in coded
        else Coverage(rule.id, "exact", place=kind_of(rule.predicate))
        for rule in rules
    )
    kept = [rule for rule in rules if rule.id not in coded]
    all_links, all_facts = _named_links(kept, links or {}), _named_facts(kept, facts or {})
    names = {link: key for key, link in all_links.items()}
    names |= {link.reversed(): key for key, link in all_links.items()}
    document: dict[str, Any] = {
        "name": name,
        "about": about,
        "normalise": list(normalise),
        "links": {key: {link.system: link.field, link.other: link.other_field} for key, link in all_links.items()},
        "facts": {key: _fact(fact) for key, fact in all_facts.items()},
        "rules": [_rule(rule, names) for rule in kept],
    }
    given = {key: value for key, value in document.items() if value}
    return yaml.dump(given, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120), coverage


def _coded(rule: Rule) -> str | None:
    """Why a rule cannot stand in a file: the first condition in it that is code."""
    for predicate in _predicates([rule]):
        if isinstance(predicate, Custom):
            return f"{in_words(predicate)} and cannot be written to a rule file. Write it as a rule of a kind."
    return None


class _Dumper(yaml.SafeDumper):
    """Writes out what occurs twice: aliases are not read back."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the base class's signature
        return True


def _parts(predicate: Predicate) -> list[Predicate]:
    """A predicate and everything inside it."""
    return [predicate, *(part for one in parts_of(predicate) for part in _parts(one))]


def _predicates(rules: Iterable[Rule]) -> list[Predicate]:
    given = [p for rule in rules for p in (rule.predicate, rule.where) if p is not None]
    return [part for predicate in given for part in _parts(predicate)]


def _named_links(rules: Iterable[Rule], given: Mapping[str, Link]) -> dict[str, Link]:
    links = dict(given)
    for predicate in _predicates(rules):
        link = predicate.link if isinstance(predicate, (*ACROSS, PresentIn)) else None
        if link is not None and link not in links.values() and link.reversed() not in links.values():
            links[f"link_{len(links) + 1}"] = link
    return links


def _named_facts(rules: Iterable[Rule], given: Mapping[str, Fact]) -> dict[str, Fact]:
    facts = dict(given)
    for predicate in _predicates(rules):
        if isinstance(predicate, Agree) and predicate.fact is not None:
            known = facts.setdefault(predicate.fact.name, predicate.fact)
            if known != predicate.fact:
                raise RuleError(f"two facts have the name {known.name!r}. Rename one; a file names a fact once.")
    return facts


def _fact(fact: Fact) -> dict[str, Any]:
    written: dict[str, Any] = {"kind": fact.kind}
    if fact.contexts:
        written["contexts"] = list(fact.contexts)
    if fact.values:
        written["values"] = {value: list(surfaces) for value, surfaces in fact.values}
    if fact.tolerance:
        written["tolerance"] = str(fact.tolerance)
    return written


def _rule(rule: Rule, names: dict[Link, str]) -> dict[str, Any]:
    default = Rule(rule.id, rule.predicate)
    written: dict[str, Any] = {"id": rule.id}
    if rule.system is not None:
        written["system"] = rule.system
    if rule.where is not None:
        written["where"] = _predicate(rule.where, names)
    written |= _predicate(rule.predicate, names)
    if rule.blames != fields_of(rule.predicate):
        written["blames"] = list(rule.blames)
    for key in ("level", "null_policy", "severity", "threshold", "reference", "family", "description"):
        if getattr(rule, key) != getattr(default, key):
            written[key] = str(getattr(rule, key))
    if rule.limits:
        written["limits"] = [_limit(limit) for limit in rule.limits]
    return written


def _limit(limit: Limit) -> dict[str, Any]:
    given = {field.name: getattr(limit, field.name) for field in fields(limit)}
    return {key: _scalar(value) for key, value in given.items() if key == "above" or value != getattr(Limit(0), key)}


def _predicate(predicate: Predicate, names: dict[Link, str]) -> dict[str, Any]:
    kind = kind_of(predicate)
    match predicate:
        case AllOf(of=parts) | AnyOf(of=parts):
            return {kind: [_predicate(part, names) for part in parts]}
        case Not(of=part):
            return {kind: _predicate(part, names)}
        case PresentIn(link=link):
            return {kind: {"system": link.other, "via": names[link]}}
    written = {}
    for field in fields(predicate):
        value = getattr(predicate, field.name)
        if field.name != "link" and (field.default is MISSING or value != field.default):
            written[field.name.rstrip("_")] = _predicate(value, names) if field.name in _CONDITIONS else _scalar(value)
    if isinstance(predicate, ACROSS) and predicate.link is not None:
        written |= {"with": f"{predicate.link.other}.{predicate.with_}", "via": names[predicate.link]}
    return {kind: written}


def _scalar(value: Any) -> Any:
    if isinstance(value, Fact):
        return value.name
    if isinstance(value, bool):
        return "yes" if value else "no"
    return [str(item) for item in value] if isinstance(value, tuple) else str(value)
