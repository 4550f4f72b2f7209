"""Tables on a terminal: nothing cut off, no line too long, no number broken where there is room."""

import re
from collections import Counter

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


@settings(deadline=None, max_examples=60)
@given(TABLES, st.sampled_from([80, 100, 118]))
def test_nothing_is_cut_off_and_no_number_broken(table, width):
    heads, rows = table
    columns = ["rule", *heads, "what it says"]
    cells = [[name, *numbers, words] for name, numbers, words in rows]
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.console.WIDTH", width)
        patch.setattr("builtins.print", lambda text="": said.append(text))
        console.print_table("title", columns, cells, words=(0, len(columns) - 1))
    out = said[0]

    assert max(map(len, out.splitlines())) <= width
    assert letters(out) == letters("title" + "".join(columns) + "".join(map("".join, cells)))
    shown = Counter(out.split())
    numbers = Counter(number for _, several, _ in rows for number in several if len(number) > 1)
    assert all(shown[number] >= count for number, count in numbers.items())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "x.csv", "--rule", "y"), "there is no option --rule. Did you mean '--rules'? See `casegauge check"),
        (("score", "x", "--units=cell"), "there is no option --units. Did you mean '--unit'?"),
        (("rules", "list", "placeholders"), "rules list takes no name. `casegauge rules show placeholders`"),
    ],
)
def test_a_misspelt_option_gets_the_nearest(arguments, said, capsys):
    """One line, exit 2."""
    assert main(list(arguments)) == 2

    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
