"""Counts against plain loops over sets of cells, and adding up."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.align import answer_key
from benchmarks.counts import FLAG_EVERYTHING, FLAG_NOTHING, Counts, add, count
from checks.flags import Flags, RuleFlags
from checks.predicates import NotNull
from checks.rule import Rule
from synth.errors import DataError

SYSTEMS = {"a": ("time", "place"), "b": ("time", "text"), "c": ("place",)}
DEFECTS = ("missing", "typo", "lost")
NEGATIVES = ("paraphrase", "rounding")
RULES = ("one", "two", "across", "absent")
PACKS = {"both": ("one", "across"), "none": (), "all": RULES}
COLUMNS = ["class", "system", "record_id", "field", "case_id", "defect", "other_system", "other_record_id", "fact"]


@dataclass(frozen=True)
class World:
    records: dict[str, pd.DataFrame]
    labels: pd.DataFrame
    links: pd.DataFrame
    truth: pd.DataFrame
    flags: Flags

    @property
    def key(self):
        return answer_key(self.records, self.labels, self.links, self.truth)

    def counts(self) -> Counts:
        return count(self.flags, self.key, packs=PACKS)


@st.composite
def worlds(draw, prefix=""):
    """A few records of three systems, any labels on them, and any flags of a plain, a cross and an absence rule."""
    rng = draw(st.randoms(use_true_random=False))
    n_cases = rng.randint(1, 4)
    cases = [f"{prefix}{number}" for number in range(n_cases)]
    truth = pd.DataFrame({"case_id": cases, "verdict": [rng.choice(["good", "poor"]) for _ in cases]})
    records, links = {}, []
    for system, fields in SYSTEMS.items():
        ids = [f"{prefix}{system}{number}" for number in range(rng.randint(0, 4))]
        values = {field: [rng.choice(["x", None]) for _ in ids] for field in fields}
        records[system] = pd.DataFrame({"record_id": ids, **values}, dtype="str")
        links += [(system, record_id, rng.choice(cases)) for record_id in ids]
    case_of = {(system, record_id): case for system, record_id, case in links}
    labels = [_label(rng, records, case_of, cases) for _ in range(rng.randint(0, 10))]
    return World(
        records,
        pd.DataFrame(_one_class_a_cell(labels), columns=COLUMNS, dtype=object),
        pd.DataFrame(links, columns=["system", "record_id", "case_id"], dtype=object),
        truth,
        Flags(tuple(_flags(rng, rule, records) for rule in RULES), {s: len(f) for s, f in records.items()}),
    )


def _label(rng, records, case_of, cases):
    places = [(system, record_id) for system in records for record_id in records[system]["record_id"]]
    other_system, other_id = rng.choice([*places, (None, None)])
    defect = rng.choice(DEFECTS)
    if not places or rng.random() < 0.2:
        return ("defect", "b", None, None, rng.choice(cases), defect, other_system, other_id, None)
    system, record_id = rng.choice(places)
    field = rng.choice([*SYSTEMS[system], None])
    kind = rng.choice(["defect", "defect", "not_value", "hard_negative"])
    defect = rng.choice(NEGATIVES) if kind == "hard_negative" else defect
    fact = rng.choice(["place", None])
    return (kind, system, record_id, field, case_of[system, record_id], defect, other_system, other_id, fact)


def _one_class_a_cell(labels):
    """Defects and others may share a record, as they do in generated cases, but here also a cell: a defect wins."""
    return list(dict.fromkeys(labels))


def _flags(rng, name, records):
    system = {"one": "a", "two": "b", "across": "a", "absent": "a"}[name]
    n_rows = len(records[system])
    evaluated = np.array([rng.random() < 0.8 for _ in range(n_rows)], dtype=bool)
    fail = evaluated & np.array([rng.random() < 0.8 for _ in range(n_rows)], dtype=bool)
    blamed = {f: fail & np.array([rng.random() < 0.8 for _ in range(n_rows)], dtype=bool) for f in SYSTEMS[system]}
    partners, fields = {}, {}
    if name == "across":
        blamed = {"time": blamed["time"]}
        fields = {"b": ("time", "text"), "c": ("place",)}
        partners = {other: _joined(rng, n_rows, len(records[other])) for other in fields}
    if name == "absent":
        blamed, fields, partners = {"time": fail}, {"b": ()}, {"b": np.full(n_rows, -1)}
    rule = Rule(name, NotNull("time"), system=system, level="group" if name == "two" else "")
    return RuleFlags(rule, system, fail, evaluated, blamed, partners, fields)


def _joined(rng, n_rows, n_others):
    free = [*range(n_others), *[-1] * n_rows]
    rng.shuffle(free)
    return np.array(free[:n_rows], dtype=np.int64)


# ---- the oracle: one loop inside the other, over sets of names -------------------------------------------------------


class Oracle:
    def __init__(self, world: World) -> None:
        self.world = world
        self.case_of = {(s, r): case for s, r, case in world.links.itertuples(index=False)}
        self.verdict = dict(world.truth.itertuples(index=False))
        self.labels = [dict(zip(COLUMNS, row, strict=True)) for row in world.labels.itertuples(index=False)]
        for label in self.labels:
            label.update({name: None for name, value in label.items() if not isinstance(value, str)})
        self.units = {
            "cell": {
                (s, r, f): self.case_of[s, r] for s, r in self.case_of for f in SYSTEMS[s]
            },
            "record": dict(self.case_of),
            "case": {(case,): case for case in self.verdict},
        }  # fmt: skip
        self.units["pair"] = self.units["cell"]

    def at(self, label, unit):
        if unit == "case":
            return (label["case_id"],)
        if label["record_id"] is None or (unit in ("cell", "pair") and label["field"] is None):
            return None
        place = (label["system"], label["record_id"])
        return place if unit == "record" else (*place, label["field"])

    def defects(self, unit):
        """Unit -> its defects."""
        found = {}
        for label in self.labels:
            place = self.at(label, unit)
            if label["class"] == "defect" and place is not None:
                found.setdefault(place, set()).add(label["defect"])
        return found

    def kind(self, place, unit):
        ranks = [
            "none",
            "not_asked",
            "not_value",
            *sorted({x["defect"] for x in self.labels if x["class"] == "hard_negative"}),
        ]
        kinds = ["none"]
        if unit == "cell":
            system, record_id, field = place
            frame = self.world.records[system].set_index("record_id")
            if pd.isna(frame.loc[record_id, field]):
                kinds.append("not_asked")
        here = [x for x in self.labels if self.at(x, unit) == place and x["class"] != "defect"]
        kinds += ["not_value" if x["class"] == "not_value" else x["defect"] for x in here]
        return max(kinds, key=ranks.index)

    def ids(self, system):
        return self.world.records[system]["record_id"].tolist()

    def rows(self, rule):
        """One entry per row: fails, judged, the records it joins, the cells it blames, the cells it could blame."""
        about_cells = () not in rule.partner_fields.values()
        for row, record_id in enumerate(self.ids(rule.system)):
            joined = {rule.system: record_id}
            blamed = {(rule.system, record_id, f) for f, mask in rule.blamed.items() if mask[row]}
            possible = {(rule.system, record_id, f) for f in rule.blamed}
            for other, fields in rule.partner_fields.items():
                position = rule.partners[other][row]
                if position >= 0:
                    joined[other] = self.ids(other)[position]
                    possible |= {(other, joined[other], f) for f in fields}
                    blamed |= {(other, joined[other], f) for f in fields if rule.fail[row]}
            if not about_cells:
                blamed, possible = set(), set()
            yield bool(rule.fail[row]), bool(rule.evaluated[row]), joined, blamed, possible

    def joint(self, rule):
        """Defect labels about two records that the rule finds, with the rows that find them."""
        rows = list(self.rows(rule))
        names = {*rule.blamed, *(f for fields in rule.partner_fields.values() for f in fields)}
        for label, second in ((one, other) for one in self.labels for other in self.seconds(one)):
            first = (label["system"], label["record_id"])
            failing = [n for n, (fail, *_) in enumerate(rows) if fail]
            about = label["field"] in names or label["fact"] in names
            if first[1] is None:
                absent = rule.partner_fields.get(first[0]) == ()
                hits = [
                    n for n in failing if absent and rows[n][2][rule.system] == second[1] and second[0] == rule.system
                ]
            elif first[0] == second[0] and rule.rule.level != "group":
                hits = []
            elif first[0] == second[0]:
                hits = [[n for n in failing if rows[n][2].get(first[0]) == r] for r in (first[1], second[1])]
                about = about or label["field"] is None
                hits = [n for side in hits for n in side] if all(hits) and about else []
            else:
                joins = [n for n in failing if rows[n][2].get(first[0]) == first[1]]
                hits = [n for n in joins if rows[n][2].get(second[0]) == second[1] and about]
            if hits:
                yield label, second, hits

    def seconds(self, label):
        """The records a defect label is about beside its own: the one it names, and for a fact all of its case."""
        first, named = label["system"], (label["other_system"], label["other_record_id"])
        if label["class"] != "defect" or named[1] is None:
            return []
        told = label["fact"] is not None and label["record_id"] is not None
        same_case = [place for place, case in self.case_of.items() if told and case == label["case_id"]]
        return [named, *(place for place in same_case if place[0] not in {first, named[0]})]

    def flagger(self, rule):  # noqa: C901  an oracle may be long as long as it is plain
        """What a rule flags, flags wrongly, judges, could judge and finds at each unit."""
        out = {
            unit: {"flagged": set(), "wrong": set(), "judged": set(), "could": set(), "found": set()}
            for unit in self.units
        }
        cell, record, case = (out[unit] for unit in ("cell", "record", "case"))
        for fail, judged, joined, blamed, possible in self.rows(rule):
            cell["flagged"] |= blamed
            cell["judged"] |= possible if judged else set()
            for system, record_id in joined.items():
                if system == rule.system or rule.partner_fields[system]:
                    record["flagged"] |= {(system, record_id)} if fail else set()
                    record["judged"] |= {(system, record_id)} if judged else set()
        if () not in rule.partner_fields.values():
            sides = {rule.system: tuple(rule.blamed), **rule.partner_fields}
            cell["could"] = {(s, r, f) for s, fields in sides.items() for r in self.ids(s) for f in fields}
        sides = [rule.system, *(s for s, fields in rule.partner_fields.items() if fields)]
        record["could"] = {(s, r) for s in sides for r in self.ids(s)}
        for name in ("flagged", "judged"):
            case[name] = {(self.case_of[place],) for place in record[name]}
        case["could"] = set(self.units["case"])
        excused = {"cell": set(), "record": set(), "case": set()}
        for unit in ("cell", "record", "case"):
            out[unit]["found"] = out[unit]["flagged"] & set(self.defects(unit))
        for label, second, _ in self.joint(rule):
            for unit in ("cell", "record"):
                place = self.at(label, unit)
                out[unit]["found"] |= {place} - {None}
                if place is not None or unit == "record":
                    excused[unit] |= {flag for flag in out[unit]["flagged"] if flag[:2] == second}
        for unit, places in excused.items():
            out[unit]["wrong"] = out[unit]["flagged"] - places
        out["pair"] = dict(cell)
        return out

    def findings(self, rule):
        """Case, kind and outcome of each row at unit pair."""
        if () in rule.partner_fields.values():
            return []
        positives = set(self.defects("cell"))
        right = {row for *_, rows in self.joint(rule) for row in rows}
        result = []
        for number, (fail, judged, joined, blamed, possible) in enumerate(self.rows(rule)):
            ranks = [
                "none",
                "not_asked",
                "not_value",
                *sorted({x["defect"] for x in self.labels if x["class"] == "hard_negative"}),
            ]
            kinds = ["none", *(self.kind(place, "cell") for place in possible if place not in positives)]
            outcome = "n_fp" if fail else "n_tn" if judged else "n_not_evaluated"
            if blamed & positives or number in right or (not fail and possible & positives):
                outcome = "right"
            case = self.case_of[rule.system, joined[rule.system]]
            result.append((case, max(kinds, key=ranks.index), outcome, fail))
        return result

    def counts(self, flagged, findings, unique, name, unit):  # noqa: C901, PLR0912  the same
        """Rows of the three tables as dictionaries, zeros left out."""
        hits, alarms, cases = Counter(), Counter(), Counter()
        defects, parts = self.defects(unit), flagged[unit]
        n_fp, n_tp, n_fn = Counter(), {}, {}
        for defect in {"any", *(d for found in defects.values() for d in found)}:
            n_tp[defect], n_fn[defect] = Counter(), Counter()
            for place, found in defects.items():
                if defect == "any" or defect in found:
                    case = self.units[unit][place]
                    (n_tp if place in parts["found"] else n_fn)[defect][case] += 1
                    hits[*name, unit, defect, self.verdict[case], "n_unique"] += place in parts["found"] - unique[unit]
        if unit == "pair":
            for case, kind, outcome, fail in findings:
                cases[*name, unit, self.verdict[case], "n_flags"] += fail
                n_fp[case] += outcome == "n_fp"
                if outcome != "right":
                    alarms[*name, unit, self.verdict[case], kind, outcome] += 1
        else:
            for place, case in self.units[unit].items():
                cases[*name, unit, self.verdict[case], "n_flags"] += place in parts["flagged"]
                if place in defects:
                    continue
                wrong, skipped = place in parts["wrong"], place in parts["could"] - parts["judged"]
                outcome = "n_fp" if wrong else "n_not_evaluated" if skipped else "n_tn"
                n_fp[case] += wrong
                alarms[*name, unit, self.verdict[case], self.kind(place, unit), outcome] += 1
        for case, verdict in self.verdict.items():
            for defect in n_tp:
                found, missed = n_tp[defect][case], n_fn[defect][case]
                sums = {
                    "n_tp": found,
                    "n_fn": missed,
                    "ss_tp": found**2,
                    "ss_fn": missed**2,
                    "sp_tp_fn": found * missed,
                }
                for column, value in sums.items():
                    hits[*name, unit, defect, verdict, column] += value
            found, missed, wrong = n_tp["any"][case], n_fn["any"][case], n_fp[case]
            sums = {"n_cases": 1, "ss_fp": wrong**2, "sp_tp_fp": found * wrong, "sp_fp_fn": wrong * missed}
            for column, value in sums.items():
                cases[*name, unit, verdict, column] += value
        return +hits, +alarms, +cases

    def everything(self):
        tables = [Counter(), Counter(), Counter()]
        flaggers = {rule.rule.id: self.flagger(rule) for rule in self.world.flags.results}
        findings = {rule.rule.id: self.findings(rule) for rule in self.world.flags.results}
        nothing = {unit: {n: set() for n in ("flagged", "wrong", "judged", "could", "found")} for unit in self.units}
        todo = [(("rule", rule), [rule]) for rule in RULES] + [(("pack", pack), list(PACKS[pack])) for pack in PACKS]
        for name, members in todo:
            union = {
                unit: {
                    part: nothing[unit][part].union(*(flaggers[m][unit][part] for m in members))
                    for part in nothing[unit]
                }
                for unit in self.units
            }
            others = {
                unit: set().union(*(flaggers[r][unit]["found"] for r in RULES if r not in members))
                for unit in self.units
            }
            for unit in self.units:
                rows = [row for member in members for row in findings[member]]
                for table, part in zip(tables, self.counts(union, rows, others, name, unit), strict=True):
                    table.update(part)
        return tables


def cells_of(frame, kinds=("rule", "pack")):
    """A frame of counts as a dictionary, zeros left out."""
    rows = frame.to_dict(orient="index").items()
    return {(*row, name): n for row, columns in rows for name, n in columns.items() if n and row[0] in kinds}


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_counts_are_those_of_plain_loops_over_sets(world):
    """Every count, and every sum of squares and products over cases, is what loops over sets of names give."""
    hits, alarms, cases = Oracle(world).everything()

    counts = world.counts()

    assert cells_of(counts.hits) == dict(hits)
    assert cells_of(counts.alarms) == dict(alarms)
    assert cells_of(counts.cases) == dict(cases)


def together(first: World, second: World) -> World:
    """Both sets of cases as one: masks end to end, positions of partners moved on."""
    results = []
    for one, two in zip(first.flags.results, second.flags.results, strict=True):
        moved = {
            other: np.concatenate([one.partners[other], np.where(there < 0, -1, there + first.flags.n_rows[other])])
            for other, there in two.partners.items()
        }
        blamed = {field: np.concatenate([one.blamed[field], two.blamed[field]]) for field in one.blamed}
        fail, evaluated = (np.concatenate([getattr(x, n) for x in (one, two)]) for n in ("fail", "evaluated"))
        results.append(RuleFlags(one.rule, one.system, fail, evaluated, blamed, moved, one.partner_fields))
    records = {s: pd.concat([first.records[s], second.records[s]], ignore_index=True) for s in SYSTEMS}
    frames = [
        pd.concat([getattr(first, n), getattr(second, n)], ignore_index=True) for n in ("labels", "links", "truth")
    ]
    return World(records, *frames, Flags(tuple(results), {s: len(f) for s, f in records.items()}))


@settings(max_examples=25, deadline=None)
@given(worlds("x"), worlds("y"))
def test_adding_counts_is_counting_together(first, second):
    """The counts of two chunks, added, equal the counts of the chunks end to end, sums over cases included."""
    added = add(first.counts(), second.counts())

    whole = together(first, second).counts()
    for name in ("hits", "alarms", "cases"):
        pd.testing.assert_frame_equal(getattr(added, name), getattr(whole, name))
    assert added.n_records == whole.n_records


@settings(max_examples=15, deadline=None)
@given(worlds())
def test_every_flagger_sees_the_same_universe(world):
    """At units cell, record and case, positives and negatives add up to the same for rules, packs and baselines."""
    counts = world.counts()
    sizes = {"cell": sum(f.shape[0] * (f.shape[1] - 1) for f in world.records.values())}
    sizes |= {"record": sum(map(len, world.records.values())), "case": len(world.truth)}

    row = ["kind", "name", "unit"]
    hits = counts.hits.query("defect == 'any'")[["n_tp", "n_fn"]].sum(axis=1).groupby(level=row).sum()
    total = counts.alarms.sum(axis=1).groupby(level=row).sum().add(hits, fill_value=0)
    for unit, size in sizes.items():
        assert set(total[total.index.get_level_values("unit") == unit]) <= {size}


@settings(max_examples=15, deadline=None)
@given(worlds())
def test_baselines_find_all_or_nothing(world):
    """Flag-everything misses no cell and spares none; flag-nothing flags none."""
    counts = world.counts()
    at = counts.hits.query("kind == 'baseline' and unit in ('cell', 'record', 'pair')").groupby(level="name").sum()
    alarms = counts.alarms.query("unit in ('cell', 'record')").groupby(level="name").sum()

    assert at.n_fn.get(FLAG_EVERYTHING, 0) == 0
    assert at.n_tp.get(FLAG_NOTHING, 0) == 0
    assert alarms.n_tn.get(FLAG_EVERYTHING, 0) == alarms.n_fp.get(FLAG_NOTHING, 0) == 0


def test_what_does_not_fit_is_refused(tmp_path):
    """Flags of other records, unknown rules in packs and sums of different rules are named."""
    frame = pd.DataFrame({"record_id": ["r1", "r2"], "time": ["x", None]})
    links = pd.DataFrame({"system": "a", "record_id": ["r1", "r2"], "case_id": [1, 2]})
    labels = pd.DataFrame(columns=COLUMNS)
    key = answer_key({"a": frame}, labels, links, pd.DataFrame({"case_id": [1, 2]}))
    mask = np.array([True, False])
    result = RuleFlags(Rule("late", NotNull("time"), system="a"), "a", mask, mask, {"time": mask}, {}, {})
    other = RuleFlags(Rule("soon", NotNull("time"), system="a"), "a", mask, mask, {"time": mask}, {}, {})

    with pytest.raises(DataError, match=r"3 records of 'a'; the answers are about a 2"):
        count(Flags((result,), {"a": 3}), key)
    with pytest.raises(DataError, match=r"pack 'p' names rule 'lat'.*Did you mean 'late'"):
        count(Flags((result,), {"a": 2}), key, packs={"p": ["lat"]})
    with pytest.raises(DataError, match=r"rule '(late|soon)' is counted in one part only"):
        add(count(Flags((result,), {"a": 2}), key), count(Flags((other,), {"a": 2}), key))
