"""Patterns in Python's dialect: what `re` finds, whichever engine reads them; written for Python and for RE2 alike."""

import re
import time
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import Pattern, Rule, evaluate
from checks.patterns import depends_on_dialect, engine_of, for_python, matches
from synth.errors import RuleError

METHODS = {"full": re.fullmatch, "start": re.match, "search": re.search}
TEXTS = [
    *("12", "\u0661\u0662", "12\n", "a\nb", "a\nb\n", "\u00e9", "e", "\u00a0", "\x1c", "\x0b", "a b", "", " ", "K"),
    *("\u212a", "k", "i", "\u0131", "\u0130", "\u017f", "s", "aa", "{,2}", "[:alpha:]", "\n", "Z", "\u00df", "a\r"),
]
PATTERNS = [
    *(r"^\d+$", r"\w", r"^\W$", r"\s", r"\S\s\S", r"\bb$", r"\B", "(?i)^k$", "(?i)s", "(?i)\u0131", "(?i)I", ".$"),
    *("(?m)^b$", "(?m)a$", "(?s)a.b", "(?s).$", r"a\Z", r"\A\d", "a{,2}", "[[:alpha:]]", "[^a]", "[^\\W\\d]$"),
    *(r"(?a)\w", "(?ai)k", "(?i:K)", r"(.)\1", "(?=a)a", "a++", "$", "^$", "", "x|^", r"\x41|e", r"\012", "a|b\\b"),
    *(r"[\s\d]$", "(?P<n>a)$", "^(?:1|)2?$"),
]
texts = st.text(st.sampled_from("a1 \n\u0661\u00e9\x0b\u00a0Kk\u212a-_."), max_size=6)


def by_re(regex, how, given):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [None if text is None else METHODS[how](regex, text) is not None for text in given]


@pytest.mark.parametrize("how", METHODS)
@pytest.mark.parametrize("regex", PATTERNS)
def test_python_s_dialect_is_what_re_finds(regex, how):
    """On texts where the engines part: other scripts, breaks at the end, control signs, letters that fold."""
    assert matches(pa.array([*TEXTS, None]), regex, how, "re").to_pylist() == by_re(regex, how, [*TEXTS, None])


@settings(max_examples=40)
@given(st.lists(texts, max_size=12), st.sampled_from(PATTERNS), st.sampled_from(sorted(METHODS)))
def test_any_texts(given_texts, regex, how):
    """Whatever is plain is read by RE2, the rest by Python; a slice of an array is read from where it begins."""
    whole = pa.array(["\u0661", *given_texts, "\n"], pa.large_string())

    assert matches(whole[1:-1], regex, how, "re").to_pylist() == by_re(regex, how, given_texts)


@pytest.mark.parametrize("how", METHODS)
@pytest.mark.parametrize("regex", ["ab|b", "b", "^b|c$", r"\d"])
def test_what_must_stand_at_the_start_stands_there(regex, how):
    """In both dialects, on plain texts: `start` holds the first sign, `full` both ends."""
    plain = ["b", "ab", "xb", "bx", "c", "xc", "1x", "x1", ""]
    expected = by_re(regex, how, plain)

    assert matches(pa.array(plain), regex, how).to_pylist() == expected
    assert matches(pa.array(plain), regex, how, "re").to_pylist() == expected


def test_plain_texts_cost_no_child(monkeypatch):
    """A million short ASCII codes are read by RE2 alone, in Python's dialect too, and in a fraction of a second."""
    monkeypatch.setattr("checks.patterns._in_child", lambda *_: pytest.fail("a child process was started"))
    codes = pa.array([f"{n:05d}" for n in range(100_000)] * 10, pa.large_string())
    start = time.perf_counter()

    assert matches(codes, r"^\d{5}$", "search", "re").to_numpy(zero_copy_only=False).all()
    assert time.perf_counter() - start < 5  # .1 s on an idle machine


def test_only_texts_that_may_differ_go_to_the_child(monkeypatch):
    """Of many texts one ends in a line break and one is Arabic: these two, once each."""
    seen = []

    def child(values, *_):
        seen.extend(values)
        return pa.array([True] * len(values))

    monkeypatch.setattr("checks.patterns._in_child", child)
    matches(pa.array(["1", "2", "1\n", "\u0661", "1\n"] * 3), r"^\d$", "start", "re")

    assert sorted(seen) == ["1\n", "\u0661"]


@pytest.mark.parametrize("regex", [r"\pL", r"\z", "(?i", "a(?i)b"])
def test_what_python_refuses_is_refused(regex):
    """A pattern that is RE2's alone is no pattern to a tool that uses Python's `re`."""
    with pytest.raises(RuleError, match="is not a regular expression"):
        engine_of(regex, "re")


@settings(max_examples=40)
@given(st.lists(texts, max_size=8), st.sampled_from([p for p in PATTERNS if p not in {r"\s", r"\S\s\S", r"[\s\d]$"}]))
def test_written_for_python_it_finds_the_same(given_texts, regex):
    """What to_pandera writes of a pattern of ours is found by `re` where we find ours, or is refused."""
    try:
        whole, part = (for_python(regex, whole=whole) for whole in (True, False))
    except RuleError:
        return
    if engine_of(regex) == "re2":
        values = pa.array(given_texts, pa.string())
        assert by_re(whole, "start", given_texts) == matches(values, regex, "full").to_pylist()
        assert by_re(part, "search", given_texts) == matches(values, regex, "search").to_pylist()


def test_dialects_differ_where_it_is_said():
    """A pattern that names no class, no end and no folding is the same in both."""
    for regex in PATTERNS:
        same = all(
            matches(pa.array(TEXTS), regex, how).to_pylist() == matches(pa.array(TEXTS), regex, how, "re").to_pylist()
            for how in METHODS
            if engine_of(regex) == "re2"
        )
        assert same or depends_on_dialect(regex), regex


@pytest.mark.parametrize(("written", "expected"), [("short", [3]), ("python", [0, 1, 3]), ("no", [0, 1, 3, 4])])
def test_values_that_are_no_text(written, expected):
    """Of objects of several kinds: written as text, as Python writes them, or no match."""
    mixed = pd.DataFrame({"v": pd.Series([1.5, True, "1", "x", 1], dtype=object)})
    rule = Rule("r", Pattern("v", "1|True" if written == "short" else "^1$", "search", "re", written))

    assert np.flatnonzero(evaluate([rule], mixed).results[0].fail).tolist() == expected


def test_floats_as_python_writes_them():
    """1.0 ends in .0 to Python; written shortest it is 1."""
    frame = pd.DataFrame({"v": [1.0, 2.5, np.nan]})
    rules = [Rule(w, Pattern("v", r"\.0$", "search", written=w), null_policy="ignore") for w in ("short", "python")]

    assert [r.fail.tolist() for r in evaluate(rules, frame).results] == [[True, True, False], [False, True, False]]
    with pytest.raises(RuleError, match="'v' holds float64, no texts"):
        evaluate([Rule("no", Pattern("v", "1", written="no"))], frame)
