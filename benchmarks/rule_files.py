"""The rule files and packs a command is given, brought to the tables they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from benchmarks.rule_places import line_of_column
from benchmarks.rule_tables import columns_of, renamed, tables_of
from checks.coverage import Coverage
from checks.evaluation import evaluate
from checks.flags import Flags
from checks.loading import load_rules
from checks.packs import load_pack_file
from checks.rule import Rule
from checks.rule_set import RuleSet
from synth.errors import RuleError, nearest

_SKIP = "Leave such rules out with --skip-unsupported."


@dataclass(frozen=True)
class Loaded:
    """The rules of one file or pack.

    Attributes:
        file: what messages call it: the path, or the name of the pack.
        label: a short name that no other of them has.
        rules: as read.
    """

    file: str
    label: str
    rules: RuleSet


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

    @property
    def where(self) -> str:
        """File and place, as people read it."""
        return f"{self.file}, {self.place}" if self.place else self.file


@dataclass(frozen=True)
class Origin:
    """Where a rule is from: its file, the label of that, and the place in it."""

    file: str
    label: str
    place: str


@dataclass(frozen=True)
class Given:
    """Rules to evaluate on tables, and those left out.

    Attributes:
        rules: with ids that are distinct over all files, about tables by the names the data have for them.
        origins: rule id -> where it is from.
        left_out: every source rule that is not among them, and why.
        n_source: source rules of all files.
    """

    rules: tuple[Rule, ...]
    origins: Mapping[str, Origin]
    left_out: tuple[LeftOut, ...]
    n_source: int

    def by_label(self) -> dict[str, list[str]]:
        """Return the ids of the rules of every file and pack."""
        labels: dict[str, list[str]] = {}
        for rule in self.rules:
            labels.setdefault(self.origins[rule.id].label, []).append(rule.id)
        return labels


def table_and_file(name: str) -> tuple[str | None, Path]:
    """Read `FILE` or `TABLE=FILE`: the table the rules of a file are about that name none, if it is said, and the file.

    Examples:
        >>> table, path = table_and_file("loans=gx.json")
        >>> table, path.name
        ('loans', 'gx.json')
    """
    table, equals, rest = name.partition("=")
    return (table, Path(rest)) if equals and not Path(name).exists() else (None, Path(name))


def judged(
    given: Given, tables: Mapping[str, pd.DataFrame], *, null_policy: str | None = None, skip: bool = False
) -> tuple[Given, Flags]:
    """Evaluate the rules on the tables; with `skip`, a rule that cannot be evaluated is left out and listed as well."""
    try:
        flags = evaluate(given.rules, tables, null_policy=null_policy, on_error="list" if skip else "raise")
    except RuleError as problem:
        raise problem if skip else RuleError(f"{str(problem).rstrip('.')}. {_SKIP}") from None
    failed = tuple(
        LeftOut(rule_id, given.origins[rule_id].file, given.origins[rule_id].place, _without_id(why, rule_id))
        for rule_id, why in flags.errors.items()
    )
    rules = tuple(rule for rule in given.rules if rule.id not in flags.errors)
    given = replace(given, rules=rules, left_out=given.left_out + failed)
    if not rules:
        raise _nothing_left(given, tables)
    return given, flags


def loaded_rules(
    files: Sequence[str],
    packs: Sequence[str] = (),
    tables: Collection[str] = (),
    *,
    skip: bool = False,
    trust: bool = False,
) -> list[Loaded]:
    """Load rule files and packs.

    Args:
        files: names of rule files; `TABLE=FILE` says which table the rules of a file are about that name none.
        packs: names of built-in packs.
        tables: the tables there are.
        skip: leave out rules that cannot be translated, instead of refusing the file.
        trust: let Python files run.
    """
    if not files and not packs:
        raise RuleError("no rules are given. Name a file with --rules FILE, or a pack with --pack NAME.")
    named = [_named(name, tables) for name in files]
    _refuse_repeats(named, packs)
    how = "skip" if skip else "error"
    sets = [load_rules(path, system=table, on_unsupported=how, trust=trust) for table, path in named]
    sets += [load_pack_file(name) for name in packs]
    paths = [*(str(path) for _, path in named), *packs]
    labels = _labels([*named, *((None, Path(f"{name}.yaml")) for name in packs)], [*files, *packs])
    return [Loaded(*each) for each in zip(paths, labels, sets, strict=True)]


def given_rules(loaded: Iterable[Loaded], tables: Mapping[str, pd.DataFrame], *, skip: bool = False) -> Given:
    """Bring loaded rules to some tables.

    A rule about a table that is not among the data, or a column its table does not have, is an error unless `skip`;
    then it is left out and listed.

    Args:
        loaded: rules of files and packs.
        tables: the data, by name.
        skip: leave out what cannot be evaluated.
    """
    rules: list[Rule] = []
    left_out: list[LeftOut] = []
    origins: dict[str, Origin] = {}
    n_source = 0
    for each in loaded:
        entries = {entry.id: entry for entry in each.rules.coverage()}
        n_source += len(entries)
        left_out += [LeftOut(entry.id, each.file, entry.place, entry.reason) for entry in entries.values()
                     if entry.status in {"unsupported", "error"}]  # fmt: skip
        for rule in _brought(each.rules, tables):
            place = entries.get(rule.id, Coverage(rule.id, "exact")).place
            reason = _does_not_fit(rule, tables, each, place, skip=skip)
            if reason:
                left_out.append(LeftOut(rule.id, each.file, place, reason))
                continue
            rule_id = _free_id(rule.id, each.label, origins)
            origins[rule_id] = Origin(each.file, each.label, place)
            rules.append(replace(rule, id=rule_id))
    given = Given(tuple(rules), origins, tuple(left_out), n_source)
    if not rules:
        raise _nothing_left(given, tables)
    return given


def _named(name: str, tables: Collection[str]) -> tuple[str | None, Path]:
    """The table a file's rules are said to be about, if any, and the file."""
    table, path = table_and_file(name)
    if table is not None and table not in tables:
        raise RuleError(f"{name}: {table!r} is not a table of the data. {nearest(table, tables)}")
    return table, path


