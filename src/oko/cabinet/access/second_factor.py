"""Who must have a second factor, and whether it was shown in this session."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from oko.cabinet.foundation.access import VERBS
from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.people.models import Role

#: Whoever sees a whole region or the country, in whatever role.
COMPULSORY_SCOPES = frozenset({Scope.COUNTRY, Scope.REGION})
#: Federal and regional roles, wherever they are held.
COMPULSORY_ROLES = frozenset(
    {Role.FEDERAL_ORGANISER, Role.REGIONAL_COORDINATOR, Role.RESPONSIBLE_COORDINATOR}
)
#: Whoever may do one of these lets materials out.
RELEASING_VERBS = frozenset({"assessments.publish", "materials.release"})

#: Where a session keeps how far it is.
STATE = "second_factor"
DUE, PASSED, NONE = "due", "passed", "none"


def is_compulsory(acting: Acting | None) -> bool:
    """Whether nothing is done in this role without a second factor."""
    if acting is None or not settings.SECOND_FACTOR_COMPULSORY:
        return False
    return (
        acting.role in COMPULSORY_ROLES
        or acting.scope in COMPULSORY_SCOPES
        or acting.role in _releasing_roles()
    )


def _releasing_roles() -> frozenset[str]:
    return frozenset(
        role
        for verb in RELEASING_VERBS & VERBS.keys()
        for grant in VERBS[verb].grants
        for role in grant.roles
    )


def begin(request: HttpRequest, *, has_factor: bool) -> None:
    """At sign-in: a person with a factor has yet to show it."""
    request.session[STATE] = DUE if has_factor else NONE


def is_due(request: HttpRequest) -> bool:
    return bool(request.session.get(STATE) == DUE)


def is_passed(request: HttpRequest) -> bool:
    return bool(request.session.get(STATE) == PASSED)


def passed(request: HttpRequest) -> None:
    request.session[STATE] = PASSED
