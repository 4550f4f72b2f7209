"""croissant.json: the folder in ML Commons' Croissant 1.0, so that catalogues and loaders of data sets can read it.

Files are named with their SHA-256. Tables become record sets in formats the mlcroissant library loads: CSV and Parquet.
Other files are listed as files only: databases and workbooks it does not know, in JSON Lines it guesses dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from synth.datapackage import DataFile, primary_key
from synth.plan import Plan
from synth.writers import NOTICE

VERSION = "http://mlcommons.org/croissant/1.0"
_TERMS = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format",
    "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip


def context() -> dict[str, Any]:
    """Return what the words of the file stand for."""
    found: dict[str, Any] = {"@language": "en", "@vocab": "https://schema.org/"}
    found |= {term: f"cr:{term}" for term in _TERMS}
    found |= {
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "rai": "http://mlcommons.org/croissant/RAI/",
        "sc": "https://schema.org/",
    }
    return found


def croissant_of(
    plan: Plan, files: Mapping[str, DataFile], schemas: Mapping[str, pa.Table], *, version: str
) -> dict[str, Any]:
    """Return the Croissant description of a folder.

    Args:
        plan: scenario, seed and regime; neither seed nor key is written.
        files: table name -> its file in the folder.
        schemas: table name -> a table with its columns; the rows are not looked at.
        version: of casegauge, which made the data.
    """
    scenario = plan.scenario
    by_path = {file.path: file for file in files.values()}
    described: dict[str, Any] = {
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": VERSION,
        "name": f"casegauge-{scenario.scenario}",
        "description": f"{NOTICE} {scenario.title}. {scenario.about.strip()} Regime: {plan.regime}.",
        "version": version,
        "citeAs": f"Fictional case records of scenario {scenario.scenario}, regime {plan.regime}, casegauge {version}",
        "isLiveDataset": False,
        "keywords": ["synthetic data", "data quality"],
        "rai:dataCollectionType": "Synthetic",
        "rai:personalSensitiveInformation": "None. Every value is invented.",
        "distribution": [_file_object(file) for file in by_path.values()],
    }
    sets = [_record_set(plan, name, file, schemas[name]) for name, file in files.items() if file.croissant_type]
    return described | ({"recordSet": sets} if sets else {})


def _file_object(file: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": file.croissant_type or file.media_type,
        "sha256": file.sha256,
    }


def _record_set(plan: Plan, name: str, file: DataFile, table: pa.Table) -> dict[str, Any]:
    folder, _, owner = name.partition("/")
    described: dict[str, Any] = {"@type": "cr:RecordSet", "@id": name, "name": name}
    if folder == "records":
        described["description"] = f"{plan.scenario.systems[owner].title}. {NOTICE}"
    key = primary_key(name, table.column_names)
    described |= {"key": _ids(name, key)} if key else {}
    described["field"] = [_field(plan, name, file, column) for column in table.schema]
    return described


def _ids(name: str, columns: Sequence[str]) -> Any:
    found = [{"@id": f"{name}/{column}"} for column in columns]
    return found[0] if len(found) == 1 else found


def _field(plan: Plan, name: str, file: DataFile, column: pa.Field) -> dict[str, Any]:
    folder, _, owner = name.partition("/")
    entry = plan.dictionary.get((owner, column.name)) if folder == "records" else None
    described = {"@type": "cr:Field", "@id": f"{name}/{column.name}", "name": column.name}
    described |= {"description": entry.spec.about} if entry is not None and entry.spec.about else {}
    return described | {
        "dataType": "sc:Integer" if pa.types.is_integer(column.type) else "sc:Text",
        "source": {"fileObject": {"@id": file.path}, "extract": {"column": column.name}},
    }
