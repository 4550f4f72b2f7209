"""pointblank plans: what becomes of every step, the rows flagged, and Python that never runs."""

import inspect

import numpy as np
import pandas as pd
import pytest
import yaml

from checks import load_rules
from checks.formats import pointblank
from synth.errors import RuleError

FRAME = pd.DataFrame(
    {
        "zip": pd.Series(["12345", "1234", None, "", "N/A", " ", "12345"], dtype="str"),
        "st": pd.Series(["open", "bad", None, "", "N/A", "closed", "open"], dtype="str"),
        "x": [1.0, -1.0, np.nan, 0.0, 5.0, 2.0, 1.0],
        "y": [2.0, -2.0, 1.0, np.nan, 5.0, 1.0, 2.0],
        "n": [1, 2, 2, 3, 5, 4, 6],
    }
)
STEPS = [
    {"col_vals_gt": {"columns": "x", "value": 0}},
    {"col_vals_ge": {"columns": "x", "value": 0}},
    {"col_vals_lt": {"columns": "n", "value": 3}},
    {"col_vals_le": {"columns": "x", "value": 1}},
    {"col_vals_eq": {"columns": "x", "value": 1}},
    {"col_vals_ne": {"columns": "x", "value": 5}},
    {"col_vals_eq": {"columns": "st", "value": "open"}},
    {"col_vals_gt": {"columns": "x", "value": {"python": "pb.col('y')"}}},
    {"col_vals_le": {"columns": "x", "value": {"python": 'pb.col("y")'}}},
    {"col_vals_between": {"columns": "x", "left": 0, "right": 2}},
    {"col_vals_between": {"columns": "x", "left": 0, "right": 2, "inclusive": [False, True]}},
    {"col_vals_outside": {"columns": "x", "left": 0, "right": 2}},
    {"col_vals_outside": {"columns": "x", "left": 0, "right": 2, "inclusive": [False, False]}},
    {"col_vals_not_in_set": {"columns": "st", "set": ["N/A", "bad"]}},
    {"col_vals_regex": {"columns": "zip", "pattern": "^[0-9]{5}$"}},
    {"col_vals_increasing": {"columns": "n"}},
    {"col_vals_increasing": {"columns": "x", "allow_stationary": True}},
    {"col_vals_decreasing": {"columns": "x"}},
]
ALONE = [
    {"col_vals_in_set": {"columns": "st", "set": ["open", "closed"]}},
    {"col_vals_in_set": {"columns": "x", "set": [1, 5, 2]}},
    {"col_vals_regex": {"columns": "zip", "pattern": "^[0-9]{5}$", "inverse": True}},
    {"col_vals_not_null": {"columns": "zip"}},
    {"col_vals_null": {"columns": "zip"}},
    "rows_distinct",
    {"rows_distinct": {"columns_subset": ["zip", "st"]}},
    {"rows_distinct": {"columns_subset": "x"}},
    "rows_complete",
    {"rows_complete": {"columns_subset": ["x", "y"]}},
]
WHOLES = [
    {"col_exists": {"columns": "zip"}},
    {"col_exists": {"columns": "zap"}},
    {"row_count_match": {"count": 7}},
    {"row_count_match": {"count": 9, "tol": 1}},
    {"row_count_match": {"count": 8, "tol": 0.2}},
    {"row_count_match": {"count": 5, "tol": 0.2}},
    {"col_count_match": {"count": 5}},
    {"col_count_match": {"count": 6}},
    {"col_sum_eq": {"columns": "n", "value": 23}},
    {"col_avg_gt": {"columns": "n", "value": 4}},
    {"col_sd_le": {"columns": "n", "value": 1.9}},
    {"col_schema_match": {"schema": {"columns": list(FRAME)}}},
    {"col_schema_match": {"schema": {"columns": list(FRAME)[::-1]}}},
    {"col_schema_match": {"schema": {"columns": list(FRAME)[::-1]}, "in_order": False}},
]


def plan(*steps, **more):
    return yaml.safe_dump({"tbl": "small_table", "steps": list(steps), **more}, sort_keys=False)


def ids(steps):
    return [f"{i}-{step if isinstance(step, str) else next(iter(step))}" for i, step in enumerate(steps)]


def passing(step, *, na_pass):
    (method,) = step
    return {method: {**step[method], "na_pass": na_pass}}


def interrogated(engine, step, frame=FRAME):
    """What pointblank says: one entry of its report."""
    pb = engine("pointblank")
    (found,) = pb.yaml_interrogate(plan(step), set_tbl=frame).validation_info
    assert not found.eval_error
    return found


