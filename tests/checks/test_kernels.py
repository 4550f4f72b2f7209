"""What each kind of predicate fails on, cell by cell."""

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from checks import (
    Between,
    Compare,
    InSet,
    Length,
    Multiple,
    NotBlank,
    NotIn,
    NotNull,
    Pattern,
    Rule,
    Typed,
    evaluate,
    load_rules,
)
from checks.patterns import engine_of
from checks.rule_file import WRITABLE
from synth.errors import RuleError

# The six rows of the comparison of validators: a value, a bad value, null, the empty text, a placeholder, white space.
PROBE = pd.DataFrame(
    {
        "zip": pd.Series(["12345", "1234", None, "", "N/A", " "], dtype="str"),
        "st": pd.Series(["open", "bad", None, "", "N/A", "closed"], dtype="str"),
        "x": [1, -1, np.nan, 0, 5, 2],
        "d0": pd.to_datetime(["2031-01-01", "2031-01-03", None, "2031-01-01", None, "2031-01-01"]),
        "d1": pd.to_datetime(["2031-01-02", "2031-01-02", "2031-01-02", None, None, "2031-01-02"]),
    }
)
FIVE = "[0-9]{5}"
# predicate, then for native, ignore, fail: X fails, . passes, - is not evaluated
MATRIX = [
    (NotNull("zip"), "..X...", "..X...", "..X..."),
    (NotBlank("zip"), "..XX.X", "..XX.X", "..XX.X"),
    (Pattern("zip", FIVE), ".XXXXX", ".X-XXX", ".XXXXX"),
    (Pattern("zip", f"^{FIVE}$", "start"), ".XXXXX", ".X-XXX", ".XXXXX"),
    (Pattern("zip", "[0-9]", "search"), "..XXXX", "..-XXX", "..XXXX"),
    (InSet("st", ("open", "closed")), ".X-XX.", ".X-XX.", ".XXXX."),
    (NotIn("zip", ("N/A",)), "..-.X.", "..-.X.", "..X.X."),
    (NotIn("zip", ("n/a", ""), ignore_case=True, trim=True), "..-XXX", "..-XXX", "..XXXX"),
    (Length("zip", min=1, max=4), "X.-X..", "X.-X..", "X.XX.."),
    (Between("x", min=0, exclude_min=True), ".X-X..", ".X-X..", ".XXX.."),
    (Between("x", min=0, max=2), ".X-.X.", ".X-.X.", ".XX.X."),
    (Between("zip", min="2000", max="99999"), ".X--X-", ".X--X-", ".XXXXX"),
    (Between("st", min="b", max="closed"), "X.-XX.", "X.-XX.", "X.XXX."),
    (Multiple("x", 2), "XX-.X.", "XX-.X.", "XXX.X."),
    (Multiple("zip", "0.5"), "..--X-", "..--X-", "..XXXX"),
    (Compare("d0", "<=", "d1"), ".X---.", ".X---.", ".XXXX."),
]


def drawn(result):
    return "".join(np.select([result.fail, ~result.evaluated], ["X", "-"], default="."))


@pytest.mark.parametrize("as_category", [False, True], ids=["text", "category"])
@pytest.mark.parametrize("policy", ["native", "ignore", "fail"])
@pytest.mark.parametrize("row", MATRIX, ids=[repr(row[0]) for row in MATRIX])
def test_null_policy_matrix(row, policy, as_category):
    """Every kind treats null, the empty text, a placeholder and white space as docs/rules.md says."""
    predicate, *expected = row
    frame = PROBE.astype({"zip": "category", "st": "category", "x": "category"}) if as_category else PROBE

    result = evaluate([Rule("r", predicate, null_policy=policy)], frame).results[0]

    assert drawn(result) == expected[["native", "ignore", "fail"].index(policy)]
    assert not (result.fail & ~result.evaluated).any()


def test_object_columns_of_older_pandas():
    """A column of Python objects, mixed kinds included, is judged as text."""
    frame = pd.DataFrame({"zip": pd.Series(["12345", 12345, None, "x"], dtype=object)})

    result = evaluate([Rule("r", Pattern("zip", FIVE))], frame).results[0]

    assert drawn(result) == "..XX"


