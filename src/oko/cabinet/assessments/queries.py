"""Reading an assessment: always from what the acting person may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Func, IntegerField, QuerySet

from oko.cabinet.assessments import progress, words
from oko.cabinet.assessments.deadlines import StandingExceptions, Window, window
from oko.cabinet.assessments.links import step_link
from oko.cabinet.assessments.models import (
    Assessment,
    Document,
    News,
    Paper,
    RoadmapStep,
    StepException,
    StepProgress,
)
from oko.cabinet.assessments.progress import NOTHING, Cell
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation

#: How long news and documents are shown on the home page.
FRESH = timedelta(days=14)
LONGEST_TEXT = 100


def typed_text(parameters: Mapping[str, Any], name: str) -> str:
    """What somebody typed into a filter: without NUL, which the database refuses, and not endless."""
    return str(parameters.get(name, "")).replace("\0", "").strip()[:LONGEST_TEXT]


def assessment_of(acting: Acting) -> Assessment:
    found: Assessment = Assessment.objects.visible_to(acting).get()
    return found


def own_organisation(acting: Acting) -> Organisation:
    found: Organisation = Organisation.objects.visible_to(acting).get(pk=acting.organisation_id)
    return found


@dataclass(frozen=True, slots=True)
class OwnStep:
    """One step as it stands for the acting person's own organisation."""

    step: RoadmapStep
    term: Window
    label: words.Label
    cell: Cell
    is_mine: bool
    link: str | None
    own: Organisation

    @property
    def opens(self) -> str:
        return words.for_step(self.term.opens, self.step, self.own)

    @property
    def closes(self) -> str:
        return words.for_step(self.term.closes, self.step, self.own)

    @property
    def late_until(self) -> str:
        return words.for_step(self.term.late_until, self.step, self.own) if self.term.late_until else ""

    @property
    def is_sent(self) -> bool:
        return self.cell.state in progress.SENT

    @property
    def is_wrong(self) -> bool:
        """Something came back, or the deadline is over and nothing is there."""
        return not self.is_sent and (self.cell.state in ("has_findings", "returned") or self.term.is_overdue)


def own_steps(acting: Acting) -> list[OwnStep]:
    """The roadmap as it concerns the own organisation: steps of papers that it does not write are left
    out.
    """
    steps = progress.roadmap_steps(acting)
    own = own_organisation(acting)
    known = progress.school_progress(acting, steps, [own])
    exceptions = StandingExceptions(steps)
    at = now(steps[0].assessment) if steps else None
    found = []
    for step in steps:
        if own.is_school and not known.has_to(own, step):
            continue
        term = window(step, own, at=at, exceptions=exceptions.of(step, own))
        found.append(
            OwnStep(
                step=step,
                term=term,
                label=words.window_label(term, step, own),
                cell=known.cells.get((own.pk, step.pk), NOTHING),
                is_mine=acting.role in step.roles,
                link=step_link(step, acting),
                own=own,
            )
        )
    return found


def can_confirm(acting: Acting, row: OwnStep) -> bool:
    return may(acting, "assessments.confirm_reading", row.step) and row.term.accepts and not row.is_sent


def exceptions(acting: Acting) -> QuerySet[StepException]:
    found: QuerySet[StepException] = StepException.objects.visible_to(acting)
    return found.select_related(
        "step", "step__paper", "step__assessment", "organisation", "made_by", "ended_by"
    )


def exception_stands(exception: StepException, at: datetime) -> bool:
    """Whether it has any effect now: not ended, and a pause not over by its own term."""
    return exception.ended_at is None and (exception.until is None or at < exception.until)


def papers(acting: Acting) -> QuerySet[Paper]:
    found: QuerySet[Paper] = Paper.objects.visible_to(acting)
    return found.prefetch_related("items", "scales").select_related("assessment")


def is_used(paper: Paper) -> bool:
    """Whether somebody's protocol of the paper has been accepted: from then on its items stand."""
    return StepProgress.everything.filter(step__paper=paper, state=StepProgress.State.DONE).exists()


def news(acting: Acting) -> QuerySet[News]:
    """News for this person, the newest first."""
    found: QuerySet[News] = News.objects.visible_to(acting).select_related("author", "organisation")
    return found.order_by("-published_at", "-pk")


def public_news() -> QuerySet[News]:
    """News that anybody may read without signing in: there is no acting person here, so the mark
    itself decides.
    """
    found = News.everything.filter(is_public=True, assessment__is_training=False)
    return found.select_related("assessment", "organisation").order_by("-published_at", "-pk")


def documents(acting: Acting) -> QuerySet[Document]:
    """Documents without their bytes, with their size."""
    size = Func(F("content"), function="octet_length", output_field=IntegerField())
    found: QuerySet[Document] = Document.objects.visible_to(acting)
    found = found.defer("content").select_related("organisation")
    return found.annotate(size=size).order_by("-published_at", "title")
