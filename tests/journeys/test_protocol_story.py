"""One protocol's whole story: downloaded, filled with a slip, mended, accepted, returned, reported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from oko.cabinet.results.actions import write_partition
from tests.cabinet.conftest import World

Visit = Callable[..., Page]
Look = Callable[[Page], None]


def fill_in(source: Path, target: Path, *, slip: bool) -> str:
    """Fill the downloaded form as a teacher would; with a slip: one score too high, its cell returned."""
    book = openpyxl.load_workbook(source)
    sheet, header = next(
        (sheet, row[0].row)
        for sheet in book
        for row in sheet.iter_rows()
        if any(str(cell.value).startswith("Код участника") for cell in row)
    )
    spoiled = ""
    for row in sheet.iter_rows(min_row=header + 1):
        if not str(row[0].value or "").isdigit():
            continue
        for cell in row:
            title = str(sheet.cell(header, cell.column).value)
            item = re.fullmatch(r"[\d.КK]+\s\((\d+)\)", title)
            if item:
                cell.value = min(1, int(item.group(1)))
                if slip and not spoiled:
                    cell.value, spoiled = 9, cell.coordinate
            elif title.startswith("Вариант"):
                cell.value = 2
            elif title == "Пол":
                cell.value = "ж"
            elif title.startswith("Отметка"):
                cell.value = 4
    book.save(target)
    return spoiled


def download(page: Page, link: Locator, to: Path) -> Path:
    with page.expect_download() as waiting:
        link.click()
    waiting.value.save_as(to)
    return to


def send(page: Page, file: Path) -> None:
    page.get_by_label("Загрузить заполненный протокол").set_input_files(file)
    page.get_by_role("button", name="Отправить").click()


def accepted_protocol(page: Page, tmp_path: Path) -> None:
    """The technical specialist's shortest way."""
    page.goto("/protocols/mat4/edu640001/")
    form = download(
        page, page.get_by_role("link", name="Скачать протокол для заполнения"), tmp_path / "form.xlsx"
    )
    fill_in(form, tmp_path / "sound.xlsx", slip=False)
    send(page, tmp_path / "sound.xlsx")
    expect(page.get_by_text("Замечаний нет, протокол принят.")).to_be_visible()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_technical_specialist_sends_a_protocol_and_mends_it(
    visit: Visit, accessible: Look, tmp_path: Path, width: str
) -> None:
    page = visit("technician", width)
    accessible(page)
    page.get_by_role("navigation", name="Разделы").get_by_role("link", name="Протоколы").click()
    accessible(page)
    form = download(
        page, page.get_by_role("link", name="Скачать протокол: Математика"), tmp_path / "form.xlsx"
    )
    cell = fill_in(form, tmp_path / "slip.xlsx", slip=True)

    page.get_by_role("link", name="Математика, 4 класс", exact=True).click()
    accessible(page)
    send(page, tmp_path / "slip.xlsx")
    expect(page.get_by_role("heading", name="Замечания", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=cell).first).to_be_visible()
    accessible(page)
    marked = download(
        page, page.get_by_role("link", name="Скачать размеченную копию"), tmp_path / "marked.xlsx"
    )
    assert openpyxl.load_workbook(marked).sheetnames[0] == "Замечания"

    page.get_by_role("link", name="Отправить исправленный").click()
    fill_in(form, tmp_path / "sound.xlsx", slip=False)
    send(page, tmp_path / "sound.xlsx")
    expect(page.get_by_text("Замечаний нет, протокол принят.")).to_be_visible()
    accessible(page)

    page.goto("/")
    expect(page.get_by_role("heading", name="Сделано")).to_be_visible()
    page.goto("/protocols/mat4/edu640001/")
    expect(page.get_by_role("row")).to_have_count(3), "both versions are kept, under one header"


def test_several_files_at_once_find_their_papers_by_content(visit: Visit, tmp_path: Path) -> None:
    page = visit("technician")
    page.goto("/protocols/")
    for subject in ("Математика", "Русский язык"):
        form = download(
            page, page.get_by_role("link", name=f"Скачать протокол: {subject}"), tmp_path / "form.xlsx"
        )
        fill_in(form, tmp_path / f"файл {len(subject)}.xlsx", slip=False)
    page.get_by_label("Загрузить заполненные протоколы").set_input_files(sorted(tmp_path.glob("файл*.xlsx")))
    page.get_by_role("button", name="Отправить").click()
    expect(page.get_by_text("Всё сдано: 2")).to_be_visible()


