"""Reading appointments and orders: always from what one may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from oko.cabinet.appointments.ways import WAYS
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Appointment, Order, Role, State

LONGEST_SEARCH = 100
#: How many names a field suggests; a longer list is searched by code.
MOST_SUGGESTED = 300

NO_ORDER, UNSIGNED = "none", "unsigned"


def visible(acting: Acting) -> QuerySet[Appointment]:
    found: QuerySet[Appointment] = Appointment.objects.visible_to(acting)
    return found.select_related("person__workplace", "organisation", "order").defer("order__scan")


def listed(acting: Acting, wanted: dict[str, Any]) -> QuerySet[Appointment]:
    """The visible appointments that pass the filters of the list (cleaned by its form)."""
    found = visible(acting)
    for word in wanted.get("text", "")[:LONGEST_SEARCH].split():
        found = found.filter(
            Q(person__full_name__icontains=word)
            | Q(person__phone__icontains=word)
            | Q(person__email__icontains=word)
            | Q(person__username__icontains=word)
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
    if state == "standing":
        found = found.filter(state__in=[State.PROPOSED, State.CONFIRMED])
    elif state != "all":
        found = found.filter(state=state)
    if wanted.get("order") == NO_ORDER:
        found = found.filter(order=None)
    elif wanted.get("order") == UNSIGNED:
        found = found.filter(order__isnull=False, order__signed_at=None, order__scan_sha256="")
    return found


def waiting(acting: Acting) -> QuerySet[Appointment]:
    """The proposals that this person may confirm, the oldest first."""
    roles = [
        role
        for role, way in WAYS.items()
        if way.needs_confirmation and may(acting, f"appointments.confirm.{role}")
    ]
    found = visible(acting).filter(state=State.PROPOSED, role__in=roles).exclude(person=acting.account_id)
    if not acting.supervises:
        return found.none()
    if acting.role in (Role.MUNICIPAL_COORDINATOR, Role.RESPONSIBLE_COORDINATOR):
        found = found.exclude(organisation=acting.organisation_id)
    if acting.role == Role.REGIONAL_COORDINATOR:
        own_kinds = [Role.SCANNING_SPECIALIST, Role.ANALYST]
        found = found.exclude(~Q(role__in=own_kinds), organisation=acting.organisation_id)
    return found.order_by("created_at", "pk")


def orders(acting: Acting) -> QuerySet[Order]:
    """The visible orders with how many people stand by each; one's own organisation's first."""
    found: QuerySet[Order] = Order.objects.visible_to(acting)
    return (
        found.defer("scan")
        .select_related("organisation", "signed_by")
        .annotate(
            people=Count("appointments", filter=Q(appointments__state__in=[State.PROPOSED, State.CONFIRMED]))
        )
        .order_by("-date", "-pk")
    )


def places(acting: Acting) -> QuerySet[Organisation]:
    """Where one may appoint somebody: active, the nearest names first."""
    found: QuerySet[Organisation] = Organisation.objects.visible_to(acting)
    return found.filter(active=True).order_by("sort_key", "code")
