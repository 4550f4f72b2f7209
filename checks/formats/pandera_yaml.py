"""pandera schemas written as YAML. Only data are read: a check is pandera's or registered in this process."""

from __future__ import annotations

from dataclasses import replace

from checks.formats.collector import Collector
from checks.formats.source import Source
from checks.pandera_reader import from_pandera


def translate(source: Source, collector: Collector) -> None:
    """Read the schema from the text and translate its columns and checks."""
    read = from_pandera(source, system=collector.system)
    collector.adopt(read.rules, [replace(entry, place=_place(source, entry.place)) for entry in read.coverage])


def _place(source: Source, place: str) -> str:
    """The place with its line, where it has none yet."""
    if "(line" in place:
        return place
    steps = tuple(place.split(".", 1))
    return f"{place} (line {source.line(steps)})"
