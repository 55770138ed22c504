"""Which step of the roadmap a report is received in, for whom, and of which works it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db.models import F, Max

from oko.cabinet.assessments.models import Paper, Participation, RoadmapStep
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.results.models import ProtocolWorks, WorksPartition
from oko.cabinet.results.queries import standing_in


@dataclass(frozen=True, slots=True)
class Receiving:
    """An organisation, the report of a paper, and the step in which it says that it has it (if any)."""

    organisation: Organisation
    paper: Paper
    step: RoadmapStep | None


@dataclass(frozen=True, slots=True)
class WorksState:
    """Of which works a report is, and of how many: another state is another report."""

    state: str
    works: int


def receipt_step(paper: Paper) -> RoadmapStep | None:
    """The step of the roadmap in which the report of this paper is received, if the roadmap has one."""
    steps = RoadmapStep.everything.filter(
        assessment=paper.assessment, action=RoadmapStep.Action.RECEIVE_REPORT
    ).select_related("assessment", "paper")
    return steps.filter(paper=paper).first() or steps.filter(paper=None).first()


def receipt_steps(assessment_id: int) -> dict[int | None, RoadmapStep]:
    """The same for all papers, by the key of the paper; None has the step of all the others."""
    steps = RoadmapStep.everything.filter(
        assessment=assessment_id, action=RoadmapStep.Action.RECEIVE_REPORT
    ).select_related("assessment", "paper")
    by_paper: dict[int | None, RoadmapStep] = {}
    for step in steps.order_by("position"):
        by_paper.setdefault(step.paper_id, step)
    return by_paper


def receiving(paper: Paper, organisation: Organisation) -> Receiving:
    return Receiving(organisation, paper, receipt_step(paper))


def papers_received(step: RoadmapStep, organisation: Organisation) -> set[int]:
    """The keys of the papers whose reports the organisation confirms in the step.

    A step without a paper is for all papers in which the organisation takes part (by territory), but for
    those that have a step of their own.
    """
    if step.paper_id is not None:
        return {step.paper_id}
    written = Participation.everything.filter(standing_in(organisation), assessment=step.assessment_id)
    own_steps = RoadmapStep.everything.filter(
        assessment=step.assessment_id, action=RoadmapStep.Action.RECEIVE_REPORT, paper__isnull=False
    )
    return set(written.exclude(paper__in=own_steps.values("paper")).values_list("paper_id", flat=True))


def works_state(paper: Paper, organisation: Organisation) -> WorksState:
    """By the protocols that count in the place: of a school it is the checksum of its own."""
    counted = list(
        ProtocolWorks.everything.filter(standing_in(organisation), paper=paper)
        .order_by("submission__sha256")
        .values_list("submission__sha256", "present")
    )
    checksums = [checksum for checksum, _present in counted]
    state = checksums[0] if len(checksums) == 1 else _together(checksums)
    return WorksState(state, sum(present for _checksum, present in counted))


def _together(checksums: list[str]) -> str:
    return hashlib.sha256("\n".join(checksums).encode()).hexdigest() if checksums else ""


def is_being_written(paper: Paper, organisation: Organisation) -> bool:
    """Whether the place has works that its report does not show yet: it will be another one in a moment."""
    of_place = ProtocolWorks.everything.filter(standing_in(organisation), paper=paper)
    newest = of_place.aggregate(newest=Max("accepted_at"))["newest"]
    if newest is None:
        return False
    regions = of_place.order_by().values("organisation__region_id")
    behind = WorksPartition.objects.filter(paper=paper, region__in=regions).exclude(written=F("changes"))
    return any(one.written_at is None or one.written_at < newest for one in behind)
