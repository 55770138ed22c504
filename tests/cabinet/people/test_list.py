"""Who is appointed where, with a telephone; whom a school calls."""

from __future__ import annotations

import io

import openpyxl
import pytest

from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people import queries
from oko.cabinet.people.models import Account, Appointment, Order


def rows_of(page) -> str:
    return page.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]


def test_coordinator_sees_people_of_those_supervised_and_nobody_else(world) -> None:
    rows = rows_of(world.client("municipal").get("/people/"))
    assert "Сотрудник technician2" in rows
    assert "Сотрудник technician3" not in rows
    assert "Сотрудник regional" not in rows


def test_school_sees_its_own_people(world) -> None:
    rows = rows_of(world.client("school").get("/people/"))
    assert "Сотрудник teacher" in rows
    assert "Сотрудник technician2" not in rows


@pytest.mark.parametrize("who", ["teacher", "analyst"])
def test_telephones_are_not_for_everybody(world, who: str) -> None:
    client = world.client(who)
    assert client.get("/people/").status_code == 403
    assert 'href="/people/"' not in client.get("/").content.decode()


def test_people_of_another_assessment_are_not_shown(world) -> None:
    assessment = type(world.assessment)
    other = assessment.everything.create(
        code="niko-2026", title="НИКО", year=2026, starts_on="2026-10-01", ends_on="2026-10-31"
    )
    Appointment.everything.filter(person__username="technician2").update(assessment=other)
    assert "technician2" not in rows_of(world.client("municipal").get("/people/"))


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("text=technician2", "technician2", "teacher"),
        ("text=000-77", "technician3", "technician2"),
        ("role=teacher", "teacher", "technician2"),
        ("organisation=edu640003", "technician3", "technician2"),
        ("organisation=Школа+3", "technician3", "technician2"),
        ("state=ended", "technician2", "technician3"),
    ],
)
def test_list_is_filtered(world, query: str, shown: str, hidden: str) -> None:
    Account.objects.filter(username="technician3").update(phone="+7 845 000-77-77")
    if "ended" in query:
        Appointment.everything.filter(person__username="technician2").update(state="withdrawn")
    rows = rows_of(world.client("regional").get(f"/people/?{query}"))
    assert f"Сотрудник {shown}" in rows
    assert f"Сотрудник {hidden}<" not in rows


@pytest.mark.parametrize(
    "query", ["role=king", "state=%00", "text=%00", "page=x", "sort=-nothing", "organisation=" + "я" * 999]
)
def test_nonsense_in_the_address_is_ignored(world, query: str) -> None:
    assert world.client("regional").get(f"/people/?{query}").status_code == 200


@pytest.mark.parametrize("sort", ["full_name", "-role", "organisation", "code", "order", "state"])
def test_list_is_sorted_by_every_column_that_offers_it(world, sort: str) -> None:
    assert "Сотрудник" in rows_of(world.client("regional").get(f"/people/?sort={sort}"))


def test_exported_telephone_is_plain_text(world) -> None:
    Account.objects.update(phone="+7 845 000-00-01")
    Order.everything.update(date="2026-02-03")
    content = world.client("municipal").get("/people/?export=xlsx").content
    head, *rows = openpyxl.load_workbook(io.BytesIO(content)).active.values
    first = dict(zip(head, rows[0], strict=True))
    assert first["Телефон"] == "+7 845 000-00-01"
    assert first["Приказ"] == "№ 1 от 03.02.2026"
    assert len(rows) == 5


def test_school_calls_the_coordinator_of_its_municipality(world) -> None:
    Account.objects.filter(username="municipal").update(phone="+7 845 000-00-01")
    (found,) = queries.coordinators_of(world["school1"], world.assessment.pk)
    assert found.person.username == "municipal"
    assert "+7 845 000-00-01" in world.client("school").get("/").content.decode()


def test_state_school_calls_the_responsible_coordinator_at_the_centre(world) -> None:
    (found,) = queries.coordinators_of(world["state"], world.assessment.pk)
    assert found.person.username == "responsible"


def test_where_the_municipality_has_nobody_one_calls_the_region(world) -> None:
    Appointment.everything.filter(person__username="municipal").update(state="withdrawn")
    (found,) = queries.coordinators_of(world["school1"], world.assessment.pk)
    assert found.person.username == "regional"
    Organisation.everything.filter(pk=world["region"].pk).update(active=False)
    (found,) = queries.coordinators_of(world["school1"], world.assessment.pk)
    assert found.person.username == "federal"


def test_federal_organiser_has_nobody_above(world) -> None:
    assert queries.coordinators_of(world["fed"], world.assessment.pk) == []
    assert "Ваш координатор" not in world.client("federal").get("/").content.decode()
