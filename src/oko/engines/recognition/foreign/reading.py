"""A foreign sheet read: its marks by their own measure, everything else as on Oko's own blanks."""

from __future__ import annotations

from dataclasses import replace

from oko.engines.recognition.cells import CharacterModel, read_fields
from oko.engines.recognition.foreign.bubbles import EmptySheet, read_marks
from oko.engines.recognition.foreign.locating import dark_of
from oko.engines.recognition.foreign.pages import ForeignPage
from oko.engines.recognition.model import PX_PER_MM, FieldReading, Sheet


def read_foreign(
    sheet: Sheet, page: ForeignPage, empty: EmptySheet | None, characters: CharacterModel | None
) -> tuple[Sheet, tuple[FieldReading, ...]]:
    """All fields in the order of the layout, and the sheet with the serial that they spell."""
    marks = read_marks(dark_of(sheet.image, page), sheet.page.fields, empty)
    fields = tuple(marks.get(field.id, field) for field in read_fields(_without_discs(sheet), characters))
    serial = _serial(page.serial, sheet, fields)
    return replace(sheet, code=replace(sheet.code, serial=serial)), fields


def _without_discs(sheet: Sheet) -> Sheet:
    """Where Oko's own pages have discs there is none: what black is must not be looked for there."""
    seen = sheet.seen.copy()
    for x, y in sheet.page.corners:
        row, column = round(y * PX_PER_MM), round(x * PX_PER_MM)
        seen[row - PX_PER_MM : row + PX_PER_MM, column - PX_PER_MM : column + PX_PER_MM] = 0
    return replace(sheet, seen=seen)


def _serial(named: tuple[str, ...], sheet: Sheet, fields: tuple[FieldReading, ...]) -> str:
    """What the fields spell; nothing where a column has two marks: half a serial is somebody else's."""
    read = {field.id: field for field in fields}
    text = ""
    for name in named:
        for placed in sheet.page.fields:
            if name in (placed.id, placed.source.id):
                values = [cell.value for cell in read[placed.id].cells if cell.value]
                if len(values) > 1:
                    return ""
                text += "".join(values)
    return text
