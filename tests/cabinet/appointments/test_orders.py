"""Orders: entered, scanned, signed by the head of the organisation and nobody else."""

from __future__ import annotations

import hashlib
import struct
import zlib

import pytest
import typst
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from oko.cabinet.appointments.scans import MAX_SCAN, scan_name
from oko.cabinet.audit.models import Event
from oko.cabinet.people.models import Account, Appointment, Order, Role


def png(side: int = 8) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + b"\x80" * side for _row in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture(scope="module")
def pdf() -> bytes:
    made = typst.compile("= Приказ".encode(), format="pdf")
    assert isinstance(made, bytes)
    return made


@pytest.fixture
def order(world) -> Order:
    return Order.everything.get(organisation=world["school1"])


@pytest.fixture
def head(world) -> Client:
    world.appointments["head"] = Appointment.everything.create(
        person=Account.objects.create_user("head", None, full_name="Директор Школы"),
        role=Role.HEAD,
        organisation=world["school1"],
        assessment=world.assessment,
    )
    return world.client("head")


def attach(client: Client, order: Order, content: bytes, name: str = "скан.pdf"):
    return client.post(
        f"/appointments/orders/{order.pk}/attach/", {"file": SimpleUploadedFile(name, content)}, follow=True
    )


def test_scan_is_kept_byte_for_byte_and_given_out_as_a_file(world, order: Order, pdf: bytes) -> None:
    client = world.client("school")
    assert "подписан на бумаге" in attach(client, order, pdf).content.decode()
    order.refresh_from_db()
    assert order.scan_sha256 == hashlib.sha256(pdf).hexdigest()
    answer = client.get(f"/appointments/orders/{order.pk}/scan/")
    assert answer.content == pdf
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Event.everything.filter(verb="appointments.scan_taken").count() == 1
    kept = Event.everything.get(verb="appointments.order_attached")
    assert order.scan_sha256 in kept.body


def test_picture_is_a_scan_too(world, order: Order) -> None:
    attach(world.client("technician"), order, png(), "фото.pdf")
    order.refresh_from_db()
    assert order.scan_name == "фото.pdf.png", "the ending says what it is"


def test_scans_are_named_by_what_they_are() -> None:
    assert scan_name("../приказ.JPEG", "image/jpeg") == "приказ.JPEG"
    assert scan_name("приказ", "application/pdf") == "приказ.pdf"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "0 байт"),
        (b"MZ\x90\x00", "ожидается PDF, JPEG или PNG"),
        (b"<html><script>alert(1)</script>", "ожидается PDF, JPEG или PNG"),
        (b"%PDF-1.7 nothing", "не открывается"),
        (b"\xff\xd8\xff\xe0 nothing", "не открывается"),
        (png()[:40], "не открывается"),
        (b"%PDF-" + b"0" * MAX_SCAN, "больше 10 МБ"),
    ],
    ids=["empty", "program", "page", "broken pdf", "broken jpeg", "broken png", "large"],
)
def test_what_is_no_scan_is_refused_in_words(world, order: Order, content: bytes, said: str) -> None:
    page = attach(world.client("school"), order, content)
    assert page.status_code == 422
    assert said in page.content.decode()
    order.refresh_from_db()
    assert order.scan_sha256 == ""


def test_head_signs_and_only_once(world, order: Order, head: Client) -> None:
    assert "ждёт подписи" in head.get("/").content.decode()
    page = head.post(f"/appointments/orders/{order.pk}/sign/", follow=True).content.decode()
    assert "подписан в кабинете" in page
    assert "Директор Школы" in page
    assert "ждёт подписи" not in head.get("/").content.decode()
    assert head.post(f"/appointments/orders/{order.pk}/sign/").status_code == 403


@pytest.mark.parametrize("who", ["school", "technician", "municipal", "federal", "teacher"])
def test_nobody_else_signs(world, order: Order, who: str) -> None:
    assert world.client(who).post(f"/appointments/orders/{order.pk}/sign/").status_code == 403
    order.refresh_from_db()
    assert order.signed_at is None


def test_head_does_not_sign_for_another_school(world, head: Client) -> None:
    other = Order.everything.get(organisation=world["school2"])
    assert head.post(f"/appointments/orders/{other.pk}/sign/").status_code == 404


def test_coordinator_above_reads_the_order_of_a_school_and_does_not_attach(world, order, pdf) -> None:
    client = world.client("municipal")
    assert "Сотрудник teacher" in client.get(f"/appointments/orders/{order.pk}/").content.decode()
    assert attach(client, order, pdf).status_code == 403


def test_order_is_entered_once_and_its_text_is_printed(world) -> None:
    client = world.client("school")
    for _time in range(2):
        page = client.post(
            "/appointments/orders/new/", {"number": "17-о", "day": "2026-04-01"}, follow=True
        ).content.decode()
        assert "Приказ № 17-о от 01.04.2026" in page
    assert Order.everything.filter(number="17-о").count() == 1
    order = Order.everything.get(organisation=world["school1"], number="1")
    assert "Учитель" in client.get(f"/appointments/orders/{order.pk}/print/").content.decode()
    assert "17-о" in client.get("/appointments/orders/").content.decode()


def test_scan_that_is_not_there_is_not_found(world, order: Order) -> None:
    assert world.client("school").get(f"/appointments/orders/{order.pk}/scan/").status_code == 404
