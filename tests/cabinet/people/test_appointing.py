"""Appointing and ending: inside the tree, in roles that such an organisation has, heads only from above."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from oko.cabinet.people import actions
from oko.cabinet.people.models import Account, Appointment, Order, Role
from oko.cabinet.people.rules import ROLE_KINDS


@pytest.fixture
def person(db: None) -> Account:
    return Account.objects.create_user("newcomer", None, full_name="Новый Сотрудник")


def test_every_role_is_held_somewhere() -> None:
    assert set(ROLE_KINDS) == set(Role.values)
    assert all(ROLE_KINDS.values())


def test_municipal_coordinator_appoints_the_head_of_a_school(world, person: Account) -> None:
    made = actions.appoint(
        world.acting("municipal"),
        person,
        Role.SCHOOL_COORDINATOR,
        world["school2"],
        order=Order.everything.create(
            assessment=world.assessment, organisation=world["mun1"], number="17-о", date=date(2026, 2, 3)
        ),
    )
    assert (made.assessment, str(made.order), made.state) == (
        world.assessment,
        "№ 17-о от 03.02.2026",
        "confirmed",
    )


def test_school_coordinator_appoints_room_organisers_but_no_second_head(world, person: Account) -> None:
    acting = world.acting("school")
    assert actions.appoint(acting, person, Role.ROOM_ORGANISER, world["school1"]).pk
    with pytest.raises(PermissionDenied):
        actions.appoint(acting, person, Role.SCHOOL_COORDINATOR, world["school1"])


@pytest.mark.parametrize(
    ("who", "role", "where"),
    [
        ("municipal", Role.SCHOOL_COORDINATOR, "school3"),
        ("municipal", Role.SCHOOL_COORDINATOR, "state"),
        ("municipal", Role.MUNICIPAL_COORDINATOR, "mun1"),
        ("municipal", Role.MUNICIPAL_COORDINATOR, "mun2"),
        ("regional", Role.MUNICIPAL_COORDINATOR, "mun3"),
        ("regional", Role.REGIONAL_COORDINATOR, "region"),
        ("regional", Role.FEDERAL_ORGANISER, "fed"),
        ("school", Role.TEACHER, "school2"),
        ("technician", Role.TEACHER, "school1"),
        ("teacher", Role.TEACHER, "school1"),
        ("analyst", Role.ANALYST, "region"),
    ],
)
def test_nobody_appoints_beyond_their_place(world, person: Account, who: str, role: str, where: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.appoint(world.acting(who), person, role, world[where])
    assert not person.appointments(manager="everything").exists()


@pytest.mark.parametrize(
    ("role", "where"),
    [(Role.ROOM_ORGANISER, "mun1"), (Role.MUNICIPAL_COORDINATOR, "school1"), ("king", "school1")],
)
def test_role_that_such_an_organisation_does_not_have_is_refused_in_words(
    world, person, role: str, where: str
) -> None:
    with pytest.raises(ValidationError, match="нет такой роли"):
        actions.appoint(world.acting("regional"), person, role, world[where])


def test_same_appointment_twice_is_refused_in_words_and_after_its_end_allowed_again(
    world, person: Account
) -> None:
    acting = world.acting("municipal")
    first = actions.appoint(acting, person, Role.TEACHER, world["school1"])
    with pytest.raises(ValidationError, match="уже назначен"):
        actions.appoint(acting, person, Role.TEACHER, world["school1"])
    actions.end_appointment(acting, first)
    assert actions.appoint(acting, person, Role.TEACHER, world["school1"]).pk != first.pk


def test_closed_organisation_and_switched_off_person_are_refused(world, person: Account) -> None:
    acting = world.acting("municipal")
    world["school2"].active = False
    world["school2"].save()
    with pytest.raises(ValidationError, match="не действует"):
        actions.appoint(acting, person, Role.TEACHER, world["school2"])
    person.is_active = False
    with pytest.raises(ValidationError, match="отключена"):
        actions.appoint(acting, person, Role.TEACHER, world["school1"])


def test_ended_appointment_stays_on_record(world) -> None:
    actions.end_appointment(world.acting("municipal"), world.appointments["school"])
    assert Appointment.everything.get(pk=world.appointments["school"].pk).state == "withdrawn"


@pytest.mark.parametrize(
    ("who", "whose"),
    [
        ("municipal", "technician3"),
        ("municipal", "municipal"),
        ("technician", "teacher"),
        ("school", "school"),
    ],
)
def test_nobody_ends_what_is_not_theirs_to_end(world, who: str, whose: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.end_appointment(world.acting(who), world.appointments[whose])
    assert Appointment.everything.get(pk=world.appointments[whose].pk).state == "confirmed"
