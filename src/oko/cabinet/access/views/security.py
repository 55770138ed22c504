"""«Вход и безопасность»: one's own factors and sessions; showing the second factor; setting it up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from oko.cabinet.access import factors, pictures, second_factor, sign_in
from oko.cabinet.access.browsers import in_words
from oko.cabinet.access.forms import FactorCodeForm, PasskeyForm
from oko.cabinet.access.middleware import before_second_factor, sets_second_factor_up
from oko.cabinet.access.models import AccessRecord, CabinetSession
from oko.cabinet.access.views.entry import locked_out, secret
from oko.cabinet.foundation import clock
from oko.cabinet.foundation.returning import way_on
from oko.cabinet.people.middleware import needs_no_appointment
from oko.cabinet.people.models import Account


@never_cache
@needs_no_appointment
def security(request: HttpRequest) -> HttpResponse:
    """Where am I signed in, with what, since when; what may be ended."""
    person = _person(request)
    sessions = CabinetSession.objects.filter(account=person, expire_date__gt=clock.now()).order_by("-seen_at")
    return render(
        request,
        "access/security.html",
        {
            "factors": [(one, _name_of(one)) for one in factors.factors_of(person)],
            "spare_left": factors.spare_codes_left(person),
            "compulsory": second_factor.is_compulsory(getattr(request, "acting", None)),
            "passed": second_factor.is_passed(request),
            "record": AccessRecord.objects.filter(account=person).first(),
            "sessions": [
                {
                    "row": row,
                    "browser": in_words(row.agent) or _("неизвестный браузер"),
                    "here": row.pk == request.session.session_key,
                }
                for row in sessions
            ],
        },
    )


@require_POST
@needs_no_appointment
def end_session(request: HttpRequest, number: UUID) -> HttpResponse:
    if not sign_in.end_session(_person(request), number):
        raise Http404
    messages.success(request, _("Сеанс завершён: тот браузер попросит войти снова."))
    return redirect("security")


@require_POST
@needs_no_appointment
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    sign_in.end_other_sessions(request, _person(request))
    messages.success(request, _("Остальные сеансы завершены. Если входили не вы, смените пароль."))
    return redirect("security")


# Showing the factor ----------------------------------------------------------------------------------------


@secret
@never_cache
@before_second_factor
@needs_no_appointment
def verify(request: HttpRequest) -> HttpResponse:
    """Between the password and the cabinet: a code, or the passkey."""
    if not second_factor.is_due(request):
        return redirect(_after(request))
    form = FactorCodeForm(request.POST if "code" in request.POST else None)
    trouble = ""
    if request.method == "POST":
        try:
            if "credential" in request.POST:
                factors.verify_passkey(request, _credential(request))
                return redirect(_after(request))
            if form.is_valid():
                factors.verify_code(request, form.cleaned_data["code"])
                return redirect(_after(request))
        except ValidationError as error:
            trouble = error.messages[0]
        except sign_in.TooManyGuessesError as wait:
            sign_in.sign_out(request)
            return locked_out(request, "", wait)
    return render(
        request,
        "access/second_factor.html",
        {
            "form": form,
            "trouble": trouble,
            "options": factors.challenge(request),
            "next": _after(request),
        },
    )


def _after(request: HttpRequest) -> str:
    return way_on(request, reverse("home"))


def _credential(request: HttpRequest) -> dict[str, Any]:
    form = PasskeyForm(request.POST)
    if not form.is_valid() or not isinstance(form.cleaned_data["credential"], dict):
        raise ValidationError(_("Браузер вернул не то, что ожидалось. Попробуйте ещё раз."))
    credential: dict[str, Any] = form.cleaned_data["credential"]
    return credential


# Setting it up ---------------------------------------------------------------------------------------------


@never_cache
@sets_second_factor_up
@needs_no_appointment
def set_up(request: HttpRequest) -> HttpResponse:
    """The choice: an app with codes, or a passkey; and why."""
    compulsory = second_factor.is_compulsory(getattr(request, "acting", None))
    return render(request, "access/set_up.html", {"compulsory": compulsory})


@secret
@never_cache
@sets_second_factor_up
@needs_no_appointment
def add_app(request: HttpRequest) -> HttpResponse:
    person = _person(request)
    if not sign_in.is_confirmed(request):
        return redirect(f"{reverse('confirm')}?next=second-factor-app")
    form = FactorCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            spare = factors.add_app(request, form.cleaned_data["code"])
        except ValidationError as error:
            form.add_error("code", error)
        except sign_in.TooManyGuessesError as wait:
            return locked_out(request, person.username, wait)
        else:
            return _connected(request, spare)
    shared = factors.pending_secret(request)
    return render(
        request,
        "access/add_app.html",
        {
            "form": form,
            "secret": " ".join(shared[at : at + 4] for at in range(0, len(shared), 4)),
            "qr": pictures.qr_svg(factors.app_address(person, shared)),
        },
    )


@secret
@never_cache
@sets_second_factor_up
@needs_no_appointment
def add_passkey(request: HttpRequest) -> HttpResponse:
    if not sign_in.is_confirmed(request):
        return redirect(f"{reverse('confirm')}?next=passkey-add")
    trouble = ""
    if request.method == "POST":
        try:
            spare = factors.add_passkey(request, request.POST.get("name", ""), _credential(request))
        except ValidationError as error:
            trouble = error.messages[0]
        else:
            return _connected(request, spare)
    options = factors.passkey_options(request)
    return render(request, "access/add_passkey.html", {"options": options, "trouble": trouble})


def _connected(request: HttpRequest, spare: list[str]) -> HttpResponse:
    """Spare codes are shown once, on the very page that answers."""
    if not spare:
        messages.success(request, _("Второй фактор подключён."))
        return redirect("security")
    return render(request, "access/spare_codes.html", {"codes": spare, "first": True})


@require_POST
@never_cache
@needs_no_appointment
def new_spare_codes(request: HttpRequest) -> HttpResponse:
    if not sign_in.is_confirmed(request):
        return redirect("confirm")
    return render(request, "access/spare_codes.html", {"codes": factors.new_spare_codes(request)})


@require_POST
@never_cache
@needs_no_appointment
def remove_factor(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request)
    wanted = next((one for one in factors.factors_of(person) if one.pk == pk), None)
    if wanted is None:
        raise Http404
    if not sign_in.is_confirmed(request):
        return redirect("confirm")
    factors.remove(request, wanted)
    messages.success(request, _("Второй фактор отключён."))
    return redirect("security")


def _name_of(factor: Any) -> str:
    return _("Приложение с кодами") if factor.type == factors.Type.TOTP else str(factor.wrap().name)


def _person(request: HttpRequest) -> Account:
    if not isinstance(request.user, Account):
        raise PermissionDenied
    return request.user
