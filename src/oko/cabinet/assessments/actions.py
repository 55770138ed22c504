"""What is done with an assessment: each function is one thing that a person or a later app does."""

from __future__ import annotations

from oko.cabinet.assessments.models import RoadmapStep, StepProgress
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation


def record_progress(
    step: RoadmapStep, organisation: Organisation, state: str, *, late: bool = False, note: str = ""
) -> StepProgress:
    """Write how far an organisation is in a step. Called by later apps inside their own transaction."""
    progress, _created = StepProgress.everything.update_or_create(
        step=step,
        organisation=organisation,
        defaults={
            "assessment_id": step.assessment_id,
            "state": state,
            "late": late,
            "note": note,
            "changed_at": now(step.assessment),
        },
    )
    return progress
