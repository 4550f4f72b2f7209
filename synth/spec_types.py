"""The types of a scenario file's scalars: rates, weights, words, names; and what its parts have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

NULL_LOOKALIKES = frozenset({"", "na", "nan", "nil", "none", "null", "nat", "<na>", "#n/a", "n/a"})
MOST_DECIMALS = 15
UNSAFE_STARTS = ("=", "+", "@", "\t")


def _exact(value: Decimal) -> Decimal:
    """Refuse numbers that cannot become thresholds in reasonable time: they are kept exact, digit by digit."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or exponent < -MOST_DECIMALS or len(digits) + exponent > MOST_DECIMALS:
        text = str(value)
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        raise ValueError(f"{shown} has more than {MOST_DECIMALS} decimals or digits; write a plainer number")
    return value


def _rate(value: Decimal) -> Decimal:
    _exact(value)
    if not 0 <= value <= 1:
        raise ValueError(f"{value} is not a rate; rates lie between 0 and 1")
    return value


def _weight(value: Decimal) -> Decimal:
    _exact(value)
    if value < 0:
        raise ValueError(f"{value} is negative; weights and parameters are 0 or more")
    return value


def _word(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; write a value")
    if value.strip().lower() in NULL_LOOKALIKES:
        raise ValueError(f"{value!r} looks like a null; a true value must not")
    if value.startswith(UNSAFE_STARTS):
        raise ValueError(f"{value!r} begins with a character that spreadsheets run as a formula")
    if not value.isprintable():
        raise ValueError(f"{value!r} holds a line end, a tab or another sign that does not print")
    if not value.isascii() or value != value.strip():
        raise ValueError(f"{value!r} must be plain ASCII without spaces at its ends")
    return value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


# What an editor is told of texts that become something else; what it reads as a number or a truth is a text to us.
_SCALAR = {"type": ["string", "number", "boolean"]}
_DECIMAL = {"type": "string", "pattern": r"^[0-9]*\.?[0-9]+$"}
_ONE_OR_MANY = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}

Rate = Annotated[
    Decimal,
    AfterValidator(_rate),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, _DECIMAL]}),
]
Weight = Annotated[
    Decimal, AfterValidator(_weight), WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, _DECIMAL]})
]
Word = Annotated[str, AfterValidator(_word)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]
Words = Annotated[list[Word], BeforeValidator(_one_or_many), WithJsonSchema(_ONE_OR_MANY)]
Condition = dict[str, Words]
FieldSet = Annotated[list[str], BeforeValidator(_one_or_many), WithJsonSchema(_ONE_OR_MANY)]
ClockText = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Part(BaseModel):
    """What every part of a scenario has in common: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
