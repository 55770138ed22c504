"""Rows of participants to works and problems: the check of every cell, in tight loops over remembered values.

A column's distinct values are few, so each is understood once (`Remembering`); a row then costs a few dictionary
look-ups and one sum. Problems are kept as small tuples of places; `report.py` makes findings of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from oko.engines.forms.columns import Columns
from oko.engines.forms.kinds import Kind
from oko.engines.forms.layouts import Table
from oko.engines.forms.sheets import Sheet
from oko.engines.forms.shifts import shifted_at
from oko.engines.forms.values import (
    BLANK,
    NOT_ATTEMPTED,
    Blank,
    Cell,
    Defect,
    ScoreReader,
    grade_of,
    is_absent,
    key,
    read_class,
    read_class_number,
    read_code,
    read_prior_mark,
    read_sex,
    text_of,
    whole_number,
)
from oko.engines.forms.works import Status, Work
from oko.engines.papers import Paper


T = TypeVar("T")


class Problem(NamedTuple):
    """A cell (row and column from 0) and what is wrong with it."""

    row: int
    column: int
    kind: Kind
    expected: str = ""
    note: str = ""
    found: str | None = None  # None: what the cell shows


class Remembering(dict[Cell, T], Generic[T]):
    """A column's reader that understands each distinct value once."""

    def __init__(self, read: Callable[[Cell], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: Cell) -> T:
        result = self[value] = self._read(value)
        return result


class Absent:
    """The reading of «отсутствовал» where a variant stands."""


ABSENT = Absent()
Variant = int | Absent | Blank | Defect


def variant_reader(variants: frozenset[int]) -> Remembering[Variant]:
    def read(value: Cell) -> Variant:
        number = whole_number(value)
        if number is not None:
            return number if number in variants else Defect(Kind.UNKNOWN_VARIANT)
        if is_absent(value):
            return ABSENT
        return BLANK if not text_of(value) else Defect(Kind.UNKNOWN_VARIANT)

    return Remembering(read)


@dataclass(slots=True)
class Reading:
    """All rows, read: works in the order of the sheet with the row of each, and the problems."""

    works: list[Work] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    not_attempted: int = 0


_SUMMARY_STARTS = tuple(map(key, ("итог", "всего", "средн", "подпис")))


class RowReader:
    """Reads the rows of one table for one paper; `variants` narrows those of the paper to the ones printed."""

    def __init__(
        self, sheet: Sheet, table: Table, columns: Columns, paper: Paper, variants: frozenset[int]
    ) -> None:
        self.sheet, self.table, self.columns, self.paper = sheet, table, columns, paper
        self.reading = Reading()
        self.items = [(item, column) for item, column in zip(paper.items, columns.items, strict=True)]
        self.bound = [(item, column) for item, column in self.items if column is not None]
        self.codes = [item.code for item, _ in self.bound]
        self.absent_scores: dict[str, int | None] = dict.fromkeys((item.code for item in paper.items), None)
        self.score_readers = [ScoreReader(item.maximum) for item, _ in self.bound]
        self.pick = _picker([column for _, column in self.bound])
        self.whole = len(self.bound) == len(paper.items)
        self.variant_reader = variant_reader(variants)
        self.variants_text = f"один из вариантов {_listed(variants)} или «отсутствовал»"
        self.class_column = columns["class"] if columns["class"] is not None else columns["class_number"]
        self.code_column, self.textbook_column = columns["participant"], columns["textbook"]
        self.total_column, self.mark_column = columns["total"], columns["mark"]
        variant_columns = (columns["variant_1"], columns["variant_2"])
        self.variant_columns = [column for column in variant_columns if column is not None]
        self.absent_text = "пустая ячейка: участник отсутствовал"
        self.readers = self._column_readers()
        self.last_header = max((header.column for header in table.headers if header.text), default=0)
        self.formula_cells = self._formula_cells()

    def _column_readers(self) -> list[tuple[str, int, Remembering[object], str]]:
        """Role, column, reader and what is expected, for the columns that stand for themselves."""
        class_reader = read_class if self.columns["class"] is not None else read_class_number
        grade = str(self.paper.grade)
        known: dict[str, tuple[int | None, Callable[[Cell], object], str]] = {
            "class": (self.class_column, class_reader, f"класс, например {grade}А"),
            "grade": (self.columns["grade"], self._read_grade, f"параллель {grade}"),
            "sex": (self.columns["sex"], read_sex, "м или ж"),
            "prior_mark": (self.columns["prior_mark"], read_prior_mark, "отметка от 2 до 5 или «-»"),
        }
        if self.columns["class"] is None:
            known["class"] = (self.class_column, class_reader, "номер класса: 1, 2, 3…")
        return [
            (role, column, Remembering(reader), expected)
            for role, (column, reader, expected) in known.items()
            if column is not None
        ]

    def _read_grade(self, value: Cell) -> int | None | Defect:
        if not text_of(value) or whole_number(value) == self.paper.grade:
            return None
        return Defect(Kind.CLASS_OF_ANOTHER_GRADE)

    def _formula_cells(self) -> frozenset[tuple[int, int]]:
        return frozenset(place for place in self.sheet.formulas if place[0] > self.table.row)

    # -------------------------------------------------------------------------------------------- rows

    def read(self) -> Reading:
        start = self.table.row + 1
        for number, row in enumerate(self.sheet.rows[start:], start):
            if self._is_participant(row):
                self._read_row(number, row)
        return self.reading

    def _is_participant(self, row: Sequence[Cell]) -> bool:
        """A participant's row, told from an empty one, a repeated header, a summary or a note under the table."""
        code = row[self.code_column] if self.code_column is not None else ""
        if type(code) is float and 10_000 <= code <= 99_999:
            return True
        if not isinstance(read_code(code), Defect):
            return True
        variant = self._cell(row, "variant_1")
        filled = sum(cell != "" for cell in self.pick(row)) if self.bound else 0
        told = sum(
            text_of(self._cell(row, role)) != "" for role in ("class", "class_number", "sex", "prior_mark")
        )
        if not text_of(variant) and not filled and told < 2:
            return False
        return not self._is_header_again(row) and not self._is_summary(row)

    def _is_header_again(self, row: Sequence[Cell]) -> bool:
        header = self.sheet.rows[self.table.row]
        column = self.columns["variant_1"]
        return column is not None and isinstance(row[column], str) and row[column] == header[column]

    def _is_summary(self, row: Sequence[Cell]) -> bool:
        """«Итого», «Средний балл» under the table: words where no participant's data would stand."""
        if text_of(self._cell(row, "variant_1")):
            return False
        return any(isinstance(cell, str) and key(cell).startswith(_SUMMARY_STARTS) for cell in row)

    def _cell(self, row: Sequence[Cell], role: str) -> Cell:
        column = self.columns[role]
        return "" if column is None else row[column]

    def _read_row(self, number: int, row: list[Cell]) -> None:
        problems: list[Problem] = []
        told = self._read_columns(number, row, problems)
        status, variants = self._read_variants(number, row, problems)
        if status == "absent":
            scores, total = self._check_absent(number, row, problems), None
        else:
            scores, total = self._read_scores(number, row, status, problems)
        participant = self._read_participant(number, row, problems)
        mark = None if total is None else self.paper.mark(total)
        sex, prior_mark, label = told.get("sex", ""), told.get("prior_mark"), told.get("class", "")
        self.reading.works.append(
            Work(participant, label, *variants, sex, prior_mark, status, scores, total, mark)  # type: ignore[arg-type]
        )
        self.reading.rows.append(number)
        if problems or self._textbook_filled(row):
            problems = self._one_cause(number, row, problems)
        self.reading.problems += problems

    def _textbook_filled(self, row: Sequence[Cell]) -> bool:
        return self.textbook_column is not None and row[self.textbook_column] != ""

    def _one_cause(self, number: int, row: Sequence[Cell], problems: list[Problem]) -> list[Problem]:
        """A row whose values stand under the wrong headers has one problem, not one in every cell."""
        place = shifted_at(row, self.columns, self.last_header)
        if place is None:
            return problems
        return [Problem(number, place, Kind.SHIFTED_COLUMNS, "каждое значение под своим заголовком")]

    def _read_participant(self, number: int, row: Sequence[Cell], problems: list[Problem]) -> str:
        column = self.code_column
        if column is None:
            return ""
        code = read_code(row[column])
        if isinstance(code, Defect):
            problems.append(Problem(number, column, code.kind, "код участника из пяти цифр"))
            return ""
        return code

    def _read_columns(self, number: int, row: Sequence[Cell], problems: list[Problem]) -> dict[str, object]:
        told: dict[str, object] = {}
        for role, column, reader, expected in self.readers:
            value = reader[row[column]]
            if isinstance(value, Defect):
                problems.append(Problem(number, column, value.kind, expected))
            else:
                told[role] = value
        label = told.get("class")
        if isinstance(label, str) and grade_of(label) not in (None, self.paper.grade):
            self._check_grade(number, label, problems)
        return told

    def _check_grade(self, number: int, label: str, problems: list[Problem]) -> None:
        column = self.columns["class"]
        if column is not None:
            expected = f"класс параллели {self.paper.grade}"
            problems.append(Problem(number, column, Kind.CLASS_OF_ANOTHER_GRADE, expected, found=label))

    # ---------------------------------------------------------------------------------------- variants

    def _read_variants(
        self, number: int, row: Sequence[Cell], problems: list[Problem]
    ) -> tuple[Status, tuple[int | None, int | None]]:
        read = [self.variant_reader[row[column]] for column in self.variant_columns]
        if all(type(value) is int for value in read) and (self.paper.parts > 1 or len(set(read)) == 1):
            return "present", (read[0], read[1] if len(read) > 1 else None)  # type: ignore[return-value]
        same = len(read) > 1 and read[0] is read[1]
        judged = read[:1] if same else read
        self._check_variants(number, self.variant_columns[: len(judged)], judged, problems)
        numbers = [value if type(value) is int else None for value in read] + [None, None]
        return self._status(read), (numbers[0], numbers[1])

    def _check_variants(
        self, number: int, places: list[int], read: list[Variant], problems: list[Problem]
    ) -> None:
        one_part = self.paper.parts == 1
        for place, value in zip(places, read, strict=True):
            if isinstance(value, Defect):
                problems.append(Problem(number, place, value.kind, self.variants_text))
            elif isinstance(value, Blank) and not (one_part and place != places[0]):
                problems.append(Problem(number, place, Kind.VARIANT_MISSING, self.variants_text))
        sound = not any(isinstance(value, Defect | Blank) for value in read)
        if one_part and sound and len(read) == 2 and read[0] != read[1]:
            problems.append(Problem(number, places[1], Kind.VARIANTS_DIFFER, "один вариант в обоих столбцах"))

    def _status(self, read: list[Variant]) -> Status:
        missed = [value is ABSENT for value in read]
        if not any(missed):
            return "present"
        if all(missed) or self.paper.parts == 1:
            return "absent"
        return "partial"

    # ------------------------------------------------------------------------------------------ scores

    def _check_absent(
        self, number: int, row: Sequence[Cell], problems: list[Problem]
    ) -> dict[str, int | None]:
        filled = [column for _, column in self.bound if column is not None and text_of(row[column])]
        if 2 * len(filled) > len(self.bound) and len(filled) > 1:
            note = f"Баллы стоят в {len(filled)} ячейках строки"
            problems.append(Problem(number, filled[0], Kind.ABSENT_WITH_SCORE, self.absent_text, note))
        else:
            problems += [
                Problem(number, column, Kind.ABSENT_WITH_SCORE, self.absent_text) for column in filled
            ]
        if not filled:
            self._check_no_total(number, row, problems)
        return dict(self.absent_scores)

    def _check_no_total(self, number: int, row: Sequence[Cell], problems: list[Problem]) -> None:
        column = self.total_column
        if column is not None and text_of(row[column]) and not self._own_formula(number, column):
            problems.append(Problem(number, column, Kind.ABSENT_WITH_TOTAL, "пустая ячейка"))

    def _own_formula(self, number: int, column: int) -> bool:
        """A formula that our own form put there, such as a live total: a convenience, not data."""
        allowed = self.columns.role_of(column) in self.table.layout.formula_allowed
        return allowed and (number, column) in self.formula_cells

    def _read_scores(
        self, number: int, row: Sequence[Cell], status: Status, problems: list[Problem]
    ) -> tuple[dict[str, int | None], int | None]:
        read = [reader[cell] for reader, cell in zip(self.score_readers, self.pick(row), strict=True)]
        attempted_none = read.count(NOT_ATTEMPTED)
        self.reading.not_attempted += attempted_none
        if set(map(type, read)) == {int}:
            sound = True
            scores: dict[str, int | None] = dict(zip(self.codes, read, strict=True))  # type: ignore[arg-type]
        else:
            sound = self._check_scores(number, read, status, problems)
            taken = (value if type(value) is int else None for value in read)
            scores = dict(zip(self.codes, taken, strict=True))
        if not self.whole:
            scores = self.absent_scores | scores
        if status == "partial":
            self._check_no_total(number, row, problems)
            return scores, None
        if not sound or not self.whole:
            return scores, None
        total = sum(filter(None, scores.values())) - attempted_none * NOT_ATTEMPTED
        self._check_total(number, row, total, problems)
        return scores, total

    def _check_scores(
        self, number: int, read: Sequence[object], status: Status, problems: list[Problem]
    ) -> bool:
        """Report defects and gaps; whether the row's sum can be trusted."""
        blank: list[int] = []
        sound = True
        for (item, column), value in zip(self.bound, read, strict=True):
            if isinstance(value, Defect) and column is not None:
                expected = f"целое число от 0 до {item.maximum}, X или N"
                problems.append(Problem(number, column, value.kind, expected, value.note))
                sound = False
            elif isinstance(value, Blank) and column is not None:
                blank.append(column)
        if status == "partial":  # which items the missed part held, the paper does not say
            return sound
        self._report_blank(number, blank, problems)
        return sound and not blank

    def _report_blank(self, number: int, blank: list[int], problems: list[Problem]) -> None:
        expected = "балл, X или N"
        if len(blank) > 1 and 2 * len(blank) > len(self.bound):
            note = f"Баллов нет в {len(blank)} ячейках строки"
            problems.append(Problem(number, blank[0], Kind.SCORE_MISSING, expected, note))
        else:
            problems += [Problem(number, column, Kind.SCORE_MISSING, expected) for column in blank]

    def _check_total(self, number: int, row: Sequence[Cell], total: int, problems: list[Problem]) -> None:
        column = self.total_column
        if column is None:
            self._check_mark(number, row, total, problems)
            return
        cell = row[column]
        if cell == total:
            self._check_mark(number, row, total, problems)
        elif self._own_formula(number, column):
            return
        elif not text_of(cell):
            problems.append(Problem(number, column, Kind.TOTAL_MISSING, str(total)))
        elif whole_number(cell) != total:
            problems.append(Problem(number, column, Kind.TOTAL_DIFFERS, str(total)))

    def _check_mark(self, number: int, row: Sequence[Cell], total: int, problems: list[Problem]) -> None:
        column = self.mark_column
        if column is None or row[column] == (mark := self.paper.mark(total)):
            return
        written = read_prior_mark(row[column])
        if isinstance(written, Defect):
            problems.append(Problem(number, column, Kind.UNKNOWN_MARK, str(mark)))
        elif written != mark:
            problems.append(Problem(number, column, Kind.MARK_DIFFERS, f"{mark} при итоге {total}"))


def _picker(columns: Sequence[int | None]) -> Callable[[Sequence[Cell]], tuple[Cell, ...]]:
    """Takes the cells of some columns out of a row at once."""
    if len(columns) == 1:
        only = columns[0]
        return lambda row: (row[only],)  # type: ignore[index]
    if not columns:
        return lambda _row: ()
    return itemgetter(*columns)


def _listed(variants: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(variants)))
