"""Who has received which report: each school with each of its papers, and how many of them there are.

By supervision, as the board counts: a coordinator sees the schools that answer to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from oko.cabinet.assessments import queries as assessments
from oko.cabinet.assessments.deadlines import Window, window
from oko.cabinet.assessments.models import Paper, Participation, RoadmapStep
from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import Notice
from oko.cabinet.reports.models import ReportReceipt
from oko.cabinet.results.models import ProtocolWorks

#: Where reminders lead; by it they are found again.
ADDRESS = "/reports/#to-confirm"
#: A person is reminded at most once in this time.
REST = timedelta(days=1)

UNOPENED, OPENED, UPDATED, CONFIRMED = "unopened", "opened", "updated", "confirmed"
STATES: dict[str, Any] = {
    UNOPENED: _("не открывали"),
    OPENED: _("открыли, не подтвердили"),
    UPDATED: _("обновлён после подтверждения"),
    CONFIRMED: _("подтвердили"),
}
#: What the filter offers besides.
BEHIND, ALL = "behind", "all"
FILTERS: dict[str, Any] = {BEHIND: _("все, кто не подтвердил"), **STATES, ALL: _("все")}


@dataclass(frozen=True, slots=True)
class Out:
    """A paper whose report has come out for the own organisation, with the step in which it is received."""

    paper: Paper
    step: RoadmapStep
    term: Window


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of «Получение отчётов»."""

    paper: str = ""
    state: str = BEHIND
    text: str = ""
    region: Organisation | None = None

    @property
    def is_narrow(self) -> bool:
        return bool(self.paper or self.text or self.state != BEHIND)


@dataclass(frozen=True, slots=True)
class Counts:
    """Reports that schools have to confirm, by how far they are."""

    unopened: int = 0
    opened: int = 0
    updated: int = 0
    confirmed: int = 0

    @property
    def expected(self) -> int:
        return self.missing + self.confirmed

    @property
    def missing(self) -> int:
        return self.unopened + self.opened + self.updated


def out(acting: Acting) -> list[Out]:
    """The papers whose reports schools can have by now, in the order of papers."""
    own = assessments.own_organisation(acting)
    at = now(assessments.assessment_of(acting))
    steps = RoadmapStep.objects.visible_to(acting).filter(action=RoadmapStep.Action.RECEIVE_REPORT)
    by_paper: dict[int | None, Out | None] = {}
    found = []
    for step in steps.select_related("assessment", "paper").order_by("position"):
        by_paper.setdefault(step.paper_id, Out(step.paper, step, window(step, own, at=at)))
    for paper in Paper.objects.visible_to(acting).select_related("assessment"):
        of_paper = by_paper.get(paper.pk) or by_paper.get(None)
        if of_paper and of_paper.step.is_for_schools and of_paper.term.opens <= at:
            found.append(Out(paper, of_paper.step, of_paper.term))
    return found


def rows(acting: Acting, papers: Sequence[Paper], wanted: Wanted) -> QuerySet[Any]:
    """A row for each school and paper, those who are furthest behind first.

    `state` is one of STATES; `opened_at`, `confirmed_at`, `confirmed_name` are of the report as it is now,
    `before_at`, `before_name` of the last confirmation at all; `reminded_at` is of the school.
    """
    chosen = [paper for paper in papers if wanted.paper in ("", paper.code)]
    found = _narrowed(_stated(_pairs(acting, chosen)), wanted)
    now_confirmed, before = _now(confirmed_at__isnull=False), _ever(confirmed_at__isnull=False)
    reminders = Notice.everything.filter(
        appointment__organisation=OuterRef("organisation"),
        appointment__assessment=OuterRef("assessment"),
        address=ADDRESS,
    )
    found = found.annotate(
        opened_at=Subquery(_now().values("opened_at")[:1]),
        confirmed_at=Subquery(now_confirmed.values("confirmed_at")[:1]),
        confirmed_name=Subquery(now_confirmed.values("confirmed_by__full_name")[:1]),
        before_at=Subquery(before.values("confirmed_at")[:1]),
        before_name=Subquery(before.values("confirmed_by__full_name")[:1]),
        reminded_at=Subquery(reminders.order_by("-sent_at").values("sent_at")[:1]),
    )
    order = Case(*(When(state=state, then=Value(place)) for place, state in enumerate(STATES)))
    return found.select_related("organisation", "paper").order_by(
        order, "organisation__sort_key", "organisation__code", "paper__grade", "paper__subject"
    )


def counts(acting: Acting, papers: Sequence[Paper], region: Organisation | None = None) -> Counts:
    found = _stated(_in_region(_pairs(acting, papers), region))
    return Counts(**found.aggregate(**_by_state()))


