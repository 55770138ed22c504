"""A stranger's wrong guesses never lock the right person out, and never fill the journal."""

from __future__ import annotations

from django.test import Client

from oko.cabinet.access import guessing
from oko.cabinet.audit.models import Event
from tests.cabinet.access.conftest import MovedClock, sign_in
from tests.cabinet.conftest import World

GUESS = "неверный-пароль"
MUNICIPALITY = "198.51.100.7"


def test_thousand_guesses_from_one_address_leave_the_neighbours_alone(with_passwords: World) -> None:
    """A whole municipality behind one address: somebody there tries many logins, also the neighbours'."""
    statuses = set()
    for number in range(1000):
        answer = sign_in(Client(), f"edu64{number % 120:04}", GUESS, MUNICIPALITY)
        statuses.add(answer.status_code)
    assert statuses == {200}
    for who in ("school", "technician", "teacher"):
        assert sign_in(Client(), who, address=MUNICIPALITY).status_code == 302


def test_known_browser_is_not_locked_by_guesses_from_its_own_address(with_passwords: World) -> None:
    mine = Client()
    sign_in(mine, "school", address=MUNICIPALITY)
    mine.post("/sign-out/")
    for _guess in range(30):
        sign_in(Client(), "school", GUESS, MUNICIPALITY)
    assert sign_in(Client(), "school", address=MUNICIPALITY).status_code == 429, "a browser nobody knows"
    assert sign_in(mine, "school", address=MUNICIPALITY).status_code == 302


def test_known_browser_has_a_limit_of_its_own(with_passwords: World) -> None:
    mine = Client()
    sign_in(mine, "school")
    mine.post("/sign-out/")
    for _guess in range(9):
        assert sign_in(mine, "school", GUESS).status_code == 200
    assert sign_in(mine, "school", GUESS).status_code == 429
    assert sign_in(mine, "school").status_code == 429
    assert sign_in(Client(), "school").status_code == 302, "and its limit locks nobody else"


def test_browser_known_for_one_login_is_a_stranger_for_another(with_passwords: World) -> None:
    mine = Client()
    sign_in(mine, "school")
    mine.post("/sign-out/")
    for _guess in range(10):
        sign_in(mine, "technician", GUESS)
    assert sign_in(Client(), "technician").status_code == 429


def test_stolen_looking_cookie_makes_no_browser_known(with_passwords: World) -> None:
    forged = Client()
    school = with_passwords.appointments["school"].person.pk
    for value in ("a" * 22, "", "é" * 22, "\x00", "a" * 4000):
        forged.cookies[f"oko_known_{school}"] = value
        assert sign_in(forged, "school", GUESS).status_code == 200


def test_guesses_from_very_many_addresses_slow_strangers_and_not_the_right_person(
    with_passwords: World,
) -> None:
    mine = Client()
    sign_in(mine, "school", address="10.1.1.1")
    mine.post("/sign-out/")
    for number in range(guessing.STRANGERS_LIMIT):
        sign_in(Client(), "school", GUESS, f"203.0.113.{number}")
    assert sign_in(Client(), "school", GUESS, "192.0.2.77").status_code == 429, "one more stranger waits"
    assert sign_in(Client(), "school", address="10.1.1.1").status_code == 302, (
        "another one at the known place"
    )
    assert sign_in(mine, "school", address="192.0.2.99").status_code == 302, "the known browser, anywhere"
    assert sign_in(Client(), "technician", address="192.0.2.77").status_code == 302, "another login"


def test_clock_that_was_set_back_binds_nobody(with_passwords: World, moved_clock: MovedClock) -> None:
    for _guess in range(10):
        sign_in(Client(), "school", GUESS)
    moved_clock.back(days=1)
    assert sign_in(Client(), "school").status_code == 302


def test_slip_before_a_right_password_is_forgiven(with_passwords: World) -> None:
    for _again in range(3):
        for _guess in range(9):
            sign_in(Client(), "school", GUESS)
        assert sign_in(Client(), "school").status_code == 302


def test_guesses_at_logins_that_do_not_exist_leave_few_events(with_passwords: World) -> None:
    for number in range(150):
        sign_in(Client(), f"nobody{number}", GUESS, MUNICIPALITY)
    failed = Event.everything.filter(verb="access.sign_in_failed")
    assert failed.count() == 3, "the first, the tenth, the hundredth"


def test_guesses_at_a_real_login_leave_the_first_and_the_lock(with_passwords: World) -> None:
    for _guess in range(40):
        sign_in(Client(), "school", GUESS)
    assert Event.everything.filter(verb="access.sign_in_failed").count() == 1
    locked = Event.everything.get(verb="access.sign_in_locked")
    assert GUESS not in locked.body
