"""The doors: sign-in, sign-out, change of the password, and the word of honour before a change of secrets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from oko.cabinet.access import actions, sign_in
from oko.cabinet.access.forms import ChangePasswordForm, PasswordForm, SignInForm
from oko.cabinet.access.guessing import source_of
from oko.cabinet.access.middleware import before_second_factor, sets_second_factor_up
from oko.cabinet.foundation.returning import way_on
from oko.cabinet.people.middleware import needs_no_appointment, public
from oko.cabinet.people.models import Account

secret = sensitive_post_parameters()


@method_decorator([secret, never_cache], name="dispatch")
@method_decorator(public, name="dispatch")
class SignIn(FormView):  # type: ignore[type-arg]  # no parameters at run time
    """Login and password, for whoever is not in yet."""

    template_name = "access/sign_in.html"
    form_class = SignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(way_on(request, reverse("home")))
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        typed = form.cleaned_data
        try:
            if not form.fits():
                raise sign_in.WrongPasswordError
            sign_in.sign_in(self.request, typed["username"], typed["password"])
        except sign_in.WrongPasswordError:
            form.add_error(None, _("Логин и пароль не подошли. Проверьте раскладку и клавишу Caps Lock."))
            return self.form_invalid(form)
        except sign_in.TooManyGuessesError as wait:
            return locked_out(self.request, typed["username"], wait)
        return redirect(way_on(self.request, reverse("home")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"next": way_on(self.request, "")}


def locked_out(request: HttpRequest, login: str, wait: sign_in.TooManyGuessesError) -> HttpResponse:
    return render(request, "access/locked_out.html", {"login": login, "until": wait.until}, status=429)


@require_POST
@before_second_factor
@needs_no_appointment
def sign_out(request: HttpRequest) -> HttpResponse:
    sign_in.sign_out(request)
    answer = redirect("sign-in")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'  # the cookie of a known browser stays
    return answer


@secret
@never_cache
@needs_no_appointment
def change_password(request: HttpRequest) -> HttpResponse:
    """The old password once more, the new one twice; all other sessions end."""
    person = request.user
    assert isinstance(person, Account)  # noqa: S101  # the view is closed to strangers
    form = ChangePasswordForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_password(
                request, person, form.cleaned_data["old_password"], form.cleaned_data["new_password1"]
            )
        except sign_in.WrongPasswordError:
            form.add_error("old_password", _("Нынешний пароль не подошёл."))
        except sign_in.TooManyGuessesError as wait:
            return locked_out(request, person.username, wait)
        else:
            update_session_auth_hash(request, person)
            messages.success(request, _("Пароль изменён. Остальные сеансы завершены."))
            return redirect("home")
    return render(request, "access/change_password.html", {"form": form})


@secret
@never_cache
@sets_second_factor_up
@needs_no_appointment
def confirm(request: HttpRequest) -> HttpResponse:
    """Before secrets change hands: is it still the same person at the screen?"""
    person = request.user
    assert isinstance(person, Account)  # noqa: S101  # the view is closed to strangers
    form = PasswordForm(request.POST or None)
    wanted = _inner(request)
    if request.method == "POST" and form.is_valid():
        source = source_of(request, person.username, person)
        until = source.waits_until()
        if until:
            return locked_out(request, person.username, sign_in.TooManyGuessesError(until))
        if person.check_password(form.cleaned_data["password"]):
            source.forgive()
            sign_in.confirm(request)
            return redirect(wanted)
        if source.count_wrong():
            return locked_out(request, person.username, sign_in.TooManyGuessesError(source.waits_until()))
        form.add_error("password", _("Пароль не подошёл."))
    return render(request, "access/confirm.html", {"form": form, "next": wanted})


def _inner(request: HttpRequest) -> str:
    """Where to go afterwards: a page of this app, known by name."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    return resolve_url(wanted if wanted in ("second-factor-app", "passkey-add") else "security")
