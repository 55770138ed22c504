"""«Распределение первичных баллов»: how many participants of each group earned each total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from oko.engines.papers import Paper
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
from oko.engines.statistics.rules import informativeness
from oko.engines.statistics.tables import GroupRow, GroupTable

SLUG, TITLE = "distribution", "Распределение первичных баллов"


def _measures(works: ir.Table, paper: Paper) -> dict[str, ir.IntegerScalar]:
    return {"participants": works.total.count()}  # only a whole work has one


DISTRIBUTION_COUNTED = Counting("distribution", 1, _measures, by=("total",))


def score_distribution(counted: Counted, paper: Paper, scope: Scope = EVERYTHING) -> pa.Table:
    """How many works of each group have each total, over the works that are whole.

    Returns:
        Columns `level, region, municipality, school, schools` (of the whole group), `total`, `participants`
        (with this total). A total that nobody has, has no row; a group in which nobody has a total has one
        row, with `total` null and no participants.
    """
    return add_up(school_sums(counted, paper, DISTRIBUTION_COUNTED), scope, by=DISTRIBUTION_COUNTED.by)


@dataclass(frozen=True, slots=True)
class DistributionRow(GroupRow):
    """One group: `counts` and `percents` of the totals 0 … maximum; no percents where it is too small."""

    counts: tuple[int, ...]
    percents: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class DistributionTable(GroupTable[DistributionRow]):
    """«Распределение первичных баллов» as it is shown."""


def distribution_table(
    counted: Counted, paper: Paper, scope: Scope = EVERYTHING, labels: Labels = plain_label
) -> DistributionTable:
    """Compute «Распределение первичных баллов» for the groups of the scope, in one query."""
    found = rows_by_group(score_distribution(counted, paper, scope), scope)
    return DistributionTable(
        paper, tuple(_row(group, labels(group), frames, paper.maximum) for group, frames in found.items())
    )


def _row(group: Group, label: str, frames: list[dict[str, Any]], maximum: int) -> DistributionRow:
    with_total = {frame["total"]: frame["participants"] for frame in frames}
    counts = tuple(with_total.get(total, 0) for total in range(maximum + 1))
    participants = sum(counts)
    shares = None
    if informativeness(participants).shows_percent:
        shares = tuple(100 * count / participants for count in counts)
    schools = frames[0]["schools"] if frames else 0
    return DistributionRow(group, label, schools, participants, counts, shares)


def distribution_grid(table: DistributionTable) -> Grid:
    """The table laid out: a column a total."""
    over = "Первичный балл, % участников"
    totals = range(table.paper.maximum + 1)
    columns = (
        *GROUP_COLUMNS,
        *(Column(f"percent_{total}", str(total), Kind.PERCENT, over) for total in totals),
    )
    return Grid(SLUG, TITLE, table.paper, columns, tuple(_grid_row(row) for row in table.rows))


def _grid_row(row: DistributionRow) -> Row:
    shares = row.percents or (None,) * len(row.counts)
    cells = (Cell(share, Behind(row.group, total=total)) for total, share in enumerate(shares))
    of_group = group_cells(row.group, row.label, row.schools, row.participants, Having.TOTAL)
    return Row(row.group, row.label, row.participants, (*of_group, *cells))
