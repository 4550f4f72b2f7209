"""Put planted labels and the flags of rules on the same cells, records and cases.

What counts as what:

- A label of class `defect` makes its cell (system, record_id, field) a positive; one without a field makes its record
  a positive; one without a record only its case. A record or case is positive if anything in it is.
- An honest not-value is no defect: a flag on it is a false alarm of kind `not_value`. A `false_unknown` is a defect.
- Every other cell is a negative: of its hard negative's kind, `not_asked` (null and unlabelled: the form does not ask),
  or `none`. Records and cases take the highest kind of their labels; `not_asked` is a kind of cells and blamed sets.
- The universe is every cell of every field but `record_id`, every record, every case: the same for all rules, so that
  they can be compared. What a rule does not look at it leaves alone.
- A label may name a second record (`other_system`, `other_record_id`). A rule across systems that fails on the row
  that joins the two has found the defect whichever side it blames, if it blames a field called like the label's field
  or fact; what it blames in the second record is then no false alarm (in the label's own record only the labelled cell
  is right). Such a rule shows that something disagrees, not which side is wrong.
- A label that names a second record and a fact is about that fact, so every other record of its case is a second
  record to it: which of several systems stand against the one that is wrong is not the rule's doing.
- A record is flagged if a rule fails on it or blames a cell in it; a case if one of its records is.
- Pair: one failing row of one rule is a finding with a set of blamed cells, in one record or in joined ones. A defect
  is found if it lies in such a set; a finding whose set holds no defect is one false alarm.
- Of two records of one system that a label names (a duplicate and its original), a rule of level `pair` or `group`
  that flags both is right about them: no false alarm at unit pair, nor for the second record at unit record. Where the
  label has no field the cells it blames stay false alarms at unit cell.
- A rule about an absent record flags the surviving one, at units record and case only. Where a label without a record
  names that survivor as the other record, the flag is no false alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from synth.errors import DataError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Mask: TypeAlias = npt.NDArray[np.bool_]
IntArray: TypeAlias = npt.NDArray[np.int64]
ObjectArray: TypeAlias = npt.NDArray[np.object_]
Place: TypeAlias = tuple[str, str]  # (system, field); (system, "") its records; CASES the cases

CASES: Place = ("", "")
ANY = "any"
DEFECT = -1  # in place of a kind: the unit is a positive
KINDS = ("none", "not_asked", "not_value")  # of negatives; hard negatives follow
CLASSES = ("defect", "not_value", "hard_negative")
COLUMNS = ("class", "system", "record_id", "field", "case_id", "defect")  # of labels; the others may be left out
SECOND = ("fact", "other_system", "other_record_id")


@dataclass(frozen=True)
class UnitKey:
    """The answers at one unit.

    Attributes:
        kind: place -> kind of each unit there, an index into the key's kinds, or DEFECT. All places of the universe.
        place: place -> which of the positives lie there.
        position: position of each positive at its place.
        case: case of each positive, as an index into the key's cases.
        members: defect (and "any") -> which positives hold it.
    """

    kind: Mapping[Place, npt.NDArray[np.int16]]
    place: Mapping[Place, IntArray]
    position: IntArray
    case: IntArray
    members: Mapping[str, IntArray]


@dataclass(frozen=True)
class Named:
    """Defect labels of one pair of systems that name a second record; -1: no such record or cell.

    Attributes:
        field: field of the label, None: the whole record.
        fact: fact of the label, None: not told.
        position: position of the label's record; -1: there is none, the other record is the survivor.
        other_position: position of the second record.
        cell: index among the positives of unit cell.
        record: index among the positives of unit record.
    """

    field: ObjectArray
    fact: ObjectArray
    position: IntArray
    other_position: IntArray
    cell: IntArray
    record: IntArray


@dataclass(frozen=True)
class AnswerKey:
    """Where the defects are: what `answer_key` returns.

    Attributes:
        n_rows: records of every system.
        case_of: system -> case of each record, as an index into 0 .. n_cases - 1.
        n_cases: number of cases.
        strata: names of the strata, the verdicts drawn.
        stratum: stratum of each case, an index into strata.
        kinds: kinds of negatives, from the plainest to the highest.
        units: cell, record and case.
        named: (system, other system) -> labels about two records.
    """

    n_rows: Mapping[str, int]
    case_of: Mapping[str, IntArray]
    n_cases: int
    strata: tuple[str, ...]
    stratum: IntArray
    kinds: tuple[str, ...]
    units: Mapping[str, UnitKey]
    named: Mapping[tuple[str, str], Named]

    def cases_at(self, place: Place) -> IntArray:
        """Case of each unit at a place."""
        return np.arange(self.n_cases) if place == CASES else self.case_of[place[0]]


class Findings(Protocol):
    """What alignment reads of a rule's flags: see `checks.flags.RuleFlags`."""

    @property
    def system(self) -> str: ...  # noqa: D102
    @property
    def fail(self) -> Mask: ...  # noqa: D102
    @property
    def evaluated(self) -> Mask: ...  # noqa: D102
    @property
    def blamed(self) -> Mapping[str, Mask]: ...  # noqa: D102
    @property
    def partners(self) -> Mapping[str, IntArray]: ...  # noqa: D102
    @property
    def partner_fields(self) -> Mapping[str, tuple[str, ...]]: ...  # noqa: D102


