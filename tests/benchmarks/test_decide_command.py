"""`casegauge decide` as a person meets it: what it prints and writes, what it refuses, what it leaves behind."""

import json
import re
import zipfile
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cli import main

ROOT = Path(__file__).resolve().parent.parent.parent
ARREST, SHELTER = (str(ROOT / "examples" / "decide" / f"{name}.csv") for name in ("arrest-paperwork", "shelter-intake"))
QUICK = ("--settings", "200")
BAIT = "field,blank %,applies when\n=1+1,10,\n+a,5,\n@b,3,<b>x</b> = [red]\n[/bold],7,\n<script>alert(1)</script>,9,\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bait.csv").write_text(BAIT, encoding="utf-8")
    (tmp_path / "there.html").write_text("mine", encoding="utf-8")
    (tmp_path / "there.xlsx").write_text("mine", encoding="utf-8")
    return tmp_path


def run(capsys, *arguments):
    code = main(["decide", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


# ------------------------------------------------------------------------------------------------------------- prints


def test_the_answer_names_every_field_and_marks_what_is_chosen(here, capsys):
    code, out, err = run(capsys, ARREST, *QUICK)

    assert (code, err) == (0, "")
    for word in ("encounter_time", "narrative", "Modeller's choice", "no probability", "without simulation error",
                 "docs/limits.md", "What would settle it", "all required or unknown", "not a chance"):  # fmt: skip
        assert word in " ".join(out.split()), word


@pytest.mark.parametrize("columns", ["60", "100", "200"])
def test_the_tables_fit_a_line_of_a_hundred_signs(here, capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)

    _, out, _ = run(capsys, ARREST, *QUICK)

    rows = [line for line in out.splitlines() if re.search(r"\d  +[-+\d]|──", line)]
    assert len(rows) > 20
    assert max(len(line.rstrip()) for line in rows) <= 100


def test_names_of_a_list_are_printed_as_they_are(here, capsys):
    code, out, _ = run(capsys, "bait.csv", *QUICK)

    assert code == 0
    assert all(name in out for name in ("=1+1", "[/bold]", "<script>alert(1)..."[:12]))


def test_the_template_is_printed_and_can_be_used(here, capsys):
    code, out, _ = run(capsys, "--template")
    (here / "fields.csv").write_text(out, encoding="utf-8")

    assert code == 0
    assert run(capsys, "fields.csv", *QUICK)[0] == 0


def test_json_holds_everything_and_says_what_it_is(here, capsys):
    code, out, _ = run(capsys, SHELTER, *QUICK, "--json")

    told = json.loads(out)
    assert code == 0
    assert "modeller's choice" in told["kind"]
    assert told["settings"]["swept"] == 200
    assert [each["field"] for each in told["fields"]][:2] == ["entry_date", "entry_time"]
    for each in told["fields"]:
        assert each["verdict"] in {"leave", "require", "require_with_unknown", "warn", "depends"}
        assert sum(option["best_in"] for option in each["options"]) == 200
        assert (each["depends_on"] is None) == (each["verdict"] != "depends")
        assert set(each["options"][0]) >= {"right", "hidden_wrong", "hours", "records_lost", "informed", "lucky"}
    assert told["forms"][0]["name"] == "as it is"
    assert told["cannot_show"]


def test_the_same_seed_gives_the_same_answer_and_another_another_sweep(here, capsys):
    first, again, other = (
        run(capsys, SHELTER, *QUICK, "--json", "--seed", seed)[1] for seed in ("1", "1", "2")
    )  # fmt: skip

    assert first == again
    assert first != other


def test_what_was_measured_narrows_the_answer(here, capsys):
    """One value of omega: it is no longer what a verdict depends on."""
    wide, narrow = (
        json.loads(run(capsys, SHELTER, "--json", *omega)[1]) for omega in ((), ("--omega", "1"))
    )  # fmt: skip

    assert "omega" in {each["depends_on"] for each in wide["fields"]}
    assert "omega" not in {each["depends_on"] for each in narrow["fields"]}
    assert narrow["settings"]["omega"] == [1, 1, 1]


def test_parameters_of_one_s_own_come_from_a_file_or_from_the_line(here, capsys):
    (here / "mine.yaml").write_text(
        "h0: {low: 0.6, central: 0.7, high: 0.8}\ncareless: {central: 0.2}\n", encoding="utf-8"
    )

    told = json.loads(run(capsys, SHELTER, *QUICK, "--json", "--behaviour", "mine.yaml", "--param", "nu=0.9")[1])

    chosen = {each["name"]: (each["low"], each["central"], each["high"]) for each in told["parameters"]}
    assert chosen["h0"] == (0.6, 0.7, 0.8)
    assert chosen["nu"] == (0.9, 0.9, 0.9)
    assert told["notes"] == ["parameters that decide does not use: careless"]


@pytest.mark.parametrize(
    ("n", "words"),
    [("400", "10 where it is near a half, 6 near 90 %. Differences within about 10 to 20 of 400 mean nothing"),
     ("10000", "50 where it is near a half, 30 near 90 %")],
)  # fmt: skip
def test_how_far_counts_move_with_the_seed_stands_below_the_table_and_on_the_page(here, capsys, n, words):
    """By hand: sqrt(400 / 4) = 10, sqrt(400 x .09) = 6; sqrt(10,000 / 4) = 50, sqrt(900) = 30."""
    _, out, _ = run(capsys, "bait.csv", "--settings", n, "--html", "new.html")

    page = (here / "new.html").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    for text in (" ".join(out.split()), page):
        assert "one seeded draw" in text
        assert words in text
        assert "Nothing is simulated" not in text


def test_counts_of_drawn_settings_move_with_the_seed_as_far_as_is_said(here, capsys):
    """Over 30 seeds: the spread of the counts of settings is about sqrt(n p (1 - p))."""
    counts = np.array([
        [option["best_in"] for option in json.loads(run(capsys, "bait.csv", *QUICK, "--json", "--seed", str(seed))[1])[
            "fields"][1]["options"]]
        for seed in range(30)
    ])  # fmt: skip

    state = abs(counts.mean(axis=0) - 100).argmin()
    p = counts[:, state].mean() / 200
    assert 0.6 < counts[:, state].std(ddof=1) / np.sqrt(200 * p * (1 - p)) < 1.6


def test_why_a_verdict_and_the_set_found_may_differ_is_said_beside_the_set(here, capsys):
    _, out, _ = run(capsys, SHELTER, *QUICK, "--omega", "1", "--html", "new.html")

    page = (here / "new.html").read_text(encoding="utf-8")
    words = "a verdict takes one field at a time, everything else as it is today"
    assert words in " ".join(out.split())
    assert words in page


def test_symbols_stand_for_parameters_as_in_compare(here, capsys):
    told = [
        json.loads(run(capsys, SHELTER, *QUICK, "--json", *arguments)[1])
        for arguments in (("--param", "h=.4", "--param", "eps=.1"), ("--param", "h0=.4", "--param", "slips=.1"))
    ]

    assert told[0] == told[1]
    chosen = {each["name"]: each["central"] for each in told[0]["parameters"]}
    assert (chosen["h0"], chosen["slips"]) == (0.4, 0.1)


def test_one_share_of_evasions_is_taken_at_its_word_and_the_others_keep_their_proportion(here, capsys):
    """Of the tenth that is left, placeholders : copies are as before, .40 : .25."""
    told = json.loads(run(capsys, SHELTER, *QUICK, "--json", "--param", "qW=.9")[1])

    chosen = {each["name"]: each["central"] for each in told["parameters"]}
    assert chosen["q_wrong"] == 0.9
    assert chosen["q_placeholder"] == pytest.approx(0.1 * 0.40 / 0.65)
    assert chosen["q_copy"] == pytest.approx(0.1 * 0.25 / 0.65)


# ------------------------------------------------------------------------------------------------------------- writes


class Page(HTMLParser):
    """Collects what a page loads, and its text."""

    def __init__(self):
        super().__init__()
        self.loads, self.tags, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.loads += [value for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_holds_everything_and_loads_nothing(here, capsys):
    code, out, _ = run(capsys, "bait.csv", *QUICK, "--html", "new.html")

    page = Page()
    text = (here / "new.html").read_text(encoding="utf-8")
    page.feed(text)
    assert code == 0
    assert "Open the page: new.html" in out
    assert page.loads == ["#choices"]
    assert not {"script", "link", "iframe", "img", "b"} & set(page.tags)
    assert "url(" not in text
    assert "@import" not in text
    said = " ".join(page.text)
    for word in ("=1+1", "<script>alert(1)", "Modeller's choice", "no probability", "What this cannot show", "@page"):
        assert word in said, word
    assert str(here) not in text


def test_the_workbook_holds_no_formula(here, capsys):
    openpyxl = pytest.importorskip("openpyxl")

    code, _, _ = run(capsys, "bait.csv", *QUICK, "--xlsx", "new.xlsx")

    book = openpyxl.load_workbook(here / "new.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert code == 0
    assert book.sheetnames[0] == "Verdicts"
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert not [
        cell.value for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "@", "-"))
    ]
    assert {cell.value for cell in book["Verdicts"]["A"]} == {
        "field",
        "1+1",
        "a",
        "b",
        "[/bold]",
        "<script>alert(1)</script>",
    }
    assert "Modeller's choice" in "".join(str(cell.value) for cell in book["Read me"]["A"])
    with zipfile.ZipFile(here / "new.xlsx") as parts:
        assert not [name for name in parts.namelist() if "external" in name.lower()]


def test_both_files_and_json_come_together(here, capsys):
    pytest.importorskip("xlsxwriter")

    code, out, _ = run(capsys, SHELTER, *QUICK, "--json", "--html", "n.html", "--xlsx", "n.xlsx")

    assert code == 0
    assert json.loads(out)["fields"]
    assert sorted(path.name for path in here.iterdir()) == ["bait.csv", "n.html", "n.xlsx", "there.html", "there.xlsx"]


# ------------------------------------------------------------------------------------------------------------ refuses


REFUSED = [
    ((), "--template"),
    (("bait.csv", "--template"), "--template prints an empty list and does not read bait.csv"),
    (("no.csv",), "no.csv: cannot be read"),
    ((".",), "is a folder"),
    (("there.html",), "no column 'field'"),
    (("there.xlsx",), "is no workbook"),
    (("bait.csv", "--omega", "2:1"), "--omega 2:1: the numbers do not rise"),
    (("bait.csv", "--param", "zz=1"), "--param zz=1: decide uses no parameter 'zz'"),
    (("bait.csv", "--param", "D=1"), "--param D=1: decide uses no parameter 'D'"),
    (("bait.csv", "--param", "h=.4", "--param", "h0=.5"), "--param h0=.5: h0 is given twice, first as h=.4"),
    (
        ("bait.csv", "--param", "q_wrong=.9", "--param", "q_placeholder=.9"),
        "q_placeholder 0.9 + q_wrong 0.9 is 1.8; the shares of evasions (q_placeholder, q_wrong, q_copy) sum to 1",
    ),
    (("bait.csv", "--param", "qP=.2", "--param", "qW=.2", "--param", "qC=.2:.5"), "is 0.9; the shares of evasions"),
    (("bait.csv", "--behaviour", "no.yaml"), "no.yaml"),
    (("bait.csv", "--settings", "5"), "'5' is no number of settings; possible are 100 to 20,000"),
    (("bait.csv", "--worth", "much"), "'much' is no number of entries"),
    (("bait.csv", "--seed", "-1"), "-1"),
    (("bait.csv", "--html", "there.html"), "--html there.html exists; nothing was written"),
    (("bait.csv", "--html", "x.txt"), "does not end in .html. Name it x.html"),
    (("bait.csv", "--html", "no/x.html"), "there is no such folder"),
    (("bait.csv", "--xlsx", "there.xlsx"), "--xlsx there.xlsx exists"),
    (("bait.csv", "--html", "new.html", "--xlsx", "there.xlsx"), "there.xlsx exists; nothing was written"),
    (("bait.csv", "more.csv"), "more.csv"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED, ids=[" ".join(arguments) for arguments, _ in REFUSED])
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(here, capsys, arguments, words):
    before = {path: path.read_bytes() for path in here.iterdir()}

    code, out, err = run(capsys, *arguments)

    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert {path: path.read_bytes() for path in here.iterdir()} == before


def test_a_workbook_without_its_library_names_the_extra(here, capsys, monkeypatch):
    monkeypatch.setattr("benchmarks.decide.files.find_spec", lambda name: None)

    code, out, err = run(capsys, SHELTER, "--xlsx", "new.xlsx", "--html", "new.html")

    assert (code, out) == (2, "")
    assert "pip install 'casegauge[excel]'" in err
    assert not (here / "new.html").exists()


def test_a_disk_that_cannot_be_written_leaves_nothing(here, capsys, monkeypatch):
    def fail(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", fail)

    code, _, err = run(capsys, SHELTER, *QUICK, "--html", "new.html")

    assert code == 2
    assert "No space left on device" in err
    assert not [path for path in here.iterdir() if "new" in path.name]


@pytest.mark.parametrize("width", [60, 72, 80])
@pytest.mark.parametrize("fields", [SHELTER, ARREST])
def test_nothing_is_cut_on_a_narrow_terminal(fields, width, capsys, monkeypatch):
    """The last two columns were cut off; whatever stands in the wide tables stands in the narrow ones."""
    _, wide, _ = run(capsys, fields, *QUICK)
    monkeypatch.setattr("benchmarks.console.WIDTH", width)
    _, narrow, _ = run(capsys, fields, *QUICK)

    assert max(map(len, narrow.splitlines())) <= width
    lost = Counter(wide.split()) - Counter(narrow.split())
    assert not [word for word in lost if "\u2500" not in word]
