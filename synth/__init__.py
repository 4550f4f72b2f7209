"""Fictional case records whose truth is known. Names are loaded when first used, so that `import synth` stays light."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "Bundle": "synth.bundle",
    "CasegaugeError": "synth.errors",
    "Scenario": "synth.spec",
    "ScenarioError": "synth.errors",
    "case": "synth.pipeline",
    "generate": "synth.pipeline",
    "load_scenario": "synth.scenario",
    "scenario_names": "synth.scenario",
    "write": "synth.export",
}

__all__ = sorted(_HOME)  # noqa: PLE0605  # sorted() of names is a list of names


def __getattr__(name: str) -> Any:
    """Load a public name from the module it lives in."""
    if name not in _HOME:
        raise AttributeError(f"module 'synth' has no attribute '{name}'. Public names: {', '.join(_HOME)}.")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(_HOME)
