"""Who reads reports."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import Condition, Reach, declare, grant
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.people.models import COORDINATORS, SCHOOL_STAFF, Role


def _is_named_in_the_roadmap(acting: Acting, subject: Any) -> bool:
    """Asked of a `Receiving`; of an organisation alone, or without a step, nothing is known against it."""
    step = getattr(subject, "step", None)
    return step is None or acting.role in step.roles


def _is_of_a_school_for_its_staff(acting: Acting, subject: Any) -> bool:
    """A specialist, head or teacher appointed above schools has no school whose works are theirs to see."""
    return acting.role in COORDINATORS | {Role.ANALYST} or bool(getattr(subject, "is_school", False))


READERS = COORDINATORS | SCHOOL_STAFF | {Role.HEAD, Role.TEACHER, Role.ANALYST}

declare("reports.read", _("Читать и скачивать отчёты"), grant(READERS, Reach.SEEN))
declare(
    "reports.read_early",
    _("Видеть отчёт предварительно, до его выхода"),
    grant(READERS, Reach.COUNTRY),
    grant(READERS, Reach.REGION),
    grant({Role.ANALYST}, Reach.SEEN),
)
declare(
    "reports.see_works",
    _("Видеть индивидуальные результаты (по кодам участников) за числом отчёта"),
    grant(SCHOOL_STAFF | {Role.HEAD, Role.TEACHER}, Reach.OWN),
    grant(COORDINATORS | {Role.ANALYST}, Reach.SEEN),
    conditions=[Condition(_("сотрудникам школы — только своей школы"), _is_of_a_school_for_its_staff)],
)
declare(
    "reports.confirm",
    _("Подтверждать, что своя организация получила отчёт"),
    grant(SCHOOL_STAFF | COORDINATORS | {Role.HEAD}, Reach.OWN),
    conditions=[Condition(_("шаг назначен роли в плане-графике"), _is_named_in_the_roadmap)],
)
declare(
    "reports.follow_receipts",
    _("Видеть, кто не подтвердил получение отчёта, и напоминать"),
    grant(COORDINATORS, Reach.UNDER),
)
declare(
    "reports.order_package",
    _("Заказывать отчёты одним архивом и скачивать его"),
    grant(COORDINATORS | SCHOOL_STAFF | {Role.HEAD, Role.ANALYST}, Reach.SEEN),
)
