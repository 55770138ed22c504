"""«Статистика по отметкам»: how many participants of each group earned 2, 3, 4 and 5."""

from __future__ import annotations

from dataclasses import dataclass

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
    Labels,
    Scope,
    add_up,
    percents,
    plain_label,
    rows_by_group,
)
from oko.engines.statistics.rules import informativeness
from oko.engines.statistics.tables import GroupRow, GroupTable

MARKS = (2, 3, 4, 5)
SLUG, TITLE = "marks", "Статистика по отметкам"


def _measures(works: ir.Table, paper: Paper) -> dict[str, ir.IntegerScalar]:
    return {
        "participants": works.mark.count(),  # only a whole work has one
        **{f"mark_{mark}": (works.mark == mark).cast("int64").sum() for mark in MARKS},
    }


MARKS_COUNTED = Counting("marks", 1, _measures)


def mark_statistics(counted: Counted, paper: Paper, scope: Scope = EVERYTHING) -> pa.Table:
    """Counts and percents of marks by group, over the works that are whole and have a mark.

    Returns:
        Columns `level, region, municipality, school, schools, participants`, `mark_2 … mark_5` (counts,
        int64), `percent_2 … percent_5` (of the participants, 0–100, null where there are none). Small groups
        are not hidden here: that is `mark_table`'s work.
    """
    sums = add_up(school_sums(counted, paper, MARKS_COUNTED), scope)
    for mark in MARKS:
        share = percents(sums[f"mark_{mark}"], sums["participants"])
        sums = sums.append_column(f"percent_{mark}", share)
    return sums


@dataclass(frozen=True, slots=True)
class MarkRow(GroupRow):
    """One group: `counts` and `percents` in the order of MARKS; no percents where the group is too small."""

    counts: tuple[int, int, int, int]
    percents: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class MarkTable(GroupTable[MarkRow]):
    """«Статистика по отметкам» as it is shown."""


def mark_table(
    counted: Counted, paper: Paper, scope: Scope = EVERYTHING, labels: Labels = plain_label
) -> MarkTable:
    """Compute «Статистика по отметкам» for the groups of the scope, in one query."""
    found = rows_by_group(mark_statistics(counted, paper, scope), scope)
    rows = []
    for group, frames in found.items():
        frame = frames[0] if frames else {}
        participants = frame.get("participants", 0)
        two, three, four, five = (frame.get(f"mark_{mark}", 0) for mark in MARKS)
        shares = None
        if informativeness(participants).shows_percent:
            shares = (frame["percent_2"], frame["percent_3"], frame["percent_4"], frame["percent_5"])
        rows.append(
            MarkRow(
                group=group,
                label=labels(group),
                schools=frame.get("schools", 0),
                participants=participants,
                counts=(two, three, four, five),
                percents=shares,
            )
        )
    return MarkTable(paper, tuple(rows))


_COLUMNS = (
    *GROUP_COLUMNS,
    *(Column(f"count_{mark}", f"«{mark}», чел.", Kind.COUNT) for mark in MARKS),
    *(Column(f"percent_{mark}", f"«{mark}», %", Kind.PERCENT) for mark in MARKS),
)


def mark_grid(table: MarkTable) -> Grid:
    """The table laid out."""
    return Grid(SLUG, TITLE, table.paper, _COLUMNS, tuple(_grid_row(row) for row in table.rows))


def _grid_row(row: MarkRow) -> Row:
    behind = [Behind(row.group, mark=mark) for mark in MARKS]
    shares = row.percents or (None,) * len(MARKS)
    cells = (
        *group_cells(row.group, row.label, row.schools, row.participants, Having.MARK),
        *(Cell(count, whose) for count, whose in zip(row.counts, behind, strict=True)),
        *(Cell(share, whose) for share, whose in zip(shares, behind, strict=True)),
    )
    return Row(row.group, row.label, row.participants, cells)
