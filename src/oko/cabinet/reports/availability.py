"""From when on a report may be read: the roadmap's step «Получить отчёт» says it, on one's own clock.

Schools, municipalities and centres wait for the step. The regional and federal level and analysts, who have
to look at a report before it goes out, see it earlier as preliminary. Without such a step it shows at once;
after the deadline of the step it stays readable.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from oko.cabinet.assessments.deadlines import Window, WindowState, window
from oko.cabinet.assessments.models import Paper, RoadmapStep
from oko.cabinet.assessments.queries import own_organisation
from oko.cabinet.assessments.words import for_step
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting, ActingRequest
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.receipts.steps import receipt_step

_SHUT = (WindowState.NOT_OPEN, WindowState.PAUSED)


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether this person may read the report now, and what is to be said of it (empty: nothing).

    `words` of a report that is not out say when it will come, or why it is held back.
    """

    readable: bool
    preliminary: bool = False
    words: str = ""


OUT = Availability(readable=True)


def availability(acting: Acting, paper: Paper, organisation: Organisation) -> Availability:
    """Of the report of a paper for an organisation, as far as this person is concerned.

    Whoever waits does so for two windows, that of the organisation and that of one's own: a coordinator reads
    a school's report neither before the school does nor before coordinators do.
    """
    step = receipt_step(paper)
    if step is None:
        return OUT
    reads_before = may(acting, "reports.read_early")
    waits = [organisation] if reads_before else _both(organisation, own_organisation(acting))
    shut = [(term, one) for one in waits if (term := window(step, one)).state in _SHUT]
    if not shut:
        return OUT
    term, one = max(shut, key=lambda pair: (pair[0].state is WindowState.PAUSED, pair[0].opens))
    if reads_before:
        return Availability(readable=True, preliminary=True, words=_preliminary(term, step, one))
    return Availability(readable=False, words=_not_out(term, step, one))


def why_not(acting: Acting, paper: Paper, organisation: Organisation) -> str:
    """Why this person does not get the report now; empty where they do."""
    found = availability(acting, paper, organisation)
    return "" if found.readable else found.words


def _both(organisation: Organisation, own: Organisation) -> list[Organisation]:
    return [organisation] if organisation.pk == own.pk else [organisation, own]


def _not_out(term: Window, step: RoadmapStep, organisation: Organisation) -> str:
    if term.state is WindowState.PAUSED:
        return _("Получение отчётов приостановлено%(until)s. Причина: %(reason)s") % _pause(
            term, step, organisation
        )
    return _("Отчёт появится %s.") % for_step(term.opens, step, organisation)


def _preliminary(term: Window, step: RoadmapStep, organisation: Organisation) -> str:
    if term.state is WindowState.PAUSED:
        return _("Предварительно: получение отчётов приостановлено%(until)s. Причина: %(reason)s") % _pause(
            term, step, organisation
        )
    opens = for_step(term.opens, step, organisation)
    if organisation.is_school:
        return _("Предварительно: школе отчёт откроется %s.") % opens
    return _("Предварительно: школам отчёт откроется %s.") % opens


def _pause(term: Window, step: RoadmapStep, organisation: Organisation) -> dict[str, str]:
    pause = term.exception
    if pause is None:
        return {"until": "", "reason": ""}
    until = _(" до %s") % for_step(pause.until, step, organisation) if pause.until else ""
    return {"until": until, "reason": pause.reason}


def not_out_page(
    request: ActingRequest, paper: Paper, organisation: Organisation, found: Availability
) -> HttpResponse:
    """What a person sees where the report will be: when it comes, and nothing of what is in it."""
    about = {"paper": paper, "organisation": organisation, "availability": found}
    return render(request, "reports/not_out.html", about)
