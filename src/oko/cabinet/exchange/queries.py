"""Reading: what each organisation has to send, what it sent, and which version counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from oko.cabinet.assessments.deadlines import StandingExceptions, Window, window
from oko.cabinet.assessments.models import Paper, Participation, RoadmapStep, StepProgress
from oko.cabinet.exchange.models import Submission, UnsortedFile
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import COORDINATORS, Appointment

State = Submission.State

#: A version that says whether the protocol counts; the others wait, or have to be mended.
DECISIVE = (State.ACCEPTED, State.RETURNED)


def step_of(paper: Paper) -> RoadmapStep | None:
    """The step of the roadmap in which the paper's protocols are sent."""
    step = (
        RoadmapStep.everything.filter(paper=paper, action=RoadmapStep.Action.RESULTS_PROTOCOL)
        .order_by("position")
        .first()
    )
    if step is not None:
        step.assessment = paper.assessment  # the same one: no need to read it again
    return step


def classes_of(paper: Paper, organisation: Organisation) -> list[Participation]:
    """The classes that write the paper, with the codes issued to them, without deciding who asks."""
    return list(Participation.everything.filter(paper=paper, organisation=organisation))


def versions(paper: Paper, organisation: Organisation) -> list[Submission]:
    """All versions of a protocol, newest first, without deciding who asks: for actions and tasks."""
    return list(
        Submission.everything.filter(paper=paper, organisation=organisation)
        .defer("findings")
        .select_related("sender", "returned_by")
        .order_by("-version")
    )


def version_states(paper: Paper, organisation: Organisation) -> list[Submission]:
    """The same with no more than what decides which version counts, and whether a file was sent before."""
    return list(
        Submission.everything.filter(paper=paper, organisation=organisation)
        .only("version", "state", "late", "comment", "summary", "sha256")
        .order_by("-version")
    )


def decisive(newest_first: Iterable[Submission]) -> Submission | None:
    """The newest version that was accepted or returned, whichever was judged last.

    A later version with findings takes nothing away from an accepted one; a return takes away also what was
    accepted before it, since the coordinator asked for a new protocol.
    """
    return next((version for version in newest_first if version.state in DECISIVE), None)


def counting(newest_first: Iterable[Submission]) -> Submission | None:
    """The version whose works are in the results now."""
    found = decisive(newest_first)
    return found if found and found.state == State.ACCEPTED else None


@dataclass(slots=True)
class Duty:
    """One protocol that an organisation has to send: the paper, its classes, the deadline, how far it is."""

    paper: Paper
    organisation: Organisation
    classes: list[Participation] = field(default_factory=list)
    step: RoadmapStep | None = None
    window: Window | None = None
    progress: StepProgress | None = None
    latest: Submission | None = None
    deadline: str = ""

    @property
    def participants(self) -> int:
        return sum(len(row.codes) for row in self.classes)

    @property
    def state(self) -> str:
        return self.progress.state if self.progress else StepProgress.State.NOT_STARTED

    @property
    def state_label(self) -> str:
        return str(StepProgress.State(self.state).label)

    @property
    def is_done(self) -> bool:
        return self.state == StepProgress.State.DONE


def duties(acting: Acting, organisation: Organisation) -> list[Duty]:
    """Every protocol of one organisation, in the order of deadlines and papers."""
    found: dict[int, Duty] = {}
    rows = (
        Participation.objects.visible_to(acting)
        .filter(organisation=organisation)
        .select_related("paper__assessment")
        .order_by("class_number", "class_label")
    )
    for row in rows:
        found.setdefault(row.paper_id, Duty(row.paper, organisation)).classes.append(row)
    _add_windows(acting, organisation, found)
    _add_latest(acting, organisation, found)
    return sorted(found.values(), key=lambda duty: (duty.is_done, duty.paper.grade, duty.paper.subject))


def _add_windows(acting: Acting, organisation: Organisation, found: dict[int, Duty]) -> None:
    steps = list(
        RoadmapStep.objects.visible_to(acting)
        .filter(action=RoadmapStep.Action.RESULTS_PROTOCOL, paper_id__in=found)
        .select_related("assessment")
        .order_by("-position")
    )
    exceptions = StandingExceptions(steps)
    progress = {
        row.step_id: row
        for row in StepProgress.objects.visible_to(acting).filter(organisation=organisation, step__in=steps)
    }
    for step in steps:
        duty = found[step.paper_id]
        duty.step, duty.progress = step, progress.get(step.pk)
        duty.window = window(step, organisation, exceptions=exceptions.of(step, organisation))


