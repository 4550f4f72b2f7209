"""List rule packs, show one, translate a rule file, or say what becomes of every rule in it.

`rules list`: the built-in packs. `rules show PACK`: one as a rule file to take home. `rules coverage FILE`: what
becomes of every rule of a file, whatever tool it was written for. `rules translate FILE --to FORM`: the same rules in
another form, and what that form cannot carry.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.console import print_json, print_table, say
from benchmarks.rule_files import table_and_file
from checks.coverage import Coverage
from checks.loading import load_rules
from checks.packs import MORE_PACKS, PACKS, load_pack_file, pack_text
from checks.rule_set import TARGETS, RuleSet
from checks.sniffing import FORMATS
from synth.errors import OutputError, RuleError, nearest

_LOST = ("unsupported", "error")
_NEEDS = {"show": "PACK", "coverage": "FILE", "translate": "FILE"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge rules`."""
    actions = ("list", "show", "coverage", "translate")
    parser.add_argument("action", nargs="?", default="list", choices=actions, help="default: list")
    about = "a pack (show); a rule file, or TABLE=FILE (coverage, translate)"
    parser.add_argument("name", nargs="?", metavar="PACK|FILE", help=about)
    parser.add_argument("--to", choices=tuple(TARGETS), help="of translate: the form to write")
    about = "of coverage and translate: what the file is in; default: what it looks like"
    parser.add_argument("--format", choices=tuple(FORMATS), help=about)
    about = "of translate: the rules about this table only; it is also the table of a file whose rules name none"
    parser.add_argument("--system", metavar="TABLE", help=about)
    parser.add_argument("--dialect", default="duckdb", metavar="NAME", help="of --to sql; default: duckdb")
    parser.add_argument("--out", type=Path, metavar="FILE", help="of translate: a new file; default: the screen")
    about = "of translate: exit 1 if a rule could not be read or written"
    parser.add_argument("--strict", action="store_true", help=about)
    parser.add_argument("--trust", action="store_true", help="let a rule file that is Python run")
    parser.add_argument("--json", action="store_true", help="print as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    action = arguments.action
    if action in _NEEDS and arguments.name is None:
        possible = f" Possible: {', '.join((*PACKS, *MORE_PACKS))}." if action == "show" else ""
        raise RuleError(f"rules {action} needs a {_NEEDS[action]}.{possible}")
    if action == "list" and arguments.name is not None:
        raise RuleError(f"rules list takes no name. `casegauge rules show {arguments.name}` prints one pack.")
    if action == "translate":
        return _translate(arguments)
    if action == "coverage":
        return _coverage(arguments)
    if action == "show" and not arguments.json:
        sys.stdout.write(pack_text(arguments.name))
        return 0
    return _list([arguments.name] if action == "show" else (*PACKS, *MORE_PACKS), as_json=arguments.json)


def _list(names: Sequence[str], *, as_json: bool) -> int:
    packs = {name: load_pack_file(name) for name in names}
    if as_json:
        listed = [
            {"id": rule.id, "pack": name, "system": rule.system, "level": rule.level, "family": rule.family,
             "blames": list(rule.blames)}
            for name, pack in packs.items() for rule in pack.rules
        ]  # fmt: skip
        print_json(listed)
        return 0
    for title, listed_packs in (("packs of the main job", PACKS), ("more packs, for --pack NAME", MORE_PACKS)):
        rows = [_in_short(name, packs[name]) for name in listed_packs]
        print_table(title, ["pack", "rules", "tables", "what it asks"], rows, words=(0, 2, 3))
    say("Print a pack as a rule file with `casegauge rules show PACK`; docs/rules.md explains the form.")
    return 0


def _in_short(name: str, pack: RuleSet) -> list[str]:
    tables = dict.fromkeys(str(rule.system) for rule in pack.rules)
    return [name, str(len(pack.rules)), ", ".join(tables), pack.about]


def _loaded(arguments: argparse.Namespace) -> RuleSet:
    table, path = table_and_file(arguments.name)
    return load_rules(path, arguments.format, system=table, on_unsupported="list", trust=arguments.trust)


def _line(place: str) -> str:
    """The line alone, where a place has one: a path through a file is long, and the line is what people look up."""
    line = re.search(r"\(line ([0-9]+)\)$", place)
    return f"line {line[1]}" if line is not None else place


def _coverage(arguments: argparse.Namespace) -> int:
    loaded = _loaded(arguments)
    entries = loaded.coverage()
    if arguments.json:
        print_json({"format": loaded.format, "entries": [vars(entry) for entry in entries]})
        return 0
    columns = ["rule", "status", "place", *(["reason"] if any(entry.reason for entry in entries) else [])]
    rows = [[entry.id, entry.status, _line(entry.place), entry.reason][: len(columns)] for entry in entries]
    print_table(f"{arguments.name}: {FORMATS[loaded.format].about}", columns, rows, text=True)
    differs = any(entry.status == "approximate" for entry in entries)
    about = "Approximate: the reason says how the rows flagged differ; docs/formats.md has more." if differs else ""
    say(f"{_tally(entries)}. {about}".strip())
    return 0


def _translate(arguments: argparse.Namespace) -> int:
    if arguments.to is None:
        raise RuleError(f"rules translate needs --to FORM. {nearest('', TARGETS)}")
    if arguments.out is not None and arguments.out.exists():
        raise OutputError(f"{arguments.out}: is there already; nothing was written. Name a new file.")
    loaded = _loaded(arguments)
    text, written = TARGETS[arguments.to](loaded, arguments.system, arguments.dialect)
    lost = [entry for entry in loaded.coverage() if entry.status in _LOST]
    n_lost = len(lost) + sum(entry.status in _LOST for entry in written)
    code = 1 if arguments.strict and n_lost else 0
    if arguments.json:
        print_json({"text": text, "read": [vars(entry) for entry in loaded.coverage()],
                    "written": [vars(entry) for entry in written]})  # fmt: skip
        return code
    if arguments.out is None:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    else:
        arguments.out.write_text(text, encoding="utf-8", newline="\n")
    for entry in (*lost, *(entry for entry in written if entry.status != "exact" or entry.reason)):
        sys.stderr.write(f"{entry.status}: {entry.id}: {entry.reason}\n")
    sys.stderr.write(f"read: {_tally(loaded.coverage())}; written as {arguments.to}: {_tally(written)}.\n")
    if n_lost:
        sys.stderr.write(f"{n_lost} of {len(lost) + len(written)} rules could not be written.\n")
    return code


def _tally(entries: Sequence[Coverage]) -> str:
    counts = Counter(entry.status for entry in entries)
    return ", ".join(f"{n} {status}" for status, n in counts.most_common()) or "nothing"
