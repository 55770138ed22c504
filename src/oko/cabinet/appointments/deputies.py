"""The page of delegations: who may work in whose cabinet, until when; giving one and ending it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import django_tables2 as tables
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from oko.cabinet.appointments import delegations
from oko.cabinet.appointments.conditions import Refused
from oko.cabinet.appointments.forms import DelegateForm
from oko.cabinet.appointments.tables import badge
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import CabinetTable, show
from oko.cabinet.foundation.templatetags.oko import moment
from oko.cabinet.people.models import Appointment, Delegation


class DelegationTable(CabinetTable):
    caption = _("Поручения")
    export_name = "поручения"

    whose = tables.Column(verbose_name=_("Чей кабинет"), accessor="appointment__person__full_name")
    delegate = tables.Column(verbose_name=_("Кому поручено"), accessor="delegate__full_name")
    given_at = tables.Column(verbose_name=_("Дано"))
    until = tables.Column(verbose_name=_("Действует до"), empty_values=())
    ended_at = tables.Column(verbose_name=_("Состояние"), empty_values=(), orderable=False)

    class Meta(CabinetTable.Meta):
        model = Delegation
        fields = ("whose", "delegate", "given_at", "until", "ended_at")
        empty_text = _("Поручений нет.")

    def render_given_at(self, value: datetime) -> str:
        return moment(value)

    def render_until(self, value: datetime | None) -> str:
        return moment(value) if value else _now("пока не прекращено")

    def render_ended_at(self, record: Delegation) -> str:
        if delegations.stands(record):
            return badge("ok", _now("действует"))
        return badge("none", _now("прекращено"))


def delegation_list(request: ActingRequest) -> HttpResponse:
    """All of one's organisation; a coordinator gives and ends here."""
    acting = request.acting
    require(acting, "appointments.see_delegations")
    specialists = delegations.specialists(acting)
    may_give = may(acting, "appointments.delegate")
    posted = request.POST if request.method == "POST" else None
    if posted is not None:
        require(acting, "appointments.delegate")
    form = DelegateForm(specialists, posted)
    if posted is not None and form.is_valid():
        chosen: Appointment = form.cleaned_data["specialist"]
        try:
            delegations.delegate(acting, chosen, _end_of(form.cleaned_data["until"]))
        except Refused as refused:
            for one in refused.refusals:
                form.add_error(one.field if one.field in form.fields else None, one.message)
        else:
            messages.success(
                request,
                _now("Поручение дано: %(who)s может работать в вашем кабинете.")
                % {"who": chosen.person.full_name},
            )
            return redirect("delegations")
    found = delegations.of_own_organisation(acting)
    table = DelegationTable(found)
    answer = show(request, table)
    if isinstance(answer, HttpResponse):
        return answer
    standing = [
        one for one in delegations.standing(acting) if may(acting, "appointments.end_delegation", one)
    ]
    return render(
        request,
        "appointments/delegations.html",
        {
            "form": form,
            "table": table,
            "standing": standing,
            "may_give": may_give,
            "anybody": may_give and specialists.exists(),
        },
        status=422 if posted is not None else 200,
    )


def _end_of(day: Any) -> datetime | None:
    """The last moment of the day, on the clock of the organisation."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day, time.min) + timedelta(days=1))


@require_POST
def end(request: ActingRequest, pk: int) -> HttpResponse:
    one: Delegation = visible_or_404(delegations.of_own_organisation(request.acting), pk=pk)
    delegations.end(request.acting, one)
    messages.success(request, _now("Поручение прекращено: доступ в ваш кабинет закрыт."))
    return redirect("delegations")
