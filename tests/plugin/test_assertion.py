"""`assert_rule_finds`: what it counts, what it shows, what it takes for a rule, and what it refuses."""

import re
from pathlib import Path

import pandas as pd
import pandera.pandas as pandera
import pytest

from benchmarks.finds import finds_of
from benchmarks.scorecard import score
from casegauge_pytest import assert_rule_finds
from checks import NotBlank, NotNull, Pattern, Rule, evaluate, load_rules
from checks.packs import load_pack
from synth import generate
from synth.errors import CasegaugeError

ROOT = Path(__file__).resolve().parent.parent.parent
TIME = "encounter.encounter_time"
CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"


@pytest.fixture(scope="module")
def cases():
    return generate("oig-20-13", n_cases=1000, seed=3)


def counted(cases, defect, system, field):
    """Count by hand: labels of the kind, and how many of their cells hold nothing."""
    labels = cases.answer("labels")
    rows = labels[(labels["class"] == "defect") & (labels["defect"] == defect)]
    rows = rows[(rows["system"] == system) & (rows["field"] == field)]
    frame = cases.frames()[system].set_index("record_id")[field].astype("object")
    return rows, [frame[record_id] for record_id in rows["record_id"]]


# ------------------------------------------------------------------------------------------------------ what it counts


def test_a_not_null_rule_finds_all_blanks_and_no_placeholder(cases):
    blank, _ = counted(cases, "missing", "encounter", "encounter_time")
    placeholders, held = counted(cases, "disguised_missing", "encounter", "encounter_time")
    rule = Rule("time", NotNull("encounter_time"), system="encounter")

    found = assert_rule_finds(rule, "missing", field=TIME, cases=cases)
    missed = finds_of(rule, "disguised_missing", cases, field=TIME)

    assert (found.n_found, found.n_planted, found.n_false_alarms) == (len(blank), len(blank), 0)
    assert (missed.n_found, missed.n_planted) == (0, len(placeholders))
    assert missed.missed["recorded"].tolist() == held == placeholders["recorded"].tolist()
    assert missed.missed["expected"].tolist() == placeholders["expected"].tolist()


@pytest.mark.parametrize("pack", ["required_25", "placeholders", "narrative_agreement", "duplicates", "timeliness"])
def test_it_counts_cells_as_the_scorecard_does(cases, pack):
    """`casegauge score` at unit cell for defects of cells, at unit record for those of records, at unit case else."""
    rules = load_pack(pack)
    card = score(evaluate(rules, cases.frames()), cases)
    table = card.table[card.table["kind"] == "pack"].set_index(["unit", "defect"])
    labels = cases.answer("labels")
    labels = labels[labels["class"] == "defect"]

    for defect in labels["defect"].astype("str").unique():
        of_kind = labels[labels["defect"] == defect]
        unit = "cell" if of_kind["field"].notna().all() else "record" if of_kind["record_id"].notna().all() else "case"
        row, found = table.loc[unit, defect], finds_of(pack, defect, cases)
        assert (found.n_found, found.n_planted) == (row.n_tp, row.n_tp + row.n_fn), defect
        assert len(found.missed) == row.n_fn
        assert found.n_false_alarms == table.loc["cell", "any"].n_fp


def test_system_and_fields_narrow_what_counts(cases):
    everywhere = finds_of("required_25", "missing", cases)
    there = finds_of("required_25", "missing", cases, system="encounter")
    two = finds_of("required_25", "missing", cases, field=[TIME, "encounter.age_band"])
    by_name = finds_of("required_25", "narrative_missing", cases, field="narrative")

    assert everywhere.n_planted > there.n_planted > two.n_planted > 0
    assert set(two.where) == {TIME, "encounter.age_band"}
    assert set(by_name.where) == {f"{system}.narrative" for system in ("inquiry", "encounter", "casework")}


