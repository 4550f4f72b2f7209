"""The records rules see: one table per system, and the views between them, each built once."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from checks.columns import Table
from checks.predicates import Link
from checks.views import View, join_tables
from synth.errors import RuleError, nearest


class Records:
    """Tables by system, with views by link."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self.tables = {name: Table(name, frame) for name, frame in frames.items()}
        self._views: dict[Link, View] = {}

    def table(self, system: str | None) -> Table:
        """Return a system's table; None means the only one."""
        if system is None:
            if len(self.tables) != 1:
                raise RuleError(
                    f"the rule names no system, and there are {len(self.tables)}. {nearest('', self.tables)}"
                )
            return next(iter(self.tables.values()))
        if system not in self.tables:
            raise RuleError(f"system {system!r} is not among the records. {nearest(system, self.tables)}")
        return self.tables[system]

    def view(self, link: Link) -> View:
        """Return the view by a link."""
        if link not in self._views:
            self._views[link] = join_tables(link, self.table(link.system), self.table(link.other))
        return self._views[link]
