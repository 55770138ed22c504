"""The demo's assessments: papers, participants, roadmap, publications."""

from __future__ import annotations

import random
from dataclasses import dataclass

from oko.cabinet.assessments.models import (
    Assessment,
    Document,
    Item,
    MarkScale,
    News,
    Paper,
    Participation,
    RoadmapStep,
)
from oko.cabinet.foundation.tables import xlsx_table
from oko.cabinet.organisations.models import Organisation, Settlement
from oko.cabinet.people.models import COORDINATORS, Account, Role
from oko.cabinet.site.demo import season as days
from oko.cabinet.site.demo.season import PaperDays, Season
from oko.engines.papers import load_papers

CODE, TRAINING_CODE, LAST_YEAR_CODE = "vpr-demo", "vpr-demo-training", "vpr-demo-last-year"
SCALE_YEAR = 2022
SENDERS = [Role.TECHNICAL_SPECIALIST, Role.SCHOOL_COORDINATOR]
#: Classes of a year and pupils of a class by settlement (fewest, most).
SIZES: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    Settlement.CITY: ((2, 4), (21, 28)),
    Settlement.TOWN: ((1, 3), (18, 26)),
    Settlement.VILLAGE: ((1, 1), (15, 19)),
}


@dataclass(frozen=True, slots=True)
class Course:
    """One assessment with its papers and their steps by code."""

    assessment: Assessment
    papers: dict[str, Paper]
    steps: dict[str, RoadmapStep]
    reading: RoadmapStep | None = None


def make_assessment(season: Season) -> Course:
    """The assessment that is half-way. It is made on a rehearsal clock, on which its history is played."""
    year = season.today.year
    assessment = Assessment.everything.create(
        code=CODE,
        title=f"ВПР {year} (демонстрация)",
        year=year,
        starts_on=season.day(days.STARTS),
        ends_on=season.day(days.ENDS),
        is_training=True,
    )
    reading = RoadmapStep.everything.create(
        assessment=assessment,
        position=1,
        title="Ознакомиться с порядком и инструкциями",
        action=RoadmapStep.Action.READ,
        instructions="Прочитайте документы своей роли и подтвердите это на странице шага.",
        roles=SENDERS,
        opens=season.wall(days.STARTS, 9),
        closes=season.wall(days.READING_CLOSES, 18),
    )
    papers, steps = _make_papers(assessment, season, days.PAPERS, first_position=2)
    _make_report_steps(assessment, papers, season, first_position=len(steps) + 2)
    return Course(assessment, papers, steps, reading)


def _make_report_steps(
    assessment: Assessment, papers: dict[str, Paper], season: Season, first_position: int
) -> None:
    for position, about in enumerate(days.PAPERS, start=first_position):
        if about.report is None:
            continue
        opens, closes = about.report
        RoadmapStep.everything.create(
            assessment=assessment,
            paper=papers[about.code],
            position=position,
            title=f"Получить отчёт: {papers[about.code]}",
            action=RoadmapStep.Action.RECEIVE_REPORT,
            instructions="Отчёт — в разделе «Отчёты». Посмотрите его и подтвердите, что он получен.",
            roles=SENDERS,
            zone_rule=RoadmapStep.ZoneRule.MOSCOW,
            opens=season.wall(opens, 0),
            closes=season.wall(closes, 18),
        )


def make_last_year(season: Season) -> Course:
    """The assessment of a year ago, with which reports are compared. It is made on a rehearsal clock."""
    then = season.last_year()
    assessment = Assessment.everything.create(
        code=LAST_YEAR_CODE,
        title=f"ВПР {season.today.year - 1} (демонстрация)",
        year=season.today.year - 1,
        starts_on=then.day(days.STARTS),
        ends_on=then.day(days.ENDS),
        is_training=True,
    )
    return Course(assessment, *_make_papers(assessment, then, days.LAST_YEAR, first_position=1))


def make_training(season: Season) -> Course:
    """A training assessment two weeks ahead, for its rehearsal clock."""
    assessment = Assessment.everything.create(
        code=TRAINING_CODE,
        title="Тренировка перед ВПР (демонстрация)",
        year=season.today.year,
        starts_on=season.day(days.STARTS),
        ends_on=season.day(days.ENDS),
        is_training=True,
    )
    return Course(assessment, *_make_papers(assessment, season, (days.REHEARSAL,), first_position=1))


