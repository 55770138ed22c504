"""Columns and rows that moved: told once, or understood."""

from __future__ import annotations

import datetime

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from oko.engines.forms import Expected, Reason, UnreadableProtocol, read_protocol
from oko.engines.papers import Paper, load_papers
from tests.engines.forms.conftest import SAMPLES, found, read_spoiled, saved

CLEAN = sorted(path.name for path in SAMPLES.glob("*.xlsx") if "spoiled" not in path.name)
HEADER_ROW = {"f1": 7}


def header_row(sample: str) -> int:
    return HEADER_ROW.get(sample.partition("-")[0], 1)


def same_as_clean(sample: str, spoil) -> None:  # type: ignore[no-untyped-def]
    clean = read_protocol(SAMPLES / sample, load_papers())
    assert read_spoiled(sample, spoil).to_json() == clean.to_json()


@pytest.mark.parametrize("sample", CLEAN)
def test_headers_forgive_case_line_breaks_and_the_other_alphabet(sample: str) -> None:
    def shout(sheet: Worksheet) -> None:
        for cell in sheet[header_row(sample)]:
            cell.value = (
                " "
                + str(cell.value).upper().replace(" ", "\n").replace("К", "K").replace("О", "O")
                + "\u00a0"
            )

    same_as_clean(sample, shout)


@pytest.mark.parametrize("sample", CLEAN)
def test_numbers_as_text_and_stray_spaces_are_understood(sample: str) -> None:
    def as_text(sheet: Worksheet) -> None:
        for row in sheet.iter_rows(min_row=header_row(sample) + 1):
            for cell in row:
                if cell.value is not None:
                    cell.value = f" {cell.value}\u00a0"

    same_as_clean(sample, as_text)


@pytest.mark.parametrize("sample", CLEAN)
def test_title_rows_empty_columns_and_notes_below_do_not_matter(sample: str) -> None:
    def dress(sheet: Worksheet) -> None:
        last = sheet.max_row
        sheet.cell(last + 2, 1).value = "Итого:"
        sheet.cell(last + 2, 10).value = 55
        sheet.cell(last + 3, 1).value = "Ответственный организатор ____________"
        sheet.cell(last + 4, 1).value = "Всего 52 участника"
        sheet.insert_rows(1, 3)
        sheet["A1"] = "Протокол проверочной работы"
        sheet.insert_cols(4)

    same_as_clean(sample, dress)


@pytest.mark.parametrize("sample", CLEAN)
def test_line_of_column_numbers_under_the_header_is_no_participant(sample: str) -> None:
    def number(sheet: Worksheet) -> None:
        row = header_row(sample) + 1
        sheet.insert_rows(row)
        for column in range(1, sheet.max_column + 1):
            sheet.cell(row, column).value = column

    same_as_clean(sample, number)


def test_line_of_date_and_signature_below_the_table_is_no_participant() -> None:
    def sign(sheet: Worksheet) -> None:
        sheet.append(["Дата", "21.04.2026"])
        sheet.append(["Ответственный организатор", "____________"])

    same_as_clean("recent-mat5.xlsx", sign)


@pytest.mark.parametrize("sample", ["recent-mat4.xlsx", "working-rus4.xlsx", "f1-mat5.xlsx"])
def test_columns_may_stand_in_another_order(sample: str) -> None:
    def swap(sheet: Worksheet) -> None:
        for row in sheet.iter_rows(min_row=header_row(sample)):
            row[9].value, row[12].value = row[12].value, row[9].value
            row[0].value, row[-1].value = row[-1].value, row[0].value

    same_as_clean(sample, swap)


def test_headers_that_became_numbers_and_dates_are_read() -> None:
    def numbers(sheet: Worksheet) -> None:
        for cell in sheet[1]:
            if str(cell.value)[0].isdigit():
                cell.value = float(cell.value)
        sheet["I1"] = datetime.date(2026, 1, 5)  # what a table editor makes of 5.1

    assert [cell.value for cell in openpyxl.load_workbook(SAMPLES / "y2022-mat4.xlsx").active[1]][8] == "5.1"
    same_as_clean("y2022-mat4.xlsx", numbers)


@pytest.mark.parametrize(
    ("header", "other"),
    [
        ("1 (1)", "1 (max 1 б)"),
        ("11.1 (1)", "11,1(макс. 1 балл)"),
        ("13 (1)", "Задание 13 (1б)"),
        ("2 (1)", "2. (1 балл)"),
        ("3 (1)", "№ 3 (макс. балл 1)"),
        ("4 (1)", "Задание № 4 (1)"),
    ],
)
def test_items_may_write_their_maximum_in_other_words(header: str, other: str) -> None:
    def rename(sheet: Worksheet) -> None:
        next(cell for cell in sheet[1] if cell.value == header).value = other

    same_as_clean("recent-mat5.xlsx", rename)


