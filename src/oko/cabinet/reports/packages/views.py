"""Ordering the reports of a place as one archive, watching it being made, taking it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from oko.cabinet.assessments import queries as assessments
from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.access import require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import show
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports import queries
from oko.cabinet.reports.availability import why_not
from oko.cabinet.reports.models import ReportPackage
from oko.cabinet.reports.packages import actions
from oko.cabinet.reports.packages.names import safe
from oko.cabinet.reports.packages.plan import places_offered
from oko.cabinet.reports.packages.tables import PackagesTable

#: Bytes read from the disk at a time.
BLOCK = 1024 * 1024


def packages(request: ActingRequest) -> HttpResponse:
    """What is being made, the form of the order, what was made before."""
    require(request.acting, "reports.order_package")
    own = assessments.own_organisation(request.acting)
    offered = places_offered(request.acting, own)
    papers = [paper for paper in queries.papers(request.acting) if not why_not(request.acting, paper, own)]
    errors: list[str] = []
    if request.method == "POST":
        try:
            return _order(request, offered, papers)
        except ValidationError as error:
            errors = error.messages
    found = _seen(request)
    table = show(request, PackagesTable(found))
    if isinstance(table, HttpResponse):
        return table
    context: dict[str, Any] = {
        "running": found.filter(state__in=ReportPackage.RUNNING).first(),
        "offered": offered,
        "papers": papers,
        "chosen": request.POST.getlist("paper") if request.method == "POST" else [p.code for p in papers],
        "place": request.POST.get("place", ""),
        "errors": errors,
        "table": table,
        "any": found.exists(),
        "days": ReportPackage.KEPT_FOR.days,
    }
    return render(request, "reports/packages.html", context)


def _order(request: ActingRequest, offered: list[Organisation], papers: list[Paper]) -> HttpResponse:
    code = assessments.typed_text(request.POST, "place")
    place = next((one for one in offered if one.code == code), None)
    if place is None:
        raise ValidationError(_("Выберите организацию из списка."))
    wanted = set(request.POST.getlist("paper"))
    chosen = [paper for paper in papers if paper.code in wanted]
    package, is_new = actions.order(request.acting, place, chosen)
    if is_new:
        messages.success(request, _("Пакет заказан. Страницу можно закрыть: он соберётся и без неё."))
    else:
        messages.info(request, _("Пакет вашей организации уже собирается. Новый можно заказать после него."))
    return redirect("report-package", pk=package.pk)


@require_GET
def package(request: ActingRequest, pk: int) -> HttpResponse:
    """One order; asked for by htmx, only how far it is."""
    one = _visible(request, pk)
    part = bool(request.htmx)  # type: ignore[attr-defined]  # put there by its middleware
    template = "reports/package_progress.html" if part else "reports/package.html"
    papers = Paper.objects.visible_to(request.acting).filter(code__in=one.papers)
    return render(request, template, {"package": one, "papers": papers, "days": ReportPackage.KEPT_FOR.days})


@require_POST
def cancel(request: ActingRequest, pk: int) -> HttpResponse:
    if actions.cancel(request.acting, _visible(request, pk)):
        messages.success(request, _("Сборка пакета отменена, начатый файл удалён."))
    else:
        messages.info(request, _("Отменять нечего: пакет уже не собирается."))
    return redirect("report-packages")


@require_GET
def download(request: ActingRequest, pk: int) -> Any:
    one = _visible(request, pk)
    try:
        archive = actions.take(request.acting, one).open("rb")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("report-packages")
    except FileNotFoundError:  # its time ran out in this very moment
        messages.error(request, _("Файла пакета больше нет на сервере. Закажите новый."))
        return redirect("report-packages")
    day = timezone.localtime(one.finished_at).strftime("%d.%m.%Y")
    name = safe(f"{_('Отчёты')} {one.organisation.short_name}")[:80]
    answer = FileResponse(
        archive, as_attachment=True, filename=f"{name} {day}.zip", content_type="application/zip"
    )
    answer.block_size = BLOCK
    return answer


def _seen(request: ActingRequest) -> Any:
    found = ReportPackage.objects.visible_to(request.acting)
    return found.select_related("organisation", "ordered_by", "assessment").order_by("-pk")


def _visible(request: ActingRequest, pk: int) -> ReportPackage:
    require(request.acting, "reports.order_package")
    one: ReportPackage = visible_or_404(_seen(request), pk=pk)
    return one
