"""Bytes of a spreadsheet to plain rows of cells, or a clear refusal: the only door to calamine.

Whatever the bytes are, `read_sheets` either returns sheets or raises `UnreadableProtocol`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from oko.engines.forms import archive as zipped
from oko.engines.forms import ole
from oko.engines.forms.unreadable import Reason, UnreadableProtocol
from oko.engines.forms.values import Cell, text_of

MOST_SHEETS = 60


class Oddities(NamedTuple):
    """What calamine does not tell of a sheet: places with formulas, and the errors that cells show."""

    formulas: frozenset[tuple[int, int]] = frozenset()
    errors: Mapping[tuple[int, int], str] = MappingProxyType({})


OdditiesOf = Callable[[int, str], Oddities]


def _nothing_odd(_number: int, _name: str) -> Oddities:
    return Oddities()


@dataclass(slots=True)
class Sheet:
    """One sheet: `rows` from A1 on, each as long as the widest; `formulas` as (row, column) from 0."""

    name: str
    visible: bool
    rows: list[list[Cell]]
    formulas: frozenset[tuple[int, int]] = field(default_factory=frozenset)


def source_bytes(source: bytes | Path) -> bytes:
    """The bytes of a file, or the bytes themselves, within bounds."""
    content = source if isinstance(source, bytes) else _read_file(Path(source))
    if not content:
        raise UnreadableProtocol(Reason.EMPTY)
    if len(content) > zipped.LARGEST_FILE:
        raise UnreadableProtocol(Reason.TOO_LARGE, f"больше {zipped.LARGEST_FILE / 1e6:.0f} МБ")
    return content


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(zipped.LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise UnreadableProtocol(Reason.NO_FILE, f"файла «{path.name}» нет") from error
    except IsADirectoryError as error:
        raise UnreadableProtocol(Reason.NO_FILE, f"«{path.name or path}» — папка, а не файл") from error
    except (OSError, ValueError) as error:
        raise UnreadableProtocol(Reason.NO_FILE, f"файл «{path.name}» не читается") from error


def read_sheets(content: bytes) -> list[Sheet]:
    """All sheets of an XLSX, ODS or XLS book.

    Raises:
        UnreadableProtocol: whatever else the bytes are, and for every hostile or damaged book.
    """
    if content.startswith(b"PK\x03\x04"):
        return _read_zipped(content)
    if content.startswith(ole.SIGNATURE):
        by_number = ole.look_through(content)
        return _parse(content, lambda number, _name: Oddities(frozenset(by_number.get(number, ()))))
    raise UnreadableProtocol(Reason.NOT_A_SPREADSHEET, _guess(content))


def _guess(content: bytes) -> str:
    """What the bytes look like, for the sentence."""
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    known = {
        b"%PDF": "документ PDF",
        b"\x89PNG": "картинка PNG",
        b"\xff\xd8\xff": "картинка JPEG",
        b"PK": "повреждённый архив",
        b"Rar!": "архив RAR",
        b"7z\xbc\xaf": "архив 7-Zip",
        b"{\\rtf": "документ RTF",
    }
    for start, name in known.items():
        if head.startswith(start):
            return name
    if b"<html" in head.lower() or b"<table" in head.lower():
        return "веб-страница (HTML)"
    if head.startswith(b"<?xml"):
        return "файл XML"
    if b"\x00" not in head and (b";" in head or b"," in head or b"\t" in head):
        return "текст с разделителями (CSV)"
    return "содержимое не похоже ни на одну книгу"


def _read_zipped(content: bytes) -> list[Sheet]:
    found = zipped.open_archive(content)
    if zipped.is_encrypted_ods(found):
        raise UnreadableProtocol(Reason.ENCRYPTED)
    if "xl/workbook.xml" in found.parts:
        zipped.refuse_huge_sheets(found)
        return _parse(content, _xlsx_oddities(found))
    if "content.xml" in found.parts:
        by_name = zipped.walk_ods(found)
        return _parse(content, lambda _number, name: Oddities(frozenset(by_name.get(name, ()))))
    raise UnreadableProtocol(Reason.NOT_A_SPREADSHEET, "архив без книги внутри")


def _xlsx_oddities(found: zipped.Archive) -> OdditiesOf:
    if not any(zipped.may_be_odd(part) for part in found.sheets):
        return _nothing_odd
    parts = dict(zipped.sheet_parts(found))
    return lambda _number, name: Oddities(
        zipped.formulas(parts.get(name, b"")), zipped.errors(parts.get(name, b""))
    )


def _parse(content: bytes, oddities_of: OdditiesOf) -> list[Sheet]:
    """Let calamine read the book; its errors and panics become a refusal."""
    try:
        sheets = list(_worksheets(content, oddities_of))
    except PasswordError as error:
        raise UnreadableProtocol(Reason.ENCRYPTED) from error
    except (CalamineError, OSError, ValueError, OverflowError, MemoryError) as error:
        raise UnreadableProtocol(Reason.DAMAGED, "книга не читается") from error
    except BaseException as error:
        # A panic inside calamine arrives as a BaseException, so that nobody catches it by chance.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableProtocol(Reason.DAMAGED, "книга не читается") from error
    if not any(sheet.rows for sheet in sheets):
        raise UnreadableProtocol(Reason.NO_SHEET)
    return sheets


def _worksheets(content: bytes, oddities_of: OdditiesOf) -> Iterator[Sheet]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for number, about in enumerate(book.sheets_metadata[:MOST_SHEETS]):
        if about.typ == SheetTypeEnum.WorkSheet:
            rows = _from_first_cell(book.get_sheet_by_index(number))
            formulas, errors = oddities_of(number, about.name)
            for (row, column), text in errors.items():
                if row < len(rows) and column < len(rows[row]):
                    rows[row][column] = text
            visible = about.visible == SheetVisibleEnum.Visible
            yield Sheet(about.name, visible, _without_booleans(rows), formulas)


def _from_first_cell(sheet: CalamineSheet) -> list[list[Cell]]:
    """The rows from A1 on; calamine's own way to keep the empty edge copies the whole sheet once more."""
    rows: list[list[Cell]] = sheet.to_python()
    above, left = sheet.start or (0, 0)
    if left:
        edge: list[Cell] = [""] * left
        rows = [edge + row for row in rows]
    width = len(rows[0]) if rows else 0
    blank: list[list[Cell]] = [[""] * width for _ in range(above)]
    return blank + rows if above else rows


def _without_booleans(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Booleans as their text: True and 1 are one key in a dictionary, nobody means a score by «ИСТИНА»."""
    if bool not in set(map(type, chain.from_iterable(rows))):
        return rows
    return [[text_of(cell) if isinstance(cell, bool) else cell for cell in row] for row in rows]
