"""Pages of orders: the list, one order with its people, the scan, the signature, the text for paper."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.appointments import journal, orders, queries
from oko.cabinet.appointments.forms import FileForm, OrderForm
from oko.cabinet.appointments.scans import ENDINGS, MAX_SCAN
from oko.cabinet.appointments.tables import AppointmentTable, OrderTable, order_state
from oko.cabinet.appointments.views import own_organisation, shown_or_taken
from oko.cabinet.assessments.document_files import content_type
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import content_disposition, show
from oko.cabinet.people.models import Order, State

ACCEPT = ",".join((*ENDINGS.values(), ".jpeg"))


def order_list(request: ActingRequest) -> HttpResponse:
    """Orders of one's own organisation and of those below."""
    require(request.acting, "appointments.read")
    own = request.GET.get("all") != "yes"
    found = queries.orders(request.acting)
    if own:
        found = found.filter(organisation=request.acting.organisation_id)
    table = OrderTable(found, exclude=("organisation",) if own else ())
    answer = show(request, table)
    if isinstance(answer, HttpResponse):
        return answer
    here = own_organisation(request.acting)
    return render(
        request,
        "appointments/orders.html",
        {
            "table": table,
            "own": own,
            "may_enter": may(request.acting, "appointments.keep_orders", here),
        },
    )


def new_order(request: ActingRequest) -> HttpResponse:
    require(request.acting, "appointments.keep_orders")
    form = OrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        order, made = orders.enter_order(request.acting, values["number"], values["day"])
        if not made:
            messages.info(request, _("Такой приказ уже внесён."))
        return redirect("order", pk=order.pk)
    return render(
        request,
        "appointments/order_new.html",
        {"form": form},
        status=422 if request.method == "POST" else 200,
    )


def order(request: ActingRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk), FileForm(accept=ACCEPT))


def _visible(request: ActingRequest, pk: int) -> Order:
    found: Order = visible_or_404(queries.orders(request.acting), pk=pk)
    require(request.acting, "appointments.read", found)
    return found


def _page(request: ActingRequest, one: Order, form: FileForm, status: int = 200) -> HttpResponse:
    people = queries.visible(request.acting).filter(order=one, state__in=[State.PROPOSED, State.CONFIRMED])
    table = AppointmentTable(people, exclude=("order",))
    answer = shown_or_taken(request, table, one.organisation)
    if isinstance(answer, HttpResponse):
        return answer
    look, words = order_state(one)
    return render(
        request,
        "appointments/order.html",
        {
            "order": one,
            "look": look,
            "words": words,
            "table": table,
            "form": form,
            "may_sign": may(request.acting, "appointments.sign", one),
            "may_attach": may(request.acting, "appointments.keep_orders", one),
        },
        status=status,
    )


@require_POST
def attach(request: ActingRequest, pk: int) -> HttpResponse:
    one = _visible(request, pk)
    require(request.acting, "appointments.keep_orders", one)
    form = FileForm(request.POST, request.FILES, accept=ACCEPT)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            orders.attach_scan(request.acting, one, file.name or "", file.read(MAX_SCAN + 1))
        except ValidationError as error:
            form.add_error("file", error)
        else:
            messages.success(request, _("Скан приложен."))
            return redirect("order", pk=pk)
    return _page(request, one, form, status=422)


@require_POST
def sign(request: ActingRequest, pk: int) -> HttpResponse:
    one = _visible(request, pk)
    orders.sign(request.acting, one)
    messages.success(request, _("Приказ подписан."))
    return redirect("order", pk=pk)


def scan(request: ActingRequest, pk: int) -> HttpResponse:
    """The scan, byte for byte; who took it is written down."""
    one = _visible(request, pk)
    if not one.scan_sha256 or one.scan is None:
        raise Http404
    record(journal.SCAN_TAKEN, acting=request.acting, on=one, after={"scan_sha256": one.scan_sha256})
    response = HttpResponse(bytes(one.scan), content_type=content_type(one.scan_name))
    response.headers["Content-Disposition"] = content_disposition(one.scan_name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def printable(request: ActingRequest, pk: int) -> HttpResponse:
    """The text of the order, to be printed and signed on paper."""
    one = _visible(request, pk)
    people = queries.visible(request.acting).filter(order=one, state__in=[State.PROPOSED, State.CONFIRMED])
    return render(request, "appointments/order_print.html", {"order": one, "people": people})
