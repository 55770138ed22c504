"""Copies of a protocol for its sender: one with the bad cells marked, one without the column of names.

Nothing that a user wrote may become a formula in a copy: texts are written as texts, foreign formulas give
way to the values they showed. Only the totals of our own form stay live.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from oko.engines.forms.archive import open_archive
from oko.engines.forms.kinds import Finding
from oko.engines.forms.layouts import vocabulary
from oko.engines.forms.names import contains_name
from oko.engines.forms.protocol import TECHNICAL_SHEET, ProtocolReading
from oko.engines.forms.sheets import Sheet, read_sheets
from oko.engines.forms.values import Cell as Value
from oko.engines.forms.values import text_of

FINDINGS_SHEET = "Замечания"
_BAD = PatternFill("solid", fgColor="FFC7CE")
_BOLD = Font(bold=True)
_LINK = Font(color="0563C1", underline="single")
_HEADINGS = ("Лист", "Ячейка", "Что найдено", "Что ожидается", "Замечание")
_WIDTHS = (16, 10, 26, 36, 90)


def marked_copy(source: bytes, reading: ProtocolReading) -> bytes:
    """An XLSX copy with the bad cells in red, each with its note, and a first sheet that lists the findings.

    An XLSX keeps its look; of XLS, ODS and books that cannot be copied safely the values are copied.

    Raises:
        UnreadableProtocol: `source` is not the readable book that gave `reading`.
    """
    sheets = read_sheets(source)
    book = _same_book(source, sheets, reading) or _book_of_values(sheets)
    for sheet, cell, findings in _by_cell(reading.findings):
        if sheet in book.sheetnames:
            _mark(book[sheet], cell, findings)
    _list_findings(book, reading.findings)
    return _bytes(book)


def _by_cell(findings: Iterable[Finding]) -> list[tuple[str, str, list[Finding]]]:
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for found in findings:
        if found.cell:
            grouped.setdefault((found.sheet, found.cell), []).append(found)
    return [(sheet, cell, group) for (sheet, cell), group in grouped.items()]


def _mark(sheet: Worksheet, reference: str, findings: Sequence[Finding]) -> None:
    cell = sheet[reference]
    if isinstance(cell, MergedCell):
        return
    cell.fill = _BAD
    comment = Comment(_clean("\n".join(found.message for found in findings)), "Око")
    comment.width, comment.height = 360, 120
    cell.comment = comment


def _list_findings(book: openpyxl.Workbook, findings: Sequence[Finding]) -> None:
    title = FINDINGS_SHEET
    while title in book.sheetnames:
        title += " Око"
    sheet = book.create_sheet(title, 0)
    book.active = 0
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    for column, (heading, width) in enumerate(zip(_HEADINGS, _WIDTHS, strict=True), 1):
        sheet.cell(1, column, heading).font = _BOLD
        sheet.column_dimensions[chr(ord("A") + column - 1)].width = width
    for row, found in enumerate(findings, 2):
        for column, text in enumerate(
            (found.sheet, found.cell, found.found, found.expected, found.message), 1
        ):
            cell = sheet.cell(row, column)
            _write_text(cell, text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        if found.cell and found.sheet in book.sheetnames:
            place = found.sheet.replace("'", "''")
            sheet.cell(row, 2).hyperlink = f"#'{place}'!{found.cell}"
            sheet.cell(row, 2).font = _LINK
    sheet.freeze_panes = "A2"


# ------------------------------------------------------------------------------------------------ copying

_LARGEST_RANGE = 20_000
_RANGE = re.compile(
    rb'<(?:mergeCell|hyperlink)\b[^>]*\bref\s*=\s*["\']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})'
)


def _same_book(source: bytes, sheets: Sequence[Sheet], reading: ProtocolReading) -> openpyxl.Workbook | None:
    """The XLSX itself, its formulas turned to values; None where openpyxl cannot or should not open it."""
    if not source.startswith(b"PK\x03\x04"):
        return None
    parts = open_archive(source).sheets
    if not parts or any(_lays_out_too_much(part) for part in parts):
        return None
    try:
        book = openpyxl.load_workbook(io.BytesIO(source))
    except Exception:  # openpyxl raises whatever a strange part makes it raise; values can still be copied
        return None
    by_name = {sheet.name: sheet for sheet in sheets}
    for sheet in book.worksheets:
        _formulas_to_values(sheet, by_name.get(sheet.title), reading)
    return book


def _lays_out_too_much(part: bytes) -> bool:
    """openpyxl makes an object of every cell in a merged or linked range."""
    spans = [
        (_number(last) - _number(first) + 1) * (int(bottom) - int(top) + 1)
        for first, top, last, bottom in _RANGE.findall(part)
    ]
    return sum(spans) > _LARGEST_RANGE or b":mergeCell" in part or b":hyperlink" in part


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


_OWN_TOTAL = re.compile(r'=IF\(COUNT\([A-Z]+\d+(:[A-Z]+\d+)?\)<[12],"",SUM\([A-Z]+\d+:[A-Z]+\d+\)\)')


def _formulas_to_values(sheet: Worksheet, shown: Sheet | None, reading: ProtocolReading) -> None:
    own = sheet.title == reading.sheet and _layout_allows_formulas(reading.layout)
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type != "f" or (own and _OWN_TOTAL.fullmatch(str(cell.value))):
                continue
            _write_value(cell, _shown_value(shown, cell.row - 1, cell.column - 1))


def _layout_allows_formulas(code: str) -> bool:
    layout = vocabulary().layout(code)
    return layout is not None and bool(layout.formula_allowed)


def _shown_value(shown: Sheet | None, row: int, column: int) -> Value:
    if shown is None or row >= len(shown.rows) or column >= len(shown.rows[row]):
        return ""
    return shown.rows[row][column]


def _book_of_values(sheets: Sequence[Sheet]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        copy = book.create_sheet(sheet.name[:31])
        copy.sheet_state = "visible" if sheet.visible else "hidden"
        for row, cells in enumerate(sheet.rows, 1):
            for column, value in enumerate(cells, 1):
                if value != "":
                    _write_value(copy.cell(row, column), value)
    if not any(sheet.sheet_state == "visible" for sheet in book.worksheets):
        book.worksheets[0].sheet_state = "visible"
    return book


def _write_value(cell: Any, value: Value) -> None:
    if isinstance(value, str):
        _write_text(cell, value)
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        cell.value = int(value)
    elif isinstance(value, datetime | time | timedelta) or value == value:
        cell.value = value
    else:
        _write_text(cell, text_of(value))


def _write_text(cell: Any, text: str) -> None:
    """Text stays text: openpyxl would make a formula of «=…»."""
    if not isinstance(cell, Cell):
        return
    cell.value = _clean(text) or None
    if cell.value is not None:
        cell.data_type = "s"


def _clean(text: str) -> str:
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))


def _bytes(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


# ------------------------------------------------------------------------------------------ without names


def without_names(source: bytes, reading: ProtocolReading) -> bytes:
    """An XLSX copy without names: it reads as the same works, and no name is left anywhere in it.

    Only the protocol's own sheet and our technical one are copied, as values: notes, other sheets, properties
    and history of the book stay behind. Cells keep their places; columns of names are emptied, and so are
    other texts around the table in which a name is found.

    Raises:
        UnreadableProtocol: `source` is not the readable book that gave `reading`.
    """
    sheets = read_sheets(source)
    main = next(sheet for sheet in sheets if sheet.name == reading.sheet)
    kept = [main, *(sheet for sheet in sheets if sheet.name == TECHNICAL_SHEET and not sheet.visible)]
    emptied = {names.column for names in reading.names if names.sheet == main.name}
    for number, row in enumerate(main.rows):
        for column, value in enumerate(row):
            named = number != reading.header_row and isinstance(value, str) and contains_name(value)
            if named or column in emptied:
                row[column] = ""
    book = _book_of_values(kept)
    book.properties = openpyxl.packaging.core.DocumentProperties(creator="Око")
    return _bytes(book)
