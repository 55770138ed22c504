"""How the addresses of getting in, of one's own security and of issuing access are tried."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from oko.cabinet.access.models import CabinetSession, CodeBatch
from oko.cabinet.people.models import COORDINATORS, Account, Appointment, Role
from tests.cabinet.matrix.expected import Tried, Way, act, form, nothing, page, read_only
from tests.cabinet.matrix.stage import (
    BELOW,
    NONE,
    ORGANISATIONS,
    OWN,
    Stage,
    Thing,
    Things,
    of_own_organisation,
)

MINE, SOMEBODY_ELSES = "своё", "другого человека"
OF_ANOTHER_OFFICE = "своей организации, другой роли"


def link(_stage: Stage) -> Things:
    """Nobody learns from the answer whether there is such a link."""
    return {NONE: Thing({"token": "A" * 26})}


def sessions(stage: Stage) -> Things:
    def make() -> Things:
        mine = _session(stage.person)
        other = _session(stage.world.appointments["teacher"].person)
        return {
            MINE: Thing({"number": mine.number}),
            SOMEBODY_ELSES: Thing({"number": other.number}, seen=False),
            NONE: Thing({"number": uuid4()}, seen=False),
        }

    found: Things = stage.once("sessions", make)
    return found


def _session(account: Account) -> CabinetSession:
    return CabinetSession.objects.create(
        session_key=uuid4().hex,
        session_data="",
        expire_date=timezone.now() + timedelta(days=1),
        account=account,
        started_at=timezone.now(),
        seen_at=timezone.now(),
        number=uuid4(),
    )


def no_factors(_stage: Stage) -> Things:
    return {NONE: Thing({"pk": 10**9}, seen=False)}


def staff(stage: Stage) -> Things:
    """A technical specialist of each organisation: in a school its coordinator sees to them, elsewhere the
    coordinator directly above and nobody else.
    """

    def make() -> Things:
        found = {}
        for relation, name in ORGANISATIONS[stage.place].items():
            one = appointed(stage, name, Role.TECHNICAL_SPECIALIST)
            theirs = (stage.role in COORDINATORS and relation == BELOW) or (
                stage.role == Role.SCHOOL_COORDINATOR and relation == OWN
            )
            found[relation] = Thing({"pk": one.pk}, one, theirs)
        return {**found, NONE: Thing({"pk": 10**9}, seen=False)}

    found: Things = stage.once("staff", make)
    return found


def appointed(stage: Stage, place: str, role: str, **fields: Any) -> Appointment:
    """Somebody new."""
    number = Account.objects.count()
    person = Account.objects.create_user(f"somebody-{number}", None, full_name=f"Сотрудник {number}")
    return Appointment.everything.create(
        person=person, role=role, organisation=stage.world[place], assessment=stage.world.assessment, **fields
    )


def batches(kind: str) -> Any:
    """A list belongs to the office that made it: not to those above, not to a colleague in another role."""

    def things(stage: Stage) -> Things:
        def make() -> Things:
            people = [thing.subject.pk for thing in staff(stage).values() if thing.seen]
            found = {}
            for relation, name in ORGANISATIONS[stage.place].items():
                issuer = stage.appointment if relation == OWN else appointed(stage, name, stage.role)
                found[relation] = Thing({"pk": _batch(kind, issuer, people)}, seen=relation == OWN)
            colleague = appointed(stage, stage.place, _another(stage.role))
            found[OF_ANOTHER_OFFICE] = Thing({"pk": _batch(kind, colleague, people)}, seen=False)
            return {**found, NONE: Thing({"pk": 10**9}, seen=False)}

        found: Things = stage.once(("batches", kind), make)
        return found

    return things


def _another(role: str) -> str:
    return Role.EXPERT if role != Role.EXPERT else Role.TEACHER


def _batch(kind: str, issuer: Appointment, people: list[int]) -> int:
    batch = CodeBatch.everything.create(
        issued_by=issuer,
        organisation=issuer.organisation,
        assessment=issuer.assessment,
        kind=kind,
        appointments=people,
        prepared_at=timezone.now(),
    )
    return int(batch.pk)


def people_to_choose(stage: Stage) -> Things:
    staff(stage)
    return nothing(stage)


def somebody(stage: Stage, _thing: Thing) -> dict[str, Any]:
    people = [thing.subject.pk for thing in staff(stage).values() if thing.seen]
    return {"kind": CodeBatch.Kind.LETTERS, "people": people}


def a_reason(_stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {"reason": "Письмо утеряно"}


_ASKS_FOR_THE_PASSWORD = (Way("GET", 302), Way("POST", 302))

TRIED: dict[str, Tried] = {
    "sign-in": Tried(nothing, (Way("GET", 302), Way("POST", 200))),
    "sign-out": Tried(nothing, (Way("GET", 405), Way("POST", 302))),
    "change-password": form(),
    "activate": form(),
    "activate-link": page(link),
    "activate-password": page(answer=302),
    "security": page(),
    "confirm": page(),
    "sessions-end-others": Tried(nothing, (Way("GET", 405), Way("POST", 302))),
    "session-end": Tried(sessions, (Way("GET", 405), Way("POST", 302))),
    "second-factor": page(answer=302),
    "second-factor-setup": page(),
    "second-factor-app": Tried(nothing, _ASKS_FOR_THE_PASSWORD),
    "passkey-add": Tried(nothing, _ASKS_FOR_THE_PASSWORD),
    "spare-codes": Tried(nothing, (Way("GET", 405), Way("POST", 302))),
    "factor-remove": Tried(no_factors, (Way("GET", 405), Way("POST", 302))),
    "access-issue": page(people_to_choose),
    "access-prepare": act(people_to_choose, somebody),
    "access-batch": page(batches(CodeBatch.Kind.LETTERS)),
    "access-batch-take": act(batches(CodeBatch.Kind.LETTERS), done=200),
    "access-batch-links": read_only(batches(CodeBatch.Kind.LINKS)),
    "access-reset": form(staff, a_reason),
    "access-holders": page(of_own_organisation),
}
