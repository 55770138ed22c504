"""«Сравнение отметок с отметками по журналу»: who earned less, the same or more than the register says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from oko.engines.papers import Paper
from oko.engines.statistics.counting import Counted, Counting, school_sums
from oko.engines.statistics.grid import (
    GROUP_COLUMNS,
    Behind,
    Cell,
    Change,
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
    percents,
    plain_label,
    rows_by_group,
)
from oko.engines.statistics.rules import informativeness, shipped_rules
from oko.engines.statistics.tables import GroupRow, GroupTable

SLUG, TITLE = "comparison", "Сравнение отметок с отметками по журналу"
CHANGES = (Change.LOWERED, Change.CONFIRMED, Change.RAISED)
CHANGE_TITLES = {
    Change.LOWERED: "Понизили",
    Change.CONFIRMED: "Подтвердили",
    Change.RAISED: "Повысили",
    Change.SIGNIFICANT: f"Расхождение на {shipped_rules().significant_gap} отм. и более",
}
_GREATEST = 3  # from «2» to «5»


def _measures(works: ir.Table, paper: Paper) -> dict[str, ir.IntegerScalar]:
    """Every difference apart: which of them is significant is a rule, and rules change without recounting."""
    difference = works.mark - works.prior_mark  # null where one of them is missing
    return {
        "participants": difference.count(),
        **{_measure(gap): (difference == gap).cast("int8").sum() for gap in _gaps()},
    }


def _gaps() -> range:
    return range(-_GREATEST, _GREATEST + 1)


def _measure(gap: int) -> str:
    if gap == 0:
        return Change.CONFIRMED.value
    return f"{Change.LOWERED if gap < 0 else Change.RAISED}_{abs(gap)}"


COMPARISON_COUNTED = Counting("comparison", 1, _measures)


def mark_comparison(counted: Counted, paper: Paper, scope: Scope = EVERYTHING) -> pa.Table:
    """Counts and percents of lowered, confirmed and raised marks by group, over works with both marks.

    Returns:
        Columns `level, region, municipality, school, schools, participants`; for each of `Change` its count
        (`lowered` …, int64) and its percent of the participants (`percent_lowered` …, null where there are
        none). Small groups are not hidden here: that is `comparison_table`'s work.
    """
    sums = add_up(school_sums(counted, paper, COMPARISON_COUNTED), scope)
    of_group = ("level", "region", "municipality", "school", "schools", "participants")
    significant = shipped_rules().significant_gap
    counts = {
        Change.LOWERED: _total(sums, [gap for gap in _gaps() if gap < 0]),
        Change.CONFIRMED: _total(sums, [0]),
        Change.RAISED: _total(sums, [gap for gap in _gaps() if gap > 0]),
        Change.SIGNIFICANT: _total(sums, [gap for gap in _gaps() if abs(gap) >= significant]),
    }
    shares = {f"percent_{name}": percents(count, sums["participants"]) for name, count in counts.items()}
    return pa.table(
        {name: sums[name] for name in of_group} | {name.value: counts[name] for name in counts} | shares
    )


def _total(sums: pa.Table, gaps: list[int]) -> pa.ChunkedArray:
    first, *others = (sums[_measure(gap)] for gap in gaps)
    for other in others:
        first = pc.add(first, other)
    return first


@dataclass(frozen=True, slots=True)
class ComparisonRow(GroupRow):
    """One group: `counts` and `percents` in the order of CHANGES; no percents where the group is too small.

    `participants` have both marks. `significant` of them, lowered or raised, are so far from the register
    that the rules call it significant.
    """

    counts: tuple[int, int, int]
    percents: tuple[float, float, float] | None
    significant: int
    significant_percent: float | None


@dataclass(frozen=True, slots=True)
class ComparisonTable(GroupTable[ComparisonRow]):
    """«Сравнение отметок с отметками по журналу» as it is shown."""


def comparison_table(
    counted: Counted, paper: Paper, scope: Scope = EVERYTHING, labels: Labels = plain_label
) -> ComparisonTable:
    """Compute «Сравнение отметок с отметками по журналу» for the groups of the scope, in one query."""
    found = rows_by_group(mark_comparison(counted, paper, scope), scope)
    return ComparisonTable(
        paper,
        tuple(_row(group, labels(group), frames[0] if frames else {}) for group, frames in found.items()),
    )


def _row(group: Group, label: str, frame: dict[str, Any]) -> ComparisonRow:
    participants = frame.get("participants", 0)
    lowered, confirmed, raised = (frame.get(change, 0) for change in CHANGES)
    shares = None
    if informativeness(participants).shows_percent:
        shares = (frame["percent_lowered"], frame["percent_confirmed"], frame["percent_raised"])
    return ComparisonRow(
        group=group,
        label=label,
        schools=frame.get("schools", 0),
        participants=participants,
        counts=(lowered, confirmed, raised),
        percents=shares,
        significant=frame.get(Change.SIGNIFICANT, 0),
        significant_percent=None if shares is None else frame["percent_significant"],
    )


_COLUMNS = (
    *GROUP_COLUMNS,
    *(
        column
        for change in Change
        for column in (
            Column(f"count_{change}", "Кол-во", Kind.COUNT, over=CHANGE_TITLES[change]),
            Column(f"percent_{change}", "%", Kind.PERCENT, over=CHANGE_TITLES[change]),
        )
    ),
)


def comparison_grid(table: ComparisonTable) -> Grid:
    """The table laid out; «Всего» of the official form are the participants: those with both marks."""
    return Grid(SLUG, TITLE, table.paper, _COLUMNS, tuple(_grid_row(row) for row in table.rows))


def _grid_row(row: ComparisonRow) -> Row:
    counts = (*row.counts, row.significant)
    shares = (*(row.percents or (None,) * len(CHANGES)), row.significant_percent)
    cells = []
    for change, count, share in zip(Change, counts, shares, strict=True):
        behind = Behind(row.group, change=change)
        cells += [Cell(count, behind), Cell(share, behind)]
    of_group = group_cells(row.group, row.label, row.schools, row.participants, Having.BOTH_MARKS)
    return Row(row.group, row.label, row.participants, (*of_group, *cells))
