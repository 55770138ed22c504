"""The first person of a fresh installation."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from oko.cabinet.access import inviting
from oko.cabinet.assessments.models import Assessment
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import Account, Appointment
from tests.cabinet.access.conftest import person
from tests.cabinet.conftest import World

NEW = "совсем-другой-пароль-57"


def test_first_federal_organiser_gets_into_an_empty_installation(client: Client, db: None) -> None:
    made = inviting.invite(" Ivanova ", "Иванова  Анна", "vpr-2027", "ВПР 2027", "Федеральный центр")
    client.post("/activate/", {"username": made.login, "code": made.code})
    client.post("/activate/password/", {"new_password1": NEW, "new_password2": NEW})
    page = client.get("/")
    assert page.status_code == 200
    assert "Федеральный центр" in page.content.decode()
    assert Organisation.everything.get().kind == Kind.FEDERAL
    assert Assessment.everything.get().title == "ВПР 2027"


def test_invited_again_loses_what_was_and_keeps_one_appointment(client: Client, world: World) -> None:
    federal = person(world, "federal")
    federal.set_password(NEW)
    federal.save()
    Authenticator.objects.create(user=federal, type="totp", data={})
    made = inviting.invite("federal", "кто угодно", "vpr-2026", "", "")
    federal.refresh_from_db()
    assert not federal.has_usable_password()
    assert not Authenticator.objects.exists()
    assert Appointment.everything.filter(person=federal).count() == 1
    assert client.post("/activate/", {"username": "federal", "code": made.code}).status_code == 302
    assert Assessment.everything.count() == 1


@pytest.mark.parametrize(
    ("login", "name", "assessment"),
    [
        ("я", "Имя", "vpr"),
        ("ab", "Имя", "vpr"),
        ("x" * 61, "Имя", "vpr"),
        ("good", " \x00 ", "vpr"),
        ("good", "Имя", "Код процедуры"),
        ("good", "Имя", ""),
        ("bad\x00", "Имя", "vpr"),
    ],
)
def test_nonsense_is_refused_in_words(db: None, login: str, name: str, assessment: str) -> None:
    with pytest.raises(inviting.CannotInviteError, match=r"\w"):
        inviting.invite(login, name, assessment, "Т", "О")
    assert not Account.objects.exists()
