"""A scenario: what is true, which systems record it, what goes wrong and under which controls.

A scenario is a YAML file, read as text and typed by `spec`; `consistency` says what does not fit together. Everything
a message says about a file carries the line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError

from synth import yaml_text
from synth.consistency import inconsistencies
from synth.errors import ScenarioError, nearest
from synth.spec import (
    AuditSpec,
    FieldSpec,
    HardNegatives,
    NarrativeSpec,
    OperatorSpec,
    RegimeSpec,
    Scenario,
    SharedFact,
    SystemSpec,
    Truth,
)

SCENARIO_FOLDER = Path(__file__).parent / "scenarios"


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the package.

    Examples:
        >>> scenario_names()
        ('oig-20-13', 'reference')
    """
    return tuple(sorted(path.stem for path in SCENARIO_FOLDER.glob("*.yaml")))


def load_scenario(source: str | Path) -> Scenario:
    """Read a scenario by name (one that comes with the package) or from a file of your own.

    Args:
        source: a name from `scenario_names()`, or the path of a YAML file.

    Returns:
        The scenario, checked.

    Raises:
        ScenarioError: an unknown name, an unreadable file, or a mistake in it, with line, key and nearest name.

    Examples:
        >>> load_scenario("oig-20-13").verdicts
        {'documented': 44, 'inconsistent': 11, 'insufficient': 12}
    """
    name = str(source)
    if isinstance(source, str) and name in scenario_names():
        return _shipped(name)
    path = Path(source)
    if path.suffix not in {".yaml", ".yml"}:
        hint = nearest(name, scenario_names())
        raise ScenarioError(f"unknown scenario '{name}'. {hint} Or give the path of a .yaml file.")
    return parse_scenario(yaml_text.load(path, error=ScenarioError))


def scenario_text(source: str) -> str:
    """Return the text of a scenario file, by name or path, to copy and change.

    Examples:
        >>> scenario_text("reference").splitlines()[1]
        'scenario: reference'
    """
    path = SCENARIO_FOLDER / f"{source}.yaml" if source in scenario_names() else Path(source)
    load_scenario(source)
    return path.read_text(encoding="utf-8")


@cache
def _shipped(name: str) -> Scenario:
    return parse_scenario(yaml_text.load(SCENARIO_FOLDER / f"{name}.yaml", error=ScenarioError, name=f"{name}.yaml"))


def parse_scenario(document: yaml_text.Document) -> Scenario:
    """Type a YAML document as a scenario and check that its parts fit together."""
    document.mapping()
    try:
        scenario = Scenario.model_validate(document.data)
    except ValidationError as problem:
        raise _typed_error(document, problem) from None
    for place, message in inconsistencies(scenario):
        raise document.fail(place, message)
    canonical = hashlib.sha256(scenario.model_dump_json(exclude={"digest"}).encode()).hexdigest()
    return scenario.model_copy(update={"digest": canonical})


def _typed_error(document: yaml_text.Document, problem: ValidationError) -> ScenarioError:
    found = problem.errors(include_url=False)
    first = next(
        (error for error in found if error["type"] == "extra_forbidden"), found[0]
    )  # a misspelt key explains more
    tags = {"choice", "code", "reference", "calendar", "after", "time", "whole", "officer", "office"}
    place: yaml_text.Place = ()
    node: object = document.data
    for step in first["loc"]:
        if step in _steps(node):
            node = node[step]  # type: ignore[index]  # _steps says it is there
            place = (*place, step)
        elif step not in tags:
            break
    key = str(first["loc"][-1])
    if first["type"] == "extra_forbidden":
        return ScenarioError(
            str(document.fail(place, f"unknown key '{key}'. {nearest(key, _known_keys(first['loc']))}"))
        )
    if first["type"] == "missing":
        return ScenarioError(str(document.fail(place, f"key '{key}' is missing here. Add it.")))
    said = first["msg"].removeprefix("Value error, ")
    where = ".".join(str(step) for step in place) or "the file"
    shown = f" (got {node!r})" if isinstance(node, str) else ""
    return ScenarioError(str(document.fail(place, f"{where}: {said}{shown}.")))


def _steps(node: object) -> Collection[int | str]:
    """Return what can follow at a place of the document: the keys of a mapping, the positions of a list."""
    if isinstance(node, dict):
        return node.keys()
    return range(len(node)) if isinstance(node, list) else ()


def _known_keys(loc: tuple[int | str, ...]) -> set[str]:
    """Return the keys that are possible beside the offending one."""
    parents: Mapping[str, type[BaseModel]] = {
        "fields": FieldSpec, "systems": SystemSpec, "narratives": NarrativeSpec, "regimes": RegimeSpec,
        "operator": OperatorSpec, "hard_negatives": HardNegatives, "shared_facts": SharedFact, "audit": AuditSpec,
    }  # fmt: skip
    for step in reversed(loc[:-1]):
        if step in parents:
            return set(parents[str(step)].model_fields)
        if step == "truth":
            kinds = get_args(get_args(Truth)[0])
            return {name for kind in kinds for name in kind.model_fields}
    return set(Scenario.model_fields) - {"digest"}
