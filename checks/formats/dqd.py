"""Thresholds of the OHDSI Data Quality Dashboard: its CSV files of the levels field, table and concept."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from checks.formats.collector import Collector
from checks.formats.source import Source
from checks.predicates import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    ForeignKey,
    HasColumn,
    InSet,
    Not,
    NotIn,
    NotNull,
    Predicate,
    ReadAs,
    Typed,
    Unique,
)
from checks.rule import Limit
from synth.errors import RuleError

Row: TypeAlias = "Mapping[str, str]"

_TIMES = "[T ].*$"  # of a moment, what is not its day
_DAY = re.compile(r"'(\d{4})-?(\d{2})-?(\d{2})'")
_VOCABULARY = "needs the vocabulary (which concepts are standard, their domain and class)"
_PERSON = "joins each record with its person's birth, death or visit"
_PER_PERSON = "records are counted, not persons"
_PER_VALUE = "records are counted, not distinct source values"
_UNITS = "of units, only records with a number are counted; earlier versions count all"
_ISNUMERIC = "what reads as a whole number; a database's own test may take more"


def translate(source: Source, collector: Collector) -> None:
    """Translate every check that a row of the file switches on."""
    rows = list(_rows(source))
    header = set(rows[0][1]) if rows else set()
    if "cdmTableName" not in header:
        raise source.fail(1, "has no column 'cdmTableName'; it is no file of thresholds. Give one of its three levels.")
    file = _File(collector, rows)
    if "cdmFieldName" not in header:
        checks = _TABLE
    elif "conceptId" in header:
        checks = _CONCEPT
    else:
        checks = _FIELD
    for line, row in rows:
        for check in checks:
            if _is_on(row, check):
                file.translate(check, checks[check], row, line)


def _is_on(row: Row, check: str) -> bool:
    """Whether a check is to be run for a row, as the dashboard decides."""
    match check:
        case "cdmTable" | "cdmField":
            return True
        case "cdmDatatype":
            return row.get(check, "").strip() == "integer"  # of other types it checks none
        case "fkDomain" | "fkClass":
            return row.get("isForeignKey") == "Yes" and bool(row.get(check))
        case "plausibleUnitConceptIds":
            return bool(row.get(f"{check}Threshold"))
        case "plausibleValueLow" | "plausibleValueHigh" | "plausibleGender" | "plausibleGenderUseDescendants":
            return bool(row.get(check))
    return row.get(check) == "Yes"


def _rows(source: Source) -> Iterator[tuple[int, Row]]:
    """Every row of the file, with the line where it begins."""
    reader = csv.DictReader(io.StringIO(source.text, newline=""), strict=True)
    line = 2
    try:
        for row in reader:
            if None in row or None in row.values():
                raise source.fail(line, f"has other fields than the header's {len(reader.fieldnames or ())}. Check it.")
            yield line, row
            line = reader.line_num + 1
    except csv.Error as problem:
        raise source.fail(line, f"is no CSV: {problem}. Is the file complete?") from None


class _File:
    """Translates the rows of one file."""

    def __init__(self, collector: Collector, rows: list[tuple[int, Row]]) -> None:
        self.collector = collector
        self.names = {
            (row["cdmTableName"].upper(), row.get("cdmFieldName", "").upper()): row.get("cdmFieldName", "")
            for _, row in rows
        }
        self.tables = {row["cdmTableName"].upper(): row["cdmTableName"] for _, row in rows}

    def table(self, written: str) -> str:
        """A table as the file first writes it; names are the same in any case."""
        return self.tables.get(written.upper(), written)

    def field(self, table: str, written: str) -> str:
        """A field as the file first writes it, else in small letters."""
        return self.names.get((table.upper(), written.upper()), written.lower())

    def translate(self, check: str, how: str | Callable[[_File, Row], Any], row: Row, line: int) -> None:
        parts = [row["cdmTableName"], row.get("cdmFieldName", ""), row.get("conceptId", ""), check]
        rule_id = ".".join(part for part in parts if part)
        if isinstance(how, str):
            self.collector.unsupported(rule_id, how, line)
        else:
            self.collector.attempt(rule_id, line, partial(self._translate, rule_id, check, how, row, line))

    def _translate(self, rule_id: str, check: str, how: Callable[[_File, Row], Any], row: Row, line: int) -> None:
        said = how(self, row)
        if isinstance(said, str):
            self.collector.unsupported(rule_id, said, line)
            return
        predicate, reason, given = said
        percent = row.get(f"{check}Threshold") or "0"
        limit = Limit(float(percent) / 100)
        given = {
            "system": row["cdmTableName"],
            "null_policy": "ignore",
            "limits": (limit,) if limit.above else (),
            "reference": "OHDSI DQD",
            **given,
        }
        if reason:
            self.collector.approximate(rule_id, predicate, line, reason, **given)
        else:
            self.collector.exact(rule_id, predicate, line, **given)


def _said(predicate: Predicate, reason: str = "", **given: Any) -> tuple[Predicate, str, dict[str, Any]]:
    return predicate, reason, given


def _foreign_key(file: _File, row: Row) -> Any:
    table = file.table(row["fkTableName"])
    if not table or not row["fkFieldName"]:
        raise RuleError("names no table and field to refer to")
    return _said(ForeignKey((row["cdmFieldName"],), table, (file.field(table, row["fkFieldName"]),)))


def _concept_given(_: _File, row: Row) -> Any:
    """A concept of 0 says that no concept was found; every record counts."""
    name = row["cdmFieldName"]
    predicate = _given_or(name, NotIn(name, ("0",)))
    if name.upper() == "UNIT_CONCEPT_ID" and row["cdmTableName"].upper() in {"MEASUREMENT", "OBSERVATION"}:
        return _said(predicate, _UNITS, where=NotNull("value_as_number"))
    return _said(predicate)


def _source_mapped(file: _File, row: Row) -> Any:
    concept = row.get("standardConceptFieldName", "")
    if not concept:
        return "names no field of the standard concept"
    name = file.field(row["cdmTableName"], concept)
    mapped = _given_or(name, NotIn(name, ("0",)))
    return _said(mapped, _PER_VALUE, where=NotNull(row["cdmFieldName"]), blames=(row["cdmFieldName"], name))


def _given_or(name: str, predicate: Predicate) -> Predicate:
    return AnyOf((Not(NotNull(name)), predicate))


def _plausible(side: str, _: _File, row: Row) -> Any:
    """A bound: a number, a day in quotes, or one counted from today."""
    name, written = row["cdmFieldName"], row[f"plausibleValue{'Low' if side == 'min' else 'High'}"].strip()
    day = _DAY.fullmatch(written)
    today = datetime.now(tz=UTC).date()
    ahead = re.fullmatch(r"DATEADD\(dd,\s*(-?\d+),\s*GETDATE\(\)\)", written, re.IGNORECASE)
    year = re.fullmatch(r"YEAR\(GETDATE\(\)\)\s*\+\s*(\d+)", written, re.IGNORECASE)
    if day or ahead:
        bound = "-".join(day.groups()) if day else str(today + timedelta(days=int(ahead[1]) if ahead else 0))
        between = Between(name, **{side: bound}, as_="date")  # type: ignore[arg-type]
        return _said(ReadAs(between, "date", remove=_TIMES))
    try:
        number = float(today.year + int(year[1])) if year else float(written)
    except ValueError:
        return f"bound {written!r} is no number and no day"
    return _said(ReadAs(Between(name, **{side: number}, as_="number"), "number"))  # type: ignore[arg-type]


def _after(file: _File, row: Row) -> Any:
    other = row["plausibleTemporalAfterTableName"]
    if other.upper() != row["cdmTableName"].upper():
        return f"joins each record with one of {other}"
    name = file.field(other, row["plausibleTemporalAfterFieldName"])
    return _said(ReadAs(Compare(row["cdmFieldName"], ">=", name), "date", remove=_TIMES))


def _before_end(file: _File, row: Row) -> Any:
    end = file.field(row["cdmTableName"], row["plausibleStartBeforeEndFieldName"])
    return _said(ReadAs(Compare(row["cdmFieldName"], "<=", end), "date", remove=_TIMES))


def _persons(file: _File, row: Row) -> Any:
    """Persons without any record in the table; about the table of persons."""
    person = file.table("PERSON")
    return _said(ForeignKey(("person_id",), row["cdmTableName"], ("person_id",)), system=person)


def _eras(file: _File, row: Row) -> Any:
    occurrence = file.table("CONDITION_OCCURRENCE")
    return _said(ForeignKey(("person_id",), row["cdmTableName"], ("person_id",)), _PER_PERSON, system=occurrence)


def _unit_listed(_: _File, row: Row) -> Any:
    """Records of a concept that have a number have one of its units; -1 stands for none."""
    listed = tuple(part.strip() for part in row["plausibleUnitConceptIds"].split(",") if part.strip())
    concept = InSet(row["cdmFieldName"].lower(), (row["conceptId"],))
    where = AllOf((concept, NotNull("value_as_number")))
    policy = "ignore" if "-1" in listed else "fail"
    return _said(InSet("unit_concept_id", listed), _UNITS, where=where, null_policy=policy)


_FIELD: dict[str, str | Callable[[_File, Row], Any]] = {
    "cdmField": lambda _, row: _said(HasColumn(row["cdmFieldName"])),
    "isRequired": lambda _, row: _said(NotNull(row["cdmFieldName"])),
    "cdmDatatype": lambda _, row: _said(Typed(row["cdmFieldName"], "integer"), _ISNUMERIC),
    "isPrimaryKey": lambda _, row: _said(Unique((row["cdmFieldName"],))),
    "isForeignKey": _foreign_key,
    "fkDomain": _VOCABULARY,
    "fkClass": _VOCABULARY,
    "isStandardValidConcept": _VOCABULARY,
    "measureValueCompleteness": lambda _, row: _said(NotNull(row["cdmFieldName"])),
    "standardConceptRecordCompleteness": _concept_given,
    "sourceConceptRecordCompleteness": _concept_given,
    "sourceValueCompleteness": _source_mapped,
    "plausibleValueLow": partial(_plausible, "min"),
    "plausibleValueHigh": partial(_plausible, "max"),
    "plausibleTemporalAfter": _after,
    "plausibleDuringLife": _PERSON,
    "withinVisitDates": _PERSON,
    "plausibleAfterBirth": _PERSON,
    "plausibleBeforeDeath": _PERSON,
    "plausibleStartBeforeEnd": _before_end,
}
_TABLE: dict[str, str | Callable[[_File, Row], Any]] = {
    "cdmTable": "a table that is missing is refused when records are evaluated",
    "measurePersonCompleteness": _persons,
    "measureConditionEraCompleteness": _eras,
    "measureObservationPeriodOverlap": "compares the periods of one person with one another",
}
_CONCEPT: dict[str, str | Callable[[_File, Row], Any]] = {
    "plausibleGender": "joins each record with its person's gender",
    "plausibleGenderUseDescendants": "joins each record with its person's gender and the vocabulary",
    "plausibleUnitConceptIds": _unit_listed,
}
