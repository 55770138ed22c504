"""The two reports as pages: numbers by territory, lists by what one may see, small groups no percents."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from django.conf import settings

from oko.cabinet.assessments.models import RoadmapStep, StepProgress
from oko.engines.statistics.directions import BY_SLUG
from oko.engines.statistics.works import write_works
from tests.cabinet.conftest import World


def works(world: World, school: str, totals: Sequence[int]) -> list[dict[str, Any]]:
    """Works in mathematics with given totals: points are earned item by item, from the first one on."""
    paper = world.papers["mat4"].for_engines()
    organisation = world[school]
    rows = []
    for number, total in enumerate(totals):
        left = total
        scores = {}
        for item in paper.items:
            scores[item.code] = min(left, item.maximum)
            left -= scores[item.code]
        rows.append(
            {
                "school": organisation.code,
                "municipality": organisation.municipality.code,
                "supervisor": organisation.supervisor.code,
                "class": "4А",
                "participant": str(40001 + number),
                "variant_1": 1,
                "status": "present",
                **scores,
                "total": total,
                "mark": paper.mark(total),
            }
        )
    return rows


@pytest.fixture
def season(world: World) -> World:
    """Twelve works in each of three schools of a territory (one of the centre), twelve in region 65."""
    paper = world.papers["mat4"].for_engines()
    write_works(
        settings.WORKS_ROOT,
        "vpr-2026",
        paper,
        "64",
        works(world, "school1", [3] * 3 + [8] * 3 + [12] * 3 + [18] * 3)
        + works(world, "school2", [8] * 12)
        + works(world, "state", [18] * 12)
        + works(world, "school3", [12] * 5),
    )
    write_works(settings.WORKS_ROOT, "vpr-2026", paper, "65", works(world, "school5", [3] * 12))
    return world


def table_rows(page: Any, name: str) -> dict[str, dict[str, Any]]:
    """The rows of the table beside or below, by what they are called."""
    grid = getattr(page.context["report"], name)
    names = [column.name for column in grid.columns]
    return {row.label: dict(zip(names, (cell.value for cell in row.cells), strict=True)) for row in grid.rows}


def test_school_stands_beside_its_territory_region_and_country(season: World) -> None:
    page = season.client("technician").get("/reports/mat4/marks/edu640001/")
    rows = table_rows(page, "beside")
    assert list(rows) == [
        "Вся выборка",
        "Министерство образования области",
        "Приреченский район",
        "Школа № 1",
    ]
    assert [rows["Школа № 1"][f"percent_{mark}"] for mark in (2, 3, 4, 5)] == [25.0, 25.0, 25.0, 25.0]
    territory = rows["Приреченский район"]
    assert territory["participants"] == 36, "the state school stands on the territory and counts there"
    assert territory["percent_5"] == pytest.approx(100 * 15 / 36)
    assert rows["Вся выборка"]["participants"] == 53


def test_municipal_coordinator_lists_only_the_supervised(season: World) -> None:
    page = season.client("municipal").get("/reports/mat4/marks/mun6401/")
    assert list(table_rows(page, "below")) == ["Школа № 1", "Школа № 2"]
    assert "Лицей-интернат" not in page.content.decode()


def test_responsible_coordinator_lists_the_schools_of_the_centre(season: World) -> None:
    page = season.client("responsible").get("/reports/mat4/marks/rcoko64/")
    assert list(table_rows(page, "below")) == ["Лицей-интернат"]


def test_region_lists_municipalities_and_on_wish_schools(season: World) -> None:
    client = season.client("regional")
    assert list(table_rows(client.get("/reports/mat4/marks/reg64/"), "below")) == [
        "Приреченский район",
        "Заречный район",
    ]
    schools = table_rows(client.get("/reports/mat4/items/reg64/?below=school"), "below")
    assert set(schools) == {"Школа № 1", "Школа № 2", "Школа № 3", "Лицей-интернат"}
    found = table_rows(client.get("/reports/mat4/items/reg64/?below=school&q=лицей"), "below")
    assert list(found) == ["Лицей-интернат"]


def test_federal_organiser_lists_regions(season: World) -> None:
    rows = table_rows(season.client("federal").get("/reports/mat4/marks/fed/"), "below")
    assert {name: row["participants"] for name, row in rows.items()} == {
        "Министерство образования области": 41,
        "Министерство соседней области": 12,
    }


def test_small_group_has_counts_but_no_percents(season: World) -> None:
    page = season.client("municipal2").get("/reports/mat4/marks/edu640003/")
    row = table_rows(page, "beside")["Школа № 3"]
    assert row["count_4"] == 5
    assert row["percent_4"] is None
    assert "менее 10 участников" in page.content.decode()


def test_items_show_percent_of_maximum_and_threshold(season: World) -> None:
    page = season.client("technician").get("/reports/mat4/items/edu640001/")
    own = table_rows(page, "beside")["Школа № 1"]
    assert own["item_1"] == 100.0
    assert own["item_12"] == 0.0, "18 points are earned before the last item"
    shown = page.content.decode()
    assert "выше порога" in shown
    assert "ниже порога" in shown


def test_report_without_works_says_when_it_will_come(world: World) -> None:
    page = world.client("technician").get("/reports/mat4/marks/edu640001/").content.decode()
    assert "Результатов пока нет." in page


@pytest.mark.parametrize("kind", [*BY_SLUG, "works"])
@pytest.mark.parametrize(
    "query",
    [
        "?export=xlsx",
        "?export=csv",
        "?sort=-participants",
        "?page=999",
        "?page=x",
        "?below=чушь",
        "?q=%00",
        "?sort=нет",
    ],
)
def test_odd_and_ordinary_queries_are_answered(season: World, kind: str, query: str) -> None:
    assert season.client("regional").get(f"/reports/mat4/{kind}/reg64/{query}").status_code == 200
    assert season.client("technician").get(f"/reports/mat4/{kind}/edu640001/{query}").status_code == 200


def test_workbook_downloads(season: World) -> None:
    answer = season.client("municipal").get("/reports/mat4/workbook/mun6401/")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    groups = [row[0] for row in book["Статистика по отметкам"].iter_rows(values_only=True)]
    beside = ["Вся выборка", "Министерство образования области", "Приреченский район"]
    assert [name for name in groups if name in {*beside, "Школа № 1", "Школа № 2", "Лицей-интернат"}] == [
        *beside,
        "Школа № 1",
        "Школа № 2",
    ]
    assert "attachment" in answer.headers["Content-Disposition"]


def test_foreign_and_unknown_places_do_not_exist(season: World) -> None:
    client = season.client("technician")
    for address in (
        "mat4/marks/edu640002/",
        "mat4/items/reg64/",
        "mat4/marks/edu999999/",
        "geo9/marks/edu640001/",
    ):
        assert client.get(f"/reports/{address}").status_code == 404


def test_school_confirms_that_it_has_its_report(season: World) -> None:
    step = RoadmapStep.everything.create(
        assessment=season.assessment,
        paper=season.papers["mat4"],
        position=9,
        title="Получить отчёт",
        action=RoadmapStep.Action.RECEIVE_REPORT,
        roles=["school_coordinator"],
        opens=season.steps["mat4"].opens,
        closes=season.steps["mat4"].closes,
    )
    answer = season.client("school").post("/reports/mat4/received/", follow=True)
    assert "подтверждено" in answer.content.decode()
    assert StepProgress.everything.get(step=step, organisation=season["school1"]).state == "done"
    assert season.client("municipal").post("/reports/mat4/received/").status_code == 403


def test_index_leads_to_each_paper(season: World) -> None:
    page = season.client("teacher").get("/reports/").content.decode()
    assert "/reports/mat4/marks/edu640001/" in page
    assert "/reports/rus4/items/edu640001/" in page
