"""Signing in and out, changing the password, changing the acting appointment, the list of appointed people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.people import actions
from oko.cabinet.people.middleware import needs_no_appointment, public


@method_decorator(public, name="dispatch")
class SignIn(LoginView):
    template_name = "people/sign_in.html"
    redirect_authenticated_user = True


@require_POST
@needs_no_appointment
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@method_decorator(needs_no_appointment, name="dispatch")
class ChangePassword(PasswordChangeView):
    template_name = "people/change_password.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Пароль изменён. Остальные сеансы завершены."))
        return super().form_valid(form)


@require_POST
@needs_no_appointment
def act_as(request: HttpRequest, pk: int) -> HttpResponse:
    """One click: from now on in another appointment."""
    actions.choose_appointment(request, pk)
    return redirect("home")


@needs_no_appointment
def no_appointment(request: HttpRequest) -> HttpResponse:
    if getattr(request, "acting", None) is not None:
        return redirect("home")
    return render(request, "people/no_appointment.html", status=403)


def people(request: ActingRequest) -> HttpResponse:
    return render(request, "people/people.html")
