"""The one chart: measured against true, regime by regime, as a self-contained SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, ROW, TOP, LEFT, RIGHT = 860, 64, 64, 210, 60
SEEN, TRUE, WRONG, INK, SOFT, LINE = "#b5541c", "#0b6e4f", "#8a1c3b", "#1d2433", "#5b6475", "#d8dde6"


@dataclass(frozen=True)
class Bar:
    """One regime in the chart: shares between 0 and 1."""

    name: str
    measured: float
    true: float
    hidden_wrong: float


def axis_range(values: Sequence[float]) -> tuple[float, float]:
    """Return round ends that hold all values, at least four hundredths apart, within 0 and 1.

    Examples:
        >>> axis_range([0.959, 0.994])
        (0.94, 1.0)
    """
    low = max(0.0, math.floor(min(values) * 50 - 0.25) / 50)
    high = min(1.0, math.ceil(max(values) * 50) / 50)
    return round(min(low, high - 0.04), 2), high


def chart(bars: Sequence[Bar]) -> str:
    """Return the chart: per regime a hollow dot (measured), a full one (true) and the gap between them.

    Args:
        bars: the regimes, from top to bottom.
    """
    low, high = axis_range([value for bar in bars for value in (bar.measured, bar.true)])
    height = TOP + ROW * len(bars) + 34

    def place(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)

    parts = [_legend(), *_axis(low, high, height, place(low), place(high))]
    for number, bar in enumerate(bars):
        parts += _row(bar, TOP + ROW * number + ROW / 2, place(bar.measured), place(bar.true))
    label = "; ".join(f"{bar.name}: measured {_percent(bar.measured)}, true {_percent(bar.true)}" for bar in bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(label, quote=True)}" font-family="system-ui, sans-serif" font-size="14">'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{"".join(parts)}</svg>'
    )


def _legend() -> str:
    return (
        f'<circle cx="{LEFT + 8}" cy="20" r="7" fill="#fff" stroke="{SEEN}" stroke-width="3"/>'
        f'<text x="{LEFT + 22}" y="25" fill="{INK}">measured: not blank, as a dashboard counts</text>'
        f'<circle cx="{LEFT + 348}" cy="20" r="8" fill="{TRUE}"/>'
        f'<text x="{LEFT + 362}" y="25" fill="{INK}">true: right, of everything that happened</text>'
    )


def _axis(low: float, high: float, height: int, left: float, right: float) -> list[str]:
    steps = 4 if high - low > 0.2 else max(2, round((high - low) / 0.02))
    parts = []
    for step in range(steps + 1):
        x = left + (right - left) * step / steps
        value = low + (high - low) * step / steps
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 18}" y2="{height - 30}" stroke="{LINE}"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{height - 10}" text-anchor="middle" fill="{SOFT}">{100 * value:.0f} %</text>'
        )
    return parts


def _row(bar: Bar, y: float, measured: float, true: float) -> list[str]:
    left, right = min(measured, true), max(measured, true)
    seen_anchor, true_anchor = ("start", "end") if measured >= true else ("end", "start")
    seen_x, true_x = (measured + 13, true - 14) if measured >= true else (measured - 13, true + 14)
    return [
        f'<text x="{LEFT - 16}" y="{y - 2:.1f}" text-anchor="end" font-weight="600" fill="{INK}">{escape(bar.name)}</text>',
        f'<text x="{LEFT - 16}" y="{y + 16:.1f}" text-anchor="end" font-size="12" fill="{WRONG}">'
        f"hidden wrong {_percent(bar.hidden_wrong)}</text>",
        f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{SOFT}" stroke-width="3"/>',
        f'<circle cx="{measured:.1f}" cy="{y:.1f}" r="7" fill="#fff" stroke="{SEEN}" stroke-width="3"/>',
        f'<circle cx="{true:.1f}" cy="{y:.1f}" r="8" fill="{TRUE}"/>',
        f'<text x="{seen_x:.1f}" y="{y + 5:.1f}" text-anchor="{seen_anchor}" fill="{SEEN}">{_percent(bar.measured)}</text>',
        f'<text x="{true_x:.1f}" y="{y + 5:.1f}" text-anchor="{true_anchor}" fill="{TRUE}">{_percent(bar.true)}</text>',
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
