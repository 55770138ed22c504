"""Bytes of an uploaded list to a plain table of cells, or a clear refusal.

XLSX passes the same guard as protocols (macros, passwords, bombs, entities); CSV may come with semicolons,
commas or tabs, in UTF-8, UTF-16 or Windows-1251.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from oko.cabinet.foundation.tables import FORMULA_STARTS
from oko.engines.forms import archive
from oko.engines.forms.unreadable import Reason, UnreadableProtocol

LARGEST_FILE = 20_000_000
MOST_ROWS = 60_000
MOST_COLUMNS = 50
#: One row more for the header.
LIMITS = archive.Limits(MOST_ROWS + 1, MOST_COLUMNS, (MOST_ROWS + 1) * MOST_COLUMNS)

_REFUSALS: dict[Reason, Any] = {
    Reason.MACROS: gettext_lazy(
        "В файле есть макросы. Сохраните его как «Книга Excel (.xlsx)» и загрузите снова."
    ),
    Reason.ENCRYPTED: gettext_lazy("Файл защищён паролем. Снимите пароль, сохраните и загрузите снова."),
    Reason.ARCHIVE_BOMB: gettext_lazy(
        "Файл распаковывается в слишком большой объём. Скопируйте список в новую книгу и сохраните её."
    ),
    Reason.TOO_MANY_CELLS: gettext_lazy(
        "Таблица слишком велика: помещается 60 000 строк и 50 столбцов. Удалите лишнее ниже и правее списка."
    ),
    Reason.UNSAFE: gettext_lazy(
        "В файле есть недопустимое содержимое. Скопируйте список в новую книгу и сохраните её."
    ),
    Reason.DAMAGED: gettext_lazy(
        "Файл повреждён. Откройте его в табличном редакторе, сохраните как «Книга Excel (.xlsx)» "
        "и загрузите снова."
    ),
}


class UnreadableTable(Exception):  # noqa: N818  # an answer to a person, not a programming error
    """The file cannot be read at all; the message says what was found and how to mend it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, from A1 on; a CSV has no name."""

    name: str
    rows: list[list[Any]]


def read_sheets(content: bytes) -> list[Sheet]:
    """The sheets of an XLSX book, or the one table of a CSV.

    Raises:
        UnreadableTable: empty, too large, neither XLSX nor CSV, damaged or hostile.
    """
    if not content:
        raise UnreadableTable(_("Файл пуст (0 байт). Ожидается список в XLSX или CSV."))
    if len(content) > LARGEST_FILE:
        raise UnreadableTable(
            _("Файл слишком велик: %(size)s МБ, а можно до 20 МБ. Уберите из книги картинки и лишние листы.")
            % {"size": round(len(content) / 1e6)}
        )
    if content.startswith(b"PK"):
        return _read_book(content)
    return [Sheet("", _read_csv(content))]


def _read_book(content: bytes) -> list[Sheet]:
    try:
        inside = archive.open_archive(content)
        if "xl/workbook.xml" not in inside.parts:
            raise _not_a_list()
        archive.refuse_huge_sheets(inside, LIMITS)
    except UnreadableProtocol as error:
        raise UnreadableTable(str(_REFUSALS.get(error.reason, _REFUSALS[Reason.DAMAGED]))) from error
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return [
                Sheet(about.name, book.get_sheet_by_index(number).to_python(skip_empty_area=False))
                for number, about in enumerate(book.sheets_metadata)
                if about.typ == SheetTypeEnum.WorkSheet
            ]
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise UnreadableTable(str(_REFUSALS[Reason.DAMAGED])) from error
    except BaseException as error:
        # A panic inside calamine arrives as a BaseException, so that nobody catches it by chance.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableTable(str(_REFUSALS[Reason.DAMAGED])) from error


def _not_a_list() -> UnreadableTable:
    return UnreadableTable(
        _(
            "Это не таблица XLSX и не CSV. Откройте список в табличном редакторе, сохраните как "
            "«Книга Excel (.xlsx)» и загрузите снова."
        )
    )


def _read_csv(content: bytes) -> list[list[Any]]:
    text = _decode(content)
    header = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";\t,", key=header.count)
    if not header.count(delimiter) and "код" not in header.casefold():
        raise _not_a_list()
    rows: list[list[Any]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) > MOST_ROWS:
                raise UnreadableTable(str(_REFUSALS[Reason.TOO_MANY_CELLS]))
            rows.append([_without_shield(cell) for cell in row[:MOST_COLUMNS]])
    except csv.Error as error:
        raise UnreadableTable(
            _("CSV не читается возле строки %(line)s: проверьте кавычки, или загрузите XLSX.")
            % {"line": len(rows) + 1}
        ) from error
    return rows


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content:
        raise _not_a_list()
    else:
        encodings = ["utf-8-sig", "cp1251"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _not_a_list()


def _without_shield(cell: str) -> str:
    """The apostrophe with which a CSV of the cabinet keeps a cell from becoming a formula."""
    if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS):
        return cell[1:]
    return cell


def text_of(cell: Any) -> str:
    """A cell as it reads on the screen: numbers without «.0», dates in Russian order."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.strftime("%d.%m.%Y")
    return str(cell)
