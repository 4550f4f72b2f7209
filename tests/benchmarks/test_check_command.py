"""`casegauge check`, `score` and `rules`: a clerk's files in, findings and files to mend out; by hand."""

import json
from datetime import datetime
from unittest.mock import ANY

import openpyxl
import pandas as pd
import pytest

from benchmarks.cli import main
from benchmarks.rule_files import given_rules, loaded_rules
from synth.export import write
from synth.pipeline import make_plan
from synth.scenario import load_scenario

DATA = 'id,zip,state,note\nA1,12345,open,=1+1\nA2,1234,bad,\nA3,,closed,x\nA4, ,closed,"two\nlines"\n'
SUITE = {
    "expectation_suite_name": "s",
    "expectations": [
        {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "zip"}, "meta": {}},
        {"expectation_type": "expect_magic", "kwargs": {"column": "zip"}, "meta": {}},
    ],
}
OWN = """
rules:
  - id: digits
    pattern: {field: zip, regex: '[0-9]{5}'}
    severity: warning
    description: A zip has five digits.
  - id: state
    in_set: {field: state, values: [open, closed]}
    threshold: 0.25
  - id: enough
    measure: {metric: row_count, min: 10}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "d.csv").write_text(DATA, encoding="utf-8")
    (tmp_path / "suite.json").write_text(json.dumps(SUITE, indent=1), encoding="utf-8")
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *arguments):
    code = main(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_findings_by_rule_as_json(folder, capsys):
    """Counts as a person counts them; a share within its threshold is no alert; a table has no rows to blame."""
    code, out, _ = run(capsys, "check", "d.csv", "--rules", "own.yaml", "--json", "--key", "id")
    found = json.loads(out)
    digits, state, enough = found["rules"]

    assert code == 0
    assert (digits["n_fail"], digits["n_evaluated"], digits["alert"]) == (3, 4, "warning")
    assert digits["examples"][0] == {"row": 2, "key": "A2", "values": {"zip": "1234"}}
    assert digits["examples"][1]["values"] == {"zip": None}
    assert (state["n_fail"], state["alert"]) == (1, None)
    assert (enough["n_fail"], enough["measured"], enough["alert"]) == (0, 4, "error")
    assert found["worst"] == "error"


@pytest.mark.parametrize(("level", "rule", "code"), [
    ("error", "enough", 1),
    ("warning", "enough", 1),
    ("error", "digits", 0),
    ("warning", "digits", 1),
    ("warning", "state", 0),
])  # fmt: skip
def test_exit_code(folder, capsys, level, rule, code):
    """1 where an alert is as severe as asked, or worse."""
    entries = OWN.split("  - id: ")
    text = "rules:\n  - id: " + next(entry for entry in entries if entry.startswith(rule))
    (folder / "one.yaml").write_text(text, encoding="utf-8")

    assert run(capsys, "check", "d.csv", "--rules", "one.yaml", "--fail-on", level)[0] == code


def test_a_file_for_whoever_must_mend_it(folder, capsys):
    """One row a cell, in the order of the data, with the value and why."""
    code, out, _ = run(capsys, "check", "d.csv", "--rules", "own.yaml", "--csv", "mend.csv", "--key", "id")
    cells = pd.read_csv("mend.csv", dtype="str", keep_default_na=False)

    assert code == 0
    assert "4 cells to mend: mend.csv" in " ".join(out.split())
    assert cells[["table", "row", "key", "field", "value", "rule"]].to_numpy().tolist() == [
        ["d", "2", "A2", "zip", "1234", "digits"],
        ["d", "2", "A2", "state", "bad", "state"],
        ["d", "3", "A3", "zip", "", "digits"],
        ["d", "4", "A4", "zip", " ", "digits"],
    ]
    assert cells["why"][0] == "A zip has five digits."


def test_an_excel_file(folder, capsys):
    """Rules, cells, and the failing records as they stand; a text that looks like a formula stays a text."""
    (folder / "more.yaml").write_text("rules:\n- {id: note, length: {field: note, max: 2}}\n", encoding="utf-8")
    run(capsys, "check", "d.csv", "--rules", "own.yaml", "--rules", "more.yaml", "--xlsx", "mend.xlsx")
    book = openpyxl.load_workbook("mend.xlsx")

    assert book.sheetnames == ["rules", "cells to mend", "d"]
    records = list(book["d"].iter_rows(values_only=True))
    assert records[0] == ("row", "rules", "id", "zip", "state", "note")
    assert records[1] == (1, "note", "A1", "12345", "open", "=1+1")
    assert book["d"]["F2"].data_type == "s"
    assert records[2] == (2, "digits; state", "A2", "1234", "bad", None)
    assert [row[1] for row in records[3:]] == ["digits", "digits; note"]


def test_a_suite_of_another_tool(folder, capsys):
    """A rule that cannot be translated is refused with its line, or left out and listed."""
    code, _, err = run(capsys, "check", "d.csv", "--rules", "suite.json")
    assert code == 2
    assert "expectations[1] (line 11)" in err

    code, out, _ = run(capsys, "check", "d.csv", "--rules", "suite.json", "--skip-unsupported")
    assert code == 0
    assert "Left out: 1 of 2 source rules." in out
    assert "zip.not_be_null" in out


MISTAKES = [
    (("check", "d.csv"), "no rules are given"),
    (("check", "d.csv", "--pack", "required_11"), "no pack is called 'required_11'. Did you mean 'required_10'"),
    (("check", "d.csv", "--rules", "own.yaml", "--key", "idd"), "key 'idd' is not a column of any table. Did you mean"),
    (("check", "d.csv", "--rules", "own.yaml", "--csv", "d.csv"), "d.csv: is there already; nothing was written"),
    (("check", "d.csv", "--rules", "own.yaml", "--csv", "x.xlsx"), "x.xlsx: must end in .csv"),
    (("check", "d.csv", "--rules", "own.yaml", "--csv", "no/x.csv"), "there is no folder no"),
    (("check", "e.csv", "--rules", "own.yaml"), "e.csv: no such file"),
    (("check", "own.yaml", "--rules", "d.csv"), "own.yaml: looks like rules, not like data. Data come first"),
    (("check", "d.csv", "--rules", "image.png"), "image.png: is a picture, not a text with rules"),
    (("check", "image.csv", "--rules", "own.yaml"), "image.csv: is a picture, not a CSV file, whatever its name says"),
    (("check", "d.csv", "--rules", "own.yaml", "--rules", "./own.yaml"), "own.yaml: is given twice. Give it once"),
    (("check", "d.csv", "--pack", "required_10", "--pack", "required_10"), "pack 'required_10' is given twice"),
    (("check", "d.csv", "--rules", "e=own.yaml"), "e=own.yaml: 'e' is not a table of the data. Possible: d"),
    (("check", "d.csv", "--rules", "typo.yaml"), "typo.yaml: line 2: rule 'r': 'zpi' is not a column of 'd'. Did you"),
    (("check", "d.csv", "--pack", "required_10"), "'encounter_no' is not a column of 'd'"),
    (("score", ".", "--pack", "required_10"), "has no manifest.json, so no answer key"),
    (("rules", "translate", "own.yaml"), "rules translate needs --to FORM"),
    (("rules", "coverage"), "rules coverage needs a FILE"),
    (("rules", "coverage", "none.yaml"), "none.yaml: cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=[message for _, message in MISTAKES])
def test_mistakes_are_one_line(folder, capsys, arguments, message):
    """What was got, what is possible; nothing written, exit 2."""
    (folder / "typo.yaml").write_text("rules:\n- {id: r, not_null: zpi}\n", encoding="utf-8")
    (folder / "e.yaml").write_text("", encoding="utf-8")
    for name in ("image.png", "image.csv"):
        (folder / name).write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    before = sorted(folder.iterdir())
    code, out, err = run(capsys, *arguments)

    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_a_missing_column_may_be_skipped(folder, capsys):
    """The rule is left out and listed; the others are evaluated."""
    (folder / "typo.yaml").write_text("rules:\n- {id: r, not_null: zpi}\n- {id: s, not_null: zip}\n", encoding="utf-8")
    found = json.loads(run(capsys, "check", "d.csv", "--rules", "typo.yaml", "--skip-unsupported", "--json")[1])

    assert [rule["id"] for rule in found["rules"]] == ["s"]
    assert found["left_out"][0]["id"] == "r"
    assert found["left_out"][0]["place"] == "line 2"


def test_a_rule_that_cannot_be_evaluated_may_be_skipped(folder, capsys):
    """A condition that never ends costs no other rule anything."""
    text = "rules:\n- {id: r, pattern: {field: note, regex: '(a|a)*(?=b)b'}}\n- {id: s, not_null: zip}\n"
    (folder / "slow.yaml").write_text(text, encoding="utf-8")
    (folder / "d.csv").write_text(f"id,zip,note\nA1,,{'a' * 60}\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("checks.patterns.TIME_LIMIT_S", 1.0)
        code, _, err = run(capsys, "check", "d.csv", "--rules", "slow.yaml")
        found = json.loads(run(capsys, "check", "d.csv", "--rules", "slow.yaml", "--skip-unsupported", "--json")[1])

    assert code == 2
    assert "rule 'r': pattern" in err
    assert [(rule["id"], rule["n_fail"]) for rule in found["rules"]] == [("s", 1)]
    assert found["left_out"] == [{"id": "r", "file": "slow.yaml", "place": "line 2", "reason": ANY}]
    assert found["left_out"][0]["reason"].startswith("pattern")
    assert "took more than 1 s" in found["left_out"][0]["reason"]


def test_a_rule_that_cannot_be_evaluated_may_be_skipped_in_scores(folder, capsys, tmp_path):
    """`score` and `pair` leave out and list what `check` does."""
    write(make_plan(load_scenario("oig-20-13"), seed=1), tmp_path / "g", n_cases=20, file_format="csv")
    bad = "rules:\n- {{id: r, {0}expression: {{sql: 'CAST({1} AS DATE) + {1} > 1', fields: [{1}]}}}}\n"
    good = "- {{id: s, {0}not_null: {1}}}\n"
    both = bad + good
    (folder / "g.yaml").write_text(both.format("system: encounter, ", "facility_code"), encoding="utf-8")
    (folder / "p.yaml").write_text(both.format("", "zip"), encoding="utf-8")
    pair = ("pair", "--dirty", "d.csv", "--truth", "d.csv", "--rules", "p.yaml")
    for command in (("score", str(tmp_path / "g"), "--rules", "g.yaml"), pair):
        code, _, err = run(capsys, *command, "--json")
        assert code == 2
        assert "rule 'r': " in err
        code, out, _ = run(capsys, *command, "--skip-unsupported", "--json")
        assert code == 0
        assert "SQL 'CAST(" in out
        out = run(capsys, *command, "--skip-unsupported")[1]
        assert f"r ({command[-1]}, line 2): SQL 'CAST(" in " ".join(out.split())


def test_a_score_reads_what_it_needs(tmp_path, capsys):
    """Answers that no score asks for may be gone."""
    write(make_plan(load_scenario("oig-20-13"), seed=1), tmp_path / "g", n_cases=20, file_format="csv")
    for name in ("stated", "fates"):
        (tmp_path / "g" / "answers" / f"{name}.csv").unlink()

    assert run(capsys, "score", str(tmp_path / "g"), "--pack", "placeholders")[0] == 0


def test_cells_are_shown_as_they_are(folder, capsys):
    """Brackets in a cell, a key or an id are no markup."""
    (folder / "d.csv").write_text("id,zip\na-1,[/b]\nb-2,[bold]x\n", encoding="utf-8")
    (folder / "m.yaml").write_text("rules:\n- {id: '[red]q', in_set: {field: zip, values: [x]}}\n", encoding="utf-8")
    out = run(capsys, "check", "d.csv", "--rules", "m.yaml", "--key", "id")[1]

    assert "[red]q" in out
    assert "1 [a-1]: '[/b]'" in " ".join(out.split())
    assert "[bold]x" in out


def test_a_table_that_is_not_there_is_refused(folder, capsys):
    """A misspelt table is no green light."""
    (folder / "t.yaml").write_text("rules:\n- {id: a, system: e, not_null: zip}\n- {id: b, system: d, not_null: zip}\n",
                                   encoding="utf-8")  # fmt: skip
    code, _, err = run(capsys, "check", "d.csv", "--rules", "t.yaml")

    assert code == 2
    assert "t.yaml: line 2: rule 'a': no table 'e' is among the data" in err


def test_several_tables_and_files(folder, capsys):
    """Rules find their table by its name, in any case; a rule about a table that is not given is listed."""
    (folder / "other.csv").write_text("id,zip\nA1,\nZ9,1\n", encoding="utf-8")
    text = """
