"""Pause, extension, reopening: who may, what they are told beforehand, what happens, what stays in the
history.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from oko.cabinet.assessments.deadlines import WindowState, window
from oko.cabinet.assessments.models import RoadmapStep, StepException

NEW = "/exceptions/new/"


def filled(world: Any, **changes: str) -> dict[str, str]:
    return {
        "step": str(world.steps["rus4"].pk),
        "organisation": "edu640001",
        "kind": "extension",
        "until": "2037-05-22T18:00",
        "reason": "Паводок, приказ № 7",
        **changes,
    }


def close_the_step(world: Any, code: str = "rus4") -> None:
    step = world.steps[code]
    step.opens, step.closes = datetime(2026, 4, 1, 8), datetime(2026, 4, 2, 18)  # noqa: DTZ001  # wall clock
    step.save()


@pytest.mark.parametrize("who", ["municipal", "responsible", "school", "technician", "teacher", "analyst"])
def test_nobody_below_the_region_alters_the_course(world: Any, who: str) -> None:
    client = world.client(who)
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, filled(world, confirm="1")).status_code == 403
    assert not StepException.everything.exists()


def test_extension_is_told_in_words_before_it_is_made(world: Any) -> None:
    world["school5"].time_zone = "Asia/Novosibirsk"
    client = world.client("regional2")
    answers = filled(world, organisation="edu650005")
    preview = client.post(NEW, answers).content.decode()
    assert (
        "Школа № 5 сможет загружать протокол до 22.05.2037, 18:00 по Новосибирску (14:00 по Москве)."
        in preview
    )
    assert not StepException.everything.exists(), "until it is confirmed, nothing happens"
    client.post(NEW, {**answers, "confirm": "1"})
    made = StepException.everything.get()
    assert made.until == datetime(2037, 5, 22, 11, tzinfo=UTC), "written on the school's own clock"
    assert window(world.steps["rus4"], world["school5"]).closes == made.until


def test_municipality_is_extended_with_all_its_schools(world: Any) -> None:
    page = world.client("regional").post(NEW, filled(world, organisation="mun6401")).content.decode()
    assert "Приреченский район и 2\u00a0подведомственные организации смогут загружать протокол" in page


def test_region_cannot_touch_its_neighbour(world: Any) -> None:
    page = world.client("regional").post(NEW, filled(world, organisation="edu650005", confirm="1"))
    assert page.status_code == 400
    assert "Среди ваших организаций нет кода «edu650005»" in page.content.decode()
    assert not StepException.everything.exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"until": ""}, "Укажите, до какого момента"),
        ({"until": "2020-01-01T00:00"}, "уже прошёл"),
        ({"until": "9999-12-31T23:59"}, "между 2000 и 2099"),
        ({"until": "0001-01-01T00:00"}, "между 2000 и 2099"),
        ({"until": "завтра"}, "Укажите дату и время"),
        ({"until": "2030-01-01T00:00"}, "позже нынешнего"),
        ({"reason": "  "}, "Обязательное поле"),
        ({"reason": "x" * 1001}, "не более 1000"),
        ({"organisation": "edu\x00"}, "ноль-байт"),
        ({"step": "999999999999999999999"}, "Выберите корректный вариант"),
        ({"kind": "explosion"}, "Выберите корректный вариант"),
        ({"kind": "reopening"}, "ещё не закрывался"),
    ],
)
def test_what_does_not_fit_is_answered_at_its_field(world: Any, changes: dict[str, str], told: str) -> None:
    page = world.client("regional").post(NEW, filled(world, confirm="1", **changes))
    assert page.status_code == 400
    assert told in page.content.decode()
    assert not StepException.everything.exists()


def test_closed_step_is_reopened_not_extended(world: Any) -> None:
    close_the_step(world)
    client = world.client("regional")
    assert "выберите «повторное открытие»" in client.post(NEW, filled(world)).content.decode()
    client.post(NEW, filled(world, kind="reopening", confirm="1"))
    assert window(world.steps["rus4"], world["school1"]).state is WindowState.OPEN


def test_second_click_makes_no_second_pause(world: Any) -> None:
    client = world.client("regional")
    pause = filled(world, kind="pause", until="", confirm="1")
    assert client.post(NEW, pause).status_code == 302
    again = client.post(NEW, pause)
    assert "Шаг уже приостановлен" in again.content.decode()
    assert StepException.everything.count() == 1


def test_school_that_does_not_write_the_paper_is_not_extended(world: Any) -> None:
    from oko.cabinet.assessments.models import Participation

    Participation.everything.filter(organisation=world["school1"], paper=world.papers["rus4"]).delete()
    page = world.client("regional").post(NEW, filled(world)).content.decode()
    assert "Школа № 1 не участвует в этой работе" in page


def test_paused_school_reads_why_on_its_roadmap_and_home(world: Any) -> None:
    world.client("regional").post(NEW, filled(world, kind="pause", until="", confirm="1"))
    client = world.client("technician")
    assert "приостановлено: Паводок, приказ № 7" in client.get("/roadmap/").content.decode()
    assert "Паводок, приказ № 7" in client.get("/").content.decode()


def test_ended_pause_lets_the_step_go_on_and_stays_in_the_history(world: Any) -> None:
    client = world.client("regional")
    client.post(NEW, filled(world, kind="pause", until="", confirm="1"))
    pause = StepException.everything.get()
    asked = client.get(f"/exceptions/{pause.pk}/end/").content.decode()
    assert "После снятия шаг для этой организации: до 20.05.2036, 18:00 по Москве" in asked
    client.post(f"/exceptions/{pause.pk}/end/")
    assert window(world.steps["rus4"], world["school1"]).state is WindowState.OPEN
    listed = client.get("/exceptions/?which=over").content.decode()
    assert "Паводок, приказ № 7" in listed
    assert "снято, Сотрудник regional" in listed
    assert "Это уже было снято" in client.post(f"/exceptions/{pause.pk}/end/", follow=True).content.decode()


def test_pause_made_above_is_seen_below_but_ended_only_above(world: Any) -> None:
    world.client("federal").post(NEW, filled(world, organisation="fed", kind="pause", until="", confirm="1"))
    pause = StepException.everything.get()
    regional, municipal = world.client("regional"), world.client("municipal")
    assert "Паводок, приказ № 7" in regional.get("/exceptions/").content.decode()
    assert regional.post(f"/exceptions/{pause.pk}/end/").status_code == 403
    assert municipal.post(f"/exceptions/{pause.pk}/end/").status_code == 403
    assert "Паводок" in municipal.get("/exceptions/").content.decode()


def test_neighbours_exceptions_do_not_exist(world: Any) -> None:
    world.client("regional").post(NEW, filled(world, kind="pause", until="", confirm="1"))
    pause = StepException.everything.get()
    neighbour = world.client("regional2")
    assert neighbour.get(f"/exceptions/{pause.pk}/end/").status_code == 404
    assert "Паводок" not in neighbour.get("/exceptions/").content.decode()


def test_list_is_filtered_and_goes_out_as_a_table(world: Any) -> None:
    client = world.client("regional")
    client.post(NEW, filled(world, kind="pause", until="", confirm="1"))
    client.post(NEW, filled(world, organisation="edu640003", reason="Отключение света", confirm="1"))
    only = client.get("/exceptions/?kind=extension").content.decode()
    assert "Отключение света" in only
    assert "Паводок" not in only
    rows = client.get("/exceptions/?export=csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert "приостановка" in rows[2]


def test_moscow_step_shows_both_clocks(world: Any) -> None:
    RoadmapStep.everything.filter(pk=world.steps["rus4"].pk).update(zone_rule="moscow")
    school = world["school1"]
    school.time_zone = "Europe/Saratov"
    school.save()
    page = world.client("technician").get("/roadmap/").content.decode()
    assert "20.05.2036, 19:00 по Саратову (18:00 по Москве)" in page
