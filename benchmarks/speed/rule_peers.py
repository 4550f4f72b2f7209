"""The same rules on the same frame: ours, plain pandas, pandera and Great Expectations; masks out of all of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.speed.line import Line, best_of
from checks.loading import load_rules
from synth.errors import CasegaugeError

Masks = Mapping[str, npt.NDArray[np.bool_]]
MOST_ISNA, MOST_PANDAS, LEAST_GX, LEAST_PANDERA = 2, 1.2, 70, 9  # the goals
N_TEXT, N_NUMBER, N_DAY = 16, 6, 3
_NAMES = [
    *(("t", f"{number:02d}") for number in range(N_TEXT)),
    *(("n", str(number)) for number in range(N_NUMBER)),
    *(("d", str(number)) for number in range(N_DAY)),
]
STATES = ["open", "closed", "held", "moved", "lost", "found"]


def frame_of(n_rows: int) -> pd.DataFrame:
    """Return 16 text, 6 number and 3 day columns; 2 % null, the last text 75 %; some 1 or 2 % fail most other rules.

    pandera writes a line per column for each row that fails a rule on the frame: it would take minutes where half do.
    """
    rng = np.random.default_rng(1)
    columns: dict[str, pd.Series[Any]] = {}
    for number in range(N_TEXT):
        words = np.array([f"{value:05d}" for value in rng.integers(0, 99_999, 5_000)] + ["N/A", "bad"])
        kept = pd.Series(words[rng.integers(0, len(words), n_rows)], dtype="str")
        columns[f"t{number:02d}"] = kept.mask(rng.random(n_rows) < (0.75 if number == N_TEXT - 1 else 0.02))
    columns["t01"] = pd.Series(np.array([*STATES, "bad"])[rng.integers(0, 303, n_rows) // 50], dtype="str")
    for number in range(N_NUMBER):
        columns[f"n{number}"] = pd.Series(rng.normal(50, 22, n_rows)).mask(rng.random(n_rows) < 0.02)
    for number in range(N_DAY):
        days = pd.Series(pd.Timestamp("2031-01-01") + pd.to_timedelta(rng.integers(0, 900, n_rows), unit="D"))
        days = columns["d0"] + pd.to_timedelta(rng.integers(-2, 90, n_rows), unit="D") if number else days
        columns[f"d{number}"] = days.mask(rng.random(n_rows) < 0.02)
    return pd.DataFrame(columns)


def not_null_suite(frame: pd.DataFrame) -> str:
    """Return a Great Expectations suite: no column is null."""
    return json.dumps({"name": "s", "expectations": [
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": name}} for name in frame.columns
    ]})  # fmt: skip


def mixed_rules(frame: pd.DataFrame) -> str:
    """Return 31 rules: 25 not-null, a pattern, two lists, two bounds, an order of days."""
    return "\n".join([
        "rules:",
        "- {id: given, for_each: [" + ", ".join(frame.columns) + "], not_null: }",
        "- {id: digits, null_policy: ignore, pattern: {field: t00, regex: '[0-9]{5}'}}",
        "- {id: state, in_set: {field: t01, values: [" + ", ".join(STATES) + "]}}",
        "- {id: placeholder, not_in: {field: t02, values: [N/A, TBD, bad]}}",
        "- {id: positive, between: {field: n0, min: 0}}",
        "- {id: share, between: {field: n1, min: 0, max: 100}}",
        "- {id: order, compare: {left: d0, operator: <=, right: d1}}",
    ])  # fmt: skip


def by_pandas(frame: pd.DataFrame) -> Masks:
    """Work out the same 31 masks as a person would with pandas alone."""
    masks = {f"given.{name}": frame[name].isna() for name in frame.columns}
    masks["digits"] = ~frame["t00"].str.fullmatch("[0-9]{5}") & frame["t00"].notna()
    masks["state"] = ~frame["t01"].isin(STATES) & frame["t01"].notna()
    masks["placeholder"] = frame["t02"].isin(["N/A", "TBD", "bad"])
    masks["positive"] = frame["n0"] < 0
    masks["share"] = (frame["n1"] < 0) | (frame["n1"] > 100)  # the bound of the rule above
    masks["order"] = frame["d0"] > frame["d1"]
    return {name: mask.to_numpy(dtype=bool) for name, mask in masks.items()}


def pandera_schema() -> Any:
    """Return the 31 rules as a pandera schema."""
    import pandera.pandas as pa

    check, extra = pa.Check, {}
    extra["t00"] = [check.str_matches("^[0-9]{5}$")]
    extra["t01"] = [check.isin(STATES)]
    extra["t02"] = [check.notin(["N/A", "TBD", "bad"])]
    extra["n0"] = [check.ge(0)]
    extra["n1"] = [check.in_range(0, 100)]
    names = [f"{kind}{number}" for kind, number in _NAMES]
    columns = {name: pa.Column(None, extra.get(name, []), nullable=False) for name in names}
    order = check(lambda frame: ~(frame["d0"] > frame["d1"]), name="order")
    return pa.DataFrameSchema(columns, checks=[order])


def by_pandera(frame: pd.DataFrame, schema: Any) -> Masks:
    """Validate lazily and put the failure cases back into masks."""
    from pandera.errors import SchemaErrors

    masks: dict[str, npt.NDArray[np.bool_]] = {}
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as found:
        cases = found.failure_cases
        for (column, check), part in cases.groupby(["column", "check"], observed=True):
            mask = np.zeros(len(frame), dtype=bool)
            mask[part["index"].to_numpy(dtype=np.int64)] = True
            masks[f"{column}.{check}"] = mask
    return masks


def great_expectations(frame: pd.DataFrame, suite: str) -> Callable[[], Masks]:
    """Return a validation with every failing row (result_format COMPLETE)."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    try:
        import great_expectations as gx
    except ImportError:
        raise CasegaugeError("Great Expectations is not installed: pip install 'casegauge[engines]'.") from None
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch(batch_parameters={"dataframe": frame})
    expectations = gx.ExpectationSuite(name="s")
    kinds: Any = gx.expectations
    for each in json.loads(suite)["expectations"]:
        expectations.add_expectation(kinds.ExpectColumnValuesToNotBeNull(column=each["kwargs"]["column"]))

    def validate() -> Masks:
        found = batch.validate(expectations, result_format="COMPLETE")
        masks = {}
        results: list[Any] = found.results
        for result in results:
            mask = np.zeros(len(frame), dtype=bool)
            mask[result.result.get("unexpected_index_list") or []] = True
            masks[result.expectation_config.kwargs["column"]] = mask
        return masks

    return validate


