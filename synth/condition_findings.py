"""What a condition on a true value cannot be: the place in the file, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synth import yaml_text
from synth.errors import nearest
from synth.quotas import Finding
from synth.spec import Choice, Scenario


def findings_of_condition(
    scenario: Scenario, cause: str, allowed: Sequence[str], place: yaml_text.Place
) -> Iterator[Finding]:
    """Yield what is wrong with asking that a true value is one of some values.

    Args:
        scenario: whose.
        cause: the true value.
        allowed: the values.
        place: where in the file it is asked.
    """
    truth = scenario.truth.get(cause)
    if not allowed:
        yield place, f"a condition on '{cause}' names no value. Name one, or remove it."
    if truth is None:
        yield place, f"'{cause}' is no true value. {nearest(cause, scenario.truth)}"
    elif isinstance(truth, Choice):
        for value in allowed:
            if value not in truth.values:
                yield place, f"'{value}' is not a value of '{cause}'. {nearest(value, truth.values)}"
    else:
        yield place, f"a condition on '{cause}' needs a choice; it is of kind {truth.kind}."
