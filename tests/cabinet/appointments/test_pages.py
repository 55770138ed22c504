"""The pages of appointments, as people walk through them."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from oko.cabinet.appointments import queries
from oko.cabinet.appointments.models import AppointmentDraft
from oko.cabinet.appointments.tasks import forget_old_drafts
from oko.cabinet.appointments.ways import WAYS
from oko.cabinet.audit.models import Event
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.clock import now
from oko.cabinet.people.models import Account, Appointment, Order, Role


def text_of(page) -> str:
    return page.content.decode()


def rows_of(page) -> str:
    return text_of(page).partition("<tbody>")[2].partition("</tbody>")[0]


def new_person(**changed: str) -> dict[str, str]:
    return {
        "full_name": "Орлова Вера Павловна",
        "phone": "+7 900 111-22-33",
        "email": "orlova@example.org",
        "position": "учитель",
        "workplace": "edu640001",
        "subjects": "физика, астрономия",
        "role": Role.ROOM_ORGANISER,
        "organisation": "edu640001",
        "order_number": "12",
        "order_date": "2026-04-01",
        "room": "12",
        "subject": "Русский язык",
    } | changed


def test_school_appoints_somebody_new_with_an_order(world) -> None:
    client = world.client("school")
    page = client.post("/appointments/new/?new=1", new_person(), follow=True)
    assert "Назначение записано: Орлова Вера Павловна" in text_of(page)
    made = Appointment.everything.get(person__full_name="Орлова Вера Павловна")
    assert (made.person.username, made.person.subjects) == ("edu640001-1", ["физика", "астрономия"])
    assert not made.person.has_usable_password()
    assert str(made.order) == "№ 12 от 01.04.2026"
    assert made.order.organisation == world["school1"]
    assert set(Event.everything.values_list("verb", flat=True)) >= {
        "appointments.person_made",
        "appointments.order_made",
        "appointments.appointed",
    }


def test_observer_of_ones_own_school_is_refused_with_the_reason_and_nothing_is_left_behind(world) -> None:
    page = world.client("school").post(
        "/appointments/new/?new=1", new_person(role=Role.PUBLIC_OBSERVER, room="", subject="")
    )
    assert page.status_code == 422
    assert "Орлова Вера Павловна работает в этой организации (Школа № 1)" in text_of(page)
    assert not Account.objects.filter(full_name__startswith="Орлова").exists()
    assert not Order.everything.filter(number="12").exists()


def test_somebody_with_the_same_telephone_is_asked_about(world) -> None:
    teacher = world.appointments["teacher"].person
    Account.objects.filter(pk=teacher.pk).update(phone="8 (900) 111-22-33")
    client = world.client("school")
    page = client.post("/appointments/new/?new=1", new_person())
    assert "Похоже, этот человек уже есть" in text_of(page)
    assert f"?person={teacher.pk}" in text_of(page)
    page = client.post("/appointments/new/?new=1", new_person(another="1"), follow=True)
    assert "Назначение записано" in text_of(page)


def test_same_telephone_of_somebody_one_does_not_see_is_not_told(world) -> None:
    Account.objects.filter(username="technician3").update(phone="+7 900 111-22-33")
    page = world.client("school").post("/appointments/new/?new=1", new_person(), follow=True)
    assert "Назначение записано" in text_of(page)


@pytest.mark.parametrize("asked", ["teacher", "Сотрудник teacher"])
def test_known_person_is_found_and_appointed_again(world, asked: str) -> None:
    client = world.client("school")
    teacher = world.appointments["teacher"].person
    assert f"?person={teacher.pk}" in text_of(client.get("/appointments/new/", {"who": asked}))
    page = client.post(
        "/appointments/new/",
        {"person": teacher.pk, "role": Role.TECHNICAL_SPECIALIST, "organisation": "edu640001"},
        follow=True,
    )
    assert "без приказа" in text_of(page)
    assert Appointment.everything.filter(person=teacher, role=Role.TECHNICAL_SPECIALIST).exists()


def test_people_of_others_are_not_found_nor_appointed(world) -> None:
    client = world.client("school")
    stranger = world.appointments["technician3"].person
    assert f"?person={stranger.pk}" not in text_of(client.get("/appointments/new/?who=technician3"))
    for key in (stranger.pk, 10**30, "\x00", "х"):
        assert client.get("/appointments/new/", {"person": key}).status_code == 404


def test_role_that_one_does_not_appoint_is_not_taken_from_a_forged_form(world) -> None:
    page = world.client("school").post(
        "/appointments/new/?new=1", new_person(role=Role.SCHOOL_COORDINATOR, room="", subject="")
    )
    assert page.status_code == 422
    page = world.client("municipal").post("/appointments/new/?new=1", new_person(organisation="edu640003"))
    assert "Нет организации с таким кодом" in text_of(page)
    assert not Account.objects.filter(full_name__startswith="Орлова").exists()


@pytest.mark.parametrize(
    "broken",
    [
        {"full_name": "\x00"},
        {"phone": "нет"},
        {"order_date": "99999-01-01"},
        {"order_date": "0001-01-01"},
        {"order_number": ""},
        {"order_date": ""},
        {"role": "king"},
        {"workplace": "edu999"},
        {"email": "x"},
        {"room": "я" * 999},
    ],
)
def test_nonsense_in_the_form_is_answered_in_words(world, broken: dict[str, str]) -> None:
    page = world.client("school").post("/appointments/new/?new=1", new_person(**broken))
    assert page.status_code == 422
    assert "errorlist" in text_of(page)


@pytest.mark.parametrize("who", ["teacher", "analyst"])
def test_base_is_not_for_everybody(world, who: str) -> None:
    client = world.client(who)
    pk = world.appointments["teacher"].pk
    for address in (
        "",
        "new/",
        "orders/",
        "orders/new/",
        "lists/",
        "lists/send/",
        "delegations/",
        "import/",
        "waiting/",
        f"{pk}/",
    ):
        assert client.get(f"/appointments/{address}").status_code == 403, address


def test_coordinator_filters_the_base_below_and_takes_it_away(world) -> None:
    client = world.client("municipal")
    assert "Сотрудник technician2" in rows_of(client.get("/appointments/"))
    assert "technician3" not in rows_of(client.get("/appointments/"))
    Appointment.everything.filter(pk=world.appointments["teacher"].pk).update(order=None)
    assert "teacher" in rows_of(client.get("/appointments/?order=none"))
    assert "technician" not in rows_of(client.get("/appointments/?order=none"))
    assert "teacher" not in rows_of(client.get("/appointments/?order=unsigned"))
    assert "technician2" in rows_of(client.get("/appointments/?role=technical_specialist&organisation=0002"))
    content = client.get("/appointments/?export=xlsx").content
    head, *rows = openpyxl.load_workbook(io.BytesIO(content)).active.values
    assert {"ФИО", "Должность", "Место работы", "Почта", "Логин", "Приказ"} <= set(head)
    assert len(rows) == 5
    assert Event.everything.get(verb="appointments.exported").role == Role.MUNICIPAL_COORDINATOR


@pytest.mark.parametrize(
    "query", ["role=king", "state=%00", "text=%00", "page=x", "sort=-nothing", "order=я", "organisation=%FF"]
)
def test_nonsense_in_the_address_is_ignored(world, query: str) -> None:
    assert world.client("regional").get(f"/appointments/?{query}").status_code == 200


def proposed(world, login: str = "guest", role: str = Role.PUBLIC_OBSERVER) -> Appointment:
    person = Account.objects.create_user(login, None, full_name=f"Гость {login}")
    return Appointment.everything.create(
        person=person,
        role=role,
        organisation=world["school1"],
        assessment=world.assessment,
        state="proposed",
    )


def test_proposals_wait_on_the_home_page_of_whoever_confirms(world) -> None:
    first, second = proposed(world), proposed(world, "second")
    client = world.client("municipal")
    assert "Ждут вашего подтверждения: 2" in text_of(client.get("/"))
    page = client.post("/appointments/waiting/", {"chosen": [first.pk, second.pk, "x", 10**40]}, follow=True)
    assert "Подтверждено назначений: 2" in text_of(page)
    assert "Ждут вашего подтверждения" not in text_of(client.get("/"))


def test_one_broken_rule_among_those_ticked_confirms_nobody(world) -> None:
    first, second = proposed(world), proposed(world, "second")
    Account.objects.filter(username="second").update(workplace=world["school1"])
    page = world.client("municipal").post(
        "/appointments/waiting/", {"chosen": [first.pk, second.pk]}, follow=True
    )
    assert "Гость second работает в этой организации" in text_of(page)
    assert Appointment.everything.filter(state="confirmed", person__username="guest").count() == 0


def test_who_waits_is_who_may_be_confirmed(world) -> None:
    """The query and the rule say the same for every coordinator and every role."""
    for number, (role, where) in enumerate(
        (role, where)
        for role, way in WAYS.items()
        for where in ("school1", "mun1", "region", "centre", "school5", "fed")
        if way.needs_confirmation and world[where].kind in way.kinds
    ):
        person = Account.objects.create_user(f"n{number}", None, full_name=f"Человек {number}")
        Appointment.everything.create(
            person=person,
            role=role,
            organisation=world[where],
            assessment=world.assessment,
            state="proposed",
        )
    for who in ("federal", "regional", "regional2", "municipal", "responsible", "school"):
        acting = world.acting(who)
        able = {
            one.pk
            for one in Appointment.objects.visible_to(acting).filter(state="proposed")
            if may(acting, "appointments.confirm", one)
        }
        assert {one.pk for one in queries.waiting(acting)} == able, who


def test_declining_and_ending_need_a_reason_and_keep_the_history(world) -> None:
    one = proposed(world)
    client = world.client("municipal")
    assert client.post(f"/appointments/{one.pk}/decline/").status_code == 422
    page = client.post(f"/appointments/{one.pk}/decline/", {"decline-reason": "занята"}, follow=True)
    assert "отклонено" in text_of(page)
    assert "занята" in text_of(page)
    ended = world.appointments["teacher"]
    page = client.post(f"/appointments/{ended.pk}/withdraw/", {"withdraw-reason": "уволилась"}, follow=True)
    assert "уволилась" in text_of(page)
    page = client.post(f"/appointments/{ended.pk}/withdraw/", {"withdraw-reason": "ещё раз"}, follow=True)
    assert "уже завершено" in text_of(page)


def test_second_confirmation_is_told_that_it_is_too_late(world) -> None:
    one = proposed(world)
    client = world.client("municipal")
    client.post(f"/appointments/{one.pk}/confirm/")
    page = client.post(f"/appointments/{one.pk}/confirm/", follow=True)
    assert "уже не ждёт решения" in text_of(page)


def test_holder_signed_in_loses_access_at_the_next_request(world) -> None:
    holder = world.client("technician")
    assert holder.get("/").status_code == 200
    world.client("municipal").post(
        f"/appointments/{world.appointments['technician'].pk}/withdraw/", {"withdraw-reason": "уволен"}
    )
    assert holder.get("/appointments/").headers["Location"] == "/no-appointment/"


def test_facts_are_put_right_and_the_rules_speak_again(world) -> None:
    client = world.client("municipal")
    pk = world.appointments["teacher"].pk
    page = client.post(
        f"/appointments/{pk}/change/", {"order_number": "7", "order_date": "01.04.2026"}, follow=True
    )
    assert "№ 7 от 01.04.2026" in text_of(page)
    page = client.post(
        f"/appointments/{pk}/person/", {"full_name": "Новая Фамилия", "subjects": "химия"}, follow=True
    )
    assert "Новая Фамилия" in text_of(page)
    event = Event.everything.get(verb="appointments.person_corrected")
    assert "Сотрудник teacher" in event.body


def test_conflict_that_came_later_is_shown_on_the_page(world) -> None:
    one = proposed(world)
    Account.objects.filter(username="guest").update(workplace=world["school1"])
    client = world.client("municipal")
    assert "не по правилам" in text_of(client.get(f"/appointments/{one.pk}/"))
    assert rows_of(client.get("/appointments/")).count("не по правилам") == 1


def test_look_from_above_is_written_down_for_the_school_and_its_own_look_is_not(world) -> None:
    pk = world.appointments["teacher"].pk
    world.client("school").get(f"/appointments/{pk}/")
    assert not Event.everything.filter(verb="appointments.looked_at").exists()
    world.client("municipal").get(f"/appointments/{pk}/")
    event = Event.everything.get(verb="appointments.looked_at")
    assert event.organisation == world["school1"].pk


def test_base_is_read_in_as_many_queries_for_sixty_people_as_for_six(
    world, django_assert_max_num_queries
) -> None:
    for number in range(60):
        person = Account.objects.create_user(f"many{number}", None, full_name=f"Человек {number}")
        Appointment.everything.create(
            person=person,
            role=Role.TEACHER,
            organisation=world["school1"],
            assessment=world.assessment,
            order=world.appointments["school"].order,
        )
    client = world.client("municipal")
    client.get("/appointments/")
    with django_assert_max_num_queries(25) as used:
        page = client.get("/appointments/")
    assert "Человек 1<" in text_of(page)
    assert not [one for one in used.captured_queries if '"people_order"."scan",' in one["sql"]]


def test_forgotten_files_go(world) -> None:
    AppointmentDraft.everything.create(
        appointment=world.appointments["school"], filename="старый.xlsx", content=b"PK", sha256="0" * 64
    )
    AppointmentDraft.everything.update(created_at=now() - timedelta(days=2))
    forget_old_drafts.func(0)
    assert not AppointmentDraft.everything.exists()


def test_style_sheet_asks_for_room_and_subject_of_the_roles_that_need_them() -> None:
    css = Path("src/oko/cabinet/site/static/oko/oko.css").read_text()
    for name in ("room", "subject"):
        (line,) = [one for one in css.splitlines() if f".oko-needs-{name}" in one]
        asked = set(re.findall(r'value="(\w+)"', line))
        assert asked == {role for role, way in WAYS.items() if getattr(way, f"needs_{name}")}
