"""Earlier seasons of a report: the same subject and grade in the assessments of the years before."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.reports.availability import availability
from oko.cabinet.reports.kept import held
from oko.cabinet.reports.places import Place
from oko.engines.statistics.directions import Direction
from oko.engines.statistics.grid import Grid
from oko.engines.statistics.levels import Scope
from oko.engines.statistics.stored import stored_sums
from oko.engines.statistics.works import works_of_regions

AT_MOST = 2


@dataclass(frozen=True, slots=True)
class Season:
    """`title` as it stands beside a row: the year, or the assessment where a year had several."""

    title: str
    paper: Paper


def earlier_seasons(acting: Acting, paper: Paper, place: Place) -> tuple[Season, ...]:
    """Those with works that this person may read, the newest first.

    A person acts in one assessment, and what is read here is of others: only the numbers of the very groups
    that stand on the page, and never before the report of that season was out.
    """
    if paper.assessment.is_training:
        return ()
    candidates = (
        Paper.everything.filter(
            subject=paper.subject,
            grade=paper.grade,
            assessment__year__lt=paper.assessment.year,
            assessment__is_training=False,
        )
        .select_related("assessment")
        .order_by("-assessment__year", "-assessment__starts_on", "-pk")
    )
    found: list[Season] = []
    for one in candidates:
        if len(found) == AT_MOST:
            break
        if not _has_works(one) or not availability(acting, one, place.organisation).readable:
            continue
        year = str(one.assessment.year)
        doubled = any(season.paper.assessment.year == one.assessment.year for season in found)
        found.append(Season(str(one.assessment) if doubled else year, one))
    return tuple(found)


def _has_works(paper: Paper) -> bool:
    return bool(works_of_regions(settings.WORKS_ROOT, paper.assessment.code, paper.code))


def grid_of_season(season: Season, direction: Direction, place: Place, scope: Scope) -> Grid:
    """The same table of an earlier season; rows without a participant are left out: nothing was written."""
    name = f"{direction.slug}:{scope.down_to or ''}:season"
    grid: Grid = held(
        season.paper, place.organisation, name, lambda: _compute(season.paper, direction, place, scope)
    )
    rows = tuple(row for row in grid.rows if row.participants)
    return Grid(grid.slug, grid.title, grid.paper, grid.columns, rows)


def _compute(paper: Paper, direction: Direction, place: Place, scope: Scope) -> Grid:
    of_paper = paper.for_engines()
    sums = stored_sums(settings.WORKS_ROOT, paper.assessment.code, of_paper, direction.counting)
    return direction.report(sums, of_paper, scope, place.label)
