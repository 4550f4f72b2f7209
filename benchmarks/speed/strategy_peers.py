"""How fast strategies draw, beside whole numbers in the same run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Hashable, Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from benchmarks.speed.line import Line, best_of
from synth.strategies import bundles, cases

EXAMPLES = 1000
BUNDLES = 100
BATCH = 67
FIRST = """
import hypothesis, time
from synth.strategies import cases
start = time.perf_counter()
@hypothesis.settings(max_examples=1, database=None)
@hypothesis.given(cases())
def look(case): pass
look()
print(time.perf_counter() - start)
"""


def strategy_lines() -> Iterator[Line]:
    """Compare drawing cases, health checks on, with drawing whole numbers; and what a first example takes."""
    numbers = best_of(lambda: _draw(st.integers(), EXAMPLES))
    ours = best_of(lambda: _draw(cases(), EXAMPLES))
    yield Line(
        f"{EXAMPLES} linked, labelled cases by Hypothesis, default settings", ours, "as many whole numbers", numbers,
        numbers / ours, ">= 0.35 of their rate", numbers >= 0.35 * ours,
    )  # fmt: skip
    seen: set[Hashable] = set()
    _draw(cases(), EXAMPLES, seen)
    yield Line(
        f"of {EXAMPLES} cases those unlike all others, apart from their numbers", len(seen), "all of them", EXAMPLES,
        len(seen) / EXAMPLES, ">= 0.9", len(seen) >= 0.9 * EXAMPLES,
    )  # fmt: skip
    batches = best_of(lambda: _draw(bundles(n_cases=BATCH), BUNDLES))
    rate = BATCH * BUNDLES / batches
    yield Line(
        f"{BUNDLES} bundles of {BATCH} cases, most of them the plainest", batches, "10,000 cases a second",
        BATCH * BUNDLES / 10_000, rate / 10_000, ">= 1", rate >= 10_000,
    )  # fmt: skip
    first = min(float(_run(FIRST)) for _ in range(3))
    yield Line("the first example after import", first, "0.3 s", 0.3, first / 0.3, "<= 1", first <= 0.3)


def _run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout  # noqa: S603  # this file's own text


def _draw(strategy: SearchStrategy[Any], examples: int, seen: set[Hashable] | None = None) -> None:
    """Run a test that looks at nothing, at default settings but for how many examples."""

    @settings(max_examples=examples, database=None)
    @given(strategy)
    def look(drawn: Any) -> None:
        if seen is not None:
            wrong = tuple((x.system, x.field, x.recorded) for x in drawn.defects)
            seen.add((tuple(drawn.changed.items()), tuple(drawn.narratives.values()), wrong))

    look()
