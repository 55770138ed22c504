"""Signing in, acting in one appointment at a time, and reading only through it."""

from __future__ import annotations

import pytest

from oko.cabinet.foundation.guarded import UnscopedAccessError
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment, Role


def test_guarded_model_refuses_to_be_read_without_saying_for_whom(world) -> None:
    with pytest.raises(UnscopedAccessError):
        Organisation.objects.all()
    with pytest.raises(UnscopedAccessError):
        list(world["mun1"].supervised.all())


def test_coordinator_sees_those_supervised_and_no_others(world) -> None:
    municipal = {o.code for o in Organisation.objects.visible_to(world.acting("municipal"))}
    responsible = {o.code for o in Organisation.objects.visible_to(world.acting("responsible"))}
    assert municipal == {"mun6401", "edu640001", "edu640002"}
    assert responsible == {"rcoko64", "edu640004"}, (
        "a state school answers to the centre, not to its municipality"
    )


def test_home_page_asks_a_stranger_to_sign_in(client, world) -> None:
    assert client.get("/").headers["Location"].startswith("/sign-in/")


def test_home_page_says_for_whom_one_acts(world) -> None:
    page = world.client("technician").get("/").content.decode()
    assert "Школа № 1" in page
    assert "Технический специалист" in page


@pytest.fixture
def second(world) -> Appointment:
    """The technician of the first school also helps in the second one."""
    return Appointment.everything.create(
        person=world.appointments["technician"].person,
        role=Role.SCHOOL_COORDINATOR,
        organisation=world["school2"],
        assessment=world.assessment,
    )


def test_one_click_changes_the_appointment(world, second: Appointment) -> None:
    client = world.client("technician")
    assert f"/acting/{second.pk}/" in client.get("/").content.decode()
    page = client.post(f"/acting/{second.pk}/", follow=True)
    assert "<h1>Школа № 2</h1>" in page.content.decode()
    assert client.get("/organisations/edu640001/").status_code == 404


def test_nobody_acts_in_an_appointment_that_is_not_theirs(world) -> None:
    client = world.client("technician")
    foreign = world.appointments["regional"].pk
    for pk in (foreign, 10**6, 10**30):
        assert client.post(f"/acting/{pk}/").status_code == 404
    assert client.get(f"/acting/{foreign}/").status_code == 405


def test_ended_appointment_loses_access_at_the_next_request(world) -> None:
    client = world.client("technician")
    assert client.get("/").status_code == 200
    Appointment.everything.filter(pk=world.appointments["technician"].pk).update(state="withdrawn")
    assert client.get("/").headers["Location"] == "/no-appointment/"


def test_closed_organisation_loses_access_at_the_next_request(world) -> None:
    client = world.client("technician")
    Organisation.everything.filter(pk=world["school1"].pk).update(active=False)
    assert client.get("/").headers["Location"] == "/no-appointment/"


def test_nothing_is_done_in_another_role_when_the_chosen_one_has_ended(world, second: Appointment) -> None:
    """The form was meant for the second school; it must not land in the first."""
    client = world.client("technician")
    client.post(f"/acting/{second.pk}/")
    Appointment.everything.filter(pk=second.pk).update(state="withdrawn")
    answer = client.post("/organisations/edu640001/change/", {"delivery_address": "ул. Мира, 1"})
    assert answer.headers["Location"] == "/"
    assert Organisation.everything.get(code="edu640001").delivery_address == ""
    assert "прекращено" in client.get("/").content.decode()
    assert client.get("/organisations/edu640001/change/").status_code == 200


def test_person_without_appointment_is_told_whom_to_ask(world) -> None:
    Account.objects.filter(username="municipal").update(phone="+7 845 000-00-01", full_name="Пирогова А. Б.")
    client = world.client("technician")
    Appointment.everything.filter(person__username="technician").update(state="withdrawn")
    page = client.get("/no-appointment/")
    assert page.status_code == 403
    assert "Пирогова А. Б." in page.content.decode()
    assert "+7 845 000-00-01" in page.content.decode()
    assert client.get("/password/").status_code == 200, "the password is changed without an appointment, too"


def test_person_never_appointed_is_sent_to_whoever_gave_the_login(client, world) -> None:
    client.force_login(
        Account.objects.create_user("newcomer", None, full_name="Новый человек"),
        backend="oko.cabinet.people.backends.AccountBackend",
    )
    assert "который выдал вам логин" in client.get("/", follow=True).content.decode()


def test_appointed_person_is_not_kept_on_the_page_without_appointment(world) -> None:
    assert world.client("school").get("/no-appointment/").headers["Location"] == "/"
