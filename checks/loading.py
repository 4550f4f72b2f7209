"""Load rules from the file a team already has, whatever tool it was written for, or from live objects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from checks.callables import rules_of_callables
from checks.formats.collector import UNFORESEEN, Collector
from checks.formats.source import MAX_BYTES, Source, read_source
from checks.pandera_reader import from_pandera
from checks.rule_file import read_rule_file
from checks.rule_set import RuleSet
from checks.sniffing import FORMATS, format_of
from synth.errors import CasegaugeError, RuleError, nearest

_UNTRANSLATED = ("unsupported", "error")
_HOW = ("error", "skip", "list")
_SHOWN = 3


def load_rules(
    source: Any,
    format: str | None = None,  # noqa: A002  # the word users look for
    *,
    system: str | None = None,
    on_unsupported: str = "error",
    trust: bool = False,
) -> RuleSet:
    r"""Load rules: casegauge's own form, or any of the formats in docs/formats.md.

    Args:
        source: a Path or the name of a file; the text of one; a pandera schema or model; a function, or several.
        format: one of FORMATS; default: what the text looks like.
        system: the system of rules that name none.
        on_unsupported: error: refuse a file with a rule that cannot be translated; skip: leave such rules out; list:
            the same, and a file of which no rule is left is not refused either. `coverage()` has an entry for every
            source rule whatever is chosen.
        trust: let a Python file run. Nothing else in a rule file is ever run.

    Examples:
        >>> import pandas as pd
        >>> suite = '{"expectations": [{"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "zip"}}]}'
        >>> rules = load_rules(suite)
        >>> rules.format, [(entry.id, entry.status) for entry in rules.coverage()]
        ('gx', [('zip.not_be_null', 'exact')])
        >>> rules.evaluate(pd.DataFrame({"zip": ["12345", None]})).results[0].fail
        array([False,  True])
        >>> load_rules("rules:\n  - id: zip\n    patern: x\n")
        Traceback (most recent call last):
        synth.errors.RuleError: line 3: unknown key 'patern'. Did you mean 'pattern'?
    """
    if on_unsupported not in _HOW:
        raise RuleError(f"on_unsupported is {on_unsupported!r}. Possible: {', '.join(_HOW)}.")
    if format is not None and format not in FORMATS:
        raise RuleError(f"format is {format!r}. {nearest(format, FORMATS)}")
    loaded = _loaded(source, format, system, trust=trust)
    if on_unsupported == "error":
        _refuse_untranslated(loaded, str(source) if isinstance(source, Path) else loaded.name)
    if not loaded.rules and on_unsupported != "list":
        raise RuleError(f"{loaded.name}: no rule of it can be evaluated ({_tally(loaded)}).")
    return loaded


def _loaded(source: Any, form: str | None, system: str | None, *, trust: bool) -> RuleSet:
    if isinstance(source, (str, Path)):
        text = _source_of(source)
        form = form or format_of(text)
        return _own(text, system) if form == "casegauge" else _translated(text, form, system, trust=trust)
    if callable(source) and not hasattr(source, "to_schema") and not hasattr(source, "validate"):
        source = [source]
    if isinstance(source, (list, tuple)):
        return RuleSet("functions", rules_of_callables(source, system=system), format="python")
    read = from_pandera(source, system=system)
    return RuleSet(getattr(source, "name", None) or "schema", read.rules, format="pandera", entries=read.coverage)


def _own(source: Source, system: str | None) -> RuleSet:
    loaded = read_rule_file(source.text, name=source.name)
    if system is None:
        return loaded
    return replace(loaded, rules=tuple(replace(rule, system=rule.system or system) for rule in loaded.rules))


def _translated(source: Source, form: str, system: str | None, *, trust: bool) -> RuleSet:
    collector = Collector(source, system=system, trust=trust)
    translate: Callable[[Source, Collector], None] = import_module(f"checks.formats.{FORMATS[form].module}").translate
    try:
        translate(source, collector)
    except CasegaugeError:
        raise
    except UNFORESEEN as problem:
        what = f"{type(problem).__name__}: {' '.join(str(problem).split())[:120]}"
        raise RuleError(
            f"{source.name or 'the text'}: cannot be read as {FORMATS[form].about} ({what}). Is it complete?"
        ) from None
    if not collector.entries:
        raise RuleError(f"{source.name or 'the text'}: holds no rule that {FORMATS[form].about} has; nothing to check.")
    return RuleSet(
        source.stem, tuple(collector.rules), format=form, entries=tuple(collector.entries), files=collector.files
    )


def _source_of(source: str | Path) -> Source:
    """The file of a name, or the text itself; one line without any sign of a rule is a name."""
    if isinstance(source, Path):
        return read_source(source)
    if "\n" not in source and (not re.search(r"[\[{:=&]", source) or re.search(r"\.[A-Za-z]{2,7}\Z", source)):
        return read_source(Path(source))
    if len(source) > MAX_BYTES or len(source.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise RuleError(f"the text: has more than {MAX_BYTES // 1024 // 1024} MB; rules have less. Split it.")
    return Source("", source)


def _refuse_untranslated(loaded: RuleSet, name: str) -> None:
    lost = [entry for entry in loaded.coverage() if entry.status in _UNTRANSLATED]
    if lost:
        shown = "; ".join(f"{entry.id} at {entry.place}: {entry.reason.rstrip('.')}" for entry in lost[:_SHOWN])
        more = f"; and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
        raise RuleError(
            f"{name}: {len(lost)} of {len(loaded.coverage())} rules cannot be translated ({shown}{more}). "
            "Leave them out with on_unsupported='skip' (--skip-unsupported)."
        )


def _tally(loaded: RuleSet) -> str:
    counts = Counter(entry.status for entry in loaded.coverage())
    return ", ".join(f"{n} {status}" for status, n in counts.items()) or "it is empty"
