"""Copies for the sender: bad cells marked, names gone, and nothing that a user wrote made into a formula."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment

from oko.engines.forms import read_protocol
from oko.engines.forms.build import build_protocol
from oko.engines.forms.copies import FINDINGS_SHEET, marked_copy, without_names
from oko.engines.papers import Paper
from tests.engines.forms.conftest import OLD_FORMAT, SAMPLES, found, saved, spoiled

ALL = sorted(path.name for path in SAMPLES.glob("*.xlsx"))


@pytest.mark.parametrize("name", ALL)
def test_marked_copy_reads_as_the_same_protocol(name: str, papers: tuple[Paper, ...]) -> None:
    source = (SAMPLES / name).read_bytes()
    reading = read_protocol(source, papers)
    again = read_protocol(marked_copy(source, reading), papers)
    assert again.to_json() == reading.to_json()
    assert again.works == reading.works


def test_marked_copy_shows_each_finding_in_its_cell_and_in_a_list(papers: tuple[Paper, ...]) -> None:
    source = (SAMPLES / "recent-rus4-spoiled.xlsx").read_bytes()
    reading = read_protocol(source, papers)
    book = openpyxl.load_workbook(io.BytesIO(marked_copy(source, reading)))
    assert book.sheetnames == [FINDINGS_SHEET, "Протокол"]
    listed = list(book[FINDINGS_SHEET].iter_rows(min_row=2))
    assert [row[1].value for row in listed] == [finding.cell for finding in reading.findings]
    for row, finding in zip(listed, reading.findings, strict=True):
        cell = book["Протокол"][finding.cell]
        assert cell.fill.fgColor.rgb == "00FFC7CE"
        assert cell.comment.text == finding.message
        assert row[1].hyperlink.location or row[1].hyperlink.target == f"#'Протокол'!{finding.cell}"
    assert book["Протокол"]["A2"].comment is None


def test_marked_copy_of_an_xls_is_an_xlsx_of_its_values(papers: tuple[Paper, ...]) -> None:
    source = (OLD_FORMAT / "recent-mat5-spoiled.xls").read_bytes()
    reading = read_protocol(source, papers)
    copy = marked_copy(source, reading)
    assert copy.startswith(b"PK")
    assert read_protocol(copy, papers).to_json() == reading.to_json()


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "+7", "-7", "@A1"])
def test_marked_copy_keeps_dangerous_text_as_text(text: str, papers: tuple[Paper, ...]) -> None:
    def put(sheet) -> None:  # type: ignore[no-untyped-def]
        sheet["D8"] = text
        sheet["D8"].data_type = "s"
        sheet["D9"] = "=1+1"

    source = spoiled("recent-mat5.xlsx", put)
    book = openpyxl.load_workbook(io.BytesIO(marked_copy(source, read_protocol(source, papers))))
    assert [
        cell.coordinate
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ] == []
    assert text in [row[2].value for row in book[FINDINGS_SHEET].iter_rows()]


def test_marked_copy_keeps_the_live_totals_of_our_own_form(papers: tuple[Paper, ...], mat5: Paper) -> None:
    source = build_protocol(
        mat5,
        organisation_code="edu641007",
        organisation_name="Школа № 7",
        participants=[("50001", "5А", 1)],
        assessment_title="Работа",
        deadline_text="",
    )
    book = openpyxl.load_workbook(io.BytesIO(marked_copy(source, read_protocol(source, papers))))
    assert str(book["Протокол"]["U6"].value).startswith("=IF(COUNT(")


def test_marked_copy_does_not_lay_out_a_huge_merged_range(papers: tuple[Paper, ...]) -> None:
    source = (SAMPLES / "recent-mat5-spoiled.xlsx").read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            merged = b'</sheetData><mergeCells><mergeCell ref="W1:XFD1048576"/></mergeCells>'
            new.writestr(name, old.read(name).replace(b"</sheetData>", merged))
    reading = read_protocol(buffer.getvalue(), papers)
    copy = marked_copy(buffer.getvalue(), reading)
    assert found(read_protocol(copy, papers)) == found(reading)


# ------------------------------------------------------------------------------------------------ names


@pytest.mark.parametrize("name", [name for name in ALL if name.startswith("working")])
def test_copy_without_names_reads_as_the_same_works(name: str, papers: tuple[Paper, ...]) -> None:
    source = (SAMPLES / name).read_bytes()
    reading = read_protocol(source, papers)
    assert reading.names_column
    again = read_protocol(without_names(source, reading), papers)
    assert not again.names_column
    assert again.works == reading.works
    assert found(again) == found(reading)
    assert again.layout == "working"


def test_copy_without_names_keeps_no_name_anywhere(papers: tuple[Paper, ...]) -> None:
    book = openpyxl.load_workbook(SAMPLES / "working-mat5.xlsx")
    sheet = book.worksheets[0]
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, 1).value = ("Скворцова Анна", "Гусева Вера")[row % 2]
    sheet["E5"].comment = Comment("это Скворцова", "Гусева")
    sheet["A40"] = "Учитель: Скворцова А. В."
    book.create_sheet("Список").append(["Скворцова Анна", 50254])
    book["Список"].sheet_state = "hidden"
    book.properties.creator = "Гусева Вера"
    source = saved(book)
    clean = without_names(source, read_protocol(source, papers))
    with zipfile.ZipFile(io.BytesIO(clean)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "replace")
    assert "Скворцова" not in everything
    assert "Гусева" not in everything
