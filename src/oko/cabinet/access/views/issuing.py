"""«Выдача доступа»: whom to give access, the lists that were made, one person's reset."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from oko.cabinet.access import issuing, journal, letters, queries, states
from oko.cabinet.access.forms import IssueForm, PeopleFilter, ReasonForm
from oko.cabinet.access.models import CodeBatch
from oko.cabinet.access.tables import IssueTable
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import content_disposition, show, xlsx_response

RECENT = 10


def issue(request: ActingRequest) -> HttpResponse:
    """The people of the organisations directly below, and how far the access of each is."""
    require(request.acting, "access.issue")
    form = PeopleFilter(request.GET)
    table = IssueTable(queries.listed(request.acting, form.wanted))
    answer = show(request, table)
    if isinstance(answer, HttpResponse):
        return answer
    without = queries.listed(request.acting, form.wanted | {"state": states.State.NONE.value})
    return render(
        request,
        "access/issue.html",
        {
            "form": form,
            "table": table,
            "without": without.values("person").distinct().count(),
            "anybody": queries.issuable(request.acting).exists(),
            "batches": queries.batches(request.acting)[:RECENT],
            "query": request.GET.urlencode(),
            "kinds": CodeBatch.Kind.choices,
        },
    )


@require_POST
def prepare(request: ActingRequest) -> HttpResponse:
    """A list of the chosen ones, or of all without access whom the filters show."""
    require(request.acting, "access.issue")
    form = IssueForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Выберите, чем выдавать доступ: письмами или ссылками."))
        return redirect("access-issue")
    if form.cleaned_data["everybody"]:
        wanted = PeopleFilter(request.GET).wanted | {"state": states.State.NONE.value}
        chosen = list(queries.listed(request.acting, wanted).values_list("pk", flat=True))
    else:
        chosen = _numbers(request.POST.getlist("people"))
    if not chosen:
        messages.error(request, _("Никто не выбран. Отметьте людей в таблице."))
        return redirect(_back(request))
    try:
        batch = issuing.prepare(request.acting, chosen, form.cleaned_data["kind"])
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(_back(request))
    return redirect("access-batch", pk=batch.pk)


@never_cache
def batch(request: ActingRequest, pk: int) -> HttpResponse:
    """One list: what it is, what to do next with it, and the button that makes its codes."""
    one = _visible(request, pk)
    require(request.acting, "access.issue")
    return _page(request, one, ReasonForm())


@require_POST
@never_cache
def take(request: ActingRequest, pk: int) -> HttpResponse:
    """The answer holds the codes, and nothing else ever does."""
    one = _visible(request, pk)
    require(request.acting, "access.issue")
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if one.taken_at is not None and form.is_valid() else ""
    if one.taken_at is not None and not reason:
        return _page(request, one, form, status=400)
    try:
        issued = issuing.take(request.acting, one.pk, reason)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("access-batch", pk=one.pk)
    address = request.build_absolute_uri(reverse("activate"))
    make = letters.letters if one.kind == CodeBatch.Kind.LETTERS else letters.code_list
    response = HttpResponse(make(issued, address), content_type="application/pdf")
    name = _("письма") if one.kind == CodeBatch.Kind.LETTERS else _("коды")
    response.headers["Content-Disposition"] = content_disposition(f"{name}-{one.pk}.pdf")
    return response


@require_GET
def links(request: ActingRequest, pk: int) -> HttpResponse:
    """The links of a list that was taken. They are useless without the codes, so they may be taken again."""
    one = _visible(request, pk)
    require(request.acting, "access.issue")
    rows = [
        [
            code.organisation.short_name if code.organisation else "",
            code.account.full_name,
            request.build_absolute_uri(reverse("activate-link", args=[code.link_token])),
            f"{code.expires_at:%d.%m.%Y}",
        ]
        for code in issuing.links_of(one)
        if code.link_token
    ]
    record(journal.LINKS_TAKEN, on=one, after={"links": len(rows)})
    head = [_("Организация"), _("ФИО"), _("Ссылка"), _("Действует до")]
    return xlsx_response(f"{_('ссылки')}-{one.pk}", head, rows)


def reset(request: ActingRequest, pk: int) -> HttpResponse:
    """What will happen, a reason, and it is done: the way back is the new letter."""
    require(request.acting, "access.issue")
    appointment = visible_or_404(
        states.with_states(queries.issuable(request.acting)).select_related("person", "organisation"), pk=pk
    )
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = issuing.reset(request.acting, appointment, form.cleaned_data["reason"])
        messages.success(request, _("Доступ сброшен: прежний пароль и сеансы больше не действуют."))
        return redirect("access-batch", pk=made.pk)
    return render(request, "access/reset.html", {"form": form, "appointment": appointment})


def _visible(request: ActingRequest, pk: int) -> CodeBatch:
    found: CodeBatch = visible_or_404(queries.batches(request.acting), pk=pk)
    return found


def _page(request: ActingRequest, one: CodeBatch, form: ReasonForm, status: int = 200) -> HttpResponse:
    codes = list(one.codes.all())
    context: dict[str, Any] = {
        "batch": one,
        "form": form,
        "people": len(one.appointments),
        "listed": queries.people_of(one),
        "used": sum(code.used_at is not None for code in codes),
        "void": sum(code.voided_at is not None for code in codes),
    }
    return render(request, "access/batch.html", context, status=status)


def _numbers(typed: list[str]) -> list[int]:
    return [int(one) for one in typed if one.isascii() and one.isdigit() and len(one) < 19]


def _back(request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return reverse("access-issue") + (f"?{query}" if query else "")
