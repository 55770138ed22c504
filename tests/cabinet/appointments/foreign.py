"""For the walk of every address: appointments, orders, lists and files of the second region's people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from oko.cabinet.appointments.models import AppointmentDraft, ResponsibleList
from oko.cabinet.people.models import Account, Appointment, Delegation, Order, Role
from tests.cabinet.conftest import World


def foreign_appointment(world: World) -> int:
    person, _made = Account.objects.get_or_create(username="far", defaults={"full_name": "Далёкий Сотрудник"})
    one, _made = Appointment.everything.get_or_create(
        person=person,
        role=Role.TECHNICAL_SPECIALIST,
        organisation=world["school5"],
        assessment=world.assessment,
    )
    return int(one.pk)


def foreign_order(world: World) -> int:
    one, _made = Order.everything.get_or_create(
        assessment=world.assessment, organisation=world["school5"], number="5", date=None
    )
    return int(one.pk)


def foreign_list(world: World) -> int:
    one, _made = ResponsibleList.everything.get_or_create(
        organisation=world["school5"],
        assessment=world.assessment,
        version=1,
        defaults={
            "sent_at": timezone.now(),
            "sent_by": world.appointments["regional2"].person,
            "sent_in_role": Role.REGIONAL_COORDINATOR,
            "rows": [],
            "sha256": "0" * 64,
        },
    )
    return int(one.pk)


def foreign_delegation(world: World) -> int:
    one, _made = Delegation.everything.get_or_create(
        appointment=world.appointments["regional2"],
        delegate=world.appointments["technician3"].person,
        defaults={"given_at": timezone.now()},
    )
    return int(one.pk)


def foreign_draft(world: World) -> int:
    one, _made = AppointmentDraft.everything.get_or_create(
        appointment=world.appointments["regional2"],
        defaults={"filename": "назначения.xlsx", "content": b"PK", "sha256": "0" * 64},
    )
    return int(one.pk)


_APPOINTMENT: dict[str, Callable[[World], Any]] = {"pk": foreign_appointment}
_ORDER: dict[str, Callable[[World], Any]] = {"pk": foreign_order}
_DRAFT: dict[str, Callable[[World], Any]] = {"pk": foreign_draft}

#: address name → parameter → how to find the foreign value
ADDRESSES: dict[str, dict[str, Callable[[World], Any]]] = {
    "appointment": _APPOINTMENT,
    "confirm-appointment": _APPOINTMENT,
    "decline-appointment": _APPOINTMENT,
    "withdraw-appointment": _APPOINTMENT,
    "change-appointment": _APPOINTMENT,
    "change-person": _APPOINTMENT,
    "order": _ORDER,
    "attach-scan": _ORDER,
    "order-scan": _ORDER,
    "sign-order": _ORDER,
    "print-order": _ORDER,
    "responsible-list": {"pk": foreign_list},
    "end-delegation": {"pk": foreign_delegation},
    "review-appointments": _DRAFT,
    "cancel-appointments": _DRAFT,
}
