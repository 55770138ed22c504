"""From a number of a report to its works: as many as the number says, found by a pencil (see conftest)."""

from __future__ import annotations

from pathlib import Path

import ibis.expr.types as ir
import pytest

from oko.engines.statistics.directions import DIRECTIONS, Direction
from oko.engines.statistics.grid import Behind, Change, Grid, Having
from oko.engines.statistics.individual import individual_rows, score_text, works_behind
from oko.engines.statistics.levels import Group
from oko.engines.statistics.works import open_works, write_works
from tests.engines.statistics.conftest import ASSESSMENT, PAPER, work

BOTH = Group("54", "54-1")
A, B = Group("54", "54-1", "A"), Group("54", "54-1", "B")


def codes(works: ir.Table, behind: Behind) -> list[str]:
    return works_behind(works, behind).participant.to_pyarrow().to_pylist()  # type: ignore[no-any-return]


def test_a_group_alone_is_all_its_works_in_order(works: ir.Table) -> None:
    assert codes(works, Behind(A)) == [f"40{number:03}" for number in range(12)]
    assert len(codes(works, Behind(BOTH))) == len(codes(works, Behind(Group()))) == 22
    assert codes(works, Behind(Group("55"))) == []


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (Behind(A, mark=2), ["40009"]),
        (Behind(A, mark=3), ["40008"]),
        (Behind(B, mark=4), ["41000", "41001", "41002", "41003"]),
        (Behind(A, total=1), ["40008"]),
        (Behind(A, total=3, mark=2), []),
        (Behind(A, item="1", not_attempted=True), ["40009"]),
        (Behind(B, item="2"), ["41000", "41001", "41002", "41003", "41008", "41009"]),
        (Behind(B, item="2", mark=2), ["41008", "41009"]),
    ],
)
def test_each_condition_narrows_to_its_works(works: ir.Table, behind: Behind, expected: list[str]) -> None:
    assert codes(works, behind) == expected


def test_having_a_score_leaves_out_the_absent_and_having_a_mark_also_who_missed_a_part(
    works: ir.Table,
) -> None:
    counts = {having: len(codes(works, Behind(A, having=having))) for having in Having}
    assert counts == {Having.SCORE: 11, Having.TOTAL: 10, Having.MARK: 10, Having.BOTH_MARKS: 10}


def test_marks_stand_to_those_in_the_register(tmp_path: Path) -> None:
    marks = {"40000": (2, 4), "40001": (3, 4), "40002": (4, 4), "40003": (5, 4), "40004": (4, 2)}
    rows = [
        work("A", code, 2, 1) | {"mark": mark, "prior_mark": prior} for code, (mark, prior) in marks.items()
    ]
    rows += [work("A", "40005", 2, 1) | {"prior_mark": None}, work("A", "40006", 1, None, status="partial")]
    write_works(tmp_path, ASSESSMENT, PAPER, "54", rows)
    with open_works(tmp_path, ASSESSMENT, PAPER) as works:
        found = {change: codes(works, Behind(A, change=change)) for change in Change}
        both = codes(works, Behind(A, having=Having.BOTH_MARKS))
    assert found == {
        Change.LOWERED: ["40000", "40001"],
        Change.CONFIRMED: ["40002"],
        Change.RAISED: ["40003", "40004"],
        Change.SIGNIFICANT: ["40000", "40004"],
    }
    assert both == list(marks)


@pytest.mark.parametrize("direction", DIRECTIONS, ids=lambda direction: direction.slug)
def test_behind_a_count_stand_so_many_works(works: ir.Table, direction: Direction) -> None:
    """Whatever a direction counts, its numbers of people are the numbers of works behind them."""
    grid: Grid = direction.report(works, PAPER)
    counts = [
        (cell.value, cell.behind)
        for row in grid.rows
        for column, cell in zip(grid.columns, row.cells, strict=True)
        if column.kind == "count" and cell.behind is not None
    ]
    assert counts
    for value, behind in counts:
        assert len(codes(works, behind)) == value, behind


@pytest.mark.parametrize("item", ["school", "mark", "prior_mark", "9", ""])
def test_what_is_no_item_is_refused(works: ir.Table, item: str) -> None:
    with pytest.raises(KeyError):
        works_behind(works, Behind(A, item=item))


def test_a_page_has_some_rows_and_the_number_of_all(works: ir.Table) -> None:
    page = individual_rows(works_behind(works, Behind(BOTH)), PAPER, limit=3, offset=9)
    assert page.total == 22
    assert [row.participant for row in page.rows] == ["40009", "40010", "40011"]
    not_attempted, partial, absent = page.rows
    assert (not_attempted.scores, not_attempted.shown_scores) == ((-1, 0), ("X", "0"))
    assert (partial.status, partial.shown_scores, partial.total) == ("partial", ("1", ""), None)
    assert (absent.status, absent.shown_scores, absent.mark) == ("absent", ("", ""), None)
    assert (absent.region, absent.municipality, absent.school, absent.class_label) == (
        "54",
        "54-1",
        "A",
        "4А",
    )
    assert (absent.variant_1, absent.variant_2, absent.sex, absent.prior_mark) == (1, 2, "ж", 4)


def test_a_page_behind_the_last_is_empty_but_knows_the_number(works: ir.Table) -> None:
    page = individual_rows(works, PAPER, limit=10, offset=100)
    assert (page.rows, page.total) == ((), 22)


def test_rows_are_found_and_ordered(works: ir.Table) -> None:
    by_total = individual_rows(works, PAPER, order_by=["-total", "participant"])
    assert [row.total for row in by_total.rows[:9]] == [3] * 8 + [2]
    assert [row.total for row in by_total.rows[-2:]] == [None, None]
    by_item = individual_rows(works, PAPER, order_by=["1"], limit=1)
    assert by_item.rows[0].participant == "40009"
    found = individual_rows(works, PAPER, search=" 4100 ")
    assert [row.participant for row in found.rows] == [f"41{number:03}" for number in range(10)]
    assert individual_rows(works, PAPER, search="4а").total == 22
    assert individual_rows(works, PAPER, search="'; %_\x00").total == 0
    with pytest.raises(KeyError):
        individual_rows(works, PAPER, order_by=["-name"])


def test_no_works_are_an_empty_page(tmp_path: Path) -> None:
    with open_works(tmp_path, ASSESSMENT, PAPER) as works:
        assert individual_rows(works, PAPER).total == 0


def test_a_score_is_said_as_in_the_form() -> None:
    assert [score_text(score, known=True) for score in (2, 0, -1, None)] == ["2", "0", "X", "N"]
    assert score_text(None, known=False) == ""
