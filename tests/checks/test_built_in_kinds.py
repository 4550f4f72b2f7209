"""Kinds about habits, days, duplicates and likeness: micro-cases by hand, slow versions, permutations, index labels."""

import datetime as dt
import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import (
    Agree,
    AllOf,
    DaysBetween,
    EvenDays,
    Link,
    NoNearDuplicate,
    NoPileUp,
    NotLikePrevious,
    NotOnDays,
    NotPlaceholder,
    Rule,
    SimilarLength,
    SimilarText,
    evaluate,
    load_rules,
)
from synth.errors import RuleError


def frame_of(**columns):
    """Text columns, with the index labels of a frame that was put together twice."""
    frame = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns.items()})
    frame.index = [0] * len(frame)
    return frame


def drawn(predicate, frame, policy="native"):
    result = evaluate([Rule("r", predicate, null_policy=policy)], frame).results[0]
    return "".join(np.select([result.fail, ~result.evaluated], ["X", "-"], default="."))


DATES = frame_of(
    a=["2031-03-01", "2031-03-01", "2031-02-28", None, "", "soon", "2031-02-30", "2032-02-28"],
    b=["2031-03-04", "2031-02-27", "2031-03-01", "2031-03-01", "2031-03-01", "2031-03-01", "2031-03-01", "2032-03-01"],
)
ZIPS = frame_of(zip=["12345", " n/a ", "gone", None, "", "X", "999"])
# predicate, frame, native, ignore, fail: X fails, . passes, - is not evaluated
BY_HAND = [
    # 3 days, -2, 1, null, blank, no date, no such day, 2 (2032 is a leap year)
    (DaysBetween("a", "b", 0, 2), DATES, "XX.----.", "XX.----.", "XX.XX--."),
    (DaysBetween("a", "b", max=2), DATES, "X..----.", "X..----.", "X..XX--."),
    (DaysBetween("a", "b", min=2), DATES, ".XX----.", ".XX----.", ".XXXX--."),
    # 2031-03-01 is a Saturday, 2031-02-28 a Friday, 2032-02-28 a Saturday
    (NotOnDays("a", weekdays=("sat", "sun")), DATES, "XX.----X", "XX.----X", "XX.XX--X"),
    (NotOnDays("a", days=("03-01",)), DATES, "XX.----.", "XX.----.", "XX.XX--."),
    (NotOnDays("a", years=("2032",)), DATES, "...----X", "...----X", "...XX--X"),
    (NotPlaceholder("zip"), ZIPS, ".X.-XXX", ".X.-XXX", ".X.XXXX"),
    (NotPlaceholder("zip", also=("Gone",), answers=("x",)), ZIPS, ".XX-X.X", ".XX-X.X", ".XXXX.X"),
]


@pytest.mark.parametrize("policy", ["native", "ignore", "fail"])
@pytest.mark.parametrize("row", BY_HAND, ids=[repr(row[0]) for row in BY_HAND])
def test_by_hand(row, policy):
    """Null, blank, what cannot be read, good and bad rows, as docs/rules.md says."""
    predicate, frame, *expected = row
    wanted = expected[["native", "ignore", "fail"].index(policy)]

    assert drawn(predicate, frame, policy) == wanted
    assert drawn(predicate, frame.astype("category"), policy) == wanted


def test_days_of_a_typed_column():
    """Dates stored as dates are read as texts are."""
    frame = pd.DataFrame({"a": pd.to_datetime(["2031-03-01 23:59", None]), "b": ["2031-03-02T00:01Z", "2031-03-02"]})

    assert drawn(DaysBetween("a", "b", 1, 1), frame) == ".-"
    assert drawn(NotOnDays("a", weekdays=("sat",)), frame) == "X-"


@given(st.lists(st.tuples(st.dates(), st.dates()), min_size=1, max_size=8), st.integers(0, 9), st.integers(0, 99))
def test_days_between_counts_as_the_calendar_does(pairs, low, more):
    """A record fails exactly if the difference of Python's dates is outside."""
    frame = frame_of(a=[str(a) for a, _ in pairs], b=[str(b) for _, b in pairs])

    fails = evaluate([Rule("r", DaysBetween("a", "b", low, low + more))], frame).results[0].fail

    assert fails.tolist() == [not low <= (b - a).days <= low + more for a, b in pairs]


