"""Who plays: the small world with every role, and whose things each actor meets.

Whether an actor may see a thing is said here by its relation (own, below, above, beside, far away), in words
and not by asking the code that is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oko.cabinet.assessments.models import Assessment, Paper, RoadmapStep
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment, Delegation, Role
from oko.cabinet.people.queries import ACTING
from tests.cabinet.conftest import World

OWN, BELOW, ABOVE = "своя", "ниже", "выше"
BESIDE, ON_TERRITORY, FAR, NONE = "соседняя", "на территории, не подчинена", "чужой регион", "нет такой"

#: Each role where it usually works; a few also where they work besides.
ACTORS: dict[str, tuple[Role, str]] = {
    "federal_organiser": (Role.FEDERAL_ORGANISER, "fed"),
    "regional_coordinator": (Role.REGIONAL_COORDINATOR, "region"),
    "municipal_coordinator": (Role.MUNICIPAL_COORDINATOR, "mun1"),
    "responsible_coordinator": (Role.RESPONSIBLE_COORDINATOR, "centre"),
    "head": (Role.HEAD, "school1"),
    "school_coordinator": (Role.SCHOOL_COORDINATOR, "school1"),
    "technical_specialist": (Role.TECHNICAL_SPECIALIST, "school1"),
    "room_organiser": (Role.ROOM_ORGANISER, "school1"),
    "public_observer": (Role.PUBLIC_OBSERVER, "school1"),
    "independent_observer": (Role.INDEPENDENT_OBSERVER, "school1"),
    "scanning_specialist": (Role.SCANNING_SPECIALIST, "centre"),
    "expert": (Role.EXPERT, "region"),
    "teacher": (Role.TEACHER, "school1"),
    "analyst": (Role.ANALYST, "region"),
    "head@region": (Role.HEAD, "region"),
    "technical_specialist@municipality": (Role.TECHNICAL_SPECIALIST, "mun1"),
    # The same specialist in the coordinator's cabinet, by a delegation.
    "delegate@municipality": (Role.MUNICIPAL_COORDINATOR, "mun1"),
}
DELEGATE = "delegate@municipality"

#: These between them put to the server every statement that any actor does: what is asked for depends on how
#: far one sees and on what one may open. The other roles are told apart in Python, so one server is enough.
ON_EVERY_SERVER = {
    "federal_organiser",
    "regional_coordinator",
    "municipal_coordinator",
    "responsible_coordinator",
    "school_coordinator",
    "head@region",
    DELEGATE,
}


def each(actors: Iterable[str]) -> list[Any]:
    """Actors for `parametrize`."""
    return [
        actor if actor in ON_EVERY_SERVER else pytest.param(actor, marks=pytest.mark.once) for actor in actors
    ]


#: Organisations of any kind, as each actor's organisation stands to them.
ORGANISATIONS: dict[str, dict[str, str]] = {
    "fed": {OWN: "fed", BELOW: "region", FAR: "school5"},
    "region": {OWN: "region", BELOW: "mun1", ABOVE: "fed", BESIDE: "region2", FAR: "school5"},
    "mun1": {
        OWN: "mun1",
        BELOW: "school1",
        ABOVE: "region",
        BESIDE: "mun2",
        ON_TERRITORY: "state",
        FAR: "school5",
    },
    "centre": {OWN: "centre", BELOW: "state", ABOVE: "region", BESIDE: "mun1", FAR: "school5"},
    "school1": {OWN: "school1", ABOVE: "mun1", BESIDE: "school2", FAR: "school5"},
}

#: The same of things that only schools have.
SCHOOLS: dict[str, dict[str, str]] = {
    "fed": {BELOW: "school1", FAR: "school5"},
    "region": {BELOW: "school1", FAR: "school5"},
    "mun1": {BELOW: "school1", BESIDE: "school3", ON_TERRITORY: "state", FAR: "school5"},
    "centre": {BELOW: "state", BESIDE: "school1", FAR: "school5"},
    "school1": {OWN: "school1", BESIDE: "school2", FAR: "school5"},
}

#: What a page must never say to somebody who does not see these schools and authorities.
NAMES = ("school1", "school2", "school3", "state", "school5", "mun2", "mun3")


@dataclass(frozen=True, slots=True)
class Thing:
    """What an address names: the values of its parameters, and what its verb is asked of."""

    values: dict[str, Any] = field(default_factory=dict)
    subject: Any = None
    seen: bool = True
    #: What the second verb is asked of, where that is something else.
    act_subject: Any = None
    #: What must be so while the question is asked; undone afterwards.
    prepare: Callable[[], Any] | None = None


#: Relation → the thing that stands in it.
Things = dict[str, Thing]
#: No parameters: the page is one's own.
NOTHING: Things = {"": Thing()}


@dataclass
class Stage:
    """One actor in the small world; things are made when first asked for, and stay."""

    world: World
    actor: str
    appointment: Appointment
    person: Account
    client: Client
    _made: dict[Any, Any] = field(default_factory=dict)

    @property
    def role(self) -> str:
        return self.appointment.role

    @property
    def place(self) -> str:
        return ACTORS[self.actor][1]

    @property
    def own(self) -> Organisation:
        return self.world[self.place]

    @property
    def is_federal(self) -> bool:
        return self.place == "fed"

    @cached_property
    def acting(self) -> Acting:
        return self.appointment.acting()

    def sees(self, relation: str) -> bool:
        return self.is_federal or relation in (OWN, BELOW)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    @property
    def hidden_names(self) -> Iterator[str]:
        """Codes and names of organisations that this actor must never read."""
        if self.is_federal:
            return
        own = self.own
        for name in NAMES:
            organisation = self.world[name]
            visible = own.pk in (organisation.pk, organisation.region_id, organisation.supervisor_id)
            if not visible and organisation.pk != own.supervisor_id:
                yield organisation.code
                yield organisation.short_name


def stage_for(world: World, actor: str) -> Stage:
    role, place = ACTORS[actor]
    appointment = _appointed(world, f"actor-{actor}", role, place)
    person, client = appointment.person, Client()
    if actor == DELEGATE:
        person = _appointed(world, "delegate", Role.TECHNICAL_SPECIALIST, place).person
        appointment.delegation = Delegation.everything.create(
            appointment=appointment, delegate=person, given_at=now()
        )
    client.force_login(person, backend="oko.cabinet.people.backends.AccountBackend")
    if actor == DELEGATE:
        session = client.session
        session[ACTING] = appointment.pk
        session.save()
    client.get(reverse("home"))  # where one works from is noted now, not anew in each request that is undone
    return Stage(world, actor, appointment, person, client)


def _appointed(world: World, login: str, role: str, place: str) -> Appointment:
    person = Account.objects.create_user(login, None, full_name=f"Сотрудник {login}")
    return Appointment.everything.create(
        person=person, role=role, organisation=world[place], assessment=world.assessment
    )


def of_organisations(parameter: str = "code") -> Callable[[Stage], Things]:
    """An address that names any organisation by its code."""

    def things(stage: Stage) -> Things:
        found = {
            relation: Thing({parameter: stage.world[name].code}, stage.world[name], stage.sees(relation))
            for relation, name in ORGANISATIONS[stage.place].items()
        }
        return {**found, NONE: Thing({parameter: "edu999999"}, seen=False)}

    return things


def of_schools(
    make: Callable[[Stage, str], tuple[dict[str, Any], Any]], missing: dict[str, Any]
) -> Callable[[Stage], Things]:
    """An address that names something of a school: `make(stage, school)` gives its values and the subject."""

    def things(stage: Stage) -> Things:
        found = {}
        for relation, school in SCHOOLS[stage.place].items():
            values, subject = make(stage, school)
            found[relation] = Thing(values, subject, stage.sees(relation))
        return {**found, NONE: Thing(missing, seen=False)}

    return things


def of_own_organisation(stage: Stage) -> Things:
    """No parameters, but the verb is asked of one's own organisation."""
    return {"": Thing({}, stage.own)}


