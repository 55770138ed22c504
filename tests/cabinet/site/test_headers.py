"""What every answer tells the browser, also where something went wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from oko.cabinet.people.middleware import public
from oko.cabinet.site import headers
from oko.cabinet.site.headers import HEADERS, SecurityHeaders
from oko.cabinet.site.urls import handler400, handler403, handler404, handler500  # noqa: F401  # Django looks here
from oko.cabinet.site.urls import urlpatterns as all_addresses
from tests.cabinet.conftest import PASSWORD, World

SOURCES = Path(headers.__file__).parents[2]


@public
def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


urlpatterns = [path("fails/", fails), *all_addresses]


@pytest.mark.parametrize(
    ("address", "status"), [("/sign-in/", 200), ("/", 302), ("/no-such-place/", 404), ("/fails/", 500)]
)
def test_every_answer_carries_the_headers(db: None, settings: Any, address: str, status: int) -> None:
    settings.ROOT_URLCONF = __name__

    answer = Client(raise_request_exception=False).get(address)

    assert answer.status_code == status
    for name in HEADERS:
        assert answer.headers[name]
    assert "no-store" in answer.headers["Cache-Control"]


def test_refused_host_and_refused_form_carry_them_too(db: None) -> None:
    stranger = Client(enforce_csrf_checks=True)

    wrong_host = stranger.get("/sign-in/", headers={"host": "evil.example.org"})
    without_token = stranger.post("/sign-in/", {"username": "a", "password": "b"})

    assert (wrong_host.status_code, without_token.status_code) == (400, 403)
    for answer in (wrong_host, without_token):
        assert answer.headers["Content-Security-Policy"] == headers.POLICY
        assert "<style" not in answer.content.decode()
    assert "Страница устарела" in without_token.content.decode()


def test_file_with_peoples_data_is_not_kept_by_the_browser(world: World) -> None:
    answer = world.client("regional").get("/people/?export=csv")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_policy_allows_nothing_inline_and_nobody_else() -> None:
    sources = dict(part.split(" ", 1) for part in headers.POLICY.split("; "))

    assert sources.pop("img-src") == "'self' data:"
    assert set(sources.values()) == {"'self'", "'none'"}
    assert sources["default-src"] == sources["base-uri"] == sources["frame-ancestors"] == "'none'"


def test_view_may_have_its_own_word() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "sandbox"})

    answer = SecurityHeaders(view)(RequestFactory().get("/"))
    assert answer.headers["Content-Security-Policy"] == "sandbox"


INLINE = re.compile(
    r"""(?x) \sstyle\s*= | <style | javascript: | <script(?![^>]*\ssrc=) | \shx-on
    | \son(?:click|change|submit|load|input|key\w+|mouse\w+|focus|blur|error|toggle)\s*= """
)


@pytest.mark.parametrize("template", sorted(SOURCES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_holds_inline_code(template: Path) -> None:
    assert not INLINE.search(template.read_text())


def test_cookies_belong_to_this_host_and_are_hidden_from_scripts(world: World, client: Client) -> None:
    account = world.appointments["technician"].person
    account.set_password(PASSWORD)
    account.save()
    client.post("/sign-in/", {"username": "technician", "password": PASSWORD})
    client.post("/language/", {"language": "en"})

    names = {
        site_settings.SESSION_COOKIE_NAME,
        site_settings.CSRF_COOKIE_NAME,
        site_settings.LANGUAGE_COOKIE_NAME,
    }
    assert names <= set(client.cookies)
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
