"""From a list of fields to the fields of a scenario: names, true values, conditions, gaps, and what was decided.

The list says names, types, lists, conditions and rates. Whatever else a scenario has to say is a modeller's choice; it
is made here, in one place, and told beside the field it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from synth.consistency import OWN_COLUMNS
from synth.listed_fields import (
    NO,
    YES,
    ListedField,
    ListedTable,
    clean_values,
    own_name,
    shown,
    whole_range,
)
from synth.spec import GROUPS, NULL_LOOKALIKES

DEFAULT_BLANK = Decimal(5)  # per cent, of fields whose list does not say; modeller's choice
CODES = 40  # of a text field; modeller's choice
MOST_CODES = 10_000
LAST_DAY = 30  # days after the case up to which a date falls; modeller's choice
FEWEST_MATERIAL = 5  # first fields taken as material where none is required
RESERVED = {"record_id", "narrative", *OWN_COLUMNS, *GROUPS}
DAY_OF_CASE = "case_day"
STATED_KINDS = ("choice", "boolean", "date", "time", "whole")  # what a narrative can state
OTHER = "other"


@dataclass
class Cell:
    """One field of the scenario to be, filled in step by step.

    Attributes:
        listed: what the list says.
        system: its system.
        name: its name there.
        kind: choice, date, time, whole, code or reference.
        truth: the name of its true value.
        shares: whether another field brings that true value.
        values: of a choice.
        never: those of them that are never true.
        bounds: of a whole number.
        count: of codes.
        silent: not-values found among the listed values.
        applies: conditions, by name of a field above.
        usage, needed, material, stamped, gap, weight, pick_list: as in the scenario.
        remarks: what a reader should know, for the comment.
        nearest: why the kind is only the nearest.
    """

    listed: ListedField
    system: str
    name: str
    kind: str
    truth: str = ""
    shares: bool = False
    values: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    bounds: tuple[int, int] = (0, 100)
    count: int = CODES
    silent: list[str] = field(default_factory=list)
    applies: dict[str, list[str]] = field(default_factory=dict)
    needed: bool = False
    material: bool = False
    stamped: bool = False
    gap: Decimal = Decimal(0)
    weight: Decimal = Decimal(1)
    pick_list: bool | None = None
    remarks: list[str] = field(default_factory=list)
    nearest: str = ""

    @property
    def title(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class Draft:
    """The fields of a scenario to be.

    Attributes:
        systems: per system its fields, in the order of the form.
        links: true values that several systems hold in a reference, by name: system -> field.
        renamed: (name in the list, name in the scenario) where they differ by more than case.
        none_required: whether the list requires nothing, so that all fields count.
        placeholder_share: of what is not truly filled, the share that holds a placeholder; None where not given.
    """

    systems: dict[str, list[Cell]]
    links: dict[str, dict[str, str]]
    renamed: list[tuple[str, str]]
    none_required: bool
    placeholder_share: Decimal | None

    def cells(self) -> Iterator[Cell]:
        """Yield all fields."""
        for cells in self.systems.values():
            yield from cells


def draft_of(tables: Sequence[ListedTable], *, most_listed: int, default_system: str = "form") -> Draft:
    """Return the fields of a scenario for some listed tables.

    Args:
        tables: as read; one system each, in this order.
        most_listed: lists with more values become codes.
        default_system: what a table without a name is called.
    """
    systems: dict[str, list[Cell]] = {}
    renamed: list[tuple[str, str]] = []
    for table in tables:
        system = own_name(table.name or default_system, systems)
        if table.name and table.name.casefold() != system:
            renamed.append((shown(table.name), system))
        systems[system] = _named(table, system, renamed)
    for cells in systems.values():
        for cell in cells:
            _settle_kind(cell, most_listed)
        _settle_conditions(cells)
    systems = {system: _ordered(cells) for system, cells in systems.items()}
    links = _settle_truths(tables, systems)
    everything = [cell for cells in systems.values() for cell in cells]
    none_required = not any(cell.listed.usage in {"mandatory", "required"} for cell in everything)
    for cell in everything:
        _settle_rates(cell, none_required=none_required)
    return Draft(systems, links, renamed, none_required, _placeholder_share(everything))


def _named(table: ListedTable, system: str, renamed: list[tuple[str, str]]) -> list[Cell]:
    found: dict[str, Cell] = {}
    for listed in table.fields:
        name = own_name(listed.name, found, RESERVED)
        found[name] = Cell(listed, system, name, listed.kind, remarks=list(listed.remarks), nearest=listed.nearest)
        if listed.name.casefold() != name:
            renamed.append((shown(listed.name), name))
            found[name].remarks.insert(0, f"'{shown(listed.name)}'")
    return list(found.values())


def _settle_kind(cell: Cell, most_listed: int) -> None:
    """Decide what values a field has."""
    listed = cell.listed
    if cell.kind == "boolean":
        cell.kind, cell.values = "choice", ["yes", "no"]
    elif cell.kind == "choice":
        cell.values, cell.silent, changed = clean_values(listed.values)
        cell.remarks += changed
        if cell.silent:
            cell.remarks.append(f"not-values taken out of the list: {', '.join(cell.silent)}")
        if len(cell.values) > most_listed:
            cell.kind, cell.count = "code", min(len(cell.values), MOST_CODES)
            cell.nearest = f"a list of {len(cell.values)} values; as many codes"
        elif len(cell.values) < 2:
            cell.nearest = f"a list of {len(cell.values)} values; a choice has two or more, so 'other' is added"
            cell.never = [value for value in (OTHER, f"{OTHER}-still") if value not in cell.values][: len(cell.values)]
            cell.values = list(dict.fromkeys([*cell.values, OTHER, f"{OTHER}-still"]))[:2]
    elif cell.kind == "whole":
        bounds = whole_range(*listed.bounds)
        if bounds is None:
            cell.kind, cell.nearest = "code", "numbers outside 0 to 1,000 are not carried; a code"
        else:
            cell.bounds = bounds
            if listed.bounds == (None, None):
                cell.remarks.append("range: modeller's choice")


# --------------------------------------------------------------------------------------------------------- conditions


def _settle_conditions(cells: list[Cell]) -> None:
    """Find the fields that conditions name, and the values; a condition that cannot be kept leaves a remark."""
    by_name = {cell.name: cell for cell in cells} | {cell.listed.name.casefold(): cell for cell in cells}
    wanted = [
        (cell, by_name.get(name.casefold()) or by_name.get(own_name(name, ())), name, values)
        for cell in cells
        for name, values in cell.listed.applies
    ]
    for cell, cause, _, _ in wanted:
        if cause is None or cause is cell or cause.kind not in {"code", "whole"}:
            continue
        named = clean_values(value for _, other, _, each in wanted if other is cause for value in each)[0]
        if set(named) - {OTHER}:
            cause.kind, cause.nearest, cause.values = "choice", "", list(dict.fromkeys([*named, OTHER]))
            cause.remarks.append("values: those that conditions name, and 'other'; modeller's choice")
    for cell, cause, name, values in wanted:
        kept = [] if cause is None or cause.kind != "choice" else _matched(values, cause.values)
        if cause is None or cause is cell:
            cell.remarks.append(f"asked always: no other field is called '{shown(name)}'")
        elif not kept:
            alone = "asked always" if not cell.applies else "asked whatever else"
            cell.remarks.append(f"{alone}: '{shown(name)}' never is {shown(' or '.join(values))}")
        else:
            cell.applies[cause.name] = kept
            if len(kept) < len(set(values)):
                cell.remarks.append(f"asked also if '{shown(name)}' were a value that is not listed; left out")


def _matched(values: Sequence[str], possible: Sequence[str]) -> list[str]:
    """Return the possible values that some texts mean, whatever their case; yes and no in any of their words."""
    plain = {value.casefold(): value for value in possible}
    found = []
    for value in values:
        word = (clean_values([value])[0] or [value])[0].casefold()
        if word not in plain and {"yes", "no"} <= set(plain):
            word = "yes" if word in YES else "no" if word in NO else word
        if word in plain:
            found.append(plain[word])
    return list(dict.fromkeys(found))


def _ordered(cells: list[Cell]) -> list[Cell]:
    """Return fields so that each comes after those its conditions name; a circle is opened at its first field."""
    waiting, placed = list(cells), dict[str, Cell]()
    while waiting:
        ready = next((cell for cell in waiting if set(cell.applies) <= set(placed)), None)
        if ready is None:
            ready = waiting[0]
            ready.remarks.append("asked always: its condition goes in a circle")
            ready.applies = {name: values for name, values in ready.applies.items() if name in placed}
        elif ready is not waiting[0] and waiting[0].applies:
            waiting[0].remarks += [] if _MOVED in waiting[0].remarks else [_MOVED]
        waiting.remove(ready)
        placed[ready.name] = ready
    return list(placed.values())


_MOVED = "moved below the field it depends on"


# -------------------------------------------------------------------------------------------------------- true values


def _settle_truths(tables: Sequence[ListedTable], systems: dict[str, list[Cell]]) -> dict[str, dict[str, str]]:
    """Name the true value of every field; keys of one table that others refer to are one true value, and a link."""
    names = {table.name.casefold(): system for table, system in zip(tables, systems, strict=True)}
    owners = {
        (cell.system, cell.listed.name.casefold()): cell
        for cells in systems.values()
        for cell in cells
        if cell.kind == "reference" and cell.listed.target is None
    }
    taken: set[str] = {DAY_OF_CASE, *OWN_COLUMNS}
    links: dict[str, dict[str, str]] = {}
    for cell in (cell for cells in systems.values() for cell in cells if cell.listed.target is None):
        _name_truth(cell, taken)
    for system, cells in systems.items():
        for cell in (cell for cell in cells if cell.listed.target is not None):
            table, key = cell.listed.target or ("", "")
            owner = owners.get((names.get(table.casefold(), ""), key.casefold()))
            ends = links.setdefault(owner.truth, {owner.system: owner.name}) if owner else {}
            if owner is None:
                cell.remarks.append(f"refers to {shown(table)}, which is not in the list")
            elif system in ends:
                cell.remarks.append(f"refers to {shown(table)} once more; a number of its own")
            else:
                cell.truth, cell.shares, ends[system] = owner.truth, True, cell.name
            if not cell.shares:
                _name_truth(cell, taken)
    return {truth: ends for truth, ends in links.items() if len(ends) > 1}


def _name_truth(cell: Cell, taken: set[str]) -> None:
    wanted = cell.name if cell.name not in taken else f"{cell.system}_{cell.name}"
    cell.truth = own_name(wanted, taken)
    taken.add(cell.truth)


def prefix_of(name: str) -> str:
    """Return the prefix of codes of a field.

    Examples:
        >>> prefix_of("facility_code"), prefix_of("na")
        ('FACILITYCO', 'NAX')
    """
    plain = re.sub(r"[^A-Z0-9]", "", name.upper())[:10]
    return f"{plain}X" if plain.lower() in NULL_LOOKALIKES else plain


# -------------------------------------------------------------------------------------------------------------- rates


def _settle_rates(cell: Cell, *, none_required: bool) -> None:
    listed = cell.listed
    cell.stamped = listed.primary and not listed.blank and not listed.placeholder and not cell.applies
    cell.needed = none_required or listed.usage in {"mandatory", "required"}
    cell.material = not none_required and cell.needed and not cell.applies and not cell.stamped
    if cell.stamped:
        cell.remarks.append("written by the system: modeller's choice")
        return
    if listed.blank is None and listed.placeholder is None:
        cell.gap = DEFAULT_BLANK / 100
        cell.remarks.append("gap: modeller's choice")
    else:
        cell.gap = ((listed.blank or 0) + (listed.placeholder or 0)) / Decimal(100)
    if listed.placeholder and cell.kind == "choice":
        cell.pick_list = False
    elif listed.placeholder == 0 and cell.kind != "choice":
        cell.pick_list = True


def _placeholder_share(cells: Sequence[Cell]) -> Decimal | None:
    """Return the share of placeholders among what is not truly filled, over the fields that hold any."""
    with_room = [cell for cell in cells if cell.listed.placeholder]
    total = sum((cell.gap for cell in with_room), Decimal(0))
    if not total:
        return None
    return round(sum((cell.listed.placeholder or Decimal(0) for cell in with_room), Decimal(0)) / 100 / total, 4)
