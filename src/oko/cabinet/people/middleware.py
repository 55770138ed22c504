"""Puts on every request in which appointment its sender acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.people import queries

View = Callable[..., HttpResponseBase]

ViewT = TypeVar("ViewT", bound=Callable[..., Any])

#: Views that a stranger may open.
PUBLIC = "oko_public"


def public(view: View) -> View:
    """Mark a view that needs no sign-in."""
    setattr(view, PUBLIC, True)
    return view


def needs_no_appointment(view: View) -> View:
    """Mark a view for a signed-in person who may have no appointment (password, sign-out, choice of role)."""
    view.oko_needs_no_appointment = True  # type: ignore[attr-defined]
    return view


class ActingMiddleware:
    """Every view is closed until it says otherwise: sign-in first, then an appointment."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        standing = queries.standing_appointments(request)
        request.standing_appointments = standing  # type: ignore[attr-defined]
        appointment = standing.acting(request.session.get(queries.ACTING)) if standing else None
        request.acting_appointment = appointment  # type: ignore[attr-defined]
        request.acting = appointment.acting() if appointment else None  # type: ignore[attr-defined]
        if appointment:
            timezone.activate(appointment.organisation.time_zone)
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if getattr(view, PUBLIC, False):
            return None
        if not request.user.is_authenticated:
            return redirect(f"{reverse('sign-in')}?{urlencode({'next': request.get_full_path()})}")
        acting: Acting | None = request.acting  # type: ignore[attr-defined]
        if acting is None and not getattr(view, "oko_needs_no_appointment", False):
            return redirect("no-appointment")
        if acting is not None and _chosen_one_has_ended(request):
            return _say_in_which_one_acts_now(request)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A delegate is told that the refusal may lie in the delegation, and whom to ask."""
        acting: Acting | None = request.acting  # type: ignore[attr-defined]
        if not isinstance(exception, PermissionDenied) or acting is None or acting.delegation_id is None:
            return None
        return render(request, "people/not_by_delegation.html", status=403)


def _chosen_one_has_ended(request: HttpRequest) -> bool:
    chosen = request.session.get(queries.ACTING)
    return chosen is not None and chosen != request.acting.appointment_id  # type: ignore[attr-defined]


def _say_in_which_one_acts_now(request: HttpRequest) -> HttpResponse:
    """Nothing is done in another role behind a person's back: first the home page and a word."""
    del request.session[queries.ACTING]
    messages.warning(
        request,
        _("Назначение или поручение, по которому вы работали, прекращено. Теперь вы действуете как: %(now)s.")
        % {"now": request.acting_appointment},  # type: ignore[attr-defined]
    )
    return redirect("home")