def counts_by_paper(acting: Acting, papers: Sequence[Paper]) -> dict[int, Counts]:
    grouped = _stated(_pairs(acting, papers)).order_by().values("paper_id").annotate(**_by_state())
    return {row.pop("paper_id"): Counts(**row) for row in grouped}


def counts_by_region(acting: Acting, papers: Sequence[Paper]) -> list[tuple[Organisation, Counts]]:
    """For the country: every region that has schools in these papers."""
    grouped = _stated(_pairs(acting, papers)).order_by().values("organisation__region_id")
    by_region = {row.pop("organisation__region_id"): Counts(**row) for row in grouped.annotate(**_by_state())}
    regions = Organisation.objects.visible_to(acting).filter(pk__in=by_region)
    return [(region, by_region[region.pk]) for region in regions.order_by("sort_key")]


def schools_behind(acting: Acting, papers: Sequence[Paper]) -> int:
    """How many schools have a report that they have not confirmed."""
    behind = _stated(_pairs(acting, papers)).exclude(state=CONFIRMED)
    return behind.order_by().values("organisation_id").distinct().count()


def read_wanted(acting: Acting, asked: Mapping[str, Any], papers: Sequence[Paper]) -> Wanted:
    """What the filters ask for; what makes no sense is left out."""
    paper, state = assessments.typed_text(asked, "paper"), assessments.typed_text(asked, "state")
    code = assessments.typed_text(asked, "region")
    regions = Organisation.objects.visible_to(acting).filter(kind=Kind.REGION)
    return Wanted(
        paper=paper if paper in {one.code for one in papers} else "",
        state=state if state in FILTERS else BEHIND,
        text=assessments.typed_text(asked, "q"),
        region=regions.filter(code=code).first() if code and acting.scope is Scope.COUNTRY else None,
    )


# How it is asked --------------------------------------------------------------------------------------------


def _pairs(acting: Acting, papers: Sequence[Paper]) -> QuerySet[Any]:
    """Each school with each paper that it writes, once: by the first of its classes."""
    earlier = Participation.everything.filter(
        paper=OuterRef("paper"), organisation=OuterRef("organisation"), pk__lt=OuterRef("pk")
    )
    seen: QuerySet[Any] = Participation.objects.visible_to(acting)
    return seen.filter(
        ~Exists(earlier),
        paper__in=[paper.pk for paper in papers],
        organisation__active=True,
        organisation__kind__in=[Kind.SCHOOL, Kind.COLLEGE],
    )


def _stated(pairs: QuerySet[Any]) -> QuerySet[Any]:
    return pairs.annotate(
        state=Case(
            When(Exists(_now(confirmed_at__isnull=False)), then=Value(CONFIRMED)),
            When(Exists(_ever(confirmed_at__isnull=False)), then=Value(UPDATED)),
            When(Exists(_now(opened_at__isnull=False)), then=Value(OPENED)),
            default=Value(UNOPENED),
            output_field=CharField(),
        )
    )


def _ever(**only: Any) -> QuerySet[ReportReceipt]:
    """Receipts of the outer row's school and paper, whatever works they were for; the newest first."""
    return ReportReceipt.everything.filter(
        paper=OuterRef("paper"), organisation=OuterRef("organisation"), **only
    ).order_by("-confirmed_at", "-pk")


def _now(**only: Any) -> QuerySet[ReportReceipt]:
    """Those of the works that count now."""
    counting = ProtocolWorks.everything.filter(
        paper=OuterRef("paper"), organisation=OuterRef("organisation")
    ).values("submission__sha256")[:1]
    return _ever(**only).filter(works_state=Coalesce(Subquery(counting), Value("")))


def _by_state() -> dict[str, Count]:
    return {state: Count("pk", filter=Q(state=state)) for state in STATES}


def _in_region(pairs: QuerySet[Any], region: Organisation | None) -> QuerySet[Any]:
    return pairs.filter(organisation__region=region) if region else pairs


def _narrowed(pairs: QuerySet[Any], wanted: Wanted) -> QuerySet[Any]:
    pairs = _in_region(pairs, wanted.region)
    for word in wanted.text.split():
        pairs = pairs.filter(
            Q(organisation__short_name__icontains=word)
            | Q(organisation__code__icontains=word)
            | Q(organisation__supervisor__short_name__icontains=word)
        )
    if wanted.state == BEHIND:
        return pairs.exclude(state=CONFIRMED)
    return pairs.filter(state=wanted.state) if wanted.state in STATES else pairs
