"""Conditions on rows written as text, read by a small grammar of our own; nothing in them is ever run.

The grammar has comparisons of columns and constants, `in` lists, null tests, and, or, not and parentheses, in the
spelling of `DataFrame.query`, of Spark SQL and of Great Expectations' `col("x")`. Anything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from checks.predicates import AllOf, AnyOf, Between, Compare, InSet, Not, NotIn, NotNull, Operator, Predicate
from checks.stored_values import listed, stored_kind
from synth.errors import RuleError

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<text>"[^"\\]*"|'[^'\\]*')
    | (?P<quoted>`[^`]+`)
    | (?P<method>\.(?:notnull|isnull|notna|isna)\(\)|\.isin)
    | (?P<col>col\(\s*(?P<of>"[^"\\]*"|'[^'\\]*')\s*\))
    | (?P<date>date\(\s*(?P<day>"[^"\\]*"|'[^'\\]*')\s*\))
    | (?P<operator>==|!=|<>|<=|>=|=|<|>)
    | (?P<sign>[()\[\],&|~])
    | (?P<word>[^\W\d]\w*)
    )""",
    re.VERBOSE,
)
_FLIPPED: dict[str, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_SPELT: dict[str, Operator] = {
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "==": "==",
    "=": "==",
    "!=": "!=",
    "<>": "!=",
}
_WORDS = {"and": "&", "or": "|", "not": "not", "in": "in"}
_SQL_WORDS = {**_WORDS, "is": "is", "null": "null"}
_CONSTANTS = {"True": True, "False": False}
_SQL_CONSTANTS = {"true": True, "false": False}
_NO_NAMES = ("none", "nan", "null", "nat")
MAX_LENGTH = 10_000
MAX_DEPTH = 50


def read_condition(text: str, *, sql: bool = False) -> Predicate:
    """Return the rows a condition keeps, as a predicate that holds there and fails elsewhere.

    Args:
        text: the condition.
        sql: whether a null makes a comparison unknown and so its contrary too, as in Spark SQL; else a comparison with
            a null is false, and with != true, as in pandas.

    Examples:
        >>> read_condition("st == 'closed' and x > 3").of[1]
        AllOf(of=(NotNull(field='x'), Between(field='x', min=3, max=None, exclude_min=True, exclude_max=False, as_='stored', stored='number')))
        >>> read_condition("@pd.io.common.os.system('ls')")
        Traceback (most recent call last):
        synth.errors.RuleError: row_condition "@pd.io.common.os.system('ls')": '@pd.io.common.os.system' is not read. Only comparisons, in lists, null tests, and, or, not and parentheses are.
    """  # noqa: E501  # what is shown
    if len(text) > MAX_LENGTH:
        raise RuleError(f"row_condition has {len(text)} characters; at most {MAX_LENGTH} are read.")
    return _Parser(text, sql=sql).whole()


def build_condition(given: Mapping[str, Any]) -> Predicate:
    """Return the rows a condition keeps that is given as a tree (Great Expectations 1.x).

    Examples:
        >>> build_condition({"type": "nullity", "column": {"name": "x"}, "is_null": False})
        NotNull(field='x')
    """
    kind = given.get("type")
    if kind == "pass_through":
        return read_condition(str(given["pass_through_filter"]))
    if kind in {"and", "or"}:
        parts = tuple(build_condition(part) for part in given["conditions"])
        return AllOf(parts) if kind == "and" else AnyOf(parts)
    if kind not in {"comparison", "nullity"}:
        raise RuleError(f"row_condition has type {kind!r}. Possible: comparison, nullity, and, or, pass_through.")
    column = given["column"]
    name = str(column["name"] if isinstance(column, Mapping) else column)
    if kind == "nullity":
        return Not(NotNull(name)) if given["is_null"] else NotNull(name)
    operator, value = given["operator"], given["parameter"]
    if operator in {"IN", "NOT_IN"}:
        return _listed(name, list(value), inside=operator == "IN", sql=False)
    if operator not in _FLIPPED or not isinstance(value, (str, int, float)):
        raise RuleError(f"row_condition: {operator!r} with {value!r} is not read.")
    return _compared(name, operator, value, sql=False)


class _Name(str):
    """The name of a column, as against a constant text."""

    __slots__ = ()


class _Parser:
    """Reads one condition by recursive descent."""

    def __init__(self, text: str, *, sql: bool) -> None:
        self.text = text
        self.sql = sql
        self.tokens = self._split()
        self.at = 0
        self.depth = 0

    def whole(self) -> Predicate:
        read = self._either()
        if self._kind:
            raise self._refused(self.tokens[self.at][1])
        return read

    def _split(self) -> list[tuple[str, Any]]:
        tokens: list[tuple[str, Any]] = []
        at, end = 0, len(self.text.rstrip())
        while at < end:
            found = _TOKEN.match(self.text, at)
            if found is None:
                raise self._refused(re.split(r"[\s()]", self.text[at:].strip())[0] or self.text[at])
            tokens.append(self._token(found))
            at = found.end()
        return tokens

    def _token(self, found: re.Match[str]) -> tuple[str, Any]:
        kind, text = str(found.lastgroup), found.group().strip()
        if found["col"]:
            return "name", _Name(found["of"][1:-1])
        if found["date"]:
            return "constant", found["day"][1:-1]
        if found["quoted"]:
            return "name", _Name(text[1:-1])
        if found["text"]:
            return "constant", text[1:-1]
        if found["number"]:
            return "constant", float(text) if re.search(r"[.eE]", text) else int(text)
        if found["operator"]:
            if text in {"=", "<>"} and not self.sql:
                raise self._refused(text)
            return "operator", _SPELT[text]
        if found["word"]:
            return self._word(text)
        return "sign" if kind == "sign" else "method", text

    def _word(self, text: str) -> tuple[str, Any]:
        word, words = (text.lower(), _SQL_WORDS) if self.sql else (text, _WORDS)
        if word in words:
            return "sign", words[word]
        constant = (_SQL_CONSTANTS if self.sql else _CONSTANTS).get(word)
        if constant is None and text.lower() in _NO_NAMES:
            raise self._refused(text)
        return ("name", _Name(text)) if constant is None else ("constant", constant)

    @property
    def _kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _next(self) -> Any:
        if not self._kind:
            raise RuleError(f"row_condition {self.text!r} ends too early.")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _takes(self, sign: str) -> bool:
        taken = self._kind == "sign" and self.tokens[self.at][1] == sign
        self.at += taken
        return taken

    def _refused(self, what: Any) -> RuleError:
        return RuleError(
            f"row_condition {self.text!r}: {str(what)!r} is not read. Only comparisons, in lists, null tests, and, or, "
            "not and parentheses are."
        )

    def _either(self) -> Predicate:
        parts = [self._both()]
        while self._takes("|"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _both(self) -> Predicate:
        parts = [self._one()]
        while self._takes("&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self) -> Predicate:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise RuleError(f"row_condition is nested deeper than {MAX_DEPTH} levels.")
        try:
            if self._takes("not"):
                return Not(self._one())
            if self._takes("~"):  # binds tighter than a comparison
                return Not(self._within() if self._takes("(") else self._bare())
            return self._within() if self._takes("(") else self._comparison()
        finally:
            self.depth -= 1

    def _within(self) -> Predicate:
        inner = self._either()
        if not self._takes(")"):
            raise RuleError(f"row_condition {self.text!r} has a parenthesis that is not closed.")
        return inner

    def _bare(self) -> Predicate:
        name = self._side()
        if not isinstance(name, _Name) or self._kind == "operator":
            raise self._refused("~")
        return self._method(name) if self._kind == "method" else listed(str(name), (True,))

    def _comparison(self) -> Predicate:
        left = self._side()
        if isinstance(left, _Name):
            if self._kind == "method":
                return self._method(left)
            if self._takes("is"):
                absent = not self._takes("not")
                if not self._takes("null"):
                    raise self._refused("is")
                return Not(NotNull(left)) if absent else NotNull(left)
            negated = self._takes("not")
            if self._takes("in"):
                return _listed(left, self._list(), inside=not negated, sql=self.sql)
            if negated:
                raise self._refused("not")
            if self._kind != "operator":
                return listed(left, (True,))
        held = []
        while self._kind == "operator":
            operator, right = self._next(), self._side()
            held.append(self._pair(left, operator, right))
            left = right
        if not held:
            raise self._refused(left)
        return held[0] if len(held) == 1 else AllOf(tuple(held))

    def _pair(self, left: Any, operator: Operator, right: Any) -> Predicate:
        if isinstance(left, _Name) and isinstance(right, _Name):
            return _fields(str(left), operator, str(right), sql=self.sql)
        if isinstance(right, _Name):
            left, operator, right = right, _FLIPPED[operator], left
        if not isinstance(left, _Name):
            raise RuleError(f"row_condition {self.text!r} compares two constants.")
        return _compared(str(left), operator, right, sql=self.sql)

    def _method(self, name: _Name) -> Predicate:
        method = self._next()
        if method == ".isin":
            if not self._takes("("):
                raise self._refused(".isin")
            listed = self._list()
            if not self._takes(")"):
                raise self._refused(".isin")
            return _listed(str(name), listed, inside=True, sql=self.sql)
        return NotNull(str(name)) if method.startswith(".not") else Not(NotNull(str(name)))

    def _side(self) -> Any:
        if self._kind not in {"name", "constant"}:
            raise self._refused(self._next())
        return self._next()

    def _list(self) -> list[Any]:
        closing = "]" if self._takes("[") else ")"
        if closing == ")" and not self._takes("("):
            raise self._refused(self._next())
        listed: list[Any] = []
        while not self._takes(closing):
            if self._kind != "constant":
                raise self._refused(self._next())
            listed.append(self._next())
            if not self._takes(",") and not (self._kind == "sign" and self.tokens[self.at][1] == closing):
                raise self._refused(self._next())
        return listed


def _present(field: str, predicate: Predicate) -> Predicate:
    """A comparison that is false, not unknown, where the value is null."""
    return AllOf((NotNull(field), predicate))


def _listed(field: str, values: list[Any], *, inside: bool, sql: bool) -> Predicate:
    if sql:  # which reads texts as numbers where it compares them
        return InSet(field, tuple(values)) if inside else NotIn(field, tuple(values))
    found = listed(field, values, inside=inside)
    return _present(field, found) if inside else AnyOf((Not(NotNull(field)), found))


def _compared(field: str, operator: Operator, value: Any, *, sql: bool) -> Predicate:
    if operator in {"==", "!="}:
        return _listed(field, [value], inside=operator == "==", sql=sql)
    side = "min" if operator in {">", ">="} else "max"
    more: dict[str, Any] = {side: value, f"exclude_{side}": operator in {"<", ">"}}
    if sql:
        return Between(field, **more, as_="text" if isinstance(value, str) else "auto")
    ordered = Between(field, **more, as_="stored", stored=stored_kind(value))
    return _present(field, ordered)


def _fields(left: str, operator: Operator, right: str, *, sql: bool) -> Predicate:
    if sql:
        return Compare(left, operator, right)
    compared = Compare(left, operator, right, "stored")
    either_null = AnyOf((Not(NotNull(left)), Not(NotNull(right))))
    return AnyOf((either_null, compared)) if operator == "!=" else AllOf((NotNull(left), NotNull(right), compared))
