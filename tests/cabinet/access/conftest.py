"""A clock that can be moved, people who can sign in, codes that can be read off a letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from oko.cabinet.access import issuing
from oko.cabinet.people.models import Account
from tests.cabinet.conftest import PASSWORD, World


@dataclass
class MovedClock:
    """The one clock of the cabinet, standing where the test wants it."""

    at: datetime

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)

    def back(self, **by: float) -> None:
        self.at -= timedelta(**by)


@pytest.fixture
def moved_clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    from django.utils import timezone

    moved = MovedClock(timezone.now())
    monkeypatch.setattr("django.utils.timezone.now", lambda: moved.at)
    return moved


@pytest.fixture
def with_passwords(world: World) -> World:
    for appointment in world.appointments.values():
        appointment.person.set_password(PASSWORD)
        appointment.person.save()
    return world


def take_codes(world: World, who: str, *whom: str, kind: str = "letters") -> dict[str, issuing.Issued]:
    """As the page does it: a list is prepared and taken; by login."""
    acting = world.acting(who)
    batch = issuing.prepare(acting, [world.appointments[one].pk for one in whom], kind)
    return {one.account.username: one for one in issuing.take(acting, batch.pk)}


def sign_in(
    client: Client, login: str, password: str = PASSWORD, address: str = "10.0.0.1", **more: Any
) -> Any:
    return client.post("/sign-in/", {"username": login, "password": password}, REMOTE_ADDR=address, **more)


def person(world: World, who: str) -> Account:
    found = world.appointments[who].person
    found.refresh_from_db()
    return found
