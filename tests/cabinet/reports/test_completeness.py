"""A paper with missing protocols or unsettled findings says so on every page of its report."""

from __future__ import annotations

import pytest

from oko.cabinet.assessments.models import StepProgress
from oko.cabinet.foundation.clock import now
from oko.cabinet.reports.completeness import warnings
from oko.engines.statistics.directions import BY_SLUG
from tests.cabinet.conftest import World
from tests.cabinet.reports.test_reports import season, works  # noqa: F401  # its fixture and its works


def note(world: World, school: str, state: str) -> None:
    StepProgress.everything.create(
        assessment=world.assessment,
        step=world.steps["mat4"],
        organisation=world[school],
        state=state,
        changed_at=now(),
    )


def test_missing_protocols_are_counted_by_territory(season: World) -> None:  # noqa: F811
    assert warnings(season.papers["mat4"], season["mun1"]) == (
        "Не хватает 3\N{NO-BREAK SPACE}протоколов из 3.",
    )
    assert warnings(season.papers["mat4"], season["school1"]) == ("Протокол ещё не принят: результатов нет.",)


def test_findings_and_returns_are_named(season: World) -> None:  # noqa: F811
    note(season, "school1", StepProgress.State.HAS_FINDINGS)
    note(season, "state", StepProgress.State.RETURNED)
    told = warnings(season.papers["mat4"], season["mun1"])
    assert told[1:] == (
        "Замечания не устранены: 1\N{NO-BREAK SPACE}протокол.",
        "Возвращены и не исправлены: 1\N{NO-BREAK SPACE}протокол.",
    )


@pytest.mark.parametrize("page", [*BY_SLUG, "works", "behind", "summary"])
def test_every_page_says_so(season: World, page: str) -> None:  # noqa: F811
    shown = season.client("municipal").get(f"/reports/mat4/{page}/mun6401/").content.decode()
    assert "Не хватает 3\N{NO-BREAK SPACE}протоколов из 3." in shown


def test_so_do_the_files(season: World) -> None:  # noqa: F811
    content = season.client("municipal").get("/reports/mat4/download/mun6401/marks.csv").content.decode()
    assert "Не хватает 3\N{NO-BREAK SPACE}протоколов из 3." in content
