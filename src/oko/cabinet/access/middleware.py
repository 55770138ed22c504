"""Between the sign-in and everything else: the second factor. And: when and whence a session was used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from oko.cabinet.access import second_factor
from oko.cabinet.access.browsers import set_cookie
from oko.cabinet.access.presence import note_presence
from oko.cabinet.people.middleware import PUBLIC, View

BEFORE = "oko_before_second_factor"
SETTING_UP = "oko_sets_second_factor_up"


def before_second_factor(view: View) -> View:
    """Mark a view that whoever has only given the password may open: to show the factor, or to leave."""
    setattr(view, BEFORE, True)
    return view


def sets_second_factor_up(view: View) -> View:
    """Mark a view in which a person without a factor gets one. Closed to who has one and has not shown it."""
    setattr(view, SETTING_UP, True)
    return view


class SecondFactorMiddleware:
    """Stands before the one that finds the acting appointment: its say comes first, the role being known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        set_cookie(request, response)
        return response

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        note_presence(request)
        if second_factor.is_due(request):
            acts_as_nobody(request)
        if getattr(view, PUBLIC, False) or getattr(view, BEFORE, False):
            return None
        if second_factor.is_due(request):
            return _to("second-factor", request)
        if getattr(view, SETTING_UP, False) or _goes_elsewhere(request):
            return None
        acting = getattr(request, "acting", None)
        if second_factor.is_compulsory(acting) and not second_factor.is_passed(request):
            return _to("second-factor-setup", request)
        return None


def acts_as_nobody(request: HttpRequest) -> None:
    """Who has not shown the factor, or has just left, has no role: pages show no menu and no names."""
    request.acting = request.acting_appointment = None  # type: ignore[attr-defined]


def _goes_elsewhere(request: HttpRequest) -> bool:
    """Whoever holds another role too may change to it instead."""
    return bool(request.resolver_match and request.resolver_match.view_name == "act-as")


def _to(name: str, request: HttpRequest) -> HttpResponse:
    back = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(f"{reverse(name)}?{urlencode(back)}" if back else reverse(name))
