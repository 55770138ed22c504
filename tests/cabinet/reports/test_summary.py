"""«Главное»: one page of plain words for a school, a municipality and a region."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache

from oko.cabinet.assessments.models import Assessment, RoadmapStep
from oko.cabinet.organisations.models import Kind, Organisation
from oko.cabinet.people.models import Role
from oko.engines.statistics.works import write_works
from tests.cabinet.conftest import World, make_organisation, make_paper

LOW, HIGH = 3, 18  # totals of a «2» and of a «5» in mathematics


def works(world: World, school: Organisation, totals: Sequence[int]) -> list[dict[str, Any]]:
    """Works in mathematics with given totals: points are earned item by item, from the first one on."""
    paper = world.papers["mat4"].for_engines()
    rows = []
    for number, total in enumerate(totals):
        left, scores = total, {}
        for item in paper.items:
            scores[item.code] = min(left, item.maximum)
            left -= scores[item.code]
        rows.append(
            {
                "school": school.code,
                "municipality": school.municipality.code,  # type: ignore[union-attr]  # a school stands somewhere
                "supervisor": school.supervisor.code,  # type: ignore[union-attr]  # and answers to somebody
                "class": "4А",
                "participant": str(40001 + number),
                "variant_1": 1,
                "status": "present",
                "prior_mark": 3,
                **scores,
                "total": total,
                "mark": paper.mark(total),
            }
        )
    return rows


def write(world: World, rows: list[dict[str, Any]], assessment: str = "vpr-2026") -> None:
    write_works(settings.WORKS_ROOT, assessment, world.papers["mat4"].for_engines(), "64", rows)


@pytest.fixture
def season(world: World) -> World:
    """School 1: five «2» of 24; school 2: three of 24, the state school: none of 24; school 3: five works."""
    cache.clear()
    write(
        world,
        works(world, world["school1"], [LOW] * 5 + [HIGH] * 19)
        + works(world, world["school2"], [LOW] * 3 + [HIGH] * 21)
        + works(world, world["state"], [HIGH] * 24)
        + works(world, world["school3"], [12] * 5),
    )
    return world


def said(page: Any) -> str:
    """All sentences of the page, with plain spaces."""
    assert page.status_code == 200
    sections = page.context["sections"]
    return "\n".join(s.text for section in sections for s in section.sentences).replace("\u00a0", " ")


def headings(page: Any) -> list[str]:
    return [section.heading for section in page.context["sections"]]


@pytest.mark.parametrize("who", ["school", "technician", "teacher", "municipal", "regional", "analyst"])
def test_school_reads_its_own_and_so_do_those_above(season: World, who: str) -> None:
    page = season.client(who).get("/reports/mat4/summary/edu640001/")
    assert "24 участника. «2» — 5 (20,8 %)" in said(page)
    assert "Доля «2»: здесь 20,8 %, в муниципалитете — 11,1 %, в регионе — 10,4 %." in said(page)
    assert page.content.decode().count("<h1>") == 1


def test_foreign_school_is_not_found(season: World) -> None:
    assert season.client("technician2").get("/reports/mat4/summary/edu640001/").status_code == 404
    assert season.client("regional2").get("/reports/mat4/summary/edu640001/").status_code == 404
    assert season.client("school").get("/reports/none/summary/edu640001/").status_code == 404


def test_sentence_with_a_figure_leads_to_its_works(season: World) -> None:
    page = season.client("school").get("/reports/mat4/summary/edu640001/")
    headline = page.context["sections"][0].sentences[1]
    assert headline.works == "/reports/mat4/works/edu640001/?mark=2"
    assert f'href="{headline.works}"' in page.content.decode()


def test_five_works_have_no_percent(season: World) -> None:
    page = season.client("municipal2").get("/reports/mat4/summary/edu640003/")
    assert "5 участников" in said(page)
    assert "%" not in said(page)


def test_municipality_reads_of_its_territory_without_a_list_of_schools(season: World) -> None:
    page = season.client("municipal").get("/reports/mat4/summary/mun6401/")
    assert "72 участника" in said(page)
    text = page.content.decode()
    assert not any(name in text for name in ("Школа № 1", "Школа № 2", "Лицей-интернат"))


def test_region_is_told_how_many_schools_are_too_small(season: World) -> None:
    page = season.client("regional").get("/reports/mat4/summary/reg64/")
    assert "Из 4 организаций с работами слишком мало участников для долей — в 1" in said(page)


@pytest.mark.parametrize(("who", "code"), [("federal", "fed"), ("responsible", "rcoko64")])
def test_the_whole_and_a_centre_have_their_page(season: World, who: str, code: str) -> None:
    page = season.client(who).get(f"/reports/mat4/summary/{code}/")
    assert "Всю работу выполнили и получили отметку: 77 участников." in said(page)


def test_missing_protocols_stand_on_the_page(season: World) -> None:
    page = season.client("regional").get("/reports/mat4/summary/reg64/").content.decode()
    assert "Не хватает" in page


def test_nothing_yet(world: World) -> None:
    cache.clear()
    page = world.client("school").get("/reports/mat4/summary/edu640001/")
    assert "Результатов пока нет." in page.content.decode()


def test_nothing_before_the_roadmap_says_so(season: World) -> None:
    RoadmapStep.everything.create(
        assessment=season.assessment,
        paper=season.papers["mat4"],
        position=9,
        title="Получить отчёт",
        action=RoadmapStep.Action.RECEIVE_REPORT,
        roles=[Role.SCHOOL_COORDINATOR],
        opens=datetime.fromisoformat("2036-05-21 08:00"),
        closes=datetime.fromisoformat("2036-06-20 18:00"),
    )
    page = season.client("school").get("/reports/mat4/summary/edu640001/")
    assert "20,8" not in page.content.decode()
    early = season.client("regional").get("/reports/mat4/summary/edu640001/")
    assert "Предварительно" in early.content.decode()
    assert "20,8 %" in said(early)


def similar_villages(world: World, number: int) -> list[dict[str, Any]]:
    """Village schools of ten works; the n-th has n «2»."""
    rows = []
    for n in range(number):
        code = f"edu6409{n:02}"
        school = make_organisation(
            code, Kind.SCHOOL, world["mun2"], ownership="municipal", settlement="village", levels=["noo"]
        )
        rows += works(world, school, [LOW] * n + [HIGH] * (10 - n))
    return rows


def test_similar_schools_are_a_span_without_names(season: World) -> None:
    """Quartiles of 0, 10 … 90 percent of «2» are 22.5 and 67.5."""
    own = season["school1"]
    Organisation.everything.filter(pk=own.pk).update(settlement="village", levels=["noo"])
    write(season, works(season, own, [LOW] * 2 + [HIGH] * 8) + similar_villages(season, 10))
    page = season.client("school").get("/reports/mat4/summary/edu640001/")
    assert "Доля «2»: здесь 20,0 %; у средней половины похожих организаций — от 22,5 % до 67,5 %. Ниже" in (
        said(page)
    )
    assert not re.search(r"edu6409\d\d", page.content.decode())


def test_without_enough_similar_schools_there_is_no_comparison(season: World) -> None:
    page = season.client("school").get("/reports/mat4/summary/edu640001/")
    assert "Сравнения нет: в регионе меньше 10 похожих организаций с работами." in said(page)


def test_year_before_stands_beside(season: World) -> None:
    before = Assessment.everything.create(
        code="vpr-2025", title="ВПР 2025", year=2025, starts_on=date(2025, 4, 20), ends_on=date(2025, 6, 1)
    )
    make_paper(before, "mat4", date(2025, 4, 21))
    write(season, works(season, season["school1"], [HIGH] * 24), "vpr-2025")
    page = season.client("school").get("/reports/mat4/summary/edu640001/")
    assert "Что изменилось" in headings(page)
    assert (
        "Доля «2»: 20,8 %, ВПР 2025 — 0,0 %. Рост на 20,8 п. п.; от 10 п. п. — отрицательная динамика."
        in (said(page))
    )


@pytest.mark.parametrize("query", ["?below=%00", "?q=%00", "?page=999", "?lang=xx"])
def test_odd_queries_are_answered(season: World, query: str) -> None:
    assert season.client("school").get(f"/reports/mat4/summary/edu640001/{query}").status_code == 200
