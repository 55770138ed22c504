"""The rules of appointment (A3): each refuses with its reason, naming person, subject and organisation.

They are asked when somebody is proposed, again when confirmed, and once more of what stands whenever a
person's workplace or subjects change: then what they say is a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from oko.cabinet.appointments.subjects import speciality_in
from oko.cabinet.appointments.ways import OBSERVERS, WAYS
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import SCHOOL_STAFF, Account, Appointment, Role, State


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody in a role at a place, with what else they stand for in this assessment."""

    person: Account
    role: str
    organisation: Organisation
    room: str = ""
    subject: str = ""
    #: The person's other appointments that stand or wait.
    others: Sequence[Appointment] = ()
    #: The grades in which the assessment has works in the subject.
    grades: Collection[int] = field(default=())

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label).lower()

    @property
    def who(self) -> str:
        return self.person.full_name

    @property
    def where(self) -> str:
        return self.organisation.short_name


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: `field` is the fact that stands in the way."""

    field: str
    message: str


class Refused(Exception):  # noqa: N818  # an answer to a person, not a programming error
    """The rules of appointment say no; each refusal has its reason."""

    def __init__(self, found: Sequence[Refusal]) -> None:
        super().__init__("\n".join(one.message for one in found))
        self.refusals = list(found)


def refusals(case: Case) -> list[Refusal]:
    """Every rule that is broken. Where the role does not exist in such a place, nothing else is said."""
    unfit = list(_role_and_place(case))
    return unfit or [one for rule in _RULES for one in rule(case)]


def _role_and_place(case: Case) -> Iterator[Refusal]:
    way = WAYS.get(case.role)
    if way is None or case.organisation.kind not in way.kinds:
        yield Refusal(
            "role",
            _("В организации вида «%(kind)s» нет такой роли. Выберите другую роль или организацию.")
            % {"kind": case.organisation.get_kind_display()},
        )


def _both_are_active(case: Case) -> Iterator[Refusal]:
    if not case.organisation.active:
        yield Refusal("organisation", _("%(where)s: организация не действует.") % {"where": case.where})
    if not case.person.is_active:
        yield Refusal("person", _("%(who)s: учётная запись отключена.") % {"who": case.who})


def _once(case: Case) -> Iterator[Refusal]:
    for other in case.others:
        if other.role == case.role and other.organisation_id == case.organisation.pk:
            words = (
                _("%(who)s уже назначен(а): %(role)s, %(where)s.")
                if other.state == State.CONFIRMED
                else _("%(who)s уже предложен(а) и ждёт подтверждения: %(role)s, %(where)s.")
            )
            yield Refusal("person", words % {"who": case.who, "role": case.role_label, "where": case.where})
            return


def _room_and_subject_are_told(case: Case) -> Iterator[Refusal]:
    way = WAYS[case.role]
    if way.needs_room and not case.room:
        yield Refusal("room", _("Укажите аудиторию: %(role)s отвечает за одну.") % {"role": case.role_label})
    if way.needs_subject and not case.subject:
        yield Refusal("subject", _("Укажите предмет: без него назначение не проверить."))


def _organiser_is_no_specialist(case: Case) -> Iterator[Refusal]:
    if case.role != Role.ROOM_ORGANISER or not case.subject:
        return
    speciality = speciality_in(case.subject, case.person.subjects, case.grades)
    if speciality is not None:
        yield Refusal(
            "subject",
            _(
                "%(who)s — специалист по предмету «%(speciality)s», а в аудитории %(room)s (%(where)s) "
                "пишут работу по предмету «%(subject)s». Назначьте в эту аудиторию другого человека."
            )
            % {
                "who": case.who,
                "speciality": speciality,
                "room": case.room or "—",
                "where": case.where,
                "subject": case.subject,
            },
        )


def _observer_is_no_colleague(case: Case) -> Iterator[Refusal]:
    """Nobody observes their own school: neither by workplace nor beside another duty there."""
    if case.role in OBSERVERS:
        if case.person.workplace_id == case.organisation.pk:
            yield Refusal(
                "person",
                _(
                    "%(who)s работает в этой организации (%(where)s), наблюдать в ней нельзя. "
                    "Выберите другого человека."
                )
                % {"who": case.who, "where": case.where},
            )
            return
        for other in case.others:
            if other.organisation_id == case.organisation.pk and other.role not in OBSERVERS:
                yield Refusal(
                    "person",
                    _(
                        "%(who)s назначен(а) в этой организации (%(where)s) в другой роли: %(role)s. "
                        "Наблюдать в ней нельзя. Выберите другого человека."
                    )
                    % {"who": case.who, "where": case.where, "role": str(Role(other.role).label).lower()},
                )
                return
        return
    for other in case.others:
        if other.organisation_id == case.organisation.pk and other.role in OBSERVERS:
            yield Refusal(
                "person",
                _(
                    "%(who)s наблюдает в этой организации (%(where)s): другой роли в ней быть не может. "
                    "Выберите другого человека или сначала завершите назначение наблюдателем."
                )
                % {"who": case.who, "where": case.where},
            )
            return


def _expert_marks_no_own_works(case: Case) -> Iterator[Refusal]:
    """An expert of the region marks its works but those of their own school; at that school there is no
    other work to mark.
    """
    if case.role != Role.EXPERT or not case.organisation.is_school:
        return
    works_there = case.person.workplace_id == case.organisation.pk or any(
        other.organisation_id == case.organisation.pk
        and other.role in SCHOOL_STAFF | {Role.TEACHER, Role.HEAD}
        for other in case.others
    )
    if works_there:
        yield Refusal(
            "person",
            _(
                "%(who)s работает в этой организации (%(where)s), а работы своей школы эксперт не проверяет. "
                "Назначьте экспертом при муниципалитете или регионе либо выберите другого человека."
            )
            % {"who": case.who, "where": case.where},
        )


_RULES: tuple[Callable[[Case], Iterator[Refusal]], ...] = (
    _both_are_active,
    _once,
    _room_and_subject_are_told,
    _organiser_is_no_specialist,
    _observer_is_no_colleague,
    _expert_marks_no_own_works,
)
