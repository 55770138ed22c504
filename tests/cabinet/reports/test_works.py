"""Any figure leads to exactly the works that it was counted from, for those entitled to see them."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import openpyxl
import pytest

from oko.cabinet.audit.models import Event
from oko.cabinet.people.models import Appointment, Role
from oko.cabinet.reports.works_links import UnreadableError, behind_query, read_behind, works_link
from oko.engines.statistics.directions import BY_SLUG
from oko.engines.statistics.grid import Behind, Change, Having
from oko.engines.statistics.levels import Group
from tests.cabinet.conftest import World
from tests.cabinet.reports.test_reports import season, works  # noqa: F401  # its fixture and its works

FIGURE = re.compile(r'<a class="[^"]*" href="(/reports/mat4/works/[^"]+)">([\d,]+)<')


def figures(page: Any) -> dict[str, str]:
    """Where each figure of a page leads to."""
    return {link.replace("&amp;", "&"): text for link, text in FIGURE.findall(page.content.decode())}


def rows(page: Any) -> int:
    return len(page.context["table"].rows)


@pytest.mark.parametrize("direction", ["marks", "comparison"])
def test_each_count_opens_as_many_works(season: World, direction: str) -> None:  # noqa: F811
    client = season.client("technician")
    counts = {
        link: int(text)
        for link, text in figures(client.get(f"/reports/mat4/{direction}/edu640001/")).items()
        if "," not in text
    }
    assert counts or direction == "comparison"
    for link, count in counts.items():
        page = client.get(link)
        assert (page.status_code, rows(page)) == (200, count), link


@pytest.mark.parametrize("direction", BY_SLUG)
def test_no_figure_leads_above_what_one_sees(season: World, direction: str) -> None:  # noqa: F811
    page = season.client("technician").get(f"/reports/mat4/{direction}/edu640001/")
    assert all(link.startswith("/reports/mat4/works/edu640001/") for link in figures(page))


def test_a_municipality_s_list_leaves_out_the_works_of_the_state_school(season: World) -> None:  # noqa: F811
    client = season.client("municipal")
    link = next(link for link in figures(client.get("/reports/mat4/marks/mun6401/")) if "having=mark" in link)
    page = client.get("/reports/mat4/works/mun6401/?having=mark")
    assert "/mun6401/" in link or "/edu64000" in link
    assert rows(page) == 24, "of the two schools that answer to the municipality"
    shown = page.content.decode()
    assert "Не показано: 12" in shown
    assert "Лицей-интернат" not in shown
    assert rows(season.client("responsible").get("/reports/mat4/works/rcoko64/?having=mark")) == 12
    assert rows(season.client("regional").get("/reports/mat4/works/reg64/?having=mark")) == 41


def test_the_list_shows_scores_by_code_and_never_a_name(season: World) -> None:  # noqa: F811
    page = season.client("teacher").get("/reports/mat4/works/edu640001/?mark=5")
    first = page.context["table"].data[0]
    assert first["participant"] == "40010"
    assert (first["total"], first["mark"]) == (18, 5)
    assert "отметка «5»" in page.content.decode()


def test_the_list_narrows_sorts_and_pages(season: World) -> None:  # noqa: F811
    client = season.client("technician")
    assert rows(client.get("/reports/mat4/works/edu640001/?class=4А")) == 12
    assert rows(client.get("/reports/mat4/works/edu640001/?class=4Б")) == 0
    assert rows(client.get("/reports/mat4/works/edu640001/?variant=1&mark=3")) == 3
    assert rows(client.get("/reports/mat4/works/edu640001/?q=40012")) == 1
    page = client.get("/reports/mat4/works/edu640001/?sort=-total")
    assert page.context["table"].page.object_list[0].record["total"] == 18
    book = client.get("/reports/mat4/works/edu640001/?export=xlsx&mark=2").content
    assert openpyxl.load_workbook(io.BytesIO(book)).active.max_row == 1 + 3


@pytest.mark.parametrize(
    "query",
    ["mark=7", "mark=x", "total=999", "total=-1", "item=99", "x=1", "change=up", "having=всё", "variant=77",
     "mark=%00", "total=99999999999999999999"],
)  # fmt: skip
def test_a_nonsensical_address_is_answered_politely(season: World, query: str) -> None:  # noqa: F811
    page = season.client("technician").get(f"/reports/mat4/works/edu640001/?{query}")
    assert page.status_code == 400
    assert "Показать все работы" in page.content.decode()


@pytest.mark.parametrize("query", ["class=%00", "q=%00", "sort=нет", "page=99", "sort=-item_2", "class=="])
def test_odd_filters_of_works_are_no_fault(season: World, query: str) -> None:  # noqa: F811
    assert season.client("technician").get(f"/reports/mat4/works/edu640001/?{query}").status_code == 200


def test_each_opening_is_written_down_with_whose_works_they_are(season: World) -> None:  # noqa: F811
    client = season.client("municipal")
    client.get("/reports/mat4/works/edu640001/?mark=3")
    client.get("/reports/mat4/works/edu640001/?mark=3")
    looked = [
        event
        for event in map(json.loads, Event.everything.values_list("body", flat=True))
        if event["verb"] == "reports.works_looked_at"
    ]
    assert len(looked) == 2


def test_those_who_may_not_see_works_have_plain_numbers(season: World) -> None:  # noqa: F811
    """A specialist appointed in a municipality reads its report, but is no school's own staff."""
    appointment = season.appointments["municipal"]
    Appointment.everything.filter(pk=appointment.pk).update(role=Role.TECHNICAL_SPECIALIST)
    client = season.client("municipal")
    page = client.get("/reports/mat4/marks/mun6401/")
    assert page.status_code == 200
    assert not figures(page)
    assert client.get("/reports/mat4/works/mun6401/").status_code == 403
    assert client.get("/reports/mat4/download/mun6401/f1.xlsx").status_code == 403


SCHOOL = Group("64", "mun6401", "edu640001")


@pytest.mark.parametrize(
    "behind",
    [
        Behind(SCHOOL),
        Behind(SCHOOL, mark=3, item="5.1"),
        Behind(SCHOOL, item="2", not_attempted=True),
        Behind(SCHOOL, total=0),
        Behind(SCHOOL, change=Change.SIGNIFICANT, having=Having.BOTH_MARKS),
    ],
)
def test_what_a_link_says_is_read_back(world: World, behind: Behind) -> None:
    paper = world.papers["mat4"].for_engines()
    assert read_behind(behind_query(behind), SCHOOL, paper) == behind
    assert works_link("mat4", behind, "edu640001").startswith("/reports/mat4/works/edu640001/")


def test_a_link_of_another_paper_is_refused(world: World) -> None:
    with pytest.raises(UnreadableError, match="задания"):
        read_behind({"item": "99.9"}, SCHOOL, world.papers["mat4"].for_engines())


def test_a_school_learns_who_opened_the_works_of_the_whole_municipality(season: World) -> None:  # noqa: F811
    season.client("municipal").get("/reports/mat4/works/mun6401/?mark=2")
    assert "Просмотрены индивидуальные результаты" in own_readers(season, "technician")
    assert "Просмотрены индивидуальные результаты" not in own_readers(season, "responsible")


def own_readers(world: World, who: str) -> str:
    page = world.client(who).get("/audit/own/")
    assert page.status_code == 200
    return "; ".join(str(line.event.title) for line in page.context["page"].lines)
