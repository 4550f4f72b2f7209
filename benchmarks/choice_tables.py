"""The modeller's choices as rows of text: what each is set to, and how far its range moves the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.ranges import Setting, decisive
from benchmarks.wording import PLAIN, signed
from synth.controls import operator_under
from synth.spec import OperatorSpec, Scenario

VISIBLE = 0.001  # a tenth of a percentage point: a choice that moves the answer by less is folded away


def range_rows(settings: Sequence[Setting]) -> list[dict[str, Any]]:
    """Return one row a parameter, both ends of its range in it, what moves right entries furthest first.

    Args:
        settings: the central setting, then the low and the high end of every range.

    Examples:
        >>> central, low, high = Setting("", "", 0.02, 0), Setting("k", "0.1", 0.01, 0), Setting("k", "0.9", 0.04, 0)
        >>> row, = range_rows([central, low, high])
        >>> row["range"], row["right"], row["is_quiet"]
        ('0.1 to 0.9', '+1.00 / +4.00', False)
    """
    ends: dict[str, list[Setting]] = {}
    for setting in settings[1:]:
        ends.setdefault(setting.parameter, []).append(setting)
    moves = {
        name: [max(abs(getattr(end, side) - getattr(settings[0], side)) for end in both) for side in ("right", "wrong")]
        for name, both in ends.items()
    }
    turning = decisive(settings) if settings else []
    return [
        {"name": name, "says": PLAIN.get(name, ""), "range": f"{ends[name][0].value} to {ends[name][-1].value}",
         "right": _low_and_high([end.right for end in ends[name]]),
         "wrong": _low_and_high([end.wrong for end in ends[name]]),
         "turns": name in turning, "is_quiet": max(moves[name]) < VISIBLE and name not in turning}
        for name in sorted(ends, key=moves.__getitem__, reverse=True)
    ]  # fmt: skip


def _low_and_high(differences: Sequence[float]) -> str:
    return " / ".join(signed(difference).removesuffix(" points") for difference in differences)


def choice_rows(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the operator's parameters: value, range, and what a regime changes."""
    rows = []
    for name in OperatorSpec.model_fields:
        value = getattr(scenario.operator, name)
        if value is None or name not in PLAIN:
            continue
        low, high = scenario.ranges.get(name, (None, None))
        own = {
            regime: getattr(operator_under(scenario, regime), name)
            for regime, spec in scenario.regimes.items() if name in spec.operator
        }  # fmt: skip
        changed = "".join(f"; {regime}: {other}" for regime, other in own.items())
        shown = "not given" if low is None else f"{low} to {high}"
        rows.append({"name": name, "says": PLAIN[name], "value": f"{value}{changed}", "range": shown})
    return rows
