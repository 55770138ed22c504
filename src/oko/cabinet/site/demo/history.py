"""What has happened in the demo's season until now, played day by day on the rehearsal clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from oko.cabinet.assessments.actions import confirm_reading, make_exception
from oko.cabinet.assessments.models import Participation, StepException
from oko.cabinet.audit.circumstances import Circumstances, under
from oko.cabinet.exchange.actions import return_protocol, submit_protocol
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.wallclock import moment
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Appointment, Role, State
from oko.cabinet.site.demo import season as days
from oko.cabinet.site.demo.course import Course
from oko.cabinet.site.demo.protocols import Order, fill
from oko.cabinet.site.demo.season import PaperDays, Season

Appointments = dict[tuple[str, int], Appointment]

COMMENTS = (
    "В 4А у всех один и тот же вариант. Проверьте столбец «Вариант» и пришлите протокол снова.",
    "Отметки за прошлую четверть не совпадают с журналом. Проверьте и пришлите снова.",
    "Отсутствовавших больше, чем в протоколе проведения. Сверьте и пришлите снова.",
)


class Fate(StrEnum):
    """What became of a school's protocol of one paper until today."""

    ACCEPTED = "accepted"
    MENDED = "mended"
    FINDINGS = "findings"
    RETURNED = "returned"
    LATE = "late"
    MISSING = "missing"


#: How often each fate befalls a protocol, by paper: a past deadline, a near one, a far one.
CHANCES: dict[str, dict[Fate, int]] = {
    "rus4": {
        Fate.ACCEPTED: 64,
        Fate.MENDED: 8,
        Fate.FINDINGS: 5,
        Fate.RETURNED: 4,
        Fate.LATE: 9,
        Fate.MISSING: 10,
    },
    "mat4": {Fate.ACCEPTED: 46, Fate.MENDED: 5, Fate.FINDINGS: 8, Fate.RETURNED: 5, Fate.MISSING: 36},
    "mat5": {Fate.ACCEPTED: 16, Fate.FINDINGS: 3, Fate.MISSING: 81},
}
#: The school of the printed logins: its technical specialist has something of everything to do.
KNOWN_SCHOOL = {"rus4": Fate.RETURNED, "mat4": Fate.FINDINGS, "mat5": Fate.MISSING}


@dataclass(frozen=True, slots=True)
class Event:
    """A protocol sent, or the last one returned (`comment`), at a moment of the season."""

    at: datetime
    paper: str
    school: Organisation
    spoiled: bool = False
    comment: str = ""


def play(
    course: Course,
    schools: list[Organisation],
    appointments: Appointments,
    season: Season,
    pool: Executor,
    progress: Callable[[int, int], None],
) -> None:
    """Let everything happen in its order; at the end the assessment is a real one, on the real clock."""
    events = sorted(_events(schools, season), key=lambda event: (event.at, event.school.code, event.paper))
    files = pool.map(fill, [_order(course, event) for event in events if not event.comment], chunksize=4)
    _confirm_reading(course, schools, appointments, season)
    _extend(course, schools, appointments, season)
    for number, event in enumerate(events, start=1):
        _turn_to(course, event.at)
        if event.comment:
            _return(course, event, appointments)
        else:
            _send(course, event, appointments, next(files))
        progress(number, len(events))
    _become_real(course)


def play_last_year(
    course: Course, schools: list[Organisation], appointments: Appointments, season: Season, pool: Executor
) -> None:
    """A year ago every school sent its protocol in time and without a slip; nobody works there any more."""
    then = season.last_year()
    events = [
        Event(then.moment(about.closes - 1, 12, number % 60, ZoneInfo(school.time_zone)), about.code, school)
        for about in days.LAST_YEAR
        for number, school in enumerate(schools)
    ]
    files = pool.map(fill, [_order(course, event, earlier=True) for event in events], chunksize=4)
    for event, content in zip(events, files, strict=True):
        _turn_to(course, event.at)
        _send(course, event, appointments, content)
    _become_real(course)
    Appointment.everything.filter(assessment=course.assessment).update(state=State.WITHDRAWN)


def _events(schools: list[Organisation], season: Season) -> Iterator[Event]:
    for about in days.PAPERS:
        for school in schools:
            yield from _of_protocol(about, school, season, known=school is schools[0])


