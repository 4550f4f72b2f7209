"""Score rules against planted truth, simulate controls, plan audits. Names load when first used.

Examples:
    >>> import benchmarks
    >>> benchmarks.wilson_interval(44, 67).round(3)
    array([[0.537, 0.759]])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.align import AnswerKey, answer_key
    from benchmarks.comparisons import Comparison, comparison
    from benchmarks.counts import Counts, add, count
    from benchmarks.decide.advice import Advice, advise
    from benchmarks.decide.field_list import FieldRow, read_field_rows
    from benchmarks.intervals import (
        clopper_pearson_interval,
        goodman_intervals,
        newcombe_interval,
        wilson_interval,
    )
    from benchmarks.model import (
        Operator,
        Quality,
        exchange_rate,
        from_spec,
        hard_stop,
        next_field_gain,
        optional,
        over_fields,
        record_value,
        soft_warning,
        with_not_values,
        with_pick_list,
        with_placeholders_rejected,
    )
    from benchmarks.regimes import Contrast, compare
    from benchmarks.scorecard import Scorecard, score, tabulate
    from benchmarks.spread import Estimate
    from benchmarks.sweeps import Sweep, sweep

_HOME = {
    "benchmarks.align": ("AnswerKey", "answer_key"),
    "benchmarks.comparisons": ("Comparison", "comparison"),
    "benchmarks.counts": ("Counts", "add", "count"),
    "benchmarks.decide.advice": ("Advice", "advise"),
    "benchmarks.decide.field_list": ("FieldRow", "read_field_rows"),
    "benchmarks.intervals": (
        "clopper_pearson_interval",
        "goodman_intervals",
        "newcombe_interval",
        "wilson_interval",
    ),
    "benchmarks.model": (
        "Operator",
        "Quality",
        "exchange_rate",
        "from_spec",
        "hard_stop",
        "next_field_gain",
        "optional",
        "over_fields",
        "record_value",
        "soft_warning",
        "with_not_values",
        "with_pick_list",
        "with_placeholders_rejected",
    ),
    "benchmarks.regimes": ("Contrast", "compare"),
    "benchmarks.scorecard": ("Scorecard", "score", "tabulate"),
    "benchmarks.spread": ("Estimate",),
    "benchmarks.sweeps": ("Sweep", "sweep"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Advice",
    "AnswerKey",
    "Comparison",
    "Contrast",
    "Counts",
    "Estimate",
    "FieldRow",
    "Operator",
    "Quality",
    "Scorecard",
    "Sweep",
    "add",
    "advise",
    "answer_key",
    "clopper_pearson_interval",
    "compare",
    "comparison",
    "count",
    "exchange_rate",
    "from_spec",
    "goodman_intervals",
    "hard_stop",
    "newcombe_interval",
    "next_field_gain",
    "optional",
    "over_fields",
    "read_field_rows",
    "record_value",
    "score",
    "soft_warning",
    "sweep",
    "tabulate",
    "wilson_interval",
    "with_not_values",
    "with_pick_list",
    "with_placeholders_rejected",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import benchmarks` stays light."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'benchmarks' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
