"""Whatever the bytes are: works and findings, or one clear refusal. Never anything else."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from oko.engines.forms import Reason, UnreadableProtocol, read_protocol
from oko.engines.papers import Paper, load_papers
from tests.engines.forms.conftest import OLD_FORMAT, SAMPLES, found, saved

SAMPLE = SAMPLES / "recent-mat5.xlsx"
SHEET = "xl/worksheets/sheet1.xml"


def refusal(source: bytes | Path) -> Reason:
    with pytest.raises(UnreadableProtocol) as error:
        read_protocol(source, load_papers())
    assert error.value.message.endswith(".")
    assert "\n" not in error.value.message
    return error.value.reason


def rezipped(change: dict[str, bytes], source: Path = SAMPLE) -> bytes:
    """The sample with some parts replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in change:
                new.writestr(name, old.read(name))
        for name, content in change.items():
            new.writestr(name, content)
    return buffer.getvalue()


def part(name: str) -> bytes:
    with zipfile.ZipFile(SAMPLE) as book:
        return book.read(name)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"hello", Reason.NOT_A_SPREADSHEET),
        ("Код участника;Вариант\n40001;1\n".encode(), Reason.NOT_A_SPREADSHEET),
        (b"<html><table><tr><td>1</td></tr></table></html>", Reason.NOT_A_SPREADSHEET),
        (b"%PDF-1.7", Reason.NOT_A_SPREADSHEET),
        (b"PK\x03\x04", Reason.DAMAGED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, Reason.DAMAGED),
        (b"\x00" * 20_000_001, Reason.TOO_LARGE),
    ],
)
def test_what_is_no_spreadsheet_is_refused(content: bytes, reason: Reason) -> None:
    assert refusal(content) is reason


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "нет.xlsx") is Reason.NO_FILE
    assert refusal(tmp_path) is Reason.NO_FILE


def test_cut_off_book_is_damaged() -> None:
    assert refusal(SAMPLE.read_bytes()[:5000]) is Reason.DAMAGED


def test_book_with_macros_is_refused_with_the_way_out() -> None:
    with pytest.raises(UnreadableProtocol, match="макрос") as error:
        read_protocol(rezipped({"xl/vbaProject.bin": b"\xcc\x61"}), load_papers())
    assert error.value.reason is Reason.MACROS
    assert ".xlsx" in error.value.message


def test_book_that_calls_itself_macro_enabled_is_refused_though_its_macros_are_gone() -> None:
    types = part("[Content_Types].xml").replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert refusal(rezipped({"[Content_Types].xml": types})) is Reason.MACROS


def test_zip_without_a_book_and_binary_book_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "привет")
    assert refusal(buffer.getvalue()) is Reason.NOT_A_SPREADSHEET
    assert refusal(rezipped({"xl/workbook.bin": b""})) is Reason.OTHER_FORMAT


def test_encrypted_xlsx_is_told_from_a_damaged_one() -> None:
    """An encrypted XLSX is a compound file with a stream «EncryptedPackage»."""
    assert refusal(compound_file("EncryptedPackage")) is Reason.ENCRYPTED
    assert refusal(compound_file("_VBA_PROJECT")) is Reason.MACROS
    assert refusal(compound_file("WordDocument")) is Reason.NOT_A_SPREADSHEET


def compound_file(stream: str) -> bytes:
    """The smallest compound file: a header, one sector of the allocation table, one of the directory."""
    free, end, table = b"\xff" * 4, b"\xfe\xff\xff\xff", b"\xfd\xff\xff\xff"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += bytes.fromhex("3e000300feff09000600") + bytes(6) + bytes(4) + (1).to_bytes(4, "little")
    header += (1).to_bytes(4, "little") + bytes(4) + (4096).to_bytes(4, "little")
    header += end + bytes(4) + end + bytes(4) + bytes(4) + free * 108

    def entry(name: str, kind: int) -> bytes:
        text = name.encode("utf-16-le") + b"\x00\x00"
        body = text.ljust(64, b"\x00") + len(text).to_bytes(2, "little") + bytes([kind, 1]) + free * 3
        return body.ljust(116, b"\x00") + end + bytes(8)

    directory = entry("Root Entry", 5) + entry(stream, 2) + bytes(256)
    return header + table + end + free * 126 + directory


