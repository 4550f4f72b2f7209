"""Whether a written folder says that it is synthetic: in the files that describe it, and in its data where it can.

Of each format a line in `MARKED_BY` says where its files carry the statement. Text files of rows have no place for it;
for those the files beside them speak. A format without a line is found to be unmarked.
"""

from __future__ import annotations

import importlib
import json
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq

from synth.errors import DataError

MARK = "Synthetic records made by casegauge"
ABOUT = "about"  # the table of a database that says so
METADATA = b"synthetic"  # the key under which a Parquet file says so
DESCRIPTIONS = ("datapackage.json", "manifest.json")  # of every folder
PARTS = ("records", "answers")  # folders of data, or files of that name
MORE_DESCRIPTIONS = ("DICTIONARY.md", "dictionary.html", "croissant.json")  # where there are any


def _in_parquet(path: Path) -> str:
    metadata: Mapping[bytes, bytes] = pq.read_metadata(path).metadata or {}
    return metadata.get(METADATA, b"").decode()


def _in_json(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8")).get("about", ""))


def _in_sqlite(path: Path) -> str:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return str(connection.execute(f"SELECT notice FROM {ABOUT}").fetchone())  # noqa: S608  # our own name
        except sqlite3.OperationalError:
            return ""


def _in_duckdb(path: Path) -> str:
    try:
        duckdb = importlib.import_module("duckdb")
    except ImportError:
        raise DataError(f"{path.name} is read with duckdb. Run: pip install 'casegauge[duckdb]'") from None
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        try:
            return str(connection.execute(f"SELECT notice FROM {ABOUT}").fetchone())  # noqa: S608  # our own name
        except duckdb.Error:
            return ""


def _in_workbook(path: Path) -> str:
    with zipfile.ZipFile(path) as packed:
        named = [name for name in packed.namelist() if name == "docProps/core.xml"]
        return "".join(packed.read(name).decode() for name in named)


# By the ending of a data file: what holds the statement, and how to read it; None where a file has no place for it.
MARKED_BY: Mapping[str, tuple[str, Callable[[Path], str] | None]] = {
    "json": ("the key `about`", _in_json),
    "parquet": ("the key `synthetic` of the file's metadata", _in_parquet),
    "csv": ("the files beside it", None),
    "jsonl": ("the files beside it", None),
    "sqlite": ("the table `about`", _in_sqlite),
    "duckdb": ("the table `about`", _in_duckdb),
    "xlsx": ("the workbook's properties", _in_workbook),
}


def unmarked(folder: str | Path) -> list[str]:
    """Return one line for every file of a written folder that should say it is synthetic and does not.

    Args:
        folder: as `synth.export.write` leaves it.

    Raises:
        DataError: no such folder, or a library to read a format is not installed.

    Examples:
        >>> import tempfile
        >>> from synth.export import write
        >>> from synth.pipeline import make_plan
        >>> place = Path(tempfile.mkdtemp()) / "data"
        >>> written = write(make_plan("reference"), place, n_cases=2, file_format="csv")
        >>> unmarked(place)
        []
        >>> (place / "datapackage.json").unlink()
        >>> unmarked(place)
        ['datapackage.json is missing, and should say that the records are synthetic']
    """
    place = Path(folder)
    if not place.is_dir():
        raise DataError(f"{folder} is no folder. Name one that casegauge wrote.")
    return [*_descriptions(place), *_data_files(place)]


def _descriptions(place: Path) -> list[str]:
    lines = [
        f"{name} is missing, and should say that the records are synthetic"
        for name in DESCRIPTIONS
        if not (place / name).is_file()
    ]
    there = [name for name in (*DESCRIPTIONS, *MORE_DESCRIPTIONS) if (place / name).is_file()]
    texts = {name: (place / name).read_text(encoding="utf-8") for name in there}
    lines += [f"{name} does not say that the records are synthetic" for name in there if MARK not in texts[name]]
    if "datapackage.json" in texts and json.loads(texts["datapackage.json"]).get("synthetic") is not True:
        lines.append("datapackage.json does not say `synthetic: true`")
    return lines


def _data_files(place: Path) -> list[str]:
    of_data = [path for path in sorted(place.rglob("*")) if path.relative_to(place).parts[0].split(".")[0] in PARTS]
    return [line for path in of_data if path.is_file() for line in _data_file(place, path)]


def _data_file(place: Path, path: Path) -> list[str]:
    name, ending = path.relative_to(place).as_posix(), path.suffix.removeprefix(".")
    if ending not in MARKED_BY:
        return [f"{name}: it is not known how a file of this format says that it is synthetic"]
    where, read = MARKED_BY[ending]
    if read is None or MARK in read(path):
        return []
    return [f"{name} does not say that it is synthetic: it should in {where}"]
