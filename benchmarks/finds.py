"""What rules find of one kind of planted defect, counted as a scorecard counts it, and what they miss, cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.align import CASES, AnswerKey, UnitFlags, align_rule, answer_key, merge
from checks.evaluation import evaluate
from checks.flags import Flags
from checks.loading import load_rules
from checks.packs import MORE_PACKS, PACKS, load_pack
from checks.rule import Rule
from checks.rule_set import RuleSet
from synth.bundle import Bundle
from synth.defects import DEFECTS
from synth.errors import CasegaugeError, RuleError, nearest
from synth.labels import RECORD_KINDS
from synth.processes import Cell

SHOWN = 3  # missed cells a message shows
WIDEST = 60  # characters of a value in a message
OF_CELLS = ["system", "record_id", "field", "expected", "recorded"]


@dataclass(frozen=True, repr=False)
class Finds:
    """What rules find of one kind of defect.

    Attributes:
        rules: their ids.
        defect: the kind.
        where: the fields it is counted in, as `system.field`; none: everywhere.
        n_planted: how many such defects the records hold.
        n_found: how many of them the rules find.
        n_false_alarms: cells that the rules blame and that hold no defect of any kind.
        missed: system, record_id, field, expected, recorded and case_id of those they miss, in the order of labels.
        looked_at: the fields the rules blame, as `system.field`.
        source: the cases, in words.
    """

    rules: tuple[str, ...]
    defect: str
    where: tuple[str, ...]
    n_planted: int
    n_found: int
    n_false_alarms: int
    missed: pd.DataFrame
    looked_at: tuple[str, ...]
    source: str

    @property
    def share(self) -> float:
        """The share found: sensitivity."""
        return self.n_found / self.n_planted

    def __repr__(self) -> str:
        where = f" in {_listed(self.where)}" if self.where else ""
        found = f"{self.n_found:,} of {self.n_planted:,} {self.defect}{where}"
        return f"Finds({found}, {self.n_false_alarms:,} false alarms)"

    def shortfall(self, at_least: float) -> str:
        """Return in words what is missing to a share: the measured one, and the first cells missed."""
        rules = f"rule {self.rules[0]!r} finds" if len(self.rules) == 1 else f"{len(self.rules)} rules find"
        where = f" in {_listed(self.where)}" if self.where else ""
        lines = [
            f"{rules} {self.n_found:,} of {self.n_planted:,} {self.defect}{where}: {_percent(self.share)}, "
            f"and at least {_percent(at_least)} is asked.",
            f"Missed, the first {min(SHOWN, len(self.missed))} of {len(self.missed):,} ({self.source}):",
        ]
        shown = [OF_CELLS, *(_line(row) for row in self.missed[:SHOWN].itertuples())]
        widths = [max(len(row[place]) for row in shown) for place in range(len(OF_CELLS))]
        lines += [
            "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in shown
        ]
        beyond = {f"{system}.{field}" for system, field in zip(self.missed["system"], self.missed["field"], strict=True)
                  if not pd.isna(field)} - set(self.looked_at)  # fmt: skip
        if beyond and 0 < len(self.looked_at) <= SHOWN:
            lines.append(f"Blamed is only {', '.join(self.looked_at)}; field=... counts the defects of one field.")
        return "\n".join(lines)


def finds_of(
    rules: Any, defect: str, bundle: Bundle, *, field: str | Iterable[str] | None = None, system: str | None = None
) -> Finds:
    """Count what rules find of one kind of defect in generated cases.

    A defect in a cell is found if a rule blames the cell, one of a whole record if a rule fails on the record; a rule
    that blames no field, as a plain function may, blames those that are counted.

    Args:
        rules: a `Rule`, several, a `RuleSet`, the name of a pack, or whatever `checks.load_rules` takes: a rule file,
            a pandera schema, a function of a frame; also a pandera check, with the one `field` it is for.
        defect: one of `synth.defects.DEFECTS`.
        bundle: the cases.
        field: `system.field` or `field`, one or several: only defects in these count; None: everywhere.
        system: only defects of this system count, and rules that name no system are about it.

    Raises:
        CasegaugeError: an unknown word, rules that cannot be evaluated on these records, no such defect planted.

    Examples:
        >>> from checks import NotBlank, Rule
        >>> from synth import generate
        >>> rule = Rule("time", NotBlank("encounter_time"), system="encounter")
        >>> finds_of(rule, "missing", generate("oig-20-13", n_cases=670), field="encounter.encounter_time").share
        1.0
    """
    if defect not in DEFECTS:
        raise CasegaugeError(f"defect {defect!r} is unknown. {nearest(str(defect), DEFECTS)}")
    cells = _cells(bundle, defect, field, system)
    loaded = _rules(rules, cells, system)
    frames, labels = bundle.frames(), bundle.answer("labels")
    wanted = _wanted(bundle, labels, defect, cells, system)
    ready = _about(bundle, loaded, cells, system, wanted)
    key = answer_key(frames, labels, bundle.answer("links"), bundle.answer("truth"))
    flags = evaluate(ready, frames)
    units = _units(flags, key)
    missed = wanted[~_found(wanted, frames, key, units, bundle.answer("truth")["case_id"])]
    plan = bundle.plan
    return Finds(
        rules=tuple(rule.id for rule in ready),
        defect=defect,
        where=() if cells is None else tuple(sorted(".".join(cell) for cell in cells)),
        n_planted=len(wanted),
        n_found=len(wanted) - len(missed),
        n_false_alarms=sum(
            int(np.count_nonzero(mask & (key.units["cell"].kind[place] >= 0)))
            for place, mask in units["cell"].wrong.items()
        ),
        missed=missed[[*OF_CELLS, "case_id"]].reset_index(drop=True),
        looked_at=tuple(sorted({f"{result.system}.{name}" for result in flags.results for name in result.blamed})),
        source=f"{plan.scenario.scenario}, {bundle.n_cases:,} cases, regime {plan.regime}, seed {plan.draws.seed}",
    )


def _cells(bundle: Bundle, defect: str, field: str | Iterable[str] | None, system: str | None) -> set[Cell] | None:
    """Return the cells that `field` names; refuse what is not in the scenario."""
    scenario, known = bundle.plan.scenario, list(bundle.plan.dictionary)
    if system is not None and system not in scenario.systems:
        raise CasegaugeError(
            f"system {system!r} is not in scenario '{scenario.scenario}'. {nearest(str(system), scenario.systems)}"
        )
    if field is None:
        return None
    if defect in RECORD_KINDS:
        raise CasegaugeError(f"defect {defect!r} is one of whole records; leave out field={field!r}, or name system=.")
    found: set[Cell] = set()
    for text in (field,) if isinstance(field, str) else tuple(field):
        here = {cell for cell in known if system in {None, cell[0]} and text in {cell[1], ".".join(cell)}}
        if not here:
            possible = {name for cell in known if system in {None, cell[0]} for name in (cell[1], ".".join(cell))}
            owner = f"system '{system}'" if system else f"scenario '{scenario.scenario}'"
            raise CasegaugeError(f"field {text!r} is not in {owner}. {nearest(str(text), possible)}")
        found |= here
    return found


def _wanted(
    bundle: Bundle, labels: pd.DataFrame, defect: str, cells: Collection[Cell] | None, system: str | None
) -> pd.DataFrame:
    """Return the labels that count; refuse if there is none, and say what there is."""
    here = labels[(labels["class"] == "defect").to_numpy()].astype({"system": "object", "field": "object"})
    if system is not None:
        here = here[(here["system"] == system).to_numpy()]
    if cells is not None:
        here = here[[cell in cells for cell in zip(here["system"], here["field"], strict=True)]]
    wanted = here[(here["defect"] == defect).to_numpy()]
    if wanted.empty:
        counts = here["defect"].astype("str").value_counts()
        planted = ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "nothing"
        plan = bundle.plan
        where = f" in {_listed(sorted('.'.join(cell) for cell in cells))}" if cells else f" in {system}" * bool(system)
        raise CasegaugeError(
            f"no {defect!r} is planted{where} in {bundle.n_cases:,} cases of '{plan.scenario.scenario}' under regime "
            f"'{plan.regime}'. Planted there: {planted}. Ask for another defect or place, or for more cases."
        )
    return wanted


def _rules(given: Any, cells: Collection[Cell] | None, system: str | None) -> tuple[Rule, ...]:
    """Return rules, whatever they are given as."""
    if isinstance(given, Rule):
        return (given,)
    if isinstance(given, RuleSet):
        return given.rules
    if isinstance(given, (list, tuple)) and all(isinstance(each, Rule) for each in given):
        return tuple(given)
    if isinstance(given, str) and given in (*PACKS, *MORE_PACKS) and not Path(given).exists():
        return load_pack(given)
    if type(given).__name__ == "Check" and type(given).__module__.partition(".")[0] == "pandera":
        given = _schema_of(given, cells)
    return load_rules(given, system=system).rules


def _schema_of(check: Any, cells: Collection[Cell] | None) -> Any:
    """Return a pandera schema that holds one check, on the one field that is counted."""
    import pandera.pandas as pandera

    if cells is None or len(cells) != 1:
        raise RuleError("a pandera check alone says nothing about its column. Name one: field='system.field'.")
    ((_, name),) = cells
    return pandera.DataFrameSchema({name: pandera.Column(checks=check, nullable=True, required=True)}, name=name)


def _about(
    bundle: Bundle,
    rules: Sequence[Rule],
    cells: Collection[Cell] | None,
    system: str | None,
    wanted: pd.DataFrame,
) -> tuple[Rule, ...]:
    """Return rules that know the system they are about, and blame something."""
    systems = {system} if system else {cell[0] for cell in cells or ()} or set(bundle.records)
    ready = []
    for rule in rules:
        if rule.system is None and len(systems) != 1:
            raise RuleError(f"rule {rule.id!r} names no system. Name it: system=... {nearest('', systems)}")
        named = rule if rule.system is not None else replace(rule, system=next(iter(systems)))
        if not named.blames:
            fields = wanted.loc[(wanted["system"] == named.system).to_numpy(), "field"].dropna().unique()
            named = replace(named, blames=tuple(map(str, fields)))
        ready.append(named)
    if not ready:
        raise RuleError("there is no rule among those given. Give at least one.")
    return tuple(ready)


def _units(flags: Flags, key: AnswerKey) -> dict[str, UnitFlags]:
    return merge(
        align_rule(result, key, compares_records=result.rule.level in {"pair", "group"}) for result in flags.results
    )


def _found(
    wanted: pd.DataFrame,
    frames: dict[str, pd.DataFrame],
    key: AnswerKey,
    units: dict[str, UnitFlags],
    cases: pd.Series[int],
) -> npt.NDArray[np.bool_]:
    """Return which labels are found: by their cell; those of whole records by their record, or else by their case."""
    found = np.zeros(len(wanted), np.bool_)
    plain = wanted.assign(label=np.arange(len(wanted)), field=wanted["field"].fillna(""))
    for (system, field), part in plain.groupby(["system", "field"], sort=False):
        for unit, place, rows, ids, names in (
            ("cell" if field else "record", (str(system), str(field)), part[part["record_id"].notna()],
             frames[str(system)]["record_id"], "record_id"),
            ("case", CASES, part[part["record_id"].isna()], cases, "case_id"),
        ):  # fmt: skip
            if len(rows):
                positions = pd.Index(ids.astype("object")).get_indexer(pd.Index(rows[names].astype("object")))
                answers = key.units[unit]
                positives = answers.place[place]
                here = np.zeros(len(ids), np.bool_)
                here[answers.position[positives]] = units[unit].found[positives]
                found[rows["label"].to_numpy()] = here[positions]
    return found


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _percent(share: float) -> str:
    """Return a share in per cent, with as many places as tell it from 0 and from 1."""
    text = ""
    for places in range(1, 8):
        text = f"{100 * share:.{places}f}"
        if share in {0, 1} or 0 < float(text) < 100:
            break
    return f"{text} %"


def _line(missed: Any) -> list[str]:
    """Return a missed defect as a line of a message; one of a whole record has no values."""
    record = f"case {missed.case_id}" if pd.isna(missed.record_id) else missed.record_id
    if pd.isna(missed.field):
        return [missed.system, record, "the record", "-", "-"]
    return [missed.system, record, missed.field, _shown(missed.expected), _shown(missed.recorded)]


def _shown(value: Any) -> str:
    if pd.isna(value):
        return "null"
    return repr(value if len(value) <= WIDEST else f"{value[: WIDEST - 3]}...")
