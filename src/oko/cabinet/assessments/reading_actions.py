"""What people do with documents: open them, confirm that they have read them, remind those who have not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from oko.cabinet.assessments import journal, readings
from oko.cabinet.assessments.models import Document, DocumentReading
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import may, require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.people.notices import notify_all


@transaction.atomic
def open_document(acting: Acting, document: Document) -> None:
    """Note that the person has the file now. The first time counts; each time is in the journal.

    Whoever is not asked to confirm it (a publisher, a technical specialist in a coordinator's cabinet) leaves
    no more than the event.
    """
    if may(acting, "assessments.confirm_document", document):
        opened = DocumentReading(
            document=document,
            appointment_id=acting.appointment_id,
            sha256=document.sha256,
            opened_at=now(document.assessment),
        )
        DocumentReading.everything.bulk_create([opened], ignore_conflicts=True)
    record(
        journal.DOCUMENT_OPENED,
        acting=acting,
        on=document,
        after={"filename": document.filename, "sha256": document.sha256},
    )


@transaction.atomic
def confirm_document(acting: Acting, document: Document) -> None:
    """«Ознакомлен(а)»: of the file as it is now. A second time changes nothing.

    Raises:
        PermissionDenied: the document is not for this role, or somebody else works in the person's cabinet.
        ValidationError: the person has not opened it, or not since its file was replaced.
    """
    require(acting, "assessments.confirm_document", document)
    mine = DocumentReading.everything.filter(
        document=document, appointment_id=acting.appointment_id, sha256=document.sha256
    )
    if not mine.exists():
        raise ValidationError(
            _("Сначала откройте документ «%s»: подтвердить можно то, что прочитано.") % document.title
        )
    if mine.filter(confirmed_at=None).update(confirmed_at=now(document.assessment)):
        record(
            journal.DOCUMENT_CONFIRMED,
            acting=acting,
            on=document,
            before={"confirmed": False},
            after={"confirmed": True, "sha256": document.sha256},
        )


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many got a word now, and how many had got one within the last day."""

    now: int
    lately: int


@transaction.atomic
def remind(acting: Acting, wanted: readings.Wanted) -> Reminded:
    """«Напомнить всем отобранным»: a notice to each who has something left; to nobody twice a day.

    Raises:
        PermissionDenied: a role that follows nobody.
    """
    require(acting, "assessments.follow_readings")
    _one_at_a_time(acting.assessment_id)
    documents = readings.documents_followed(acting)
    selected = list(
        readings.followed(acting, documents, wanted)
        .filter(missing__gt=0)
        .exclude(pk=acting.appointment_id)
        .values_list("pk", "missing", "reminded_at")
    )
    rested = now() - readings.REST
    waiting = [(pk, missing) for pk, missing, at in selected if at is None or at < rested]
    notify_all(((pk, _words(missing)) for pk, missing in waiting), readings.ADDRESS, acting.account_id)
    if waiting:
        record(
            journal.REMINDED,
            acting=acting,
            after={"people": len(waiting), "role": wanted.role, "document": wanted.document},
        )
    return Reminded(now=len(waiting), lately=len(selected) - len(waiting))


def _words(missing: int) -> str:
    return _("Откройте документы своей роли и подтвердите ознакомление. Осталось: %s.") % missing


def _one_at_a_time(assessment_id: int) -> None:
    """Two coordinators who press at the same moment do not both remind one person."""
    key = hashlib.sha256(f"reminders {assessment_id}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key, signed=True)])