@dataclass(frozen=True)
class UnitFlags:
    """The flags of a rule, pack or baseline at one unit, place by place; a place left out has none.

    Attributes:
        flagged: units flagged.
        wrong: those of them that are false alarms unless they hold a defect.
        evaluated: units judged, at the places the rule can blame.
        found: positives found.
    """

    flagged: Mapping[Place, Mask]
    wrong: Mapping[Place, Mask]
    evaluated: Mapping[Place, Mask]
    found: Mask


@dataclass(frozen=True)
class PairFlags:
    """The findings of a rule, one entry per row of its system.

    Attributes:
        case: case of each row.
        kind: highest kind of the cells the rule could blame in the row.
        flagged: rows that fail.
        wrong: rows that fail and blame no defect.
        quiet: rows that pass and hold no defect the rule could blame.
        skipped: rows not judged that hold no defect the rule could blame.
    """

    case: IntArray
    kind: npt.NDArray[np.int16]
    flagged: Mask
    wrong: Mask
    quiet: Mask
    skipped: Mask


def answer_key(
    records: Mapping[str, pd.DataFrame], labels: pd.DataFrame, links: pd.DataFrame, truth: pd.DataFrame
) -> AnswerKey:
    """Read the answers into arrays aligned with the records.

    Args:
        records: system -> frame with `record_id` (unique), one row a record.
        labels: planted labels; the columns other_system, other_record_id and fact may be left out.
        links: the true case_id of every record.
        truth: one row a case with its `verdict` (the stratum); without a verdict all cases are one stratum.

    Examples:
        >>> records = {"a": pd.DataFrame({"record_id": ["r1", "r2"], "time": ["09:00", None]})}
        >>> label = ("defect", "a", "r2", "time", 1, "missing")
        >>> labels = pd.DataFrame([label], columns=["class", "system", "record_id", "field", "case_id", "defect"])
        >>> links = pd.DataFrame({"system": "a", "record_id": ["r1", "r2"], "case_id": [0, 1]})
        >>> key = answer_key(records, labels, links, pd.DataFrame({"case_id": [0, 1]}))
        >>> key.units["cell"].kind["a", "time"]
        array([ 0, -1], dtype=int16)
    """
    cases = _distinct(pd.Index(truth["case_id"]), "case_id", "the truth")
    verdicts = truth["verdict"].astype("object") if "verdict" in truth else pd.Series("all", index=truth.index)
    stratum, strata = pd.factorize(verdicts, sort=True)
    ids = {system: _record_ids(system, frame) for system, frame in records.items()}
    case_of = {system: _cases_of(system, index, links, cases) for system, index in ids.items()}
    table = _read_labels(labels, cases, ids, records)
    kinds = (*KINDS, *sorted(set(table.loc[table["class"] == "hard_negative", "negative"]) - set(KINDS)))
    blank_kind = {
        (system, str(field)): frame[field].isna().to_numpy(dtype=bool).astype(np.int16)
        for system, frame in records.items()
        for field in frame.columns
        if field != "record_id"
    }
    in_record, n_labels = table[table["position"] >= 0], len(table)
    cell, cell_of = _unit(in_record[in_record["field"].notna()], blank_kind, kinds, case_of, n_labels)
    plain = {(system, ""): np.zeros(len(index), np.int16) for system, index in ids.items()}
    record, record_of = _unit(in_record.assign(field=""), plain, kinds, case_of, n_labels)
    as_cases, none = table.assign(system="", field="", position=table["case"]), {CASES: np.zeros(len(cases), np.int16)}
    case, _ = _unit(as_cases, none, kinds, {"": np.arange(len(cases))}, n_labels)
    two = table.assign(cell=cell_of, record=record_of)[(table["class"] == "defect") & (table["other_position"] >= 0)]
    return AnswerKey(
        n_rows={system: len(index) for system, index in ids.items()},
        case_of=case_of,
        n_cases=len(cases),
        strata=tuple(map(str, strata)),
        stratum=stratum.astype(np.int64),
        kinds=kinds,
        units={"cell": cell, "record": record, "case": case},
        named={
            _place(pair): Named(**{name: part[name].to_numpy() for name in Named.__dataclass_fields__})
            for pair, part in _every_second(two, case_of).groupby(["system", "other_system"])
        },
    )


