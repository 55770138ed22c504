"""A real browser on the running cabinet: Debian's Chromium, driven by Playwright, read by axe."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.cabinet.conftest import PASSWORD, World, _plain_static, world  # noqa: F401  # fixtures of the small world

# Playwright's own event loop runs in this thread; the ORM calls of the tests are none of its business.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"desktop": (1366, 768), "phone": (390, 844)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("Chromium не найден: установите пакет chromium или запустите тесты с -m 'not browser'.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, live_server: Any, world: World) -> Iterator[Callable[..., Page]]:  # noqa: F811
    """`visit("technician")` signs that person in through the sign-in page, as people do."""
    contexts = []

    def open_page(who: str, width: str = "desktop") -> Page:
        account = world.appointments[who].person
        account.set_password(PASSWORD)
        account.save()
        w, h = WIDTHS[width]
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": w, "height": h},
            locale="ru-RU",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/")
        page.get_by_label("Логин").fill(who)
        page.get_by_label("Пароль").fill(PASSWORD)
        page.get_by_role("button", name="Войти").click()
        page.wait_for_url("/")
        return page

    yield open_page
    for context in contexts:
        context.close()


def assert_accessible(page: Page) -> None:
    """No violation of WCAG 2.2 AA that axe can see, and nothing that scrolls sideways."""
    page.wait_for_load_state()  # a click waits until the next page begins, not until it has come
    results = Axe().run(
        page,
        options={
            "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
        },
    )
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} прокручивается вбок на {wide} px"


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    return assert_accessible
