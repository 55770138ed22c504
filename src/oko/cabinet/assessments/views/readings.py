"""«Кто не ознакомился»: people with what they have not confirmed yet, and one button that reminds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.assessments import queries, reading_actions, readings
from oko.cabinet.assessments.tables import ReadingsTable
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import show
from oko.cabinet.people.models import Role

FILTERS = ("organisation", "q", "role", "document", "state")


def who_has_not_read(request: ActingRequest) -> HttpResponse:
    """Everybody whom one follows, with counts; at first those who have something left to confirm."""
    require(request.acting, "assessments.follow_readings")
    documents = readings.documents_followed(request.acting)
    wanted = _wanted(request.GET)
    people = readings.followed(request.acting, documents, wanted)
    chosen = [one for one in documents if wanted.document in (None, one.pk)]
    on_page = () if "export" in request.GET else ("code",)
    table = ReadingsTable(people, documents=chosen, exclude=on_page)
    answer = show(request, table)
    if isinstance(answer, HttpResponse):
        return answer
    behind, everybody = readings.behind(request.acting)
    context = {
        "table": table,
        "documents": documents,
        "wanted": wanted,
        "roles": Role.choices,
        "states": readings.STATES.items(),
        "behind": behind,
        "everybody": everybody,
        "filters": [(name, request.GET[name]) for name in FILTERS if name in request.GET],
    }
    return render(request, "assessments/readings.html", context)


@require_POST
def remind(request: ActingRequest) -> HttpResponse:
    """To all whom the filters leave, not only to those on the page."""
    wanted = _wanted(request.POST)
    reminded = reading_actions.remind(request.acting, wanted)
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
    if not reminded.now and not reminded.lately:
        messages.info(request, _("Напоминать некому: среди отобранных все ознакомились."))
    query = {name: request.POST[name] for name in FILTERS if request.POST.get(name)}
    return redirect(f"{reverse('readings')}?{urlencode(query)}" if query else "readings")


def _wanted(asked: Mapping[str, Any]) -> readings.Wanted:
    """What the filters ask for; what makes no sense is left out."""
    role, state = queries.typed_text(asked, "role"), queries.typed_text(asked, "state")
    document = queries.typed_text(asked, "document")
    return readings.Wanted(
        organisation=queries.typed_text(asked, "organisation"),
        text=queries.typed_text(asked, "q"),
        role=role if role in Role.values else "",
        document=int(document) if document.isascii() and document.isdigit() else None,
        state=state if state in readings.STATES else "behind",
    )
