"""Who, in which role, from where: on every event, without the action being told."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from oko.cabinet.audit import journal
from oko.cabinet.audit.circumstances import current, recorded_here, under
from oko.cabinet.audit.middleware import CircumstancesMiddleware, of_a_task
from oko.cabinet.audit.models import Event
from oko.cabinet.audit.recording import record
from tests.cabinet.conftest import World


def bodies() -> list[dict[str, Any]]:
    return [json.loads(event.body) for event in Event.everything.order_by("pk")]


def files() -> list[dict[str, Any]]:
    return [body for body in bodies() if body["verb"] == journal.FILE_TAKEN]


def test_table_taken_as_a_file_is_recorded_with_its_circumstances(world: World) -> None:
    client = world.client("regional")
    answer = client.get("/people/?export=csv", REMOTE_ADDR="198.51.100.7", HTTP_USER_AGENT="Browser" * 100)
    assert answer.status_code == 200
    [body] = files()
    person = world.appointments["regional"]
    assert body["account"] == person.person_id
    assert (body["login"], body["name"]) == ("regional", "Сотрудник regional")
    assert (body["role"], body["actor_organisation"]) == (person.role, person.organisation_id)
    assert body["address"] == "198.51.100.7"
    assert len(body["agent"]) == 200
    assert body["request"] == answer.headers["X-Request-ID"]
    assert body["after"]["page"] == "people"
    assert body["after"]["file"].endswith(".csv")


def test_page_is_no_file(world: World) -> None:
    assert world.client("regional").get("/people/").status_code == 200
    assert not files()


def answered(world: World, response: HttpResponse, **on_request: Any) -> None:
    request = HttpRequest()
    request.method = "GET"
    request.user = world.appointments["school"].person  # type: ignore[attr-defined]
    for name, value in on_request.items():
        setattr(request, name, value)
    CircumstancesMiddleware(lambda _request: response)(request)


def attachment(name: str = "x.xlsx") -> HttpResponse:
    from oko.cabinet.foundation.tables import content_disposition

    return HttpResponse(b"x", headers={"Content-Disposition": content_disposition(name)})


def test_view_may_say_whose_file_it_is(world: World) -> None:
    answered(world, attachment("Протокол; 4А.xlsx"), audited_organisation=world["school2"])
    [body] = files()
    assert body["organisation"] == world["school2"].pk
    assert body["after"]["file"] == "Протокол; 4А.xlsx"


def test_download_that_the_view_recorded_is_not_recorded_twice(world: World) -> None:
    request = HttpRequest()
    request.method = "GET"
    request.user = world.appointments["school"].person  # type: ignore[attr-defined]

    def view(_request: HttpRequest) -> HttpResponse:
        record(journal.JOURNAL_EXPORTED)
        return attachment()

    CircumstancesMiddleware(view)(request)  # type: ignore[arg-type]
    assert [body["verb"] for body in bodies()] == [journal.JOURNAL_EXPORTED]


def test_refused_file_is_not_taken(world: World) -> None:
    refused = attachment()
    refused.status_code = 404
    answered(world, refused)
    assert not files()


def test_circumstances_end_with_the_request(world: World) -> None:
    answered(world, attachment())
    assert current().account_id is None
    assert recorded_here() == []


@pytest.mark.django_db
def test_background_task_is_recorded_under_its_name() -> None:
    async def job() -> None:
        seen.append(current().task)

    seen: list[str] = []
    context = SimpleNamespace(job=SimpleNamespace(task_name="exchange.judge_waiting"))
    asyncio.run(of_a_task(job, context, None))
    assert seen == ["exchange.judge_waiting"]
    assert current().task == ""


def test_verbs_are_remembered_only_inside(world: World) -> None:
    with under(current()):
        record(journal.JOURNAL_READ, acting=world.acting("federal"))
        assert recorded_here() == [journal.JOURNAL_READ]
    record(journal.JOURNAL_READ, acting=world.acting("federal"))
    assert recorded_here() == []
