"""Check a generated folder: every file, and the content digest worked out again from the tables as they are."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synth.digest import Pieces, TableDigest, content_digest
from synth.errors import DataError
from synth.export import VERIFY_SCRIPT
from synth.file_formats import format_of
from synth.readers import schema_of


def check_folder(folder: Path) -> list[str]:
    """Return what is wrong with a generated folder, one line each; empty if nothing is.

    Raises:
        DataError: the folder was not made by casegauge, or is not there.
    """
    if not (folder / "manifest.json").is_file():
        raise DataError(
            f"{folder} has no manifest.json. Name a folder written by `casegauge generate` or `casegauge run`."
        )
    said = StringIO()
    with redirect_stdout(said):
        code = runpy.run_path(str(VERIFY_SCRIPT))["main"](folder)
    lines = [line.removeprefix("FAIL ") for line in said.getvalue().splitlines() if line.startswith("FAIL ")]
    return lines if code else list(_content_problems(folder))


def _content_problems(folder: Path) -> Iterator[str]:
    """Yield the tables whose content is not what the manifest says, although the files are as listed."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    digests = {}
    for name, pieces in read_tables(folder):
        try:
            digests[name] = _digest_of(name, pieces)
        except (DataError, OSError, pa.ArrowException) as problem:
            yield f"{name} cannot be read: {' '.join(str(problem).split())}"
    for name, digest in manifest["table_digests"].items():
        if digests.get(name) != digest:
            yield f"{name}: the content digest is {str(digests.get(name))[:16]}..., the manifest says {digest[:16]}..."
    if content_digest(digests) != manifest["content_digest"]:
        yield f"the content digest is not the manifest's {manifest['content_digest'][:16]}..."


def _digest_of(name: str, tables: Iterator[pa.Table]) -> str:
    """Return the digest of a table that comes in parts of any size."""
    digest, pieces = TableDigest(name), Pieces()
    fed = 0
    for table in tables:
        for piece in pieces.add(table):
            digest.update(piece)
            fed += 1
    rest = pieces.rest()
    if rest.num_rows or not fed:
        digest.update(rest)
    return digest.hexdigest()


def read_tables(folder: Path) -> Iterator[tuple[str, Iterator[pa.Table]]]:
    """Yield the tables of a folder in parts, with the types they were written with, whatever the file format.

    Raises:
        OutputError: the format needs something that is not installed.
    """
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    named = json.loads((folder / "vocabularies.json").read_text(encoding="utf-8"))
    texts = {name: pa.array(words, pa.string()) for name, words in named.items()}
    for resource in package["resources"]:
        kind, fields = format_of(resource["format"]), resource["schema"]["fields"]
        parts = kind.read(folder / resource["path"], resource["table"], fields)
        yield resource["table"], (_typed(part, fields, texts) for part in chain([_no_rows(fields)], parts))


def _no_rows(fields: list[dict[str, Any]]) -> pa.Table:
    """Return a table without rows, so that an empty file has its columns."""
    return schema_of(fields).empty_table()


def _typed(table: pa.Table, fields: list[dict[str, Any]], texts: Mapping[str, pa.Array]) -> pa.Table:
    columns = [_column(table[field["name"]], field, texts) for field in fields]
    return pa.table(columns, names=[field["name"] for field in fields])


def _column(column: pa.ChunkedArray, field: Mapping[str, Any], texts: Mapping[str, pa.Array]) -> pa.Array:
    whole = column.cast(pa.int64() if field["type"] == "integer" else pa.string()).combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    if "vocabulary" in field:
        words = texts[field["vocabulary"]]
        codes = pc.index_in(whole, words)
        if codes.null_count > whole.null_count:
            raise DataError(f"a text of column {field['name']} is not in vocabularies.json")
        return pa.DictionaryArray.from_arrays(codes.cast(pa.int16()), words)
    if field["type"] == "integer" and field["bits"] == 32:
        return whole.cast(pa.int32())
    return whole
