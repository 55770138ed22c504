"""Ф1 «Индивидуальные результаты»: works, one a row, in the layout of the federal form, cell by cell.

Programs of schools and regions read this form, so nothing is added to it: one sheet, no styles that a reader
of cells would meet, seven rows of head. Codes are text, numbers are numbers, X is Latin.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from oko.engines.papers import Paper
from oko.engines.statistics.levels import Group, Labels, plain_label

SHEET = "Ф1 Индивидуальные результаты"
NOT_ATTEMPTED, NOT_STUDIED = "X", "N"
NO_PRIOR_MARK = "НЕТ ОТМЕТКИ"
MOST_ROWS = 1_048_576 - 7  # of the file format, without the head

_LEADING = ("ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант")
_CLOSING = ("Первичный балл", "Отметка", "Отметка по журналу")
_TERRITORY = ("region", "municipality", "school")
_ORDER = (*_TERRITORY, "class", "participant")
_BATCH = 8_192


class F1Error(ValueError):
    """A Ф1 that cannot be written; the message says why and what to do, in Russian."""


def write_f1(
    works: ir.Table | pa.Table,
    paper: Paper,
    *,
    year: int,
    day: date | str,
    place_title: str,
    file: BinaryIO,
    names: Labels = plain_label,
    procedure: str = "ВПР",
) -> int:
    """Write the works of a place as Ф1.

    Only those who wrote the whole paper have a row, as in the federal form: absent ones and those who missed
    a part do not, and «Кол-во участников» is the number of rows. «Вариант» is that of the first part. A
    score that nobody knows (its work has no total) leaves the cell empty.

    Args:
        works: as `open_works` gives them, narrowed to the place; in any order.
        paper: whose items are the columns.
        year: of the title «ВПР 2026 Русский язык 4 класс».
        day: when the paper was written; where it took several days, in words.
        place_title: for whom the form is, its code in brackets: «Средняя школа № 7 (edu641007)».
        file: opened for writing bytes.
        names: what a municipality and a school are called; asked once a school.
        procedure: the first word of the title.

    Returns:
        How many participants were written.

    Raises:
        F1Error: there are more participants than rows in a sheet.
    """
    written = _whole_works(works, paper)
    if len(written) > MOST_ROWS:
        raise F1Error(
            f"Участников {len(written)}, а на листе XLSX помещается {MOST_ROWS}. "
            "Возьмите Ф1 по регионам или по муниципалитетам."
        )
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(SHEET)
        _write_head(sheet, paper, f"{procedure} {year} {paper.subject} {paper.grade} класс", day)
        sheet.write_string(4, 0, f"{place_title} | Кол-во участников: {len(written)}")
        _write_columns(sheet, paper)
        _write_rows(sheet, written, paper, names)
    return len(written)


def _whole_works(works: ir.Table | pa.Table, paper: Paper) -> pa.Table:
    """Those with a row, in the order of schools, classes and codes; only the columns of the form."""
    columns = [*_ORDER, "variant_1", *(item.code for item in paper.items), "total", "mark", "prior_mark"]
    if isinstance(works, pa.Table):
        present = works.filter(pc.equal(works["status"], "present")).select(columns)
        return present.sort_by([(name, "ascending") for name in _ORDER])
    return works.filter(works.status == "present").select(*columns).order_by(*_ORDER).to_pyarrow()


def _write_head(sheet: Worksheet, paper: Paper, title: str, day: date | str) -> None:
    sheet.write_string(0, 0, title)
    sheet.write_string(1, 0, "Предмет")
    sheet.write_string(1, 1, paper.subject)
    sheet.write_string(2, 0, "Дата")
    sheet.write_string(2, 1, day if isinstance(day, str) else f"{day:%d.%m.%Y}")
    sheet.write_string(3, 0, "Максимальный первичный балл")
    sheet.write_number(3, 1, paper.maximum)


def _write_columns(sheet: Worksheet, paper: Paper) -> None:
    """The levels of items above their codes: «Б» above «5.1 (1б)»."""
    for column, item in enumerate(paper.items, start=len(_LEADING)):
        sheet.write_string(5, column, item.level)
    items = (f"{item.code} ({item.maximum}б)" for item in paper.items)
    for column, header in enumerate((*_LEADING, *items, *_CLOSING)):
        sheet.write_string(6, column, header)


def _write_rows(sheet: Worksheet, works: pa.Table, paper: Paper, names: Labels) -> None:
    """The loop that a region's file spends its time in: one call of XlsxWriter a cell and little else."""
    write_string, write_number = sheet.write_string, sheet.write_number
    first_score, behind_scores = len(_LEADING), len(_LEADING) + len(paper.items)
    territory: tuple[str, ...] = ()
    school = municipality = name = ""
    for line, row in enumerate(_rows(works), start=7):
        if row[:3] != territory:
            territory = row[:3]
            school = row[2]
            municipality, name = names(Group(*territory[:2])), names(Group(*territory))
        write_string(line, 0, school)
        write_string(line, 1, municipality)
        write_string(line, 2, name)
        write_string(line, 3, row[4])
        if row[3] is not None:
            write_string(line, 4, row[3])
        if row[5] is not None:
            write_number(line, 5, row[5])
        total, mark, prior_mark = row[-3:]
        for column, score in enumerate(row[6:-3], start=first_score):
            if score is None:
                if total is not None:
                    write_string(line, column, NOT_STUDIED)
            elif score < 0:
                write_string(line, column, NOT_ATTEMPTED)
            else:
                write_number(line, column, score)
        if total is not None:
            write_number(line, behind_scores, total)
        if mark is not None:
            write_number(line, behind_scores + 1, mark)
        if prior_mark is None:
            write_string(line, behind_scores + 2, NO_PRIOR_MARK)
        else:
            write_number(line, behind_scores + 2, prior_mark)


def _rows(works: pa.Table) -> Iterator[tuple]:  # type: ignore[type-arg]  # texts and numbers, by column
    """Rows as tuples, a batch at a time: a whole region as Python objects would take gigabytes."""
    for batch in works.to_batches(max_chunksize=_BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
