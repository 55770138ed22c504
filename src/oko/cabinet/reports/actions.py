"""What people do with reports: open them, confirm that they have them, remind those who have not."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from oko.cabinet.assessments.actions import record_progress
from oko.cabinet.assessments.deadlines import WindowState, window
from oko.cabinet.assessments.models import Paper, RoadmapStep, StepProgress
from oko.cabinet.assessments.words import window_label
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment, Notice, State
from oko.cabinet.people.notices import notify_all
from oko.cabinet.reports import journal
from oko.cabinet.reports.models import ReportReceipt
from oko.cabinet.reports.receipts import queries
from oko.cabinet.reports.receipts.steps import (
    Receiving,
    is_being_written,
    papers_received,
    receipt_step,
    receiving,
    works_state,
)

__all__ = ["Reminded", "confirm_receipt", "note_opened", "receipt_step", "remind"]


@transaction.atomic
def note_opened(acting: Acting, paper: Paper, organisation: Organisation) -> None:
    """Note that somebody of the organisation itself looks at its report. The first time counts; while newer
    works are still being written, the page shows the report before them, and nothing is noted.
    """
    if organisation.pk != acting.organisation_id:
        return
    works = works_state(paper, organisation)
    mine = ReportReceipt.everything.filter(paper=paper, organisation=organisation, works_state=works.state)
    if mine.filter(opened_at__isnull=False).exists() or is_being_written(paper, organisation):
        return
    receipt, _new = _row(paper, organisation)
    opened = mine.filter(pk=receipt.pk, opened_at=None).update(
        opened_at=now(paper.assessment), opened_by_id=acting.account_id
    )
    if opened:
        after = {"works": receipt.works, "state": receipt.works_state}
        record(journal.REPORT_OPENED, acting=acting, on=paper, organisation=organisation, after=after)


@transaction.atomic
def confirm_receipt(acting: Acting, paper: Paper, person: Account, seen: str | None = None) -> ReportReceipt:
    """The organisation has its report, as it is now. A second time changes nothing.

    `seen` is the state of the works on the page where the person pressed, if the page told it. Whoever
    confirms for an organisation stands in line, so that two papers confirmed at once are both counted.

    Raises:
        PermissionDenied: the role does not answer for it.
        ValidationError: the roadmap has no such step, or it accepts nothing now, or the report is no longer
            the one that the person has seen.
    """
    own = Organisation.objects.visible_to(acting).get(pk=acting.organisation_id)
    subject = receiving(paper, own)
    require(acting, "reports.confirm", subject)
    step, late = _open_step(subject)
    _one_at_a_time(f"receipts of {paper.assessment_id} {own.pk}")
    if is_being_written(paper, own):
        raise ValidationError(_("Отчёт сейчас обновляется. Посмотрите его через минуту и подтвердите."))
    receipt, _new = _row(paper, own)
    if seen is not None and seen != receipt.works_state:
        raise ValidationError(_("Пока страница была открыта, отчёт обновился. Посмотрите его ещё раз."))
    confirmed = ReportReceipt.everything.filter(pk=receipt.pk, confirmed_at=None).update(
        confirmed_at=now(paper.assessment), confirmed_by=person, late=late
    )
    if confirmed:
        _write_progress(step, own, person, late)
        after = {"late": late, "works": receipt.works, "state": receipt.works_state}
        record(journal.RECEIPT_CONFIRMED, acting=acting, on=paper, organisation=own, after=after)
    receipt.refresh_from_db()
    return receipt


def _open_step(subject: Receiving) -> tuple[RoadmapStep, bool]:
    """The step, and whether it is late."""
    step = subject.step
    if step is None:
        raise ValidationError(_("В плане-графике ещё нет шага «Получить отчёт»: подтверждать нечего."))
    term = window(step, subject.organisation)
    if not term.accepts:
        when = window_label(term, step, subject.organisation).text
        raise ValidationError(_("Сейчас шаг закрыт, подтвердить получение нельзя: %s.") % when)
    return step, term.state is WindowState.LATE


def _row(paper: Paper, organisation: Organisation) -> tuple[ReportReceipt, bool]:
    """The receipt of the report as it is now; made when nobody has opened it yet."""
    works = works_state(paper, organisation)
    return ReportReceipt.everything.get_or_create(
        paper=paper,
        organisation=organisation,
        works_state=works.state,
        defaults={"assessment_id": paper.assessment_id, "works": works.works},
    )


def _write_progress(step: RoadmapStep, organisation: Organisation, person: Account, late: bool) -> None:
    """The step is done when all its papers are confirmed, each in some state of its works: a report that
    was updated since was received all the same, and asks to be looked at again in its own place.
    """
    papers = papers_received(step, organisation)
    confirmed = ReportReceipt.everything.filter(
        organisation=organisation, paper__in=papers, confirmed_at__isnull=False
    )
    number = confirmed.order_by().values("paper_id").distinct().count()
    note = person.full_name
    if number < len(papers):
        numbers = {"done": number, "all": len(papers)}
        note = "; ".join([_("подтверждены отчёты: %(done)s из %(all)s") % numbers, note])
    state = StepProgress.State.DONE if number >= len(papers) else StepProgress.State.NOT_STARTED
    record_progress(step, organisation, state, late=late, note=note)


# Reminding --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many people got a word now, how many had got one within the last day, and how many schools have
    nobody to be told.
    """

    now: int
    lately: int
    nobody: int


