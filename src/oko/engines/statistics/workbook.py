"""Both reports as one XLSX: «Отметки», «Выполнение заданий», and how the numbers were made.

Cells hold the numbers of the tables, unrounded, and show one digit; a zone's sign belongs to the number's
format, so that the number stays a number. Text is written as text: nothing becomes a formula or a link.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from oko.engines.statistics.levels import Level
from oko.engines.statistics.marks import MARKS, MarkRow, MarkTable
from oko.engines.statistics.rules import Zone, shipped_rules
from oko.engines.statistics.solving import ItemRow, ItemTable
from oko.engines.statistics.wording import method_notes, remark

MARKS_SHEET, ITEMS_SHEET, NOTES_SHEET = "Отметки", "Выполнение заданий", "Как получены числа"
HIDDEN_CELL = "—"

_A4 = 9  # the paper's number in the file format
_LABEL_WIDTH = 46  # in letters, as widths of columns are
_GROUP_COLUMNS = (("Группа", _LABEL_WIDTH), ("Кол-во ОО", 9), ("Кол-во участников", 12))
_REMARK_COLUMN = ("Примечание", 24)
_ZONE_COLOURS = {  # background and ink, contrast ≥ 4.5
    Zone.INSUFFICIENT: ("#fbe3d6", "#8a2c0d"),
    Zone.BORDERLINE: ("#fff3c4", "#5c4300"),
    Zone.SUFFICIENT: ("#dcebf7", "#123f63"),
}


def report_workbook(
    marks: MarkTable, items: ItemTable, *, subtitle: str = "", notes: Sequence[str] = ()
) -> bytes:
    """Write both reports into a workbook.

    Args:
        marks: «Статистика по отметкам»; one row of the sheet for each of its rows.
        items: «Выполнение заданий», likewise; its groups may be others.
        subtitle: what the workbook is about besides the paper: assessment, place, date.
        notes: sentences for the last sheet, in front of those on method.

    Returns:
        An XLSX file: each sheet prints on landscape A4, one page wide, with its headers on every page.
    """
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        formats = _Formats(book)
        _write_marks(book.add_worksheet(MARKS_SHEET), formats, marks, subtitle)
        _write_items(book.add_worksheet(ITEMS_SHEET), formats, items, subtitle)
        _write_notes(book.add_worksheet(NOTES_SHEET), formats, items, notes)
    return content.getvalue()


class _Formats:
    """The looks of cells, by what a cell says."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        framed = {"border": 1, "border_color": "#b8c2cc", "valign": "vcenter"}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.subtitle = book.add_format({"font_color": "#5b6677"})
        self.heading = book.add_format({"bold": True})
        self.header = book.add_format(
            framed | {"bold": True, "text_wrap": True, "align": "center", "bg_color": "#eef1f5"}
        )
        self.text = book.add_format(framed | {"text_wrap": True})
        self.whole_group = book.add_format(framed | {"text_wrap": True, "bold": True})
        self.count = book.add_format(framed | {"num_format": "#,##0"})
        self.percent = book.add_format(framed | {"num_format": "0.0"})
        self.hidden = book.add_format(framed | {"align": "right", "font_color": "#5b6677"})
        self.centred = book.add_format(framed | {"align": "center"})
        self.note = book.add_format({"text_wrap": True, "valign": "top"})
        self.zones = {
            zone: book.add_format(
                framed
                | {
                    # Without a sign, its place is left empty, so that the digits stand under each other.
                    "num_format": f'0.0" {zone.sign}"' if zone.sign else "0.0_ _W",
                    "align": "right",
                    "bg_color": background,
                    "font_color": ink,
                }
            )
            for zone, (background, ink) in _ZONE_COLOURS.items()
        }


def _write_marks(sheet: Worksheet, formats: _Formats, table: MarkTable, subtitle: str) -> None:
    columns = [
        *_GROUP_COLUMNS,
        *((f"«{mark}», чел.", 9) for mark in MARKS),
        *((f"«{mark}», %", 9) for mark in MARKS),
        _REMARK_COLUMN,
    ]
    _write_title(sheet, formats, f"Статистика по отметкам: {table.paper.title}", subtitle)
    header = 3
    _write_header(sheet, formats, header, columns, rows=len(table.rows))
    for line, row in enumerate(table.rows, start=header + 1):
        _write_group(sheet, formats, line, row)
        column = len(_GROUP_COLUMNS)
        for count in row.counts:
            sheet.write_number(line, column, count, formats.count)
            column += 1
        for percent in row.percents or (None,) * len(MARKS):
            _write_percent(sheet, line, column, percent, formats.percent, formats.hidden)
            column += 1
        sheet.write_string(line, column, remark(row.participants), formats.text)
    _print_on_landscape(sheet, header)


