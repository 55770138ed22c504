"""Appointing somebody by hand: first who, then to what; and putting right what was entered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from oko.cabinet.appointments import actions, persons, queries
from oko.cabinet.appointments.actions import Terms
from oko.cabinet.appointments.conditions import Refused
from oko.cabinet.appointments.forms import AppointForm, CorrectForm, PersonFields
from oko.cabinet.appointments.views import own_organisation, visible_one
from oko.cabinet.foundation.access import require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.people import accounts
from oko.cabinet.people.models import Account, State


def new(request: ActingRequest) -> HttpResponse:
    """Without a choice of person: search. With one, or for somebody new: the form."""
    require(request.acting, "appointments.propose")
    person = _person(request)
    if person is None and not _is_new(request):
        return _search(request)
    own = own_organisation(request.acting)
    at_once = own if own.is_school else None
    posted = request.POST if request.method == "POST" else None
    form = AppointForm(
        request.acting, posted, initial={"organisation": at_once.code if at_once else ""} | _asked(request)
    )
    about = (
        PersonFields(
            request.acting,
            posted,
            initial={
                "full_name": request.GET.get("full_name", "")[:200].replace("\x00", ""),
                "workplace": at_once.code if at_once else "",
            },
        )
        if person is None
        else None
    )
    known: list[Account] = []
    if posted is not None and form.is_valid() and (about is None or about.is_valid()):
        values = form.cleaned_data
        who = person if person is not None else about.facts() if about is not None else None
        assert who is not None  # noqa: S101  # one of them is there, see above
        try:
            made = actions.appoint(
                request.acting,
                who,
                values["role"],
                values["organisation"],
                terms_of(values),
                another=bool(posted.get("another")),
            )
        except Refused as refused:
            form.show_refusals(refused.refusals)
            if about is not None and any(one.field == "known" for one in refused.refusals):
                facts = about.facts()
                known = accounts.known_by_contacts(request.acting, facts.phone, facts.email)
        else:
            messages.success(request, _said(made.state, made.person.full_name))
            return redirect("appointment", pk=made.pk)
    return render(
        request,
        "appointments/new.html",
        {"form": form, "about": about, "person": person, "known": known},
        status=422 if posted is not None else 200,
    )


def _said(state: str, who: str) -> str:
    words = (
        _("Назначение записано: %(who)s. Выдайте письмо для входа, если человек входит впервые.")
        if state == State.CONFIRMED
        else _("Предложено: %(who)s. Доступ появится, когда назначение подтвердят.")
    )
    return words % {"who": who}


def terms_of(values: dict[str, Any]) -> Terms:
    return Terms(**{name: values[name] for name in Terms.__dataclass_fields__})


def _is_new(request: ActingRequest) -> bool:
    return "new" in request.GET or "full_name" in request.POST


def _asked(request: ActingRequest) -> dict[str, str]:
    """What a link to this page has filled in: role and place."""
    return {
        name: request.GET[name][:60].replace("\x00", "")
        for name in ("role", "organisation")
        if request.GET.get(name)
    }


def _person(request: ActingRequest) -> Account | None:
    key = request.POST.get("person") or request.GET.get("person")
    if not key:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        key = "0"
    found: Account = visible_or_404(
        accounts.visible_people(request.acting).select_related("workplace"), pk=key
    )
    return found


def _search(request: ActingRequest) -> HttpResponse:
    asked = request.GET.get("who", "")[: queries.LONGEST_SEARCH].replace("\x00", "").strip()
    found = list(accounts.people_like(request.acting, asked)[: accounts.MOST_FOUND + 1]) if asked else []
    return render(
        request,
        "appointments/search.html",
        {
            "asked": asked,
            "found": found[: accounts.MOST_FOUND],
            "more": len(found) > accounts.MOST_FOUND,
            "passed_on": _asked(request),
        },
    )


def change(request: ActingRequest, pk: int) -> HttpResponse:
    """The order, the room, the subject."""
    one = visible_one(request, pk)
    require(request.acting, "appointments.correct", one)
    posted = request.POST if request.method == "POST" else None
    form = CorrectForm(one, posted)
    if posted is not None and form.is_valid():
        try:
            actions.correct(request.acting, one, terms_of(form.cleaned_data))
        except Refused as refused:
            form.show_refusals(refused.refusals)
        else:
            messages.success(request, _("Исправлено."))
            return redirect("appointment", pk=pk)
    return render(
        request,
        "appointments/change.html",
        {"form": form, "appointment": one},
        status=422 if posted is not None else 200,
    )


def change_person(request: ActingRequest, pk: int) -> HttpResponse:
    """Contacts, workplace and subjects of the appointed person."""
    one = visible_one(request, pk)
    require(request.acting, "appointments.correct_person", one.person)
    posted = request.POST if request.method == "POST" else None
    form = PersonFields(request.acting, posted, person=one.person)
    if posted is not None and form.is_valid():
        warnings = persons.correct_person(request.acting, one.person, form.facts())
        for warning in warnings:
            messages.warning(request, warning.message)
        messages.success(request, _("Сведения о человеке сохранены."))
        return redirect("appointment", pk=pk)
    return render(
        request,
        "appointments/person.html",
        {
            "form": form,
            "appointment": one,
            "suggested": queries.places(request.acting)[: queries.MOST_SUGGESTED],
        },
        status=422 if posted is not None else 200,
    )
