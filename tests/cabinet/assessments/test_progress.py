"""Progress is recorded once by however many at once; the board counts what stands, for whom it stands."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from oko.cabinet.assessments import progress, sums
from oko.cabinet.assessments.actions import record_progress
from oko.cabinet.assessments.models import Participation, StepProgress
from oko.cabinet.organisations.models import Kind
from tests.cabinet.conftest import make_organisation


def test_later_word_stands_and_there_is_one_row(world: Any) -> None:
    step, school = world.steps["rus4"], world["school1"]
    record_progress(step, school, "has_findings", note="Замечаний: 3")
    record_progress(step, school, "done", late=True)
    stored = StepProgress.everything.get()
    assert (stored.state, stored.late, stored.note) == ("done", True, "")


def test_long_note_is_cut_not_refused(world: Any) -> None:
    assert len(record_progress(world.steps["rus4"], world["school1"], "returned", note="ы" * 500).note) == 300


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_one_row_and_none_fails(world: Any) -> None:
    step, school, start = world.steps["rus4"], world["school1"], Barrier(6)
    failures: list[Exception] = []

    def record(state: str) -> None:
        try:
            start.wait(timeout=20)
            for _again in range(5):
                with transaction.atomic():
                    record_progress(step, school, state)
        except Exception as error:  # a thread's failure must reach the test
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=record, args=(state,)) for state in ("done", "returned", "submitted") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert StepProgress.everything.count() == 1


def test_counts_are_right_at_once_and_the_same_on_board_and_home(world: Any) -> None:
    client = world.client("regional")
    assert "Принято 0 из 8 — не хватает 8" in client.get("/board/").content.decode()
    record_progress(world.steps["rus4"], world["school1"], "done")
    record_progress(world.steps["rus4"], world["school3"], "returned", note="нет класса 4Б")
    assert "Принято 1 из 8 — не хватает 7" in client.get("/board/").content.decode()
    home = client.get("/").content.decode()
    assert "Принято 1 из 4; возвращено 1, не хватает 3" in home
    municipal = world.client("municipal").get(f"/board/?step={world.steps['rus4'].pk}").content.decode()
    assert "Принято 1 из 2 — не хватает 1" in municipal


def test_board_follows_supervision_not_territory(world: Any) -> None:
    municipal = world.client("municipal").get("/board/").content.decode()
    assert "Школа № 1" in municipal
    assert "Лицей-интернат" not in municipal, "it stands here but answers to the centre"
    assert "по подчинению" in municipal
    assert "Лицей-интернат" in world.client("responsible").get("/board/").content.decode()


def test_only_those_who_write_the_paper_are_counted(world: Any) -> None:
    Participation.everything.filter(organisation=world["school2"]).delete()
    record_progress(world.steps["rus4"], world["school2"], "done")
    page = world.client("municipal").get("/board/").content.decode()
    assert "Школа № 2" not in page
    assert "Принято 0 из 2" in page
    world["school1"].active = False
    world["school1"].save()
    assert "Участвующих организаций пока нет" in world.client("municipal").get("/board/").content.decode()


def test_way_down_from_the_country_to_a_school(world: Any) -> None:
    client = world.client("federal")
    record_progress(world.steps["mat4"], world["state"], "has_findings", note="Замечаний: 2")
    regions = client.get("/board/").content.decode()
    assert "Министерство соседней области" in regions
    assert "Школа № 5" not in regions
    assert "РЦОКО" in client.get("/board/?under=reg64").content.decode()
    assert "Лицей-интернат" in client.get("/board/?under=rcoko64").content.decode()
    assert "Лицей-интернат" in client.get("/board/?under=reg64&view=schools").content.decode()
    school = client.get("/board/edu640004/").content.decode()
    assert "есть замечания" in school
    assert "Замечаний: 2" in school
    assert client.get("/board/mun6401/").headers["Location"] == "/board/?under=mun6401"
    assert client.get("/board/?under=edu640004").headers["Location"] == "/board/edu640004/"


@pytest.mark.parametrize("who", ["municipal2", "responsible", "technician2", "regional2"])
def test_foreign_school_does_not_exist(world: Any, who: str) -> None:
    assert world.client(who).get("/board/edu640001/").status_code == 404


def test_filters_show_only_those_who_match_and_totals_stay(world: Any) -> None:
    record_progress(world.steps["rus4"], world["school1"], "done")
    record_progress(world.steps["mat4"], world["school1"], "submitted", late=True)
    client = world.client("municipal")

    def shown(query: str) -> set[str]:
        page = client.get(f"/board/?{query}").content.decode()
        assert "Принято 1 из 4" in page or "step=" in query, "totals are of everybody, whatever is filtered"
        return {name for name in ("Школа № 1", "Школа № 2") if f">{name}</a>" in page}

    assert shown("state=behind") == {"Школа № 2"}
    assert shown("state=done") == {"Школа № 1"}
    assert shown("state=late") == {"Школа № 1"}
    assert shown(f"state=done&step={world.steps['mat4'].pk}") == set()
    assert shown("q=школа № 2") == {"Школа № 2"}
    assert shown("q=640001") == {"Школа № 1"}
    assert shown("q=лицей") == set()


def test_who_is_most_behind_stands_first_when_asked(world: Any) -> None:
    record_progress(world.steps["rus4"], world["school1"], "done")
    page = world.client("municipal").get("/board/?sort=missing").content.decode()
    assert page.index(">Школа № 2</a>") < page.index(">Школа № 1</a>")


def test_board_goes_out_as_a_table(world: Any) -> None:
    record_progress(world.steps["rus4"], world["school1"], "done", late=True)
    client = world.client("municipal")
    lines = client.get("/board/?export=csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Код;Организация;Электронный протокол")
    assert lines[1] == "edu640001;Школа № 1;принят, с опозданием;нет данных;1;2;1"
    assert client.get("/board/?export=xlsx").content.startswith(b"PK")
    regional = world.client("regional").get("/board/?export=csv").content.decode("utf-8-sig")
    assert "mun6401;Приреченский район;1 из 2;0 из 2;1;4;3" in regional


def test_poll_answers_with_what_changed_and_with_nothing_where_nothing_did(world: Any) -> None:
    client = world.client("municipal")
    first = client.get("/board/", headers={"HX-Request": "true"})
    seen = first.content.decode().split('Oko-Seen": "')[1].split('"')[0]
    again = {"HX-Request": "true", "Oko-Seen": seen}
    assert client.get("/board/", headers=again).status_code == 204
    record_progress(world.steps["rus4"], world["school1"], "done")
    changed = client.get("/board/?state=done", headers=again)
    assert changed.status_code == 200
    assert "<h1" not in changed.content.decode(), "only the parts that change"
    assert "Принято 1 из 4" in changed.content.decode()
    assert 'hx-get="/board/?state=done"' in changed.content.decode(), "the filter is kept"


def test_call_list_names_people_and_telephones(world: Any) -> None:
    person = world.appointments["school"].person
    person.phone = "+7 (8452) 12-34-56"
    person.save()
    record_progress(world.steps["mat4"], world["school1"], "returned")
    client = world.client("municipal")
    page = client.get("/board/calls/").content.decode()
    assert "tel:+78452123456" in page
    assert "Математика, 4 класс (возвращён)" in page
    for step in world.steps.values():
        record_progress(step, world["school1"], "done")
        record_progress(step, world["school2"], "submitted")
    assert "отстающих нет" in client.get("/board/calls/").content.decode()


def test_regional_call_list_names_municipalities_and_their_coordinators(world: Any) -> None:
    page = world.client("regional").get("/board/calls/").content.decode()
    assert "Сотрудник municipal" in page
    assert "Русский язык, 4 класс — 2" in page


def add_schools(world: Any, number: int) -> None:
    for n in range(number):
        school = make_organisation(f"edu6409{n:02d}", Kind.SCHOOL, world["mun1"], ownership="municipal")
        for paper in world.papers.values():
            Participation.everything.create(
                assessment=world.assessment,
                paper=paper,
                organisation=school,
                class_label="4А",
                class_number=1,
                codes=["40001"],
            )


@pytest.mark.parametrize("who", ["municipal", "regional", "federal"])
@pytest.mark.parametrize("page", ["/board/", "/board/calls/", "/"])
def test_number_of_queries_does_not_grow_with_schools(world: Any, who: str, page: str) -> None:
    client = world.client(who)
    client.get(page)  # the federal home page keeps one count for some minutes

    def queries() -> int:
        sums.bring_up_to_date()  # after a change the first reader counts it, with the same few statements
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        return len(captured)

    few = queries()
    add_schools(world, 12)
    assert queries() == few
    if page == "/board/":
        assert few <= 13


def test_counts_by_group_and_by_school_agree(world: Any) -> None:
    add_schools(world, 3)
    record_progress(world.steps["rus4"], world["school1"], "done")
    record_progress(world.steps["mat4"], world["state"], "submitted", late=True)
    acting = world.acting("federal")
    steps = progress.board_steps(acting)
    by_group = progress.totals(progress.counts_by(acting, steps, "supervisor_id"))
    at_once = progress.totals(progress.counts_by(acting, steps, None))
    known = progress.school_progress(acting, steps, progress.schools_of(acting))
    assert by_group == at_once
    for step in steps:
        assert at_once[step.pk].expected == sum(known.has_to(s, step) for s in known.schools)
        assert at_once[step.pk].done == sum(known.cell(s, step).state == "done" for s in known.schools)
    assert at_once[world.steps["mat4"].pk].late == 1
