"""Columns that hold people's names. No name of a student may enter the system, so a file is scanned for
them first.

A column is one of names if its header says so, or if most of its texts look like «Иванов Иван» or «Иванов И.
И.», under whatever header and on whatever sheet, hidden ones too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from oko.engines.forms.layouts import Table, vocabulary
from oko.engines.forms.sheets import Sheet
from oko.engines.forms.values import Cell, key, text_of

_WORD = r"[А-ЯЁ](?:[а-яё]+|[А-ЯЁ]+)(?:-[А-ЯЁ](?:[а-яё]+|[А-ЯЁ]+))?"
_INITIAL = r"[А-ЯЁ]\."
_NAME = re.compile(
    rf"{_WORD},? (?:{_WORD}(?: {_WORD}){{0,2}}|{_INITIAL} ?(?:{_INITIAL})?)"
    rf"|{_INITIAL} ?(?:{_INITIAL} ?)?{_WORD}"
)


@dataclass(frozen=True, slots=True)
class NamesColumn:
    """Where names stand: the sheet, the column, and the row of the header (−1 where there is none)."""

    sheet: str
    column: int
    header_row: int


@lru_cache(maxsize=4096)
def looks_like_name(text: str) -> bool:
    """Whether a text has the shape of a name: two to four capitalised words, or one with initials."""
    words = text_of(text)
    return bool(_NAME.fullmatch(words)) and not any(word in key(words) for word in _NOT_PEOPLE)


def contains_name(text: str) -> bool:
    """Whether a name stands anywhere in a text, such as a teacher's in the lines above the table."""
    return any(looks_like_name(match[0]) for match in _NAME.finditer(text_of(text)))


_NOT_PEOPLE = tuple(
    map(
        key,
        ("школа", "лицей", "гимназия", "район", "округ", "класс", "отметк", "учебник", "язык", "присутств"),
    )
)


def find_names(
    sheets: Sequence[Sheet], main: Sheet | None = None, table: Table | None = None
) -> list[NamesColumn]:
    """All columns of names in a book; `main` and `table` say where the protocol's own table is."""
    found: list[NamesColumn] = []
    for sheet in sheets:
        header_row = table.row if table is not None and sheet is main else -1
        others: list[int] = []
        if header_row >= 0 and table is not None:
            found += _named_by_header(sheet, table)
            others = [column for role in _NAMES_OF_OTHERS for column in table.columns(role)]
        known = {column.column for column in found if column.sheet == sheet.name}
        found += [
            NamesColumn(sheet.name, column, header_row)
            for column in _columns_of_names(sheet, header_row, others)
            if column not in known
        ]
        if header_row < 0:
            found += _foreign_headers(sheet, found)
    return found


def _named_by_header(sheet: Sheet, table: Table) -> list[NamesColumn]:
    body = sheet.rows[table.row + 1 :]
    return [
        NamesColumn(sheet.name, column, table.row)
        for column in table.columns("names")
        if any(_has_letters(row[column]) for row in body)
    ]


def _has_letters(cell: Cell) -> bool:
    return isinstance(cell, str) and any(map(str.isalpha, cell))


# Columns where names of another sort stand: of a textbook's author, of a town. The same few over and over.
_NAMES_OF_OTHERS = ("textbook", "organisation", "organisation_name", "municipality")
FEWEST_PEOPLE = 3


def _columns_of_names(sheet: Sheet, header_row: int, others: Collection[int]) -> Iterator[int]:
    """Columns most of whose cells look like names, and not always the same one."""
    body = sheet.rows[header_row + 1 :]
    if not _any_name(body):
        return
    for column in range(len(body[0])):
        filled = [cell for row in body if (cell := row[column]) != ""]
        names = [cell for cell in filled if isinstance(cell, str) and looks_like_name(cell)]
        distinct = len(set(names))
        if 2 * len(names) <= len(filled):
            continue
        if column in others:
            if distinct >= FEWEST_PEOPLE and 2 * distinct > len(names):
                yield column
        elif distinct > 1 or len(filled) == 1:
            yield column


def _any_name(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether any text of the sheet looks like a name: distinct texts are few, so this is cheap."""
    distinct = set(chain.from_iterable(rows))
    return any(looks_like_name(cell) for cell in distinct if type(cell) is str and len(cell) > 4)


def _foreign_headers(sheet: Sheet, found: list[NamesColumn]) -> list[NamesColumn]:
    """On other sheets: a column headed «ФИО» with text under it."""
    known = {column.column for column in found if column.sheet == sheet.name}
    return [
        NamesColumn(sheet.name, column, number)
        for number, row in enumerate(sheet.rows)
        for column, cell in enumerate(row)
        if column not in known
        and isinstance(cell, str)
        and vocabulary().role_of(key(cell)) == "names"
        and any(_has_letters(below[column]) for below in sheet.rows[number + 1 :])
    ]
