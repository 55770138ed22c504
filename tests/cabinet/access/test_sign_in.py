"""Signing in with what stands on paper, changing the password, and the lock against guessing."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from oko.cabinet.access.models import WrongGuesses
from oko.cabinet.foundation import clock
from oko.cabinet.people.hashers import TunedArgon2
from oko.cabinet.people.models import Account
from tests.cabinet.conftest import PASSWORD

GUESS = "неверный-пароль"
NEW = "совсем-другой-пароль-57"


@pytest.fixture
def technician(world) -> Account:
    person = world.appointments["technician"].person
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client: Client, login: str, password: str, address: str = "10.0.0.1", next_page: str = ""):
    return client.post(
        "/sign-in/", {"username": login, "password": password, "next": next_page}, REMOTE_ADDR=address
    )


def guess_until_locked(login: str, address: str) -> None:
    for _attempt in range(9):
        assert sign_in(Client(), login, GUESS, address).status_code == 200
    assert sign_in(Client(), login, GUESS, address).status_code == 429


@pytest.mark.parametrize(
    "typed", ["technician", "Technician", " TECHNICIAN ", "tech nician", "\u00a0technician"]
)
def test_login_is_understood_however_it_was_typed(client, technician, typed: str) -> None:
    assert sign_in(client, typed, PASSWORD).headers["Location"] == "/"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("technician", GUESS),
        ("nobody", PASSWORD),
        ("technician", ""),
        ("", ""),
        ("tech\x00", "a"),
        ("т" * 5000, "a"),
    ],
)
def test_wrong_login_or_password_is_answered_alike_and_politely(
    client, technician, login: str, password: str
) -> None:
    answer = sign_in(client, login, password)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_switched_off_account_does_not_open(client, technician) -> None:
    Account.objects.update(is_active=False)
    assert sign_in(client, "technician", PASSWORD).status_code == 200
    assert "_auth_user_id" not in client.session


def test_account_switched_off_during_a_session_is_out_at_the_next_request(client, technician) -> None:
    sign_in(client, "technician", PASSWORD)
    Account.objects.update(is_active=False)
    assert client.get("/").headers["Location"].startswith("/sign-in/")


def test_nul_characters_in_other_fields_do_not_break_the_count_of_guesses(client, technician) -> None:
    answer = client.post(
        "/sign-in/?a=%00", {"username": "technician", "password": GUESS, "next": "\x00", "x": "\x00"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil", "/\x00"]
)
def test_one_is_sent_only_to_pages_of_the_cabinet(client, technician, wanted: str) -> None:
    location = sign_in(client, "technician", PASSWORD, next_page=wanted).headers["Location"]
    assert location == "/" or "evil" not in location


def test_one_comes_back_to_the_page_that_asked_for_a_sign_in(client, technician) -> None:
    wanted = f"/people/?{urlencode({'text': 'Иванов', 'role': 'expert'})}"
    asked = client.get(wanted).headers["Location"]
    page = client.get(asked)
    again = sign_in(client, "technician", PASSWORD, next_page=page.context["next"])
    assert client.get(again.headers["Location"]).wsgi_request.GET.dict() == {
        "text": "Иванов",
        "role": "expert",
    }


def test_guessing_locks_the_guesser_and_says_when_to_come_back(technician) -> None:
    guess_until_locked("technician", "203.0.113.5")
    page = sign_in(Client(), "technician", PASSWORD, "203.0.113.5")
    text = page.content.decode()
    assert page.status_code == 429
    assert "Попробуйте снова после" in text
    assert "по Москве" in text


def test_strangers_guesses_do_not_lock_the_right_person(client, technician) -> None:
    guess_until_locked("technician", "203.0.113.5")
    assert sign_in(client, "technician", PASSWORD, "10.0.0.1").headers["Location"] == "/"


def test_neighbour_behind_the_same_address_signs_in(client, technician, world) -> None:
    guess_until_locked("nobody", "10.0.0.1")
    assert sign_in(client, "technician", PASSWORD, "10.0.0.1").headers["Location"] == "/"


def test_login_in_capitals_is_no_way_round_the_lock(technician) -> None:
    for login in ("technician", "TECHNICIAN", " Technician ", "tech nician", "technician ") * 2:
        sign_in(Client(), login, GUESS, "203.0.113.5")
    assert sign_in(Client(), "tECHNICIAN", PASSWORD, "203.0.113.5").status_code == 429
    assert set(WrongGuesses.objects.values_list("login", flat=True)) == {"technician"}


def test_lock_opens_after_its_time(client, technician) -> None:
    guess_until_locked("technician", "10.0.0.1")
    WrongGuesses.objects.update(last_at=clock.now() - timedelta(minutes=16))
    assert sign_in(client, "technician", PASSWORD, "10.0.0.1").headers["Location"] == "/"


def test_new_password_ends_the_other_sessions_and_keeps_this_one(technician) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here, "technician", PASSWORD)
    sign_in(elsewhere, "technician", PASSWORD)
    changed = here.post(
        "/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}, follow=True
    )
    assert "Пароль изменён" in changed.content.decode()
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").headers["Location"].startswith("/sign-in/")
    assert sign_in(Client(), "technician", PASSWORD).status_code == 200
    assert sign_in(Client(), "technician", NEW).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        (GUESS, NEW, NEW),
        (PASSWORD, "короткий", "короткий"),
        (PASSWORD, "1234567890", "1234567890"),
        (PASSWORD, "technician1", "technician1"),
        (PASSWORD, NEW, NEW + "!"),
        (PASSWORD, "", ""),
    ],
)
def test_poor_new_password_is_refused_at_its_field(technician, old: str, new: str, again: str) -> None:
    client = Client()
    client.force_login(technician, backend="oko.cabinet.people.backends.AccountBackend")
    page = client.post("/password/", {"old_password": old, "new_password1": new, "new_password2": again})
    assert page.status_code == 200
    assert 'class="errorlist"' in page.content.decode()
    technician.refresh_from_db()
    assert technician.check_password(PASSWORD)


def test_signing_out_needs_a_click_and_ends_the_session(client, technician) -> None:
    sign_in(client, "technician", PASSWORD)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/").headers["Location"].startswith("/sign-in/")


def test_session_gets_a_new_key_at_sign_in(client, technician) -> None:
    client.session.save()
    before = client.session.session_key
    sign_in(client, "technician", PASSWORD)
    assert client.session.session_key != before


def test_passwords_are_kept_with_the_tuned_argon2() -> None:
    encoded = TunedArgon2().encode(PASSWORD, "солёная-соль")
    assert "argon2id$v=19$m=22528,t=4,p=1$" in encoded
    assert TunedArgon2().verify(PASSWORD, encoded)
    assert not TunedArgon2().verify(GUESS, encoded)


def test_password_kept_with_fewer_passes_is_kept_anew_at_sign_in(client, technician, settings) -> None:
    settings.PASSWORD_HASHERS = ["oko.cabinet.people.hashers.TunedArgon2"]
    weak = TunedArgon2()
    weak.time_cost = 2
    Account.objects.filter(pk=technician.pk).update(password=weak.encode(PASSWORD, "солёная-соль"))
    assert sign_in(client, "technician", PASSWORD).status_code == 302
    assert ",t=4," in Account.objects.get(pk=technician.pk).password
