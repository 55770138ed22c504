"""Building a results protocol: an XLSX without macros, with drop-down lists, limits and protected headers.

The layout is `oko1` of `layouts.json`. The total is a live formula with its value supplied, the one formula
that a reader takes from this layout; everything else that is locked is plain text. No text becomes a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from oko.engines.forms.layouts import Layout, vocabulary
from oko.engines.forms.protocol import TECHNICAL_SHEET
from oko.engines.forms.values import HIGHEST_MARK, LOWEST_MARK, NOT_ATTEMPTED
from oko.engines.forms.works import Work
from oko.engines.papers import Item, Paper

LAYOUT = "oko1"
ABSENT_WORD = "отсутствовал"
HEADER_ROW = 4
A4 = 9  # the number of the paper size in a workbook
INSTRUCTION_WIDTH = 70  # fits a printed page in any font
SURE_TO_FIT = 66  # characters of a line of that width
LINE_HEIGHT = 16
_CODE, _CLASS, _VARIANT = 0, 1, 2
_NO_MARK = "-"


def build_protocol(
    paper: Paper,
    *,
    organisation_code: str,
    organisation_name: str,
    participants: Sequence[tuple[str, str, int]],
    assessment_title: str,
    deadline_text: str,
    contact_text: str = "",
    works: Iterable[Work] = (),
) -> bytes:
    """An XLSX protocol of a paper for an organisation's participants, blank or with `works` filled in.

    `participants` are (code, class label, ordinal number of the class); `works` are matched to them by code.
    The texts are shown as they are: the deadline with its zone, and whom to ask.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": f"Протокол: {paper.title}", "author": "", "comments": ""})
    heading = [
        f"{assessment_title}. {paper.title}. Электронный протокол",
        f"{organisation_name} ({organisation_code})" if organisation_code else organisation_name,
        ". ".join(text for text in (deadline_text, contact_text) if text),
    ]
    builder = _Builder(book, paper, participants, {work.participant: work for work in works})
    builder.protocol(heading)
    builder.instruction(heading)
    builder.technical(organisation_code)
    book.close()
    return buffer.getvalue()


