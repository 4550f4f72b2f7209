"""How much the pytest plugin adds to an empty run, and how many records a second the Faker provider draws.

`python -m benchmarks.speed.start`; runs with and without the plugin take turns, and processor seconds are compared, so
that both see the same machine.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from faker import Faker

from synth.faker_provider import CaseProvider

TURNS = 9
DRAWS = 2_000


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (Path(name) / "test_empty.py").write_text("def test_empty(): pass\n", encoding="utf-8")
        rounds = [(_empty_run(name), _empty_run(name, "-p", "no:casegauge")) for _ in range(TURNS)]
    added = statistics.median(here - there for here, there in rounds)
    for title, times in zip(("with", "without"), zip(*rounds, strict=True), strict=True):
        print(f"an empty run {title} the plugin: {1e3 * min(times):.0f} ms at best, median of {TURNS} "
              f"{1e3 * statistics.median(times):.0f} ms")  # fmt: skip
    print(f"added, median of the differences: {1e3 * added:.1f} ms")
    fake = Faker()
    fake.add_provider(CaseProvider)
    for call in (fake.case_record, fake.case_records, fake.case_narrative, fake.placeholder):
        first, rate = _rate(call)
        print(f"{call.__name__}: {rate:,.0f} a second, the first after {first:.2f} s")


def _empty_run(folder: str, *options: str) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603  # our own Python
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _rate(call: Callable[[], object]) -> tuple[float, float]:
    start = time.perf_counter()
    call()
    first = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(DRAWS):
        call()
    return first, DRAWS / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
