"""Confirming that one has a report; «Получение отчётов»: who has confirmed, who has not, and the reminder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.access import require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest, Scope
from oko.cabinet.foundation.tables import show
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.people.models import Account
from oko.cabinet.reports import actions
from oko.cabinet.reports.queries import papers as report_papers
from oko.cabinet.reports.receipts import queries
from oko.cabinet.reports.receipts.tables import ReceiptsTable, RegionsTable, region_rows

FILTERS = ("region", "paper", "q", "state")


def receipts(request: ActingRequest) -> HttpResponse:
    """Schools with their papers; at the federal level first the regions."""
    require(request.acting, "reports.follow_receipts")
    out = queries.out(request.acting)
    papers = [one.paper for one in out]
    wanted = queries.read_wanted(request.acting, request.GET, papers)
    by_regions = request.acting.scope is Scope.COUNTRY and wanted.region is None
    table = _regions(request, papers, wanted) if by_regions else _schools(request, papers, wanted)
    answer = show(request, table, of=wanted.region)
    if isinstance(answer, HttpResponse):
        return answer
    counted = queries.counts(request.acting, papers, wanted.region)
    context = {
        "table": table,
        "papers": papers,
        "wanted": wanted,
        "states": queries.FILTERS.items(),
        "counts": counted,
        "by_regions": by_regions,
        "can_remind": not by_regions and counted.missing and any(one.term.accepts for one in out),
        "filters": [(name, request.GET[name]) for name in FILTERS if request.GET.get(name)],
    }
    return render(request, "reports/receipts.html", context)


def _schools(request: ActingRequest, papers: Sequence[Paper], wanted: queries.Wanted) -> ReceiptsTable:
    on_page = () if "export" in request.GET else ("code",)
    return ReceiptsTable(queries.rows(request.acting, papers, wanted), exclude=on_page)


def _regions(request: ActingRequest, papers: Sequence[Paper], wanted: queries.Wanted) -> RegionsTable:
    chosen = [paper for paper in papers if wanted.paper in ("", paper.code)]
    return RegionsTable(region_rows(queries.counts_by_region(request.acting, chosen)))


@require_POST
def received(request: ActingRequest, paper: str) -> HttpResponse:
    """One's own organisation has the report; the page tells which one was seen (`seen`)."""
    of_paper = visible_or_404(report_papers(request.acting), code=paper)
    seen = request.POST.get("seen")
    person: Account = request.user  # type: ignore[assignment]  # signed in
    try:
        receipt = actions.confirm_receipt(request.acting, of_paper, person, seen)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if receipt.confirmed_by_id == person.pk:
            messages.success(request, _("Получение отчёта подтверждено. Координатор это видит."))
        else:
            who = {"who": receipt.confirmed_by, "when": moment(receipt.confirmed_at)}
            messages.info(request, _("Получение уже подтверждено: %(who)s, %(when)s.") % who)
    return redirect("reports")


@require_POST
def remind(request: ActingRequest) -> HttpResponse:
    """To all whom the filters leave, not only to those on the page."""
    require(request.acting, "reports.follow_receipts")
    papers = [one.paper for one in queries.out(request.acting)]
    wanted = queries.read_wanted(request.acting, request.POST, papers)
    try:
        reminded = actions.remind(request.acting, wanted)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        _say(request, reminded)
    query: dict[str, Any] = {name: request.POST[name] for name in FILTERS if request.POST.get(name)}
    address = reverse("report-receipts")
    return redirect(f"{address}?{urlencode(query)}" if query else address)


def _say(request: ActingRequest, reminded: actions.Reminded) -> None:
    if reminded.now:
        messages.success(
            request,
            _("Напоминание отправлено, человек: %s. Они увидят его на главной странице.") % reminded.now,
        )
    if reminded.lately:
        messages.info(
            request,
            _("Напоминание получили меньше суток назад, человек: %s. Второй раз им не отправлено.")
            % reminded.lately,
        )
    if reminded.nobody:
        messages.warning(
            request,
            _("Организаций, где напоминать некому, потому что никто не назначен: %s.") % reminded.nobody,
        )
    if not (reminded.now or reminded.lately or reminded.nobody):
        messages.info(request, _("Напоминать некому: среди отобранных все подтвердили."))