@transaction.atomic
def remind(acting: Acting, wanted: queries.Wanted) -> Reminded:
    """«Напомнить отобранным»: a notice to those who answer for it in each school; to nobody twice a day.

    Raises:
        PermissionDenied: a role that follows nobody.
        ValidationError: the whole country at once; or no step takes confirmations now.
    """
    require(acting, "reports.follow_receipts")
    if acting.scope is Scope.COUNTRY and wanted.region is None:
        raise ValidationError(_("Выберите регион: всей стране сразу напоминания не отправляются."))
    open_now = [one for one in queries.out(acting) if one.term.accepts]
    if not open_now:
        raise ValidationError(
            _("Сейчас подтвердить получение нельзя ни по одной работе: напоминать не о чем.")
        )
    _one_at_a_time(f"reminders of receipts {acting.assessment_id}")
    behind = queries.rows(acting, [one.paper for one in open_now], wanted).exclude(state=queries.CONFIRMED)
    by_school: dict[int, list[str]] = defaultdict(list)
    for row in behind:
        by_school[row.organisation_id].append(str(row.paper))
    roles = {role for one in open_now for role in one.step.roles}
    people = _people(by_school, acting.assessment_id, roles)
    waiting = [(pk, school) for pk, school, lately in people if not lately]
    notify_all(
        ((pk, _words(by_school[school])) for pk, school in waiting), queries.ADDRESS, acting.account_id
    )
    if waiting:
        after = {"people": len(waiting), "schools": len({school for _pk, school in waiting})}
        record(journal.RECEIPTS_REMINDED, acting=acting, after={**after, "paper": wanted.paper})
    reached = {school for _pk, school, _lately in people}
    return Reminded(len(waiting), len(people) - len(waiting), len(by_school.keys() - reached))


def _people(
    schools: dict[int, list[str]], assessment_id: int, roles: set[str]
) -> list[tuple[int, int, bool]]:
    """Whoever may confirm in these schools: the appointment, the school, whether reminded within a day."""
    recent = Notice.everything.filter(
        appointment=OuterRef("pk"), address=queries.ADDRESS, sent_at__gte=now() - queries.REST
    )
    found = Appointment.everything.filter(
        organisation__in=list(schools),
        organisation__active=True,
        assessment=assessment_id,
        role__in=roles,
        state=State.CONFIRMED,
        person__is_active=True,
    )
    return list(found.annotate(lately=Exists(recent)).values_list("pk", "organisation_id", "lately"))


def _words(papers: list[str]) -> str:
    return _("Отчёт открыт: посмотрите его и подтвердите получение. %s.") % "; ".join(papers)


def _one_at_a_time(what: str) -> None:
    """Whoever does the same stands in line here, until the transaction ends."""
    key = hashlib.sha256(what.encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key, signed=True)])
