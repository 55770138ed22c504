"""News and documents: who publishes, who reads, what may be uploaded, what a stranger sees."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from oko.cabinet.assessments.document_files import MAX_BYTES, kind_of, safe_filename
from oko.cabinet.assessments.models import Document, News
from oko.cabinet.foundation import clock

PDF = b"%PDF-1.7 order"


def zipped(*names: str, mimetype: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def upload(
    world: Any, name: str, content: bytes, who: str = "federal", roles: list[str] | None = None
) -> Any:
    form = {"title": "Порядок", "roles": roles or [], "file": SimpleUploadedFile(name, content)}
    return world.client(who).post("/documents/new/", form)


def write(world: Any, who: str, title: str, public: bool = False) -> Any:
    form = {"title": title, "body": "Текст <b>новости</b>", **({"is_public": "on"} if public else {})}
    return world.client(who).post("/news/new/", form)


def test_federal_news_reach_everybody_and_regional_ones_their_region(world: Any) -> None:
    write(world, "federal", "Всем")
    write(world, "regional", "Области")
    read = {
        who: world.client(who).get("/publications/").content.decode() for who in ("technician", "regional2")
    }
    assert "Всем" in read["technician"]
    assert "Области" in read["technician"]
    assert "Области" not in read["regional2"]
    assert "&lt;b&gt;" in read["technician"], "what was written is shown as text"
    assert "Всем" in world.client("technician").get("/").content.decode()


def test_stranger_reads_public_news_and_no_other(world: Any) -> None:
    write(world, "federal", "Для всех", public=True)
    write(world, "federal", "Для своих")
    page = Client().get("/public/")
    assert page.status_code == 200
    assert "Для всех" in page.content.decode()
    assert "Для своих" not in page.content.decode()
    assert Client().get("/publications/").status_code == 302


def test_region_mends_its_own_news_not_the_federal(world: Any) -> None:
    write(world, "federal", "Федеральная")
    write(world, "regional", "Областная")
    federal, regional = News.everything.order_by("pk")
    client = world.client("regional")
    form = {"title": "Исправленная", "body": "х"}
    assert client.post(f"/news/{federal.pk}/", form).status_code == 403
    assert client.post(f"/news/{federal.pk}/delete/").status_code == 403
    assert client.post(f"/news/{regional.pk}/", form).status_code == 302
    assert world.client("regional2").post(f"/news/{regional.pk}/", form).status_code == 404
    assert world.client("municipal").post(f"/news/{regional.pk}/", form).status_code == 403
    assert client.post(f"/news/{regional.pk}/delete/").status_code == 302
    assert News.everything.get() == federal


def test_document_is_given_to_its_roles_as_it_was_sent(world: Any) -> None:
    assert upload(world, "Приказ № 1.pdf", PDF, roles=["technical_specialist"]).status_code == 302
    document = Document.everything.get()
    answer = world.client("technician").get(f"/documents/{document.pk}/")
    assert answer.content == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert world.client("teacher").get(f"/documents/{document.pk}/").status_code == 404
    assert "Порядок" not in world.client("teacher").get("/publications/").content.decode()
    assert world.client("federal").get(f"/documents/{document.pk}/").status_code == 200


def test_documents_readers_are_changed_and_it_is_taken_back(world: Any) -> None:
    upload(world, "order.pdf", PDF, who="regional", roles=["teacher"])
    document = Document.everything.get()
    client = world.client("regional")
    client.post(f"/documents/{document.pk}/edit/", {"title": "Новое название", "roles": []})
    assert "Новое название" in world.client("technician").get("/publications/").content.decode()
    assert world.client("regional2").get(f"/documents/{document.pk}/").status_code == 404
    client.post(f"/documents/{document.pk}/delete/")
    assert not Document.everything.exists()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("virus.exe", b"MZ", "Такие файлы не публикуются (.exe)"),
        ("works.zip", zipped("a.txt"), "Такие файлы не публикуются (.zip)"),
        ("page.html", b"<script>", "Такие файлы не публикуются (.html)"),
        ("order.pdf", b"<script>", "не соответствует расширению .pdf"),
        ("order.docx", zipped("a.txt"), "не соответствует расширению .docx"),
        ("order.docx", b"PK\x03\x04broken", "не соответствует расширению .docx"),
        ("book.xlsx", zipped("xl/workbook.xml", "xl/vbaProject.bin"), "не соответствует расширению .xlsx"),
        ("empty.pdf", b"", "пуст"),
        ("noname", PDF, "без расширения"),
    ],
)
def test_file_that_may_not_be_published_is_refused_in_words(
    world: Any, name: str, content: bytes, told: str
) -> None:
    page = upload(world, name, content)
    assert page.status_code == 400
    assert told in page.content.decode()
    assert not Document.everything.exists()


def test_file_over_the_limit_is_refused(world: Any) -> None:
    page = upload(world, "big.pdf", PDF + b"0" * MAX_BYTES)
    assert "больше 20 МБ" in page.content.decode()


def test_office_files_are_told_by_what_is_inside() -> None:
    assert "wordprocessing" in (kind_of(zipped("word/document.xml")) or "")
    assert "spreadsheetml" in (kind_of(zipped("xl/workbook.xml")) or "")
    odt = "application/vnd.oasis.opendocument.text"
    assert kind_of(zipped("content.xml", mimetype=odt)) == odt
    assert kind_of(zipped("content.xml", mimetype="application/epub+zip")) is None


def test_filename_keeps_its_ending_and_loses_its_path() -> None:
    assert safe_filename("../../etc/passwd\r\n.pdf") == "passwd.pdf"
    assert len(safe_filename("ы" * 300 + ".pdf")) == 200
    assert safe_filename("ы" * 300 + ".pdf").endswith(".pdf")


def test_old_news_leave_the_home_page(world: Any) -> None:
    write(world, "federal", "Давняя")
    News.everything.update(published_at=clock.now() - timedelta(days=30))
    assert "Давняя" not in world.client("technician").get("/").content.decode()
