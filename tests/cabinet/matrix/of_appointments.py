"""How the addresses of appointments, orders, lists of responsible people and delegations are tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from oko.cabinet.appointments.lists import digest
from oko.cabinet.appointments.models import AppointmentDraft, ResponsibleList
from oko.cabinet.people.models import Appointment, Delegation, Order, Role, State
from tests.cabinet.matrix.expected import Tried, act, form, page
from tests.cabinet.matrix.of_access import appointed
from tests.cabinet.matrix.stage import NONE, ORGANISATIONS, SCHOOLS, Stage, Thing, Things

MINE, SOMEBODY_ELSES = "своё", "другого человека"
OF_A_COLLEAGUE, IN_ANOTHER_PLACE = "коллеги", "другой организации"
NO_SUCH = {NONE: Thing({"pk": 10**9}, seen=False)}


def proposed(stage: Stage) -> Things:
    """An observer whom a school has put forward: a stranger to it, and to everybody here."""

    def make() -> Things:
        found = {}
        for relation, name in SCHOOLS[stage.place].items():
            one = appointed(stage, name, Role.PUBLIC_OBSERVER, state=State.PROPOSED)
            found[relation] = _of(stage, relation, one)
        return {**found, **NO_SUCH}

    found: Things = stage.once("proposed", make)
    return found


def standing(stage: Stage) -> Things:
    """A technical specialist who is at work."""

    def make() -> Things:
        found = {}
        for relation, name in ORGANISATIONS[stage.place].items():
            found[relation] = _of(stage, relation, appointed(stage, name, Role.TECHNICAL_SPECIALIST))
        return {**found, **NO_SUCH}

    found: Things = stage.once("standing", make)
    return found


def _of(stage: Stage, relation: str, one: Appointment) -> Thing:
    return Thing({"pk": one.pk}, one, stage.sees(relation))


def their_people(stage: Stage) -> Things:
    """The same appointments, where the second verb is asked of the person."""
    return {
        relation: Thing(
            thing.values, thing.subject, thing.seen, thing.subject.person if thing.subject else None
        )
        for relation, thing in standing(stage).items()
    }


def orders(stage: Stage) -> Things:
    def make() -> Things:
        found = {}
        for relation, name in ORGANISATIONS[stage.place].items():
            order = Order.everything.create(
                assessment=stage.world.assessment,
                organisation=stage.world[name],
                number=f"матрица-{stage.actor}",
                scan_name="приказ.pdf",
                scan=b"%PDF-1.4",
                scan_sha256="0" * 64,
            )
            found[relation] = Thing({"pk": order.pk}, order, stage.sees(relation))
        return {**found, **NO_SUCH}

    found: Things = stage.once("orders", make)
    return found


def lists(stage: Stage) -> Things:
    def make() -> Things:
        found = {}
        for relation, name in ORGANISATIONS[stage.place].items():
            organisation = stage.world[name]
            earlier = ResponsibleList.everything.filter(organisation=organisation).count()
            one = ResponsibleList.everything.create(
                organisation=organisation,
                assessment=stage.world.assessment,
                version=earlier + 1,
                sent_at=timezone.now(),
                sent_by=stage.world.appointments["federal"].person,
                sent_in_role=Role.MUNICIPAL_COORDINATOR,
                rows=[],
                sha256=digest([]),
            )
            found[relation] = Thing({"pk": one.pk}, one, stage.sees(relation))
        return {**found, **NO_SUCH}

    found: Things = stage.once("lists", make)
    return found


def drafts(stage: Stage) -> Things:
    """A file belongs to the appointment in which it was uploaded."""

    def make() -> Things:
        colleague = appointed(stage, stage.place, stage.role)
        return {
            MINE: Thing({"pk": _draft(stage.appointment)}),
            OF_A_COLLEAGUE: Thing({"pk": _draft(colleague)}, seen=False),
            **NO_SUCH,
        }

    found: Things = stage.once("appointment drafts", make)
    return found


def _draft(appointment: Appointment) -> int:
    content = PEOPLE.format(appointment.organisation.code).encode()
    draft = AppointmentDraft.everything.create(
        appointment=appointment, filename="люди.csv", content=content, sha256="0" * 64
    )
    return int(draft.pk)


PEOPLE = "ФИО;Роль;Код организации\nИванов Иван Иванович;Учитель;{}\n"


def delegations(stage: Stage) -> Things:
    """Given by oneself, by a colleague in the same organisation, and somewhere else."""

    def make() -> Things:
        colleague = appointed(stage, stage.place, Role.TEACHER)
        elsewhere = appointed(stage, "mun2", Role.MUNICIPAL_COORDINATOR)
        found = {
            relation: _delegation(stage, giver)
            for relation, giver in (
                (MINE, stage.appointment),
                (OF_A_COLLEAGUE, colleague),
                (IN_ANOTHER_PLACE, elsewhere),
            )
        }
        return {
            **{
                relation: Thing({"pk": one.pk}, one, relation != IN_ANOTHER_PLACE)
                for relation, one in found.items()
            },
            **NO_SUCH,
        }

    found: Things = stage.once("delegations", make)
    return found


def _delegation(stage: Stage, giver: Appointment) -> Delegation:
    return Delegation.everything.create(
        appointment=giver, delegate=stage.world.appointments["technician"].person, given_at=timezone.now()
    )


def a_reason(prefix: str) -> Callable[[Stage, Thing], dict[str, Any]]:
    return lambda _stage, _thing: {f"{prefix}-reason": "Болезнь"}


def an_order(_stage: Stage, _thing: Thing) -> dict[str, Any]:
    return {"number": "17-од", "day": "2026-03-02"}


TRIED: dict[str, Tried] = {
    "appointments": page(),
    "waiting-appointments": page(post=302),
    "new-appointment": page(),
    "import-appointments": page(post=422),
    "appointments-template": page(),
    "review-appointments": page(drafts),
    "cancel-appointments": act(drafts),
    "appointment": page(standing),
    "confirm-appointment": act(proposed),
    "decline-appointment": act(proposed, a_reason("decline"), empty=422),
    "withdraw-appointment": act(standing, a_reason("withdraw"), empty=422),
    "change-appointment": page(standing, post=302),
    "change-person": page(their_people, post=422),
    "orders": page(),
    "new-order": form(payload=an_order, empty=422),
    "order": page(orders),
    "attach-scan": act(orders, done=422, changes=False),
    "order-scan": page(orders),
    "sign-order": act(orders),
    "print-order": page(orders),
    "responsible-lists": page(),
    "send-responsible-list": page(post=302),
    "consolidated-responsible": page(),
    "responsible-list": page(lists),
    "delegations": page(post=422),
    "end-delegation": act(delegations),
}
