"""Rule sets in the Data Quality Definition Language (DQDL)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from checks.formats.collector import Collector
from checks.formats.source import Source
from checks.patterns import engine_of
from checks.predicates import (
    AllOf,
    AnyOf,
    Between,
    Expression,
    ForeignKey,
    HasColumn,
    InSet,
    Length,
    Measure,
    Not,
    NotIn,
    NotNull,
    Pattern,
    Predicate,
    ReadAs,
    Typed,
    Unique,
)
from checks.rule import Limit
from synth.errors import RuleError, nearest

_TOKEN = re.compile(r"""\s*(?:("(?:\\.|[^"\\])*")|(>=|<=|!=|[=<>(),\[\]])|([^\s"(),\[\]=<>!]+)|(\S))""")
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|#[^\n]*')
_LISTS = re.compile(r"\b(Rules|Analyzers)\s*=\s*\[")
_VARIABLE = re.compile(r"^\s*(\w+)\s*=\s*(\[[^\]]*\]|\"(?:\\.|[^\"\\])*\"|[-\w.]+)\s*$", re.MULTILINE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNITS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}
_OPENS, _CLOSES = {"(": 1, "[": 1}, {")": 1, "]": 1}
_KEYWORDS = ("NULL", "EMPTY", "WHITESPACES_ONLY")
_TIMES = "[T ].*$"  # of a moment, what is not its day
_TYPES = {
    "boolean": "boolean", "date": "date", "timestamp": "datetime", "integer": "integer", "long": "integer",
    "double": "number", "float": "number", "decimal": "number", "string": "text",
}  # fmt: skip
_METRICS = {"Mean": "mean", "Sum": "sum", "Median": "median", "StandardDeviation": "stdev"}
_OTHER_DATA = "it compares with another data set as a whole"
_UNSUPPORTED = {
    "CustomSql": "SQL of its own is not run; give a condition",
    "DatasetMatch": _OTHER_DATA,
    "SchemaMatch": _OTHER_DATA,
    "RowCountMatch": _OTHER_DATA,
    "AggregateMatch": _OTHER_DATA,
    "DataFreshness": "it depends on the time of the run",
    "DetectAnomalies": "it depends on earlier runs",
    "AllStatistics": "it depends on earlier runs",
    "ColumnCorrelation": "it is a measure of two columns that is not worked out",
    "Entropy": "it is a measure that is not worked out",
    "ColumnNamesMatchPattern": "it is about the names of columns",
    "FileFreshness": "it is about files, not records",
    "FileMatch": "it is about files, not records",
    "FileUniqueness": "it is about files, not records",
    "FileSize": "it is about files, not records",
    "FileCount": "it is about files, not records",
    "JobStatus": "it is about a job, not records",
    "JobDuration": "it is about a job, not records",
}


class _LostError(RuleError):
    """A rule that has no translation."""


@dataclass(frozen=True)
class _Token:
    text: str
    quoted: bool = False


@dataclass(frozen=True)
class _Condition:
    """An operator with its operands: numbers, texts, days, keywords."""

    operator: str
    operands: tuple[Any, ...]
    kind: str  # number, text, date


@dataclass(frozen=True)
class _Said:
    """What one rule says.

    Attributes:
        predicate: what must hold.
        nulls: what becomes of a null: ignore, fail, or own where the predicate sees to it.
        limits: how much may fail; None: none of it.
        reason: why it is not exact.
        where: the records it is about.
    """

    predicate: Predicate
    nulls: str = "own"
    limits: tuple[Limit, ...] = ()
    reason: str = ""
    where: Predicate | None = None

    def alone(self) -> Predicate:
        """The predicate with its nulls seen to, as a part of another."""
        if self.where is not None:
            return AnyOf((Not(self.where), self.predicate))
        name = getattr(self.predicate, "field", None) or getattr(getattr(self.predicate, "of", None), "field", None)
        if self.nulls == "own" or not isinstance(name, str):
            return self.predicate
        if self.nulls == "fail":
            return AllOf((NotNull(name), self.predicate))
        return AnyOf((Not(NotNull(name)), self.predicate))


def translate(source: Source, collector: Collector) -> None:
    """Translate every rule of the list Rules."""
    text = _COMMENT.sub(lambda found: found[1] or "", source.text)
    opened = next((found for found in _LISTS.finditer(text) if found[1] == "Rules"), None)
    if opened is None:
        raise source.fail(1, "holds no list 'Rules = [ ... ]'. Give one.")
    variables = {found[1]: found[2] for found in _VARIABLE.finditer(text[: opened.start()])}
    for start, part in _rules(text, opened.end(), source):
        line = text.count("\n", 0, start) + 1
        tokens = list(_tokens(part, variables))
        name = _name(tokens)
        collector.attempt(name, line, partial(_translate, collector, tokens, line, name))


def _translate(collector: Collector, tokens: list[_Token], line: int, name: str) -> None:
    parser = _Parser(tokens, collector.system)
    try:
        said, where = parser.rule()
    except _LostError as lost:
        collector.unsupported(name, str(lost), line)
        return
    both = [each for each in (said.where, where) if each is not None]
    met = AllOf(tuple(both)) if len(both) > 1 else both[0] if both else None
    given: dict[str, Any] = {"where": met, "limits": said.limits, "reference": "DQDL"}
    given["null_policy"] = "fail" if said.nulls == "fail" else "ignore"
    if said.reason:
        collector.approximate(name, said.predicate, line, said.reason, **given)
    else:
        collector.exact(name, said.predicate, line, **given)


def _rules(text: str, start: int, source: Source) -> Iterator[tuple[int, str]]:
    """The texts between the commas of the list, each with where it begins."""
    depth, begun = 0, start
    for found in re.finditer(r'"(?:\\.|[^"\\])*"|["\[\](),]', text[start:]):
        sign, at = found[0], start + found.start()
        if sign == '"':
            raise source.fail(text.count("\n", 0, at) + 1, "a quote is not closed. Is the file complete?")
        if sign == "]" and depth == 0:
            if text[begun:at].strip():
                yield _stripped(text, begun, at)
            return
        if sign == "," and depth == 0:
            yield _stripped(text, begun, at)
            begun = at + 1
        depth += _OPENS.get(sign, 0) - _CLOSES.get(sign, 0)
    raise source.fail(text.count("\n") + 1, "the list 'Rules = [' is not closed. Is the file complete?")


def _stripped(text: str, begun: int, at: int) -> tuple[int, str]:
    part = text[begun:at]
    return begun + len(part) - len(part.lstrip()), part.strip()


def _tokens(text: str, variables: dict[str, str]) -> Iterator[_Token]:
    """Words, signs and quoted texts; a variable is what it stands for."""
    for quoted, sign, word, other in _TOKEN.findall(text):
        if word.startswith("$") and word[1:] in variables:
            yield from _tokens(variables[word[1:]], {})
        elif quoted:
            yield _Token(quoted[1:-1].replace('\\"', '"'), quoted=True)
        else:
            yield _Token(sign or word or other)


def _name(tokens: Sequence[_Token]) -> str:
    """An id: the first rule's type, after its column."""
    words = [token for token in tokens if token.text not in {"(", ")"}]
    if not words:
        return "rule"
    column = next((token.text for token in words[1:2] if token.quoted), "")
    return f"{column}.{words[0].text}" if column else words[0].text


