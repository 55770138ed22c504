"""Rows of participants to works and problems: the check of every cell, in tight loops over remembered values.

A row costs a few dictionary look-ups and one sum. Problems are kept as small tuples of places; `report.py`
makes findings of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from oko.engines.forms.columns import Columns
from oko.engines.forms.kinds import Kind
from oko.engines.forms.layouts import Table
from oko.engines.forms.people import PersonReader, VariantReader
from oko.engines.forms.problems import Problem, picker
from oko.engines.forms.sheets import Sheet
from oko.engines.forms.shifts import shifted_at
from oko.engines.forms.values import (
    NOT_ATTEMPTED,
    Blank,
    Cell,
    Defect,
    is_absent,
    key,
    read_code,
    read_prior_mark,
    score_reader,
    text_of,
    whole_number,
)
from oko.engines.forms.works import Status, Work
from oko.engines.papers import Paper


@dataclass(slots=True)
class Reading:
    """All rows, read: works in the order of the sheet with the row of each, and the problems."""

    works: list[Work] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    not_attempted: int = 0


_SUMMARY_STARTS = tuple(map(key, ("итог", "всего", "средн", "подпис")))


class RowReader:
    """Reads the rows of one table for one paper; `variants` are those of the paper that were printed."""

    def __init__(
        self, sheet: Sheet, table: Table, columns: Columns, paper: Paper, variants: frozenset[int]
    ) -> None:
        self.sheet, self.table, self.columns, self.paper = sheet, table, columns, paper
        self.reading = Reading()
        pairs = zip(paper.items, columns.items, strict=True)
        self.bound = [(item, column) for item, column in pairs if column is not None]
        self.codes = [item.code for item, _ in self.bound]
        self.absent_scores: dict[str, int | None] = dict.fromkeys((item.code for item in paper.items), None)
        self.score_readers = [score_reader(item.maximum) for item, _ in self.bound]
        self.pick = picker([column for _, column in self.bound])
        self.whole = len(self.bound) == len(paper.items)
        self.code_column, self.textbook_column = columns["participant"], columns["textbook"]
        self.total_column, self.mark_column = columns["total"], columns["mark"]
        self.absent_text = "пустая ячейка: участник отсутствовал"
        self.person = PersonReader(columns, paper)
        self.variants = VariantReader(columns, paper, variants)
        self.last_header = max((header.column for header in table.headers if header.text), default=0)
        self.marks = [paper.mark(total) for total in range(paper.maximum + 1)]

    # -------------------------------------------------------------------------------------------- rows

    def read(self) -> Reading:
        start = self.table.row + 1
        for number, row in enumerate(self.sheet.rows[start:], start):
            if self._is_participant(row):
                self._read_row(number, row)
        return self.reading

    def _is_participant(self, row: Sequence[Cell]) -> bool:
        """A participant's row, told from an empty one, a repeated header, a summary or a note under the
        table.
        """
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
        if not filled and told < 2 and whole_number(variant) is None and not is_absent(variant):
            return False
        return not self._is_header_again(row) and not self._is_summary(row)

    def _is_header_again(self, row: Sequence[Cell]) -> bool:
        """The header repeated on a new page, or the line of column numbers under it: 1, 2, 3…"""
        header = self.sheet.rows[self.table.row]
        column = self.columns["variant_1"]
        if column is not None and isinstance(row[column], str) and row[column] == header[column]:
            return True
        numbers = [whole_number(cell) for cell in row if text_of(cell)]
        return numbers == list(range(1, len(numbers) + 1))

    def _is_summary(self, row: Sequence[Cell]) -> bool:
        """«Итого», «Средний балл» under the table: words where no participant's data would stand."""
        if text_of(self._cell(row, "variant_1")):
            return False
        return any(isinstance(cell, str) and key(cell).startswith(_SUMMARY_STARTS) for cell in row)

    def _cell(self, row: Sequence[Cell], role: str) -> Cell:
        column = self.columns[role]
        return "" if column is None else row[column]

    def _read_row(self, number: int, row: list[Cell]) -> None:
        label, sex, prior_mark, wrong = self.person.read(row)
        status, variant_1, variant_2, unknown = self.variants.read(row)
        problems = [problem._replace(row=number) for problem in wrong + unknown] if wrong or unknown else []
        if status == "absent":
            scores, total = self._check_absent(number, row, problems), None
        else:
            scores, total = self._read_scores(number, row, status, problems)
        participant = self._read_participant(number, row, problems)
        mark = None if total is None else self.marks[total]
        self.reading.works.append(
            Work(participant, label, variant_1, variant_2, sex, prior_mark, status, scores, total, mark)
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

    # ------------------------------------------------------------------------------------------ scores

    def _check_absent(
        self, number: int, row: Sequence[Cell], problems: list[Problem]
    ) -> dict[str, int | None]:
        filled = [column for _, column in self.bound if text_of(row[column])]
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
        return allowed and (number, column) in self.sheet.formulas

    def _read_scores(
        self, number: int, row: Sequence[Cell], status: Status, problems: list[Problem]
    ) -> tuple[dict[str, int | None], int | None]:
        read = [reader[cell] for reader, cell in zip(self.score_readers, self.pick(row), strict=True)]
        not_attempted = read.count(NOT_ATTEMPTED)
        self.reading.not_attempted += not_attempted
        sound, taken = True, read
        if set(map(type, read)) != {int}:
            sound = self._check_scores(number, read, status, problems)
            taken = [value if type(value) is int else None for value in read]
        scores: dict[str, int | None] = dict(zip(self.codes, taken, strict=True))  # type: ignore[arg-type]
        if not self.whole:
            scores = self.absent_scores | scores
        if status == "partial":
            self._check_no_total(number, row, problems)
            return scores, None
        if not sound or not self.whole:
            return scores, None
        total = sum(filter(None, scores.values())) - not_attempted * NOT_ATTEMPTED
        self._check_total(number, row, total, problems)
        return scores, total

    def _check_scores(
        self, number: int, read: Sequence[object], status: Status, problems: list[Problem]
    ) -> bool:
        """Report defects and gaps; whether the row's sum can be trusted."""
        blank: list[int] = []
        sound = True
        for (item, column), value in zip(self.bound, read, strict=True):
            if isinstance(value, Defect):
                expected = f"целое число от 0 до {item.maximum}, X или N"
                problems.append(Problem(number, column, value.kind, expected, value.note))
                sound = False
            elif isinstance(value, Blank):
                blank.append(column)
        if status == "partial":  # which items the missed part held, the paper does not say
            return sound
        nothing_written = len(blank) == len(self.bound)
        if not (nothing_written and self._variant_in_doubt(problems)):
            self._report_blank(number, blank, problems)
        return sound and not blank

    def _variant_in_doubt(self, problems: list[Problem]) -> bool:
        """Then a row without scores may be an absent participant's: its cause was told already."""
        columns = self.variants.columns
        return not columns or any(problem.column in columns for problem in problems)

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
        if column is None or row[column] == (mark := self.marks[total]):
            return
        written = read_prior_mark(row[column])
        if isinstance(written, Defect):
            problems.append(Problem(number, column, Kind.UNKNOWN_MARK, str(mark)))
        elif written != mark:
            problems.append(Problem(number, column, Kind.MARK_DIFFERS, f"{mark} при итоге {total}"))
