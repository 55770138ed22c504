"""What tables of all directions have in common: a row for each group, from the country down to schools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from oko.engines.papers import Paper
from oko.engines.statistics.levels import Group
from oko.engines.statistics.rules import Informativeness, informativeness


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of participants: how it is called, how many schools and participants are counted in it."""

    group: Group
    label: str
    schools: int
    participants: int

    @property
    def informativeness(self) -> Informativeness:
        return informativeness(self.participants)


RowT = TypeVar("RowT", bound=GroupRow)


@dataclass(frozen=True, slots=True)
class GroupTable(Generic[RowT]):
    """A report as it is shown, on a page and in a workbook alike; rows from the country down to schools."""

    paper: Paper
    rows: tuple[RowT, ...]

    def row(self, group: Group) -> RowT:
        """The row of a group. Raises KeyError where it has none."""
        for row in self.rows:
            if row.group == group:
                return row
        raise KeyError(group)
