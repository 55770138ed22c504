"""The strict policy holds in a real browser: no page, whoever opens it, asks for what is forbidden.

A page that is not allowed its own styles or scripts looks and works otherwise than its author saw it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from oko.engines.statistics.works import write_works
from tests.cabinet.conftest import World
from tests.cabinet.matrix.described import opened
from tests.cabinet.matrix.stage import Stage, stage_for
from tests.cabinet.reports.test_reports import works

Complaints = list[str]


@pytest.fixture
def season(world: World) -> World:
    """Works to draw reports from: in the school of the first region and in that of the second."""
    paper = world.papers["mat4"].for_engines()
    write_works(settings.WORKS_ROOT, "vpr-2026", paper, "64", works(world, "school1", [3, 8, 12, 18] * 3))
    write_works(settings.WORKS_ROOT, "vpr-2026", paper, "65", works(world, "school5", [3] * 12))
    return world


@pytest.fixture
def look(browser: Browser, live_server: Any) -> Iterator[Callable[[Client], tuple[Page, Complaints]]]:
    """A browser that goes on with somebody's session, and what it complains about."""
    contexts = []

    def open_as(client: Client) -> tuple[Page, Complaints]:
        context = browser.new_context(base_url=live_server.url, locale="ru-RU")
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
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


@pytest.fixture
def listen(
    look: Callable[[Client], tuple[Page, Complaints]], season: World
) -> Callable[[str], tuple[Page, Complaints]]:
    """The same for one of the people of the small world."""
    return lambda who: look(season.client(who))


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


@pytest.mark.parametrize("actor", ["federal_organiser", "regional_coordinator", "municipal_coordinator"])
def test_pages_of_those_above_keep_the_policy(
    look: Callable[[Client], tuple[Page, Complaints]], season: World, actor: str
) -> None:
    _open_all(look, stage_for(season, actor))


@pytest.mark.parametrize("actor", ["school_coordinator", "technical_specialist", "head", "analyst"])
def test_pages_of_each_role_keep_the_policy(
    look: Callable[[Client], tuple[Page, Complaints]], season: World, actor: str
) -> None:
    _open_all(look, stage_for(season, actor))


def _open_all(look: Callable[[Client], tuple[Page, Complaints]], stage: Stage) -> None:
    """One page of every address that the actor may open."""
    page, complaints = look(stage.client)

    for _name, path in opened(stage):
        go(page, path)

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
