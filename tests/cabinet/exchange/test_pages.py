"""Pages and files: what a school and a coordinator see and take away."""

from __future__ import annotations

import io

import openpyxl
import pytest

from oko.cabinet.exchange import actions
from oko.cabinet.exchange.models import Submission
from oko.cabinet.foundation.access import may
from tests.cabinet.conftest import World
from tests.cabinet.exchange import filled
from tests.cabinet.exchange.test_submitting import send


def test_school_sees_what_is_missing_and_by_when(world: World) -> None:
    send(world, filled.protocol(world))
    page = world.client("technician").get("/protocols/").content.decode()
    assert "Не хватает 1\xa0протокола из 2" in page
    assert "20.05.2036, 18:00 по Москве" in page
    assert page.count("12\xa0участников") == 2
    assert 'name="files" multiple' in page


def test_prefilled_protocol_goes_down_with_the_codes_of_the_school(world: World) -> None:
    answer = world.client("technician").get("/protocols/rus4/edu640001/form")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    cells = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {"40001", "40012"} <= cells
    assert Submission.everything.count() == 0


def test_original_comes_back_byte_for_byte_and_the_marked_copy_is_a_book(world: World) -> None:
    content = filled.spoiled(filled.protocol(world))
    submission = send(world, content).submission
    client = world.client("municipal")
    original = client.get(f"/submissions/{submission.pk}/original")
    assert original.content == content
    assert original.headers["Content-Type"] == "application/octet-stream"
    marked = client.get(f"/submissions/{submission.pk}/marked")
    assert "Замечания" in openpyxl.load_workbook(io.BytesIO(marked.content)).sheetnames


def test_findings_are_shown_by_cell_filtered_and_exported(world: World) -> None:
    submission = send(world, filled.spoiled(filled.protocol(world))).submission
    client = world.client("technician")
    cell = submission.findings[0]["cell"]
    page = client.get(f"/submissions/{submission.pk}/").content.decode()
    assert f"<strong>{cell}</strong>" in page
    assert "Балл «99» больше максимального" in page
    assert (
        f"<strong>{cell}</strong>"
        not in client.get(f"/submissions/{submission.pk}/?kind=other").content.decode()
    )
    exported = client.get(f"/submissions/{submission.pk}/?export=csv").content.decode("utf-8-sig")
    assert exported.splitlines()[1].startswith(f"{cell};")


def test_waiting_version_polls_until_it_is_judged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_judge_at_once", lambda *args: None)
    submission = send(world, filled.protocol(world)).submission
    client = world.client("technician")
    assert "Проверяем…" in client.get(f"/submissions/{submission.pk}/").content.decode()
    waiting = client.get(f"/submissions/{submission.pk}/state")
    assert "hx-get" in waiting.content.decode()
    actions.judge(submission)
    judged = client.get(f"/submissions/{submission.pk}/state")
    assert judged.headers["HX-Refresh"] == "true"
    assert "hx-get" not in judged.content.decode()


def test_coordinator_sees_the_own_schools_and_no_others(world: World) -> None:
    send(world, filled.protocol(world))
    page = world.client("municipal").get("/protocols/").content.decode()
    assert "Школа № 1" in page
    assert "Школа № 2" in page
    assert "Лицей-интернат" not in page
    assert "Школа № 3" not in page
    assert "state=done" in page


def test_filters_leave_what_was_asked_for(world: World) -> None:
    send(world, filled.protocol(world))
    client = world.client("regional")
    rows = client.get("/protocols/?export=csv&state=done").content.decode("utf-8-sig").splitlines()[1:]
    assert len(rows) == 1
    assert rows[0].startswith("Школа № 1;Русский язык, 4 класс;принят;12;№ 1;")
    rows = (
        client.get("/protocols/?export=csv&paper=mat4&q=лицей").content.decode("utf-8-sig").splitlines()[1:]
    )
    assert [row.split(";")[0] for row in rows] == ["Лицей-интернат"]
    rows = (
        client.get("/protocols/?export=csv&supervisor=mun6402").content.decode("utf-8-sig").splitlines()[1:]
    )
    assert len(rows) == 2


def test_overview_asks_as_much_of_the_database_for_many_as_for_few(
    world: World, django_assert_max_num_queries: object
) -> None:
    send(world, filled.protocol(world))
    client = world.client("regional")
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        client.get("/protocols/")


@pytest.mark.parametrize("state", [state for state in Submission.State if state != "withheld"])
def test_version_page_stands_in_every_state(world: World, state: str) -> None:
    submission = send(world, filled.protocol(world)).submission
    person = world.appointments["municipal"].person
    Submission.everything.update(
        state=state, returned_by=person, comment="Исправьте", trouble="Файл повреждён."
    )
    for who in ("technician", "municipal"):
        assert world.client(who).get(f"/submissions/{submission.pk}/").status_code == 200


def test_school_without_papers_sees_an_empty_state(world: World) -> None:
    from oko.cabinet.assessments.models import Participation

    Participation.everything.all().delete()
    assert "Пока ничего загружать не нужно" in world.client("technician").get("/protocols/").content.decode()
    assert "Протоколов пока не ждут" in world.client("municipal").get("/protocols/").content.decode()


def test_step_of_the_roadmap_leads_to_the_protocol(world: World) -> None:
    from oko.cabinet.exchange.desk import protocol_link

    step = world.steps["rus4"]
    assert protocol_link(step, world.acting("technician")) == "/protocols/rus4/edu640001/"
    assert protocol_link(step, world.acting("municipal")) == "/protocols/?paper=rus4"
    assert protocol_link(step, world.acting("teacher")) is None
    assert not may(world.acting("teacher"), "exchange.read")
