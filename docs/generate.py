"""Make the generated pages again.

cli.md from the command line's parsers, data-dictionary.md from the scenarios, behaviour.md from behaviour.yaml.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from benchmarks.cli import COMMANDS, Parser
from synth.behaviour import GRADES, Parameter, known_parameters
from synth.data_dictionary import FieldEntry
from synth.dictionary_page import ANSWERS_SAY, Row, answer_rows, markdown_table
from synth.forms import FactForms
from synth.pipeline import case
from synth.plan import Plan
from synth.scenario import load_scenario, scenario_names
from synth.spec import (
    OWN_VALUE,
    After,
    Calendar,
    Choice,
    Clock,
    Code,
    Condition,
    Mechanism,
    Reference,
    Scenario,
    Seat,
    SystemSpec,
    Whole,
    formats_of,
)

FOLDER = Path(__file__).resolve().parent
COMMAND = "python docs/generate.py"
MADE_BY = f"<!-- Made by `{COMMAND}`. Do not edit by hand. -->"


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


def pages() -> dict[str, str]:
    """Return the text of every generated page by file name."""
    return {
        "cli.md": page(command_line()),
        "data-dictionary.md": page(dictionary()),
        "behaviour.md": page(people()),
    }


def page(blocks: Iterable[str]) -> str:
    """Join blocks of text with an empty line between them."""
    return "\n\n".join([MADE_BY, *blocks]) + "\n"


# ------------------------------------------------------------------------------------------------------------ behaviour


def people() -> Iterator[str]:
    """Yield the blocks of docs/behaviour.md."""
    yield "# How people fill forms: every choice, its range, and what anchors it"
    yield (
        "Every value here is a modeller's choice; so is every range. The anchor keeps it from being arbitrary. "
        "Scenarios take what they name from their own `operator:`, and all else from `synth/behaviour.yaml`: `off` "
        "where a behaviour has to be switched on, else the central value. Results are ranged from low to high. A file "
        "of the same form with your own values goes to `casegauge compare --behaviour FILE`; no code changes."
    )
    said = "; ".join(f"**{grade}** {says}" for grade, says in GRADES.items())
    yield f"Grades of what a choice rests on: {said}. Abstracts and excerpts were read, not full papers."
    names = scenario_names()
    operators = {name: load_scenario(name).operator for name in names}
    columns = ("parameter", "in plain words", "low", "central", "high", "off", *names, "grade", "anchored by")
    rows = [
        (
            f"`{each.name}`", each.says, str(each.low), str(each.central), str(each.high), off(each),
            *(str(getattr(operators[name], each.name)).replace("None", "") for name in names), each.grade, each.anchor,
        )
        for each in known_parameters().values()
    ]  # fmt: skip
    yield markdown_table(columns, rows)
    yield (
        "`stay`, the share of records made under controls, stands in place of x0, divert and alpha where a regime "
        "gives it. Symbols are those of [the model](model.md); [scenario files](scenario-file.md) say where they go."
    )


def off(parameter: Parameter) -> str:
    """Return the value at which a behaviour is not there; empty where it always is."""
    return "" if parameter.off is None else str(parameter.off)


# ---------------------------------------------------------------------------------------------------------------- cli


def command_line() -> Iterator[str]:
    """Yield the blocks of docs/cli.md."""
    yield "# Command line"
    yield "`casegauge COMMAND [OPTIONS]`. Without `make` and without a checkout: `pip install .`, then `casegauge run`."
    yield markdown_table(
        ("command", "what it does"), ((f"[`{name}`](#casegauge-{name})", about) for name, about in COMMANDS.items())
    )
    yield (
        "Exit code 0: done. 1: something was found, where a command is asked to look for it (`verify`). 2: bad input, "
        "told in one line that says what was got, what is possible and what to do. 130: stopped by the user; nothing "
        "is left half-written."
    )
    yield (
        "A progress bar shows on a terminal only. Output folders are written under a temporary name and moved when "
        "they are whole. `casegauge --version` prints the version; every command knows `--help`."
    )
    for name in COMMANDS:
        yield from one_command(name)


def one_command(name: str) -> Iterator[str]:
    """Yield the section of one command, from its parser."""
    module = importlib.import_module(f"benchmarks.commands.{name}_command")
    parser = Parser(prog=f"casegauge {name}", add_help=False)
    module.add_arguments(parser)
    actions = parser._actions  # noqa: SLF001  # argparse shows its actions no other way, and help text has a width
    yield f"## casegauge {name}"
    yield str(module.__doc__).strip()
    yield f"```text\n{parser.prog} {' '.join(map(usage_of, actions))}\n```"
    yield markdown_table(("option", "meaning"), ((f"`{shown(action)}`", meaning(action)) for action in actions))


def usage_of(action: argparse.Action) -> str:
    """Return how an option stands in the usage line."""
    return shown(action) if action.required else f"[{shown(action)}]"


def shown(action: argparse.Action) -> str:
    """Return an option with what follows it."""
    values = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else ""
    what = str(action.metavar or values or action.dest)
    if not action.option_strings:
        return what
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {what}"


def meaning(action: argparse.Action) -> str:
    """Return an option's help, with `required` where it is."""
    said = str(action.help or "what to do")
    return f"{said} (required)" if action.required and action.option_strings else said


