"""Who reads reports."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import Condition, Reach, declare, grant
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.people.models import COORDINATORS, SCHOOL_STAFF, Role


def _is_a_school(_acting: Acting, organisation: Any) -> bool:
    return bool(organisation.is_school)


declare(
    "reports.read",
    _("Читать и скачивать отчёты"),
    grant(COORDINATORS | SCHOOL_STAFF | {Role.HEAD, Role.TEACHER, Role.ANALYST}, Reach.SEEN),
)
declare(
    "reports.confirm",
    _("Подтверждать, что своя организация получила отчёт"),
    grant(SCHOOL_STAFF, Reach.OWN),
    conditions=[Condition(_("только школа или организация СПО"), _is_a_school)],
)
