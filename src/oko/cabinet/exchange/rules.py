"""Who may do what with results protocols."""

from __future__ import annotations

import rules

from oko.cabinet.exchange.models import Submission
from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import COORDINATORS, SCHOOL_STAFF, Role

READERS = SCHOOL_STAFF | COORDINATORS | {Role.ANALYST}


def stands_above(acting: Acting, organisation: Organisation) -> bool:
    """A coordinator of the organisation's supervisor, of its region, or of the country."""
    if acting.role not in COORDINATORS:
        return False
    if acting.scope is Scope.COUNTRY:
        return True
    if acting.scope is Scope.REGION:
        return organisation.region_id == acting.region_id
    return acting.scope is Scope.SUPERVISED and organisation.supervisor_id == acting.organisation_id


def may_read(acting: Acting, subject: object = None) -> bool:
    """Teachers, observers and organisers in rooms have nothing to do with results protocols."""
    return acting.role in READERS


def may_submit(acting: Acting, organisation: Organisation) -> bool:
    """The organisation's own staff, or a coordinator above it on its behalf."""
    own = acting.role in SCHOOL_STAFF and acting.organisation_id == organisation.pk
    return organisation.is_school and (own or stands_above(acting, organisation))


def may_return(acting: Acting, submission: Submission) -> bool:
    return stands_above(acting, submission.organisation)


rules.add_rule("exchange.read", may_read)
rules.add_rule("exchange.submit", may_submit)
rules.add_rule("exchange.return", may_return)
