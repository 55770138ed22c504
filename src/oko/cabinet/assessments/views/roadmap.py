"""The roadmap: what is to be done, by when; the federal organiser changes it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.assessments import actions, board, progress, queries
from oko.cabinet.assessments.cards import WORDING
from oko.cabinet.assessments.forms import StepForm
from oko.cabinet.assessments.models import Paper, RoadmapStep
from oko.cabinet.assessments.views.common import person
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.people.models import Role


def roadmap(request: ActingRequest) -> HttpResponse:
    """Every step as it stands for the own organisation; for those who supervise, with its counts."""
    acting = request.acting
    rows = queries.own_steps(acting)
    only_open = request.GET.get("only") == "open"
    counts = {}
    follows = may(acting, "assessments.follow")
    if follows:
        steps = [row.step for row in rows if row.step.is_for_schools]
        counts = progress.totals(progress.counts_by(acting, steps, None))
    lines = [
        {
            "row": row,
            "counts": counts.get(row.step.pk),
            "counted": board.counted(counts[row.step.pk]) if row.step.pk in counts else "",
            "roles": [str(Role(role).label) for role in row.step.roles],
            "button": str(WORDING[RoadmapStep.Action(row.step.action)].button),
            "own_cell": board.school_cell(row.cell, row.term),
            "can_confirm": queries.can_confirm(acting, row),
        }
        for row in rows
        if not (only_open and row.is_sent)
    ]
    context = {
        "lines": lines,
        "everything": len(rows),
        "only_open": only_open,
        "follows": follows,
        "edits": may(acting, "assessments.edit_roadmap"),
        "excepts": may(acting, "assessments.make_exception"),
    }
    return render(request, "assessments/roadmap.html", context)


@require_POST
def confirm_reading(request: ActingRequest, pk: int) -> HttpResponse:
    """«Ознакомлены»: the organisation has read the materials of a step."""
    step = _step(request, pk)
    require(request.acting, "assessments.confirm_reading", step)
    try:
        actions.confirm_reading(step, queries.own_organisation(request.acting), person(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Ознакомление подтверждено: «%s».") % step.title)
    return redirect("roadmap")


def new_step(request: ActingRequest) -> HttpResponse:
    require(request.acting, "assessments.edit_roadmap")
    steps = progress.roadmap_steps(request.acting)
    step = RoadmapStep(assessment=queries.assessment_of(request.acting))
    step.position = max((s.position for s in steps), default=0) + 1
    return _edit(request, step, _("Новый шаг плана-графика"))


def edit_step(request: ActingRequest, pk: int) -> HttpResponse:
    step = _step(request, pk)
    require(request.acting, "assessments.edit_roadmap", step)
    return _edit(request, step, step.title)


def _edit(request: ActingRequest, step: RoadmapStep, heading: str) -> HttpResponse:
    papers = Paper.objects.visible_to(request.acting)
    form = StepForm(papers, request.POST or None, instance=step)
    if request.method == "POST" and form.is_valid():
        actions.save_step(form.instance)
        messages.success(request, _("План-график сохранён: «%s».") % form.instance.title)
        return redirect("roadmap")
    context = {"form": form, "heading": heading, "step": step, "back": "roadmap"}
    return render(request, "assessments/step_form.html", context, status=400 if form.errors else 200)


def delete_step(request: ActingRequest, pk: int) -> HttpResponse:
    """Asks first; a step in which something was done stays."""
    step = _step(request, pk)
    require(request.acting, "assessments.edit_roadmap", step)
    if request.method == "POST":
        try:
            actions.delete_step(step)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("Шаг «%s» удалён из плана-графика.") % step.title)
        return redirect("roadmap")
    context = {
        "heading": _("Удалить шаг?"),
        "text": _("Шаг «%s» исчезнет из плана-графика и с главных страниц всех организаций.") % step.title,
        "button": _("Удалить шаг"),
        "back": "roadmap",
    }
    return render(request, "assessments/confirm.html", context)


def _step(request: ActingRequest, pk: int) -> RoadmapStep:
    steps = RoadmapStep.objects.visible_to(request.acting).select_related("assessment", "paper")
    step: RoadmapStep = visible_or_404(steps, pk=pk)
    return step
