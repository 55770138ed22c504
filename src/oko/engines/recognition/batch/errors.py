"""What was read compared with what was written: how many errors, and from which cause."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oko.engines.blanks.definition import Definition, Marks
from oko.engines.blanks.layout import place
from oko.engines.recognition.characters.classes import UNREAD

_EXAMPLES = 20

Page = tuple[str, int]  # source, number
Cell = tuple[str, int]  # field, number


class TableError(ValueError):
    """A table that cannot be compared; the message is a sentence in Russian."""


#: Causes in the order of the table, and in words.
CAUSES_RU = {
    "missed": "отметка не замечена",
    "missed of doubled": "из двойной отметки замечена одна",
    "invented": "прочитана отметка, которой нет",
    "invented beside a mark": "прочитана вторая отметка (зачёркнутая или грязь)",
    "other value": "прочитано другое значение",
    "character missed": "знак не замечен",
    "character invented": "пустая клетка прочитана как знак",
    "character wrong": "знак прочитан неверно",
    "character unread": "знак не прочитан («?»)",
    "writing missed": "написанное не замечено",
    "writing invented": "пустое место прочитано как написанное",
    "no row": "нет строки",
}
KINDS_RU = {
    "marks": "отметки",
    "characters": "знаки",
    "area": "развёрнутые ответы",
    "signature": "подписи",
    "unknown": "поля неизвестных бланков",
}


@dataclass
class KindErrors:
    """Of the cells of one kind, on pages that were read; of `unnoticed` errors nobody is told."""

    cells: int = 0
    wrong: int = 0
    unnoticed: int = 0
    to_people: int = 0
    causes: Counter[str] = field(default_factory=Counter)


@dataclass
class Errors:
    """The report.

    Attributes:
        lost: pages that were not read, by reason; «no row» are not in the table of pages at all.
        wrong_serial: pages that were taken for somebody else's.
        further: rows of cells that the truth does not know, on pages that it knows.
        examples: unnoticed errors in words, the first ones.
    """

    pages: int = 0
    read: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    wrong_serial: int = 0
    further: int = 0
    kinds: defaultdict[str, KindErrors] = field(default_factory=lambda: defaultdict(KindErrors))
    examples: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        kinds = {
            name: vars(counted) | {"causes": dict(counted.causes)} for name, counted in self.kinds.items()
        }
        return vars(self) | {"lost": dict(self.lost), "kinds": kinds}


@dataclass(frozen=True)
class _Read:
    value: str
    review: bool


Kinds = Mapping[tuple[str, str], tuple[str, bool]]  # blank, field → kind, single choice


def compare(truth: Path, fields: Path, pages: Path, definitions: Iterable[Definition]) -> Errors:
    """Compare the tables cell by cell.

    Args:
        definitions: tell the kind of a field; fields of other blanks are of the kind «unknown».

    Raises:
        TableError: a table cannot be read or lacks a column.
    """
    kinds = _kinds(definitions)
    states = {
        (row["source"], _number(row, pages)): row for row in _rows(pages, "source page blank serial reason")
    }
    found = _found(fields)
    errors = Errors()
    for page, written in _by_page(truth).items():
        _compare_page(errors, page, written, states.get(page), found.get(page, {}), kinds)
    return errors


def _compare_page(
    errors: Errors,
    page: Page,
    written: _Written,
    state: Mapping[str, str] | None,
    found: Mapping[Cell, _Read],
    kinds: Kinds,
) -> None:
    errors.pages += 1
    if state is None or state["reason"]:
        errors.lost[state["reason"] if state else "no row"] += 1
        return
    errors.read += 1
    if state["serial"].casefold() != written.serial.casefold():
        errors.wrong_serial += 1
        return
    errors.further += len(found.keys() - written.cells.keys())
    marked = Counter(name for (name, _), value in written.cells.items() if value)
    for cell, value in written.cells.items():
        name, number = cell
        kind, is_single = kinds.get((state["blank"], name), ("unknown", False))
        read = found.get(cell)
        counted = errors.kinds[kind]
        counted.cells += 1
        counted.to_people += bool(read and read.review)
        cause = _cause(kind, value, read, marked[name] if is_single else 0)
        if not cause:
            continue
        counted.wrong += 1
        counted.causes[cause] += 1
        if read is None or not read.review:
            counted.unnoticed += 1
            if len(errors.examples) < _EXAMPLES:
                was = "—" if read is None else f"«{read.value}»"
                errors.examples.append(
                    f"{page[0]}, страница {page[1]}, поле {name}, клетка {number}: «{value}» прочитано {was}"
                )


def _cause(kind: str, value: str, read: _Read | None, marked: int) -> str:
    """Why a cell is wrong, or "". `marked`: how many marks a field of single choice really has."""
    if read is None:
        return "no row"
    if read.value == value:
        return ""
    if kind == "characters" and value and read.value == UNREAD:
        return "character unread"
    if kind == "characters":
        return "character missed" if not read.value else "character wrong" if value else "character invented"
    if kind in ("area", "signature"):
        return "writing missed" if value else "writing invented"
    if value and read.value:
        return "other value"
    if value:
        return "missed of doubled" if marked > 1 else "missed"
    return "invented beside a mark" if marked else "invented"


def _kinds(definitions: Iterable[Definition]) -> dict[tuple[str, str], tuple[str, bool]]:
    return {
        (one.blank, entry.id): (
            entry.kind,
            isinstance(entry.source, Marks) and not entry.source.multiple,
        )
        for one in definitions
        for page in place(one)
        for entry in page.fields
    }


# The tables -----------------------------------------------------------------------------------------------


@dataclass
class _Written:
    serial: str
    cells: dict[Cell, str] = field(default_factory=dict)


def _by_page(truth: Path) -> dict[Page, _Written]:
    pages: dict[Page, _Written] = {}
    for row in _rows(truth, "source page serial field cell value"):
        page = pages.setdefault((row["source"], _number(row, truth)), _Written(row["serial"]))
        page.cells[row["field"], _number(row, truth, "cell")] = row["value"]
    return pages


def _found(fields: Path) -> dict[Page, dict[Cell, _Read]]:
    pages: dict[Page, dict[Cell, _Read]] = {}
    for row in _rows(fields, "source page field cell value review"):
        page = pages.setdefault((row["source"], _number(row, fields)), {})
        page[row["field"], _number(row, fields, "cell")] = _Read(row["value"], row["review"] == "1")
    return pages


def _rows(path: Path, needed: str) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in needed.split() if name not in (reader.fieldnames or ())]
            if missing:
                raise TableError(f"В «{path}» нет столбцов: {', '.join(missing)}.")
            yield from reader
    except OSError as error:
        raise TableError(f"«{path}» не открывается: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"«{path}» — не таблица CSV в UTF-8: {error}.") from error


def _number(row: Mapping[str, str], path: Path, column: str = "page") -> int:
    try:
        return int(row[column])
    except ValueError as error:
        raise TableError(
            f"В «{path}», столбец {column}: ожидается число, найдено «{row[column]}»."
        ) from error


# In words -------------------------------------------------------------------------------------------------


def in_words(errors: Errors) -> str:
    """The report as a table."""
    lines = [f"Страниц: {errors.pages}, прочитано: {errors.read}, чужой код: {errors.wrong_serial}."]
    lines += [f"  не прочитано — {reason}: {count}" for reason, count in errors.lost.most_common()]
    lines += ["", f"{'':26}{'клеток':>10}{'ошибок':>10}{'из них незамеченных':>22}{'на проверку':>18}"]
    for kind, name in KINDS_RU.items():
        if kind in errors.kinds:
            lines += _kind_lines(name, errors.kinds[kind])
    if errors.further:
        lines.append(f"Строк о клетках, которых нет в правде: {errors.further}.")
    if errors.examples:
        lines += ["", "Незамеченные ошибки:", *(f"  {example}" for example in errors.examples)]
    return "\n".join(lines)


def _kind_lines(name: str, counted: KindErrors) -> Iterator[str]:
    unnoticed = f"{counted.unnoticed} ({counted.unnoticed / counted.cells:.3%})"
    to_people = f"{counted.to_people} ({counted.to_people / counted.cells:.2%})"
    yield f"{name:26}{counted.cells:>10}{counted.wrong:>10}{unnoticed:>22}{to_people:>18}"
    for cause, words in CAUSES_RU.items():
        if counted.causes[cause]:
            yield f"    {words}: {counted.causes[cause]}"
