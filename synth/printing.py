"""What pretty printers, of Hypothesis and of IPython, hand to an object that prints itself."""

from __future__ import annotations

from typing import Protocol


class Printer(Protocol):
    """What pretty printers (of Hypothesis, of IPython) hand to `_repr_pretty_`."""

    def text(self, obj: str) -> object:
        """Print some text."""

    def break_(self) -> object:
        """Begin a line."""
