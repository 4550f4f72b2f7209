"""How values are stored, answers for a table as a whole, and rules that see only the rows they are about."""

import numpy as np
import pandas as pd
import pytest

from checks import Custom, InSet, Not, NotNull, Rule, StoredAs, Unique, evaluate
from synth.errors import RuleError

MIXED = pd.DataFrame({"v": pd.Series([1, "1", None, "", 2.5, ["a"], True], dtype=object)})
MIXED.index = [0, 0, 1, 1, 1, 5, 5]


def judged(rule, frame):
    return evaluate([rule], frame).results[0]


def signs(rule, frame):
    found = judged(rule, frame)
    return "".join("-" if not e else "X" if f else "." for f, e in zip(found.fail, found.evaluated, strict=True))


@pytest.mark.parametrize(
    ("types", "expected"),
    [(("int",), ".X-XXX."), (("str",), "X.-.XXX"), (("int", "float"), ".X-X.X."), (("list",), "XX-XX.X")],
)
def test_mixed_objects_are_judged_one_by_one(types, expected):
    """Each value is of a type or not; True is a whole number in Python; null is not judged."""
    assert signs(Rule("r", StoredAs("v", types)), MIXED) == expected


@pytest.mark.parametrize(
    ("values", "holds"),
    [(pd.Series([1, 2]), True), (pd.Series([1.0, None]), False), (pd.Series(["1", "2"], dtype="str"), False)],
)
def test_a_column_of_one_type_is_judged_as_a_whole(values, holds):
    """No row is flagged where a whole column is stored as something else; there is an alert."""
    found = judged(Rule("r", StoredAs("v", ("int",))), pd.DataFrame({"v": values}))

    assert (found.holds, found.alert, found.n_fail, found.n_evaluated) == (holds, not holds, 0, 0)


def test_a_type_nobody_knows():
    """The name is refused, and no attribute of pandas that is no type is taken for one."""
    for name in ("StringType", "read_csv", "io"):
        with pytest.raises(RuleError, match=f"'{name}' is no type"):
            judged(Rule("r", StoredAs("v", (name,))), MIXED)


def test_code_may_answer_for_the_whole_table():
    """One answer is an alert or none, never a flag."""
    rule = Rule("few", Custom(("v",), lambda frame: len(frame) < 3))

    assert [judged(rule, MIXED).holds, judged(rule, MIXED.iloc[:2]).holds] == [False, True]
    assert judged(rule, MIXED).n_evaluated == 0


def test_a_repeated_value_among_the_rows_the_rule_is_about():
    """A value repeated by a row that the rule is not about is not repeated."""
    frame = pd.DataFrame({"k": ["a", "a", "b", None, "b"], "s": ["on", "off", "on", "on", "on"]}, index=[9] * 5)

    assert signs(Rule("r", Unique(("k",)), where=InSet("s", ("on",))), frame) == ".-X-X"


def test_the_rows_a_rule_is_about_may_answer_as_a_whole():
    """Code at level table or group sees those rows, numbered from zero."""
    seen = []
    code = Custom(("k",), lambda frame: bool(seen.append(frame["k"].tolist())) or frame.index.tolist() == [0, 1])
    frame = pd.DataFrame({"k": ["a", "b", "c"], "s": ["on", None, "on"]}, index=[4, 4, 4])

    assert judged(Rule("r", code, level="table", where=NotNull("s")), frame).holds
    assert seen == [["a", "c"]]


@pytest.mark.parametrize(("policy", "expected"), [("native", ".X-"), ("ignore", ".X-"), ("fail", ".XX")])
def test_not_follows_the_null_policy(policy, expected):
    """Where nulls fail, they fail a condition and its contrary."""
    frame = pd.DataFrame({"s": ["on", "off", None]})

    assert signs(Rule("r", Not(InSet("s", ("off",))), null_policy=policy), frame) == expected
    assert np.array_equal(judged(Rule("r", Not(NotNull("s")), null_policy=policy), frame).fail, [True, True, False])
