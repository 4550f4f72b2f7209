"""pandera schemas as objects: what is given, or the tree of a YAML file, of which only data are read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checks.coverage import pandera_module
from checks.formats.source import Source, read_source
from synth.errors import RuleError


def schema_of(source: Any) -> tuple[Any, tuple[tuple[str, str], ...]]:
    """Return a DataFrameSchema, and (id, place) of the checks of a file that nobody has registered here.

    Args:
        source: a DataFrameSchema, a DataFrameModel class, or the Path of a schema's YAML file, or its Source.
    """
    pa = pandera_module()
    if isinstance(source, Path):
        source = read_source(source)
    if isinstance(source, Source):
        return _read(source, pa)
    if isinstance(source, type) and hasattr(source, "to_schema"):
        source = source.to_schema()
    if not isinstance(source, pa.DataFrameSchema):
        got = type(source).__name__
        raise RuleError(f"a {got} is not a pandera schema. Give a DataFrameSchema, a DataFrameModel or a Path to YAML.")
    return source, ()


def _read(source: Source, pa: Any) -> tuple[Any, tuple[tuple[str, str], ...]]:
    """Build the schema of a tree. pandera takes check names for attributes, so that unknown ones go first."""
    tree = source.tree
    if not isinstance(tree, dict) or "columns" not in tree:
        raise source.fail((), "is not a pandera schema: there is no key 'columns'.")
    known = _names_of_checks(pa)
    unknown: list[tuple[str, str]] = []
    columns = tree["columns"] or {}
    listed = [column for column in columns if isinstance(column, dict)] if isinstance(columns, list) else []
    named = columns.items() if isinstance(columns, dict) else [(column.get("name"), column) for column in listed]
    for name, column in named:
        if isinstance(column, dict):
            unknown += [
                (f"{name}.{check}", source.where(("columns", str(name)))) for check in _take_unknown(column, known)
            ]
    unknown += [(check, source.where(("checks",))) for check in _take_unknown(tree, known)]
    for part in tree["index"] or [] if "index" in tree else []:
        if isinstance(part, dict):
            _take_unknown(part, known)
    try:
        from pandera.io.pandas_io import deserialize_schema
    except ImportError as problem:
        raise RuleError(f"pandera needs its io extra ({problem}). Install it: pip install 'pandera[io]'.") from None
    try:
        return deserialize_schema(tree), tuple(unknown)
    except Exception as problem:  # noqa: BLE001  # whatever a foreign file makes its reader raise
        reason = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise source.fail((), f"is not a pandera schema that can be read ({reason}).") from None


def _names_of_checks(pa: Any) -> frozenset[str]:
    """The checks a file may name: built in, or registered in this process."""
    builtin = [name for name in dir(pa.Check) if not name.startswith("_") and pa.Check.is_builtin_check(name)]
    return frozenset([*builtin, *pa.Check.REGISTERED_CUSTOM_CHECKS])


def _take_unknown(holder: dict[str, Any], known: frozenset[str]) -> list[str]:
    """Take the checks out of a part of a file that nobody has registered, and return their names."""
    checks = holder.get("checks")
    if isinstance(checks, dict):
        lost = [name for name in checks if name not in known]
        holder["checks"] = {name: given for name, given in checks.items() if name in known} or None
        return lost
    if isinstance(checks, list):
        names = [_name_of(check) for check in checks]
        kept = [check for check, name in zip(checks, names, strict=True) if name in known]
        holder["checks"] = kept or None
        return [name for name in names if name not in known]
    return []


def _name_of(check: Any) -> str:
    options = check.get("options") if isinstance(check, Mapping) else None
    name = options.get("check_name") if isinstance(options, Mapping) else None
    return name if isinstance(name, str) else "check"
