"""Filling the demo: all of it or nothing, so that an interrupted first start leaves nothing behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from django.db import transaction

from oko.cabinet.assessments.actions import set_rehearsal_clock
from oko.cabinet.assessments.models import Assessment
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Role
from oko.cabinet.results.actions import write_partition
from oko.cabinet.results.models import WorksPartition
from oko.cabinet.site.demo import course as courses
from oko.cabinet.site.demo import history, readings, receiving, staff
from oko.cabinet.site.demo import season as days
from oko.cabinet.site.demo.places import make_places
from oko.cabinet.site.demo.season import Season


class NotADemoDatabaseError(RuntimeError):
    """There is somebody's data here: the demo is not mixed into it."""


def is_filled() -> bool:
    """Everything is written in one transaction, so the assessment is there only with all the rest.

    Raises:
        NotADemoDatabaseError: organisations that are not the demo's.
    """
    if Assessment.everything.filter(code=courses.CODE).exists():
        return True
    if Organisation.everything.exists():
        raise NotADemoDatabaseError("В этой базе уже есть данные: демонстрация в неё не добавляется.")
    return False


def fill(progress: Callable[[int, int], None], *, share: float = 1.0, processes: int | None = None) -> None:
    """Make the two regions and play the season. `share` < 1 makes fewer schools, for tests."""
    season = Season.now()
    context = get_context("spawn")  # a forked process would share our connection to the database
    workers = processes or os.cpu_count() or 1
    pool = ProcessPoolExecutor(
        workers, context, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    )
    try:
        with transaction.atomic():
            _fill(season, pool, progress, share)
    finally:
        pool.shutdown(cancel_futures=True)


def _fill(
    season: Season, pool: ProcessPoolExecutor, progress: Callable[[int, int], None], share: float
) -> None:
    places = make_places(share)
    course = courses.make_assessment(season)
    courses.enrol(course, places.schools)
    appointments = staff.appoint_staff(places, course.assessment, season.day(days.STARTS))
    courses.publish(course, season, appointments[Role.FEDERAL_ORGANISER, places.federal.pk].person)
    readings.read(course.assessment, appointments.values(), season)
    history.play(course, places.schools, appointments, season, pool, progress)

    last_year = courses.make_last_year(season)
    courses.enrol(last_year, places.schools)
    senders = [appointments[Role.TECHNICAL_SPECIALIST, school.pk] for school in places.schools]
    then = staff.appoint_again(senders, last_year.assessment)
    history.play_last_year(last_year, places.schools, then, season, pool)

    training = courses.make_training(season)
    courses.enrol(training, places.schools[:3])
    again = [appointments[post.role, post.organisation.pk] for post in staff.known_posts(places)]
    staff.appoint_again(again, training.assessment)
    set_rehearsal_clock(training.assessment, season.moment(days.REHEARSAL.written + 1, 10))


def write_reports() -> None:
    """Write the works for the reports, where that has not been done yet; then schools receive what is out."""
    for partition in WorksPartition.objects.select_related("paper__assessment", "region"):
        if not partition.is_fresh:
            write_partition(partition.paper, partition.region)
    receiving.receive()
