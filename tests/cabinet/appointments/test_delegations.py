"""A technical specialist in the coordinator's cabinet: given, seen, bounded, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from oko.cabinet.appointments import actions, delegations, journal
from oko.cabinet.audit.models import Event
from oko.cabinet.foundation.access import VERBS, may
from oko.cabinet.foundation.clock import now
from oko.cabinet.people import queries
from oko.cabinet.people.models import Account, Appointment, Delegation, Role


@pytest.fixture
def coordinator(world) -> Client:
    return world.client("school")


@pytest.fixture
def technician(world) -> Client:
    return world.client("technician")


def delegate(world, coordinator: Client, **terms: str):
    return coordinator.post(
        "/appointments/delegations/", {"specialist": world.appointments["technician"].pk} | terms, follow=True
    )


def enter(world, technician: Client) -> str:
    """The technician takes the coordinator's cabinet in the switch of roles."""
    return technician.post(f"/acting/{world.appointments['school'].pk}/", follow=True).content.decode()


def test_delegation_is_given_seen_by_all_three_and_offered_in_the_header(world, coordinator, technician):
    world.appointments["head"] = Appointment.everything.create(
        person=Account.objects.create_user("head", None, full_name="Директор Школы"),
        role=Role.HEAD,
        organisation=world["school1"],
        assessment=world.assessment,
    )
    page = delegate(world, coordinator).content.decode()
    assert "Поручение дано: Сотрудник technician" in page
    for client in (coordinator, technician, world.client("head")):
        assert "Сотрудник technician" in client.get("/appointments/delegations/").content.decode()
    assert "Школьный координатор — по поручению (Сотрудник school)" in technician.get("/").content.decode()
    assert "по поручению (Сотрудник school)" in enter(world, technician)
    assert Event.everything.filter(verb="appointments.delegated").count() == 1


def test_nobody_enters_without_a_delegation(world, technician: Client) -> None:
    assert technician.post(f"/acting/{world.appointments['school'].pk}/").status_code == 404


def test_delegate_acts_in_the_coordinators_appointment_under_their_own_name(world, coordinator) -> None:
    delegate(world, coordinator)
    (found,) = queries.delegated_appointments(world.appointments["technician"].person)
    acting = found.acting()
    assert acting.account_id == world.appointments["technician"].person_id
    assert acting.role == Role.SCHOOL_COORDINATOR
    assert acting.delegation_id == Delegation.everything.get().pk
    bound = {name for name in VERBS if not VERBS[name].delegable}
    assert {"appointments.propose", "appointments.sign", "appointments.send_list"} <= bound
    assert not any(may(acting, name) for name in bound)
    assert may(acting, "appointments.read")


@pytest.mark.parametrize("address", ["new/", "lists/send/", "import/"])
def test_delegate_is_told_why_a_binding_act_is_not_theirs(world, coordinator, technician, address: str):
    delegate(world, coordinator)
    enter(world, technician)
    page = technician.get(f"/appointments/{address}")
    assert page.status_code == 403
    assert "По поручению это недоступно" in page.content.decode()
    assert "Сотрудник school" in page.content.decode()


def test_delegate_passes_nothing_on(world, coordinator, technician: Client) -> None:
    delegate(world, coordinator)
    enter(world, technician)
    assert delegate(world, technician).status_code == 403
    given = Delegation.everything.get()
    assert technician.post(f"/appointments/delegations/{given.pk}/end/").status_code == 403


def test_what_a_delegate_does_is_recorded_with_the_delegation(world, coordinator, technician) -> None:
    delegate(world, coordinator)
    enter(world, technician)
    technician.get("/appointments/?export=csv")
    event = Event.everything.get(verb="appointments.exported")
    assert event.account == world.appointments["technician"].person_id
    assert f'"delegation":{Delegation.everything.get().pk}' in event.body


def end_by_hand(world) -> None:
    given = Delegation.everything.get()
    world.client("school").post(f"/appointments/delegations/{given.pk}/end/")


def end_by_date(world) -> None:
    Delegation.everything.update(until=now() - timedelta(seconds=1))


def withdraw(who: str):
    def ending(world) -> None:
        world.client("municipal").post(
            f"/appointments/{world.appointments[who].pk}/withdraw/", {"withdraw-reason": "причина"}
        )

    return ending


def switch_off_the_coordinator(world) -> None:
    Account.objects.filter(username="school").update(is_active=False)


@pytest.mark.parametrize(
    "ending",
    [end_by_hand, end_by_date, withdraw("school"), withdraw("technician"), switch_off_the_coordinator],
    ids=["by hand", "by date", "coordinator withdrawn", "technician withdrawn", "coordinator switched off"],
)
def test_delegate_loses_the_cabinet_at_the_next_request(world, coordinator, technician, ending) -> None:
    Appointment.everything.create(
        person=world.appointments["technician"].person,
        role=Role.TEACHER,
        organisation=world["school1"],
        assessment=world.assessment,
    )
    delegate(world, coordinator)
    enter(world, technician)
    assert technician.get("/appointments/").status_code == 200
    ending(world)
    assert technician.get("/appointments/").headers["Location"] == "/"
    page = technician.get("/").content.decode()
    assert "прекращено" in page
    assert "по поручению" not in page.partition("<main")[0]


def test_delegation_of_somebody_who_is_no_specialist_here_is_refused(world, coordinator) -> None:
    for stranger in ("teacher", "technician2"):
        page = coordinator.post("/appointments/delegations/", {"specialist": world.appointments[stranger].pk})
        assert page.status_code == 422
    assert not Delegation.everything.exists()


@pytest.mark.parametrize("until", ["2020-01-01", "9999-12-31", "0001-01-01", "завтра", "\x00"])
def test_end_that_makes_no_sense_is_refused(world, coordinator, until: str) -> None:
    assert delegate(world, coordinator, until=until).status_code == 422


def test_new_delegation_to_the_same_person_takes_the_place_of_the_former(world, coordinator) -> None:
    delegate(world, coordinator)
    delegate(world, coordinator, until="2099-01-01")
    assert Delegation.everything.filter(ended_at=None).count() == 1
    assert Delegation.everything.count() == 2


def test_others_neither_give_nor_end(world, coordinator, technician) -> None:
    assert delegate(world, technician).status_code == 403
    delegate(world, coordinator)
    given = Delegation.everything.get()
    assert technician.post(f"/appointments/delegations/{given.pk}/end/").status_code == 403
    assert world.client("technician2").post(f"/appointments/delegations/{given.pk}/end/").status_code == 404


def test_delegation_that_ends_with_the_appointment_is_an_event_of_its_own(world, coordinator) -> None:
    given = delegations.delegate(world.acting("school"), world.appointments["technician"], None)
    actions.withdraw(world.acting("municipal"), world.appointments["school"], "уволен")
    given.refresh_from_db()
    assert given.ended_at is not None
    assert Event.everything.filter(verb=journal.DELEGATION_ENDED).count() == 1
