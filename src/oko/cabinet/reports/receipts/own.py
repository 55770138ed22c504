"""What the own organisation has opened and confirmed, and what it can confirm now."""

from __future__ import annotations

from dataclasses import dataclass

from oko.cabinet.assessments.deadlines import Window, window
from oko.cabinet.assessments.models import Paper, Participation, RoadmapStep
from oko.cabinet.assessments.words import Label, window_label
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.models import ReportReceipt
from oko.cabinet.reports.receipts.queries import CONFIRMED, OPENED, UNOPENED, UPDATED
from oko.cabinet.reports.receipts.steps import Receiving, receiving, works_state
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
    return _receipt(acting, subject, subject.step)


def to_confirm(acting: Acting, own: Organisation) -> list[OwnReceipt]:
    """The reports that the organisation can confirm now and has not, in the order of papers."""
    if not may(acting, "reports.confirm"):
        return []
    written = Participation.everything.filter(standing_in(own), assessment=acting.assessment_id)
    papers = Paper.objects.visible_to(acting).filter(pk__in=written.values("paper"))
    receipts = (own_receipt(acting, paper, own) for paper in papers.select_related("assessment"))
    return [one for one in receipts if one and one.term.accepts and one.state != CONFIRMED]


def _receipt(acting: Acting, subject: Receiving, step: RoadmapStep) -> OwnReceipt:
    term = window(step, subject.organisation)
    history = ReportReceipt.objects.visible_to(acting).filter(
        paper=subject.paper, organisation=subject.organisation
    )
    return OwnReceipt(
        paper=subject.paper,
        organisation=subject.organisation,
        step=step,
        term=term,
        label=window_label(term, step, subject.organisation),
        works_state=works_state(subject.paper, subject.organisation).state,
        history=tuple(history.select_related("opened_by", "confirmed_by").order_by("-pk")),
    )
