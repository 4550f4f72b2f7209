"""From a scenario to cases: truth, what is expected, what is entered under a regime, records, labels and fates."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synth import chunks
from synth.bundle import ANSWERS, Bundle, tables_of
from synth.defects import NOTHING, plant
from synth.draws import I64, Draws
from synth.entry import enter
from synth.errors import CasegaugeError
from synth.plan import Plan, plan_of
from synth.scenario import load_scenario
from synth.sheet import Sheet
from synth.spec import Scenario
from synth.systems import Shelf
from synth.truth import Truth
from synth.verdicts import statements_of, verdict

BLOCK = 1 << 16  # cases worked on at a time, unless asked otherwise; the result does not depend on it


def make_plan(scenario: Scenario | str, *, seed: int = 1, regime: str | None = None, secret: str = "") -> Plan:
    """Return a scenario made ready to generate.

    Args:
        scenario: a scenario, or the name or path of one.
        seed: 0 to 2**64 - 1.
        regime: a regime of the scenario; None is its base regime.
        secret: text mixed into the seed, for data given away without answers.
    """
    loaded = load_scenario(scenario) if isinstance(scenario, str) else scenario
    return plan_of(loaded, Draws(seed, secret), loaded.base_regime if regime is None else regime)


def sheet_of(plan: Plan, cases: I64 | Truth, n_cases: int | None) -> tuple[Sheet, npt.NDArray[np.int8]]:
    """Return every cell of some cases as codes, and their drawn verdicts.

    Args:
        plan: scenario, seed and regime.
        cases: case numbers, or their truth where it is drawn already (for another regime of the same scenario).
        n_cases: how many cases there are in all; None: as if every verdict block were whole.
    """
    truth = cases.under(plan) if isinstance(cases, Truth) else Truth(plan, cases, n_cases)
    if plan.counts:
        return enter(plan, truth, plant(plan, truth, truth.verdicts)), truth.verdicts
    return enter(plan, truth, NOTHING), _verdicts_of_rates(plan.base, truth)


def _verdicts_of_rates(base: Plan, truth: Truth) -> npt.NDArray[np.int8]:
    """Without quotas the drawn verdict is what the records of the base regime come to."""
    return verdict(base, statements_of(base, enter(base, truth.under(base), NOTHING)))


def generate(
    scenario: Scenario | str,
    *,
    n_cases: int,
    seed: int = 1,
    regime: str | None = None,
    workers: int = 1,
    block_size: int = BLOCK,
) -> Bundle:
    """Generate cases whose truth is known.

    Args:
        scenario: a scenario, or the name or path of one.
        n_cases: 1 to 2**31.
        seed: 0 to 2**64 - 1.
        regime: a regime of the scenario; None is its base regime.
        workers: threads; the result does not depend on it.
        block_size: cases worked on at a time; the result does not depend on it.

    Returns:
        Records of every system and the answers, in memory. `export.write` streams instead.

    Raises:
        CasegaugeError: a number out of range, an unknown scenario or regime.

    Examples:
        >>> bundle = generate("oig-20-13", n_cases=67, seed=1)
        >>> bundle.answer("truth")["verdict"].value_counts().sort_index().tolist()
        [44, 11, 12]
    """
    plan = make_plan(scenario, seed=seed, regime=regime)
    pieces = list(stream(plan, n_cases=n_cases, workers=workers, block_size=block_size))
    records = {system: _concat([piece.records[system] for piece in pieces]) for system in plan.scenario.systems}
    answers = {name: _concat([piece.answers[name] for piece in pieces]) for name in ANSWERS}
    return Bundle(plan, n_cases, records, answers)


def _concat(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).combine_chunks()


def stream(plan: Plan, *, n_cases: int, workers: int = 1, block_size: int = BLOCK) -> Iterator[Bundle]:
    """Generate cases piece by piece, whole chunks at a time, in order.

    Args:
        plan: scenario, seed and regime.
        n_cases: 1 to 2**31.
        workers: threads.
        block_size: cases worked on at a time.
    """
    chunks.check_n_cases(n_cases)
    if block_size < 1 or workers < 1:
        raise CasegaugeError(f"block_size {block_size} and workers {workers} must be 1 or more.")
    unit = -(-block_size // chunks.CHUNK) * chunks.CHUNK
    starts = iter(range(0, n_cases, unit))
    if workers == 1:
        for start in starts:
            yield _unit(plan, start, min(start + unit, n_cases), n_cases, block_size)
        return
    with ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(_unit, plan, start, min(start + unit, n_cases), n_cases, block_size)
                for start in islice(starts, workers + 1)]  # fmt: skip
        while jobs:
            done = jobs.pop(0).result()
            jobs += [pool.submit(_unit, plan, start, min(start + unit, n_cases), n_cases, block_size)
                     for start in islice(starts, 1)]  # fmt: skip
            yield done


def _unit(plan: Plan, start: int, stop: int, n_cases: int, block_size: int) -> Bundle:
    """Generate whole chunks, `block_size` cases at a time, and put their rows in the order of the files."""
    blocks = [slice_of(plan, first, min(first + block_size, stop), n_cases) for first in range(start, stop, block_size)]
    if len(blocks) == 1:
        return blocks[0]
    records = {}
    for system in plan.scenario.systems:
        table = pa.concat_tables([block.records[system] for block in blocks])
        records[system] = table.take(pa.array(_file_order(plan, system, blocks)))
    answers = {name: _concat([block.answers[name] for block in blocks]) for name in ANSWERS}
    return Bundle(plan, stop - start, records, answers)


def _file_order(plan: Plan, system: str, blocks: list[Bundle]) -> I64:
    """Return the order of a system's records across blocks, each of which is in keyed order already."""
    cases, seconds = [], []
    for block in blocks:
        links = block.answers["links"]
        here = links["case_id"].filter(pc.equal(links["system"].cast(pa.string()), system)).to_numpy()
        again = np.zeros(here.shape, np.bool_)
        again[1:] = here[1:] == here[:-1]
        first = here[~again]
        order = chunks.row_order(plan.draws, system, first, here[again])
        cases.append(np.concatenate([first, here[again]])[order])
        seconds.append(order >= first.size)
    case, second = np.concatenate(cases), np.concatenate(seconds)
    position = np.concatenate([np.flatnonzero(~second), np.flatnonzero(second)])
    return position[chunks.row_order(plan.draws, system, case[~second], case[second])]


