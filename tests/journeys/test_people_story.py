"""People get access and duties: a region's letters, a school's code, its appointments, what it is refused,
what everybody reads, what those above see, and what the journal says of it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from oko.cabinet.access import codes, issuing
from oko.cabinet.assessments.models import Document
from oko.cabinet.people.models import Account, Appointment, Role
from tests.cabinet.conftest import PASSWORD, World

Visit = Callable[..., Page]


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The codes by login, as the letters show them: what is printed is nowhere else to be had."""
    printed: dict[str, str] = {}
    make = issuing.new_code_for

    def remembered(account: Account, *args: Any, **kwargs: Any) -> issuing.NewCode:
        made = make(account, *args, **kwargs)
        printed[account.username] = made.clear
        return made

    monkeypatch.setattr(issuing, "new_code_for", remembered)
    return printed


@pytest.fixture
def newcomer(world: World) -> None:
    """The first municipality and the first school have coordinators who never signed in."""
    Account.objects.filter(username__in=["municipal", "school"]).update(password="!")
    Account.objects.filter(username="technician").update(
        full_name="Техник Школы", workplace=world["school1"], phone="+7 900 000-00-07"
    )
    Document.everything.create(
        assessment=world.assessment,
        title="Порядок проведения",
        filename="порядок.pdf",
        content=b"%PDF-1.4",
        roles=[Role.SCHOOL_COORDINATOR, Role.TECHNICAL_SPECIALIST],
        published_at=timezone.now(),
    )


@contextmanager
def somebody(browser: Browser, address: str) -> Iterator[Page]:
    """A browser in which nobody has signed in yet."""
    context = browser.new_context(base_url=address, viewport={"width": 1366, "height": 768}, locale="ru-RU")
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def open_with_code(page: Page, login: str, code: str) -> None:
    page.goto("/activate/")
    page.get_by_label("Логин").fill(login)
    page.get_by_label("Код активации").fill(codes.grouped(code).lower())
    page.get_by_role("button", name="Дальше").click()


def set_password(page: Page) -> None:
    for nth in (0, 1):
        page.locator("input[type=password]").nth(nth).fill(PASSWORD)
    page.get_by_role("button", name="Задать пароль и войти").click()


def take_letters(page: Page, organisation: str) -> None:
    """Prepare letters for the people of one organisation and take them: a PDF comes down, once."""
    page.goto("/access/")
    page.get_by_label("Организация или её код").fill(organisation)
    page.get_by_role("button", name="Показать").click()
    page.get_by_role("button", name="Всем, у кого ещё нет доступа:").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Получить письма (PDF)").click()
    assert coming.value.path().read_bytes().startswith(b"%PDF")


