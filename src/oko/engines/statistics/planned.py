"""«Достижение планируемых результатов»: items and the planned results that they show, beside each other.

It is «Выполнение заданий» read otherwise. Of one place it is laid out as in the official form: a row for an
item, a column for each of its groups up to the country (beside). With the groups below a place (a
municipality with its schools) it has a row for a group and a column for a planned result (below).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oko.engines.papers import Item, Paper
from oko.engines.statistics.counting import Counted
from oko.engines.statistics.grid import (
    GROUP_COLUMNS,
    Behind,
    Cell,
    Column,
    Grid,
    Having,
    Kind,
    Row,
    group_cells,
)
from oko.engines.statistics.levels import (
    EVERYTHING,
    Group,
    Labels,
    Level,
    Scope,
    plain_label,
)
from oko.engines.statistics.rules import Zone, informativeness, item_zone, shipped_rules
from oko.engines.statistics.solving import ItemCell, ItemRow, ItemTable, item_table
from oko.engines.statistics.tables import GroupRow, GroupTable

SLUG, TITLE = "planned", "Достижение планируемых результатов"


@dataclass(frozen=True, slots=True)
class PlannedResult:
    """A planned result (планируемый результат) with the items of the paper that show it."""

    title: str
    items: tuple[Item, ...]

    @property
    def maximum(self) -> int:
        return sum(item.maximum for item in self.items)

    @property
    def level(self) -> str:
        """The level of its items, or empty where they are of different ones: there is no threshold then."""
        levels = {item.level for item in self.items}
        return levels.pop() if len(levels) == 1 else ""


def planned_results(paper: Paper) -> tuple[PlannedResult, ...]:
    """The planned results of a paper in the order of their first items; items without one belong to none."""
    found: dict[str, list[Item]] = {}
    for item in paper.items:
        if item.planned_result:
            found.setdefault(item.planned_result, []).append(item)
    return tuple(PlannedResult(title, tuple(items)) for title, items in found.items())


@dataclass(frozen=True, slots=True)
class ResultCell:
    """One planned result in one group, 100·Σscores / Σ(counted·maximum) over its items.

    `counted` is the fewest participants with one of its items (items that nobody has, left aside): where they
    are too few there is neither percent nor zone, or a hidden item could be found by subtraction.
    """

    result: PlannedResult
    counted: int
    scores: int
    possible: int
    percent: float | None
    zone: Zone | None


@dataclass(frozen=True, slots=True)
class PlannedRow(GroupRow):
    """One group: its cells in the order of the paper's items, and in that of the planned results."""

    items: tuple[ItemCell, ...]
    results: tuple[ResultCell, ...]


@dataclass(frozen=True, slots=True)
class PlannedTable(GroupTable[PlannedRow]):
    """The report as it is shown; `beside` lays it out for the last of its rows, beside all those above."""

    beside: bool


def planned_table(
    counted: Counted, paper: Paper, scope: Scope = EVERYTHING, labels: Labels = plain_label
) -> PlannedTable:
    """Compute «Достижение планируемых результатов» for the groups of the scope, in one query."""
    of_items = item_table(counted, paper, scope, labels)
    results = planned_results(paper)
    where = [_positions(paper, result) for result in results]
    rows = tuple(_row(row, results, where) for row in of_items.rows)
    return PlannedTable(paper, beside=scope.down_to is None, rows=rows)


def _positions(paper: Paper, result: PlannedResult) -> tuple[int, ...]:
    """Where the items of a planned result stand in the paper."""
    return tuple(position for position, item in enumerate(paper.items) if item in result.items)


def _row(row: ItemRow, results: Sequence[PlannedResult], where: Sequence[tuple[int, ...]]) -> PlannedRow:
    cells = tuple(
        _result_cell(result, _cells_at(positions, row))
        for result, positions in zip(results, where, strict=True)
    )
    return PlannedRow(row.group, row.label, row.schools, row.participants, row.cells, cells)


def _cells_at(positions: Sequence[int], row: ItemRow) -> list[ItemCell]:
    """Those of the items there that somebody in the group has."""
    return [row.cells[position] for position in positions if row.cells[position].counted]


def _result_cell(result: PlannedResult, cells: Sequence[ItemCell]) -> ResultCell:
    counted = min((cell.counted for cell in cells), default=0)
    scores = sum(cell.scores for cell in cells)
    possible = sum(cell.counted * cell.item.maximum for cell in cells)
    percent = 100 * scores / possible if informativeness(counted).shows_percent else None
    zone = item_zone(result.level, percent) if percent is not None and result.level else None
    return ResultCell(result, counted, scores, possible, percent, zone)


