"""Who has the report that is out in the demo: some schools confirmed it, some only looked, some did not."""

from __future__ import annotations

import random

from django.db import transaction

from oko.cabinet.assessments.models import Paper
from oko.cabinet.people.models import Appointment, Role, State
from oko.cabinet.reports.actions import confirm_receipt, note_opened
from oko.cabinet.reports.models import ReportReceipt
from oko.cabinet.results.models import ProtocolWorks
from oko.cabinet.site.demo.course import CODE
from oko.cabinet.site.demo.history import acting_as
from oko.cabinet.site.demo.season import PAPERS
from oko.cabinet.site.demo.staff import LOGINS

CONFIRMED, ONLY_OPENED = 0.5, 0.2


@transaction.atomic
def receive() -> None:
    """Once, when the works are written: nobody confirms a report that is still being made."""
    if ReportReceipt.everything.exists():
        return
    for about in PAPERS:
        paper = Paper.everything.select_related("assessment").get(assessment__code=CODE, code=about.code)
        if about.report and about.report[0] <= 0:
            _receive(paper)


def _receive(paper: Paper) -> None:
    with_works = ProtocolWorks.everything.filter(paper=paper).values("organisation")
    specialists = Appointment.everything.filter(
        assessment=paper.assessment,
        role=Role.TECHNICAL_SPECIALIST,
        state=State.CONFIRMED,
        organisation__in=with_works,
    ).exclude(person__username__in=LOGINS.values())
    for one in specialists.select_related("person", "organisation").order_by("organisation__code"):
        fate = random.Random(f"{one.organisation.code} receipt").random()  # noqa: S311  # simulation
        with acting_as(one):
            if fate < CONFIRMED + ONLY_OPENED:
                note_opened(one.acting(), paper, one.organisation)
            if fate < CONFIRMED:
                confirm_receipt(one.acting(), paper, one.person)
