"""What rules find in records that have no answer key: counts by rule, examples, and the records somebody must mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.rule_files import Given
from checks.complaint import complaint_about
from checks.flags import Flags, RuleFlags
from checks.predicates import kind_of
from synth.errors import DataError, OutputError, nearest

CELLS = ("table", "row", "key", "field", "value", "rule", "severity", "why")
N_EXAMPLES = 3
_MOST_ROWS = 1_048_575  # below the header of a sheet


@dataclass(frozen=True)
class Findings:
    """What rules found.

    Attributes:
        given: the rules, their files, and those left out.
        flags: masks by rule.
        records: the tables.
        key: the columns that name a record to people, together; none: the row number alone.
    """

    given: Given
    flags: Flags
    records: Mapping[str, pd.DataFrame]
    key: tuple[str, ...] = ()

    @property
    def worst(self) -> str:
        """The severity of the worst alert: error, warning or nothing."""
        alarms = {result.alarm for result in self.flags.results}
        return next((severity for severity in ("error", "warning") if severity in alarms), "")

    def to_json(self) -> dict[str, Any]:
        """Counts and examples by rule, and what was left out."""
        return {
            "tables": {name: len(frame) for name, frame in self.records.items()},
            "n_source_rules": self.given.n_source,
            "worst": self.worst or None,
            "rules": [self._rule_json(result) for result in self.flags.results],
            "left_out": [vars(entry) for entry in self.given.left_out],
        }

    def _rule_json(self, result: RuleFlags) -> dict[str, Any]:
        return {
            "id": result.rule.id,
            "file": self.given.origins[result.rule.id].file,
            "table": result.system,
            "kind": kind_of(result.rule.predicate),
            "level": result.rule.level,
            "severity": result.rule.severity,
            "n_rows": self.flags.n_rows[result.system],
            "n_evaluated": result.n_evaluated,
            "n_fail": result.n_fail,
            "measured": _plain(result.measured),
            "alert": result.alarm or None,
            "examples": self.examples(result),
        }

    def examples(self, result: RuleFlags, n: int = N_EXAMPLES) -> list[dict[str, Any]]:
        """Return the first failing rows of a rule: row (1 = the first), key, and the values of the blamed fields."""
        frame = self.records[result.system]
        shown = []
        for row in np.flatnonzero(result.fail)[:n].tolist():
            values = {field: _plain(frame[field].iloc[row]) for field, mask in result.blamed.items() if mask[row]}
            keys = self._keys(frame, np.array([row]))
            shown.append({"row": row + 1, "key": None if keys is None else keys[0], "values": values})
        return shown

    def _keys(self, frame: pd.DataFrame, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.object_] | None:
        """The keys of some rows, null where they have none; several parts joined, a null part as -; None: no key."""
        parts = [frame[name].iloc[rows].astype("string").reset_index(drop=True)
                 for name in self.key if name in frame.columns]  # fmt: skip
        if not parts:
            return None
        joined = parts[0].str.cat(pd.concat(parts[1:], axis=1), sep=" / ", na_rep="-") if len(parts) > 1 else parts[0]
        return np.asarray(joined.astype("object").where(joined.notna(), None), dtype=object)

    def cells(self) -> pd.DataFrame:
        """Return one row per cell a rule blames (or per record, where it blames none), in the order of the data.

        Columns: table, row (1 = the first below the header), key, field, value, rule, severity, why.
        """
        parts = [self._cells_of(result) for result in self.flags.results if result.n_fail]
        table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CELLS))
        order = {name: place for place, name in enumerate(self.records)}
        return table.sort_values(
            ["table", "row"], key=lambda column: column.map(order) if column.name == "table" else column,
            kind="stable", ignore_index=True,
        )  # fmt: skip

    def _cells_of(self, result: RuleFlags) -> pd.DataFrame:
        frame = self.records[result.system]
        why = result.rule.description or complaint_about(result.rule.predicate)
        blamed = {field: mask for field, mask in result.blamed.items() if mask.any()} or {"": result.fail}
        parts = []
        for field, mask in blamed.items():
            rows = np.flatnonzero(mask)
            values = frame[field].iloc[rows].astype("string").to_numpy() if field else None
            parts.append(
                pd.DataFrame(
                    {"table": result.system, "row": rows + 1, "key": self._keys(frame, rows), "field": field,
                     "value": values, "rule": result.rule.id, "severity": result.rule.severity, "why": why}
                )
            )  # fmt: skip
        return pd.concat(parts, ignore_index=True)

    def failing_records(self) -> dict[str, pd.DataFrame]:
        """Return, by table, the records with a failing rule as they stand, after `row` and the rules that fail."""
        failing = {}
        for name, frame in self.records.items():
            results = [result for result in self.flags.results if result.system == name and result.n_fail]
            if not results:
                continue
            rows = np.flatnonzero(np.logical_or.reduce([result.fail for result in results]))
            masks = np.array([result.fail[rows] for result in results])
            ids = [result.rule.id for result in results]
            fails = ["; ".join(ids[place] for place in np.flatnonzero(column)) for column in masks.T]
            kept = frame.iloc[rows].reset_index(drop=True)
            names = [_free(wanted, frame) for wanted in ("row", "rules")]
            failing[name] = pd.concat([pd.DataFrame(dict(zip(names, (rows + 1, fails), strict=True))), kept], axis=1)
        return failing


def check_key(key: Sequence[str], records: Mapping[str, pd.DataFrame]) -> None:
    """Refuse a key of which no table has a column."""
    columns = {str(column) for frame in records.values() for column in frame.columns}
    for name in key:
        if name not in columns:
            raise DataError(f"key {name!r} is not a column of any table. {nearest(name, columns)}")


def check_new(path: Path | None, ending: str) -> None:
    """Refuse to write over a file, into a folder that is not there, or under another ending."""
    if path is None:
        return
    if path.suffix.lower() != ending:
        raise OutputError(f"{path}: must end in {ending}.")
    if path.exists():
        raise OutputError(f"{path}: is there already; nothing was written. Name a new file.")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}. Make it first.")


def write_csv(findings: Findings, path: Path) -> int:
    """Write the cells to be mended as CSV, and return how many."""
    cells = findings.cells()
    cells.to_csv(path, index=False, lineterminator="\n")
    return len(cells)


def write_xlsx(findings: Findings, path: Path) -> int:
    """Write an Excel file: rules, cells to be mended, failing records by table; return the number of cells."""
    try:
        import xlsxwriter
    except ImportError:
        raise OutputError("Excel files need xlsxwriter. Install it: pip install 'casegauge[excel]'.") from None
    cells = findings.cells()
    sheets: dict[str, pd.DataFrame] = {"rules": _rules_table(findings), "cells to mend": cells}
    for name, frame in findings.failing_records().items():
        sheets[_sheet_name(name, sheets)] = frame
    too_long = [name for name, frame in sheets.items() if len(frame) > _MOST_ROWS]
    if too_long:
        raise OutputError(f"{path}: sheet {too_long[0]!r} would have more rows than Excel takes. Use --csv.")
    options = {"constant_memory": True, **dict.fromkeys(("strings_to_formulas", "strings_to_urls"), False)}
    with xlsxwriter.Workbook(path, options) as book:
        head = book.add_format({"bold": True})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(frame), max(len(frame.columns) - 1, 0))
            sheet.write_row(0, 0, [str(column) for column in frame.columns], head)
            for number, row in enumerate(frame.itertuples(index=False, name=None), start=1):
                sheet.write_row(number, 0, [_cell(value) for value in row])
    return len(cells)


def _rules_table(findings: Findings) -> pd.DataFrame:
    rows = [
        [result.rule.id, result.system, findings.given.origins[result.rule.id].file, result.rule.severity,
         result.n_evaluated, result.n_fail, _plain(result.measured), result.alarm or "", result.rule.description]
        for result in findings.flags.results
    ]  # fmt: skip
    rows += [[entry.id, "", entry.file, "", None, None, None, "left out", entry.reason]
             for entry in findings.given.left_out]  # fmt: skip
    columns = [
        "rule",
        "table",
        "file",
        "severity",
        "rows evaluated",
        "rows failing",
        "measured",
        "alert",
        "description",
    ]
    return pd.DataFrame(rows, columns=columns)


def _sheet_name(name: str, taken: Mapping[str, Any]) -> str:
    """A name Excel takes: at most 31 signs, none of those it keeps for itself, not taken yet."""
    plain = "".join("_" if sign in "[]:*?/\\" else sign for sign in name)[:31].strip("'") or "table"
    lower = {other.lower() for other in taken}
    found, number = plain, 1
    while found.lower() in lower or found.lower() == "history":
        number += 1
        found = f"{plain[:27]}-{number}"
    return found


def _free(wanted: str, frame: pd.DataFrame) -> str:
    while wanted in frame.columns:
        wanted = f"_{wanted}"
    return wanted


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, (str, bool, int, float)):
        return value
    is_day = isinstance(value, pd.Timestamp) and value.tz is None and value == value.normalize()
    return value.date().isoformat() if is_day else str(value)


def _cell(value: Any) -> Any:
    plain = _plain(value)
    return plain[:32_767] if isinstance(plain, str) else plain
