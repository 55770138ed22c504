"""«Достижение планируемых результатов» over the second set, counted with a pencil (see second_set)."""

from __future__ import annotations

from dataclasses import replace

import ibis.expr.types as ir
import pytest

from oko.engines.papers import Item, Paper
from oko.engines.statistics.grid import Behind, Grid, Having, beside_earlier
from oko.engines.statistics.levels import Group, Level, Scope
from oko.engines.statistics.planned import (
    PlannedTable,
    ResultCell,
    deficits,
    planned_grid,
    planned_results,
    planned_table,
)
from oko.engines.statistics.rules import Zone
from oko.engines.statistics.solving import ItemCell, ItemRow, ItemTable, item_table
from tests.engines.statistics.second_set import (
    COUNTRY,
    MUNICIPALITY,
    PAPER,
    REGION,
    SCHOOL_C,
    SCHOOL_D,
    SCHOOL_E,
)


def result_of(table: PlannedTable, group: Group, title: str) -> ResultCell:
    [cell] = [cell for cell in table.row(group).results if cell.result.title == title]
    return cell


def test_items_of_one_area_make_a_planned_result_and_one_without_an_area_its_own() -> None:
    results = planned_results(PAPER)
    assert [(result.title, [item.code for item in result.items]) for result in results] == [
        ("Состав слова", ["1", "2"]),
        ("Текст", ["3"]),
        ("толковать", ["4"]),
    ]
    assert [(result.maximum, result.level) for result in results] == [(3, "Б"), (2, "П"), (1, "Б")]


@pytest.mark.parametrize(
    ("group", "scores", "possible"),
    [(COUNTRY, 73, 137), (REGION, 54, 108), (MUNICIPALITY, 54, 108), (SCHOOL_C, 42, 72), (SCHOOL_D, 12, 36)],
)
def test_a_planned_result_is_what_was_earned_of_what_could_be(
    second: ir.Table, group: Group, scores: int, possible: int
) -> None:
    cell = result_of(planned_table(second, PAPER), group, "Состав слова")
    assert (cell.scores, cell.possible) == (scores, possible)
    assert cell.percent == pytest.approx(100 * scores / possible)


def test_a_planned_result_has_the_zone_of_its_level(second: ir.Table) -> None:
    table = planned_table(second, PAPER)
    assert result_of(table, SCHOOL_C, "Состав слова").zone is Zone.BORDERLINE, "58,3 of 60 ± 3"
    assert result_of(table, SCHOOL_D, "Состав слова").zone is Zone.INSUFFICIENT
    assert result_of(table, COUNTRY, "Текст").zone is Zone.SUFFICIENT, "П: 64,3 of 30"


def test_a_planned_result_of_items_of_different_levels_has_no_zone(second: ir.Table) -> None:
    one_area = tuple(Item(item.code, item.maximum, item.level, item.skill, "Всё") for item in PAPER.items)
    paper = Paper(PAPER.code, PAPER.subject, PAPER.grade, one_area, PAPER.scale)
    cell = result_of(planned_table(second, paper), SCHOOL_C, "Всё")
    assert (cell.scores, cell.possible, cell.zone) == (32 + 10 + 32 + 24, 48 + 24 + 48 + 24, None)


def test_a_result_with_an_item_that_few_had_is_hidden_lest_the_item_be_subtracted(second: ir.Table) -> None:
    row = planned_table(second, PAPER).row(SCHOOL_E)
    first, second_item = row.items[:2]
    assert (first.counted, first.percent) == (10, 50)
    assert (second_item.counted, second_item.percent) == (9, None)
    assert (row.results[0].counted, row.results[0].percent, row.results[0].zone) == (9, None, None)


def beside(works: ir.Table, place: Group) -> Grid:
    return planned_grid(planned_table(works, PAPER, Scope(place)))


def test_beside_a_school_stand_its_region_municipality_and_the_country(second: ir.Table) -> None:
    grid = beside(second, SCHOOL_D)
    assert [column.title for column in grid.columns] == [
        "№ задания",
        "Раздел",
        "Умение",
        "Уровень",
        "Макс. балл",
        "Регион 77",
        "Муниципалитет 77-1",
        "ОО D",
        "Вся выборка",
    ]
    names = [column.name for column in grid.columns]
    assert names[5:] == ["region", "municipality", "school", "country"]
    assert [[cell.value for cell in row.cells[:5]] for row in grid.rows] == [
        ["1", "Состав слова", "искать корень", "Б", 2],
        ["2", "Состав слова", "искать суффикс", "Б", 1],
        ["3", "Текст", "делить на части", "П", 2],
        ["4", "", "толковать", "Б", 1],
        ["1, 2", "Состав слова", "в целом по заданиям результата", "Б", 3],
        ["3", "Текст", "в целом по заданиям результата", "П", 2],
        ["4", "толковать", "в целом по заданиям результата", "Б", 1],
    ]
    solved = [[cell.value for cell in row.cells[5:]] for row in grid.rows]
    first, second_item, third, fourth, whole, *of_one_item = solved
    assert of_one_item == [third, fourth]
    assert first == pytest.approx([100 * 44 / 72, 100 * 44 / 72, 50, 100 * 54 / 92])
    assert second_item == pytest.approx([100 * 10 / 36, 100 * 10 / 36, 0, 100 * 19 / 45])
    assert third == [pytest.approx(100 * 36 / 52), pytest.approx(100 * 36 / 52), None, pytest.approx(450 / 7)]
    assert fourth == pytest.approx([100 * 26 / 36, 100 * 26 / 36, 100 * 2 / 12, 100 * 26 / 45])
    assert whole == pytest.approx([50, 50, 100 * 12 / 36, 100 * 73 / 137])


