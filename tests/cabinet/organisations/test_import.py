"""A list of organisations goes out, is mended in a spreadsheet, and comes back: all of it or nothing."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oko.cabinet.foundation.tables import csv_table, xlsx_table
from oko.cabinet.organisations import actions, queries
from oko.cabinet.organisations.facts import Facts, tidy
from oko.cabinet.organisations.importing import find_table, plan_import
from oko.cabinet.organisations.layout import COLUMNS, HEADERS, drop_downs, rows_of
from oko.cabinet.organisations.models import ImportDraft, Level, Organisation, Ownership, Settlement
from oko.cabinet.organisations.sheets import UnreadableTable, read_sheets
from oko.cabinet.organisations.zones import RUSSIAN_ZONES

HEAD = ["Код", "Вид", "Полное название", "Код вышестоящей", "Код территории", "Собственность", "Часовой пояс"]


def book(*rows: list[object], sheet: str = "Организации") -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        page = made.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def upload(client, content: bytes, name: str = "список.xlsx"):
    return client.post("/organisations/import/", {"file": SimpleUploadedFile(name, content)}, follow=True)


def confirm(client, page):
    address = page.redirect_chain[-1][0]
    return client.post(address, {"seen": page.context["plan"].digest}, follow=True)


def test_export_imported_again_changes_nothing(world) -> None:
    client = world.client("regional")
    for kind in ("xlsx", "csv"):
        exported = client.get(f"/organisations/?export={kind}").content
        plan = plan_import(world.acting("regional"), exported)
        assert (plan.findings, plan.new, plan.changed, plan.unchanged) == ([], [], [], 8)


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(tidy)
some_facts = st.builds(
    Facts,
    code=st.from_regex(r"edu[0-9]{6}", fullmatch=True),
    kind=st.sampled_from(["school", "college"]),
    name=anything.filter(bool),
    short_name=anything.filter(bool),
    supervisor=st.just("rcoko64"),
    territory=st.just("mun6401"),
    ownership=st.sampled_from(Ownership.values),
    settlement=st.sampled_from(["", *Settlement.values]),
    levels=st.sets(st.sampled_from(Level.values)).map(lambda s: tuple(v for v in Level.values if v in s)),
    time_zone=st.sampled_from([*RUSSIAN_ZONES, "Asia/Almaty"]),
    delivery_address=anything,
    active=st.booleans(),
)


@given(facts=some_facts, as_csv=st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_organisation_survives_the_way_out_and_back(facts: Facts, as_csv: bool) -> None:
    """Formula signs, apostrophes, quotation marks, delimiters and escapes included."""
    rows = list(rows_of([facts]))
    content = csv_table(HEADERS, rows) if as_csv else xlsx_table(HEADERS, rows, drop_downs())
    (row,) = find_table(read_sheets(content)).rows
    read = {}
    for column in COLUMNS:
        cell = row.cells[column.field]
        read[column.field] = column.read(cell) if cell else getattr(replace(facts, levels=()), column.field)
    assert Facts(**read) == facts


def test_list_with_a_whole_district_in_any_order_is_written_at_once(world) -> None:
    """Schools stand above their own municipality in the file; territory and clock follow the supervisor."""
    client = world.client("regional")
    page = upload(
        client,
        book(
            HEAD,
            ["edu640101", "школа", "Новая школа", "mun6409", "", "Муниципальная", ""],
            ["EDU640102 ", "Колледж", "Аграрный колледж", "rcoko64", "mun6409", "государственная", "Самара"],
            ["mun6409", "МОУО", "Новый  район", "reg64", "", "", "asia/omsk"],
            ["edu640001", "Школа", "Школа № 1 имени Пирогова", "mun6401", "mun6401", "муниципальная", ""],
        ),
    )
    assert len(page.context["plan"].new) == 3
    assert "Школа № 1 имени Пирогова" in page.content.decode()
    assert not Organisation.everything.filter(code="mun6409").exists(), (
        "nothing is written before it is confirmed"
    )
    done = confirm(client, page)
    assert "новых 3, изменено 1" in done.content.decode()
    school = Organisation.everything.get(code="edu640101")
    town = Organisation.everything.get(code="mun6409")
    assert (school.supervisor_id, school.municipality_id, school.region_id) == (
        town.pk,
        town.pk,
        world["region"].pk,
    )
    assert (school.time_zone, town.name, school.active) == ("Asia/Omsk", "Новый район", True)
    assert Organisation.everything.get(code="edu640102").time_zone == "Europe/Samara"
    assert Organisation.everything.get(code="edu640001").short_name == "Школа № 1", (
        "a missing column changes nothing"
    )
    assert not ImportDraft.everything.exists()


def test_findings_name_the_cell_and_nothing_is_written(world) -> None:
    client = world.client("regional")
    page = upload(
        client,
        book(
            ["Список организаций на 2026 год"],
            HEAD,
            ["edu640101", "школа", "Хорошая школа", "mun6401", "", "муниципальная", ""],
            ["edu640102", "шарага", "Плохая школа", "mun6401", "", "муниципальная", ""],
            ["edu640103", "школа", "", "mun9999", "mun6401", "ничья", "Атлантида"],
            ["edu640101", "школа", "Ещё раз", "mun6401", "", "муниципальная", ""],
            ["", "школа", "Без кода", "mun6401", "", "муниципальная", ""],
        ),
    )
    cells = {f.cell: f for f in page.context["plan"].findings}
    assert set(cells) == {"B4", "C5", "D5", "F5", "G5", "A6", "A7"}
    assert cells["B4"].sheet == "Организации"
    assert cells["B4"].found == "шарага"
    assert "Школа" in cells["B4"].expected
    assert "строке 3" in cells["A6"].message
    assert "Записать всё" not in page.content.decode()
    refused = confirm(client, page)
    assert refused.status_code == 200
    assert not Organisation.everything.filter(code__startswith="edu6401").exists()


def test_region_imports_only_its_own(world) -> None:
    plan = plan_import(
        world.acting("regional"),
        book(
            HEAD,
            ["edu650005", "школа", "Чужая школа", "mun6501", "", "муниципальная", ""],
            ["edu640201", "школа", "Под чужим", "mun6501", "", "муниципальная", ""],
            ["reg66", "ОИВ", "Третий регион", "fed", "", "", ""],
            ["fed", "ФО", "Другое название", "", "", "", ""],
            ["reg64", "ОИВ", "Министерство образования области", "fed", "", "", ""],
        ),
    )
    assert {(f.cell) for f in plan.findings} >= {"A2", "D3", "B4", "C5"}
    assert not any(f.cell.endswith("6") for f in plan.findings)


def test_federal_organiser_imports_any_region(world) -> None:
    plan = plan_import(
        world.acting("federal"),
        book(
            HEAD,
            ["reg66", "ОИВ", "Третий регион", "fed", "", "", "Омск"],
            ["mun6601", "МОУО", "Третий район", "reg66", "", "", ""],
            ["edu660001", "школа", "Школа третьего района", "mun6601", "", "муниципальная", ""],
        ),
    )
    assert plan.findings == []
    actions.save_facts(new=plan.new)
    school = Organisation.everything.get(code="edu660001")
    assert school.region == Organisation.everything.get(code="reg66")


def test_federal_organiser_corrects_what_stands_already(world) -> None:
    exported = world.client("federal").get("/organisations/?export=csv").content
    plan = plan_import(
        world.acting("federal"), exported.replace("Соседний район".encode(), "Дальний район".encode())
    )
    assert plan.findings == []
    assert [after.code for _before, after in plan.changed] == ["mun6501"]


def test_partial_file_changes_only_its_columns(world) -> None:
    plan = plan_import(
        world.acting("regional"), "Адрес доставки;Код\nул. Мира, 1;edu640001\n".encode("cp1251")
    )
    ((before, after),) = plan.changed
    assert after == replace(before, delivery_address="ул. Мира, 1")


@pytest.mark.parametrize(
    "content",
    [
        'код,полное название\r\nedu640001,"Школа, первая"\r\n'.encode(),
        "\ufeffКОД;  ПОЛНОЕ   НАИМЕНОВАНИЕ \nedu640001;Школа, первая\n".encode(),
        "Код\tНазвание\nedu640001\tШкола, первая\n".encode("utf-16"),
        book(["Столбец директора", "Полное название", "Код"], ["", "Школа,\n первая", " EDU640001 "]),
        "Код;Полное название\nedu640001;Школа, первая".encode("cp1251"),
    ],
)
def test_list_is_read_however_it_was_saved(world, content: bytes) -> None:
    ((_before, after),) = plan_import(world.acting("regional"), content).changed
    assert after.name == "Школа, первая"


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), content)
    return buffer.getvalue()


def spoiled_book(**changes: bytes) -> bytes:
    """A good book with some parts replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(HEAD, ["edu640001"]))) as good, zipfile.ZipFile(buffer, "w") as bad:
        replaced = {
            name.replace("__", "/") + ("" if "." in name else ".xml"): part for name, part in changes.items()
        }
        for name in good.namelist():
            bad.writestr(name, replaced.pop(name, good.read(name)))
        for name, part in replaced.items():
            bad.writestr(name, part)
    return buffer.getvalue()