def test_compare_iso_dates_as_dates():
    """A text that is no ISO date has no order, so a comparison of dates does not judge it."""
    frame = pd.DataFrame({"a": ["2031-01-05", "2031-02-01", "soon", "2031-13-01"], "b": ["2031-01-06"] * 4})

    result = evaluate([Rule("r", Compare("a", "<", "b", "date"))], frame).results[0]

    assert drawn(result) == ".X--"


def test_compare_numbers_in_text():
    """Asked for numbers, 9 is less than 10."""
    frame = pd.DataFrame({"a": ["9", "11", "x", " "], "b": ["10"] * 4})

    as_number, as_text = evaluate(
        [Rule("n", Compare("a", "<", "b", "number")), Rule("t", Compare("a", "<", "b"))], frame
    ).results

    assert drawn(as_number) == ".X--"
    assert drawn(as_text) == "XXX."


def test_texts_of_a_rule_file_on_typed_columns():
    """Values and bounds written as text are read as the column's own kind."""
    frame = pd.DataFrame({"n": [1, 2, 3], "d": [dt.datetime(2031, 1, day) for day in (1, 2, 3)]})  # noqa: DTZ001

    flags = evaluate(
        [
            Rule("n", InSet("n", ("1", "2"))),
            Rule("b", Between("n", min="2")),
            Rule("d", Between("d", max="2031-01-02")),
        ],
        frame,
    )

    assert [drawn(result) for result in flags.results] == ["..X", "X..", "..X"]


@pytest.mark.parametrize("predicate", [InSet("n", ("one",)), Between("n", min="one")], ids=["in_set", "between"])
def test_values_that_do_not_fit_the_column(predicate):
    """A listed value or bound that cannot be of the column's kind is refused."""
    with pytest.raises(RuleError, match=r"rule 'r': .*one.* cannot be read as"):
        evaluate([Rule("r", predicate)], pd.DataFrame({"n": [1, 2]}))


LOOK_AROUND = r"(?!000)[0-9]{3}"


def test_patterns_re2_cannot_read():
    """Look-around is read by Python, with the same masks on text and categories."""
    texts = pd.Series(["123", "000", None, "12", "123"], dtype="str")

    results = [
        evaluate([Rule("r", Pattern("a", LOOK_AROUND))], pd.DataFrame({"a": column})).results[0]
        for column in (texts, texts.astype("category"))
    ]

    assert engine_of(LOOK_AROUND) == "python"
    assert [drawn(result) for result in results] == [".XXX.", ".XXX."]


def test_a_pattern_that_would_take_for_ever(monkeypatch):
    """A pattern Python needs exponential time for is ended and refused, not waited for."""
    monkeypatch.setattr("checks.patterns.TIME_LIMIT_S", 1.0)
    frame = pd.DataFrame({"a": ["a" * 60 + "b"]})

    with pytest.raises(RuleError, match="took more than 1 s"):
        evaluate([Rule("r", Pattern("a", r"(?=a)(a+)+\1"))], frame)


def test_digits_are_ascii_in_both_engines():
    r"""`\d` means 0 to 9 whichever engine reads the pattern."""
    frame = pd.DataFrame({"a": ["12", "\N{FULLWIDTH DIGIT ONE}"]})

    flags = evaluate([Rule("re2", Pattern("a", r"\d+")), Rule("python", Pattern("a", r"(?=.)\d+"))], frame)

    assert [drawn(result) for result in flags.results] == [".X", ".X"]


def test_alternatives_stay_inside_the_pattern():
    """A full match is of the whole alternative, not of its last part."""
    frame = pd.DataFrame({"a": ["ab", "b", "abx", "xb"]})

    result = evaluate([Rule("r", Pattern("a", "ab|b"))], frame).results[0]

    assert drawn(result) == "..XX"


PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
PAGE_ROWS = re.findall(r"^\| `(.+?)` \| `(.{6})` \| `(.{6})` \| `(.{6})` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("check", "native", "ignore", "fail"), PAGE_ROWS, ids=[row[0] for row in PAGE_ROWS])
def test_the_matrix_on_the_page(check, native, ignore, fail):
    """Every row of the table in docs/rules.md is what a rule file with that check gives."""
    rules = load_rules(f"rules:\n  - id: r\n    {check}\n").rules

    masks = [drawn(evaluate(rules, PROBE, null_policy=p).results[0]) for p in ("native", "ignore", "fail")]

    assert masks == [native, ignore, fail]


def test_the_page_names_every_kind():
    """docs/rules.md lists every kind a rule file can hold, and its rule files can be read."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    assert [kind for kind in WRITABLE if f"`{kind}`" not in PAGE] == []
    assert [load_rules(block).name for block in blocks] == ["my-rules", "across"]
    assert len(PAGE_ROWS) == 10


@pytest.mark.parametrize(
    ("value", "step", "fails"),
    [(0.9, 0.3, False), (0.6, 0.2, True), (0.75, 0.25, False), (1e17, 3, True), (9, 3, False), (1.5, 1, True)],
)
def test_multiples_are_found_as_jsonschema_finds_them(value, step, fails, engine):
    """By quotient where the step is a fraction (.9 / .3 is 3.0), by remainder where it is whole (1e17 is none of 3)."""
    result = evaluate([Rule("m", Multiple("n", step))], pd.DataFrame({"n": [value]})).results[0]

    assert result.fail.tolist() == [fails]
    assert engine("jsonschema").Draft202012Validator({"multipleOf": step}).is_valid(value) is not fails


def test_whole_numbers_stored_as_fractions_are_integers():
    """A column of floats holds integers where nothing stands behind the point, as JSON Schema counts them."""
    frame = pd.DataFrame({"n": [1.0, 1.5, np.nan, -2.0]})
    rules = [Rule(kind, Typed("n", kind)) for kind in ("integer", "number", "boolean")]

    assert [result.fail.tolist() for result in evaluate(rules, frame).results] == [
        [False, True, False, False],
        [False, False, False, False],
        [True, True, False, True],
    ]


def test_a_column_of_truth_values_is_asked_for_truth_values():
    """A text that names none is refused, not taken for true."""
    frame = pd.DataFrame({"ok": [True, False]})

    assert evaluate([Rule("r", InSet("ok", ("true", "1")))], frame).results[0].fail.tolist() == [False, True]
    with pytest.raises(RuleError, match="'ok' holds bool"):
        evaluate([Rule("r", InSet("ok", ("open",)))], frame)


@pytest.mark.parametrize("as_", ["auto", "stored"])
def test_a_day_is_its_midnight(as_):
    """Texts of days and of moments are compared as moments; a blank is null, 30 February is not judged."""
    frame = pd.DataFrame({
        "start": ["2031-03-04 00:00:00", "2031-03-04T10:30", "2031-03-05", None, " ", "2031-02-30"],
        "end": ["2031-03-04", "2031-03-04", "2031-03-05 00:00:00", "2031-03-04", "2031-03-04", "2031-03-04"],
    })  # fmt: skip

    found = evaluate([Rule("r", Compare("start", "<=", "end", as_))], frame).results[0]
    assert found.fail.tolist() == [False, True, False, False, False, False]
    assert found.evaluated.tolist() == [True, True, True, False, False, False]
    equal = evaluate([Rule("r", Compare("start", "==", "end", as_))], frame).results[0]
    assert equal.fail.tolist() == [False, True, False, False, False, False]


def test_days_are_held_against_texts_of_days():
    """A column of moments beside texts of moments; texts among which one is no day are refused in words."""
    frame = pd.DataFrame({
        "day": pd.to_datetime(["2031-03-04", "2031-03-05", None]),
        "text": ["2031-03-04 00:00", "2031-03-04", "2031-03-04"],
        "odd": ["2031-03-04 00:00", "soon", "2031-03-04"],
    })  # fmt: skip

    for as_ in ("auto", "stored"):
        found = evaluate([Rule("r", Compare("day", "<=", "text", as_))], frame).results[0]
        assert found.fail.tolist() == [False, True, False], as_
        assert found.evaluated.tolist() == [True, True, False], as_
    with pytest.raises(RuleError, match="column 'odd' holds texts and column 'day' days, and 'soon' is no day"):
        evaluate([Rule("r", Compare("odd", "<=", "day", "stored"))], frame)
