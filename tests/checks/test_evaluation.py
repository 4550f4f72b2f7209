"""Evaluation: alignment, conditions, blame and what is refused."""

import numpy as np
import pandas as pd
import pytest

from checks import (
    Agree,
    AllOf,
    AnyOf,
    Between,
    Compare,
    Custom,
    InSet,
    Link,
    Not,
    NotBlank,
    NotNull,
    Pattern,
    Rule,
    Unique,
    evaluate,
)
from synth.errors import CasegaugeError, RuleError

FRAME = pd.DataFrame(
    {"held": ["yes", "no", None, "yes"], "basis": [None, None, None, "form-a"], "zip": ["1", "x", None, "2"]}
)
HELD = InSet("held", ("yes",))


def test_masks_follow_positions_not_labels():
    """Index labels, repeated ones too, change nothing."""
    rules = [Rule("n", NotNull("basis")), Rule("w", NotBlank("basis"), where=HELD)]

    plain = evaluate(rules, FRAME)
    odd = evaluate(rules, FRAME.set_axis([7, 7, -1, 7]))

    for one, other in zip(plain.results, odd.results, strict=True):
        assert (one.fail == other.fail).all()
        assert (one.evaluated == other.evaluated).all()


def test_where_limits_the_rows_evaluated():
    """A condition that does not hold, or cannot be evaluated, leaves the row out."""
    result = evaluate([Rule("basis", NotBlank("basis"), where=HELD)], FRAME).results[0]

    assert result.evaluated.tolist() == [True, False, False, True]
    assert result.fail.tolist() == [True, False, False, False]


CONDITIONS = [
    (AllOf((HELD, NotNull("basis"))), "X X .", [3]),
    (AnyOf((HELD, NotNull("basis"))), "", [0, 3]),
    (Not(HELD), "", [1]),
    (Not(AllOf((HELD, NotNull("basis")))), "", [0, 1, 2]),
    (Not(AnyOf((HELD, NotNull("basis")))), "", [1]),
]


@pytest.mark.parametrize(("condition", "_", "rows"), CONDITIONS, ids=range(len(CONDITIONS)))
def test_combined_conditions(condition, _, rows):
    """What one part decides does not wait for a part that is null."""
    result = evaluate([Rule("r", NotNull("zip"), where=condition)], FRAME).results[0]

    assert np.flatnonzero(result.evaluated).tolist() == rows


def test_blames_and_threshold_stand_beside_the_mask():
    """Other blamed fields and a threshold change neither the failing rows nor the rows evaluated."""
    plain = Rule("a", NotNull("basis"))
    other = Rule("b", NotNull("basis"), blames=("held", "basis"), threshold=0.8)

    first, second = evaluate([plain, other], FRAME).results

    assert (first.fail == second.fail).all()
    assert set(second.blamed) == {"held", "basis"}
    assert (first.alert, second.alert) == (True, False)


def test_summary_counts_rows_evaluated():
    """The summary says how many rows a rule judged and how many failed."""
    table = evaluate([Rule("basis", NotBlank("basis"), where=HELD)], FRAME).summary()

    assert table[["n_rows", "n_evaluated", "n_fail"]].iloc[0].tolist() == [4, 2, 1]


def test_outcomes_of_the_flags_table():
    """Every row of a rule has exactly one of the three outcomes."""
    flags = evaluate([Rule("basis", NotBlank("basis"), where=HELD)], FRAME)

    table = flags.to_frame({"records": FRAME}, outcomes=("pass", "fail", "not_evaluated"))

    assert sorted(table["record_id"]) == ["0", "1", "2", "3"]
    assert table.set_index("record_id")["outcome"].to_dict() == {
        "0": "fail",
        "1": "not_evaluated",
        "2": "not_evaluated",
        "3": "pass",
    }


