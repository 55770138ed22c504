"""Who wrote, and which variant: the columns of a row beside its scores.

Both readers remember whole combinations of cells, for a class has few of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from oko.engines.forms.columns import Columns
from oko.engines.forms.kinds import Kind
from oko.engines.forms.problems import Problem, Remembering, picker
from oko.engines.forms.values import (
    BLANK,
    Blank,
    Cell,
    Defect,
    grade_of,
    is_absent,
    read_class,
    read_class_number,
    read_prior_mark,
    read_sex,
    text_of,
    whole_number,
)
from oko.engines.forms.works import Status
from oko.engines.papers import Paper

Cells = tuple[Cell, ...]


class Person(NamedTuple):
    """What a row tells of its participant; problems without their row."""

    class_label: str
    sex: str
    prior_mark: int | None
    problems: tuple[Problem, ...]


class PersonReader:
    """Reads class, sex and prior mark."""

    def __init__(self, columns: Columns, paper: Paper) -> None:
        self.paper, self.labelled = paper, columns["class"] is not None
        role = "class" if self.labelled else "class_number"
        expected = f"класс, например {paper.grade}А" if self.labelled else "номер класса: 1, 2, 3…"
        known: list[tuple[str, int | None, Callable[[Cell], object], str]] = [
            ("class", columns[role], read_class if self.labelled else read_class_number, expected),
            ("grade", columns["grade"], self._read_grade, f"параллель {paper.grade}"),
            ("sex", columns["sex"], read_sex, "м или ж"),
            ("prior_mark", columns["prior_mark"], read_prior_mark, "отметка от 2 до 5 или «-»"),
        ]
        self.parts = [(name, column, read, text) for name, column, read, text in known if column is not None]
        self._pick = picker([column for _, column, _, _ in self.parts])
        self._remembered: Remembering[Cells, Person] = Remembering(self._read)

    def read(self, row: Sequence[Cell]) -> Person:
        return self._remembered[self._pick(row)]

    def _read(self, cells: Cells) -> Person:
        told: dict[str, object] = {}
        problems: list[Problem] = []
        for (name, column, read, expected), cell in zip(self.parts, cells, strict=True):
            value = read(cell)
            if name == "class" and self._of_another_grade(value):
                value, expected = Defect(Kind.CLASS_OF_ANOTHER_GRADE), f"класс параллели {self.paper.grade}"
            if isinstance(value, Defect):
                problems.append(Problem(-1, column, value.kind, expected))
            else:
                told[name] = value
        prior_mark = told.get("prior_mark")
        return Person(
            str(told.get("class", "")),
            str(told.get("sex", "")),
            prior_mark if isinstance(prior_mark, int) else None,
            tuple(problems),
        )

    def _of_another_grade(self, label: object) -> bool:
        return self.labelled and isinstance(label, str) and grade_of(label) not in (None, self.paper.grade)

    def _read_grade(self, value: Cell) -> Defect | None:
        """The bare grade, or a whole class label in its column: «4», «4 класс», «4А»."""
        label = read_class(value)
        if isinstance(label, Defect):
            return Defect(Kind.CLASS_OF_ANOTHER_GRADE) if text_of(value) else None
        return None if grade_of(label) in (None, self.paper.grade) else Defect(Kind.CLASS_OF_ANOTHER_GRADE)


class Absent:
    """The reading of «отсутствовал» where a variant stands."""


ABSENT = Absent()
Variant = int | Absent | Blank | Defect


class Writing(NamedTuple):
    """Whether and what the participant wrote; problems without their row."""

    status: Status
    variant_1: int | None
    variant_2: int | None
    problems: tuple[Problem, ...]


class VariantReader:
    """Reads the one or two columns of variants; `variants` are those printed."""

    def __init__(self, columns: Columns, paper: Paper, variants: frozenset[int]) -> None:
        self.one_part, self.variants = paper.parts == 1, variants
        both = (columns["variant_1"], columns["variant_2"])
        self.columns = [column for column in both if column is not None]
        self.expected = f"один из вариантов {', '.join(map(str, sorted(variants)))} или «отсутствовал»"
        self._pick = picker(self.columns)
        self._remembered: Remembering[Cells, Writing] = Remembering(self._read)

    def read(self, row: Sequence[Cell]) -> Writing:
        return self._remembered[self._pick(row)]

    def _read(self, cells: Cells) -> Writing:
        read = [self._variant(cell) for cell in cells]
        numbers = [value if isinstance(value, int) else None for value in read] + [None, None]
        return Writing(self._status(read), numbers[0], numbers[1], tuple(self._problems(read)))

    def _variant(self, cell: Cell) -> Variant:
        number = whole_number(cell)
        if number is not None:
            return number if number in self.variants else Defect(Kind.UNKNOWN_VARIANT)
        if is_absent(cell):
            return ABSENT
        return Defect(Kind.UNKNOWN_VARIANT) if text_of(cell) else BLANK

    def _status(self, read: list[Variant]) -> Status:
        missed = [value is ABSENT for value in read]
        if not any(missed) or (self.one_part and any(isinstance(value, int) for value in read)):
            return "present"
        return "absent" if all(missed) or self.one_part else "partial"

    def _problems(self, read: list[Variant]) -> list[Problem]:
        """One problem per column; both empty is told once, and so is a difference between them."""
        if len(read) == 2 and read[0] is read[1] is BLANK:
            read = read[:1]
        problems = [
            Problem(
                -1, column, Kind.VARIANT_MISSING if isinstance(value, Blank) else value.kind, self.expected
            )
            for column, value in zip(self.columns, read, strict=False)
            if isinstance(value, Defect | Blank) and not self._may_be_blank(column, value)
        ]
        sound = not any(isinstance(value, Defect | Blank) for value in read)
        if self.one_part and sound and len(read) == 2 and read[0] != read[1]:
            odd = self.columns[0 if read[0] is ABSENT else 1]
            problems.append(Problem(-1, odd, Kind.VARIANTS_DIFFER, "один вариант в обоих столбцах"))
        return problems

    def _may_be_blank(self, column: int, value: Variant) -> bool:
        """The second column of a one-part paper: the form of 2020 has it always, schools fill the first."""
        return self.one_part and isinstance(value, Blank) and column != self.columns[0]
