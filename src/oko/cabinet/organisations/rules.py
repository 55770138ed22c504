"""Who may change the base of organisations, and which facts of each.

Roles are named by their codes: the app that appoints people stands above this one.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import Reach, declare, grant, may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.facts import FIELDS
from oko.cabinet.organisations.models import Kind, Organisation

FEDERAL = frozenset({"federal_organiser"})
REGIONAL = frozenset({"regional_coordinator"})
SUPERVISORS = frozenset({"municipal_coordinator", "responsible_coordinator"})
SCHOOL_STAFF = frozenset({"school_coordinator", "technical_specialist"})

#: The federal organiser anywhere, a region in itself.
FROM_THE_REGION_UP = (grant(FEDERAL, Reach.COUNTRY), grant(REGIONAL, Reach.REGION))
#: Coordinators, each for those who answer to them.
FROM_ABOVE = (*FROM_THE_REGION_UP, grant(SUPERVISORS, Reach.BELOW))

#: Which facts a coordinator corrects for those whom they supervise, and everybody for their own organisation.
OF_THE_SUPERVISED = frozenset({"short_name", "settlement", "levels", "delivery_address"})
OF_ONES_OWN = frozenset({"delivery_address"})
ALL = frozenset(FIELDS) - {"code"}

declare("organisations.create", _("Заводить организации"), *FROM_THE_REGION_UP)
declare("organisations.import", _("Загружать список организаций файлом"), *FROM_THE_REGION_UP)
declare(
    "organisations.change",
    _("Исправлять адрес доставки"),
    *FROM_ABOVE,
    grant(SUPERVISORS | SCHOOL_STAFF, Reach.OWN),
)
declare(
    "organisations.correct",
    _("Исправлять краткое название, населённый пункт и уровни образования"),
    *FROM_ABOVE,
)
declare("organisations.register", _("Исправлять все остальные сведения, кроме кода"), *FROM_THE_REGION_UP)


def changeable(acting: Acting, organisation: Organisation) -> frozenset[str]:
    """The facts of this organisation that the person may change; empty where none."""
    if may(acting, "organisations.register", organisation):
        own = organisation.pk == acting.organisation_id
        return ALL - {"kind", "supervisor", "active"} if own else ALL
    if may(acting, "organisations.correct", organisation):
        return OF_THE_SUPERVISED
    return OF_ONES_OWN if may(acting, "organisations.change", organisation) else frozenset()


def creatable_kinds(acting: Acting) -> frozenset[str]:
    """A region fills itself; regions are made by the federal organiser."""
    if not may(acting, "organisations.create"):
        return frozenset()
    within_a_region = frozenset({Kind.CENTRE, Kind.MUNICIPALITY, Kind.SCHOOL, Kind.COLLEGE})
    return within_a_region | {Kind.REGION} if acting.role in FEDERAL else within_a_region
