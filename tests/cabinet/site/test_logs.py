"""The log: one line a record, and nothing in it that should not be known."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from oko.cabinet.foundation import logs
from oko.cabinet.foundation.logs import JsonLine, ReadableLine, harmless, never_say
from oko.cabinet.people.middleware import public
from oko.cabinet.site.urls import handler400, handler403, handler404, handler500  # noqa: F401  # Django looks here
from oko.cabinet.site.urls import urlpatterns as all_addresses
from tests.cabinet.conftest import World

WORD = "корова-Батарея-7"
COOKIE = "c00kie5ecret"


@public
def fails(request: HttpRequest, key: str = "") -> HttpResponse:
    """A view as careless as can be: everything it got is in the words of its exception."""
    raise RuntimeError(
        f"{dict(request.POST)} {request.headers} {request.COOKIES} {request.get_full_path()} {key}"
    )


def breaks_a_constraint(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO people_account SELECT * FROM people_account")
    return HttpResponse()


urlpatterns = [
    path("fails/", fails, name="fails"),
    path("fails/<str:key>/", fails, name="fails-with-key"),
    path("breaks/", public(breaks_a_constraint), name="breaks"),
    *all_addresses,
]


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is written to the log meanwhile, as the product writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLine())
    access = logging.getLogger("oko.access")
    level = access.level
    access.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)
    access.setLevel(level)


@pytest.fixture
def careless(settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = COOKIE
    return client


def test_failing_view_leaves_nothing_of_what_was_sent(
    db: None, careless: Client, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    answer = careless.post(
        "/fails/?next=/secret-place/",
        {"username": "ivanova", "password": WORD, "note": "Дорогая редакция"},
        headers={"Authorization": "Bearer abcdef0123456789", "X-CSRFToken": "csrf0123456789"},
    )

    assert answer.status_code == 500
    written = json.dumps(lines(), ensure_ascii=False)
    for unsaid in (
        WORD,
        COOKIE,
        "ivanova",
        "Дорогая редакция",
        "abcdef0123456789",
        "csrf0123456789",
        "secret-place",
    ):
        assert unsaid not in written
    failure = next(line for line in lines() if line["level"] == "ERROR")
    assert "RuntimeError" in failure["exception"]
    assert failure["request_id"] == answer.headers["X-Request-ID"]


def test_page_of_an_error_of_ours_tells_nothing(db: None, careless: Client) -> None:
    answer = careless.post("/fails/", {"password": WORD})

    page = answer.content.decode()
    assert "Ошибка на нашей стороне" in page
    for unsaid in (WORD, "RuntimeError", "Traceback", "test_logs"):
        assert unsaid not in page
    assert settings.DEBUG is False
    assert not settings.ADMINS


def test_key_in_an_address_is_not_written(
    db: None, careless: Client, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    careless.get("/fails/ABCD-EFGH-IJKL-MNOP/")

    written = json.dumps(lines(), ensure_ascii=False)
    assert "ABCD-EFGH" not in written
    assert next(line for line in lines() if line["logger"] == "oko.access")["route"] == "fails-with-key"


def test_row_that_the_database_quotes_is_not_written(
    world: World, careless: Client, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    careless.get("/breaks/")

    failure = next(line for line in lines() if line["level"] == "ERROR")
    assert IntegrityError.__name__ in failure["exception"]
    assert "DETAIL:  ***" in failure["exception"]
    assert "(id)=" not in failure["exception"]


def test_line_of_a_request_says_who_did_what_and_not_with_what(
    world: World, client: Client, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    appointment = world.appointments["technician"]
    client.force_login(appointment.person)

    answer = client.get("/protocols/rus4/edu000001/?state=hidden-filter")

    line = next(line for line in lines() if line["logger"] == "oko.access")
    assert line["method"] == "GET"
    assert line["route"] == "protocol"
    assert line["ids"] == {"paper": "rus4", "organisation": "edu000001"}
    assert line["status"] == answer.status_code
    assert line["account"] == appointment.person_id
    assert line["role"] == "technical_specialist"
    assert line["organisation"] == appointment.organisation_id
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["time"].endswith("+00:00")
    assert "hidden-filter" not in json.dumps(line)


def test_strangers_request_has_a_line_too(
    db: None, client: Client, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    client.get("/no-such-place/")

    line = next(line for line in lines() if line["logger"] == "oko.access")
    assert (line["status"], line["route"], line["account"]) == (404, "(no such address)", None)
    assert "no-such-place" not in json.dumps(lines())


@pytest.mark.parametrize(
    ("text", "unsaid"),
    [
        ("password=hunter2 user=oko", "hunter2"),
        ("{'password': 'a b c', 'x': 1}", "a b c"),
        ('{"new_password1": "hunter2"}', "hunter2"),
        ("postgresql://oko:p%40ss@db/oko refused", "p%40ss"),
        ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("cookie: sessionid=abc; csrftoken=def", "def"),
        ("token=abc123&x=1", "abc123"),
        ("code: 123456", "123456"),
        ("recovery_code=1234-5678", "1234-5678"),
        ("DETAIL:  Failing row contains (1, Иванова)", "Иванова"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, unsaid: str) -> None:
    assert unsaid not in harmless(text)


@pytest.mark.parametrize("text", ["status_code=404", "Протокол rus4: 12 замечаний", "http://localhost:8765/"])
def test_what_does_not_look_like_a_secret_stays(text: str) -> None:
    assert harmless(text) == text


def test_secret_of_the_installation_is_hidden_wherever_it_turns_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_never_said", set())
    never_say("s3cret-of-ours", "")

    assert harmless("cannot open (s3cret-of-ours)") == "cannot open (***)"
    assert harmless(settings.SECRET_KEY) == settings.SECRET_KEY, "only what was named is searched for"


def test_own_secrets_are_never_said() -> None:
    assert settings.SECRET_KEY not in harmless(f"bad key {settings.SECRET_KEY}")
    assert settings.AUDIT_EVENT_KEY not in harmless(f"bad key {settings.AUDIT_EVENT_KEY}")


@pytest.mark.parametrize("shape", [JsonLine, ReadableLine])
def test_forged_line_stays_inside_its_own(shape: type[logging.Formatter]) -> None:
    record = logging.LogRecord("oko", logging.WARNING, __file__, 1, "login %s", ("a\n{}\r\nb",), None)

    assert len(shape().format(record).splitlines()) == 1


def test_terminal_gets_a_readable_line_with_its_exception() -> None:
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        record = logging.LogRecord("oko.x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())

    text = ReadableLine().format(record)
    assert "ERROR oko.x: failed\nTraceback" in text
    assert "hunter2" not in text


def test_errors_are_mailed_to_nobody() -> None:
    assert logs.logging_settings("json", "WARNING")["loggers"]["django"]["handlers"] == []
    assert logging.getLogger("django").handlers == []
