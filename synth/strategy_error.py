"""The error of strategies: ours and Hypothesis's at once."""

from __future__ import annotations

from hypothesis.errors import InvalidArgument

from synth.errors import CasegaugeError


class StrategyError(CasegaugeError, InvalidArgument):
    """A strategy asks for what is not there, or for what cannot be; raised where it is defined."""
