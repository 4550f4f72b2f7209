"""The pages are true: examples run, commands do what is shown, generated pages are fresh, names and numbers exist."""

import doctest
import importlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import synth
from benchmarks import measures
from benchmarks.cli import COMMANDS, Parser
from benchmarks.regimes import SHARES
from synth.defects import DEFECTS, DETECTABLE_BY
from synth.scenario import load_scenario, scenario_names
from synth.sheet import CAUSES, FATES
from synth.spec import VERDICTS, OperatorSpec

ROOT = Path(__file__).resolve().parent.parent
DOCS = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "formats").glob("*.md")]
PAGES = [page for page in (ROOT / "README.md", *sorted(DOCS)) if page.exists()]
RUN = ("casegauge", "python")  # commands of console blocks that are run
NOT_RUN = ("pip", "git", "make", "cd")  # they install, fetch or change the checkout; CI does so on a fresh clone
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OUTSIDE = ("http:", "https:", "mailto:")
YOURS = {  # stand-ins for files that a page calls the reader's own
    "dirty.csv": "id,zip,city\n1,12345,Ash\n2,1234,\n3,54321,Oak\n",
    "clean.csv": "id,zip,city\n1,12345,Ash\n2,12346,Elm\n3,54321,Oak\n",
    "fields.csv": (
        "field,type,required,applies when,blank %,values\ncontact no,id,yes,,1,\ncontact date,date,yes,,4,\n"
        "outcome,list,yes,,12,open|closed\nreason,list,no,outcome = closed,35,moved|no reply\nnotes,note,no,,60,\n"
        "pages,whole,no,,,\n"
    ),
    "rules.yaml": "rules: [{id: zip, pattern: {field: zip, regex: '[0-9]{5}'}}, {id: city, not_blank: city}]\n",
}


def of_page(page):
    return page.relative_to(ROOT).as_posix()


