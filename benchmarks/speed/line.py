"""One comparison of a speed measurement."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

REPEATS = 3


@dataclass(frozen=True)
class Line:
    """One comparison: what was timed against what, seconds of both, and the ratio with its goal."""

    work: str
    seconds: float
    against: str
    against_seconds: float
    ratio: float
    goal: str
    met: bool


def best_of(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the shortest of some timings, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