class _Parser:
    """Reads one rule."""

    def __init__(self, tokens: Sequence[_Token], system: str | None) -> None:
        self.tokens = list(tokens)
        self.at = 0
        self.system = system

    # ---------------------------------------------------------------------------------------------------------- reading

    def peek(self, ahead: int = 0) -> str:
        """The next word or sign; a quoted text is none."""
        place = self.at + ahead
        if place >= len(self.tokens) or self.tokens[place].quoted:
            return ""
        return self.tokens[place].text

    def next(self) -> _Token:
        if self.at >= len(self.tokens):
            raise RuleError("ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, *words: str) -> bool:
        """Read these words if they come next."""
        if all(self.peek(ahead).lower() == word for ahead, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.take(word):
            got = self.tokens[self.at].text if self.at < len(self.tokens) else "the end"
            raise RuleError(f"has {got!r} where {word!r} must stand")

    # ------------------------------------------------------------------------------------------------------------ rules

    def rule(self) -> tuple[_Said, Predicate | None]:
        """A rule to its end, with its where."""
        said = self.composite() if self.peek() == "(" else self.simple()
        where = self.where()
        if self.take("with", "threshold"):
            said = self.threshold(said)
        where = where or self.where()
        while self.take("with") or self.peek().lower() == "labels":  # labels and tags: for people
            self.tag()
        if self.at < len(self.tokens):
            raise RuleError(f"has {self.tokens[self.at].text!r} after its end")
        return said, where

    def composite(self) -> _Said:
        """Rules in parentheses, joined by and or or."""
        parts, words = [self.group()], set()
        while self.peek().lower() in {"and", "or"}:
            words.add(self.next().text.lower())
            parts.append(self.group())
        if not words:
            return parts[0]
        if len(words) > 1:
            raise _LostError("joins rules by both and and or; put parentheses")
        if any(part.limits or isinstance(part.predicate, (Measure, HasColumn)) for part in parts):
            raise _LostError("joins rules about a table as a whole; write them one by one")
        reason = next((part.reason for part in parts if part.reason), "")
        alone = tuple(part.alone() for part in parts)
        if words == {"and"}:
            return _Said(AllOf(alone), reason=reason)
        return _Said(AnyOf(alone), reason=reason or "joined row by row; there it may be rule by rule")

    def group(self) -> _Said:
        self.expect("(")
        said = self.composite() if self.peek() == "(" else self.simple()
        self.expect(")")
        return said

    def simple(self) -> _Said:
        kind = self.next().text
        if kind in _UNSUPPORTED:
            raise _LostError(f"{kind}: {_UNSUPPORTED[kind]}")
        if kind not in _KINDS:
            raise RuleError(f"{kind!r} is no type of rule. {nearest(kind, [*_KINDS, *_UNSUPPORTED])}")
        columns = []
        while self.at < len(self.tokens) and self.tokens[self.at].quoted:
            columns.append(self.next().text)
        if self.peek().startswith("$"):
            raise _LostError(f"variable {self.peek()} has no value in the file")
        least, most = _N_COLUMNS.get(kind, (1, 1))
        if not least <= len(columns) <= most:
            raise RuleError(f"{kind} names {len(columns)} columns")
        condition = self.condition()
        if (condition is None) != (kind in _BARE):
            raise RuleError(f"{kind} has {'no' if condition is None else 'a'} condition")
        return _KINDS[kind](kind, columns, condition)

    def where(self) -> Predicate | None:
        if not self.take("where"):
            return None
        return Expression(self.next().text, "spark")

    def threshold(self, said: _Said) -> _Said:
        condition = self.condition()
        if condition is None or condition.kind != "number":
            raise RuleError("has a threshold without a number")
        if said.limits or isinstance(said.predicate, (Measure, HasColumn)):
            raise RuleError("has a threshold, but is not about single values")
        return _within(said, condition)

    def tag(self) -> None:
        """A tag or a list of labels, read over."""
        self.next()
        if self.peek() in {"=", "!="}:
            self.next()
        if self.peek() != "[":
            self.next()
            return
        while self.next().text != "]":
            pass

    # ------------------------------------------------------------------------------------------------------- conditions

    def condition(self) -> _Condition | None:
        word = self.peek().lower()
        if word in {"=", "!=", ">", "<", ">=", "<="}:
            self.next()
            return _condition(word, [self.operand()])
        negated = "not " if self.take("not") else ""
        if self.take("between"):
            low = self.operand()
            self.expect("and")
            return _condition(f"{negated}between", [low, self.operand()])
        if self.take("in"):
            return _condition(f"{negated}in", self.listed())
        if self.take("matches"):
            if self.peek().startswith("$"):
                raise _LostError(f"variable {self.peek()} has no value in the file")
            token = self.next()
            if not token.quoted:
                raise RuleError(f"matches {token.text!r}; a pattern stands in quotes")
            return _Condition(f"{negated}matches", (token.text,), "text")
        if negated:
            raise RuleError("has 'not' without between, in or matches")
        return None

    def listed(self) -> list[Any]:
        if self.peek().startswith("$"):
            raise _LostError(f"variable {self.peek()} has no value in the file")
        self.expect("[")
        found = []
        while not self.take("]"):
            found.append(self.operand())
            if self.peek() != "]":
                self.expect(",")
        return found

    def operand(self) -> Any:
        """A text, a number, a keyword, or a day: now() with or without a distance."""
        if self.take("("):
            value = self.operand()
            self.expect(")")
            return value
        token = self.next()
        if token.quoted or token.text in _KEYWORDS:
            return token
        if token.text.startswith("$"):
            raise _LostError(f"variable {token.text} has no value in the file")
        if token.text == "now":
            self.expect("(")
            self.expect(")")
            return self.distance(datetime.now(tz=UTC))
        if self.peek() == "(":
            raise _LostError(f"{token.text}(...) depends on earlier runs")
        try:
            value = Decimal(token.text)
        except InvalidOperation:
            raise RuleError(f"{token.text!r} is no number, text or day") from None
        if self.peek() in {"+", "-", "*", "/"}:
            return _ARITHMETIC[self.next().text](value, self.operand())
        return value

    def distance(self, moment: datetime) -> str:
        """The day so far before or after now; now is when the file is read."""
        if self.peek() not in {"-", "+"}:
            return moment.date().isoformat()
        sign = -1 if self.next().text == "-" else 1
        number, unit = self.next().text, self.next().text.lower().removesuffix("s")
        if unit not in _UNITS or not number.isdigit():
            raise RuleError(f"now() {number} {unit}: give a whole number of {', '.join(_UNITS.values())}")
        return (moment + sign * timedelta(**{_UNITS[unit]: int(number)})).date().isoformat()


_ARITHMETIC: dict[str, Callable[[Decimal, Any], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}


def _condition(operator: str, operands: Sequence[Any]) -> _Condition:
    """The operands as values, and of which kind they are."""
    kinds = {"number" if isinstance(each, Decimal) else "date" if isinstance(each, str) else "text"
             for each in operands if not (isinstance(each, _Token) and not each.quoted)}  # fmt: skip
    values = tuple(_value(each) for each in operands)
    ordered = operator not in {"=", "!=", "in", "not in"}
    if kinds == {"text"} and ordered:
        if not all(isinstance(value, str) and _DATE.match(value) for value in values):
            raise RuleError(f"compares with {values[0]!r}; give numbers or days as 2031-03-05")
        kinds = {"date"}
    if kinds == {"date", "text"}:
        kinds = {"date"}
    if len(kinds) > 1:
        raise RuleError("mixes numbers and texts")
    return _Condition(operator, values, kinds.pop() if kinds else "text")


def _value(operand: Any) -> Any:
    if isinstance(operand, Decimal):
        return int(operand) if operand == operand.to_integral_value() else float(operand)
    if isinstance(operand, _Token):
        return operand.text if operand.quoted else operand
    return operand


# ------------------------------------------------------------------------------------------------------- types of rules


def _share_left(value: Any) -> float:
    """What remains of a share, without the error of binary fractions."""
    return float(1 - Decimal(str(value)))


def _within(said: _Said, condition: _Condition) -> _Said:
    """How large the share of rows that pass must be: a limit, or a demand on the table as a whole."""
    operator, values = condition.operator, condition.operands
    left = [_share_left(value) for value in values]
    if operator in {">", ">="} or (operator == "=" and left[0] == 0):
        if left[0] == 0 and operator != ">":
            return said
        return replace(said, limits=(Limit(left[0], inclusive=operator == ">"),))
    if operator in {"in", "not in"} or any(isinstance(value, _Token) for value in values):
        raise RuleError(f"a share is held against {operator}; give one number or two bounds")
    low, high = (left[-1], left[0]) if "between" in operator else (left[0], left[0])
    measure = Measure(
        "failing_share",
        min=low,
        max=None if operator in {"<", "<="} else high,
        exclude_min=operator in {"<", "between"},
        exclude_max=operator == "between",
        of=said.predicate if said.nulls == "own" or said.where is not None else said.alone(),
        outside=operator == "!=",
    )
    if operator == "not between":
        measure = replace(measure, outside=True, exclude_min=True, exclude_max=True)
    return _Said(measure, reason=said.reason, where=said.where)


def _measured(metric: Any, column: str | None, condition: _Condition, reason: str = "") -> _Said:
    operator, values = condition.operator, condition.operands
    if condition.kind != "number" or (operator in {"in", "not in"} and len(values) != 1):
        raise RuleError(f"is held against {operator}; give one number or two bounds")
    low, high = values[0], values[-1]
    outer = operator in {"between", "not between"}
    measure = Measure(
        metric,
        column,
        min=None if operator in {"<", "<="} else low,
        max=None if operator in {">", ">="} else high,
        exclude_min=operator == ">" or outer,
        exclude_max=operator == "<" or outer,
        outside=operator in {"!=", "not in", "not between"},
    )
    return _Said(measure, reason=reason)


def _complete(_: str, columns: Sequence[str], condition: _Condition | None) -> _Said:
    said = _Said(NotNull(columns[0]))
    return said if condition is None else _within(said, condition)


def _unique(_: str, columns: Sequence[str], condition: _Condition | None) -> _Said:
    """Every value once; a record with no value at all takes no part."""
    if len(columns) == 1:
        said = _Said(Unique(tuple(columns)))
    else:
        given = AnyOf(tuple(NotNull(column) for column in columns))
        said = _Said(Unique(tuple(columns), nulls="equal"), where=given)
    return said if condition is None else _within(said, condition)


def _primary_key(_: str, columns: Sequence[str], __: _Condition | None) -> _Said:
    return _Said(AllOf((*(NotNull(column) for column in columns), Unique(tuple(columns)))))


def _values(_: str, columns: Sequence[str], condition: _Condition) -> _Said:
    """Values of a column. A null fails, unless the condition is a negation or lists NULL."""
    column, operator = columns[0], condition.operator
    negated = operator in {"!=", "not in"}
    words = {value.text for value in condition.operands if isinstance(value, _Token)}
    values = tuple(value for value in condition.operands if not isinstance(value, _Token))
    if "matches" in operator:
        return _pattern(column, operator, values[0])
    nulls = "fail" if negated == ("NULL" in words) else "ignore"
    if not values and words == {"NULL"}:
        return _Said(NotNull(column) if negated else Not(NotNull(column)))
    if condition.kind == "text":
        return _texts(column, values, words, negated=negated, nulls=nulls)
    read = {"type": "number"} if condition.kind == "number" else {"type": "date", "remove": _TIMES}
    days = condition.kind == "date"
    if operator in {"=", "in", "!=", "not in"}:
        listed = NotIn(column, values) if negated else InSet(column, values)
        return _Said(ReadAs(listed, **read, unread="fail"), nulls)  # type: ignore[arg-type]
    outer = operator in {"between", "not between"}
    inside: Predicate = Between(
        column,
        None if operator in {"<", "<="} else values[0],
        None if operator in {">", ">="} else values[-1],
        exclude_min=operator == ">" or outer,
        exclude_max=operator == "<" or outer,
        as_="date" if days else "number",
    )
    if operator == "not between":
        return _Said(AllOf((NotNull(column), ReadAs(Not(inside), **read, unread="fail"))))  # type: ignore[arg-type]
    return _Said(ReadAs(inside, **read, unread="fail"), nulls)  # type: ignore[arg-type]


def _texts(column: str, values: tuple[str, ...], words: set[str], *, negated: bool, nulls: str) -> _Said:
    """Listed texts; EMPTY is the empty text and WHITESPACES_ONLY one of nothing but spaces."""
    listed = (*values, *(("",) if "EMPTY" in words else ()))
    parts: list[Predicate] = []
    if listed:
        parts.append(NotIn(column, listed) if negated else InSet(column, listed))
    if "WHITESPACES_ONLY" in words:
        spaces = Pattern(column, " +")
        parts.append(Not(spaces) if negated else spaces)
    if len(parts) == 1 and isinstance(parts[0], (InSet, NotIn)) and not words - {"NULL"}:
        return _Said(parts[0], nulls)
    if negated:  # there, a null next to EMPTY or WHITESPACES_ONLY is not known to differ from them
        return _Said(AllOf((NotNull(column), *parts)))
    given = AnyOf(tuple(parts))
    return _Said(AnyOf((Not(NotNull(column)), given)) if nulls == "ignore" else AllOf((NotNull(column), given)))


def _pattern(column: str, operator: str, regex: str) -> _Said:
    """A pattern of the whole text. A text of nothing matches none, and neither does a null."""
    whole = regex if operator == "matches" else rf"(?!\b(?:{regex})\b).*"
    engine_of(whole)
    return _Said(AllOf((NotNull(column), Length(column, min=1), Pattern(column, whole))))


def _length(_: str, columns: Sequence[str], condition: _Condition) -> _Said:
    """Lengths of texts; a null has length 0."""
    column, operator, values = columns[0], condition.operator, condition.operands
    if condition.kind != "number" or any(not isinstance(value, int) for value in values):
        raise RuleError("a length is a whole number")
    inner: dict[str, Callable[[], Predicate]] = {
        "=": lambda: Length(column, values[0], values[0]),
        ">": lambda: Length(column, min=values[0] + 1),
        ">=": lambda: Length(column, min=values[0]),
        "<": lambda: Length(column, max=values[0] - 1),
        "<=": lambda: Length(column, max=values[0]),
        "between": lambda: Length(column, values[0] + 1, values[1] - 1),
        "in": lambda: AnyOf(tuple(Length(column, value, value) for value in values)),
    }
    opposite = {"!=": "=", "not between": "between", "not in": "in"}
    predicate: Predicate = inner[opposite.get(operator, operator)]()
    parts = predicate.of if isinstance(predicate, AnyOf) else (predicate,)
    zero = any(
        part.min in {None, 0} and (part.max is None or part.max >= 0) for part in parts if isinstance(part, Length)
    )
    if operator in opposite:
        predicate, zero = Not(predicate), not zero
    if isinstance(predicate, Length):
        return _Said(predicate, "ignore" if zero else "fail")
    null = Not(NotNull(column)) if zero else None
    return _Said(AnyOf((null, predicate)) if null else AllOf((NotNull(column), predicate)))


def _type(_: str, columns: Sequence[str], condition: _Condition) -> _Said:
    kinds = [str(value).lower() for value in condition.operands]
    if condition.operator not in {"=", "in"} or any(kind not in _TYPES for kind in kinds):
        raise RuleError(f"a type is one of {', '.join(_TYPES)}")
    parts = tuple(Typed(columns[0], _TYPES[kind]) for kind in kinds)  # type: ignore[arg-type]
    reason = "dates and moments are read as ISO writes them"
    return _Said(parts[0] if len(parts) == 1 else AnyOf(parts), "ignore", reason=reason)


def _exists(_: str, columns: Sequence[str], __: _Condition | None) -> _Said:
    return _Said(HasColumn(columns[0]))


def _reference(_: str, columns: Sequence[str], condition: _Condition) -> _Said:
    """A key into another data set, written as name.column or name.{a,b}; a null is not found."""
    system, dot, others = columns[1].partition(".")
    if not dot:
        raise RuleError(f"refers to {columns[1]!r}; write data set and column as name.column")
    own = tuple(part.strip() for part in columns[0].split(","))
    named = tuple(part.strip() for part in others.strip("{}").split(","))
    given = AllOf((*(NotNull(column) for column in own), ForeignKey(own, system, named)))
    return _within(_Said(given), condition)


_KINDS: dict[str, Callable[[str, Sequence[str], Any], _Said]] = {
    "IsComplete": _complete,
    "Completeness": _complete,
    "IsUnique": _unique,
    "Uniqueness": _unique,
    "IsPrimaryKey": _primary_key,
    "UniqueValueRatio": lambda _, columns, condition: _measured("unique_ratio", columns[0], condition),
    "DistinctValuesCount": lambda _, columns, condition: _measured("distinct_count", columns[0], condition),
    "ColumnValues": _values,
    "ColumnLength": _length,
    "ColumnDataType": _type,
    "ColumnExists": _exists,
    "ColumnCount": lambda _, __, condition: _measured("column_count", None, condition),
    "RowCount": lambda _, __, condition: _measured("row_count", None, condition),
    "ReferentialIntegrity": _reference,
    **dict.fromkeys(
        _METRICS,
        lambda kind, columns, condition: _measured(
            _METRICS[kind],
            columns[0],
            condition,
            "of a sample; there it is of a population" if kind == "StandardDeviation" else "",
        ),
    ),
}
_BARE = ("IsComplete", "IsUnique", "IsPrimaryKey", "ColumnExists")
_N_COLUMNS = {
    "RowCount": (0, 0), "ColumnCount": (0, 0), "ReferentialIntegrity": (2, 2),
    **dict.fromkeys(("IsUnique", "Uniqueness", "IsPrimaryKey"), (1, 50)),
}  # fmt: skip
