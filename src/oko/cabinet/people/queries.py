"""Reading people and their appointments."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from oko.cabinet.foundation import clock
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import COORDINATORS, Account, Appointment, Delegation, Role, State

ACTING = "acting_appointment"
LONGEST_SEARCH = 100


def own_appointments(person: Account) -> QuerySet[Appointment]:
    """A person's own standing appointments."""
    return _standing().filter(person=person)


def delegated_appointments(person: Account) -> list[Appointment]:
    """The coordinators' appointments in which the person may work by a delegation that stands.

    It stands until its end, as long as both appointments do: the coordinator's, and the delegate's own as
    technical specialist of the same organisation.
    """
    return _delegated(person, own_appointments(person))


def appointments_of(person: Account) -> list[Appointment]:
    """What the switch of roles offers: one's own standing appointments, then those one is delegated to."""
    return StandingAppointments(person).all


class StandingAppointments:
    """The appointments in which one person may work, as they stand at one request: each sort is read once."""

    def __init__(self, person: Account) -> None:
        self.person = person

    @cached_property
    def own(self) -> list[Appointment]:
        return list(own_appointments(self.person))

    @cached_property
    def delegated(self) -> list[Appointment]:
        return _delegated(self.person, self.own)

    @property
    def all(self) -> list[Appointment]:
        return [*self.own, *self.delegated]

    def acting(self, chosen: int | None) -> Appointment | None:
        """The chosen one, if it still stands; else the person's own first one. A delegation is looked for
        only where the chosen one is not one's own.
        """
        if chosen is not None:
            found = next((one for one in self.own if one.pk == chosen), None) or next(
                (one for one in self.delegated if one.pk == chosen), None
            )
            if found is not None:
                return found
        return self.own[0] if self.own else None


def standing_appointments(request: HttpRequest) -> StandingAppointments | None:
    """Those of whoever sends the request; nothing where nobody is signed in.

    They are read anew on each request: who is withdrawn loses access at the next one.
    """
    return StandingAppointments(request.user) if request.user.is_authenticated else None


def _delegated(person: Account, own: Iterable[Appointment]) -> list[Appointment]:
    now = clock.now()
    delegations = Delegation.everything.filter(
        Q(until=None) | Q(until__gt=now), delegate=person, ended_at=None
    )
    by_appointment = {one.appointment_id: one for one in delegations}
    if not by_appointment:
        return []
    places = {
        (one.organisation_id, one.assessment_id) for one in own if one.role == Role.TECHNICAL_SPECIALIST
    }
    found = []
    for appointment in _standing().filter(pk__in=by_appointment, person__is_active=True):
        if (appointment.organisation_id, appointment.assessment_id) in places:
            appointment.delegation = by_appointment[appointment.pk]
            found.append(appointment)
    return found


def _standing() -> QuerySet[Appointment]:
    return (
        Appointment.everything.filter(state=State.CONFIRMED, organisation__active=True)
        .select_related("organisation", "assessment", "person")
        .order_by("-assessment__year", "organisation__sort_key", "role", "pk")
    )


def listed(acting: Acting, wanted: dict[str, Any]) -> QuerySet[Appointment]:
    """The visible appointments that pass the filters of the list (cleaned by its form)."""
    found: QuerySet[Appointment] = (
        Appointment.objects.visible_to(acting)
        .select_related("person", "organisation", "order")
        .defer("order__scan")
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
