"""All reports of a territory as one ZIP: made a slice at a time, taken by those who see what is in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from oko.cabinet.assessments.models import Paper
from oko.cabinet.audit.models import Event
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Appointment, Delegation, Role
from oko.cabinet.reports import tasks
from oko.cabinet.reports.models import ReportPackage
from oko.cabinet.reports.packages import actions, making, names, store
from oko.cabinet.reports.packages.making import Sources
from oko.cabinet.reports.packages.sources import SOURCES
from oko.cabinet.reports.places import Place, place
from tests.cabinet.conftest import World
from tests.cabinet.reports.test_receipts import receive
from tests.cabinet.reports.test_reports import season  # noqa: F401  # works for the reports

State = ReportPackage.State


def simple(acting: Acting, paper: Paper, place: Place) -> Iterator[tuple[str, bytes]]:
    """Two documents of each place, told apart by what is in them."""
    code = place.organisation.code
    yield f"Отчёт {paper.code} {code}.xlsx", f"{acting.role} {paper.code} {code}".encode()
    yield "Ф1.txt", "из тех же работ".encode()


def plain(documents: Any = simple, why_not: Any = lambda acting, paper, organisation: "") -> Sources:
    return Sources(documents, why_not, lambda paper, organisation: ["Не хватает 3 протоколов из 24."])


def order(
    world: World, who: str = "municipal", where: str = "mun1", papers: tuple[str, ...] = ("mat4",)
) -> ReportPackage:
    package, is_new = actions.order(world.acting(who), world[where], [world.papers[code] for code in papers])
    assert is_new
    return package


def make(package: ReportPackage, sources: Sources | None = None, *, slices: int = 1000) -> ReportPackage:
    """As the worker does, as long as another slice is wanted."""
    for _slice in range(slices):
        if not making.make_slice(package.pk, package.attempt, sources or plain(), seconds=0):
            break
    package.refresh_from_db()
    return package


def unpacked(package: ReportPackage) -> dict[str, bytes]:
    with ZipFile(store.finished(package.pk)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def jobs(package_id: int) -> list[ProcrastinateJob]:
    found = ProcrastinateJob.objects.filter(task_name="reports.make_package").order_by("pk")
    return [job for job in found if job.args["package_id"] == package_id]


def lose_jobs(package_id: int) -> None:
    """They went with their worker."""
    ProcrastinateJob.objects.filter(pk__in=[job.pk for job in jobs(package_id)])._raw_delete("default")


def on_disk() -> set[str]:
    return {path.name for path in Path(settings.PACKAGES_ROOT).iterdir()}


# What is in it ----------------------------------------------------------------------------------------------


def test_municipality_has_its_own_documents_and_a_folder_for_each_school(world: World) -> None:
    package = make(order(world, papers=("mat4", "rus4")))
    assert (package.state, package.done, package.total) == (State.READY, 6, 6)
    files = unpacked(package)
    assert files["Математика, 4 класс/Отчёт mat4 mun6401.xlsx"] == b"municipal_coordinator mat4 mun6401"
    school = "Русский язык, 4 класс/edu640002 Школа № 2"
    assert files[f"{school}/Отчёт rus4 edu640002.xlsx"] == b"municipal_coordinator rus4 edu640002"
    assert not [name for name in files if "edu640004" in name], "the centre's school is not in its sight"
    assert package.files == 12
    assert set(package.holds) == {world[name].pk for name in ("mun1", "school1", "school2")}
    assert on_disk() == {f"{package.pk}.zip"}


def test_region_has_a_folder_for_each_municipality(world: World) -> None:
    files = unpacked(make(order(world, "regional", "region")))
    folder = "Математика, 4 класс/mun6401 Приреченский район"
    assert f"{folder}/Отчёт mat4 mun6401.xlsx" in files
    assert f"{folder}/edu640004 Лицей-интернат/Отчёт mat4 edu640004.xlsx" in files
    assert "Математика, 4 класс/Отчёт mat4 reg64.xlsx" in files
    assert not [name for name in files if "edu650005" in name]


def test_centre_and_school_have_what_is_theirs(world: World) -> None:
    centre = unpacked(make(order(world, "responsible", "centre")))
    assert "Математика, 4 класс/edu640004 Лицей-интернат/Ф1.txt" in centre
    school = unpacked(make(order(world, "school", "school1")))
    assert "Математика, 4 класс/Отчёт mat4 edu640001.xlsx" in school


def test_list_of_contents_agrees_with_the_archive(world: World) -> None:
    files = unpacked(make(order(world, papers=("mat4", "rus4"))))
    rows = list(csv.DictReader(io.StringIO(files["оглавление.csv"].decode("utf-8-sig")), delimiter=";"))
    about = {"оглавление.csv", "оглавление.xlsx", "ЧИТАЙТЕ.txt"}
    assert {row["Файл"]: int(row["Байт"]) for row in rows} == {
        name: len(content) for name, content in files.items() if name not in about
    }
    assert rows[0]["Из каких работ"].replace("\xa0", " ").startswith("По 0 протоколам из 3")
    sheet = openpyxl.load_workbook(io.BytesIO(files["оглавление.xlsx"])).active
    assert sheet.max_row == len(rows) + 1
    first = files["ЧИТАЙТЕ.txt"].decode("utf-8-sig")
    assert "Отчёты: Приреченский район" in first
    assert "Сотрудник municipal" in first
    assert "Математика, 4 класс: Не хватает 3 протоколов из 24." in first


def test_what_is_not_out_yet_or_has_no_results_is_named_and_left_out(world: World) -> None:
    def nothing_in_two(acting: Acting, paper: Paper, place: Place) -> Iterator[tuple[str, bytes]]:
        if place.organisation.code != "edu640002":
            yield from simple(acting, paper, place)

    def russian_is_to_come(acting: Acting, paper: Paper, organisation: Organisation) -> str:
        return "отчёт ещё не открыт" if paper.code == "rus4" else ""

    package = make(order(world, papers=("mat4", "rus4")), plain(nothing_in_two, russian_is_to_come))
    files = unpacked(package)
    assert not [name for name in files if name.startswith("Русский") or "edu640002" in name]
    first = files["ЧИТАЙТЕ.txt"].decode("utf-8-sig")
    assert "Математика, 4 класс, Школа № 2: результатов нет" in first
    assert "Русский язык, 4 класс, Школа № 1: отчёт ещё не открыт" in first


def cells(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_package_holds_the_very_documents_that_pages_give(season: World) -> None:  # noqa: F811
    files = unpacked(make(order(season), SOURCES))
    acting, paper = season.acting("municipal"), season.papers["mat4"]
    for folder, code in (("", "mun1"), ("edu640001 Школа № 1/", "school1")):
        offered = list(SOURCES.documents(acting, paper, place(acting, season[code])))
        assert len(offered) == 3, "workbook, PDF, individual results"
        for name, content in offered:
            packed = files[f"Математика, 4 класс/{folder}{name}"]
            if name.endswith(".xlsx"):
                assert cells(packed) == cells(content)
            else:
                assert packed.startswith(b"%PDF")


def test_municipality_gets_no_report_before_its_time_though_it_was_ordered(season: World) -> None:  # noqa: F811
    package = order(season)
    receive(season, "mat4", opens=datetime.fromisoformat("2036-01-01 08:00"))
    make(package, SOURCES)
    assert package.state == State.FAILED
    assert "нет ни одного открытого отчёта" in package.trouble


def test_package_without_a_single_document_fails_with_a_word(world: World) -> None:
    package = make(order(world), plain(lambda acting, paper, place: iter(())))
    assert package.state == State.FAILED
    assert "нет ни одного открытого отчёта" in package.trouble
    assert on_disk() == set()


# Names ------------------------------------------------------------------------------------------------------

HOSTILE = 'Школа "../../etc/passwd" <№ 1>: |?*\\ \u202eexe.xslx\x00\x1f' + "щ" * 300


def test_hostile_names_become_harmless_and_unique(world: World) -> None:
    for name in ("school1", "school2"):
        Organisation.everything.filter(pk=world[name].pk).update(short_name=HOSTILE.replace("\0", "")[:200])

    def hostile(acting: Acting, paper: Paper, place: Place) -> Iterator[tuple[str, bytes]]:
        for name in (HOSTILE + ".pdf", HOSTILE + ".PDF", "CON.txt", "../x", "..", "", "a. . ."):
            yield name, b"1"

    Paper.everything.filter(pk=world.papers["mat4"].pk).update(subject="NUL/../")
    files = unpacked(make(order(world), plain(hostile)))
    paths = [path for path in files if "/" in path]
    assert len(paths) == len({path.casefold() for path in paths}) == 3 * 7
    for path in paths:
        for part in path.split("/"):
            assert_good(part)


def assert_good(name: str) -> None:
    assert 0 < len(name) <= 100
    assert not set(name) & set('<>:"/\\|?*')
    assert all(character.isprintable() for character in name)
    assert not name.endswith((".", " "))
    assert name.split(".")[0].casefold() not in {"con", "nul", "prn", "aux", "com1", "lpt9"}


@given(st.lists(st.text(), max_size=8))
def test_whatever_the_names_files_of_a_folder_can_be_unpacked(given_names: list[str]) -> None:
    folder = names.Names()
    found = [folder.file(name) for name in [*given_names, *given_names]]
    for name in found:
        assert_good(name)
    assert len({name.casefold() for name in found}) == len(found)


# Ordering ---------------------------------------------------------------------------------------------------


def test_second_order_leads_to_the_one_that_is_being_made(world: World) -> None:
    first = order(world)
    client = world.client("municipal")
    answer = client.post("/reports/packages/", {"place": "mun6401", "paper": ["rus4"]})
    assert answer.headers["Location"] == f"/reports/packages/{first.pk}/"
    assert ReportPackage.everything.get() == first
    make(first)
    answer = client.post("/reports/packages/", {"place": "mun6401", "paper": ["rus4"]})
    assert answer.headers["Location"] != f"/reports/packages/{first.pk}/"


@pytest.mark.django_db(transaction=True)
def test_four_orders_at_once_are_one(world: World) -> None:
    start = Barrier(4)

    def press(_number: int) -> tuple[int, bool]:
        try:
            start.wait(timeout=60)
            package, is_new = actions.order(world.acting("municipal"), world["mun1"], [world.papers["mat4"]])
            return package.pk, is_new
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))
    assert len({pk for pk, _new in answers}) == 1
    assert sum(is_new for _pk, is_new in answers) == 1
    assert len(jobs(answers[0][0])) == 1


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"place": "mun6401"}, "Выберите хотя бы одну работу."),
        ({"place": "mun6401", "paper": ["нет", "\x00"]}, "Выберите хотя бы одну работу."),
        ({"place": "mun6402", "paper": ["mat4"]}, "Выберите организацию из списка."),
        ({"place": "\x00" * 999, "paper": ["mat4"]}, "Выберите организацию из списка."),
        ({}, "Выберите организацию из списка."),
    ],
)
def test_senseless_order_is_answered_with_what_to_do(world: World, sent: dict[str, Any], words: str) -> None:
    page = world.client("municipal").post("/reports/packages/", sent)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not ReportPackage.everything.exists()


def test_report_that_is_not_out_is_not_offered(world: World) -> None:
    receive(world, "mat4", opens=datetime.fromisoformat("2036-01-01 08:00"))
    page = world.client("municipal").get("/reports/packages/")
    assert [paper.code for paper in page.context["papers"]] == ["rus4"]
    answer = world.client("municipal").post("/reports/packages/", {"place": "mun6401", "paper": ["mat4"]})
    assert "Выберите хотя бы одну работу." in answer.content.decode()


def test_places_one_can_order_for(world: World) -> None:
    def offered(who: str) -> list[str]:
        return [one.code for one in world.client(who).get("/reports/packages/").context["offered"]]

    assert offered("federal") == ["reg64", "reg65"]
    assert set(offered("regional")) == {"reg64", "mun6401", "mun6402", "rcoko64"}
    assert offered("municipal") == ["mun6401"]
    assert offered("school") == ["edu640001"]


def test_teacher_orders_nothing(world: World) -> None:
    assert world.client("teacher").get("/reports/packages/").status_code == 403
    with pytest.raises(PermissionDenied):
        actions.order(world.acting("teacher"), world["school1"], [world.papers["mat4"]])


# Being made -------------------------------------------------------------------------------------------------


def test_page_tells_how_far_it_is_with_and_without_javascript(world: World) -> None:
    package = order(world)
    client = world.client("municipal")
    address = f"/reports/packages/{package.pk}/"
    assert "В очереди" in client.get("/reports/packages/").content.decode()
    make(package, slices=2)
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "Собирается: 2 из 3 (66 %)" in part
    assert "<html" not in part
    assert "hx-get" in part
    assert ">Обновить</a>" in client.get(address).content.decode()
    make(package)
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "Архив готов." in part
    assert "hx-get" not in part, "it asks no more"


def test_each_slice_puts_itself_behind_those_who_wait(world: World) -> None:
    package = order(world)
    (job,) = jobs(package.pk)
    assert (job.args, job.priority) == ({"package_id": package.pk, "attempt": 1}, actions.PRIORITY)
    tasks.make_package(package_id=package.pk, attempt=1)
    assert len(jobs(package.pk)) == 1, "one waiting job an order"


def test_cancelled_order_leaves_nothing(world: World) -> None:
    package = order(world)
    make(package, slices=1)
    assert on_disk() == {f"{package.pk}-1.unfinished"}
    page = world.client("municipal").post(f"/reports/packages/{package.pk}/cancel/", follow=True)
    assert "начатый файл удалён" in page.content.decode()
    assert on_disk() == set()
    make(package)
    assert package.state == State.CANCELLED
    assert on_disk() == set(), "whoever still worked at it has stopped"
    again = world.client("municipal").post(f"/reports/packages/{package.pk}/cancel/", follow=True)
    assert "уже не собирается" in again.content.decode()


def test_order_cancelled_in_the_middle_of_a_slice_stops_at_the_next_document(world: World) -> None:
    package = order(world)
    made: list[str] = []

    def cancelled_meanwhile(acting: Acting, paper: Paper, place: Place) -> Iterator[tuple[str, bytes]]:
        made.append(place.organisation.code)
        if len(made) == 2:
            actions.cancel(world.acting("municipal"), package)
        yield "a.txt", b"1"

    assert not making.make_slice(package.pk, 1, plain(cancelled_meanwhile), seconds=60)
    assert len(made) == 2
    assert on_disk() == set()


def test_killed_worker_is_replaced_and_the_archive_is_made_anew(world: World) -> None:
    package = order(world)
    make(package, slices=2)
    lose_jobs(package.pk)
    with (store.unfinished(package.pk, 1) / making.ARCHIVE).open("r+b") as archive:
        archive.truncate(20)
    assert actions.take_up_lost() == 0, "whoever was alive a moment ago may still be"
    ReportPackage.everything.update(alive_at=now() - actions.LEASE - timedelta(seconds=1))
    assert actions.take_up_lost() == 1
    package.refresh_from_db()
    assert (package.state, package.attempt, package.done) == (State.QUEUED, 2, 0)
    (job,) = jobs(package.pk)
    assert job.args == {"package_id": package.pk, "attempt": 2}
    assert not making.make_slice(package.pk, 1, plain(), seconds=0), "the dead one comes back to life in vain"
    make(package)
    assert package.state == State.READY
    assert len([name for name in unpacked(package) if "/" in name]) == 6
    assert on_disk() == {f"{package.pk}.zip"}


def test_worker_killed_again_and_again_ends_in_a_clear_word(world: World) -> None:
    package = order(world)
    for _death in range(actions.MOST_ATTEMPTS):
        package.refresh_from_db()
        make(package, slices=1)
        lose_jobs(package.pk)
        ReportPackage.everything.update(alive_at=now() - actions.LEASE - timedelta(seconds=1))
        actions.take_up_lost()
    package.refresh_from_db()
    assert package.state == State.FAILED
    assert "прерывали уже 3 раза" in package.trouble
    assert on_disk() == set()
    page = world.client("municipal").get(f"/reports/packages/{package.pk}/").content.decode()
    assert "Собрать пакет не удалось." in page
    assert "Заказать снова" in page


def test_order_that_waits_for_a_busy_worker_is_left_alone(world: World) -> None:
    order(world)
    ReportPackage.everything.update(alive_at=now() - timedelta(hours=3))
    assert actions.take_up_lost() == 0
    assert ReportPackage.everything.get().attempt == 1


def test_document_that_cannot_be_made_is_named_and_nothing_stays(world: World) -> None:
    def broken(acting: Acting, paper: Paper, place: Place) -> Iterator[tuple[str, bytes]]:
        yield "a.txt", b"1"
        if place.organisation.code == "edu640002":
            raise OSError("the works are gone")

    package = make(order(world), plain(broken))
    assert package.state == State.FAILED
    assert package.trouble.startswith("Не удалось собрать отчёт «Математика, 4 класс» для «Школа № 2».")
    assert on_disk() == set()
    assert Event.everything.filter(verb="reports.package_failed").count() == 1


def test_full_disk_ends_in_a_clear_word(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ZipFile, "writestr", full)
    package = make(order(world))
    assert package.state == State.FAILED
    assert "мало места" in package.trouble
    assert on_disk() == set()


# Rights -----------------------------------------------------------------------------------------------------


def test_rights_withdrawn_before_it_is_made_end_it(world: World) -> None:
    package = order(world)
    make(package, slices=1)
    Appointment.everything.filter(pk=world.appointments["municipal"].pk).update(state="withdrawn")
    make(package)
    assert package.state == State.FAILED
    assert "прекращены" in package.trouble
    assert on_disk() == set()


def test_delegate_makes_and_takes_as_long_as_the_delegation_stands(world: World) -> None:
    delegation = Delegation.everything.create(
        appointment=world.appointments["municipal"],
        delegate=world.appointments["technician"].person,
        given_at=now(),
    )
    Appointment.everything.filter(pk=world.appointments["technician"].pk).update(organisation=world["mun1"])
    appointment = Appointment.everything.get(pk=world.appointments["municipal"].pk)
    appointment.delegation = delegation
    package, _new = actions.order(appointment.acting(), world["mun1"], [world.papers["mat4"]])
    make(package, slices=1)
    Delegation.everything.update(ended_at=now())
    assert make(package).state == State.FAILED


def test_school_that_leaves_while_the_package_is_made_is_not_in_it(world: World) -> None:
    package = order(world)
    make(package, slices=1)
    Organisation.everything.filter(pk=world["school2"].pk).update(supervisor=world["centre"])
    files = unpacked(make(package))
    assert not [name for name in files if "edu640002" in name]
    assert "Школа № 2" not in files["ЧИТАЙТЕ.txt"].decode("utf-8-sig")


def test_package_is_taken_by_the_organisation_that_ordered_it(world: World) -> None:
    package = make(order(world))
    answer = world.client("municipal").get(f"/reports/packages/{package.pk}/download/")
    content = b"".join(answer.streaming_content)
    assert content == store.finished(package.pk).read_bytes()
    assert int(answer.headers["Content-Length"]) == package.size
    assert "filename*=utf-8''" in answer.headers["Content-Disposition"]
    event = Event.everything.get(verb="reports.package_downloaded")
    assert event.organisation == world["mun1"].pk


@pytest.mark.parametrize("who", ["municipal2", "regional", "federal", "school", "responsible"])
def test_for_all_others_it_does_not_exist(world: World, who: str) -> None:
    package = make(order(world))
    client = world.client(who)
    assert client.get(f"/reports/packages/{package.pk}/").status_code == 404
    assert client.get(f"/reports/packages/{package.pk}/download/").status_code == 404
    assert client.post(f"/reports/packages/{package.pk}/cancel/").status_code == 404
    assert client.get("/reports/packages/99999999999999999999/download/").status_code == 404


def test_whoever_does_not_see_works_takes_no_package_that_may_hold_them(world: World) -> None:
    package = make(order(world))
    teacher = world.appointments["teacher"]
    Appointment.everything.filter(pk=teacher.pk).update(role=Role.HEAD, organisation=world["mun1"])
    teacher.refresh_from_db()
    client = world.client("teacher")
    page = client.get(f"/reports/packages/{package.pk}/download/", follow=True)
    assert "Закажите свой" in page.content.decode()
    own = make(order(world, "teacher"))
    assert client.get(f"/reports/packages/{own.pk}/download/").headers["Content-Type"] == "application/zip"


def test_rights_withdrawn_between_order_and_download_close_it(world: World) -> None:
    package = make(order(world))
    client = world.client("municipal")
    Appointment.everything.filter(pk=world.appointments["municipal"].pk).update(state="withdrawn")
    assert client.get(f"/reports/packages/{package.pk}/download/").status_code == 302
    Appointment.everything.filter(pk=world.appointments["municipal"].pk).update(
        state="confirmed", role="independent_observer"
    )
    assert client.get(f"/reports/packages/{package.pk}/download/").status_code == 403
    assert not Event.everything.filter(verb="reports.package_downloaded").exists()


def test_school_that_left_after_it_was_made_closes_it(world: World) -> None:
    package = make(order(world))
    Organisation.everything.filter(pk=world["school2"].pk).update(supervisor=world["centre"])
    page = world.client("municipal").get(f"/reports/packages/{package.pk}/download/", follow=True)
    assert "изменился состав организаций" in page.content.decode()
    with pytest.raises(ValidationError):
        actions.take(world.acting("municipal"), package)


# Keeping ----------------------------------------------------------------------------------------------------


def test_package_is_kept_for_a_week(world: World) -> None:
    package = make(order(world))
    assert actions.expire() == 0
    ReportPackage.everything.update(finished_at=now() - timedelta(days=7, minutes=1))
    assert actions.expire() == 1
    assert on_disk() == set()
    page = world.client("municipal").get(f"/reports/packages/{package.pk}/download/", follow=True)
    assert "удалён по сроку" in page.content.decode()
    assert Event.everything.filter(verb="reports.package_expired").count() == 1


def test_files_that_no_order_knows_are_swept_away_and_others_are_not(world: World) -> None:
    kept, other = make(order(world)), order(world)
    make(other, slices=1)
    root = Path(settings.PACKAGES_ROOT)
    (root / "999999.zip").write_bytes(b"PK")
    (root / f"{other.pk}-7.unfinished").mkdir()
    (root / "read me").write_text("of the administrator")
    actions.expire()
    assert on_disk() == {f"{kept.pk}.zip", f"{other.pk}-1.unfinished", "read me"}


def test_file_that_is_gone_is_told_and_can_be_ordered_again(world: World) -> None:
    package = make(order(world))
    store.finished(package.pk).unlink()
    page = world.client("municipal").get(f"/reports/packages/{package.pk}/download/", follow=True)
    assert "Файла пакета больше нет на сервере" in page.content.decode()
