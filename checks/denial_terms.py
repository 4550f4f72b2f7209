"""Terms of denial constraints: `t1.zip = t2.zip`, `t1.pay > 10`, as texts and as parts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from synth.errors import RuleError

OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
_SAME = {"==": "=", "<>": "!="}
_FIELD = r"(t[12])\.(`[^`]+`|[\w-]+)"
_TERM = re.compile(
    rf"\s*{_FIELD}\s*(==|=|!=|<>|<=|>=|<|>)\s*(?:{_FIELD}|('[^']*'|\"[^\"]*\"|[+-]?\d+(?:\.\d+)?))\s*", re.IGNORECASE
)
_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Term:
    """One comparison: a field of the first or second record with another field or a constant.

    Attributes:
        record: 1 or 2.
        field: of that record.
        operator: one of OPERATORS.
        other_record: of the other side; 0 for a constant.
        other: its field, or the constant.
        is_number: whether the constant is a number.
    """

    record: int
    field: str
    operator: str
    other_record: int
    other: str
    is_number: bool = False

    @property
    def is_pair(self) -> bool:
        """Whether it compares two records."""
        return self.other_record not in {0, self.record}

    def turned(self) -> Term:
        """Return the same comparison read from the other side."""
        return Term(self.other_record, self.other, _TURNED[self.operator], self.record, self.field)

    def from_first(self) -> Term:
        """Return a comparison of two records with the first record on the left."""
        return self.turned() if self.is_pair and self.record == 2 else self

    def text(self) -> str:
        """Return the term as `parse_term` reads it."""
        left = _written(self.record, self.field)
        if self.other_record:
            return f"{left} {self.operator} {_written(self.other_record, self.other)}"
        quote = '"' if "'" in self.other else "'"
        return f"{left} {self.operator} {self.other if self.is_number else f'{quote}{self.other}{quote}'}"


def _written(record: int, field: str) -> str:
    plain = re.fullmatch(r"[\w-]+", field)
    return f"t{record}.{field}" if plain else f"t{record}.`{field}`"


def parse_term(text: str) -> Term:
    """Read one term, or refuse it.

    Examples:
        >>> parse_term("t1.zip = t2.zip").is_pair, parse_term("t2.pay>10").text()
        (True, 't2.pay > 10')
        >>> parse_term("zip = 1")
        Traceback (most recent call last):
        synth.errors.RuleError: 'zip = 1' is no term; write t1.field = t2.field, with one of = != < <= > >=.
    """
    found = _TERM.fullmatch(text)
    if found is None:
        raise RuleError(f"{text.strip()!r} is no term; write t1.field = t2.field, with one of {' '.join(OPERATORS)}.")
    record, field, written, other_record, other, constant = found.groups()
    operator = _SAME.get(written, written)
    if constant is None:
        return Term(int(record[1]), field.strip("`"), operator, int(other_record[1]), other.strip("`"))
    is_number = constant[0] not in "'\""
    return Term(int(record[1]), field.strip("`"), operator, 0, constant if is_number else constant[1:-1], is_number)


def fields_of_terms(terms: tuple[str, ...]) -> list[str]:
    """Return the fields that terms name, in order, each once."""
    parts = [parse_term(text) for text in terms]
    named = [name for part in parts for name in (part.field, *((part.other,) if part.other_record else ()))]
    return list(dict.fromkeys(named))