def _add_latest(acting: Acting, organisation: Organisation, found: dict[int, Duty]) -> None:
    latest = (
        Submission.objects.visible_to(acting)
        .filter(organisation=organisation)
        .defer("findings")
        .order_by("paper_id", "-version")
        .distinct("paper_id")
    )
    for submission in latest:
        if submission.paper_id in found:
            found[submission.paper_id].latest = submission


def overview(acting: Acting, filters: dict[str, str]) -> QuerySet[Any]:
    """A row for each protocol that one's organisations have to send, with its state and latest version."""
    own = Submission.everything.filter(paper=OuterRef("paper_id"), organisation=OuterRef("organisation_id"))
    latest = own.order_by("-version")
    progress = StepProgress.everything.filter(
        step__paper=OuterRef("paper_id"),
        step__action=RoadmapStep.Action.RESULTS_PROTOCOL,
        organisation=OuterRef("organisation_id"),
    ).order_by("step__position")
    rows: QuerySet[Any] = (
        Participation.objects.visible_to(acting)
        .filter(_chosen(filters))
        .values(
            "paper_id",
            "organisation_id",
            paper_code=F("paper__code"),
            subject=F("paper__subject"),
            grade=F("paper__grade"),
            code=F("organisation__code"),
            organisation_name=F("organisation__short_name"),
            organisation_key=F("organisation__sort_key"),
            supervisor_name=F("organisation__supervisor__short_name"),
        )
        .annotate(
            participants=Sum(Func(F("codes"), function="CARDINALITY", output_field=IntegerField())),
            classes=Count("pk"),
            state=Coalesce(Subquery(progress.values("state")[:1]), Value(StepProgress.State.NOT_STARTED)),
            late=Subquery(progress.values("late")[:1]),
            note=Subquery(progress.values("note")[:1]),
            submission_id=Subquery(latest.values("pk")[:1]),
            version=Subquery(latest.values("version")[:1]),
            version_state=Subquery(latest.values("state")[:1]),
            received_at=Subquery(latest.values("received_at")[:1]),
        )
        .order_by("organisation_key", "grade", "subject")
    )
    if filters.get("state") in StepProgress.State.values:
        rows = rows.filter(state=filters["state"])
    return rows


def _chosen(filters: dict[str, str]) -> Q:
    chosen = Q()
    if filters.get("paper"):
        chosen &= Q(paper__code=filters["paper"])
    if filters.get("supervisor"):
        chosen &= Q(organisation__supervisor__code=filters["supervisor"])
    if filters.get("q"):
        chosen &= Q(organisation__short_name__icontains=filters["q"]) | Q(
            organisation__code__icontains=filters["q"]
        )
    return chosen


def supervisors(acting: Acting) -> QuerySet[Any]:
    """Those to whom one's schools answer, to choose from."""
    found: QuerySet[Any] = (
        Organisation.objects.visible_to(acting)
        .filter(kind__in=[Kind.SCHOOL, Kind.COLLEGE])
        .order_by("supervisor__sort_key")
        .values_list("supervisor__code", "supervisor__short_name")
        .distinct()
    )
    return found


def counts_by_state(acting: Acting) -> dict[str, int]:
    """How many protocols are in each state, all together: the line above the table."""
    owed = Participation.objects.visible_to(acting).values("paper_id", "organisation_id").distinct().count()
    counts: dict[str, int] = defaultdict(int)
    reported = (
        StepProgress.objects.visible_to(acting)
        .filter(step__action=RoadmapStep.Action.RESULTS_PROTOCOL)
        .values_list("state")
        .annotate(Count("pk"))
    )
    for state, count in reported:
        counts[state] = count
    counts[StepProgress.State.NOT_STARTED] = owed - sum(
        count for state, count in counts.items() if state != StepProgress.State.NOT_STARTED
    )
    return counts


def unsorted(acting: Acting) -> QuerySet[UnsortedFile]:
    """Files of no known paper that wait for somebody's word, newest first."""
    waiting: QuerySet[UnsortedFile] = UnsortedFile.objects.visible_to(acting).filter(
        sorted_as=None, set_aside_at=None
    )
    return waiting.select_related("organisation", "sender")


def contact_above(organisation: Organisation, paper: Paper) -> str:
    """Whom the school asks: the coordinators of its supervisor, with their telephones."""
    above = Appointment.everything.filter(
        organisation=organisation.supervisor,
        assessment_id=paper.assessment_id,
        role__in=COORDINATORS,
        state=Appointment.State.CONFIRMED,
    ).select_related("person")
    return "; ".join(", ".join(filter(None, (who.person.full_name, who.person.phone))) for who in above[:3])
