"""Who is told what about an appointment, in the cabinet."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from oko.cabinet.appointments.ways import WAYS
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment, AppointmentChange, State
from oko.cabinet.people.notices import notify_all


def tell_the_appointed(acting: Acting, appointment: Appointment) -> None:
    """The person sees it on the home page of the new role."""
    words = _("Вы назначены: %(what)s.") % {"what": appointment}
    if appointment.order:
        words += " " + _("Приказ %(order)s.") % {"order": appointment.order}
    notify_all([(appointment.pk, words)], sent_by_id=acting.account_id)


def tell_those_who_confirm(acting: Acting, appointment: Appointment) -> None:
    """The coordinators of the nearest level above that may decide."""
    who = Account.objects.values_list("full_name", flat=True).get(pk=appointment.person_id)
    words = _("Ждёт вашего подтверждения: %(who)s, %(what)s.") % {
        "who": who,
        "what": f"{appointment.get_role_display().lower()}, {appointment.organisation}",
    }
    pairs = [(one.pk, words) for one in those_who_confirm(appointment)]
    notify_all(pairs, reverse("appointment", args=[appointment.pk]), acting.account_id)


def those_who_confirm(appointment: Appointment) -> list[Appointment]:
    roles = {role for grant in WAYS[appointment.role].confirmed_by for role in grant.roles}
    for organisation_id in _upwards(appointment.organisation):
        here = Appointment.everything.filter(
            organisation_id=organisation_id,
            assessment_id=appointment.assessment_id,
            role__in=roles,
            state=State.CONFIRMED,
            person__is_active=True,
        ).select_related("organisation", "person")
        able = [
            one
            for one in here
            if may(one.acting(), "appointments.confirm", appointment)
            and one.person_id != appointment.person_id
        ]
        if able:
            return able
    return []


def tell_of_decision(acting: Acting, appointment: Appointment, reason: str) -> None:
    """Whoever proposed it learns of it, and its holder in whatever else they are appointed to."""
    words = _("%(who)s: %(what)s — %(state)s.") % {
        "who": appointment.person.full_name,
        "what": f"{appointment.get_role_display().lower()}, {appointment.organisation}",
        "state": appointment.get_state_display(),
    }
    if reason:
        words += " " + _("Причина: %(reason)s") % {"reason": reason}
    history = AppointmentChange.everything.filter(appointment=appointment)
    proposer = history.order_by("pk").values_list("made_by", flat=True).first()
    if proposer != acting.account_id:
        pairs = [(pk, words) for pk in _posts_of(proposer, appointment)]
        notify_all(pairs, reverse("appointment", args=[appointment.pk]), acting.account_id)
    if appointment.state == State.WITHDRAWN:
        pairs = [(pk, words) for pk in _posts_of(appointment.person_id, appointment)]
        notify_all(pairs, "", acting.account_id)


def _posts_of(person_id: int | None, appointment: Appointment) -> list[int]:
    """In which of a person's appointments the word is read: one is enough."""
    return list(
        Appointment.everything.filter(
            person_id=person_id, assessment_id=appointment.assessment_id, state=State.CONFIRMED
        )
        .exclude(pk=appointment.pk)
        .order_by("pk")
        .values_list("pk", flat=True)[:1]
    )


def _upwards(organisation: Organisation) -> list[int]:
    """The organisation and those above it, the nearest first."""
    path = [organisation.pk]
    above = organisation.supervisor_id
    while above is not None and above not in path:
        path.append(above)
        above = Organisation.everything.values_list("supervisor_id", flat=True).get(pk=above)
    return path
