"""DICTIONARY.md and dictionary.html: the data dictionary beside the data, for people.

One list of blocks (headings, paragraphs, tables) is written as Markdown and as a page that opens offline. Nothing in it
tells seed, rates or which case is what; without answers it says no more than the data package does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from synth.data_dictionary import FieldEntry
from synth.datapackage import DataFile
from synth.plan import Plan
from synth.writers import NOTICE

Row = tuple[str, ...]
TEMPLATES = Path(__file__).parent / "templates"
MOST_VALUES = 12  # longer lists of values are told by their first and last

ANSWERS_SAY = {
    "truth": "one row a case",
    "links": "one row a record; the true case number is never in the records",
    "stated": "one row a fact that a narrative states",
    "labels": "one row a defect, not-value or legitimate difference",
    "fates": "one row a gap: a cell nobody filled of their own accord, or one forced although it should not be asked",
}
COLUMNS_SAY = {
    "truth": {
        "case_id": "the case, from 0",
        "verdict": "the verdict drawn for the case (the quota)",
        "...": "every true value of the scenario by name; null where it does not apply",
    },
    "links": {
        "system": "the record system",
        "record_id": "the record, as in records/",
        "case_id": "the true case",
    },
    "stated": {
        "system": "whose narrative",
        "record_id": "the record",
        "fact": "the true value it speaks of",
        "value": "the value it states, whatever the wording",
        "start": "first character of the words that state it, from 0",
        "end": "one past the last character: `text[start:end]`",
    },
    "labels": {
        "label_id": "case_id x 1,024 + the place in the form; from 512 whole records, from 768 hard negatives",
        "class": "`defect`, `not_value` or `hard_negative`",
        "system": "where it is",
        "record_id": "the record; null: there is none",
        "field": "the field; null: the whole record",
        "other_system": "the system it differs from, for contradictions and hard negatives",
        "other_record_id": "the record there",
        "case_id": "the case",
        "defect": "its kind: see the [glossary](glossary.md)",
        "mechanism": "MCAR for what is missing, ECAR for what is wrong; null for hard negatives",
        "fact": "the fact in question, for contradictions and hard negatives",
        "expected": (
            "what an error-free clerk would have recorded; of a contradiction, the words for the span; of a hard "
            "negative, the other system's words"
        ),
        "recorded": "what is recorded; of a contradiction or hard negative, the words at the span",
        "span_start": "first character in the narrative",
        "span_end": "one past the last",
        "other_span_start": "where the other narrative states the fact",
        "other_span_end": "one past the last character there",
        "group": "a number that the two labels of a swap share; null elsewhere",
        "detectable_by": (
            "the rule families that can see the defect, joined by `;`, or `nothing`; null where there is no defect"
        ),
    },
    "fates": {
        "system": "the record system",
        "record_id": "the record, also where it was never made",
        "field": "the field",
        "fate": "what became of the gap: see the [glossary](glossary.md)",
        "cause": "`none`, `own_control`, `burden`, `exit` or `copy`",
    },
}
FIELD_MARKS = {
    "needed": "counts in the measures of completeness and correctness",
    "enforced": "the form as reported refuses a blank here",
    "stamped": "written by the system, never typed",
    "material": "its absence makes a case insufficient",
    "stable": "what is copied from the previous case is usually still true",
}
ONLY_WITH_ANSWERS = {"stable"}  # it tells how people were modelled, and the data package does not
FORMATS_SAY = {
    "parquet": "text is text, also where it looks like a number or a date; null is null",
    "csv": "UTF-8 with a header; every field of text is quoted, an empty field is null",
    "jsonl": "one JSON object a line; every column is named in every line, null is `null`",
    "sqlite": "text is TEXT, numbers are INTEGER, null is NULL",
    "duckdb": "text is VARCHAR, numbers are INTEGER or BIGINT, null is NULL",
    "xlsx": "a sheet a table; text cells are formatted as text, an empty cell is null",
}


@dataclass(frozen=True)
class Heading:
    """A heading of level 1, 2 or 3."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Some sentences; `words` between backquotes are code."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A table of text."""

    columns: Row
    rows: tuple[Row, ...]


Block = Heading | Paragraph | Grid


def dictionary_blocks(
    plan: Plan, files: Mapping[str, DataFile], schemas: Mapping[str, pa.Table], *, answers: bool
) -> Iterator[Block]:
    """Yield what a folder's data dictionary says.

    Args:
        plan: scenario, seed and regime; neither seed nor rates are told.
        files: table name -> its file in the folder.
        schemas: table name -> a table with its columns; the rows are not looked at.
        answers: whether the folder holds the answers; if not, nothing is said that only they tell.
    """
    yield from _opening(plan, files, answers=answers)
    yield Heading(2, "Records")
    yield Paragraph(
        "What each system holds. A record is found by its `record_id`; that number says nothing about the case, and "
        "neither does the order of the rows. All fields hold text."
    )
    marks = {name: about for name, about in FIELD_MARKS.items() if answers or name not in ONLY_WITH_ANSWERS}
    yield Grid(("mark", "meaning"), tuple(marks.items()))
    for system, spec in plan.scenario.systems.items():
        yield Heading(3, f"records/{system}")
        yield Paragraph(
            f"{spec.title}, in {_place(files[f'records/{system}'])}. `record_id` begins with `{spec.prefix}-`."
        )
        rows = (_field_row(entry, tuple(marks)) for entry in plan.system_fields(system))
        columns = ("field", "what it is", "kind", "values", "marks", "asked if", "may also hold")
        yield Grid(columns, tuple(rows))
    yield from _across(plan)
    if answers:
        yield Heading(2, "Answers")
        yield Paragraph("The answer key. Rules never see it, and whoever is to find the defects should not either.")
        for name in schemas:
            if name.startswith("answers/"):
                yield from _answers(plan, name, files[name], schemas[name])


def _opening(plan: Plan, files: Mapping[str, DataFile], *, answers: bool) -> Iterator[Block]:
    scenario = plan.scenario
    about = f": {scenario.regimes[plan.regime].about}" if answers and scenario.regimes[plan.regime].about else ""
    format_name = next(iter(files.values())).format_name
    yield Heading(1, f"Data dictionary: {scenario.title}")
    yield Paragraph(
        f"{NOTICE} Everything in this folder is fictional: made from a scenario, never from anybody's data."
    )
    yield Paragraph(scenario.about.strip())
    yield Paragraph(f"Scenario `{scenario.scenario}`, regime `{plan.regime}`{about.rstrip('.')}.")
    yield Heading(2, "This folder")
    rows = [(f"`{path}`", what) for path, what in _listing(plan, files).items()]
    rows += [
        ("`DICTIONARY.md`, `dictionary.html`", "this page"),
        ("`datapackage.json`, `croissant.json`", "the same for machines: a Frictionless data package, and Croissant"),
        ("`vocabularies.json`", "the texts of coded columns, in the order of their codes"),
        ("`manifest.json`, `verify.py`", "the SHA-256 of every file, and a script that checks them"),
    ]
    yield Grid(("file", "what it holds"), tuple(rows))
    yield Paragraph(
        f"Format: {FORMATS_SAY[format_name]}. The empty text is never a value, and nothing is written as a text that "
        "stands for null: a `N/A` in a record was typed there."
    )
    yield Paragraph(
        "Check the folder: `python verify.py` needs Python and nothing else, and finds any file that was changed, is "
        "missing or was added. `casegauge verify .` also works the content out again from the tables."
    )


def _listing(plan: Plan, files: Mapping[str, DataFile]) -> dict[str, str]:
    """Return each data file and what is in it: of a file with several tables their names, else what it is."""
    found: dict[str, list[str]] = {}
    for name, file in files.items():
        folder, _, owner = name.partition("/")
        about = plan.scenario.systems[owner].title if folder == "records" else ANSWERS_SAY.get(owner, name)
        found.setdefault(file.path, []).append(f"`{_table_in(file)}`" if file.dialect else about)
    return {path: ", ".join(texts) for path, texts in found.items()}


def _table_in(file: DataFile) -> str:
    return str(file.dialect.get("table", file.dialect.get("sheetName", "")))


def _place(file: DataFile) -> str:
    word = "sheet" if "sheetName" in file.dialect else "table"
    return f"`{file.path}`, {word} `{_table_in(file)}`" if file.dialect else f"`{file.path}`"


def _field_row(entry: FieldEntry, marks: Row) -> Row:
    """Return one line about a field."""
    marked = ", ".join(mark for mark in marks if getattr(entry.spec, mark))
    held = (
        ", ".join(f"`{text}`" for text in (*entry.placeholders, *entry.not_values))
        if entry.is_typed or entry.source
        else ""
    )
    asked = " and ".join(f"{field} = {' or '.join(values)}" for field, values in entry.applies.items())
    about = entry.spec.about or entry.name.replace("_", " ")
    return f"`{entry.name}`", about, _kind(entry), values_of(entry), marked, asked, held


def _kind(entry: FieldEntry) -> str:
    if not entry.spec.shown:
        return "empty"
    return {"reference": "reference number", "whole": "whole number", "time": "time of day"}.get(
        entry.domain.kind, entry.domain.kind
    )


def values_of(entry: FieldEntry) -> str:
    """Return what a field can rightly hold, in words.

    Examples:
        >>> from synth.pipeline import make_plan
        >>> values_of(make_plan("oig-20-13").dictionary["encounter", "encounter_time"])
        '`00:00` to `23:59`'
    """
    domain = entry.domain
    if not entry.spec.shown:
        return "the form has it, but nothing ever shows in it"
    if entry.is_narrative:
        return "running text"
    if domain.kind == "reference":
        return f"`{domain.prefix}-`, ten digits, `-`, a check digit (Luhn)"
    if domain.kind == "choice" or len(domain.values) <= MOST_VALUES:
        return ", ".join(f"`{text}`" for text in domain.values)
    return f"`{domain.values[0]}` to `{domain.values[-1]}`"


def _across(plan: Plan) -> Iterator[Block]:
    """Yield what ties the systems together, and what stands in the place of values."""
    scenario = plan.scenario
    if scenario.links:
        yield Heading(2, "Links between systems")
        yield Paragraph("Fields by which records of one case find each other, as recorded: they can be blank or wrong.")
        yield Grid(("link", "fields"), tuple((f"`{name}`", _ends(ends)) for name, ends in scenario.links.items()))
    facts = {name: fact.fields for name, fact in scenario.shared_facts.items() if fact.fields}
    if facts:
        yield Heading(2, "Shared facts")
        yield Paragraph("Facts that several systems state. Different values make a case inconsistent.")
        yield Grid(("fact", "fields that state it"), tuple((f"`{name}`", _ends(ends)) for name, ends in facts.items()))
    placeholders = {kind: texts for kind, texts in scenario.placeholders.items() if texts}
    if placeholders or scenario.not_values:
        yield Heading(2, "In the place of values")
        yield Paragraph(
            "A placeholder fills a field without saying anything. A not-value is an answer that says there is none. "
            "Neither is a null."
        )
        rows = [(f"placeholders, {kind}", ", ".join(f"`{t}`" for t in texts)) for kind, texts in placeholders.items()]
        rows += [("not-values", ", ".join(f"`{text}`" for text in scenario.not_values))] * bool(scenario.not_values)
        yield Grid(("what", "texts"), tuple(rows))


def _ends(ends: Mapping[str, str]) -> str:
    return ", ".join(f"`{system}.{field}`" for system, field in ends.items())


def _answers(plan: Plan, name: str, file: DataFile, table: pa.Table) -> Iterator[Block]:
    owner = name.split("/")[1]
    about = ANSWERS_SAY.get(owner, "")
    yield Heading(3, name)
    yield Paragraph(f"{about[:1].upper()}{about[1:]}{'. ' if about else ''}In {_place(file)}.")
    rows = answer_rows(table.schema, owner, frozenset(plan.domains))
    yield Grid(("column", "type", "meaning"), tuple((f"`{row[0]}`", row[1], without_links(row[2])) for row in rows))


def answer_rows(schema: pa.Schema, name: str, true_values: frozenset[str]) -> Iterator[Row]:
    """Yield one line a column of an answer table, and one for all true values."""
    said: Mapping[str, str] = COLUMNS_SAY.get(name, {})
    for column in schema:
        if column.name in true_values and name == "truth":
            continue
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        yield column.name, "whole number" if pa.types.is_integer(kind) else "text", said.get(column.name, "")
    if "..." in said:
        yield "...", "text", said["..."]


def without_links(text: str) -> str:
    """Return a text with its Markdown links as plain words.

    Examples:
        >>> without_links("see the [glossary](glossary.md)")
        'see the glossary'
    """
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


# ------------------------------------------------------------------------------------------------------------ renderers


def markdown_table(columns: Row, rows: Iterable[Row]) -> str:
    r"""Return a Markdown table; `|` in a cell is escaped.

    Examples:
        >>> print(markdown_table(("a", "b"), [("x|y", "z")]))
        | a | b |
        | --- | --- |
        | x\|y | z |
    """
    cells = (tuple(" ".join(cell.replace("|", "\\|").split()) for cell in row) for row in rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, tuple("---" for _ in columns), *cells))


def markdown(blocks: Iterable[Block]) -> str:
    """Return blocks as Markdown, an empty line between them.

    Examples:
        >>> print(markdown([Heading(2, "Records"), Paragraph("All text.")]), end="")
        ## Records
        <BLANKLINE>
        All text.
    """
    return "\n\n".join(_as_markdown(block) for block in blocks) + "\n"


def _as_markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {block.text}"
    return block.text if isinstance(block, Paragraph) else markdown_table(block.columns, block.rows)


def page_html(blocks: Iterable[Block]) -> str:
    """Return blocks as one page: no script, nothing fetched, every text escaped."""
    found = list(blocks)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["code"] = with_code
    environment.filters["anchor"] = anchor
    shown = [{"kind": type(block).__name__, **vars(block)} for block in found]
    return environment.get_template("dictionary.html.j2").render(blocks=shown)


def with_code(text: str) -> Markup:
    """Return text as HTML, what stands between backquotes as code.

    Examples:
        >>> str(with_code("a `<b>` & c"))
        'a <code>&lt;b&gt;</code> &amp; c'
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backquote without its fellow is a character
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def anchor(text: str) -> str:
    """Return the place a heading is linked by.

    Examples:
        >>> anchor("records/inquiry")
        'records-inquiry'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
