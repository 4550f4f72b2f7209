"""One case, readable: truth and records side by side, narratives, what is wrong and where, what became of gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from synth.bundle import Bundle, tables_of
from synth.data_dictionary import NARRATIVE
from synth.pipeline import sheet_of
from synth.plan import Plan
from synth.spec import VERDICTS
from synth.systems import Shelf
from synth.verdicts import statements_of, verdict, without_evasions

BLANK, NOT_ASKED = "(blank)", "-"
Row = dict[str, Any]


@dataclass(frozen=True)
class CaseView:
    """One case with its three verdicts.

    Attributes:
        bundle: its records and answers.
        verdicts: drawn, reviewer and true, as words.
    """

    bundle: Bundle
    verdicts: dict[str, str]

    def rows(self, answer: str) -> list[Row]:
        """Return one table of answers as dictionaries."""
        found: list[Row] = self.bundle.answers[answer].to_pylist()
        return found

    def record(self, system: str) -> Row | None:
        """Return the record in a system, the first where it was entered twice, or None where none was made."""
        again = {row["record_id"] for row in self.rows("labels") if row["defect"] == "duplicate_record"}
        found: list[Row] = [row for row in self.bundle.records[system].to_pylist() if row["record_id"] not in again]
        return found[0] if found else None

    def to_json(self) -> dict[str, Any]:
        """Return the case as plain data."""
        plan = self.bundle.plan
        return {
            "scenario": plan.scenario.scenario, "seed": plan.draws.seed, "regime": plan.regime,
            "verdicts": self.verdicts,
            "truth": self.rows("truth")[0], "records": {name: self.record(name) for name in plan.scenario.systems},
            "stated": self.rows("stated"), "labels": self.rows("labels"), "fates": self.rows("fates"),
        }  # fmt: skip


def view_case(plan: Plan, index: int, n_cases: int | None) -> CaseView:
    """Return one case; the time it takes does not depend on its number."""
    sheet, drawn = sheet_of(plan, np.array([index], np.int64), n_cases)
    records, answers = tables_of(Shelf(plan, sheet), drawn)
    said = statements_of(plan, sheet)
    found = {
        "drawn": drawn,
        "reviewer": verdict(plan, said),
        "true": verdict(plan, without_evasions(sheet, said)),
    }
    words = {kind: VERDICTS[int(codes[0])] for kind, codes in found.items()}
    return CaseView(Bundle(plan, 1, records, answers), words)


def side_by_side(view: CaseView) -> list[list[str]]:
    """Return a row a true value: its name, the truth, and what each system holds; `!` marks what is not as expected."""
    plan = view.bundle.plan
    truth = view.rows("truth")[0]
    marked = {(row["system"], row["field"]) for row in view.rows("labels") if row["class"] != "hard_negative"}
    rows = []
    for name in plan.scenario.truth:
        held = [_held(view, system, name, marked) for system in plan.scenario.systems]
        if any(held):
            rows.append([name, truth[name] or NOT_ASKED, *held])
    return rows


def _held(view: CaseView, system: str, truth: str, marked: set[tuple[str, str]]) -> str:
    """Return what a system holds about a true value; empty where it has no field for it."""
    plan, record = view.bundle.plan, view.record(system)
    for entry in plan.system_fields(system):
        if entry.truth != truth or (entry.source is not None and _typed_too(plan, system, truth)):
            continue
        if record is None:
            return "(no record)"
        blank = BLANK if view.rows("truth")[0][truth] is not None or (system, entry.name) in marked else NOT_ASKED
        mark = "! " if (system, entry.name) in marked else ""
        alias = "" if entry.name == truth else f" ({entry.name})"
        return f"{mark}{record[entry.name] or blank}{alias}"
    return ""


def _typed_too(plan: Plan, system: str, truth: str) -> bool:
    """Return whether a system has a field for a true value beside one it receives."""
    return any(entry.truth == truth and entry.source is None for entry in plan.system_fields(system))


def narratives(view: CaseView) -> Iterator[tuple[str, str]]:
    """Yield each system's narrative; what contradicts another system stands between `>>` and `<<`."""
    for system in view.bundle.plan.told:
        record = view.record(system)
        if record is None:
            yield system, "(no record)"
            continue
        text = record[NARRATIVE] or BLANK
        spans = [(row["span_start"], row["span_end"]) for row in view.rows("labels")
                 if row["defect"] == "narrative_contradiction" and row["system"] == system]  # fmt: skip
        for start, end in sorted(spans, reverse=True):
            text = f"{text[:start]}>>{text[start:end]}<<{text[end:]}"
        yield system, text


def findings(view: CaseView) -> Iterator[str]:
    """Yield a sentence for every label: what is wrong, where, and who could see it; then what only looks wrong."""
    for row in view.rows("labels"):
        if row["class"] != "hard_negative":
            yield f"{_where(row)}: {_what(row)}{_seen_by(row)}"
    for row in view.rows("labels"):
        if row["class"] == "hard_negative":
            yield (f"not wrong: {row['system']} says '{row['recorded']}', "
                   f"{row['other_system']} says '{row['expected']}' ({row['fact']}, {row['defect']})")  # fmt: skip


def _where(row: Row) -> str:
    return f"{row['system']}.{row['field']}" if row["field"] else f"{row['system']} record"


_OF_RECORDS = {
    "off_system": "there is no record of the case here",
    "duplicate_record": "the record was entered twice",
    "late_entry": "the record was entered late",
}


def _what(row: Row) -> str:
    if row["field"] is None:
        return f"{row['defect']}: {_OF_RECORDS[row['defect']]}"
    if row["defect"] == "narrative_contradiction":
        return (f"narrative_contradiction of {row['fact']}: it says '{row['recorded']}', "
                f"the truth is '{row['expected']}', as {row['other_system']} has it")  # fmt: skip
    holds = "is blank" if row["recorded"] is None else f"holds '{_short(row['recorded'])}'"
    truth = "nothing was to be recorded" if row["expected"] is None else f"the truth is '{_short(row['expected'])}'"
    return f"{row['defect']}: {holds}, {truth}"


def _seen_by(row: Row) -> str:
    return f" [seen by: {row['detectable_by'].replace(';', ', ')}]" if row["detectable_by"] else ""


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def outcomes(view: CaseView) -> Iterator[str]:
    """Yield a sentence for every gap: what became of it and what made it so."""
    for row in view.rows("fates"):
        cause = "" if row["cause"] == "none" else f" (because of: {row['cause'].replace('_', ' ')})"
        yield f"{row['system']}.{row['field']}: {row['fate'].replace('_', ' ')}{cause}"