@given(st.lists(st.dates(), min_size=1, max_size=8))
def test_not_on_days_knows_the_calendar(days):
    """Weekday, day of the year and year are those of Python's dates."""
    frame = frame_of(d=[str(day) for day in days])
    first = days[0]
    weekday = first.strftime("%a").lower()

    for predicate, same in (
        (NotOnDays("d", weekdays=(weekday,)), [day.weekday() == first.weekday() for day in days]),
        (NotOnDays("d", days=(f"{first:%m-%d}",)), [(d.month, d.day) == (first.month, first.day) for d in days]),
        (NotOnDays("d", years=(f"{first.year:04d}",)), [day.year == first.year for day in days]),
    ):
        assert evaluate([Rule("r", predicate)], frame).results[0].fail.tolist() == same


def test_previous_record_by_hand():
    """Records are put in order by their date; what equals the record before it of the same officer fails."""
    frame = frame_of(
        officer=["A", "A", "B", "A", "A", None, "B", "B"],
        day=["3", "1", "1", "2", "4", "1", "2", None],
        place=["x", "x", "x", "x", "y", "x", "x", "x"],
        track=["1", "1", "1", "1", "1", "1", None, "1"],
    )
    by_day = NotLikePrevious(("place", "track"), ("officer",), ("day",))

    # A by day: row 1 (first), row 3 (as row 1), row 0 (as row 3), row 4 (another place); B: row 2 first, row 6 null
    assert drawn(by_day, frame) == "X--X.---"
    # by position: A rows 0, 1, 3, 4; B rows 2, 6 (null), 7 (follows a null: not the same)
    assert drawn(NotLikePrevious(("place", "track"), ("officer",)), frame) == "-X-X.--."
    assert drawn(NotLikePrevious(("place",), ("officer",), ("day",)), frame) == "X--X.-X-"
    assert drawn(by_day, frame.assign(day=[3, 1, 1, 2, 4, 1, 2, None])) == "X--X.---"


@given(st.lists(st.tuples(*[st.sampled_from(["a", "b", None, ""])] * 2, st.integers(0, 3)), min_size=1, max_size=10))
def test_previous_record_is_the_slow_version(rows):
    """Sorted by person, date and position, a row fails if the one before has the same person and value."""
    frame = frame_of(who=[row[0] for row in rows], what=[row[1] for row in rows], when=[str(row[2]) for row in rows])
    expected = [False] * len(rows)
    order = sorted((i for i in range(len(rows)) if rows[i][0]), key=lambda i: (rows[i][0], rows[i][2], i))
    for before, after in itertools.pairwise(order):
        expected[after] = bool(rows[after][1]) and rows[before][:2] == rows[after][:2]

    result = evaluate([Rule("r", NotLikePrevious(("what",), ("who",), ("when",)))], frame).results[0]

    assert result.fail.tolist() == expected


def test_first_option_pile_up_by_hand():
    """One officer of five picks the first option 30 times in 40, the others 10 times in 40 each: 30 rows fail.

    Share .75 against 40/160 = .25; pooled share 70/200 = .35, standard error .0843, so z = 5.93.
    """
    officers = [name for name in "ABCDE" for _ in range(40)]
    chosen = ["first"] * 30 + ["second"] * 10 + (["first"] * 10 + ["second"] * 20 + ["third"] * 10) * 4
    frame = frame_of(officer=officers, reason=chosen)
    expected = "X" * 30 + "." * 170

    assert drawn(NoPileUp("reason", ("officer",), ("first",)), frame) == expected
    assert drawn(NoPileUp("reason", ("officer",)), frame) == expected
    assert drawn(NoPileUp("reason", ("officer",), z=5.92), frame) == expected
    assert drawn(NoPileUp("reason", ("officer",), z=5.94), frame) == "." * 200
    assert drawn(NoPileUp("reason", ("officer",), times=2.9), frame) == expected
    assert drawn(NoPileUp("reason", ("officer",), times=3.1), frame) == "." * 200
    assert drawn(NoPileUp("reason", ("officer",), ("second",)), frame) == "." * 200
    assert drawn(NoPileUp("reason", ("officer",), min_rows=41), frame) == "-" * 200


def test_pile_up_leaves_blanks_and_nobodys_records_out():
    """A blank answer and a record without an officer are not evaluated and count nowhere."""
    frame = frame_of(
        officer=["A"] * 30 + ["B"] * 30 + [None, "A", "A"], reason=["x"] * 30 + ["y"] * 30 + ["x", None, " "]
    )

    assert drawn(NoPileUp("reason", ("officer",)), frame) == "X" * 60 + "---"


