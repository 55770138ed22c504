"""`next` leads to a place of this site or nowhere."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from oko.cabinet.foundation.returning import way_on
from tests.cabinet.conftest import PASSWORD, World


@pytest.mark.parametrize(
    "wanted",
    [
        "999",
        "home",
        "//evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/" + "а" * 5000,
        "\x00",
    ],
)
def test_what_is_no_path_of_ours_is_passed_over(wanted: str) -> None:
    assert way_on(RequestFactory().post("/", {"next": wanted}), "/home/") == "/home/"


def test_path_of_ours_is_followed() -> None:
    assert way_on(RequestFactory().get("/", {"next": "/board/?page=2"}), "/") == "/board/?page=2"


def test_sign_in_with_a_senseless_next_ends_at_home(client: Client, world: World) -> None:
    person = world.appointments["technician"].person
    person.set_password(PASSWORD)
    person.save()
    answer = client.post("/sign-in/", {"username": "technician", "password": PASSWORD, "next": "никуда"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