def _write_items(sheet: Worksheet, formats: _Formats, table: ItemTable, subtitle: str) -> None:
    columns = [
        *_GROUP_COLUMNS,
        *((f"{item.code} ({item.maximum}б)", 8) for item in table.paper.items),
        _REMARK_COLUMN,
    ]
    first = len(_GROUP_COLUMNS)
    _write_title(sheet, formats, f"Выполнение заданий, % от максимума: {table.paper.title}", subtitle)
    _write_legend(sheet, formats, 2)
    levels, thresholds, header = 4, 5, 6
    sheet.write_string(levels, first - 1, "Уровень", formats.header)
    sheet.write_string(thresholds, first - 1, "Порог, %", formats.header)
    for column, item in enumerate(table.paper.items, start=first):
        sheet.write_string(levels, column, item.level, formats.centred)
        sheet.write_number(
            thresholds, column, shipped_rules().thresholds[item.level].percent, formats.centred
        )
    _write_header(sheet, formats, header, columns, rows=len(table.rows))
    for line, row in enumerate(table.rows, start=header + 1):
        _write_group(sheet, formats, line, row)
        for column, cell in enumerate(row.cells, start=first):
            looks = formats.zones[cell.zone] if cell.zone else formats.percent
            _write_percent(sheet, line, column, cell.percent, looks, formats.hidden)
        sheet.write_string(line, len(columns) - 1, remark(row.participants), formats.text)
    _print_on_landscape(sheet, header)


def _write_notes(sheet: Worksheet, formats: _Formats, table: ItemTable, notes: Sequence[str]) -> None:
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 2, 11)
    sheet.set_column(3, 3, 100)
    sheet.write_string(0, 0, NOTES_SHEET, formats.title)
    line = 2
    for note in (*notes, *method_notes(shipped_rules())):
        sheet.merge_range(line, 0, line, 3, "", formats.note)
        sheet.write_string(line, 0, note, formats.note)
        sheet.set_row(line, _height(note, letters=125))
        line += 1
    line += 1
    sheet.write_string(line, 0, f"Задания: {table.paper.title}", formats.heading)
    for column, name in enumerate(("Задание", "Макс. балл", "Уровень", "Умение")):
        sheet.write_string(line + 1, column, name, formats.header)
    for position, item in enumerate(table.paper.items, start=line + 2):
        sheet.write_string(position, 0, item.code, formats.centred)
        sheet.write_number(position, 1, item.maximum, formats.centred)
        sheet.write_string(position, 2, item.level, formats.centred)
        sheet.write_string(position, 3, item.skill, formats.text)
        sheet.set_row(position, _height(item.skill, letters=95))
    _print_on_landscape(sheet)


def _write_title(sheet: Worksheet, formats: _Formats, title: str, subtitle: str) -> None:
    sheet.write_string(0, 0, title, formats.title)
    sheet.write_string(1, 0, subtitle, formats.subtitle)


def _write_legend(sheet: Worksheet, formats: _Formats, line: int) -> None:
    """What the colours and signs mean, each beside a cell that looks so."""
    meanings = [f"{zone.sign} {zone.label}".strip() for zone in Zone]
    sheet.write_string(line, 0, "Обозначения; «—»: участников слишком мало", formats.subtitle)
    column = 1
    for zone, meaning in zip(Zone, meanings, strict=True):
        last = column + (1 if column == 1 else 2)  # the first two columns are wider than those of items
        sheet.merge_range(line, column, line, last, "", formats.zones[zone])
        sheet.write_string(line, column, meaning, formats.zones[zone])
        column = last + 1


def _write_header(
    sheet: Worksheet, formats: _Formats, line: int, columns: Sequence[tuple[str, float]], *, rows: int
) -> None:
    for column, (name, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(line, column, name, formats.header)
    sheet.set_row(line, 32)
    sheet.freeze_panes(line + 1, 1)
    sheet.autofilter(line, 0, line + rows, len(columns) - 1)


def _write_group(sheet: Worksheet, formats: _Formats, line: int, row: MarkRow | ItemRow) -> None:
    looks = formats.text if row.group.level is Level.SCHOOL else formats.whole_group
    sheet.write_string(line, 0, row.label, looks)
    sheet.write_number(line, 1, row.schools, formats.count)
    sheet.write_number(line, 2, row.participants, formats.count)
    sheet.set_row(line, _height(row.label, letters=_LABEL_WIDTH - 4))


def _write_percent(
    sheet: Worksheet, line: int, column: int, percent: float | None, looks: Any, hidden: Any
) -> None:
    if percent is None:
        sheet.write_string(line, column, HIDDEN_CELL, hidden)
    else:
        sheet.write_number(line, column, percent, looks)


def _height(text: str, *, letters: int) -> float:
    """Points for a cell in which so many letters fit on a line: programs do not size wrapped cells alike."""
    return 15.0 * max(1, -(-len(text) // letters))


def _print_on_landscape(sheet: Worksheet, header: int | None = None) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&RСтраница &P из &N")
    if header is not None:
        sheet.repeat_rows(0, header)
