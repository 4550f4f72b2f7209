"""Rows that satisfy a schema, and rows with something wrong that is labelled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any

import pandas as pd
from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from synth.printing import Printer
from synth.schemas.breaks import same_kind, ways
from synth.schemas.plan import ABSENT, TABLE, Row, SchemaField, SchemaPlan
from synth.schemas.values import Values


@dataclass(frozen=True, slots=True)
class SchemaLabel:
    """One thing that is wrong.

    Attributes:
        row: number of the row, from 0.
        field: of the cell; None for a whole row.
        defect: what kind of wrong.
        expected: the value of the clean row; None for a row that should not be there.
        recorded: what stands there instead; None for null and for a property that is absent.
        rules: the rules of the schema that the row breaks there, in its own words; none where the schema cannot tell.
    """

    row: int
    field: str | None
    defect: str
    expected: Any
    recorded: Any
    rules: tuple[str, ...]

    def told(self) -> str:
        """Return the label in a line."""
        breaks = f"breaks {', '.join(self.rules)}" if self.rules else "no rule of the schema tells"
        if self.field is None:
            return f"{self.defect}: row {self.row} is there twice; {breaks}"
        return f"{self.defect}: row {self.row}, {self.field} is {self.recorded!r}, expected {self.expected!r}; {breaks}"


class SchemaRecord(dict[str, Any]):
    """A record of a schema: a dictionary that also knows what is wrong with it.

    Attributes:
        clean: the same record with nothing wrong.
        labels: what is wrong, in the order of the fields.
    """

    def __init__(self, record: Row, clean: Row, labels: tuple[SchemaLabel, ...] = ()) -> None:
        super().__init__(record)
        self.clean = clean
        self.labels = labels

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: FBT001  # the printers' own signature
        del cycle
        _print(printer, self._lines())

    def _lines(self) -> list[str]:
        return [repr(dict(self)), *(f"  # {label.told()}" for label in self.labels)]


@dataclass(frozen=True, repr=False)
class SchemaRows(Sequence[SchemaRecord]):
    """Rows of a schema, as records and as a frame.

    Attributes:
        plan: what the schema says.
        rows: the rows.
        clean: the rows with nothing wrong.
        labels: what is wrong, by row.
    """

    plan: SchemaPlan
    rows: tuple[Row, ...]
    clean: tuple[Row, ...]
    labels: tuple[SchemaLabel, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: Any) -> Any:
        """Return a record, with its own labels; of a slice a list of them."""
        if isinstance(number, slice):
            return [self[each] for each in range(len(self))[number]]
        position = range(len(self))[number]
        clean = self.clean[position] if position < len(self.clean) else {}
        return SchemaRecord(self.rows[position], clean, tuple(x for x in self.labels if x.row == position))

    def frame(self) -> pd.DataFrame:
        """Return the rows as a frame, in the dtypes of the schema.

        A column that holds what its dtype cannot is of dtype object. What is absent is null.
        """
        return _frame(self.plan, self.rows)

    def clean_frame(self) -> pd.DataFrame:
        """Return the rows with nothing wrong as a frame."""
        return _frame(self.plan, self.clean)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: FBT001  # the printers' own signature
        del cycle
        _print(printer, self._lines())

    def _lines(self) -> list[str]:
        lines = [f"SchemaRows of {len(self)}", *(f"  {row!r}" for row in self.rows)]
        return [*lines, *(f"  # {label.told()}" for label in self.labels)]


def _print(printer: Printer, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines):
        if number:
            printer.break_()
        printer.text(line)


def _frame(plan: SchemaPlan, rows: Sequence[Row]) -> pd.DataFrame:
    columns = {each.name: _column(each, [row.get(each.name) for row in rows]) for each in plan.fields}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))
    frame.columns = pd.Index(list(columns))
    return frame


def _column(told: SchemaField, values: list[Any]) -> pd.Series[Any]:
    dtype = told.dtype if told.dtype is not None else ("str" if told.kind in _WRITTEN else None)
    if dtype is not None and all(_fits(told, dtype, value) for value in values):
        try:
            return pd.Series(values, dtype=dtype)
        except (TypeError, ValueError, OverflowError):
            pass
    return pd.Series(values, dtype=object)


_WRITTEN = ("text", "date", "time", "moment")


def _fits(told: SchemaField, dtype: Any, value: Any) -> bool:
    """Return whether a value can stand in a column of a dtype as it is."""
    if value is None:
        return not isinstance(dtype, str) or re.match("u?int|bool$", dtype) is None
    if isinstance(dtype, pd.CategoricalDtype):
        return dtype.categories is None or value in dtype.categories
    if str(dtype) in {"str", "string"}:
        return isinstance(value, str)
    return str(dtype) == "object" or (told.typed(value) and not (isinstance(value, str) and told.kind not in _WRITTEN))


@dataclass(frozen=True)
class SchemaSource:
    """All that a strategy for a schema has worked out when it is defined.

    Attributes:
        plan: what the schema says.
        domains: the values of each field.
        spots: (kind of defect, field) that may be planted; None for a whole row.
        fewest: rows.
        most: rows.
        min_defects: how many defects there are at least.
        max_defects: how many at most.
    """

    plan: SchemaPlan
    domains: Mapping[str, Values]
    spots: tuple[tuple[str, str | None], ...]
    fewest: int
    most: int
    min_defects: int = 0
    max_defects: int = 0

    def rows(self) -> SearchStrategy[SchemaRows]:
        """Return the strategy of several rows."""

        @st.composite
        def rows(draw: DrawFn) -> SchemaRows:
            clean = [dict(zip(self._names, row, strict=True)) for row in draw(self._several)]
            self._say_something(draw, clean)
            self._tell_apart(clean)
            return self._planted(draw, clean) if self.spots and clean else self._done(clean, clean, [])

        return rows()

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.plan.fields)

    @cached_property
    def _cells(self) -> tuple[SearchStrategy[Any], ...]:
        """The strategy of every field: absence and null first, where they may be.

        To Hypothesis fewer draws are simpler. Were a value first, the plainest example would be longer than others,
        and what is found instead is not always shrunk further.
        """
        in_keys = {name for key in self.plan.keys for name in key.fields}
        found = []
        for each in self.plan.fields:
            options: list[SearchStrategy[Any]] = []
            if each.name not in in_keys:
                options += [st.just(ABSENT)] if each.absent_rules == () else []
                options += [st.none()] if not each.null_rules else []
            found.append(st.one_of([*options, self.domains[each.name].strategy]))
        return tuple(found)

    @cached_property
    def _several(self) -> SearchStrategy[list[tuple[Any, ...]]]:
        """The strategy of rows; keys with values beyond count are drawn apart, the others are set apart afterwards."""
        apart = tuple(
            itemgetter(*(self._names.index(name) for name in key.fields))
            for key in self.plan.keys
            if self.room(key.fields) is None
        )
        row = st.tuples(*self._cells)
        if not apart:
            return st.lists(row, min_size=self.fewest, max_size=self.most)
        return st.lists(row, min_size=self.fewest, max_size=self.most, unique_by=apart)

    def room(self, fields: Sequence[str]) -> int | None:
        """Return how many different values some fields have together; None if that is beyond count."""
        total = 1
        for name in fields:
            listed = self.domains[name].listed
            if listed is None:
                return None
            total *= len(listed)
        return total

    def _say_something(self, draw: DrawFn, rows: list[Row]) -> None:
        """Give rows of nothing but nulls a value: in a file, such a row is an empty line."""
        if self.plan.form == TABLE:
            name = self._names[0]
            for row in rows:
                if all(value is None for value in row.values()):
                    row[name] = draw(self.domains[name].strategy)

    def _tell_apart(self, rows: list[Row]) -> None:
        """Give rows with the key of an earlier row the next key that is free, among keys that can be counted."""
        for key in self.plan.keys:
            if self.room(key.fields) is None:
                continue
            lists = [self.domains[name].listed or () for name in key.fields]
            seen: set[int] = set()
            for row in rows:
                number = 0
                for listed, name in zip(lists, key.fields, strict=True):
                    number = number * len(listed) + listed.index(row[name])
                while number in seen:
                    number = (number + 1) % (self.room(key.fields) or 1)
                seen.add(number)
                for listed, name in zip(reversed(lists), reversed(key.fields), strict=True):
                    number, place = divmod(number, len(listed))
                    row[name] = listed[place]

    def _planted(self, draw: DrawFn, clean: list[Row]) -> SchemaRows:
        """Put defects into rows; where a defect needs a value that is not there, the clean row is given one."""
        chosen: dict[tuple[int, str | None], tuple[str, Any]] = {}
        for kind, name, number, pick in draw(self._choices):
            row = number % len(clean)
            if (row, name) in chosen or (name is None and any(one is None for _, one in chosen)):
                continue
            if name is None:
                chosen[row, None] = (kind, None)
                continue
            told, values = self.plan.field(name), self.domains[name]
            if clean[row][name] is None or clean[row][name] is ABSENT:
                clean[row][name] = draw(values.strategy)
            found = ways(told, values, kind, clean[row][name], draw(values.strategy) if kind == "wrong_value" else None)
            if found:
                chosen[row, name] = (kind, found[pick % len(found)])
        if len(chosen) < self.min_defects:
            reject()
        rows = [dict(row) for row in clean]
        for (row, name), (_, value) in chosen.items():
            if name is not None:
                rows[row][name] = value
        repeats = [row for row, name in chosen if name is None]
        rows += [dict(rows[row]) for row in repeats]
        labels: list[tuple[int, str | None, str, Any]] = [
            (row, name, kind, clean[row][name]) for (row, name), (kind, _) in chosen.items() if name is not None
        ]
        labels += [(len(clean) + place, None, "duplicate_record", None) for place in range(len(repeats))]
        return self._done(rows, clean, labels)

    @cached_property
    def _choices(self) -> SearchStrategy[list[tuple[str, str | None, int, int]]]:
        kinds: dict[str, list[str | None]] = {}
        for kind, name in self.spots:
            kinds.setdefault(kind, []).append(name)
        spot = st.one_of(*(
            st.tuples(st.just(kind), st.sampled_from(names), st.integers(0, max(0, self.most - 1)), st.integers(0, 11))
            for kind, names in kinds.items()
        ))  # fmt: skip
        return st.lists(
            spot, min_size=self.min_defects, max_size=self.max_defects, unique_by=lambda each: (each[1], each[2])
        )

    def _done(
        self, rows: list[Row], clean: list[Row], labels: Sequence[tuple[int, str | None, str, Any]]
    ) -> SchemaRows:
        repeated = self.plan.repeated(rows) if labels else []
        order = {name: place for place, name in enumerate(self._names)}
        told = [
            SchemaLabel(
                row, name, kind, expected, None if name is None else _value(rows[row][name]),
                self._rules(rows[row], name) + tuple(
                    key.rule for number, key in repeated if number == row and (name is None or name in key.fields)
                ),
            )
            for row, name, kind, expected in sorted(labels, key=lambda x: (x[0], order.get(str(x[1]), -1)))
        ]  # fmt: skip
        return SchemaRows(self.plan, tuple(map(_held, rows)), tuple(map(_held, clean)), tuple(told))

    def _rules(self, row: Row, name: str | None) -> tuple[str, ...]:
        """Return the rules that a cell breaks; of a record that is there twice, none of its cells are new."""
        return () if name is None else self.plan.field(name).broken(row[name])


def _value(value: Any) -> Any:
    return None if value is ABSENT else value


def _held(row: Row) -> Row:
    """Return a row without what is absent from it."""
    return {name: value for name, value in row.items() if value is not ABSENT}


def differing(rows: Sequence[Row], clean: Sequence[Row], names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the cells in which rows differ from the clean ones."""
    for number, (row, other) in enumerate(zip(rows, clean, strict=False)):
        for name in names:
            if not same_kind(row.get(name, ABSENT), other.get(name, ABSENT)):
                yield number, name