def another_assessment(stage: Stage) -> Assessment:
    """A procedure in which nobody here is appointed."""
    found: Assessment = stage.once(
        "another assessment",
        lambda: Assessment.everything.get_or_create(
            code="other",
            defaults={
                "title": "Чужая процедура",
                "year": 2026,
                "starts_on": datetime.fromisoformat("2026-01-01").date(),
                "ends_on": datetime.fromisoformat("2026-12-31").date(),
            },
        )[0],
    )
    return found


OF_ANOTHER = "другой процедуры"


def step(stage: Stage, assessment: Assessment, action: str, **fields: Any) -> RoadmapStep:
    """A step that is open now, at the end of the roadmap."""
    last = RoadmapStep.everything.filter(assessment=assessment).order_by("-position").first()
    defaults: dict[str, Any] = {
        "title": f"Шаг: {action}",
        "roles": list(Role.values),
        "opens": datetime.fromisoformat("2026-04-21 08:00"),
        "closes": datetime.fromisoformat("2036-05-20 18:00"),
    }
    return RoadmapStep.everything.create(
        assessment=assessment,
        action=action,
        position=last.position + 1 if last else 1,
        **{**defaults, **fields},
    )


def another_paper(stage: Stage) -> Paper:
    found: Paper = stage.once(
        "another paper",
        lambda: Paper.everything.get_or_create(
            assessment=another_assessment(stage),
            code="geo9",
            defaults={"subject": "География", "grade": 9, "minutes": [45], "variants": [1]},
        )[0],
    )
    return found


def close_steps(world: World) -> None:
    """The deadline of every step has passed."""
    RoadmapStep.everything.filter(assessment=world.assessment).update(
        opens=datetime.fromisoformat("2026-01-12 08:00"), closes=datetime.fromisoformat("2026-01-13 18:00")
    )
