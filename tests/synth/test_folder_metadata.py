"""Data package, Croissant and data dictionary: other libraries validate and load them, and they tell what holds."""

import json
import logging
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from other_readers import library, needed, rows_of
from worlds import PLAIN, SMALL, parsed, small

from synth.dictionary_page import ANSWERS_SAY, COLUMNS_SAY, Grid, Paragraph, markdown, page_html
from synth.export import FORMATS, write
from synth.file_formats import FILE_FORMATS
from synth.pipeline import case, make_plan
from synth.scenario import load_scenario, scenario_names
from synth.writers import NOTICE

SECRET = "a sentence nobody will guess"  # noqa: S105  # a test's
WORLDS = [(name, max(load_scenario(name).regimes)) for name in scenario_names()]


def written(folder, scenario, regime, file_format, *, answers=True, n_cases=150):
    """Write a folder and give it back."""
    needed(file_format)
    plan = make_plan(scenario, seed=77, regime=regime, secret="" if answers else SECRET)
    write(plan, folder, n_cases=n_cases, file_format=file_format, answers=answers)
    return folder


def package_of(folder):
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


# -------------------------------------------------------------------------------------------------------- data package


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "no answers"])
@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize(("scenario", "regime"), WORLDS)
def test_frictionless_validates_every_folder(tmp_path, scenario, regime, file_format, answers):
    """Types, keys, references, lists of values, sizes and hashes hold in the eyes of another library, row for row."""
    frictionless = library("frictionless")
    folder = written(tmp_path / "x", scenario, regime, file_format, answers=answers)
    report = frictionless.validate(str(folder / "datapackage.json"))
    problems = {(task.name, error.type) for task in report.tasks for error in task.errors}

    empty = {
        name.replace("/", "-")
        for name, rows in json.loads((folder / "manifest.json").read_text())["rows"].items()
        if not rows
    }
    if file_format == "jsonl":  # that library cannot read a JSON Lines file without lines
        problems -= {(name, "source-error") for name in empty}
    assert not report.errors
    if file_format == "parquet":  # that library turns an empty number in Parquet into "nan" before it looks
        assert problems <= {("answers-labels", "type-error")}
        assert all('"nan"' in error.message for task in report.tasks for error in task.errors)
    else:
        assert problems == set()
    if FILE_FORMATS[file_format].is_table and file_format != "parquet":
        rows = json.loads((folder / "manifest.json").read_text())["rows"]
        assert {task.name: task.stats.get("rows") or 0 for task in report.tasks} == {
            name.replace("/", "-"): count for name, count in rows.items()
        }


BROKEN = [
    ("records/encounter", lambda rows: rows.append(rows[0]), "primary-key"),
    ("records/encounter", lambda rows: rows[0].update(record_id="SYN-E-12-3"), "constraint-error"),
    ("answers/truth", lambda rows: rows[0].update(verdict="fine"), "constraint-error"),
    ("answers/links", lambda rows: rows[0].update(case_id="9999"), "foreign-key"),
    ("answers/links", lambda rows: rows.pop(0), "foreign-key"),
    ("answers/labels", lambda rows: rows[0].update(label_id="x"), "type-error"),
]


@pytest.mark.parametrize(("name", "change", "error"), BROKEN)
def test_frictionless_finds_what_breaks_a_key_or_a_type(tmp_path, name, change, error):
    """A second row of one number, a lost link, a case that is not there: each is found by what the package says."""
    frictionless = library("frictionless")
    folder = written(tmp_path / "x", "oig-20-13", "as_reported", "csv")
    rows = rows_of(folder, name)
    change(rows)
    pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    package = package_of(folder)
    for part in package["resources"]:
        part.pop("bytes"), part.pop("hash")
    (folder / "datapackage.json").write_text(json.dumps(package))
    report = frictionless.validate(str(folder / "datapackage.json"))

    assert error in {found.type for task in report.tasks for found in task.errors}


def test_records_are_promised_nothing_that_dirty_data_breaks(tmp_path):
    """A field of a record is text without a list it must be on; only record numbers have constraints."""
    for scenario, regime in WORLDS:
        for part in package_of(written(tmp_path / scenario, scenario, regime, "csv"))["resources"]:
            if part["table"].startswith("records/"):
                fields = part["schema"]["fields"]
                assert {field["type"] for field in fields} == {"string"}
                assert [field["name"] for field in fields if "constraints" in field] == ["record_id"]


