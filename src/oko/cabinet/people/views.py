"""Signing in and out, the password, the change of the acting appointment, the list of appointed people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import show
from oko.cabinet.people import actions, queries
from oko.cabinet.people.forms import FilterForm
from oko.cabinet.people.middleware import needs_no_appointment
from oko.cabinet.people.tables import PeopleTable


@require_POST
@needs_no_appointment
def act_as(request: HttpRequest, pk: int) -> HttpResponse:
    """One click: from now on in another appointment."""
    actions.choose_appointment(request, pk)
    return redirect("home")


@needs_no_appointment
def no_appointment(request: HttpRequest) -> HttpResponse:
    """Signed in, but nowhere appointed: whom to ask."""
    if getattr(request, "acting", None) is not None:
        return redirect("home")
    coordinators = queries.coordinators_for(request.user)  # type: ignore[arg-type]
    return render(request, "people/no_appointment.html", {"coordinators": coordinators}, status=403)


def people(request: ActingRequest) -> HttpResponse:
    """Everybody appointed in what one sees, with telephones and orders."""
    require(request.acting, "people.list")
    form = FilterForm(request.GET)
    table = PeopleTable(queries.listed(request.acting, form.wanted))
    answer = show(request, table)
    if isinstance(answer, HttpResponse):
        return answer
    return render(request, "people/people.html", {"form": form, "table": table})
