"""Contrasts with numbers a person can check: counts per case given by hand, no generator behind them."""

import numpy as np

from benchmarks.regimes import Contrast
from benchmarks.tally import QUANTITIES, Tally
from synth.scenario import load_scenario


def tally_of(regime, **counts):
    """Give a tally of the scope "all"; what is not given is 0, but for one record and one event a case."""
    size = len(next(iter(counts.values())))
    per_case = {("all", name): np.zeros(size, np.int64) for name in QUANTITIES}
    per_case["all", "events"] = per_case["all", "present"] = np.ones(size, np.int64)
    per_case |= {("all", name): np.array(each, np.int64) for name, each in counts.items()}
    verdicts = {kind: np.zeros(size, np.int8) for kind in ("drawn", "reviewer", "true")}
    return Tally(regime, per_case, verdicts)


def contrast_of(*tallies):
    """Give a contrast of the rate scenario whose first tally is the base regime."""
    size = tallies[0].counts("events").size
    return Contrast(load_scenario("reference"), 1, size, tallies[0].regime, {each.regime: each for each in tallies})


def cells(regime, right, wrong, *, lucky=0, blank=0, present=1, n_cases=4):
    """Give a tally of cases that are all alike: so many right and hidden wrong cells of 10 needed ones."""
    one = {
        "needed": 10, "present_needed": 10 * present, "asked": 10 * present, "informed": right - lucky, "lucky": lucky,
        "hidden_wrong": wrong, "filled": 10 * present - blank, "valued": right + wrong,
        "present_valued": right + wrong, "present": present,
    }  # fmt: skip
    return tally_of(regime, **{name: [count] * n_cases for name, count in one.items()})
