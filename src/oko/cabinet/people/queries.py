"""Reading people and their appointments."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import COORDINATORS, Account, Appointment, State

ACTING = "acting_appointment"
LONGEST_SEARCH = 100


def appointments_of(person: Account) -> QuerySet[Appointment]:
    """A person's own standing appointments: what the switch of roles offers."""
    return (
        Appointment.everything.filter(person=person, state=State.CONFIRMED, organisation__active=True)
        .select_related("organisation", "assessment")
        .order_by("-assessment__year", "organisation__sort_key", "role", "pk")
    )


def acting_appointment(request: HttpRequest) -> Appointment | None:
    """The appointment chosen in this session, if it still stands; else the person's first one."""
    if not request.user.is_authenticated:
        return None
    standing = appointments_of(request.user)
    chosen = request.session.get(ACTING)
    return (standing.filter(pk=chosen).first() if chosen else None) or standing.first()


def listed(acting: Acting, wanted: dict[str, Any]) -> QuerySet[Appointment]:
    """The visible appointments that pass the filters of the list (cleaned by its form)."""
    found: QuerySet[Appointment] = Appointment.objects.visible_to(acting).select_related(
        "person", "organisation", "order"
    )
    for word in wanted.get("text", "")[:LONGEST_SEARCH].split():
        found = found.filter(
            Q(person__full_name__icontains=word)
            | Q(person__phone__icontains=word)
            | Q(person__email__icontains=word)
            | Q(order__number__icontains=word)
        )
    for word in wanted.get("organisation", "")[:LONGEST_SEARCH].split():
        found = found.filter(
            Q(organisation__code__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(organisation__short_name__icontains=word)
        )
    if wanted.get("role"):
        found = found.filter(role=wanted["role"])
    state = wanted.get("state") or "standing"
    standing = Q(state=State.CONFIRMED, organisation__active=True)
    if state == "standing":
        found = found.filter(standing)
    elif state == "ended":
        found = found.exclude(standing)
    return found


def coordinators_of(organisation: Organisation, assessment_id: int) -> list[Appointment]:
    """Whom an organisation calls: the coordinators of the nearest level above it that has any.

    For a federal organisation, which has nobody above it, the list is empty.
    """
    above = organisation.supervisor_id
    for _level in Kind.values:
        if above is None:
            break
        found = list(
            Appointment.everything.filter(
                organisation_id=above,
                assessment_id=assessment_id,
                role__in=COORDINATORS,
                state=State.CONFIRMED,
                organisation__active=True,
                person__is_active=True,
            )
            .select_related("person", "organisation")
            .order_by("person__full_name", "pk")
        )
        if found:
            return found
        above = Organisation.everything.values_list("supervisor_id", flat=True).get(pk=above)
    return []


def coordinators_for(person: Account) -> list[Appointment]:
    """Whom a person without a standing appointment calls: those above where they last worked."""
    last = (
        Appointment.everything.filter(person=person)
        .select_related("organisation")
        .order_by("-assessment__year", "-pk")
        .first()
    )
    return coordinators_of(last.organisation, last.assessment_id) if last else []
