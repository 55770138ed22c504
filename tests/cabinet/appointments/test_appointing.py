"""Appointing, confirming, ending: inside the tree, in roles that such a place has, by those entitled."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from oko.cabinet.appointments import actions, persons
from oko.cabinet.appointments.actions import Terms
from oko.cabinet.appointments.conditions import Refused
from oko.cabinet.appointments.persons import Person
from oko.cabinet.appointments.ways import WAYS
from oko.cabinet.audit.models import Event
from oko.cabinet.people.models import (
    Account,
    Appointment,
    AppointmentChange,
    Delegation,
    Notice,
    Order,
    Role,
)


@pytest.fixture
def person(db: None) -> Account:
    return Account.objects.create_user("newcomer", None, full_name="Новый Сотрудник")


def texts(appointment: Appointment) -> str:
    return "\n".join(Notice.everything.filter(appointment=appointment).values_list("text", flat=True))


def test_every_role_is_held_somewhere_and_confirmed_by_somebody() -> None:
    assert set(WAYS) == set(Role.values)
    assert all(way.kinds and way.proposed_by and way.confirmed_by for way in WAYS.values())


def test_municipal_coordinator_appoints_the_coordinator_of_a_school(world, person: Account) -> None:
    made = actions.propose(
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
    assert "№ 17-о" in texts(made)
    (line,) = AppointmentChange.everything.filter(appointment=made)
    assert (line.state, line.made_by.username, line.made_in_role) == (
        "confirmed",
        "municipal",
        Role.MUNICIPAL_COORDINATOR,
    )
    event = Event.everything.get(verb="appointments.appointed")
    assert '"before":null' in event.body
    assert f'"person_id":{person.pk}' in event.body


def test_school_coordinator_appoints_room_organisers_but_no_second_head(world, person: Account) -> None:
    acting = world.acting("school")
    made = actions.propose(
        acting, person, Role.ROOM_ORGANISER, world["school1"], room="12", subject="Математика"
    )
    assert made.state == "confirmed", "the school's own order is enough"
    with pytest.raises(PermissionDenied):
        actions.propose(acting, person, Role.SCHOOL_COORDINATOR, world["school1"])


@pytest.mark.parametrize(
    ("who", "role", "where"),
    [
        ("municipal", Role.SCHOOL_COORDINATOR, "school3"),
        ("municipal", Role.SCHOOL_COORDINATOR, "state"),
        ("municipal", Role.MUNICIPAL_COORDINATOR, "mun1"),
        ("municipal", Role.MUNICIPAL_COORDINATOR, "mun2"),
        ("municipal", Role.HEAD, "mun1"),
        ("regional", Role.MUNICIPAL_COORDINATOR, "mun3"),
        ("regional", Role.REGIONAL_COORDINATOR, "region"),
        ("regional", Role.FEDERAL_ORGANISER, "fed"),
        ("school", Role.TEACHER, "school2"),
        ("school", Role.INDEPENDENT_OBSERVER, "school1"),
        ("technician", Role.TEACHER, "school1"),
        ("teacher", Role.TEACHER, "school1"),
        ("analyst", Role.ANALYST, "region"),
    ],
)
def test_nobody_appoints_beyond_their_place(world, person: Account, who: str, role: str, where: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.propose(world.acting(who), person, role, world[where])
    assert not person.appointments(manager="everything").exists()


@pytest.mark.parametrize(
    ("role", "where"),
    [(Role.ROOM_ORGANISER, "mun1"), (Role.MUNICIPAL_COORDINATOR, "school1"), ("king", "school1")],
)
def test_role_that_such_an_organisation_does_not_have_is_refused_in_words(
    world, person, role: str, where: str
) -> None:
    with pytest.raises(Refused, match="нет такой роли"):
        actions.propose(world.acting("regional"), person, role, world[where])


def test_same_appointment_twice_is_refused_in_words_and_after_its_end_allowed_again(
    world, person: Account
) -> None:
    acting = world.acting("municipal")
    first = actions.propose(acting, person, Role.TEACHER, world["school1"])
    with pytest.raises(Refused, match="уже назначен"):
        actions.propose(acting, person, Role.TEACHER, world["school1"])
    actions.withdraw(acting, first, "уволился")
    assert actions.propose(acting, person, Role.TEACHER, world["school1"]).pk != first.pk


def test_closed_organisation_and_switched_off_person_are_refused(world, person: Account) -> None:
    acting = world.acting("municipal")
    world["school2"].active = False
    world["school2"].save()
    with pytest.raises(Refused, match="организация не действует"):
        actions.propose(acting, person, Role.TEACHER, world["school2"])
    Account.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(Refused, match="отключена"):
        actions.propose(acting, person, Role.TEACHER, world["school1"])


@pytest.mark.parametrize(
    ("who", "whose"),
    [
        ("municipal", "technician3"),
        ("municipal", "municipal"),
        ("technician", "teacher"),
        ("school", "school"),
        ("school", "municipal"),
    ],
)
def test_nobody_ends_what_is_not_theirs_to_end(world, who: str, whose: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.withdraw(world.acting(who), world.appointments[whose], "причина")
    assert Appointment.everything.get(pk=world.appointments[whose].pk).state == "confirmed"


def test_expert_waits_for_the_federal_organiser_and_nobody_else(world, person: Account) -> None:
    proposed = actions.propose(
        world.acting("regional"), person, Role.EXPERT, world["region"], subject="Русский язык"
    )
    assert proposed.state == "proposed"
    assert "Новый Сотрудник" in texts(world.appointments["federal"])
    for who in ("regional", "municipal", "school"):
        with pytest.raises(PermissionDenied):
            actions.confirm(world.acting(who), proposed)
    actions.confirm(world.acting("federal"), proposed)
    proposed.refresh_from_db()
    assert proposed.state == "confirmed"
    assert "действует" in texts(world.appointments["regional"]), "the proposer hears of it"
    history = AppointmentChange.everything.filter(appointment=proposed).values_list("state", flat=True)
    assert list(history) == ["proposed", "confirmed"]


def test_observer_of_a_school_is_confirmed_by_its_municipality_and_may_be_declined(world, person) -> None:
    proposed = actions.propose(world.acting("school"), person, Role.PUBLIC_OBSERVER, world["school1"])
    assert proposed.state == "proposed"
    assert "Новый Сотрудник" in texts(world.appointments["municipal"])
    assert not Notice.everything.filter(appointment=world.appointments["regional"]).exists()
    with pytest.raises(Refused, match="причину"):
        actions.decline(world.acting("municipal"), proposed, "  ")
    actions.decline(world.acting("municipal"), proposed, "занята в другой школе")
    assert "занята в другой школе" in texts(world.appointments["school"])
    with pytest.raises(Refused, match="уже не ждёт"):
        actions.confirm(world.acting("municipal"), proposed)


def test_nobody_confirms_or_appoints_themselves(world) -> None:
    regional = world.appointments["regional"].person
    with pytest.raises(Refused, match="Себя назначить нельзя"):
        actions.propose(world.acting("regional"), regional, Role.MUNICIPAL_COORDINATOR, world["mun1"])
    federal = world.appointments["federal"].person
    proposed = Appointment.everything.create(
        person=federal,
        role=Role.EXPERT,
        organisation=world["region"],
        assessment=world.assessment,
        subject="Математика",
        state="proposed",
    )
    with pytest.raises(PermissionDenied):
        actions.confirm(world.acting("federal"), proposed)


def test_rules_are_asked_again_when_a_proposal_is_confirmed(world, person: Account) -> None:
    proposed = actions.propose(world.acting("school"), person, Role.PUBLIC_OBSERVER, world["school1"])
    Account.objects.filter(pk=person.pk).update(workplace=world["school1"])
    with pytest.raises(Refused, match="работает в этой организации"):
        actions.confirm(world.acting("municipal"), proposed)
    proposed.refresh_from_db()
    assert proposed.state == "proposed"


def test_subject_of_a_confirmed_expert_is_not_changed_behind_the_confirmers_back(world, person) -> None:
    proposed = actions.propose(
        world.acting("regional"), person, Role.EXPERT, world["region"], subject="Русский язык"
    )
    actions.correct(world.acting("regional"), proposed, Terms(subject="Математика"))
    actions.confirm(world.acting("federal"), proposed)
    with pytest.raises(Refused, match="подтверждён уровнем выше"):
        actions.correct(world.acting("regional"), proposed, Terms(subject="Физика"))


def test_withdrawn_appointment_ends_the_delegations_that_rest_on_it(world) -> None:
    technician = world.appointments["technician"]
    given = Delegation.everything.create(
        appointment=world.appointments["school"], delegate=technician.person, given_at="2026-04-01T00:00Z"
    )
    actions.withdraw(world.acting("municipal"), technician, "перешёл в другую школу")
    given.refresh_from_db()
    assert given.ended_by == world.appointments["municipal"].person


def test_person_above_is_not_corrected_from_below(world) -> None:
    """A school may not change the telephone of somebody who is also a municipal coordinator."""
    teacher = world.appointments["teacher"].person
    changed = Person(full_name=teacher.full_name, phone="+7 900 000-00-00")
    persons.correct_person(world.acting("school"), teacher, changed)
    assert Account.objects.get(pk=teacher.pk).phone == "+7 900 000-00-00"
    Appointment.everything.create(
        person=teacher,
        role=Role.MUNICIPAL_COORDINATOR,
        organisation=world["mun2"],
        assessment=world.assessment,
    )
    with pytest.raises(PermissionDenied):
        persons.correct_person(world.acting("school"), teacher, changed)


def test_correcting_the_workplace_warns_of_what_stands_against_the_rules(world, person: Account) -> None:
    actions.propose(world.acting("municipal"), person, Role.INDEPENDENT_OBSERVER, world["school2"])
    changed = Person(full_name=person.full_name, workplace=world["school2"])
    (warning,) = persons.correct_person(world.acting("municipal"), person, changed)
    assert "наблюдать в ней нельзя" in warning.message


def test_who_only_proposed_does_not_end_what_stands_by_confirmation_from_above(
    world, person: Account
) -> None:
    observer = Appointment.everything.create(
        person=person, role=Role.PUBLIC_OBSERVER, organisation=world["school1"], assessment=world.assessment
    )
    with pytest.raises(PermissionDenied):
        actions.withdraw(world.acting("school"), observer, "неудобен")
    actions.withdraw(world.acting("municipal"), observer, "заболел")
    observer.refresh_from_db()
    assert observer.state == "withdrawn"
