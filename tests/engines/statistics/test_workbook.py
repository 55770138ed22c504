"""The workbook says what the tables say: numbers as numbers, small groups without percents, text as text."""

from __future__ import annotations

import io
from typing import Any

import ibis.expr.types as ir
import openpyxl

from oko.engines.statistics.levels import EVERYTHING, Group
from oko.engines.statistics.marks import mark_table
from oko.engines.statistics.solving import item_table
from oko.engines.statistics.workbook import report_workbook
from tests.engines.statistics.conftest import PAPER


def book_of(works: ir.Table, **words: Any) -> openpyxl.Workbook:
    def label(group: Group) -> str:
        return f"=1+1 {group.code}"  # a name that a spreadsheet would take for a formula

    marks, items = (table(works, PAPER, EVERYTHING, label) for table in (mark_table, item_table))
    return openpyxl.load_workbook(io.BytesIO(report_workbook(marks, items, **words)))


def row_of(book: openpyxl.Workbook, sheet: str, label: str) -> list[Any]:
    return next([cell.value for cell in row] for row in book[sheet].iter_rows() if row[0].value == label)


def test_numbers_of_a_school_stand_as_counted_with_a_pencil(works: ir.Table) -> None:
    book = book_of(works)
    assert row_of(book, "Отметки", "=1+1 B")[1:11] == [1, 10, 2, 4, 4, 0, 20, 40, 40, 0]
    schools, participants, first, second = row_of(book, "Выполнение заданий", "=1+1 B")[1:5]
    assert (schools, participants, first) == (1, 10, 60)
    assert second == "—", "six had the second item: too few for a percent"


def test_nothing_in_a_workbook_is_a_formula(works: ir.Table) -> None:
    cells = [cell for sheet in book_of(works) for row in sheet.iter_rows() for cell in row]
    assert cells
    assert all(cell.data_type != "f" for cell in cells)


def test_subtitle_and_notes_are_told(works: ir.Table) -> None:
    book = book_of(works, subtitle="ВПР 2026. Школа № 1", notes=["По 1 протоколу из 1."])
    words = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value}
    assert any("ВПР 2026. Школа № 1" in text for text in words)
    assert any("По 1 протоколу из 1." in text for text in words)
