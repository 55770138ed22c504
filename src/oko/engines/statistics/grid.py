"""A report as rows and columns: what a page, a workbook, a PDF, CSV and Parquet all show.

Each direction lays its table out once, here; who draws it needs to know nothing of marks or items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from oko.engines.papers import Paper
from oko.engines.statistics.levels import Group
from oko.engines.statistics.rules import Zone, informativeness

Value: TypeAlias = str | int | float | None


class Kind(StrEnum):
    """How the values of a column are written; a percent is 0–100, unrounded, null where it is hidden."""

    TEXT = "text"
    COUNT = "count"
    PERCENT = "percent"


class Change(StrEnum):
    """How the mark of a work stands to the mark in the class register.

    Each work with both marks is one of the first three; SIGNIFICANT gathers those, lowered or raised, whose
    marks are as far apart as the rules call significant (`Rules.significant_gap`).
    """

    LOWERED = "lowered"
    CONFIRMED = "confirmed"
    RAISED = "raised"
    SIGNIFICANT = "significant"


class Having(StrEnum):
    """What a work must have to be counted at all: each direction has its own participants."""

    SCORE = "score"  # a score (or X) for any item
    TOTAL = "total"
    MARK = "mark"
    BOTH_MARKS = "both-marks"  # its own and that in the class register


@dataclass(frozen=True, slots=True)
class Behind:
    """From which works a number was counted: those of the group for which all that is named holds.

    `item` alone: the works that have a score (or X) for it; with `not_attempted`: those with X.
    """

    group: Group
    mark: int | None = None
    total: int | None = None
    item: str | None = None
    not_attempted: bool = False
    change: Change | None = None
    having: Having | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """`name` for programs, `title` for people; `over` is a header above neighbours that share it."""

    name: str
    title: str
    kind: Kind
    over: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    value: Value
    behind: Behind | None = None
    zone: Zone | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """`group` whose numbers these are; `season` is empty for the one that the report is about.

    `key` tells the rows of one group apart where it has more than one (a mark, an item); else it is empty.
    """

    group: Group
    label: str
    participants: int
    cells: tuple[Cell, ...]
    season: str = ""
    key: str = ""

    @property
    def remark(self) -> str:
        """A few words on how far the numbers may be trusted; empty where they may."""
        return informativeness(self.participants).remark if self.participants else "нет работ"


@dataclass(frozen=True, slots=True)
class Grid:
    """`slug` and `title` of the direction; every row has as many cells as there are columns."""

    slug: str
    title: str
    paper: Paper
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def row(self, group: Group, key: str = "") -> Row:
        """The row of a group in this season. Raises KeyError where it has none."""
        for row in self.rows:
            if (row.group, row.key, row.season) == (group, key, ""):
                return row
        raise KeyError(group, key)


#: The columns with which a grid of groups begins.
GROUP_COLUMNS = (
    Column("group", "Группа участников", Kind.TEXT),
    Column("schools", "Кол-во ОО", Kind.COUNT),
    Column("participants", "Кол-во участников", Kind.COUNT),
)


def group_cells(
    group: Group, label: str, schools: int, participants: int, having: Having
) -> tuple[Cell, ...]:
    """The cells under GROUP_COLUMNS; the participants are the works that have what the direction needs."""
    return (Cell(label), Cell(schools), Cell(participants, Behind(group, having=having)))


def beside_earlier(grid: Grid, earlier: Sequence[tuple[str, Grid]]) -> Grid:
    """Each row followed by the same row (of group and key) of earlier seasons, the newest first.

    Args:
        grid: of this season, its rows in their order.
        earlier: (what the season is called, its grid with the same columns), the newest first.
    """
    rows: list[Row] = []
    for row in grid.rows:
        rows.append(row)
        for season, other in earlier:
            if other.columns != grid.columns:
                continue
            rows += [
                replace(old, season=season)
                for old in other.rows
                if (old.group, old.key) == (row.group, row.key)
            ]
    return replace(grid, rows=tuple(rows))
