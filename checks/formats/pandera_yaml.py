"""pandera schemas written as YAML."""

from __future__ import annotations

from pathlib import Path

from checks.formats.collector import Collector
from checks.formats.source import Source
from checks.pandera_reader import from_pandera


def translate(source: Source, collector: Collector) -> None:
    """Read the schema with pandera's own reader, which holds data only, and translate its columns and checks."""
    read = from_pandera(Path(source.name), system=collector.system)
    collector.rules.extend(read.rules)
    collector.entries.extend(read.coverage)
