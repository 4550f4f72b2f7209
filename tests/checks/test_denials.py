"""Denial constraints: the records that looking at every pair finds."""

import itertools
import operator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import Denial, Rule, evaluate
from checks.denial_terms import parse_term
from synth.errors import RuleError

OPERATORS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FIELDS = ("a", "b", "n")
CELLS = {"a": ["x", "y", "", None], "b": ["x", "z", " ", None], "n": ["1", "2", "10", None]}


def every_pair(terms, rows):
    """The slow way: each field's rows that are part of a record or pair for which all terms hold."""
    parts = [parse_term(term) for term in terms]
    used = {record for term in parts for record in (term.record, term.other_record) if record}
    blamed = {}
    for first, second in itertools.product(range(len(rows)), repeat=2):
        at = {1: first, 2: second}
        if (used == {1, 2} and first == second) or (used != {1, 2} and first != second):
            continue
        if all(holds(term, rows, at) for term in parts):
            for term in parts:
                for record, field in ((term.record, term.field), (term.other_record, term.other)):
                    if record:
                        blamed.setdefault(field, set()).add(at[record])
    return blamed


def holds(term, rows, at):
    left = rows[at[term.record]][term.field]
    right = rows[at[term.other_record]][term.other] if term.other_record else term.other
    if left is None or right is None:
        return False
    numbers = term.is_number or (
        term.operator not in ("=", "!=") and {term.field, term.other if term.other_record else ""} == {"n"}
    )
    return OPERATORS[term.operator](float(left), float(right)) if numbers else OPERATORS[term.operator](left, right)


@st.composite
def terms_of(draw):
    sides = st.tuples(st.sampled_from([1, 2]), st.sampled_from(FIELDS))
    left, sign = draw(sides), draw(st.sampled_from(list(OPERATORS)))
    if draw(st.integers(0, 3)) == 0:
        constant = draw(st.sampled_from(["2", "1.5"])) if left[1] == "n" else draw(st.sampled_from(["'x'", "''"]))
        return f"t{left[0]}.{left[1]} {sign} {constant}"
    same = draw(st.booleans())
    right = (3 - left[0], left[1]) if same else draw(sides)
    return f"t{left[0]}.{left[1]} {sign} t{right[0]}.{right[1]}"


ROWS = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()}), min_size=1, max_size=7
)


@given(terms=st.lists(terms_of(), min_size=1, max_size=3), rows=ROWS, chunk=st.sampled_from([1, 3, 1000]))
def test_the_same_as_looking_at_every_pair(terms, rows, chunk):
    """Whatever the terms, the same cells are blamed, and labels say nothing."""
    frame = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype="str") for name in FIELDS})
    frame.index = [3] * len(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("checks.denials._CHUNK", chunk)
        result = evaluate([Rule("r", Denial(tuple(terms)))], frame).results[0]

    expected = every_pair(terms, rows)

    assert {field: set(np.flatnonzero(mask)) for field, mask in result.blamed.items() if mask.any()} == expected
    assert set(np.flatnonzero(result.fail)) == set().union(*expected.values())


def test_by_hand():
    """Who earns more pays no less: Ann against Ben, and a null has no part in it."""
    frame = pd.DataFrame({"pay": ["100", "90", "9", None], "tax": ["10", "20", "1", "99"], "city": ["A"] * 4})
    terms = ("t1.city = t2.city", "t1.pay > t2.pay", "t1.tax < t2.tax")

    result = evaluate([Rule("r", Denial(terms))], frame).results[0]

    assert result.fail.tolist() == [True, True, False, False]
    assert result.rule.blames == ("city", "pay", "tax")
    assert result.rule.level == "pair"


def test_typed_columns():
    """Columns of numbers keep their order."""
    frame = pd.DataFrame({"n": [2, 10, 3], "m": [1.5, np.nan, 0.5]})

    results = evaluate(
        [Rule("a", Denial(("t1.n > 5",))), Rule("b", Denial(("t1.n < t2.n", "t1.m > t2.m")))], frame
    ).results

    assert [result.fail.tolist() for result in results] == [[False, True, False], [True, False, True]]


def test_too_many_pairs_are_refused(monkeypatch):
    """Two orders without a term of equality need all pairs."""
    monkeypatch.setattr("checks.denials.MAX_PAIRS", 99)
    frame = pd.DataFrame({"a": list("0123456789"), "b": list("0123456789")})

    with pytest.raises(RuleError, match="rule 'r': 100 pairs would have to be compared; at most 99 are"):
        evaluate([Rule("r", Denial(("t1.a < t2.a", "t1.b > t2.b")))], frame)


def test_one_order_alone_needs_no_pairs(monkeypatch):
    """A single term is found by least and most, however many records there are."""
    monkeypatch.setattr("checks.denials.MAX_PAIRS", 0)
    frame = pd.DataFrame({"a": ["1", "2", "2", None]})

    results = evaluate([Rule("r", Denial(("t1.a < t2.a",))), Rule("d", Denial(("t1.a != t2.a",)))], frame).results

    assert [result.fail.tolist() for result in results] == [[True, True, True, False]] * 2


@pytest.mark.parametrize("text", ["a = b", "t3.a = t1.a", "t1.a ~ t2.a", "t1.a = t2.a or 1", "t1.a = x"])
def test_what_is_no_term(text):
    """It is shown, with what a term looks like."""
    with pytest.raises(RuleError, match=r"is no term; write t1\.field = t2\.field"):
        parse_term(text)
