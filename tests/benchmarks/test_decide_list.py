"""The list of fields as people write it: what is understood, what is refused and in which words."""

import re

import pytest

from benchmarks.decide.field_list import (
    OPTIONAL,
    REQUIRED,
    UNKNOWN_ALLOWED,
    WARNED,
    condition_key,
    read_field_rows,
    trigger_of,
)
from benchmarks.decide.template import template_text
from synth.errors import CasegaugeError

HEAD = "field,applies when,applies %,required now,blank %,placeholder %,who knows it,when,stable,list fits?,seconds"


def read(tmp_path, text, name="f.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_field_rows(path)


def only(tmp_path, cells):
    """Return the one row of a list with these cells."""
    names = HEAD.split(",")
    line = ",".join(f'"{cells[name]}"' if name in cells else "" for name in names)
    (row,), _ = read(tmp_path, f"{HEAD}\n{line}\n")
    return row


# --------------------------------------------------------------------------------------------------------- understood


@pytest.mark.parametrize(
    ("column", "words", "attribute", "meaning"),
    [
        ("required now", ("yes", "Y", "x", "1", "Mandatory", "hard stop", "required"), "now", REQUIRED),
        ("required now", ("no", "optional", "0", "", "?"), "now", OPTIONAL),
        ("required now", ("with unknown", "yes, unknown allowed", "Yes, with unknown"), "now", UNKNOWN_ALLOWED),
        ("required now", ("warn", "Warning", "soft-warning", "recommended"), "now", WARNED),
        ("required now", ("system", "stamped", "automatic"), "stamped", True),
        ("who knows it", ("system",), "stamped", True),
        ("who knows it", ("writer", "Writer at the time", "officer"), "who", "writer at the time"),
        ("who knows it", ("writer later", "later"), "who", "writer later"),
        ("who knows it", ("somebody else", "someone else", "another system"), "who", "somebody else"),
        ("who knows it", ("nobody", "No one"), "who", "nobody"),
        ("who knows it", ("", "?", "-", "do not know"), "who", None),
        ("when", ("later", "days later"), "who", "writer later"),
        ("when", ("at the time",), "who", "writer at the time"),
        ("stable", ("stable", "yes"), "stable", True),
        ("stable", ("event-specific", "no", "changes"), "stable", False),
        ("list fits?", ("yes", "fits"), "listed", "fits"),
        ("list fits?", ("no", "no, with other", "80", "63 %"), "listed", "does not fit"),
        ("list fits?", ("free text", "no list", "date"), "listed", "free text"),
        ("list fits?", ("yes, with other", "no with other"), "has_other", True),
        ("blank %", ("12.5", "12,5 %", "12.50%"), "blank", 0.125),
        ("blank %", ("",), "blank", None),
        ("seconds", ("4", "4 s", "4,0", "4 seconds"), "seconds", 4.0),
        ("applies when", ("", "always", "all cases"), "condition", ""),
    ],
)
def test_a_cell_is_understood_as_people_write_it(tmp_path, column, words, attribute, meaning):
    for word in words:
        row = only(tmp_path, {"field": "a", column: word})

        assert getattr(row, attribute) == meaning, f"{column}: {word!r}"


def test_the_share_of_a_list_that_fits_is_taken_at_its_word(tmp_path):
    assert only(tmp_path, {"field": "a", "list fits?": "63 %"}).misfit == pytest.approx(0.37)


@pytest.mark.parametrize("header", ["Field Name", "FIELD_NAME", "variable", "Data Element", "question"])
def test_the_column_of_names_may_be_called_otherwise(tmp_path, header):
    (row,), notes = read(tmp_path, f"{header},Mandatory?,Missing %\na b,Yes,\n")

    assert (row.name, row.now, row.blank, notes) == ("a b", REQUIRED, None, [])


@pytest.mark.parametrize(
    ("header", "cell", "attribute", "value"),
    [
        *((header, "12", "blank", 0.12) for header in
          ("blank%", "Blank (in %)", "[blank %]", "% BLANK", "blank percent", "percentage blank", "Empty %")),
        *((header, "yes", "now", REQUIRED) for header in
          ("compulsory", "Obligatory?", "mandatory?", "Is mandatory", "required today", "REQUIRED (now)")),
    ],
)  # fmt: skip
def test_a_header_is_read_whatever_its_brackets_case_and_per_cent(tmp_path, header, cell, attribute, value):
    (row,), notes = read(tmp_path, f"field,{header}\na,{cell}\n")

    assert (getattr(row, attribute), notes) == (value, [])


@pytest.mark.parametrize(
    ("header", "ours"),
    [("blnk %", "blank %"), ("requred now", "required now"), ("manditory", "required now"),
     ("plceholder", "placeholder %"), ("stabel", "stable"), ("blank % of last year", "blank %"),
     ("who nows it", "who knows it")],
)  # fmt: skip
def test_a_header_that_is_nearly_ours_is_refused_and_not_lost(tmp_path, header, ours):
    with pytest.raises(
        CasegaugeError, match=re.escape(f"line 1: column '{header}' is not read. Did you mean '{ours}'?")
    ):
        read(tmp_path, f"field,{header}\na,\n")


@pytest.mark.parametrize("header", ["description", "comment", "page", "data type", "field label", "section", "order"])
def test_a_header_that_is_like_none_of_ours_is_told_and_left(tmp_path, header):
    _, notes = read(tmp_path, f"field,{header},blank %\na,x,12\n")

    assert notes == [f"columns not read: {header}"]


def test_a_header_nearly_like_one_that_is_read_is_left(tmp_path):
    _, notes = read(tmp_path, "field,blank %,blank % of last year\na,12,9\n")

    assert notes == ["columns not read: blank % of last year"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_every_separator_is_read_with_or_without_a_byte_order_mark(tmp_path, separator, start):
    text = f"{start}field{separator}blank %{separator}required\n\na{separator}12{separator}no\n"

    (row,), _ = read(tmp_path, text)

    assert (row.name, row.blank, row.now) == ("a", 0.12, OPTIONAL)


def test_one_column_is_enough(tmp_path):
    rows, _ = read(tmp_path, "field\na\nb\n")

    assert [row.name for row in rows] == ["a", "b"]


def test_what_is_not_read_is_told(tmp_path):
    _, notes = read(tmp_path, "field,owner,blank %\na,x,0.2\nb,y,0.8\n")

    assert notes == ["columns not read: owner", "all blank rates are 0.8 or less; they were read as per cent"]


def test_a_required_field_that_is_blank_at_times_is_not_required(tmp_path):
    """The form lets blanks pass: it is a rule on paper, not a control."""
    row = only(tmp_path, {"field": "a", "required now": "yes", "blank %": "8"})

    assert (row.now, row.blank) == (OPTIONAL, 0.08)
    assert "does not insist" in row.notes[0]


def test_a_required_field_without_blanks_stays_required(tmp_path):
    assert only(tmp_path, {"field": "a", "required now": "yes", "blank %": "0"}).now == REQUIRED


def test_fields_of_one_condition_apply_together_and_share_what_one_of_them_says(tmp_path):
    rows, _ = read(tmp_path, "field,applies when,applies %\na,b = yes,\nb,,\nc,B=Yes ,20\nd,e = 1,\n")

    assert [row.applies for row in rows] == [0.2, 1.0, 0.2, 0.5]
    assert [bool(row.notes) for row in rows] == [False, False, False, True]
    assert condition_key("b = yes") == condition_key("B=Yes ")


def test_a_trigger_is_found_by_its_name():
    names = {"hold_requested": 4, "a": 1}

    assert trigger_of("if Hold Requested = yes", names) == 4
    assert trigger_of("hold_requested = yes and a = 1", names) == 4
    assert trigger_of("long stay", names) == -1


def test_the_template_can_be_filled_in_and_read(tmp_path):
    rows, notes = read(tmp_path, template_text())

    assert [row.name for row in rows] == ["contact_date", "outcome", "reason_closed", "home_office", "remarks"]
    assert notes == []
    assert all(f"# {name}" in template_text().replace('"', "") for name in ("field", "applies when", "blank %"))


def test_a_remark_does_not_move_the_lines_that_errors_name(tmp_path):
    with pytest.raises(CasegaugeError, match="line 5: column 'stable'"):
        read(tmp_path, "field,stable\n# one\n\n# two\na,sometimes\n")


# ----------------------------------------------------------------------------------------------------------- workbooks


def workbook(tmp_path, rows, formats=None):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, shape in (formats or {}).items():
        book.active[place].number_format = shape
    path = tmp_path / "f.xlsx"
    book.save(path)
    return path


def test_a_workbook_is_read_as_it_is_shown(tmp_path):
    """12 % is .12 in the file; TRUE is yes; a number is no text."""
    path = workbook(
        tmp_path,
        [
            ["Field", "blank %", "required now", "seconds"],
            ["a", 0.125, False, 4],
            [None] * 4,
            ["# x"],
            ["b", 7, True, 2.5],
        ],
        {"B2": "0.0%"},
    )

    rows, notes = read_field_rows(path)

    assert [(row.name, row.blank, row.seconds) for row in rows] == [("a", 0.125, 4.0), ("b", 0.07, 2.5)]
    assert notes == []


def test_a_workbook_s_errors_name_the_row(tmp_path):
    path = workbook(tmp_path, [["field", "blank %"], ["a", 1], ["b", 101]])

    with pytest.raises(CasegaugeError, match="row 3: blank % is 101; per cent lie between 0 and 100"):
        read_field_rows(path)


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    path = workbook(tmp_path, [["field"], ["a"]])
    monkeypatch.setattr("benchmarks.decide.field_list.find_spec", lambda name: None)

    with pytest.raises(CasegaugeError, match=re.escape("pip install 'casegauge[excel]'")):
        read_field_rows(path)


# ------------------------------------------------------------------------------------------------------------- refused

REFUSED = {
    "": "is empty",
    "# only a remark\n": "holds remarks only",
    "name of it,blank %\na,1\n": "line 1: no column 'field'. Got 'name of it', 'blank %'.*--template",
    "field,blank %\n": "lists no fields",
    "field,blank %,% blank\na,1,2\n": "line 1: columns 'blank %' and '% blank' both mean 'blank %'. Rename or remove",
    "field,field\na,b\n": "line 1: column 'field' stands there twice",
    "field,blank %\na,1,2\n": "line 2: has 3 cells; the first line has 2",
    'field,blank %\n"a,1\n': "not CSV",
    "field,blank %\n,1\n": "line 2: column 'field' is empty",
    "field,blank %\na,1\nA,2\n": "line 3: field 'A' stands in line 2 already",
    "field,blank %\na,many\n": "line 2: blank % is 'many', which is no number",
    "field,blank %\na,-1\n": "line 2: blank % is -1; per cent lie between 0 and 100",
    "field,blank %\na,nan\n": "line 2: blank % is nan; per cent lie",
    "field,placeholder %\na,1e9\n": "line 2: placeholder % is 1e9",
    "field,blank %,placeholder %\na,60,50\n": "line 2: blank % 60 and placeholder % 50 are over 100 together",
    "field,applies %\na,130\n": "line 2: applies % is 130",
    "field,required now\na,perhaps\n": "line 2: column 'required now' is 'perhaps'. Possible: yes, .*Leave it empty",
    "field,required now\na,reqired\n": "Did you mean 'required'",
    "field,who knows it\na,somebody els\n": "Did you mean 'somebody else'",
    "field,who knows it\na,the moon\n": "line 2: column 'who knows it' is 'the moon'. Possible: .*nobody",
    "field,when\na,noon\n": "line 2: column 'when' is 'noon'",
    "field,stable\na,rather\n": "line 2: column 'stable' is 'rather'",
    "field,list fits?\na,130 %\n": "line 2: list fits\\? is 130 %",
    "field,list fits?\na,sometimes\n": "line 2: column 'list fits\\?' is 'sometimes'",
    "field,seconds\na,-4\n": "line 2: column 'seconds to enter' is '-4'. Give seconds",
    "field,seconds\na,99999\n": "line 2: column 'seconds to enter' is '99999'",
    "field,applies when,applies %\na,c = 1,20\nb,c=1,30\n": "line 3: column 'applies %' is 30, but 20 in line 2",
    '{"fields": []}': "looks like JSON",
    "field\n" + "".join(f"f{number}\n" for number in range(401)): "lists 401 fields; one form has at most 400",
}


@pytest.mark.parametrize(("text", "words"), REFUSED.items(), ids=[words[:40] for words in REFUSED.values()])
def test_what_cannot_be_read_is_told_in_one_line_with_its_place(tmp_path, text, words):
    with pytest.raises(CasegaugeError, match=words) as caught:
        read(tmp_path, text)

    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "f.csv"))


@pytest.mark.parametrize("content", [b"field\nK\xf6ln\n", b"PK\x03\x04rubbish", b"field\na\0b\n"])
def test_a_file_that_is_no_text_is_told(tmp_path, content):
    path = tmp_path / "f.csv"
    path.write_bytes(content)

    with pytest.raises(CasegaugeError, match=r"UTF-8|null byte"):
        read_field_rows(path)


def test_a_workbook_that_is_none_is_told(tmp_path):
    pytest.importorskip("openpyxl")
    path = tmp_path / "f.xlsx"
    path.write_bytes(b"PK\x03\x04rubbish")

    with pytest.raises(CasegaugeError, match="is no workbook that can be read"):
        read_field_rows(path)


def test_names_cannot_act_on_a_terminal(tmp_path):
    (row,), _ = read(tmp_path, "field\n\x1b[31mred\x1b[0m\n")

    assert row.name == "[31mred [0m"
