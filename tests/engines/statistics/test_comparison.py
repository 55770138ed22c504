"""«Сравнение отметок с отметками по журналу» over the second set, counted with a pencil (see second_set)."""

from __future__ import annotations

from pathlib import Path

import ibis.expr.types as ir
import pytest

from oko.engines.statistics.comparison import comparison_grid, comparison_table
from oko.engines.statistics.grid import Behind, Change, Having
from oko.engines.statistics.levels import Group, Scope
from tests.engines.statistics.second_set import (
    COUNTRY,
    MUNICIPALITY,
    PAPER,
    REGION,
    SCHOOL_C,
    SCHOOL_D,
    SCHOOL_E,
    opened,
    work,
)


@pytest.mark.parametrize(
    ("group", "participants", "counts", "significant"),
    [
        (COUNTRY, 44, (9, 33, 2), 3),
        (REGION, 35, (9, 24, 2), 3),
        (MUNICIPALITY, 35, (9, 24, 2), 3),
        (SCHOOL_C, 23, (3, 18, 2), 3),
        (SCHOOL_D, 12, (6, 6, 0), 0),
        (SCHOOL_E, 9, (0, 9, 0), 0),
    ],
)
def test_marks_are_lowered_confirmed_raised(
    second: ir.Table, group: Group, participants: int, counts: tuple[int, int, int], significant: int
) -> None:
    row = comparison_table(second, PAPER).row(group)
    assert (row.participants, row.counts, row.significant) == (participants, counts, significant)


def test_percents_are_of_those_with_both_marks(second: ir.Table) -> None:
    table = comparison_table(second, PAPER)
    assert table.row(COUNTRY).percents == pytest.approx((100 * 9 / 44, 75, 100 * 2 / 44))
    assert table.row(COUNTRY).significant_percent == pytest.approx(100 * 3 / 44)
    assert table.row(SCHOOL_D).percents == (50, 50, 0)
    assert table.row(SCHOOL_D).significant_percent == 0


def test_nine_with_both_marks_have_counts_and_no_percents(second: ir.Table) -> None:
    row = comparison_table(second, PAPER).row(SCHOOL_E)
    assert (row.counts, row.percents, row.significant_percent) == ((0, 9, 0), None, None)
    assert row.informativeness.name == "hidden"


def test_a_work_that_lacks_one_of_the_marks_is_not_compared(tmp_path: Path) -> None:
    rows = [
        work(SCHOOL_C, 1, (2, 1, 2, 1), None),
        work(SCHOOL_C, 2, (2, 1, None, None), 4, "partial"),
        work(SCHOOL_D, 3, (2, 1, 2, 1), 2),
    ]
    with opened(tmp_path, rows) as works:
        table = comparison_table(works, PAPER)
    assert (table.row(SCHOOL_C).participants, table.row(SCHOOL_C).counts) == (0, (0, 0, 0))
    assert (table.row(SCHOOL_D).counts, table.row(SCHOOL_D).significant) == ((0, 0, 1), 1), "from 2 to 5"
    assert table.row(REGION).schools == 1


def test_every_number_says_which_works_are_behind_it(second: ir.Table) -> None:
    grid = comparison_grid(comparison_table(second, PAPER, Scope(SCHOOL_C)))
    row = grid.row(SCHOOL_C)
    cells = dict(zip((column.name for column in grid.columns), row.cells, strict=True))
    assert cells["participants"].behind == Behind(SCHOOL_C, having=Having.BOTH_MARKS)
    for change, count in ((Change.LOWERED, 3), (Change.CONFIRMED, 18), (Change.RAISED, 2)):
        assert cells[f"count_{change}"].value == count
        assert cells[f"percent_{change}"].value == pytest.approx(100 * count / 23)
        assert cells[f"count_{change}"].behind == cells[f"percent_{change}"].behind
        assert cells[f"count_{change}"].behind == Behind(SCHOOL_C, change=change)
    assert cells["count_significant"].value == 3
    assert cells["count_significant"].behind == Behind(SCHOOL_C, change=Change.SIGNIFICANT)
