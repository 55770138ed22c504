"""«Кто имеет доступ»: the technical specialist sees the risks of the own organisation, and no other's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from oko.cabinet.access import holders
from oko.cabinet.access.models import AccessRecord
from oko.cabinet.audit.models import Event
from oko.cabinet.people.models import Delegation
from tests.cabinet.access.conftest import MovedClock, person, sign_in, take_codes
from tests.cabinet.conftest import World


def holder(world: World, who: str) -> holders.Holder:
    found = holders.holders(world.acting("technician"))
    return next(one for one in found if one.full_name == f"Сотрудник {who}")


def test_never_used_and_expired_codes_are_told(world: World, moved_clock: MovedClock) -> None:
    assert "Доступа нет" in holder(world, "teacher").advice[0]
    take_codes(world, "municipal", "teacher")
    assert holder(world, "teacher").state.startswith("код выдан, действует до")
    assert holder(world, "teacher").advice == []
    moved_clock.forward(days=40)
    assert "Код просрочен" in holder(world, "teacher").advice[0]


def test_when_and_whence_it_was_last_used_outlives_the_session(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    client = Client()
    sign_in(client, "teacher", address="10.9.8.7")
    client.post("/sign-out/")
    moved_clock.forward(days=2)
    seen = holder(with_passwords, "teacher")
    assert seen.whence == "10.9.8.7"
    assert seen.last_used == moved_clock.at - timedelta(days=2)


def test_old_password_two_places_and_missing_factor_are_advised_on(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    sign_in(Client(), "school")
    AccessRecord.objects.create(
        account=person(with_passwords, "school"),
        password_set_at=moved_clock.at - timedelta(days=401),
        two_places_at=moved_clock.at,
        two_places="10.0.0.1 и 10.0.0.2",
    )
    advice = " ".join(holder(with_passwords, "school").advice)
    assert "Пароль не меняли 401\N{NO-BREAK SPACE}день" in advice
    assert "10.0.0.1 и 10.0.0.2" in advice
    assert "Второго фактора нет" in advice
    Authenticator.objects.create(user=person(with_passwords, "school"), type="totp", data={})
    assert holder(with_passwords, "school").factor == "приложение с кодами"
    assert "Второго фактора нет" not in " ".join(holder(with_passwords, "school").advice)


def test_long_unused_access_is_advised_on(with_passwords: World, moved_clock: MovedClock) -> None:
    sign_in(Client(), "teacher")
    moved_clock.forward(days=100)
    assert "Давно не входил" in " ".join(holder(with_passwords, "teacher").advice)


def test_page_shows_delegations_and_is_exported_with_an_event(world: World, moved_clock: MovedClock) -> None:
    Delegation.everything.create(
        appointment=world.appointments["school"],
        delegate=world.appointments["technician"].person,
        given_at=moved_clock.at,
    )
    client = world.client("technician")
    page = client.get("/access/holders/").content.decode()
    assert "работает в кабинете" in page
    assert client.get("/access/holders/?export=xlsx").status_code == 200
    assert "Сотрудник teacher" in client.get("/access/holders/?export=csv").content.decode("utf-8-sig")
    assert Event.everything.filter(verb="access.holders_exported").count() == 2


@pytest.mark.parametrize("who", ["technician", "school", "municipal", "regional", "federal"])
def test_each_sees_the_own_organisation_only(world: World, who: str) -> None:
    page = world.client(who).get("/access/holders/").content.decode()
    assert f"Сотрудник {who}" in page
    for other in {"technician2", "municipal2", "regional2"}:
        assert f"Сотрудник {other}" not in page


@pytest.mark.parametrize("who", ["teacher", "analyst"])
def test_who_does_not_answer_for_it_gets_no_page(world: World, who: str) -> None:
    assert world.client(who).get("/access/holders/").status_code == 403


@pytest.mark.parametrize(
    "query", ["sort=-last_used", "sort=whence", "sort=factor", "page=9", "sort=x&page=x"]
)
def test_page_answers_whatever_it_is_asked(with_passwords: World, query: str) -> None:
    sign_in(Client(), "teacher")
    assert with_passwords.client("technician").get(f"/access/holders/?{query}").status_code == 200
