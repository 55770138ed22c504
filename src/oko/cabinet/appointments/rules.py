"""Who may do what with appointments, orders, lists and delegations.

None of what binds people is done by a delegate: it needs the coordinator's own hand.
"""

from __future__ import annotations

from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from oko.cabinet.appointments.ways import WAYS, Way
from oko.cabinet.foundation.access import Condition, Reach, declare, grant, may, organisation_of, sees
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import COORDINATORS, SCHOOL_STAFF, Appointment, Role, State

_WHO_APPOINT = COORDINATORS | {Role.SCHOOL_COORDINATOR, Role.HEAD}


def _seen(acting: Acting, subject: Any) -> bool:
    organisation = organisation_of(subject)
    return organisation is None or sees(acting, organisation)


SEEN = Condition(_("организация видна"), _seen)


def _held_there(way: Way) -> Condition:
    def holds(_acting: Acting, subject: Any) -> bool:
        return organisation_of(subject).kind in way.kinds

    return Condition(_("такая роль бывает в организации этого вида"), holds)


def _not_oneself(acting: Acting, subject: Any) -> bool:
    return not isinstance(subject, Appointment) or subject.person_id != acting.account_id


for _way in WAYS.values():
    declare(
        f"appointments.propose.{_way.role}",
        format_lazy("{verb}: {role}", verb=_("Назначить или предложить"), role=Role(_way.role).label),
        *_way.proposed_by,
        conditions=[SEEN, _held_there(_way)],
        delegable=False,
    )
    declare(
        f"appointments.confirm.{_way.role}",
        format_lazy("{verb}: {role}", verb=_("Подтвердить или отклонить"), role=Role(_way.role).label),
        *_way.confirmed_by,
        conditions=[SEEN, _held_there(_way)],
        delegable=False,
    )

declare(
    "appointments.read",
    _("Видеть назначения, их историю и приказы"),
    grant(_WHO_APPOINT | SCHOOL_STAFF, Reach.SEEN),
)
declare("appointments.propose", _("Назначать людей"), grant(_WHO_APPOINT, Reach.SEEN), delegable=False)
declare(
    "appointments.import", _("Загружать назначения файлом"), grant(_WHO_APPOINT, Reach.SEEN), delegable=False
)


def _may_confirm(acting: Acting, appointment: Any) -> bool:
    return may(acting, f"appointments.confirm.{appointment.role}", appointment)


def _may_take_back(acting: Acting, appointment: Any) -> bool:
    """Whoever confirms ends what stands; whoever proposed takes back what still waits."""
    waits = appointment.state == State.PROPOSED
    return _may_confirm(acting, appointment) or (
        waits and may(acting, f"appointments.propose.{appointment.role}", appointment)
    )


def _may_put_right(acting: Acting, appointment: Any) -> bool:
    """The order and the room, by whoever proposed too; what was confirmed is guarded by the action."""
    return _may_confirm(acting, appointment) or may(
        acting, f"appointments.propose.{appointment.role}", appointment
    )


declare(
    "appointments.confirm",
    _("Подтверждать и отклонять предложенных"),
    grant(COORDINATORS, Reach.SEEN),
    conditions=[
        Condition(_("эту роль подтверждает именно он (см. «Подтвердить или отклонить»)"), _may_confirm),
        Condition(_("не самого себя"), _not_oneself),
    ],
    delegable=False,
)
declare(
    "appointments.withdraw",
    _("Завершать назначения"),
    grant(_WHO_APPOINT, Reach.SEEN),
    conditions=[
        Condition(_("подтверждает эту роль, или предложил, а она ещё ждёт"), _may_take_back),
        Condition(
            _("не то назначение, в котором действует"),
            lambda acting, appointment: appointment.pk != acting.appointment_id,
        ),
    ],
    delegable=False,
)
declare(
    "appointments.correct",
    _("Исправлять приказ, аудиторию и предмет назначения"),
    grant(_WHO_APPOINT, Reach.SEEN),
    conditions=[
        Condition(_("эту роль он назначает или подтверждает"), _may_put_right),
        Condition(
            _("назначение не завершено"),
            lambda _acting, appointment: appointment.state in (State.PROPOSED, State.CONFIRMED),
        ),
    ],
    delegable=False,
)


def _all_theirs(acting: Acting, person: Any) -> bool:
    """Each appointment that binds the person is one's own to make or to end: nobody changes the telephone
    of somebody above them.
    """
    binding = list(
        Appointment.everything.filter(
            person=person, state__in=[State.PROPOSED, State.CONFIRMED]
        ).select_related("organisation")
    )
    return bool(binding) and all(_may_take_back(acting, one) for one in binding)


declare(
    "appointments.correct_person",
    _("Исправлять сведения о человеке"),
    grant(_WHO_APPOINT, Reach.ANYWHERE),
    conditions=[Condition(_("все действующие назначения человека — в его ведении"), _all_theirs)],
    delegable=False,
)
declare(
    "appointments.keep_orders",
    _("Вносить приказы организации и прикладывать сканы"),
    grant(_WHO_APPOINT | {Role.TECHNICAL_SPECIALIST}, Reach.OWN),
)
declare(
    "appointments.sign",
    _("Подписывать приказы"),
    grant({Role.HEAD}, Reach.OWN),
    conditions=[
        Condition(_("приказ ещё не подписан"), lambda _acting, order: order.signed_at is None),
    ],
    delegable=False,
)
declare(
    "appointments.send_list",
    _("Отправить список ответственных наверх"),
    grant((COORDINATORS - {Role.FEDERAL_ORGANISER}) | {Role.SCHOOL_COORDINATOR}, Reach.OWN),
    delegable=False,
)
declare(
    "appointments.read_lists",
    _("Видеть отправленные списки ответственных"),
    grant(_WHO_APPOINT | {Role.TECHNICAL_SPECIALIST}, Reach.SEEN),
)
declare(
    "appointments.receive_lists", _("Принимать списки ответственных снизу"), grant(COORDINATORS, Reach.SEEN)
)
declare(
    "appointments.delegate",
    _("Поручить свой кабинет техническому специалисту и прекратить поручение"),
    grant(COORDINATORS | {Role.SCHOOL_COORDINATOR}, Reach.OWN),
    delegable=False,
)
declare(
    "appointments.end_delegation",
    _("Прекратить поручение"),
    grant(COORDINATORS | {Role.SCHOOL_COORDINATOR, Role.HEAD}, Reach.ANYWHERE),
    conditions=[
        Condition(
            _("своё, а руководитель — любое в своей организации"),
            lambda acting, delegation: (
                delegation.appointment_id == acting.appointment_id
                or (
                    acting.role == Role.HEAD
                    and delegation.appointment.organisation_id == acting.organisation_id
                )
            ),
        )
    ],
    delegable=False,
)
declare(
    "appointments.see_delegations",
    _("Видеть поручения своей организации"),
    grant(_WHO_APPOINT | {Role.TECHNICAL_SPECIALIST}, Reach.OWN),
)


def proposable(acting: Acting, organisation: Organisation | None = None) -> list[str]:
    """The roles that one may propose (in this organisation, or anywhere)."""
    return [role for role in WAYS if may(acting, f"appointments.propose.{role}", organisation)]


def stands_at_once(acting: Acting, role: str, organisation: Organisation) -> bool:
    """Whether one's own proposal needs nobody else."""
    return may(acting, f"appointments.confirm.{role}", organisation)
