"""Cases as files: a folder with records, answers, a data dictionary, a manifest and a script that checks them all.

The folder is written under a temporary name and moved when it is whole, so an interrupted run leaves nothing behind.
No time, host or path is written: the same scenario, seed, number and regime give the same bytes.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth.bundle import Bundle
from synth.croissant import croissant_of
from synth.datapackage import DataFile, data_package, vocabularies
from synth.dictionary_page import dictionary_blocks, markdown, page_html
from synth.digest import Pieces, TableDigest, content_digest
from synth.errors import OutputError
from synth.file_formats import FORMATS, FileFormat, check_format, format_of
from synth.pipeline import BLOCK, stream
from synth.plan import Plan
from synth.writers import NOTICE, TableWriter, opened, table_in_file

__all__ = ["FORMATS", "VERSION", "Written", "check_format", "fill", "whole_folder", "write", "write_manifest"]

VERSION = "0.1.0"
NOVEL = "answers/novel_placeholders.json"  # placeholders that rules are not told of, by kind of field
VERIFY_SCRIPT = Path(__file__).parent / "verify_script.py"


class _Spool:
    """One table on its way to its place: pieces of `PIECE` rows, digested and written."""

    def __init__(self, name: str, writer: TableWriter, like: pa.Table) -> None:
        self.name, self.writer = name, writer
        self.like = like.slice(0, 0)
        self.digest = TableDigest(name)
        self.pieces = Pieces()
        self.rows = 0

    def add(self, table: pa.Table) -> None:
        """Take in rows, and write out every whole piece."""
        for piece in self.pieces.add(table):
            self._write(piece)

    def close(self) -> None:
        """Write what is left and finish the table."""
        rest = self.pieces.rest()
        if rest.num_rows or not self.rows:
            self._write(rest)
        self.writer.close()

    def _write(self, piece: pa.Table) -> None:
        self.digest.update(piece)
        self.writer.write_table(piece)
        self.rows += piece.num_rows


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        folder: where.
        n_cases: how many cases.
        rows: table -> rows.
        content_digest: one digest of all content, the same for every format.
    """

    folder: Path
    n_cases: int
    rows: Mapping[str, int]
    content_digest: str


def write(
    plan: Plan,
    folder: str | Path,
    *,
    n_cases: int,
    file_format: str = "parquet",
    answers: bool = True,
    workers: int = 1,
    block_size: int = BLOCK,
    progress: Callable[[int], None] = lambda _: None,
) -> Written:
    """Generate cases straight to files.

    Args:
        plan: scenario, seed and regime (`pipeline.make_plan`).
        folder: must not exist yet, or be empty.
        n_cases: 1 to 2**31.
        file_format: one of `FORMATS`; duckdb and xlsx need an extra.
        answers: no = records only, and nothing that tells the seed.
        workers: threads.
        block_size: cases worked on at a time.
        progress: called with the number of cases done, after each step.

    Returns:
        What was written. The folder appears only when it is whole.

    Raises:
        OutputError: the folder exists and is not empty, or cannot be written; or the format cannot hold these cases.
    """
    check_format(file_format, plan.scenario, n_cases)
    with whole_folder(Path(folder)) as temporary:
        manifest = fill(
            plan, temporary, n_cases=n_cases, file_format=file_format, answers=answers, workers=workers,
            block_size=block_size, progress=progress,
        )  # fmt: skip
        write_manifest(temporary, manifest)
    return Written(Path(folder), n_cases, manifest["rows"], manifest["content_digest"])


