"""What a schema says, in one form for all kinds of schemas: fields, demands on their values, keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Literal

Kind = Literal["text", "whole", "number", "boolean", "date", "time", "moment", "any"]
Row = dict[str, Any]
PRIMARY = "primaryKey"
TABLE = "table schema"
PANDERA = "pandera"
WHOLE_TABLE = "schema"  # where a rule of a schema is about no single field


@dataclass(frozen=True)
class Absent:
    """A property that an object has not; a null is another thing."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


@dataclass(frozen=True)
class Demand:
    """One thing that a schema asks of the values of a field.

    Attributes:
        what: one of `DEMANDS`.
        given: its argument, comparable with what values read as.
        rule: the schema's own word for it.
        shown: what the schema says, for messages.
        of: values of other types meet it (JSON Schema); '': it is asked of all.
    """

    what: str
    given: Any
    rule: str
    shown: str
    of: Literal["", "number", "text"] = ""

    def met(self, value: Any) -> bool:
        """Return whether a value, as read, meets the demand."""
        if (self.of == "number" and not is_number(value)) or (self.of == "text" and not isinstance(value, str)):
            return True
        try:
            return DEMANDS[self.what](value, self.given)
        except TypeError:  # what cannot be compared does not meet it
            return False


def is_number(value: Any) -> bool:
    """Return whether a value is a number; yes and no are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal; 1 is not true, as in JSON.

    Examples:
        >>> same(1, 1.0), same(1, True)
        (True, False)
    """
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern ready to use."""
    return re.compile(pattern)


def is_multiple(value: float, step: float) -> bool:
    """Return whether a number is a multiple, also in the arithmetic of floating-point numbers.

    Examples:
        >>> is_multiple(4, 2), is_multiple(0.3, 0.1)
        (True, False)
    """
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    quotient = value / step
    return quotient == int(quotient) and Fraction(str(value)) % Fraction(str(step)) == 0


DEMANDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "values": lambda value, given: any(same(value, each) for each in given),
    "not_values": lambda value, given: not any(same(value, each) for each in given),
    "min": lambda value, given: bool(value >= given),
    "above": lambda value, given: bool(value > given),
    "max": lambda value, given: bool(value <= given),
    "below": lambda value, given: bool(value < given),
    "multiple": is_multiple,
    "min_length": lambda value, given: len(value) >= given,
    "max_length": lambda value, given: len(value) <= given,
    "all": lambda value, given: compiled(given).fullmatch(value) is not None,
    "start": lambda value, given: compiled(given).match(value) is not None,
    "anywhere": lambda value, given: compiled(given).search(value) is not None,
    "format": lambda value, given: bool(given(value)),
    "drawn": lambda value, given: True,  # noqa: ARG005  # what is drawn of a format, which has more
}


@dataclass(frozen=True)
class SchemaField:
    """One field of a schema.

    Attributes:
        name: its name.
        kind: what its values are.
        demands: what is asked of them.
        typed: whether a value is of the field's type.
        type_rule: the schema's word for the type.
        read: what a value of the type is compared as.
        write: the value of what it is compared as: a day as text.
        null_rules: the rules that a null breaks; none if it may be null.
        absent_rules: the rules that are broken where it is absent; None: a null is all that can be (a table).
        nulls: texts that count as null.
        all_rules: whether rules are asked of values of another type too (JSON Schema).
        dtype: of a column of a frame; None: what its values need.
    """

    name: str
    kind: Kind
    demands: tuple[Demand, ...]
    typed: Callable[[Any], bool]
    type_rule: str
    read: Callable[[Any], Any] = lambda value: value
    write: Callable[[Any], Any] = lambda value: value
    null_rules: tuple[str, ...] = ()
    absent_rules: tuple[str, ...] | None = None
    nulls: tuple[str, ...] = ()
    all_rules: bool = False
    dtype: Any = None

    def broken(self, value: Any) -> tuple[str, ...]:
        """Return the rules that a value breaks, in the schema's own words and order."""
        if value is ABSENT:
            return self.absent_rules or ()
        if value is None or (isinstance(value, str) and value in self.nulls):
            return self.null_rules
        if not self.typed(value):
            asked = self.demands if self.all_rules else ()
            found = [self.type_rule, *(demand.rule for demand in asked if not demand.met(value))]
        else:
            read = self.read(value)
            found = [demand.rule for demand in self.demands if not demand.met(read)]
        return tuple(dict.fromkeys(found))

    def fits(self, value: Any) -> bool:
        """Return whether a value meets everything and says something."""
        null = value is None or (isinstance(value, str) and value in self.nulls)
        return not null and not self.broken(value)

    def demanded(self, *what: str) -> list[Any]:
        """Return the arguments of the demands of some sorts."""
        return [demand.given for demand in self.demands if demand.what in what]

    def meets(self, value: Any) -> bool:
        """Return whether a value, as read, meets every demand."""
        return all(demand.met(value) for demand in self.demands)


@dataclass(frozen=True)
class SchemaKey:
    """Fields whose values, together, are different in every row.

    Attributes:
        fields: their names.
        rule: the schema's word.
    """

    fields: tuple[str, ...]
    rule: str


@dataclass(frozen=True)
class SchemaPlan:
    """What a schema says.

    Attributes:
        form: `pandera`, `table schema` or `JSON Schema`.
        fields: the fields, in order.
        keys: what may not repeat.
    """

    form: str
    fields: tuple[SchemaField, ...]
    keys: tuple[SchemaKey, ...] = ()

    def field(self, name: str) -> SchemaField:
        """Return a field by name."""
        return next(field for field in self.fields if field.name == name)

    def _compared(self, name: str, value: Any) -> Any:
        """Return what a key compares: in a table what a cell reads as, nothing if it cannot be read."""
        told = self.field(name)
        if value is None or value is ABSENT or (isinstance(value, str) and value in told.nulls):
            return None
        return told.read(value) if self.form == TABLE and told.typed(value) else None if self.form == TABLE else value

    def repeated(self, rows: Iterable[Row]) -> list[tuple[int, SchemaKey]]:
        """Return where a key is that of another row.

        One with a null is looked at only if it is a primary key, or pandera's, to which two nulls are the same. A
        primary key of nothing but nulls counts as one that repeats.
        """
        found = []
        listed = list(rows)
        for key in self.keys:
            seen: dict[tuple[Any, ...], list[int]] = {}
            for number, row in enumerate(listed):
                values = tuple(self._compared(name, row.get(name)) for name in key.fields)
                if None not in values or key.rule == PRIMARY or self.form == PANDERA:
                    seen.setdefault(values, []).append(number)
            found += [
                (number, key)
                for values, numbers in seen.items()
                if len(numbers) > 1 or (set(values) == {None} and key.rule == PRIMARY)
                for number in numbers
            ]
        return found
