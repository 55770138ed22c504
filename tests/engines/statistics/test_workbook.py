"""The workbook says what the tables say: numbers as numbers, small groups without percents, text as text."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import openpyxl

from oko.engines.statistics.levels import EVERYTHING, Group
from oko.engines.statistics.marks import mark_table
from oko.engines.statistics.rules import Zone
from oko.engines.statistics.solving import item_table
from oko.engines.statistics.workbook import ITEMS_SHEET, MARKS_SHEET, NOTES_SHEET, report_workbook
from oko.engines.statistics.works import open_works
from tests.engines.statistics.conftest import ASSESSMENT, PAPER


def book_of(works: ir.Table, **words: Any) -> openpyxl.Workbook:
    def label(group: Group) -> str:
        return f"=1+1 {group.code}"  # a name that a spreadsheet would take for a formula

    marks, items = (table(works, PAPER, EVERYTHING, label) for table in (mark_table, item_table))
    return openpyxl.load_workbook(io.BytesIO(report_workbook(marks, items, **words)))


def row_of(book: openpyxl.Workbook, sheet: str, label: str) -> list[Any]:
    return next([cell.value for cell in row] for row in book[sheet].iter_rows() if row[0].value == label)


def test_numbers_of_a_school_stand_as_counted_with_a_pencil(works: ir.Table) -> None:
    book = book_of(works)
    assert row_of(book, MARKS_SHEET, "=1+1 B")[1:11] == [1, 10, 2, 4, 4, 0, 20, 40, 40, 0]
    schools, participants, first, second = row_of(book, ITEMS_SHEET, "=1+1 B")[1:5]
    assert (schools, participants, first) == (1, 10, 60)
    assert second == "—", "six had the second item: too few for a percent"


def test_every_number_of_both_tables_is_in_the_workbook(works: ir.Table) -> None:
    marks, items = mark_table(works, PAPER), item_table(works, PAPER)
    book = openpyxl.load_workbook(io.BytesIO(report_workbook(marks, items)))
    for row in marks.rows:
        shown = row_of(book, MARKS_SHEET, row.label)[1:11]
        assert shown == [row.schools, row.participants, *row.counts, *(row.percents or ["—"] * 4)]
    for item_row in items.rows:
        shown = row_of(book, ITEMS_SHEET, item_row.label)[1:5]
        percents = ["—" if cell.percent is None else cell.percent for cell in item_row.cells]
        assert shown == [item_row.schools, item_row.participants, *percents]


def test_a_percent_shows_one_digit_and_the_sign_of_its_zone(works: ir.Table) -> None:
    book = book_of(works)
    first = next(row for row in book[ITEMS_SHEET].iter_rows() if row[0].value == "=1+1 B")[3]
    assert first.number_format == f'0.0" {Zone.BORDERLINE.sign}"'
    legend = {cell.value for cell in book[ITEMS_SHEET][3]}
    assert {f"{zone.sign} {zone.label}".strip() for zone in Zone} <= legend
    percents = next(row for row in book[MARKS_SHEET].iter_rows() if row[0].value == "=1+1 B")[7:11]
    assert {cell.number_format for cell in percents} == {"0.0"}


def test_an_item_stands_under_its_maximum_level_and_threshold(works: ir.Table) -> None:
    sheet = book_of(works)[ITEMS_SHEET]
    columns = {sheet.cell(7, column).value: column for column in range(1, sheet.max_column + 1)}
    first, second = columns["1 (2б)"], columns["2 (1б)"]
    assert [sheet.cell(line, first).value for line in (5, 6)] == ["Б", 60]
    assert [sheet.cell(line, second).value for line in (5, 6)] == ["П", 30]
    skills = [row[3] for row in book_of(works)[NOTES_SHEET].iter_rows(values_only=True)]
    assert skills[-2:] == ["считать", "рассуждать"]


def test_a_row_says_how_far_it_may_be_trusted(works: ir.Table) -> None:
    book = book_of(works)
    assert row_of(book, MARKS_SHEET, "=1+1 B")[-1] == "очень мало участников"
    assert row_of(book, MARKS_SHEET, "=1+1 54")[-1] == "мало участников"


def test_sheets_filter_stay_under_their_headers_and_print_one_page_wide(works: ir.Table) -> None:
    book = book_of(works)
    assert book.sheetnames == [MARKS_SHEET, ITEMS_SHEET, NOTES_SHEET]
    for name, header in ((MARKS_SHEET, 4), (ITEMS_SHEET, 7)):
        sheet = book[name]
        assert sheet.freeze_panes == f"B{header + 1}"
        assert sheet.auto_filter.ref.startswith(f"A{header}:")
        assert sheet.print_title_rows == f"$1:${header}"
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage  # one page wide is what a sheet says by silence
        assert sheet.page_setup.fitToHeight == 0
        assert "&P" in sheet.oddFooter.right.text


def test_a_report_without_works_is_a_workbook_all_the_same(tmp_path: Path) -> None:
    with open_works(tmp_path, ASSESSMENT, PAPER) as works:
        book = book_of(works)
    assert row_of(book, MARKS_SHEET, "=1+1 ")[1:] == [0, 0, 0, 0, 0, 0, "—", "—", "—", "—", "нет работ"]


def test_nothing_in_a_workbook_is_a_formula(works: ir.Table) -> None:
    cells = [cell for sheet in book_of(works) for row in sheet.iter_rows() for cell in row]
    assert cells
    assert all(cell.data_type != "f" for cell in cells)


def test_subtitle_and_notes_are_told(works: ir.Table) -> None:
    book = book_of(works, subtitle="ВПР 2026. Школа № 1", notes=["По 1 протоколу из 1."])
    words = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value}
    assert any("ВПР 2026. Школа № 1" in text for text in words)
    assert any("По 1 протоколу из 1." in text for text in words)
