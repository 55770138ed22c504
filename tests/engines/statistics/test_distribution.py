"""«Распределение первичных баллов» over the second set, counted with a pencil (see second_set)."""

from __future__ import annotations

import ibis.expr.types as ir
import pytest

from oko.engines.statistics.distribution import distribution_grid, distribution_table
from oko.engines.statistics.grid import Behind, Having
from oko.engines.statistics.levels import Group, Level, Scope
from tests.engines.statistics.second_set import (
    COUNTRY,
    MUNICIPALITY,
    PAPER,
    REGION,
    SCHOOL_C,
    SCHOOL_D,
    SCHOOL_E,
)


@pytest.mark.parametrize(
    ("group", "counts"),
    [
        (COUNTRY, (0, 12, 0, 21, 2, 0, 10)),
        (REGION, (0, 12, 0, 12, 2, 0, 10)),
        (MUNICIPALITY, (0, 12, 0, 12, 2, 0, 10)),
        (SCHOOL_C, (0, 2, 0, 12, 0, 0, 10)),
        (SCHOOL_D, (0, 10, 0, 0, 2, 0, 0)),
        (SCHOOL_E, (0, 0, 0, 9, 0, 0, 0)),
    ],
)
def test_each_total_from_nothing_to_the_maximum_is_counted(
    second: ir.Table, group: Group, counts: tuple[int, ...]
) -> None:
    row = distribution_table(second, PAPER).row(group)
    assert (row.counts, row.participants) == (counts, sum(counts))


def test_percents_are_of_the_whole_works(second: ir.Table) -> None:
    table = distribution_table(second, PAPER)
    assert table.row(SCHOOL_C).percents == pytest.approx((0, 100 * 2 / 24, 0, 50, 0, 0, 100 * 10 / 24))
    assert table.row(SCHOOL_E).percents is None, "nine participants"


def test_a_group_counts_its_schools_once_whatever_their_totals(second: ir.Table) -> None:
    table = distribution_table(second, PAPER)
    assert (table.row(COUNTRY).schools, table.row(REGION).schools, table.row(SCHOOL_C).schools) == (3, 2, 1)


def test_a_school_without_works_is_on_its_page_with_nobody(second: ir.Table) -> None:
    unknown = Group("77", "77-1", "nobody")
    row = distribution_table(second, PAPER, Scope(unknown)).row(unknown)
    assert (row.schools, row.participants, row.counts, row.percents) == (0, 0, (0,) * 7, None)


def test_a_column_is_a_total_and_opens_the_works_with_it(second: ir.Table) -> None:
    scope = Scope(MUNICIPALITY, down_to=Level.SCHOOL)
    grid = distribution_grid(distribution_table(second, PAPER, scope))
    assert [column.title for column in grid.columns[3:]] == ["0", "1", "2", "3", "4", "5", "6"]
    assert len({column.over for column in grid.columns[3:]}) == 1
    row = grid.row(SCHOOL_D)
    assert row.cells[2].behind == Behind(SCHOOL_D, having=Having.TOTAL)
    assert [cell.value for cell in row.cells[3:]] == pytest.approx(
        [0, 100 * 10 / 12, 0, 0, 100 * 2 / 12, 0, 0]
    )
    assert [cell.behind for cell in row.cells[3:]] == [Behind(SCHOOL_D, total=total) for total in range(7)]
