"""Hypothesis strategies: linked records of a case, with what is true and what is wrong.

The simplest case is the plainest: the first value of every list, the first day, the first wording, no defect. Every
value that varies and every defect is a byte of its own, and a byte of 0 is the plain choice; a failing test therefore
shrinks to the defects it needs, usually one, in a case that is otherwise the plainest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
from hypothesis.strategies import SearchStrategy

from synth.case_file import CaseFile, CaseFiles, Record
from synth.case_source import Source
from synth.desk import Desk
from synth.draft import NUMBERS
from synth.errors import CasegaugeError, nearest
from synth.knobs import Board
from synth.pipeline import make_plan
from synth.processes import Cell
from synth.random_scenarios import scenarios
from synth.schemas.strategies import frames_from_schema, from_schema, rows_from_schema
from synth.spec import VERDICTS, Scenario
from synth.spots import KINDS, Spot, spots_of
from synth.strategy_error import StrategyError

FRAME_ROWS = 8  # most rows, where nobody says how many

__all__ = [
    "StrategyError", "bundles", "cases", "frames", "frames_from_schema", "from_schema", "records", "rows_from_schema",
    "scenarios",
]  # fmt: skip


def cases(
    scenario: Scenario | str = "oig-20-13",
    *,
    regime: str | None = None,
    verdict: str | None = None,
    defects: Iterable[str] | None = None,
    fields: Iterable[str] | None = None,
    min_defects: int | None = None,
    max_defects: int = 3,
) -> SearchStrategy[CaseFile]:
    """Draw one case: its truth, the record of it in each system, its labels and its verdict.

    Args:
        scenario: a scenario, or the name or path of one.
        regime: a regime of the scenario; None is its base regime.
        verdict: what the records are to come to; None: whatever they do.
        defects: the kinds that may be planted; None: all that the regime lets happen; none at all if empty.
        fields: where they may be planted, as `system.field` or `field`; None: anywhere.
        min_defects: 0 unless `defects` names some, then 1.
        max_defects: most defects planted.

    Returns:
        A strategy that shrinks to a case with as few defects as the test needs and everything else plainest.

    Raises:
        StrategyError: at once, for what is not there and for what cannot be.

    Examples:
        >>> from hypothesis import find
        >>> find(cases(), lambda case: case.records["encounter"]["encounter_time"] == "99:99")
        CaseFile 0: insufficient, 1 defect
          disguised_missing: encounter.encounter_time is '99:99', expected '00:05'
          all else plainest (oig-20-13, as_reported)
    """
    source = _source(scenario, regime, verdict, defects, fields, None, min_defects, max_defects)
    return source.cases()


def records(
    system: str,
    *,
    scenario: Scenario | str = "oig-20-13",
    regime: str | None = None,
    defects: Iterable[str] | None = None,
    fields: Iterable[str] | None = None,
    min_defects: int | None = None,
    max_defects: int = 3,
) -> SearchStrategy[Record]:
    """Draw one record of a system, as a dictionary from field to text; None is null.

    Args:
        system: a system of the scenario.
        scenario: as for `cases`.
        regime: as for `cases`.
        defects: as for `cases`.
        fields: as for `cases`, of this system.
        min_defects: as for `cases`.
        max_defects: as for `cases`.

    Raises:
        StrategyError: at once, for what is not there and for what cannot be.

    Examples:
        >>> from hypothesis import find
        >>> find(records("encounter"), lambda record: record["hold_basis"] is None)["hold_requested"]
        'no'
    """
    source = _source(scenario, regime, None, defects, fields, system, min_defects, max_defects)
    return source.cases().map(lambda case: case.records[system])


def bundles(
    scenario: Scenario | str = "oig-20-13",
    *,
    n_cases: int | None = None,
    regime: str | None = None,
    defects: Iterable[str] | None = None,
    fields: Iterable[str] | None = None,
    max_defects: int = 3,
) -> SearchStrategy[CaseFiles]:
    """Draw several cases with numbers of their own; `frames()` and `labels()` give their tables.

    Nothing is copied forward from one case to the next, unless `defects` asks for it.

    Args:
        scenario: as for `cases`.
        n_cases: how many; None: 1 to 8, shrinking to 1.
        regime: as for `cases`.
        defects: as for `cases`, but no case needs to have one.
        fields: as for `cases`.
        max_defects: most defects planted in each case.

    Raises:
        StrategyError: at once, for what is not there and for what cannot be.

    Examples:
        >>> from hypothesis import find
        >>> found = find(bundles(), lambda some: some.frames()["encounter"]["age_band"].isna().any())
        >>> found.labels()[["class", "system", "field", "defect"]].to_numpy().tolist()
        [['defect', 'encounter', 'age_band', 'missing']]
    """
    if n_cases is not None and not 1 <= n_cases <= NUMBERS:
        raise StrategyError(f"n_cases {n_cases!r} is not in 1 to {NUMBERS}. Choose a number in that range, or None.")
    source = _source(scenario, regime, None, defects, fields, None, 0, max_defects)
    if defects is None:
        source = replace(source, spots=tuple(spot for spot in source.spots if spot.kind != "copied_forward"))
    return source.bundles(1 if n_cases is None else n_cases, 8 if n_cases is None else n_cases)


def frames(
    system: str,
    *,
    min_size: int = 0,
    max_size: int | None = None,
    scenario: Scenario | str = "oig-20-13",
    regime: str | None = None,
    defects: Iterable[str] | None = None,
    fields: Iterable[str] | None = None,
    min_defects: int | None = None,
    max_defects: int = 3,
) -> SearchStrategy[pd.DataFrame]:
    """Draw frames of a system's records: columns of text as a record system hands them out, also without rows.

    Index and columns are those of `hypothesis.extra.pandas.data_frames`: rows counted from 0, names in one Index. The
    dtypes are the same in every frame.

    Args:
        system: a system of the scenario.
        min_size: fewest rows.
        max_size: most rows; None: 8, or `min_size` if that is more.
        scenario: as for `cases`.
        regime: as for `cases`.
        defects: as for `cases`; `duplicate_record` adds rows beyond `max_size`.
        fields: as for `cases`, of this system.
        min_defects: of each record, as for `cases`; 0 if not said.
        max_defects: most defects of each record.

    Raises:
        StrategyError: at once, for what is not there and for what cannot be.

    Examples:
        >>> from hypothesis import find
        >>> find(frames("encounter"), lambda frame: frame["age_band"].isna().any())[["record_id", "age_band"]]
                    record_id age_band
        0  SYN-E-0000000000-0      NaN
    """
    most = max(FRAME_ROWS, min_size) if max_size is None and _is_size(min_size) else max_size
    if not _is_size(min_size) or most is None or not _is_size(most) or most < min_size:
        raise StrategyError(
            f"min_size {min_size!r} and max_size {max_size!r} do not fit: 0 <= min_size <= max_size <= {NUMBERS}."
        )
    named = None if defects is None else _names(defects)
    source = _source(scenario, regime, None, named, fields, system, min_defects or 0, max_defects, named or ())
    if defects is None:
        source = replace(source, spots=tuple(spot for spot in source.spots if spot.kind != "copied_forward"))
    return source.bundles(min_size, most).map(lambda some: some.frames()[system])


def _is_size(size: object) -> bool:
    return isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= NUMBERS


def _source(
    scenario: Scenario | str,
    regime: str | None,
    verdict: str | None,
    defects: Iterable[str] | None,
    fields: Iterable[str] | None,
    system: str | None,
    min_defects: int | None,
    max_defects: int,
    of_records: tuple[str, ...] = (),
) -> Source:
    """Check what a strategy is asked for, and work out what it needs."""
    try:
        desk = Desk(make_plan(scenario, regime=regime))
        spots = spots_of(desk)
    except CasegaugeError as problem:
        raise StrategyError(str(problem)) from None
    if system is not None:
        _check_system(desk, system)
        told = {"duplicate_record", "late_entry"}.intersection(of_records)  # of whole records, what their rows show
        spots = tuple(each for each in spots if each.system == system and (each.field is not None or each.kind in told))
    if fields is not None:
        wanted = _cells(desk, system, _names(fields))
        spots = tuple(spot for spot in spots if (spot.system, spot.field) in wanted)
    named = None if defects is None else _names(defects)
    if named is not None:
        _check_defects(desk, spots, named)
        spots = tuple(spot for spot in spots if spot.kind in named)
    rank = None if verdict is None else _rank(verdict)
    if rank is not None:
        _check_verdict(spots, rank, named)
        spots = tuple(spot for spot in spots if spot.effect <= rank)
    board = Board(desk)
    asked = desk.expected(board.truth(0, {}))  # a field that the plainest case asks for is the plainer place
    copied = set(desk.received.values())  # what is wrong there is wrong twice
    spots = tuple(
        sorted(
            spots,
            key=lambda s: (
                KINDS.index(s.kind),
                s.field is not None and asked[s.system, s.field] < 0,
                (s.system, s.field) in copied,
            ),
        )
    )
    fewest = (1 if named else 0) if min_defects is None else min_defects
    required = max(fewest, 1 if rank else 0)
    _check_counts(desk, spots, required, max_defects)
    return Source(board, spots, rank, required, max_defects)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _check_system(desk: Desk, system: str) -> None:
    if system not in desk.of_system:
        scenario = desk.plan.scenario.scenario
        raise StrategyError(
            f"system {system!r} is not in scenario '{scenario}'. {nearest(str(system), desk.of_system)}"
        )


def _cells(desk: Desk, system: str | None, fields: tuple[str, ...]) -> set[Cell]:
    """Return the cells that `field` or `system.field` names."""
    found = set()
    for text in fields:
        here = {
            cell for cell in desk.columns if text in {cell[1], ".".join(cell)} and (system is None or cell[0] == system)
        }
        if not here:
            possible = {
                name for cell in desk.columns if system in {None, cell[0]} for name in (cell[1], ".".join(cell))
            }
            owner = f"system '{system}'" if system else f"scenario '{desk.plan.scenario.scenario}'"
            raise StrategyError(f"field {text!r} is not in {owner}. {nearest(str(text), possible)}")
        found |= here
    return found


def _check_defects(desk: Desk, spots: tuple[Spot, ...], named: tuple[str, ...]) -> None:
    for kind in named:
        if kind not in KINDS:
            raise StrategyError(f"defect {kind!r} is unknown. {nearest(str(kind), KINDS)}")
        possible = dict.fromkeys(spot.kind for spot in spots)
        if kind not in possible:
            where = f"scenario '{desk.plan.scenario.scenario}' under regime '{desk.plan.regime}'"
            shown = ", ".join(possible) or "none"
            raise StrategyError(
                f"defect {kind!r} cannot happen in {where} where it is asked for. Possible there: {shown}."
            )


def _rank(verdict: str) -> int:
    if verdict not in VERDICTS:
        raise StrategyError(f"verdict {verdict!r} is unknown. {nearest(str(verdict), VERDICTS)}")
    return VERDICTS.index(verdict)


def _check_verdict(spots: tuple[Spot, ...], rank: int, named: tuple[str, ...] | None) -> None:
    """Refuse defects that would make another verdict of the case, and verdicts that no defect brings about."""
    asked = VERDICTS[rank]
    if rank and not any(spot.effect == rank for spot in spots):
        kinds = "the defects that can happen there" if named is None else f"defects {list(named)}"
        raise StrategyError(f"verdict {asked!r} cannot come of {kinds}. Ask for another verdict, or for other defects.")
    for spot in spots if named is not None else ():
        if spot.effect > rank:
            fitting = [
                f"{other.system}.{other.field}" for other in spots if other.kind == spot.kind and other.effect <= rank
            ]
            hint = (
                f"Name fields where it does not, as fields=['{fitting[0]}']." if fitting else "Leave one of them out."
            )
            raise StrategyError(
                f"verdict {asked!r} and defect {spot.kind!r} do not go together: at {spot.system}.{spot.field} it "
                f"makes the case {VERDICTS[spot.effect]!r}. {hint}"
            )


def _check_counts(desk: Desk, spots: tuple[Spot, ...], required: int, max_defects: int) -> None:
    cells = len({(spot.system, spot.field, spot.fact) for spot in spots})
    if max_defects < 0 or required < 0 or required > max_defects:
        raise StrategyError(
            f"{required} defects are required of a case that may have {max_defects} at most. "
            "Raise max_defects, or ask for less."
        )
    if required > cells:
        where = f"scenario '{desk.plan.scenario.scenario}' under regime '{desk.plan.regime}'"
        raise StrategyError(f"{required} defects are required, but {where} has {cells} places for them as asked.")
