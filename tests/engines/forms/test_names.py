"""A column of names is found under any header and on any sheet; what is not a name is left alone."""

from __future__ import annotations

import openpyxl
import pytest

from oko.engines.forms import read_protocol
from oko.engines.forms.copies import without_names
from oko.engines.forms.names import looks_like_name
from oko.engines.papers import Paper
from tests.engines.forms.conftest import SAMPLES, found, read_spoiled, saved, spoiled

FIRST_NAMES = ["Анна", "Борис", "Вера", "Глеб", "Дарья"]


@pytest.mark.parametrize(
    "text",
    [
        "Иванов Иван",
        "Иванова Анна Петровна",
        "ИВАНОВ ИВАН",
        "Иванов И. И.",
        "Иванов И.И.",
        "И. И. Иванов",
        "Ёлкина Я.",
        "Салтыков-Щедрин Михаил",
        " Иванов\u00a0Иван ",
    ],
)
def test_shape_of_a_name(text: str) -> None:
    assert looks_like_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "отсутствовал",
        "Участник 1",
        "4А",
        "Средняя школа № 7",
        "Приреченский муниципальный район",
        "Русский язык",
        "X",
        "НЕТ ОТМЕТКИ",
        "НЕ ПРИСУТСТВОВАЛ",
        "Школа Радуга",
        "edu641007",
        "Код участника",
    ],
)
def test_what_is_not_a_name(text: str) -> None:
    assert not looks_like_name(text)


@pytest.mark.parametrize(
    "header", ["ФИО", "Ф.И.О.", "Фамилия, имя", "Участник", "Ученик", "Примечание", None, "ФИО ученика"]
)
def test_names_are_found_under_any_header(header: str | None) -> None:
    def add(sheet) -> None:  # type: ignore[no-untyped-def]
        sheet["V1"] = header
        for row in range(2, sheet.max_row + 1):
            sheet[f"V{row}"] = f"Скворцова {FIRST_NAMES[row % 5]}"

    reading = read_spoiled("recent-mat5.xlsx", add)
    assert reading.names_column
    assert found(reading) == []


def test_names_in_the_column_of_the_textbook_are_found() -> None:
    def add(sheet) -> None:  # type: ignore[no-untyped-def]
        for row in range(2, sheet.max_row + 1):
            sheet[f"W{row}"] = f"{'БВГДЖЗКЛМНПРСТФХЦЧШЩ'[row % 20]}арова {FIRST_NAMES[row % 5]}"

    assert read_spoiled("y2020-mat5.xlsx", add).names_column


@pytest.mark.parametrize("authors", [["Мерзляк А. Г."], ["Мерзляк А. Г.", "Дорофеев Г. В.", "5 класс"]])
def test_authors_of_textbooks_are_no_column_of_names(authors: list[str]) -> None:
    def add(sheet) -> None:  # type: ignore[no-untyped-def]
        for row in range(2, sheet.max_row + 1):
            sheet[f"W{row}"] = authors[row % len(authors)]

    reading = read_spoiled("y2020-mat5.xlsx", add)
    assert not reading.names_column
    assert found(reading) == []


def test_town_of_the_only_participant_is_no_name() -> None:
    def one(sheet) -> None:  # type: ignore[no-untyped-def]
        sheet.delete_rows(9, sheet.max_row)
        sheet["A5"] = "Кол-во участников: 1"
        sheet["B8"] = "Великий Холм"

    reading = read_spoiled("f1-mat5.xlsx", one)
    assert (reading.rows, reading.names_column, found(reading)) == (1, False, [])


@pytest.mark.parametrize("state", ["visible", "hidden", "veryHidden"])
def test_names_on_another_sheet_are_found(state: str, papers: tuple[Paper, ...]) -> None:
    book = openpyxl.load_workbook(SAMPLES / "recent-mat5.xlsx")
    other = book.create_sheet("Список")
    for name in FIRST_NAMES:
        other.append([f"Скворцова {name}", 50408])
    other.sheet_state = state
    assert read_protocol(saved(book), papers).names_column


def test_one_responsible_person_below_the_table_is_no_column_of_names() -> None:
    reading = read_spoiled(
        "recent-mat5.xlsx", lambda sheet: sheet.__setitem__("A36", "Петрова Анна Ивановна")
    )
    assert not reading.names_column
    assert found(reading) == []


def test_words_that_only_look_like_names_do_not_spoil_the_copy(papers: tuple[Paper, ...]) -> None:
    def shout(sheet) -> None:  # type: ignore[no-untyped-def]
        for cell in sheet[1]:
            cell.value = str(cell.value).upper()
        for row in range(2, 8):
            sheet[f"F{row}"] = "НЕ ПРИСУТСТВОВАЛ"
            for column in "GHIJKLMNOPQRSTU":
                sheet[f"{column}{row}"] = None

    source = spoiled("working-mat5.xlsx", shout)
    reading = read_protocol(source, papers)
    assert found(reading) == []
    assert read_protocol(without_names(source, reading), papers).works == reading.works