class _Builder:
    def __init__(
        self,
        book: xlsxwriter.Workbook,
        paper: Paper,
        participants: Sequence[tuple[str, str, int]],
        works: dict[str, Work],
    ) -> None:
        self.book, self.paper, self.participants, self.works = book, paper, participants, works
        self.layout = _layout()
        self.first_item = _VARIANT + (2 if paper.parts > 1 else 1)
        self.sex = self.first_item + len(paper.items)
        self.prior_mark = self.sex + 1
        self.total = self.sex + 2
        self.formats = self._formats()

    def _formats(self) -> dict[str, Any]:
        border = {"border": 1, "border_color": "#8A94A6", "valign": "vcenter"}
        fixed = border | {"bg_color": "#EEF1F5"}
        return {
            "title": self.book.add_format({"bold": True, "font_size": 13}),
            "note": self.book.add_format({"font_color": "#475569"}),
            "header": self.book.add_format(fixed | {"bold": True, "text_wrap": True, "align": "center"}),
            "fixed": self.book.add_format(fixed),
            "total": self.book.add_format(fixed | {"bold": True, "align": "center"}),
            "open": self.book.add_format(border | {"locked": False, "align": "center"}),
            "absent": self.book.add_format({"bg_color": "#D9DEE5"}),
            "wrapped": self.book.add_format({"text_wrap": True, "valign": "top"}),
        }

    # --------------------------------------------------------------------------------------- protocol

    def protocol(self, heading: Sequence[str]) -> None:
        sheet = self.book.add_worksheet("Протокол")
        for row, text in enumerate(heading):
            sheet.write_string(row, 0, text, self.formats["note" if row else "title"])
        self._headers(sheet)
        for number, (code, label, _) in enumerate(self.participants):
            self._participant(sheet, HEADER_ROW + 1 + number, code, label)
        if self.participants:
            self._limits(sheet)
        self._look(sheet)

    def _headers(self, sheet: Worksheet) -> None:
        titles = self.layout.titles
        variants = [titles["variant_1"]]
        if self.paper.parts > 1:
            variants = ["Вариант (часть 1)", titles["variant_2"]]
        items = [f"{item.code} ({item.maximum})" for item in self.paper.items]
        closing = [titles["sex"], titles["prior_mark"], titles["total"]]
        for column, text in enumerate([titles["participant"], titles["class"], *variants, *items, *closing]):
            sheet.write_string(HEADER_ROW, column, _breakable(text), self.formats["header"])

    def _participant(self, sheet: Worksheet, row: int, code: str, label: str) -> None:
        sheet.write_string(row, _CODE, code, self.formats["fixed"])
        sheet.write_string(row, _CLASS, label, self.formats["fixed"])
        work = self.works.get(code)
        filled = self._filled(work) if work else [""] * (self.total - _VARIANT)
        for column, value in enumerate(filled, _VARIANT):
            self._write(sheet, row, column, value)
        variants = xl_range(row, _VARIANT, row, self.first_item - 1)
        scores = xl_range(row, self.first_item, row, self.sex - 1)
        formula = f'=IF(COUNT({variants})<{self.first_item - _VARIANT},"",SUM({scores}))'
        total = work.total if work and work.total is not None else ""
        sheet.write_formula(row, self.total, formula, self.formats["total"], total)

    def _filled(self, work: Work) -> list[int | str]:
        """The cells of a work from the variant to the prior mark."""
        variants = [work.variant_1, work.variant_2][: self.first_item - _VARIANT]
        scores = [self._shown(work, item) for item in self.paper.items]
        prior_mark = _NO_MARK if work.prior_mark is None else work.prior_mark
        return [
            *(ABSENT_WORD if variant is None else variant for variant in variants),
            *scores,
            work.sex,
            prior_mark,
        ]

    def _shown(self, work: Work, item: Item) -> int | str:
        score = work.scores.get(item.code)
        if score is None:
            return "N" if work.status == "present" else ""
        return "X" if score == NOT_ATTEMPTED else score

    def _write(self, sheet: Worksheet, row: int, column: int, value: int | str) -> None:
        if value == "":
            sheet.write_blank(row, column, None, self.formats["open"])
        elif isinstance(value, str):
            sheet.write_string(row, column, value, self.formats["open"])
        else:
            sheet.write_number(row, column, value, self.formats["open"])

    # ----------------------------------------------------------------------------------------- limits

    def _limits(self, sheet: Worksheet) -> None:
        first, last = HEADER_ROW + 1, HEADER_ROW + len(self.participants)
        variants = [*map(str, self.paper.variants), ABSENT_WORD]
        for column in range(_VARIANT, self.first_item):
            sheet.data_validation(first, column, last, column, _choice("Вариант", variants))
        for place, item in enumerate(self.paper.items):
            column = self.first_item + place
            cell = xl_rowcol_to_cell(first, column)
            sheet.data_validation(first, column, last, column, _score_limit(item, cell))
        sheet.data_validation(first, self.sex, last, self.sex, _choice("Пол", ["м", "ж"]))
        marks = [*map(str, range(LOWEST_MARK, HIGHEST_MARK + 1)), _NO_MARK]
        sheet.data_validation(first, self.prior_mark, last, self.prior_mark, _choice("Отметка", marks))
        variant = xl_rowcol_to_cell(first, _VARIANT, col_abs=True)
        absent = {
            "type": "formula",
            "criteria": f'={variant}="{ABSENT_WORD}"',
            "format": self.formats["absent"],
        }
        sheet.conditional_format(first, self.first_item, last, self.sex - 1, absent)

    def _look(self, sheet: Worksheet) -> None:
        sheet.set_row(HEADER_ROW, 62)
        for row in range(HEADER_ROW + 1, HEADER_ROW + 1 + len(self.participants)):
            sheet.set_row(row, 17)
        sheet.set_column(_CODE, _CODE, 11)
        sheet.set_column(_CLASS, _CLASS, 7)
        sheet.set_column(_VARIANT, self.first_item - 1, 14)
        sheet.set_column(self.first_item, self.sex - 1, 5.5)
        sheet.set_column(self.sex, self.sex, 6)
        sheet.set_column(self.prior_mark, self.prior_mark, 18)
        sheet.set_column(self.total, self.total, 8)
        sheet.freeze_panes(HEADER_ROW + 1, _CLASS + 1)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)
        sheet.set_footer("&CСтраница &P из &N")

    # ------------------------------------------------------------------------- instruction, technical

    def instruction(self, heading: Sequence[str]) -> None:
        sheet = self.book.add_worksheet("Инструкция")
        sheet.set_column(0, 0, INSTRUCTION_WIDTH, self.formats["wrapped"])
        sheet.write_string(0, 0, "Как заполнить протокол", self.formats["title"])
        for row, text in enumerate([*heading[1:], *self._steps()], 1):
            sheet.set_row(row, LINE_HEIGHT * (1 + len(text) // SURE_TO_FIT))  # not every editor fits rows
            sheet.write_string(row, 0, text, self.formats["wrapped"])
        sheet.protect()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)

    def _steps(self) -> list[str]:
        variants = ", ".join(map(str, self.paper.variants))
        numbers = {label: number for _, label, number in self.participants}
        classes = ", ".join(f"{label} — {number}" for label, number in numbers.items())
        return [
            "1. Заполняйте только белые ячейки листа «Протокол». Заголовки и коды участников не меняйте.",
            f"2. Вариант: {variants}. Если участник не пришёл, впишите «{ABSENT_WORD}», баллов не ставьте.",
            "3. Балл за задание: целое число от 0 до максимума, указанного в скобках в заголовке.",
            "4. X — участник не приступал к заданию; N — тема не пройдена.",
            "5. Пол: м или ж. Отметка за предыдущий период: от 2 до 5; если её нет, впишите «-».",
            "6. Итог посчитается сам.",
            "7. Имён и фамилий в файле быть не должно: только коды участников.",
            "8. Сохраните файл в формате XLSX и загрузите его в личном кабинете.",
            f"Порядковые номера классов: {classes}." if classes else "",
        ]

    def technical(self, organisation_code: str) -> None:
        """The hidden sheet by which the reader knows the file for certain."""
        sheet = self.book.add_worksheet(TECHNICAL_SHEET)
        facts = [
            ("layout", self.layout.code),
            ("paper", self.paper.code),
            ("organisation", organisation_code),
        ]
        for row, (name, value) in enumerate(facts):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, value)
        sheet.protect()
        sheet.hide()


def _layout() -> Layout:
    layout = vocabulary().layout(LAYOUT)
    if layout is None:
        raise LookupError(f"layouts.json has no layout {LAYOUT}")
    return layout


def _breakable(header: str) -> str:
    """A header that breaks where words end: «12.1» over «(1)», «триместр/ четверть/ полугодие»."""
    return header.replace(" (", "\n(").replace("/", "/ ")


def _choice(title: str, values: list[str]) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": values,
        "error_title": title,
        "error_message": f"Можно выбрать одно из: {', '.join(values)}.",
    }


def _score_limit(item: Item, cell: str) -> dict[str, Any]:
    """A whole number from 0 to the maximum, X in either alphabet, or N."""
    number = f"AND({cell}>=0,{cell}<={item.maximum},INT({cell})={cell})"
    letters = ",".join(f'UPPER({cell})="{letter}"' for letter in ("X", "Х", "N"))
    return {
        "validate": "custom",
        "value": f"=OR(IF(ISNUMBER({cell}),{number},FALSE),{letters})",
        "error_title": f"Задание {item.code}",
        "error_message": f"Целое число от 0 до {item.maximum}; X — не приступал; N — тема не пройдена.",
    }
