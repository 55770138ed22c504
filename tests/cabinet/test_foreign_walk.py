"""Every address, as every role, on things of an organisation that one may not see (law 2).

An address with an id of a foreign thing answers as one with an id that does not exist. An address without ids
never mentions the foreign organisation. A new address that this walk does not know fails it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.cabinet.conftest import World

#: Addresses that are about the person alone, or that are open to everybody.
ABOUT_ONESELF = {
    "sign-in",
    "sign-out",
    "activate",
    "activate-link",
    "activate-password",
    "change-password",
    "act-as",
    "no-appointment",
    "language",
    "health",
}


def addresses(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every (name, route, converters) of the project."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield str(pattern.name), prefix + str(pattern.pattern), dict(pattern.pattern.converters)


WITH_IDS = [a for a in addresses() if a[2] and a[0] not in ABOUT_ONESELF]
WITHOUT_IDS = [a for a in addresses() if not a[2] and a[0] not in ABOUT_ONESELF]


def foreign_ids(world: World, name: str, route: str, converters: dict[str, Any]) -> dict[str, Any]:
    """Values for the parameters of an address that belong to the second region's school."""
    from tests.cabinet.foreign import FOREIGN

    try:
        return {parameter: FOREIGN[name][parameter](world) for parameter in converters}
    except KeyError:
        pytest.fail(f"адрес «{name}» ({route}) не описан в tests/cabinet/foreign.py: опишите, чьи это данные")


def fill(route: str, values: dict[str, Any]) -> str:
    for parameter, value in values.items():
        for kind in ("int", "str", "slug", "uuid", "path"):
            route = route.replace(f"<{kind}:{parameter}>", str(value))
        route = route.replace(f"<{parameter}>", str(value))
    return "/" + route


OUTSIDERS = [
    "regional",
    "municipal",
    "municipal2",
    "responsible",
    "school",
    "technician",
    "teacher",
    "analyst",
]


def test_foreign_thing_does_not_exist_for_anybody_outside(world: World) -> None:
    failures = []
    for who in OUTSIDERS:
        client = world.client(who)
        for name, route, converters in WITH_IDS:
            url = fill(route, foreign_ids(world, name, route, converters))
            for method in (client.get, client.post):
                answer = method(url)
                if answer.status_code not in (403, 404, 405):
                    failures.append(f"{who}: {method.__name__} {url} → {answer.status_code}")
    assert not failures, "\n".join(failures)


def test_pages_without_ids_never_mention_a_foreign_organisation(world: World) -> None:
    failures = []
    for who in OUTSIDERS:
        client = world.client(who)
        for _name, route, _converters in WITHOUT_IDS:
            for query in ("", "?export=csv"):
                answer = client.get(f"/{route}{query}")
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                if answer.status_code >= 500:
                    failures.append(f"{who}: /{route}{query} → {answer.status_code}")
                for secret in ("edu650005", "Школа № 5", "mun6501", "Соседний район"):
                    if secret in body.decode("utf-8", "replace"):
                        failures.append(f"{who}: /{route}{query} называет «{secret}»")
    assert not failures, "\n".join(failures)


def test_stranger_opens_nothing(client: Client, world: World) -> None:
    for name, route, converters in [*WITH_IDS, *WITHOUT_IDS]:
        if name.startswith("public"):
            continue
        url = fill(route, foreign_ids(world, name, route, converters)) if converters else f"/{route}"
        answer = client.get(url)
        assert answer.status_code in (302, 405), f"{url} → {answer.status_code}"
        if answer.status_code == 302:
            assert "/sign-in/" in answer.headers["Location"]
