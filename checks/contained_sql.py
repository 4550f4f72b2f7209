"""Run SQL conditions on a table where they can do no harm: a child process with limits, and in it a locked DuckDB.

The conditions have been vetted before (`checks.sql_expression`); this holds even if one slipped through. The child has
its own interpreter, started in isolation, with a bounded address space (Linux; elsewhere, Windows for one, DuckDB's own
memory limit is all there is), no files to write and a limit on the time each condition may take. It gets the columns
needed, batch by batch, and gives back one byte a row by position. If it dies, the condition it was at is named, and
the others go on in a new one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth.errors import RuleError

TIME_LIMIT_S = 10.0  # for one condition on one table of at most a million rows
START_LIMIT_S = 60.0
MEMORY_MB = 200  # beyond what the child needs to stand there, about 150
ROWS_A_BATCH = 131_072
BYTES_A_BATCH = 16 * 2**20
FALSE, TRUE, NULL, UNREADABLE = 0, 1, 2, 3
_CODE = Path(__file__).with_name("contained_sql_child.py")
_MODULES = ("duckdb", "pyarrow", "numpy")

Outcome: TypeAlias = "npt.NDArray[np.int8]"


@dataclass(frozen=True)
class Condition:
    """A vetted condition, written for DuckDB.

    Attributes:
        written: over the columns of the table it will be judged on.
        unreadable: says, where the condition is null, whether that is because a text could not be read.
    """

    written: str
    unreadable: str = "FALSE"


@dataclass
class _Job:
    """A condition on its way: what is known, how long it may take and still may, why it was given up."""

    condition: Condition
    outcome: Outcome
    limit_s: float
    left_s: float
    problem: RuleError | None = None


def outcomes(
    conditions: Sequence[Condition], table: pa.Table, *, time_limit_s: float | None = None
) -> list[Outcome | RuleError]:
    """Judge conditions on the rows of one table.

    Args:
        conditions: over the columns of `table`, which has no column named p.
        table: what they read.
        time_limit_s: for each condition; default: TIME_LIMIT_S, and as much for every further million rows.

    Returns:
        For each condition one FALSE, TRUE, NULL or UNREADABLE a row, by position, or why there is none.

    Examples:
        >>> outcomes([Condition("a > 0"), Condition("b")], pa.table({"a": [1, None, -1], "b": ["x", "y", "z"]}))
        [array([1, 2, 0], dtype=int8), RuleError('gives VARCHAR, not true or false')]
    """
    if find_spec("duckdb") is None:
        raise RuleError("SQL cannot be run (duckdb is not installed). Install it: pip install 'casegauge[sql]'.")
    n_rows = table.num_rows
    limit = TIME_LIMIT_S * max(1.0, n_rows / 1e6) if time_limit_s is None else time_limit_s
    jobs = [_Job(condition, np.full(n_rows, NULL, dtype=np.int8), limit, limit) for condition in conditions]
    start, left = 0, jobs
    while left and start < n_rows:
        start = _attempt(left, table, start)
        left = [job for job in left if job.problem is None]
    return [job.problem or job.outcome for job in jobs]


def _attempt(jobs: Sequence[_Job], table: pa.Table, start: int) -> int:
    """Run conditions from a row on in one child; return the row from which those that are left have to go on."""
    rows = _rows_a_batch(table)
    with _Child(jobs) as child:
        if not child.ready():
            raise RuleError(f"SQL cannot be run: the process for it does not start ({child.last_words()}).")
        child.send(_batches(table, start, rows))
        for place in range(start, table.num_rows, rows):
            n_rows = min(rows, table.num_rows - place)
            for number, job in enumerate(jobs):
                if job.problem is None and not child.take(number, job, place, n_rows):
                    return place
    return int(table.num_rows)


def _rows_a_batch(table: pa.Table) -> int:
    bytes_a_row = int(table.nbytes) // max(1, int(table.num_rows)) + 1
    rows: int = min(ROWS_A_BATCH, BYTES_A_BATCH // bytes_a_row)
    return max(1, rows)


def _batches(table: pa.Table, start: int, rows: int) -> Iterator[pa.RecordBatch]:
    """The rows from one on, in batches of the same number, each with the position in the batch as column p."""
    for place in range(start, table.num_rows, rows):
        part = table.slice(place, rows)
        positions = pa.array(np.arange(part.num_rows, dtype=np.int64))
        yield from part.append_column("p", positions).combine_chunks().to_batches()


class _Child:
    """The process, its pipes, and the watch that kills it."""

    def __init__(self, jobs: Sequence[_Job]) -> None:
        self.jobs = jobs
        self.timed_out = False
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and code; what is foreign goes in as data
            [sys.executable, "-I", "-c", _CODE.read_text(encoding="utf-8")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self._watch(None)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # all three are pipes
        self.process.wait()

    def ready(self) -> bool:
        """Send the conditions and wait until the child has what it needs."""
        job = {
            "conditions": [(job.condition.written, job.condition.unreadable) for job in self.jobs],
            "megabytes": MEMORY_MB,
            "cpu_s": int(START_LIMIT_S + sum(job.left_s for job in self.jobs)) + 1,
            "paths": list(dict.fromkeys(str(_home(name)) for name in _MODULES)),
        }
        self._watch(START_LIMIT_S)
        threading.Thread(target=self._write, args=(json.dumps(job).encode() + b"\n",), daemon=True).start()
        return self._line() is not None

    def send(self, batches: Iterator[pa.RecordBatch]) -> None:
        """Write the rows, beside the reading of answers."""
        threading.Thread(target=self._stream, args=(batches,), daemon=True).start()

    def take(self, number: int, job: _Job, place: int, n_rows: int) -> bool:
        """Read the answer of one condition on one batch; False if there will be none because the child is dead."""
        before = time.monotonic()
        self._watch(job.left_s)
        head = self._line()
        body = b"" if head is None else self._read(head.get("n_bytes", 0))
        self._watch(None)
        job.left_s -= time.monotonic() - before
        if head is not None and head["number"] == number and "problem" in head:
            job.problem = RuleError(_one_line(head["problem"]))
            return True
        if head is None or len(body) != n_rows:
            job.problem = RuleError(self._why(job))
            return False
        job.outcome[place : place + n_rows] = np.frombuffer(body, dtype=np.int8)
        return True

    def last_words(self) -> str:
        """The last line of what the child wrote to standard error."""
        self.process.kill()
        said = self.process.stderr.read().decode(errors="replace").strip()  # type: ignore[union-attr]
        return said.splitlines()[-1][:200] if said else "no reason given"

    def _why(self, job: _Job) -> str:
        if self.timed_out:
            return f"takes more than {job.limit_s:g} s and was stopped; write it simpler."
        return f"needs more than {MEMORY_MB} MB or ends the process it runs in; write it simpler."

    def _watch(self, seconds: float | None) -> None:
        """Kill the child after so many seconds; None: not any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if seconds is not None:
            self._timer = threading.Timer(max(seconds, 0.05), self._kill)
            self._timer.daemon = True
            self._timer.start()

    def _kill(self) -> None:
        self.timed_out = True
        self.process.kill()

    def _line(self) -> dict[str, Any] | None:
        line = self.process.stdout.readline()  # type: ignore[union-attr]
        return json.loads(line) if line.endswith(b"\n") else None

    def _read(self, n_bytes: int) -> bytes:
        return self.process.stdout.read(n_bytes) if n_bytes else b""  # type: ignore[union-attr]

    def _write(self, line: bytes) -> None:
        with suppress(OSError, ValueError):  # it is dead, or closed
            self.process.stdin.write(line)  # type: ignore[union-attr]
            self.process.stdin.flush()  # type: ignore[union-attr]

    def _stream(self, batches: Iterator[pa.RecordBatch]) -> None:
        with suppress(OSError, ValueError, pa.ArrowException):
            first = next(batches)
            with pa.ipc.new_stream(self.process.stdin, first.schema) as stream:
                stream.write_batch(first)
                for batch in batches:
                    stream.write_batch(batch)
            self.process.stdin.close()  # type: ignore[union-attr]


def _home(module: str) -> Path:
    """The folder a module is imported from, which an isolated interpreter need not know."""
    found = find_spec(module)
    return Path(found.origin or ".").parent.parent if found is not None else Path()


def _one_line(said: str) -> str:
    """DuckDB's words without the kind of exception, advice and drawing."""
    name, _, text = said.partition(": ")
    if name in {"OutOfMemoryException", "MemoryError"}:
        return f"needs more than {MEMORY_MB} MB; write it simpler."
    first = next((line for line in text.splitlines() if line.strip()), name)
    return " ".join(first.split())[:200].replace("Conversion Error: ", "").replace("Binder Error: ", "")
