"""The journal for the federal and regional level, and «who has looked at my data» for everybody else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from oko.cabinet.audit import journal as verbs
from oko.cabinet.audit import names, queries
from oko.cabinet.audit.forms import JournalFilter, OwnFilter
from oko.cabinet.audit.models import Event, WaitingEvent
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import FILE_KINDS, csv_response, xlsx_response


def journal(request: ActingRequest) -> HttpResponse:
    """Who did what, newest first."""
    require(request.acting, "audit.read")
    form = JournalFilter(request.GET)
    found = queries.journal(request.acting, form.wanted)
    if request.GET.get("export") in FILE_KINDS:
        record(verbs.JOURNAL_EXPORTED, after=_plain(form.wanted))
        return _file(request, "journal", found)
    page = queries.page_of(found, request.GET.get("before", ""), request.GET.get("after", ""))
    record(verbs.JOURNAL_READ, after=_plain(form.wanted))
    return render(
        request,
        "audit/journal.html",
        {
            "form": form,
            "page": page,
            "filtered": bool(form.wanted),
            "last_seal": queries.last_seal(),
            "waiting": WaitingEvent.objects.filter(refused=False).count(),
            "refused": WaitingEvent.objects.filter(refused=True).exists(),
            "most_exported": queries.MOST_EXPORTED,
        },
    )


def event(request: ActingRequest, pk: int) -> HttpResponse:
    """One event: its circumstances, before and after, its seal."""
    require(request.acting, "audit.read")
    found: Event = visible_or_404(Event.objects.visible_to(request.acting), pk=pk)
    [line] = queries.lines_of([found])
    record(verbs.EVENT_READ, after={"event": found.pk})
    waits = queries.waiting(found)
    return render(
        request,
        "audit/event.html",
        {
            "line": line,
            "subject": names.subject_title(line.body["subject"]) if line.body.get("subject") else "",
            "differences": queries.differences(line.body),
            "compared": bool(line.body.get("before")),
            "waits": waits,
            "seal": None if waits else queries.seal_of(found),
        },
    )


def own_readers(request: ActingRequest) -> HttpResponse:
    """Who from outside has looked at, taken or changed the data of my organisation."""
    require(request.acting, "audit.read_own")
    form = OwnFilter(request.GET)
    found = queries.by_outsiders(request.acting, form.wanted)
    own = names.organisations([request.acting.organisation_id])[request.acting.organisation_id]
    if request.GET.get("export") in FILE_KINDS:
        record(verbs.OWN_READERS_EXPORTED, organisation=own, after=_plain(form.wanted))
        return _file(request, "own-readers", found, with_addresses=False)
    record(verbs.OWN_READERS_READ, organisation=own, after=_plain(form.wanted))
    page = queries.page_of(found, request.GET.get("before", ""), request.GET.get("after", ""))
    return render(
        request,
        "audit/own_readers.html",
        {"form": form, "page": page, "filtered": bool(form.wanted), "most_exported": queries.MOST_EXPORTED},
    )


def _file(request: HttpRequest, name: str, found: Any, *, with_addresses: bool = True) -> HttpResponse:
    head = [
        *(_("Когда"), _("Кто"), _("Роль"), _("Организация")),
        *(_("Что сделано"), _("С чем"), _("Чьи данные")),
        *([_("Сетевой адрес")] if with_addresses else []),
    ]
    rows = _rows(queries.lines_of(found.order_by("-pk")[: queries.MOST_EXPORTED]), with_addresses)
    if request.GET.get("export") == "csv":
        return csv_response(name, head, rows)
    return xlsx_response(name, head, rows)


def _rows(lines: Iterable[queries.Line], with_addresses: bool) -> Iterable[list[Any]]:
    for line in lines:
        when = timezone.localtime(line.at).strftime("%d.%m.%Y %H:%M:%S")
        yield [
            *(when, line.who, line.role, line.place),
            *(str(line.event.title), line.subject, line.about),
            *([line.address] if with_addresses else []),
        ]


def _plain(wanted: dict[str, Any]) -> dict[str, str] | None:
    """The filters, for the event about the reading itself."""
    return {name: str(value) for name, value in wanted.items()} or None