def test_encrypted_ods_is_refused() -> None:
    manifest = b'<manifest:manifest><manifest:encryption-data manifest:checksum="x"/></manifest:manifest>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", b"\x01\x02")
    assert refusal(buffer.getvalue()) is Reason.ENCRYPTED


def test_zip_bomb_is_not_inflated() -> None:
    assert refusal(rezipped({"xl/media/image1.png": b"\x00" * 60_000_000})) is Reason.ARCHIVE_BOMB


def test_zip_bomb_that_lies_about_its_size_is_stopped_while_inflating() -> None:
    honest = rezipped({"xl/media/zeros.xml": b" " * 50_000_000})
    lying = honest.replace((50_000_000).to_bytes(4, "little"), (5_000).to_bytes(4, "little"))
    assert lying != honest
    assert refusal(lying) is Reason.ARCHIVE_BOMB


def test_two_million_rows_are_refused() -> None:
    row = b'<row r="%d"><c r="A%d"><v>40001</v></c><c r="B%d"><v>1</v></c></row>'
    rows = b"".join(row % (number, number, number) for number in range(1, 200_001))
    sheet = b'<worksheet xmlns="x"><sheetData>' + rows + b"</sheetData></worksheet>"
    assert refusal(rezipped({SHEET: sheet})) is Reason.TOO_MANY_CELLS
    ten_times = b'<worksheet xmlns="x"><sheetData>' + rows * 4 + b"</sheetData></worksheet>"
    assert refusal(rezipped({SHEET: ten_times})) is Reason.TOO_MANY_CELLS


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="XFD1048576"><v>1</v></c>',
        b"<c r='XFD1048576'><v>1</v></c>",
        b'<c\tr="XFD1048576"><v>1</v></c>',
        b'<c r = "XFD1048576"><v>1</v></c>',
        b'<x:c r="A1048576"><x:v>1</x:v></x:c>',
        b'<c r="AAA5"><v>1</v></c>',
    ],
)
def test_one_far_cell_does_not_fill_the_memory(cell: bytes) -> None:
    sheet = part(SHEET).replace(b"</sheetData>", b"<row>" + cell + b"</row></sheetData>")
    assert refusal(rezipped({SHEET: sheet})) in (Reason.TOO_MANY_CELLS, Reason.DAMAGED)


def test_cells_without_references_may_not_span_a_huge_rectangle() -> None:
    wide = b"<row>" + b"<c><v>1</v></c>" * 30_000 + b"</row>"
    tall = b"<row><c><v>1</v></c></row>" * 9_000
    sheet = b'<worksheet xmlns="x"><sheetData>' + wide + tall + b"</sheetData></worksheet>"
    assert refusal(rezipped({SHEET: sheet})) is Reason.TOO_MANY_CELLS


def test_far_formatting_without_values_does_no_harm(papers: tuple[Paper, ...]) -> None:
    empty = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    reading = read_protocol(rezipped({SHEET: part(SHEET).replace(b"</sheetData>", empty)}), papers)
    assert (reading.rows, reading.findings) == (31, ())


def test_declared_dimension_is_not_believed(papers: tuple[Paper, ...]) -> None:
    sheet = part(SHEET).replace(b'ref="A1:U32"', b'ref="A1:XFD1048576"')
    assert read_protocol(rezipped({SHEET: sheet}), papers).sum_of_totals == 282


def test_entity_bomb_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]>' + part(SHEET).partition(b"?>")[2]
    assert refusal(rezipped({SHEET: bomb})) is Reason.UNSAFE


def test_two_parts_with_one_name_are_refused() -> None:
    buffer = io.BytesIO(SAMPLE.read_bytes())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(SHEET.upper(), b"<worksheet/>")
    assert refusal(buffer.getvalue()) is Reason.UNSAFE


def test_book_with_empty_sheets_or_with_one_that_is_not_there() -> None:
    assert refusal(saved(openpyxl.Workbook())) is Reason.NO_SHEET
    only_sheet = b'<sheet name="x" sheetId="1" r:id="rId99"/></sheets>'
    workbook = part("xl/workbook.xml").partition(b"<sheets>")[0] + b"<sheets>" + only_sheet + b"</workbook>"
    assert refusal(rezipped({"xl/workbook.xml": workbook})) is Reason.DAMAGED