def rule_lines(n_rows: int) -> Iterator[Line]:
    """Compare; the masks of all must be the same, or the comparison is void."""
    frame = frame_of(n_rows)
    suite, mixed = load_rules(not_null_suite(frame)), load_rules(mixed_rules(frame))
    validate, schema = great_expectations(frame, not_null_suite(frame)), pandera_schema()
    _same("Great Expectations", [result.fail for result in suite.evaluate(frame).results], list(validate().values()))
    _same("pandas", [result.fail for result in mixed.evaluate(frame).results], list(by_pandas(frame).values()))
    ours, isna = best_of(lambda: suite.evaluate(frame)), best_of(frame.isna)
    gx = best_of(validate, 1)
    work = f"25 not-null rules of a GX suite, {n_rows:,} rows"
    yield Line(work, ours, "DataFrame.isna()", isna, ours / isna, f"<= {MOST_ISNA}", ours <= MOST_ISNA * isna)
    yield _faster(work, ours, "Great Expectations, result_format COMPLETE", gx, LEAST_GX)
    ours, plain = best_of(lambda: mixed.evaluate(frame)), best_of(lambda: by_pandas(frame))
    work = f"31 mixed rules, {n_rows:,} rows"
    yield Line(work, ours, "plain pandas", plain, ours / plain, f"<= {MOST_PANDAS}", ours <= MOST_PANDAS * plain)
    theirs = best_of(lambda: by_pandera(frame, schema), 1)
    yield _faster(work, ours, "pandera validate, lazy, and masks of its failure cases", theirs, LEAST_PANDERA)


def _faster(work: str, ours: float, peer: str, theirs: float, goal: int) -> Line:
    return Line(work, ours, peer, theirs, theirs / ours, f">= {goal}", theirs >= goal * ours)


def _same(peer: str, ours: list[npt.NDArray[np.bool_]], theirs: list[npt.NDArray[np.bool_]]) -> None:
    if len(ours) != len(theirs) or not all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True)):
        raise CasegaugeError(f"our masks and those of {peer} differ; the comparison is void.")
