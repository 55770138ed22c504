"""A list of appointments as a file: findings by cell, a preview, all of it or nothing."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from oko.cabinet.appointments.importing import plan_import
from oko.cabinet.appointments.models import AppointmentDraft
from oko.cabinet.appointments.sheet_layout import HEADERS
from oko.cabinet.audit.models import Event
from oko.cabinet.foundation.tables import csv_table, xlsx_table
from oko.cabinet.people.models import Account, Appointment, Order, Role

GOOD: dict[str, Any] = {
    "Код организации": "edu640001",
    "ФИО": "Орлова Вера Павловна",
    "Роль": "Организатор в аудитории",
    "Телефон": "+7 900 111-22-33",
    "Специалист по предметам": "физика",
    "Аудитория": "12",
    "Предмет": "Русский язык",
    "Номер приказа": "12",
    "Дата приказа": "01.04.2026",
}


def book(*rows: dict[str, Any], headers: tuple[str, ...] = HEADERS) -> bytes:
    return xlsx_table(headers, [[row.get(header, "") for header in headers] for row in rows])


def text_of(page) -> str:
    return page.content.decode()


def upload(client: Client, content: bytes, name: str = "назначения.xlsx"):
    return client.post("/appointments/import/", {"file": SimpleUploadedFile(name, content)}, follow=True)


def confirm(client: Client, page):
    seen = re.search(r'name="seen" value="(\w+)"', text_of(page))
    assert seen, text_of(page)
    return client.post(page.redirect_chain[-1][0], {"seen": seen[1]}, follow=True)


def test_list_is_previewed_and_then_appointed(world) -> None:
    client = world.client("school")
    page = upload(
        client,
        book(
            GOOD,
            GOOD | {"Роль": "Технический специалист", "Аудитория": "", "Предмет": ""},
            {"Код организации": "EDU640001", "ФИО": "Гость", "Роль": "общественный наблюдатель"},
        ),
    )
    assert "назначений — 3, новых людей — 2" in text_of(page)
    assert "ждёт подтверждения" in text_of(page)
    assert not Account.objects.filter(full_name="Гость").exists(), "a preview writes nothing"
    page = confirm(client, page)
    assert "Записано назначений: 3; новых людей: 2; ждут подтверждения: 1" in text_of(page)
    both = Appointment.everything.filter(person__full_name="Орлова Вера Павловна")
    assert {one.role for one in both} == {Role.ROOM_ORGANISER, Role.TECHNICAL_SPECIALIST}
    assert both[0].person.subjects == ["физика"]
    assert Order.everything.filter(number="12").count() == 1
    assert not AppointmentDraft.everything.exists()
    assert Event.everything.filter(verb="appointments.imported").count() == 1
    again = upload(client, book(GOOD))
    assert "уже назначены" in text_of(again)
    assert "записывать нечего" in text_of(again)


@pytest.mark.parametrize(
    ("changed", "cell", "said"),
    [
        ({"Код организации": "edu640003"}, "A2", "Нет организации с таким кодом"),
        ({"Код организации": ""}, "A2", "Ячейка пуста"),
        ({"ФИО": ""}, "B2", "Ячейка пуста"),
        ({"Роль": "Главный"}, "C2", "одна из:"),
        ({"Роль": "Школьный координатор"}, "C2", "назначается не вами"),
        ({"Телефон": "нет"}, "E2", "телефон цифрами"),
        ({"Почта": "орлова"}, "F2", "адрес почты"),
        ({"Логин": "technician3"}, "G2", "Такого логина нет"),
        ({"Код места работы": "edu650005"}, "H2", "Нет организации с таким кодом"),
        ({"Специалист по предметам": "русский язык"}, "K2", "специалист по предмету «русский язык»"),
        ({"Аудитория": ""}, "J2", "Укажите аудиторию"),
        ({"Дата приказа": "31.02.2026"}, "M2", "дата, например"),
        ({"Дата приказа": ""}, "M2", "У приказа нет даты"),
        (
            {"Роль": "Общественный наблюдатель", "Код места работы": "edu640001"},
            "B2",
            "работает в этой организации",
        ),
    ],
)
def test_each_finding_names_its_cell(world, changed: dict[str, str], cell: str, said: str) -> None:
    plan = plan_import(world.acting("school"), book(GOOD | changed))
    (finding,) = plan.findings
    assert finding.cell == cell
    assert said in finding.message + finding.expected


def test_one_bad_cell_stops_the_whole_list(world) -> None:
    client = world.client("school")
    page = upload(client, book(GOOD, GOOD | {"ФИО": "Другой", "Телефон": "", "Роль": "Главный"}))
    assert "Нужно исправить" in text_of(page)
    client.post(page.redirect_chain[-1][0], {"seen": "x"})
    assert not Account.objects.filter(full_name__startswith="Орлова").exists()


def test_rules_hold_between_rows_of_one_file(world) -> None:
    observer = GOOD | {"Роль": "Общественный наблюдатель", "Аудитория": "", "Предмет": ""}
    plan = plan_import(world.acting("school"), book(GOOD, observer))
    assert [one.cell for one in plan.findings] == ["B3"]
    assert "в другой роли: организатор в аудитории" in plan.findings[0].message
    twice = plan_import(world.acting("school"), book(GOOD, GOOD))
    assert [one.cell for one in twice.findings] == ["B3"], "the same row twice is said, not done twice"


def test_known_person_is_recognised_by_telephone_and_name(world) -> None:
    Account.objects.filter(username="teacher").update(phone="89001112233", full_name="Орлова Вера Павловна")
    plan = plan_import(world.acting("school"), book(GOOD))
    assert plan.lines[0].account is not None
    assert plan.lines[0].account.username == "teacher"


def test_telephone_of_somebody_else_is_a_finding(world) -> None:
    Account.objects.filter(username="teacher").update(phone="89001112233")
    (finding,) = plan_import(world.acting("school"), book(GOOD)).findings
    assert finding.cell == "E2"
    assert "Сотрудник teacher" in finding.message


def test_coordinator_appoints_in_many_schools_by_one_csv(world) -> None:
    client = world.client("municipal")
    rows = [
        [{"Код организации": code, "ФИО": f"Директор {code}", "Роль": "директор"}.get(h, "") for h in HEADERS]
        for code in ("edu640001", "edu640002")
    ]
    page = confirm(client, upload(client, csv_table(HEADERS, rows), "список.csv"))
    assert "Записано назначений: 2" in text_of(page)
    assert set(
        Account.objects.filter(full_name__startswith="Директор").values_list("username", flat=True)
    ) == {
        "edu640001-1",
        "edu640002-1",
    }


def test_what_changed_since_it_was_seen_is_not_written(world) -> None:
    client = world.client("school")
    page = upload(client, book(GOOD))
    Account.objects.filter(username="teacher").update(phone="89001112233", full_name="Орлова Вера Павловна")
    page = confirm(client, page)
    assert "база изменилась" in text_of(page)
    assert not Appointment.everything.filter(role=Role.ROOM_ORGANISER).exists()


def test_template_offers_the_roles_that_one_appoints(world) -> None:
    content = world.client("school").get("/appointments/import/template/").content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert tuple(cell.value for cell in sheet[1]) == HEADERS
    offered = " ".join(str(one.formula1) for one in sheet.data_validations.dataValidation)
    assert "Организатор в аудитории" in offered
    assert "Школьный координатор" not in offered
    assert "edu640001" in offered


def _with_macros(content: bytes) -> bytes:
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return buffer.getvalue()


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 300_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Файл пуст"),
        (b"\x00\x01", "не таблица"),
        (b"PK\x03\x04broken", "Файл"),
        (xlsx_table(["Что-то"], [["другое"]]), "Список назначений не найден"),
        (xlsx_table(["Код", "ФИО"], [["edu640001", "Кто-то"]]), "Нет столбца «Роль»"),
        (xlsx_table(["Код", "ФИО", "Роль", "роль"], [["a", "b", "c", "d"]]), "встречается дважды"),
        (book(), "ни одной строки"),
        (_with_macros(book(GOOD)), "макросы"),
    ],
    ids=["empty", "program", "broken", "other", "no role", "twice", "no rows", "macros"],
)
def test_file_that_is_no_such_list_is_refused_in_words(world, content: bytes, said: str) -> None:
    page = upload(world.client("school"), content)
    assert page.status_code == 422
    assert said in text_of(page)
    assert not AppointmentDraft.everything.exists()


def test_bomb_is_refused(world) -> None:
    assert upload(world.client("school"), _bomb()).status_code == 422


def test_draft_is_seen_by_its_sender_alone_and_can_be_dropped(world) -> None:
    client = world.client("school")
    upload(client, book(GOOD))
    draft = AppointmentDraft.everything.get()
    for who in ("municipal", "federal"):
        assert world.client(who).get(f"/appointments/import/{draft.pk}/").status_code == 404
    client.post(f"/appointments/import/{draft.pk}/cancel/")
    assert not AppointmentDraft.everything.exists()
