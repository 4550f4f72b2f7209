"""Rule packs that come with casegauge, as rule files."""

from __future__ import annotations

from importlib.resources import files

from checks.rule import Rule
from checks.rule_file import read_rule_file
from checks.rule_set import RuleSet
from synth.errors import RuleError, nearest

PACKS = ("required_10", "required_25", "placeholders", "conditional", "narrative_agreement")  # of the main job
MORE_PACKS = (
    *("completeness", "conformance_25", "plausibility", "concordance", "duplicates", "timeliness"),
    "narrative_effort",
)  # for those who ask for them by name


def load_pack(name: str) -> tuple[Rule, ...]:
    """Return the rules of a pack.

    Examples:
        >>> len(load_pack("required_10"))
        10
        >>> load_pack("required10")
        Traceback (most recent call last):
        synth.errors.RuleError: no pack is called 'required10'. Did you mean 'required_10'?
    """
    return load_pack_file(name).rules


def load_pack_file(name: str) -> RuleSet:
    """Return a pack with its name, description, links and facts."""
    return read_rule_file(pack_text(name))


def pack_text(name: str) -> str:
    """Return the rule file of a pack, to take home and change."""
    if name not in (*PACKS, *MORE_PACKS):
        raise RuleError(f"no pack is called {name!r}. {nearest(name, (*PACKS, *MORE_PACKS))}")
    return files("checks").joinpath("packs", f"{name}.yaml").read_text(encoding="utf-8")
