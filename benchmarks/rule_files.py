"""The rule files and packs a command is given, brought to the tables they are about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from checks.coverage import Coverage
from checks.evaluation import evaluate
from checks.flags import Flags
from checks.loading import load_rules
from checks.packs import load_pack_file
from checks.predicates import (
    ACROSS,
    ForeignKey,
    Predicate,
    PresentIn,
    fields_of,
    parts_of,
)
from checks.rule import Rule
from checks.rule_set import RuleSet
from synth.errors import RuleError, nearest


@dataclass(frozen=True)
class LeftOut:
    """A source rule that is not evaluated.

    Attributes:
        id: of the rule, as its file has it.
        file: where it is from.
        place: where it stands in the file.
        reason: why.
    """

    id: str
    file: str
    place: str
    reason: str


@dataclass(frozen=True)
class Given:
    """Rules to evaluate on tables, and those left out.

    Attributes:
        rules: with ids that are distinct over all files.
        files: rule id -> the file it is from.
        left_out: every source rule that is not among them, and why.
        n_source: source rules of all files.
        tables: the data, by the names the rules know them by.
    """

    rules: tuple[Rule, ...]
    files: Mapping[str, str]
    left_out: tuple[LeftOut, ...]
    n_source: int
    tables: Mapping[str, pd.DataFrame]


def judged(given: Given, *, null_policy: str | None = None, skip: bool = False) -> tuple[Given, Flags]:
    """Evaluate the rules on the tables; with `skip`, a rule that cannot be evaluated is left out and listed as well."""
    flags = evaluate(given.rules, given.tables, null_policy=null_policy, on_error="list" if skip else "raise")
    failed = tuple(LeftOut(rule_id, given.files[rule_id], "", why) for rule_id, why in flags.errors.items())
    return replace(given, left_out=given.left_out + failed), flags


def loaded_rules(
    files: Sequence[str],
    packs: Sequence[str] = (),
    tables: Collection[str] = (),
    *,
    skip: bool = False,
    trust: bool = False,
) -> list[tuple[str, RuleSet]]:
    """Load rule files and packs; return them with the names messages call them.

    Args:
        files: names of rule files; `TABLE=FILE` says which table the rules of a file are about that name none.
        packs: names of built-in packs.
        tables: the tables there are.
        skip: leave out rules that cannot be translated, instead of refusing the file.
        trust: let Python files run.
    """
    if not files and not packs:
        raise RuleError("no rules are given. Name a file with --rules FILE, or a pack with --pack NAME.")
    found = []
    for name in files:
        table, equals, rest = name.partition("=")
        named = bool(equals) and not Path(name).exists()
        if named and table not in tables:
            raise RuleError(f"{name}: {table!r} is not a table of the data. {nearest(table, tables)}")
        path = Path(rest if named else name)
        how = "skip" if skip else "error"
        found.append((str(path), load_rules(path, system=table if named else None, on_unsupported=how, trust=trust)))
    return found + [(name, load_pack_file(name)) for name in packs]


def given_rules(
    loaded: Iterable[tuple[str, RuleSet]], tables: Mapping[str, pd.DataFrame], *, skip: bool = False
) -> Given:
    """Bring loaded rules to some tables.

    A rule about a table that is not among the data, or a column its table does not have, is an error unless `skip`;
    then it is left out and listed.

    Args:
        loaded: rule sets, with the names of their files.
        tables: the data, by name.
        skip: leave out what cannot be evaluated.
    """
    loaded = list(loaded)
    tables = _as_called(tables, loaded)
    rules: list[Rule] = []
    left_out: list[LeftOut] = []
    origin: dict[str, str] = {}
    n_source = 0
    for name, rule_set in loaded:
        entries = {entry.id: entry for entry in rule_set.coverage()}
        n_source += len(entries)
        left_out += [LeftOut(entry.id, name, entry.place, entry.reason) for entry in entries.values()
                     if entry.status in {"unsupported", "error"}]  # fmt: skip
        for rule in _about(rule_set, tables):
            entry = entries.get(rule.id, Coverage(rule.id, "exact"))
            reason = _not_among(rule, tables, name, entry, skip=skip) or _missing_column(
                rule, tables, name, entry, skip=skip
            )
            if reason:
                left_out.append(LeftOut(rule.id, name, entry.place, reason))
                continue
            rule_id = rule.id if rule.id not in origin else f"{Path(name).stem}/{rule.id}"
            origin[rule_id] = name
            rules.append(replace(rule, id=rule_id))
    if not rules:
        why = f" ({left_out[0].id}: {left_out[0].reason})" if left_out else ""
        raise RuleError(f"none of {n_source} rules can be evaluated on these tables{why}. {_tables_hint(tables)}")
    return Given(tuple(rules), origin, tuple(left_out), n_source, tables)


def _as_called(tables: Mapping[str, pd.DataFrame], loaded: Sequence[tuple[str, RuleSet]]) -> dict[str, pd.DataFrame]:
    """The tables by the names rules have for them: in another case, or by the file a table is said to be in."""
    by_case = {name.casefold(): name for name in tables}
    called: dict[str, list[str]] = {name: [] for name in tables}
    for _, rule_set in loaded:
        for rule in rule_set.rules:
            for name in (rule.system, *_other_tables(rule)):
                file = rule_set.files.get(name or "", "")
                found = by_case.get((name or "").casefold()) or by_case.get(file.casefold())
                if name is not None and found is not None and name not in called[found]:
                    called[found].append(name)
    return {name: tables[table] for table, names in called.items() for name in (names or [table])}


def _about(loaded: RuleSet, tables: Mapping[str, pd.DataFrame]) -> tuple[Rule, ...]:
    """The rules with the names of their tables; one table and rules about one table belong together by any name."""
    systems = {rule.system for rule in loaded.rules}
    (alone,) = tables if len(tables) == 1 else (None,)
    if alone is not None and len(systems) == 1:
        return tuple(replace(rule, system=alone) for rule in loaded.rules)
    return tuple(replace(rule, system=alone) if rule.system is None else rule for rule in loaded.rules)


def _not_among(rule: Rule, tables: Mapping[str, pd.DataFrame], file: str, entry: Coverage, *, skip: bool) -> str:
    """Why a rule is about no table of the data; refused outright unless `skip`; empty if it is about one."""
    if rule.system is None:
        raise RuleError(f"rule {rule.id!r} names no table, and there are {len(tables)}. Write --rules TABLE=FILE.")
    for name in (rule.system, *_other_tables(rule)):
        if name not in tables:
            reason = f"no table {name!r} is among the data"
            if skip:
                return reason
            place = f"{file}: {entry.place}: " if entry.place else f"{file}: "
            hint = f"{nearest(name, tables)} Leave such rules out with --skip-unsupported."
            raise RuleError(f"{place}rule {rule.id!r}: {reason}. {hint}")
    return ""


def _other_tables(rule: Rule) -> list[str]:
    found = []
    for predicate in _inside([rule.predicate, *([rule.where] if rule.where is not None else [])]):
        if isinstance(predicate, ForeignKey):
            found.append(predicate.system)
        if isinstance(predicate, (*ACROSS, PresentIn)) and predicate.link is not None:
            found.append(predicate.link.other)
    return found


def _inside(predicates: Iterable[Predicate]) -> Iterable[Predicate]:
    for predicate in predicates:
        yield predicate
        yield from _inside(parts_of(predicate))


def columns_of(rule: Rule) -> tuple[str, ...]:
    """Return every column of its own table that a rule reads or blames."""
    condition = () if rule.where is None else fields_of(rule.where)
    return tuple(dict.fromkeys((*fields_of(rule.predicate), *condition, *rule.blames)))


def _missing_column(rule: Rule, tables: Mapping[str, pd.DataFrame], file: str, entry: Coverage, *, skip: bool) -> str:
    """Why a rule cannot see its columns; refused outright unless `skip`."""
    frame = tables[rule.system or ""]
    for column in columns_of(rule):
        if column not in frame.columns:
            names = [str(name) for name in frame.columns]
            reason = f"{column!r} is not a column of {rule.system!r}. {nearest(column, names)}"
            if skip:
                return reason
            place = f"{file}: {entry.place}: " if entry.place else f"{file}: "
            raise RuleError(f"{place}rule {rule.id!r}: {reason}")
    return ""


def _tables_hint(tables: Mapping[str, pd.DataFrame]) -> str:
    return f"Tables of the data: {', '.join(tables)}."