rules:
  - {id: zip, system: D, not_null: zip}
  - {id: known, system: Other, foreign_key: {fields: [id], system: d, other_fields: [id]}}
  - {id: elsewhere, system: third, not_null: zip}
"""
    (folder / "several.yaml").write_text(text.replace("system: d,", "system: d,"), encoding="utf-8")
    found = json.loads(
        run(capsys, "check", "d.csv", "other.csv", "--rules", "several.yaml", "--json", "--skip-unsupported")[1]
    )

    assert {rule["id"]: (rule["table"], rule["n_fail"]) for rule in found["rules"]} == {
        "zip": ("d", 1), "known": ("other", 1),
    }  # fmt: skip
    assert found["left_out"] == [
        {"id": "elsewhere", "file": "several.yaml", "place": "line 5", "reason": "no table 'third' is among the data"}
    ]


def test_two_files_with_a_rule_of_one_name(folder, capsys):
    """The second gets the name of its file before it."""
    (folder / "again.yaml").write_text("rules:\n- {id: digits, not_null: zip}\n", encoding="utf-8")
    found = json.loads(run(capsys, "check", "d.csv", "--rules", "own.yaml", "--rules", "again.yaml", "--json")[1])

    assert [rule["id"] for rule in found["rules"]][-1] == "again/digits"


def test_two_files_of_one_name(folder, capsys):
    """Files of one name in two folders are told apart by their paths, in ids and in scores."""
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "r.yaml").write_text("rules:\n- {id: zip, not_null: zip}\n", encoding="utf-8")
    found = json.loads(run(capsys, "check", "d.csv", "--rules", "a/r.yaml", "--rules", "b/r.yaml", "--json")[1])
    given = given_rules(loaded_rules(["a/r.yaml", "b/r.yaml"]), {"d": pd.DataFrame({"zip": ["1"]})})

    assert [rule["id"] for rule in found["rules"]] == ["zip", "b/r.yaml/zip"]
    assert given.by_label() == {"a/r.yaml": ["zip"], "b/r.yaml": ["b/r.yaml/zip"]}


def test_one_file_for_several_tables(folder, capsys):
    """It may be given once for each; ids say which; twice for one table is refused."""
    (folder / "e.csv").write_text('zip\n""\n', encoding="utf-8")
    (folder / "r.yaml").write_text("rules:\n- {id: zip, not_null: zip}\n", encoding="utf-8")
    both = ("--rules", "d=r.yaml", "--rules", "e=r.yaml")
    found = json.loads(run(capsys, "check", "d.csv", "e.csv", *both, "--json")[1])

    assert [(rule["id"], rule["table"]) for rule in found["rules"]] == [("zip", "d"), ("e=r/zip", "e")]
    for again in ("d=r.yaml", "r.yaml", "../" + folder.name + "/r.yaml"):
        code, out, err = run(capsys, "check", "d.csv", "e.csv", *both, "--rules", again)
        assert (code, out) == (2, "")
        assert "r.yaml: is given twice. Give it once, or once for each table" in err


def test_a_table_that_refers_to_itself(folder, capsys):
    """One table under another name than the rules have for it, with a key into itself."""
    (folder / "export-07.csv").write_text("id,boss\nA,\nB,A\nC,Z\n", encoding="utf-8")
    key = "foreign_key: {fields: [boss], system: people, other_fields: [id]}"
    (folder / "r.yaml").write_text(f"rules:\n- id: boss\n  system: people\n  {key}\n", encoding="utf-8")
    found = json.loads(run(capsys, "check", "export-07.csv", "--rules", "r.yaml", "--json")[1])["rules"][0]

    assert (found["table"], found["n_evaluated"], found["n_fail"]) == ("export-07", 2, 1)
    assert found["examples"][0]["values"] == {"boss": "Z"}


def test_a_column_that_is_missing_elsewhere_is_told(folder, capsys):
    """A key into another table names columns there."""
    (folder / "e.csv").write_text("no\nA1\n", encoding="utf-8")
    key = "foreign_key: {fields: [id], system: e, other_fields: [nr]}"
    (folder / "r.yaml").write_text(f"rules:\n- id: known\n  system: d\n  {key}\n", encoding="utf-8")
    code, _, err = run(capsys, "check", "d.csv", "e.csv", "--rules", "r.yaml")

    assert code == 2
    assert "r.yaml: line 4: rule 'known': 'nr' is not a column of 'e'" in err


def test_score_on_generated_records(tmp_path, capsys):
    """A rule file of another tool, scored against the answer key: not-null finds every blank and nothing else."""
    write(make_plan(load_scenario("oig-20-13"), seed=1), tmp_path / "g", n_cases=300, file_format="csv")
    suite = {"expectations": [{"type": "expect_column_values_to_not_be_null", "kwargs": {"column": name}}
                              for name in ("facility_code", "supervisor_code", "narrative")]}  # fmt: skip
    (tmp_path / "s.json").write_text(json.dumps(suite), encoding="utf-8")
    code, out, _ = run(capsys, "score", str(tmp_path / "g"), "--rules", f"encounter={tmp_path / 's.json'}", "--json")
    card = pd.DataFrame(json.loads(out)["rows"])
    labels = pd.read_csv(tmp_path / "g" / "answers" / "labels.csv", dtype="str")
    planted = labels[(labels["class"] == "defect") & (labels["system"] == "encounter")]
    blank = planted[planted["defect"].isin(["missing", "narrative_missing", "lost_in_transmission"])]
    row = card[(card["name"] == "facility_code.not_be_null") & (card["unit"] == "cell") & (card["defect"] == "missing")]

    assert code == 0
    assert row["n_tp"].item() == (blank["field"] == "facility_code").sum() > 0
    code, out, _ = run(capsys, "score", str(tmp_path / "g"), "--pack", "placeholders")
    assert code == 0
    assert "flag everything" in out


def test_coverage_and_translation(folder, capsys):
    """What becomes of every rule, and the same rules in another form, which reads back."""
    code, out, _ = run(capsys, "rules", "coverage", "suite.json", "--json")
    assert [entry["status"] for entry in json.loads(out)["entries"]] == ["exact", "unsupported"]

    code, out, err = run(capsys, "rules", "translate", "suite.json", "--to", "casegauge", "--out", "mine.yaml")
    assert (code, out) == (0, "")
    assert "unsupported: zip.magic" in err
    for name in ("suite.json", "mine.yaml"):
        found = json.loads(run(capsys, "check", "d.csv", "--rules", name, "--skip-unsupported", "--json")[1])
        assert found["rules"][0]["n_fail"] == 1

    code, out, err = run(capsys, "rules", "translate", "own.yaml", "--to", "pandera")
    assert code == 0
    assert "schema_type: dataframe" in out
    assert "unsupported: enough" in err
    assert err.endswith("1 of 3 rules could not be written.\n")
    assert run(capsys, "rules", "translate", "own.yaml", "--to", "pandera", "--strict")[0] == 1
    assert run(capsys, "rules", "translate", "own.yaml", "--to", "pandera", "--strict", "--json")[0] == 1
    code, _, err = run(capsys, "rules", "translate", "own.yaml", "--to", "casegauge", "--strict")
    assert (code, "could not be written" in err) == (0, False)


def test_a_key_of_several_columns(folder, capsys):
    """Their values are joined; a null part is a dash; one column that is null is no key."""
    arguments = ("check", "d.csv", "--rules", "own.yaml", "--csv", "mend.csv", "--json")
    found = json.loads(run(capsys, *arguments, "--key", "id", "--key", "note")[1])
    cells = pd.read_csv("mend.csv", dtype="str")

    assert found["rules"][0]["examples"][0]["key"] == "A2 / -"
    assert found["rules"][0]["examples"][1]["key"] == "A3 / x"
    assert cells["key"].tolist() == ["A2 / -", "A2 / -", "A3 / x", "A4 / two\nlines"]
    alone = json.loads(run(capsys, "check", "d.csv", "--rules", "own.yaml", "--key", "note", "--json")[1])
    assert [each["key"] for each in alone["rules"][0]["examples"]] == [None, "x", "two\nlines"]


@pytest.fixture
def narrow(monkeypatch):
    """A terminal of 80 columns."""
    monkeypatch.setattr("benchmarks.console.WIDTH", 80)


def test_tables_in_80_columns(folder, capsys, narrow, tmp_path):
    """No line is longer, no number is broken, and what is folded is the text."""
    write(make_plan(load_scenario("oig-20-13"), seed=1), tmp_path / "g", n_cases=40, file_format="csv")
    name = "a-rule-with-a-name-that-is-longer-than-anybody-would-care-to-read"
    (folder / "long.yaml").write_text(f"rules:\n- {{id: {name}, not_null: zip}}\n", encoding="utf-8")
    (folder / "right.csv").write_text(DATA.replace("1234,bad", "12340,open"), encoding="utf-8")
    pair = ("pair", "--dirty", "d.csv", "--truth", "right.csv", "--rules")
    for command in (
        ("check", "d.csv", "--rules", "own.yaml", "--rules", "long.yaml", "--key", "id"),
        ("rules", "coverage", "suite.json"),
        ("rules", "list"),
        (*pair, "own.yaml"),
        (*pair, "long.yaml"),
        ("score", str(tmp_path / "g"), "--pack", "placeholders"),
    ):
        code, out, _ = run(capsys, *command)
        assert code == 0
        assert max(map(len, out.splitlines())) <= 80, command
        assert not any(line != line.rstrip() for line in out.splitlines())
    assert [line for line in out.splitlines() if "sensitivity   precision      f1" in line]


def test_a_rule_without_a_row_to_judge_found_nothing_only_once(folder, capsys):
    """It is named as one that says nothing, and not counted among those that looked and found nothing."""
    when = "{in_set: {field: state, values: [never]}}"
    text = f"rules:\n- {{id: idle, not_null: zip, where: {when}}}\n- {{id: fine, not_null: id}}\n"
    (folder / "r.yaml").write_text(text, encoding="utf-8")
    out = run(capsys, "check", "d.csv", "--rules", "r.yaml")[1]

    assert "1 rule found nothing." in out
    assert "No row to judge, so nothing said: idle." in out


def test_a_day_of_a_workbook_is_shown_as_a_day(folder, capsys):
    """Midnight is not shown; another hour is."""
    book = openpyxl.Workbook()
    for row in (["day"], [datetime(2031, 1, 2)], [datetime(2031, 1, 3, 4, 5)]):  # noqa: DTZ001  # as Excel has it
        book.active.append(row)
    book.save(folder / "b.xlsx")
    (folder / "r.yaml").write_text("rules:\n- {id: r, between: {field: day, min: 2040-01-01}}\n", encoding="utf-8")
    found = json.loads(run(capsys, "check", "b.xlsx", "--rules", "r.yaml", "--json")[1])

    shown = [example["values"]["day"] for example in found["rules"][0]["examples"]]
    assert shown == ["2031-01-02", "2031-01-03 04:05:00"]


def test_what_cannot_be_evaluated_says_how_to_go_on(folder, capsys):
    """The mean of numbers and words is refused in one line, which names the option that leaves the rule out."""
    (folder / "fee.csv").write_text("fee\nabc\ndef\n5\n", encoding="utf-8")
    suite = {"meta": {"great_expectations_version": "1.2.0"}, "name": "s", "expectations": [
        {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "fee", "min_value": 4, "max_value": 6}},
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "fee"}}]}  # fmt: skip
    (folder / "fee.json").write_text(json.dumps(suite), encoding="utf-8")

    code, _, said = run(capsys, "check", "fee.csv", "--rules", "fee.json")
    assert (code, said.count("\n")) == (2, 1)
    assert "2 of 3 values of 'fee' are no number: 'abc', 'def'" in said
    assert "Leave such rules out with --skip-unsupported." in said
    found = json.loads(run(capsys, "check", "fee.csv", "--rules", "fee.json", "--skip-unsupported", "--json")[1])
    assert [entry["id"] for entry in found["left_out"]] == ["fee.mean_to_be_between"]
