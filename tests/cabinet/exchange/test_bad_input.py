"""Everything that should not have been sent gets a clear answer, and nothing is half-stored."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from oko.cabinet.exchange import actions
from oko.cabinet.exchange.models import StoredFile, Submission, UnsortedFile
from oko.cabinet.results.models import ProtocolWorks, WorksPartition
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled
from tests.cabinet.exchange.test_submitting import progress
from tests.engines.forms.conftest import OLD_FORMAT
from tests.engines.forms.test_hostile_files import SHEET, compound_file, rezipped

State = Submission.State


def upload(world: World, content: bytes, filename: str = "протокол.xlsx", **data: Any) -> Any:
    file = SimpleUploadedFile(filename, content)
    url = "/protocols/rus4/edu640001/upload"
    return world.client("technician").post(url, {"file": file, **data}, follow=True)


def macro_book(world: World) -> bytes:
    return _with_part(filled.protocol(world), "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0macro")


def _with_part(content: bytes, name: str, part: bytes) -> bytes:
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return buffer.getvalue()


def zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(300 * 1024 * 1024))
    return buffer.getvalue()


def book_without_protocol() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Меню столовой", "Цена"])
    book.active.append(["Каша", 40])
    return filled._saved(book)


def two_million_rows() -> bytes:
    """As many rows as a sheet can say there are, each with a cell: far more than is ever laid out."""
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, 50_001))
    sheet = rows + b"<row><c><v>1</v></c></row>" * 1_000_000
    return _book_of(b'<worksheet xmlns="x"><sheetData>' + sheet + b"</sheetData></worksheet>")


def one_far_cell() -> bytes:
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return _book_of(b'<worksheet xmlns="x"><sheetData>' + cell + b"</sheetData></worksheet>")


def _book_of(sheet: bytes) -> bytes:
    return rezipped({SHEET: sheet})


def without_the_sheet(world: World) -> bytes:
    """The protocol itself deleted; instructions and the hidden sheet are still there."""
    book = openpyxl.load_workbook(io.BytesIO(filled.protocol(world)))
    book.remove(book.worksheets[0])
    return filled._saved(book)


def shifted(world: World) -> bytes:
    """Every row pasted one cell to the right, from the first score on."""
    book, sheet, row, column = filled._first_score(filled.protocol(world))
    for number in range(row, sheet.max_row + 1):
        values = [sheet.cell(number, place).value for place in range(column, sheet.max_column + 1)]
        sheet.cell(number, column).value = None
        for place, value in enumerate(values, column + 1):
            sheet.cell(number, place).value = value
    return filled._saved(book)


UNREADABLE = {
    "a picture": (lambda world: b"\xff\xd8\xff\xe0" + bytes(100), "не электронная таблица"),
    "encrypted": (lambda world: compound_file("EncryptedPackage"), "защищён паролем"),
    "damaged xls": (lambda world: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048), "повреждён"),
    "a far cell in xls": (lambda world: (OLD_FORMAT / "far-cell.xls").read_bytes(), "слишком велика"),
    "a document of Word": (lambda world: compound_file("WordDocument"), "не электронная таблица"),
    "text": (lambda world: "Код;Вариант\n40001;1\n".encode(), "CSV"),
    "macros": (macro_book, "макросы"),
    "macros in xls": (lambda world: compound_file("_VBA_PROJECT"), "макросы"),
    "zip bomb": (lambda world: zip_bomb(), "слишком большой объём"),
    "two million rows": (lambda world: two_million_rows(), "слишком велика"),
    "one far cell": (lambda world: one_far_cell(), "слишком велика"),
    "missing sheet": (without_the_sheet, "Протокол в файле не найден"),
    "empty book": (lambda world: filled._saved(openpyxl.Workbook()), "нет ни одного листа"),
    "cut short": (lambda world: filled.protocol(world)[:2000], "повреждён"),
    "not a protocol": (lambda world: book_without_protocol(), "Протокол в файле не найден"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_file_that_cannot_be_read_is_kept_and_the_answer_says_why(world: World, case: str) -> None:
    make, words = UNREADABLE[case]
    content = make(world)
    page = upload(world, content)
    submission = Submission.everything.get()
    assert page.status_code == 200
    assert submission.state == State.UNREADABLE
    assert submission.trouble
    assert words in submission.trouble
    assert "Протокол прочитать не удалось" in page.content.decode()
    assert bytes(submission.file.content) == content
    assert progress(world).state == "has_findings"
    assert not ProtocolWorks.everything.exists()
    assert not WorksPartition.objects.exists()


@pytest.mark.parametrize("case", UNREADABLE)
def test_file_that_cannot_be_read_among_many_is_kept_too(world: World, case: str) -> None:
    make, words = UNREADABLE[case]
    content = make(world)
    files = [
        SimpleUploadedFile("п.xlsx", content),
        SimpleUploadedFile("хороший.xlsx", filled.protocol(world)),
    ]
    page = world.client("technician").post("/protocols/upload/", {"files": files})
    assert page.status_code == 200
    assert Submission.everything.get().state == State.ACCEPTED
    unsorted = UnsortedFile.everything.get()
    assert words in unsorted.trouble
    assert bytes(unsorted.file.content) == content


FINDINGS = {
    "another school": (lambda w: filled.protocol(w, school="school2"), "another school"),
    "another paper": (lambda w: filled.protocol(w, paper="mat4"), "another paper"),
    "shifted columns": (shifted, "shifted columns"),
    "not filled in": (lambda w: filled.protocol(w, blank=True), "not filled in"),
    "formula": (lambda w: filled.spoiled(filled.protocol(w), "=1+1"), "formula in a cell"),
    "text": (lambda w: filled.spoiled(filled.protocol(w), "много"), "not a score"),
    "negative": (lambda w: filled.spoiled(filled.protocol(w), -1), "score below zero"),
}


@pytest.mark.parametrize("case", FINDINGS)
def test_file_with_a_wrong_content_comes_back_with_the_finding(world: World, case: str) -> None:
    make, kind = FINDINGS[case]
    page = upload(world, make(world))
    submission = Submission.everything.get()
    assert submission.state == State.HAS_FINDINGS
    assert kind in {finding["kind"] for finding in submission.findings}
    assert submission.findings[0]["message"] in page.content.decode().replace("&#x27;", "'")
    assert not ProtocolWorks.everything.exists()


def test_empty_file_is_refused(world: World) -> None:
    page = upload(world, b"")
    assert page.status_code == 400
    assert "Файл пуст" in page.content.decode()
    assert not Submission.everything.exists()


def test_no_file_is_refused(world: World) -> None:
    client = world.client("technician")
    one = client.post("/protocols/rus4/edu640001/upload", {})
    assert one.status_code == 400
    assert "Файл не выбран" in one.content.decode()
    several = client.post("/protocols/upload/", {})
    assert several.status_code == 400
    assert "Файлы не выбраны" in several.content.decode()


def test_too_large_file_is_refused_before_it_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "LARGEST", 1000)
    page = upload(world, bytes(1001))
    assert page.status_code == 413
    assert "слишком велик" in page.content.decode()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\x00b.xlsx", "я" * 400 + ".xlsx", "\u202exslx.exe", "<b>.xlsx"]
)
def test_strange_file_names_do_no_harm(world: World, name: str) -> None:
    receipt = actions.submit_protocol(
        world.acting("technician"), world.papers["rus4"], world["school1"], name, filled.protocol(world)
    )
    kept = receipt.submission.filename
    assert 0 < len(kept) <= 255
    assert "/" not in kept
    assert kept.isprintable()
    client = world.client("technician")
    assert client.get(f"/submissions/{receipt.submission.pk}/").status_code == 200
    answer = client.get(f"/submissions/{receipt.submission.pk}/original")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "<b>" not in client.get(f"/submissions/{receipt.submission.pk}/").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?paper=%00",
        "?state=нет",
        "?page=999999999999",
        "?page=-1",
        "?sort=нет",
        "?supervisor=%FF",
        "?export=pdf",
    ],
)
def test_strange_filters_do_no_harm(world: World, query: str) -> None:
    assert world.client("municipal").get(f"/protocols/{query}").status_code == 200


@pytest.mark.parametrize("pk", ["0", "99999999999999999999999999"])
def test_submission_that_does_not_exist_is_not_found(world: World, pk: str) -> None:
    client = world.client("technician")
    for what in ("", "state", "original", "marked", "cleaned"):
        assert client.get(f"/submissions/{pk}/{what}").status_code == 404
