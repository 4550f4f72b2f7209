"""Published dbt tests: every one has an entry, and dbt's own are exact."""

import os
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from checks import load_rules
from checks.formats.collector import Collector
from checks.formats.dbt import translate
from checks.formats.source import read_source
from checks.tables import read_csv

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
PACKS = DATA / "rules" / "dbt"
pytestmark = pytest.mark.skipif(
    not PACKS.is_dir(),
    reason="the published rules are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)
FILES = sorted(PACKS.rglob("*.yml")) if PACKS.is_dir() else []
CORE = ("not_null", "unique", "accepted_values", "relationships")


def counted_by_lines(path):
    """Count tests with nothing but indentation: items one level under a line `tests:`; a slow walk of our own."""
    found = Counter()
    indent = None
    for line in path.read_text(encoding="utf-8").splitlines():
        stripped, depth = line.strip(), len(line) - len(line.lstrip())
        if re.fullmatch(r"(data_)?tests:", stripped):
            indent = depth
            continue
        if indent is None or not stripped or stripped.startswith("#"):
            continue
        is_item = stripped.startswith("- ")
        if depth < indent or (depth == indent and not is_item):
            indent = None
        elif is_item and depth <= indent + 2:
            found[stripped.removeprefix("- ").removesuffix(":")] += 1
    return found


def translated(path):
    source = read_source(path)
    collector = Collector(source)
    translate(source, collector)
    return collector


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_test_of_a_file_has_one_entry(path):
    assert len(translated(path).entries) == sum(counted_by_lines(path).values())


def test_the_tests_of_dbt_itself_are_all_exact():
    counted = sum((counted_by_lines(path) for path in FILES), Counter())
    entries = [entry for path in FILES for entry in translated(path).entries]

    assert {kind: counted[kind] for kind in CORE} == {
        "not_null": 31, "unique": 17, "accepted_values": 4, "relationships": 77,
    }  # fmt: skip
    for kind in (*CORE, "dbt_utils.relationships_where", "dbt_utils.unique_combination_of_columns"):
        name = re.compile(rf"\.{kind.rpartition('.')[2]}(-\d+)?\Z")
        found = Counter(entry.status for entry in entries if name.search(entry.id))
        assert found == {"exact": counted[kind]}, kind


def test_what_is_not_exact_says_why_and_where():
    entries = [entry for path in FILES for entry in translated(path).entries]

    assert Counter(entry.status for entry in entries) == {"exact": 286, "approximate": 90, "unsupported": 146}
    assert all(entry.reason and "line" in entry.place for entry in entries if entry.status != "exact")


def test_the_keys_of_the_seeds_hold():
    """The fictional patients' tables, under the names the staging models give them, break no key."""
    seeds = {path.stem: read_csv(path) for path in sorted((PACKS / "dbt-synthea" / "seeds").glob("*.csv"))}
    frames = {
        "stg_synthea__patients": seeds["patients"][["Id"]].set_axis(["patient_id"], axis=1),
        "stg_synthea__encounters": seeds["encounters"][["Id", "PATIENT"]].set_axis(
            ["encounter_id", "patient_id"], axis=1
        ),
        "stg_synthea__allergies": seeds["allergies"][["PATIENT", "ENCOUNTER"]].set_axis(
            ["patient_id", "encounter_id"], axis=1
        ),
    }
    rules = load_rules(PACKS / "dbt-synthea" / "_synthea__models.yml")
    kept = [rule for rule in rules.rules if rule.system in frames and set(rule.blames) <= set(frames[rule.system])]
    kept = [rule for rule in kept if getattr(rule.predicate, "system", None) in {None, *frames}]
    assert len(kept) == 5

    def flags(tables):
        return [int(result.fail.sum()) for result in type(rules)("kept", tuple(kept)).evaluate(tables).results]

    assert flags(frames) == [0, 0, 0, 0, 0]
    broken = frames | {"stg_synthea__patients": pd.concat([frames["stg_synthea__patients"].iloc[1:]] * 2)}
    lost = frames["stg_synthea__patients"]["patient_id"].iloc[0]
    assert flags(broken)[0] == 2 * (len(frames["stg_synthea__patients"]) - 1)
    assert flags(broken)[1:] == [
        int((frames[name]["patient_id"] == lost).sum()) if "patient_id" in rule.blames else 0
        for rule in kept[1:]
        for name in [rule.system]
    ]
