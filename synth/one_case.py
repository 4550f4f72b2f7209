"""A generated case as a `CaseFile`: the columns of one case, put through the desk that strategies use."""

from __future__ import annotations

import numpy as np

from synth import chunks
from synth.case_file import CaseFile
from synth.data_dictionary import NARRATIVE
from synth.desk import Desk
from synth.draft import COPIED, Draft, Wording
from synth.draws import permuted
from synth.narratives import Narrator
from synth.pipeline import make_plan, sheet_of
from synth.plan import Plan
from synth.sheet import FATE
from synth.spec import Scenario
from synth.systems import COPIES, Shelf


def case_file(
    scenario: Scenario | str, index: int, *, seed: int = 1, regime: str | None = None, n_cases: int | None = None
) -> CaseFile:
    """Return a generated case as a `CaseFile`: the same records and answers as `pipeline.case` gives as tables.

    Args:
        scenario: a scenario, or the name or path of one.
        index: the case, 0 or more.
        seed: as for `generate`.
        regime: as for `generate`.
        n_cases: how many cases the run has; None: as if the case's verdict block were whole.

    Examples:
        >>> one = case_file("oig-20-13", 3, seed=1)
        >>> one.case, sorted(one.records)
        ((1, 3), ['casework', 'encounter', 'inquiry'])
    """
    plan = make_plan(scenario, seed=seed, regime=regime)
    chunks.check_n_cases(index + 1 if n_cases is None else n_cases)
    return Desk(plan).file(draft_of(plan, index, n_cases), seed=seed)


def draft_of(plan: Plan, index: int, n_cases: int | None) -> Draft:
    """Return a generated case as a draft."""
    here = np.array([index], np.int64)
    sheet, _ = sheet_of(plan, here, n_cases)
    shelf = Shelf(plan, sheet)
    own = {system: _wording(plan, system, here) for system in plan.told}
    copied = {
        system: _wording(plan, system, chunks.previous_cases(plan.draws, here))
        for system in plan.told
        if sheet.entries[system, NARRATIVE].recorded[0] == COPIED
    }
    return Draft(
        index=index,
        record_numbers={
            system: int(permuted(here * COPIES, plan.draws, f"record/{system}")[0]) for system in plan.scenario.systems
        },
        truth={name: int(sheet.truth.codes(name)[0]) for name in plan.scenario.truth},
        expected={cell: int(entry.expected[0]) for cell, entry in sheet.entries.items()},
        recorded={cell: int(entry.recorded[0]) for cell, entry in sheet.entries.items()},
        said={telling: int(codes[0]) for telling, codes in shelf.facts.items()},
        wording=own,
        written=own | copied,
        left_open={cell for cell, entry in sheet.entries.items() if entry.gaps.size},
        falsified={cell for cell, entry in sheet.entries.items() if entry.falsified.size},
        swapped={cell for cell, entry in sheet.entries.items() if entry.swapped.size},
        astray={cell for cell, entry in sheet.entries.items() if entry.astray.size},
        kept={system: int(kept[0]) for system, kept in sheet.kept.items() if kept[0] >= 0},
        doubled={
            system: int(permuted(here * COPIES + 1, plan.draws, f"record/{system}")[0])
            for system, doubled in sheet.doubled.items()
            if doubled[0]
        },
        late={name for names in plan.stamps.values() for name in names if sheet.truth.late(name)[0]},
        contradicted=[telling for telling, rows in sheet.planted.contradicted.items() if rows.size],
        copied={cell for cell, entry in sheet.entries.items() if entry.copied.size},
        honest={cell for cell, entry in sheet.entries.items() if (entry.fates == FATE["not_value_honest"]).any()},
        lost={system for system, mask in sheet.lost.items() if mask[0]},
    )


def _wording(plan: Plan, system: str, index: np.ndarray) -> Wording:
    """Return how a generated case's narrative is put."""
    narrator = Narrator(plan, system)
    zero = {fact: np.zeros(1, np.int64) for fact in plan.told[system]}
    told = narrator.tell(index, zero)
    variants = tuple(int(variant[0]) for variant in told.variants)
    return Wording(variants, {said.fact: int(said.surface[0]) for said in told.statements})