def fill(
    plan: Plan,
    folder: Path,
    *,
    n_cases: int,
    file_format: str,
    answers: bool = True,
    workers: int = 1,
    block_size: int = BLOCK,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Write everything but the manifest into a folder that is there, and return the manifest to be.

    For callers that add files of their own before `write_manifest`; the arguments are those of `write`.
    """
    check_format(file_format, plan.scenario, n_cases)
    if not answers and not plan.draws.secret:
        raise OutputError("records without answers need a secret: small seeds are found by trying. Give make_plan one.")
    pieces = stream(plan, n_cases=n_cases, workers=workers, block_size=block_size)
    kind = format_of(file_format)
    spools = _spool(pieces, folder, kind, answers=answers, progress=progress)
    return _describe(plan, folder, n_cases, spools, kind, answers=answers)


def _spool(
    pieces: Iterable[Bundle], folder: Path, kind: FileFormat, *, answers: bool, progress: Callable[[int], None]
) -> list[_Spool]:
    """Digest and write one piece, two tables at a time, while the next is being made."""
    spools: dict[str, _Spool] = {}
    done = 0
    with opened(kind.store(folder)) as store, ThreadPoolExecutor(kind.threads) as writers:
        writing: list[Future[None]] = []
        for piece in pieces:
            for job in writing:
                job.result()
            tables = [(name, table) for name, table in piece.tables() if answers or name.startswith("records/")]
            if not spools:
                spools = {name: _Spool(name, store.open_table(name, table.schema), table) for name, table in tables}
            writing = [writers.submit(spools[name].add, table) for name, table in tables]
            done += piece.n_cases
            progress(done)
        for job in writing:
            job.result()
        for spool in spools.values():
            spool.close()
    return list(spools.values())


def _describe(
    plan: Plan, temporary: Path, n_cases: int, spools: list[_Spool], kind: FileFormat, *, answers: bool
) -> dict[str, Any]:
    """Write data dictionary and verify script; return the manifest without its file list."""
    digests = {spool.name: spool.digest.hexdigest() for spool in spools}
    files = _data_files(temporary, digests, kind)
    samples = {spool.name: spool.like for spool in spools}
    named = vocabularies(samples)
    _write_json(temporary / "datapackage.json", data_package(plan, files, samples, named))
    blocks = list(dictionary_blocks(plan, files, samples, answers=answers))
    (temporary / "DICTIONARY.md").write_text(markdown(blocks), encoding="utf-8", newline="\n")
    (temporary / "dictionary.html").write_text(page_html(blocks), encoding="utf-8", newline="\n")
    _write_json(temporary / "croissant.json", croissant_of(plan, files, samples, version=VERSION))
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(texts)}" for name, texts in named.items())
    (temporary / "vocabularies.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8", newline="\n")
    if answers and plan.scenario.novel_placeholders:
        (temporary / "answers").mkdir(exist_ok=True)
        said = {"about": f"{NOTICE} Placeholders that no list tells of, by kind of field."}
        _write_json(temporary / NOVEL, said | plan.scenario.novel_placeholders)
    (temporary / "verify.py").write_bytes(VERIFY_SCRIPT.read_bytes())
    manifest: dict[str, Any] = {
        "about": "Synthetic records made by casegauge. Check this folder with: python verify.py",
        "version": VERSION,
        "scenario": plan.scenario.scenario,
        "scenario_digest": plan.scenario.digest,
        "regime": plan.regime,
        "n_cases": n_cases,
        "rows": {spool.name: spool.rows for spool in spools},
        "content_digest": content_digest(digests),
        "table_digests": digests,
    }
    if answers:
        manifest["seed"] = plan.draws.seed
    return manifest


def _data_files(folder: Path, names: Iterable[str], kind: FileFormat) -> dict[str, DataFile]:
    """Return what is to be said of the file of each table."""
    paths = {name: kind.file_of(name) for name in names}
    sums = {path: file_digest(folder / path) for path in dict.fromkeys(paths.values())}
    return {
        name: DataFile(
            path=path,
            format_name=kind.suffix,
            media_type=kind.media_type,
            size=(folder / path).stat().st_size,
            sha256=sums[path],
            croissant_type=kind.croissant_type,
            is_table=kind.is_table,
            is_counted=kind.is_counted,
            dialect=kind.dialect(table_in_file(name)),
            encoding=kind.encoding,
        )
        for name, path in paths.items()
    }


def _write_json(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n", encoding="utf-8", newline="\n")


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write manifest.json: the SHA-256 of every file in the folder, and of the manifest itself without that line."""
    files = {path.relative_to(folder).as_posix(): file_digest(path) for path in files_in(folder)}
    manifest["files"] = {name: files[name] for name in sorted(files) if name != "manifest.json"}
    manifest.pop("manifest_sha256", None)
    manifest["manifest_sha256"] = manifest_digest(manifest)
    _write_json(folder / "manifest.json", manifest)


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest_digest(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest without its own digest."""
    kept = {key: value for key, value in manifest.items() if key != "manifest_sha256"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder that becomes `folder` when the block ends well, and vanishes when it does not.

    Raises:
        OutputError: the folder is a file, is not empty, or cannot be written.
    """
    target = folder.absolute()
    if target.exists() and not target.is_dir():
        raise OutputError(f"--out {folder} is a file. Name a folder that does not exist yet.")
    if target.is_dir() and any(target.iterdir()):
        raise OutputError(f"--out {folder} is not empty; nothing was written. Name a new or empty folder.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        names = (target.with_name(f".{target.name}.{os.getpid()}-{number}.part") for number in itertools.count())
        temporary = next(name for name in names if not name.exists())
        temporary.mkdir()
    except OSError as problem:
        raise OutputError(
            f"--out {folder} cannot be written ({problem.strerror}). Name a folder you may write to."
        ) from None
    try:
        yield temporary
        if target.exists():  # an empty folder keeps its place: it may be where the user stands
            for path in temporary.iterdir():
                path.rename(target / path.name)
        else:
            temporary.rename(target)
    except OSError as problem:
        raise OutputError(
            f"--out {folder}: writing stopped ({problem.strerror}); nothing is left half-written."
        ) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
