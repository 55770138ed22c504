"""In what organisations each role is held, and who sees the list of people with their telephones."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import Reach, declare, grant
from oko.cabinet.organisations.models import Kind
from oko.cabinet.people.models import COORDINATORS, SCHOOL_STAFF, Role

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

#: Telephones are for those whose duty it is to call.
CALLERS = COORDINATORS | SCHOOL_STAFF | {Role.HEAD}

declare("people.list", _("Видеть список людей с телефонами"), grant(CALLERS, Reach.ANYWHERE))

declare(
    "people.read_notices",
    _("Отмечать свои извещения прочитанными"),
    grant(Role.values, Reach.ANYWHERE),
    delegable=False,
)
