"""The closed forms in one place: what a control does to measured and to true quality, without simulating.

`benchmarks.operators`: who types. `benchmarks.field_model`: one field under a control. `benchmarks.record_model`: a
whole record, which next field to require, break-even. `benchmarks.branch_model`: a conditional branch.
`benchmarks.synchrony`: systems that copy from one another. See `docs/model.md` for the formulas and for what they leave
out.
"""

from __future__ import annotations

from benchmarks.branch_model import BranchQuality, conditional
from benchmarks.field_model import Quality, exchange_rate, hard_stop, mean_quality, optional, soft_warning
from benchmarks.operators import Operator, from_spec, with_not_values, with_pick_list, with_placeholders_rejected
from benchmarks.record_model import (
    BreakEven,
    NextField,
    break_even,
    break_even_honesty,
    break_even_yield,
    next_field_break_even,
    next_field_gain,
    next_field_parts,
    over_fields,
    record_quality,
    record_value,
)
from benchmarks.synchrony import LAYOUTS, chance_revealed, pairwise_agreement

__all__ = [
    "LAYOUTS",
    "BranchQuality",
    "BreakEven",
    "NextField",
    "Operator",
    "Quality",
    "break_even",
    "break_even_honesty",
    "break_even_yield",
    "chance_revealed",
    "conditional",
    "exchange_rate",
    "from_spec",
    "hard_stop",
    "mean_quality",
    "next_field_break_even",
    "next_field_gain",
    "next_field_parts",
    "optional",
    "over_fields",
    "pairwise_agreement",
    "record_quality",
    "record_value",
    "soft_warning",
    "with_not_values",
    "with_pick_list",
    "with_placeholders_rejected",
]
