"""pandera schemas written as YAML. Only data are read: a check is pandera's or registered in this process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from checks.formats.collector import Collector
from checks.formats.source import Place, Source
from checks.pandera_reader import from_pandera

_OF_PATTERNS = ("str_matches", "str_contains")


def translate(source: Source, collector: Collector) -> None:
    """Read the schema from the text and translate its columns and checks."""
    for column, name, holder, key, place in list(_pattern_checks(source.tree)):
        problem = _why_no_pattern(holder[key])
        if problem:
            collector.error(f"{column}.{name}", problem, place)
            holder[key] = {} if isinstance(holder, list) else None
    for _, body, _ in _columns(source.tree):
        _forget_emptied(body)
    read = from_pandera(source, system=collector.system)
    collector.adopt(read.rules, [replace(entry, place=_place(source, entry.place)) for entry in read.coverage])


def _place(source: Source, place: str) -> str:
    """The place with its line, where it has none yet."""
    if "(line" in place:
        return place
    steps = tuple(place.split(".", 1))
    return f"{place} (line {source.line(steps)})"


def _columns(tree: Any) -> Iterator[tuple[Any, Any, Place]]:
    """Name, body and place of every column, in either form of the file."""
    columns = tree.get("columns") if isinstance(tree, dict) else None
    if isinstance(columns, dict):
        yield from ((name, column, ("columns", name)) for name, column in columns.items())
    elif isinstance(columns, list):
        for index, column in enumerate(columns):
            name = column.get("name") if isinstance(column, dict) else None
            yield name, column, ("columns", index)


def _pattern_checks(tree: Any) -> Iterator[tuple[Any, str, Any, Any, Place]]:
    """Checks that hold a pattern: column, name, what holds the check, its key there, place."""
    for column, body, place in _columns(tree):
        if not isinstance(body, dict):
            continue
        yield from ((column, key, body, key, (*place, key)) for key in _OF_PATTERNS if key in body)
        checks = body.get("checks")
        if isinstance(checks, dict):
            yield from ((column, key, checks, key, (*place, "checks", key)) for key in _OF_PATTERNS if key in checks)
        elif isinstance(checks, list):
            for index, check in enumerate(checks):
                options = check.get("options") if isinstance(check, dict) else None
                name = options.get("check_name") if isinstance(options, dict) else None
                if name in _OF_PATTERNS:
                    yield column, str(name), checks, index, (*place, "checks", index)


def _why_no_pattern(check: Any) -> str:
    """Why the pattern of a check cannot be read; empty if it can, or if there is none."""
    given = check if isinstance(check, dict) else {"value": check}
    for text in (given.get("value"), given.get("pattern")):
        if isinstance(text, str):
            try:
                re.compile(text)
            except re.error as problem:
                return f"the pattern {text[:60]!r} cannot be read: {problem}"
    return ""


def _forget_emptied(body: Any) -> None:
    """Take out of a column the pattern checks that hold nothing any more."""
    if not isinstance(body, dict):
        return
    checks = body.get("checks")
    if isinstance(checks, list):
        body["checks"] = [check for check in checks if check] or None
    for holder in (body, checks):
        for key in _OF_PATTERNS:
            if isinstance(holder, dict) and key in holder and holder[key] is None:
                del holder[key]
