"""A scenario: what is true, which systems record it, what goes wrong and under which controls.

A scenario is a YAML file, read as text and typed by `spec`; `consistency` says what does not fit together. Everything
a message says about a file carries the line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from synth import yaml_text
from synth.consistency import inconsistencies
from synth.errors import ScenarioError, nearest
from synth.spec import (
    VERDICTS,
    AuditSpec,
    FieldSpec,
    HardNegatives,
    Mechanism,
    NarrativeSpec,
    OperatorSpec,
    RegimeSpec,
    Scenario,
    SharedFact,
    SystemSpec,
    Truth,
)

SCENARIO_FOLDER = Path(__file__).parent / "scenarios"
WORKED_OUT = "digest"  # of the content; no key of a file
KINDS: Mapping[str, type[BaseModel]] = {
    tag: kind for kind in get_args(get_args(Truth)[0]) for tag in get_args(kind.model_fields["kind"].annotation)
}

# What a value should have been, by how the error's type begins.
WORDS = {
    "decimal": "is no decimal number; write it as 0.25, with a point and without %",
    "finite_number": "is no number; write one as 0.25",
    "int_parsing_size": "is too large a number",
    "int": "is no whole number",
    "bool": "is neither yes nor no",
    "date": "is no day; write it as 2031-01-31",
    "dict": "must be a mapping (key: value)",
    "model": "must be a mapping (key: value)",
    "union_tag_not_found": "must be a mapping with a kind",
    "list": "must be a list: [a, b]",
    "tuple": "must be a list of two: [first, last]",
    "string_type": "must be a text",
}


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the package.

    Examples:
        >>> scenario_names()
        ('ambulance-run', 'oig-20-13', 'reference', 'shelter-intake')
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
        if path.suffix.lower() in {".csv", ".json", ".xlsx"} and path.exists():
            raise ScenarioError(
                f"{name} is no scenario. If it is a field list: casegauge scenario import {name} --out mine.yaml"
            )
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


def scenario_yaml(scenario: Scenario) -> str:
    """Return a scenario as a YAML text, which reads back as the same scenario.

    Examples:
        >>> text = scenario_yaml(load_scenario("reference"))
        >>> parse_scenario(yaml_text.load(text, error=ScenarioError)) == load_scenario("reference")
        True
    """
    tree = scenario.model_dump(mode="json", exclude_unset=True, exclude={WORKED_OUT})
    return yaml.safe_dump(_as_texts(tree), sort_keys=False, allow_unicode=True, width=120)


def _as_texts(node: Any) -> Any:
    """Return a tree with every scalar as the text a file has."""
    if isinstance(node, dict):
        return {key: _as_texts(value) for key, value in node.items() if value is not None}
    if isinstance(node, list):
        return [_as_texts(value) for value in node]
    return {True: "yes", False: "no"}[node] if isinstance(node, bool) else str(node)


@cache
def _shipped(name: str) -> Scenario:
    return parse_scenario(yaml_text.load(SCENARIO_FOLDER / f"{name}.yaml", error=ScenarioError, name=f"{name}.yaml"))


def parse_scenario(document: yaml_text.Document) -> Scenario:
    """Type a YAML document as a scenario and check that its parts fit together."""
    if WORKED_OUT in document.mapping():
        raise document.fail((WORKED_OUT,), f"unknown key '{WORKED_OUT}': it is worked out from the content. Remove it.")
    try:
        scenario = Scenario.model_validate(document.data)
    except ValidationError as problem:
        raise _typed_error(document, problem) from None
    for place, message in inconsistencies(scenario):
        raise document.fail(place, message)
    canonical = hashlib.sha256(scenario.model_dump_json(exclude={WORKED_OUT}).encode()).hexdigest()
    return scenario.model_copy(update={WORKED_OUT: canonical})


def _typed_error(document: yaml_text.Document, problem: ValidationError) -> ScenarioError:
    found = problem.errors(include_url=False)
    first = next(
        (error for error in found if error["type"] == "extra_forbidden"), found[0]
    )  # a misspelt key explains more
    place: yaml_text.Place = ()
    node: object = document.data
    for step in first["loc"]:
        if step in _steps(node):
            node = node[step]  # type: ignore[index]  # _steps says it is there
            place = (*place, step)
        elif step not in KINDS:
            break
    key = str(first["loc"][-1])
    if first["type"] == "extra_forbidden":
        return _failed(document, place, f"unknown key '{key}'. {nearest(key, _known_keys(first['loc']))}")
    if first["type"] == "missing" and isinstance(node, dict):
        return _failed(document, place, f"key '{key}' is missing here. Add it.")
    where = ".".join(str(step) for step in place) or "the file"
    if key == "[key]":
        parent = ".".join(str(step) for step in place[:-1])
        return _failed(document, place, f"{parent}: {_said_of_key(str(place[-1]), first, place)}")
    shown = f" (got {node[:40]!r}{'...' if len(node) > 40 else ''})" if isinstance(node, str) else ""
    return _failed(document, place, f"{where}: {_said(first, node)}{shown}.")


def _failed(document: yaml_text.Document, place: yaml_text.Place, message: str) -> ScenarioError:
    return ScenarioError(str(document.fail(place, message)))


def _said_of_key(key: str, error: ErrorDetails, place: yaml_text.Place) -> str:
    """Return what is wrong with a key that may be any name, or one of a few."""
    if error["type"] == "literal_error":
        return f"unknown key '{key}'. {nearest(key, VERDICTS)}"
    if error["type"] in {"string_pattern_mismatch", "string_too_long"}:
        letters = "letters, digits, - and _" if place[0] == "regimes" else "small letters, digits and _"
        return f"'{key[:40]}' is no name: {letters}, at most 60, beginning with a letter. Rename it."
    return f"{error['msg'].removeprefix('Value error, ')}."


def _said(error: ErrorDetails, node: object) -> str:
    """Return what is wrong with a value, in words for people who write scenarios."""
    kind = error["type"]
    if kind == "union_tag_invalid":
        tag = str(error["ctx"]["tag"])
        return f"kind '{tag[:40]}' is none of {', '.join(KINDS)}"
    if kind == "union_tag_not_found" and isinstance(node, dict):
        return f"key 'kind' is missing here. Possible kinds: {', '.join(KINDS)}"
    if kind in {"too_long", "missing"} and isinstance(node, list):
        return f"is a list of {len(node)}; it must be a list of two: [first, last]"
    if kind == "string_pattern_mismatch":
        clock = ":" in error["ctx"]["pattern"]
        what = "a time from 00:00 to 23:59, HH:MM, in quotes" if clock else "a name of letters, digits, - and _"
        return f"must be {what}"
    for start, words in WORDS.items():
        if kind.startswith(start):
            return words
    said = error["msg"].removeprefix("Value error, ")
    return said.replace("Input should be", "must be")


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
        "mechanisms": Mechanism,
    }  # fmt: skip
    if loc[0] == "truth":
        return set(KINDS[str(loc[2])].model_fields)
    for step in reversed(loc[:-1]):
        if step in parents:
            return set(parents[str(step)].model_fields)
    return set(Scenario.model_fields) - {WORKED_OUT}
