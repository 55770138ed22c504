"""Verbs: what one may do with what one sees. One rule set: each app's `rules.py` declares its own verbs here.

A verb is declared as data — to which roles, how far — so that the whole set can be read as a table, and a
test can work out the expected answer of every address from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404

from oko.cabinet.foundation.acting import Acting, Scope


class Reach(Enum):
    """How far a grant goes, seen from the organisation in which one acts."""

    ANYWHERE = "anywhere"  # what belongs to no organisation, or to everybody
    OWN = "own"
    BELOW = "below"  # the organisations that answer directly to one's own
    REGION = "region"  # one's own region and all in it
    COUNTRY = "country"
    UNDER = "under"  # all that one's organisation sees, without itself: for a region all in it
    SEEN = "seen"  # all that one's organisation sees, with itself


@dataclass(frozen=True, slots=True)
class Grant:
    roles: frozenset[str]
    reach: Reach

    def covers(self, acting: Acting, organisation: Any) -> bool:
        """Whether the grant holds for what belongs to `organisation` (None: asked in general)."""
        if acting.role not in self.roles:
            return False
        if self.reach is Reach.ANYWHERE:
            return True
        if self.reach is Reach.COUNTRY:
            return acting.scope is Scope.COUNTRY
        if self.reach is Reach.REGION and acting.scope is not Scope.REGION:
            return False
        if self.reach in (Reach.BELOW, Reach.UNDER) and not acting.supervises:
            return False
        return organisation is None or self._reaches(acting, organisation)

    def _reaches(self, acting: Acting, organisation: Any) -> bool:
        own = bool(organisation.pk == acting.organisation_id)
        if self.reach is Reach.OWN:
            return own
        if self.reach is Reach.BELOW:
            return bool(organisation.supervisor_id == acting.organisation_id)
        if self.reach is Reach.REGION:
            return acting.region_id in (organisation.pk, organisation.region_id)
        return sees(acting, organisation) and not (own and self.reach is Reach.UNDER)


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold besides the grant, with its words for the table."""

    title: Any  # lazy translation
    holds: Callable[[Acting, Any], bool]


@dataclass(frozen=True, slots=True)
class Verb:
    name: str
    title: Any  # lazy translation: what one does, in the infinitive
    grants: tuple[Grant, ...]
    conditions: tuple[Condition, ...] = field(default=())
    delegable: bool = True  # whether a technical specialist may do it in a coordinator's cabinet

    def allows(self, acting: Acting, subject: Any = None) -> bool:
        if acting.delegation_id is not None and not self.delegable:
            return False
        organisation = organisation_of(subject)
        if not any(grant.covers(acting, organisation) for grant in self.grants):
            return False
        return subject is None or all(condition.holds(acting, subject) for condition in self.conditions)


VERBS: dict[str, Verb] = {}


def grant(roles: Iterable[str], reach: Reach) -> Grant:
    return Grant(frozenset(roles), reach)


def declare(
    name: str, title: Any, *grants: Grant, conditions: Iterable[Condition] = (), delegable: bool = True
) -> None:
    """Add a verb to the rule set; `rules.py` of each app calls it once for each of its verbs."""
    verb = Verb(name, title, grants, tuple(conditions), delegable)
    VERBS[name] = verb
    rules.set_rule(name, verb.allows)


def sees(acting: Acting, organisation: Any) -> bool:
    """Whether an organisation is among those that one sees: what `visible_to` asks the database, asked of
    one organisation that is at hand.
    """
    if organisation.pk == acting.organisation_id or acting.scope is Scope.COUNTRY:
        return True
    if acting.scope is Scope.REGION:
        return bool(organisation.region_id == acting.region_id)
    return acting.scope is Scope.SUPERVISED and bool(organisation.supervisor_id == acting.organisation_id)


def organisation_of(subject: Any) -> Any:
    """The organisation to which a thing belongs: itself, or its `organisation`; None where there is none."""
    if subject is None:
        return None
    return subject if hasattr(subject, "supervisor_id") else getattr(subject, "organisation", None)


def may(acting: Acting, verb: str, subject: Any = None) -> bool:
    return bool(rules.test_rule(verb, acting, subject))


def require(acting: Acting, verb: str, subject: Any = None) -> None:
    """Raises PermissionDenied unless the verb is allowed."""
    if not may(acting, verb, subject):
        raise PermissionDenied


def visible_or_404(queryset: models.QuerySet[Any], **lookup: Any) -> Any:
    """What one may not see does not exist."""
    try:
        return queryset.get(**lookup)
    except (queryset.model.DoesNotExist, ValueError) as error:
        raise Http404 from error