def _every_second(two: pd.DataFrame, case_of: Mapping[str, IntArray]) -> pd.DataFrame:
    """Return labels about two records, with those about a fact repeated for every other record of their case."""
    told = two[two["fact"].notna() & (two["position"] >= 0)].drop(columns="other_position")
    parts = [two]
    for system, cases in case_of.items():
        records = pd.DataFrame({"case": cases, "other_position": np.arange(len(cases), dtype=np.int64)})
        more = told[(told["system"] != system) & (told["other_system"] != system)].assign(other_system=system)
        parts.append(more.merge(records, on="case"))
    return pd.concat(parts, ignore_index=True)


def align_rule(result: Findings, key: AnswerKey, *, compares_records: bool = False) -> dict[str, UnitFlags]:
    """Return what one rule flags, judges and finds at units cell, record and case.

    Args:
        result: the rule's findings.
        key: the answers.
        compares_records: whether the rule holds records of one system against each other (level pair or group).
    """
    flagged: dict[str, dict[Place, Mask]] = {"cell": {}, "record": {}}
    judged: dict[str, dict[Place, Mask]] = {"cell": {}, "record": {}}
    for unit, sides in (("cell", _cell_sides(result, key)), ("record", _record_sides(result))):
        for place, rows, positions in sides:
            n_units, joined = key.n_rows[place[0]], positions >= 0
            flagged[unit][place] = _scatter(positions[rows & joined], n_units)
            judged[unit][place] = _scatter(positions[result.evaluated & joined], n_units)
    found = {unit: _look_up(masks, key.units[unit]) for unit, masks in flagged.items()}
    wrong = {unit: dict(masks) for unit, masks in flagged.items()}
    for second, named, _ in _joint_finds(result, key, compares_records=compares_records):
        for unit, positives in (("cell", named.cell), ("record", named.record)):
            found[unit][positives[positives >= 0]] = True
            excused = named.other_position[(positives >= 0) | (unit == "record")]
            for place in [place for place in wrong[unit] if place[0] == second]:
                wrong[unit][place] = wrong[unit][place] & ~_scatter(excused, key.n_rows[second])
    units = {unit: UnitFlags(flagged[unit], wrong[unit], judged[unit], found[unit]) for unit in flagged}
    cases = {CASES: _in_cases(flagged["record"], key)}
    at_case = UnitFlags(cases, cases, {CASES: _in_cases(judged["record"], key)}, _look_up(cases, key.units["case"]))
    return units | {"case": at_case}


