"""The home page about receipts: how many schools have not confirmed; what one's own has to look at."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _

from oko.cabinet.assessments import queries as assessments
from oko.cabinet.assessments import words
from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.registry import HomeCard, Urgency
from oko.cabinet.foundation.russian import plural
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.reports.receipts import queries
from oko.cabinet.reports.receipts.own import OwnReceipt, to_confirm

KEPT_FOR = 300  # seconds
MOST_LINES = 4


def receipt_cards(acting: Acting) -> list[HomeCard]:
    return [*_followed(acting), *_own(acting)]


def _followed(acting: Acting) -> list[HomeCard]:
    """For coordinators, while somebody can still confirm."""
    if not may(acting, "reports.follow_receipts"):
        return []
    papers = [one.paper for one in queries.out(acting) if one.term.accepts]
    if not papers:
        return []
    schools, by_paper, at = _counted(acting, papers)
    if not schools:
        return []
    lines = [
        _("%(paper)s: подтвердили %(done)s из %(all)s")
        % {"paper": paper, "done": words.number(of.confirmed), "all": words.number(of.expected)}
        for paper in papers
        if (of := by_paper.get(paper.pk)) is not None and of.missing
    ]
    text = words.listed(lines, MOST_LINES)
    if acting.scope is Scope.COUNTRY:
        text += "\n" + _("По состоянию на %s.") % moment(at)
    return [
        HomeCard(
            title=plural(
                schools,
                _("школа не подтвердила получение отчёта"),
                _("школы не подтвердили получение отчёта"),
                _("школ не подтвердили получение отчёта"),
            ),
            text=text,
            urgency=Urgency.DUE,
            url=reverse("report-receipts"),
            action=_("Кто именно"),
        )
    ]


def _counted(acting: Acting, papers: list[Paper]) -> tuple[int, dict[int, queries.Counts], datetime]:
    """For the country every five minutes, since there it counts everybody; for the others as it is now."""
    if acting.scope is not Scope.COUNTRY:
        return queries.schools_behind(acting, papers), queries.counts_by_paper(acting, papers), now()
    key = f"receipts-behind-{acting.assessment_id}-{'-'.join(str(paper.pk) for paper in papers)}"
    kept: tuple[int, dict[int, queries.Counts], datetime] | None = cache.get(key)
    if kept is None:
        kept = (queries.schools_behind(acting, papers), queries.counts_by_paper(acting, papers), now())
        cache.set(key, kept, KEPT_FOR)
    return kept


def _own(acting: Acting) -> list[HomeCard]:
    """What the own organisation can confirm now: reports that have come out, and reports that are others by
    now than those that it has confirmed.

    Where a step is for one paper, its own card names the paper; of a step for all papers it does not.
    """
    if not may(acting, "reports.confirm"):
        return []
    waiting = to_confirm(acting, assessments.own_organisation(acting))
    fresh = [one for one in waiting if one.state != queries.UPDATED and one.step.paper_id is None]
    changed = [one for one in waiting if one.state == queries.UPDATED]
    cards = []
    if fresh:
        cards.append(_card(_fresh_title(len(fresh)), fresh))
    if changed:
        how = _("Посмотрите, что изменилось, и подтвердите снова.")
        cards.append(_card(_("Отчёт обновлён после подтверждения"), changed, how))
    return cards


def _fresh_title(number: int) -> str:
    if number == 1:
        return _("Отчёт открыт: посмотрите и подтвердите")
    return _("Отчёты открыты: посмотрите и подтвердите (%s)") % number


def _card(title: str, reports: list[OwnReceipt], how: str = "") -> HomeCard:
    text = words.listed((str(one.paper) for one in reports), MOST_LINES)
    text = f"{text}\n{how}" if how else text
    return HomeCard(title, text, Urgency.DUE, queries.ADDRESS, _("К отчётам"))
