"""The pages of the reports."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import XLSX, content_disposition, show
from oko.cabinet.reports import actions, queries
from oko.cabinet.reports.places import Place, place
from oko.cabinet.reports.tables import BehindTable, MarksTable, items_below_table, items_table, marks_data
from oko.cabinet.results.queries import freshness, works_behind
from oko.engines.statistics.charts import items_chart, marks_chart
from oko.engines.statistics.rules import shipped_rules
from oko.engines.statistics.wording import method_notes

WIDE, NARROW = 960, 350  # pixels of a picture on a screen and on a phone


def index(request: ActingRequest) -> HttpResponse:
    """Each paper with how many protocols it stands on."""
    require(request.acting, "reports.read")
    own = queries.places(request.acting).get(pk=request.acting.organisation_id)
    papers = [
        {"paper": paper, "freshness": freshness(request.acting, paper)} for paper in queries.papers(request.acting)
    ]
    return render(request, "reports/index.html", {"papers": papers, "place": own})


def marks(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """«Статистика по отметкам»."""
    of_paper, where, report = _report(request, paper, code)
    beside = MarksTable(marks_data(report.marks.rows, where, paper), prefix="beside-", orderable=False)
    below = None
    if report.marks_below is not None:
        below = show(request, MarksTable(marks_data(report.marks_below.rows, where, paper)))
        if isinstance(below, HttpResponse):
            return below
    elif request.GET.get("export"):
        exported = show(request, beside)
        if isinstance(exported, HttpResponse):
            return exported
    charts = {
        name: queries.kept(of_paper, where, f"marks-{width}", lambda w=width: marks_chart(report.marks, width=w))
        for name, width in (("wide", WIDE), ("narrow", NARROW))
    }
    return _page(request, "marks", of_paper, where, report, {"beside": beside, "below": below, "charts": charts})


def items(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """«Выполнение заданий»."""
    of_paper, where, report = _report(request, paper, code)
    beside = items_table(report.items)
    beside.prefix = "beside-"
    below = None
    if report.items_below is not None:
        below = show(request, items_below_table(report.items_below, where, paper))
        if isinstance(below, HttpResponse):
            return below
    elif request.GET.get("export"):
        exported = show(request, beside)
        if isinstance(exported, HttpResponse):
            return exported
    own = report.items.rows[-1].group
    against = report.items.rows[-2].group if len(report.items.rows) > 1 else None
    charts = {
        name: queries.kept(
            of_paper,
            where,
            f"items-{width}",
            lambda w=width: items_chart(report.items, own, against=against, width=w),
        )
        for name, width in (("wide", WIDE), ("narrow", NARROW))
    }
    return _page(request, "items", of_paper, where, report, {"beside": beside, "below": below, "charts": charts})


def workbook(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """Both reports as one XLSX."""
    from oko.engines.statistics.workbook import report_workbook  # XlsxWriter only where it is needed

    of_paper, where, report = _report(request, paper, code)
    content = report_workbook(report)
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = content_disposition(f"Отчёт {of_paper} {where.organisation.code}.xlsx")
    return response


def behind(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """From a number to the protocols that it was counted from."""
    of_paper, where = _subject(request, paper, code)
    rows = works_behind(request.acting, of_paper, organisation=where.organisation)
    table = show(request, BehindTable(rows))
    if isinstance(table, HttpResponse):
        return table
    return render(request, "reports/behind.html", {"paper": of_paper, "place": where, "table": table})


@require_POST
def received(request: ActingRequest, paper: str) -> HttpResponse:
    of_paper = visible_or_404(queries.papers(request.acting), code=paper)
    actions.confirm_receipt(request.acting, of_paper)
    messages.success(request, _("Получение отчёта подтверждено. Координатор это видит."))
    return redirect("reports")


def _subject(request: ActingRequest, paper: str, code: str) -> tuple[Paper, Place]:
    require(request.acting, "reports.read")
    of_paper = visible_or_404(queries.papers(request.acting), code=paper)
    organisation = visible_or_404(queries.places(request.acting), code=code)
    return of_paper, place(request.acting, organisation, request.GET.get("below", ""))


def _report(request: ActingRequest, paper: str, code: str) -> tuple[Paper, Place, queries.Report]:
    of_paper, where = _subject(request, paper, code)
    return of_paper, where, queries.report(of_paper, where, request.GET.get("q", ""))


def _page(
    request: HttpRequest, kind: str, paper: Paper, where: Place, report: queries.Report, shown: dict[str, Any]
) -> HttpResponse:
    acting = request.acting  # type: ignore[attr-defined]
    charts = {name: mark_safe(svg) for name, svg in shown.pop("charts").items()}  # noqa: S308  # our own engine's SVG
    step = actions.receipt_step(paper)
    return render(
        request,
        f"reports/{kind}.html",
        {
            **shown,
            "kind": kind,
            "charts": charts,
            "paper": paper,
            "place": where,
            "report": report,
            "freshness": freshness(acting, paper),
            "notes": method_notes(shipped_rules()),
            "can_confirm": step is not None and may(acting, "reports.confirm"),
        },
    )
