"""Cases for the rules of appointment, with what the database knows of the person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache

from oko.cabinet.appointments.conditions import Case, Refusal, refusals
from oko.cabinet.appointments.subjects import same_subject
from oko.cabinet.assessments.models import Paper
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment, State

#: What binds a person: what stands, and what waits for its confirmation.
BINDING = (State.PROPOSED, State.CONFIRMED)


def binding(people: Iterable[int], assessment_id: int) -> dict[int, list[Appointment]]:
    """The appointments that stand or wait, by the key of the person."""
    found: dict[int, list[Appointment]] = defaultdict(list)
    for one in Appointment.everything.filter(
        person_id__in=list(people), assessment_id=assessment_id, state__in=BINDING
    ).select_related("organisation"):
        found[one.person_id].append(one)
    return found


class Grades:
    """In which grades an assessment has works in a subject; its papers are read once."""

    def __init__(self, assessment_id: int) -> None:
        self._papers = list(
            Paper.everything.filter(assessment_id=assessment_id).values_list("subject", "grade")
        )
        self.of = cache(self._of)

    def _of(self, subject: str) -> Collection[int]:
        return frozenset(grade for its, grade in self._papers if subject and same_subject(its, subject))

    @property
    def subjects(self) -> list[str]:
        return sorted({subject for subject, _grade in self._papers})


def case_of(
    person: Account,
    role: str,
    organisation: Organisation,
    assessment_id: int,
    *,
    room: str = "",
    subject: str = "",
    but: Appointment | None = None,
) -> Case:
    """One case; `but` is the appointment itself where it is already on record."""
    others = binding([person.pk], assessment_id)[person.pk] if person.pk else []
    return Case(
        person=person,
        role=role,
        organisation=organisation,
        room=room,
        subject=subject,
        others=[one for one in others if but is None or one.pk != but.pk],
        grades=Grades(assessment_id).of(subject),
    )


def warnings_of(appointment: Appointment) -> list[Refusal]:
    """What the rules say of an appointment by what is known today."""
    return refusals(
        case_of(
            appointment.person,
            appointment.role,
            appointment.organisation,
            appointment.assessment_id,
            room=appointment.room,
            subject=appointment.subject,
            but=appointment,
        )
    )


def in_conflict(appointments: Collection[Appointment]) -> dict[int, list[Refusal]]:
    """The warnings of many in one assessment, in three queries; only of those that have any."""
    if not appointments:
        return {}
    assessment_id = next(iter(appointments)).assessment_id
    others = binding({one.person_id for one in appointments}, assessment_id)
    grades = Grades(assessment_id)
    found = {}
    for one in appointments:
        case = Case(
            person=one.person,
            role=one.role,
            organisation=one.organisation,
            room=one.room,
            subject=one.subject,
            others=[other for other in others[one.person_id] if other.pk != one.pk],
            grades=grades.of(one.subject),
        )
        if one.state in BINDING and (broken := refusals(case)):
            found[one.pk] = broken
    return found
