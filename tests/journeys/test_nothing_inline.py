"""The strict policy holds in a real browser: no page, whoever opens it, asks for what is forbidden.

A page that is not allowed its own styles or scripts looks and works otherwise than its author saw it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from oko.engines.statistics.works import write_works
from tests.cabinet.conftest import World
from tests.cabinet.reports.test_reports import works
from tests.cabinet.test_foreign_walk import WITH_IDS, WITHOUT_IDS, fill, foreign_ids

Complaints = list[str]


@pytest.fixture
def season(world: World) -> World:
    """Works to draw reports from: in the school of the first region and in that of the second."""
    paper = world.papers["mat4"].for_engines()
    write_works(settings.WORKS_ROOT, "vpr-2026", paper, "64", works(world, "school1", [3, 8, 12, 18] * 3))
    write_works(settings.WORKS_ROOT, "vpr-2026", paper, "65", works(world, "school5", [3] * 12))
    return world


@pytest.fixture
def listen(
    browser: Browser, live_server: Any, season: World
) -> Iterator[Callable[[str], tuple[Page, Complaints]]]:
    """A browser in which one of the appointed people is signed in, and what it complains about."""
    contexts = []

    def open_as(who: str) -> tuple[Page, Complaints]:
        context = browser.new_context(base_url=live_server.url, locale="ru-RU")
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies(
            [{"name": name, "value": season.client(who).cookies[name].value, "url": live_server.url}]
        )
        page = context.new_page()
        complaints: Complaints = []
        page.on(
            "console",
            lambda said: (
                complaints.append(f"{page.url}: {said.text}") if _is_a_complaint(said.text) else None
            ),
        )
        return page, complaints

    yield open_as
    for context in contexts:
        context.close()


def _is_a_complaint(text: str) -> bool:
    return "Content Security Policy" in text or "Permissions-Policy" in text


def go(page: Page, address: str) -> None:
    """Open a page; a file that is offered for saving and an address that only takes forms are none."""
    answer = page.context.request.get(address)
    if answer.headers.get("content-type", "").startswith("text/html") and answer.body():
        page.goto(address)


def test_forbidden_style_would_be_noticed(listen: Callable[[str], tuple[Page, Complaints]]) -> None:
    page, complaints = listen("technician")
    go(page, "/")

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")

    page.wait_for_timeout(100)
    assert complaints


@pytest.mark.parametrize("who", ["federal", "regional", "municipal", "school", "technician", "analyst"])
def test_pages_of_each_role_keep_the_policy(
    listen: Callable[[str], tuple[Page, Complaints]], who: str
) -> None:
    page, complaints = listen(who)

    for _name, route, _converters in WITHOUT_IDS:
        go(page, f"/{route}")

    assert not complaints, "\n".join(complaints)


def test_pages_of_one_thing_keep_the_policy(
    listen: Callable[[str], tuple[Page, Complaints]], season: World
) -> None:
    page, complaints = listen("federal")

    for name, route, converters in WITH_IDS:
        go(page, fill(route, foreign_ids(season, name, route, converters)))

    assert not complaints, "\n".join(complaints)


def test_pictures_of_a_report_are_drawn_under_the_policy(
    listen: Callable[[str], tuple[Page, Complaints]],
) -> None:
    page, complaints = listen("technician")

    for kind in ("marks", "items"):
        go(page, f"/reports/mat4/{kind}/edu640001/")
        expect(page.locator("svg.oko-chart:visible")).to_be_visible()
    assert not complaints, "\n".join(complaints)


def test_pages_of_a_stranger_keep_the_policy(browser: Browser, live_server: Any, season: World) -> None:
    page = browser.new_context(base_url=live_server.url).new_page()
    complaints: Complaints = []
    page.on("console", lambda said: complaints.append(said.text) if _is_a_complaint(said.text) else None)

    for address in ("/sign-in/", "/no-such-place/", "/public/"):
        go(page, address)
    page.goto("/sign-in/")
    page.get_by_label("Логин").fill("nobody")
    page.get_by_label("Пароль").fill("не тот пароль")
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.context.close()

    assert not complaints, "\n".join(complaints)
