"""Making a package, a slice at a time, so that whoever else waits for the worker waits some seconds at most.

The attempt's folder holds the plan, the list of what is written already, and the archive so far. An attempt
that was cut short is not mended but begun anew in another folder: an archive that nobody closed cannot be
trusted. Whoever works on an attempt asks at every unit whether it is still the one that counts.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.db import transaction
from django.utils.translation import gettext as _

from oko.cabinet.assessments.models import Paper
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.wallclock import MOSCOW
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Appointment
from oko.cabinet.people.queries import appointments_of
from oko.cabinet.reports import journal
from oko.cabinet.reports.models import ReportPackage
from oko.cabinet.reports.packages import contents, store
from oko.cabinet.reports.packages.contents import Line, Lines
from oko.cabinet.reports.packages.names import Names
from oko.cabinet.reports.packages.plan import Unit, plan
from oko.cabinet.reports.places import Place, place
from oko.cabinet.results.queries import freshness

log = logging.getLogger(__name__)

State = ReportPackage.State

#: Seconds of one slice: a worker that is asked to stop is given a little more.
SLICE = 4.0
#: What is compressed already is not compressed again.
COMPRESSED = (".xlsx", ".pdf", ".parquet", ".zip", ".png")
PLAN, LIST, ARCHIVE = "plan.json", "list.jsonl", "package.zip"


class Trouble(Exception):  # noqa: N818  # an answer to the person, not a fault
    """The package cannot be made; the message says why and what to do."""


class Overtaken(Exception):  # noqa: N818
    """The order was cancelled, or somebody else makes it by now."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where documents come from: their names and bytes, and why a place has none (empty: it has)."""

    documents: Callable[[Acting, Paper, Place], Iterator[tuple[str, bytes]]]
    why_not: Callable[[Acting, Paper, Organisation], str]
    warnings: Callable[[Paper, Organisation], Sequence[str]]


def make_slice(package_id: int, attempt: int, sources: Sources, seconds: float = SLICE) -> bool:
    """Work on an order for some seconds. True: it wants another slice; False: it is over, well or badly."""
    try:
        package = _claim(package_id, attempt)
        acting = rights(package)
        folder = _folder(package, acting)
        is_whole = _fill(package, acting, folder, sources, time.monotonic() + seconds)
        if is_whole:
            _finish(package, acting, folder, sources)
    except Overtaken:
        shutil.rmtree(store.unfinished(package_id, attempt), ignore_errors=True)
        return False
    except Trouble as trouble:
        fail(package_id, attempt, str(trouble))
        return False
    except OSError:
        log.exception("Пакет отчётов %s не записать", package_id)
        fail(
            package_id,
            attempt,
            _("Файл на сервере не записан: наверное, мало места. Сообщите администратору."),
        )
        return False
    return not is_whole


def rights(package: ReportPackage) -> Acting:
    """How the person who ordered acts now: the appointment, or the delegation, still stands.

    Raises:
        Trouble: it does not, or it no longer allows this.
    """
    standing = {(one.pk, one.delegation.pk if one.delegation else None): one for one in _standing(package)}
    appointment = standing.get((package.appointment_id, package.delegation_id))
    if appointment is None or not package.ordered_by.is_active:
        raise Trouble(
            _("Полномочия того, кто заказал пакет (%s), прекращены: пусть закажет тот, кто действует сейчас.")
            % package.ordered_by.full_name
        )
    acting = appointment.acting()
    if not may(acting, "reports.order_package", package.organisation):
        raise Trouble(_("Тот, кто заказал пакет, больше не видит эту организацию: закажите пакет заново."))
    return acting


def _standing(package: ReportPackage) -> list[Appointment]:
    return appointments_of(package.ordered_by)


def _claim(package_id: int, attempt: int) -> ReportPackage:
    claimed = ReportPackage.everything.filter(
        pk=package_id, attempt=attempt, state__in=ReportPackage.RUNNING
    ).update(state=State.MAKING, alive_at=now())
    if not claimed:
        raise Overtaken
    return ReportPackage.everything.select_related("assessment", "organisation", "ordered_by").get(
        pk=package_id
    )


def _folder(package: ReportPackage, acting: Acting) -> Path:
    """The attempt's folder; the first slice makes it, with the plan.

    Raises:
        Trouble: there is nothing to plan.
    """
    folder = store.unfinished(package.pk, package.attempt)
    if package.done == 0:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        units = plan(acting, package.organisation, papers_of(package))
        if not units:
            raise Trouble(_("Выбранных работ больше нет в процедуре: закажите пакет заново."))
        (folder / PLAN).write_text(json.dumps([asdict(unit) for unit in units]), encoding="utf-8")
        ReportPackage.everything.filter(pk=package.pk).update(total=len(units))
    elif not (folder / PLAN).exists():
        raise Trouble(_("Начатый файл пропал с диска сервера: закажите пакет заново."))
    return folder


def papers_of(package: ReportPackage) -> list[Paper]:
    found = Paper.everything.filter(assessment=package.assessment_id, code__in=package.papers)
    return list(found.select_related("assessment"))


