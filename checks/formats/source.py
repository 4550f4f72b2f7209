"""The text of a foreign rule file as a tree of typed values, with the line of every place.

YAML is read as the tools that own these formats read it (`yes` is true, 010 is eight), JSON as JSON. Tags are refused,
aliases are followed up to a bound, and a text that is neither is refused in one line with file and line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from checks.not_text import what_it_is
from synth.errors import RuleError

Place: TypeAlias = "tuple[str | int, ...]"

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 100
MAX_NODES = 500_000  # after aliases are followed
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = tuple(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null"))
_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels. Flatten it."
_KINDS = {dict: "a mapping", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}


@dataclass(frozen=True)
class Source:
    """One rule file.

    Attributes:
        name: what messages call it; empty for a text without a file.
        text: all of it.
    """

    name: str
    text: str

    @property
    def suffix(self) -> str:
        """The ending of its name in lower case, with the dot."""
        return Path(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        """Its name without folder and ending."""
        return Path(self.name).stem or "rules"

    @cached_property
    def tree(self) -> Any:
        r"""The typed values of a YAML or JSON text.

        Examples:
            >>> Source("", "a: 1\nb: [yes, x, null]\n").tree
            {'a': 1, 'b': [True, 'x', None]}
        """
        return self._read[0]

    def line(self, place: Place) -> int:
        r"""Return the line of a place, or of the nearest place around it.

        Examples:
            >>> Source("", "a: 1\nb:\n  - x\n").line(("b", 0))
            3
        """
        lines = self._read[1]
        while place and place not in lines:
            place = place[:-1]
        return lines.get(place, 1)

    def where(self, place: Place) -> str:
        """Return a place as people write it.

        Examples:
            >>> Source("", "models: [{name: x}]").where(("models", 0, "name"))
            'models[0].name (line 1)'
        """
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")
        return f"{path} (line {self.line(place)})" if path else f"line {self.line(place)}"

    def fail(self, place: Place | int, message: str) -> RuleError:
        """Return (not raise) an error that says file, line and message; the place may be a line number."""
        line = place if isinstance(place, int) else self.line(place)
        return RuleError(f"{self.name}: line {line}: {message}" if self.name else f"line {line}: {message}")

    def mapping(self, node: Any, place: Place) -> dict[str, Any]:
        """Return the node as a mapping, or refuse it."""
        if not isinstance(node, dict):
            raise self._kind(node, place, "a mapping")
        return node

    def sequence(self, node: Any, place: Place) -> list[Any]:
        """Return the node as a list, or refuse it."""
        if not isinstance(node, list):
            raise self._kind(node, place, "a list")
        return node

    def text_at(self, node: Any, place: Place) -> str:
        """Return the node as a text, or refuse it."""
        if not isinstance(node, str):
            raise self._kind(node, place, "a text")
        return node

    def _kind(self, node: Any, place: Place, wanted: str) -> RuleError:
        where = repr(place[-1]) if place else "the file"
        return self.fail(place, f"{where} is {_KINDS.get(type(node), 'a number')}; it must be {wanted}.")

    @cached_property
    def _read(self) -> tuple[Any, Mapping[Place, int]]:
        if self.text.lstrip()[:1] in {"{", "["} and self.suffix not in {".yaml", ".yml"}:
            found = self._as_json()
            if found is not None:
                return found[0], self._lines_of_json()
        return self._as_yaml(self.text)

    def _as_yaml(self, text: str) -> tuple[Any, Mapping[Place, int]]:
        try:
            self._check_depth(text)
            node = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as problem:
            mark = problem.problem_mark or problem.context_mark
            what = " ".join(part for part in (problem.problem, problem.context) if part)
            raise self.fail(mark.line + 1 if mark else 1, f"not YAML: {what}. Is the file complete?") from None
        except yaml.reader.ReaderError as problem:
            line = text.count("\n", 0, problem.position) + 1 if isinstance(problem.position, int) else 1
            raise self.fail(line, "not YAML: a sign that is not allowed stands there. Remove it.") from None
        if node is None:
            raise self.fail(1, "is empty; nothing to read. Is it the right file?")
        builder = _Builder(self)
        return builder.value(node, ()), builder.lines

    def _check_depth(self, text: str) -> None:
        """Refuse what is nested too deep, event by event: the parser that builds a tree calls itself at every level."""
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise self.fail(event.start_mark.line + 1 if event.start_mark else 1, _TOO_DEEP)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1

    def _as_json(self) -> tuple[Any] | None:
        """The values as JSON has them; None where the text is none and may be YAML."""
        try:
            return (json.loads(self.text, object_pairs_hook=self._no_key_twice),)
        except RuleError:
            raise
        except json.JSONDecodeError as problem:
            if self.suffix in {".json", ".tdda"}:
                raise self.fail(problem.lineno, f"not JSON: {problem.msg}. Is the file complete?") from None
        except ValueError as problem:  # a whole number of thousands of digits
            raise self.fail(1, f"not JSON that can be read: {problem}") from None
        except RecursionError:
            raise self.fail(1, _TOO_DEEP) from None
        return None

    def _no_key_twice(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise self.fail(1, f"key {twice!r} is given twice in one mapping. Keep one.")
        return found

    def _lines_of_json(self) -> Mapping[Place, int]:
        """The line of every place, as a YAML reader sees it; what it cannot read has none, and its values stay."""
        try:
            return self._as_yaml(self.text.replace("\t", " "))[1]
        except RuleError as problem:
            if _TOO_DEEP in str(problem):
                raise
            return {}


class _Builder:
    """Builds typed values from nodes; what it meets twice by an alias is built twice, up to a bound."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines: dict[Place, int] = {}
        self.n_nodes = 0
        self.scalars = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, place: Place) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        self.n_nodes += 1
        if self.n_nodes > MAX_NODES:
            raise self.source.fail(line, f"has more than {MAX_NODES} values once its aliases are followed. Split it.")
        if len(place) > MAX_DEPTH:
            raise self.source.fail(line, f"nested deeper than {MAX_DEPTH} levels. Flatten it.")
        if not isinstance(node, yaml.ScalarNode) and node.tag not in _COLLECTIONS:
            raise self.source.fail(line, f"tag {node.tag!r} is not read. Write the value without it.")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, line)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        built: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag.endswith(":merge"):
                parts = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                for part in parts:
                    merged = {**self.source.mapping(self.value(part, place), place), **merged}
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.source.fail(line, "a key must be a text; got a list or mapping.")
            key = str(key_node.value)
            if key in built:
                raise self.source.fail(line, f"key {key!r} is given twice in one mapping. Keep one.")
            self.lines[*place, key] = line
            built[key] = self.value(value_node, (*place, key))
        return {**merged, **built}

    def _scalar(self, node: yaml.Node, line: int) -> Any:
        if node.tag == "tag:yaml.org,2002:timestamp":
            return str(node.value)
        if node.tag not in _PLAIN:
            raise self.source.fail(line, f"tag {node.tag!r} is not read. Write the value without it.")
        try:
            return self.scalars.construct_object(node)
        except (ValueError, TypeError):
            return str(node.value)


def read_source(path: Path) -> Source:
    """Read a rule file of at most 5 MB as UTF-8."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as problem:
        raise RuleError(
            f"{path}: cannot be read ({problem.strerror or problem}). Give the path of a rule file."
        ) from None
    if len(raw) > MAX_BYTES:
        raise RuleError(f"{path}: has more than {MAX_BYTES // 1024 // 1024} MB; a rule file has less. Split it.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        what = what_it_is(raw)
        if what:
            raise RuleError(f"{path}: is {what}, not a text with rules. Give the path of a rule file.") from None
        line = raw.count(b"\n", 0, problem.start) + 1
        raise RuleError(
            f"{path}: line {line}: byte {raw[problem.start]:#04x} is not UTF-8. Save it as UTF-8."
        ) from None
    if not text.strip():
        raise RuleError(f"{path}: line 1: is empty; nothing to read. Is it the right file?")
    return Source(str(path), text)
