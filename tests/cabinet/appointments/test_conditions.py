"""The rules of A3: who may not, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oko.cabinet.appointments.conditions import Case, refusals
from oko.cabinet.appointments.subjects import FAMILIES, same_subject, speciality_in
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import Account, Appointment, Role

SCHOOL = Organisation(pk=1, kind=Kind.SCHOOL, short_name="Школа № 1")
OTHER = Organisation(pk=2, kind=Kind.SCHOOL, short_name="Школа № 2")
REGION = Organisation(pk=3, kind=Kind.REGION, short_name="Министерство")


def person(**facts: object) -> Account:
    return Account(pk=1, full_name="Петрова А. Б.", **facts)


def appointed(role: str, organisation: Organisation, state: str = "confirmed") -> Appointment:
    return Appointment(pk=9, role=role, organisation=organisation, state=state)


def reasons(*args: object, **kwargs: object) -> str:
    return "\n".join(one.message for one in refusals(Case(*args, **kwargs)))  # type: ignore[arg-type]


def test_organiser_is_no_specialist_in_the_subject_of_the_room() -> None:
    said = reasons(person(subjects=["алгебра"]), Role.ROOM_ORGANISER, SCHOOL, room="12", subject="Математика")
    for fact in ("Петрова А. Б.", "алгебра", "аудитории 12", "Школа № 1", "«Математика»"):
        assert fact in said


def test_organiser_of_another_subject_is_welcome() -> None:
    assert not refusals(
        Case(person(subjects=["физика"]), Role.ROOM_ORGANISER, SCHOOL, room="12", subject="Математика")
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Русский язык", "русский  язык", True),
        ("Математика", "алгебра", True),
        ("алгебра", "Геометрия", True),
        ("Иностранный язык (английский)", "английский язык", True),
        ("иностранный язык", "Немецкий язык", True),
        ("английский язык", "немецкий язык", False),
        ("Русский язык", "Литература", False),
        ("История", "Обществознание", False),
        ("Музыка", "музыка", True),
        ("", "Математика", False),
    ],
)
def test_subjects_are_compared_by_meaning(one: str, other: str, same: bool) -> None:
    assert same_subject(one, other) is same
    assert same_subject(other, one) is same


@given(st.sampled_from([name for family in FAMILIES for name in family]))
def test_subject_is_the_same_however_it_is_typed(name: str) -> None:
    assert same_subject(name, f"  {name.upper()} ")


def test_primary_teacher_is_a_specialist_in_works_of_the_primary_classes_only() -> None:
    assert speciality_in("Математика", ["начальные классы"], {4}) == "начальные классы"
    assert speciality_in("Математика", ["начальные классы"], {4, 8}) is None
    assert speciality_in("Физика", ["начальные классы"], {4}) is None


@pytest.mark.parametrize("role", [Role.PUBLIC_OBSERVER, Role.INDEPENDENT_OBSERVER])
def test_observer_does_not_work_where_they_observe(role: str) -> None:
    assert "работает в этой организации (Школа № 1)" in reasons(person(workplace_id=1), role, SCHOOL)
    assert not refusals(Case(person(workplace_id=2), role, SCHOOL))


@pytest.mark.parametrize("role", [Role.PUBLIC_OBSERVER, Role.INDEPENDENT_OBSERVER])
def test_observer_has_no_other_duty_there(role: str) -> None:
    teaches = appointed(Role.TEACHER, SCHOOL, "proposed")
    assert "в другой роли: учитель" in reasons(person(), role, SCHOOL, others=[teaches])
    assert not refusals(Case(person(), role, OTHER, others=[teaches]))


def test_observer_of_a_school_gets_no_duty_in_it() -> None:
    observes = appointed(Role.INDEPENDENT_OBSERVER, SCHOOL)
    assert "наблюдает в этой организации" in reasons(person(), Role.TEACHER, SCHOOL, others=[observes])
    assert not refusals(Case(person(), Role.TEACHER, OTHER, others=[observes]))


def test_expert_marks_no_works_of_their_own_school() -> None:
    mine = person(workplace_id=1)
    assert "своей школы эксперт не проверяет" in reasons(mine, Role.EXPERT, SCHOOL, subject="Химия")
    assert not refusals(Case(mine, Role.EXPERT, REGION, subject="Химия"))
    assert not refusals(Case(mine, Role.EXPERT, OTHER, subject="Химия"))


def test_room_and_subject_are_asked_for_where_the_role_needs_them() -> None:
    assert {one.field for one in refusals(Case(person(), Role.ROOM_ORGANISER, SCHOOL))} == {"room", "subject"}
    assert {one.field for one in refusals(Case(person(), Role.EXPERT, REGION))} == {"subject"}
    assert not refusals(Case(person(), Role.TEACHER, SCHOOL))
