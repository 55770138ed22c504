"""What every page shows around its own content."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.registry import menu_for

KEPT = "cabinet_around"


def cabinet(request: HttpRequest) -> dict[str, Any]:
    """Menu, acting appointment and its alternatives, the time on the clock that counts here.

    Each table of a page is a template of its own and asks again: what was found is kept on the request.
    """
    if not hasattr(request, KEPT):
        setattr(request, KEPT, _found(request))
    kept: dict[str, Any] = getattr(request, KEPT)
    return kept


def _found(request: HttpRequest) -> dict[str, Any]:
    appointment = getattr(request, "acting_appointment", None)
    if appointment is None:
        return {"acting_appointment": None}
    return {
        "acting_appointment": appointment,
        "acting": request.acting,  # type: ignore[attr-defined]
        "appointments": request.standing_appointments.all,  # type: ignore[attr-defined]
        "menu": menu_for(request.acting, request.path),  # type: ignore[attr-defined]
        "now": now(appointment.assessment),
    }
