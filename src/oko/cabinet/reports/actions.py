"""What is done with a report: its receipt is confirmed."""

from __future__ import annotations

from django.db import transaction

from oko.cabinet.assessments.actions import record_progress
from oko.cabinet.assessments.models import Paper, RoadmapStep, StepProgress
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation


def receipt_step(paper: Paper) -> RoadmapStep | None:
    """The step of the roadmap in which the report of this paper is received, if the roadmap has one."""
    steps = RoadmapStep.everything.filter(
        assessment=paper.assessment, action=RoadmapStep.Action.RECEIVE_REPORT
    )
    return steps.filter(paper=paper).first() or steps.filter(paper=None).first()


@transaction.atomic
def confirm_receipt(acting: Acting, paper: Paper) -> None:
    """The school has its report.

    Raises:
        PermissionDenied: the role does not answer for it.
    """
    require(acting, "reports.confirm")
    school = Organisation.objects.visible_to(acting).get(pk=acting.organisation_id)
    step = receipt_step(paper)
    if step is not None:
        record_progress(step, school, StepProgress.State.DONE)