FAR_CELL = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Файл пуст"),
        (b"%PDF-1.7 \x00\x01", "Это не таблица"),
        (b"\x89PNG\r\n", "Это не таблица"),
        ("Просто текст".encode(), "Это не таблица"),
        (b"PK\x03\x04 broken", "повреждён"),
        (zipped(readme_xml=b"<a/>"), "Это не таблица"),
        (spoiled_book(**{"xl__vbaProject.bin": b"macro"}), "макросы"),
        (spoiled_book(xl__worksheets__sheet1=b"<worksheet><sheetData><row>"), "повреждён"),
        (spoiled_book(xl__worksheets__sheet1=FAR_CELL), "слишком велика"),
        (spoiled_book(xl__worksheets__sheet1=b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'), "недопустимое"),
        (zipped(xl__workbook_xml=b"<w/>", xl__bomb_xml=b"\x20" * 90_000_000), "слишком большой"),
        (book(["Имя", "Фамилия"], ["а", "б"]), "не найден"),
        (book(HEAD), "ни одной строки"),
        (book(["Код", "Код", "Вид"], ["a", "b", "c"]), "дважды"),
        (b"\xea\xee\xe4;\x98\n1;2", "Это не таблица"),
        (("Код;Вид\n" + "edu640001;школа\n" * 60_001).encode(), "слишком велика"),
    ],
)
def test_file_that_is_no_list_is_refused_with_a_reason_and_not_kept(world, content: bytes, said: str) -> None:
    page = upload(world.client("regional"), content)
    assert page.status_code == 200
    assert said in page.content.decode()
    assert not ImportDraft.everything.exists()


