"""The official directions but the individual results: what each counts, and how it is laid out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oko.engines.papers import Paper
from oko.engines.statistics import by_mark, comparison, distribution, marks, planned, solving
from oko.engines.statistics.counting import Counted, Counting
from oko.engines.statistics.grid import Grid
from oko.engines.statistics.levels import EVERYTHING, Labels, Scope, plain_label


@dataclass(frozen=True, slots=True)
class Direction:
    """`table` computes it for the groups of a scope, `grid` lays that table out."""

    slug: str
    title: str
    counting: Counting
    table: Callable[[Counted, Paper, Scope, Labels], Any]
    grid: Callable[[Any], Grid]

    def report(
        self, counted: Counted, paper: Paper, scope: Scope = EVERYTHING, labels: Labels = plain_label
    ) -> Grid:
        return self.grid(self.table(counted, paper, scope, labels))


DIRECTIONS = (
    Direction(marks.SLUG, marks.TITLE, marks.MARKS_COUNTED, marks.mark_table, marks.mark_grid),
    Direction(
        comparison.SLUG,
        comparison.TITLE,
        comparison.COMPARISON_COUNTED,
        comparison.comparison_table,
        comparison.comparison_grid,
    ),
    Direction(
        distribution.SLUG,
        distribution.TITLE,
        distribution.DISTRIBUTION_COUNTED,
        distribution.distribution_table,
        distribution.distribution_grid,
    ),
    Direction(solving.SLUG, solving.TITLE, solving.ITEMS_COUNTED, solving.item_table, solving.item_grid),
    Direction(
        planned.SLUG, planned.TITLE, solving.ITEMS_COUNTED, planned.planned_table, planned.planned_grid
    ),
    Direction(
        by_mark.SLUG, by_mark.TITLE, by_mark.BY_MARK_COUNTED, by_mark.by_mark_table, by_mark.by_mark_grid
    ),
)
BY_SLUG = {direction.slug: direction for direction in DIRECTIONS}
