"""Pages of the lists of responsible people: sending one's own, receiving those from below."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from oko.cabinet.appointments import journal, lists
from oko.cabinet.appointments.conditions import Refused
from oko.cabinet.appointments.models import ResponsibleList
from oko.cabinet.appointments.tables import badge, call
from oko.cabinet.appointments.views import own_organisation, say
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import Acting, ActingRequest
from oko.cabinet.foundation.tables import FILE_KINDS, CabinetTable, show
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Role

_WORDS = {
    "new": _("появился"),
    "gone": _("больше не отвечает"),
    "organisation": _("организация"),
    "full_name": _("ФИО"),
    "position": _("должность"),
    "phone": _("телефон"),
    "email": _("почта"),
    "order": _("приказ"),
}


class RowTable(CabinetTable):
    """The rows of a list, sent or about to be."""

    caption = _("Список ответственных")
    export_name = "список ответственных"

    organisation = tables.Column(verbose_name=_("Организация"), orderable=False)
    code = tables.Column(verbose_name=_("Код"), orderable=False)
    role = tables.Column(verbose_name=_("Роль"), orderable=False)
    full_name = tables.Column(verbose_name=_("ФИО"), orderable=False)
    position = tables.Column(verbose_name=_("Должность"), orderable=False)
    phone = tables.Column(verbose_name=_("Телефон"), orderable=False)
    email = tables.Column(verbose_name=_("Почта"), orderable=False)
    order = tables.Column(verbose_name=_("Приказ"), orderable=False)

    class Meta(CabinetTable.Meta):
        empty_text = _("В списке никого нет: сначала назначьте людей.")

    def render_role(self, value: str) -> str:
        return str(Role(value).label) if value in Role.values else value

    def render_phone(self, value: str) -> str:
        return call(value)

    def value_phone(self, value: str) -> str:
        return value


class SenderTable(CabinetTable):
    """Who has sent, who has not, when."""

    caption = _("Кто прислал список")
    export_name = "кто прислал список"

    short_name = tables.Column(verbose_name=_("Организация"), order_by=("sort_key", "code"))
    code = tables.Column(verbose_name=_("Код"))
    stands = tables.Column(
        verbose_name=_("Список"), empty_values=(), accessor="last_list", order_by="last_list"
    )
    sent_at = tables.Column(verbose_name=_("Когда"), empty_values=(), orderable=False, accessor="pk")
    sent_by = tables.Column(verbose_name=_("Кто отправил"), empty_values=(), orderable=False, accessor="pk")

    class Meta(CabinetTable.Meta):
        model = Organisation
        fields = ("short_name", "code", "stands", "sent_at", "sent_by")
        empty_text = _("Под вами нет организаций, которые присылают список.")

    def __init__(
        self, found: QuerySet[Organisation], sent: dict[int, ResponsibleList], **kwargs: Any
    ) -> None:
        super().__init__(found, **kwargs)
        self.sent = sent

    def render_stands(self, record: Organisation) -> str:
        one = self.sent.get(record.pk)
        if one is None:
            return badge("due", _now("не прислан"))
        words = _now("версия %(version)s") % {"version": one.version}
        return format_html('<a href="{}">{}</a>', reverse("responsible-list", args=[one.pk]), words)

    def render_sent_at(self, record: Organisation) -> str:
        one = self.sent.get(record.pk)
        return moment(one.sent_at) if one else "—"

    def render_sent_by(self, record: Organisation) -> str:
        one = self.sent.get(record.pk)
        return one.sent_by.full_name if one else "—"


def received(request: ActingRequest) -> HttpResponse:
    """For those above: who has sent. For a school: what it has sent itself."""
    acting = request.acting
    require(acting, "appointments.read_lists")
    context: dict[str, Any] = {
        "own": _own_lists(acting)[:20],
        "may_send": may(acting, "appointments.send_list"),
        "receives": may(acting, "appointments.receive_lists") and acting.supervises,
    }
    if context["receives"]:
        sent = lists.latest_lists(acting)
        table = SenderTable(lists.expected(acting), sent)
        answer = show(request, table)
        if isinstance(answer, HttpResponse):
            return answer
        context |= {"table": table, "count": len(sent), "all": lists.expected(acting).count()}
    return render(request, "appointments/lists.html", context)


def _own_lists(acting: Acting) -> QuerySet[ResponsibleList]:
    found: QuerySet[ResponsibleList] = ResponsibleList.objects.visible_to(acting)
    return (
        found.filter(organisation=acting.organisation_id)
        .defer("rows")
        .select_related("sent_by", "organisation")
        .order_by("-version")
    )


def sending(request: ActingRequest) -> HttpResponse:
    """What would go upwards now, with what is missing in it; sending is one button."""
    acting = request.acting
    require(acting, "appointments.send_list")
    if request.method == "POST":
        try:
            sent = lists.send(acting, request.POST.get("seen", "")[:64])
        except Refused as refused:
            say(request, refused)
            return redirect("send-responsible-list")
        messages.success(
            request,
            _now("Список отправлен: версия %(version)s, строк %(rows)s.")
            % {"version": sent.version, "rows": len(sent.rows)},
        )
        return redirect("responsible-list", pk=sent.pk)
    rows = lists.rows_now(acting)
    table = RowTable(rows)
    answer = _shown_or_taken(request, table, None)
    if isinstance(answer, HttpResponse):
        return answer
    last = lists.last_sent(acting)
    found = lists.by_organisation(lists.gaps(acting, rows))
    return render(
        request,
        "appointments/list_send.html",
        {
            "table": table,
            "rows": rows,
            "counts": lists.counted_by_role(rows),
            "seen": lists.digest(rows),
            "last": last,
            "same": last is not None and last.sha256 == lists.digest(rows),
            "differences": _worded(lists.differences(last.rows, rows)) if last else [],
            "gaps": found[: lists.MOST_NAMED],
            "gaps_count": len(found),
        },
    )


def one_list(request: ActingRequest, pk: int) -> HttpResponse:
    """One version as it was sent, beside the one before it."""
    acting = request.acting
    visible: QuerySet[ResponsibleList] = ResponsibleList.objects.visible_to(acting)
    one: ResponsibleList = visible_or_404(visible.select_related("organisation", "sent_by"), pk=pk)
    require(acting, "appointments.read_lists", one)
    table = RowTable(one.rows)
    answer = _shown_or_taken(request, table, one)
    if isinstance(answer, HttpResponse):
        return answer
    versions = visible.filter(organisation=one.organisation_id).defer("rows").order_by("-version")
    before = visible.filter(organisation=one.organisation_id, version=one.version - 1).first()
    return render(
        request,
        "appointments/list_one.html",
        {
            "list": one,
            "table": table,
            "versions": versions[:50],
            "before": before,
            "differences": _worded(lists.differences(before.rows, one.rows)) if before else [],
            "whole": lists.digest(one.rows) == one.sha256,
        },
    )


def consolidated(request: ActingRequest) -> HttpResponse:
    """All that came from below in one table, to be taken as a file."""
    acting = request.acting
    require(acting, "appointments.receive_lists")
    table = RowTable(lists.consolidated(acting))
    table.export_name = "сводный список ответственных"
    answer = _shown_or_taken(request, table, None)
    if isinstance(answer, HttpResponse):
        return answer
    missing = lists.expected(acting).filter(last_list=None)
    return render(
        request,
        "appointments/list_consolidated.html",
        {"table": table, "missing": missing[:50], "missing_count": missing.count()},
    )


def _shown_or_taken(
    request: ActingRequest, table: CabinetTable, one: ResponsibleList | None
) -> CabinetTable | HttpResponse:
    if request.GET.get("export") in FILE_KINDS:
        record(
            journal.LIST_TAKEN,
            acting=request.acting,
            on=one,
            organisation=one.organisation if one else own_organisation(request.acting),
            after={"rows": len(table.rows)},
        )
    return show(request, table)


def _worded(found: list[lists.Difference]) -> list[dict[str, Any]]:
    return [
        {
            "what": _WORDS[one.what],
            "who": one.row["full_name"],
            "where": one.row["organisation"],
            "role": Role(one.row["role"]).label,
            "before": one.before,
            "after": one.after,
        }
        for one in found[: lists.MOST_NAMED]
    ]
