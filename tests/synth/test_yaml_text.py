"""The YAML reader keeps text as text and says where it stopped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import CasegaugeError, RuleError
from synth.yaml_text import MAX_BYTES, load

REFUSED = [
    ("a: 1\nb: *x\n", r"line 2: alias \*x is not read"),
    ("a: 1\nb: &x 2\n", r"line 2: anchor &x is not read"),
    ("a: {b: 1}\nc:\n  <<: d\n", r"line 3: a merge key \(<<\) is not read"),
    ("a:\n\tb: 1\n", r"line 2: not YAML: a tab stands at the beginning of the line. Indent with spaces"),
    ("a: 1\nb: \x00\n", r"line 2: not YAML: the sign U\+0000 is not allowed"),
    ("a: b: c\n", r"line 1: not YAML: .* put a text with ': ' in quotes"),
    ("a: 1\nb: 2\na: 3\n", r"line 3: key 'a' is given twice \(first on line 1\)"),
    ("a: !!python/object:os.system x\n", "line 1: a tag"),
    ("? [a, b]\n: 1\n", "line 1: a key must be a text"),
    ("a: 1\n---\nb: 2\n", "line 3: a second document"),
    ("a: [1\n", "not YAML"),
    ("a: 1\n b: 2\n", "line 2: not YAML"),
    ("a: \x07\n", "not YAML"),
    ("", "is empty"),
    ("# only a comment\n", "is empty"),
    ("[" * 1000, "nested deeper than 64"),
    ("a: " + "x" * MAX_BYTES, "at most 262144"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=range(len(REFUSED)))
def test_refused(text, message):
    """What cannot be read is refused with one line that says where."""
    with pytest.raises(RuleError, match=message) as caught:
        load(text, error=RuleError)

    assert "\n" not in str(caught.value)


def test_scalars_stay_text():
    """Nothing that looks like a boolean, number, time, date or null is typed."""
    document = load("- no\n- 010\n- 12:30\n- 2031-03-05\n- ~\n- null\n-\n- '1'\n- <<\n")

    assert document.data == ["no", "010", "12:30", "2031-03-05", "~", "null", "", "1", "<<"]


def test_lines_of_places():
    """A place knows its line; an unknown place has the line of what surrounds it."""
    document = load("# c\na:\n  - x\n  - k: v\n    l:\n      m\nb: {c: 1,\n  d: 2}\n")

    places = [(), ("a",), ("a", 0), ("a", 1, "k"), ("a", 1, "l"), ("b", "d"), ("b", "nowhere")]
    assert [document.line(place) for place in places] == [1, 2, 3, 4, 5, 8, 7]


def test_unknown_key_names_line_key_and_nearest():
    """An unknown key is refused with its line and the nearest possible name."""
    document = load("rules:\n  - id: a\n    patern: x\n", error=RuleError, name="r.yaml")

    with pytest.raises(RuleError, match=r"^r\.yaml: line 3: unknown key 'patern'\. Did you mean 'pattern'\?$"):
        document.mapping(("rules", 0), possible=["id", "pattern"])


def test_kinds():
    """A text where a mapping must stand is refused with both kinds."""
    document = load("a: x\nb: [1, 2]\n")

    with pytest.raises(CasegaugeError, match=r"line 1: 'a' is a text \('x'\); it must be a mapping"):
        document.mapping(("a",))
    with pytest.raises(CasegaugeError, match="line 2: 'b' is a list; it must be a text"):
        document.text(("b",))
    assert document.texts(("a",)) == ("x",)
    assert document.texts(("b",)) == ("1", "2")


def test_files(tmp_path):
    """A file that is absent, a folder, too large or not UTF-8 is refused with its name."""
    latin, large = tmp_path / "latin.yaml", tmp_path / "large.yaml"
    latin.write_bytes(b"a: 1\nb: caf\xe9\n")
    large.write_bytes(b"#" * (MAX_BYTES + 1))

    with pytest.raises(CasegaugeError, match=r"latin\.yaml: line 2: byte 0xe9 is not UTF-8"):
        load(latin)
    with pytest.raises(CasegaugeError, match=r"large\.yaml: has more than"):
        load(large)
    for path in (tmp_path, tmp_path / "nowhere.yaml"):
        with pytest.raises(CasegaugeError, match="cannot be read"):
            load(path)


def test_byte_order_mark(tmp_path):
    """A byte-order mark, as some editors write it, is not part of the first key."""
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")

    assert load(path).data == {"a": "1"}


@given(st.text(max_size=60))
def test_any_text_gives_a_tree_or_one_line(text):
    """Any text is either read or refused by our own error in one line."""
    problems = []
    try:
        load(text)
    except CasegaugeError as problem:
        problems.append(str(problem))

    assert all(len(problem.splitlines()) == 1 for problem in problems)
