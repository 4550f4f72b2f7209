"""The command line as a person meets it: what it writes, what it refuses and how, and what it leaves behind."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.cli import COMMANDS, main
from synth.export import VERSION

CASEGAUGE = str(Path(sys.executable).with_name("casegauge"))
BARE_PYTHON = [sys.executable, "-I", "-S"]  # the standard library and nothing else
RULES = "rules:\n  - id: zip\n    not_null: zip\n"
PAIR = ("pair", "--dirty", "d.csv", "--truth", "t.csv", "--rules", "r.yaml")
KEPT = ("generate", "--cases", "3", "--out", "new", "--no-answers")

# What is there when a command is run, and must be there unchanged afterwards.
THERE = {
    "a-file": b"mine",
    "full/mine.txt": b"mine",
    "key.json": b"mine",
    "typo.yaml": b"",  # made below from the shipped scenario
    "other-field.yaml": b"",  # the same
    "bad-behaviour.yaml": b"hh: {central: 0.4}\n",
    "d.csv": b"id,zip\n1,12345\n2,\n3,54321\n",
    "t.csv": b"id,zip\n1,12345\n2,23456\n3,54322\n",
    "r.yaml": RULES.encode(),
    "other-column.yaml": b"rules:\n  - id: zip\n    not_null: zap\n",
    "unknown-key.yaml": b"rules:\n  - id: zip\n    not_nul: zip\n",
    "empty.csv": b"",
    "ragged.csv": b"id,zip\n1,12345\n2,23456,x\n3,54322\n",
    "latin.csv": b"id,zip\n1,K\xf6ln\n2,x\n",
    "short.csv": b"id,zip\n1,12345\n2,23456\n",
    "shifted.csv": b"id,zip\n2,23456\n3,54322\n1,12345\n",
    "broken.yaml": b"rules: [",
}

# Arguments, and parts of the one line that is said: what was got, what is possible or what to do.
REFUSED = [
    (("nope",), ("'nope'", "Possible: ", " case, check", "casegauge --help")),
    (("runn",), ("'runn'", "Did you mean 'run'?")),
    (("--json",), ("'--json'", "Possible:")),
    (("run", "more"), ("more", "casegauge run --help")),
    (("run", "--bogus"), ("--bogus", "casegauge run --help")),
    (("generate", "--cas", "5", "--out", "new"), ("--cas", "casegauge generate --help")),
    (("generate",), ("--out", "required")),
    (("generate", "--out"), ("--out", "expected one argument")),
    (("generate", "--out", "new", "--scenario", "referense"), ("'referense'", "Did you mean 'reference'?")),
    (("generate", "--out", "new", "--scenario", "no.yaml"), ("no.yaml", "Give the path")),
    (("generate", "--out", "new", "--scenario", "typo.yaml"), ("line ", "'gapp'", "Did you mean 'gap'?")),
    (("scenario", "check", "typo.yaml"), ("line ", "'gapp'", "Did you mean 'gap'?")),
    (("scenario", "check", "broken.yaml"), ("line ",)),
    (("scenario", "check"), ("FILE",)),
    (("scenario", "shown"), ("'shown'", "'list', 'show', 'check'")),
    (("generate", "--out", "new", "--regime", "all25"), ("'all25'", "Did you mean 'all_25'?")),
    (("generate", "--out", "new", "--format", "xml"), ("'xml'", "'parquet', 'csv'")),
    (("generate", "--out", "new", "--workers", "0"), ("0 is out of range", "1 to 64")),
    *[
        ((command, *out, "--cases", value), (value, "1 to 2,147,483,648", f"casegauge {command} --help"))
        for command, out in (("run", ("--out", "new")), ("generate", ("--out", "new")), ("compare", ()))
        for value in ("0", "-5", "abc", str(10**30), "1.5", "")
    ],
    (("run", "--out", "new", "--seed", "-1"), ("-1", "0 to 18,446,744,073,709,551,615")),
    (("run", "--out", "new", "--seed", str(2**64)), (str(2**64), "0 to 18,446,744,073,709,551,615")),
    (("run", "--seed"), ("--seed", "expected one argument")),
    *[
        ((command, "--cases", "3", "--out", place), (place, words))
        for command in ("run", "generate")
        for place, words in (
            ("a-file", "is a file. Name a folder"),
            ("full", "is not empty; nothing was written. Name a new or empty folder"),
            ("a-file/new", "cannot be written"),
            ("x" * 300, "name too long"),
        )
    ],
    (("case",), ("--index", "required")),
    (("case", "--index", "-1"), ("-1", "0 to 2,147,483,647")),
    (("case", "--index", "5", "--cases", "3"), ("5", "0 to 2")),
    (("compare", "--cases", "3", "--regimes", "all_52"), ("'all_52'", "Did you mean 'all_25'?")),
    (("compare", "--cases", "3", "--regimes", "all_25,,"), ("''", "Possible:")),
    (("compare", "--cases", "3", "--regimes", ""), ("unknown regime", "Possible:")),
    *[
        (("compare", "--cases", "3", "--scenario", "reference", *options), words)
        for options, words in (
            (("--param", "hh=.4"), ("'hh'", "Did you mean 'h'?")),
            (("--param", "h=1.4"), ("h0 is 1.4", "from 0 to 1")),
            (("--param", "h"), ("'h'", "Write it like h0=0.4")),
            (("--param", "q_copy=.9"), ("is 1.65", "sum to 1")),
            (("--sweep", "h0=.9:.1"), ("from 0.9 to 0.1", "the wrong way round")),
            (("--sweep", "h0=.5:.5"), ("is empty",)),
            (("--sweep", "h0"), ("'h0' is no sweep",)),
            (("--settings", "-1"), ("--settings is -1", "0 to 100,000")),
            (("--settings", "few"), ("'few'", "casegauge compare --help")),
            (("--omega", "-1"), ("--omega is -1", "0 or more")),
            (("--order", "gian"), ("'gian'", "'form', 'gain'")),
            (("--behaviour", "none.yaml"), ("none.yaml",)),
            (("--behaviour", "bad-behaviour.yaml"), ("line 1", "'hh' is no parameter", "Possible: alpha")),
            (("--pack", "required_12"), ("'required_12'", "Did you mean 'required_")),
            (("--pack", "required_10"), ("'required_10'", "systems that reference does not have")),
            (("--rules", "none.yaml"), ("none.yaml",)),
        )
    ],
    (("compare", "--scenario", "other-field.yaml"), ("'f99'", "is not in system 'form'")),
    (("rules", "show"), ("PACK", "Possible: required_10")),
    (("rules", "show", "required_12"), ("'required_12'", "Did you mean 'required_")),
    (("verify", "full"), ("full", "manifest.json", "casegauge generate")),
    (("verify", "nowhere"), ("nowhere", "manifest.json")),
    (("pair",), ("--dirty, --truth, --rules",)),
    ((*PAIR[:2], "none.csv", *PAIR[3:]), ("none.csv", "cannot be read", "Give the path of a CSV file")),
    ((*PAIR[:-1], "none.yaml"), ("none.yaml", "cannot be read", "Give the path of a rule file")),
    ((*PAIR[:2], "full", *PAIR[3:]), ("full", "cannot be read")),
    ((*PAIR[:2], "empty.csv", *PAIR[3:]), ("empty.csv", "is empty")),
    ((*PAIR[:2], "ragged.csv", *PAIR[3:]), ("ragged.csv", "line 3", "3", "2")),
    ((*PAIR[:2], "latin.csv", *PAIR[3:]), ("latin.csv", "line 2", "0xf6", "UTF-8")),
    ((*PAIR[:-1], "other-column.yaml"), ("'zap'", "zip")),
    ((*PAIR[:-1], "unknown-key.yaml"), ("not_nul", "Did you mean 'not_null'?")),
    ((*PAIR[:4], "short.csv", *PAIR[5:]), ("dirty has 3 rows", "truth has 2", "Give two versions of one table")),
    ((*PAIR[:4], "shifted.csv", *PAIR[5:]), ("0.0% of rows agree", "% in fewer", "--align key:COLUMN")),
    ((*PAIR, "--align", "key"), ("'key'", "position, key:COLUMN")),
    ((*PAIR, "--align", "key:idd"), ("'idd'", "Did you mean 'id'?")),
    (KEPT, ("--no-answers needs --key-file FILE",)),
    ((*KEPT, "--key-file", "new/key"), ("new/key", "no such folder")),
    ((*KEPT, "--key-file", "new"), ("new", "must not travel with the data")),
    ((*KEPT[:4], "hollow", "--no-answers", "--key-file", "hollow/key"), ("hollow/key", "must not travel")),
    ((*KEPT[:4], "hollow", "--no-answers", "--key-file", "full/../hollow/key"), ("key", "must not travel")),
    ((*KEPT, "--key-file", "key.json"), ("key.json exists; nothing was written", "Name a new file")),
    ((*KEPT[:4], "full", "--no-answers", "--key-file", "new-key"), ("full is not empty",)),
    ((*KEPT[:-1], "--key-file", "new-key"), ("new-key", "No such file")),
    ((*KEPT[:-1], "--key-file", "key.json"), ("key.json is no key written by --no-answers", "Name the right file")),
]  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with files of the user's own, as the current one."""
    for name, content in THERE.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "hollow").mkdir()
    shipped = Path(__file__).parents[2] / "synth" / "scenarios" / "oig-20-13.yaml"
    wrong = shipped.read_text(encoding="utf-8").replace("needed: yes, gap: 0.01}", "needed: yes, gapp: 0.01}", 1)
    (tmp_path / "typo.yaml").write_text(wrong, encoding="utf-8")
    reference = shipped.with_name("reference.yaml").read_text(encoding="utf-8")
    other = reference.replace("mandatory: {form: enforced}", "mandatory: {form: [f01, f99]}", 1)
    (tmp_path / "other-field.yaml").write_text(other, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def everything(folder):
    """All files and folders below a folder, hidden ones too, with their content."""
    return {path.relative_to(folder): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def assert_refused(code, out, err, parts):
    assert code == 2
    assert out == ""
    assert err.startswith("casegauge: error: ")
    assert err.count("\n") == 1
    assert err.endswith((".\n", "?\n"))
    assert "Traceback" not in err
    for part in parts:
        assert part.lower() in err.lower()


@pytest.mark.parametrize(("arguments", "parts"), REFUSED, ids=[" ".join(row[0])[:60] for row in REFUSED])
def test_bad_input_is_refused_in_one_line(arguments, parts, place, capsys):
    """Exit 2, one line that says what was got and what to do, nothing printed, nothing changed, nothing left."""
    before = everything(place)

    code = main(arguments)

    assert_refused(code, *capsys.readouterr(), parts)
    assert everything(place) == before


@pytest.mark.parametrize("row", [0, 6, 10, 17, -1, -13], ids=lambda row: " ".join(REFUSED[row][0])[:40])
def test_the_installed_command_refuses_alike(row, place):
    """The command as installed says the same one line and leaves the folder as it was."""
    arguments, parts = REFUSED[row]
    before = everything(place)

    done = subprocess.run([CASEGAUGE, *arguments], capture_output=True, text=True, check=False)

    assert_refused(done.returncode, done.stdout, done.stderr, parts)
    assert everything(place) == before


@pytest.mark.parametrize("out", [".", ""])
def test_the_current_folder_can_be_written_or_is_refused_in_one_line(out, place, monkeypatch, capsys):
    """`--out .` in an empty folder is done or refused, and never ends in a traceback."""
    monkeypatch.chdir(place / "hollow")

    assert main(["generate", "--cases", "3", "--out", out]) in {0, 2}


def test_a_typo_in_a_scenario_is_told_with_its_line(place, capsys):
    """The line that is named is the one with the misspelt key."""
    lines = (place / "typo.yaml").read_text(encoding="utf-8").splitlines()
    line = 1 + next(number for number, text in enumerate(lines) if "gapp" in text)

    main(["scenario", "check", "typo.yaml"])

    assert f"line {line}:" in capsys.readouterr().err


def test_the_overview_lists_every_command(capsys):
    """`casegauge` alone and `--help` print the same overview with every command, and exit 0."""
    assert main([]) == 0
    alone = capsys.readouterr().out
    assert main(["--help"]) == main(["-h"]) == 0
    assert capsys.readouterr().out == alone * 2
    assert all(f"\n  {name} " in alone for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    """`--help` prints usage and options and exits 0."""
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])

    said = capsys.readouterr()
    assert stop.value.code == 0
    assert said.out.startswith(f"usage: casegauge {name} ")
    assert "--json" in said.out
    assert said.err == ""


def test_the_version_is_the_one_in_the_manifest(capsys):
    """`--version` prints name and version."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"casegauge {VERSION}\n"


def strict_json(text):
    """Read JSON that has no NaN and no infinity."""

    def refuse(name):
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)


JSON = {
    "case": ("case", "--index", "3"),
    "compare": ("compare", "--cases", "67"),
    "compare one case": ("compare", "--cases", "1", "--scenario", "reference", "--seed", "5"),
    "generate": ("generate", "--cases", "3", "--out", "new"),
    "pair": PAIR,
    "rules list": ("rules", "list"),
    "rules show": ("rules", "show", "required_10"),
    "scenario list": ("scenario", "list"),
    "scenario show": ("scenario", "show", "reference"),
    "scenario check": ("scenario", "check", "oig-20-13"),
}


@pytest.mark.parametrize("arguments", JSON.values(), ids=JSON)
def test_json_is_json(arguments, place, capsys):
    """`--json` prints one JSON value, without NaN, and nothing else."""
    code = main([*arguments, "--json"])

    said = capsys.readouterr()
    assert code == 0
    assert strict_json(said.out)
    assert said.err == ""


def test_a_pair_is_scored_as_counted_by_hand(place, capsys):
    """One of two wrong cells is blank, and the not-null rule finds it: precision 1, sensitivity 1/2."""
    main([*PAIR, "--json"])
    found = json.loads(capsys.readouterr().out)
    main(PAIR)

    assert found["unit"] == "cell"
    assert {key: found["overall"][key] for key in ("n_tp", "n_fp", "n_fn", "precision", "sensitivity")} == {
        "n_tp": 1, "n_fp": 0, "n_fn": 1, "precision": 1.0, "sensitivity": 0.5,
    }  # fmt: skip
    assert "precision of all rules: 1.00; sensitivity: 0.50; F1: 0.67" in capsys.readouterr().out


def test_a_pack_printed_is_a_rule_file(place, capsys):
    """What `rules show` prints can be given to `pair` as a rule file; here its columns are missing, and it says so."""
    main(["rules", "show", "required_10"])
    (place / "pack.yaml").write_text(capsys.readouterr().out, encoding="utf-8")

    code = main([*PAIR[:-1], "pack.yaml"])

    assert code == 2
    assert "encounter" in capsys.readouterr().err


def test_compare_gives_one_object_a_regime(capsys):
    """`compare --json` is a list with the base regime and those asked for, with measures by name."""
    main(["compare", "--cases", "67", "--regimes", "all_25", "--json"])

    found = json.loads(capsys.readouterr().out)
    assert [row["regime"] for row in found] == ["as_reported", "all_25"]
    assert all(row["n_cases"] == 67 for row in found)
    assert found[0]["exchange_rate"] is None
    assert {"completeness_naive", "correct_of_all", "hidden_wrong_of_all", "net_right_1"} <= set(found[1])


def test_compare_says_everything_and_marks_what_was_chosen(place, capsys):
    """Headline, exchange rates, both contrasts, verdicts, catches, range, doses and the choices, in this order."""
    main(["compare", "--scenario", "reference", "--cases", "50", "--param", "h=.4", "--settings", "20", "--omega", "2",
          "--sweep", "v=.5:.9:3", "--dose"])  # fmt: skip

    said = capsys.readouterr().out
    parts = (
        "50 fictional cases of reference", "Set under every regime: h0 = 0.4.", "From optional to all_25",
        "20 settings tried (one hidden wrong entry taken to undo 2 right ones", "Every measure under every regime",
        "net_right(2)", "minutes of entry", "records lost", "What a gain costs", "In the system, against optional",
        "records in both", "truly documented", "one choice at a time", "Every choice at once: 20 settings",
        "Which choice decides", "Of 20 settings, worked out in closed form, ahead of optional:", "tell the truth when",
        "v in steps", "Dose and response: fields of form", "Which field next, from optional",
        "Modeller's choices, as set (range, grade): k 0.85 (0.70 to 0.95, M)", "h0 0.4 (0.2 to 0.9, U)",
    )  # fmt: skip
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


def test_compare_holds_packs_and_own_rules_against_each_regime(place, capsys):
    """A pack named, a file of rules, and a file without any: that one catches nothing under every regime."""
    Path("empty-pack.yaml").write_text("rules: []\n")
    main(["compare", "--cases", "134", "--pack", "required_25", "--rules", "empty-pack.yaml", "--json"])

    for row in json.loads(capsys.readouterr().out):
        found = {each["pack"]: each for each in row["catches"]}
        assert set(found) == {"required_25", "empty-pack"}
        assert found["empty-pack"]["n_found"] == 0
        assert found["required_25"]["n_defects"] > 0


def test_a_behaviour_file_stands_behind_a_comparison(place, capsys):
    """Nobody tells the truth when forced: the informed are the same under every regime but for records lost."""
    Path("mine.yaml").write_text("h0: {low: 0, central: 0, high: 0.1}\n")
    main(["compare", "--scenario", "reference", "--cases", "67", "--behaviour", "mine.yaml", "--json"])

    rows = json.loads(capsys.readouterr().out)
    choice = next(each for each in rows[0]["modellers_choices"] if each["parameter"] == "h0")
    assert (choice["value"], choice["low"], choice["high"]) == ("0", "0", "0.1")
    assert rows[1]["informed_of_all"] == rows[0]["informed_of_all"]


def test_tables_print_when_piped_and_no_progress_is_drawn(place):
    """Into a pipe the tables still come, standard error stays empty, and no sign of a terminal is written."""
    done = subprocess.run([CASEGAUGE, "compare", "--cases", "67"], capture_output=True, text=True, check=True)

    assert "completeness_naive" in done.stdout
    assert "all_25_unknown_allowed" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_progress_is_drawn_on_a_terminal(place):
    """Where standard error is a terminal, a bar is drawn there, and not among the tables."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    command = [CASEGAUGE, "compare", "--cases", "1000", "--settings", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, env=environment)
    os.close(slave)
    drawn = b""
    while select.select([master], [], [], 60)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        drawn += piece
    out = process.communicate(timeout=60)[0].decode()
    os.close(master)

    assert process.returncode == 0
    assert b"comparing" in drawn
    assert b"\x1b" in drawn
    assert "comparing" not in out
    assert "completeness_naive" in out


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "casegauge: stopped; nothing is left half-written.\n"),
        (OSError(28, "No space left on device"), 2, "--out new: writing stopped (No space left on device)"),
    ],
)
def test_a_run_stopped_half_way_leaves_nothing(problem, code, said, place, monkeypatch, capsys):
    """Stopped after the records were written, by the user or a full disk: one line, and no folder of any name."""
    before = everything(place)

    def stop(job, folder):
        assert (folder / "records" / "encounter.csv").exists()
        raise problem

    monkeypatch.setattr("benchmarks.commands.run_command.write_results", stop)
    monkeypatch.setattr("benchmarks.commands.run_command.SETTINGS", 2)

    assert main(["run", "--cases", "3", "--out", "new"]) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert everything(place) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--cases", "200000", "--out", "new"),
        ("generate", "--cases", "2000000", "--out", "new"),
        ("generate", "--cases", "2000000", "--out", "new", "--workers", "2", "--no-answers", "--key-file", "new-key"),
    ],
    ids=["run", "generate", "generate without answers"],
)
def test_an_interrupt_leaves_nothing_behind(arguments, place):
    """Ctrl-C after writing began: exit 130, one line, no folder, no temporary folder, no key."""
    before = everything(place)
    process = subprocess.Popen(
        [CASEGAUGE, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # a background job ignores it
    )
    while process.poll() is None and not list(place.glob(".new.*.part")):
        time.sleep(0.05)
    time.sleep(1.5)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 130
    assert out == ""
    assert err == "casegauge: stopped; nothing is left half-written.\n"
    assert everything(place) == before


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A small run and what it printed."""
    folder = tmp_path_factory.mktemp("run")
    done = subprocess.run(
        [CASEGAUGE, "run", "--cases", "67", "--seed", "3"], cwd=folder, capture_output=True, text=True, check=True
    )
    return folder, done


FILES = {
    "records/inquiry.csv", "records/encounter.csv", "records/casework.csv", "answers/truth.csv", "answers/links.csv",
    "answers/stated.csv", "answers/labels.csv", "answers/fates.csv", "answers/novel_placeholders.json",
    "manifest.json", "datapackage.json",
    "vocabularies.json", "croissant.json", "DICTIONARY.md", "dictionary.html",
    "scorecard.csv", "regimes.csv", "report.html", "verify.py",
}  # fmt: skip


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_writes_every_file_and_prints_its_tables(ran):
    """One command writes records, answers, tables, report and script, and prints what it found."""
    folder, done = ran

    assert [path.name for path in folder.iterdir()] == ["casegauge-out"]
    assert set(files_of(folder / "casegauge-out")) == FILES
    assert done.stderr == ""
    for words in ("documented 44 44 66 %", "inconsistent 11 11 16 %", "insufficient 12 12 18 %", "required_25",
                  "completeness_naive", "casegauge-out/report.html", "simulation error"):  # fmt: skip
        assert words in " ".join(done.stdout.split())


def test_the_report_of_a_run_stands_alone_and_says_what_it_is(ran):
    """report.html fetches nothing, names the replica's counts, and says simulation."""
    html = (ran[0] / "casegauge-out" / "report.html").read_text(encoding="utf-8")

    assert "<script" not in html
    assert 'src="' not in html
    assert 'href="http' not in html
    assert "simulation, not of an audit" in html
    for verdict, count in (("documented", 44), ("inconsistent", 11), ("insufficient", 12)):
        assert f"<td>{verdict}</td><td>{count}</td><td>{count}</td>" in html


def test_the_folder_verifies_with_the_standard_library_alone(ran):
    """`python verify.py` and `casegauge verify` find the folder as written."""
    folder = ran[0] / "casegauge-out"

    alone = subprocess.run([*BARE_PYTHON, folder / "verify.py"], capture_output=True, text=True, check=False)
    ours = subprocess.run([CASEGAUGE, "verify", folder], capture_output=True, text=True, check=False)

    assert (alone.returncode, ours.returncode) == (0, 0)
    assert alone.stdout == "OK: 18 files listed, 0 problems\n"
    assert ours.stdout.startswith("OK: ")


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("where", [0.02, 0.5, 0.98])
def test_one_changed_byte_is_found(ran, name, where, tmp_path, capsys):
    """A byte changed anywhere in any file: exit 1, and the file is named."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for path, content in files_of(ran[0] / "casegauge-out").items():
        (folder / path).parent.mkdir(exist_ok=True)
        changed = bytearray(content)
        if path == name:
            changed[int(where * len(changed))] ^= 1
        (folder / path).write_bytes(changed)

    code = main(["verify", str(folder)])

    said = capsys.readouterr()
    assert code == 1
    assert f"FAIL {name}" in said.out
    assert said.out.endswith("FAIL\n")
    assert said.err == ""


def test_a_missing_and_an_extra_file_are_found(ran, tmp_path, capsys):
    """Files taken away or put in are named, in words and as JSON."""
    for path, content in files_of(ran[0] / "casegauge-out").items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "regimes.csv").rename(tmp_path / "records" / "regimes.csv")

    assert main(["verify", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["problems"] == ["regimes.csv is missing", "records/regimes.csv is extra"]


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(ran, tmp_path, monkeypatch, capsys):
    """A second run elsewhere gives byte-equal files; its JSON is that of the files; the next folder has a number."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "casegauge-out").mkdir()

    assert main(["run", "--cases", "67", "--seed", "3", "--json"]) == 0

    found = strict_json(capsys.readouterr().out)
    assert files_of(tmp_path / "casegauge-out-2") == files_of(ran[0] / "casegauge-out")
    manifest = json.loads((tmp_path / "casegauge-out-2" / "manifest.json").read_text(encoding="utf-8"))
    assert found["folder"] == "casegauge-out-2"
    assert found["content_digest"] == manifest["content_digest"]
    assert [row["replica"] for row in found["replica"]] == [44, 11, 12]
    assert found["regimes"][0]["verdicts"] == [[44, 0, 0], [0, 11, 0], [0, 0, 12]]
    assert main(["generate", "--cases", "67", "--seed", "4", "--format", "csv", "--out", "other"]) == 0
    assert files_of(tmp_path / "other")["answers/truth.csv"] != files_of(ran[0] / "casegauge-out")["answers/truth.csv"]


def test_generate_writes_the_records_of_a_run(ran, tmp_path):
    """`generate` and `run` of one seed hold the same records, answers and content digest."""
    main(
        [
            "generate",
            "--cases",
            "67",
            "--seed",
            "3",
            "--format",
            "csv",
            "--workers",
            "2",
            "--out",
            str(tmp_path / "new"),
        ]
    )

    run, alone = files_of(ran[0] / "casegauge-out"), files_of(tmp_path / "new")
    assert set(alone) == FILES - {"scorecard.csv", "regimes.csv", "report.html"}
    assert all(alone[name] == run[name] for name in alone if name != "manifest.json")


def test_data_without_answers_comes_with_a_key_elsewhere(place, capsys):
    """Without answers the folder holds no answers and no seed, and the key file what is needed to make them again."""
    code = main([*KEPT, "--key-file", "new-key", "--seed", "424242"])

    capsys.readouterr()
    key = json.loads((place / "new-key").read_text(encoding="utf-8"))
    written = files_of(place / "new")
    assert code == 0
    assert (key["seed"], key["n_cases"], key["regime"]) == (424242, 3, "as_reported")
    assert len(key["secret"]) == 32
    assert not any(name.startswith("answers/") for name in written)
    assert not any(b"424242" in content or key["secret"].encode() in content for content in written.values())
    assert main(["verify", "new"]) == 0


def test_an_empty_folder_is_filled_and_its_parents_are_made(place, capsys):
    """A folder that is there but empty can be written to, and so can one several folders down."""
    for out in ("hollow", "one/two/three"):
        assert main(["generate", "--cases", "3", "--out", out]) == 0
        assert main(["verify", out]) == 0
    assert not list(place.rglob(".*"))


@pytest.mark.parametrize("name", ["scenario show", "scenario list", "rules list", "rules show", "scenario check"])
def test_what_is_listed_names_every_part(name, place, capsys):
    """Lists are printed as tables or text with exit 0 and nothing on standard error."""
    assert main(JSON[name]) == 0

    said = capsys.readouterr()
    assert len(said.out) > 50
    assert said.err == ""


def test_a_reader_that_goes_away_is_no_error(place):
    """`casegauge ... | head -1` ends without a complaint."""
    process = subprocess.Popen([CASEGAUGE, "scenario", "show"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait(60) == 0


def test_a_key_file_makes_the_same_records_again_with_their_answers(place, capsys):
    """What was handed out without answers is made again, byte for byte, by whoever has the key."""
    folders = [place / "given", place / "kept"]
    assert main(["generate", "--cases", "67", "--format", "csv", "--out", str(folders[0]), "--no-answers",
                 "--key-file", str(place / "their.key"), "--regime", "all_25"]) == 0  # fmt: skip

    assert main(["generate", "--format", "csv", "--key-file", str(place / "their.key"), "--out", str(folders[1])]) == 0

    records = [{path.name: path.read_bytes() for path in (folder / "records").iterdir()} for folder in folders]
    assert records[0] == records[1]
    assert not (folders[0] / "answers").exists()
    assert (folders[1] / "answers" / "labels.csv").exists()


@pytest.mark.parametrize(
    "option", [["--scenario", "reference"], ["--seed", "4"], ["--cases", "100"], ["--regime", "all_25"]]
)
def test_a_key_file_decides_and_other_wishes_are_refused(tmp_path, capsys, option):
    """With a key file, a scenario, seed, number or regime of another kind is refused instead of overlooked."""
    key = tmp_path / "key.json"
    told = ["generate", "--cases", "20", "--no-answers", "--key-file", str(key), "--out", str(tmp_path / "given")]
    assert main(told) == 0

    assert main(["generate", "--key-file", str(key), "--out", str(tmp_path / "again"), *option]) == 2

    assert option[0] in capsys.readouterr().err
    assert not (tmp_path / "again").exists()


def test_a_field_list_given_as_a_scenario_is_told_what_it_is(tmp_path, capsys):
    """`--scenario fields.csv` says how to make a scenario of it."""
    (tmp_path / "fields.csv").write_text("field\na\n", encoding="utf-8")

    assert main(["scenario", "check", str(tmp_path / "fields.csv")]) == 2
    assert "casegauge scenario import" in capsys.readouterr().err


def test_conditions_that_cannot_be_used_are_told(tmp_path, capsys):
    """A condition on a field or value that is not there is told on the terminal, not in the file alone."""
    rows = "field,type,applies when,values\na,list,,x|y\nb,string,aa = x,\nc,string,a = z,\n"
    (tmp_path / "fields.csv").write_text(rows, encoding="utf-8")

    assert main(["scenario", "import", str(tmp_path / "fields.csv"), "--out", str(tmp_path / "mine.yaml")]) == 0

    said = " ".join(capsys.readouterr().out.split())
    assert "b: asked always: no other field is called 'aa'" in said
    assert "c: asked always: 'a' never is z" in said


def test_one_case_is_told_without_pandas():
    """`casegauge case`, which blocks pandas to save a third of a second, works in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.cli", "case", "--index", "7"], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert "encounter" in done.stdout
