"""Appointing people: proposed, confirmed or declined, put right, withdrawn. Each step has its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from oko.cabinet.appointments import delegations, journal
from oko.cabinet.appointments.cases import BINDING, case_of
from oko.cabinet.appointments.conditions import Case, Refusal, Refused, refusals
from oko.cabinet.appointments.orders import issuer_of, order_for
from oko.cabinet.appointments.persons import Person, make_person
from oko.cabinet.appointments.rules import stands_at_once
from oko.cabinet.appointments.ways import WAYS
from oko.cabinet.appointments.words import tell_of_decision, tell_the_appointed, tell_those_who_confirm
from oko.cabinet.assessments.models import Assessment
from oko.cabinet.audit.recording import facts, record
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import (
    Account,
    Appointment,
    AppointmentChange,
    Order,
    State,
)

_APPOINTMENT_FIELDS = ("person_id", "role", "organisation_id", "order_id", "room", "subject", "state")


@dataclass(frozen=True, slots=True)
class Terms:
    """What an appointment rests on: the order by number and date, and what some roles need besides."""

    order_number: str = ""
    order_date: date | None = None
    room: str = ""
    subject: str = ""


@transaction.atomic
def appoint(
    acting: Acting,
    who: Account | Person,
    role: str,
    organisation: Organisation,
    terms: Terms,
    *,
    another: bool = False,
) -> Appointment:
    """Appoint somebody known or new, by an order that is entered with it: all of it or nothing.

    Raises:
        PermissionDenied, Refused: as in `make_person` and `propose`.
    """
    if isinstance(who, Person):
        who = make_person(acting, organisation, who, another=another)
    require(acting, "appointments.propose", organisation)
    order = None
    if role in WAYS:
        issuer_id = issuer_of(acting, role, organisation)
        order = order_for(acting, issuer_id, terms.order_number, terms.order_date)
    return propose(acting, who, role, organisation, order=order, room=terms.room, subject=terms.subject)


@transaction.atomic
def propose(
    acting: Acting,
    person: Account,
    role: str,
    organisation: Organisation,
    *,
    order: Order | None = None,
    room: str = "",
    subject: str = "",
) -> Appointment:
    """Appoint a person: at once where nobody else has to confirm the role, else as a proposal.

    The person's row is locked, so that two coordinators appointing the same person line up and the second
    reads what the first one did.

    Raises:
        PermissionDenied: the role is not this person's to appoint there.
        Refused: a rule of appointment is broken.
    """
    person = Account.objects.select_for_update(no_key=True).get(pk=person.pk)
    case = case_of(person, role, organisation, acting.assessment_id, room=room, subject=subject)
    found = refusals(case)
    if any(one.field == "role" for one in found):
        raise Refused(found)
    require(acting, f"appointments.propose.{role}", organisation)
    found += himself(acting, case)
    if found:
        raise Refused(found)
    try:
        with transaction.atomic():
            return write_appointment(acting, case, order)
    except IntegrityError as error:
        raise Refused([_already(case)]) from error


def himself(acting: Acting, case: Case) -> list[Refusal]:
    """Nobody gives themselves what others are to confirm; a school's own order may name its coordinator."""
    if case.person.pk != acting.account_id or WAYS[case.role].by_own_order:
        return []
    if not stands_at_once(acting, case.role, case.organisation):
        return []
    words = _("Себя назначить нельзя: %(role)s назначается другим координатором или уровнем выше.")
    return [Refusal("person", words % {"role": case.role_label})]


def write_appointment(acting: Acting, case: Case, order: Order | None) -> Appointment:
    """What has passed the rules, with its history and a word to those whom it concerns."""
    at_once = stands_at_once(acting, case.role, case.organisation)
    appointment = Appointment.everything.create(
        person=case.person,
        role=case.role,
        organisation=case.organisation,
        assessment_id=acting.assessment_id,
        order=order,
        room=case.room,
        subject=case.subject,
        state=State.CONFIRMED if at_once else State.PROPOSED,
    )
    _keep_history(acting, appointment)
    record(
        journal.APPOINTED if at_once else journal.PROPOSED,
        acting=acting,
        on=appointment,
        after=facts(appointment, *_APPOINTMENT_FIELDS),
    )
    if at_once:
        tell_the_appointed(acting, appointment)
    else:
        tell_those_who_confirm(acting, appointment)
    return appointment


@transaction.atomic
def confirm(acting: Acting, appointment: Appointment) -> Appointment:
    """A proposal becomes an appointment, if the rules still allow it.

    Raises:
        PermissionDenied: somebody else confirms this role.
        Refused: it no longer waits, or a rule is broken by now.
    """
    locked = _locked(appointment)
    require(acting, "appointments.confirm", locked)
    found = _no_longer_waits(locked) or refusals(
        case_of(
            locked.person,
            locked.role,
            locked.organisation,
            locked.assessment_id,
            room=locked.room,
            subject=locked.subject,
            but=locked,
        )
    )
    if found:
        raise Refused(found)
    _turn(acting, locked, State.CONFIRMED, journal.CONFIRMED)
    tell_the_appointed(acting, locked)
    tell_of_decision(acting, locked, "")
    return locked