def _refuse_repeats(named: Sequence[tuple[str | None, Path]], packs: Sequence[str]) -> None:
    """Refuse a file or pack that is given twice; a file may be given for each of several tables."""
    tables: dict[Path, list[str | None]] = {}
    for table, path in named:
        earlier = tables.setdefault(path.resolve(), [])
        if earlier and (table is None or None in earlier or table in earlier):
            raise RuleError(f"{path}: is given twice. Give it once, or once for each table: --rules TABLE={path}.")
        earlier.append(table)
    twice = next((name for name, n in Counter(packs).items() if n > 1), None)
    if twice is not None:
        raise RuleError(f"pack {twice!r} is given twice. Give it once.")


def _labels(named: Sequence[tuple[str | None, Path]], as_given: Sequence[str]) -> list[str]:
    """A name for each file: without folder and ending, else with its table, else as it was given."""
    short = [path.stem for _, path in named]
    with_table = [f"{table}={path.stem}" if table else path.stem for table, path in named]
    columns = list(zip(short, with_table, as_given, strict=True))
    counts = [Counter(forms) for forms in (short, with_table, as_given)]
    return [next((form for form, count in zip(forms, counts, strict=True) if count[form] == 1), forms[-1])
            for forms in columns]  # fmt: skip


def _free_id(wanted: str, label: str, taken: Collection[str]) -> str:
    """The id of a rule, with the label of its file before it where another file has the id already."""
    if wanted not in taken:
        return wanted
    found, number = f"{label}/{wanted}", 1
    while found in taken:
        number += 1
        found = f"{label}/{wanted}-{number}"
    return found


def _brought(loaded: RuleSet, tables: Mapping[str, pd.DataFrame]) -> list[Rule]:
    """The rules with their tables called as the data call them, whatever the case, or the file they are said to be in.

    One table, and rules that are all about one table, belong together by any name.
    """
    by_case = {name.casefold(): name for name in tables}
    mentioned = dict.fromkeys(name for rule in loaded.rules for name in tables_of(rule))
    names = {name: _called(name, loaded.files.get(name, ""), tables, by_case) for name in mentioned}
    about = {rule.system for rule in loaded.rules if rule.system is not None}
    alone = next(iter(tables)) if len(tables) == 1 else None
    if alone is not None and len(about) == 1 and alone not in names.values():
        names[about.pop()] = alone
    rules = [renamed(rule, names) for rule in loaded.rules]
    return [replace(rule, system=alone) if rule.system is None else rule for rule in rules]


def _called(name: str, file: str, tables: Collection[str], by_case: Mapping[str, str]) -> str:
    found = next((each for each in (name, file) if each in tables), None)
    return found or by_case.get(name.casefold()) or by_case.get(file.casefold()) or name


def _does_not_fit(rule: Rule, tables: Mapping[str, pd.DataFrame], of: Loaded, place: str, *, skip: bool) -> str:
    """Why a rule cannot see its tables and columns, refused outright unless `skip`; empty if it can."""
    if rule.system is None:
        raise RuleError(
            f"{of.file}: rule {rule.id!r} names no table, and there are {len(tables)} ({', '.join(tables)}). "
            f"Write --rules TABLE={of.file}."
        )
    for name in tables_of(rule):
        if name not in tables:
            return _left(rule, f"no table {name!r} is among the data", nearest(name, tables), of, place, skip=skip)
    for table, column in columns_of(rule):
        columns = [str(each) for each in tables[table or rule.system].columns]
        if column not in columns:
            reason = f"{column!r} is not a column of {table!r}"
            return _left(rule, reason, nearest(column, columns), of, place, skip=skip, column=column)
    return ""


def _left(rule: Rule, reason: str, hint: str, of: Loaded, place: str, *, skip: bool, column: str = "") -> str:
    """The reason for leaving a rule out, or its refusal with file and line."""
    if skip:
        return f"{reason}. {hint}" if column and hint.startswith("Did") else reason
    line = line_of_column(Path(of.file), rule.id, column) if column and of.rules.format == "casegauge" else None
    where = f"line {line}" if line is not None else place
    raise RuleError(f"{of.file}: {f'{where}: ' if where else ''}rule {rule.id!r}: {reason}. {hint} {_SKIP}")


def _without_id(why: str, rule_id: str) -> str:
    return why.removeprefix(f"rule {rule_id!r}: ")


def _nothing_left(given: Given, tables: Collection[str]) -> RuleError:
    first = given.left_out[0] if given.left_out else None
    why = f" ({first.id}: {first.reason.rstrip('.')})" if first is not None else ""
    hint = f"Tables of the data: {', '.join(tables)}."
    return RuleError(f"no rule can be evaluated on these tables{why}. {hint}")
