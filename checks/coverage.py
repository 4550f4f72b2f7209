"""What became of rules on their way into another tool's format or out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from synth.errors import RuleError


@dataclass(frozen=True)
class Coverage:
    """What became of one source rule.

    Attributes:
        id: of the rule, here and there.
        status: exact, approximate, unsupported or error.
        reason: why it is not exact.
        place: where it stands in the source.
    """

    id: str
    status: str
    reason: str = ""
    place: str = ""


def pandera_module() -> Any:
    """Return pandera's pandas module, imported when it is first needed."""
    try:
        import pandera.pandas as pa
    except ImportError as problem:
        raise RuleError(f"pandera cannot be imported ({problem}). Install it: pip install 'pandera[pandas]'.") from None
    return pa
