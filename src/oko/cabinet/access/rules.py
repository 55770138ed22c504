"""Who gives access to whom, and who looks after it in their own organisation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import Condition, Reach, declare, grant
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.people.models import COORDINATORS, Appointment, Role

#: Whose access the level above sees to, even inside one's own school: one's own and one's chiefs'.
CHIEFS = frozenset({Role.HEAD, Role.SCHOOL_COORDINATOR})

#: Who answers for the access of their own organisation.
KEEPERS = COORDINATORS | {Role.HEAD, Role.SCHOOL_COORDINATOR, Role.TECHNICAL_SPECIALIST}


def _is_no_chief(acting: Acting, subject: Any) -> bool:
    if not isinstance(subject, Appointment):
        return True
    return subject.organisation_id != acting.organisation_id or subject.role not in CHIEFS


# A technical specialist never gets here by a delegation: codes open other people's cabinets.
declare(
    "access.issue",
    _("Выдавать и сбрасывать доступ"),
    grant(COORDINATORS, Reach.BELOW),
    grant({Role.SCHOOL_COORDINATOR}, Reach.OWN),
    conditions=[Condition(_("не себе и не руководителю своей организации"), _is_no_chief)],
    delegable=False,
)
declare(
    "access.review",
    _("Видеть, кто в своей организации имеет доступ"),
    grant(KEEPERS, Reach.OWN),
)
