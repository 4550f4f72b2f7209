"""Denial constraints as text: both notations, and what becomes of each line."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import Denial, FunctionalDependency, Rule, evaluate, load_rules
from synth.errors import RuleError

NOTATIONS = [
    ("t1&t2&EQ(t1.zip,t2.zip)&IQ(t1.city,t2.city)", FunctionalDependency(("zip",), ("city",))),
    ("not(t1.zip=t2.zip and t1.city!=t2.city)", FunctionalDependency(("zip",), ("city",))),
    ("not ( t1.zip == t2.zip & t2.city <> t1.city )", FunctionalDependency(("zip",), ("city",))),
    ("for all t1, t2: not(t1.zip = t2.zip AND t1.city != t2.city)", FunctionalDependency(("zip",), ("city",))),
    ("t1&t2&EQ(t1.a b,t2.a b)&EQ(t1.c,t2.c)&IQ(t1.d,t2.d)", FunctionalDependency(("a b", "c"), ("d",))),
    ("t1&t2&EQ(t1.city,t2.city)&GT(t1.pay,t2.pay)&LTE(t1.tax,t2.tax)",
     Denial(("t1.city = t2.city", "t1.pay > t2.pay", "t1.tax <= t2.tax"))),
    ('t1&EQ(t1.state,"open & shut")&LT(t1.n,5)', Denial(("t1.state = 'open & shut'", "t1.n < 5"))),
    ("not(t1.start > t1.end)", Denial(("t1.start > t1.end",))),
    ("t1&t2&EQ(t1.home,t2.work)&IQ(t1.city,t2.city)", Denial(("t1.home = t2.work", "t1.city != t2.city"))),
    ("t1&t2&EQ(t1.zip,t2.zip)&IQ(t1.city,t2.city)&IQ(t1.state,t2.state)",
     Denial(("t1.zip = t2.zip", "t1.city != t2.city", "t1.state != t2.state"))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "predicate"), NOTATIONS, ids=[text for text, _ in NOTATIONS])
def test_a_notation(text, predicate):
    """One line is one rule; equal on the left and different in one field is a functional dependency."""
    rules = load_rules(f"{text}\n", "denial")

    assert [rule.predicate for rule in rules.rules] == [predicate]
    assert [entry.place for entry in rules.coverage()] == ["line 1"]


def test_blanks_are_the_difference_of_a_dependency():
    """As pairs of records, a blank is a value like any other; as a dependency it is none. A null is none in both."""
    frame = pd.DataFrame(
        {"zip": ["1", "1", "2", "2", " ", " ", None, None], "city": ["A", "", "B", None, "C", "D", "E", "F"]}
    )
    frame = frame.set_axis([0, 0, 1, 1, 2, 2, 3, 3]).astype("str")
    rules = load_rules("t1&t2&EQ(t1.zip,t2.zip)&IQ(t1.city,t2.city)")
    pairs = Rule("pairs", Denial(("t1.zip = t2.zip", "t1.city != t2.city")))

    ours, as_pairs = evaluate([*rules.rules, pairs], frame).results

    assert np.flatnonzero(as_pairs.fail).tolist() == [0, 1, 4, 5]
    assert np.flatnonzero(ours.fail).tolist() == []
    assert [entry.status for entry in rules.coverage()] == ["approximate"]


VALUES = st.sampled_from(["1", "2", "x", None])


@given(st.lists(st.tuples(VALUES, VALUES), max_size=9))
def test_without_blanks_a_dependency_flags_what_the_pairs_do(rows):
    """Blanks are the whole difference: where there are none, a slow look at every pair finds the same records."""
    frame = pd.DataFrame(rows, columns=["zip", "city"]).astype("str")
    pairs = [
        (left, right)
        for left, (zip_left, city_left) in enumerate(rows)
        for right, (zip_right, city_right) in enumerate(rows)
        if None not in (zip_left, zip_right, city_left, city_right)
        and zip_left == zip_right and city_left != city_right
    ]  # fmt: skip

    (result,) = load_rules("t1&t2&EQ(t1.zip,t2.zip)&IQ(t1.city,t2.city)").evaluate(frame).results

    assert np.flatnonzero(result.fail).tolist() == sorted({place for pair in pairs for place in pair})


def test_records_alone_and_in_pairs():
    """Worked by hand: a null meets no term, and both records of a pair fail."""
    text = "# days in order\nnot(t1.start > t1.end)\n\nt1&t2&EQ(t1.city,t2.city)&LT(t1.pay,t2.pay)&GT(t1.tax,t2.tax)\n"
    frame = pd.DataFrame(
        {"start": ["2031-01-02", None, "2031-01-01", ""], "end": ["2031-01-01"] * 4, "city": ["A", "A", None, ""],
         "pay": ["9", "10", "11", "12"], "tax": ["5", "4", "0", "0"]}, index=[1, 1, 0, 0],
    )  # fmt: skip

    results = load_rules(text, "denial").evaluate(frame).results

    assert [result.rule.id for result in results] == ["constraint-2", "constraint-4"]
    assert [result.fail.tolist() for result in results] == [[True, False, False, False], [True, True, False, False]]


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("t1&t2&t3&EQ(t1.a,t2.a)&EQ(t2.a,t3.a)", "unsupported", "more than two records"),
        ("t1&t2&SIM(t1.a,t2.a)", "error", "write EQ, IQ, LT"),
        ("t1&t2&EQ(t1.a)", "error", "is no term"),
        ('t1&EQ("x",t1.a)', "error", "write the field first"),
        ("not(t1.a = t2.a or t1.b = t2.b)", "error", "is no term"),
        ("zip -> city", "error", "is no denial constraint"),
    ],
)
def test_what_is_not_translated_says_why(line, status, reason):
    """The line has an entry; the others go on."""
    rules = load_rules(f"not(t1.a > t1.b)\n{line}\n", "denial", on_unsupported="skip")

    assert [(entry.id, entry.status) for entry in rules.coverage()] == [
        ("constraint-1", "exact"),
        ("constraint-2", status),
    ]
    assert reason in rules.coverage()[1].reason
    assert rules.coverage()[1].place == "line 2"


def test_a_constraint_on_a_missing_column():
    """Its name is shown."""
    with pytest.raises(RuleError, match=r"rule 'constraint-1': field 'zap' is not in 'records'\. Did you mean 'zip'"):
        load_rules("not(t1.zap > t1.zip)\n").evaluate(pd.DataFrame({"zip": ["1"]}))
