"""How each role is appointed: by whom it is proposed, who confirms it, what an appointment to it needs.

This is the whole of «who may appoint whom», as data: the verbs in `rules`, the forms, the template of the
import and the table in the documents are all made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oko.cabinet.foundation.access import Grant, Reach, grant
from oko.cabinet.people.models import COORDINATORS, Role
from oko.cabinet.people.rules import ROLE_KINDS

_FEDERAL = grant({Role.FEDERAL_ORGANISER}, Reach.COUNTRY)
_REGION = grant({Role.REGIONAL_COORDINATOR}, Reach.UNDER)
_REGION_ITSELF = grant({Role.REGIONAL_COORDINATOR}, Reach.REGION)
_SUPERVISOR = grant({Role.MUNICIPAL_COORDINATOR, Role.RESPONSIBLE_COORDINATOR}, Reach.BELOW)
_HEAD = grant({Role.HEAD}, Reach.OWN)
_OWN_COORDINATOR = grant(COORDINATORS | {Role.SCHOOL_COORDINATOR}, Reach.OWN)

#: The level above and whoever stands over it; nobody of the organisation itself (but the federal one, which
#: has nobody above it).
_FROM_ABOVE = (_SUPERVISOR, _REGION, _FEDERAL)
#: The organisation's own order is enough; those above may help out.
_OF_ITS_OWN = (_HEAD, _OWN_COORDINATOR, *_FROM_ABOVE)


@dataclass(frozen=True, slots=True)
class Way:
    """How one role is appointed. A proposal of somebody who may also confirm it stands at once."""

    role: str
    proposed_by: tuple[Grant, ...]
    confirmed_by: tuple[Grant, ...]
    needs_room: bool = False
    needs_subject: bool = False
    #: Whether it is the order of the organisation in which the role is held (else of whoever appoints).
    by_own_order: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        return ROLE_KINDS[self.role]

    @property
    def needs_confirmation(self) -> bool:
        """Whether anybody can propose what somebody else has to confirm."""
        return not set(self.proposed_by) <= set(self.confirmed_by)


_ALL = (
    Way(Role.HEAD, _FROM_ABOVE, _FROM_ABOVE),
    Way(Role.FEDERAL_ORGANISER, (_HEAD, _FEDERAL), (_FEDERAL,)),
    Way(Role.REGIONAL_COORDINATOR, (_HEAD, _FEDERAL), (_FEDERAL,)),
    Way(Role.MUNICIPAL_COORDINATOR, (_HEAD, *_FROM_ABOVE), _FROM_ABOVE),
    Way(Role.RESPONSIBLE_COORDINATOR, (_HEAD, *_FROM_ABOVE), _FROM_ABOVE),
    Way(Role.SCHOOL_COORDINATOR, (_HEAD, *_FROM_ABOVE), _FROM_ABOVE),
    Way(Role.TECHNICAL_SPECIALIST, _OF_ITS_OWN, _OF_ITS_OWN, by_own_order=True),
    Way(
        Role.ROOM_ORGANISER,
        _OF_ITS_OWN,
        _OF_ITS_OWN,
        needs_room=True,
        needs_subject=True,
        by_own_order=True,
    ),
    # A school names its candidates; which of them observes where is decided above it.
    Way(Role.PUBLIC_OBSERVER, (_OWN_COORDINATOR, *_FROM_ABOVE), _FROM_ABOVE),
    Way(Role.INDEPENDENT_OBSERVER, _FROM_ABOVE, _FROM_ABOVE),
    Way(
        Role.SCANNING_SPECIALIST,
        (_HEAD, _OWN_COORDINATOR, _REGION_ITSELF, _FEDERAL),
        (_REGION_ITSELF, _FEDERAL),
    ),
    # Anybody may put an expert forward; only the federal organiser confirms one.
    Way(Role.EXPERT, _OF_ITS_OWN, (_FEDERAL,), needs_subject=True),
    Way(Role.TEACHER, _OF_ITS_OWN, _OF_ITS_OWN, by_own_order=True),
    Way(
        Role.ANALYST,
        (_HEAD, _OWN_COORDINATOR, _REGION_ITSELF, _FEDERAL),
        (_REGION_ITSELF, _FEDERAL),
    ),
)
WAYS: Mapping[str, Way] = {way.role: way for way in _ALL}

#: Who watches from outside: they do not work where they observe.
OBSERVERS = frozenset({Role.PUBLIC_OBSERVER, Role.INDEPENDENT_OBSERVER})
#: Who answers for an organisation's part in the assessment: these stand in the list that goes upwards.
RESPONSIBLE = COORDINATORS | {Role.HEAD, Role.SCHOOL_COORDINATOR, Role.TECHNICAL_SPECIALIST}
