"""Texts that match several patterns at once and have a length in a range: drawn, never rejected.

The patterns become one automaton. For every state and every number of characters left it is known whether the end can
be reached, so that a text is built character by character without a step back, and what cannot be is known at once.
"""

from __future__ import annotations

import importlib
import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Literal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

How = Literal["all", "start", "anywhere"]  # what of a text a pattern is about: re.fullmatch, re.match, re.search
PLAIN = string.digits + string.ascii_uppercase + string.ascii_lowercase + " " + string.punctuation
BEYOND = "éßΩж中\t\n"  # letters of other scripts, and white space
MOST_STATES = 4_000
MORE = 16  # lengths beyond the shortest that are drawn, where nothing else bounds them
_parser: Any = importlib.import_module("re._parser")  # what `re` itself reads patterns with


def fewest_characters(pattern: str) -> int:
    """Return how many characters a text at least has, counting parts that say nothing as one each.

    Examples:
        >>> fewest_characters("^[A-Z]{3}-?$"), fewest_characters("(){500}")
        (3, 500)
    """
    return _fewest(_parser.parse(pattern))


def _fewest(nodes: Iterable[Any]) -> int:
    total = 0
    for kind, given in nodes:
        name = str(kind)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            total += given[0] * max(1, _fewest(given[2]))
        elif name in {"SUBPATTERN", "ATOMIC_GROUP"}:
            total += _fewest(given[-1] if name == "SUBPATTERN" else given)
        elif name == "BRANCH":
            total += min(_fewest(branch) for branch in given[1])
        elif name in {"LITERAL", "NOT_LITERAL", "ANY", "IN", "RANGE", "CATEGORY"}:
            total += 1
    return total


class UnreadablePatternError(Exception):
    """A pattern has a part that is not regular, or not read here: look-around, references back, word boundaries."""


Guard = Literal["", "start", "end"]


@dataclass
class _Pattern:
    """A pattern as an automaton whose steps may be to several states, and whose anchors are steps without a character.

    Attributes:
        alphabet: all characters that are drawn.
        steps: of each state: (characters, next state).
        free: of each state: (where it is allowed, next state), without a character.
    """

    alphabet: str
    flags: int = 0
    steps: list[list[tuple[frozenset[str], int]]] = field(default_factory=list)
    free: list[list[tuple[Guard, int]]] = field(default_factory=list)

    def state(self) -> int:
        if len(self.steps) >= MOST_STATES:
            raise UnreadablePatternError
        self.steps.append([])
        self.free.append([])
        return len(self.steps) - 1

    def sequence(self, nodes: Iterable[Any], start: int) -> int:
        for node in nodes:
            start = self.node(node, start)
        return start

    def node(self, node: tuple[Any, Any], start: int) -> int:
        kind, given = str(node[0]), node[1]
        if kind == "BRANCH":
            end = self.state()
            for branch in given[1]:
                self.free[self.sequence(branch, start)].append(("", end))
            return end
        if kind == "SUBPATTERN":
            if given[1] or given[2]:
                raise UnreadablePatternError
            return self.sequence(given[3], start)
        if kind in {"MAX_REPEAT", "MIN_REPEAT"}:
            return self.repeat(given, start)
        if kind == "AT":
            end = self.state()
            self.free[start].append((_guard(str(given)), end))
            return end
        end = self.state()
        self.steps[start].append((self.characters(kind, given), end))
        return end

    def repeat(self, given: tuple[int, Any, Any], start: int) -> int:
        fewest, most, nodes = given
        if fewest > MOST_STATES or MOST_STATES < most < _parser.MAXREPEAT:
            raise UnreadablePatternError
        for _ in range(fewest):
            start = self.sequence(nodes, start)
        end = self.state()
        self.free[start].append(("", end))
        if most == _parser.MAXREPEAT:
            again = self.state()
            self.free[start].append(("", again))
            self.free[self.sequence(nodes, again)] += [("", again), ("", end)]
            return end
        for _ in range(most - fewest):
            start = self.sequence(nodes, start)
            self.free[start].append(("", end))
        return end

    def characters(self, kind: str, given: Any) -> frozenset[str]:
        if kind == "ANY":
            return frozenset(each for each in self.alphabet if each != "\n" or self.flags & re.DOTALL)
        nodes = given if kind == "IN" else [(kind, given)]
        meant = [_meant(str(name), value, self.flags) for name, value in nodes if str(name) != "NEGATE"]
        negated = any(str(name) == "NEGATE" for name, _ in nodes)
        return frozenset(each for each in self.alphabet if any(fits(each) for fits in meant) != negated)

    def closure(self, states: Iterable[int], *, start: bool, end: bool) -> frozenset[int]:
        """Return the states that are reached without a character, where the text starts or ends or neither."""
        found, waiting = set(), list(states)
        while waiting:
            state = waiting.pop()
            if state not in found:
                found.add(state)
                waiting += [to for guard, to in self.free[state] if not guard or (start if guard == "start" else end)]
        return frozenset(found)


