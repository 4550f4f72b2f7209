"""CSV files as people have them."""

import pytest

from checks.normalise import normalised
from checks.tables import read_csv
from synth.errors import DataError, RuleError

REFUSED = [
    (b"", "is empty"),
    (b"\n \n", "is empty"),
    (b"a,b\n", "has a header and no rows"),
    (b"a,b\n1,2\n3\n", "line 3: has 1 fields; the header has 2"),
    (b"a,b\n1,2\n3,4,5\n", "line 3: has 3 fields; the header has 2"),
    (b'a,b\n"x\ny",2\n3\n', "line 4: has 1 fields"),
    (b'a,b\n1,"x\n3,4\n', "line 2: "),
    (b"a,b\n1,caf\xe9\n", "line 2: byte 0xe9 is not UTF-8"),
    (b"a,b,a\n1,2,3\n", "line 1: column 'a' is named 2 times"),
    (b"a;b\n1;2,5\n", "line 1: looks separated by semicolons; save it with commas"),
    (b"a\tb\tc;d\n1\t2\t3\n", "line 1: looks separated by tabs; save it with commas"),
    (b"a,b\n1,\x00\n", "line 2: holds a NUL byte"),
    (b"\xff\xfea\x00", "line 1: byte 0xff is not UTF-8"),
]


@pytest.mark.parametrize(("raw", "message"), REFUSED, ids=[repr(raw) for raw, _ in REFUSED])
def test_refused(tmp_path, raw, message):
    """A file that cannot be read as a table is refused in one line with file and line, and stays as it was."""
    path = tmp_path / "data.csv"
    path.write_bytes(raw)

    with pytest.raises(DataError, match=rf"data\.csv: {message}") as caught:
        read_csv(path)

    assert "\n" not in str(caught.value)
    assert path.read_bytes() == raw


@pytest.mark.parametrize("raw", [b"a\n1;2\n", b"a;b,c\n1,2\n"], ids=["in a value", "in one of two names"])
def test_semicolons_that_separate_nothing(tmp_path, raw):
    """A semicolon in a value, or in a name beside a comma, is a part of it."""
    path = tmp_path / "data.csv"
    path.write_bytes(raw)

    assert read_csv(path).iloc[0, 0] == ("1;2" if raw.startswith(b"a\n") else "1")


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_files_that_are_none(tmp_path, name):
    """A path that is no file is refused."""
    with pytest.raises(DataError, match="cannot be read"):
        read_csv(tmp_path / name)


def test_values_stay_text(tmp_path):
    """Nothing is guessed: only the empty field is blank."""
    path = tmp_path / "data.csv"
    values = ["010", "1e5", "NA", "null", "None", "true", " ", "2031-03-05", '"x, ""y"""', "", '""']
    path.write_text("id,v\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values)), encoding="utf-8")

    read = read_csv(path)["v"]

    assert read[:9].tolist() == [*values[:8], 'x, "y"']
    assert read.isna().tolist() == [False] * 9 + [True] * 2


@pytest.mark.parametrize(
    "raw",
    [b"\xef\xbb\xbfa,b\n1,2\n", b"a,b\r\n1,2\r\n", b"a,b\n1,2", b"\na,b\n\n1,2\n\n"],
    ids=["byte-order mark", "CRLF", "no last newline", "blank lines"],
)
def test_spellings_of_one_table(tmp_path, raw):
    """A byte-order mark, line ends of any system and blank lines make no difference."""
    path = tmp_path / "data.csv"
    path.write_bytes(raw)

    assert read_csv(path).to_dict("list") == {"a": ["1"], "b": ["2"]}


def test_a_header_alone_in_a_wide_file(tmp_path):
    """A quote that belongs to a value is not taken for one that never closes."""
    path = tmp_path / "data.csv"
    path.write_text('a,b\n5" pipe,1\n', encoding="utf-8")

    assert read_csv(path)["a"].tolist() == ['5" pipe']


def test_normalise_keeps_blanks_and_makes_new_ones(tmp_path):
    """Entities, white space and case are made the same; a text of white space becomes blank; nulls stay null."""
    path = tmp_path / "data.csv"
    path.write_text("a,b\n&amp;  X ,1\n , \n,&nbsp;\n", encoding="utf-8")

    frame = normalised(read_csv(path), ["html", "whitespace", "case"])

    assert frame["a"].iloc[0] == "& x"
    assert frame.isna().to_numpy().tolist() == [[False, False], [True, True], [True, True]]
    with pytest.raises(RuleError, match=r"normalise step 'htm' is not known. Did you mean 'html'"):
        normalised(frame, ["htm"])
