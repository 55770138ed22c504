"""A coordinator lets a technical specialist of the same organisation work in the coordinator's cabinet."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from oko.cabinet.appointments import journal
from oko.cabinet.appointments.conditions import Refusal, Refused
from oko.cabinet.audit.recording import facts, record
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.people.models import Appointment, Delegation, Role, State
from oko.cabinet.people.notices import notify


def specialists(acting: Acting) -> QuerySet[Appointment]:
    """To whom one may delegate: technical specialists who stand in one's own organisation."""
    found: QuerySet[Appointment] = Appointment.objects.visible_to(acting)
    return (
        found.filter(
            organisation=acting.organisation_id,
            role=Role.TECHNICAL_SPECIALIST,
            state=State.CONFIRMED,
            person__is_active=True,
        )
        .exclude(person=acting.account_id)
        .select_related("person")
        .order_by("person__full_name", "pk")
    )


def of_own_organisation(acting: Acting) -> QuerySet[Delegation]:
    """All delegations of one's organisation in this assessment, those that stand first."""
    found: QuerySet[Delegation] = Delegation.objects.visible_to(acting)
    return (
        found.filter(appointment__organisation=acting.organisation_id)
        .select_related("appointment__person", "appointment__organisation", "delegate", "ended_by")
        .order_by("-given_at", "-pk")
    )


@transaction.atomic
def delegate(acting: Acting, specialist: Appointment, until: datetime | None) -> Delegation:
    """Give a delegation in one's own appointment. A former one to the same person ends by it.

    Raises:
        PermissionDenied: not a coordinator, or one works by a delegation oneself.
        Refused: no technical specialist of one's organisation, or the end is in the past.
    """
    own = Appointment.everything.select_for_update(of=("self",), no_key=True).get(pk=acting.appointment_id)
    require(acting, "appointments.delegate", own)
    if not specialists(acting).filter(pk=specialist.pk).exists():
        raise Refused([Refusal("specialist", _("Это не технический специалист вашей организации."))])
    moment = now()
    if until is not None and until <= moment:
        raise Refused([Refusal("until", _("Срок поручения уже прошёл. Укажите будущий день."))])
    for former in Delegation.everything.filter(appointment=own, delegate=specialist.person, ended_at=None):
        _end(acting, former)
    try:
        with transaction.atomic():
            made = Delegation.everything.create(
                appointment=own, delegate=specialist.person, given_at=moment, until=until
            )
    except IntegrityError as error:
        raise Refused([Refusal("specialist", _("Поручение этому человеку уже дано."))]) from error
    record(
        journal.DELEGATED,
        acting=acting,
        on=made,
        organisation=own.organisation,
        after=facts(made, "appointment_id", "delegate_id", "until"),
    )
    words = _("%(who)s поручает вам работать в своём кабинете: роль меняется вверху страницы.")
    notify(specialist, words % {"who": own.person.full_name}, sent_by=own.person)
    return made


@transaction.atomic
def end(acting: Acting, delegation: Delegation) -> None:
    """The coordinator ends it; the delegate loses the cabinet at the next request.

    Raises:
        PermissionDenied: somebody else's delegation.
    """
    locked = Delegation.everything.select_for_update(of=("self",), no_key=True).get(pk=delegation.pk)
    require(acting, "appointments.end_delegation", locked)
    if locked.ended_at is not None:
        return
    _end(acting, locked)


def end_with(acting: Acting, appointment: Appointment) -> None:
    """An appointment has ended: so have the delegations that rested on it, given or received."""
    standing = Delegation.everything.filter(ended_at=None)
    over = standing.filter(appointment=appointment)
    if appointment.role == Role.TECHNICAL_SPECIALIST:
        over |= standing.filter(
            delegate=appointment.person,
            appointment__organisation=appointment.organisation,
            appointment__assessment_id=appointment.assessment_id,
        )
    for one in over:
        _end(acting, one)


def _end(acting: Acting, delegation: Delegation) -> None:
    delegation.ended_at, delegation.ended_by_id = now(), acting.account_id
    delegation.save(update_fields=["ended_at", "ended_by"])
    record(
        journal.DELEGATION_ENDED,
        acting=acting,
        on=delegation,
        organisation=delegation.appointment.organisation,
        before={"ended_at": None},
        after=facts(delegation, "ended_at"),
    )


def stands(delegation: Delegation) -> bool:
    """Whether the delegate may work by it now (their own appointment aside, see `people.queries`)."""
    return (
        delegation.ended_at is None
        and (delegation.until is None or delegation.until > now())
        and delegation.appointment.state == State.CONFIRMED
    )


def standing(acting: Acting) -> QuerySet[Delegation]:
    return of_own_organisation(acting).filter(
        Q(until=None) | Q(until__gt=now()), ended_at=None, appointment__state=State.CONFIRMED
    )