def _of_protocol(about: PaperDays, school: Organisation, season: Season, *, known: bool) -> Iterator[Event]:
    chance = random.Random(f"{school.code} {about.code}")  # noqa: S311  # simulation
    fates = CHANCES[about.code]
    fate = KNOWN_SCHOOL[about.code] if known else chance.choices(list(fates), list(fates.values()))[0]
    zone = ZoneInfo(school.time_zone)
    sent = season.moment(chance.randint(about.written + 1, min(about.closes, -1) - 1), 9, zone=zone)
    sent += timedelta(minutes=chance.randint(0, 8 * 60))
    soon = timedelta(minutes=chance.randint(20, 150))
    match fate:
        case Fate.ACCEPTED:
            yield Event(sent, about.code, school)
        case Fate.MENDED:
            yield Event(sent, about.code, school, spoiled=True)
            yield Event(sent + soon, about.code, school)
        case Fate.FINDINGS:
            yield Event(sent, about.code, school, spoiled=True)
        case Fate.RETURNED:
            yield Event(sent, about.code, school)
            yield Event(sent + soon, about.code, school, comment=chance.choice(COMMENTS))
        case Fate.LATE:
            after = season.moment(about.closes, 18, 5, zone) + soon
            yield Event(after, about.code, school)


def _order(course: Course, event: Event, *, earlier: bool = False) -> Order:
    paper = course.papers[event.paper]
    classes = Participation.everything.filter(paper=paper, organisation=event.school).order_by("class_number")
    return Order(
        paper=paper.for_engines(),
        code=event.school.code,
        name=event.school.name,
        participants=tuple(
            (code, row.class_label, row.class_number) for row in classes for code in row.codes
        ),
        assessment_title=course.assessment.title,
        deadline_text=f"Срок: {course.steps[event.paper].closes:%d.%m.%Y, %H:%M} по местному времени",
        spoiled=event.spoiled,
        earlier=earlier,
    )


def _send(course: Course, event: Event, appointments: Appointments, content: bytes) -> None:
    sender = appointments[Role.TECHNICAL_SPECIALIST, event.school.pk]
    filename = f"протокол-{event.paper}-{event.school.code}.xlsx"
    with acting_as(sender):
        submit_protocol(sender.acting(), course.papers[event.paper], event.school, filename, content)


def _return(course: Course, event: Event, appointments: Appointments) -> None:
    from oko.cabinet.exchange.queries import counting, versions

    accepted = counting(versions(course.papers[event.paper], event.school))
    if accepted is None:
        raise RuntimeError(
            f"Протокол {event.paper} школы {event.school.code} должен быть принят, но не принят"
        )
    coordinator = _coordinator(event.school, appointments)
    with acting_as(coordinator):
        return_protocol(coordinator.acting(), accepted, event.comment)


def _coordinator(school: Organisation, appointments: Appointments) -> Appointment:
    supervisor = school.supervisor_id or 0
    municipal = appointments.get((Role.MUNICIPAL_COORDINATOR, supervisor))
    return municipal or appointments[Role.RESPONSIBLE_COORDINATOR, supervisor]


def _confirm_reading(
    course: Course, schools: list[Organisation], appointments: Appointments, season: Season
) -> None:
    if course.reading is None:
        return
    _turn_to(course, season.moment(days.STARTS + 2, 12))
    chance = random.Random("reading")  # noqa: S311  # simulation
    for school in schools:
        if chance.random() < 0.93:
            specialist = appointments[Role.TECHNICAL_SPECIALIST, school.pk]
            with acting_as(specialist):
                confirm_reading(course.reading, school, specialist.person)


def _extend(course: Course, schools: list[Organisation], appointments: Appointments, season: Season) -> None:
    """One school of the first region gets more time for the paper whose deadline has passed."""
    about = days.PAPERS[0]
    sent = {event.school.pk for event in _events(schools, season) if event.paper == about.code}
    waiting = next((school for school in schools if school.pk not in sent), None)
    if waiting is None or waiting.region_id is None:
        return
    step = course.steps[about.code]
    _turn_to(course, season.moment(about.closes - 1, 16))
    regional = appointments[Role.REGIONAL_COORDINATOR, waiting.region_id]
    until = moment(step.closes + timedelta(days=7), ZoneInfo(waiting.time_zone))
    reason = "Карантин в двух классах: работа переносится, письмо школы № 12."
    with acting_as(regional):
        make_exception(step, waiting, StepException.Kind.EXTENSION, until, reason, regional.person)


def _become_real(course: Course) -> None:
    assessment = course.assessment
    assessment.rehearsal_offset, assessment.is_training = None, False
    assessment.save(update_fields=["rehearsal_offset", "is_training"])


def _turn_to(course: Course, moment_of_event: datetime) -> None:
    """Nobody turns this clock: it is how the demo is made, so the journal says nothing of it."""
    course.assessment.rehearsal_offset = moment_of_event - now()
    course.assessment.save(update_fields=["rehearsal_offset"])


def acting_as(appointment: Appointment) -> AbstractContextManager[None]:
    """What happens inside is this person's doing, for the journal too."""
    person = appointment.person
    return under(
        Circumstances(
            account_id=person.pk,
            login=person.username,
            full_name=person.full_name,
            acting=appointment.acting(),
        )
    )
