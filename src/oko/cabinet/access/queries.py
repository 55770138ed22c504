"""Reading whose access one sees to, and who has access in one's own organisation."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from oko.cabinet.access import states
from oko.cabinet.access.models import ActivationCode, CodeBatch
from oko.cabinet.access.rules import CHIEFS
from oko.cabinet.foundation.access import VERBS, Reach
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Appointment, Role, State

LONGEST_SEARCH = 100


def issuable(acting: Acting) -> QuerySet[Appointment]:
    """The appointments of people to whom this person may give access.

    These are people of the organisations directly below (in a school: its own staff, without the chiefs). A
    person who works in several places is in the hands of the lowest coordinator who is above all of them:
    so nobody takes over an account that reaches further than they do themselves.
    """
    people: QuerySet[Appointment] = Appointment.objects.visible_to(acting).filter(
        state=State.CONFIRMED, organisation__active=True, person__is_active=True
    )
    reach = _reach(acting)
    if reach is None:
        return people.none()
    if reach is Reach.OWN:
        own = people.filter(organisation_id=acting.organisation_id).exclude(role__in=CHIEFS)
        return own.exclude(person_id=acting.account_id).exclude(
            Exists(_elsewhere(~Q(organisation_id=acting.organisation_id) | Q(role__in=CHIEFS)))
        )
    below = Q(organisation__supervisor_id=acting.organisation_id)
    wholly_below = Q(below) & ~Exists(_elsewhere(~below))
    return people.filter(wholly_below | _in_several_hands(acting)).exclude(person_id=acting.account_id)


def is_still_the_issuers(code: ActivationCode) -> bool:
    """Whether whoever issued the code could still issue it: a person may have risen above them meanwhile, and
    then the letter must not open what the issuer was never entitled to.
    """
    if code.batch is None:
        return True
    return issuable(code.batch.issued_by.acting()).filter(person_id=code.account_id).exists()


def _reach(acting: Acting) -> Reach | None:
    if acting.delegation_id is not None:
        return None
    return next(
        (one.reach for one in VERBS["access.issue"].grants if acting.role in one.roles),
        None,
    )


def _elsewhere(where: Q) -> QuerySet[Appointment]:
    """Standing appointments of the same person, in whatever assessment."""
    return Appointment.everything.filter(
        where, person_id=OuterRef("person_id"), state=State.CONFIRMED, organisation__active=True
    )


def _in_several_hands(acting: Acting) -> Q:
    """People with appointments under several coordinators: for the region, or between regions for all."""
    if acting.role == Role.REGIONAL_COORDINATOR:
        own = acting.organisation_id
        several = _elsewhere(~Q(organisation__supervisor_id=OuterRef("organisation__supervisor_id")))
        outside = _elsewhere(~Q(organisation__region_id=own) | Q(organisation__region_id=None))
        return Q(organisation__region_id=own) & Exists(several) & ~Exists(outside)
    if acting.role == Role.FEDERAL_ORGANISER:
        of_other_regions = _elsewhere(
            ~Q(organisation__region_id=OuterRef("organisation__region_id")) | Q(organisation__region_id=None)
        )
        here = _elsewhere(Q(organisation_id=acting.organisation_id))
        return Q(organisation__region_id__isnull=False) & Exists(of_other_regions) & ~Exists(here)
    return Q(pk__in=[])


def listed(acting: Acting, wanted: dict[str, Any]) -> QuerySet[Any]:
    """The same with how far each is, through the filters of the page."""
    found = states.with_states(issuable(acting)).select_related("person", "organisation")
    for word in wanted.get("text", "")[:LONGEST_SEARCH].split():
        found = found.filter(Q(person__full_name__icontains=word) | Q(person__username__icontains=word))
    for word in wanted.get("organisation", "")[:LONGEST_SEARCH].split():
        found = found.filter(
            Q(organisation__code__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(organisation__short_name__icontains=word)
        )
    if wanted.get("role"):
        found = found.filter(role=wanted["role"])
    if wanted.get("state"):
        found = found.filter(access_state=wanted["state"])
    return found


def has_anybody_below(acting: Acting) -> bool:
    return bool(Organisation.objects.visible_to(acting).filter(supervisor_id=acting.organisation_id).exists())


def batches(acting: Acting) -> QuerySet[CodeBatch]:
    found: QuerySet[CodeBatch] = CodeBatch.objects.visible_to(acting)
    return found


def people_of(batch: CodeBatch) -> QuerySet[Appointment]:
    """Who stands on a list (which one sees)."""
    found: QuerySet[Appointment] = Appointment.everything.filter(pk__in=batch.appointments)
    return found.select_related("person", "organisation").order_by(
        "organisation__sort_key", "person__full_name"
    )
