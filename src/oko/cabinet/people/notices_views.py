"""The list of notices, and «Прочитано»."""

from __future__ import annotations

import django_tables2 as tables
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from oko.cabinet.foundation.access import visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import CabinetTable, show
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.people import notices
from oko.cabinet.people.models import Notice


class NoticesTable(CabinetTable):
    caption = _("Извещения")
    export_name = "izveshcheniya"

    sent_at = tables.Column(verbose_name=_("Когда"))
    text = tables.Column(verbose_name=_("Извещение"), orderable=False)
    sent_by = tables.Column(verbose_name=_("От кого"), accessor="sent_by__full_name", default="—")
    read_at = tables.Column(verbose_name=_("Прочитано"), empty_values=())

    class Meta(CabinetTable.Meta):
        empty_text = _("Извещений пока не было. Когда вам напишут, извещение появится на главной странице.")

    def render_sent_at(self, record: Notice) -> str:
        return moment(record.sent_at)

    def render_text(self, record: Notice) -> str:
        if not record.address:
            return record.text
        return format_html('{} <a href="{}">{}</a>', record.text, record.address, _now("Перейти"))

    def value_text(self, record: Notice) -> str:
        return record.text

    def render_read_at(self, record: Notice) -> str:
        if record.read_at:
            return moment(record.read_at)
        return format_html('<span class="oko-state oko-state-due">{}</span>', _now("не прочитано"))


def all_notices(request: ActingRequest) -> HttpResponse:
    """Everything that was ever said to this person in this role."""
    found = notices.of(request.acting)
    only_unread = request.GET.get("only") == "unread"
    table = NoticesTable(found.filter(read_at=None) if only_unread else found)
    answer = show(request, table)
    if isinstance(answer, HttpResponse):
        return answer
    unread = found.filter(read_at=None).count()
    context = {"table": table, "unread": unread, "only_unread": only_unread}
    return render(request, "people/notices.html", context)


@require_POST
def read(request: ActingRequest, pk: int) -> HttpResponse:
    notices.mark_read(request.acting, visible_or_404(notices.of(request.acting), pk=pk))
    return redirect("home")


@require_POST
def read_all(request: ActingRequest) -> HttpResponse:
    if notices.mark_all_read(request.acting):
        messages.success(request, _now("Все извещения отмечены прочитанными."))
    return redirect("notices")
