"""One case, readable: truth and records side by side, narratives, what is wrong and where, what became of gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
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
CUT_HERE = " [cut off here]"
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
        return next((row for row in self._held(system) if row["record_id"] not in self._again), None)

    def second(self, system: str) -> Row | None:
        """Return the second record in a system, or None where it was not entered twice."""
        return next((row for row in self._held(system) if row["record_id"] in self._again), None)

    def _held(self, system: str) -> list[Row]:
        found: list[Row] = self.bundle.records[system].to_pylist()
        return found

    @cached_property
    def _again(self) -> set[str]:
        return {row["record_id"] for row in self.rows("labels") if row["defect"] == "duplicate_record"}

    def to_json(self) -> dict[str, Any]:
        """Return the case as plain data."""
        plan = self.bundle.plan
        return {
            "scenario": plan.scenario.scenario, "seed": plan.draws.seed, "regime": plan.regime,
            "verdicts": self.verdicts,
            "truth": self.rows("truth")[0], "records": {name: self.record(name) for name in plan.scenario.systems},
            "second_records": {name: self.second(name) for name in plan.scenario.systems if self.second(name)},
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
    """Yield each system's narrative: contradictions between `>>` and `<<`, a note where the text is cut off."""
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
        cut = any(row["defect"] == "narrative_truncated" and row["system"] == system for row in view.rows("labels"))
        yield system, text + (CUT_HERE if cut else "")


def findings(view: CaseView) -> Iterator[str]:
    """Yield a sentence for every label: what is wrong, where, and who could see it; then what only looks wrong."""
    for row in view.rows("labels"):
        if row["class"] != "hard_negative":
            yield f"{_where(row)}: {row['defect']}{_what(view, row)}{_kind_of(row)}"
    for row in view.rows("labels"):
        if row["class"] == "hard_negative":
            yield (f"not wrong: {row['system']} says '{row['recorded']}', "
                   f"{row['other_system']} says '{row['expected']}' ({row['fact']}, {row['defect']})")  # fmt: skip


def _where(row: Row) -> str:
    return f"{row['system']}.{row['field']}" if row["field"] else f"{row['system']} record"


def _what(view: CaseView, row: Row) -> str:
    """Return what is wrong, in words that go on from the name of the defect."""
    if row["field"] is None:
        return f": {_of_record(view, row)}"
    if row["defect"] == "narrative_contradiction":
        return (f" of {row['fact']}: it says '{row['recorded']}', "
                f"the truth is '{row['expected']}', as {row['other_system']} has it")  # fmt: skip
    if row["field"] == NARRATIVE:
        return f": {_of_narrative(row)}"
    holds = "is blank" if row["recorded"] is None else f"holds '{row['recorded']}'"
    truth = "nothing was to be recorded" if row["expected"] is None else f"the truth is '{row['expected']}'"
    return f": {holds}{_where_from(view, row)}, {truth}"


def _of_record(view: CaseView, row: Row) -> str:
    if row["defect"] == "duplicate_record":
        return f"{row['record_id']} repeats {row['other_record_id']}: the record was entered twice"
    if row["defect"] == "off_system":
        return "there is no record of the case here; it was never made, or is kept elsewhere"
    plan, truth = view.bundle.plan, view.rows("truth")[0]
    stamp = plan.stamps[row["system"]][0]
    due: str = getattr(plan.scenario.truth[stamp], "of", stamp)
    days = (date.fromisoformat(truth[stamp]) - date.fromisoformat(truth[due])).days
    return f"entered on {truth[stamp]}, {days} days after {due.replace('_', ' ')} {truth[due]}"


def _of_narrative(row: Row) -> str:
    """Return what became of a narrative; its text stands above."""
    if row["recorded"] is None:
        return "there is none"
    if row["defect"] == "narrative_truncated":
        return f"it ends within a sentence, after {len(row['recorded'])} of {len(row['expected'])} characters"
    if row["defect"] == "copied_forward":
        return "it is that of the officer's previous case"
    return f"holds '{row['recorded']}' and tells nothing"


def _where_from(view: CaseView, row: Row) -> str:
    """Return where a value belongs or should have come from, for cells that are tied to another."""
    if row["defect"] == "swapped":
        pair = [other for other in view.rows("labels") if other["group"] == row["group"] and other is not row]
        return "".join(f", which belongs in {other['field']}" for other in pair if other["field"] != row["field"])
    source = view.bundle.plan.dictionary[row["system"], row["field"]].source
    if row["defect"] == "lost_in_transmission" and source is not None:
        return f", lost on the way from {'.'.join(source)}"
    return ""


def _kind_of(row: Row) -> str:
    """Return a label's mechanism and who can see it."""
    seen = [f"seen by: {row['detectable_by'].replace(';', ', ')}"] if row["detectable_by"] else []
    return f" [{'; '.join([row['mechanism'], *seen])}]"


def outcomes(view: CaseView) -> Iterator[str]:
    """Yield a sentence for every gap: what became of it and what made it so."""
    for row in view.rows("fates"):
        cause = "" if row["cause"] == "none" else f" (because of: {row['cause'].replace('_', ' ')})"
        yield f"{row['system']}.{row['field']}: {row['fate'].replace('_', ' ')}{cause}"
