"""Protocols as schools fill them, for the classes of the small world."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

from oko.cabinet.assessments.models import Participation
from oko.engines.forms.build import build_protocol
from oko.engines.forms.works import Work
from tests.cabinet.conftest import World


def protocol(
    world: World, school: str = "school1", paper: str = "rus4", *, points: int = 1, blank: bool = False
) -> bytes:
    """A protocol without findings, everybody with `points` for each item at most; or not filled in."""
    found = world.papers[paper].for_engines()
    rows = Participation.everything.filter(paper=world.papers[paper], organisation=world[school])
    participants = [(code, row.class_label, row.class_number) for row in rows for code in row.codes]
    works = []
    for code, label, _number in participants:
        scores = {item.code: min(points, item.maximum) for item in found.items}
        total = sum(scores.values())
        works.append(
            Work(
                participant=code,
                class_label=label,
                variant_1=1,
                variant_2=1 if found.parts > 1 else None,
                sex="ж",
                prior_mark=4,
                status="present",
                scores=scores,
                total=total,
                mark=found.mark(total),
            )
        )
    return build_protocol(
        found,
        organisation_code=world[school].code,
        organisation_name=world[school].name,
        participants=participants,
        assessment_title=world.assessment.title,
        deadline_text="до 20.05.2026",
        works=[] if blank else works,
    )


def spoiled(content: bytes, value: Any = 99) -> bytes:
    """The same book with one score out of its limits."""
    book, sheet, row, column = _first_score(content)
    sheet.cell(row, column, value)
    return _saved(book)


def with_names(
    content: bytes, names: tuple[str, ...] = ("Петров Пётр", "Сидорова Анна", "Орлов Иван")
) -> bytes:
    """The same book with a column of (invented) names at the right."""
    book, sheet, row, _column = _first_score(content)
    last = sheet.max_column + 1
    sheet.cell(row - 1, last, "Ф.И.")
    for offset in range(sheet.max_row - row + 1):
        sheet.cell(row + offset, last, names[offset % len(names)])
    return _saved(book)


def as_dump_of_2020(world: World, school: str = "school1", paper: str = "rus4") -> bytes:
    """The layout of 2020 with this school's codes."""
    found = world.papers[paper].for_engines()
    rows = Participation.everything.filter(paper=world.papers[paper], organisation=world[school])
    book = openpyxl.Workbook()
    sheet = book.active
    items = [f"a-{number}-grade" for number in range(1, len(found.items) + 1)]
    sheet.append(["user", "klass", "code", "gender", "otc", "var-1", "var-2", *items, "Учебник", "sum"])
    for row in rows:
        for code in row.codes:
            login = world[school].code.replace("edu", "sch")
            scores = [1] * len(items)
            sheet.append([login, row.class_label, code, "м", 4, 1, 1, *scores, "", sum(scores)])
    return _saved(book)


def _first_score(content: bytes) -> tuple[Any, Any, int, int]:
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            header = next((cell for cell in row if str(cell.value or "").startswith("Код участника")), None)
            if header is not None:
                first = next(c for c in row if str(c.value or "").startswith("1"))
                return book, sheet, header.row + 1, first.column
    raise AssertionError("в протоколе нет заголовка «Код участника»")


def _saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
