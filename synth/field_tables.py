"""Field lists that are tables: a plain CSV with a row for every field, and the field CSV of the OMOP data model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from synth.errors import ScenarioError
from synth.field_files import Row
from synth.listed_fields import (
    NO_TYPE,
    YES,
    ListedField,
    ListedTable,
    conditions_of,
    kind_of,
    per_cent,
    shown,
    usage_of,
)

# What a plain list may call its columns; the first name is ours.
COLUMNS = {
    "field": ("field", "field name", "fieldname", "name", "variable", "element", "data element"),
    "type": ("type", "data type", "datatype", "kind", "format"),
    "required": ("required", "usage", "is required", "mandatory"),
    "applies when": ("applies when", "applies if", "applies", "condition", "conditional on", "asked if"),
    "blank %": ("blank %", "blank", "blank percent", "percent blank", "% blank", "missing %", "% missing"),
    "placeholder %": ("placeholder %", "placeholder", "% placeholder", "placeholder percent"),
    "values": ("values", "allowed values", "list", "code list", "options"),
    "list fits": ("list fits", "list fits %"),
    "system": ("system", "form", "table", "section"),
}
OMOP_COLUMNS = ("cdmTableName", "cdmFieldName", "isRequired", "cdmDatatype")
VOCABULARY = "concept"  # the table of coded meanings, to which most identifiers of the OMOP model point


def is_omop(columns: Iterable[str]) -> bool:
    """Whether a table is a list of OMOP fields."""
    return {"cdmtablename", "cdmfieldname"} <= {column.casefold() for column in columns}


def omop_tables(columns: Sequence[str], rows: Sequence[Row], name: str) -> list[ListedTable]:
    """Return the tables of an OMOP field list: one row a field, one system a table."""
    known = {column.casefold(): column for column in columns}
    for wanted in OMOP_COLUMNS:
        if wanted.casefold() not in known:
            raise ScenarioError(
                f"{name}: line 1: no column {wanted}. An OMOP field list has {', '.join(OMOP_COLUMNS)}."
            )
    tables: dict[str, list[ListedField]] = {}
    for line, cells in rows:
        row = {key: cells[column] for key, column in known.items()}
        place = f"{name}: line {line}"
        for wanted in OMOP_COLUMNS[:2]:
            if not row[wanted.casefold()]:
                raise ScenarioError(f"{place}: {wanted} is empty. Give every row a table and a field.")
        tables.setdefault(row["cdmtablename"], []).append(_omop_field(row, place))
    return [ListedTable(table, tuple(fields)) for table, fields in tables.items()]


def _omop_field(row: Mapping[str, str], place: str) -> ListedField:
    kind, why = kind_of(row["cdmdatatype"], place)
    target = (row.get("fktablename", ""), row.get("fkfieldname", ""))
    remarks: tuple[str, ...] = ()
    primary = row.get("isprimarykey", "").casefold() in YES
    refers = row.get("isforeignkey", "").casefold() in YES
    if refers and target[0].casefold() == VOCABULARY:
        kind, why, refers, remarks = "code", "", False, ("a concept: a code",)
    if refers or primary:
        kind, why = "reference", ""
    return ListedField(
        row["cdmfieldname"], kind, why, usage=usage_of(row["isrequired"], place), primary=primary,
        target=target if refers else None, remarks=remarks,
    )  # fmt: skip


def plain_tables(columns: Sequence[str], rows: Sequence[Row], name: str) -> tuple[list[ListedTable], list[str]]:
    """Return the tables of a plain list, and what was left unread.

    Args:
        columns: the first line. Only a column of field names must be there; `COLUMNS` has the others.
        rows: one a field; all cells but the name may be empty.
        name: of the file.
    """
    said = {_plain(column): column for column in columns}
    known = {ours: said[other] for ours, others in COLUMNS.items() for other in others[::-1] if other in said}
    if "field" not in known:
        names = ", ".join(f"'{shown(column)}'" for column in columns[:8])
        raise ScenarioError(f"{name}: line 1: no column 'field'. Got {names}. Name the column of field names 'field'.")
    tables: dict[str, list[ListedField]] = {}
    for line, cells in rows:
        row = {ours: cells[column] for ours, column in known.items()}
        place = f"{name}: line {line}"
        if not row["field"]:
            raise ScenarioError(f"{place}: the field has no name. Give it one, or remove the row.")
        tables.setdefault(row.get("system", ""), []).append(_plain_field(row, place))
    unread = [shown(column) for column in columns if column not in known.values() and column]
    notes = [f"columns not read: {', '.join(unread)}"] if unread else []
    rates = [field.blank for fields in tables.values() for field in fields if field.blank]
    if rates and max(rates) <= 1:
        notes.append(f"all blank rates are {max(rates)} or less; they were read as per cent")
    return [ListedTable(table, tuple(fields)) for table, fields in tables.items()], notes


def _plain(column: str) -> str:
    return " ".join(re.sub(r"[_\-.:?()]+", " ", column.casefold()).split())


def _plain_field(row: Mapping[str, str], place: str) -> ListedField:
    values = _listed(row.get("values", ""))
    type_text = row.get("type", "")
    kind, why = kind_of(type_text, place)
    if values and kind not in {"boolean", "reference"}:
        kind, why = "choice", ""
    remarks = []
    if kind == "choice" and not values:
        kind, why = "code", "a list without its values; a code"
    applies = conditions_of(row["applies when"]) if row.get("applies when") else ()
    if applies is None:
        remarks.append(f"asked always: '{shown(row['applies when'])}' could not be read")
    blank = per_cent(row.get("blank %", ""), "blank %", place)
    placeholder = per_cent(row.get("placeholder %", ""), "placeholder %", place)
    if (blank or 0) + (placeholder or 0) > 100:
        raise ScenarioError(f"{place}: blank % {blank} and placeholder % {placeholder} are over 100 together.")
    if row.get("list fits"):
        remarks.append(f"list fits: {shown(row['list fits'])} (not carried)")
    return ListedField(
        row["field"], kind, why if why != NO_TYPE or "type" in row else NO_TYPE, values=values,
        usage=usage_of(row.get("required", ""), place), applies=applies or (), blank=blank, placeholder=placeholder,
        primary=False, remarks=tuple(remarks),
    )  # fmt: skip


def _listed(text: str) -> tuple[str, ...]:
    """Return the values of a cell, separated by |, else by semicolons or line ends, else by commas."""
    for separators in (r"\|", r"[;\n]", r","):
        if re.search(separators, text):
            return tuple(value.strip() for value in re.split(separators, text) if value.strip())
    return (text.strip(),) if text.strip() else ()
