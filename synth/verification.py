"""Check a generated folder: every file, and the content digest worked out again from the tables as they are."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq

from synth.digest import content_digest, table_digest
from synth.errors import DataError
from synth.export import VERIFY_SCRIPT


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
    digests = {name: table_digest(name, table) for name, table in read_tables(folder)}
    for name, digest in manifest["table_digests"].items():
        if digests.get(name) != digest:
            yield f"{name}: the content digest is {str(digests.get(name))[:16]}..., the manifest says {digest[:16]}..."
    if content_digest(digests) != manifest["content_digest"]:
        yield f"the content digest is not the manifest's {manifest['content_digest'][:16]}..."


def read_tables(folder: Path) -> Iterator[tuple[str, pa.Table]]:
    """Yield the tables of a folder with the types they were written with, whatever the file format."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    named = json.loads((folder / "vocabularies.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        path = folder / resource["path"]
        table = _read_csv(path) if path.suffix == ".csv" else pq.read_table(path)
        columns = [_typed(table[field["name"]], field, named) for field in resource["schema"]["fields"]]
        yield resource["table"], pa.table(columns, names=[field["name"] for field in resource["schema"]["fields"]])


def _read_csv(path: Path) -> pa.Table:
    """Read every column as text; an empty field is null."""
    with path.open(encoding="utf-8") as file:
        names = [name.strip('"\n') for name in file.readline().split(",")]
    options = pv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    return pv.read_csv(path, convert_options=options)


def _typed(column: pa.ChunkedArray, field: dict[str, Any], named: dict[str, list[str]]) -> pa.ChunkedArray:
    if "vocabulary" in field:
        texts = pa.array(named[field["vocabulary"]], pa.string())
        codes = pc.index_in(column.cast(pa.string()), texts)
        whole = codes.cast(pa.int16()).combine_chunks()
        return pa.chunked_array([pa.DictionaryArray.from_arrays(whole, texts)])
    if field["type"] == "integer":
        return column.cast(pa.int32() if field["bits"] == 32 else pa.int64())
    return column