def align_pairs(result: Findings, key: AnswerKey, *, compares_records: bool = False) -> PairFlags | None:
    """Return the findings of one rule, row by row; None if it blames no cells."""
    sides = _cell_sides(result, key)
    if not sides:
        return None
    kinds = key.units["cell"].kind
    hit, possible = np.zeros((2, len(result.fail)), dtype=bool)
    highest = np.zeros(len(result.fail), dtype=np.int16)
    for place, rows, positions in sides:
        joined = positions >= 0
        kind = np.zeros_like(highest)
        kind[joined] = kinds[place][positions[joined]]
        possible |= kind == DEFECT
        hit |= (kind == DEFECT) & rows
        highest = np.maximum(highest, kind)
    for _, _, joint in _joint_finds(result, key, compares_records=compares_records):
        hit[joint.ravel()] = True
    fail, judged = result.fail, result.evaluated
    quiet, skipped = judged & ~fail & ~possible, ~judged & ~possible
    return PairFlags(key.case_of[result.system], highest, fail, fail & ~hit, quiet, skipped)


def merge(parts: Iterable[Mapping[str, UnitFlags]]) -> dict[str, UnitFlags]:
    """Return the union of several rules: flagged, wrong, judged or found by any of them."""
    parts = list(parts)
    return {
        unit: UnitFlags(
            flagged=_union(part[unit].flagged for part in parts),
            wrong=_union(part[unit].wrong for part in parts),
            evaluated=_union(part[unit].evaluated for part in parts),
            found=np.logical_or.reduce([part[unit].found for part in parts]),
        )
        for unit in (parts[0] if parts else ())
    }


@dataclass(frozen=True)
class Everything:
    """A rule that flags every cell of a system: the baseline."""

    system: str
    fail: Mask
    evaluated: Mask
    blamed: Mapping[str, Mask]
    partners: Mapping[str, IntArray]
    partner_fields: Mapping[str, tuple[str, ...]]


def everything(key: AnswerKey) -> Iterator[Everything]:
    """Yield, system by system, the rule that flags everything there is: a case without a record stays unfound."""
    for system, n_rows in key.n_rows.items():
        rows = np.ones(n_rows, dtype=bool)
        fields = [field for name, field in key.units["cell"].kind if name == system]
        yield Everything(system, rows, rows, dict.fromkeys(fields, rows), {}, {})


def _cell_sides(result: Findings, key: AnswerKey) -> list[tuple[Place, Mask, IntArray]]:
    """Places a rule can blame, the rows in which it does, and the position of each row's cell there (-1: none)."""
    if _absent(result):
        return []
    own = np.arange(len(result.fail))
    sides = [((result.system, field), rows, own) for field, rows in result.blamed.items()]
    for system, fields in result.partner_fields.items():
        sides += [((system, field), result.fail, result.partners[system]) for field in fields]
    return [side for side in sides if side[0] in key.units["cell"].kind]


def _record_sides(result: Findings) -> list[tuple[Place, Mask, IntArray]]:
    sides = [((result.system, ""), result.fail, np.arange(len(result.fail)))]
    others = [system for system, fields in result.partner_fields.items() if fields]
    return sides + [((system, ""), result.fail, result.partners[system]) for system in others]


def _absent(result: Findings) -> list[str]:
    """Systems whose record a rule says is missing."""
    return [system for system, fields in result.partner_fields.items() if not fields]


