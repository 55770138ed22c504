"""The workbook says what the grids say: numbers as numbers, small groups without percents, text as text."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import openpyxl
import pytest
from openpyxl.cell import Cell as SheetCell
from openpyxl.worksheet.worksheet import Worksheet

from oko.engines.statistics.directions import BY_SLUG, DIRECTIONS
from oko.engines.statistics.grid import Grid, beside_earlier
from oko.engines.statistics.levels import EVERYTHING, Group, Scope
from oko.engines.statistics.rules import Zone
from oko.engines.statistics.statements import Statement, StatementKind, Summary
from oko.engines.statistics.workbook import NOTES_SHEET, SUMMARY_SHEET, report_workbook
from oko.engines.statistics.works import open_works
from tests.engines.statistics.conftest import ASSESSMENT, PAPER

MARKS, ITEMS = "Статистика по отметкам", "Выполнение заданий"
WARNING = "Не хватает 3 протоколов из 24."


def label(group: Group) -> str:
    return f"=1+1 {group.code}"  # a name that a spreadsheet would take for a formula


def grids_of(works: ir.Table, scope: Scope = EVERYTHING) -> list[Grid]:
    return [direction.report(works, PAPER, scope, label) for direction in DIRECTIONS]


def book_of(works: ir.Table, *, scope: Scope = EVERYTHING, **words: Any) -> openpyxl.Workbook:
    return opened(report_workbook(grids_of(works, scope), **words))


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells_of(sheet: Worksheet, label: str) -> list[SheetCell]:
    return next(list(row) for row in sheet.iter_rows() if row[0].value == label)


def values_of(sheet: Worksheet, label: str) -> list[Any]:
    return [cell.value for cell in cells_of(sheet, label)]


def header_of(sheet: Worksheet) -> int:
    """The last line of the header: the filter begins there."""
    return int(sheet.auto_filter.ref.split(":")[0].strip("A"))


def column_of(sheet: Worksheet, title: str) -> int:
    return next(int(cell.column) for cell in sheet[header_of(sheet)] if cell.value == title)


def test_numbers_of_a_school_stand_as_counted_with_a_pencil(works: ir.Table) -> None:
    book = book_of(works)
    assert values_of(book[MARKS], "=1+1 B")[1:11] == [1, 10, 2, 4, 4, 0, 20, 40, 40, 0]
    schools, participants, first, second = values_of(book[ITEMS], "=1+1 B")[1:5]
    assert (schools, participants, first) == (1, 10, 60)
    assert second == "—", "six had the second item: too few for a percent"


@pytest.mark.parametrize("scope", [EVERYTHING, Scope(Group("54", "54-1", "B"))], ids=["all", "school"])
def test_every_cell_of_every_grid_is_in_the_workbook(works: ir.Table, scope: Scope) -> None:
    grids = grids_of(works, scope)
    book = opened(report_workbook(grids))
    for grid, sheet in zip(grids, book.worksheets, strict=False):
        header = header_of(sheet)
        titles = [cell.value for cell in sheet[header]]
        assert titles == [*(column.title for column in grid.columns), "Примечание"]
        for line, row in enumerate(grid.rows, start=header + 1):
            hidden: dict[object, str | None] = {None: "—", "": None}
            expected = [hidden.get(cell.value, cell.value) for cell in row.cells]
            assert [cell.value for cell in sheet[line]][:-1] == expected
            assert (sheet[line][-1].value or "") == row.remark
        assert sheet.max_row == header + len(grid.rows)


def test_a_sheet_for_each_direction_is_named_by_whole_words(works: ir.Table) -> None:
    assert book_of(works).sheetnames == [
        "Статистика по отметкам",
        "Сравнение отметок с отметками…",
        "Распределение первичных баллов",
        "Выполнение заданий",
        "Достижение планируемых…",
        "Выполнение заданий группами…",
        NOTES_SHEET,
    ]


def test_names_of_sheets_are_such_as_a_book_allows(works: ir.Table) -> None:
    grid = grids_of(works)[0]
    titles = ["Главное", "главное", "a/b: [c]*?", "Ы" * 40, "Ы" * 40, NOTES_SHEET]
    book = opened(report_workbook([replace(grid, title=title) for title in titles]))
    assert book.sheetnames == [
        "Главное (2)",
        "главное (3)",
        "a b c",
        "Ы" * 30 + "…",
        "Ы" * 26 + "… (2)",
        "Как получены числа (2)",
        NOTES_SHEET,
    ]


def test_a_percent_shows_one_digit_and_the_sign_of_its_zone(works: ir.Table) -> None:
    book = book_of(works)
    assert cells_of(book[ITEMS], "=1+1 B")[3].number_format == f'0.0" {Zone.BORDERLINE.sign}"'
    legend = {cell.value for line in range(1, header_of(book[ITEMS])) for cell in book[ITEMS][line]}
    assert {f"{zone.sign} {zone.label}".strip() for zone in Zone} <= legend
    assert {cell.number_format for cell in cells_of(book[MARKS], "=1+1 B")[7:11]} == {"0.0"}


def test_an_item_stands_under_its_maximum_level_and_threshold(works: ir.Table) -> None:
    sheet = book_of(works)[ITEMS]
    header = header_of(sheet)
    first, second = column_of(sheet, "1 (2б)"), column_of(sheet, "2 (1б)")
    assert [sheet.cell(line, first).value for line in (header - 2, header - 1)] == ["Б", 60]
    assert [sheet.cell(line, second).value for line in (header - 2, header - 1)] == ["П", 30]


def test_headers_over_neighbours_are_merged(works: ir.Table) -> None:
    sheet = book_of(works)["Сравнение отметок с отметками…"]
    header = header_of(sheet)
    over = {str(area): sheet[str(area).split(":")[0]].value for area in sheet.merged_cells.ranges}
    assert over[f"D{header - 1}:E{header - 1}"] == "Понизили"
    assert over[f"H{header - 1}:I{header - 1}"] == "Повысили"
    assert [cell.value for cell in sheet[header]][3:5] == ["Кол-во", "%"]


def test_a_row_says_how_far_it_may_be_trusted(works: ir.Table) -> None:
    book = book_of(works)
    assert values_of(book[MARKS], "=1+1 B")[-1] == "очень мало участников"
    assert values_of(book[MARKS], "=1+1 54")[-1] == "мало участников"


def test_an_earlier_season_stands_below_in_pale_letters_under_its_name(works: ir.Table) -> None:
    scope = Scope(Group("54", "54-1", "B"))
    now = BY_SLUG["marks"].report(works, PAPER, scope, label)
    before = BY_SLUG["marks"].report(works.filter(works.school == "B"), PAPER, scope, label)
    sheet = opened(report_workbook([beside_earlier(now, [("2025", before)])])).worksheets[0]
    header = header_of(sheet)
    assert sheet.cell(header, 2).value == "Сезон"
    lines = [[cell.value for cell in row[:4]] for row in sheet.iter_rows(min_row=header + 1)]
    assert lines[:2] == [["=1+1 ", "текущий", 2, 20], ["=1+1 ", "2025", 1, 10]]
    assert [line[1] for line in lines] == ["текущий", "2025"] * 4
    current, earlier = sheet.cell(header + 1, 4), sheet.cell(header + 2, 4)
    assert (current.font.italic, earlier.font.italic) == (False, True)
    assert current.font.color.rgb != earlier.font.color.rgb


def test_warnings_stand_under_the_title_of_every_sheet(works: ir.Table) -> None:
    warnings = [WARNING, "=Замечания не сняты."]
    book = book_of(works, warnings=warnings)
    for sheet in book:
        told = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("⚠")]
        assert [cell.value for cell in told] == [f"⚠ {warning}" for warning in warnings]
        assert all(cell.font.bold and cell.fill.fgColor.rgb == "FFFFF3C4" for cell in told)
        if sheet.title != NOTES_SHEET:
            assert max(cell.row for cell in told) < header_of(sheet)


def test_many_warnings_leave_room_for_the_table_and_are_whole_on_the_last_sheet(works: ir.Table) -> None:
    warnings = [f"Предупреждение {number}." for number in range(30)]
    book = book_of(works, warnings=warnings)
    above = [row[0].value for row in book[MARKS].iter_rows() if str(row[0].value).startswith("⚠")]
    assert above[:5] == [f"⚠ {warning}" for warning in warnings[:5]]
    assert above[5:] == ["⚠ Показано предупреждений: 5 из 30. Все — на листе «Как получены числа»."]
    whole = [row[0].value for row in book[NOTES_SHEET].iter_rows()]
    assert [f"⚠ {warning}" for warning in warnings] == [text for text in whole if str(text).startswith("⚠")]


def test_sheets_filter_stay_under_their_headers_and_print_one_page_wide(works: ir.Table) -> None:
    book = book_of(works, warnings=[WARNING])
    for sheet in book.worksheets[:-1]:
        header = header_of(sheet)
        assert sheet.freeze_panes == f"B{header + 1}"
        assert sheet.print_title_rows == f"$1:${header}"
        assert sheet.print_title_cols == "$A:$A"
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage  # one page wide is what a sheet says by silence
        assert sheet.page_setup.fitToHeight == 0
        assert "&P" in sheet.oddFooter.right.text


def test_a_table_too_wide_to_be_legible_warns_on_each_of_its_pages(works: ir.Table) -> None:
    grid = BY_SLUG["distribution"].report(works, PAPER)
    columns = [replace(grid.columns[-1], title=str(total)) for total in range(80)]
    rows = [replace(row, cells=(*row.cells, *[row.cells[-1]] * 80)) for row in grid.rows]
    wide = replace(grid, columns=(*grid.columns, *columns), rows=tuple(rows))
    warnings = ["А & Б не сданы.", "Очень длинное предупреждение. " * 20]
    narrow_sheet, sheet = opened(report_workbook([grid, wide], warnings=warnings)).worksheets[:2]
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (3, 0)
    running = sheet.oddHeader.left.text
    assert running.startswith("Распределение первичных баллов. ⚠ А && Б не сданы. ⚠ Очень длинное")
    assert len(running) < 250
    assert narrow_sheet.oddHeader.left.text is None


def test_a_report_without_works_is_a_workbook_all_the_same(tmp_path: Path) -> None:
    with open_works(tmp_path, ASSESSMENT, PAPER) as works:
        book = book_of(works)
    nothing = [0, 0, 0, 0, 0, 0, "—", "—", "—", "—", "нет работ"]
    assert values_of(book[MARKS], "=1+1 ")[1:] == nothing
    assert opened(report_workbook([])).sheetnames == [NOTES_SHEET]


def test_nothing_in_a_workbook_is_a_formula(works: ir.Table) -> None:
    book = book_of(works, subtitle="=1+1", warnings=["=1+1"], notes=["=1+1"])
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert sum(cell.value == "=1+1" for cell in cells) == len(DIRECTIONS) + 1
    assert all(cell.data_type != "f" for cell in cells)


def test_the_last_sheet_tells_the_method_and_the_items(works: ir.Table) -> None:
    book = book_of(works, subtitle="ВПР 2026. Школа № 1", notes=["По 1 протоколу из 1."])
    assert {sheet["A2"].value for sheet in book.worksheets[:-1]} == {"ВПР 2026. Школа № 1"}
    lines = [[cell.value for cell in row] for row in book[NOTES_SHEET].iter_rows()]
    texts = [line[0] for line in lines]
    assert texts.index("По 1 протоколу из 1.") < next(
        number for number, text in enumerate(texts) if str(text).startswith("«Статистика по отметкам»")
    )
    assert lines[-3] == ["Задание", "Макс. балл", "Уровень", "Раздел", "Умение"]
    assert lines[-2:] == [
        [item.code, item.maximum, item.level, item.area or None, item.skill] for item in PAPER.items
    ]


def test_the_page_in_plain_words_comes_first(works: ir.Table) -> None:
    said = (
        Statement(StatementKind.STRONG, "Считают."),
        Statement(StatementKind.STRONG, "=Пишут."),
        Statement(StatementKind.WEAK, "Не рассуждают."),
    )
    book = book_of(works, summary=Summary("Школа № 1. Проба, 4 класс", said), warnings=[WARNING])
    assert book.sheetnames[0] == SUMMARY_SHEET
    cells = [row[0] for row in book[SUMMARY_SHEET].iter_rows() if row[0].value]
    assert [cell.value for cell in cells] == [
        *("Школа № 1. Проба, 4 класс", f"⚠ {WARNING}"),
        *(StatementKind.STRONG.label, "Считают.", "=Пишут."),
        *(StatementKind.WEAK.label, "Не рассуждают."),
    ]
    assert {cell.data_type for cell in cells} == {"s"}
