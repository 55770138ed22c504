"""What every answer tells the browser, also where something went wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
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


OVER_HTTPS = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
behind = {"HTTP_HOST": "oko.example.org", "HTTP_X_FORWARDED_PROTO": "https"}
answer = Client(**behind).get("/activate/")
plain = Client(**{**behind, "HTTP_X_FORWARDED_PROTO": "http"}).get("/activate/")
print(json.dumps({
    "status": answer.status_code,
    "hsts": answer.headers.get("Strict-Transport-Security"),
    "cookies": {name: [bool(c["secure"]), bool(c["httponly"])] for name, c in answer.cookies.items()},
    "names": [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME],
    "plain": [plain.status_code, plain.headers.get("Location")],
}))
"""


def test_over_https_the_browser_is_told_to_stay_there() -> None:
    """Settings are read once, so another program reads them here: behind a proxy that speaks HTTPS."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "oko.cabinet.site.settings",
        "DATABASE_URL": "postgresql:///never-asked",
        "OKO_HTTPS": "1",
        "OKO_TRUSTED_PROXIES": "1",
        "OKO_HOSTS": "oko.example.org",
    }
    done = subprocess.run(
        [sys.executable, "-c", OVER_HTTPS.replace("django.setup()", PLAIN_STATIC)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)

    assert told["status"] == 200
    assert "max-age=31536000" in told["hsts"]
    assert "includeSubDomains" in told["hsts"]
    assert all(name.startswith("__Host-") for name in [*told["names"], *told["cookies"]])
    assert all(flags == [True, True] for flags in told["cookies"].values())
    assert told["cookies"]
    assert told["plain"] == [301, "https://oko.example.org/activate/"]


#: Static files are not built for this test.
PLAIN_STATIC = """
from django.conf import settings as _site
_site.STORAGES = {**_site.STORAGES, "staticfiles": {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
django.setup()
"""


def test_signing_out_clears_what_the_browser_keeps(world: World) -> None:
    answer = world.client("technician").post("/sign-out/")

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