def test_nothing_flagged_gives_an_empty_table():
    """Without findings the flags table has its columns and no rows."""
    table = evaluate([Rule("h", NotNull("held"), where=HELD)], FRAME).to_frame({"records": FRAME})

    assert table.empty
    assert list(table.columns) == ["system", "record_id", "field", "rule_id", "outcome"]


def test_null_policy_for_all():
    """A policy given to evaluate replaces every rule's own."""
    rule = Rule("zip", Pattern("zip", "[0-9]+"))

    masks = {policy: evaluate([rule], FRAME, null_policy=policy).results[0].fail.sum() for policy in ("ignore", "fail")}

    assert masks == {"ignore": 1, "fail": 2}


TWO = {"a": FRAME, "b": FRAME}
REFUSED = [
    (
        [Rule("r", NotNull("bassis"))],
        FRAME,
        None,
        r"rule 'r': field 'bassis' is not in 'records'\. Did you mean 'basis'",
    ),
    ([Rule("r", NotNull("zip"), where=NotNull("heldd"))], FRAME, None, "rule 'r': field 'heldd'"),
    ([Rule("r", NotNull("zip"), blames=("zap",))], FRAME, None, "rule 'r': field 'zap'"),
    ([Rule("r", NotNull("zip"))] * 2, FRAME, None, "two rules have the id 'r'"),
    ([Rule("r", NotNull("zip"))], TWO, None, "rule 'r': the rule names no system, and there are 2"),
    ([Rule("r", NotNull("zip"), system="c")], TWO, None, "rule 'r': system 'c' is not among the records"),
    ([Rule("r", NotNull("zip"))], FRAME, "natve", "null_policy is 'natve'. Did you mean 'native'"),
    ([Rule("r", NotNull("zip"))], FRAME[["zip", "zip"]], None, "column 'zip' stands there twice"),
]


@pytest.mark.parametrize(("rules", "records", "policy", "message"), REFUSED, ids=[row[3] for row in REFUSED])
def test_refused(rules, records, policy, message):
    """What cannot be evaluated is refused in one line that names rule and value."""
    with pytest.raises(CasegaugeError, match=message) as caught:
        evaluate(rules, records, null_policy=policy)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"severity": "eror"}, "severity is 'eror'. Did you mean 'error'"),
        ({"level": "row"}, "level is 'row'"),
        ({"null_policy": "no"}, "null_policy is 'no'"),
        ({"family": "presense"}, "Did you mean 'presence'"),
        ({"threshold": 1.5}, "threshold is 1.5"),
    ],
)
def test_rules_refuse_unknown_words(given, message):
    """A rule made in code is held to the same words as one in a file."""
    with pytest.raises(RuleError, match=message):
        Rule("r", NotNull("a"), **given)


def test_nothing_is_changed():
    """Evaluation leaves the records as they were."""
    before = FRAME.copy(deep=True)

    evaluate([Rule("n", NotNull("basis")), Rule("p", Pattern("zip", "[0-9]"))], FRAME)

    pd.testing.assert_frame_equal(FRAME, before)


def test_no_rows():
    """A frame without rows has empty masks, for every kind of rule."""
    empty = FRAME.iloc[:0]

    flags = evaluate([Rule("n", NotNull("basis")), Rule("p", Pattern("zip", "[0-9]"), where=HELD)], empty)

    assert [len(result.fail) for result in flags.results] == [0, 0]


def test_values_a_rule_was_not_written_for_are_one_line():
    """A zone, a period, a list: which rule, what happened, and the other rules go on where that is asked."""
    frame = pd.DataFrame({"t": pd.to_datetime(["2031-01-01"], utc=True), "l": pd.Series([[1]], dtype="object")})
    rules = [Rule("zone", Between("t", min=0)), Rule("list", Unique(("l",))), Rule("fine", NotNull("t"))]

    with pytest.raises(RuleError, match="rule 'zone': cannot be evaluated on values of this kind"):
        evaluate(rules, frame)
    found = evaluate(rules, frame, on_error="list")

    assert [result.rule.id for result in found.results][-1] == "fine"
    assert "zone" in found.errors


