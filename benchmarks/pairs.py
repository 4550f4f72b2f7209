"""Score a rule file on anyone's dirty/clean pair, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import measures
from benchmarks.pair_alignment import Aligned, align_pair, cell_codes, check_alignment
from benchmarks.pair_cells import Cells, blamed_cells, cell_table, check_new_file, times_flagged, write_cells
from benchmarks.rule_files import given_rules, judged, loaded_rules
from checks.evaluation import evaluate
from checks.flags import Flags, RuleFlags
from checks.normalise import normalised as normalise_texts
from checks.predicates import kind_of
from checks.rule_set import RuleSet
from checks.tables import read_csv


@dataclass(frozen=True)
class CellCounts:
    """Flagged cells against wrong cells.

    Attributes:
        n_tp: wrong and flagged.
        n_fp: right and flagged.
        n_fn: wrong and not flagged.
    """

    n_tp: int
    n_fp: int
    n_fn: int

    @property
    def precision(self) -> float | None:
        """n_tp / (n_tp + n_fp), in [0, 1], best 1; None where nothing is flagged."""
        return _defined(measures.precision(self.n_tp, self.n_fp))

    @property
    def sensitivity(self) -> float | None:
        """n_tp / (n_tp + n_fn) (recall), in [0, 1], best 1; None where nothing is wrong."""
        return _defined(measures.sensitivity(self.n_tp, self.n_fn))

    @property
    def f1(self) -> float | None:
        """2 n_tp / (2 n_tp + n_fp + n_fn), in [0, 1], best 1; None where nothing is wrong and nothing is flagged."""
        return _defined(measures.f1(self.n_tp, self.n_fp, self.n_fn))

    def to_json(self) -> dict[str, int | float | None]:
        """Counts and measures; an undefined measure is null."""
        return {**asdict(self), "precision": self.precision, "sensitivity": self.sensitivity, "f1": self.f1}


@dataclass(frozen=True)
class RuleScore:
    """One rule's part.

    Attributes:
        id: the rule.
        kind: of its check.
        n_evaluated: rows it judged.
        counts: of the cells it blames.
        n_unique_finds: wrong cells only this rule flags.
    """

    id: str
    kind: str
    n_evaluated: int
    counts: CellCounts
    n_unique_finds: int

    def to_json(self) -> dict[str, Any]:
        """One flat object per rule."""
        head = {"id": self.id, "kind": self.kind, "n_evaluated": self.n_evaluated}
        return {**head, **self.counts.to_json(), "n_unique_finds": self.n_unique_finds}


@dataclass(frozen=True)
class PairScore:
    """A rule file scored on a pair; the unit is the cell.

    Attributes:
        rule_set: the name of the rule file.
        n_rows: rows of the table.
        n_columns: columns of the table.
        n_wrong: cells whose dirty value is not the true one.
        n_wrong_rows: rows with such a cell.
        normalise: what was made the same in both tables first.
        notes: how rows and columns were matched.
        rules: one entry per rule.
        overall: a cell counts as flagged if any rule blames it.
        baselines: flag_everything and flag_nothing.
    """

    rule_set: str
    n_rows: int
    n_columns: int
    n_wrong: int
    n_wrong_rows: int
    normalise: tuple[str, ...]
    notes: tuple[str, ...]
    rules: tuple[RuleScore, ...]
    overall: CellCounts
    baselines: dict[str, CellCounts]

    def to_json(self) -> dict[str, Any]:
        """The object `casegauge pair --json` prints."""
        return {
            "unit": "cell",
            "rule_set": self.rule_set,
            "n_rows": self.n_rows,
            "n_columns": self.n_columns,
            "n_wrong": self.n_wrong,
            "n_wrong_rows": self.n_wrong_rows,
            "normalise": list(self.normalise),
            "notes": list(self.notes),
            "rules": [rule.to_json() for rule in self.rules],
            "overall": self.overall.to_json(),
            "baselines": {name: counts.to_json() for name, counts in self.baselines.items()},
        }


def run_pair(
    dirty: Path,
    truth: Path,
    rules: Path,
    *,
    align: str = "position",
    normalise: Sequence[str] | None = None,
    cells: Path | None = None,
    skip: bool = False,
    trust: bool = False,
) -> PairScore:
    """Read a dirty CSV, its truth and a rule file, and score the rules cell by cell.

    Args:
        dirty: the table the rules see.
        truth: the same table without errors, or its cells in long form (tid, attribute, correct_val).
        rules: a rule file, of any format.
        align: `position` or `key:COLUMN`.
        normalise: steps applied to both tables first; default: those the rule file asks for.
        cells: a new CSV for the cells that are flagged or wrong, one a row; default: none is written.
        skip: leave out rules that cannot be translated or evaluated, or whose column is missing; notes say which.
        trust: let a rule file that is Python run.
    """
    if cells is not None:
        check_new_file(cells)
    (loaded,) = loaded_rules([str(rules)], skip=skip, trust=trust)
    rule_set = loaded.rules
    steps = rule_set.normalise if normalise is None else tuple(normalise)
    dirty_table, truth_table = (normalise_texts(read_csv(path), steps) for path in (dirty, truth))
    pair = align_pair(dirty_table, truth_table, align=align)
    table = {dirty.stem: pair.whole}
    given, flags = judged(given_rules([loaded], table, skip=skip), table, skip=skip)
    wrong = _wrong(pair)
    if cells is not None:
        write_cells(cells, cell_table(pair, flags, wrong))
    score = _score(rule_set.name, pair, flags, wrong, normalise=steps)
    left_out = tuple(f"left out: {entry.id} ({entry.where}): {entry.reason}" for entry in given.left_out)
    return replace(score, notes=(*score.notes, *left_out))


def score_pair(rule_set: RuleSet, pair: Aligned, *, normalise: tuple[str, ...] = ()) -> PairScore:
    """Score a set of rules on an aligned pair; refuse a pair whose rows do not belong together.

    Examples:
        >>> import pandas as pd
        >>> dirty = pd.DataFrame({"id": ["1", "2", "3"], "zip": ["12345", "1234", "54321"]})
        >>> truth = pd.DataFrame({"id": ["1", "2", "3"], "zip": ["12345", "12340", "54322"]})
        >>> from checks import load_rules
        >>> rules = load_rules("rules: [{id: zip, pattern: {field: zip, regex: '[0-9]{5}'}}]")
        >>> score_pair(rules, align_pair(dirty, truth, align="position")).overall
        CellCounts(n_tp=1, n_fp=0, n_fn=1)
    """
    wrong = _wrong(pair)
    return _score(rule_set.name, pair, evaluate(rule_set.rules, pair.whole), wrong, normalise=normalise)


def _wrong(pair: Aligned) -> Cells:
    """Which of the cells that are scored are wrong; a pair whose rows do not belong together is refused."""
    dirty_codes, truth_codes = cell_codes(pair.dirty, pair.truth)
    check_alignment(dirty_codes, truth_codes)
    wrong: Cells = dirty_codes != truth_codes
    return wrong


def _score(name: str, pair: Aligned, flags: Flags, wrong: Cells, *, normalise: tuple[str, ...]) -> PairScore:
    """Count flags against wrong cells."""
    flagged_by = times_flagged(flags, pair)
    scores = tuple(_rule_score(result, wrong, flagged_by, pair) for result in flags.results)
    return PairScore(
        rule_set=name,
        n_rows=len(pair.dirty),
        n_columns=pair.dirty.shape[1],
        n_wrong=int(wrong.sum()),
        n_wrong_rows=int(wrong.any(axis=1).sum()),
        normalise=normalise,
        notes=pair.notes,
        rules=scores,
        overall=_counts(flagged_by > 0, wrong),
        baselines={
            "flag_everything": _counts(np.ones_like(wrong), wrong),
            "flag_nothing": _counts(np.zeros_like(wrong), wrong),
        },
    )


def _defined(measure: npt.NDArray[np.float64]) -> float | None:
    """A measure as a number, None where it is undefined."""
    return None if np.isnan(measure) else float(measure)


def _counts(flagged: Cells, wrong: Cells) -> CellCounts:
    n_tp = int(np.count_nonzero(flagged & wrong))
    return CellCounts(n_tp, int(np.count_nonzero(flagged)) - n_tp, int(np.count_nonzero(wrong)) - n_tp)


def _rule_score(result: RuleFlags, wrong: Cells, times: npt.NDArray[np.int32], pair: Aligned) -> RuleScore:
    cells = blamed_cells(result, pair)
    return RuleScore(
        id=result.rule.id,
        kind=kind_of(result.rule.predicate),
        n_evaluated=int(np.count_nonzero(result.evaluated[pair.rows])),
        counts=_counts(cells, wrong),
        n_unique_finds=int(np.count_nonzero(cells & wrong & (times == 1))),
    )