def test_a_share_exactly_as_asked_is_enough(cases):
    found = finds_of("required_25", "missing", cases)
    assert 0 < found.share < 1

    assert assert_rule_finds("required_25", "missing", found.share, cases=cases).share == found.share
    with pytest.raises(AssertionError):
        assert_rule_finds("required_25", "missing", found.share + 1e-9, cases=cases)


# ------------------------------------------------------------------------------------------------------- what it shows


def test_the_message_shows_the_share_and_three_missed_cells(cases):
    rows, held = counted(cases, "disguised_missing", "encounter", "encounter_time")
    assert len(rows) > 3

    with pytest.raises(AssertionError) as failure:
        assert_rule_finds("required_25", "disguised_missing", 0.9, field=TIME, cases=cases)

    lines = str(failure.value).splitlines()
    assert lines[0] == (
        f"25 rules find 0 of {len(rows)} disguised_missing in {TIME}: 0.0 %, and at least 90.0 % is asked."
    )
    assert lines[1] == f"Missed, the first 3 of {len(rows)} (oig-20-13, 1,000 cases, regime as_reported, seed 3):"
    assert lines[2].split() == ["system", "record_id", "field", "expected", "recorded"]
    for line, (_, row), value in zip(lines[3:], rows[:3].iterrows(), held, strict=False):
        assert line.split() == ["encounter", row["record_id"], "encounter_time", repr(row["expected"]), repr(value)]
    assert len(lines) == 6


def test_records_without_a_cell_and_long_texts_are_shown_short(cases):
    with pytest.raises(AssertionError) as failure:
        assert_rule_finds("required_25", "duplicate_record", cases=cases)
    assert str(failure.value).splitlines()[3].split()[2:] == ["the", "record", "-", "-"]

    with pytest.raises(AssertionError) as failure:
        assert_rule_finds(
            Rule("time", NotBlank("encounter_time"), system="encounter"), "narrative_missing", cases=cases
        )
    lines = str(failure.value).splitlines()
    assert lines[3].endswith("null")
    assert max(map(len, lines[2:6])) < 160
    assert lines[-1] == f"Blamed is only {TIME}; field=... counts the defects of one field."


def test_a_share_just_below_all_is_not_shown_as_all():
    """A share of .9996 is not 100.0 %."""
    from benchmarks.finds import _percent

    assert [_percent(share) for share in (0, 0.00004, 0.5, 0.9996, 1)] == [
        "0.0 %",
        "0.004 %",
        "50.0 %",
        "99.96 %",
        "100.0 %",
    ]


# --------------------------------------------------------------------------------------------------- what is a rule


def clock(frame):
    return frame["encounter_time"].isna() | frame["encounter_time"].astype("str").str.fullmatch(CLOCK)


SCHEMA = pandera.DataFrameSchema(
    {"encounter_time": pandera.Column(checks=pandera.Check.str_matches(f"^{CLOCK}$"), nullable=True)}
)
FILE = f"rules: [{{id: clock, system: encounter, pattern: {{field: encounter_time, regex: '{CLOCK}'}}}}]\n"
RULE = Rule("clock", Pattern("encounter_time", CLOCK), system="encounter")
NAMELESS = Rule("clock", Pattern("encounter_time", CLOCK))
GX = (
    '{"expectations": [{"type": "expect_column_values_to_match_regex", "kwargs": '
    f'{{"column": "encounter_time", "regex": "^{CLOCK}$"}}}}]}}'
)


@pytest.mark.parametrize(
    "rule",
    [RULE, NAMELESS, [RULE], load_rules(FILE), FILE, GX, SCHEMA, pandera.Check.str_matches(f"^{CLOCK}$"), clock],
    ids=["rule", "nameless", "list", "set", "text", "gx", "schema", "check", "function"],
)
def test_whatever_a_team_has_is_a_rule(cases, rule):
    found = assert_rule_finds(rule, "disguised_missing", field=TIME, cases=cases)

    assert found.share == 1
    assert found.n_false_alarms == 0


