"""The rules of the supervision tree, said to a person in words (mission A1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oko.cabinet.organisations.facts import Facts
from oko.cabinet.organisations.tree import Tree, check

FEDERAL = Facts("fed", "federal", "Федеральный организатор", "Федеральный")
REGION = Facts("reg64", "region", "Министерство", "Министерство", supervisor="fed")
OTHER_REGION = Facts("reg65", "region", "Соседнее министерство", "Соседнее", supervisor="fed")
CENTRE = Facts("rcoko64", "centre", "РЦОКО", "РЦОКО", supervisor="reg64")
TOWN = Facts("mun6401", "municipality", "Район", "Район", supervisor="reg64")
FAR_TOWN = Facts("mun6501", "municipality", "Дальний район", "Дальний", supervisor="reg65")
SCHOOL = Facts(
    "edu640001",
    "school",
    "Школа № 1",
    "Школа № 1",
    supervisor="mun6401",
    territory="mun6401",
    ownership="municipal",
)
EVERYBODY = (FEDERAL, REGION, OTHER_REGION, CENTRE, TOWN, FAR_TOWN)


def broken_by(facts: Facts, before: Facts | None = None) -> dict[str, str]:
    return {p.field: p.message for p in check(facts, before, Tree([*EVERYBODY, facts]))}


def test_municipal_school_under_its_municipality_breaks_nothing() -> None:
    assert broken_by(SCHOOL) == {}


@pytest.mark.parametrize("ownership", ["state", "federal", "private"])
def test_school_that_is_not_municipal_answers_to_the_centre(ownership: str) -> None:
    under_the_town = replace(SCHOOL, ownership=ownership)
    assert "ответственный координатор" in broken_by(under_the_town)["supervisor"]
    assert broken_by(replace(under_the_town, supervisor="rcoko64")) == {}


def test_municipal_school_under_the_centre_is_sent_to_its_municipality() -> None:
    assert "Укажите муниципалитет" in broken_by(replace(SCHOOL, supervisor="rcoko64"))["supervisor"]


def test_college_never_answers_to_a_municipality() -> None:
    college = replace(SCHOOL, kind="college", ownership="municipal")
    assert "не может подчиняться" in broken_by(college)["supervisor"]
    assert broken_by(replace(college, supervisor="rcoko64")) == {}


def test_school_stands_on_the_territory_of_its_municipality() -> None:
    other = Facts("mun6402", "municipality", "Другой", "Другой", supervisor="reg64")
    tree = Tree([*EVERYBODY, other])
    problems = check(replace(SCHOOL, territory="mun6402"), None, tree)
    assert [(p.field, p.expected) for p in problems] == [("territory", "mun6401")]


def test_territory_in_another_region_is_refused() -> None:
    state = replace(SCHOOL, ownership="state", supervisor="rcoko64", territory="mun6501")
    assert "в другом регионе" in broken_by(state)["territory"]


@pytest.mark.parametrize("territory", ["", "mun9999", "rcoko64"])
def test_territory_must_be_a_municipality(territory: str) -> None:
    assert set(broken_by(replace(SCHOOL, ownership="state", supervisor="rcoko64", territory=territory))) == {
        "territory"
    }


def test_only_schools_have_a_territory() -> None:
    assert set(broken_by(replace(CENTRE, territory="mun6401"))) == {"territory"}


@pytest.mark.parametrize("code", ["", "EDU1", "школа1", "edu 1", "edu123456789", "import", "own", "new"])
def test_code_that_is_no_code_is_refused(code: str) -> None:
    assert "code" in broken_by(replace(CENTRE, code=code))


def test_code_of_a_school_begins_with_the_number_of_its_region() -> None:
    assert "64" in broken_by(replace(SCHOOL, code="edu650001"))["code"]


def test_supervisor_that_is_closed_or_unknown_is_refused() -> None:
    closed = Tree([FEDERAL, REGION, replace(TOWN, active=False)])
    assert "не действует" in next(p.message for p in check(SCHOOL, None, closed) if p.field == "supervisor")
    assert "нет или она вам не видна" in broken_by(replace(SCHOOL, supervisor="mun7777"))["supervisor"]


def test_authority_with_active_schools_cannot_be_closed() -> None:
    tree = Tree([*EVERYBODY, SCHOOL])
    assert [p.field for p in check(replace(TOWN, active=False), TOWN, tree)] == ["active"]


def test_kind_changes_only_between_school_and_college() -> None:
    lyceum = replace(SCHOOL, ownership="state", supervisor="rcoko64")
    assert broken_by(replace(lyceum, kind="college"), lyceum) == {}
    assert "kind" in broken_by(replace(TOWN, kind="centre"), TOWN)


def test_municipality_stays_in_its_region() -> None:
    assert set(broken_by(replace(TOWN, supervisor="reg65"), TOWN)) == {"supervisor"}


def test_second_federal_organiser_is_refused() -> None:
    assert "kind" in broken_by(replace(FEDERAL, code="fedtwo"))


def test_correcting_an_address_is_not_stopped_by_an_old_fault_elsewhere() -> None:
    old = replace(SCHOOL, ownership="")
    assert broken_by(replace(old, delivery_address="ул. Ленина, 1"), old) == {}
    assert set(broken_by(replace(old, delivery_address="я" * 401), old)) == {"delivery_address"}


def test_time_zone_must_be_one_that_exists() -> None:
    assert "time_zone" in broken_by(replace(SCHOOL, time_zone="Asia/Nowhere"))
    assert broken_by(replace(SCHOOL, time_zone="Asia/Almaty")) == {}


def test_supervisor_that_is_itself_still_wrong_in_the_file_is_not_blamed_on_the_school() -> None:
    kindless = replace(TOWN, kind="")
    tree = Tree([FEDERAL, REGION, kindless])
    assert "supervisor" not in {problem.field for problem in check(SCHOOL, None, tree)}
    assert [problem.field for problem in check(kindless, None, tree)] == ["kind"]