def _guard(where: str) -> Guard:
    if where in {"AT_BEGINNING", "AT_BEGINNING_STRING"}:
        return "start"
    if where in {"AT_END", "AT_END_STRING"}:
        return "end"
    raise UnreadablePatternError


def _meant(kind: str, given: Any, flags: int) -> Any:
    """Return whether a character is meant by a node of a pattern."""
    if kind in {"LITERAL", "NOT_LITERAL"}:
        body = re.escape(chr(given))
        body = body if kind == "LITERAL" else f"[^{body}]"
    elif kind == "RANGE":
        body = f"[{re.escape(chr(given[0]))}-{re.escape(chr(given[1]))}]"
    elif kind == "CATEGORY" and str(given) in _CATEGORIES:
        body = _CATEGORIES[str(given)]
    else:
        raise UnreadablePatternError
    return re.compile(body, flags & (re.IGNORECASE | re.ASCII)).fullmatch


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d", "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_SPACE": r"\s", "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w", "CATEGORY_NOT_WORD": r"\W",
}  # fmt: skip


def _named(nodes: Iterable[Any]) -> Iterator[str]:
    """Yield the characters a pattern names."""
    for kind, given in nodes:
        name = str(kind)
        if name in {"LITERAL", "NOT_LITERAL"}:
            yield chr(given)
        elif name == "RANGE":
            yield from map(chr, given)
        elif name == "IN":
            yield from _named(given)
        elif name == "BRANCH":
            for branch in given[1]:
                yield from _named(branch)
        elif name in {"SUBPATTERN", "MAX_REPEAT", "MIN_REPEAT"}:
            yield from _named(given[-1])


def _read(regex: str, how: How, alphabet: str) -> _Pattern:
    parsed = _parser.parse(regex)
    flags = parsed.state.flags
    if flags & (re.MULTILINE | re.LOCALE):
        raise UnreadablePatternError
    found = _Pattern(alphabet, flags)
    start = found.state()
    everything = frozenset(alphabet)
    if how == "anywhere":
        found.steps[start].append((everything, start))
        begin = found.state()
        found.free[start].append(("", begin))
    end = found.sequence(parsed, begin if how == "anywhere" else start)
    last = found.state()
    found.free[end].append(("end" if how == "all" else "", last))
    if how != "all":
        found.steps[last].append((everything, last))
    return found


State = tuple[frozenset[int], ...]


