"""Personal blanks as PDF: what is the same for everybody stands in it once, what is personal on each page.

Text stays text. A code is an inline stencil of a bit a module: about 120 bytes, exact at any resolution.
"""

from __future__ import annotations

import csv
import os
import string
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

import numpy as np
import zxingcpp
from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from oko.engines.blanks.definition import Area, Characters, Definition, Marks, Page, Samples, Signature, Text
from oko.engines.blanks.layout import CORNER_RADIUS_MM, PlacedField, PlacedPage, Rectangle, place
from oko.engines.blanks.page_code import PageCode, PageCodeError, encode
from oko.engines.blanks.streamed_pdf import StreamedCanvas

REGULAR, BOLD = "OpenSans-Regular", "OpenSans-Bold"
_LABEL_PT, _VALUE_PT, _CODE_PT = 8.0, 6.5, 7.0
_FRAME_PT = 0.6
_PALE = 0.72  # grey of rulings: seen by people, dropped by scanning
_GREY = 0.45  # grey of sample letters
_OWN_COLUMNS = ("serial", "page", "pages", "code")
_PT_TO_MM = 25.4 / 72


class DataError(ValueError):
    """Data from which blanks cannot be printed; the message says which row and column, in Russian."""


def read_people(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV (comma or semicolon, UTF-8) as text.

    Raises:
        DataError: the file cannot be read, or a row has more cells than the header.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            rows = csv.DictReader(file, delimiter=";" if first.count(";") > first.count(",") else ",")
            for number, row in enumerate(rows, start=2):
                if None in row:
                    raise DataError(f"«{path.name}», строка {number}: ячеек больше, чем столбцов.")
                yield {name.strip(): (value or "").strip() for name, value in row.items()}
    except OSError as error:
        raise DataError(f"Данные «{path}» не открываются: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"Данные «{path}» — не CSV в кодировке UTF-8: {error}.") from error


def render(
    definition: Definition, people: Iterable[Mapping[str, str]], out: Path, *, key: bytes | None = None
) -> int:
    """Print a set of pages for each person.

    Args:
        people: a row a set; its columns are those that the definition names.
        key: makes the codes ones that only its owner can print.

    Returns:
        How many pages were written.

    Raises:
        DataError: there is nobody, a column is missing, or a value is not fit for a code; nothing is written.
    """
    unfinished = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            written = print_blanks(definition, people, file, key=key)
        unfinished.replace(out)
    except OSError as error:
        raise DataError(f"Файл «{out}» не записывается: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def print_blanks(
    definition: Definition, people: Iterable[Mapping[str, str]], file: BinaryIO, *, key: bytes | None = None
) -> int:
    """The same into an open file, page after page; it is left open.

    Raises:
        DataError: as `render`; the file then holds a part.
    """
    register_fonts()
    pages = place(definition)
    canvas = StreamedCanvas(file, pagesize=(definition.width_mm * mm, definition.height_mm * mm))
    canvas.setTitle(definition.title)
    canvas.setCreator("Oko")
    with _bytes_as_they_are():
        for page, source in zip(pages, definition.pages, strict=True):
            canvas.beginForm(f"static{page.number}")
            draw_static(canvas, page, source)
            canvas.endForm()
        written = 0
        for number, person in enumerate(people, start=2):
            _check_columns(definition, person, number)
            for page in pages:
                canvas.doForm(f"static{page.number}")
                _draw_personal(canvas, definition, page, len(pages), person, number, key)
                canvas.showPage()
                written += 1
        if not written:
            raise DataError("В данных нет ни одной строки: печатать некого.")
        canvas.save()
    return written


@contextmanager
def _bytes_as_they_are() -> Iterator[None]:
    """Streams without ReportLab's ASCII85 around them: a fifth smaller."""
    ascii85, rl_config.useA85 = rl_config.useA85, 0
    try:
        yield
    finally:
        rl_config.useA85 = ascii85


def register_fonts() -> None:
    """Make the two faces known to ReportLab."""
    folder = files("ttf_opensans") / "ttf"
    for name in (REGULAR, BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))


# What is the same for everybody ----------------------------------------------------------------------------


def draw_static(canvas: Canvas, page: PlacedPage, source: Page) -> None:
    """Draw what every copy of a page has: discs, frames, samples, fields with their labels."""
    for x, y in page.corners:
        canvas.circle(x * mm, _up(page, y), CORNER_RADIUS_MM * mm, stroke=0, fill=1)
    for frame in source.frames:
        canvas.setLineWidth(frame.line_pt)
        _rectangle(canvas, page, Rectangle(frame.x_mm, frame.y_mm, frame.w_mm, frame.h_mm))
    for sample in source.samples:
        _draw_samples(canvas, page, sample)
    for field in page.fields:
        _draw_field(canvas, page, field)


def _draw_field(canvas: Canvas, page: PlacedPage, field: PlacedField) -> None:
    source = field.source
    canvas.setLineWidth(_FRAME_PT)
    if isinstance(source, Text):
        if not _columns_of(source.text):
            _draw_text(canvas, page, field, field.with_number(source.text))
        return
    if isinstance(source, Area):
        _draw_ruling(canvas, page, field.cells[0], source)
    if isinstance(source, Signature):
        cell = field.cells[0]
        canvas.line(
            cell.x_mm * mm,
            _up(page, cell.y_mm + cell.h_mm),
            (cell.x_mm + cell.w_mm) * mm,
            _up(page, cell.y_mm + cell.h_mm),
        )
    else:
        for cell in field.cells:
            _rectangle(canvas, page, cell)
    if isinstance(source, Marks):
        _draw_values(canvas, page, field, source)
    _draw_label(canvas, page, field)


def _draw_values(canvas: Canvas, page: PlacedPage, field: PlacedField, source: Marks) -> None:
    canvas.setFont(REGULAR, _VALUE_PT)
    for cell in field.cells:
        if source.show_values == "above":
            canvas.drawCentredString((cell.x_mm + cell.w_mm / 2) * mm, _up(page, cell.y_mm - 0.8), cell.value)
        elif source.show_values == "left":
            middle = cell.y_mm + cell.h_mm / 2 + _VALUE_PT * _PT_TO_MM * 0.35
            canvas.drawRightString((cell.x_mm - 0.8) * mm, _up(page, middle), cell.value)


def _draw_label(canvas: Canvas, page: PlacedPage, field: PlacedField) -> None:
    label = field.with_number(field.source.label)
    if not label:
        return
    cell = field.cells[0]
    canvas.setFont(REGULAR, _LABEL_PT)
    if field.source.label_at == "above":
        values_above = isinstance(field.source, Marks) and field.source.show_values == "above"
        canvas.drawString(cell.x_mm * mm, _up(page, cell.y_mm - (4.2 if values_above else 1.0)), label)
        return
    room = 6.0 if isinstance(field.source, Marks) and field.source.show_values == "left" else 1.8
    middle = cell.y_mm + cell.h_mm / 2 + _LABEL_PT * _PT_TO_MM * 0.35
    canvas.drawRightString((cell.x_mm - room) * mm, _up(page, middle), label)


def _draw_samples(canvas: Canvas, page: PlacedPage, sample: Samples) -> None:
    width, height = sample.cell_mm
    canvas.setLineWidth(0.3)
    canvas.saveState()
    canvas.setStrokeGray(_GREY)
    for number, character in enumerate(sample.characters):
        x, y = sample.x_mm + number * sample.step_mm[0], sample.y_mm + number * sample.step_mm[1]
        _rectangle(canvas, page, Rectangle(x, y, width, height))
        _draw_character(canvas, page, Rectangle(x, y, width, height), character)
    canvas.restoreState()


def _draw_ruling(canvas: Canvas, page: PlacedPage, cell: Rectangle, source: Area) -> None:
    if source.ruling == "none":
        return
    canvas.saveState()
    canvas.setStrokeGray(_PALE)
    canvas.setLineWidth(0.3)
    step = source.ruling_mm
    for number in range(1, int(cell.h_mm / step) + 1):
        y = _up(page, cell.y_mm + number * step)
        canvas.line(cell.x_mm * mm, y, (cell.x_mm + cell.w_mm) * mm, y)
    if source.ruling == "squares":
        for number in range(1, int(cell.w_mm / step) + 1):
            x = (cell.x_mm + number * step) * mm
            canvas.line(x, _up(page, cell.y_mm), x, _up(page, cell.y_mm + cell.h_mm))
    canvas.restoreState()


# What is personal ------------------------------------------------------------------------------------------


def _draw_personal(
    canvas: Canvas,
    definition: Definition,
    page: PlacedPage,
    pages: int,
    person: Mapping[str, str],
    row: int,
    key: bytes | None,
) -> None:
    try:
        values = values_on_page(definition, page.number, pages, person, key)
    except PageCodeError as error:
        raise DataError(f"Строка {row}: {error}.") from error
    _draw_codes(canvas, page, values["code"])
    for field in page.fields:
        source = field.source
        if isinstance(source, Text) and _columns_of(source.text):
            _draw_text(canvas, page, field, filled(field.with_number(source.text), values))
        elif isinstance(source, Characters) and source.value:
            for cell, character in zip(field.cells, filled(source.value, values), strict=False):
                _draw_character(canvas, page, cell, character)


def values_on_page(
    definition: Definition, page: int, pages: int, person: Mapping[str, str], key: bytes | None
) -> dict[str, str]:
    """What stands for each name in braces: the columns of a person, and what Oko adds to them.

    Raises:
        PageCodeError: a column is not fit for a code.
    """
    columns = definition.code
    code = PageCode(
        assessment=person[columns.assessment],
        blank=definition.blank,
        version=definition.version,
        page=page,
        organisation=person[columns.organisation],
        serial=person[columns.serial],
    )
    own = {"serial": code.serial, "page": str(page), "pages": str(pages), "code": encode(code, key)}
    return {**person, **own}


def _draw_codes(canvas: Canvas, page: PlacedPage, text: str) -> None:
    stencil = _stencil(text)
    for code in page.codes:
        x, y, side = code.x_mm * mm, _up(page, code.y_mm + code.h_mm), code.w_mm * mm
        canvas.addLiteral(f"q {side:.3f} 0 0 {side:.3f} {x:.3f} {y:.3f} cm {stencil} Q")
    canvas.setFont(REGULAR, _CODE_PT)
    upper, lower = page.code_texts
    baseline = 3.0
    canvas.drawRightString((upper.x_mm + upper.w_mm) * mm, _up(page, upper.y_mm + baseline), text)
    canvas.drawString(lower.x_mm * mm, _up(page, lower.y_mm + baseline), text)


def _stencil(text: str) -> str:
    """A QR code as an inline image mask; a bit of 0 is painted."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    light = np.asarray(barcode.to_image(scale=1, add_quiet_zones=False)) > 127
    rows = np.packbits(light, axis=1).tobytes().hex()
    height, width = light.shape
    return f"BI /W {width} /H {height} /IM true /BPC 1 /F /AHx ID {rows}> EI"


def _draw_text(canvas: Canvas, page: PlacedPage, field: PlacedField, text: str) -> None:
    source, room = field.source, field.cells[0]
    if not isinstance(source, Text):
        return
    font = BOLD if source.bold else REGULAR
    canvas.setFont(font, source.size_pt)
    line_mm = source.size_pt * _PT_TO_MM * 1.2
    baseline = room.y_mm + source.size_pt * _PT_TO_MM
    for line in simpleSplit(text, font, source.size_pt, room.w_mm * mm):
        y = _up(page, baseline)
        if source.align == "right":
            canvas.drawRightString((room.x_mm + room.w_mm) * mm, y, line)
        elif source.align == "centre":
            canvas.drawCentredString((room.x_mm + room.w_mm / 2) * mm, y, line)
        else:
            canvas.drawString(room.x_mm * mm, y, line)
        baseline += line_mm


def _draw_character(canvas: Canvas, page: PlacedPage, cell: Rectangle, character: str) -> None:
    size = cell.h_mm * 0.72 / _PT_TO_MM
    canvas.setFont(REGULAR, size)
    baseline = cell.y_mm + cell.h_mm / 2 + size * _PT_TO_MM * 0.36
    canvas.drawCentredString((cell.x_mm + cell.w_mm / 2) * mm, _up(page, baseline), character)


# Small things ----------------------------------------------------------------------------------------------


def _up(page: PlacedPage, y_mm: float) -> float:
    """Points from the lower edge, as PDF counts, of millimetres from the upper one."""
    return float((page.height_mm - y_mm) * mm)


def _rectangle(canvas: Canvas, page: PlacedPage, cell: Rectangle) -> None:
    canvas.rect(cell.x_mm * mm, _up(page, cell.y_mm + cell.h_mm), cell.w_mm * mm, cell.h_mm * mm)


def _columns_of(text: str) -> list[str]:
    """The names in braces, but for {n}."""
    return [name for _, name, _, _ in string.Formatter().parse(text) if name and name != "n"]


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with a value in place of each name in braces."""
    for name in _columns_of(text):
        text = text.replace(f"{{{name}}}", values[name])
    return text


def _check_columns(definition: Definition, person: Mapping[str, str], row: int) -> None:
    """All columns that the blank needs are there; asked of the first row, since all have the same."""
    if row > 2:  # the header is line 1
        return
    wanted = columns_wanted(definition)
    missing = [name for name in wanted if name not in person]
    if missing:
        there = ", ".join(f"«{name}»" for name in person)
        raise DataError(f"В данных нет столбца «{missing[0]}»; есть {there}.")


def columns_wanted(definition: Definition) -> list[str]:
    """The columns of the data that a blank names, each once."""
    code = definition.code
    wanted = [code.assessment, code.organisation, code.serial]
    for page in definition.pages:
        for field in page.fields:
            if isinstance(field, Text):
                wanted += _columns_of(field.text)
            elif isinstance(field, Characters):
                wanted += _columns_of(field.value)
    return [name for name in dict.fromkeys(wanted) if name not in _OWN_COLUMNS]