@pytest.mark.parametrize("sample", CLEAN)
def test_data_shifted_under_the_headers_are_one_finding(sample: str) -> None:
    head = header_row(sample)

    def shift(sheet: Worksheet) -> None:
        first = next(cell.column for cell in sheet[head] if "1" in str(cell.value) and cell.column > 4)
        if "var" in str(sheet.cell(head, first).value) or "Вариант" in str(sheet.cell(head, first).value):
            first += 2
        for row in range(head + 1, sheet.max_row + 1):
            values = [sheet.cell(row, column).value for column in range(first, sheet.max_column + 1)]
            sheet.cell(row, first).value = None
            for place, value in enumerate(values, first + 1):
                sheet.cell(row, place).value = value

    assert [kind for _, kind in found(read_spoiled(sample, shift))] == ["shifted columns"]


@pytest.mark.parametrize(
    "sample", ["recent-mat5", "recent-rus4", "y2020-rus4", "y2021-mat5", "y2022-mat5", "working-mat5"]
)
def test_row_with_a_cell_deleted_from_it_is_one_finding(sample: str) -> None:
    def pull_left(sheet: Worksheet) -> None:
        values = [*(cell.value for cell in sheet[9][3:]), None]
        for column, value in enumerate(values, 3):
            sheet.cell(9, column).value = value

    assert [kind for _, kind in found(read_spoiled(f"{sample}.xlsx", pull_left))] == ["shifted columns"]


@pytest.mark.parametrize(
    ("letter", "kind", "told"),
    [
        ("A", "Код участника", 31),
        ("B", "Вариант", 31),
        ("F", "задание 4", 31),
        ("S", "Пол", 31),
        ("U", "Итого баллов", 31),
    ],
)
def test_removed_column_is_one_finding(letter: str, kind: str, told: int) -> None:
    number = openpyxl.utils.column_index_from_string(letter)
    reading = read_spoiled("recent-mat5.xlsx", lambda sheet: sheet.delete_cols(number))
    assert found(reading) == [("", "column missing")]
    assert kind in reading.findings[0].message
    assert reading.rows == told


@pytest.mark.parametrize(
    ("cell", "title", "meant"),
    [
        ("A1", "Шифр", "Код участника"),
        ("B1", "Билет", "Вариант"),
        ("F1", "четвёртое", "4 (1)"),
        ("F1", None, "4 (1)"),
    ],
)
def test_renamed_column_is_read_by_its_place_and_told_once(cell: str, title: str | None, meant: str) -> None:
    reading = read_spoiled("recent-mat5.xlsx", lambda sheet: sheet.__setitem__(cell, title))
    assert found(reading) == [(cell, "column not recognised")]
    assert reading.findings[0].expected == meant
    assert reading.sum_of_totals == 282


def test_column_that_stands_twice_is_named_at_its_second_place() -> None:
    def twice(sheet: Worksheet) -> None:
        for row in sheet.iter_rows():
            row[-1].offset(0, 1).value = row[5].value

    assert found(read_spoiled("recent-mat5.xlsx", twice)) == [("V1", "column repeated")]


def test_item_that_the_paper_lacks_and_a_wrong_maximum_are_named_in_the_header() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["F1"] = "4 (3)"
        sheet["V1"] = "16 (1)"
        sheet["V2"] = 1

    assert found(read_spoiled("recent-mat5.xlsx", change)) == [
        ("F1", "maximum differs from the paper"),
        ("V1", "item not in the paper"),
    ]


def test_wrong_sex_in_every_row_is_one_finding_with_a_count() -> None:
    def all_rows(sheet: Worksheet) -> None:
        for row in range(2, sheet.max_row + 1):
            sheet[f"S{row}"] = "?"

    reading = read_spoiled("recent-mat5.xlsx", all_rows)
    assert found(reading) == [("S2", "unknown sex")]
    assert "ещё в 30 строках" in reading.findings[0].message


def test_second_table_in_the_book_is_not_passed_over_in_silence(papers: tuple[Paper, ...]) -> None:
    book = openpyxl.load_workbook(SAMPLES / "recent-mat5.xlsx")
    copy = book.copy_worksheet(book.worksheets[0])
    copy.title = "5Б"
    assert found(read_protocol(saved(book), papers)) == [("", "several tables")]
    copy.sheet_state = "hidden"
    assert found(read_protocol(saved(book), papers)) == []


