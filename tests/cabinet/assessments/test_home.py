"""The home page: wrong first, then due, soon, done; two dozen papers stay readable."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from oko.cabinet.assessments.actions import record_progress
from oko.cabinet.assessments.models import Paper, Participation, RoadmapStep
from oko.cabinet.foundation import clock
from oko.cabinet.foundation.registry import Urgency, home_cards


def cards(world: Any, who: str) -> dict[str, Any]:
    return {card.title: card for card in home_cards(world.acting(who))}


def shift(step: RoadmapStep, opens: timedelta, closes: timedelta, late: timedelta | None = None) -> None:
    now = clock.now().replace(tzinfo=None)
    step.opens, step.closes = now + opens, now + closes
    step.late_until = now + late if late is not None else None
    step.save()


DAY = timedelta(days=1)


def test_single_open_step_says_what_how_and_by_when(world: Any) -> None:
    record_progress(world.steps["mat4"], world["school1"], "done")
    card = cards(world, "technician")["Электронный протокол: Русский язык, 4 класс"]
    assert card.urgency is Urgency.DUE
    assert card.deadline_text.startswith("до 20.05.2036, 18:00 по Москве — осталось")
    done = cards(world, "technician")["Протоколы приняты: 1 из 2"]
    assert (done.urgency, done.text) == (Urgency.DONE, "Математика, 4 класс")


def test_returned_and_found_wrong_come_first_with_the_reason(world: Any) -> None:
    record_progress(world.steps["mat4"], world["school1"], "returned", note="нет 4Б")
    record_progress(world.steps["rus4"], world["school1"], "has_findings", note="Замечаний: 3")
    first = home_cards(world.acting("technician"))[0]
    assert first.urgency is Urgency.WRONG
    assert "Математика, 4 класс — возвращён: нет 4Б, до 20.05, 18:00" in first.text
    assert "Русский язык, 4 класс — Замечаний: 3" in first.text


def test_late_and_closed_steps_are_told_apart(world: Any) -> None:
    shift(world.steps["rus4"], -3 * DAY, -DAY, late=DAY)
    shift(world.steps["mat4"], -3 * DAY, -DAY)
    found = cards(world, "technician")
    assert "с опозданием до" in found["Исправьте или дошлите протоколы"].text
    shut = found["Срок прошёл, приём закрыт"]
    assert "Открыть снова может региональный координатор" in shut.text
    assert shut.urgency is Urgency.WRONG


def test_soon_and_being_checked_wait(world: Any) -> None:
    shift(world.steps["rus4"], DAY, 3 * DAY)
    record_progress(world.steps["mat4"], world["school1"], "submitted")
    found = cards(world, "technician")
    assert found["Скоро: электронные протоколы"].urgency is Urgency.WAITING
    assert "откроется" in found["Скоро: электронные протоколы"].text
    assert found["Протоколы проверяются"].text == "Математика, 4 класс"
    assert not any(card.urgency in (Urgency.WRONG, Urgency.DUE) for card in found.values())


def add_papers(world: Any, number: int) -> None:
    for n in range(number):
        paper = Paper.everything.create(
            assessment=world.assessment,
            code=f"p{n}",
            subject=f"Предмет {n}",
            grade=5,
            date=date(2036, 5, 1),
            minutes=[45],
            variants=[1],
        )
        for school in ("school1", "school2"):
            Participation.everything.create(
                assessment=world.assessment,
                paper=paper,
                organisation=world[school],
                class_label="5А",
                class_number=1,
                codes=["50001"],
            )
        step = RoadmapStep.everything.create(
            assessment=world.assessment,
            paper=paper,
            position=n + 10,
            title=f"Электронный протокол: {paper}",
            action=RoadmapStep.Action.RESULTS_PROTOCOL,
            roles=["technical_specialist"],
            opens="2026-05-01 08:00",
            closes="2036-05-20 18:00",
        )
        shift(step, -3 * DAY, (n % 9 - 1) * DAY + timedelta(hours=1))


def test_two_dozen_papers_make_a_handful_of_cards(world: Any) -> None:
    add_papers(world, 24)
    school = home_cards(world.acting("technician"))
    assert len(school) <= 5
    assert all(card.text.count("\n") <= 7 for card in school)
    municipal = home_cards(world.acting("municipal"))
    assert len(municipal) <= 7
    assert municipal[0].urgency is Urgency.WRONG
    assert "Больше всего не хватает:\nШкола № 1 — " in municipal[0].text


def test_coordinator_is_told_who_is_missing_and_led_to_the_call_list(world: Any) -> None:
    record_progress(world.steps["rus4"], world["school1"], "done")
    card = cards(world, "municipal")["Электронный протокол: Русский язык, 4 класс"]
    assert card.text == "Принято 1 из 2; не хватает 1\nБольше всего не хватает:\nШкола № 2 — 1"
    assert world.client("municipal").get(card.url).status_code == 200
    record_progress(world.steps["rus4"], world["school2"], "done")
    assert cards(world, "municipal")["Электронный протокол: Русский язык, 4 класс"].urgency is Urgency.DONE


def test_teacher_sees_coming_papers_and_results_of_the_school_without_duties(world: Any) -> None:
    Paper.everything.filter(pk=world.papers["rus4"].pk).update(date=date(2036, 4, 21))
    record_progress(world.steps["rus4"], world["school1"], "done")
    found = cards(world, "teacher")
    assert found["Ближайшие работы"].text == "21.04.2036 — Русский язык, 4 класс"
    assert found["Результаты вашей организации"].text == "Принято протоколов: 1 из 2."
    assert {card.urgency for card in found.values()} == {Urgency.INFORMATION}