def _make_papers(
    assessment: Assessment, season: Season, papers: tuple[PaperDays, ...], first_position: int
) -> tuple[dict[str, Paper], dict[str, RoadmapStep]]:
    made = {about.code: _make_paper(assessment, season, about) for about in papers}
    steps = {
        about.code: RoadmapStep.everything.create(
            assessment=assessment,
            paper=made[about.code],
            position=position,
            title=f"Электронный протокол: {made[about.code]}",
            action=RoadmapStep.Action.RESULTS_PROTOCOL,
            instructions="Скачайте протокол, заполните баллы и отметки, загрузите файл обратно.",
            roles=SENDERS,
            opens=season.wall(about.written, 8),
            closes=season.wall(about.closes, 18),
            late_until=None if about.late_until is None else season.wall(about.late_until, 18),
        )
        for position, about in enumerate(papers, start=first_position)
    }
    return made, steps


def _make_paper(assessment: Assessment, season: Season, about: PaperDays) -> Paper:
    shipped = next(paper for paper in load_papers() if paper.code == about.code)
    paper = Paper.everything.create(
        assessment=assessment,
        code=shipped.code,
        subject=shipped.subject,
        grade=shipped.grade,
        date=season.day(about.written),
        minutes=list(shipped.minutes),
        parts=shipped.parts,
        variants=list(shipped.variants),
    )
    Item.objects.bulk_create(
        Item(
            paper=paper,
            position=n,
            code=i.code,
            maximum=i.maximum,
            level=i.level,
            skill=i.skill,
            area=i.area,
        )
        for n, i in enumerate(shipped.items, start=1)
    )
    three, four, five = shipped.scale
    MarkScale.objects.create(paper=paper, year=SCALE_YEAR, three=three, four=four, five=five)
    return paper


def enrol(course: Course, schools: list[Organisation]) -> None:
    """Classes and participant codes. A class has the same codes in all papers of its grade."""
    rows = []
    for school in schools:
        for grade in sorted({paper.grade for paper in course.papers.values()}):
            for number, (label, codes) in enumerate(_classes(school, grade), start=1):
                rows += [
                    Participation(
                        assessment=course.assessment,
                        paper=paper,
                        organisation=school,
                        class_label=label,
                        class_number=number,
                        codes=codes,
                    )
                    for paper in course.papers.values()
                    if paper.grade == grade
                ]
    Participation.everything.bulk_create(rows)


def _classes(school: Organisation, grade: int) -> list[tuple[str, list[str]]]:
    chance = random.Random(f"{school.code} {grade}")  # noqa: S311  # not a secret
    classes, pupils = SIZES[school.settlement]
    first = grade * 10_000 + 1
    made = []
    for letter in "АБВГ"[: chance.randint(*classes)]:
        size = chance.randint(*pupils)
        made.append((f"{grade}{letter}", [str(code) for code in range(first, first + size)]))
        first += size
    return made


def publish(course: Course, season: Season, author: Account) -> None:
    """News and documents: short, true to what the demo shows."""
    News.everything.bulk_create(
        News(
            assessment=course.assessment,
            title=title,
            body=body,
            published_at=season.moment(day, 10),
            author=author,
            is_public=is_public,
        )
        for day, title, body, is_public in (
            (days.STARTS, "Начинаются проверочные работы", "План-график опубликован в кабинете.", True),
            (-12, "Открыт приём протоколов", "Русский язык, 4 класс: протоколы принимаются.", False),
            (-1, "Срок по русскому языку истёк", "Протоколы принимаются с отметкой об опоздании.", False),
        )
    )
    Document.everything.bulk_create(
        Document(
            assessment=course.assessment,
            title=title,
            filename=filename,
            content=xlsx_table(head, rows),
            roles=roles,
            published_at=season.moment(days.STARTS, 10),
        )
        for title, filename, head, rows, roles in (
            ("План-график", "план-график.xlsx", ["Работа", "Дата", "Срок протокола"], _timetable(course), []),
            (
                "Инструкция: электронный протокол",
                "инструкция-протокол.xlsx",
                ["Шаг", "Что сделать"],
                [
                    [1, "Скачайте протокол своей школы на странице «Обмен данными»."],
                    [2, "Заполните вариант, баллы, пол и отметку за прошлую четверть. Имена не вносите."],
                    [3, "Загрузите файл. Если есть замечания, исправьте указанные клетки и загрузите снова."],
                ],
                SENDERS,
            ),
            (
                "Памятка координатора",
                "памятка-координатора.xlsx",
                ["Когда", "Что проверить"],
                [
                    ["каждый день", "Ход сбора: у кого замечания, кто ещё не отправил."],
                    ["после срока", "Кто опаздывает; при уважительной причине — продление от региона."],
                ],
                sorted(COORDINATORS),
            ),
        )
    )


def _timetable(course: Course) -> list[list[str]]:
    return [
        [
            str(paper),
            f"{paper.date:%d.%m.%Y}",
            f"{course.steps[code].closes:%d.%m.%Y, %H:%M} по местному времени",
        ]
        for code, paper in course.papers.items()
    ]