# ---------------------------------------------------------------------------------------------------- data dictionary


def dictionary() -> Iterator[str]:
    """Yield the blocks of docs/data-dictionary.md."""
    yield "# Data dictionary"
    yield (
        "What `casegauge generate` and `casegauge run` write. Records hold text; null is an empty field in CSV and a "
        "null in Parquet, and the empty text never occurs. Every record table begins with `record_id`. Each folder "
        "carries the same facts for machines in `datapackage.json`; `vocabularies.json` lists the texts of coded "
        "columns in the order of their codes."
    )
    yield (
        "Under `also holds` stand the placeholders and not-values a field has room for; not-values are generated only "
        "where a regime offers them. Placeholders that no list has (`novel_placeholders`) stand in the answers alone."
    )
    names = sorted(scenario_names(), key=lambda name: (load_scenario(name).audit is None, name))
    rows = ((f"[{name}](#scenario-{name})", load_scenario(name).title) for name in names)
    yield markdown_table(("scenario", "what it is"), [*rows, ("[answers](#answers)", "the answer key, alike for all")])
    for name in names:
        yield from one_scenario(load_scenario(name))
    yield from answers()


def one_scenario(scenario: Scenario) -> Iterator[str]:
    """Yield the sections of one scenario."""
    bundle = case(scenario, 0)
    plan = bundle.plan
    yield f"## Scenario {scenario.scenario}"
    yield f"{scenario.title}. {scenario.about.strip()}"
    if scenario.audit is not None:
        yield (
            "Which 25 fields of the encounter form are needed and which 10 are enforced is our reading: the report "
            "names neither list."
        )
    yield legend(scenario)
    for system, spec in scenario.systems.items():
        yield f"### {scenario.scenario}: records/{system}"
        yield f"{spec.title}. `record_id` begins with `{spec.prefix}-`."
        columns = ("field", "records", "kind", "marks", "asked if", "gap", "also holds")
        yield markdown_table(columns, collapsed(field_row(plan, entry) for entry in plan.system_fields(system)))
        if also := list(of_records(spec)):
            yield f"Also: {'; '.join(also)}."
    yield f"### {scenario.scenario}: true values"
    yield "Weights are relative. What is said of a share's source stands in the scenario file."
    yield markdown_table(("true value", "kind", "values"), collapsed(truth_rows(scenario)))
    yield from across(scenario)
    if scenario.mechanisms:
        yield f"### {scenario.scenario}: what defects depend on"
        yield "Odds compared with the other levels; [the model](model.md#what-it-depends-on) says how they are kept."
        yield markdown_table(("of", "fields", "by", "odds"), (mechanism_row(each) for each in scenario.mechanisms))


