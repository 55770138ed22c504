"""Who may change the base of organisations, and which facts of each.

Roles are named by their codes: the app that appoints people stands above this one.
"""

from __future__ import annotations

import rules

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.facts import FIELDS
from oko.cabinet.organisations.models import Kind, Organisation

REGISTRARS = frozenset({"federal_organiser", "regional_coordinator"})
SUPERVISORS = frozenset({"municipal_coordinator", "responsible_coordinator"})
SCHOOL_STAFF = frozenset({"school_coordinator", "technical_specialist"})

#: Which facts a coordinator corrects for those whom they supervise, and everybody for their own organisation.
OF_THE_SUPERVISED = frozenset({"short_name", "settlement", "levels", "delivery_address"})
OF_ONES_OWN = frozenset({"delivery_address"})
ALL = frozenset(FIELDS) - {"code"}


def changeable(acting: Acting, organisation: Organisation) -> frozenset[str]:
    """The facts of this organisation that the person may change; empty where none."""
    own = organisation.pk == acting.organisation_id
    if acting.role in REGISTRARS and _registers(acting, organisation):
        return ALL - {"kind", "supervisor", "active"} if own else ALL
    if acting.role in SUPERVISORS and organisation.supervisor_id == acting.organisation_id:
        return OF_THE_SUPERVISED
    if acting.role in SUPERVISORS | SCHOOL_STAFF and own:
        return OF_ONES_OWN
    return frozenset()


def _registers(acting: Acting, organisation: Organisation) -> bool:
    if acting.role == "federal_organiser":
        return True
    return acting.region_id in (organisation.pk, organisation.region_id)


def creatable_kinds(acting: Acting) -> frozenset[str]:
    """A region fills itself; regions are made by the federal organiser."""
    if not registers_somewhere(acting):
        return frozenset()
    within_a_region = frozenset({Kind.CENTRE, Kind.MUNICIPALITY, Kind.SCHOOL, Kind.COLLEGE})
    return within_a_region | {Kind.REGION} if acting.role == "federal_organiser" else within_a_region


def registers_somewhere(acting: Acting) -> bool:
    return acting.role in REGISTRARS and acting.is_regional_or_above


rules.add_rule("organisations.change", lambda acting, organisation: bool(changeable(acting, organisation)))
rules.add_rule("organisations.create", lambda acting, _nothing: registers_somewhere(acting))
rules.add_rule("organisations.import", lambda acting, _nothing: registers_somewhere(acting))