def app_code(secret: str) -> str:
    return format_hotp_value(hotp_value("".join(secret.split()), int(time.time()) // 30))


def test_access_goes_down_the_tree_in_sealed_letters(
    visit: Visit,
    browser: Browser,
    live_server: Any,
    world: World,
    newcomer: None,
    letters: dict[str, str],
    settings: Any,
    accessible: Callable[[Page], None],
) -> None:
    region = visit("regional")
    settings.SECOND_FACTOR_COMPULSORY = True
    region.goto("/")
    expect(region.get_by_role("heading", level=1)).to_contain_text("Подключите второй фактор")
    accessible(region)
    region.get_by_role("link", name="Приложение с кодами на телефоне").click()
    accessible(region)
    region.get_by_label("Код из приложения").fill(app_code(region.locator("code.oko-key").inner_text()))
    region.get_by_role("button", name="Подключить").click()
    expect(region.get_by_role("heading", level=1)).to_contain_text("Запасные коды")
    region.get_by_role("link", name="Коды сохранены").click()

    take_letters(region, "mun6401")
    region.reload()
    expect(region.get_by_text("Получить ещё раз")).to_be_visible()
    accessible(region)
    with somebody(browser, live_server.url) as municipal:
        open_with_code(municipal, "municipal", letters["municipal"])
        accessible(municipal)
        set_password(municipal)
        expect(municipal.get_by_role("heading", level=1)).to_contain_text("Приреченский район")

        take_letters(municipal, "edu640001")
        with somebody(browser, live_server.url) as school:
            open_with_code(school, "school", letters["school"])
            set_password(school)
            expect(school.get_by_role("heading", level=1)).to_contain_text("Школа № 1")

    with somebody(browser, live_server.url) as stranger:
        open_with_code(stranger, "school", letters["school"])
        expect(
            stranger.get_by_role("alert").or_(stranger.get_by_role("heading", level=1)).first
        ).to_be_visible()
        expect(stranger.locator("input[type=password]")).to_have_count(0)


def test_school_appoints_its_people_and_is_refused_an_observer_of_its_own(
    visit: Visit, world: World, newcomer: None, accessible: Callable[[Page], None]
) -> None:
    school = visit("school")
    school.goto("/appointments/new/?new=1")
    school.get_by_label("ФИО полностью").fill("Организаторова Ольга Олеговна")
    school.get_by_label("Мобильный телефон").fill("+7 900 000-00-11")
    school.get_by_label("Место работы").fill("edu640001")
    school.get_by_label("Специалист по предметам").fill("Биология")
    school.get_by_label("Роль").select_option(Role.ROOM_ORGANISER)
    school.get_by_label("Где").fill("edu640001")
    school.get_by_label("Номер приказа").fill("12-о")
    school.get_by_label("Дата приказа").fill("2026-03-02")
    school.get_by_label("Аудитория").fill("7")
    school.get_by_label("Предмет", exact=False).last.fill("Русский язык")
    accessible(school)
    school.get_by_role("button", name="Назначить").click()
    expect(school.get_by_text("Организаторова Ольга Олеговна").first).to_be_visible()
    made = Appointment.everything.get(person__full_name="Организаторова Ольга Олеговна")
    assert (made.state, made.room, str(made.order)) == ("confirmed", "7", "№ 12-о от 02.03.2026")
    accessible(school)

    school.goto("/appointments/new/?who=Техник")
    school.get_by_role("link", name=re.compile("Назначить.*Техник Школы")).click()
    school.get_by_label("Роль").select_option(Role.PUBLIC_OBSERVER)
    school.get_by_label("Где").fill("edu640001")
    school.get_by_role("button", name="Назначить").click()
    expect(school.get_by_role("alert").first).to_contain_text("Техник Школы")
    assert not Appointment.everything.filter(role=Role.PUBLIC_OBSERVER).exists()
    accessible(school)


def test_everybody_confirms_documents_and_the_coordinator_follows(
    visit: Visit, world: World, newcomer: None, accessible: Callable[[Page], None]
) -> None:
    municipal = visit("municipal")
    municipal.goto("/documents/readings/")
    expect(municipal.get_by_text("Сотрудник school").first).to_be_visible()
    accessible(municipal)
    expect(municipal.locator(".assessments-total")).to_contain_text("Не ознакомились: 3 из 3")

    for who in ("school", "technician", "technician2"):
        reader = visit(who)
        expect(reader.get_by_text("Ознакомьтесь").first).to_be_visible()
        reader.goto("/publications/")
        with reader.expect_download():
            reader.get_by_role("link", name=re.compile("Открыть.*Порядок проведения")).click()
        reader.reload()
        reader.get_by_role("button", name=re.compile("Ознакомлен.*Порядок проведения")).click()
        expect(reader.locator("#my-documents ~ ul").first).to_contain_text("Ознакомлен(а)")

    municipal.reload()
    expect(municipal.locator(".assessments-total")).to_contain_text("Ознакомились все")


def test_auditor_reads_who_did_what(
    visit: Visit, world: World, newcomer: None, letters: dict[str, str], accessible: Callable[[Page], None]
) -> None:
    take_letters(visit("municipal"), "edu640001")
    region = visit("regional")
    region.goto("/audit/")
    journal = region.locator("main")
    expect(journal).to_contain_text("Сотрудник municipal")
    assert letters["school"] not in region.content()
    accessible(region)
    school = visit("school")
    school.goto("/audit/own/")
    expect(school.locator("main")).to_contain_text("Сотрудник municipal")
    accessible(school)
