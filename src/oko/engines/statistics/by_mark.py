"""«Выполнение заданий группами участников»: how those with 2, 3, 4 and 5 of each group solved each item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from oko.engines.papers import Item, Paper
from oko.engines.statistics.counting import Counted, Counting, school_sums
from oko.engines.statistics.grid import Behind, Cell, Column, Grid, Kind, Row
from oko.engines.statistics.levels import (
    EVERYTHING,
    Group,
    Labels,
    Scope,
    add_up,
    plain_label,
    rows_by_group,
)
from oko.engines.statistics.marks import MARKS
from oko.engines.statistics.rules import Informativeness, informativeness
from oko.engines.statistics.solving import item_columns, item_measures, percent_of_maximum

SLUG, TITLE = "items-by-mark", "Выполнение заданий группами участников"


def _measures(works: ir.Table, paper: Paper) -> dict[str, ir.IntegerScalar]:
    return {"participants": works.mark.count(), **item_measures(works, paper)}


BY_MARK_COUNTED = Counting("items-by-mark", 1, _measures, by=("mark",))


def solving_by_mark(counted: Counted, paper: Paper, scope: Scope = EVERYTHING) -> pa.Table:
    """How those who earned a mark solved each item, by group; X and N count as in «Выполнение заданий».

    Returns:
        Columns `level, region, municipality, school, schools` (of the whole group), `mark` (null for works
        without one), `participants` (with this mark), and the measures of items
        (`solving.item_measures`). A mark that nobody has, has no row.
    """
    return add_up(school_sums(counted, paper, BY_MARK_COUNTED), scope, by=BY_MARK_COUNTED.by)


@dataclass(frozen=True, slots=True)
class MarkGroupCell:
    """One item of those with one mark; no percent where too few participants are counted."""

    item: Item
    counted: int
    scores: int
    percent: float | None


@dataclass(frozen=True, slots=True)
class ByMarkRow:
    """Those of one group who earned `mark`, with their cells in the order of the paper's items."""

    group: Group
    label: str
    mark: int
    participants: int
    cells: tuple[MarkGroupCell, ...]

    @property
    def informativeness(self) -> Informativeness:
        return informativeness(self.participants)


@dataclass(frozen=True, slots=True)
class ByMarkTable:
    """The report as it is shown; for each group, from the country down to schools, a row for each mark."""

    paper: Paper
    rows: tuple[ByMarkRow, ...]

    def rows_of(self, group: Group) -> tuple[ByMarkRow, ...]:
        """The four rows of a group, from «2» to «5». Raises KeyError where it has none."""
        rows = tuple(row for row in self.rows if row.group == group)
        if not rows:
            raise KeyError(group)
        return rows


def by_mark_table(
    counted: Counted, paper: Paper, scope: Scope = EVERYTHING, labels: Labels = plain_label
) -> ByMarkTable:
    """Compute «Выполнение заданий группами участников» for the groups of the scope, in one query."""
    found = rows_by_group(solving_by_mark(counted, paper, scope), scope)
    rows = []
    for group, frames in found.items():
        with_mark = {frame["mark"]: frame for frame in frames}
        rows += [_row(group, labels(group), mark, with_mark.get(mark, {}), paper) for mark in MARKS]
    return ByMarkTable(paper, tuple(rows))


def _row(group: Group, label: str, mark: int, frame: dict[str, Any], paper: Paper) -> ByMarkRow:
    participants = frame.get("participants", 0)
    cells = tuple(_cell(item, position, frame) for position, item in enumerate(paper.items))
    return ByMarkRow(group, label, mark, participants, cells)


def _cell(item: Item, position: int, frame: dict[str, Any]) -> MarkGroupCell:
    counted, scores = frame.get(f"counted_{position}", 0), frame.get(f"scores_{position}", 0)
    return MarkGroupCell(item, counted, scores, percent_of_maximum(item, counted, scores))


_COLUMNS = (
    Column("group", "Группа участников", Kind.TEXT),
    Column("mark", "Отметка", Kind.COUNT),
    Column("participants", "Кол-во участников", Kind.COUNT),
)


def by_mark_grid(table: ByMarkTable) -> Grid:
    """The table laid out: a column an item; the key of a row is its mark."""
    columns = (*_COLUMNS, *item_columns(table.paper))
    return Grid(SLUG, TITLE, table.paper, columns, tuple(_grid_row(row) for row in table.rows))


def _grid_row(row: ByMarkRow) -> Row:
    of_mark = Behind(row.group, mark=row.mark)
    items = (Cell(cell.percent, Behind(row.group, mark=row.mark, item=cell.item.code)) for cell in row.cells)
    cells = (Cell(row.label), Cell(row.mark), Cell(row.participants, of_mark), *items)
    return Row(row.group, row.label, row.participants, cells, key=str(row.mark))
