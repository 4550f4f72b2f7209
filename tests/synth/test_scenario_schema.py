"""The schema that editors use: it takes every scenario that loads, however typed, and underlines what can be seen."""

import json
import re

import pytest
import yaml
from jsonschema import Draft202012Validator
from worlds import PLAIN, SHIPPED, SMALL

from benchmarks.cli import main
from synth.editor_schema import attributes_of, scenario_schema
from synth.scenario import scenario_text
from synth.spec import Part, Scenario

SCHEMA = scenario_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
TEXTS = {**{name: scenario_text(name) for name in SHIPPED}, "small": SMALL.format(**PLAIN)}


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: `yes`, dates and 12:30 are texts; true, 1 and 1.5 are typed."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))

READERS = {"YAML 1.1": yaml.SafeLoader, "YAML 1.2": Core, "all text": yaml.BaseLoader}


def as_json(text, reader):
    """Read a YAML text and give what an editor sees: JSON, days as text."""
    return json.loads(json.dumps(yaml.load(text, Loader=reader), default=str))  # noqa: S506  # safe loaders


def problems(text, reader=Core):
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(as_json(text, reader))]


def test_it_is_a_schema_of_the_dialect_it_names():
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("name", TEXTS)
def test_every_scenario_is_valid_however_its_scalars_were_typed(name, reader):
    """`yes` may have become a boolean or stayed a text, a day may be a day or a text, a count a number or a text."""
    assert problems(TEXTS[name], reader) == []


def test_every_key_of_every_part_has_help():
    """An editor shows a description for each key and each part."""
    parts = [SCHEMA, *SCHEMA["$defs"].values()]

    assert len(parts) == len(Part.__subclasses__())
    assert not [part for part in parts if not part["description"]]
    assert not [name for part in parts for name, key in part["properties"].items() if not key["description"]]


@pytest.mark.parametrize("part", Part.__subclasses__(), ids=lambda part: part.__name__)
def test_docstrings_describe_keys_that_exist(part):
    """A key that is gone is gone from the docstring too."""
    assert set(attributes_of(part.__doc__.replace("\n    ", "\n"))) == set(part.model_fields)


def test_the_keys_are_those_of_the_file():
    assert set(SCHEMA["properties"]) == set(Scenario.model_fields) - {"digest"}
    assert set(SCHEMA["required"]) == {name for name, field in Scenario.model_fields.items() if field.is_required()}


SEEN = [
    ("k: 0.85", "k: 1.2", "$.operator.k"),
    ("beta: 0.1", "beta: -1", "$.operator.beta"),
    ("mode: quota", "mode: often", "$.mode"),
    ("stable: yes}", "stabel: yes}", "'stabel' was unexpected"),
    ("about: for tests", "abuot: for tests", "'abuot' was unexpected"),
    ("title: Two forms and a card\n", "", "'title' is a required property"),
    ("days: 365", "days: 100", "$.days"),
    ("needed: yes, enforced: yes}", "needed: yes, enforced: maybe}", "enforced"),
    ("kind: calendar", "kind: kalendar", "$.truth.day"),
    ("documented: 4", "documentd: 4", "documentd"),
    ("documented: 4", "documented: -4", "$.verdicts.documented"),
    ("  alpha:\n    title", "  Alpha One:\n    title", "Alpha One"),
    ("stable: yes}", "stable: yes, usage: sometimes}", "usage"),
    ("start: 2031-02-03", "start: [2031]", "$.start"),
]


@pytest.mark.parametrize(("old", "new", "said"), SEEN, ids=[new[:30] or "gone" for _, new, _ in SEEN])
def test_a_mistake_that_can_be_seen_while_typing_is(old, new, said):
    """What a key takes, and which keys there are, an editor can tell; the rest is told by `scenario check`."""
    assert old in TEXTS["small"]

    found = problems(TEXTS["small"].replace(old, new, 1))

    assert any(said in each for each in found), found


def test_the_command_prints_it(capsys):
    """What `casegauge scenario schema` prints is the schema, as JSON."""
    assert main(["scenario", "schema"]) == 0

    assert json.loads(capsys.readouterr().out) == SCHEMA
