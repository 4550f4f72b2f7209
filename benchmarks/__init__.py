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
    from benchmarks.intervals import (
        clopper_pearson_interval,
        goodman_intervals,
        newcombe_interval,
        wilson_interval,
    )
    from benchmarks.model import Operator, Quality, exchange_rate, hard_stop, optional, over_fields, soft_warning
    from benchmarks.regimes import Contrast, compare
    from benchmarks.scorecard import Scorecard, score, tabulate
    from benchmarks.spread import Estimate
    from benchmarks.sweeps import Sweep, sweep

_HOME = {
    "benchmarks.align": ("AnswerKey", "answer_key"),
    "benchmarks.comparisons": ("Comparison", "comparison"),
    "benchmarks.counts": ("Counts", "add", "count"),
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
        "hard_stop",
        "optional",
        "over_fields",
        "soft_warning",
    ),
    "benchmarks.regimes": ("Contrast", "compare"),
    "benchmarks.scorecard": ("Scorecard", "score", "tabulate"),
    "benchmarks.spread": ("Estimate",),
    "benchmarks.sweeps": ("Sweep", "sweep"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "AnswerKey",
    "Comparison",
    "Contrast",
    "Counts",
    "Estimate",
    "Operator",
    "Quality",
    "Scorecard",
    "Sweep",
    "add",
    "answer_key",
    "clopper_pearson_interval",
    "compare",
    "comparison",
    "count",
    "exchange_rate",
    "goodman_intervals",
    "hard_stop",
    "newcombe_interval",
    "optional",
    "over_fields",
    "score",
    "soft_warning",
    "sweep",
    "tabulate",
    "wilson_interval",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import benchmarks` stays light."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'benchmarks' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