@pytest.mark.parametrize("step", [passing(s, na_pass=p) for s in STEPS for p in (True, False)] + ALONE)
def test_rows_are_those_the_tool_fails(step, engine):
    """With nulls that pass and nulls that fail, on a blank, a null and failing rows; other labels change nothing."""
    native = interrogated(engine, step)
    rules = load_rules(plan(step))
    (result,) = rules.evaluate(FRAME.set_axis([3, 3, 3, 0, 0, 1, 7])).results

    assert [entry.status for entry in rules.coverage()] == ["exact"]
    assert np.flatnonzero(result.fail).tolist() == np.flatnonzero(~native.tbl_checked["pb_is_good_"]).tolist()


@pytest.mark.parametrize("step", WHOLES, ids=ids(WHOLES))
def test_wholes_hold_where_the_tool_says_so(step, engine):
    """Counts, sums, columns: an alert where the step fails, and no row."""
    (result,) = load_rules(plan(step)).evaluate(FRAME).results

    assert result.alert is not interrogated(engine, step).all_passed
    assert not result.fail.any()


def test_a_share_of_nulls():
    """One of seven is null: a seventh exactly, and nothing else."""
    shares = [{"col_pct_null": {"columns": "x", "p": p}} for p in (1 / 7, 0.1, 0.2)]

    assert [r.alert for r in load_rules(plan(*shares)).evaluate(FRAME).results] == [False, True, True]


@pytest.mark.parametrize(
    ("thresholds", "alarm"),
    [({"warning": 0.2}, "warning"), ({"warning": 0.3}, ""), ({"warning": 1, "error": 2}, "error"),
     ({"critical": 2}, "error"), ({"error": 3}, ""), (0.1, "warning"), ([0.1, 0.2], "error")],
)  # fmt: skip
def test_thresholds_are_reached_as_well_as_passed(thresholds, alarm):
    """Two of ten fail: a share of .2 is reached, a count of two is, three are not."""
    frame = pd.DataFrame({"z": [*["a"] * 8, None, None]})
    whole = plan({"col_vals_not_null": {"columns": "z"}}, thresholds=thresholds)
    step = plan({"col_vals_not_null": {"columns": "z", "thresholds": thresholds}}, thresholds={"warning": 9})

    for text in (whole, step):
        (result,) = load_rules(text).evaluate(frame).results
        assert (result.n_fail, result.alarm) == (2, alarm)


def test_every_column_of_a_step_is_a_rule():
    """A step of three columns is three steps of the tool; one that is switched off is said, and has no rule."""
    text = plan(
        {"col_vals_not_null": {"columns": ["zip", "st", "x"]}},
        {"col_vals_gt": {"columns": ["x", "n"], "value": 0, "active": False}},
        "rows_distinct",
    )
    rules = load_rules(text)

    assert [rule.id for rule in rules.rules] == [
        "zip.col_vals_not_null",
        "st.col_vals_not_null",
        "x.col_vals_not_null",
        "rows_distinct",
    ]
    assert [(entry.status, "switched off" in entry.reason) for entry in rules.coverage()] == [
        *[("exact", False)] * 3, *[("exact", True)] * 2, ("exact", False),
    ]  # fmt: skip


def test_segments_are_judged_together():
    """A step by segments flags the same rows; that its thresholds count all of them is said."""
    (entry,) = load_rules(plan({"col_vals_not_null": {"columns": "zip", "segments": "st"}})).coverage()

    assert (entry.status, "segments" in entry.reason) == ("approximate", True)


def code(trace):
    run = f"open({str(trace)!r}, 'w').write('x')"
    return [
        {"col_vals_expr": {"expr": f"lambda df: {run}"}},
        {"col_vals_expr": {"expr": {"python": run}}},
        {"col_vals_gt": {"columns": "x", "value": 0, "pre": f"lambda df: {run}"}},
        {"col_vals_gt": {"columns": "x", "value": {"python": run}}},
        {"col_vals_gt": {"columns": "x", "value": {"python": f"pb.col('x') if {run} else 1"}}},
        {"col_vals_in_set": {"columns": "st", "set": [{"python": run}]}},
        {"col_vals_in_set": {"columns": {"python": run}, "set": ["a"]}},
        {"col_vals_gt": {"columns": "x", "value": 0, "active": run}},
        {"conjointly": {"expressions": [f"lambda df: {run}"]}},
        {"specially": {"expr": f"lambda df: {run}"}},
        {"row_count_match": {"count": {"python": run}}},
    ]


