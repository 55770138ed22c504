"""Everything that should not have been sent gets a clear answer, and nothing is half-stored."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from oko.cabinet.exchange import actions
from oko.cabinet.exchange.models import StoredFile, Submission
from oko.cabinet.results.models import ProtocolWorks
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled

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


UNREADABLE = {
    "a picture": (lambda world: b"\xff\xd8\xff\xe0" + bytes(100), "не электронная таблица"),
    "encrypted": (lambda world: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048), ""),
    "macros": (macro_book, "макросы"),
    "zip bomb": (lambda world: zip_bomb(), ""),
    "cut short": (lambda world: filled.protocol(world)[:2000], ""),
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
    assert not ProtocolWorks.everything.exists()


FINDINGS = {
    "another school": (lambda w: filled.protocol(w, school="school2"), "another school"),
    "another paper": (lambda w: filled.protocol(w, paper="mat4"), "another paper"),
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
