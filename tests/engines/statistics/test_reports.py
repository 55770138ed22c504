"""Both reports over the hand-made set: every number here was counted with a pencil (see conftest)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oko.engines.statistics.levels import EVERYTHING, Group, Level, Scope, find_group
from oko.engines.statistics.marks import MarkTable, mark_statistics, mark_table
from oko.engines.statistics.rules import Zone
from oko.engines.statistics.solving import ItemTable, item_table
from oko.engines.statistics.works import open_works, write_works
from tests.engines.statistics.conftest import ASSESSMENT, PAPER, pencil_works, work

COUNTRY = Group()
REGION = Group("54")
MUNICIPALITY = Group("54", "54-1")
SCHOOL_A = Group("54", "54-1", "A")
SCHOOL_B = Group("54", "54-1", "B")


def test_marks_of_every_group_are_counted(works: ir.Table) -> None:
    table = mark_table(works, PAPER)
    assert [row.group for row in table.rows] == [COUNTRY, REGION, MUNICIPALITY, SCHOOL_A, SCHOOL_B]
    for group in (COUNTRY, REGION, MUNICIPALITY):
        row = table.row(group)
        assert (row.schools, row.participants) == (2, 20)
        assert row.counts == (3, 5, 4, 8)
        assert row.percents == (15.0, 25.0, 20.0, 40.0)
    assert table.row(SCHOOL_A).counts == (1, 1, 0, 8)
    assert table.row(SCHOOL_A).percents == (10.0, 10.0, 0.0, 80.0)
    assert table.row(SCHOOL_B).counts == (2, 4, 4, 0)
    assert table.row(SCHOOL_B).percents == (20.0, 40.0, 40.0, 0.0)


def test_items_of_every_group_are_counted(works: ir.Table) -> None:
    table = item_table(works, PAPER)
    for group in (COUNTRY, REGION, MUNICIPALITY):
        first, second = table.row(group).cells
        assert (first.counted, first.not_attempted, first.scores) == (21, 1, 29)
        assert first.percent == pytest.approx(100 * 29 / 42)
        assert (second.counted, second.scores, second.percent) == (16, 9, 56.25)
    first, second = table.row(SCHOOL_A).cells
    assert (first.counted, first.not_attempted, first.scores) == (11, 1, 17)
    assert first.percent == pytest.approx(100 * 17 / 22)
    assert (second.counted, second.scores, second.percent) == (10, 9, 90.0)


def test_one_who_missed_a_part_counts_in_items_and_not_in_marks(works: ir.Table) -> None:
    assert mark_table(works, PAPER).row(SCHOOL_A).participants == 10
    assert item_table(works, PAPER).row(SCHOOL_A).participants == 11


def test_an_item_that_few_had_is_not_shown_while_its_neighbour_is(works: ir.Table) -> None:
    first, second = item_table(works, PAPER).row(SCHOOL_B).cells
    assert (first.counted, first.percent, first.zone) == (10, 60.0, Zone.BORDERLINE)
    assert (second.counted, second.scores, second.percent, second.zone) == (6, 0, None, None)


def test_a_school_of_nine_has_counts_and_no_percents(tmp_path: Path) -> None:
    table = marks_of(tmp_path, [work("A", f"{40000 + number}", 2, 1) for number in range(9)])
    row = table.row(SCHOOL_A)
    assert (row.participants, row.counts, row.percents) == (9, (0, 0, 0, 9), None)
    assert row.informativeness.name == "hidden"


def test_a_school_where_all_were_absent_is_there_with_nobody(tmp_path: Path) -> None:
    rows = [*pencil_works(), work("C", "42000", None, None, status="absent")]
    everybody_absent = Group("54", "54-1", "C")
    table = marks_of(tmp_path, rows)
    assert table.row(everybody_absent).participants == 0
    assert table.row(everybody_absent).percents is None
    assert table.row(REGION).schools == 2


def test_a_page_asks_for_its_own_groups_only(root: Path) -> None:
    elsewhere = [work("Z", "40000", 2, 1, municipality="77-1")]
    write_works(root, ASSESSMENT, PAPER, "77", elsewhere)
    with open_works(root, ASSESSMENT, PAPER) as works:
        school = mark_table(works, PAPER, Scope(SCHOOL_A))
        municipality = mark_table(works, PAPER, Scope(MUNICIPALITY, down_to=Level.SCHOOL))
        country = mark_table(works, PAPER, Scope(down_to=Level.REGION))
    assert [row.group for row in school.rows] == [COUNTRY, REGION, MUNICIPALITY, SCHOOL_A]
    assert [row.group for row in municipality.rows] == [COUNTRY, REGION, MUNICIPALITY, SCHOOL_A, SCHOOL_B]
    assert [row.group for row in country.rows] == [COUNTRY, REGION, Group("77")]
    assert (school.row(COUNTRY).participants, school.row(REGION).participants) == (21, 20)


def test_the_page_of_a_school_without_works_has_its_row(works: ir.Table) -> None:
    unknown = Group("54", "54-1", "nobody")
    assert mark_table(works, PAPER, Scope(unknown)).row(unknown).participants == 0
    row = item_table(works, PAPER, Scope(unknown)).row(unknown)
    assert [(cell.counted, cell.percent) for cell in row.cells] == [(0, None), (0, None)]


def test_reports_before_the_first_work_are_empty_and_whole(tmp_path: Path) -> None:
    with open_works(tmp_path, ASSESSMENT, PAPER) as works:
        assert [row.participants for row in mark_table(works, PAPER, Scope(SCHOOL_A)).rows] == [0, 0, 0, 0]
        assert [row.participants for row in item_table(works, PAPER).rows] == [0]


def test_a_row_that_is_not_in_the_table_is_an_error(works: ir.Table) -> None:
    with pytest.raises(KeyError):
        mark_table(works, PAPER).row(Group("99"))
    with pytest.raises(KeyError):
        item_table(works, PAPER).row(Group("99"))


def test_groups_are_labelled_by_the_names_given(works: ir.Table) -> None:
    named = mark_table(works, PAPER, Scope(REGION), lambda group: f"имя {group.code}")
    assert [row.label for row in named.rows] == ["имя ", "имя 54"]
    assert [row.label for row in item_table(works, PAPER, Scope(REGION)).rows] == ["Вся выборка", "Регион 54"]


def test_a_group_is_found_with_its_territory(works: ir.Table) -> None:
    assert find_group(works, Level.SCHOOL, "B") == SCHOOL_B
    assert find_group(works, Level.MUNICIPALITY, "54-1") == MUNICIPALITY
    assert find_group(works, Level.REGION, "54") == REGION
    assert find_group(works, Level.SCHOOL, "nobody") is None


def test_frames_keep_the_percents_of_small_groups_for_the_engines(tmp_path: Path) -> None:
    four_of_b = [row for row in pencil_works() if row["school"] == "B"][:4]
    write_works(tmp_path, ASSESSMENT, PAPER, "54", four_of_b)
    with open_works(tmp_path, ASSESSMENT, PAPER) as few:
        frame = mark_statistics(few, PAPER).to_pylist()
        shown = mark_table(few, PAPER)
    assert [row["level"] for row in frame] == [level.value for level in Level]
    assert [(row["percent_3"], row["percent_4"]) for row in frame] == [(0.0, 100.0)] * len(Level)
    assert [row.percents for row in shown.rows] == [None] * len(Level)


SCORES = st.one_of(st.none(), st.integers(-1, 2))
PUPILS = st.lists(
    st.tuples(SCORES, st.one_of(st.none(), st.integers(-1, 1)), st.sampled_from(["present", "partial"])),
    max_size=40,
)


def rows_of(school: str, pupils: Sequence[tuple[int | None, int | None, str]]) -> list[dict[str, Any]]:
    return [
        work(school, str(40000 + number), first, second, status=status)
        for number, (first, second, status) in enumerate(pupils)
    ]


def marks_of(folder: Path, rows: list[dict[str, Any]]) -> MarkTable:
    write_works(folder, ASSESSMENT, PAPER, "54", rows)
    with open_works(folder, ASSESSMENT, PAPER) as works:
        return mark_table(works, PAPER)


def items_of(folder: Path, rows: list[dict[str, Any]]) -> ItemTable:
    write_works(folder, ASSESSMENT, PAPER, "54", rows)
    with open_works(folder, ASSESSMENT, PAPER) as works:
        return item_table(works, PAPER, EVERYTHING)


@settings(max_examples=25, deadline=None)
@given(one=PUPILS, other=PUPILS)
def test_two_schools_together_are_the_sum_of_both(
    one: list[Any], other: list[Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sum")
    rows = rows_of("A", one) + rows_of("B", other)
    for row in marks_of(folder, rows).rows:
        assert sum(row.counts) == row.participants
        assert (row.percents is None) == (row.participants < 10)
        assert row.percents is None or sum(row.percents) == pytest.approx(100)
    marks, items = marks_of(folder, rows), items_of(folder, rows)
    schools = [row for row in marks.rows if row.group.level is Level.SCHOOL]
    for group in (COUNTRY, *(row.group for row in marks.rows if row.group.level is Level.MUNICIPALITY)):
        assert marks.row(group).participants == sum(row.participants for row in schools)
        assert marks.row(group).counts == tuple(sum(row.counts[mark] for row in schools) for mark in range(4))
        for position in range(len(PAPER.items)):
            in_schools = [row.cells[position] for row in items.rows if row.group.level is Level.SCHOOL]
            together = items.row(group).cells[position]
            assert together.counted == sum(cell.counted for cell in in_schools)
            assert together.not_attempted == sum(cell.not_attempted for cell in in_schools)
            assert together.scores == sum(cell.scores for cell in in_schools)


@settings(max_examples=10, deadline=None)
@given(pupils=PUPILS, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    pupils: list[Any], order: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("order")
    rows = rows_of("A", pupils)
    marks, items = marks_of(folder, rows), items_of(folder, rows)
    order.shuffle(rows)
    assert marks_of(folder, rows) == marks
    assert items_of(folder, rows) == items


def test_zone_is_that_of_the_number_as_shown(tmp_path: Path) -> None:
    solved = [work("A", f"{40000 + number}", 2, int(number < 37)) for number in range(130)]
    write_works(tmp_path, ASSESSMENT, PAPER, "54", solved)
    with open_works(tmp_path, ASSESSMENT, PAPER) as works:
        cell = item_table(works, PAPER).row(SCHOOL_A).cells[1]
    assert cell.percent == pytest.approx(28.4615, abs=1e-4)
    assert cell.zone is Zone.BORDERLINE, "it reads 28,5, and 28,5 is within the margin"
