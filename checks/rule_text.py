"""Write rules as a rule file that reads back as the same rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any

import yaml

from checks.predicates import (
    Agree,
    AllOf,
    AnyOf,
    Custom,
    Fact,
    Link,
    Not,
    Predicate,
    PresentIn,
    SameText,
    fields_of,
    kind_of,
)
from checks.rule import Rule
from checks.rule_file import RuleSet
from synth.errors import RuleError


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
    links, facts = _named_links(whole), _named_facts(whole)
    names = {link: name for name, link in links.items()} | {link.reversed(): name for name, link in links.items()}
    document: dict[str, Any] = {
        "name": whole.name,
        "about": whole.about,
        "normalise": list(whole.normalise),
        "links": {name: {link.system: link.field, link.other: link.other_field} for name, link in links.items()},
        "facts": {name: _fact(fact) for name, fact in facts.items()},
        "rules": [_rule(rule, names) for rule in whole.rules],
    }
    kept = {key: value for key, value in document.items() if value}
    return yaml.dump(kept, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes out what occurs twice: aliases are not read back."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the base class's signature
        return True


def _parts(predicate: Predicate) -> list[Predicate]:
    """A predicate and everything inside it."""
    inner = predicate.of if isinstance(predicate, (AllOf, AnyOf)) else ()
    inner = (predicate.of,) if isinstance(predicate, Not) else inner
    return [predicate, *(part for one in inner for part in _parts(one))]


def _predicates(whole: RuleSet) -> list[Predicate]:
    given = [p for rule in whole.rules for p in (rule.predicate, rule.where) if p is not None]
    return [part for predicate in given for part in _parts(predicate)]


def _named_links(whole: RuleSet) -> dict[str, Link]:
    links = dict(whole.links)
    for predicate in _predicates(whole):
        link = predicate.link if isinstance(predicate, (Agree, SameText, PresentIn)) else None
        if link is not None and link not in links.values() and link.reversed() not in links.values():
            links[f"link_{len(links) + 1}"] = link
    return links


def _named_facts(whole: RuleSet) -> dict[str, Fact]:
    facts = dict(whole.facts)
    for predicate in _predicates(whole):
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
    return written


def _predicate(predicate: Predicate, names: dict[Link, str]) -> dict[str, Any]:
    kind = kind_of(predicate)
    match predicate:
        case Custom(name=name):
            raise RuleError(
                f"check {name!r} is code and cannot be written to a rule file. Write it as a rule of a kind."
            )
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
            written[field.name.rstrip("_")] = _scalar(value)
    if isinstance(predicate, (Agree, SameText)) and predicate.link is not None:
        written |= {"with": f"{predicate.link.other}.{predicate.with_}", "via": names[predicate.link]}
    return {kind: written}


def _scalar(value: Any) -> Any:
    if isinstance(value, Fact):
        return value.name
    if isinstance(value, bool):
        return "yes" if value else "no"
    return [str(item) for item in value] if isinstance(value, tuple) else str(value)
