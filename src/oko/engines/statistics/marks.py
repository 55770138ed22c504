"""«Статистика по отметкам»: how many participants of each group earned 2, 3, 4 and 5."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import pyarrow as pa

from oko.engines.papers import Paper
from oko.engines.statistics.levels import (
    EVERYTHING,
    Group,
    Labels,
    Scope,
    add_up,
    percents,
    plain_label,
    rows_by_group,
)
from oko.engines.statistics.rules import Informativeness, informativeness

MARKS = (2, 3, 4, 5)


def mark_statistics(works: ir.Table, scope: Scope = EVERYTHING) -> pa.Table:
    """Counts and percents of marks by group, over the works that are whole and have a mark.

    Returns:
        Columns `level, region, municipality, school, schools, participants`, `mark_2 … mark_5` (counts,
        int64), `percent_2 … percent_5` (of the participants, 0–100, null where there are none). Small groups
        are not hidden here: that is `mark_table`'s work.
    """
    counted = (works.status == "present") & works.mark.notnull()
    measures = {
        "participants": works.count(where=counted),
        **{f"mark_{mark}": works.count(where=counted & (works.mark == mark)) for mark in MARKS},
    }
    sums = add_up(works, measures, scope)
    for mark in MARKS:
        share = percents(sums[f"mark_{mark}"], sums["participants"])
        sums = sums.append_column(f"percent_{mark}", share)
    return sums


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One group: `counts` and `percents` in the order of MARKS; no percents where the group is too small."""

    group: Group
    label: str
    schools: int
    participants: int
    counts: tuple[int, int, int, int]
    percents: tuple[float, float, float, float] | None

    @property
    def informativeness(self) -> Informativeness:
        return informativeness(self.participants)


@dataclass(frozen=True, slots=True)
class MarkTable:
    """The report as it is shown, on a page and in a workbook alike; rows from the country down to schools."""

    paper: Paper
    rows: tuple[MarkRow, ...]

    def row(self, group: Group) -> MarkRow:
        """The row of a group. Raises KeyError where it has none."""
        for row in self.rows:
            if row.group == group:
                return row
        raise KeyError(group)


def mark_table(
    works: ir.Table, paper: Paper, scope: Scope = EVERYTHING, labels: Labels = plain_label
) -> MarkTable:
    """Compute «Статистика по отметкам» for the groups of the scope, in one query."""
    found = rows_by_group(mark_statistics(works, scope), scope)
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
