"""Reading people and their appointments."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from oko.cabinet.people.models import Account, Appointment

ACTING = "acting_appointment"


def appointments_of(person: Account) -> QuerySet[Appointment]:
    """A person's own standing appointments: what the switch of roles offers."""
    return (
        Appointment.everything.filter(person=person, active=True, organisation__active=True)
        .select_related("organisation", "assessment")
        .order_by("-assessment__year", "organisation__sort_key", "role")
    )


def acting_appointment(request: HttpRequest) -> Appointment | None:
    """The appointment chosen in this session, if it still stands; else the person's first one."""
    if not request.user.is_authenticated:
        return None
    standing = appointments_of(request.user)  # type: ignore[arg-type]
    chosen = request.session.get(ACTING)
    return (standing.filter(pk=chosen).first() if chosen else None) or standing.first()