@dataclass(frozen=True)
class Language:
    r"""All texts that match some patterns and have a length in a range.

    Characters are those of ASCII, a few beyond, and those the patterns name.

    Args:
        patterns: pattern, and what of the text it is about.
        min_size: fewest characters.
        max_size: most characters; None: no bound.

    Examples:
        >>> Language((("[A-Z]+", "all"), ("X", "anywhere")), 3).lengths[0]
        3
        >>> Language((("^[A-Z]{2}$", "anywhere"),), 3).lengths
        ()
    """

    patterns: tuple[tuple[str, How], ...]
    min_size: int = 0
    max_size: int | None = None

    @cached_property
    def _alphabet(self) -> str:
        named = "".join(each for regex, _ in self.patterns for each in _named(_parser.parse(regex)))
        return "".join(dict.fromkeys(PLAIN + "".join(sorted(set(named) - set(PLAIN))) + BEYOND))

    @cached_property
    def _read(self) -> tuple[_Pattern, ...]:
        return tuple(_read(regex, how, self._alphabet) for regex, how in self.patterns)

    @cached_property
    def _classes(self) -> tuple[str, ...]:
        """Characters that no pattern tells apart, the plainest first."""
        sets = {chars for each in self._read for steps in each.steps for chars, _ in steps}
        found: dict[tuple[bool, ...], str] = {}
        for each in self._alphabet:
            told = tuple(each in chars for chars in sets)
            found[told] = found.get(told, "") + each
        return tuple(found.values())

    @cached_property
    def _graph(self) -> Mapping[State, Sequence[tuple[str, State]]]:
        """The steps from every state that can be reached: characters, next state."""
        found: dict[State, list[tuple[str, State]]] = {}
        waiting = [self._start]
        while waiting:
            state = waiting.pop()
            if state in found:
                continue
            found[state] = []
            if len(found) > MOST_STATES:
                raise UnreadablePatternError
            for chars in self._classes:
                to = tuple(
                    each.closure((t for s in of for cs, t in each.steps[s] if chars[0] in cs), start=False, end=False)
                    for each, of in zip(self._read, state, strict=True)
                )
                if all(to):
                    found[state].append((chars, to))
                    waiting.append(to)
        return found

    @cached_property
    def _start(self) -> State:
        return tuple(each.closure([0], start=True, end=False) for each in self._read)

    def _accepts(self, state: State) -> bool:
        first = state == self._start
        return all(
            len(each.steps) - 1 in each.closure(of, start=first, end=True)
            for each, of in zip(self._read, state, strict=True)
        )

    @cached_property
    def _reach(self) -> Sequence[frozenset[State]]:
        """The states from which the end is so many characters away, for as many as are drawn."""
        before: dict[State, set[State]] = {}
        for state, steps in self._graph.items():
            for _, to in steps:
                before.setdefault(to, set()).add(state)
        layers = [frozenset(state for state in self._graph if self._accepts(state))]
        last = self.min_size + len(self._graph) + MORE
        n_found = 0
        while layers[-1] and len(layers) <= last and n_found < MORE:
            layers.append(frozenset(one for state in layers[-1] for one in before.get(state, ())))
            n_found += self._start in layers[-1] and len(layers) > self.min_size
            if self.max_size is not None and len(layers) > self.max_size:
                break
        return layers

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """The lengths that are drawn, the shortest first; none if there is no such text."""
        return tuple(
            length
            for length, states in enumerate(self._reach)
            if self._start in states and length >= self.min_size and (self.max_size is None or length <= self.max_size)
        )

    def texts(self) -> SearchStrategy[str]:
        """Return the strategy of texts; it shrinks to the shortest, and of these to the plainest."""
        graph, reach = self._graph, self._reach
        lengths = st.sampled_from(self.lengths)

        @cache
        def choices(state: State, left: int) -> SearchStrategy[tuple[str, State]]:
            found = [(each, to) for chars, to in graph[state] if to in reach[left - 1] for each in chars]
            return st.sampled_from(sorted(found, key=lambda pair: self._alphabet.index(pair[0])))

        @st.composite
        def texts(draw: DrawFn) -> str:
            state, text = self._start, []
            for left in range(draw(lengths), 0, -1):
                char, state = draw(choices(state, left))
                text.append(char)
            return "".join(text)

        return texts()
