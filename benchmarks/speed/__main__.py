"""Measure speed side by side in one run and print ratios: `python -m benchmarks.speed [--cases N] [--json]`.

Seconds depend on the machine and on what else it does; ratios within one run are what to look at.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.speed.line import Line, best_of
from benchmarks.speed.peers import faker_calls, fill, mimesis_calls, misata_tables
from benchmarks.speed.rule_peers import rule_lines
from benchmarks.speed.strategy_peers import strategy_lines
from synth.bundle import Bundle, tables_of
from synth.digest import table_digest
from synth.errors import CasegaugeError
from synth.export import write
from synth.pipeline import generate, make_plan, sheet_of
from synth.systems import Shelf
from synth.truth import Truth

PEER_CASES = 1000
MISATA_CASES = 2000
STAGE_CASES = 65_536  # one block


@contextmanager
def one_thread() -> Iterator[None]:
    """Let Arrow use one thread while the block runs."""
    before = pa.cpu_count()
    pa.set_cpu_count(1)
    try:
        yield
    finally:
        pa.set_cpu_count(before)


def write_tables(bundle: Bundle, folder: Path) -> None:
    """Write the tables as Parquet and nothing else: the physical limit of generating them."""
    for name, table in bundle.tables():
        coded = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
        pq.write_table(table, folder / f"{name.replace('/', '-')}.parquet", compression="snappy", use_dictionary=coded)


def generation(n_cases: int, workers: int) -> Iterator[Line]:
    """Compare generating cases to files with writing the same tables, and with peers filling the same fields."""
    plan = make_plan("oig-20-13")
    bundle = generate("oig-20-13", n_cases=n_cases)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        numbers = iter(range(100))
        with one_thread():
            limit = best_of(lambda: write_tables(bundle, folder))

        ours = best_of(lambda: write(plan, folder / f"out-{next(numbers)}", n_cases=n_cases, workers=workers))
    yield Line(
        f"{n_cases:,} cases x 3 systems with narratives, labels, digest, to Parquet ({workers} worker)", ours,
        "pyarrow writing the same tables, one thread", limit, ours / limit, "<= 1.5", ours <= 1.5 * limit,
    )  # fmt: skip
    for peer, calls in (("Faker", faker_calls(plan, 1)), ("Mimesis", mimesis_calls(plan, 1))):
        taken = best_of(lambda calls=calls: fill(calls, PEER_CASES)) * n_cases / PEER_CASES  # type: ignore[misc]
        goal = {"Faker": 80, "Mimesis": 8}[peer]
        yield Line(
            "the same", ours, f"{peer} filling the same fields ({PEER_CASES} cases, scaled)", taken, taken / ours,
            f">= {goal} times faster", taken >= goal * ours,
        )  # fmt: skip
    taken = best_of(misata_tables(plan, MISATA_CASES, 1), 1) * n_cases / MISATA_CASES
    yield Line(
        "the same", ours, f"misata making the records with a text each ({MISATA_CASES} cases, scaled)", taken,
        taken / ours, ">= 40 times faster", taken >= 40 * ours,
    )  # fmt: skip


def stages(n_cases: int) -> Iterator[Stage]:
    """Yield where the time goes: processor seconds of each stage of making and writing cases, one after another."""
    plan = make_plan("oig-20-13")
    index = np.arange(n_cases, dtype=np.int64)
    with tempfile.TemporaryDirectory() as name, one_thread():
        truth = Truth(plan, index, n_cases)
        yield stage("true values: draws and thresholds", lambda: [truth.codes(each) for each in plan.scenario.truth])
        yield stage("entry: gaps, slips, defects, controls", lambda: sheet_of(plan, truth, n_cases))
        sheet, verdicts = sheet_of(plan, truth, n_cases)
        shelf = Shelf(plan, sheet)
        yield stage("narratives and their spans", lambda: shelf.told)
        yield stage("records as text", lambda: {system: shelf.table(system) for system in plan.scenario.systems})
        yield stage("answers: truth, links, stated, labels, fates", lambda: tables_of(shelf, verdicts)[1])
        records, answers = tables_of(shelf, verdicts)
        bundle = Bundle(plan, n_cases, records, answers)
        yield stage("content digest", lambda: [table_digest(key, table) for key, table in bundle.tables()])
        yield stage("Parquet", lambda: write_tables(bundle, Path(name)))


@dataclass(frozen=True)
class Stage:
    """Processor seconds of one stage."""

    name: str
    seconds: float


def stage(name: str, work: Callable[[], object]) -> Stage:
    """Time one stage, once: what is worked out is kept for the next."""
    start = time.process_time()
    work()
    return Stage(name, time.process_time() - start)


def show_profile() -> int:
    """Print where the time of one block goes."""
    found = list(stages(STAGE_CASES))
    total = sum(each.seconds for each in found)
    for each in found:
        print(f"{each.seconds:8.3f} s  {each.seconds / total:5.1%}  {each.name}")
    print(f"{total:8.3f} s          {STAGE_CASES:,} cases, one after another")
    return 0


def show_memory(n_cases: int, workers: int) -> int:
    """Generate to Parquet and print time and the peak of memory: nothing else runs in this process."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        write(make_plan("oig-20-13"), Path(name) / "out", n_cases=n_cases, workers=workers)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n_cases:,} cases in {time.perf_counter() - start:.1f} s; peak resident memory {peak:,.0f} MB")
    return 0


def main(argv: list[str] | None = None) -> int:
    """Print the comparisons."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--cases", type=int, default=200_000, help="default: 200,000")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the mask comparison; default: 1,000,000")
    parser.add_argument("--workers", type=int, default=1, help="threads that generate; default: 1")
    parser.add_argument("--profile", action="store_true", help="only show where the time of one block goes")
    parser.add_argument("--memory", action="store_true", help="only generate to Parquet, and show the peak of memory")
    parser.add_argument("--only-rules", action="store_true", help="only compare rules")
    parser.add_argument("--only-strategies", action="store_true", help="only compare strategies")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    try:
        if arguments.profile or arguments.memory:
            return show_profile() if arguments.profile else show_memory(arguments.cases, arguments.workers)
        if arguments.only_strategies:
            lines = list(strategy_lines())
        elif arguments.only_rules:
            lines = list(rule_lines(arguments.rows))
        else:
            lines = [
                *generation(arguments.cases, arguments.workers), *rule_lines(arguments.rows), *strategy_lines(),
            ]  # fmt: skip
    except CasegaugeError as problem:
        print(f"benchmarks.speed: error: {problem}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps([asdict(line) for line in lines], indent=1))
        return 0
    for line in lines:
        print(f"{line.work}\n    {line.seconds:.3f} s against {line.against} {line.against_seconds:.3f} s")
        print(f"    ratio {line.ratio:.2f} (goal {line.goal}: {'met' if line.met else 'NOT met'})")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak resident memory of this process: {peak:,.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
