"""Where a rule file of casegauge's own form names a column: the line a message points to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from checks.formats.source import MAX_BYTES
from synth.errors import CasegaugeError, RuleError
from synth.yaml_text import Document, Node, Place, load


def line_of_column(path: Path, rule_id: str, column: str) -> int | None:
    """Return the line on which a rule's entry names a column, else the line of the entry; None: it is not there.

    Args:
        path: the rule file; it is looked at again only when something is wrong.
        rule_id: of the rule; of a rule for each of several fields, with the field.
        column: the name looked for.
    """
    try:
        document = load(path, error=RuleError, max_bytes=MAX_BYTES)
        place = _place(document, rule_id, column)
    except (CasegaugeError, LookupError, TypeError):
        return None
    return document.line(place) if place else None


def _place(document: Document, rule_id: str, column: str) -> Place:
    for index, entry in enumerate(document.sequence(("rules",))):
        if isinstance(entry, dict) and entry["id"] in {rule_id, rule_id.removesuffix(f".{column}")}:
            own: Place = ("rules", index)
            found = (place for place in _leaves(entry, own) if place[2] != "id" and document.at(place) == column)
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
