"""List the built-in rule packs, or print one as a rule file to take home: `casegauge rules list`, `show PACK`."""

from __future__ import annotations

import argparse
import sys

from benchmarks.console import print_json, print_table, say
from checks.packs import MORE_PACKS, PACKS, load_pack_file, pack_text
from synth.errors import RuleError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge rules`."""
    parser.add_argument("action", nargs="?", default="list", choices=("list", "show"), help="default: list")
    parser.add_argument("pack", nargs="?", metavar="PACK", help="of show")
    parser.add_argument("--json", action="store_true", help="print as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    showing = arguments.action == "show"
    if showing and arguments.pack is None:
        raise RuleError(f"rules show needs a PACK. Possible: {', '.join((*PACKS, *MORE_PACKS))}.")
    packs = {name: load_pack_file(name) for name in ([arguments.pack] if showing else PACKS)}
    if arguments.json:
        listed = [
            {"id": rule.id, "pack": name, "system": rule.system, "level": rule.level, "family": rule.family,
             "blames": list(rule.blames)}
            for name, pack in packs.items() for rule in pack.rules
        ]  # fmt: skip
        print_json(listed)
        return 0
    if showing:
        sys.stdout.write(pack_text(arguments.pack))
        return 0
    for name, pack in packs.items():
        rows = [[rule.id, str(rule.system), rule.level, rule.family, ", ".join(rule.blames)] for rule in pack.rules]
        print_table(name, ["rule", "system", "level", "family", "blames"], rows, text=True)
    more = {name: load_pack_file(name) for name in MORE_PACKS}
    rows = [[name, str(len(pack.rules)), pack.about] for name, pack in more.items()]
    print_table("more packs, not part of `casegauge run`", ["pack", "rules", "what it asks"], rows, text=True)
    say("Print a pack as a rule file with `casegauge rules show PACK`; docs/rules.md explains the form.")
    return 0