def test_municipal_coordinator_sees_returns_and_follows(
    visit: Visit, accessible: Look, tmp_path: Path
) -> None:
    technician = visit("technician")
    accepted_protocol(technician, tmp_path)

    page = visit("municipal")
    accessible(page)
    page.get_by_role("navigation", name="Разделы").get_by_role("link", name="Ход работ").click()
    expect(page.get_by_text("Принято 1 из 4")).to_be_visible()
    accessible(page)
    page.goto("/board/calls/")
    accessible(page)
    page.goto("/board/edu640001/")
    accessible(page)
    page.goto("/protocols/mat4/edu640001/")
    page.get_by_role("link", name="№ 1").click()
    page.get_by_label("Что исправить").fill("Отметки за четверть не сходятся с журналом.")
    accessible(page)
    page.get_by_role("button", name="Вернуть с комментарием").click()
    expect(page.get_by_text("Протокол возвращён:")).to_be_visible()
    page.goto("/board/")
    expect(page.get_by_text("Принято 0 из 4")).to_be_visible()

    technician.goto("/")
    expect(technician.get_by_text("Отметки за четверть не сходятся с журналом")).to_be_visible()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_regional_coordinator_extends_one_school_and_reads_the_report(
    visit: Visit, accessible: Look, tmp_path: Path, world: World, width: str
) -> None:
    accepted_protocol(visit("technician"), tmp_path)
    write_partition(world.papers["mat4"], world["region"])  # what the worker does in the running product

    page = visit("regional", width)
    accessible(page)
    page.goto("/exceptions/new/")
    accessible(page)
    page.get_by_label("Шаг").select_option(
        label=page.get_by_label("Шаг").locator("option").nth(1).inner_text()
    )
    page.get_by_label("Организация").fill("edu640002")
    page.get_by_text("продление", exact=True).click()
    page.get_by_label("До какого момента").fill("2036-05-22T18:00")
    page.get_by_label("Причина").fill("Карантин, письмо № 12")
    page.get_by_role("button", name="Дальше").click()
    expect(page.get_by_text("Школа № 2").first).to_be_visible()
    accessible(page)
    page.locator("main form button").last.click()
    expect(page.get_by_text("Карантин, письмо № 12").first).to_be_visible()
    accessible(page)

    page.goto("/reports/")
    accessible(page)
    page.get_by_role("link", name="Отметки по работе Математика").click()
    expect(page.get_by_role("heading", name="В сравнении")).to_be_visible()
    expect(page.get_by_role("table").first).to_contain_text("Вся выборка")
    accessible(page)
    page.get_by_role("main").get_by_role("link", name="Задания", exact=True).click()
    accessible(page)
    page.get_by_role("link", name="Из каких протоколов").click()
    expect(page.get_by_role("row").filter(has_text="Школа № 1")).to_be_visible()
    accessible(page)


@pytest.mark.parametrize(
    ("who", "addresses"),
    [
        (
            "technician",
            ["/roadmap/", "/assessment/", "/publications/", "/people/", "/organisations/own/", "/password/"],
        ),
        (
            "municipal",
            ["/organisations/", "/organisations/edu640001/", "/people/", "/exceptions/", "/protocols/"],
        ),
        (
            "regional",
            [
                "/organisations/new/",
                "/organisations/import/",
                "/news/new/",
                "/documents/new/",
                "/papers/mat4/",
            ],
        ),
        (
            "federal",
            ["/", "/board/", "/roadmap/new/", "/papers/import/", "/assessment/", "/reports/mat4/marks/fed/"],
        ),
        ("teacher", ["/", "/reports/"]),
        ("technician", ["/public/", "/нет-такой-страницы/"]),
    ],
)
@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_every_main_page_is_accessible(
    visit: Visit, accessible: Look, who: str, addresses: list[str], width: Any
) -> None:
    page = visit(who, width)
    for address in addresses:
        page.goto(address)
        accessible(page)
