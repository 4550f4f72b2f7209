"""Published data contracts: every demand has an entry, every library metric is exact, and known data pass or fail."""

import os
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml

from checks import load_rules

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
FOLDER = DATA / "rules" / "odcs"
CONTRACTS = sorted(FOLDER.glob("*.yaml"))
pytestmark = pytest.mark.skipif(
    not CONTRACTS,
    reason="the published packs are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)
LIBRARY = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")


def stated(node):
    """Count what a contract demands, wherever it stands, by walking its tree."""
    found = Counter()
    if isinstance(node, list):
        return sum((stated(part) for part in node), found)
    if not isinstance(node, dict):
        return found
    found["required"] += node.get("required") is True
    found["unique"] += node.get("unique") is True
    found["type"] += "logicalType" in node and "properties" not in node
    found["quality"] += len(node.get("quality", []))
    found["foreign_key"] += len(node.get("relationships", []))
    found["key"] += any(each.get("primaryKey") is True for each in node.get("properties", []))
    return found + sum(
        (stated(part) for key, part in node.items() if key not in ("items", "logicalTypeOptions")), Counter()
    )


def kind_of(entry_id):
    name = re.sub(r"-\d+$", "", entry_id.rsplit(".", 1)[-1])
    return {"primary_key": "key"}.get(
        name, name if name in ("required", "unique", "type", "foreign_key") else "quality"
    )


@pytest.mark.parametrize("path", [path for path in CONTRACTS if "odcs" in path.name], ids=lambda path: path.stem)
def test_nothing_is_dropped(path):
    """One entry for every demand; library metrics, required and unique are exact."""
    rules = load_rules(path, on_unsupported="skip")

    assert Counter(kind_of(entry.id) for entry in rules.coverage()) == +stated(yaml.safe_load(path.read_text("utf-8")))
    exact = [entry for entry in rules.coverage() if kind_of(entry.id) in ("required", "unique", "key", "foreign_key")]
    exact += [entry for entry in rules.coverage() if re.search("|".join(LIBRARY), entry.id)]
    assert {entry.status for entry in exact} <= {"exact"}
    assert all(entry.reason for entry in rules.coverage() if entry.status != "exact")


@pytest.mark.parametrize(("data", "alerts"), [("valid", []), ("invalid", ["my_table.rowCount"])])
def test_known_data(data, alerts):
    """The valid rows pass every rule; of the invalid ones there is a row too few."""
    text = (FOLDER / f"dcc_quality_data.{data}.sql").read_text(encoding="utf-8")
    rows = re.findall(r"\('([^']*)', (\d+), '([^']*)'\)", text)
    frame = pd.DataFrame(rows, columns=["field_one", "field_two", "field_three"], dtype="str")

    rules = load_rules(FOLDER / "dcc_quality.datacontract.yaml", on_unsupported="skip")
    results = rules.evaluate({"my_table": frame}).results

    assert len(rows) == (9 if data == "invalid" else 10)
    assert [result.rule.id for result in results if result.alert] == alerts
    assert sum(result.n_fail for result in results) == 0
    counted = Counter(entry.status for entry in rules.coverage())
    assert counted == {"exact": len(results), "unsupported": 2}  # a percentile, and a window over rows
