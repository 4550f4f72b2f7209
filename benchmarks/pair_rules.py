"""The rules of a pair: refuse one that is about a column the dirty file does not have, by its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.rule_files import columns_of
from checks.rule import Rule
from checks.rule_set import RuleSet
from synth.errors import RuleError, nearest
from synth.yaml_text import Document, Node, Place, load


def check_columns(rule_set: RuleSet, source: Path, dirty: pd.DataFrame, dirty_path: Path) -> None:
    """Refuse a rule about a column that is not there: file, line, rule, column, nearest name.

    Args:
        rule_set: as read from `source`.
        source: the rule file; looked at again only when something is wrong.
        dirty: the table the rules will see.
        dirty_path: its file, for the message.
    """
    wanted = ((rule, name) for rule in rule_set.rules for name in columns_of(rule) if name not in dirty.columns)
    rule, name = next(wanted, (None, ""))
    if rule is None:
        return
    document = load(source, error=RuleError)
    message = f"rule {rule.id!r}: {name!r} is not a column of {dirty_path}. {nearest(name, dirty.columns)}"
    raise document.fail(_place(document, rule, name), message)


def _place(document: Document, rule: Rule, name: str) -> Place:
    """Where the rule's entry names the column; the top of the file if it cannot be found."""
    for index, entry in enumerate(document.sequence(("rules",))):
        if isinstance(entry, dict) and entry["id"] in {rule.id, rule.id.removesuffix(f".{name}")}:
            own: Place = ("rules", index)
            found = (place for place in _leaves(entry, own) if place[2] != "id" and document.at(place) == name)
            return next(found, own)
    return ()


def _leaves(node: Node, place: Place) -> Iterator[Place]:
    """Every place below a node that holds a text."""
    if isinstance(node, dict):
        for key, below in node.items():
            yield from _leaves(below, (*place, key))
    elif isinstance(node, list):
        for index, below in enumerate(node):
            yield from _leaves(below, (*place, index))
    else:
        yield place