@pytest.mark.parametrize("index", range(11))
def test_python_in_a_step_never_runs(index, tmp_path):
    """Each is unsupported with its reason; the data, actions and reference of the plan are never looked at."""
    trace = tmp_path / "trace"
    block = {"python": f"open({str(trace)!r}, 'w')"}
    step = code(trace)[index]
    fine = {"col_vals_not_null": {"columns": "x", "actions": {"warning": block}}}
    text = plan(step, fine, actions={"default": block}, final_actions=block, reference=block)
    text = text.replace("tbl: small_table", f"tbl:\n  python: open({str(trace)!r}, 'w')")

    rules = load_rules(text, on_unsupported="skip")
    rules.evaluate(FRAME)

    assert [entry.status for entry in rules.coverage()] == ["unsupported", "exact"]
    assert "Python" in rules.coverage()[0].reason or "number" in rules.coverage()[0].reason
    assert "actions" in rules.coverage()[1].reason
    assert not trace.exists()


OTHERS = ["col_missing_coded", "col_pct_missing", "col_vals_in_table", "col_vals_within_spec", "data_freshness",
          "prompt", "tbl_match", "tbl_reconcile", "col_missing_consistent", "col_missing_only_coded"]  # fmt: skip


@pytest.mark.parametrize("method", OTHERS)
def test_what_has_no_translation_says_why(method):
    """A step without a translation is refused with the reason unless it may be skipped."""
    text = plan({method: {"columns": "x"}}, "rows_complete")

    assert [entry.status for entry in load_rules(text, on_unsupported="skip").coverage()] == ["unsupported", "exact"]
    with pytest.raises(RuleError, match="1 of 2 rules cannot be translated"):
        load_rules(text)


BROKEN = [
    ({"col_vals_nice": {"columns": "x"}}, "'col_vals_nice' is no method"),
    ({"col_vals_gt": {"columns": "x"}}, "has no 'value'"),
    ({"col_vals_gt": {"value": 1}}, "columns is None"),
    ({"col_vals_gt": {"columns": "x", "value": [1]}}, "must be a number or a text"),
    ({"col_vals_regex": {"columns": "x", "pattern": "("}}, "not a regular expression"),
    ({"col_vals_in_set": {"columns": "x", "set": "a"}}, "must be a list"),
    ({"col_vals_not_null": {"columns": "x", "thresholds": {"warn": 1}}}, "thresholds is"),
    ({"col_vals_not_null": {"columns": "x", "thresholds": -1}}, "a threshold is -1"),
    ({"a": {}, "b": {}}, "a step is one method"),
]


@pytest.mark.parametrize(("step", "message"), BROKEN)
def test_broken_steps(step, message):
    """Each is an entry with status error, one line, and the others go on."""
    broken, fine = load_rules(plan(step, "rows_complete"), on_unsupported="skip").coverage()

    assert (broken.status, fine.status) == ("error", "exact")
    assert message in broken.reason


def test_a_threshold_of_one_is_one_row(engine):
    """1 is a count, as it is there; what lies below is a share. One of seven fails."""
    step = {"col_vals_gt": {"columns": "n", "value": 1, "thresholds": {"warning": 1, "error": 0.5}}}
    (result,) = load_rules(plan(step)).evaluate(FRAME).results
    native = interrogated(engine, step)

    assert (result.n_fail, result.alarm) == (1, "warning")
    assert (native.n_failed, native.warning, native.error) == (1, True, False)


@pytest.mark.parametrize(
    ("step", "argument"),
    [
        ({"col_vals_gt": {"columns": "x", "value": 0, "tolerance": 1}}, "tolerance"),
        ({"col_vals_not_null": {"columns": "x", "na_pass": True}}, "na_pass"),
        ({"rows_distinct": {"columns_subset": "x", "keep": "first"}}, "keep"),
        ({"col_sum_eq": {"columns": "n", "value": 23, "na_rm": True}}, "na_rm"),
        ({"col_exists": {"columns": "n", "pattern": "n"}}, "pattern"),
    ],
)
def test_arguments_we_do_not_know_are_not_ignored(step, argument):
    """What they ask is not read, so the step is unsupported, by the argument's name."""
    unknown, fine = load_rules(plan(step, "rows_complete"), on_unsupported="skip").coverage()

    assert (unknown.status, fine.status) == ("unsupported", "exact")
    assert f"argument {argument!r} is not known" in unknown.reason


def test_every_argument_of_the_tool_is_known(engine):
    """Each method's own signature holds nothing that would be called unknown."""
    pb = engine("pointblank")
    for method in [*pointblank._METHODS, "col_vals_gt", "col_vals_ne", "col_sum_eq", "col_avg_le", "col_sd_gt"]:
        own = set(inspect.signature(getattr(pb.Validate, method)).parameters) - {"self"}
        assert own <= {*pointblank._COMMON, *pointblank._arguments(method)}, method
