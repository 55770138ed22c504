"""The roadmap: each reads it on the own clock, the federal organiser alone changes it, materials are
confirmed.
"""

from __future__ import annotations

from typing import Any

import pytest

from oko.cabinet.assessments import links
from oko.cabinet.assessments.actions import record_progress
from oko.cabinet.assessments.models import RoadmapStep, StepProgress


def filled(world: Any, **changes: Any) -> dict[str, Any]:
    return {
        "position": "9",
        "title": "Получить отчёт",
        "action": "receive_report",
        "paper": "",
        "instructions": "Откройте раздел «Отчёты».",
        "roles": ["school_coordinator"],
        "zone_rule": "moscow",
        "opens": "2026-06-01T08:00",
        "closes": "2036-06-10T18:00",
        "late_until": "",
        **changes,
    }


def test_federal_organiser_adds_changes_and_deletes_a_step(world: Any) -> None:
    client = world.client("federal")
    assert client.post("/roadmap/new/", filled(world)).status_code == 302
    step = RoadmapStep.everything.get(title="Получить отчёт")
    assert "10.06.2036, 18:00 по Москве" in world.client("school").get("/roadmap/").content.decode()
    client.post(f"/roadmap/{step.pk}/", filled(world, title="Получить и подписать отчёт"))
    assert "Получить и подписать отчёт" in client.get("/roadmap/").content.decode()
    assert "Удалить шаг?" in client.get(f"/roadmap/{step.pk}/delete/").content.decode()
    client.post(f"/roadmap/{step.pk}/delete/")
    assert not RoadmapStep.everything.filter(pk=step.pk).exists()


def test_step_in_which_something_was_done_stays(world: Any) -> None:
    step = world.steps["rus4"]
    record_progress(step, world["school1"], "done")
    page = world.client("federal").post(f"/roadmap/{step.pk}/delete/", follow=True).content.decode()
    assert "уже есть данные (организаций: 1)" in page
    assert StepProgress.everything.count() == 1


@pytest.mark.parametrize("who", ["regional", "municipal", "technician", "analyst"])
def test_nobody_else_changes_the_roadmap(world: Any, who: str) -> None:
    client, step = world.client(who), world.steps["rus4"]
    assert client.post("/roadmap/new/", filled(world)).status_code == 403
    assert client.post(f"/roadmap/{step.pk}/", filled(world)).status_code == 403
    assert client.post(f"/roadmap/{step.pk}/delete/").status_code == 403
    assert "План-график меняет только федеральный организатор" in client.get("/roadmap/").content.decode()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"closes": "2026-05-01T08:00"}, "Срок должен быть позже открытия"),
        ({"late_until": "2027-01-01T00:00"}, "Не раньше срока"),
        ({"position": "1"}, "На этом месте уже стоит шаг «Электронный протокол: Русский язык"),
        ({"position": "0"}, "начиная с 1"),
        ({"position": "99999999"}, "меньше либо равно"),
        ({"roles": []}, "Обязательное поле"),
        ({"action": "results_protocol"}, "У протокола должна быть работа"),
        ({"opens": "вчера"}, "Укажите дату и время"),
    ],
)
def test_step_that_does_not_hold_together_is_refused(world: Any, changes: dict[str, Any], told: str) -> None:
    page = world.client("federal").post("/roadmap/new/", filled(world, **changes))
    assert page.status_code == 400
    assert told in page.content.decode()


def test_school_sees_only_steps_of_papers_that_it_writes(world: Any) -> None:
    from oko.cabinet.assessments.models import Participation

    Participation.everything.filter(organisation=world["school1"], paper=world.papers["mat4"]).delete()
    page = world.client("technician").get("/roadmap/").content.decode()
    assert "Русский язык" in page
    assert "Математика" not in page


def test_materials_are_confirmed_by_the_roles_they_concern_and_counted(world: Any) -> None:
    world.client("federal").post("/roadmap/new/", filled(world, action="read", title="Изучить порядок"))
    step = RoadmapStep.everything.get(title="Изучить порядок")
    school = world.client("school")
    assert "Изучить порядок" in school.get("/").content.decode()
    assert world.client("teacher").post(f"/roadmap/{step.pk}/confirm/").status_code == 403
    assert (
        "Ознакомление подтверждено"
        in school.post(f"/roadmap/{step.pk}/confirm/", follow=True).content.decode()
    )
    board = world.client("municipal").get(f"/board/?step={step.pk}").content.decode()
    assert "Принято 1 из 2" in board
    RoadmapStep.everything.filter(pk=step.pk).update(closes="2026-06-02 18:00")
    answer = school.post(f"/roadmap/{step.pk}/confirm/", follow=True).content.decode()
    assert "Сейчас шаг закрыт" in answer


def test_later_app_says_where_a_step_is_done(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_links", dict(links._links))
    monkeypatch.setattr(links, "_together", dict(links._together))
    links.register_step_link(
        RoadmapStep.Action.RESULTS_PROTOCOL,
        lambda step, acting: f"/there/{step.paper.code}/" if acting.role == "technical_specialist" else None,
        together=lambda acting: "/all-of-them/",
    )
    technician = world.client("technician")
    assert 'href="/there/rus4/"' in technician.get("/roadmap/").content.decode()
    assert "/there/" not in world.client("teacher").get("/roadmap/").content.decode()
    assert 'href="/all-of-them/"' in technician.get("/").content.decode()
    record_progress(world.steps["mat4"], world["school1"], "done")
    assert 'href="/there/rus4/"' in technician.get("/").content.decode()


def test_what_is_not_done_is_shown_alone_when_asked(world: Any) -> None:
    record_progress(world.steps["mat4"], world["school1"], "done")
    page = world.client("technician").get("/roadmap/?only=open").content.decode()
    assert "Русский язык" in page
    assert "Математика" not in page
