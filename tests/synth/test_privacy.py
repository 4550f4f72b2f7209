"""docs/privacy.md: everything is made up. The scan finds nothing in what is generated, and all that is planted."""

# ruff: noqa: E501  # one line a planted value

import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from worlds import LOOK, bundles, small

from synth.errors import DataError
from synth.export import FORMATS, write
from synth.marks import MARK, MARKED_BY, METADATA, unmarked
from synth.pipeline import generate, make_plan, stream
from synth.privacy import Scanner, luhn_remainders, scan, scenario_findings, telling
from synth.scenario import load_scenario, parse_scenario, scenario_names, scenario_text
from synth.typos import mistyped_reference
from synth.yaml_text import load

EVERY = [(name, regime) for name in scenario_names() for regime in load_scenario(name).regimes]


# Nothing is found in what is generated


@pytest.mark.parametrize(("name", "regime"), EVERY)
def test_nothing_in_records_or_answers_could_identify(name, regime):
    """Every value of every table is on a list of the scenario, of an invented form, or made of the scenario's words."""
    bundle = generate(name, n_cases=2_000, seed=7, regime=regime)

    assert scan(bundle.plan, bundle.tables()) == []


@LOOK
@given(bundles())
def test_nor_in_any_scenario(bundle):
    """The same of random scenarios with every defect."""
    assert scan(bundle.plan, bundle.tables()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", scenario_names())
def test_nothing_in_very_many_cases(name):
    """The same in 300,000 cases of oig-20-13 and in 100,000 of each other scenario, block by block."""
    plan = make_plan(name, seed=2031)
    scanner = Scanner(plan)
    for piece in stream(plan, n_cases=300_000 if name == "oig-20-13" else 100_000, workers=2, block_size=1 << 15):
        for table, rows in piece.tables():
            scanner.look_at(table, rows)

    assert scanner.findings == []


# What is planted is found


@pytest.fixture(scope="module")
def clean():
    """Some cases of every scenario: name -> plan and tables."""
    made = {name: generate(name, n_cases=150, seed=11) for name in scenario_names()}
    return {name: (bundle.plan, dict(bundle.tables())) for name, bundle in made.items()}


def with_value(table, column, value, row=40):
    """The table with one text of one column replaced."""
    texts = table[column].cast(pa.string()).to_pylist()
    texts[row] = value
    return table.set_column(table.column_names.index(column), column, pa.array(texts, pa.string()))


# The Luhn sum of 0079927398 is 68 without a check digit, so 2 is right (of 7992739871, the textbook's, it is 3).
IN_CELLS = [
    ("oig-20-13", "records/encounter", "record_id", "SYN-E-0079927398-3", "wrong check digit"),
    ("oig-20-13", "records/encounter", "record_id", "A-0079927398-2", "reserved range"),
    ("oig-20-13", "records/encounter", "record_id", "SYN-C-0079927398-2", "reserved range"),
    ("oig-20-13", "records/encounter", "subject_ref", "SYN-SUB-0079927398-0", "wrong check digit"),
    ("oig-20-13", "records/encounter", "subject_ref", "123456789", "is a long number"),
    ("oig-20-13", "records/inquiry", "subject_ref", "SYN-SUB-0079927398-9", "wrong check digit"),
    ("oig-20-13", "records/inquiry", "subject_ref", "Anna Field", "reserved range"),
    ("oig-20-13", "records/encounter", "encounter_date", "2032-10-27", "a day from 2030-11-02 to 2032-10-26"),
    ("oig-20-13", "records/encounter", "encounter_date", "1984-05-17", "a day from"),
    ("oig-20-13", "records/encounter", "encounter_date", "2031-02-29", "a day from"),
    ("oig-20-13", "records/encounter", "encounter_time", "24:00", "a time of day"),
    ("oig-20-13", "records/encounter", "facility_code", "FAC-99", "a code FAC-1 to FAC-60"),
    ("oig-20-13", "records/encounter", "facility_code", "JFK-01", "a code FAC-1 to FAC-60"),
    ("oig-20-13", "records/encounter", "facility_code", "=1+1", "begins as a formula does"),
    ("oig-20-13", "records/encounter", "facility_code", "+49 30 1234567", "is a number to call"),
    ("oig-20-13", "records/encounter", "custody_status", "deported", "one of the values of custody_status"),
    ("oig-20-13", "records/encounter", "custody_status", "in-custody\t", "printable"),
    ("oig-20-13", "records/encounter", "priority_level", "level-1\u00a0", "printable"),
    ("oig-20-13", "records/casework", "encounter_narrative_received", "I met the subject.", "never shows"),
    ("oig-20-13", "answers/truth", "subject_ref", "SYN-SUB-0079927398-1", "wrong check digit"),
    ("oig-20-13", "answers/truth", "age_band", "1984-05-17", "one of the values of age_band"),
    ("oig-20-13", "answers/links", "record_id", "SYN-E-0079927398-4", "wrong check digit"),
    ("oig-20-13", "answers/stated", "value", "Springfield", "a value of any field"),
    ("oig-20-13", "answers/labels", "expected", "Anna", "no word of the scenario"),
    ("oig-20-13", "answers/labels", "recorded", "anna@mail.org", "is an e-mail address"),
    ("oig-20-13", "answers/fates", "fate", "see www.example.com", "is a web address"),
    ("ambulance-run", "records/run", "response_minutes", "200", "a whole number from 2 to 60"),
    ("ambulance-run", "records/run", "response_minutes", "07", "a whole number from 2 to 60"),
    ("shelter-intake", "records/stay", "plan_date", "2033-01-01", "a day from"),
    ("reference", "records/form", "f07", "Mercer", "one of the values of f07"),
]


@pytest.mark.parametrize(("name", "table", "column", "value", "problem"), IN_CELLS)
def test_a_value_that_should_not_be_there_is_found(clean, name, table, column, value, problem):
    """One cell among clean ones: it is found, and nothing else."""
    plan, tables = clean[name]
    found = scan(plan, [(table, with_value(tables[table], column, value))])

    assert {(one.table, one.column) for one in found} == {(table, column)}
    assert any(problem in one.problem for one in found), [str(one) for one in found]
    assert any(value.startswith(one.value) or one.value in value for one in found)


IN_SENTENCES = [  # (what is added to an encounter's narrative, the part that is found, what is said of it)
    (" I met Miller there.", "Miller", "no word of the scenario"),
    (" I told Nothing to the clerk.", "Nothing", "capitalised inside a sentence"),
    (" I wrote to desk@registry.gov for it.", "desk@registry.gov", "e-mail"),
    (" I called 202-456-1414 for it.", "456-1414", "number to call"),
    (" I called (202) 456 1414 for it.", "456 1414", "number to call"),
    (" I called +44 20 7946 0018 for it.", "+44 20 7946 0018", "number to call"),
    (" I called 01632 960001 for it.", "01632 960001", "number to call"),
    (" I read www.registry.gov for it.", "www.registry.gov", "web address"),
    (" I read registry.com for it.", "registry.com", "web address"),
    (" I read it at https://registry.example/x today.", "https://registry.example/x", "web address"),
    (" I had number 123456789 in hand.", "123456789", "long number"),
    (" I met the subject on 17 May 1984.", "1984", "no word of the scenario"),
    (" I met the subject on December 3, 2032.", "December 3, 2032", "beyond the calendar"),
    (" I met the subject on 03 Dec 2032.", "Dec 2032", "beyond the calendar"),
    (" I met the subject on 2032-12-03.", "2032-12-03", "no word of the scenario"),
    (" I told the caf\u00e9 so.", "\u00e9", "printable"),
    (" I told\tthe clerk.", "\t", "printable"),
    (" I told the clerk at Elm Street.", "Elm", "no word of the scenario"),
    (" I asked for his passport.", "passport", "no word of the scenario"),
]


@pytest.mark.parametrize(("added", "part", "problem"), IN_SENTENCES)
def test_what_a_sentence_should_not_say_is_found(clean, added, part, problem):
    """One sentence too many in one narrative of 150."""
    plan, tables = clean["oig-20-13"]
    casework = problem == "capitalised inside a sentence"  # "Nothing" begins a sentence there
    table = "records/casework" if casework else "records/encounter"
    written = next(text for text in tables[table]["narrative"].to_pylist() if text and len(text) > 100)
    planted = written + (added.replace("I told", "The file was read in full, as was") if casework else added)
    found = scan(plan, [(table, with_value(tables[table], "narrative", planted))])

    assert any(part in one.value and problem in one.problem for one in found), [str(one) for one in found]
    assert {one.column for one in found} == {"narrative"}


def test_a_narrative_that_begins_as_a_formula_does_is_found(clean):
    """`=`, `+`, `@` or a tab at the start, where a spreadsheet would run it."""
    plan, tables = clean["oig-20-13"]
    for start in ("=", "+", "@", "\t"):
        text = f"{start}I closed my notes."
        found = scan(plan, [("records/encounter", with_value(tables["records/encounter"], "narrative", text))])

        assert [one.value for one in found if "formula" in one.problem] == [start]


@LOOK
@given(st.from_regex(r"[A-Z][a-z]{2,9}", fullmatch=True), st.integers(1, 30))
@example("Rose", 3)
@example("Clerk", 3)  # a word of the scenario, in small letters
@example("Kept", 3)
def test_any_name_in_the_middle_of_a_sentence_is_found(clean, word, place):
    """Wherever a capitalised word that is no month is put between two words, it is found."""
    plan, tables = clean["oig-20-13"]
    texts = [text for text in tables["records/encounter"]["narrative"].to_pylist() if text and len(text) > 200]
    words = texts[0].split(" ")
    while not re.fullmatch(r"[a-z]+", words[place - 1]):
        place -= 1
    planted = " ".join([*words[:place], word, *words[place:]])
    months = {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December"}  # fmt: skip
    found = scan(plan, [("records/encounter", pa.table({"narrative": [*texts[1:], planted]}))])

    assert {one.value for one in found} == ({word} - months - {month[:3] for month in months})


def test_of_many_findings_of_one_kind_the_first_are_shown(clean):
    """A table full of the same problem gives five findings, not a thousand."""
    plan, _ = clean["oig-20-13"]
    wrong = pa.table({"facility_code": [f"XYZ-{number}" for number in range(1000)]})

    assert [one.value for one in scan(plan, [("records/encounter", wrong)])] == [f"XYZ-{number}" for number in range(5)]


def test_what_was_judged_fine_in_one_piece_does_not_hide_what_comes_in_the_next(clean):
    """Piece by piece the scan finds what it finds at once, coded columns and plain ones alike."""
    plan, tables = clean["oig-20-13"]
    table = with_value(tables["records/encounter"], "facility_code", "JFK-01", row=140)
    table = table.set_column(
        table.column_names.index("facility_code"), "facility_code", table["facility_code"].dictionary_encode()
    )
    scanner = Scanner(plan)
    for start in range(0, table.num_rows, 50):
        scanner.look_at("records/encounter", table.slice(start, 50))

    assert scanner.findings == scan(plan, [("records/encounter", table)]) != []


# Identifiers


def luhn(reference):
    """Whether the check digit of a reference is right, worked out digit by digit."""
    digits = [int(digit) for digit in re.sub(r"\D", "", reference)]
    doubled = [digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits[::-1])]
    return sum(doubled) % 10 == 0


@given(st.lists(st.from_regex(r"[0-9]{10}-[0-9]", fullmatch=True), min_size=1, max_size=20))
@example(["0079927398-2", "0079927398-3"])
def test_check_digits_are_right_where_a_slow_sum_says_so(numbers):
    """The Luhn sum on columns is the one worked out digit by digit."""
    digits = np.array([[int(digit) for digit in number.replace("-", "")] for number in numbers], np.uint8)

    assert (luhn_remainders(digits) == 0).tolist() == [luhn(number) for number in numbers]


@given(st.integers(0, 2**32 - 1), st.integers(0, 1))
def test_a_typing_error_of_an_identifier_is_one_only_where_somebody_types(number, which):
    """A mistyped digit is fine in a typed field and found in a stamped one; the check digit is wrong in both."""
    plan = make_plan("oig-20-13")
    right = f"SYN-SUB-{number:010d}-"
    right = next(f"{right}{digit}" for digit in range(10) if luhn(f"{right}{digit}"))
    wrong = mistyped_reference(right, number, which)
    column = pa.table({"subject_ref": [right, wrong]})

    assert not luhn(wrong)
    assert scan(plan, [("records/inquiry", column)]) == []
    assert [one.value for one in scan(plan, [("records/encounter", column)])] == [wrong]


# Single texts

HARMLESS = [
    "", "-", ".", "N/A", "999", "00:00:00", "9999-12-31", "2031-03-05", "2:05 p.m.", "SYN-OFC-001", "SYN-SUB", "FAC-01",
    "Write to desk@example.org.", "Call 555-0143.", "Call 202-555-0199 now", "At 14:05, 12 documents.",
    "On 5 March 2031 1405 hours", "2031-03-05 1405 hours", "e.g. this", "--:--", "x = 1", "See file.",
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_text_is_not_found(text):
    """Dates, times, codes, addresses at example.org and numbers from 555-0100 to 555-0199 are nobody's."""
    assert telling(text) == {}


TELLING = ["a@b.org", "x@example.com", "x@example.org.uk", "555-0200", "555-1143", "202-555-0200", "+1 202 555 0143",
           "01 23 45 67 89", "http://x", "WWW.X.Y", "ftp://example.org", "12345678", "na\u00efve", "a\nb", "@x", "\tx"]  # fmt: skip


@pytest.mark.parametrize("text", TELLING)
def test_a_telling_text_is_found(text):
    """Addresses, numbers to call, long numbers, formulas and what does not print are found."""
    assert telling(text)


# Scenarios


@pytest.mark.parametrize("name", scenario_names())
def test_nothing_in_a_shipped_scenario_could_identify(name):
    """Names, values, wordings, sentences, placeholders and prefixes of the scenarios that come with the package."""
    assert list(scenario_findings(load_scenario(name))) == []


OIG = scenario_text("oig-20-13")
IN_SCENARIOS = [
    ("a field of a nationality", "  age_band: {kind", "  nationality: {kind: choice, values: {x: 1, y: 1}}\n  age_band: {kind",
     "speaks of a nationality"),
    ("a date of birth", "  age_band: {kind", "  birth_date: {kind: calendar}\n  age_band: {kind", "speaks of a birth"),
    ("a name", "      case_state: {gap", "      clerk_name: {truth: age_band}\n      case_state: {gap", "speaks of a name"),
    ("a value", "desk-officer: 10}", "desk-officer: 10, citizen: 3}", "speaks of a citizen"),
    ("a prefix that is not reserved", "prefix: SYN-SUB", "prefix: SUB", "'SUB' is the prefix of identifiers"),
    ("a record number that is not reserved", "prefix: SYN-Q", "prefix: INQ", "'INQ' is the prefix of identifiers"),
    ("a person in a sentence", "I told the {informed_role} what I had found.", "I told Ann and the {informed_role}.",
     "'Ann' is capitalised inside a sentence"),
    ("a place in a wording", "at the front gate, ", "at the Elm gate, ", "'Elm' is capitalised inside a sentence"),
    ("an e-mail address", '"Reply sent."', '"Reply sent to desk@registry.gov."', "'desk@registry.gov' is an e-mail"),
    ("a number to call", '"Reply sent."', '"Reply by 202-456-1414."', "'456-1414' is a number to call"),
    ("a web address", "[at the intake desk", "[at www.registry.gov", "is a web address"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"), [row[1:] for row in IN_SCENARIOS], ids=[row[0] for row in IN_SCENARIOS]
)
def test_what_a_scenario_should_not_say_is_told_with_its_place(old, new, said):
    """The scenario is read all the same: this is a warning, with a place that leads to the line."""
    assert OIG.count(old) == 1
    document = load(OIG.replace(old, new))
    found = list(scenario_findings(parse_scenario(document)))
    lines = {document.line(place) for place, _ in found}

    assert any(said in message for _, message in found), found
    changed = OIG[: OIG.index(old)].count("\n") + 1
    assert all(0 <= line - changed <= 1 or changed - line <= 8 for line in lines)


def test_a_scenario_of_ones_own_with_other_prefixes_is_found_in_its_records():
    """Identifiers without the reserved prefix are found in the scenario and in every table that holds them."""
    scenario = small(verdicts=PLAIN_VERDICTS).model_copy(deep=True)
    scenario.systems["alpha"].__dict__["prefix"] = "A"
    bundle = generate(scenario, n_cases=10)

    assert [message.split("'")[1] for _, message in scenario_findings(scenario)] == ["A"]
    assert {one.column for one in scan(bundle.plan, bundle.tables())} >= {"record_id"}


def test_a_placeholder_that_tells_is_found_although_it_is_declared():
    """A list of placeholders does not make a number to call nobody's, in a narrative or in a field."""
    changed = OIG.replace('"See file.", "-"]', '"See 202-456-1414.", "-"]').replace(
        '"UNK", "999", "XXX"', '"0123456789"'
    )
    bundle = generate(parse_scenario(load(changed)), n_cases=600, regime="all_25")
    found = {(one.column, one.value, one.problem[:16]) for one in scan(bundle.plan, bundle.tables())}

    assert ("narrative", "See 202-456-1414.", "is a number to c") in found
    assert ("facility_code", "0123456789", "is a long number") in found


PLAIN_VERDICTS = "verdicts: {documented: 4, inconsistent: 3, insufficient: 3}"


# The statement that everything is synthetic


@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize("file_format", FORMATS)
def test_every_folder_and_every_file_that_can_says_that_it_is_synthetic(tmp_path, file_format, answers):
    """In every format, with answers and without."""
    if file_format == "duckdb":
        pytest.importorskip("duckdb")
    if file_format == "xlsx":
        pytest.importorskip("xlsxwriter")
    plan = make_plan("oig-20-13", seed=4711, secret="kept apart")  # noqa: S106  # made up here
    write(plan, tmp_path / "given", n_cases=67, file_format=file_format, answers=answers)

    assert unmarked(tmp_path / "given") == []


def test_every_format_has_a_line_that_says_where_its_mark_is():
    """A format that is added is looked at, or found to be unmarked."""
    assert set(FORMATS) <= set(MARKED_BY)


@pytest.fixture
def folder(tmp_path):
    write(make_plan("reference"), tmp_path / "data", n_cases=5, file_format="csv")
    return tmp_path / "data"


def test_a_folder_whose_files_lost_the_statement_is_found(folder):
    """Every file that should carry it, taken away or changed one by one."""
    for name in ("datapackage.json", "manifest.json"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(MARK, "Records"), encoding="utf-8")
        assert unmarked(folder) == [f"{name} does not say that the records are synthetic"]
        (folder / name).unlink()
        assert unmarked(folder) == [f"{name} is missing, and should say that the records are synthetic"]
        (folder / name).write_text(text, encoding="utf-8")
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    (folder / "datapackage.json").write_text(json.dumps({**package, "synthetic": "yes"}), encoding="utf-8")

    assert unmarked(folder) == ["datapackage.json does not say `synthetic: true`"]


def test_data_files_are_found_by_what_they_are(folder):
    """A Parquet file with the statement is fine, one without is not, and a format nobody knows is not either."""
    table = pa.table({"a": ["x"]})
    pq.write_table(table.replace_schema_metadata({METADATA: f"{MARK}."}), folder / "records" / "marked.parquet")
    pq.write_table(table, folder / "records" / "plain.parquet")
    (folder / "answers.odd").write_text(MARK, encoding="utf-8")

    assert unmarked(folder) == [
        "answers.odd: it is not known how a file of this format says that it is synthetic",
        "records/plain.parquet does not say that it is synthetic: it should in the key `synthetic` of the file's metadata",
    ]


def test_no_folder_is_said_in_one_line(tmp_path):
    """A name that is no folder."""
    with pytest.raises(DataError, match=r"is no folder\. Name one that casegauge wrote"):
        unmarked(tmp_path / "nothing")
