"""A report comes when the roadmap says, on one's own clock; until then nothing of it leaks anywhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from oko.cabinet.assessments.models import RoadmapStep, StepException
from oko.cabinet.foundation.clock import now
from oko.cabinet.people.models import Role
from oko.cabinet.reports.documents import documents
from oko.cabinet.reports.places import place
from oko.engines.statistics.directions import BY_SLUG
from tests.cabinet.conftest import World
from tests.cabinet.reports.test_reports import season, works  # noqa: F401  # its fixture and its works

FILES = ["workbook.xlsx", "report.pdf", "f1.xlsx", "works.csv", "works.parquet", "marks.csv", "items.parquet"]
ADDRESSES = [
    *(f"/reports/mat4/{direction}/{{code}}/" for direction in BY_SLUG),
    *(f"/reports/mat4/{direction}/{{code}}/?export=csv" for direction in BY_SLUG),
    "/reports/mat4/individual/{code}/",
    "/reports/mat4/works/{code}/",
    "/reports/mat4/works/{code}/?export=xlsx",
    "/reports/mat4/behind/{code}/",
    "/reports/mat4/behind/{code}/?export=csv",
    "/reports/mat4/summary/{code}/",
    "/reports/mat4/workbook/{code}/",
    *(f"/reports/mat4/download/{{code}}/{file}" for file in FILES),
]


def receive(world: World, opens: str, closes: str, paper: str | None = "mat4") -> RoadmapStep:
    return RoadmapStep.everything.create(
        assessment=world.assessment,
        paper=world.papers[paper] if paper else None,
        position=99,
        title="Получить отчёт",
        action=RoadmapStep.Action.RECEIVE_REPORT,
        roles=[Role.SCHOOL_COORDINATOR],
        opens=datetime.fromisoformat(opens),
        closes=datetime.fromisoformat(closes),
    )


def future(world: World, paper: str | None = "mat4") -> RoadmapStep:
    return receive(world, "2096-05-20 10:00", "2096-06-20 18:00", paper)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("technician", "edu640001"),
        ("teacher", "edu640001"),
        ("municipal", "mun6401"),
        ("responsible", "rcoko64"),
    ],
)
def test_nothing_leaks_through_any_address_before_the_step(
    season: World,  # noqa: F811
    who: str,
    code: str,
) -> None:
    future(season)
    client = season.client(who)
    for address in ADDRESSES:
        answer = client.get(address.format(code=code))
        assert answer.status_code == 200, address
        assert "Content-Disposition" not in answer.headers, address
        shown = answer.content.decode()
        assert "Отчёт появится 20.05.2096, 10:00" in shown, address
        assert "<svg" not in shown
        assert "<table" not in shown
    assert "Отчёт появится" in client.get("/reports/").content.decode()


def test_a_school_s_report_is_not_read_by_its_coordinator_before_the_school(season: World) -> None:  # noqa: F811
    future(season, paper=None)
    page = season.client("municipal").get("/reports/mat4/marks/edu640001/")
    assert "Отчёт появится" in page.content.decode()


def test_no_document_is_made_before_the_step(season: World) -> None:  # noqa: F811
    future(season)
    acting = season.acting("school")
    assert list(documents(acting, season.papers["mat4"], place(acting, season["school1"]))) == []


@pytest.mark.parametrize(
    ("who", "code"), [("regional", "reg64"), ("federal", "fed"), ("analyst", "edu640001")]
)
def test_region_country_and_analysts_see_it_as_preliminary(season: World, who: str, code: str) -> None:  # noqa: F811
    future(season)
    page = season.client(who).get(f"/reports/mat4/marks/{code}/")
    assert page.context["report"].has_works
    assert "Предварительно: школ" in page.content.decode()


def test_a_pause_says_that_and_why(season: World) -> None:  # noqa: F811
    step = receive(season, "2026-04-01 10:00", "2096-06-20 18:00")
    client = season.client("technician")
    assert client.get("/reports/mat4/marks/edu640001/").context["report"].has_works
    StepException.everything.create(
        assessment=season.assessment,
        step=step,
        organisation=season["region"],
        kind=StepException.Kind.PAUSE,
        reason="Перепроверяем ключи",
        made_by=season.appointments["regional"].person,
        made_at=now() - timedelta(hours=1),
    )
    shown = client.get("/reports/mat4/marks/edu640001/").content.decode()
    assert "приостановлено" in shown
    assert "Перепроверяем ключи" in shown
    assert "<svg" not in shown


def test_it_stays_readable_after_the_deadline(season: World) -> None:  # noqa: F811
    receive(season, "2026-04-01 10:00", "2026-04-20 18:00")
    page = season.client("technician").get("/reports/mat4/marks/edu640001/")
    assert page.context["report"].has_works


def test_documents_of_a_school_are_those_that_it_needs(season: World) -> None:  # noqa: F811
    acting = season.acting("school")
    made: dict[str, Any] = dict(documents(acting, season.papers["mat4"], place(acting, season["school1"])))
    assert [name.split()[0] + name[name.rindex(".") :] for name in made] == [
        "Отчёт.xlsx",
        "Отчёт.pdf",
        "Ф1.xlsx",
    ]
    assert all(not set(name) & set('\\/:*?"<>|') for name in made)


@pytest.mark.parametrize("file", FILES)
def test_each_file_downloads_and_an_unknown_one_does_not_exist(season: World, file: str) -> None:  # noqa: F811
    client = season.client("technician")
    answer = client.get(f"/reports/mat4/download/edu640001/{file}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert client.get("/reports/mat4/download/edu640001/names.xlsx").status_code == 404
    assert client.get("/reports/mat4/quality/edu640001/").status_code == 404
