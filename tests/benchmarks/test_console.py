"""Tables on a terminal: nothing cut off, no line too long, no number broken where there is room."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import console
from benchmarks.cli import main

NAMES = st.text("abcdef_.-", min_size=1, max_size=60)
NUMBERS = st.sampled_from(["0", "-", "0.123", "1,234", "16,549.2"])
WORDS = st.lists(st.sampled_from(["a", "text", "of", "several-words", "x" * 50]), max_size=12).map(" ".join)
TABLES = st.integers(1, 4).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from(["f1", "sensitivity", "flags per 1000 records", "only here"]), min_size=n, max_size=n),
        st.lists(st.tuples(NAMES, st.lists(NUMBERS, min_size=n, max_size=n), WORDS), min_size=1, max_size=5),
    )
)


def letters(text):
    return Counter(re.sub(r"[\s\u2500]", "", text))


def printed(width, *arguments, **named):
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.console.WIDTH", width)
        patch.setattr("builtins.print", lambda text="": said.append(text))
        console.print_table(*arguments, **named)
    return said[0]


@settings(deadline=None, max_examples=60)
@given(TABLES, st.sampled_from([80, 100, 118]))
def test_nothing_is_cut_off_and_no_number_broken(table, width):
    heads, rows = table
    columns = ["rule", *heads, "what it says"]
    cells = [[name, *numbers, words] for name, numbers, words in rows]
    out = printed(width, "title", columns, cells, words=(0, len(columns) - 1))

    assert max(map(len, out.splitlines())) <= width
    assert letters(out) == letters("title" + "".join(columns) + "".join(map("".join, cells)))
    shown = Counter(out.split())
    numbers = Counter(number for _, several, _ in rows for number in several if len(number) > 1)
    assert all(shown[number] >= count for number, count in numbers.items())
    assert all(word in shown for heading in columns for word in heading.split())


def test_a_long_rule_name_is_folded_before_a_heading():
    """At 80 columns the heading "evaluated" was printed as nine lines of one letter."""
    rule = "contacts.expect_column_values_to_match_regex.encounter_time_of_day_in_the_office"
    rows = [[rule, "contacts", "within limit", "12", "1,234", "7: 'C-007'; 8: 'C-007', null"]]
    columns = ["rule", "table", "alert", "fail", "evaluated", "rows, with what they hold"]

    lines = printed(80, "What fails", columns, rows, words=(0, 1, 2, 5)).splitlines()

    assert lines[3].split()[:5] == ["rule", "table", "alert", "fail", "evaluated"]
    first = [line.split()[0] for line in lines[5:] if not line.startswith(" ")]
    assert "".join(first) == rule
    assert {part[-1] for part in first[:-1]} <= {"_", "."}


def test_eight_columns_keep_their_headings_at_80():
    packs = ["required_10", "required_25", "placeholders", "conditional", "narrative_agreement"]

    out = printed(80, "t", ["defect", "planted", *packs], [["narrative_contradiction", "1,110", *["0.000"] * 5]])

    assert {"planted", "placeholders", "conditional", "agreement", "contradiction"} <= set(out.split())


def test_names_are_folded_where_they_have_a_sign():
    """The exchange rates of `run` said all_25_unknown_allowe / d."""
    names = ["all_25_unknown_allowed", "reason_on_close"]
    row = [*names, "+1.14 ±0.32", "-0.45 ±0.04", "0.93 ±0.19", "better if harm is over 0.93"]
    columns = ["from", "to", "right", "hidden wrong", "exchange rate", "the second is"]
    rows = [row, [*names[::-1], *row[2:]]]

    assert set(names) <= set(printed(118, "t", columns, rows, words=(0, 1, 5)).split())
    assert "allowed" in printed(80, "t", columns, rows, words=(0, 1, 5)).split()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "x.csv", "--rule", "y"), "there is no option --rule. Did you mean '--rules'? See `casegauge check"),
        (("score", "x", "--units=cell"), "there is no option --units. Did you mean '--unit'?"),
        (("mutate", "x", "--key", "y"), "there is no option --key. See `casegauge mutate"),
        (("pair", "--dirty=x", "--truth=x", "--rules=x", "--key", "y"), "Write --align key:COLUMN."),
        (("mutate", "x", "--fail-under", "60"), "'60' is no share from 0 to 1; did you mean 0.6? See"),
        (("mutate", "--rules", "x"), "no clean records are given. Name them: casegauge mutate CLEAN.csv"),
        (("rules", "list", "placeholders"), "rules list takes no name. `casegauge rules show placeholders`"),
    ],
)
def test_a_misspelt_option_gets_the_nearest(arguments, said, capsys):
    """One line, exit 2."""
    assert main(list(arguments)) == 2

    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


SUITE = (
    '{"expectation_suite_name": "s", "expectations": [{"expectation_type": "expect_column_values_to_not_be_null", '
    '"kwargs": {"column": "encounter_time"}}]}'
)


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """A rule file that names no table, one odd CSV in a folder, one clean CSV."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gx.json").write_text(SUITE, encoding="utf-8")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "odd.csv").write_text("a,b\n1,2,3\n", encoding="utf-8")
    (tmp_path / "clean.csv").write_text("encounter_time\n10:00\n11:30\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--rules", "gx.json", "--cases", "67"), "names no table. Write --rules TABLE=gx.json. Possible: case"),
        (("run", "--rules", "loans=gx.json", "--cases", "67"), "'loans' is not a system of the scenario. Possible"),
        (
            ("check", "odd", "--rules", "gx.json"),
            "Every table of the folder odd was to be read; to read one file, name",
        ),
    ],
)
def test_what_to_write_instead(arguments, said, suite, capsys):
    assert main(list(arguments)) == 2

    assert said in capsys.readouterr().err


def test_a_file_that_is_named_is_not_called_a_folder(suite, capsys):
    assert main(["check", "odd/odd.csv", "--rules", "gx.json"]) == 2

    assert "folder" not in capsys.readouterr().err


def test_the_table_of_a_rule_file_is_said_everywhere(suite, capsys):
    """`run` scores TABLE=FILE, `rules translate` writes it about the table."""
    assert main(["run", "--rules", "encounter=gx.json", "--cases", "67"]) == 0
    assert "gx catches" in capsys.readouterr().out
    assert main(["rules", "translate", "loans=gx.json", "--to", "casegauge"]) == 0
    assert "system: loans" in capsys.readouterr().out


def test_coverage_names_the_line(suite, capsys):
    """The path through a dbt file was folded inside its words; --json has it whole."""
    schema = str(Path(__file__).resolve().parents[2] / "examples" / "check" / "schema.yml")
    assert main(["rules", "coverage", schema]) == 0
    table = capsys.readouterr().out
    assert main(["rules", "coverage", schema, "--json"]) == 0

    assert "line 7" in table
    assert "models[0]" not in table
    assert "models[0].columns[0].data_tests[0] (line 7)" in capsys.readouterr().out


@pytest.mark.parametrize("data", [["clean.csv"], ["--data", "clean.csv"]])
def test_clean_records_with_and_without_their_option(data, suite, capsys):
    assert main(["mutate", *data, "--rules", "gx.json"]) == 0

    assert "1 rule on clean (2 rows)" in capsys.readouterr().out