def test_some_other_table_is_not_a_protocol() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Товар", "Цена", "Вариант"])
    book.active.append(["Мел", 5, 1])
    with pytest.raises(UnreadableProtocol, match="Товар"):
        read_protocol(saved(book), load_papers())


# ------------------------------------------------------------------------------------ the other formats


@pytest.mark.parametrize("name", ["recent-mat5", "recent-mat5-spoiled", "y2021-rus4"])
def test_old_xls_reads_like_the_xlsx(name: str, papers: tuple[Paper, ...]) -> None:
    old = read_protocol(OLD_FORMAT / f"{name}.xls", papers)
    assert old.to_json() == read_protocol(SAMPLES / f"{name}.xlsx", papers).to_json()


def test_xls_with_a_formula_and_xls_with_a_far_cell(papers: tuple[Paper, ...]) -> None:
    assert found(read_protocol(OLD_FORMAT / "formula.xls", papers)) == [("F4", "formula in a cell")]
    assert refusal(OLD_FORMAT / "far-cell.xls") is Reason.TOO_MANY_CELLS


def ods(rows: list[list[object]], *, repeat_last: int = 1, repeat_cells: int = 1) -> bytes:
    """An ODS table; its last cell may be repeated over rows and columns, as the format allows."""
    document = OpenDocumentSpreadsheet()
    table = Table(name="Протокол")
    for number, values in enumerate(rows):
        last = number == len(rows) - 1
        row = TableRow(numberrowsrepeated=repeat_last) if last and repeat_last > 1 else TableRow()
        for value in values:
            more = {"numbercolumnsrepeated": repeat_cells} if last and repeat_cells > 1 else {}
            if value == "":
                row.addElement(TableCell(**more))
            elif isinstance(value, str):
                cell = TableCell(valuetype="string", **more)
                cell.addElement(P(text=value))
                row.addElement(cell)
            else:
                row.addElement(TableCell(valuetype="float", value=value, **more))
        table.addElement(row)
    table.addElement(filler := TableRow(numberrowsrepeated=1_000_000))
    filler.addElement(TableCell(numbercolumnsrepeated=16_000))
    document.spreadsheet.addElement(table)
    buffer = io.BytesIO()
    document.write(buffer)
    return buffer.getvalue()


def sample_rows(name: str) -> list[list[object]]:
    sheet = openpyxl.load_workbook(SAMPLES / name).worksheets[0]
    return [["" if value is None else value for value in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("name", ["recent-mat5.xlsx", "f1-rus4.xlsx", "y2022-rus4-spoiled.xlsx"])
def test_ods_reads_like_the_xlsx(name: str, papers: tuple[Paper, ...]) -> None:
    reading = read_protocol(ods(sample_rows(name)), papers)
    assert reading.to_json() == read_protocol(SAMPLES / name, papers).to_json()


def test_ods_repeats_are_counted_before_they_are_laid_out() -> None:
    rows = sample_rows("recent-mat5.xlsx")
    assert refusal(ods([*rows, [40001]], repeat_last=2_000_000)) is Reason.TOO_MANY_CELLS
    assert refusal(ods([*rows, [40001]], repeat_cells=16_000)) is Reason.TOO_MANY_CELLS


# --------------------------------------------------------------------------------------------- any bytes


def read_or_refuse(content: bytes) -> None:
    """Nothing but a refusal may be raised."""
    with contextlib.suppress(UnreadableProtocol):
        read_protocol(content, load_papers())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
@example(b"PK\x05\x06" + bytes(18))
@example(b"PK\x03\x04" + b"PK\x05\x06" + bytes(18))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read_or_refuse(content)
    read_or_refuse(b"PK\x03\x04" + content)
    read_or_refuse(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + content)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_book_with_flipped_bytes_is_read_or_refused(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([SAMPLE, OLD_FORMAT / "recent-mat5.xls"]))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(content))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_book_with_broken_markup_is_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(
        st.sampled_from([SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"])
    )
    content = part(name)
    start = data.draw(st.integers(0, len(content)))
    stop = min(len(content), start + data.draw(st.integers(0, 40)))
    replacement = data.draw(
        st.sampled_from([b"", b"<", b"<v>", b"</c>", b"&#0;", b"\xff", b'r="XFD9"', b"-", b"1e309"])
    )
    read_or_refuse(rezipped({name: content[:start] + replacement + content[stop:]}))
