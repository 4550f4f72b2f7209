"""Invariant 8: what cannot be met is refused, and the message shows what was asked and what is possible."""

# ruff: noqa: E501  # one line a mistake, one line a part of the scenario file

from fractions import Fraction

import pytest
from worlds import PLAIN, SMALL, parsed, small

from synth.draws import Draws, cumulative_thresholds, threshold
from synth.errors import CasegaugeError, OutputError, ScenarioError
from synth.export import write
from synth.pipeline import case, generate, make_plan, stream

TEXT = SMALL.format(**PLAIN)


def line_of(text, part):
    """The number of the first line that holds a part."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


# (what is replaced, by what, the part of the text whose line the message names, what the message says)
BAD_SCENARIOS = [
    ("k: 0.85", "k: 1.2", "k: 1.2", r"operator.k: 1.2 is not a rate; rates lie between 0 and 1"),
    ("k: 0.85", "k: -0.1", "k: -0.1", r"-0.1 is not a rate"),
    ("k: 0.85", "k: many", "k: many", r"operator.k: .*decimal.*\(got 'many'\)"),
    ("k: 0.85", "k: NaN", "k: NaN", r"operator.k"),
    ("beta: 0.1", "beta: -1", "beta: -1", r"-1 is negative"),
    ("gap: 0.1,", "gap: 1.5,", "gap: 1.5", r"1.5 is not a rate"),
    ("q_copy: 0.25", "q_copy: 0.30", "operator:", r"q_uninformative = 1.05; .* sum to 1"),
    ("documented: 4", "documented: 995", "verdicts:", r"verdict counts sum to 1001; .* 1 to 1,000"),
    ("{documented: 4, inconsistent: 3, insufficient: 3}", "{documented: 0}", "verdicts:", r"sum to 0; .* 1 to 1,000"),
    ("documented: 4", "documented: -1", "verdicts:", r"greater than or equal to 0"),
    ("documented: 4", "documentd: 4", "verdicts:", r"documentd"),
    ("mode: quota", "mode: rate", "verdicts:", r"verdict counts are given in rate mode"),
    ("mode: quota", "mode: often", "mode: often", r"mode: .*'quota' or 'rate' \(got 'often'\)"),
    ("base_regime: base", "base_regime: bass", "base_regime: bass", r"'bass' is no regime. Did you mean 'base'\?"),
    ("days: 365", "days: 100", "days: 100", r"days: .*300 \(got '100'\)"),
    ("days: 365", "days: 400", "days: 400", r"days: .*366 \(got '400'\)"),
    ("start: 2031-02-03", "start: soon", "start: soon", r"start: .*\(got 'soon'\)"),
    ('first: "08:00"', 'first: "24:00"', "hour:", r"\(got '24:00'\)"),
    ("kind: calendar", "kind: kalendar", "  day:", r"kalendar"),
    ("of: day,", "of: dai,", "  due:", r"'dai' must be a true value defined above 'due'. Did you mean 'day'\?"),
    ("days: [1, 9]", "days: [9, 1]", "  due:", r"days \[9, 1\]: the first is larger than the last"),
    ("when: {flag: yes}", "when: {flag: maybe}", "  detail:", r"'maybe' is not a value of 'flag'. Possible: no, yes"),
    ("when: {flag: yes}", "when: {pages: 1}", "  detail:", r"'pages' must be a true value defined above 'detail'"),
    ("open: [open, not shut]", "opn: [open, not shut]", "  state:", r"'opn' is not a value of 'state'. Did you mean"),
    ("values: {p: 1,", "values: {null: 1,", "  detail:", r"'null' looks like a null"),
    ("values: {p: 1,", "values: {=p: 1,", "  detail:", r"'=p' begins with a character that spreadsheets run"),
    ("values: {p: 1,", "values: {\u00e9: 1,", "  detail:", r"must be plain ASCII"),
    ("desk: {needed: yes, gap", "dsk: {needed: yes, gap", "dsk:", r"'dsk' records 'dsk', .* Did you mean 'desk'\?"),
    ("stable: yes}", "stabel: yes}", "stabel", r"unknown key 'stabel'. Did you mean 'stable'\?"),
    ("applies: {flag: yes}", "applies: {flg: yes}", "applies:", r"'flg' must be a field above 'detail' in 'alpha'"),
    ("applies: {flag: yes}", "applies: {flag: si}", "applies:", r"'si' is not a value of 'flag'"),
    ("{alpha: ref, beta: ref, card: ref}", "{alpha: rf}", "{alpha: rf}", r"field 'rf' is not in system 'alpha'. Did you"),
    ("{alpha: ref, beta: ref, card: ref}", "{alfa: ref}", "{alfa", r"'alfa' is no system. Did you mean 'alpha'\?"),
    ("{alpha: day, beta: event}", "{alpha: due}", "{alpha: due}", r"'due' of 'alpha' records 'due', not 'day'"),
    ("  pages: {}\n", "  desk: {}\n", "  desk: {}", r"only one system states 'desk'|stated by two or more"),
    ("  pages: {}\n", "  page: {}\n", "  page: {}", r"'page' is no true value. Did you mean 'pages'\?"),
    ("formats: {day: long,", "formats: {day: lang,", "day: lang", r"'lang' is no form of 'day'. Did you mean 'long'\?"),
    ("Seen on {day} at {hour}.", "Seen on {dy} at {hour}.", "Seen", r"'dy'|different facts"),
    ("Seen on {day} at {hour}.", "Seen at {hour}.", "Seen", r"variants name different facts"),
    ('"End."', '"@End."', "@End", r"plain ASCII and begin with a letter"),
    ('["Log of {day}.", "Day {day} opened."]', "[]", "      - []", r"a sentence without a variant"),
    ('  narrative: ["See file.", "-"]\n', "", "placeholders:", r"'narrative' lists none"),
    ("not_values: [unknown, not-asked]\n", "", "allow_not_value", r"'unknown' is allowed, but 'not_values' lists none"),
    ("card: pages}\n    allow", "card: pags}\n    allow", "card: pags", r"'pags' is not in system 'card'. Did you mean 'pages'"),
    ("operator: {x0: 0.2}", "operator: {x1: 0.2}", "operator: {x1", r"'x1' is no parameter"),
    ("operator: {x0: 0.2}", "operator: {x0: zero}", "operator: {x0", r"zero"),
    ("event: {truth: day, needed: yes}", "event: {truth: day, enforced: yes, gap: 0.2}", "event:", r"gap share is 0, not 0.2"),
    ("hour: {needed: yes, material", "hour: {needed: yes, gap: 0.2, material", "hour: {needed", r"'hour' is material"),
    ("ref: {stamped: yes, needed: yes}", "ref: {stamped: yes, gap: 0.2}", "ref: {stamped", r"cannot have gaps"),
    ("title: Two forms and a card\n", "", "scenario: small", r"key 'title' is missing"),
    ("about: for tests", "abuot: for tests", "abuot", r"unknown key 'abuot'. Did you mean 'about'\?"),
    ("about: for tests", "about: a\nabout: b", "about: b", r"key 'about' is given twice"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "place", "message"), BAD_SCENARIOS, ids=[f"{b[1][:40]!r}" for b in BAD_SCENARIOS]
)
def test_a_mistake_in_a_scenario_is_named_with_its_line(old, new, place, message):
    """One line: the line number in the file, what was got, and the nearest name or what is possible."""
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    with pytest.raises(ScenarioError, match=message) as caught:
        parsed(text)

    said = str(caught.value)
    assert "\n" not in said
    assert int(said.removeprefix("line ").split(":")[0]) >= line_of(text, place), said
    assert abs(int(said.removeprefix("line ").split(":")[0]) - line_of(text, place)) <= 2, said


# What a quota, a draw or a reader could not meet: (replacements, what the message says)
CANNOT_BE_MET = [
    ([("k: 0.85", "k: 1"), ("v: 0.7", "v: 1")], r"k x v = 1 leaves no gap"),
    ([("operator: {x0: 0.2}", "operator: {k: 1, v: 1}")], r"line 112: .k. acts on fields that no regime controls"),
    ([("operator: {x0: 0.2}", "operator: {q_wrong: 0.9}")], r"line 112: q_placeholder .* = 1.55; .* sum to 1"),
    (
        [("event: {truth: day, needed: yes}", "event: {truth: day, gap: 0.9}"), ('Log of {day}.", "Day {day} opened.', "Log.")],
        r"'alpha' can contradict 'day', but 0 other systems state it in every case",
    ),
    ([("material: yes, blank_weight: 2}\n  beta", "gap: 0.8}\n  beta")], r"'alpha' can contradict 'day', but its narrative has gaps"),
    ([("enforced: yes}", "enforced: yes, material: yes}")], r"insists on 'day', which is material"),
    ([("{alpha: enforced}", "{alpha: desk}")], r"insists on 'desk', which has a gap share of 0.1"),
    ([("{alpha: enforced}", "{alpha: narrative}")], r"insists on 'narrative', which is material"),
    ([("    mandatory: {alpha: enforced}", "    soft_warning: {alpha: needed}")], r"insists on 'detail', which is material"),
    ([("material: yes", "material: no")] * 4, r"3 cases are to be insufficient, but 0 material items"),
    ([(f"blank_weight: {n}", "blank_weight: 0") for n in (1, 1, 2, 2)], r"3 cases .* insufficient, but 0 material items"),
    ([("shown: no", "shown: no, material: yes")], r"line 45: 'hidden' never shows; it cannot be material"),
    ([("enforced: no}", "gap: 0.5}")], r"line 30: 'detail' is material and asked by 'flag', which has a gap share of 0.5"),
    ([("values: {p: 1, q: 3}", "values: {p: 1}")], r"line 18: a choice has two values or more.* got {'p': 1.0}"),
    ([("values: {p: 1, q: 3}", "values: {}")], r"line 18: a choice has two values or more.* got {}"),
    ([("values: {p: 1, q: 3}", "values: {p: 0, q: 0}")], r"line 18: .* a weight above 0; got {'p': 0.0, 'q': 0.0}"),
    ([("first: 1, last: 5", "first: 3, last: 3")], r"line 19: first 3 must be less than last 3"),
    ([("first: 1, last: 5", "first: 5, last: 3")], r"line 19: first 5 must be less than last 3"),
    ([('"08:00", last: "17:30"', '"18:00", last: "07:30"')], r"line 14: first 18:00 is later than last 07:30"),
    ([("of: day", "of: hour")], r"line 15: 'hour' is no day"),
    (
        [("  due: {kind: after, of: day, days: [1, 9]}",
          "  d1: {kind: after, of: day, days: [1, 120]}\n  d2: {kind: after, of: d1, days: [1, 120]}\n"
          "  due: {kind: after, of: d2, days: [1, 31]}")],
        r"line 17: 'due' falls up to 271 days after the case; at most 270 are possible",
    ),
    ([("shut: [shut, not open]", "shut: [open, not open]")], r"line 16: 'open' and 'shut' are both worded 'open'"),
    ([("shut: [shut, not open]", "shut: []")], r"'state' cannot be stated"),
    ([('code: ["N/A", "XXX"]', 'code: ["DSK-1"]')], r"line 76: 'DSK-1' is a placeholder and a value of 'desk'"),
    ([('code: ["N/A", "XXX"]', 'code: [""]')], r"line 76: '' is no placeholder: .* not empty"),
    ([('code: ["N/A", "XXX"]', 'code: ["=1+1"]')], r"line 76: '=1\+1' is no placeholder"),
    ([('code: ["N/A", "XXX"]', 'code: ["\u00e9"]')], r"is no placeholder: plain ASCII"),
    ([("prefix: DSK", 'prefix: "=DSK"')], r"line 20: .*'=DSK' begins with a character that spreadsheets run"),
    ([("desk: {gap: 0.1}\n      hidden: {truth: desk, shown: no}",
       "hidden: {truth: desk, shown: no}\n      desk: {applies: {hidden: DSK-1}}")], r"'hidden' records no choice"),
    ([("      desk: {gap: 0.1}", "      record_id: {truth: desk}")], r"line 44: 'record_id' is the number of the record"),
    ([('"End."', '"End } x."')], r"line 68: 'End } x.': a brace without its partner"),
    ([('"End."', '"End {."')], r"line 68: 'End {.': a brace without its partner"),
    ([("start: 2031-02-03", "start: 0001-01-02")], r"line 7: start 0001-01-02 is not in the years 1900 to 2200"),
    ([("start: 2031-02-03", "start: 9999-12-02")], r"line 7: start 9999-12-02 is not in the years 1900 to 2200"),
    (
        [(TEXT[TEXT.index("shared_facts:") : TEXT.index("narratives:")], "")],
        r"3 cases are to be inconsistent, but 0 narratives state a shared fact",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("replacements", "message"), CANNOT_BE_MET, ids=range(len(CANNOT_BE_MET)))
def test_what_cannot_be_met_is_refused_before_anything_is_made(replacements, message):
    """A scenario whose quota, draws or texts could not be what they say is refused in one line."""
    text = TEXT
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(ScenarioError, match=message) as caught:
        generate(parsed(text), n_cases=10)

    assert "\n" not in str(caught.value)


def test_exits_in_the_base_regime_of_a_quota_show_both_numbers():
    """A quota cannot lose records in its base regime: what is lost and what may be are both named."""
    with pytest.raises(ScenarioError, match=r"'base' loses 0\.200 of the alpha records.* can lose 0 at most"):
        generate(small(x0="0.2"), n_cases=10)


BAD_RUNS = [
    ({"n_cases": 0}, r"0 cases asked for; possible are 1 to 2,147,483,648"),
    ({"n_cases": -5}, r"-5 cases asked for; possible are 1 to"),
    ({"n_cases": 10**12}, r"1000000000000 cases asked for; possible are 1 to"),
    ({"n_cases": 5, "seed": -1}, r"seed -1 is outside 0 to 18446744073709551615"),
    ({"n_cases": 5, "seed": 2**64}, r"seed 18446744073709551616 is outside 0 to 18446744073709551615"),
    ({"n_cases": 5, "regime": "all25"}, r"unknown regime 'all25'. Did you mean 'all_25'\?"),
    ({"n_cases": 5, "workers": 0}, r"workers 0 must be 1 or more"),
    ({"n_cases": 5, "block_size": 0}, r"block_size 0 and .* must be 1 or more"),
    ({"n_cases": 5, "scenario": "oig-20-31"}, r"unknown scenario 'oig-20-31'. Did you mean 'oig-20-13'\?"),
    ({"n_cases": 5, "scenario": "nowhere/x.yaml"}, r"nowhere/x.yaml: cannot be read"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_RUNS)
def test_a_run_that_cannot_be_is_refused(arguments, message):
    """A number out of range or an unknown name: what was got and what is possible."""
    with pytest.raises(CasegaugeError, match=message):
        generate(**{"scenario": "oig-20-13", **arguments})


@pytest.mark.parametrize(
    ("index", "n_cases", "message"),
    [
        (-1, None, r"case -1|0 cases"),
        (67, 67, r"case 67 is not in 0 to 66"),
        (2**31, None, r"2147483649 cases asked for"),
        (5, 0, r"0 cases asked for"),
        (0, -1, r"-1 cases asked for"),
    ],
)
def test_a_case_outside_the_run_is_refused(index, n_cases, message):
    """A case number that the run does not have: the range is named."""
    with pytest.raises(CasegaugeError, match=message):
        case("oig-20-13", index, n_cases=n_cases)


def test_rates_and_weights_out_of_range_are_refused():
    """A threshold of no rate, weights without a sum: the numbers are named."""
    with pytest.raises(CasegaugeError, match=r"rate 1\.5 is outside 0 to 1"):
        threshold(Fraction(3, 2))
    with pytest.raises(CasegaugeError, match=r"weights \[0.0, 0.0\] must be 0 or more and sum to more than 0"):
        cumulative_thresholds([0, 0])
    with pytest.raises(CasegaugeError, match=r"weights \[2.0, -1.0\]"):
        cumulative_thresholds([2, -1])
    with pytest.raises(CasegaugeError, match="seed -1"):
        Draws(-1)


def test_an_unknown_format_is_refused(tmp_path):
    """A format nobody writes: the nearest one is named, nothing is written."""
    with pytest.raises(OutputError, match=r"unknown format 'parket'. Did you mean 'parquet'\?"):
        write(make_plan("reference"), tmp_path / "x", n_cases=3, file_format="parket")

    assert list(tmp_path.iterdir()) == []


def test_a_refused_number_writes_nothing(tmp_path):
    """A run that is refused leaves no folder behind."""
    with pytest.raises(CasegaugeError, match="0 cases"):
        write(make_plan("reference"), tmp_path / "x", n_cases=0)

    assert list(tmp_path.iterdir()) == []
    assert next(stream(make_plan("reference"), n_cases=1)).n_cases == 1
