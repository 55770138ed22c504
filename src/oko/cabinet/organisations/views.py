"""Pages of the base of organisations: the list, one organisation with those below it, its form."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import FILE_KINDS, csv_response, show, xlsx_response
from oko.cabinet.organisations import actions, journal, queries
from oko.cabinet.organisations.facts import FIELDS, facts_of
from oko.cabinet.organisations.forms import FactsForm, FilterForm
from oko.cabinet.organisations.layout import HEADERS, drop_downs, rows_of
from oko.cabinet.organisations.looking import note_look
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.organisations.rules import changeable, creatable_kinds
from oko.cabinet.organisations.tables import NOT_BELOW, BelowTable, OrganisationTable, levels_in_words
from oko.cabinet.organisations.tree import SCHOOLS
from oko.cabinet.organisations.zones import zone_label


def organisations(request: ActingRequest) -> HttpResponse:
    """All that one may see; as a file, in the layout that the import reads back."""
    form = FilterForm(request.acting, request.GET)
    found = queries.listed(request.acting, form.wanted)
    if request.GET.get("export") in FILE_KINDS:
        return _as_list(request, found, request.GET["export"])
    table = OrganisationTable(found)
    show(request, table)
    return render(
        request,
        "organisations/list.html",
        {
            "form": form,
            "table": table,
            "may_create": may(request.acting, "organisations.create"),
            "may_import": may(request.acting, "organisations.import"),
        },
    )


def _as_list(request: ActingRequest, found: QuerySet[Organisation], kind: str) -> HttpResponse:
    rows = list(rows_of(queries.facts_in(found)))
    own = queries.own(request.acting)
    record(journal.LIST_DOWNLOADED, acting=request.acting, organisation=own, after={"rows": len(rows)})
    if kind == "xlsx":
        return xlsx_response("организации", HEADERS, rows, drop_downs())
    return csv_response("организации", HEADERS, rows)


def own_organisation(request: ActingRequest) -> HttpResponse:
    own = visible_or_404(Organisation.objects.visible_to(request.acting), pk=request.acting.organisation_id)
    return _page(request, own)


def organisation(request: ActingRequest, code: str) -> HttpResponse:
    one = _visible(request, code)
    note_look(request, one, journal.CARD_LOOKED_AT)
    return _page(request, one)


def _visible(request: ActingRequest, code: str) -> Organisation:
    found: Organisation = visible_or_404(
        Organisation.objects.visible_to(request.acting).select_related(
            "supervisor", "region", "municipality"
        ),
        code=code,
    )
    return found


def _page(request: ActingRequest, one: Organisation) -> HttpResponse:
    """Its facts, the path above it, and those below it with counts: the way down the tree."""
    context = {
        "organisation": one,
        "path": queries.above(request.acting, one),
        "levels": levels_in_words(one.levels),
        "zone": zone_label(one.time_zone),
        "may_change": may(request.acting, "organisations.change", one),
    }
    if not one.is_school:
        table = BelowTable(queries.below(request.acting, one), exclude=NOT_BELOW[one.kind])
        table.export_name = f"подчинённые {one.code}"
        answer = show(request, table, of=one)
        if isinstance(answer, HttpResponse):
            return answer
        context["table"] = table
        context["counts"] = queries.counts_under(request.acting, one)
        if one.kind == Kind.MUNICIPALITY:
            context["of_others"] = queries.on_territory_of_others(request.acting, one).count()
    return render(request, "organisations/organisation.html", context)


def new_organisation(request: ActingRequest) -> HttpResponse:
    require(request.acting, "organisations.create")
    form = FactsForm(request.acting, None, FIELDS, creatable_kinds(request.acting), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_organisation(request.acting, form.facts())
        except actions.Refused as refusal:
            form.show_problems(refusal.problems)
        else:
            messages.success(request, _("Организация «%(name)s» заведена.") % {"name": made.short_name})
            return redirect("organisation", code=made.code)
    return render(request, "organisations/form.html", {"form": form})


def change(request: ActingRequest, code: str) -> HttpResponse:
    one = _visible(request, code)
    require(request.acting, "organisations.change", one)
    facts = facts_of(one)
    kinds = SCHOOLS if facts.kind in SCHOOLS else {facts.kind}
    form = FactsForm(request.acting, facts, changeable(request.acting, one), kinds, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.change_organisation(request.acting, one, form.facts())
        except actions.Refused as refusal:
            form.show_problems(refusal.problems)
        else:
            messages.success(request, _("Изменения сохранены.") if changed else _("Изменений не было."))
            return redirect("organisation", code=one.code)
    return render(request, "organisations/form.html", {"form": form, "organisation": one})
