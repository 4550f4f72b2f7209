"""The JSON Schema of a scenario file, for editors that complete keys, show help and underline mistakes as one types.

The scenario reader takes every scalar as text; an editor has already typed it. Where the two differ, the schema allows
both: `yes` and `no` are texts to some readers of YAML and booleans to others, `67` and `"67"` are both a count. What
only the whole file can tell (a condition on a field below, a quota that cannot be met) is left to `scenario check`.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, TypeAlias

from synth.spec import Part, Scenario

Schema: TypeAlias = "dict[str, Any]"

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BOOLEAN: Schema = {"enum": [True, False, "yes", "no", "true", "false", "on", "off"]}
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
DIGITS: Schema = {"type": "string", "pattern": "^[0-9]+$"}
WORKED_OUT = "digest"  # never written in a file
LEFT_OUT = ("title", "default", "discriminator")  # made-up titles, defaults told in words, another standard's key


def scenario_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a scenario file.

    Returns:
        A mapping to be written as JSON. Every key of every part is described, from the docstrings of `synth.spec`.

    Examples:
        >>> schema = scenario_schema()
        >>> schema["properties"]["mode"]["enum"]
        ['quota', 'rate']
        >>> schema["$defs"]["FieldSpec"]["properties"]["usage"]["enum"]
        ['mandatory', 'required', 'recommended', 'optional']
    """
    raw = Scenario.model_json_schema()
    parts = {part.__name__: part for part in Part.__subclasses__()}
    definitions = {name: _part(definition, parts[name]) for name, definition in raw.pop("$defs").items()}
    whole = _part(raw, Scenario)
    del whole["properties"][WORKED_OUT]
    return {"$schema": DIALECT, "title": "casegauge scenario", **whole, "$defs": definitions}


def _part(raw: Schema, part: type[Part]) -> Schema:
    """Return the schema of one part, with its first sentence and what its docstring says of every key."""
    said = inspect.getdoc(part) or ""
    keys = attributes_of(said)
    properties = {
        name: {**_as_written(value), "description": keys.get(name, "")} for name, value in raw["properties"].items()
    }
    return {
        "type": "object",
        "description": said.split("\n\n")[0],
        "properties": properties,
        "required": raw.get("required", []),
        "additionalProperties": False,
    }


def attributes_of(docstring: str) -> dict[str, str]:
    r"""Return what the section `Attributes` of a docstring says of each name, on one line.

    Examples:
        >>> attributes_of("A field.\n\nAttributes:\n    gap: share of cells\n        left open.\n    slip: of errors.")
        {'gap': 'share of cells left open.', 'slip': 'of errors.'}
    """
    _, _, section = docstring.partition("Attributes:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}


def _as_written(value: Any) -> Any:
    """Return a schema that takes a value as any reader of YAML may have typed it."""
    if isinstance(value, list):
        return [_as_written(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "boolean":
        return BOOLEAN
    if value.get("type") == "integer":
        return {"anyOf": [_without(value), DIGITS]}
    if value.get("type") == "string" and not {"pattern", "const", "enum", "format"} & set(value):
        return SCALAR
    written = {key: _as_written(each) for key, each in _without(value).items()}
    if "patternProperties" in written:
        written["additionalProperties"] = False
    if "anyOf" in written:  # a key without a value is a text to us, not a null
        possible = [each for each in written["anyOf"] if each != {"type": "null"}]
        written = {**written, "anyOf": possible} if len(possible) > 1 else {**written, **possible[0]}
        written = written if len(possible) > 1 else {key: each for key, each in written.items() if key != "anyOf"}
    return written


def _without(value: Schema) -> Schema:
    return {key: each for key, each in value.items() if key not in LEFT_OUT}