def test_a_category_of_whole_numbers_may_have_nulls():
    """Its order is that of numbers."""
    frame = pd.DataFrame({"c": pd.Series([1, 10, None], dtype="category")})
    result = evaluate([Rule("r", Between("c", min=0, max=5))], frame).results[0]

    assert (result.fail.tolist(), result.evaluated.tolist()) == ([False, True, False], [True, True, False])


def test_native_is_each_rule_s_own_policy():
    """A rule translated from a tool that skips nulls skips them under native, whatever its kind would do."""
    frame = pd.DataFrame({"z": ["1", None]})
    rule = Rule("r", Pattern("z", "[0-9]"), null_policy="ignore")

    for policy in (None, "native"):
        assert evaluate([rule], frame, null_policy=policy).results[0].n_fail == 0
    assert evaluate([rule], frame, null_policy="fail").results[0].n_fail == 1


def test_a_stored_day_and_a_text_day_are_compared():
    """A workbook may hold one column as days and the other as ISO texts."""
    frame = pd.DataFrame({"a": pd.to_datetime(["2031-01-07", "2031-01-01"]), "b": ["2031-01-02", "2031-01-02"]})

    for reading in ("auto", "date"):
        result = evaluate([Rule("r", Compare("a", "<=", "b", reading))], frame).results[0]
        assert (result.fail.tolist(), result.n_evaluated) == ([True, False], 2)


def test_not_fails_a_null_under_the_policy_fail():
    """Of a condition that a null can neither meet nor miss, the contrary fails it too where nulls fail."""
    frame = pd.DataFrame({"a": ["x", "y", None]})
    rule = Rule("r", Not(InSet("a", ("x",))))

    found = {policy: evaluate([rule], frame, null_policy=policy).results[0] for policy in ("ignore", "fail")}

    assert found["ignore"].fail.tolist() == [True, False, False]
    assert found["ignore"].evaluated.tolist() == [True, True, False]
    assert found["fail"].fail.tolist() == [True, False, True]
    assert found["fail"].evaluated.all()


@pytest.mark.parametrize(("level", "seen"), [("group", 2), ("table", 2), ("record", 4)])
def test_code_about_a_group_or_table_sees_the_rows_it_is_about(level, seen):
    """Rows judged by one another are those the condition keeps; a record alone is judged among all."""
    sizes = []

    def judge(frame):
        sizes.append(len(frame))
        return np.zeros(len(frame), dtype=bool), np.ones(len(frame), dtype=bool)

    result = evaluate([Rule("r", Custom((), judge), where=HELD, level=level)], FRAME).results[0]

    assert sizes == [seen]
    assert result.evaluated.tolist() == [True, False, False, True]


def test_partners_are_kept_where_parts_agree_on_them():
    """Two parts over one link share its partner; a second link to the same system leaves that system without one."""
    own = pd.DataFrame({"key": ["1", "2"], "other": ["2", "1"], "far": ["9", "8"], "v": ["a", "b"]})
    there = pd.DataFrame({"key": ["1", "2"], "v": ["x", "y"]})
    away = pd.DataFrame({"key": ["8", "9"], "v": ["x", "y"]})
    one, two = (Agree("v", "v", Link("own", field, "there", "key")) for field in ("key", "other"))
    far = Agree("v", "v", Link("own", "far", "away", "key"))
    records = {"own": own, "there": there, "away": away}

    def partners(*parts):
        (result,) = evaluate([Rule("r", AllOf(parts), system="own")], records).results
        return {system: places.tolist() for system, places in result.partners.items()}

    assert partners(one, far, one) == {"there": [0, 1], "away": [1, 0]}
    assert partners(one, far, two) == partners(two, one, far) == {"away": [1, 0]}
