"""Digests of what is generated and of what it is drawn with: pinned by scenario, compared between processes.

`python tests/fingerprints.py` (or `make fingerprints`) writes fingerprints.json anew: a deliberate change of content.
"""

import dataclasses
import hashlib
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from synth.digest import content_digest, table_digest
from synth.export import VERSION
from synth.mechanisms import Levels, fitted, joint_table, levels_of
from synth.pipeline import generate, make_plan
from synth.processes import Processes
from synth.scenario import load_scenario, scenario_names
from synth.spec import OperatorSpec

FILE = Path(__file__).parent / "synth" / "fingerprints.json"
COMMAND = "make fingerprints"
N_CASES, SEED = 670, 1
EVERY = [(name, regime) for name in scenario_names() for regime in load_scenario(name).regimes]


def digest(bundle):
    """The content digest of a bundle in memory."""
    return content_digest({name: table_digest(name, table) for name, table in bundle.tables()})


def features_on():
    """The processor features in use beyond the baseline: numpy's by name, and Arrow's level."""
    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)], pa.runtime_info().simd_level


def contents(n_cases=N_CASES, seed=SEED, **how):
    """The content digest of every shipped scenario under every regime: "scenario/regime" -> digest."""
    return {
        f"{name}/{regime}": digest(generate(name, n_cases=n_cases, seed=seed, regime=regime, **how))
        for name, regime in EVERY
    }


def thresholds():
    """A digest of every threshold and weight of every scenario and regime, and of fits harder than theirs."""
    found = {}
    for name, regime in EVERY:
        plan = make_plan(name, regime=regime)
        parts = [plan.bounds, plan.gaps, plan.slips, plan.rates, plan.controls, plan.processes.joint]
        parts += [plan.processes.item_weights, {key: forms.bounds for key, forms in plan.forms.items()}]
        cells = sorted(plan.controls.mandatory | plan.controls.soft)
        parts += [[plan.controls.known(cell), plan.controls.honest(cell)] for cell in cells]
        parts += [plan.controls.leaving(system) for system in plan.scenario.systems]
        found[f"{name}/{regime}"] = _sum(parts)
    shares = [Fraction(number, 5050) for number in range(1, 101)]
    odds = [Fraction(7 * number % 101, 13) for number in range(1, 101)]
    rates = [Fraction(number, 997) for number in range(1, 900, 31)]
    found["fitted"] = _sum([fitted(rate, shares, odds, what="x") for rate in rates])
    levels = levels_of({
        name: [Fraction(number, size * (size + 1) // 2) for number in range(1, size + 1)]
        for name, size in (("a", 7), ("b", 5), ("c", 11))
    })  # fmt: skip
    table = np.array([[1.0, (number * 37 % 101) / 7, (number * 53 % 89) / 11] for number in range(levels.n_cells)])
    found["joint"] = _sum(joint_table(levels, [44, 11, 12], table, ["one", "two", "three"]))
    return found


def _sum(part):
    return hashlib.sha256(json.dumps(_plain(part)).encode()).hexdigest()


def _plain(part):
    """Anything a plan is made of as lists, texts and whole numbers."""
    if isinstance(part, np.ndarray):
        assert part.dtype.kind in "iu", "a threshold or weight is a whole number"
        return part.tolist()
    if isinstance(part, Levels):
        return [part.names, part.sizes, [str(share) for share in part.shares]]
    if isinstance(part, Processes):
        return None  # what depends on what stands in the file
    if isinstance(part, OperatorSpec):
        return part.model_dump(mode="json")
    if isinstance(part, Fraction):
        return str(part)
    if dataclasses.is_dataclass(part):
        return {field.name: _plain(getattr(part, field.name)) for field in dataclasses.fields(part)}
    if isinstance(part, dict):
        return {str(key): _plain(value) for key, value in part.items()}
    if isinstance(part, frozenset):
        return sorted(map(str, part))
    if isinstance(part, list | tuple):
        return [_plain(each) for each in part]
    assert part is None or isinstance(part, int | str | bool), type(part)
    return part


def fingerprints():
    """What is pinned: scenario -> version, digest of its file's content, regime -> content digest."""
    found = {
        name: {"version": VERSION, "scenario_digest": load_scenario(name).digest, "regimes": {}}
        for name in scenario_names()
    }
    for key, value in contents().items():
        name, regime = key.split("/")
        found[name]["regimes"][regime] = value
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(fingerprints(), indent=1) + "\n", encoding="utf-8", newline="\n")
