"""«Выполнение заданий группами участников» over the second set, counted with a pencil (see second_set)."""

from __future__ import annotations

import ibis.expr.types as ir
import pytest

from oko.engines.statistics.by_mark import ByMarkRow, by_mark_grid, by_mark_table
from oko.engines.statistics.grid import Behind
from oko.engines.statistics.levels import Group, Scope
from tests.engines.statistics.second_set import COUNTRY, PAPER, REGION, SCHOOL_C, SCHOOL_D, SCHOOL_E


def row_of(works: ir.Table, group: Group, mark: int) -> ByMarkRow:
    [row] = [row for row in by_mark_table(works, PAPER).rows_of(group) if row.mark == mark]
    return row


@pytest.mark.parametrize(
    ("group", "participants"),
    [
        (COUNTRY, [12, 21, 2, 10]),
        (REGION, [12, 12, 2, 10]),
        (SCHOOL_C, [2, 12, 0, 10]),
        (SCHOOL_D, [10, 0, 2, 0]),
        (SCHOOL_E, [0, 9, 0, 0]),
    ],
)
def test_each_group_has_a_row_for_each_mark(second: ir.Table, group: Group, participants: list[int]) -> None:
    rows = by_mark_table(second, PAPER).rows_of(group)
    assert [row.mark for row in rows] == [2, 3, 4, 5]
    assert [row.participants for row in rows] == participants


@pytest.mark.parametrize(
    ("group", "mark", "percents"),
    [
        (SCHOOL_C, 3, [50, 0, 50, 100]),
        (SCHOOL_C, 5, [100, 100, 100, 100]),
        (SCHOOL_D, 2, [50, 0, None, 0]),
        (COUNTRY, 3, [50, 100 * 9 / 21, 50, 100 * 12 / 21]),
    ],
)
def test_those_with_one_mark_solved_each_item(
    second: ir.Table, group: Group, mark: int, percents: list[float | None]
) -> None:
    assert [cell.percent for cell in row_of(second, group, mark).cells] == pytest.approx(percents)


def test_fewer_than_ten_with_a_mark_have_no_percents(second: ir.Table) -> None:
    twos = row_of(second, SCHOOL_C, 2)
    assert (twos.participants, [cell.percent for cell in twos.cells]) == (2, [None] * 4)
    assert twos.informativeness.name == "hidden"
    threes = row_of(second, SCHOOL_E, 3)
    assert (threes.participants, [cell.percent for cell in threes.cells]) == (9, [None] * 4)


def test_an_item_that_few_of_them_had_has_none_while_its_neighbour_does(second: ir.Table) -> None:
    twos = row_of(second, REGION, 2)
    assert [(cell.counted, cell.scores) for cell in twos.cells] == [(12, 10), (12, 0), (2, 0), (12, 2)]
    assert [cell.percent for cell in twos.cells] == pytest.approx([100 * 10 / 24, 0, None, 100 * 2 / 12])


def test_one_who_missed_a_part_has_no_mark_and_is_in_no_row(second: ir.Table) -> None:
    rows = by_mark_table(second, PAPER).rows_of(SCHOOL_E)
    assert sum(row.cells[0].counted for row in rows) == 9


def test_a_group_that_is_not_there_is_an_error(second: ir.Table) -> None:
    with pytest.raises(KeyError):
        by_mark_table(second, PAPER).rows_of(Group("99"))


def test_the_rows_of_the_grid_are_told_apart_by_their_mark(second: ir.Table) -> None:
    grid = by_mark_grid(by_mark_table(second, PAPER, Scope(SCHOOL_C)))
    assert [row.key for row in grid.rows] == ["2", "3", "4", "5"] * 4
    row = grid.row(SCHOOL_C, "3")
    assert [cell.value for cell in row.cells] == ["ОО C", 3, 12, 50, 0, 50, 100]
    assert [cell.behind for cell in row.cells[2:]] == [
        Behind(SCHOOL_C, mark=3),
        *(Behind(SCHOOL_C, mark=3, item=item.code) for item in PAPER.items),
    ]
