"""Who reads reports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import Reach, declare, grant
from oko.cabinet.people.models import COORDINATORS, SCHOOL_STAFF, Role

declare(
    "reports.read",
    _("Читать и скачивать отчёты"),
    grant(COORDINATORS | SCHOOL_STAFF | {Role.HEAD, Role.TEACHER, Role.ANALYST}, Reach.SEEN),
)
declare(
    "reports.confirm",
    _("Подтверждать, что своя организация получила отчёт"),
    grant(SCHOOL_STAFF, Reach.OWN),
)
