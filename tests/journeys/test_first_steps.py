"""Signing in, seeing where one is, changing the role and the language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cabinet.conftest import World


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_person_signs_in_and_sees_for_whom_they_act(visit, accessible, width: str) -> None:
    page: Page = visit("technician", width)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Школа № 1")
    expect(page.locator(".oko-acting")).to_contain_text("Технический специалист")
    accessible(page)


def test_wrong_password_is_said_plainly(
    visit: Callable[..., Page], accessible, live_server, world: World
) -> None:
    page = visit("technician")
    page.context.clear_cookies()
    page.goto("/sign-in/")
    accessible(page)
    page.get_by_label("Логин").fill("technician")
    page.get_by_label("Пароль").fill("не тот пароль")
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("alert")).to_contain_text("Логин и пароль не подошли")
