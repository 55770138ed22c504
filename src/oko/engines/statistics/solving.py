"""«Выполнение заданий»: which part of an item's maximum each group earned, 100·Σscore / (N·maximum)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from oko.engines.papers import Item, Paper
from oko.engines.statistics.counting import Counted, Counting, school_sums
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
    Scope,
    add_up,
    plain_label,
    rows_by_group,
)
from oko.engines.statistics.rules import Zone, informativeness, item_zone
from oko.engines.statistics.tables import GroupRow, GroupTable

SLUG, TITLE = "items", "Выполнение заданий"


def _measures(works: ir.Table, paper: Paper) -> dict[str, ir.IntegerScalar]:
    any_score = ibis.coalesce(*(works[item.code] for item in paper.items))
    return {"participants": any_score.count(), **item_measures(works, paper)}


def item_measures(works: ir.Table, paper: Paper) -> dict[str, ir.IntegerScalar]:
    """Of the item at each position: who has it (`counted_N`), X (`not_attempted_N`), Σ (`scores_N`)."""
    measures = {}
    for position, item in enumerate(paper.items):
        score = works[item.code]
        not_attempted = (score < 0).cast("int8").sum()  # X is −1: what it takes off the sum is put back
        measures[f"counted_{position}"] = score.count()
        measures[f"not_attempted_{position}"] = not_attempted
        measures[f"scores_{position}"] = score.sum() + not_attempted
    return measures


ITEMS_COUNTED = Counting("items", 1, _measures)


@dataclass(frozen=True, slots=True)
class ItemCell:
    """One item in one group; neither percent nor zone where too few participants are counted."""

    item: Item
    counted: int
    not_attempted: int
    scores: int
    percent: float | None
    zone: Zone | None


@dataclass(frozen=True, slots=True)
class ItemRow(GroupRow):
    """One group with its cells in the order of the paper's items."""

    cells: tuple[ItemCell, ...]


@dataclass(frozen=True, slots=True)
class ItemTable(GroupTable[ItemRow]):
    """«Выполнение заданий» as it is shown."""


def item_table(
    counted: Counted, paper: Paper, scope: Scope = EVERYTHING, labels: Labels = plain_label
) -> ItemTable:
    """Compute «Выполнение заданий» for the groups of the scope, in one query.

    X (not attempted) adds nothing to the sum and its participant is counted; N (not studied) leaves both; a
    work without one of its parts counts in the items that it has; an absent participant has no scores (see
    `write_works`). The participants of a group are those with any score.
    """
    found = rows_by_group(add_up(school_sums(counted, paper, ITEMS_COUNTED), scope), scope)
    rows = (_row(group, labels(group), frames[0] if frames else {}, paper) for group, frames in found.items())
    return ItemTable(paper, tuple(rows))


def _row(group: Group, label: str, frame: dict[str, Any], paper: Paper) -> ItemRow:
    return ItemRow(
        group=group,
        label=label,
        schools=frame.get("schools", 0),
        participants=frame.get("participants", 0),
        cells=tuple(_cell(item, position, frame) for position, item in enumerate(paper.items)),
    )


def _cell(item: Item, position: int, frame: dict[str, Any]) -> ItemCell:
    counted, scores = frame.get(f"counted_{position}", 0), frame.get(f"scores_{position}", 0)
    percent = percent_of_maximum(item, counted, scores)
    return ItemCell(
        item=item,
        counted=counted,
        not_attempted=frame.get(f"not_attempted_{position}", 0),
        scores=scores,
        percent=percent,
        zone=None if percent is None else item_zone(item.level, percent),
    )


def percent_of_maximum(item: Item, counted: int, scores: int) -> float | None:
    """100·Σscore / (N·maximum), or None where too few participants are counted."""
    if not informativeness(counted).shows_percent:
        return None
    return 100 * scores / (counted * item.maximum)


def item_grid(table: ItemTable) -> Grid:
    """The table laid out: a column an item."""
    columns = (*GROUP_COLUMNS, *item_columns(table.paper))
    return Grid(SLUG, TITLE, table.paper, columns, tuple(_grid_row(row) for row in table.rows))


def item_columns(paper: Paper) -> tuple[Column, ...]:
    """A column of percents for each item: «5.1 (1б)»."""
    return tuple(
        Column(f"item_{item.code}", f"{item.code} ({item.maximum}б)", Kind.PERCENT) for item in paper.items
    )


def _grid_row(row: ItemRow) -> Row:
    cells = tuple(Cell(cell.percent, Behind(row.group, item=cell.item.code), cell.zone) for cell in row.cells)
    of_group = group_cells(row.group, row.label, row.schools, row.participants, Having.SCORE)
    return Row(row.group, row.label, row.participants, (*of_group, *cells))
