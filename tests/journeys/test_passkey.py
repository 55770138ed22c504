"""A passkey in a real browser, made by its virtual authenticator; and the letter's whole way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from playwright.sync_api import Page

from tests.cabinet.access.conftest import take_codes
from tests.cabinet.conftest import PASSWORD, World

NEW = "совсем-другой-пароль-57"


def give_authenticator(page: Page) -> None:
    """What a fingerprint or a USB key is to a real browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


@pytest.mark.django_db(transaction=True)
def test_regional_coordinator_connects_a_passkey_and_signs_in_with_it(
    visit: Callable[..., Page], accessible: Callable[[Page], None], settings: LazySettings, world: World
) -> None:
    page = visit("regional")
    settings.SECOND_FACTOR_COMPULSORY = True
    page.goto("/")
    page.wait_for_url("**/second-factor/set-up/**")
    accessible(page)
    give_authenticator(page)
    page.get_by_role("link", name="Ключ входа").click()
    page.get_by_label("Название").fill("Рабочий компьютер")
    page.get_by_role("button", name="Создать ключ").click()
    page.get_by_role("heading", name="Запасные коды").wait_for()
    accessible(page)
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    page.get_by_role("link", name="Коды сохранены, в кабинет").click()
    page.goto("/security/")
    assert page.get_by_text("Рабочий компьютер").is_visible()
    accessible(page)
    page.locator("summary").first.click()
    page.get_by_role("button", name="Выйти").click()
    page.get_by_label("Логин").fill("regional")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.get_by_role("heading", name="Второй фактор").wait_for()
    accessible(page)
    page.get_by_role("button", name="Войти ключом").click()
    page.wait_for_url("/")
    assert page.get_by_role("heading", level=1).first.is_visible()


@pytest.mark.django_db(transaction=True)
def test_person_with_a_letter_gets_in(browser: Any, live_server: Any, world: World) -> None:
    code = take_codes(world, "municipal", "school")["school"].code
    context = browser.new_context(base_url=live_server.url, locale="ru-RU")
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_role("link", name="Открыть доступ по коду").click()
    page.get_by_label("Логин").fill("school")
    page.get_by_label("Код активации").fill(code.lower())
    page.get_by_role("button", name="Дальше").click()
    page.get_by_label("Новый пароль", exact=True).fill(NEW)
    page.get_by_label("Новый пароль ещё раз").fill(NEW)
    page.get_by_role("button", name="Задать пароль и войти").click()
    page.wait_for_url("/")
    assert page.get_by_text("Доступ открыт").is_visible()
    context.close()
