"""What is known of people who fill forms: each parameter's plain words, range, evidence grade and anchor.

The package's own file is `behaviour.yaml`; a file of the same form, with any of its parameters, can stand in for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from synth import yaml_text
from synth.errors import ScenarioError, nearest

GRADES = {"M": "measured", "S": "read in a secondary source", "D": "derived by arithmetic", "U": "unverified, a choice"}
KEYS = ("says", "low", "central", "high", "grade", "anchor")
MAY = ("off",)
SAME = "same"  # as those who know


@dataclass(frozen=True)
class Parameter:
    """One parameter of the operator.

    Attributes:
        name: as in `operator:` of a scenario.
        says: in plain words.
        low, central, high: the choice and its range.
        grade: M, S, D or U: what the choice rests on.
        anchor: what keeps it from being arbitrary, with its source.
        off: the value at which the behaviour is not there; a scenario that does not name the parameter takes it. None:
            such a scenario takes `central`.
    """

    name: str
    says: str
    low: Decimal
    central: Decimal
    high: Decimal
    grade: str
    anchor: str
    off: Decimal | str | None = None

    @property
    def usual(self) -> Decimal | None:
        """What a scenario that does not name it takes; None: as another parameter."""
        if self.off == SAME:
            return None
        return self.central if self.off is None else Decimal(self.off)


@cache
def known_parameters() -> Mapping[str, Parameter]:
    """Return the package's own parameters by name.

    Examples:
        >>> k = known_parameters()["k"]
        >>> k.says, str(k.low), str(k.central), str(k.high)
        ('knows the true value when entering', '0.70', '0.85', '0.95')
    """
    text = Path(__file__).with_name("behaviour.yaml").read_text("utf-8")
    return _parameters(yaml_text.load(text, error=ScenarioError), known=None)


def load_behaviour(path: str | Path) -> Mapping[str, Parameter]:
    """Read a file of your own: any of the package's parameters, with `central` and whatever else is different.

    Args:
        path: a YAML file of the form of `synth/behaviour.yaml`.

    Returns:
        The parameters it names, what it leaves out of each filled up from the package's own.

    Raises:
        ScenarioError: an unknown parameter or key, a text that is no number, or low <= central <= high not true.
    """
    return _parameters(yaml_text.load(Path(path), error=ScenarioError), known=known_parameters())


def _parameters(document: yaml_text.Document, known: Mapping[str, Parameter] | None) -> dict[str, Parameter]:
    found = {}
    data = document.data
    if not isinstance(data, dict):
        raise document.fail((), "parameters are a mapping: k: {central: 0.9}.")
    for name, given in data.items():
        if known is not None and name not in known:
            raise document.fail((name,), f"'{name}' is no parameter. {nearest(name, known)}")
        if not isinstance(given, dict):
            raise document.fail((name,), f"{name} is a mapping: {name}: {{central: 0.9}}.")
        found[name] = _parameter(document, name, given, None if known is None else known[name])
    return found


def _parameter(
    document: yaml_text.Document, name: str, given: Mapping[str, yaml_text.Node], own: Parameter | None
) -> Parameter:
    values: dict[str, object] = {} if own is None else {key: getattr(own, key) for key in (*KEYS, *MAY)}
    for key, text in given.items():
        if key not in (*KEYS, *MAY):
            raise document.fail((name, key), f"'{key}' is no key of a parameter. {nearest(key, (*KEYS, *MAY))}")
        if not isinstance(text, str):
            raise document.fail((name, key), f"{key} of {name} is one text or number.")
        is_number = key in ("low", "central", "high") or (key == "off" and text != SAME)
        values[key] = _number(document, name, key, text) if is_number else text
    low, central, high = (Decimal(str(values[key])) for key in ("low", "central", "high"))
    if not low <= central <= high:
        raise document.fail(
            (name,), f"{name}: low {low}, central {central}, high {high} do not rise. Put them in order."
        )
    if values["grade"] not in GRADES:
        raise document.fail((name,), f"{name}: grade '{values['grade']}' is none of {', '.join(GRADES)}.")
    return Parameter(name, **values)  # type: ignore[arg-type]  # checked above


def _number(document: yaml_text.Document, name: str, key: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise document.fail((name, key), f"{key} of {name} is '{text}'; it is a number of 0 or more.")
    return number