def _joint_finds(result: Findings, key: AnswerKey, *, compares_records: bool) -> Iterator[tuple[str, Named, IntArray]]:
    """Yield the second system, the labels about two records that the rule finds, and its rows, shape (2, labels)."""
    own, fail = result.system, result.fail
    names = [*result.blamed, *(field for fields in result.partner_fields.values() for field in fields)]
    row_of = {own: _inverse(np.where(fail, np.arange(len(fail)), -1), len(fail))}
    for system in result.partner_fields:
        row_of[system] = _inverse(np.where(fail, result.partners[system], -1), key.n_rows[system])
    for (first, second), named in key.named.items():
        within = first == second == own and compares_records
        if first in _absent(result) and second == own:
            held = (named.position < 0) & fail[named.other_position]
            rows = np.stack([named.other_position] * 2)
        elif within or (first != second and first in row_of and second in row_of):
            rows = np.stack([row_of[first][named.position], row_of[second][named.other_position]])
            about = np.isin(named.field, names) | np.isin(named.fact, names) | (within & pd.isna(named.field))
            held = (rows >= 0).all(axis=0) & about & (within | (rows[0] == rows[1]))
        else:
            continue
        yield second, _take(named, held), rows[:, held]


def _take(named: Named, held: Mask) -> Named:
    return Named(**{name: getattr(named, name)[held] for name in Named.__dataclass_fields__})


def _inverse(positions: IntArray, n_units: int) -> IntArray:
    """Return the row that joins each position, -1 where none; one entry more, so that position -1 has none."""
    rows = np.full(n_units + 1, -1, dtype=np.int64)
    joined = np.flatnonzero(positions >= 0)
    rows[positions[joined]] = joined
    return rows


def _scatter(positions: IntArray, n_units: int) -> Mask:
    mask = np.zeros(n_units, dtype=bool)
    mask[positions] = True
    return mask


def _look_up(masks: Mapping[Place, Mask], unit: UnitKey) -> Mask:
    found = np.zeros(len(unit.position), dtype=bool)
    for place, which in unit.place.items():
        if place in masks:
            found[which] = masks[place][unit.position[which]]
    return found


def _in_cases(masks: Mapping[Place, Mask], key: AnswerKey) -> Mask:
    cases = [key.cases_at(place)[mask] for place, mask in masks.items()]
    return _scatter(np.concatenate(cases), key.n_cases)


def _union(several: Iterable[Mapping[Place, Mask]]) -> dict[Place, Mask]:
    union: dict[Place, Mask] = {}
    for masks in several:
        union |= {place: union[place] | mask if place in union else mask for place, mask in masks.items()}
    return union


def _unit(
    labels: pd.DataFrame,
    blank: Mapping[Place, npt.NDArray[np.int16]],
    kinds: tuple[str, ...],
    case_of: Mapping[str, IntArray],
    n_labels: int,
) -> tuple[UnitKey, IntArray]:
    """Return the answers at one unit, and which positive each label is (-1: none)."""
    keys = ["system", "field", "position"]
    defects = labels[labels["class"] == "defect"]
    index = np.full(n_labels, -1, dtype=np.int64)
    index[defects.index] = defects.groupby(keys, sort=False).ngroup()
    first = defects.drop_duplicates(keys)  # in the order of ngroup
    position, case = first["position"].to_numpy(), np.zeros(len(first), dtype=np.int64)
    place = {_place(pair): np.asarray(which) for pair, which in first.groupby(["system", "field"]).indices.items()}
    kind = dict(blank)
    for pair, part in labels[labels["class"] != "defect"].groupby(["system", "field"]):
        codes = pd.Categorical(part["negative"], categories=kinds).codes.astype(np.int16)
        kind[_place(pair)] = kind[_place(pair)].copy()
        np.maximum.at(kind[_place(pair)], part["position"].to_numpy(), codes)
    for where, which in place.items():
        kind[where] = kind[where].copy()
        kind[where][position[which]] = DEFECT
        case[which] = case_of[where[0]][position[which]]
    members = {str(name): np.unique(index[part.index]) for name, part in defects.groupby("defect")}
    return UnitKey(kind, place, position, case, {ANY: np.arange(len(first)), **members}), index