def test_too_large_a_file_is_refused() -> None:
    with pytest.raises(UnreadableTable, match="слишком велик"):
        read_sheets(b"a" * 20_000_001)


@given(content=st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode()))
@settings(max_examples=100, deadline=None)
def test_arbitrary_bytes_are_read_or_refused_and_never_crash(content: bytes) -> None:
    with suppress(UnreadableTable):
        assert find_table(read_sheets(content)).rows


cell = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["edu640001", "mun6401", "rcoko64", "school", "школа", "да", "Омск", "edu640900", "reg64", "fed"]
    ),
)


@given(rows=st.lists(st.lists(cell, min_size=12, max_size=12), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_passes_the_check_can_be_written(world, rows: list[list[str]]) -> None:
    """Constraints of the base never surprise: a plan without findings is stored."""
    try:
        plan = plan_import(world.acting("regional"), csv_table(HEADERS, rows))
    except UnreadableTable:
        return
    if not plan.findings:
        actions.save_facts(new=plan.new, changed=[after for _before, after in plan.changed])
        stored = {facts.code: facts for facts in queries.facts_in(Organisation.everything.all())}
        assert all(stored[facts.code] == facts for facts in plan.new)


def test_base_that_changed_under_a_preview_is_shown_again_before_anything_is_written(world) -> None:
    client = world.client("regional")
    page = upload(client, book(["Код", "Полное название"], ["edu640001", "Первая"], ["edu640002", "Вторая"]))
    Organisation.everything.filter(code="edu640002").update(name="Вторая")
    again = confirm(client, page)
    assert "база изменилась" in again.content.decode()
    assert Organisation.everything.get(code="edu640001").name != "Первая"
    address = page.redirect_chain[-1][0]
    client.post(address, {"seen": again.context["plan"].digest})
    assert Organisation.everything.get(code="edu640001").name == "Первая"


def test_somebody_elses_draft_does_not_exist(world) -> None:
    page = upload(world.client("regional"), book(["Код", "Полное название"], ["edu640001", "Первая"]))
    address = page.redirect_chain[-1][0]
    stranger = world.client("regional2")
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"seen": page.context["plan"].digest}).status_code == 404
    assert stranger.post(address + "cancel/").status_code == 404
    assert world.client("municipal").get(address).status_code == 403


def test_cancelled_and_forgotten_files_are_deleted(world) -> None:
    client = world.client("regional")
    page = upload(client, book(["Код", "Полное название"], ["edu640001", "Первая"]))
    client.post(page.redirect_chain[-1][0] + "cancel/")
    assert not ImportDraft.everything.exists()
    upload(client, book(["Код", "Полное название"], ["edu640001", "Первая"]))
    ImportDraft.everything.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    actions.forget_old_drafts()
    assert not ImportDraft.everything.exists()


def test_closing_a_municipality_together_with_its_schools_passes(world) -> None:
    rows = [["Код", "Действует"], ["mun6401", "нет"], ["edu640001", "нет"], ["edu640002", "нет"]]
    assert plan_import(world.acting("regional"), book(*rows)).findings == []
    (finding,) = plan_import(world.acting("regional"), book(*rows[:3])).findings
    assert finding.cell == "B2"