def test_a_file_is_a_rule_by_its_name_or_path(cases, tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(FILE, encoding="utf-8")

    assert assert_rule_finds(path, "disguised_missing", field=TIME, cases=cases).share == 1
    assert assert_rule_finds(str(path), "disguised_missing", field=TIME, cases=cases).share == 1


def test_a_function_blames_what_it_lists(cases):
    def narrow(frame):
        return clock(frame)

    narrow.fields = ("case_no",)

    assert finds_of(narrow, "disguised_missing", cases, field=TIME).n_found == 0


def test_without_cases_it_makes_some():
    assert assert_rule_finds(RULE, "disguised_missing", field=TIME).source.endswith(
        "1,000 cases, regime as_reported, seed 1"
    )


# ----------------------------------------------------------------------------------------------------- what it refuses


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        ((RULE, "mising"), {}, "defect 'mising' is unknown. Did you mean 'missing'?"),
        ((RULE, 5), {}, "defect 5 is unknown. "),
        ((RULE, "false_unknown"), {}, "no 'false_unknown' is planted in 1,000 cases of 'oig-20-13' under regime "),
        ((RULE, "typo"), {"field": "narrative"}, "no 'typo' is planted in casework.narrative, encounter.narrative"),
        ((RULE, "missing"), {"field": "encouter_time"}, "field 'encouter_time' is not in scenario 'oig-20-13'. Did"),
        ((RULE, "missing"), {"field": "age_band", "system": "inquiry"}, "field 'age_band' is not in system 'inquiry'."),
        ((RULE, "missing"), {"system": "encouter"}, "system 'encouter' is not in scenario 'oig-20-13'. Did you mean"),
        ((RULE, "late_entry"), {"field": TIME}, "defect 'late_entry' is one of whole records; leave out field="),
        ((RULE, "missing", 90), {}, "at_least is 90; give a share over 0 up to 1, as 0.9."),
        ((RULE, "missing", 0), {}, "at_least is 0; give a share"),
        ((RULE, "missing", float("nan")), {}, "at_least is nan; give a share"),
        ((RULE, "missing", True), {}, "at_least is True; give a share"),
        ((RULE, "missing", "0.9"), {}, "at_least is '0.9'; give a share"),
        ((NAMELESS, "missing"), {}, "rule 'clock' names no system. Name it: system=... Possible: casework, "),
        ((pandera.Check.gt(1), "missing"), {}, "a pandera check alone says nothing about its column. Name one: field="),
        (([], "missing"), {}, "there is no rule among those given"),
        (("none.yaml", "missing"), {}, "none.yaml"),
        ((Rule("x", NotNull("nothing"), system="encounter"), "missing"), {}, "'nothing'"),
        ((Rule("x", NotNull("a"), system="orders"), "missing"), {}, "system 'orders' is not among the records."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_one_line(cases, arguments, options, said):
    with pytest.raises(CasegaugeError) as found:
        assert_rule_finds(*arguments, **options, cases=cases)

    assert said in str(found.value)
    assert "\n" not in str(found.value)


# --------------------------------------------------------------------------------------------- the page and the example


def test_the_example_project_passes(suite, pytester):
    folder = ROOT / "docs" / "examples" / "pytest_project"
    files = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}

    suite(files, "-W", "error::pytest.PytestWarning").assert_outcomes(passed=4)


def test_the_page_shows_what_pytest_shows(suite):
    page = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (shown,) = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)

    result = suite({"test_page.py": code})

    result.assert_outcomes(passed=1, failed=1)
    for line in shown.splitlines():
        assert line.rstrip() in result.stdout.str()


def test_frames_of_a_function_are_its_own(cases):
    """A rule that writes into the frame it is given spoils nothing."""

    def spoiling(frame):
        held = clock(frame)
        frame["encounter_time"] = None
        return held

    before = cases.frames()["encounter"]
    assert_rule_finds(spoiling, "disguised_missing", field=TIME, cases=cases)

    pd.testing.assert_frame_equal(cases.frames()["encounter"], before)
