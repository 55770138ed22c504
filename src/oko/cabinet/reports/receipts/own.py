"""What the own organisation has opened and confirmed, and what it can confirm now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import QuerySet

from oko.cabinet.assessments.deadlines import StandingExceptions, Window, window
from oko.cabinet.assessments.models import Paper, Participation, RoadmapStep
from oko.cabinet.assessments.words import Label, window_label
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.models import ReportReceipt
from oko.cabinet.reports.receipts.queries import CONFIRMED, OPENED, UNOPENED, UPDATED
from oko.cabinet.reports.receipts.steps import Receiving, receipt_steps, receiving, works_state
from oko.cabinet.results.queries import standing_in


@dataclass(frozen=True, slots=True)
class OwnReceipt:
    """The report of one paper for the organisation in which one acts; `history` has the newest first."""

    paper: Paper
    organisation: Organisation
    step: RoadmapStep
    term: Window
    label: Label
    works_state: str
    history: tuple[ReportReceipt, ...]

    @property
    def current(self) -> ReportReceipt | None:
        return next((one for one in self.history if one.works_state == self.works_state), None)

    @property
    def confirmed_before(self) -> ReportReceipt | None:
        """The last confirmation, of whatever works it was."""
        confirmed = [(one.confirmed_at, one) for one in self.history if one.confirmed_at]
        return max(confirmed, key=lambda pair: pair[0])[1] if confirmed else None

    @property
    def state(self) -> str:
        current = self.current
        if current and current.confirmed_at:
            return CONFIRMED
        if self.confirmed_before:
            return UPDATED
        return OPENED if current and current.opened_at else UNOPENED

    @property
    def has_results(self) -> bool:
        """Whether any protocol of the organisation counts; without one its report says nothing of it."""
        return bool(self.works_state)

    @property
    def is_opened(self) -> bool:
        return bool(self.current and self.current.opened_at)


def own_receipt(acting: Acting, paper: Paper, own: Organisation) -> OwnReceipt | None:
    """None where one does not confirm this report: another organisation's, no step, another role's."""
    subject = receiving(paper, own)
    if subject.step is None or not may(acting, "reports.confirm", subject):
        return None
    history = _history(acting, own).filter(paper=paper)
    return _receipt(subject, subject.step, window(subject.step, own), list(history))


def to_confirm(acting: Acting, own: Organisation) -> list[OwnReceipt]:
    """The reports that the organisation can confirm now and has not, in the order of papers.

    A handful of queries, and one for each report that is open: it is asked on every home page.
    """
    if not may(acting, "reports.confirm"):
        return []
    by_paper = receipt_steps(acting.assessment_id)
    if not by_paper:
        return []
    exceptions = StandingExceptions(by_paper.values())
    history: dict[int, list[ReportReceipt]] = defaultdict(list)
    for one in _history(acting, own):
        history[one.paper_id].append(one)
    found = []
    for paper in _papers(acting, own):
        subject = Receiving(own, paper, by_paper.get(paper.pk) or by_paper.get(None))
        if subject.step is None or not may(acting, "reports.confirm", subject):
            continue
        term = window(subject.step, own, exceptions=exceptions.of(subject.step, own))
        if term.accepts:
            found.append(_receipt(subject, subject.step, term, history[paper.pk]))
    return [one for one in found if one.state != CONFIRMED]


def _papers(acting: Acting, own: Organisation) -> QuerySet[Paper]:
    written = Participation.everything.filter(standing_in(own), assessment=acting.assessment_id)
    papers: QuerySet[Paper] = Paper.objects.visible_to(acting).filter(pk__in=written.values("paper"))
    return papers.select_related("assessment")


def _history(acting: Acting, own: Organisation) -> QuerySet[ReportReceipt]:
    found: QuerySet[ReportReceipt] = ReportReceipt.objects.visible_to(acting).filter(organisation=own)
    return found.select_related("opened_by", "confirmed_by").order_by("-pk")


def _receipt(subject: Receiving, step: RoadmapStep, term: Window, history: list[ReportReceipt]) -> OwnReceipt:
    return OwnReceipt(
        paper=subject.paper,
        organisation=subject.organisation,
        step=step,
        term=term,
        label=window_label(term, step, subject.organisation),
        works_state=works_state(subject.paper, subject.organisation).state,
        history=tuple(history),
    )