@transaction.atomic
def confirm_all(acting: Acting, appointments: Sequence[Appointment]) -> int:
    """Confirm those that were ticked, all of them or none.

    Raises:
        PermissionDenied, Refused: as in `confirm`; the refusals of all are named together.
    """
    found: list[Refusal] = []
    for appointment in sorted(appointments, key=lambda one: (one.person_id, one.pk)):
        try:
            confirm(acting, appointment)
        except Refused as refused:
            found += refused.refusals
    if found:
        raise Refused(found)
    return len(appointments)


@transaction.atomic
def decline(acting: Acting, appointment: Appointment, reason: str) -> Appointment:
    """A proposal is refused, for a reason that its proposer reads.

    Raises:
        PermissionDenied: somebody else confirms this role.
        Refused: it no longer waits, or no reason is given.
    """
    locked = _locked(appointment)
    require(acting, "appointments.confirm", locked)
    found = _no_longer_waits(locked) + _no_reason(reason)
    if found:
        raise Refused(found)
    _turn(acting, locked, State.DECLINED, journal.DECLINED, reason)
    tell_of_decision(acting, locked, reason)
    return locked


@transaction.atomic
def withdraw(acting: Acting, appointment: Appointment, reason: str) -> Appointment:
    """End an appointment, or take back a proposal: its holder loses access at the next request. Delegations
    given in it, or resting on it, end with it.

    Raises:
        PermissionDenied: not this person's to end.
        Refused: it has ended already, or no reason is given.
    """
    locked = _locked(appointment)
    require(acting, "appointments.withdraw", locked)
    found = (
        [] if locked.state in BINDING else [Refusal("state", _("Назначение уже завершено или отклонено."))]
    )
    found += _no_reason(reason)
    if found:
        raise Refused(found)
    _turn(acting, locked, State.WITHDRAWN, journal.WITHDRAWN, reason)
    delegations.end_with(acting, locked)
    tell_of_decision(acting, locked, reason)
    return locked


@transaction.atomic
def correct(acting: Acting, appointment: Appointment, terms: Terms) -> Appointment:
    """Put right the order, the room or the subject. The subject of what stands by somebody else's
    confirmation is not changed behind their back: it is withdrawn and proposed anew.

    Raises:
        PermissionDenied: not this person's to correct.
        Refused: a rule of appointment would be broken.
    """
    locked = _locked(appointment)
    require(acting, "appointments.correct", locked)
    found: list[Refusal] = []
    room, subject = terms.room, terms.subject
    if subject != locked.subject and not may_change_subject(acting, locked):
        words = _("Предмет подтверждён уровнем выше. Завершите это назначение и предложите новое.")
        found.append(Refusal("subject", words))
    found += refusals(
        case_of(
            locked.person,
            locked.role,
            locked.organisation,
            locked.assessment_id,
            room=room,
            subject=subject,
            but=locked,
        )
    )
    if found:
        raise Refused(found)
    before = facts(locked, "order_id", "room", "subject")
    if (terms.order_number, terms.order_date) != (locked.order_number, locked.order_date):
        issuer_id = issuer_of(acting, locked.role, locked.organisation)
        locked.order = order_for(acting, issuer_id, terms.order_number, terms.order_date)
    locked.room, locked.subject = room, subject
    after = facts(locked, "order_id", "room", "subject")
    if after != before:
        locked.save(update_fields=["order", "room", "subject"])
        _keep_history(acting, locked, _("исправлены приказ, аудитория или предмет"))
        record(journal.CORRECTED, acting=acting, on=locked, before=before, after=after)
    return locked


def may_change_subject(acting: Acting, appointment: Appointment) -> bool:
    return appointment.state == State.PROPOSED or stands_at_once(
        acting, appointment.role, appointment.organisation
    )


def _locked(appointment: Appointment) -> Appointment:
    """The appointment and its person as they are now, held until the end of the transaction: the person
    first, as in `propose`, so that nobody waits for each other.
    """
    person = Account.objects.select_for_update(no_key=True).get(pk=appointment.person_id)
    locked = (
        Appointment.everything.select_for_update(of=("self",), no_key=True)
        .select_related("organisation", "order", "assessment")
        .defer("order__scan")
        .get(pk=appointment.pk)
    )
    locked.person = person
    return locked


def _turn(acting: Acting, appointment: Appointment, state: State, verb: str, reason: str = "") -> None:
    before = facts(appointment, "state")
    appointment.state = state
    appointment.save(update_fields=["state"])
    _keep_history(acting, appointment, reason)
    record(verb, acting=acting, on=appointment, before=before, after=facts(appointment, "state"), note=reason)


def _keep_history(acting: Acting, appointment: Appointment, reason: str = "") -> None:
    AppointmentChange.everything.create(
        appointment=appointment,
        state=appointment.state,
        made_by_id=acting.account_id,
        made_in_role=acting.role,
        made_at=now(Assessment.everything.get(pk=appointment.assessment_id)),
        reason=reason,
    )


def _no_longer_waits(appointment: Appointment) -> list[Refusal]:
    if appointment.state == State.PROPOSED:
        return []
    words = _("Это назначение уже не ждёт решения: %(state)s.")
    return [Refusal("state", words % {"state": appointment.get_state_display()})]


def _no_reason(reason: str) -> list[Refusal]:
    return (
        [] if reason.strip() else [Refusal("reason", _("Укажите причину: её увидят те, кого это касается."))]
    )


def _already(case: Case) -> Refusal:
    words = _("%(who)s уже назначен(а): %(role)s, %(where)s.")
    return Refusal("person", words % {"who": case.who, "role": case.role_label, "where": case.where})