def legend(scenario: Scenario) -> str:
    """Return what the marks and gaps of a scenario's fields mean, of those it has."""
    fields = [field for system in scenario.systems.values() for field in system.fields.values()]
    said = ["N: needed, counts in the measures."]
    if any(field.enforced for field in fields):
        said.append("E: enforced by the form as reported.")
    if any(field.usage for field in fields):
        said.append("Mandatory, required, recommended, optional: the field's usage.")
    said.append("S: stamped by the system, never typed.")
    if any(field.material for field in fields):
        said.append("M: material, its absence makes a case insufficient.")
    said.append("P: pick list, no room for a placeholder. Gap: share not filled voluntarily in the base regime")
    if scenario.mode == "quota":
        said[-1] += "; of material fields, the weight with which it is what an insufficient case lacks"
    elif any("gap" not in field.model_fields_set and not field.stamped and not field.received for field in fields):
        said[-1] += "; 1 - k v: as the [operator's k and v](model.md#the-operator) have it"
    return " ".join(said) + "."


def of_records(spec: SystemSpec) -> Iterator[str]:
    """Yield what goes wrong in a system with whole records, groups of fields and narratives, and how often."""
    if spec.duplicates:
        yield f"a record is entered twice at {spec.duplicates}"
    if spec.truncated:
        yield f"a narrative is cut off at {spec.truncated}"
    if spec.off_system is not None:
        how = f"at {spec.off_system.rate}" if spec.off_system.rate else f"with weight {spec.off_system.blank_weight}"
        where = f" where {condition_of(spec.off_system.when)}" if spec.off_system.when else ""
        yield f"a record is kept elsewhere {how}{where}"
    for swap in spec.swaps:
        yield f"{' and '.join(swap.fields)} are taken for each other at {swap.rate}"
    for pattern in spec.patterns.values():
        yield f"{', '.join(pattern.fields)} are left open together at {pattern.rate}"


def mechanism_row(mechanism: Mechanism) -> Row:
    """Return one line about what a process depends on."""
    fields = "; ".join(f"{system}: {', '.join(names)}" for system, names in mechanism.fields.items())
    odds = ", ".join(f"`{level}` x {odds}" for level, odds in mechanism.odds.items())
    by = "the field's own value" if mechanism.by == OWN_VALUE else mechanism.by
    return mechanism.of, fields or "everywhere", by, odds


def condition_of(condition: Condition) -> str:
    """Return a condition in words."""
    return " and ".join(f"{name} = {' or '.join(values)}" for name, values in condition.items())


def field_row(plan: Plan, entry: FieldEntry) -> Row:
    """Return one line about a field."""
    spec = entry.spec
    pick = entry.is_typed and not entry.placeholders and not entry.is_narrative
    marks = {"N": spec.needed, "E": spec.enforced, "S": spec.stamped, "M": spec.material, "P": pick}
    if spec.material and plan.scenario.mode == "quota":
        gap = f"weight {spec.blank_weight}"
    elif plan.scenario.mode == "rate" and entry.is_typed and "gap" not in spec.model_fields_set:
        gap = "1 - k v"
    else:
        gap = f"{spec.gap}" if spec.gap else ""
    records = (
        ("running text" if entry.name == "narrative" else "nothing: never shown") if not entry.truth else entry.truth
    )
    if spec.received:
        records, gap = f"received from {spec.received}", f"lost at {spec.lost}" if spec.lost else ""
    others = [*entry.placeholders, *entry.not_values] if entry.is_typed or entry.source else []
    held = ", ".join(f"`{text}`" for text in others)
    marked = " ".join([*(mark for mark, on in marks.items() if on), *([spec.usage] if spec.usage else [])])
    return entry.name, records, entry.domain.kind, marked, condition_of(entry.applies), gap, held


def truth_rows(scenario: Scenario) -> Iterator[Row]:
    """Yield one line a true value."""
    for name, truth in scenario.truth.items():
        when = condition_of(getattr(truth, "when", {}))
        yield name, truth.kind, f"{values_of(truth)}{f'; only if {when}' if when else ''}"


