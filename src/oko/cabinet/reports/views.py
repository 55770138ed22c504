"""The pages of the reports."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.assessments.models import Paper
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import XLSX, CabinetTable, content_disposition, show
from oko.cabinet.organisations.looking import note_look
from oko.cabinet.reports import actions, journal, queries
from oko.cabinet.reports.places import Place, place
from oko.cabinet.reports.tables import BehindTable, MarksTable, items_below_table, items_table, marks_data
from oko.cabinet.results.queries import freshness, works_behind
from oko.engines.statistics.charts import items_chart, marks_chart
from oko.engines.statistics.marks import mark_grid
from oko.engines.statistics.rules import shipped_rules
from oko.engines.statistics.solving import item_grid
from oko.engines.statistics.wording import method_notes
from oko.engines.statistics.workbook import report_workbook

WIDE, NARROW = 960, 350  # pixels of a picture on a screen and on a phone


def index(request: ActingRequest) -> HttpResponse:
    """Each paper with how many protocols it stands on."""
    require(request.acting, "reports.read")
    own = queries.places(request.acting).get(pk=request.acting.organisation_id)
    papers = [
        {"paper": paper, "freshness": freshness(paper, own)} for paper in queries.papers(request.acting)
    ]
    return render(request, "reports/index.html", {"papers": papers, "place": own})


def marks(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """«Статистика по отметкам»."""
    of_paper, where = _subject(request, paper, code)
    report = queries.marks_report(of_paper, where, request.GET.get("q", ""))
    beside = MarksTable(marks_data(report.beside.rows, where, paper), prefix="beside-", orderable=False)
    below = MarksTable(marks_data(report.below.rows, where, paper)) if report.below else None
    return _answer(
        request,
        "marks",
        of_paper,
        where,
        report,
        beside,
        below,
        lambda width: marks_chart(report.beside, width=width),
    )


def items(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """«Выполнение заданий»."""
    of_paper, where = _subject(request, paper, code)
    report = queries.items_report(of_paper, where, request.GET.get("q", ""))
    below = items_below_table(report.below, where, paper) if report.below else None
    groups = [row.group for row in report.beside.rows]
    against = groups[-2] if len(groups) > 1 else None
    return _answer(
        request,
        "items",
        of_paper,
        where,
        report,
        items_table(report.beside),
        below,
        lambda width: items_chart(report.beside, groups[-1], against=against, width=width),
    )


def workbook(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """Both reports as one XLSX."""
    of_paper, where = _subject(request, paper, code)
    content = report_workbook(
        [
            mark_grid(queries.marks_report(of_paper, where).whole()),
            item_grid(queries.items_report(of_paper, where).whole()),
        ],
        subtitle=f"{of_paper.assessment}. {where.organisation.short_name}",
        notes=[freshness(of_paper, where.organisation).words],
    )
    record(journal.WORKBOOK_DOWNLOADED, on=of_paper, organisation=where.organisation)
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = content_disposition(
        f"Отчёт {of_paper} {where.organisation.code}.xlsx"
    )
    return response


def behind(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """From a number to the protocols that it was counted from."""
    of_paper, where = _subject(request, paper, code)
    rows = works_behind(request.acting, of_paper, where.organisation)
    table = show(request, BehindTable(rows), of=where.organisation)
    if isinstance(table, HttpResponse):
        return table
    return render(request, "reports/behind.html", {"paper": of_paper, "place": where, "table": table})


@require_POST
def received(request: ActingRequest, paper: str) -> HttpResponse:
    of_paper = visible_or_404(queries.papers(request.acting), code=paper)
    try:
        actions.confirm_receipt(request.acting, of_paper, request.user)  # type: ignore[arg-type]  # signed in
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Получение отчёта подтверждено. Координатор это видит."))
    return redirect("reports")


def _subject(request: ActingRequest, paper: str, code: str) -> tuple[Paper, Place]:
    require(request.acting, "reports.read")
    of_paper = visible_or_404(queries.papers(request.acting), code=paper)
    organisation = visible_or_404(queries.places(request.acting), code=code)
    if organisation.is_school:
        note_look(request, organisation, journal.REPORT_LOOKED_AT)
    return of_paper, place(request.acting, organisation, request.GET.get("below", ""))


def _answer(
    request: ActingRequest,
    kind: str,
    paper: Paper,
    where: Place,
    report: queries.Report[Any],
    beside: CabinetTable,
    below: CabinetTable | None,
    draw: Callable[[int], str],
) -> HttpResponse:
    """The page of a report, or its main table as a file."""
    main = show(request, below if below is not None else beside, of=where.organisation)
    if isinstance(main, HttpResponse):
        return main
    step = actions.receipt_step(paper)
    return render(
        request,
        f"reports/{kind}.html",
        {
            "kind": kind,
            "paper": paper,
            "place": where,
            "report": report,
            "beside": beside,
            "below": below,
            "charts": _charts(kind, paper, where, draw) if report.participants else {},
            "freshness": freshness(paper, where.organisation),
            "notes": method_notes(shipped_rules()),
            "can_confirm": step is not None and may(request.acting, "reports.confirm", where.organisation),
        },
    )


def _charts(kind: str, paper: Paper, where: Place, draw: Callable[[int], str]) -> dict[str, SafeString]:
    return {
        name: mark_safe(queries.kept(paper, where, f"{kind}-{width}", partial(draw, width)))  # noqa: S308  # our engine's SVG
        for name, width in (("wide", WIDE), ("narrow", NARROW))
    }
