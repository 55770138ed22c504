"""The rehearsal clock of a training assessment."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from oko.cabinet.assessments import actions, queries
from oko.cabinet.assessments.forms import ClockForm
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.clock import now


def rehearsal_clock(request: ActingRequest) -> HttpResponse:
    """Set the clock to a moment on the own organisation's clock, or back to real time."""
    assessment = queries.assessment_of(request.acting)
    require(request.acting, "assessments.set_clock", assessment)
    form = ClockForm(request.POST if "set" in request.POST else None)
    if request.method == "POST" and "real" in request.POST:
        actions.set_rehearsal_clock(assessment, None)
        messages.success(request, _("Тренировка идёт по настоящему времени."))
        return redirect("rehearsal-clock")
    if request.method == "POST" and form.is_valid():
        wall = form.cleaned_data["to"].replace(tzinfo=None)
        actions.set_rehearsal_clock(assessment, timezone.make_aware(wall))
        messages.success(request, _("Репетиционные часы переставлены."))
        return redirect("rehearsal-clock")
    context = {"form": form, "assessment": assessment, "real": now()}
    return render(request, "assessments/clock.html", context, status=400 if form.errors else 200)