def slice_of(plan: Plan, start: int, stop: int, n_cases: int | None) -> Bundle:
    """Generate cases start to stop - 1 and nothing else; the time it takes does not depend on `start`.

    Args:
        plan: scenario, seed and regime.
        start: the first case, 0 or more.
        stop: one past the last.
        n_cases: how many cases there are in all; None: as if every verdict block were whole.
    """
    index = np.arange(start, stop, dtype=np.int64)
    sheet, verdicts = sheet_of(plan, index, n_cases)
    records, answers = tables_of(Shelf(plan, sheet), verdicts)
    return Bundle(plan, stop - start, records, answers)


def case(
    scenario: Scenario | str,
    index: int,
    *,
    seed: int = 1,
    regime: str | None = None,
    n_cases: int | None = None,
) -> Bundle:
    """Generate one case alone: the same records and answers as in a run of any size that holds it.

    Args:
        scenario: a scenario, or the name or path of one.
        index: the case, 0 or more.
        seed: as for `generate`.
        regime: as for `generate`.
        n_cases: how many cases the run has; None: as if the case's verdict block were whole.

    Examples:
        >>> alone = case("oig-20-13", 3, seed=1)
        >>> alone.answers["truth"]["case_id"].to_pylist()
        [3]
    """
    chunks.check_n_cases(index + 1 if n_cases is None else n_cases)
    if not 0 <= index < (chunks.MAX_CASES if n_cases is None else n_cases):
        last = (chunks.MAX_CASES if n_cases is None else n_cases) - 1
        raise CasegaugeError(f"case {index} is not in 0 to {last}. Choose a case in that range.")
    return slice_of(make_plan(scenario, seed=seed, regime=regime), index, index + 1, n_cases)
