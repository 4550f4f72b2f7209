"""An independent reviewer: reads a folder of CSV files, checks every span and finds every case's verdict again.

Standard library only; imports nothing of casegauge. Usage: python reviewer.py FOLDER. Exit 0: all agree (base regime).
"""
# ruff: noqa: DTZ007, T201  # a day has no time zone; a script prints

import csv
import json
import re
import sys
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path

DAYS, TIMES = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y"), ("%H:%M", "%H%M hours", "%I:%M %p")
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


@cache
def parsed(surface):
    """Read a day, a time of day or a number in any of its forms; None if it is a wording."""
    text = re.sub(r"(?<= )([ap])\.m\.$", lambda half: half[1] + "m", surface)
    for forms in (DAYS, TIMES):
        for form in forms:
            try:
                return datetime.strptime(text, form)
            except ValueError:
                continue
    return int(text) if text.isdigit() else NUMBERS.index(text) if text in NUMBERS else None


def rows(folder, table):
    """Read one CSV file as dicts of text; null is the empty text."""
    with (folder / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def verdict(package, forms, case):
    """Apply the verdict function to a case: system -> (record, told facts)."""
    said = {}
    for system, fields in forms.items():
        record, told = case.get(system, (None, {}))
        material = [f for f in fields.values() if f.get("material")]
        if record is None and material:
            return "insufficient"
        for field in material:
            asked = all(record[other] in allowed for other, allowed in field["applies_when"].items())
            if asked and record[field["name"]] in {"", *field["placeholders"], *field["not_values"]}:
                return "insufficient"
        for fact, shared in package["shared_facts"].items() if record is not None else ():
            field = fields.get(shared["fields"].get(system, ""))
            if field and record[field["name"]] not in {"", *field["placeholders"], *field["not_values"]}:
                said.setdefault(fact, set()).add((system, record[field["name"]]))
            if fact in told:
                said.setdefault(fact, set()).add((system, told[fact]))
    pairs = ((one, two) for values in said.values() for one in values for two in values)
    return "inconsistent" if any(one[0] != two[0] and one[1] != two[1] for one, two in pairs) else "documented"


def review(folder):
    """Return (case -> drawn verdict, case -> verdict found, what is wrong with spans)."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    forms = {
        part["table"].split("/")[1]: {field["name"]: field for field in part["schema"]["fields"]}
        for part in package["resources"]
        if part["table"].startswith("records/")
    }
    unlisted = folder / "answers/novel_placeholders.json"  # texts that say nothing, of which the package does not tell
    unlisted = json.loads(unlisted.read_text(encoding="utf-8")) if unlisted.exists() else {}
    for field in (field for fields in forms.values() for field in fields.values() if field.get("placeholders")):
        field["placeholders"] += unlisted.get(field["kind"], [])
    case_of = {(link["system"], link["record_id"]): link["case_id"] for link in rows(folder, "answers/links")}
    drawn = {row["case_id"]: row["verdict"] for row in rows(folder, "answers/truth")}
    cases, wrong, meaning = {case: {} for case in drawn}, [], {}
    for system in forms:
        for record in rows(folder, f"records/{system}"):
            cases[case_of[system, record["record_id"]]][system] = (record, {})
    for said in rows(folder, "answers/stated"):
        record, told = cases[case_of[said["system"], said["record_id"]]][said["system"]]
        text, start, end = record["narrative"], int(said["start"]), int(said["end"])
        surface, value = text[start:end], said["value"]
        edges = text[start - 1 : start] + text[end : end + 1] if start else text[end : end + 1]
        whole = surface and not re.search(r"[A-Za-z0-9]", edges)
        if rounded := re.fullmatch(r"(?:about|around) (.+)", surface):
            apart = abs(parsed(rounded[1]) - parsed(value)).total_seconds() / 60
            same = min(apart, 1440 - apart) <= 8
        else:
            exact = package["shared_facts"].get(said["fact"], {}).get("kind") in {"date", "time", "count"}
            read, true = parsed(surface), parsed(value)  # a code such as 4 may be told in words
            same = read == true if exact or (read is not None and true is not None) else read is None
            same &= meaning.setdefault((said["fact"], surface), value) == value
        if text and not (whole and same):
            wrong.append(f"{said['system']} {said['record_id']}: {surface!r} does not state {said['fact']} = {value}")
        told.update({said["fact"]: value} if text else {})
    return drawn, {case: verdict(package, forms, case_records) for case, case_records in cases.items()}, wrong


if __name__ == "__main__":
    expected, found, errors = review(Path(sys.argv[1]))
    differ = [case for case in expected if expected[case] != found[case]]
    print(json.dumps({"drawn": Counter(expected.values()), "found": Counter(found.values())}))
    print(*errors[:20], *(f"case {case}: {expected[case]}, found {found[case]}" for case in differ[:20]), sep="\n")
    print(f"{len(expected)} cases, {len(differ)} verdicts differ, {len(errors)} spans are wrong")
    sys.exit(bool(errors or differ))
