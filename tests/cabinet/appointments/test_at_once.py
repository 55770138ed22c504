"""Many at the same moment: one appointment, one list, one account, and clear words for the others."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from oko.cabinet.appointments import actions, lists
from oko.cabinet.appointments.actions import Terms
from oko.cabinet.appointments.conditions import Refused
from oko.cabinet.appointments.models import ResponsibleList
from oko.cabinet.appointments.persons import Person
from oko.cabinet.people.models import Account, Appointment, AppointmentChange, Role
from tests.cabinet.conftest import World

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 6


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Run it in real threads, each on its own connection, all let go together; refusals are answers."""
    start = Barrier(CLIENTS)

    def run(number: int) -> Any:
        try:
            start.wait(timeout=60)
            return work(number)
        except Refused as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(run, range(CLIENTS)))


def test_coordinators_appointing_the_same_person_at_once(world: World) -> None:
    person = Account.objects.create_user("newcomer", None, full_name="Новый Сотрудник")
    actors = [world.acting("school"), world.acting("municipal")]
    answers = at_once(lambda n: actions.propose(actors[n % 2], person, Role.TEACHER, world["school1"]))
    assert Appointment.everything.filter(person=person).count() == 1
    words = [answer for answer in answers if isinstance(answer, str)]
    assert len(words) == CLIENTS - 1
    assert all("уже назначен(а): учитель, Школа № 1" in answer for answer in words)


def test_same_new_person_made_at_once_is_one_account(world: World) -> None:
    person = Person("Орлова Вера Павловна", phone="+7 900 111-22-33")
    acting = world.acting("school")
    answers = at_once(
        lambda n: actions.appoint(acting, person, Role.TEACHER, world["school1"], Terms("12", None))
    )
    assert Account.objects.filter(full_name=person.full_name).count() == 1
    assert sum("Уже есть" in str(answer) for answer in answers) == CLIENTS - 1


def test_proposal_is_decided_once(world: World) -> None:
    person = Account.objects.create_user("guest", None, full_name="Гость")
    one = actions.propose(world.acting("school"), person, Role.PUBLIC_OBSERVER, world["school1"])
    acting = world.acting("municipal")
    answers = at_once(
        lambda n: actions.confirm(acting, one) if n % 2 else actions.decline(acting, one, "занят")
    )
    assert sum(isinstance(answer, Appointment) for answer in answers) == 1
    assert all("уже не ждёт решения" in answer for answer in answers if isinstance(answer, str))
    assert AppointmentChange.everything.filter(appointment=one).count() == 2


def test_list_sent_at_once_is_one_version(world: World) -> None:
    acting = world.acting("school")
    seen = lists.digest(lists.rows_now(acting))
    answers = at_once(lambda n: lists.send(acting, seen))
    assert [one.version for one in ResponsibleList.everything.all()] == [1]
    assert sum("ничего не изменилось" in str(answer) for answer in answers) == CLIENTS - 1
