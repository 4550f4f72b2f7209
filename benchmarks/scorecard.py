"""A scorecard: every rule, pack and baseline at every unit, by defect, with its simulation error."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks import measures
from benchmarks.align import ANY, answer_key
from benchmarks.counts import ALARMS, UNITS, Counts, count
from synth.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from checks.flags import Flags
    from checks.rule import Rule
    from synth.bundle import Bundle

ROW = ["kind", "name", "unit"]
COLUMNS = (
    "name", "kind", "unit", "defect", "n_tp", "n_fn", "n_fp", "n_tn", "n_flags",
    "sensitivity", "specificity", "precision", "f1", "mcc", "balanced_accuracy",
    "flags_per_1000_records", "flags_per_defect_found", "unique_finds",
    "simulation_error_sensitivity", "simulation_error_precision", "simulation_error_f1",
)  # fmt: skip
WHOLE = ("n_tp", "n_fn", "n_fp", "n_tn", "n_flags", "unique_finds")
NOTES = (
    "unit: what is counted; a rule across systems is best read at unit pair or case, as it cannot tell which side errs",
    "defect any: a flag is not raised for one kind of defect, so false alarms and precision stand in this row only",
    "pair: n_fp counts findings without a defect, n_tp defects found; specificity and mcc are not defined there",
    "simulation error: Monte Carlo standard error, clustered by case; it says nothing about real cases",
    "rules and planted defects have the same authors: rank rules with this table, do not forecast with it",
)


@dataclass(frozen=True)
class Scorecard:
    """What rules are worth on planted cases.

    Attributes:
        table: one row per rule, pack or baseline, unit and defect ("any" first); undefined measures are NaN.
        counts: the counts behind it, which add over chunks; `counts.alarms` tells false alarms by kind of negative.
    """

    table: pd.DataFrame
    counts: Counts

    def to_csv(self, path: str | Path) -> None:
        """Write the table as CSV; an undefined measure is an empty cell."""
        self.table.to_csv(path, index=False, lineterminator="\n")

    def to_json(self) -> str:
        """Return the table, the false alarms by kind and the notes as JSON; an undefined measure is null."""
        return json.dumps(
            {
                "n_records": self.counts.n_records,
                "notes": NOTES,
                "rows": _plain(self.table),
                "alarms": _plain(_alarms_by_kind(self.counts)),
            },
            indent=1,
        )


def score(
    flags: Flags,
    bundle: Bundle | None = None,
    *,
    records: Mapping[str, pd.DataFrame] | None = None,
    labels: pd.DataFrame | None = None,
    links: pd.DataFrame | None = None,
    truth: pd.DataFrame | None = None,
    packs: Mapping[str, Iterable[Rule | str]] | None = None,
    quotas: bool = True,
) -> Scorecard:
    """Score the flags of rules against planted truth.

    Args:
        flags: the findings of the rules on the records.
        bundle: generated cases with their answers; or give the four parts.
        records: system -> frame with record_id.
        labels: planted labels.
        links: true case of every record.
        truth: one row a case.
        packs: name -> rules or their ids; None: one pack of "all rules".
        quotas: whether the number of cases of each verdict is fixed, as in an audit replica, so that simulation error
            is clustered by case within verdict; False: verdicts are drawn case by case.

    Examples:
        >>> from checks import NotNull, Rule, evaluate
        >>> records = {"a": pd.DataFrame({"record_id": ["r1", "r2"], "time": ["09:00", None]})}
        >>> label = ("defect", "a", "r2", "time", 1, "missing")
        >>> labels = pd.DataFrame([label], columns=["class", "system", "record_id", "field", "case_id", "defect"])
        >>> links = pd.DataFrame({"system": "a", "record_id": ["r1", "r2"], "case_id": [0, 1]})
        >>> flags = evaluate([Rule("time", NotNull("time"), system="a")], records)
        >>> card = score(flags, records=records, labels=labels, links=links, truth=pd.DataFrame({"case_id": [0, 1]}))
        >>> row = card.table.query("name == 'time' and unit == 'cell' and defect == 'any'").iloc[0]
        >>> float(row.sensitivity), float(row.precision)
        (1.0, 1.0)
    """
    parts = {"records": records, "labels": labels, "links": links, "truth": truth}
    given = [name for name, part in parts.items() if part is not None]
    if bundle is not None and not given:
        key = answer_key(bundle.frames(), *(bundle.answer(name) for name in ("labels", "links", "truth")))
    elif bundle is None and records is not None and labels is not None and links is not None and truth is not None:
        key = answer_key(records, labels, links, truth)
    else:
        got = ", ".join([*(["bundle"] if bundle is not None else []), *given]) or "neither"
        raise DataError(f"score needs a bundle, or records, labels, links and truth; got {got}")
    return tabulate(count(flags, key, packs=packs), quotas=quotas)


def tabulate(counts: Counts, *, quotas: bool = True) -> Scorecard:
    """Return the scorecard of counts, such as those of several chunks added up.

    Args:
        counts: see `benchmarks.counts.count`.
        quotas: whether the number of cases of each verdict is fixed.
    """
    table = _totals(counts)
    is_any, is_pair = table["defect"] == ANY, table["unit"] == "pair"
    # A flag is not raised for one kind of defect; at unit pair finds are cells and negatives are rows.
    n_fp, n_flags = (table[name].where(is_any).to_numpy(np.float64) for name in ("n_fp", "n_flags"))
    n_tn = table["n_tn"].where(is_any & ~is_pair).to_numpy(np.float64)
    n_tp, n_fn = table["n_tp"].to_numpy(np.float64), table["n_fn"].to_numpy(np.float64)
    table = table.assign(
        n_fp=n_fp,
        n_tn=n_tn,
        n_flags=n_flags,
        sensitivity=measures.sensitivity(n_tp, n_fn),
        specificity=measures.specificity(n_tn, n_fp),
        precision=measures.precision(n_tp, n_fp),
        f1=measures.f1(n_tp, n_fp, n_fn),
        mcc=measures.mcc(n_tp, n_fp, n_fn, n_tn),
        balanced_accuracy=measures.balanced_accuracy(n_tp, n_fp, n_fn, n_tn),
        flags_per_1000_records=measures.flags_per_1000_records(n_flags, counts.n_records),
        flags_per_defect_found=measures.flags_per_defect_found(n_flags, n_tp),
        unique_finds=table["n_unique"].where(table["kind"] != "baseline"),
    )
    table = table.merge(_errors(counts, quotas=quotas), how="left", on=[*ROW, "defect"], validate="1:1")
    return Scorecard(table[list(COLUMNS)].astype(dict.fromkeys(WHOLE, "Int64")), counts)


def _totals(counts: Counts) -> pd.DataFrame:
    """Counts over strata, one row per row of the card, "any" first even where there was nothing to find."""
    hits = counts.hits.groupby(level=[*ROW, "defect"])[["n_tp", "n_fn", "n_unique"]].sum()
    rows = counts.cases.groupby(level=ROW)[["n_flags"]].sum()
    whole = pd.MultiIndex.from_tuples([(*row, ANY) for row in rows.index], names=hits.index.names)
    hits = hits.reindex(hits.index.union(whole, sort=False), fill_value=0)
    alarms = counts.alarms.groupby(level=ROW)[["n_fp", "n_tn", "n_not_evaluated"]].sum()
    alarms = alarms.reindex(rows.index, fill_value=0)
    alarms["n_tn"] += alarms.pop("n_not_evaluated")  # what is not judged is left alone
    table = hits.reset_index().merge(rows.join(alarms).reset_index(), on=ROW, how="left")
    order = {"kind": ("rule", "pack", "baseline"), "unit": UNITS}
    return table.sort_values(
        [*ROW, "defect"],
        key=lambda column: column.map(order[str(column.name)].index) if column.name in order else _any_first(column),
        ignore_index=True,
    )


def _any_first(column: pd.Series[str]) -> pd.Series[str]:
    return column.where(column != ANY, "") if column.name == "defect" else column


def _errors(counts: Counts, *, quotas: bool) -> pd.DataFrame:
    """Return the simulation error of sensitivity, precision and F1, by row and defect."""
    n_cases = counts.cases["n_cases"]
    hits = counts.hits.join(n_cases).join(n_cases.groupby(level=ROW).sum().rename("n_all"))
    sensitivity = _ratio_error(
        pd.DataFrame(
            {
                "y": hits.n_tp,
                "x": hits.n_tp + hits.n_fn,
                "yy": hits.ss_tp,
                "xy": hits.ss_tp + hits.sp_tp_fn,
                "xx": hits.ss_tp + 2 * hits.sp_tp_fn + hits.ss_fn,
                "n": hits.n_cases,
                "n_all": hits.n_all,
            }
        ),
        quotas=quotas,
    )
    at_any = counts.hits[counts.hits.index.get_level_values("defect") == ANY]
    any_hits = at_any.droplevel("defect").reindex(counts.cases.index, fill_value=0)
    n_fp = counts.alarms["n_fp"].groupby(level=[*ROW, "stratum"]).sum().reindex(counts.cases.index, fill_value=0)
    both = any_hits.join(counts.cases).assign(n_fp=n_fp, n_all=n_cases.groupby(level=ROW).transform("sum"))
    precision = _ratio_error(
        pd.DataFrame(
            {
                "y": both.n_tp,
                "x": both.n_tp + both.n_fp,
                "yy": both.ss_tp,
                "xy": both.ss_tp + both.sp_tp_fp,
                "xx": both.ss_tp + 2 * both.sp_tp_fp + both.ss_fp,
                "n": both.n_cases,
                "n_all": both.n_all,
            }
        ),
        quotas=quotas,
    )
    f1 = _ratio_error(
        pd.DataFrame(
            {
                "y": 2 * both.n_tp,
                "x": 2 * both.n_tp + both.n_fp + both.n_fn,
                "yy": 4 * both.ss_tp,
                "xy": 4 * both.ss_tp + 2 * (both.sp_tp_fp + both.sp_tp_fn),
                "xx": 4 * (both.ss_tp + both.sp_tp_fp + both.sp_tp_fn) + both.ss_fp + both.ss_fn + 2 * both.sp_fp_fn,
                "n": both.n_cases,
                "n_all": both.n_all,
            }
        ),
        quotas=quotas,
    )
    of_any = pd.DataFrame({"simulation_error_precision": precision, "simulation_error_f1": f1}).reset_index()
    of_defects = sensitivity.rename("simulation_error_sensitivity").reset_index()
    return of_defects.merge(of_any.assign(defect=ANY), how="outer", on=[*ROW, "defect"])


def _ratio_error(sums: pd.DataFrame, *, quotas: bool) -> pd.Series[float]:
    """Standard error of sum(y) / sum(x) over clusters, from sums within strata.

    Linearised: the residuals y - R x of the cases vary within each stratum (quotas) or over all cases (no quotas). A
    stratum of one case has no spread of its own, so its residual counts whole.

    References:
        Cochran (1977), Sampling Techniques, sections 6.11 and 10.
    """
    levels = [name for name in sums.index.names if name != "stratum"]
    totals = sums.groupby(level=levels)[["y", "x"]].transform("sum")
    share = (totals["y"] / totals["x"]).where(totals["x"] > 0)
    squares = sums["yy"] - 2 * share * sums["xy"] + share**2 * sums["xx"]
    residual, n, n_all = sums["y"] - share * sums["x"], sums["n"], sums["n_all"]
    if quotas:
        spread = ((squares - residual**2 / n) * n / (n - 1).where(n > 1)).where(n > 1, squares)
    else:
        spread = squares * n_all / (n_all - 1).where(n_all > 1)
    variance = spread.where(n_all > 1).groupby(level=levels).sum(min_count=1).clip(lower=0)
    error: pd.Series[float] = np.sqrt(variance) / totals["x"].groupby(level=levels).first()
    return error


def _alarms_by_kind(counts: Counts) -> pd.DataFrame:
    return counts.alarms.groupby(level=[*ROW, "negative"])[list(ALARMS)].sum().reset_index()


def _plain(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return rows as JSON can hold them: no NaN, no infinity."""
    finite = table.astype("object").where(table.notna() & ~table.isin([np.inf, -np.inf]), None)
    return [{str(name): value for name, value in row.items()} for row in finite.to_dict(orient="records")]
