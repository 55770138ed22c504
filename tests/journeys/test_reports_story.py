"""A report's way to those it is for: read, followed to its works, taken as files, confirmed, reminded of."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from oko.cabinet.reports import tasks
from oko.cabinet.reports.models import ReportPackage
from oko.cabinet.reports.packages import making
from oko.cabinet.reports.packages.sources import SOURCES
from tests.cabinet.conftest import World
from tests.cabinet.reports.test_receipts import receive
from tests.engines.statistics.pdf_text import pages_text, plain
from tests.journeys.conftest import WIDTHS
from tests.journeys.season import a_year_before, hand_in_all
from tests.journeys.test_protocol_story import download

Visit = Callable[..., Page]
Look = Callable[[Page], None]
PAPER = "Математика, 4 класс"
TO_COME: dict[str, Any] = {
    "opens": datetime.fromisoformat("2096-05-20 10:00"),
    "closes": datetime.fromisoformat("2096-06-20"),
}


@pytest.fixture
def look(accessible: Look) -> Look:
    """Axe and sideways scrolling at both widths, whichever the journey goes at."""

    def at_both(page: Page) -> None:
        before = page.viewport_size
        assert before
        for width, height in WIDTHS.values():
            page.set_viewport_size({"width": width, "height": height})
            accessible(page)
        page.set_viewport_size(before)

    return at_both


def section(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Разделы", exact=True).get_by_role("link", name=name).first.click()


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Разделы отчёта").get_by_role("link", name=name, exact=True).click()


def row_of(table: Locator, name: str) -> Locator:
    return table.locator("tbody tr").filter(has_text=name).first


def cells(file: Path) -> list[str]:
    """Everything written in a workbook."""
    book = openpyxl.load_workbook(file, read_only=True)
    values = (
        value for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for value in row
    )
    return [str(value).replace("\N{NO-BREAK SPACE}", " ") for value in values if value is not None]


def test_school_reads_its_report_follows_a_figure_takes_files_and_confirms(
    visit: Visit, look: Look, world: World, tmp_path: Path
) -> None:
    hand_in_all(world)
    receive(world)
    page = visit("school")
    look(page)
    card = page.get_by_role("listitem").filter(has_text="Отчёты открыты: посмотрите и подтвердите")
    expect(card).to_contain_text(PAPER)
    card.get_by_role("link", name="К отчётам").click()
    look(page)

    page.get_by_role("link", name=f"Главное по работе {PAPER}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{PAPER}: главное")
    expect(page.locator(".oko-reading section").first).to_be_visible()
    look(page)

    tab(page, "Отметки")
    look(page)
    own = row_of(page.get_by_role("table").first, "Школа № 1")
    figure = own.get_by_role("link", name="4", exact=True)
    figure.click()
    followed = page.get_by_role("paragraph").filter(has_text="Показаны работы, из которых получено число:")
    expect(followed).to_contain_text("отметка «3»")
    expect(page.locator("tbody tr")).to_have_count(4)
    look(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{PAPER}: Статистика по отметкам")

    book = download(page, page.get_by_role("link", name="Все таблицы, XLSX"), tmp_path / "report.xlsx")
    assert "Статистика по отметкам" in openpyxl.load_workbook(book).sheetnames
    pdf = download(page, page.get_by_role("link", name="Отчёт, PDF"), tmp_path / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert "Школа№1" in pages_text(pdf)[0]
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Ф1 «Индивидуальные результаты», XLSX").click()
    assert waiting.value.suggested_filename == f"Ф1 {PAPER} edu640001.xlsx"
    waiting.value.save_as(tmp_path / "f1.xlsx")
    form = openpyxl.load_workbook(tmp_path / "f1.xlsx").active
    assert form.title == "Ф1 Индивидуальные результаты"
    assert form.cell(5, 1).value == "Школа № 1 (edu640001) | Кол-во участников: 12"
    assert form.max_row == 7 + 12

    page.get_by_role("button", name="Подтвердить получение").click()
    expect(page.get_by_text("Получение отчёта подтверждено. Координатор это видит.")).to_be_visible()
    page.get_by_role("link", name=f"Главное по работе {PAPER}").click()
    expect(page.get_by_label("Получение отчёта")).to_contain_text("Сотрудник school")
    expect(page.get_by_role("button", name="Подтвердить получение")).to_have_count(0)
    look(page)


def test_before_its_day_the_school_reads_when_and_no_figure(visit: Visit, look: Look, world: World) -> None:
    hand_in_all(world)
    receive(world, None, **TO_COME)
    page = visit("technician")
    section(page, "Отчёты")
    card = page.get_by_role("listitem").filter(has_text=PAPER)
    expect(card).to_contain_text("не открыт")
    expect(card).to_contain_text("Отчёт появится 20.05.2096, 10:00")
    expect(card.get_by_role("link")).to_have_count(0)
    look(page)

    page.goto("/reports/mat4/marks/edu640001/")  # an address kept from the year before
    expect(page.get_by_text("Пока отчёт не открыт, чисел здесь нет.")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)
    expect(page.locator("main svg")).to_have_count(0)
    look(page)
    page.get_by_role("main").get_by_role("link", name="План-график").click()
    expect(page.get_by_text("Получить отчёт").first).to_be_visible()


def test_municipal_coordinator_sees_who_has_not_confirmed_and_reminds(
    visit: Visit, look: Look, world: World
) -> None:
    hand_in_all(world)
    receive(world, "mat4")
    school = visit("technician")
    section(school, "Отчёты")
    school.get_by_role("link", name=f"Главное по работе {PAPER}").click()
    school.get_by_role("button", name="Подтвердить получение").click()

    page = visit("municipal")
    expect(page.get_by_role("heading", name="1 школа не подтвердила получение отчёта")).to_be_visible()
    page.get_by_role("link", name="Кто именно").click()
    expect(page.get_by_text("Подтвердили 1 из 2")).to_be_visible()
    expect(page.get_by_text("Открыли, не подтвердили: 0. Не открывали: 1.")).to_be_visible()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Школа № 2")
    look(page)
    page.get_by_label("Состояние").select_option(label="подтвердили")
    page.get_by_role("button", name="Показать", exact=True).click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Сотрудник technician")
    page.get_by_role("link", name="Сбросить").click()

    page.get_by_role("button", name="Напомнить отобранным").click()
    expect(page.get_by_text("Напоминание отправлено, человек: 1.")).to_be_visible()
    page.get_by_role("button", name="Напомнить отобранным").click()
    expect(page.get_by_text("Напоминание получили меньше суток назад, человек: 1.")).to_be_visible()

    reminded = visit("technician2")
    notice = (
        reminded.get_by_role("listitem").filter(has_text=re.compile("[Пп]одтверд")).filter(has_text=PAPER)
    )
    expect(notice.first).to_be_visible()
    look(reminded)


def test_municipal_coordinator_reads_sorts_and_takes_the_municipality_s_report(
    visit: Visit, look: Look, world: World, tmp_path: Path
) -> None:
    hand_in_all(world)
    receive(world, "mat4")
    page = visit("municipal")
    section(page, "Отчёты")
    look(page)
    page.get_by_role("link", name=f"Отметки по работе {PAPER}").click()
    expect(page.get_by_role("note")).to_contain_text("Не хватает 1 протокола из 3.")
    below = page.get_by_role("table").last
    expect(below.locator("tbody tr")).to_have_text([re.compile("Школа № 1"), re.compile("Школа № 2")])
    expect(page.get_by_text("Лицей-интернат")).to_have_count(0)
    look(page)
    below.get_by_role("link", name="«3», чел.").click()
    below.get_by_role("link", name="«3», чел.").click()
    expect(below.locator("tbody tr")).to_have_text([re.compile("Школа № 2"), re.compile("Школа № 1")])

    listed = download(
        page, page.locator(".oko-export").last.get_by_role("link", name="CSV"), tmp_path / "l.csv"
    )
    lines = listed.read_text("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines if "Школа" in line] == ["Школа № 2", "Школа № 1"]


def test_municipal_coordinator_orders_all_reports_as_one_archive(
    visit: Visit, look: Look, world: World, tmp_path: Path
) -> None:
    hand_in_all(world)
    receive(world, "mat4")
    page = visit("municipal")
    section(page, "Отчёты")
    page.get_by_role("link", name="Все отчёты одним архивом").click()
    look(page)
    page.get_by_label("Русский язык, 4 класс").uncheck()
    page.get_by_role("button", name="Собрать архив").click()
    expect(page.get_by_text("В очереди: скоро начнём собирать.")).to_be_visible()
    look(page)

    package = ReportPackage.everything.get()
    assert making.make_slice(package.pk, package.attempt, SOURCES, seconds=0)
    expect(page.get_by_text("Собирается: 1 из 3 (33 %)")).to_be_visible()  # the page asks by itself
    look(page)
    while package.is_running:  # what the worker does, as long as another slice is wanted
        tasks.make_package(package_id=package.pk, attempt=package.attempt)
        package.refresh_from_db()
    expect(page.get_by_text("Архив готов.")).to_be_visible()
    look(page)
    archive = download(page, page.get_by_role("link", name="Скачать ZIP"), tmp_path / "package.zip")
    with ZipFile(archive) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        schools = {name.split("/")[1] for name in names if name.count("/") == 2}
        assert schools == {"edu640001 Школа № 1", "edu640002 Школа № 2"}
        folder = f"{PAPER}/edu640001 Школа № 1"
        assert {f"{folder}/{what} {PAPER} edu640001.{ending}" for what, ending in
                (("Отчёт", "xlsx"), ("Отчёт", "pdf"), ("Ф1", "xlsx"))} <= set(names)  # fmt: skip
        form = openpyxl.load_workbook(io.BytesIO(packed.read(f"{folder}/Ф1 {PAPER} edu640001.xlsx"))).active
        assert form.cell(5, 1).value == "Школа № 1 (edu640001) | Кол-во участников: 12"
        first = packed.read("ЧИТАЙТЕ.txt").decode("utf-8-sig").replace("\N{NO-BREAK SPACE}", " ")
    assert f"{PAPER}: Не хватает 1 протокола из 3." in first

    page.get_by_role("link", name="Все пакеты").click()
    expect(page.get_by_role("row").filter(has_text="Приреченский район")).to_contain_text("Скачать ZIP")
    look(page)


def test_regional_coordinator_reads_it_as_preliminary_with_what_it_lacks(
    visit: Visit, look: Look, world: World, tmp_path: Path
) -> None:
    hand_in_all(world)
    a_year_before(world)
    receive(world, None, **TO_COME)
    preliminary = "Предварительно: школам отчёт откроется 20.05.2096, 10:00"
    lacking = "Не хватает 1 протокола из 4."
    page = visit("regional")
    section(page, "Отчёты")
    page.get_by_role("link", name=f"Отметки по работе {PAPER}").click()
    expect(page.get_by_role("note").filter(has_text=preliminary)).to_be_visible()
    expect(page.get_by_role("note").filter(has_text=lacking)).to_be_visible()
    beside = row_of(page.get_by_role("table").first, "2025")
    expect(beside).to_contain_text("10")
    below = page.get_by_role("table").last
    expect(row_of(below, "Приреченский район")).to_be_visible()
    expect(row_of(below, "Заречный район")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Школы", exact=True).click()
    page.get_by_label("Название содержит").fill("№ 3")
    page.get_by_role("button", name="Найти").click()
    expect(below.locator("tbody tr")).to_have_text([re.compile("Школа № 3")])
    look(page)

    book = download(page, page.get_by_role("link", name="Все таблицы, XLSX"), tmp_path / "report.xlsx")
    told = cells(book)
    pdf = download(page, page.get_by_role("link", name="Отчёт, PDF"), tmp_path / "report.pdf").read_bytes()
    for words in (preliminary, lacking):
        assert any(words in cell for cell in told), words
        assert all(plain(words) in text for text in pages_text(pdf)), words

    tab(page, "Работы участников")
    look(page)
    page.get_by_label("Отметка", exact=True).select_option("5")
    page.get_by_role("button", name="Показать", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_label("Код участника, класс или код школы").fill("edu640002")
    page.get_by_role("button", name="Показать", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    look(page)
