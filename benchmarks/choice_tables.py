"""The modeller's choices as rows of text: what each is set to, and how far its range moves the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.comparisons import choices
from benchmarks.ranges import Setting, decisive
from benchmarks.settings import plain
from benchmarks.wording import signed
from synth.spec import Scenario

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
        {"name": name, "says": plain(name), "range": f"{ends[name][0].value} to {ends[name][-1].value}",
         "right": _low_and_high([end.right for end in ends[name]]),
         "wrong": _low_and_high([end.wrong for end in ends[name]]),
         "turns": name in turning, "is_quiet": max(moves[name]) < VISIBLE and name not in turning}
        for name in sorted(ends, key=moves.__getitem__, reverse=True)
    ]  # fmt: skip


def _low_and_high(differences: Sequence[float]) -> str:
    return " / ".join(signed(difference).removesuffix(" points") for difference in differences)


def choice_rows(scenario: Scenario, regimes: Sequence[str] | None = None, *, off: bool = False) -> list[dict[str, Any]]:
    """Return the modeller's choices about people: value, range, grade, anchor, and what a regime changes.

    Args:
        scenario: whose.
        regimes: the regimes whose own values are told; None: all.
        off: yes = those that are switched off instead.
    """
    rows = []
    for each in choices(scenario, regimes):
        if each["off"] is not off or (each["value"] is None and not each["regimes"]):
            continue
        changed = "".join(f"; {regime}: {value}" for regime, value in each["regimes"].items())
        shown = "not moved" if each["low"] is None else f"{each['low']} to {each['high']}"
        rows.append({
            "name": each["parameter"], "says": each["says"], "value": f"{each['value']}{changed}", "range": shown,
            "grade": f"{each['grade']}: {each['grade_says']}", "anchor": each["anchor"],
        })  # fmt: skip
    return rows
