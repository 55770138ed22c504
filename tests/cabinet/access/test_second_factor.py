"""The second factor: compulsory for some, offered to the rest, shown once a session, never replayed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import LazySettings
from django.test import Client

from oko.cabinet.access import factors, keys
from oko.cabinet.audit.models import Event
from oko.cabinet.people.models import Account
from tests.cabinet.access.conftest import MovedClock, person, sign_in
from tests.cabinet.conftest import PASSWORD, World

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
COMPULSORY = ["federal", "regional", "responsible", "analyst"]
OFFERED = ["municipal", "school", "technician", "teacher"]


@pytest.fixture(autouse=True)
def compulsory(settings: LazySettings) -> None:
    settings.SECOND_FACTOR_COMPULSORY = True


def code_at(clock: MovedClock, secret: str = SECRET, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(clock.at.timestamp()) // 30 + ahead))


def connect(account: Account) -> Authenticator:
    made: Authenticator = Authenticator.objects.create(
        user=account, type="totp", data={"secret": keys.encrypt(SECRET), "counter": 0}
    )
    return made


def show(client: Client, code: str, **more: Any) -> Any:
    return client.post("/second-factor/", {"code": code}, **more)


@pytest.mark.parametrize("who", COMPULSORY)
def test_compulsory_role_does_nothing_without_a_second_factor(with_passwords: World, who: str) -> None:
    client = Client()
    sign_in(client, who)
    for address in ("/", "/people/", "/organisations/", "/password/", "/security/"):
        assert client.get(address).headers["Location"].startswith("/second-factor/set-up/"), address
    assert client.post("/access/prepare/").headers["Location"] == "/second-factor/set-up/"
    assert client.get("/second-factor/set-up/").status_code == 200
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"


@pytest.mark.parametrize("who", OFFERED)
def test_others_are_offered_one_and_work_without(with_passwords: World, who: str) -> None:
    client = Client()
    sign_in(client, who)
    assert client.get("/").status_code == 200
    assert "Не подключён" in client.get("/security/").content.decode()


def set_up(client: Client, clock: MovedClock) -> Any:
    page = client.get("/second-factor/app/").content.decode()
    found = re.search(r'oko-key">([A-Z2-7 ]+)<', page)
    assert found
    return client.post("/second-factor/app/", {"code": code_at(clock, found[1].replace(" ", ""))})


def test_app_is_connected_and_the_cabinet_opens(with_passwords: World, moved_clock: MovedClock) -> None:
    client = Client()
    sign_in(client, "regional")
    page = set_up(client, moved_clock)
    codes = re.findall(r"<code>(\d{8})</code>", page.content.decode())
    assert len(codes) == 10
    assert client.get("/").status_code == 200
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert kept.startswith("gAAAA"), "encrypted at rest"
    assert Event.everything.filter(verb="access.factor_added").count() == 1


def test_secret_on_its_way_is_encrypted_in_the_session_too(with_passwords: World) -> None:
    client = Client()
    sign_in(client, "regional")
    client.get("/second-factor/app/")
    assert client.session[factors.PENDING].startswith("gAAAA")


def test_next_sign_in_asks_for_the_code_and_shows_nothing_before(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    connect(person(with_passwords, "school"))
    client = Client()
    sign_in(client, "school")
    for address in ("/", "/security/", "/password/", "/no-appointment/", "/second-factor/app/"):
        assert client.get(address).headers["Location"].startswith("/second-factor/?next="), address
    for address in ("/second-factor/passkey/", "/second-factor/set-up/", "/security/confirm/"):
        assert client.get(address).headers["Location"].startswith("/second-factor/"), address
    assert show(client, code_at(moved_clock), follow=False).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_session_gets_a_new_key_when_the_factor_is_shown(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    connect(person(with_passwords, "school"))
    client = Client()
    sign_in(client, "school")
    before = client.session.session_key
    show(client, code_at(moved_clock))
    assert client.session.session_key != before


def test_code_opens_once_whichever_process_asks(with_passwords: World, moved_clock: MovedClock) -> None:
    connect(person(with_passwords, "school"))
    first, second = Client(), Client()
    sign_in(first, "school")
    sign_in(second, "school")
    code = code_at(moved_clock)
    assert show(first, code).status_code == 302
    assert "Код не подошёл" in show(second, code).content.decode()
    assert "Код не подошёл" in show(second, code_at(moved_clock, ahead=-1)).content.decode(), (
        "nor an older one"
    )
    moved_clock.forward(seconds=30)
    assert show(second, code_at(moved_clock)).status_code == 302


@pytest.mark.parametrize("code", ["", "000000", "ы" * 6, "\x00", "1" * 500, "12345"])
def test_wrong_code_is_answered_politely(with_passwords: World, code: str) -> None:
    connect(person(with_passwords, "school"))
    client = Client()
    sign_in(client, "school")
    assert show(client, code).status_code == 200


def test_spare_code_opens_once(with_passwords: World, moved_clock: MovedClock) -> None:
    client = Client()
    sign_in(client, "regional")
    spare = re.findall(r"<code>(\d{8})</code>", set_up(client, moved_clock).content.decode())
    again = Client()
    sign_in(again, "regional")
    assert show(again, spare[0]).status_code == 302
    once_more = Client()
    sign_in(once_more, "regional")
    assert show(once_more, spare[0]).status_code == 200
    assert show(once_more, spare[1]).status_code == 302


def test_guessing_codes_ends_the_guesser_and_not_the_owner(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    """A thief has the password; the owner sits at a browser that is known."""
    connect(person(with_passwords, "school"))
    owner = Client()
    sign_in(owner, "school")
    show(owner, code_at(moved_clock))
    owner.post("/sign-out/")
    thief = Client()
    sign_in(thief, "school")
    for _guess in range(9):
        assert show(thief, "000000").status_code == 200
    assert show(thief, "000000").status_code == 429
    assert thief.get("/second-factor/").headers["Location"].startswith("/sign-in/"), "signed out"
    moved_clock.forward(seconds=60)
    sign_in(owner, "school")
    assert show(owner, code_at(moved_clock)).status_code == 302


def test_sessions_without_a_factor_end_when_one_is_connected(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    elsewhere, here = Client(), Client()
    sign_in(elsewhere, "school")
    sign_in(here, "school")
    set_up(here, moved_clock)
    assert elsewhere.get("/").headers["Location"].startswith("/sign-in/")
    assert here.get("/").status_code == 200


def test_sign_in_that_ran_beside_the_first_connection_adds_no_factor_of_its_own(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    thief, account = Client(), person(with_passwords, "school")
    sign_in(thief, "school")
    thief.get("/second-factor/app/")
    secret = keys.decrypt(thief.session[factors.PENDING])
    Authenticator.objects.create(user=account, type="webauthn", data={})  # the owner, in the same second
    assert thief.post("/second-factor/app/", {"code": code_at(moved_clock, secret)}).status_code == 403
    assert [one.type for one in factors.factors_of(account)] == ["webauthn"]


def test_password_is_asked_again_before_secrets_change_later(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    client = Client()
    sign_in(client, "school")
    moved_clock.forward(minutes=20)
    assert (
        client.get("/second-factor/app/").headers["Location"] == "/security/confirm/?next=second-factor-app"
    )
    assert client.post("/security/confirm/", {"password": "не тот"}).status_code == 200
    answer = client.post("/security/confirm/", {"password": PASSWORD, "next": "second-factor-app"})
    assert answer.headers["Location"] == "/second-factor/app/"
    assert client.get("/second-factor/app/").status_code == 200


def test_removed_factor_of_a_compulsory_role_has_to_be_replaced_at_once(
    with_passwords: World, moved_clock: MovedClock
) -> None:
    client = Client()
    sign_in(client, "regional")
    set_up(client, moved_clock)
    pk = Authenticator.objects.get(type="totp").pk
    assert client.post(f"/second-factor/{pk}/remove/").status_code == 302
    assert not Authenticator.objects.exists(), "spare codes of nothing are gone too"
    assert client.get("/").headers["Location"].startswith("/second-factor/set-up/")


def test_nobody_removes_a_factor_of_somebody_else(with_passwords: World, moved_clock: MovedClock) -> None:
    foreign = connect(person(with_passwords, "technician"))
    client = Client()
    sign_in(client, "school")
    assert client.post(f"/second-factor/{foreign.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=foreign.pk).exists()


def test_new_spare_codes_make_the_old_ones_useless(with_passwords: World, moved_clock: MovedClock) -> None:
    client = Client()
    sign_in(client, "school")
    old = re.findall(r"<code>(\d{8})</code>", set_up(client, moved_clock).content.decode())
    new = re.findall(r"<code>(\d{8})</code>", client.post("/second-factor/spare-codes/").content.decode())
    assert len(new) == 10
    assert not set(old) & set(new)
    again = Client()
    sign_in(again, "school")
    assert show(again, old[0]).status_code == 200
    assert show(again, new[0]).status_code == 302


@pytest.mark.parametrize(
    "credential", ["", "x", "{}", "[]", "null", '{"id": 1}', '{"response": {"clientDataJSON": "e30"}}']
)
def test_nonsense_instead_of_a_passkey_is_answered_politely(with_passwords: World, credential: str) -> None:
    client = Client(HTTP_HOST="localhost")
    sign_in(client, "school")
    assert client.get("/second-factor/passkey/").status_code == 200
    answer = client.post("/second-factor/passkey/", {"credential": credential, "name": "\x00"})
    assert answer.status_code == 200
    assert "Браузер вернул не то" in answer.content.decode()
    connect(person(with_passwords, "school"))
    again = Client(HTTP_HOST="localhost")
    sign_in(again, "school")
    assert again.post("/second-factor/", {"credential": credential}).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/email/",
        "/accounts/password/reset/",
        "/accounts/2fa/",
        "/signup/",
        "/login/",
    ],
)
def test_no_address_of_allauth_exists(client: Client, db: None, address: str) -> None:
    assert client.get(address).status_code == 404


def test_other_key_of_this_installation_is_said_in_words(settings: LazySettings) -> None:
    kept = keys.encrypt("x")
    settings.ACCESS_KEY = "another"
    with pytest.raises(keys.WrongKeyError, match="OKO_ACCESS_KEY"):
        keys.decrypt(kept)