def text_of(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def prose(page):
    """Return a page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------------ examples run


@pytest.mark.parametrize("page", PAGES, ids=of_page)
def test_every_example_on_a_page_runs_and_shows_what_the_page_shows(page, monkeypatch):
    lines = ["" if line.startswith("```") else line for line in page.read_text(encoding="utf-8").split("\n")]
    example = doctest.DocTestParser().get_doctest("\n".join(lines), {}, page.name, str(page), 0)
    said = []
    monkeypatch.chdir(ROOT)

    found = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=said.append)

    assert found.failed == 0, "".join(said)


def console_blocks():
    """Yield every console block as a test case; a block that runs the main job is slow."""
    for page in PAGES:
        found = [body for kind, body in FENCE.findall(page.read_text(encoding="utf-8")) if kind == "console"]
        for number, body in enumerate(found, 1):
            marks = [pytest.mark.slow] if re.search(r"^\$ casegauge (run|compare)\b", body, re.MULTILINE) else []
            yield pytest.param(body, id=f"{of_page(page)}-{number}", marks=marks)


def commands(block):
    """Return the commands of a console block, each with the lines shown below it."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip() and line.strip() != "...":
            assert found, f"a console block begins with output: {line!r}"
            found[-1][1].append(line.rstrip())
    return found


@pytest.mark.parametrize("block", list(console_blocks()))
def test_every_command_of_a_console_block_runs_and_prints_what_is_shown(block, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)  # the page shows pytest as it is
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    for name, text in YOURS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command, shown in commands(block):
        program, *arguments = command.split("  #")[0].split()
        assert program in RUN + NOT_RUN, f"'{command}' is neither run nor listed in NOT_RUN"
        if program in NOT_RUN:
            continue
        start = [sys.executable, "-m", "benchmarks.cli"] if program == "casegauge" else [sys.executable]
        done = subprocess.run([*start, *arguments], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        for line in shown:
            assert line in done.stdout, f"`{command}` does not print this line:\n{line}\nIt prints:\n{done.stdout}"


# --------------------------------------------------------------------------------------------------- generated pages


def generator():
    specification = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("columns", ["40", "200"])
def test_generated_pages_are_fresh_whatever_the_width_of_the_terminal(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    made = generator()

    for name, text in made.pages().items():
        assert text_of(name) == text, f"docs/{name} is out of date. Run: {made.COMMAND}"


# ------------------------------------------------------------------------------------------------- links, names, help


def anchors(page):
    """Return the anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=of_page)
def test_every_relative_link_leads_somewhere(page):
    text = prose(page)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"(?:src|href)=\"([^\"]+)\"", text)

    for target in targets:
        if target.startswith(OUTSIDE):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{of_page(page)} links to {target}, which is not there"
        assert not anchor or anchor in anchors(file), f"{of_page(page)} links to {target}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=of_page)
def test_every_dotted_name_in_the_text_exists(page):
    for name in re.findall(r"`((?:synth|checks|benchmarks)(?:\.\w+)+)(?:\(\))?`", prose(page)):
        module, rest = importlib.import_module(name.split(".")[0]), name.split(".")[1:]
        for part in rest:
            if not hasattr(module, part):
                module = importlib.import_module(f"{module.__name__}.{part}")
            else:
                module = getattr(module, part)


@pytest.mark.parametrize("page", PAGES, ids=of_page)
def test_every_command_and_option_named_in_the_text_exists(page):
    known = {"--help", "--version"}
    for name in COMMANDS:
        parser = Parser(prog=name)
        importlib.import_module(f"benchmarks.commands.{name}_command").add_arguments(parser)
        known |= set(parser._option_string_actions)

    spoken = " ".join(re.findall(r"`(casegauge [^`]*)`", prose(page)))
    for name in re.findall(r"casegauge ([a-z]+)", spoken):
        assert name in COMMANDS, f"`casegauge {name}` is no command"
    for option in re.findall(r"(--[a-z-]+)", spoken):
        assert option in known, f"{option} is no option of any command"


def test_every_page_is_listed_in_the_index():
    index = text_of("index.md")

    for page in sorted((ROOT / "docs").glob("*.md")):
        assert page.name == "index.md" or f"({page.name})" in index


# --------------------------------------------------------------------------------------- the glossary and the model


@pytest.mark.parametrize("word", [*DEFECTS, *FATES, *CAUSES, *VERDICTS, *(share.name for share in SHARES)])
def test_every_word_of_the_code_is_in_the_glossary(word):
    assert re.search(rf"\b{word}\b", text_of("glossary.md"))


def test_every_measure_of_rules_is_in_the_glossary():
    functions = [
        name for name, value in vars(measures).items() if getattr(value, "__module__", "") == measures.__name__
    ]

    for name in set(functions) - {"ratio", "describe"}:
        if not name.startswith("_"):
            assert f"`{name}`" in text_of("glossary.md")


def rows_of(page, first):
    """Return the cells of the rows of the table whose header begins with `first`."""
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text_of(page).splitlines() if line[:1] == "|"
    ]
    start = next(number for number, cells in enumerate(lines) if cells[0] == first)
    width = len(lines[start])
    return [cells for cells in lines[start + 2 :] if len(cells) == width and cells[0].startswith("`")]


def test_the_parameters_in_the_model_are_those_of_the_scenarios():
    rows = {cells[0].strip("`"): cells for cells in rows_of("behaviour.md", "parameter")}

    assert set(rows) | {"stay"} == set(OperatorSpec.model_fields)
    for place, name in enumerate(scenario_names(), 6):
        scenario = load_scenario(name)
        for parameter, cells in rows.items():
            value = getattr(scenario.operator, parameter)
            assert (cells[place] or None) == (None if value is None else str(value)), f"{name}: {parameter}"


def test_every_parameter_is_anchored_by_a_graded_source():
    for cells in rows_of("behaviour.md", "parameter"):
        assert cells[-2] in set("MSDU"), cells[0]
        assert cells[-1], cells[0]


def test_the_detectability_in_the_model_is_that_of_the_labels():
    rows = {cells[0].strip("`"): cells[1] for cells in rows_of("model.md", "defect")}

    assert rows == {defect: ", ".join(families) or "nothing" for defect, families in DETECTABLE_BY.items()}


CITED = {  # a figure of a study or report -> the name that must stand in the same paragraph
    "78.5 %": "PMID 31909417", "113,741": "Javaid", "1,720 charts": "Meisha", "6.57 %": "Garza", "6,930": "Mays",
    "43.3 %": "Delgado", "50.1 %": "Steinkamp", ".0002 is": "Hoerger", "46.2-96.2 %": "Poly", "24.4 %": "Yadav",
    "95.2 %": "Oertli", "64,451": "Polubriaginof", "74-80 %": "Timmons", "38-58 %": "Baysari", "7.5 %": "Yadav",
    "35 hand-picked": "OIG-20-13", "44, 11 and 12": "67",
}  # fmt: skip


@pytest.mark.parametrize(("figure", "source"), CITED.items())
def test_every_figure_stands_with_its_source(figure, source):
    whole = re.compile(rf"(?<![\d.]){re.escape(figure)}")
    lines = [line for page in PAGES for line in prose(page).splitlines() if whole.search(line)]

    assert lines, f"{figure} is nowhere in the pages; take it from this list too"
    for line in lines:
        assert source in line, f"{figure} stands without {source}: {line[:100]}"


# --------------------------------------------------------------------------------------------------- docs/walk.md


def test_the_walk_follows_two_cases_of_one_officer():
    followed = [int(number) for number in re.search(r"cases (\d+) and (\d+)", text_of("walk.md")).groups()]

    officers = {synth.case("oig-20-13", index).answers["truth"]["officer_code"][0].as_py() for index in followed}

    assert len(officers) == 1
