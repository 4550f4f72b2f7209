"""The audit replica: the first cases of a run beside the counts an audit reported, and what so few cases can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.intervals import wilson_interval
from benchmarks.regimes import Contrast, verdict_counts
from synth.spec import VERDICTS, Scenario


@dataclass(frozen=True)
class Replica:
    """The audit's cases, replayed.

    Attributes:
        source: who reported the counts.
        sampling: how the audit's cases came about.
        n_cases: cases in the audit.
        reported: verdict -> cases the audit reported.
        found: verdict -> cases of the replica, as a reviewer of its records judges them.
    """

    source: str
    sampling: str
    n_cases: int
    reported: Mapping[str, int]
    found: Mapping[str, int]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a verdict: reported and found counts, shares, and the interval of a random draw."""
        rows = []
        for verdict in VERDICTS:
            low, high = wilson_interval(self.reported[verdict], self.n_cases)[0]
            rows.append({
                "verdict": verdict, "reported": self.reported[verdict], "replica": self.found[verdict],
                "share": self.found[verdict] / sum(self.found.values()), "low": float(low), "high": float(high),
            })  # fmt: skip
        return rows

    def caution(self) -> str:
        """Return what these cases can and cannot show, in one sentence."""
        low, high = wilson_interval(self.reported[VERDICTS[0]], self.n_cases)[0]
        return (
            f"If these had been a simple random sample, {100 * low:.0f}-{100 * high:.0f} % of cases would be "
            f"documented (95 % Wilson interval of {self.reported[VERDICTS[0]]} of {self.n_cases}). "
            + (
                "How they were drawn is not stated."
                if self.sampling == "not stated"
                else f"They were not: {self.sampling}."
            )
        )


def replica(scenario: Scenario, contrast: Contrast) -> Replica | None:
    """Return the audit replica, or None where the scenario reports no audit or the run has fewer cases.

    The audit replica is cases 0 to n - 1 of every run in the base regime; the verdicts are those of a reviewer who
    looks at the records, not the quota that was drawn.
    """
    audit = scenario.audit
    if audit is None:
        return None
    size = audit.cases
    if contrast.n_cases < size:
        return None
    reported = {verdict: int(getattr(audit, verdict)) for verdict in VERDICTS}
    found = verdict_counts(contrast, contrast.base, "reviewer", first=size)
    return Replica(audit.source, audit.sampling, size, reported, found)
