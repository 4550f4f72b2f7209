"""Rule strings of another parser's tests: each rule in them has an entry, and sound ones of values are exact."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from checks.formats.collector import Collector
from checks.formats.dqdl import translate
from checks.formats.source import Source
from synth.errors import RuleError

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
STRINGS = DATA / "rules" / "dqdl" / "dqdl_rule_strings_from_tests.txt"
pytestmark = pytest.mark.skipif(
    not STRINGS.is_file(),
    reason="the published packs are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
MUST = (
    r"\(?(?:IsComplete|Completeness|IsUnique|Uniqueness|IsPrimaryKey|ColumnValues|ColumnLength|RowCount|ColumnCount)\b"
)
# Strings that their own tests expect to be refused, or that name a variable of the test's code.
UNSOUND = re.compile(
    r"\$|threshold\]|with\]|\[1,\"2\"|matches \]|\"col-A\" now\(\)|in allowed|\"load_dt\" \"load_dt_2\""
    r"|0\.4 with thresh|Completeness \"col-A\" \]"
    r"|IsComplete \"col-A\" >|IsPrimaryKey \"col-A\" between|IsUnique \"col-A\" <="
)


def texts():
    """The strings without the escapes of the language they stood in, closed where they were cut at a bracket."""
    for line in STRINGS.read_text(encoding="utf-8").splitlines():
        text = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], line)
        if re.search(r'%[sn]|" \+ ', line):
            yield text, "placeholder"
            continue
        bare = QUOTED.sub("", text)
        cut = bare.count("[") - bare.count("]")
        if '"' in bare or bare.count("(") != bare.count(")"):
            yield text, "cut"  # inside a quoted text, or inside parentheses
        else:
            yield text + " ]" * cut, "whole"


def entries_of(text):
    collector = Collector(Source("", text))
    translate(collector.source, collector)
    return collector.entries


def test_every_string():
    """167 strings: 6 hold placeholders, 3 are cut in a quoted text or parentheses; the rest are read."""
    kinds = Counter(kind for _, kind in texts())
    found = Counter()
    for text, kind in texts():
        if kind == "whole":
            bare = re.sub(r"\[[^\[\]]*\]", "", QUOTED.sub("", text[text.index("[") + 1 : text.rindex("]")]))
            entries = entries_of(text)
            assert len(entries) == (bare.count(",") + 1 if bare.strip() else 0), text
            assert all(entry.reason for entry in entries if entry.status != "exact"), text
            found += Counter(entry.status for entry in entries)
        elif kind == "cut":
            with pytest.raises(RuleError, match="not closed"):
                entries_of(text)

    assert sum(kinds.values()) == 167
    assert (kinds["placeholder"], kinds["cut"]) == (6, 3)
    assert found["exact"] > 50


def test_values_are_exact():
    """Sound strings of completeness, uniqueness, values, length and comparison."""
    sound = [
        text for text, kind in texts()
        if kind == "whole" and re.match(rf"Rules = \[\s*{MUST}", text) and not UNSOUND.search(text)
    ]  # fmt: skip

    assert len(sound) > 40
    for text in sound:
        assert {entry.status for entry in entries_of(text) if "Job" not in entry.id} == {"exact"}, text
