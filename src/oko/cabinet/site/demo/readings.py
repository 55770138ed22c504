"""Who has read the demo's documents: most have confirmed them, some have only opened them, some have not."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta

from oko.cabinet.assessments.models import Assessment, Document, DocumentReading
from oko.cabinet.people.models import Appointment
from oko.cabinet.site.demo import season as days
from oko.cabinet.site.demo.season import Season
from oko.cabinet.site.demo.staff import LOGINS

CONFIRMED, ONLY_OPENED = 0.78, 0.10


def read(assessment: Assessment, appointments: Iterable[Appointment], season: Season) -> None:
    """Marks of everybody but the printed logins: whoever signs in by one finds something to do."""
    documents = list(Document.everything.filter(assessment=assessment).defer("content"))
    DocumentReading.everything.bulk_create(
        mark
        for one in appointments
        if one.person.username not in LOGINS.values()
        for document in documents
        if document.is_for(one.acting()) and (mark := _mark(document, one, season)) is not None
    )


def _mark(document: Document, appointment: Appointment, season: Season) -> DocumentReading | None:
    chance = random.Random(f"{document.title} {appointment.person.username} {appointment.role}")  # noqa: S311
    fate = chance.random()
    if fate > CONFIRMED + ONLY_OPENED:
        return None
    opened = season.moment(days.STARTS + chance.randint(1, 7), chance.randint(9, 16), chance.randint(0, 59))
    return DocumentReading(
        document=document,
        appointment=appointment,
        sha256=document.sha256,
        opened_at=opened,
        confirmed_at=opened + timedelta(minutes=chance.randint(3, 40)) if fate <= CONFIRMED else None,
    )
