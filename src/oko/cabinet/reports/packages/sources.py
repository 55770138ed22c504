"""Where the documents of a package come from, and why a place may have none yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from oko.cabinet.assessments.deadlines import window
from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.packages.making import Sources
from oko.cabinet.reports.places import Place
from oko.cabinet.reports.receipts.steps import receipt_step
from oko.engines.statistics.directions import DIRECTIONS
from oko.engines.statistics.stored import stored_sums
from oko.engines.statistics.workbook import report_workbook


def documents(acting: Acting, paper: Paper, place: Place) -> Iterator[tuple[str, bytes]]:
    of_paper = paper.for_engines()
    grids = []
    for direction in DIRECTIONS:
        sums = stored_sums(settings.WORKS_ROOT, paper.assessment.code, of_paper, direction.counting)
        grids.append(direction.report(sums, of_paper, place.beside, place.label))
    if any(row.group == place.group for grid in grids for row in grid.rows):
        yield f"Отчёт {paper} {place.organisation.code}.xlsx", report_workbook(grids)


def why_not(acting: Acting, paper: Paper, organisation: Organisation) -> str:
    step = receipt_step(paper)
    if step is None or window(step, organisation).opens <= now(paper.assessment):
        return ""
    return _("отчёт ещё не открыт")


def warnings(paper: Paper, organisation: Organisation) -> Sequence[str]:
    return ()


SOURCES = Sources(documents, why_not, warnings)
