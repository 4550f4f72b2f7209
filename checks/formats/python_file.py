"""Python files: code, so it runs only where the caller trusts it.

Taken from a file, in its order: pandera schemas and models it defines, and functions it defines whose name begins with
`check_`; each gets the records as a frame and answers for every row, or for all (see `checks.callables`). Everything
else in the file is code that helps them.
"""

from __future__ import annotations

import sys
import traceback
from dataclasses import replace
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from checks.callables import rules_of_callables
from checks.coverage import Coverage
from checks.formats.collector import Collector
from checks.formats.source import Source
from checks.pandera_reader import from_pandera
from synth.errors import CasegaugeError

PREFIX = "check_"


def translate(source: Source, collector: Collector) -> None:
    """Run the file if it is trusted, and take its schemas, models and functions."""
    if not collector.trust:
        raise source.fail(1, "is Python, which is not run. Say trust=True (--trust) if you trust every line of it.")
    module = _run(source)
    found = [(name, value) for name, value in vars(module).items() if not name.startswith("_")]
    schemas = [(name, value) for name, value in found if _is_schema(value, module)]
    for name, value in found:
        if any(value is schema for _, schema in schemas):
            read = from_pandera(value, system=collector.system)
            entries = [replace(entry, place=f"{name}.{entry.place}") for entry in read.coverage]
            collector.adopt(read.rules, entries, prefix=f"{name}." if len(schemas) > 1 else "")
        elif isinstance(value, FunctionType) and name.startswith(PREFIX) and value.__module__ == module.__name__:
            (rule,) = rules_of_callables([value], system=collector.system)
            place = f"{name} (line {value.__code__.co_firstlineno})"
            collector.adopt([rule], [Coverage(rule.id, "exact", place=place)])


def _is_schema(value: Any, module: ModuleType) -> bool:
    if isinstance(value, type):
        return hasattr(value, "to_schema") and value.__module__ == module.__name__
    return type(value).__name__ == "DataFrameSchema" and type(value).__module__.startswith("pandera.")


def _run(source: Source) -> ModuleType:
    """Run the text as a module; helpers beside the file can be imported while it runs."""
    name = source.name or "<text>"
    module = ModuleType(f"casegauge_rules_{source.stem}")
    module.__file__ = name
    sys.modules[module.__name__] = module  # models look their annotations up there
    folder = str(Path(source.name).resolve().parent) if source.name else ""
    sys.path[:0] = [folder] if folder else []
    try:
        exec(compile(source.text, name, "exec"), vars(module))  # noqa: S102  # the caller has said trust
    except CasegaugeError:
        raise
    except SyntaxError as problem:
        raise source.fail(problem.lineno or 1, f"not Python: {problem.msg}.") from None
    except Exception as problem:  # noqa: BLE001  # whatever a user's file raises
        lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == name]
        reason = (str(problem).splitlines() or [""])[0]
        raise source.fail((lines or [1])[-1] or 1, f"raised {type(problem).__name__}: {reason}") from None
    finally:
        if folder in sys.path:
            sys.path.remove(folder)
    return module
