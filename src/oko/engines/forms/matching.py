"""Which paper a table belongs to: recognised by item codes, maxima, grade, title, and at last by the scores
seen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from oko.engines.forms.layouts import Table, item_key
from oko.engines.forms.values import (
    Cell,
    Defect,
    folded,
    grade_of,
    read_class,
    read_code,
    text_of,
    whole_number,
)
from oko.engines.papers import Paper

Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the table says about its paper beside the items: the grade of the classes, the title above it."""

    grade: int | None
    title: str
    title_grade: int | None


def gather(table: Table, rows: Rows) -> Evidence:
    """Look at the classes and the lines above the header."""
    body = rows[table.row + 1 :]
    title = " ".join(
        folded(text_of(cell)) for row in rows[: table.row] for cell in row if isinstance(cell, str)
    )
    stated = _TITLE_GRADE.search(title)
    return Evidence(
        grade=_most_common([*_class_grades(table, body), *_stated_grades(table, body)]),
        title=title,
        title_grade=int(stated[1]) if stated else None,
    )


_TITLE_GRADE = re.compile(r"\b(\d{1,2}) ?" + folded("класс"))


def _class_grades(table: Table, body: Rows) -> list[int]:
    grades: list[int] = []
    for cell, count in Counter(_cells(body, table.column("class"))).items():
        label = read_class(cell)
        if not isinstance(label, Defect) and not label.isdigit() and (grade := grade_of(label)):
            grades += [grade] * count
    return grades


def _stated_grades(table: Table, body: Rows) -> list[int]:
    labels = (read_class(cell) for cell in _cells(body, table.column("grade")))
    return [grade for label in labels if not isinstance(label, Defect) and (grade := grade_of(label))]


def _code_digits(table: Table, body: Rows) -> list[int]:
    codes = (read_code(cell) for cell in _cells(body, table.column("participant")))
    return [int(code[0]) for code in codes if not isinstance(code, Defect)]


def _cells(body: Rows, column: int | None) -> list[Cell]:
    return [] if column is None else [row[column] for row in body]


def _most_common(values: list[int]) -> int | None:
    """The value that most of them share; a minority of slips does not decide."""
    if not values:
        return None
    value, count = Counter(values).most_common(1)[0]
    return value if count * 2 > len(values) else None


def fits(table: Table, paper: Paper, evidence: Evidence) -> bool:
    """Whether the table can be of this paper at all: most items agree, and no grade speaks against it."""
    agreed, extra, missing, _ = _shape(table, paper)
    if not agreed or agreed < extra + missing:
        return False
    return all(grade in (None, paper.grade) for grade in (evidence.grade, evidence.title_grade))


def _shape(table: Table, paper: Paper) -> tuple[int, int, int, int]:
    """Items agreed, in the table only, in the paper only, and agreed ones with another maximum in the
    header.
    """
    headers = [header.item for header in table.items if header.item]
    positions = [item.position for item in headers if item.position]
    if positions:
        last = max(positions)
        return (
            min(last, len(paper.items)),
            max(0, last - len(paper.items)),
            max(0, len(paper.items) - last),
            0,
        )
    maxima = {item_key(item.code): item.maximum for item in paper.items}
    found = {item.code: item.maximum for item in headers if item.code}
    agreed = found.keys() & maxima.keys()
    wrong = sum(found[code] not in (None, maxima[code]) for code in agreed)
    return len(agreed), len(found.keys() - agreed), len(maxima.keys() - agreed), wrong


def item_fit(table: Table, paper: Paper) -> int:
    """How well the headers agree with the paper's items, one point an item."""
    agreed, extra, missing, wrong = _shape(table, paper)
    return agreed - extra - missing - wrong


def recognise(table: Table, rows: Rows, papers: Sequence[Paper], evidence: Evidence) -> list[Paper]:
    """The papers that fit best: one if it is recognised, none or several if it is not."""
    candidates = [paper for paper in papers if fits(table, paper, evidence)]
    for weigh in (_by_items, _by_grade, _by_title, _by_code_digit, _by_scores):
        if len(candidates) > 1:
            weights = [weigh(table, rows, paper, evidence) for paper in candidates]
            candidates = [p for p, weight in zip(candidates, weights, strict=True) if weight == max(weights)]
    return candidates


def _by_items(table: Table, _rows: Rows, paper: Paper, _evidence: Evidence) -> int:
    return item_fit(table, paper)


def _by_grade(_table: Table, _rows: Rows, paper: Paper, evidence: Evidence) -> int:
    return (paper.grade == evidence.grade) + (paper.grade == evidence.title_grade)


def _by_title(_table: Table, _rows: Rows, paper: Paper, evidence: Evidence) -> int:
    return int(folded(paper.subject) in evidence.title)


def _by_code_digit(table: Table, rows: Rows, paper: Paper, _evidence: Evidence) -> int:
    return int(paper.grade == _most_common(_code_digits(table, rows[table.row + 1 :])))


def _by_scores(table: Table, rows: Rows, paper: Paper, _evidence: Evidence) -> int:
    """Minus the scores above the paper's maxima: only that tells papers with nameless items apart."""
    maxima = [item.maximum for item in paper.items]
    above = 0
    for header in table.items:
        place = header.item.position if header.item else None
        if place and place <= len(maxima):
            numbers = (whole_number(row[header.column]) for row in rows[table.row + 1 :])
            above += sum(number is not None and number > maxima[place - 1] for number in numbers)
    return -above
