"""The one chart: measured against true, regime by regime, as a self-contained SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.regimes import Contrast

MOST_LETTERS = 24  # of a name beside a row
WIDTH, ROW, TOP = 860, 64, 64
NAMES, LEFT, RIGHT = 194, 264, 84  # where names end; margins that leave room for a value beside the outermost dot
SEEN, TRUE, WRONG, INK, SOFT, LINE = "#b5541c", "#0b6e4f", "#8a1c3b", "#1d2433", "#5b6475", "#d8dde6"


@dataclass(frozen=True)
class Bar:
    """One regime in the chart: shares between 0 and 1, NaN where there was nothing to count."""

    name: str
    measured: float
    true: float
    hidden_wrong: float


def regime_chart(contrast: Contrast) -> str:
    """Return the chart of measured against true, a row a regime."""
    return draw([
        Bar(
            regime,
            contrast.measure(regime, "completeness_naive").value,
            contrast.measure(regime, "correct_of_all").value,
            contrast.measure(regime, "hidden_wrong_of_all").value,
        )
        for regime in contrast.tallies
    ])  # fmt: skip


def axis_range(values: Sequence[float]) -> tuple[float, float]:
    """Return round ends that hold all values, at least four hundredths apart, within 0 and 1.

    Examples:
        >>> axis_range([0.959, 0.994])
        (0.94, 1.0)
    """
    low = max(0.0, math.floor(min(values) * 50 - 0.25) / 50)
    high = min(1.0, math.ceil(max(values) * 50) / 50)
    low = max(0.0, round(min(low, high - 0.04), 2))
    return low, max(high, round(low + 0.04, 2))


def draw(bars: Sequence[Bar]) -> str:
    """Return the chart: per regime a hollow dot (measured), a full one (true) and the gap between them.

    Args:
        bars: the regimes, from top to bottom.
    """
    drawn = [value for bar in bars for value in (bar.measured, bar.true) if not math.isnan(value)]
    low, high = axis_range(drawn or [0.0, 1.0])
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
        f'<circle cx="{NAMES + 24}" cy="20" r="7" fill="#fff" stroke="{SEEN}" stroke-width="3"/>'
        f'<text x="{NAMES + 38}" y="25" fill="{INK}">measured: not blank, as a dashboard counts</text>'
        f'<circle cx="{NAMES + 364}" cy="20" r="8" fill="{TRUE}"/>'
        f'<text x="{NAMES + 378}" y="25" fill="{INK}">true: right, of everything that happened</text>'
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


def _fitting(name: str) -> str:
    """Return a name that fits its margin, cut in the middle where it is longer."""
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS // 2]}...{name[-(MOST_LETTERS // 2 - 3) :]}"


def _row(bar: Bar, y: float, measured: float, true: float) -> list[str]:
    names = [
        _text(NAMES, y - 2, "end", INK, escape(_fitting(bar.name)), "600"),
        _text(NAMES, y + 16, "end", WRONG, f"hidden wrong {_percent(bar.hidden_wrong)}"),
    ]
    if math.isnan(measured + true):
        return [*names, _text(LEFT, y + 5, "start", SOFT, "undefined: no record was made")]
    left, right = min(measured, true), max(measured, true)
    seen_anchor, true_anchor = ("start", "end") if measured >= true else ("end", "start")
    seen_x, true_x = (measured + 13, true - 14) if measured >= true else (measured - 13, true + 14)
    return [
        *names,
        f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{SOFT}" stroke-width="3"/>',
        f'<circle cx="{measured:.1f}" cy="{y:.1f}" r="7" fill="#fff" stroke="{SEEN}" stroke-width="3"/>',
        f'<circle cx="{true:.1f}" cy="{y:.1f}" r="8" fill="{TRUE}"/>',
        _text(seen_x, y + 5, seen_anchor, SEEN, _percent(bar.measured)),
        _text(true_x, y + 5, true_anchor, TRUE, _percent(bar.true)),
    ]


def _text(x: float, y: float, anchor: str, fill: str, words: str, weight: str = "400") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="{fill}" font-weight="{weight}">{words}</text>'


def _percent(share: float) -> str:
    return "undefined" if math.isnan(share) else f"{100 * share:.1f} %"
