"""The assessment and its papers; the federal organiser changes them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from oko.cabinet.assessments import paper_actions, queries
from oko.cabinet.assessments.forms import PaperForm, PapersFileForm, ScaleForm
from oko.cabinet.assessments.models import Paper
from oko.cabinet.assessments.papers_file import MAX_BYTES, read_papers
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest


def assessment(request: ActingRequest) -> HttpResponse:
    """Facts of the assessment and the table of its papers."""
    shown = queries.assessment_of(request.acting)
    papers = (
        queries.papers(request.acting).annotate(maximum=Sum("items__maximum")).order_by("grade", "subject")
    )
    context = {
        "assessment": shown,
        "papers": papers,
        "edits": may(request.acting, "assessments.edit_papers"),
        "sets_clock": may(request.acting, "assessments.set_clock", shown),
    }
    return render(request, "assessments/assessment.html", context)


def paper(request: ActingRequest, code: str) -> HttpResponse:
    """One paper: its items, scales and variants."""
    shown = _paper(request, code)
    items = list(shown.items.all())
    context = {
        "paper": shown,
        "items": items,
        "maximum": sum(item.maximum for item in items),
        "scales": shown.scales.all(),
        "is_used": queries.is_used(shown),
        "edits": may(request.acting, "assessments.edit_papers"),
    }
    return render(request, "assessments/paper.html", context)


def edit_paper(request: ActingRequest, code: str) -> HttpResponse:
    """Date, durations and variants."""
    shown = _paper(request, code)
    require(request.acting, "assessments.edit_papers", shown)
    form = PaperForm(request.POST or None, instance=shown)
    if request.method == "POST" and form.is_valid():
        try:
            paper_actions.change_paper(form.instance)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Работа сохранена."))
            return redirect("paper", code=shown.code)
    return _form(request, form, shown, _("Изменить работу: %s") % shown)


def add_scale(request: ActingRequest, code: str) -> HttpResponse:
    """A scale of marks from a year on."""
    shown = _paper(request, code)
    require(request.acting, "assessments.edit_papers", shown)
    form = ScaleForm(request.POST or None, initial={"year": shown.assessment.year})
    if request.method == "POST" and form.is_valid():
        try:
            paper_actions.add_scale(shown, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Шкала сохранена."))
            return redirect("paper", code=shown.code)
    return _form(request, form, shown, _("Шкала отметок: %s") % shown)


def _form(request: ActingRequest, form: PaperForm | ScaleForm, shown: Paper, heading: str) -> HttpResponse:
    context = {"form": form, "paper": shown, "heading": heading}
    return render(request, "assessments/paper_form.html", context, status=400 if form.errors else 200)


def import_papers(request: ActingRequest) -> HttpResponse:
    """Papers, items and scales from a JSON file: all of them, or none and what is wrong."""
    require(request.acting, "assessments.edit_papers")
    form = PapersFileForm(request.POST or None, request.FILES or None)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        entries, faults = read_papers(form.cleaned_data["file"].read(MAX_BYTES + 1))
        if not faults:
            try:
                made, changed = paper_actions.import_papers(queries.assessment_of(request.acting), entries)
            except ValidationError as error:
                faults = error.messages
            else:
                counts = {"made": made, "changed": changed}
                messages.success(
                    request, _("Работы загружены: новых %(made)s, обновлено %(changed)s.") % counts
                )
                return redirect("assessment")
    wrong = bool(faults or form.errors)
    context = {"form": form, "faults": faults}
    return render(request, "assessments/papers_import.html", context, status=400 if wrong else 200)


def _paper(request: ActingRequest, code: str) -> Paper:
    found: Paper = visible_or_404(queries.papers(request.acting), code=code)
    return found