def test_a_package_without_answers_refers_to_none(tmp_path):
    """Neither resources nor references lead to what was not handed out."""
    for file_format in FORMATS:
        folder = written(tmp_path / file_format, "oig-20-13", "as_reported", file_format, answers=False)
        assert "answers" not in (folder / "datapackage.json").read_text()
        assert "foreignKeys" not in (folder / "datapackage.json").read_text()


# ----------------------------------------------------------------------------------------------------------- Croissant


def as_read_by_pandas(text, *, numeric):
    """What mlcroissant makes of a CSV cell: pandas takes some texts for nulls, and columns of digits for numbers."""
    if text in {"", "N/A", "NA", "nan", "null", "NULL", "None", "n/a", "<NA>", "#N/A", "NaN"}:
        return None
    return float(text) if numeric else text


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize(("scenario", "regime"), WORLDS)
def test_mlcroissant_validates_and_loads_every_folder(tmp_path, scenario, regime, file_format, caplog):
    """The library finds no error, names the files with their hashes, and gives the rows of CSV and Parquet."""
    mlc = library("mlcroissant")
    folder = written(tmp_path / "x", scenario, regime, file_format)
    with caplog.at_level(logging.CRITICAL):
        dataset = mlc.Dataset(jsonld=str(folder / "croissant.json"))
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {part["path"] for part in package_of(folder)["resources"]}

    assert not dataset.metadata.ctx.issues.errors
    assert {node.id: node.sha256 for node in dataset.metadata.distribution} == {p: manifest["files"][p] for p in files}
    assert NOTICE in dataset.metadata.description
    loaded = {node.id for node in dataset.metadata.record_sets}
    assert loaded == (set(manifest["rows"]) if file_format in {"csv", "parquet"} else set())
    for name in loaded:
        if not manifest["rows"][name]:  # pandas has nothing to apply a function to
            continue
        rows = [
            {key.removeprefix(f"{name}/"): value.decode() if isinstance(value, bytes) else value
             for key, value in row.items()}
            for row in dataset.records(record_set=name)
        ]  # fmt: skip
        expected = rows_of(folder, name)
        if file_format == "csv":
            frame = pd.read_csv(folder / f"{name}.csv")
            numeric = {column for column in frame if pd.api.types.is_numeric_dtype(frame[column])}
            expected = [{k: as_read_by_pandas(v, numeric=k in numeric) for k, v in row.items()} for row in expected]
            rows = [{k: float(v) if k in numeric and v is not None else v for k, v in row.items()} for row in rows]
        assert rows == expected, name


def test_croissant_without_answers_names_no_answers(tmp_path):
    """Files, record sets and hashes are those of the records alone."""
    for file_format in FORMATS:
        folder = written(tmp_path / file_format, "oig-20-13", "as_reported", file_format, answers=False)
        assert "answers" not in (folder / "croissant.json").read_text()


# ----------------------------------------------------------------------------------------------------- data dictionary


class Cells(HTMLParser):
    """Collects the text of a page's table cells, and what it would fetch or run."""

    def __init__(self):
        super().__init__()
        self.cells, self.outside, self.inside = [], [], False

    def handle_starttag(self, tag, attrs):
        self.inside = self.inside or tag == "td"
        if tag == "td":
            self.cells.append("")
        names = dict(attrs)
        self.outside += [tag] * (tag in {"script", "link", "img", "iframe"})
        self.outside += [value for key, value in names.items() if key in {"href", "src"} and not value.startswith("#")]

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "td"

    def handle_data(self, data):
        if self.inside:
            self.cells[-1] += data


