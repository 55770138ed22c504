"""Pause, extension and reopening for one organisation and those below it: the regional and federal
level only.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from oko.cabinet.assessments import actions, progress, queries, words
from oko.cabinet.assessments.forms import ExceptionForm
from oko.cabinet.assessments.models import RoadmapStep, StepException
from oko.cabinet.assessments.tables import ExceptionTable
from oko.cabinet.assessments.views.common import person
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import Acting, ActingRequest
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.russian import sort_key
from oko.cabinet.foundation.tables import show
from oko.cabinet.organisations.models import Organisation

#: So many organisations are offered while the code is typed; a browser does not choke on them.
OFFERED = 1500


def exceptions(request: ActingRequest) -> HttpResponse:
    """All that were made for those below, and those made above that hold here; ended ones stay."""
    require(request.acting, "assessments.follow")
    kind = request.GET.get("kind", "")
    which = request.GET.get("which", "")
    text = queries.typed_text(request.GET, "q")
    rows = [
        row
        for row in _rows(request.acting)
        if (kind not in StepException.Kind.values or row["kind_code"] == kind)
        and (which not in ("stands", "over") or row["stands"] == (which == "stands"))
        and sort_key(text) in sort_key(f"{row['organisation']} {row['code']} {row['step']} {row['reason']}")
    ]
    shown = show(request, ExceptionTable(rows))
    if isinstance(shown, HttpResponse):
        return shown
    context = {
        "table": shown,
        "kinds": StepException.Kind.choices,
        "kind": kind,
        "which": which,
        "text": text,
        "makes": may(request.acting, "assessments.make_exception"),
    }
    return render(request, "assessments/exceptions.html", context)


def _rows(acting: Acting) -> list[dict[str, Any]]:
    at = now(queries.assessment_of(acting))
    rows = []
    for e in queries.exceptions(acting):
        stands = queries.exception_stands(e, at)
        zone = ZoneInfo(e.organisation.time_zone)
        rows.append(
            {
                "pk": e.pk,
                "code": e.organisation.code,
                "organisation": e.organisation.short_name,
                "organisation_key": e.organisation.sort_key,
                "step": e.step.title,
                "kind": e.get_kind_display(),
                "kind_code": e.kind,
                "until": e.until,
                "until_text": words.on_clocks(e.until, zone, moscow=True) if e.until else _("пока не снимут"),
                "reason": e.reason,
                "made_by": str(e.made_by),
                "made_at": e.made_at,
                "stands": stands,
                "state": _state(e, stands),
                "may_end": e.ended_at is None and may(acting, "assessments.end_exception", e),
            }
        )
    return rows


def _state(exception: StepException, stands: bool) -> str:
    if exception.ended_at:
        return _("снято, %s") % exception.ended_by
    return _("действует") if stands else _("срок вышел")


def new_exception(request: ActingRequest) -> HttpResponse:
    """A form, then a page that says what will happen, then it happens."""
    require(request.acting, "assessments.make_exception")
    steps = RoadmapStep.objects.visible_to(request.acting).select_related("assessment", "paper")
    first = {name: queries.typed_text(request.GET, name) for name in ("step", "organisation", "kind")}
    form = ExceptionForm(
        request.acting,
        steps.order_by("position"),
        request.POST or None,
        initial={"kind": "extension", **_given(first)},
    )
    if request.method == "POST" and form.is_valid():
        made = _preview_or_make(request, form)
        if made is not None:
            return made
    offered = Organisation.objects.visible_to(request.acting).filter(active=True).order_by("sort_key")
    context = {"form": form, "offered": offered.only("code", "short_name", "kind")[:OFFERED]}
    return render(request, "assessments/exception_form.html", context, status=400 if form.errors else 200)


def _given(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _preview_or_make(request: ActingRequest, form: ExceptionForm) -> HttpResponse | None:
    data = form.cleaned_data
    step, organisation, kind, until = data["step"], data["organisation"], data["kind"], data["until"]
    under = Organisation.objects.visible_to(request.acting).filter(progress.below(organisation), active=True)
    below = 0 if organisation.is_school else under.exclude(pk=organisation.pk).count()
    sentence = words.consequence(step, organisation, kind, until, below)
    try:
        if "confirm" not in request.POST:
            actions.check_exception(step, organisation, kind, until)
            context = {
                "sentence": sentence,
                "step": step,
                "reason": data["reason"],
                "fields": [(name, form.data.get(name, "")) for name in form.fields],
            }
            return render(request, "assessments/exception_confirm.html", context)
        actions.make_exception(step, organisation, kind, until, data["reason"], person(request))
    except ValidationError as error:
        form.refuse(error)
        return None
    messages.success(request, sentence)
    return redirect("exceptions")


def end_exception(request: ActingRequest, pk: int) -> HttpResponse:
    """Asks first, saying how the step will stand; the exception stays in the history."""
    exception: StepException = visible_or_404(queries.exceptions(request.acting), pk=pk)
    # Those made above hold here and are seen, but only their own level ends them.
    require(request.acting, "assessments.end_exception", exception)
    if request.method == "POST":
        if actions.end_exception(exception, person(request)):
            messages.success(request, _("Снято. Запись осталась в истории."))
        else:
            messages.info(request, _("Это уже было снято раньше."))
        return redirect("exceptions")
    if exception.ended_at:
        messages.info(request, _("Это уже было снято раньше."))
        return redirect("exceptions")
    after = words.window_label(actions.window_without(exception), exception.step, exception.organisation)
    context = {
        "heading": _("Снять: %s?") % exception.get_kind_display(),
        "text": _("%(organisation)s, «%(step)s». После снятия шаг для этой организации: %(state)s.")
        % {"organisation": exception.organisation, "step": exception.step, "state": after.text},
        "button": _("Снять"),
        "back": "exceptions",
    }
    return render(request, "assessments/confirm.html", context)
