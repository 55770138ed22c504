"""What this app puts on everybody's desk: the menu, and whom to call."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.registry import (
    PEOPLE_ROOM,
    HomeCard,
    MenuItem,
    Urgency,
    register_home_cards,
    register_menu,
)
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people import queries
from oko.cabinet.people.models import Appointment


def my_coordinator(acting: Acting) -> list[HomeCard]:
    """Who answers for this organisation one level up."""
    own = Organisation.objects.visible_to(acting).filter(pk=acting.organisation_id).first()
    coordinators = queries.coordinators_of(own, acting.assessment_id) if own else []
    if not coordinators:
        return []
    return [
        HomeCard(
            title=_now("Ваш координатор"),
            text="\n".join(contact_line(one) for one in coordinators),
            urgency=Urgency.INFORMATION,
        )
    ]


def contact_line(appointment: Appointment) -> str:
    """«ФИО, телефон, почта», as far as they are known."""
    person = appointment.person
    return ", ".join(part for part in (person.full_name, person.phone, person.email) if part)


register_menu(MenuItem(_("Телефоны"), "people", 72, lambda acting: may(acting, "people.list"), PEOPLE_ROOM))
register_home_cards(my_coordinator)
