"""A list of fields that people have already, as a scenario: `casegauge scenario import`.

Read are Frictionless table schemas and data packages, the field CSV of the OMOP data model, JSON Schemas, and a plain
CSV with a row for every field. Taken are names, types, lists, conditions and rates; examples, defaults and descriptions
are never copied, and every value that is generated is invented.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from synth import yaml_text
from synth.consistency import MOST_FIELDS
from synth.errors import OutputError, ScenarioError, nearest
from synth.field_files import FORMATS, read_json, read_rows, read_text
from synth.field_plan import DEFAULT_BLANK, Draft, draft_of
from synth.field_scenario import scenario_lines
from synth.field_schemas import json_schema_tables, table_schema_tables
from synth.field_tables import is_omop, omop_tables, plain_tables
from synth.listed_fields import ListedTable, clean_name, counted, shown
from synth.pipeline import make_plan
from synth.scenario import parse_scenario

MOST_LISTED = (100, 25, 8, 2)  # values of a list before it becomes codes; fewer if the file would be too large
MOST_CASES = 1000  # of a quota


UNASKED = "asked always"  # how a remark begins that says a condition could not be used
MOST_TOLD = 10


@dataclass(frozen=True)
class Imported:
    """A scenario made from a field list.

    Attributes:
        text: its YAML.
        file_format: what the list was taken for.
        n_fields, n_systems: of the list.
        nearest: why fields became the nearest kind, and how many of each.
        renamed: (name in the list, name in the scenario).
        remarks: how many fields carry any comment about a choice.
        notes: what was left unread, or decided for the list as a whole.
    """

    text: str
    file_format: str
    n_fields: int
    n_systems: int
    nearest: dict[str, int]
    renamed: list[tuple[str, str]]
    remarks: int
    notes: list[str]


def import_field_list(
    path: Path, *, file_format: str = "auto", audit: Sequence[int] | None = None, name: str | None = None
) -> Imported:
    """Return the scenario of a field list; nothing is written.

    Args:
        path: the list, as UTF-8 text of at most 4 MB.
        file_format: one of `FORMATS`, or auto: by what is in the file.
        audit: cases found documented, inconsistent and insufficient: a quota. None: verdicts follow from the rates.
        name: of the scenario (default: the file's).

    Raises:
        ScenarioError: a file that is no field list, in one line with file and line.
    """
    if audit is not None and (min(audit) < 0 or not 1 <= sum(audit) <= MOST_CASES):
        raise ScenarioError(
            f"audit counts {list(audit)} sum to {sum(audit)}; they are 0 or more and sum to 1 to 1,000."
        )
    text = read_text(path)
    found, tables, notes = _tables(text, str(path), file_format)
    total = sum(len(table.fields) for table in tables)
    if total == 0:
        raise ScenarioError(f"{path}: lists no fields. A field list has at least one.")
    if total + 2 > MOST_FIELDS:
        raise ScenarioError(f"{path}: lists {total} fields; at most {MOST_FIELDS - 2} can be imported. Split the list.")
    label = _label(name, path)
    for most_listed in MOST_LISTED:
        draft = draft_of(tables, most_listed=most_listed)
        head = _head(draft, found, total, len(tables), notes)
        about = f"Imported from a field list ({found}): {counted(total, 'field')}, {counted(len(tables), 'system')}."
        made = scenario_lines(draft, name=label, about=about, audit=audit, notes=head)
        if len(made) <= yaml_text.MAX_BYTES:
            break
    else:
        raise ScenarioError(
            f"{path}: the scenario would have {len(made):,} bytes; at most {yaml_text.MAX_BYTES:,} are read. "
            "Split the list."
        )
    _try(made)
    nearest_kinds = Counter(cell.nearest for cell in draft.cells() if cell.nearest)
    remarks = sum(bool(cell.remarks or cell.nearest) for cell in draft.cells())
    unasked = [f"{cell.name}: {said}" for cell in draft.cells() for said in cell.remarks if said.startswith(UNASKED)]
    notes = [*notes, *unasked[:MOST_TOLD]]
    if len(unasked) > MOST_TOLD:
        notes.append(
            f"{len(unasked) - MOST_TOLD} more conditions could not be used; the file has each beside its field"
        )
    if audit is not None:
        notes.append(
            "with --audit, fields that must be filled are blank in insufficient cases only; their blank % says how "
            "often each is what such a case lacks"
        )
    return Imported(made, found, total, len(tables), dict(nearest_kinds), draft.renamed, remarks, notes)


def refuse_place(out: Path) -> None:
    """Refuse a file that a scenario cannot be written to.

    Raises:
        OutputError: the file exists, its folder does not, or its name does not end in .yaml.
    """
    if out.suffix not in {".yaml", ".yml"}:
        raise OutputError(f"--out {out}: a scenario's file ends in .yaml. Name it {out.stem or 'mine'}.yaml.")
    if out.exists():
        raise OutputError(f"--out {out} exists; nothing was written. Name a new file.")
    if not out.parent.is_dir():
        raise OutputError(f"--out {out}: there is no such folder. Name a file in one that exists.")


def write_new(text: str, out: Path) -> None:
    """Write a file that must not exist yet; nothing half-written is left, whatever happens."""
    refuse_place(out)
    with out.open("x", encoding="utf-8", newline="\n") as file:
        try:
            file.write(text)
            file.flush()
        except BaseException:
            out.unlink()
            raise


def _tables(text: str, name: str, file_format: str) -> tuple[str, list[ListedTable], list[str]]:
    """Return the format, the tables and what was left unread."""
    if file_format not in {"auto", *FORMATS}:
        raise ScenarioError(f"unknown format '{file_format}'. {nearest(file_format, ['auto', *FORMATS])}")
    if file_format in {"table-schema", "json-schema"} or (file_format == "auto" and text.lstrip()[0] in "{["):
        document = read_json(text, name)
        found = _json_format(document, name) if file_format == "auto" else file_format
        return (found, *(table_schema_tables if found == "table-schema" else json_schema_tables)(document, name))
    columns, rows = read_rows(text, name)
    found = ("omop" if is_omop(columns) else "csv") if file_format == "auto" else file_format
    if found == "omop":
        return found, omop_tables(columns, rows, name), []
    return (found, *plain_tables(columns, rows, name))


def _json_format(document: object, name: str) -> str:
    keys = set(document) if isinstance(document, dict) else set()
    if keys & {"fields", "resources"} or (isinstance(document, dict) and isinstance(document.get("schema"), dict)):
        return "table-schema"
    if keys & {"properties", "$schema", "$ref", "allOf", "$defs", "definitions", "items"}:
        return "json-schema"
    got = ", ".join(f"'{shown(key)}'" for key in list(keys)[:8]) if keys else f"a {type(document).__name__}"
    raise ScenarioError(
        f"{name}: is JSON, but no field list: got {got}. A table schema has 'fields', a data package 'resources', "
        "a JSON Schema 'properties'."
    )


def _label(name: str | None, path: Path) -> str:
    if name is None:
        return clean_name(path.stem).replace("_", "-")
    plain = name.strip()
    if not plain or len(plain) > 60 or not plain.isascii() or not plain.replace("-", "").replace("_", "").isalnum():
        raise ScenarioError(f"--name '{shown(name)}' is no name of a scenario: letters, digits, - and _, at most 60.")
    return plain if plain[0].isalnum() else f"s{plain}"


def _head(draft: Draft, found: str, n_fields: int, n_systems: int, notes: Sequence[str]) -> list[str]:
    """Return what stands at the top of the file."""
    head = [
        f"Made by `casegauge scenario import` from a field list ({found}): "
        f"{counted(n_fields, 'field')}, {counted(n_systems, 'system')}.",
        "Given by the list: names, types, listed values, conditions, what is required, rates where it has them.",
        "Modeller's choices: equal weights, 40 codes a text field, days 0 to 30 after the case, "
        f"gap {DEFAULT_BLANK} % where none is given, placeholders, everything about people, the regimes.",
    ]
    if draft.renamed:
        head.append("A name in quotes beside a field is its name in the list.")
    if draft.none_required:
        head.append("The list requires no field: all count as needed (modeller's choice).")
    if draft.placeholder_share is not None:
        head.append("gap = blank + placeholder; one share of placeholders holds for all fields with room for them.")
    return [*head, *notes]


def _try(text: str) -> None:
    """Load the text as it will be loaded, and make its plan; what fails here is our mistake, not the user's."""
    try:
        scenario = parse_scenario(yaml_text.load(text, error=ScenarioError))
        for regime in scenario.regimes:
            _ = make_plan(scenario, regime=regime).controls
    except ScenarioError as problem:
        raise ScenarioError(f"the imported scenario would not load ({problem}); please tell the authors.") from None
