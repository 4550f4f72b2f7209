"""A team's own rules and scenarios beside the ones that come with the package."""

import json

import pytest

from benchmarks.cli import main
from synth.scenario import load_scenario, parse_scenario, scenario_names, scenario_text
from synth.yaml_text import load

MINE = """
rules:
  - {id: time-given, system: encounter, not_null: encounter_time}
"""


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    return path


def test_own_rules_are_scored_beside_the_packs(mine, tmp_path, capsys, monkeypatch):
    """A rule file given to `run` is a pack of its own, and finds exactly the blank times that were planted."""
    monkeypatch.setattr("benchmarks.commands.run_command.SETTINGS", 2)  # the range is about no rule
    assert main(["run", "--cases", "335", "--rules", str(mine), "--out", str(tmp_path / "out"), "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)["scores"]["rows"]
    labels = (tmp_path / "out" / "answers" / "labels.csv").read_text(encoding="utf-8").splitlines()
    planted = [line for line in labels if '"encounter_time"' in line and '"missing"' in line]
    found = next(row for row in rows if (row["name"], row["unit"], row["defect"]) == ("mine", "cell", "missing"))
    assert found["n_tp"] == len(planted) > 0
    assert {row["name"] for row in rows} >= {"mine", "mine/time-given", "required_25"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rules: [{id: a, not_null: encounter_time}]",
            "rule 'a' names no table. Write --rules TABLE=",
        ),
        ("rules: [{id: a, system: encountr, not_null: x}]", "Did you mean 'encounter'?"),
        ("rules: [{id: a, system: encounter, not_null: encounter_tme}]", "encounter_time"),
    ],
)
def test_own_rules_that_fit_nothing_are_refused(text, said, tmp_path, capsys):
    """A rule without a system, or about a system or field that is not there, ends in one line and no folder."""
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")

    assert main(["run", "--cases", "67", "--rules", str(path), "--out", str(tmp_path / "out")]) == 2

    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert [each.name for each in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_pack_name_can_be_used_once(mine, tmp_path, capsys):
    """Two rule files of one name, or one named like a built-in pack, cannot be told apart and are refused."""
    twin = tmp_path / "required_10.yaml"
    twin.write_text(MINE, encoding="utf-8")

    for rules in ([mine, mine], [twin]):
        options = [part for path in rules for part in ("--rules", str(path))]
        assert main(["run", "--cases", "67", *options, "--out", str(tmp_path / "out")]) == 2
        assert "is called" in capsys.readouterr().err


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_can_be_taken_home_as_a_file(name, capsys):
    """What `scenario show --yaml` prints is the file, and reads as the same scenario."""
    assert main(["scenario", "show", name, "--yaml"]) == 0

    printed = capsys.readouterr().out
    assert printed == scenario_text(name)
    assert parse_scenario(load(printed)) == load_scenario(name)


def test_an_audit_that_is_not_the_quota_is_refused(tmp_path, capsys):
    """Counts of the audit block that differ from the verdict counts are told with both."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        scenario_text("oig-20-13").replace("documented: 44, incon", "documented: 80, incon"), encoding="utf-8"
    )

    assert main(["scenario", "check", str(path)]) == 2
    assert "[44, 11, 12] of 67 are not the verdict counts [80, 11, 12]" in capsys.readouterr().err


def test_blanks_between_regimes_do_not_matter(capsys):
    """`--regimes "a, b"` names a and b."""
    assert main(["compare", "--cases", "67", "--regimes", "all_25, reason_on_close", "--json"]) == 0
    assert [row["regime"] for row in json.loads(capsys.readouterr().out)] == [
        "as_reported",
        "all_25",
        "reason_on_close",
    ]
