"""Earlier seasons of the same subject and grade stand beside this one."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from oko.cabinet.assessments.models import Assessment
from oko.engines.statistics.works import write_works
from tests.cabinet.conftest import World, make_paper
from tests.cabinet.reports.test_reports import season, works  # noqa: F401  # its fixture and its works


def before(world: World, year: int, *, training: bool = False, wrote: bool = True) -> None:
    assessment = Assessment.everything.create(
        code=f"vpr-{year}",
        title=f"ВПР {year}",
        year=year,
        starts_on=date(year, 4, 1),
        ends_on=date(year, 5, 31),
        is_training=training,
    )
    paper = make_paper(assessment, "mat4", date(year, 4, 20))
    if wrote:
        scores = works(world, "school1", [8] * 10 + [18] * 2)
        write_works(settings.WORKS_ROOT, assessment.code, paper.for_engines(), "64", scores)


def test_two_latest_seasons_stand_below_the_row_of_this_one(season: World) -> None:  # noqa: F811
    for year in (2023, 2024, 2025):
        before(season, year)
    client = season.client("technician")
    page = client.get("/reports/mat4/marks/edu640001/")
    own = [row for row in page.context["report"].beside.rows if row.label == "Школа № 1"]
    assert [row.season for row in own] == ["", "2025", "2024"]
    assert own[1].cells[2].value == 12
    hidden = client.get("/reports/mat4/marks/edu640001/?seasons=no")
    assert not [row for row in hidden.context["report"].beside.rows if row.season]
    assert "Показать прошлые годы" in hidden.content.decode()


def test_trainings_and_seasons_without_works_are_no_seasons(season: World) -> None:  # noqa: F811
    before(season, 2024, training=True)
    before(season, 2025, wrote=False)
    page = season.client("technician").get("/reports/mat4/marks/edu640001/")
    assert page.context["seasons"] == ()


def test_a_school_without_earlier_works_just_has_none(season: World) -> None:  # noqa: F811
    before(season, 2025)
    page = season.client("technician2").get("/reports/mat4/marks/edu640002/")
    own = [row for row in page.context["report"].beside.rows if row.label == "Школа № 2"]
    assert [row.season for row in own] == [""]


def test_figures_of_earlier_seasons_lead_nowhere(season: World) -> None:  # noqa: F811
    """The list of works is of this assessment, so a figure of another must not open it."""
    before(season, 2025)
    page = season.client("technician").get("/reports/mat4/marks/edu640001/").content.decode()
    row = page[page.index("(2025)") :]
    assert "/works/" not in row[: row.index("</tr>")]
