"""Who sees the list of people with their telephones, and who appoints whom.

The full rules of appointment (subject of the room organiser, independence of the observer, confirmation of
experts) are their own piece of work; here stands what keeps an appointment inside the tree.
"""

from __future__ import annotations

import rules

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import COORDINATORS, SCHOOL_STAFF, Appointment, Role

_AUTHORITIES = frozenset({Kind.FEDERAL, Kind.REGION, Kind.CENTRE, Kind.MUNICIPALITY})
_SCHOOLS = frozenset({Kind.SCHOOL, Kind.COLLEGE})
_EVERYWHERE = _AUTHORITIES | _SCHOOLS

#: In what kinds of organisations each role is held.
ROLE_KINDS: dict[str, frozenset[str]] = {
    Role.HEAD: _EVERYWHERE,
    Role.FEDERAL_ORGANISER: frozenset({Kind.FEDERAL}),
    Role.REGIONAL_COORDINATOR: frozenset({Kind.REGION}),
    Role.MUNICIPAL_COORDINATOR: frozenset({Kind.MUNICIPALITY}),
    Role.RESPONSIBLE_COORDINATOR: frozenset({Kind.CENTRE}),
    Role.SCHOOL_COORDINATOR: _SCHOOLS,
    Role.TECHNICAL_SPECIALIST: _EVERYWHERE,
    Role.ROOM_ORGANISER: _SCHOOLS,
    Role.PUBLIC_OBSERVER: _SCHOOLS,
    Role.INDEPENDENT_OBSERVER: _SCHOOLS | {Kind.MUNICIPALITY, Kind.CENTRE},
    Role.SCANNING_SPECIALIST: frozenset({Kind.FEDERAL, Kind.REGION, Kind.CENTRE}),
    Role.EXPERT: _EVERYWHERE,
    Role.TEACHER: _SCHOOLS,
    Role.ANALYST: _AUTHORITIES,
}

#: Heads of an organisation's work are appointed from above, never by themselves.
HEADS = COORDINATORS | {Role.SCHOOL_COORDINATOR}


def lists_people(acting: Acting, _nothing: object = None) -> bool:
    """Telephones are for those whose duty it is to call."""
    return acting.role in COORDINATORS | SCHOOL_STAFF


def appoints_in(acting: Acting, organisation: Organisation) -> bool:
    """A coordinator, anywhere in what they see."""
    return acting.role in HEADS and _sees(acting, organisation)


def appoints_as(acting: Acting, organisation: Organisation, role: str) -> bool:
    """A role that is held in such an organisation; a head only from above."""
    if not appoints_in(acting, organisation) or organisation.kind not in ROLE_KINDS.get(role, frozenset()):
        return False
    return role not in HEADS or organisation.pk != acting.organisation_id


def ends(acting: Acting, appointment: Appointment) -> bool:
    """Whoever may appoint may end it, but nobody the appointment in which they act."""
    return appointment.pk != acting.appointment_id and appoints_as(
        acting, appointment.organisation, appointment.role
    )


def _sees(acting: Acting, organisation: Organisation) -> bool:
    return bool(Organisation.objects.visible_to(acting).filter(pk=organisation.pk).exists())


rules.add_rule("people.list", lists_people)
rules.add_rule("people.appoint", appoints_in)
rules.add_rule("people.end", ends)