def test_a_pile_of_days_by_hand():
    """Of 240 dates, 120 fall on 1 January and 120 evenly on the 30 days of June: 1 January piles up."""
    dates = ["2031-01-01"] * 120 + [f"2031-06-{day:02d}" for day in range(1, 31)] * 4
    frame = frame_of(d=[*dates, None, "soon"])

    assert drawn(EvenDays("d"), frame) == "X" * 120 + "." * 120 + "--"
    assert drawn(EvenDays("d", min_rows=241), frame) == "-" * 242
    # 31 days occur: 7.742 dates each, standard error 2.737, so z = 41.01
    assert drawn(EvenDays("d", z=41), frame) == "X" * 120 + "." * 120 + "--"
    assert drawn(EvenDays("d", z=41.1), frame) == "." * 240 + "--"
    # the 1st has 124 of 240 dates on 30 days of the month; the other days 4 each
    assert drawn(EvenDays("d", "day_of_month"), frame) == ("X" * 120 + ("X" + "." * 29) * 4) + "--"
    assert "X" not in drawn(EvenDays("d"), frame.iloc[120:])


def test_four_dates_are_no_pile():
    """A day needs five dates, however few the others have."""
    dates = [str(dt.date(2031, 1, 1) + dt.timedelta(days=day)) for day in range(100)]

    assert "X" not in drawn(EvenDays("d", z=2), frame_of(d=[*dates, *dates[:1] * 3]))
    assert drawn(EvenDays("d", z=2), frame_of(d=[*dates, *dates[:1] * 4])) == "X" + "." * 99 + "XXXX"


def test_weekend_pile_up_by_group():
    """Office A enters everything on Sundays, office B evenly over the week: A alone has nothing to compare with."""
    week = [str(dt.date(2031, 3, 3) + dt.timedelta(days=day)) for day in range(7)]
    frame = frame_of(office=["A"] * 100 + ["B"] * 140, d=["2031-03-09"] * 94 + week[:6] + week * 20)

    assert drawn(EvenDays("d", "weekday", ("office",)), frame) == "X" * 94 + "." * 146


PAIRS = frame_of(
    a=["the subject was held", "On 5 March at noon", "a", None, "", "same"],
    b=["The subject was released", "at noon on 6 March!", "abcdefghij", "x", "x", "SAME  "],
)


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (SimilarLength("a", "b"), "..X--."),
        (SimilarLength("a", "b", factor=10), "...--."),
        # words shared over all words: 3/5, 4/6, 0, -, -, 1
        (SimilarText("a", "b", least=0.6), "..X--."),
        (SimilarText("a", "b", least=0.61), "X.X--."),
        (SimilarText("a", "b", least=0.67), "XXX--."),
        (SimilarText("a", "b", "trigrams", 0.99), "XXX--."),
    ],
)
def test_likeness_by_hand(predicate, expected):
    """Two texts of one record; a blank text is not compared."""
    assert drawn(predicate, PAIRS) == expected
    assert drawn(predicate, PAIRS.astype("category")) == expected


def test_trigrams_are_counted():
    """Text aaaa has aaa twice, aaab has aaa and aab: cosine 2 / (2 * 1.414) = .707."""
    frame = frame_of(a=["aaaa"], b=["aaab"])

    assert drawn(SimilarText("a", "b", "trigrams", 0.70), frame) == "."
    assert drawn(SimilarText("a", "b", "trigrams", 0.71), frame) == "X"


TEXTS = st.lists(st.text(alphabet="abé \n.", max_size=7), min_size=1, max_size=5)


@given(TEXTS, TEXTS)
def test_likeness_is_the_slow_version(left, right):
    """Jaccard of the sets of words and cosine of the counts of trigrams, text by text."""
    n = min(len(left), len(right))
    frame = frame_of(a=left[:n], b=right[:n])
    for how, slow in (("words", jaccard), ("trigrams", cosine)):
        for least in (0.3, 0.7):
            result = evaluate([Rule("r", SimilarText("a", "b", how, least))], frame).results[0]
            for i in range(n):
                one, other = (" ".join(text.lower().split()) for text in (left[i], right[i]))
                assert result.evaluated[i] == bool(one and other)
                if one and other and abs(slow(one, other) - least) > 1e-6:
                    assert result.fail[i] == (slow(one, other) < least)