def test_table_is_found_on_whatever_sheet_it_stands(papers: tuple[Paper, ...]) -> None:
    book = openpyxl.load_workbook(SAMPLES / "recent-mat5.xlsx")
    book.create_sheet("Пояснения", 0)["A1"] = "Заполните второй лист"
    assert read_protocol(saved(book), papers).sum_of_totals == 282


def test_header_without_rows_and_sheet_without_header(papers: tuple[Paper, ...]) -> None:
    bare = read_spoiled("recent-mat5.xlsx", lambda sheet: sheet.delete_rows(2, 40))
    assert found(bare) == [("A1", "no participants")]
    with pytest.raises(UnreadableProtocol) as error:
        read_spoiled("recent-mat5.xlsx", lambda sheet: sheet.delete_rows(1))
    assert error.value.reason is Reason.NOT_A_PROTOCOL


def test_paper_that_is_not_known_is_a_finding(papers: tuple[Paper, ...]) -> None:
    known = [paper for paper in papers if paper.code != "mat5"]
    for sample in ("recent-mat5.xlsx", "y2020-mat5.xlsx", "f1-mat5.xlsx"):
        reading = read_protocol(SAMPLES / sample, known)
        assert [kind for _, kind in found(reading)] == ["paper not recognised"]
        assert reading.paper is None
        assert reading.rows in (29, 31)


def test_f1_declares_how_many_took_part() -> None:
    reading = read_spoiled("f1-mat5.xlsx", lambda sheet: sheet.delete_rows(10))
    assert found(reading) == [("A5", "participants differ from the declared number")]


# ------------------------------------------------------------------------------ what the receiver knows


def test_protocol_of_another_school_is_one_finding(papers: tuple[Paper, ...]) -> None:
    own = Expected(organisation="sch641007")
    assert found(read_protocol(SAMPLES / "f1-mat5.xlsx", papers, expected=own)) == []
    other = Expected(organisation="edu641999")
    assert found(read_protocol(SAMPLES / "f1-mat5.xlsx", papers, expected=other)) == [
        ("A8", "another school")
    ]


def test_organisation_may_be_told_by_its_title_instead_of_its_code() -> None:
    def titled(sheet: Worksheet) -> None:
        for row in range(8, sheet.max_row + 1):
            sheet[f"A{row}"] = "СРЕДНЯЯ  ШКОЛА №7"

    titles = ("Муниципальное общеобразовательное учреждение «Средняя школа № 7»", "Средняя школа № 7")
    own = Expected(organisation="edu641007", organisation_titles=titles)
    other = Expected(organisation="edu641999", organisation_titles=("Средняя школа № 8",))
    reading = read_spoiled("f1-mat5.xlsx", titled, expected=own)
    assert (found(reading), reading.logins) == ([], ("edu641007",))
    assert found(read_spoiled("f1-mat5.xlsx", titled, expected=other)) == [("A8", "another school")]


def test_codes_are_checked_against_the_issued_ones(papers: tuple[Paper, ...]) -> None:
    issued = {str(code): "5А" for code in range(50150, 50166)} | {
        str(code): "5Б" for code in range(50166, 50182)
    }
    del issued["50155"]
    issued["50151"] = "5Б"
    reading = read_protocol(SAMPLES / "y2020-mat5.xlsx", papers, expected=Expected(codes=issued))
    assert found(reading) == [
        ("", "issued code missing"),
        ("B3", "code of another class"),
        ("C7", "code not issued"),
    ]
    assert "50181" in reading.findings[0].message


def test_variants_are_those_printed_for_the_school(papers: tuple[Paper, ...]) -> None:
    expected = Expected(variants=frozenset({1, 2, 4}))
    reading = read_protocol(SAMPLES / "recent-mat5.xlsx", papers, expected=expected)
    assert {kind for _, kind in found(reading)} == {"unknown variant"}


def test_layout_of_another_year_is_one_finding(papers: tuple[Paper, ...]) -> None:
    this_year = Expected(layouts=frozenset({"oko1", "recent"}))
    assert found(read_protocol(SAMPLES / "recent-mat5.xlsx", papers, expected=this_year)) == []
    assert found(read_protocol(SAMPLES / "y2021-mat5.xlsx", papers, expected=this_year)) == [
        ("", "old layout")
    ]
