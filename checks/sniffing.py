"""Which format a rule file is in: by its ending where that says enough, else by what its text holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from checks.formats.source import Source
from checks.rule_file import FILE_KEYS
from synth.errors import RuleError

_DENIAL = re.compile(r"\A\s*t1\s*&\s*(?:t2\s*&)?|\A\s*not\s*\(\s*t1\.|^\s*t1&", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Format:
    """One kind of rule file.

    Attributes:
        module: of `checks.formats` that translates it.
        about: what people call it.
        looks: whether a tree of values looks like it; None: the ending or the plain text decides.
    """

    module: str
    about: str
    looks: Callable[[Any], bool] | None = None


_HOLDS = {str: "plain text", list: "a list of another kind", type(None): "nothing"}


def _has(*names: str) -> Callable[[Any], bool]:
    return lambda tree: isinstance(tree, dict) and all(name in tree for name in names)


def _any(*names: str) -> Callable[[Any], bool]:
    return lambda tree: isinstance(tree, dict) and any(name in tree for name in names)


def _items_with(*names: str) -> Callable[[Any], bool]:
    def looks(tree: Any) -> bool:
        return isinstance(tree, list) and bool(tree) and all(_has(*names)(item) for item in tree)

    return looks


def _is_soda(tree: Any) -> bool:
    if not isinstance(tree, dict):
        return False
    return any(key.startswith(("checks for ", "for each ")) for key in tree) or (
        "dataset" in tree and ("columns" in tree or "checks" in tree)
    )


def _is_table_schema(tree: Any) -> bool:
    if not isinstance(tree, dict):
        return False
    fields = tree.get("fields")
    return "resources" in tree or (isinstance(fields, list) and _items_with("name")(fields))


def _is_tdda(tree: Any) -> bool:
    return isinstance(tree, dict) and isinstance(tree.get("fields"), dict)


def _is_pandera(tree: Any) -> bool:
    return isinstance(tree, dict) and tree.get("schema_type") == "dataframe"


def _is_json_schema(tree: Any) -> bool:
    return isinstance(tree, dict) and ("properties" in tree or "json-schema.org" in str(tree.get("$schema", "")))


def _is_odcs(tree: Any) -> bool:
    return isinstance(tree, dict) and (tree.get("kind") == "DataContract" or "dataContractSpecification" in tree)


# The order in which the looks are tried: what says most about itself comes first.
FORMATS: dict[str, Format] = {
    "pandera": Format("pandera_yaml", "a pandera schema", _is_pandera),
    "gx": Format("gx", "a Great Expectations suite", _has("expectations")),
    "odcs": Format("odcs", "a data contract (ODCS)", _is_odcs),
    "dbt": Format("dbt", "dbt's schema.yml", _any("models", "sources", "seeds", "snapshots")),
    "soda": Format("soda", "Soda checks or a Soda contract", _is_soda),
    "frictionless": Format("frictionless", "a Frictionless schema or data package", _is_table_schema),
    "tdda": Format("tdda", "TDDA constraints", _is_tdda),
    "json_schema": Format("json_schema", "a JSON Schema", _is_json_schema),
    "dqx": Format("dqx", "DQX checks", _items_with("check")),
    "pointblank": Format("pointblank", "a pointblank plan", _has("tbl", "steps")),
    "casegauge": Format("", "casegauge's own rule file", _any("rules")),
    "dqdl": Format("dqdl", "a DQDL rule set"),
    "dqd": Format("dqd", "thresholds of the OHDSI Data Quality Dashboard"),
    "denial": Format("denial", "denial constraints"),
    "sql": Format("sql_file", "SQL predicates"),
    "python": Format("python_file", "a Python file"),
}
_BY_SUFFIX = {".py": "python", ".sql": "sql", ".tdda": "tdda", ".dqdl": "dqdl", ".csv": "dqd"}


def format_of(source: Source) -> str:
    """Return the format of a rule file, or refuse it.

    Examples:
        >>> format_of(Source("", "t1&t2&EQ(t1.zip,t2.zip)&IQ(t1.city,t2.city)")), format_of(Source("", "rules: []"))
        ('denial', 'casegauge')
        >>> format_of(Source("x.yaml", "colour: red"))
        Traceback (most recent call last):
        synth.errors.RuleError: x.yaml: is no rule file that is known (its keys: colour). Is it the right file?
    """
    if source.suffix == ".csv" and not re.search("cdmtablename", source.text.partition("\n")[0], re.IGNORECASE):
        raise RuleError(f"{source.name}: looks like data, not like rules. Data come first, rules after --rules.")
    if source.suffix in _BY_SUFFIX:
        return _BY_SUFFIX[source.suffix]
    if re.search(r"^\s*Rules\s*=\s*\[", source.text, re.MULTILINE):
        return "dqdl"
    if _DENIAL.search(source.text):
        return "denial"
    tree = source.tree
    for name, form in FORMATS.items():
        if form.looks is not None and form.looks(tree):
            return name
    if isinstance(tree, dict) and any(get_close_matches(key, FILE_KEYS, 1, 0.7) for key in tree):
        return "casegauge"  # whose reader says which key is misspelt
    got = (
        f"its keys: {', '.join(list(tree)[:6])}"
        if isinstance(tree, dict)
        else f"it holds {_HOLDS.get(type(tree), 'one value')}"
    )
    raise RuleError(f"{source.name or 'the text'}: is no rule file that is known ({got}). Is it the right file?")