def _place(pair: Any) -> Place:
    """Return the key of a group of two columns as what it is, two texts."""
    return str(pair[0]), str(pair[1])


def _read_labels(
    labels: pd.DataFrame, cases: pd.Index, ids: Mapping[str, pd.Index], records: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the labels with positions for record ids and indices for cases; nulls are None."""
    for column in COLUMNS:
        if column not in labels:
            raise DataError(f"the labels have no column {column!r}. {nearest(column, map(str, labels.columns))}")
    columns = [column for column in (*COLUMNS, *SECOND) if column != "case_id"]
    table = pd.DataFrame(
        {c: labels[c].to_numpy(dtype=object) if c in labels else None for c in columns},
        index=pd.RangeIndex(len(labels)),
        dtype=object,
    )
    table = table.where(table.notna(), None)
    for name in set(table["class"]) - set(CLASSES):
        raise DataError(f"a label has the class {name!r}. {nearest(str(name), CLASSES)}")
    table["case"] = cases.get_indexer(pd.Index(labels["case_id"]))
    if (table["case"] < 0).any():
        raise DataError(
            f"a label names case {labels['case_id'][(table['case'] < 0).to_numpy()].iloc[0]}, not in the truth"
        )
    table["position"] = _positions(table["system"], table["record_id"], ids)
    table["other_position"] = _positions(table["other_system"], table["other_record_id"], ids)
    table["negative"] = table["defect"].where(table["class"] == "hard_negative", table["class"]).fillna("hard_negative")
    for system, part in table[table["position"] >= 0].groupby("system"):
        for field in part["field"].dropna().unique():
            if field not in records[str(system)]:
                hint = nearest(str(field), map(str, records[str(system)].columns))
                raise DataError(f"a label names field {field!r}, which is not in system {system!r}. {hint}")
    return table


def _positions(systems: pd.Series, record_ids: pd.Series, ids: Mapping[str, pd.Index]) -> IntArray:
    positions = np.full(len(systems), -1, dtype=np.int64)
    for system, part in record_ids.dropna().groupby(systems):
        if system not in ids:
            raise DataError(f"a label names system {system!r}, which has no records. {nearest(str(system), ids)}")
        found = ids[str(system)].get_indexer(pd.Index(part))
        if (found < 0).any():
            raise DataError(f"a label names record {part[found < 0].iloc[0]!r}, which is not in system {system!r}")
        positions[part.index] = found
    return positions


def _record_ids(system: str, frame: pd.DataFrame) -> pd.Index:
    if "record_id" not in frame:
        raise DataError(f"system {system!r} has no column 'record_id'; scoring needs one, unique in the system")
    return _distinct(pd.Index(frame["record_id"].astype("object")), "record_id", f"system {system!r}")


def _cases_of(system: str, ids: pd.Index, links: pd.DataFrame, cases: pd.Index) -> IntArray:
    own = links[(links["system"] == system).to_numpy()]
    rows = _distinct(pd.Index(own["record_id"].astype("object")), "record_id", "the links").get_indexer(ids)
    if (rows < 0).any():
        raise DataError(f"record {ids[rows < 0][0]!r} of system {system!r} has no link to a case")
    found = cases.get_indexer(pd.Index(own["case_id"].iloc[rows]))
    if (found < 0).any():
        raise DataError(
            f"record {ids[found < 0][0]!r} of system {system!r} is linked to a case that is not in the truth"
        )
    return np.asarray(found, dtype=np.int64)


def _distinct(index: pd.Index, name: str, where: str) -> pd.Index:
    if index.has_duplicates:
        raise DataError(
            f"{name} {index[index.duplicated()].tolist()[0]!r} stands twice in {where}; each may stand once"
        )
    return index
