"""Who gives access to whom; a list is taken once; a reset takes everything away at once."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from openpyxl import load_workbook

from oko.cabinet.access import issuing, queries
from oko.cabinet.access.models import ActivationCode, CabinetSession, CodeBatch
from oko.cabinet.audit.models import Event
from oko.cabinet.people.models import Appointment, Delegation, Role
from tests.cabinet.access.conftest import person, sign_in, take_codes
from tests.cabinet.conftest import World


def logins(world: World, who: str) -> set[str]:
    return set(queries.issuable(world.acting(who)).values_list("person__username", flat=True))


def test_access_is_given_to_the_level_directly_below_and_nobody_else(world: World) -> None:
    assert logins(world, "federal") == {"regional", "regional2", "analyst"}
    assert logins(world, "regional") == {"municipal", "municipal2", "responsible"}
    assert logins(world, "municipal") == {"school", "technician", "technician2", "teacher"}
    assert logins(world, "responsible") == set()
    assert logins(world, "school") == {"technician", "teacher"}
    for other in ("technician", "teacher", "analyst"):
        assert logins(world, other) == set()


def test_nobody_takes_over_an_account_that_reaches_further(world: World) -> None:
    """The teacher of the first school is also a coordinator elsewhere: his school gives him no access."""
    Appointment.everything.create(
        person=world.appointments["teacher"].person,
        role=Role.MUNICIPAL_COORDINATOR,
        organisation=world["mun2"],
        assessment=world.assessment,
    )
    assert "teacher" not in logins(world, "school")
    assert "teacher" not in logins(world, "municipal")
    assert "teacher" in logins(world, "regional"), "the lowest level above both"
    assert "teacher" not in logins(world, "regional2")


def test_person_of_two_regions_is_in_federal_hands(world: World) -> None:
    Appointment.everything.create(
        person=world.appointments["teacher"].person,
        role=Role.EXPERT,
        organisation=world["school5"],
        assessment=world.assessment,
    )
    assert "teacher" in logins(world, "federal")
    for who in ("regional", "regional2", "municipal", "school"):
        assert "teacher" not in logins(world, who)


def test_delegate_gives_no_access(world: World) -> None:
    given = Delegation.everything.create(
        appointment=world.appointments["school"],
        delegate=world.appointments["technician"].person,
        given_at=world.appointments["school"].created_at,
    )
    acting = world.acting("school")
    by_delegation = type(acting)(
        **{name: getattr(acting, name) for name in acting.__slots__ if name != "delegation_id"},
        delegation_id=given.pk,
    )
    assert not queries.issuable(by_delegation).exists()
    with pytest.raises(PermissionDenied):
        issuing.prepare(by_delegation, [world.appointments["teacher"].pk], "letters")


def test_list_is_taken_once_and_a_second_time_with_a_reason_that_voids_the_first(world: World) -> None:
    acting = world.acting("municipal")
    batch = issuing.prepare(acting, [world.appointments["school"].pk], "letters")
    first = issuing.take(acting, batch.pk)[0]
    with pytest.raises(ValidationError):
        issuing.take(acting, batch.pk)
    second = issuing.take(acting, batch.pk, "конверты намокли")[0]
    assert first.code != second.code
    assert ActivationCode.objects.filter(voided_at=None).count() == 1
    batch.refresh_from_db()
    assert (batch.times_taken, batch.reason) == (2, "конверты намокли")


def test_codes_in_the_database_are_hashes_of_80_bits(world: World) -> None:
    issued = take_codes(world, "municipal", "school", "technician")
    assert len(issued) == 2
    kept = [bytes(row.code_hash) for row in ActivationCode.objects.all()]
    for one in issued.values():
        assert len(one.code) * 5 == 80
        assert all(one.code.encode() not in hashed for hashed in kept)


def page_of(client: Client, where: str) -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return answer.content.decode()


def prepare(client: Client, *people: Any, kind: str = "letters", **more: Any) -> Any:
    return client.post("/access/prepare/", {"kind": kind, "people": people, **more})


def test_coordinator_prepares_takes_and_is_told_what_to_do(world: World) -> None:
    client = world.client("municipal")
    assert "Всем, у кого ещё нет доступа" in page_of(client, "/access/")
    where = prepare(client, world.appointments["school"].pk).headers["Location"]
    assert "заклейте" in page_of(client, where)
    letters = client.post(f"{where}take/")
    assert letters.headers["Content-Type"] == "application/pdf"
    assert "no-store" in letters.headers["Cache-Control"]
    assert letters.content.startswith(b"%PDF")
    assert "Получить новые коды вместо прежних" in page_of(client, where)
    assert client.post(f"{where}take/").status_code == 400, "a second time needs a reason"
    assert client.post(f"{where}take/", {"reason": "принтер зажевал бумагу"}).status_code == 200


def test_everybody_without_access_goes_through_the_filters(world: World) -> None:
    client = world.client("municipal")
    where = client.post("/access/prepare/?role=technical_specialist", {"kind": "letters", "everybody": "1"})
    batch = CodeBatch.everything.get()
    assert where.headers["Location"] == f"/access/lists/{batch.pk}/"
    assert set(batch.appointments) == {
        world.appointments["technician"].pk,
        world.appointments["technician2"].pk,
    }


def test_links_and_codes_go_apart(world: World) -> None:
    client = world.client("municipal")
    where = prepare(client, world.appointments["school"].pk, kind="links").headers["Location"]
    assert client.post(f"{where}take/").content.startswith(b"%PDF")
    rows = list(load_workbook(io.BytesIO(client.get(f"{where}links/").content)).active.values)
    assert rows[0] == ("Организация", "ФИО", "Ссылка", "Действует до")
    link = rows[1][2]
    assert re.fullmatch(r"http://testserver/activate/[\w-]{22}/", link)
    assert Client().get(link.removeprefix("http://testserver")).status_code == 200


@pytest.mark.parametrize("people", [[], ["x"], ["9" * 40], ["\x00"], ["-1"], ["٣"]])
def test_nonsense_in_the_list_is_answered_politely(world: World, people: list[str]) -> None:
    client = world.client("municipal")
    answer = prepare(client, *people)
    assert answer.headers["Location"] == "/access/"
    assert "Никто не выбран" in page_of(client, "/access/")


def test_foreign_people_in_a_form_are_nobody(world: World) -> None:
    client = world.client("municipal")
    foreign = world.appointments["technician3"].pk, world.appointments["regional2"].pk
    assert prepare(client, *foreign).headers["Location"] == "/access/"
    prepare(client, *foreign, world.appointments["school"].pk)
    assert CodeBatch.everything.get().appointments == [world.appointments["school"].pk]


def test_who_is_no_coordinator_gets_no_page(world: World) -> None:
    for who in ("technician", "teacher", "analyst"):
        assert world.client(who).get("/access/").status_code == 403
        assert prepare(world.client(who), world.appointments["teacher"].pk).status_code == 403


def test_nobody_below_is_said_in_words(world: World) -> None:
    assert "Выдавать доступ пока некому" in page_of(world.client("responsible"), "/access/")


def test_list_of_another_role_or_organisation_is_not_seen(world: World) -> None:
    batch = issuing.prepare(world.acting("municipal"), [world.appointments["school"].pk], "letters")
    for who in ("municipal2", "regional", "school", "federal"):
        assert world.client(who).get(f"/access/lists/{batch.pk}/").status_code == 404
        assert world.client(who).post(f"/access/lists/{batch.pk}/take/").status_code == 404
    assert world.client("municipal").get(f"/access/lists/{10**30}/").status_code == 404


def test_stranger_with_the_address_of_a_download_is_asked_to_sign_in(world: World) -> None:
    batch = issuing.prepare(world.acting("municipal"), [world.appointments["school"].pk], "links")
    for address in (
        f"/access/lists/{batch.pk}/links/",
        "/access/?export=xlsx",
        "/people/?export=csv",
        "/access/holders/?export=xlsx",
    ):
        assert Client().get(address).headers["Location"].startswith("/sign-in/"), address
    assert Client().post(f"/access/lists/{batch.pk}/take/").headers["Location"].startswith("/sign-in/")


def test_reset_takes_everything_away_at_once_and_leads_to_a_letter(with_passwords: World) -> None:
    world = with_passwords
    victim = Client()
    sign_in(victim, "school")
    Authenticator.objects.create(user=person(world, "school"), type="totp", data={})
    client = world.client("municipal")
    where = f"/access/people/{world.appointments['school'].pk}/reset/"
    assert "все сеансы этого человека завершатся" in page_of(client, where)
    assert client.post(where, {"reason": ""}).status_code == 200, "a reason is needed"
    assert person(world, "school").has_usable_password()
    answer = client.post(where, {"reason": "потерян телефон"})
    assert re.fullmatch(r"/access/lists/\d+/", answer.headers["Location"])
    assert not person(world, "school").has_usable_password()
    assert not Authenticator.objects.exists()
    assert not CabinetSession.objects.filter(account=person(world, "school")).exists()
    assert victim.get("/").headers["Location"].startswith("/sign-in/")
    told = Event.everything.filter(verb="access.reset").get()
    assert "потерян телефон" in told.body


def test_active_people_get_no_code_without_a_reset(with_passwords: World) -> None:
    with pytest.raises(ValidationError):
        issuing.prepare(
            with_passwords.acting("municipal"), [with_passwords.appointments["school"].pk], "letters"
        )


def test_who_entered_between_preparing_and_taking_is_left_alone(world: World) -> None:
    acting = world.acting("municipal")
    batch = issuing.prepare(
        acting, [world.appointments["school"].pk, world.appointments["technician"].pk], "letters"
    )
    entered = person(world, "school")
    entered.set_password("уже-есть-пароль-7")
    entered.save()
    assert [one.account.username for one in issuing.take(acting, batch.pk)] == ["technician"]


@pytest.mark.parametrize("query", ["state=none", "state=active", "state=x", "role=%00", "text=%00&page=999"])
def test_filters_answer_whatever_they_are_given(world: World, query: str) -> None:
    for export in ("", "&export=csv", "&export=xlsx"):
        assert world.client("municipal").get(f"/access/?{query}{export}").status_code == 200