def values_of(truth: object) -> str:
    """Return what values a true value can take, in words."""
    if isinstance(truth, Choice):
        return ", ".join(f"{value} ({weight})" for value, weight in truth.values.items())
    if isinstance(truth, Code):
        width = len(str(truth.count))
        return f"{truth.prefix}-{1:0{width}d} to {truth.prefix}-{truth.count:0{width}d}, evenly"
    if isinstance(truth, Reference):
        return f"{truth.prefix}-, ten digits and a check digit, one of its own for every case"
    if isinstance(truth, Calendar):
        return "the day of the case, from the officer's sequence of cases"
    if isinstance(truth, After):
        late = f"; {truth.late.days[0]} to {truth.late.days[1]} days more at {truth.late.rate}" if truth.late else ""
        return f"{truth.days[0]} to {truth.days[1]} days after {truth.of}, evenly{late}"
    if isinstance(truth, Clock):
        return f"{truth.first} to {truth.last}, evenly, to the minute"
    if isinstance(truth, Whole):
        return f"{truth.first} to {truth.last}, evenly"
    if isinstance(truth, Seat) and truth.kind == "office":
        return f"{truth.prefix}-001 to {truth.prefix}-{truth.count:03d}, the office of the officer"
    if isinstance(truth, Seat):
        return f"{truth.prefix}-, ten digits and a check digit, one for every officer"
    raise TypeError(f"no words for a true value of type {type(truth).__name__}")


def across(scenario: Scenario) -> Iterator[str]:
    """Yield what ties the systems of a scenario together."""
    if not scenario.links:
        return
    yield f"### {scenario.scenario}: across systems"
    rows = (
        (name, " = ".join(f"{system}.{field}" for system, field in ends.items()))
        for name, ends in scenario.links.items()
    )
    yield "Links, as recorded:\n\n" + markdown_table(("link", "fields"), rows)
    forms = case(scenario, 0).plan.forms
    facts = (fact_row(scenario, fact, forms) for fact in scenario.shared_facts)
    columns = (
        *("shared fact", "kind", "fields that state it"),
        *("narratives that state it, in their usual form", "hard negatives"),
    )
    yield "Shared facts; different values make a case inconsistent:\n\n" + markdown_table(columns, facts)


def fact_row(scenario: Scenario, fact: str, all_forms: Mapping[tuple[str, str], FactForms]) -> Row:
    """Return one line about a shared fact."""
    fields = ", ".join(f"{system}.{field}" for system, field in scenario.shared_facts[fact].fields.items())
    forms = formats_of(scenario.truth[fact])
    told = []
    for system, narrative in scenario.narratives.items():
        if any(f"{{{fact}}}" in variants[0] for variants in narrative.sentences):
            told.append(f"{system} ({narrative.formats.get(fact, forms[0])})")
    kinds = dict.fromkeys(kind for key, found in all_forms.items() if key[1] == fact for kind in found.kinds)
    return fact, scenario.shared_facts[fact].kind, fields, ", ".join(told), ", ".join(kinds)


def answers() -> Iterator[str]:
    """Yield what the answer tables hold."""
    yield "## Answers"
    yield "Never shown to rules. `casegauge generate --no-answers` leaves the folder out."
    bundle = case("oig-20-13", 0)
    for name, about in ANSWERS_SAY.items():
        yield f"### answers/{name}"
        yield f"{about[0].upper()}{about[1:]}."
        yield markdown_table(
            ("column", "type", "meaning"),
            answer_rows(bundle.answers[name].schema, name, frozenset(bundle.plan.domains)),
        )


def collapsed(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows, with runs of numbered rows that differ in their name only (f02, f03, ...) put in one line."""
    for _, run in groupby(rows, key=lambda row: (row[0].rstrip("0123456789"), *(c for c in row[1:] if c != row[0]))):
        same = list(run)
        own = tuple("the same" if cell == same[0][0] else cell for cell in same[0][1:])
        if len(same) == 1:
            yield same[0]
        elif len(same) == 2:
            yield from same
        else:
            yield (f"{same[0][0]} to {same[-1][0]}", *own)


if __name__ == "__main__":
    main()
