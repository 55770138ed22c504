"""A code from a letter opens one account, once, in time, and nothing else."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from oko.cabinet.access import codes, issuing
from oko.cabinet.access.models import ActivationCode
from oko.cabinet.audit.models import Event
from oko.cabinet.people.models import Account, Appointment, Role
from tests.cabinet.access.conftest import MovedClock, person, sign_in, take_codes
from tests.cabinet.conftest import World

NEW = "совсем-другой-пароль-57"
TWICE = {"new_password1": NEW, "new_password2": NEW}


def enter_code(client: Client, login: str, code: str) -> Any:
    return client.post("/activate/", {"username": login, "code": code})


def trouble(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.context["form"].non_field_errors())


def test_person_with_a_letter_sets_a_password_and_is_in(client: Client, world: World) -> None:
    code = take_codes(world, "municipal", "school")["school"].code
    assert (
        enter_code(client, "School ", codes.grouped(code).lower()).headers["Location"]
        == "/activate/password/"
    )
    page = client.get("/activate/password/").content.decode()
    assert "Сотрудник school" in page
    assert "Школа № 1" in page
    assert client.post("/activate/password/", TWICE).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert sign_in(Client(), "school", NEW).status_code == 302


def test_code_is_read_however_it_was_typed() -> None:
    assert codes.as_meant(" k7qm–2xw9 abcd_0123") == "K7QM2XW9ABCD0123"
    assert codes.as_meant("оil0") == "0110", "O is nought, I and L are one"
    assert codes.as_meant("КМН") == "KMH", "Cyrillic look-alikes"
    assert len(codes.as_meant("A" * 5000)) == codes.LENGTH + 1
    assert len({codes.new_code() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("typed", ["", "ABCD", "\x00", "№" * 16, "A" * 5000])
def test_what_is_no_code_is_told_at_its_field(client: Client, world: World, typed: str) -> None:
    answer = client.post("/activate/", {"username": "school", "code": typed})
    assert answer.status_code == 200
    assert answer.context["form"].errors["code"]


def test_code_used_twice_is_refused_and_says_when(client: Client, world: World) -> None:
    code = take_codes(world, "municipal", "school")["school"].code
    enter_code(client, "school", code)
    client.post("/activate/password/", TWICE)
    answer = enter_code(Client(), "school", code)
    assert "уже использован" in trouble(answer)


def test_expired_code_is_refused_and_stays_so_when_the_clock_steps_back(
    client: Client, world: World, moved_clock: MovedClock
) -> None:
    code = take_codes(world, "municipal", "school")["school"].code
    moved_clock.forward(days=31)
    assert "Срок кода истёк" in trouble(enter_code(client, "school", code))
    moved_clock.back(days=30)
    assert "Срок кода истёк" in trouble(enter_code(client, "school", code))


def test_code_of_another_region_opens_nothing_and_says_nothing(client: Client, world: World) -> None:
    code = take_codes(world, "federal", "regional2")["regional2"].code
    foreign = trouble(enter_code(client, "regional", code))
    nobody = trouble(enter_code(client, "nobody-at-all", code))
    invented = trouble(enter_code(client, "regional", codes.new_code()))
    assert foreign == nobody == invented
    assert ActivationCode.objects.get().used_at is None


def test_newer_code_makes_the_earlier_one_void(client: Client, world: World) -> None:
    first = take_codes(world, "municipal", "school")["school"].code
    second = take_codes(world, "municipal", "school")["school"].code
    assert "после него выдан новый" in trouble(enter_code(client, "school", first))
    assert enter_code(client, "school", second).status_code == 302


def test_code_of_a_switched_off_account_opens_nothing(client: Client, world: World) -> None:
    code = take_codes(world, "municipal", "school")["school"].code
    Account.objects.filter(username="school").update(is_active=False)
    assert "отключена" in trouble(enter_code(client, "school", code))


def test_code_voided_between_the_two_steps_opens_nothing(client: Client, world: World) -> None:
    code = take_codes(world, "municipal", "school")["school"].code
    enter_code(client, "school", code)
    take_codes(world, "municipal", "school")
    page = client.post("/activate/password/", TWICE)
    assert "больше не действует" in page.content.decode()
    assert not person(world, "school").has_usable_password()


@pytest.mark.parametrize("new", ["короткий", "1234567890", "school1234", "", "a" * 2000])
def test_poor_password_is_refused_and_the_code_stays(client: Client, world: World, new: str) -> None:
    code = take_codes(world, "municipal", "school")["school"].code
    enter_code(client, "school", code)
    page = client.post("/activate/password/", {"new_password1": new, "new_password2": new})
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert ActivationCode.objects.get().used_at is None


def test_second_step_without_the_first_leads_back(client: Client, world: World) -> None:
    assert client.get("/activate/password/").headers["Location"] == "/activate/"
    assert client.post("/activate/password/", TWICE).headers["Location"] == "/activate/"


def test_link_opens_nothing_without_its_code_and_its_code_nothing_under_another_link(
    client: Client, world: World
) -> None:
    issued = take_codes(world, "municipal", "school", "technician", kind="links")
    mine, other = issued["school"], issued["technician"]
    page = client.get(f"/activate/{mine.link_token}/")
    assert "Сотрудник" not in page.content.decode()
    assert client.post(f"/activate/{mine.link_token}/", {"code": other.code}).status_code == 200
    assert client.post("/activate/no-such-link/", {"code": mine.code}).status_code == 200
    assert client.post(f"/activate/{mine.link_token}/", {"code": mine.code}).status_code == 302


def test_unknown_link_looks_like_any_other(client: Client, world: World) -> None:
    token = take_codes(world, "municipal", "school", kind="links")["school"].link_token
    known = client.get(f"/activate/{token}/").content.decode()
    unknown = client.get("/activate/abcdefghijklmnopqrstuv/").content.decode()

    def without_the_rest(page: str) -> str:
        return page.split("<h1>")[1].split("csrf")[0]

    assert without_the_rest(known) == without_the_rest(unknown)


def test_locked_out_person_gets_in_by_a_code(client: Client, with_passwords: World) -> None:
    for _guess in range(10):
        sign_in(Client(), "school", "неверный-пароль")
    assert sign_in(client, "school").status_code == 429
    acting = with_passwords.acting("municipal")
    batch = issuing.reset(acting, with_passwords.appointments["school"], "ждать нельзя, звонил сам")
    code = issuing.take(acting, batch.pk)[0].code
    enter_code(client, "school", code)
    assert client.post("/activate/password/", TWICE).status_code == 302
    client.post("/sign-out/")
    assert sign_in(client, "school", NEW).status_code == 302, "this browser is known from now on"


def test_no_code_and_no_password_ever_stands_in_the_journal_or_the_database(
    client: Client, world: World
) -> None:
    issued = take_codes(world, "municipal", "school")["school"]
    enter_code(client, "school", issued.code)
    client.post("/activate/password/", TWICE)
    told = "".join(Event.everything.values_list("body", flat=True))
    assert "access.code_used" in told
    for secret in (issued.code, codes.grouped(issued.code), NEW):
        assert secret not in told
    assert issued.code.encode() not in bytes(ActivationCode.objects.get().code_hash)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_code_at_once_exactly_one_gets_in(world: World) -> None:
    issued = take_codes(world, "municipal", "school")["school"]
    pk = ActivationCode.objects.get().pk
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def use(password: str) -> None:
        client = Client()
        enter_code(client, "school", issued.code)
        together.wait()
        answer = client.post("/activate/password/", {"new_password1": password, "new_password2": password})
        outcomes.append("in" if answer.status_code == 302 else "refused")
        connection.close()

    threads = [threading.Thread(target=use, args=(f"пароль-соперника-{n}",)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "refused"]
    assert ActivationCode.objects.get(pk=pk).used_at is not None


def test_codes_are_not_looked_for_by_their_text(world: World) -> None:
    assert codes.digest_of("A" * 16) != codes.digest_of("B" * 16)
    assert len(codes.digest_of("A" * 16)) == 32


def test_letter_does_not_open_somebody_who_has_risen_above_its_issuer(client: Client, world: World) -> None:
    """Taken for somebody of a school who is then appointed in the region: the letter from below is void."""
    code = take_codes(world, "municipal", "school")["school"].code
    Appointment.everything.create(
        person=world.appointments["school"].person,
        role=Role.REGIONAL_COORDINATOR,
        organisation=world["region"],
        assessment=world.assessment,
    )
    assert "назначение с тех пор изменилось" in trouble(enter_code(client, "school", code))
    assert not person(world, "school").has_usable_password()
