"""Reports as one XLSX: a sheet for each grid, and how the numbers were made.

Cells hold the numbers of the grids, unrounded, and show one digit; a zone's sign belongs to the number's
format, so that the number stays a number. Text is written as text: nothing becomes a formula or a link.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import groupby

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from oko.engines.papers import Item, Paper
from oko.engines.statistics.grid import Cell, Column, Grid, Kind, Row
from oko.engines.statistics.levels import Level
from oko.engines.statistics.rules import Zone, shipped_rules
from oko.engines.statistics.statements import Summary
from oko.engines.statistics.wording import HIDDEN_CELL, THIS_SEASON, method_notes
from oko.engines.statistics.workbook_looks import Looks, height, lines_of, print_on_landscape, widths

SUMMARY_SHEET, NOTES_SHEET = "Главное", "Как получены числа"

_SEASON = Column("season", "Сезон", Kind.TEXT)
_REMARK = Column("remark", "Примечание", Kind.TEXT)
_MOST_WARNINGS, _MOST_LETTERS = 5, 600  # above a table: what is frozen must leave room for the table
_SCREEN_WIDTH, _LEGEND_WIDTH = 110, 16  # letters
_LONGEST_SHEET_NAME = 31
_NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def report_workbook(
    grids: Sequence[Grid],
    *,
    subtitle: str = "",
    warnings: Sequence[str] = (),
    notes: Sequence[str] = (),
    summary: Summary | None = None,
) -> bytes:
    """Write the reports of one paper into a workbook.

    Args:
        grids: a sheet for each, in this order.
        subtitle: what the workbook is about besides the paper: assessment, place, date.
        warnings: sentences that stand under the title of every sheet; a long list is whole on the last one.
        notes: sentences for the last sheet, in front of those on method.
        summary: the first sheet, in plain words.

    Returns:
        An XLSX file: each sheet prints on landscape A4, one page wide, with its headers on every page.
    """
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        looks = Looks(book)
        names = _sheet_names(grids)
        if summary is not None:
            _write_summary(book.add_worksheet(SUMMARY_SHEET), looks, summary, subtitle, warnings)
        for name, grid in zip(names, grids, strict=True):
            _GridSheet(book.add_worksheet(name), looks, grid).write(subtitle, warnings)
        _write_notes(book.add_worksheet(NOTES_SHEET), looks, grids, warnings, notes)
    return content.getvalue()


def _sheet_names(grids: Sequence[Grid]) -> list[str]:
    """The titles as a book allows them: 31 letters, none twice, and not those of the other sheets."""
    names: list[str] = []
    for grid in grids:
        title = " ".join(grid.title.translate(_NOT_IN_SHEET_NAMES).split()).strip("'")
        name, number = _shortened(title, ""), 2
        while name.casefold() in {taken.casefold() for taken in (SUMMARY_SHEET, NOTES_SHEET, *names)}:
            name, number = _shortened(title, f" ({number})"), number + 1
        names.append(name)
    return names


def _shortened(title: str, ending: str) -> str:
    room = _LONGEST_SHEET_NAME - len(ending)
    if len(title) > room:
        title = title[: room - 1]
        title = (title.rsplit(" ", 1)[0] if " " in title else title).rstrip(" ,.'") + "…"
    return title + ending


class _GridSheet:
    """One grid on its sheet: title, warnings, legend, header of one or two rows, the rows themselves."""

    def __init__(self, sheet: Worksheet, looks: Looks, grid: Grid) -> None:
        self.sheet, self.looks, self.grid = sheet, looks, grid
        self.with_seasons = any(row.season for row in grid.rows)
        self.columns = [*grid.columns, _REMARK]
        if self.with_seasons:
            self.columns.insert(1, _SEASON)
        self.lines = [self._cells(row) for row in grid.rows]
        self.widths = widths(self.columns, self.lines)
        self.zones = any(cell.zone for line in self.lines for cell in line)
        self.groups = len({row.group for row in grid.rows}) > 1

    def _cells(self, row: Row) -> list[Cell]:
        cells = [*row.cells, Cell(row.remark)]
        if self.with_seasons:
            cells.insert(1, Cell(row.season or THIS_SEASON))
        return cells

    def write(self, subtitle: str, warnings: Sequence[str]) -> None:
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, width)
        line = _write_title(self.sheet, self.looks, f"{self.grid.title}: {self.grid.paper.title}", subtitle)
        line = _write_warnings(self.sheet, self.looks, line, warnings, self.widths) + 1
        if self.zones:
            line = self._write_legend(line)
        line = self._write_items(line)
        header = self._write_header(line)
        for number, (row, cells) in enumerate(zip(self.grid.rows, self.lines, strict=True), header + 1):
            self._write_row(number, row, cells)
        self.sheet.freeze_panes(header + 1, 1)
        self.sheet.autofilter(header, 0, header + len(self.lines), len(self.columns) - 1)
        running = " ".join([f"{self.grid.title}.", *(f"⚠ {warning}" for warning in warnings)])
        print_on_landscape(self.sheet, header, sum(self.widths), running)

    def _write_legend(self, line: int) -> int:
        """What the colours and signs mean, each in a cell that looks so."""
        self.sheet.write_string(line, 0, "Обозначения:", self.looks.subtitle)
        column = 1
        for zone in Zone:
            last = _reaching(self.widths, column, _LEGEND_WIDTH)
            looks = self.looks.cell(Kind.PERCENT, zone)
            _write_over(self.sheet, line, column, last, f"{zone.sign} {zone.label}".strip(), looks)
            column = last + 1
        note = "«—»: участников слишком мало, чтобы показывать процент."
        self.sheet.write_string(line + 1, 0, note, self.looks.subtitle)
        return line + 2

    def _write_items(self, line: int) -> int:
        """Level and threshold of an item above its column, where columns are items."""
        items = [(column, item) for column, item in enumerate(map(self._item, self.columns)) if item]
        if not items:
            return line
        first = items[0][0]
        looks = self.looks.centred
        self.sheet.write_string(line, first - 1, "Уровень", self.looks.subtitle)
        for column, item in items:
            self.sheet.write_string(line, column, item.level, looks)
        if not self.zones:
            return line + 1
        self.sheet.write_string(line + 1, first - 1, "Порог, %", self.looks.subtitle)
        for column, item in items:
            self.sheet.write_number(line + 1, column, shipped_rules().thresholds[item.level].percent, looks)
        return line + 2

    def _item(self, column: Column) -> Item | None:
        return next((item for item in self.grid.paper.items if f"item_{item.code}" == column.name), None)

    def _write_header(self, line: int) -> int:
        """One row, or two where headers stand over others; the last of them."""
        over = any(column.over for column in self.columns)
        last = line + over
        places = list(enumerate(self.columns))
        highest = 1
        for title, neighbours in groupby(places, key=lambda place: place[1].over):
            group = [column for column, _ in neighbours]
            if title:
                _write_over(self.sheet, line, group[0], group[-1], title, self.looks.header)
                highest = max(highest, lines_of(title, sum(self.widths[group[0] : group[-1] + 1])))
            elif over:
                for column in group:
                    self.sheet.write_blank(line, column, None, self.looks.header)
        if over:
            self.sheet.set_row(line, height(highest))
        tallest = 2
        for column, described in places:
            self.sheet.write_string(last, column, described.title, self.looks.header)
            tallest = max(tallest, lines_of(described.title, self.widths[column] - 1))
        self.sheet.set_row(last, height(tallest))
        return last

    def _write_row(self, line: int, row: Row, cells: Sequence[Cell]) -> None:
        strong = self.groups and row.group.level is not Level.SCHOOL and not row.season
        lines = 1
        for place, (column, cell) in enumerate(zip(self.columns, cells, strict=True)):
            looks = self.looks.cell(
                column.kind, cell.zone, strong=strong and not place, earlier=bool(row.season)
            )
            if cell.value is None and column.kind is Kind.PERCENT:
                self.sheet.write_string(line, place, HIDDEN_CELL, self.looks.hidden)
            elif cell.value is None or isinstance(cell.value, str):
                _write_text(self.sheet, line, place, cell.value or "", looks)
                lines = max(lines, lines_of(cell.value or "", self.widths[place]))
            else:
                self.sheet.write_number(line, place, cell.value, looks)
        self.sheet.set_row(line, height(lines))


def _write_title(sheet: Worksheet, looks: Looks, title: str, subtitle: str) -> int:
    sheet.write_string(0, 0, title, looks.title)
    sheet.write_string(1, 0, subtitle, looks.subtitle)
    return 2


def _write_warnings(
    sheet: Worksheet, looks: Looks, line: int, warnings: Sequence[str], columns: Sequence[float]
) -> int:
    """Each on a line of its own, as wide as the table (but not wider than a screen)."""
    last = _reaching(columns, 0, _SCREEN_WIDTH)
    width = sum(columns[: last + 1])
    for warning in _that_fit(warnings):
        _write_over(sheet, line, 0, last, f"⚠ {warning}", looks.warning)
        sheet.set_row(line, height(lines_of(warning, width)))
        line += 1
    return line


def _that_fit(warnings: Sequence[str]) -> Iterator[str]:
    """The first ones, and how many there are: what stands above a table is frozen and must leave it room."""
    letters = 0
    for number, warning in enumerate(warnings):
        letters += len(warning)
        if number and (number == _MOST_WARNINGS or letters > _MOST_LETTERS):
            yield f"Показано предупреждений: {number} из {len(warnings)}. Все — на листе «{NOTES_SHEET}»."
            return
        yield warning if len(warning) <= _MOST_LETTERS else warning[:_MOST_LETTERS] + "…"


def _reaching(columns: Sequence[float], first: int, width: float) -> int:
    """The column up to which those from `first` on are so wide together, or the last one."""
    last = first
    while sum(columns[first : last + 1]) < width and last < len(columns) - 1:
        last += 1
    return last


def _write_text(sheet: Worksheet, line: int, column: int, text: str, looks: Format) -> None:
    if text:
        sheet.write_string(line, column, text, looks)
    else:
        sheet.write_blank(line, column, None, looks)


def _write_over(sheet: Worksheet, line: int, first: int, last: int, text: str, looks: Format) -> None:
    """A text over one cell or several, written as a text whatever it begins with."""
    if last > first:
        sheet.merge_range(line, first, line, last, "", looks)
    sheet.write_string(line, first, text, looks)


def _write_summary(
    sheet: Worksheet, looks: Looks, summary: Summary, subtitle: str, warnings: Sequence[str]
) -> None:
    """One page in plain words: statements under the headings of their kinds."""
    width = 120.0
    sheet.set_column(0, 0, width)
    line = _write_title(sheet, looks, summary.title, subtitle)
    line = _write_warnings(sheet, looks, line, warnings, [width])
    for kind, said in groupby(summary.statements, key=lambda statement: statement.kind):
        sheet.write_string(line + 1, 0, kind.label, looks.heading)
        line += 2
        for statement in said:
            sheet.write_string(line, 0, statement.text, looks.note)
            sheet.set_row(line, height(lines_of(statement.text, width)))
            line += 1
    print_on_landscape(sheet)


_NOTES_WIDTHS = (12.0, 11.0, 11.0, 28.0, 72.0)


def _write_notes(
    sheet: Worksheet, looks: Looks, grids: Sequence[Grid], warnings: Sequence[str], notes: Sequence[str]
) -> None:
    for column, width in enumerate(_NOTES_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, NOTES_SHEET, looks.title)
    line, last, width = 2, len(_NOTES_WIDTHS) - 1, sum(_NOTES_WIDTHS)
    method = method_notes(shipped_rules(), {grid.slug for grid in grids})
    told = [(f"⚠ {warning}", looks.warning) for warning in warnings]
    told += [(note, looks.note) for note in dict.fromkeys((*notes, *method))]
    for text, style in told:
        _write_over(sheet, line, 0, last, text, style)
        sheet.set_row(line, height(lines_of(text, width)))
        line += 1
    for paper in dict.fromkeys(grid.paper for grid in grids):
        line = _write_paper(sheet, looks, line + 1, paper)
    print_on_landscape(sheet)


def _write_paper(sheet: Worksheet, looks: Looks, line: int, paper: Paper) -> int:
    sheet.write_string(line, 0, f"Задания: {paper.title}", looks.heading)
    for column, name in enumerate(("Задание", "Макс. балл", "Уровень", "Раздел", "Умение")):
        sheet.write_string(line + 1, column, name, looks.header)
    line += 2
    for item in paper.items:
        sheet.write_string(line, 0, item.code, looks.centred)
        sheet.write_number(line, 1, item.maximum, looks.centred)
        sheet.write_string(line, 2, item.level, looks.centred)
        _write_text(sheet, line, 3, item.area, looks.text)
        _write_text(sheet, line, 4, item.skill, looks.text)
        sheet.set_row(line, height(max(lines_of(item.area, 28), lines_of(item.skill, 72))))
        line += 1
    return line
