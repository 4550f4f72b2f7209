"""YAML read as text: every scalar stays what was written, and every place has a line number.

`no`, `~`, `010` and `12:30` are the texts "no", "~", "010" and "12:30"; an empty value is "". Types are the reader's.
Aliases, explicit tags, duplicate keys, keys that are not text and files above 256 kB are refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml

from synth.errors import CasegaugeError, nearest

Node: TypeAlias = "str | list[Node] | dict[str, Node]"
Place: TypeAlias = "tuple[str | int, ...]"

MAX_BYTES = 256 * 1024
MAX_DEPTH = 64

# libyaml is some ten times faster; both give the same events.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KINDS: dict[type, str] = {dict: "a mapping (key: value)", list: "a list", str: "a text"}


@dataclass(frozen=True)
class Document:
    """A YAML text as nested dict, list and str, with the line of every place.

    Attributes:
        data: the tree.
        lines: line number (from 1) of every place; a mapping entry's line is its key's line.
        name: what error messages call the file; empty for a text without one.
        error: the error type raised about this document.
    """

    data: Node
    lines: Mapping[Place, int]
    name: str
    error: type[CasegaugeError]

    def line(self, place: Place) -> int:
        r"""Return the line of a place, or of the nearest place around it.

        Examples:
            >>> load("a: 1\nb:\n  - x\n").line(("b", 0))
            3
        """
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def fail(self, place: Place, message: str) -> CasegaugeError:
        """Return (not raise) an error that says file, line and message.

        Examples:
            >>> str(load("a: 1").fail(("a",), "a is 1; it must be 2."))
            'line 1: a is 1; it must be 2.'
        """
        return self.error(_located(self.name, self.line(place), message))

    def at(self, place: Place) -> Node:
        """Return the part of the tree at a place that exists."""
        node = self.data
        for step in place:
            node = node[step]  # type: ignore[index]  # the caller walks a place that exists
        return node

    def mapping(self, place: Place = (), *, possible: Collection[str] | None = None) -> dict[str, Node]:
        """Return the mapping at a place; with `possible`, refuse any other key by line, key and nearest name.

        Examples:
            >>> load("colour: red").mapping(possible=["color", "size"])
            Traceback (most recent call last):
            synth.errors.CasegaugeError: line 1: unknown key 'colour'. Did you mean 'color'?
        """
        node = self.at(place)
        if not isinstance(node, dict):
            raise self._kind(place, dict, node)
        if possible is not None:
            for key in node:
                if key not in possible:
                    raise self.fail((*place, key), f"unknown key {key!r}. {nearest(key, possible)}")
        return node

    def sequence(self, place: Place) -> list[Node]:
        """Return the list at a place."""
        node = self.at(place)
        if not isinstance(node, list):
            raise self._kind(place, list, node)
        return node

    def text(self, place: Place) -> str:
        """Return the text at a place."""
        node = self.at(place)
        if not isinstance(node, str):
            raise self._kind(place, str, node)
        return node

    def texts(self, place: Place) -> tuple[str, ...]:
        """Return the list of texts at a place; a single text counts as a list of one."""
        if isinstance(self.at(place), str):
            return (self.text(place),)
        return tuple(self.text((*place, index)) for index in range(len(self.sequence(place))))

    def _kind(self, place: Place, wanted: type, got: Node) -> CasegaugeError:
        where = f"{place[-1]!r}" if place else "the document"
        shown = f" ({got[:40]!r})" if isinstance(got, str) else ""
        return self.fail(place, f"{where} is {_KINDS[type(got)]}{shown}; it must be {_KINDS[wanted]}.")


def load(
    source: Path | str,
    *,
    error: type[CasegaugeError] = CasegaugeError,
    name: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> Document:
    r"""Read a YAML file (a Path) or a YAML text (a str).

    Args:
        source: a Path is opened; a str is the YAML itself.
        error: raised, in one line, when it cannot be used.
        name: what messages call it; default: the path as given, or nothing for a text.
        max_bytes: the most that is read.

    Examples:
        >>> load("code: 010\nopen: no\ntime: 12:30\nnone: ~\n").data
        {'code': '010', 'open': 'no', 'time': '12:30', 'none': '~'}
    """
    name = name if name is not None else (str(source) if isinstance(source, Path) else "")
    text = _read(source, name, error, max_bytes) if isinstance(source, Path) else source.removeprefix("\ufeff")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise error(f"{name or 'the YAML text'}: has {size} bytes; at most {max_bytes} are read. Split the file.")
    try:
        data, lines = _build(yaml.parse(text, Loader=_Loader), name, error)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else 1
        raise error(_located(name, line, f"not YAML: {_explained(problem, text, line)}")) from None
    except yaml.reader.ReaderError as problem:
        line = text.count("\n", 0, problem.position) + 1 if isinstance(problem.position, int) else 1
        sign = problem.character if isinstance(problem.character, int) else 0
        raise error(_located(name, line, f"not YAML: the sign U+{sign:04X} is not allowed. Remove it.")) from None
    except (yaml.YAMLError, UnicodeEncodeError) as problem:
        raise error(_located(name, 1, f"not YAML: {' '.join(str(problem).split())}.")) from None
    return Document(data, lines, name, error)


# What the parser says, and what it mostly means.
_HINTS = {
    "mapping values are not allowed": "Indent the line as those around it; put a text with ': ' in quotes.",
    "did not find expected key": "Indent the line as those above it; close every quote and bracket before it.",
    "expected <block end>": "Indent the line as those above it; close every quote and bracket before it.",
    "expected ',' or": "Close the bracket before it.",
    "expected <document start>": "One file holds one document.",
    "could not find expected ':'": "A line is `key: value` or `- value`.",
    "unexpected end of stream": "Close the quote.",
}


def _explained(problem: yaml.MarkedYAMLError, text: str, line: int) -> str:
    """Return what the parser says, with what to do about it."""
    written = text.split("\n")[line - 1 : line]
    if written and "\t" in written[0][: len(written[0]) - len(written[0].lstrip())]:
        return "a tab stands at the beginning of the line. Indent with spaces."
    what = " ".join(part for part in (problem.problem, problem.context) if part)
    hint = next((hint for said, hint in _HINTS.items() if said in what), "")
    return f"{what}. {hint}".rstrip()


def _read(path: Path, name: str, error: type[CasegaugeError], max_bytes: int) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(max_bytes + 1)
    except OSError as problem:
        raise error(f"{name}: cannot be read ({problem.strerror or problem}). Give the path of a YAML file.") from None
    if len(raw) > max_bytes:
        raise error(f"{name}: has more than {max_bytes} bytes; at most {max_bytes} are read. Split the file.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise error(_located(name, line, f"byte {raw[problem.start]:#04x} is not UTF-8. Save as UTF-8.")) from None


def _located(name: str, line: int, message: str) -> str:
    return f"{name}: line {line}: {message}" if name else f"line {line}: {message}"


def _build(events: Iterator[yaml.Event], name: str, error: type[CasegaugeError]) -> tuple[Node, dict[Place, int]]:
    """Fold the events into a tree; a stack instead of recursion, so that depth is ours to limit."""
    tree = _Tree(name, error)
    for event in events:
        tree.refuse(event)
        if isinstance(event, yaml.ScalarEvent):
            tree.put(event.value, event)
        elif isinstance(event, yaml.MappingStartEvent):
            tree.open({}, event)
        elif isinstance(event, yaml.SequenceStartEvent):
            tree.open([], event)
        elif isinstance(event, yaml.CollectionEndEvent):
            tree.stack.pop()
    if not tree.root:
        raise error(f"{name or 'the YAML text'}: line 1: is empty; nothing to read. Is it the right file?")
    return tree.root[0], tree.lines


@dataclass
class _Open:
    """A mapping or list whose end has not been seen; `key` waits for its value."""

    node: dict[str, Node] | list[Node]
    place: Place
    key: str | None = None


class _Tree:
    """The part of the tree read so far."""

    def __init__(self, name: str, error: type[CasegaugeError]) -> None:
        self.name, self.error = name, error
        self.lines: dict[Place, int] = {(): 1}
        self.stack: list[_Open] = []
        self.root: list[Node] = []

    def fail(self, event: yaml.Event, message: str) -> CasegaugeError:
        return self.error(_located(self.name, _line(event), message))

    def refuse(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self.fail(event, f"alias *{event.anchor} is not read. Write the value out.")
        if getattr(event, "anchor", None) is not None:
            raise self.fail(event, f"anchor &{getattr(event, 'anchor', '')} is not read. Remove it.")
        if getattr(event, "tag", None) not in {None, "!"}:
            raise self.fail(event, "a tag (!...) is not read; every value is text. Remove the tag.")

    def open(self, node: dict[str, Node] | list[Node], event: yaml.Event) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self.fail(event, f"nested deeper than {MAX_DEPTH} levels. Flatten it.")
        self.stack.append(_Open(node, self.put(node, event)))

    def put(self, node: Node, event: yaml.Event) -> Place:
        """Put a node where it belongs and return its place."""
        if not self.stack:
            if self.root:
                raise self.fail(event, "a second document starts here; one file holds one document.")
            self.root.append(node)
            return ()
        top = self.stack[-1]
        if isinstance(top.node, list):
            place: Place = (*top.place, len(top.node))
            top.node.append(node)
            self.lines[place] = _line(event)
            return place
        if top.key is None:
            top.key = self._key(top, node, event)
            return (*top.place, top.key)
        place, top.node[top.key], top.key = (*top.place, top.key), node, None
        return place

    def _key(self, top: _Open, node: Node, event: yaml.Event) -> str:
        if not isinstance(node, str):
            raise self.fail(event, "a key must be a text; got a list or mapping.")
        if node == "<<":
            raise self.fail(event, "a merge key (<<) is not read. Write the keys out.")
        place = (*top.place, node)
        if place in self.lines:
            raise self.fail(event, f"key {node!r} is given twice (first on line {self.lines[place]}). Keep one.")
        self.lines[place] = _line(event)
        return node


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
