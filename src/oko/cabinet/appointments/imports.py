"""Loading a list of appointments: the template, upload, findings or a preview, confirmation."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from oko.cabinet.appointments import import_actions
from oko.cabinet.appointments.forms import FileForm, needed_by_role
from oko.cabinet.appointments.importing import Line, Plan, plan_import, read_table
from oko.cabinet.appointments.models import AppointmentDraft
from oko.cabinet.appointments.rules import proposable
from oko.cabinet.appointments.sheet_layout import COLUMNS, HEADERS, POSITIONS
from oko.cabinet.appointments.views import own_organisation
from oko.cabinet.foundation.access import require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import CabinetTable, show, xlsx_response
from oko.cabinet.organisations.layout import labels
from oko.cabinet.organisations.sheets import LARGEST_FILE, UnreadableTable
from oko.cabinet.organisations.tables import FindingTable
from oko.cabinet.people.models import Order, Role

ACCEPT = ".xlsx,.csv"


class LineTable(CabinetTable):
    caption = _("Что будет записано")
    export_name = "назначения из файла"

    row = tables.Column(
        verbose_name=_("Строка"), attrs={"td": {"class": "number"}, "th": {"class": "number"}}
    )
    full_name = tables.Column(verbose_name=_("ФИО"), accessor="person__full_name", orderable=False)
    known = tables.Column(
        verbose_name=_("Учётная запись"), accessor="account", empty_values=(), orderable=False
    )
    role = tables.Column(verbose_name=_("Роль"), orderable=False)
    organisation = tables.Column(verbose_name=_("Организация"), orderable=False)
    room = tables.Column(verbose_name=_("Аудитория, предмет"), empty_values=(), orderable=False)
    order_number = tables.Column(verbose_name=_("Приказ"), empty_values=(), orderable=False)
    at_once = tables.Column(verbose_name=_("Что произойдёт"), orderable=False)

    class Meta(CabinetTable.Meta):
        pass

    def render_known(self, record: Line) -> str:
        return record.account.username if record.account else _now("новая")

    def render_role(self, value: str) -> str:
        return str(Role(value).label)

    def render_room(self, record: Line) -> str:
        return ", ".join(part for part in (record.room, record.subject) if part) or "—"

    def render_order_number(self, record: Line) -> str:
        if not record.order_number:
            return _now("без приказа")
        return str(Order(number=record.order_number, date=record.order_date))

    def render_at_once(self, value: bool) -> str:
        return _now("будет назначен(а)") if value else _now("будет предложен(а), ждёт подтверждения")


def template(request: ActingRequest) -> HttpResponse:
    """The empty table with its drop-downs: roles that one appoints, and one's own organisation's code."""
    require(request.acting, "appointments.import")
    names = labels(Role)
    roles = [names[role] for role in proposable(request.acting)]
    own = own_organisation(request.acting)
    offered: dict[int, list[str]] = {POSITIONS["role"]: _fitting(roles)}
    if own.is_school:
        offered[POSITIONS["code"]] = [own.code]
    return xlsx_response("назначения (шаблон)", HEADERS, [], offered)


def _fitting(choices: list[str]) -> list[str]:
    """A drop-down of a spreadsheet holds 255 characters; what does not fit is typed by hand."""
    kept: list[str] = []
    for choice in choices:
        if len(",".join([*kept, choice])) > 255:
            break
        kept.append(choice)
    return kept


def upload(request: ActingRequest) -> HttpResponse:
    """Choose a file; it is kept only where it can be read as a list."""
    require(request.acting, "appointments.import")
    posted = request.method == "POST"
    form = FileForm(request.POST, request.FILES, accept=ACCEPT) if posted else FileForm(accept=ACCEPT)
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read(LARGEST_FILE + 1)
        try:
            read_table(content)
        except UnreadableTable as error:
            form.add_error("file", str(error))
        else:
            draft = import_actions.keep_draft(request.acting, file.name or "", content)
            return redirect("review-appointments", pk=draft.pk)
    context = {
        "form": form,
        "columns": COLUMNS,
        "roles": [Role(role).label for role in proposable(request.acting)],
        "needed": needed_by_role(proposable(request.acting)),
    }
    return render(request, "appointments/import.html", context, status=422 if posted else 200)


def review(request: ActingRequest, pk: int) -> HttpResponse:
    """Who would be appointed, or what to mend; confirming appoints all or nobody."""
    require(request.acting, "appointments.import")
    draft: AppointmentDraft = visible_or_404(AppointmentDraft.objects.visible_to(request.acting), pk=pk)
    if request.method == "POST":
        seen = request.POST.get("seen", "")[:64]
        plan = import_actions.apply_draft(request.acting, draft, seen)
        if not plan.findings and plan.digest == seen:
            messages.success(request, _done(plan))
            return redirect("appointments")
        messages.warning(request, _now("Пока вы смотрели, база изменилась. Проверьте, что получится теперь."))
    else:
        plan = plan_import(request.acting, bytes(draft.content))
    table: CabinetTable = _findings(plan) if plan.findings else LineTable(plan.lines)
    answer = show(request, table)
    if isinstance(answer, HttpResponse):
        return answer
    context: dict[str, Any] = {"draft": draft, "plan": plan, "table": table}
    return render(request, "appointments/review.html", context)


def _findings(plan: Plan) -> FindingTable:
    """A CSV has no sheets to name."""
    return FindingTable(plan.findings, exclude=() if plan.findings[0].sheet else ("sheet",))


def _done(plan: Plan) -> str:
    waiting = sum(not line.at_once for line in plan.lines)
    words = _now("Записано назначений: %(all)s; новых людей: %(new)s; ждут подтверждения: %(waiting)s.")
    return words % {"all": len(plan.lines), "new": plan.new_people, "waiting": waiting}


@require_POST
def cancel(request: ActingRequest, pk: int) -> HttpResponse:
    require(request.acting, "appointments.import")
    draft = visible_or_404(AppointmentDraft.objects.visible_to(request.acting), pk=pk)
    import_actions.drop_draft(request.acting, draft)
    messages.info(request, _now("Файл удалён, ничего не изменилось."))
    return redirect("import-appointments")
