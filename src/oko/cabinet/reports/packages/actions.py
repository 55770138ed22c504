"""What is done with packages: ordered, cancelled, taken; taken up again when a worker was killed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from oko.cabinet.assessments.models import Paper
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import may, require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports import journal
from oko.cabinet.reports.models import ReportPackage
from oko.cabinet.reports.packages import making, store

State = ReportPackage.State

#: Nobody has said for so long that they work at it: the worker was killed.
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 3
#: Below everything that people wait for in front of the screen.
PRIORITY = -10


@transaction.atomic
def order(acting: Acting, organisation: Organisation, papers: Sequence[Paper]) -> tuple[ReportPackage, bool]:
    """Order the reports of a place. The one of one's organisation that is being made already, if there is
    one; the second answer says whether it is new.

    Raises:
        PermissionDenied: see `reports.order_package`.
        ValidationError: no paper was chosen.
    """
    require(acting, "reports.order_package", organisation)
    _one_at_a_time(f"package of {acting.assessment_id} {acting.organisation_id}")
    running = ReportPackage.objects.visible_to(acting).filter(state__in=ReportPackage.RUNNING).first()
    if running is not None:
        return running, False
    if not papers:
        raise ValidationError(_("Выберите хотя бы одну работу."))
    moment = now()
    package = ReportPackage.everything.create(
        assessment_id=acting.assessment_id,
        organisation=organisation,
        ordered_in_id=acting.organisation_id,
        ordered_by_id=acting.account_id,
        appointment_id=acting.appointment_id,
        delegation_id=acting.delegation_id,
        papers=[paper.code for paper in papers],
        ordered_at=moment,
        alive_at=moment,
    )
    enqueue(package.pk, package.attempt)
    after = {"papers": package.papers}
    record(journal.PACKAGE_ORDERED, acting=acting, on=package, organisation=organisation, after=after)
    return package, True


def enqueue(package_id: int, attempt: int) -> None:
    """One waiting job an order; none locks it, since the lock of a killed worker would stay."""
    from oko.cabinet.reports import tasks  # the task calls this module

    try:
        with transaction.atomic():  # a refusal by the unique index must not spoil the transaction around
            tasks.make_package.configure(
                queueing_lock=_lock_name(package_id, attempt), priority=PRIORITY
            ).defer(package_id=package_id, attempt=attempt)
    except AlreadyEnqueued:
        pass


def _lock_name(package_id: int, attempt: int) -> str:
    return f"reports.make_package:{package_id}:{attempt}"


def _one_at_a_time(what: str) -> None:
    key = hashlib.sha256(what.encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key, signed=True)])


def cancel(acting: Acting, package: ReportPackage) -> bool:
    """Stop making it; whoever works at it notices at the next document. False where it was over already.

    Raises:
        PermissionDenied: see `reports.order_package`.
    """
    require(acting, "reports.order_package", package.organisation)
    with transaction.atomic():
        cancelled = ReportPackage.everything.filter(pk=package.pk, state__in=ReportPackage.RUNNING).update(
            state=State.CANCELLED, finished_at=now()
        )
        if cancelled:
            record(journal.PACKAGE_CANCELLED, acting=acting, on=package)
    if cancelled:
        store.forget(package.pk)
    return bool(cancelled)


def take(acting: Acting, package: ReportPackage) -> Path:
    """The file, for somebody who still sees everything that is in it.

    Raises:
        PermissionDenied: see `reports.order_package`.
        ValidationError: it is not ready, or kept no longer, or holds what one does not see: schools that have
            left one's sight, or the works of participants.
    """
    require(acting, "reports.order_package", package.organisation)
    if package.state != State.READY:
        raise ValidationError(_("Файла нет: пакет %s.") % package.get_state_display())
    seen = Organisation.objects.visible_to(acting).filter(pk__in=package.holds)
    if seen.count() < len(package.holds):
        raise ValidationError(
            _("С тех пор как пакет собран, изменился состав организаций, которые вы видите. Закажите новый.")
        )
    if package.ordered_by_id != acting.account_id and not may(
        acting, "reports.see_works", package.organisation
    ):
        raise ValidationError(
            _("В пакете могут быть работы участников, которых ваша роль не видит. Закажите свой.")
        )
    path = store.finished(package.pk)
    if not path.exists():
        raise ValidationError(_("Файла пакета больше нет на сервере. Закажите новый."))
    record(
        journal.PACKAGE_DOWNLOADED,
        acting=acting,
        on=package,
        organisation=package.organisation,
        after={"files": package.files, "bytes": package.size},
    )
    return path


# Looking after ----------------------------------------------------------------------------------------------


def take_up_lost() -> int:
    """Begin anew what nobody works at any more; the third time say that it failed. Returns how many."""
    taken = 0
    silent = ReportPackage.everything.filter(state__in=ReportPackage.RUNNING, alive_at__lt=now() - LEASE)
    for package_id, attempt in silent.values_list("pk", "attempt"):
        name = _lock_name(package_id, attempt)
        if ProcrastinateJob.objects.filter(queueing_lock=name, status="todo").exists():
            continue  # the workers are busy with something else
        if attempt >= MOST_ATTEMPTS:
            making.fail(
                package_id,
                attempt,
                _("Сборку прерывали уже %s раза. Закажите меньше работ или сообщите администратору.")
                % MOST_ATTEMPTS,
            )
        else:
            _begin_anew(package_id, attempt)
        taken += 1
    return taken


@transaction.atomic
def _begin_anew(package_id: int, attempt: int) -> None:
    begun = ReportPackage.everything.filter(
        pk=package_id, attempt=attempt, state__in=ReportPackage.RUNNING
    ).update(state=State.QUEUED, attempt=attempt + 1, done=0, alive_at=now())
    if begun:
        enqueue(package_id, attempt + 1)
        transaction.on_commit(lambda: store.remove_strays())


def expire() -> int:
    """Delete the files of packages that were kept long enough, and what no order knows."""
    expired = 0
    old = ReportPackage.everything.filter(
        state=State.READY, finished_at__lt=now() - ReportPackage.KEPT_FOR
    ).select_related("organisation")
    for package in old:
        with transaction.atomic():
            if ReportPackage.everything.filter(pk=package.pk, state=State.READY).update(state=State.EXPIRED):
                record(journal.PACKAGE_EXPIRED, on=package)
                expired += 1
        store.forget(package.pk)
    store.remove_strays()
    return expired