def jaccard(one, other):
    words = [set(re.findall(r"\w+", text)) for text in (one, other)]
    return len(words[0] & words[1]) / len(words[0] | words[1]) if words[0] | words[1] else 1.0


def cosine(one, other):
    counts = []
    for text in (one.encode(), other.encode()):
        grams = [text[i : i + 3] for i in range(len(text) - 2)]
        counts.append({gram: grams.count(gram) for gram in grams})
    if one == other:
        return 1.0
    dot = sum(n * counts[1].get(gram, 0) for gram, n in counts[0].items())
    norms = [sum(n * n for n in count.values()) ** 0.5 for count in counts]
    return dot / (norms[0] * norms[1]) if all(norms) else 0.0


def test_likeness_across_systems():
    """Records joined by link are compared; those that are not joined are not evaluated."""
    link = Link("a", "no", "b", "no")
    frames = {
        "a": frame_of(no=["1", "2", "3"], text=["held at noon", "held at noon", "x"]),
        "b": frame_of(no=["2", "1"], text=["released", "held at noon, again"]),
    }
    rules = [
        Rule("words", SimilarText("text", "text", link=link), system="a"),
        Rule("length", SimilarLength("text", "text", 1.4, link), system="a"),
    ]

    words, length = evaluate(rules, frames).results

    assert (words.fail.tolist(), words.evaluated.tolist()) == ([False, True, False], [True, True, False])
    assert length.fail.tolist() == [True, True, False]
    assert words.partners["b"].tolist() == [1, 0, -1]


def test_near_duplicates_by_hand():
    """One sign more, less, another, or two changed places; case, spaces and punctuation do not count."""
    names = [
        "Meadow, Ann",
        "meadow ann",
        "Medow Ann",
        "Meadwo Ann",
        "Meadow Ant",
        "Meadows Anne",
        "Brook Bo",
        None,
        " ",
    ]
    frame = frame_of(name=names, born=["1", "1", "1", "1", "1", "1", "1", "1", "1"])

    assert drawn(NoNearDuplicate(("name",)), frame) == "XXXXX..--"
    apart = frame.assign(born=["1", "2", "1", "2", "3", "1", "1", "1", None])
    # within born: rows 0 and 2 (one sign less), rows 1 and 3 (changed places), row 4 alone
    assert drawn(NoNearDuplicate(("name",), ("born",)), apart) == "XXXX...--"
    assert drawn(NoNearDuplicate(("name", "born")), apart.iloc[:2]) == "XX"


def test_short_keys_are_equal_or_not():
    """Under four signs one sign is too much of the key."""
    assert drawn(NoNearDuplicate(("k",)), frame_of(k=["abc", "abd", "A.B.C", "xyz"])) == "X.X."
    assert drawn(NoNearDuplicate(("k",)), frame_of(k=["abcd", "abc"])) == "XX"


KEYS = st.lists(st.tuples(st.text(alphabet="ab1", max_size=6), st.sampled_from(["u", "v"])), min_size=1, max_size=8)


@given(KEYS)
def test_near_duplicates_are_the_slow_version(rows):
    """Every pair, every sign left out."""
    frame = frame_of(k=[key for key, _ in rows], by=[block for _, block in rows])

    def texts(key):
        return {key, *(key[:i] + key[i + 1 :] for i in range(len(key)))} if len(key) >= 4 else {key}

    def near(one, other):
        return one == other or (max(len(one), len(other)) >= 4 and bool(texts(one) & texts(other)))

    expected = [
        bool(key) and any(j != i and by == block and near(key, other) for j, (other, by) in enumerate(rows) if other)
        for i, (key, block) in enumerate(rows)
    ]

    assert evaluate([Rule("r", NoNearDuplicate(("k",), ("by",)))], frame).results[0].fail.tolist() == expected


def test_discovered_placeholders_as_a_rule():
    """The rule flags what discovery suspects, and the listed answers never."""
    frame = frame_of(age=[str(20 + n % 50) for n in range(200)] + ["999", "??", "refused", None])

    assert drawn(NotPlaceholder("age", "discovered"), frame)[-4:] == "XXX-"
    assert drawn(NotPlaceholder("age", "discovered", answers=("refused",)), frame)[-4:] == "XX.-"
    assert drawn(NotPlaceholder("age", "both", also=("20",)), frame)[-5:] == ".XXX-"
    assert drawn(NotPlaceholder("age", "both"), frame)[:200] == "." * 200


