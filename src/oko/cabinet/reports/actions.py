"""What is done with a report: its receipt is confirmed."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from oko.cabinet.assessments.actions import record_progress
from oko.cabinet.assessments.deadlines import WindowState, window
from oko.cabinet.assessments.models import Paper, RoadmapStep, StepProgress
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account
from oko.cabinet.reports import journal


def receipt_step(paper: Paper) -> RoadmapStep | None:
    """The step of the roadmap in which the report of this paper is received, if the roadmap has one."""
    steps = RoadmapStep.everything.filter(
        assessment=paper.assessment, action=RoadmapStep.Action.RECEIVE_REPORT
    )
    return steps.filter(paper=paper).first() or steps.filter(paper=None).first()


@transaction.atomic
def confirm_receipt(acting: Acting, paper: Paper, person: Account) -> None:
    """The school has its report.

    Raises:
        PermissionDenied: the role does not answer for it.
        ValidationError: the roadmap has no such step, or it accepts nothing now.
    """
    school = Organisation.objects.visible_to(acting).get(pk=acting.organisation_id)
    require(acting, "reports.confirm", school)
    step = receipt_step(paper)
    if step is None:
        raise ValidationError(_("В плане-графике ещё нет шага «Получить отчёт»: подтверждать нечего."))
    term = window(step, school)
    if not term.accepts:
        raise ValidationError(_("Сейчас шаг закрыт: подтвердить получение нельзя."))
    late = term.state is WindowState.LATE
    record_progress(step, school, StepProgress.State.DONE, late=late, note=person.full_name)
    record(journal.RECEIPT_CONFIRMED, acting=acting, on=paper, organisation=school, after={"late": late})
