"""How much an upload asks of the database: thousands come in one evening, so it must not creep up."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled
from tests.cabinet.exchange.test_submitting import send

#: Each event of the journal is one INSERT: «загружен» and «проверен».
EVENTS = 2
#: Of one accepted protocol, while a job already waits to write its region.
MOST_STATEMENTS = 27 + EVENTS


def upload(client: Client, content: bytes) -> Any:
    return client.post(
        "/protocols/rus4/edu640001/upload",
        {"file": SimpleUploadedFile("п.xlsx", content)},
        headers={"Accept": "application/json"},
    )


def test_accepted_protocol_costs_few_statements(world: World, django_assert_max_num_queries: Any) -> None:
    send(world, filled.protocol(world, points=0))
    client, content = world.client("technician"), filled.protocol(world)
    with django_assert_max_num_queries(MOST_STATEMENTS):
        answer = upload(client, content)
    assert (answer.json()["state"], answer.json()["version"]) == ("accepted", 2)


def test_many_versions_cost_no_more_than_two(world: World, django_assert_max_num_queries: Any) -> None:
    for points in range(4):
        send(world, filled.spoiled(filled.protocol(world, points=points)))
    send(world, filled.protocol(world, points=0))
    client, content = world.client("technician"), filled.protocol(world)
    with django_assert_max_num_queries(MOST_STATEMENTS):
        assert upload(client, content).json()["version"] == 6


def test_same_file_again_is_recognised_without_being_judged(
    world: World, django_assert_max_num_queries: Any
) -> None:
    content = filled.protocol(world)
    send(world, content)
    client = world.client("technician")
    with django_assert_max_num_queries(9 + 1):  # the one is the event «отправлен повторно»
        assert upload(client, content).json()["repeated"]
