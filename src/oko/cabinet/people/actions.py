"""What people do with accounts and appointments."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people import queries
from oko.cabinet.people.models import Account, Appointment, Order, Role, State
from oko.cabinet.people.rules import ROLE_KINDS, appoints_as


def choose_appointment(request: HttpRequest, pk: int) -> None:
    """Act in another of one's own standing appointments from now on.

    Raises:
        Http404: it is somebody else's, has ended, or does not exist.
    """
    if not queries.appointments_of(request.user).filter(pk=pk).exists():  # type: ignore[arg-type]
        raise Http404
    request.session[queries.ACTING] = pk


@transaction.atomic
def appoint(
    acting: Acting,
    person: Account,
    role: str,
    organisation: Organisation,
    *,
    order: Order | None = None,
) -> Appointment:
    """Appoint a person by an order, in the assessment in which one acts.

    Raises:
        PermissionDenied: not a coordinator, a foreign organisation, or a head of one's own organisation.
        ValidationError: the role is not held in such an organisation, the organisation or the person is no
            longer active, or the person holds this appointment already.
    """
    require(acting, "people.appoint", organisation)
    if organisation.kind not in ROLE_KINDS.get(role, frozenset()):
        raise ValidationError(
            _("В организации вида «%(kind)s» нет такой роли. Выберите другую роль или организацию.")
            % {"kind": organisation.get_kind_display()}
        )
    if not appoints_as(acting, organisation, role):
        raise PermissionDenied
    if not organisation.active:
        raise ValidationError(_("Организация не действует, назначать в неё нельзя."))
    if not person.is_active:
        raise ValidationError(_("Учётная запись этого человека отключена."))
    try:
        with transaction.atomic():
            return Appointment.everything.create(
                person=person,
                role=role,
                organisation=organisation,
                assessment_id=acting.assessment_id,
                order=order,
            )
    except IntegrityError as error:
        raise ValidationError(
            _("%(who)s уже назначен(а): %(role)s, %(where)s.")
            % {"who": person.full_name, "role": Role(role).label, "where": organisation.short_name}
        ) from error


@transaction.atomic
def end_appointment(acting: Acting, appointment: Appointment) -> None:
    """End an appointment; its holder loses access at the next request. An ended one stays ended.

    Raises:
        PermissionDenied: not this person's to end.
    """
    require(acting, "people.end", appointment)
    Appointment.objects.visible_to(acting).filter(pk=appointment.pk).update(state=State.WITHDRAWN)