def test_planned_results_of_one_item_each_are_not_said_twice(second: ir.Table) -> None:
    own_skills = tuple(replace(item, area="") for item in PAPER.items)
    grid = planned_grid(planned_table(second, replace(PAPER, items=own_skills), Scope(SCHOOL_D)))
    assert [row.key for row in grid.rows] == ["1 (2б)", "2 (1б)", "3 (2б)", "4 (1б)"]


def test_rows_beside_are_of_the_place_and_each_number_opens_the_works_of_its_own_group(
    second: ir.Table,
) -> None:
    grid = beside(second, SCHOOL_D)
    assert {row.group for row in grid.rows} == {SCHOOL_D}
    assert [row.participants for row in grid.rows] == [12, 12, 2, 12, 12, 2, 12]
    groups = [REGION, MUNICIPALITY, SCHOOL_D, COUNTRY]
    of_third = grid.row(SCHOOL_D, "3 (2б)")
    assert [cell.behind for cell in of_third.cells[5:]] == [Behind(group, item="3") for group in groups]
    whole = grid.row(SCHOOL_D, "Состав слова")
    assert [cell.behind for cell in whole.cells[5:]] == [
        Behind(group, having=Having.SCORE) for group in groups
    ]
    assert [cell.zone for cell in grid.row(SCHOOL_D, "2 (1б)").cells[5:]] == [Zone.INSUFFICIENT] * 4


def test_an_earlier_season_stands_under_the_same_item_and_no_other(second: ir.Table) -> None:
    grid = beside(second, SCHOOL_D)
    both = beside_earlier(grid, [("2025", grid)])
    assert [(row.key, row.season) for row in both.rows[:4]] == [
        ("1 (2б)", ""),
        ("1 (2б)", "2025"),
        ("2 (1б)", ""),
        ("2 (1б)", "2025"),
    ]
    assert len(both.rows) == 2 * len(grid.rows)


def test_below_a_municipality_a_row_is_a_group_and_a_column_a_planned_result(second: ir.Table) -> None:
    grid = planned_grid(planned_table(second, PAPER, Scope(MUNICIPALITY, down_to=Level.SCHOOL)))
    assert [column.title for column in grid.columns[3:]] == ["Состав слова", "Текст", "толковать"]
    assert [row.group for row in grid.rows] == [COUNTRY, REGION, MUNICIPALITY, SCHOOL_C, SCHOOL_D]
    assert [cell.value for cell in grid.row(SCHOOL_C).cells] == [
        "ОО C",
        1,
        24,
        pytest.approx(100 * 42 / 72),
        pytest.approx(100 * 32 / 48),
        100,
    ]
    assert [cell.value for cell in grid.row(SCHOOL_D).cells[3:]] == [
        pytest.approx(100 * 12 / 36),
        None,
        pytest.approx(100 * 2 / 12),
    ]


def test_a_result_of_two_red_items_is_a_deficit_and_half_of_them_is_none(second: ir.Table) -> None:
    table = item_table(second, PAPER)
    [deficit] = deficits(table, SCHOOL_D)
    assert deficit.result.title == "Состав слова"
    assert [cell.item.code for cell in deficit.judged] == ["1", "2"]
    assert [cell.item.code for cell in deficit.red] == ["1", "2"]
    assert deficits(table, SCHOOL_C) == (), "item 2 is red, item 1 is not: exactly half"
    assert deficits(table, SCHOOL_E) == (), "item 1 is red; that of nine claims nothing"


def test_an_item_that_nobody_has_is_not_judged() -> None:
    items = tuple(Item(code, 1, "Б", "", "Состав слова") for code in ("1", "2", "3"))
    paper = Paper("p", "Проба", 4, items, (1, 2, 3))

    def table(*cells: tuple[int, Zone | None]) -> ItemTable:
        row = tuple(
            ItemCell(item, counted, 0, 0, None if zone is None else 10.0, zone)
            for item, (counted, zone) in zip(items, cells, strict=True)
        )
        return ItemTable(paper, (ItemRow(SCHOOL_C, "C", 1, 20, row),))

    red, good = Zone.INSUFFICIENT, Zone.SUFFICIENT
    [two_of_two] = deficits(table((20, red), (20, red), (0, None)), SCHOOL_C)
    assert len(two_of_two.judged) == 2
    assert deficits(table((20, red), (0, None), (0, None)), SCHOOL_C) == ()
    [two_of_three] = deficits(table((20, red), (20, red), (5, None)), SCHOOL_C)
    assert (len(two_of_three.red), len(two_of_three.judged)) == (2, 3)
    assert deficits(table((20, red), (20, good), (5, None)), SCHOOL_C) == ()


def test_deficits_of_a_group_that_is_not_there_are_an_error(second: ir.Table) -> None:
    with pytest.raises(KeyError):
        deficits(item_table(second, PAPER), Group("99"))
