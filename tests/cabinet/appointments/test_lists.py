"""The list of responsible people goes upwards: a recorded act with a moment and a version."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.db import DatabaseError, transaction

from oko.cabinet.appointments import lists
from oko.cabinet.appointments.conditions import Refused
from oko.cabinet.appointments.models import ResponsibleList
from oko.cabinet.audit.models import Event
from oko.cabinet.people.models import Account, Appointment


def text_of(page) -> str:
    return page.content.decode()


def send(client):
    """As a person does: look, then press the button under what was seen."""
    seen = re.search(r'name="seen" value="(\w+)"', text_of(client.get("/appointments/lists/send/")))
    return client.post("/appointments/lists/send/", {"seen": seen[1] if seen else ""}, follow=True)


def test_school_sends_and_its_municipality_receives(world) -> None:
    school, municipal = world.client("school"), world.client("municipal")
    assert "Список ответственных не отправлен" in text_of(school.get("/"))
    assert "Прислали 0 из 2" in text_of(municipal.get("/appointments/lists/"))
    assert "версия 1, строк 2" in text_of(send(school))
    assert "Список ответственных не отправлен" not in text_of(school.get("/"))
    assert "Прислали 1 из 2" in text_of(municipal.get("/appointments/lists/"))
    (sent,) = ResponsibleList.everything.all()
    page = text_of(municipal.get(f"/appointments/lists/{sent.pk}/"))
    assert "Сотрудник technician" in page
    assert "Сотрудник teacher" not in page, "a teacher does not answer for the school"
    assert sent.sha256 in page
    assert Event.everything.filter(verb="appointments.list_sent").count() == 1
    assert "Школа № 2" in text_of(municipal.get("/appointments/lists/consolidated/"))


def test_same_list_is_not_sent_twice_and_a_change_is_the_next_version(world) -> None:
    school = world.client("school")
    send(school)
    assert "ничего не изменилось" in text_of(school.get("/appointments/lists/send/"))
    assert "изменился" in text_of(send(school))
    Account.objects.filter(username="technician").update(phone="+7 900 000-00-01")
    page = text_of(school.get("/appointments/lists/send/"))
    assert "Что изменилось после версии 1" in page
    assert "«—» → «+7 900 000-00-01»" in page
    assert "версия 2" in text_of(send(school))
    first, second = ResponsibleList.everything.order_by("version")
    assert first.rows[1]["phone"] == ""
    assert second.rows[1]["phone"] == "+7 900 000-00-01"


def test_what_was_not_seen_is_not_sent(world) -> None:
    acting = world.acting("school")
    seen = lists.digest(lists.rows_now(acting))
    Account.objects.filter(username="technician").update(phone="+7 900 000-00-01")
    with pytest.raises(Refused, match="Пока вы смотрели"):
        lists.send(acting, seen)
    assert not ResponsibleList.everything.exists()


def test_sent_list_is_never_changed(world) -> None:
    send(world.client("school"))
    for change in (
        lambda: ResponsibleList.everything.update(version=9),
        lambda: ResponsibleList.everything.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_gaps_are_named_before_sending(world) -> None:
    page = text_of(world.client("municipal").get("/appointments/lists/send/"))
    assert "Не назначен координатор" in page.partition("Школа № 2")[2]
    assert "нет телефона и почты" in page
    assert "не подписан и без скана" in page
    Appointment.everything.filter(pk=world.appointments["municipal"].pk).update(order=None)
    assert "назначение без приказа" in text_of(world.client("municipal").get("/appointments/lists/send/"))


def test_region_gathers_what_its_municipalities_sent(world) -> None:
    send(world.client("municipal"))
    regional = world.client("regional")
    assert "Прислали 1 из 3" in text_of(regional.get("/appointments/lists/"))
    content = regional.get("/appointments/lists/consolidated/?export=xlsx").content
    head, *rows = openpyxl.load_workbook(io.BytesIO(content)).active.values
    assert head[:4] == ("Организация", "Код", "Роль", "ФИО")
    assert {row[1] for row in rows} == {"mun6401", "edu640001", "edu640002"}
    assert Event.everything.filter(verb="appointments.list_taken").count() == 1


def test_neighbour_does_not_see_the_list(world) -> None:
    send(world.client("municipal"))
    (sent,) = ResponsibleList.everything.all()
    for who in ("municipal2", "school", "regional2", "responsible"):
        assert world.client(who).get(f"/appointments/lists/{sent.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["technician", "federal", "teacher"])
def test_only_coordinators_below_the_top_send(world, who: str) -> None:
    assert world.client(who).post("/appointments/lists/send/", {"seen": "x"}).status_code == 403


def test_differences_name_who_came_who_went_and_what_changed() -> None:
    old = {"code": "a", "organisation": "А", "role": "head", "person": 1, "full_name": "Один", "phone": "1"}
    gone = old | {"person": 2, "full_name": "Два"}
    came = old | {"person": 3, "full_name": "Три"}
    found = lists.differences([old, gone], [old | {"phone": "2"}, came])
    assert sorted((one.what, one.row["full_name"], one.before, one.after) for one in found) == [
        ("gone", "Два", "", ""),
        ("new", "Три", "", ""),
        ("phone", "Один", "1", "2"),
    ]
