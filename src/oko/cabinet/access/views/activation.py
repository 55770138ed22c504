"""The way in for who has a letter: login and code (or link and code), then a password of one's own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from oko.cabinet.access import activation
from oko.cabinet.access.forms import CodeForm, NewPasswordForm
from oko.cabinet.access.models import ActivationCode
from oko.cabinet.access.views.entry import secret
from oko.cabinet.people.middleware import public

OPENED = "opened_code"


@public
@secret
@never_cache
def activate(request: HttpRequest, token: str = "") -> HttpResponse:
    """First step. A link that nobody knows looks like any other: only the code decides."""
    form = CodeForm(request.POST or None, with_login=not token)
    if request.method == "POST" and form.is_valid():
        try:
            code = activation.open_code(
                request,
                form.cleaned_data["code"],
                username=form.cleaned_data.get("username", ""),
                link_token=token,
            )
        except activation.CodeRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            request.session[OPENED] = code.pk
            return redirect("activate-password")
    return render(request, "access/activate.html", {"form": form, "with_login": not token})


@public
@secret
@never_cache
def activate_password(request: HttpRequest) -> HttpResponse:
    """Second step: whose access this is, and the password."""
    code = (
        ActivationCode.objects.select_related("account", "organisation")
        .filter(pk=request.session.get(OPENED, 0))
        .first()
    )
    if code is None:
        return redirect("activate")
    form = NewPasswordForm(code.account, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            activation.activate(request, code.pk, form.cleaned_data["new_password1"])
        except activation.CodeRefusedError as refusal:
            request.session.pop(OPENED, None)
            return render(request, "access/code_refused.html", {"refusal": str(refusal)})
        request.session.pop(OPENED, None)
        messages.success(request, _("Доступ открыт. Письмо больше не нужно: уничтожьте его."))
        return redirect("home")
    return render(request, "access/activate_password.html", {"form": form, "code": code})