@dataclass(frozen=True, slots=True)
class Deficit:
    """A planned result that a group lacks: `red` of the `judged` items are below their thresholds."""

    result: PlannedResult
    judged: tuple[ItemCell, ...]
    red: tuple[ItemCell, ...]


def deficits(table: ItemTable, group: Group) -> tuple[Deficit, ...]:
    """The systemic deficits (системные дефициты) of a group, in the order of the paper.

    Recommendations of 2026 as coded by a third party: at least two items, and more than half of them red.
    Items that nobody in the group has are not judged; one that too few have is judged and is not red, so that
    nothing is claimed of a few participants.

    Raises:
        KeyError: the table has no row for the group.
    """
    row = table.row(group)
    rule = shipped_rules().deficit
    found = []
    for result in planned_results(table.paper):
        judged = _cells_at(_positions(table.paper, result), row)
        red = [cell for cell in judged if cell.zone is Zone.INSUFFICIENT]
        if rule.holds(len(red), len(judged)):
            found.append(Deficit(result, tuple(judged), tuple(red)))
    return tuple(found)


def planned_grid(table: PlannedTable) -> Grid:
    """The table laid out, beside or below."""
    columns, rows = _laid_beside(table) if table.beside else _laid_below(table)
    return Grid(SLUG, TITLE, table.paper, columns, rows)


_ITEM_COLUMNS = (
    Column("item", "№ задания", Kind.TEXT),
    Column("area", "Раздел", Kind.TEXT),
    Column("skill", "Умение", Kind.TEXT),
    Column("level", "Уровень", Kind.TEXT),
    Column("maximum", "Макс. балл", Kind.COUNT),
)
_WHOLE_RESULT = "в целом по заданиям результата"


def _laid_beside(table: PlannedTable) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """A row for an item, then one for each planned result; region, municipality, school, country.

    Where each item is a planned result of its own, their rows would only say the same again: they are left
    out. The key of a row says which item (with its maximum) or which planned result it is.
    """
    place = table.rows[-1]
    groups = sorted(table.rows, key=lambda row: (row.group.level is Level.COUNTRY, row.group.level.depth))
    over = "Выполнение, % от максимума"
    columns = (
        *_ITEM_COLUMNS,
        *(Column(row.group.level.value, row.label, Kind.PERCENT, over) for row in groups),
    )
    of_items = [_item_row(table.paper, position, place, groups) for position in range(len(table.paper.items))]
    gathered = any(len(cell.result.items) > 1 for cell in place.results)
    results = range(len(place.results)) if gathered else ()
    of_results = [_result_row(position, place, groups) for position in results]
    return columns, (*of_items, *of_results)


def _item_row(paper: Paper, position: int, place: PlannedRow, groups: Sequence[PlannedRow]) -> Row:
    item = paper.items[position]
    described = (Cell(item.code), Cell(item.area), Cell(item.skill), Cell(item.level), Cell(item.maximum))
    solved = (
        Cell(row.items[position].percent, Behind(row.group, item=item.code), row.items[position].zone)
        for row in groups
    )
    key = f"{item.code} ({item.maximum}б)"
    return Row(place.group, item.code, place.items[position].counted, (*described, *solved), key=key)


def _result_row(position: int, place: PlannedRow, groups: Sequence[PlannedRow]) -> Row:
    result = place.results[position].result
    codes = ", ".join(item.code for item in result.items)
    described = (
        Cell(codes),
        Cell(result.title),
        Cell(_WHOLE_RESULT),
        Cell(result.level),
        Cell(result.maximum),
    )
    solved = (
        Cell(row.results[position].percent, _behind_result(row), row.results[position].zone) for row in groups
    )
    counted = place.results[position].counted
    return Row(place.group, result.title, counted, (*described, *solved), key=result.title)


def _laid_below(table: PlannedTable) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    over = "Планируемые результаты, % от максимума"
    results = (
        Column(f"result_{number}", result.title, Kind.PERCENT, over)
        for number, result in enumerate(planned_results(table.paper), start=1)
    )
    return (*GROUP_COLUMNS, *results), tuple(_group_row(row) for row in table.rows)


def _group_row(row: PlannedRow) -> Row:
    of_group = group_cells(row.group, row.label, row.schools, row.participants, Having.SCORE)
    solved = (Cell(cell.percent, _behind_result(row), cell.zone) for cell in row.results)
    return Row(row.group, row.label, row.participants, (*of_group, *solved))


def _behind_result(row: PlannedRow) -> Behind:
    """All works with any score: which of them lack the items of one planned result is seen in the list."""
    return Behind(row.group, having=Having.SCORE)
