"""How a workbook looks: formats of cells, widths of columns, heights of rows, the printed page."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from oko.engines.statistics.grid import Cell, Column, Kind
from oko.engines.statistics.rules import Zone

_A4 = 9  # the paper's number in the file format
_INK, _PALE_INK, _FRAME = "#182433", "#5b6677", "#b8c2cc"
_ZONE_COLOURS = {  # background and ink, contrast ≥ 4.5
    Zone.INSUFFICIENT: ("#fbe3d6", "#8a2c0d"),
    Zone.BORDERLINE: ("#fff3c4", "#5c4300"),
    Zone.SUFFICIENT: ("#dcebf7", "#123f63"),
}
_FRAMED = {"border": 1, "border_color": _FRAME, "valign": "vcenter"}
_KINDS: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"text_wrap": True, "indent": 1},
    Kind.COUNT: {"num_format": "#,##0"},
    Kind.PERCENT: {"num_format": "0.0"},
}

_WIDEST_FIRST, _WIDEST_TEXT = 46.0, 60.0  # in letters, as widths of columns are
_WIDEST_OF_MANY = 32.0  # where there are many columns of numbers
_MANY = 15
_NARROWEST = {Kind.TEXT: 10.0, Kind.COUNT: 9.0, Kind.PERCENT: 6.5}
_SIGN = 1.5  # letters, for the sign of a zone
_WIDEST_TITLE = 24.0
_LINES_OF_TITLE = 4  # a longer title makes its column wider
_ARROW = 2.0  # letters that the filter's button covers
_LEGIBLE = 300.0  # letters across a page of landscape A4, at 5 points
_RUNNING = 200  # letters; a line over a page takes 255 at most
_ENOUGH_TO_MEASURE = 2_000  # rows: the longest name is among so many, or nearly so


class Looks:
    """The formats of one book, by what a cell says; each is made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._cells: dict[tuple[Kind, Zone | None, bool, bool], Format] = {}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.subtitle = book.add_format({"font_color": _PALE_INK})
        self.heading = book.add_format({"bold": True, "font_size": 12})
        self.header = book.add_format(
            _FRAMED | {"bold": True, "text_wrap": True, "align": "center", "bg_color": "#eef1f5"}
        )
        self.text = book.add_format(_FRAMED | {"text_wrap": True})
        self.centred = book.add_format(_FRAMED | {"align": "center"})
        self.hidden = book.add_format(_FRAMED | {"align": "right", "font_color": _PALE_INK})
        self.note = book.add_format({"text_wrap": True, "valign": "top"})
        self.warning = book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "valign": "vcenter",
                "bg_color": "#fff3c4",
                "font_color": "#5c4300",
                "left": 5,
                "left_color": "#b45309",
            }
        )

    def cell(
        self, kind: Kind, zone: Zone | None = None, *, strong: bool = False, earlier: bool = False
    ) -> Format:
        """The format of a number or text; `earlier` seasons are pale and slanted, zones keep their colour."""
        key = (kind, zone, strong, earlier)
        if key not in self._cells:
            self._cells[key] = self._book.add_format(
                _FRAMED
                | _KINDS[kind]
                | {"bold": strong, "italic": earlier, "font_color": _PALE_INK if earlier else _INK}
                | (_of_zone(zone) if zone else {})
            )
        return self._cells[key]


def _of_zone(zone: Zone) -> dict[str, Any]:
    background, ink = _ZONE_COLOURS[zone]
    return {
        # Without a sign, its place is left empty, so that the digits stand under each other.
        "num_format": f'0.0" {zone.sign}"' if zone.sign else "0.0_ _W",
        "align": "right",
        "bg_color": background,
        "font_color": ink,
    }


def widths(columns: Sequence[Column], lines: Sequence[Sequence[Cell]]) -> list[float]:
    """The width of each column by its title and its longest text."""
    measured = lines[:_ENOUGH_TO_MEASURE]
    first, others = _WIDEST_FIRST, _WIDEST_TEXT
    if len(columns) > _MANY:
        first = others = _WIDEST_OF_MANY
    return [
        _width(column, [line[place] for line in measured], others if place else first)
        for place, column in enumerate(columns)
    ]


def _width(column: Column, cells: Sequence[Cell], widest: float) -> float:
    longest_word = max(map(len, column.title.split()), default=0)
    of_title = min(_WIDEST_TITLE, max(longest_word, len(column.title) / _LINES_OF_TITLE) + _ARROW)
    width = max(_NARROWEST[column.kind], of_title)
    if column.kind is Kind.TEXT:
        longest_text = max((len(cell.value) for cell in cells if isinstance(cell.value, str)), default=0)
        return max(width, min(longest_text + 2.0, widest))
    return max(width, _NARROWEST[column.kind] + _SIGN) if any(cell.zone for cell in cells) else width


def lines_of(text: str, width: float) -> int:
    """On how many lines a text stands in a column: generously, for programs size cells otherwise."""
    letters = max(1, int(width) - 2)
    return max(1, len(textwrap.wrap(text, letters)))


def height(lines: int) -> float:
    """Points for so many lines; a row takes 409 at most."""
    return min(409.0, 15.0 * lines)


def print_on_landscape(
    sheet: Worksheet, header: int | None = None, width: float = 0, running: str = ""
) -> None:
    """A4, numbered, one page wide, or as many as the letters stay legible on.

    The rows down to the header and the first column are repeated on every page. What stands above the header
    is cut off on the right pages of a wide table: `running` is printed over all its pages instead.
    """
    pages = max(1, math.ceil(width / _LEGIBLE))
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.7 if pages > 1 else 0.5, bottom=0.6)
    sheet.fit_to_pages(pages, 0)
    sheet.set_footer("&L&A&RСтраница &P из &N")
    if header is not None:
        sheet.repeat_rows(0, header)
        sheet.repeat_columns(0)
    if pages > 1:
        sheet.set_header("&L" + textwrap.shorten(running, _RUNNING, placeholder=" …").replace("&", "&&"))