PLACES = st.sampled_from(["x", "y", "N/A", None])
DAYS = st.sampled_from(["2031-01-01", "2031-05-17", "2031-05-18", "?", None])
RECORDS = st.lists(st.tuples(st.sampled_from(["A", "B", None]), PLACES, DAYS, DAYS), min_size=2, max_size=30)
KINDS = [
    NotPlaceholder("place", "both"),
    DaysBetween("start", "end", 0, 2),
    NotOnDays("start", ("01-01",), ("sun",)),
    EvenDays("start", by=("who",), min_rows=3, z=1),
    NoPileUp("place", ("who",), min_rows=2, z=0.5),
    NotLikePrevious(("place",), ("who",), ("at",)),
    NoNearDuplicate(("place", "start"), ("who",)),
    SimilarLength("place", "start"),
    SimilarText("start", "end"),
]


@pytest.mark.parametrize("predicate", KINDS, ids=lambda predicate: type(predicate).__name__)
@given(rows=RECORDS, shuffle=st.randoms(use_true_random=False))
def test_permuting_rows_permutes_flags(predicate, rows, shuffle):
    """Order and labels of rows mean nothing; where order does (the previous record), it is that of a field."""
    frame = frame_of(**{n: [row[i] for row in rows] for i, n in enumerate(("who", "place", "start", "end"))})
    frame["at"] = np.arange(len(frame))
    places = list(range(len(frame)))
    shuffle.shuffle(places)

    plain, permuted, labelled = (
        evaluate([Rule("r", predicate)], each).results[0]
        for each in (frame, frame.iloc[places], frame.set_axis([f"l{n % 2}" for n in range(len(frame))]))
    )

    assert plain.fail[places].tolist() == permuted.fail.tolist()
    assert plain.evaluated[places].tolist() == permuted.evaluated.tolist()
    assert plain.fail.tolist() == labelled.fail.tolist()


@pytest.mark.parametrize("predicate", KINDS, ids=lambda predicate: type(predicate).__name__)
def test_a_table_without_rows(predicate):
    """No row, no flag, no error."""
    frame = frame_of(who=[], place=[], start=[], end=[], at=[])

    assert drawn(predicate, frame) == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not_on_days: {field: d, weekdays: [funday]}", "weekday 'funday' is not known"),
        ("not_on_days: {field: d, days: [1-1]}", "'1-1' is no day of a year. Write MM-DD"),
        ("not_on_days: {field: d, years: ['31']}", "'31' is no year"),
        ("similar_text: {field: d, with: d, least: much}", "line 1: 'least' is 'much'; it must be a number from 0"),
        ("no_pile_up: {field: d, by: d, min_rows: -1}", "line 1: 'min_rows' is '-1'; it must be a whole number"),
        ("no_pile_up: {field: d}", "no_pile_up has no 'by'"),
        ("even_days: {field: d, part: month}", "'part' is 'month'. Possible: day_of_month, day_of_year, weekday"),
        ("not_placeholder: {field: d, how: guessed}", "'how' is 'guessed'. "),
    ],
)
def test_mistakes_are_told_in_one_line(text, message):
    """What was got, what is possible."""
    with pytest.raises(RuleError, match=re.escape(message)) as caught:
        evaluate(load_rules(f"rules: [{{id: r, {text}}}]").rules, frame_of(d=["2031-01-01"]))

    assert "\n" not in str(caught.value)


def test_conditions_across_systems_keep_their_partners():
    """all_of of two comparisons over one link blames the other record's fields too; over two links it cannot say."""
    by_no, by_ref = Link("a", "no", "b", "no"), Link("a", "ref", "b", "no")
    frames = {
        "a": frame_of(no=["1", "2"], ref=["2", "1"], day=["3", "4"], text=["held", "held"]),
        "b": frame_of(no=["2", "1"], day=["4", "3"], text=["held", "free"]),
    }
    both = AllOf((Agree("day", "day", by_no), SimilarText("text", "text", link=by_no)))
    apart = AllOf((Agree("day", "day", by_no), SimilarText("text", "text", link=by_ref)))

    first, second = evaluate([Rule("r", both, system="a"), Rule("s", apart, system="a")], frames).results

    assert first.fail.tolist() == [True, False]
    assert (first.partners["b"].tolist(), first.partner_fields) == ([1, 0], {"b": ("day", "text")})
    assert second.fail.tolist() == [False, True]
    assert (second.partners, second.partner_fields) == ({}, {})
