"""Who may do what with results protocols.

Teachers, observers and organisers in rooms have nothing to do with them. A head reads and sends nothing.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import Condition, Reach, declare, grant, organisation_of
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.rules import FROM_ABOVE
from oko.cabinet.people.models import COORDINATORS, SCHOOL_STAFF, Role


def _is_of_a_school(_acting: Acting, subject: Any) -> bool:
    return bool(organisation_of(subject).is_school)


declare(
    "exchange.read",
    _("Видеть протоколы и скачивать их"),
    grant(SCHOOL_STAFF | COORDINATORS | {Role.HEAD, Role.ANALYST}, Reach.SEEN),
)
declare(
    "exchange.submit",
    _("Отправлять протоколы"),
    grant(SCHOOL_STAFF, Reach.OWN),
    *FROM_ABOVE,
    conditions=[Condition(_("только за школу или организацию СПО"), _is_of_a_school)],
)
declare("exchange.return", _("Возвращать протокол на исправление и отменять возврат"), *FROM_ABOVE)
