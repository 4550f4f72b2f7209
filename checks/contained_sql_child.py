"""What runs in the child process of `checks.contained_sql`; it imports nothing of ours and is given its text.

Standard input: one line of JSON (the conditions and the limits), then a stream of Arrow record batches. Standard
output: one line of JSON when it is ready, then one line for every condition on every batch, followed by one byte a row:
0 false, 1 true, 2 null, 3 null because a text could not be read as a number or a date.
"""

from __future__ import annotations

import json
import sys
from typing import Any

MEGABYTE = 2**20


def limit_memory(megabytes: int, cpu_s: int) -> None:
    """Give the process so many megabytes beyond what it has now, no file and no core dump; where the system can."""
    try:
        import resource
    except ImportError:  # Windows: DuckDB's own limit is all there is
        return
    wanted = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_CPU": cpu_s}
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123  # pathlib is not loaded for this
            wanted["RLIMIT_AS"] = int(statm.read().split()[0]) * resource.getpagesize() + megabytes * MEGABYTE
    except OSError:  # no Linux: an address space that holds what is mapped already is not known
        pass
    for name, value in wanted.items():
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (OSError, ValueError):  # a lower limit is set already
            continue


def connection(megabytes: int) -> Any:
    """Open a database in memory that reads and writes nothing else."""
    import duckdb

    opened = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": f"{megabytes}MB",
            "enable_external_access": "false",
            "python_enable_replacements": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "max_temp_directory_size": "0B",
        },
    )
    opened.execute("SET enable_progress_bar = false")
    opened.execute("SET lock_configuration = true")
    return opened


def answer(opened: Any, condition: str, unreadable: str, n_rows: int) -> bytes:
    """Judge one condition on the batch registered as `t` and return one byte a row, by position."""
    import numpy as np

    kind = str(opened.execute(f"SELECT ({condition}) FROM t LIMIT 0").description[0][1])  # noqa: S608  # vetted
    if kind not in {"BOOLEAN", '"NULL"', "NULL", "SQLNULL"}:
        raise TypeError(f"gives {kind}, not true or false")
    query = (
        "SELECT p, COALESCE(CAST((" + condition + ") AS TINYINT), CASE WHEN " + unreadable + " THEN 3 ELSE 2 END) AS v "
        "FROM t"
    )  # fmt: skip
    got = opened.execute(query).fetchnumpy()
    by_position = np.full(n_rows, 2, dtype=np.int8)
    by_position[np.asarray(got["p"])] = np.asarray(got["v"])  # the order of rows is not promised
    return by_position.tobytes()


def say(head: dict[str, Any], body: bytes = b"") -> None:
    """Write one line and what belongs to it."""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


def serve() -> None:
    """Answer every condition on every batch."""
    job = json.loads(sys.stdin.buffer.readline())
    sys.path.extend(path for path in job["paths"] if path not in sys.path)
    import pyarrow as pa

    opened = connection(job["megabytes"])
    opened.register("t", pa.table({"p": pa.array([0], pa.int64())}))
    opened.execute("SELECT p FROM t").fetchnumpy()  # what is loaded late is loaded before the limit
    limit_memory(job["megabytes"], job["cpu_s"])
    say({"ready": True})
    failed = set()
    for batch in pa.ipc.open_stream(sys.stdin.buffer):
        opened.register("t", pa.Table.from_batches([batch]))
        for number, (condition, unreadable) in enumerate(job["conditions"]):
            if number in failed:
                continue
            try:
                body = answer(opened, condition, unreadable, batch.num_rows)
            except Exception as problem:  # noqa: BLE001  # whatever it is, it is this condition's answer
                failed.add(number)
                say({"number": number, "problem": type(problem).__name__ + ": " + str(problem)[:500]})
            else:
                say({"number": number, "n_bytes": len(body)}, body)


if __name__ == "__main__":
    serve()
