"""Python files: nothing runs without trust; with it, schemas, models and functions are taken."""

import pandas as pd
import pytest

from checks import load_rules
from synth.errors import RuleError

FRAME = pd.DataFrame({"zip": pd.Series(["12345", "1", None, ""], dtype="str"), "n": [1, -1, 2, 3]})
FRAME.index = [5, 5, 5, 0]
ONE = """
import pandera.pandas as pa
from pandera.pandas import Check

schema = pa.DataFrameSchema({"zip": pa.Column(None, Check.str_matches("^[0-9]{5}$"), nullable=True)})


def helper(frame):
    return frame["n"] > 0


def check_positive(frame):
    return helper(frame)


def check_few(frame):
    return len(frame) < 3


_check_hidden = check_few
"""
SEVERAL = """
from __future__ import annotations

import pandera.pandas as pa


class Zips(pa.DataFrameModel):
    zip: str = pa.Field(str_matches="[0-9]", nullable=True)


class Numbers(pa.DataFrameModel):
    n: int = pa.Field(ge=0)
"""


def test_nothing_runs_without_trust(tmp_path):
    """One line says so, whether it is a file or a text, and no file is left behind."""
    trace = tmp_path / "trace"
    path = tmp_path / "mine.py"
    path.write_text(f"open({str(trace)!r}, 'w')\n\ndef check_x(frame):\n    return True\n", encoding="utf-8")

    for given in ({"source": path}, {"source": str(path)}, {"source": path.read_text("utf-8"), "format": "python"}):
        with pytest.raises(RuleError, match=r"line 1: is Python, which is not run\. Say trust=True") as caught:
            load_rules(**given)
        assert "\n" not in str(caught.value)
    assert not trace.exists()


def test_schemas_and_functions_are_taken(tmp_path):
    """A schema and the functions named check_, in order, with their lines; helpers and hidden names are not."""
    path = tmp_path / "mine.py"
    path.write_text(ONE, encoding="utf-8")

    rules = load_rules(path, trust=True)
    found = rules.evaluate(FRAME).results

    assert [(entry.id, entry.status, entry.place) for entry in rules.coverage()] == [
        ("zip.str_matches", "exact", "schema.columns.zip"),
        ("check_positive", "exact", "check_positive (line 12)"),
        ("check_few", "exact", "check_few (line 16)"),
    ]
    assert [result.fail.tolist() for result in found[:2]] == [[False, True, False, True], [False, True, False, False]]
    assert found[2].holds is False


def test_several_models_and_helpers_beside_the_file(tmp_path):
    """Ids begin with the name of the model; a module beside the file can be imported; the path is left as it was."""
    import sys

    (tmp_path / "beside_it.py").write_text("LIMIT = 2\n", encoding="utf-8")
    path = tmp_path / "mine.py"
    path.write_text(
        SEVERAL + "\nfrom beside_it import LIMIT\n\ndef check_limit(frame):\n    return frame['n'] < LIMIT\n",
        encoding="utf-8",
    )
    before = list(sys.path)

    rules = load_rules(path, trust=True)

    assert [rule.id for rule in rules.rules] == [
        "Zips.zip.str_matches", "Zips.zip.dtype",
        "Numbers.n.not_null", "Numbers.n.greater_than_or_equal_to", "Numbers.n.dtype", "check_limit",
    ]  # fmt: skip
    assert rules.evaluate(FRAME).results[-1].fail.tolist() == [False, False, True, True]
    assert sys.path == before


@pytest.mark.parametrize(
    ("text", "message"),
    [("x = (\n", "line 1: not Python"), ("x = 1\ny = 1 / 0\n", "line 2: raised ZeroDivisionError"),
     ("import no_such_module_at_all\n", "line 1: raised ModuleNotFoundError"), ("x = 1\n", "holds no rule")],
)  # fmt: skip
def test_a_file_that_fails(text, message, tmp_path):
    """One line with file and line."""
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RuleError, match=message) as caught:
        load_rules(path, trust=True)
    assert "\n" not in str(caught.value)