def cells_of(page):
    parser = Cells()
    parser.feed(page)
    return parser


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize(("scenario", "regime"), WORLDS)
def test_the_dictionary_names_every_field_table_and_column(tmp_path, scenario, regime, file_format):
    """Each column of each table stands on the page, in Markdown and in HTML, which fetch and run nothing."""
    folder = written(tmp_path / "x", scenario, regime, file_format, n_cases=20)
    text = (folder / "DICTIONARY.md").read_text(encoding="utf-8")
    page = cells_of((folder / "dictionary.html").read_text(encoding="utf-8"))
    loaded = load_scenario(scenario)

    assert NOTICE in text
    assert regime in text
    assert page.outside == []
    assert "verify.py" in text
    for part in package_of(folder)["resources"]:
        section = text.split(f"### {part['table']}\n")[1].split("\n#")[0]
        assert part["path"] in section
        for field in part["schema"]["fields"]:
            if field["name"] == "record_id" or (part["table"] == "answers/truth" and field["name"] in loaded.truth):
                continue
            (row,) = [line for line in section.splitlines() if line.startswith(f"| `{field['name']}` |")]
            assert field["name"] in page.cells
            for mark in ("needed", "enforced", "stamped", "material"):
                assert (mark in row.split(" | ")[4]) == bool(field.get(mark)) if mark in field else True
            for word in (*field.get("placeholders", ()), *field.get("not_values", ())):
                assert f"`{word}`" in row or field["stamped"] or "nothing ever shows" in row
            for other, values in field.get("applies_when", {}).items():
                assert f"{other} = {' or '.join(values)}" in row


def test_every_answer_table_and_column_has_its_words():
    """No column of the answers stands in the dictionary without a meaning."""
    for scenario in scenario_names():
        bundle = case(scenario, 0)
        for name, table in bundle.answers.items():
            assert ANSWERS_SAY[name]
            named = set(table.column_names) - (set(bundle.plan.domains) if name == "truth" else set())
            assert named <= {column for column, said in COLUMNS_SAY[name].items() if said}, name


@pytest.mark.parametrize("file_format", FORMATS)
def test_without_answers_the_dictionary_says_what_the_package_says_and_no_more(tmp_path, file_format):
    """No word of answers, copying, regime controls, rates or seed; every word in backquotes is in the data package."""
    folder = written(tmp_path / "x", "oig-20-13", "all_25", file_format, answers=False)
    text = (folder / "DICTIONARY.md").read_text(encoding="utf-8")
    known = "".join((folder / name).read_text() for name in ("datapackage.json", "vocabularies.json", "manifest.json"))
    known += "".join(str(rows_of(folder, f"records/{system}")) for system in ("inquiry", "encounter", "casework"))
    known += (
        "DICTIONARY.md dictionary.html croissant.json manifest.json python verify.py casegauge verify . record_id null"
    )

    assert not re.search(r"answer key|answers/|answers\.|stable|previous case|gap|weight|slip|seed|secret", text)
    assert make_plan("oig-20-13").scenario.regimes["all_25"].about not in text
    for word in re.findall(r"`([^`]+)`", text):
        parts = word.split(".") if word not in known and "." in word else [word.rstrip("-")]
        assert all(part in known for part in parts), word
    assert not re.search(r"\b0\.\d", text)


def test_markup_in_a_scenario_is_text_on_the_page(tmp_path):
    """What a scenario's author wrote is shown, not run, and a pipe or line break does not break a table."""
    nasty = "<script>alert(1)</script> | a\nb `x"
    blocks = [Paragraph(nasty), Grid(("a", "b"), ((nasty, "c"),))]
    text, page = markdown(blocks), page_html([*blocks, *blocks])

    assert "<script>" not in page
    assert cells_of(page).cells[0].split() == nasty.split()
    assert text.splitlines()[-1] == r"| <script>alert(1)</script> \| a b `x | c |"


def test_small_and_odd_scenarios_have_a_dictionary(tmp_path):
    """A hidden field, whole numbers, long lists and a scenario in capitals are told, and validated by frictionless."""
    frictionless = library("frictionless")
    scenario = small()
    folder = written(tmp_path / "x", scenario, "hard", "csv")
    text = (folder / "DICTIONARY.md").read_text(encoding="utf-8")

    assert "| `hidden` | hidden | empty | the form has it, but nothing ever shows in it |" in text
    assert "| `pages` | pages | whole number | `1`, `2`, `3`, `4`, `5` |" in text
    assert frictionless.validate(str(folder / "datapackage.json")).valid
    loud = parsed(SMALL.format(**PLAIN).replace("scenario: small", "scenario: LOUD_Name-1"))
    assert frictionless.validate(str(written(tmp_path / "y", loud, "base", "csv") / "datapackage.json")).valid