def _fill(package: ReportPackage, acting: Acting, folder: Path, sources: Sources, until: float) -> bool:
    """Add unit after unit until the time is over. True when none is left.

    Raises:
        Overtaken, Trouble.
    """
    units = [Unit(**unit) for unit in json.loads((folder / PLAN).read_text(encoding="utf-8"))]
    papers = {paper.pk: paper for paper in papers_of(package)}
    lines = Lines(folder / LIST)
    with ZipFile(folder / ARCHIVE, "a", allowZip64=True) as archive:
        for done, unit in enumerate(units[package.done :], start=package.done + 1):
            lines.add(_add(archive, unit, papers.get(unit.paper), acting, sources))
            _say_done(package, done)
            if time.monotonic() >= until:
                return done == len(units)
    return True


def _add(archive: ZipFile, unit: Unit, paper: Paper | None, acting: Acting, sources: Sources) -> list[Line]:
    """The documents of one unit, written; or why there are none."""
    organisation = Organisation.objects.visible_to(acting).filter(pk=unit.organisation).first()
    if paper is None or organisation is None:
        return []  # taken out of the roadmap, or out of the person's sight, since the order
    about = Line(str(paper), organisation.code, organisation.short_name, freshness(paper, organisation).words)
    reason = sources.why_not(acting, paper, organisation)
    if reason:
        return [_line(about, reason=reason)]
    names, made = Names(), []
    for name, content in _documents(acting, paper, organisation, sources):
        path = f"{unit.folder}/{names.file(name)}"
        archive.writestr(_entry(path), content)
        made.append(_line(about, path=path, size=len(content)))
    return made or [_line(about, reason=_("результатов нет"))]


def _documents(
    acting: Acting, paper: Paper, organisation: Organisation, sources: Sources
) -> Iterator[tuple[str, bytes]]:
    """Raises Trouble with the name of the report that could not be made; the log has the cause."""
    try:
        yield from sources.documents(acting, paper, place(acting, organisation))
    except Exception as error:
        log.exception("Отчёт для пакета не собран: %s, %s", paper, organisation.code)
        raise Trouble(
            _("Не удалось собрать отчёт «%(paper)s» для «%(organisation)s». Закажите пакет без этой работы.")
            % {"paper": paper, "organisation": organisation.short_name}
        ) from error


def _line(about: Line, *, path: str = "", size: int = 0, reason: str = "") -> Line:
    return Line(about.paper, about.code, about.organisation, about.works, path, size, reason)


def _entry(path: str, moment: datetime | None = None) -> ZipInfo:
    made = (moment or now()).astimezone(MOSCOW)
    entry = ZipInfo(path, (made.year, made.month, made.day, made.hour, made.minute, made.second))
    entry.compress_type = ZIP_STORED if path.endswith(COMPRESSED) else ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _say_done(package: ReportPackage, done: int) -> None:
    """Raises Overtaken where the attempt no longer counts."""
    told = ReportPackage.everything.filter(pk=package.pk, attempt=package.attempt, state=State.MAKING).update(
        done=done, alive_at=now()
    )
    if not told:
        raise Overtaken


def _finish(package: ReportPackage, acting: Acting, folder: Path, sources: Sources) -> None:
    """Add the list and the first page, put the file where finished ones lie, and say so."""
    lines = list(Lines(folder / LIST))
    files = [line for line in lines if line.path]
    if not files:
        raise Trouble(_("В выбранных работах нет ни одного открытого отчёта с результатами."))
    papers = papers_of(package)
    warnings = [
        f"{paper}: {words}" for paper in papers for words in sources.warnings(paper, package.organisation)
    ]
    with ZipFile(folder / ARCHIVE, "a", allowZip64=True) as archive:
        archive.writestr(_entry(contents.FIRST_PAGE), contents.first_page(package, papers, lines, warnings))
        for name, content in contents.lists(lines).items():
            archive.writestr(_entry(name), content)
    size = (folder / ARCHIVE).stat().st_size
    (folder / ARCHIVE).replace(store.finished(package.pk))
    codes = {line.code for line in files}
    holds = Organisation.objects.visible_to(acting).filter(code__in=codes).values_list("pk", flat=True)
    if not _say_ready(package, size, len(files), list(holds)):
        store.forget(package.pk)
    shutil.rmtree(folder, ignore_errors=True)


@transaction.atomic
def _say_ready(package: ReportPackage, size: int, files: int, holds: list[int]) -> bool:
    ready = ReportPackage.everything.filter(
        pk=package.pk, attempt=package.attempt, state=State.MAKING
    ).update(state=State.READY, size=size, files=files, holds=holds, finished_at=now())
    if ready:
        after = {"files": files, "bytes": size, "papers": package.papers}
        record(journal.PACKAGE_MADE, on=package, organisation=package.organisation, after=after)
    return bool(ready)


def fail(package_id: int, attempt: int, trouble: str) -> None:
    """Say why, and leave nothing half-done."""
    with transaction.atomic():
        failed = ReportPackage.everything.filter(
            pk=package_id, attempt=attempt, state__in=ReportPackage.RUNNING
        ).update(state=State.FAILED, trouble=trouble, finished_at=now())
        if failed:
            package = ReportPackage.everything.select_related("organisation").get(pk=package_id)
            record(journal.PACKAGE_FAILED, on=package, note=trouble)
    if failed:
        store.forget(package_id)
