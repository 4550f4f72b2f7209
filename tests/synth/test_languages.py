"""Texts of several patterns at once: all lengths there are and no others, and only texts that `re` takes."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.schemas.languages import Language, UnreadablePatternError

READ = {"all": re.fullmatch, "start": re.match, "anywhere": re.search}
PIECES = ["a", "b", "[ab]", "a*", "b+", "(a|bb)", "(?:ab)?", "a{2}", "b{1,2}", "^a", "b$", ".", r"\d", "[^a]", r"\Z"]
patterns = st.tuples(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join), st.sampled_from(sorted(READ))
)
TEXTS = ["".join(letters) for size in range(5) for letters in itertools.product("ab0", repeat=size)]


@settings(max_examples=200, deadline=None)
@given(st.lists(patterns, min_size=1, max_size=2), st.integers(0, 2), st.integers(2, 4))
def test_the_lengths_are_those_of_the_texts_that_match(told, fewest, most):
    """Every text of three characters is looked at, up to length four; no piece needs a fourth character."""
    matching = {len(text) for text in TEXTS if all(READ[how](regex, text) for regex, how in told)}

    assert set(Language(tuple(told), fewest, most).lengths) == {size for size in matching if fewest <= size <= most}


@settings(max_examples=150, deadline=None)
@given(st.lists(patterns, min_size=1, max_size=2), st.data())
def test_a_drawn_text_matches_every_pattern(told, data):
    language = Language(tuple(told), 0, 6)
    text = data.draw(language.texts()) if language.lengths else None

    assert text is None or all(READ[how](regex, text) for regex, how in told)


@pytest.mark.parametrize("regex", ["(?=a)b", r"(a)\1", r"\bword", "(?m)^a$", "(?i:a)b", "(a{60}){90}"])
def test_what_is_not_regular_or_too_large_is_not_read(regex):
    with pytest.raises(UnreadablePatternError):
        _ = Language(((regex, "all"),)).lengths
