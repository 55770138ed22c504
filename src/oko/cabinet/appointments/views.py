"""The base of appointments, one appointment, and what is decided about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.appointments import actions, journal, queries
from oko.cabinet.appointments.cases import in_conflict, warnings_of
from oko.cabinet.appointments.conditions import Refused
from oko.cabinet.appointments.forms import FilterForm, ReasonForm
from oko.cabinet.appointments.tables import STATE_LOOKS, AppointmentTable, WaitingTable, order_state
from oko.cabinet.appointments.words import those_who_confirm
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import Acting, ActingRequest
from oko.cabinet.foundation.tables import FILE_KINDS, CabinetTable, show
from oko.cabinet.organisations.looking import note_look
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Appointment, AppointmentChange, Order, State

#: What only a file has room for.
ONLY_EXPORTED = ("code", "position", "workplace", "email", "login")
MOST_CHOSEN = 500


def appointments(request: ActingRequest) -> HttpResponse:
    """Everybody appointed in what one sees; as a file, with all that is known."""
    require(request.acting, "appointments.read")
    form = FilterForm(request.GET)
    table = AppointmentTable(queries.listed(request.acting, form.wanted))
    answer = shown_or_taken(request, table)
    if isinstance(answer, HttpResponse):
        return answer
    table.conflicts = frozenset(in_conflict([row.record for row in table.paginated_rows]))
    return render(
        request,
        "appointments/list.html",
        {
            "form": form,
            "table": table,
            "waiting": queries.waiting(request.acting).count(),
            "may_propose": may(request.acting, "appointments.propose"),
        },
    )


def shown_or_taken(
    request: ActingRequest, table: CabinetTable, of: Organisation | None = None
) -> CabinetTable | HttpResponse:
    """A table with telephones; taking it away as a file is written down for the organisation `of` whose
    people they are (else one's own, with all below it).
    """
    if request.GET.get("export") in FILE_KINDS:
        for name in ONLY_EXPORTED:
            if name in table.base_columns:
                table.columns.show(name)
        record(
            journal.EXPORTED,
            acting=request.acting,
            organisation=of or own_organisation(request.acting),
            note=request.GET.urlencode(),
            after={"rows": len(table.rows)},
        )
    return show(request, table)


def own_organisation(acting: Acting) -> Organisation:
    own: Organisation = Organisation.objects.visible_to(acting).get(pk=acting.organisation_id)
    return own


def waiting(request: ActingRequest) -> HttpResponse:
    """Who waits for this person's confirmation; those ticked are confirmed together."""
    require(request.acting, "appointments.confirm")
    found = queries.waiting(request.acting)
    if request.method == "POST":
        chosen = _chosen(found, request.POST.getlist("chosen"))
        if not chosen:
            messages.warning(request, _("Отметьте тех, кого подтверждаете."))
            return redirect("waiting-appointments")
        try:
            count = actions.confirm_all(request.acting, chosen)
        except Refused as refused:
            for one in refused.refusals:
                messages.error(request, one.message)
            messages.warning(request, _("Никто не подтверждён: снимите отметки с тех, кто назван выше."))
        else:
            messages.success(request, _("Подтверждено назначений: %(count)s.") % {"count": count})
        return redirect("waiting-appointments")
    table = WaitingTable(found)
    answer = shown_or_taken(request, table)
    if isinstance(answer, HttpResponse):
        return answer
    return render(request, "appointments/waiting.html", {"table": table, "any": found.exists()})


def _chosen(found: QuerySet[Appointment], keys: list[str]) -> list[Appointment]:
    """Those of the ticked keys that are there to be ticked."""
    numbers = {int(key) for key in keys[:MOST_CHOSEN] if key.isascii() and key.isdigit() and len(key) < 19}
    return list(found.filter(pk__in=numbers))


def appointment(request: ActingRequest, pk: int) -> HttpResponse:
    """One appointment; a look from another organisation is seen by the one whose person it is."""
    one = visible_one(request, pk)
    note_look(request, one.organisation, journal.LOOKED_AT)
    return _page(request, one)


def visible_one(request: ActingRequest, pk: int) -> Appointment:
    found: Appointment = visible_or_404(queries.visible(request.acting), pk=pk)
    require(request.acting, "appointments.read", found)
    return found


def _page(
    request: ActingRequest,
    one: Appointment,
    *,
    declining: ReasonForm | None = None,
    withdrawing: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Its facts and history, and what this person may do with it now."""
    acting = request.acting
    context: dict[str, Any] = {
        "appointment": one,
        "look": STATE_LOOKS[State(one.state)],
        "warnings": warnings_of(one) if one.state in (State.PROPOSED, State.CONFIRMED) else [],
        "history": AppointmentChange.objects.visible_to(acting)
        .filter(appointment=one)
        .select_related("made_by"),
        "may_correct": may(acting, "appointments.correct", one),
        "may_correct_person": may(acting, "appointments.correct_person", one.person),
        "may_withdraw": one.state in (State.PROPOSED, State.CONFIRMED)
        and may(acting, "appointments.withdraw", one),
        "declining": declining or ReasonForm(prefix="decline"),
        "withdrawing": withdrawing or ReasonForm(prefix="withdraw"),
    }
    if one.state == State.PROPOSED:
        context["may_confirm"] = may(acting, "appointments.confirm", one)
        context["confirmers"] = those_who_confirm(one)
    if one.order is not None:
        context["order_look"], context["order_words"] = order_state(one.order)
        context["order_seen"] = Order.objects.visible_to(acting).filter(pk=one.order.pk).exists()
    return render(request, "appointments/appointment.html", context, status=status)


@require_POST
def confirm(request: ActingRequest, pk: int) -> HttpResponse:
    one = visible_one(request, pk)
    try:
        actions.confirm(request.acting, one)
    except Refused as refused:
        say(request, refused)
    else:
        messages.success(request, _("Подтверждено: %(who)s.") % {"who": one.person.full_name})
    return redirect("appointment", pk=pk)


@require_POST
def decline(request: ActingRequest, pk: int) -> HttpResponse:
    one = visible_one(request, pk)
    require(request.acting, "appointments.confirm", one)
    form = ReasonForm(request.POST, prefix="decline")
    if not form.is_valid():
        return _page(request, one, declining=form, status=422)
    try:
        actions.decline(request.acting, one, form.cleaned_data["reason"])
    except Refused as refused:
        say(request, refused)
    else:
        messages.success(request, _("Отклонено. Предложивший увидит причину."))
    return redirect("appointment", pk=pk)


@require_POST
def withdraw(request: ActingRequest, pk: int) -> HttpResponse:
    one = visible_one(request, pk)
    require(request.acting, "appointments.withdraw", one)
    form = ReasonForm(request.POST, prefix="withdraw")
    if not form.is_valid():
        return _page(request, one, withdrawing=form, status=422)
    try:
        actions.withdraw(request.acting, one, form.cleaned_data["reason"])
    except Refused as refused:
        say(request, refused)
    else:
        messages.success(
            request, _("Назначение завершено: доступа в этой роли больше нет. Запись остаётся в истории.")
        )
    return redirect("appointment", pk=pk)


def say(request: ActingRequest, refused: Refused) -> None:
    for one in refused.refusals:
        messages.error(request, one.message)
