"""Building a report: works of a paper → one direction for one place, beside those above it and those below.

Tables are made of the sums that are kept beside works (`stored_sums`), never by a scan of works a page. What
was computed is kept until works of the paper are written anew; what a reader may not see is left out after
that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.kept import held, kept
from oko.cabinet.reports.places import Place
from oko.cabinet.reports.seasons import Season, grid_of_season
from oko.engines.statistics.charts import draw
from oko.engines.statistics.directions import Direction
from oko.engines.statistics.grid import Grid, beside_earlier
from oko.engines.statistics.levels import Level, Scope
from oko.engines.statistics.stored import stored_sums


@dataclass(frozen=True, slots=True)
class Report:
    """One direction of a paper: the place beside those above it, and the list below it, if it has one."""

    direction: Direction
    place: Place
    beside: Grid
    below: Grid | None

    @property
    def has_works(self) -> bool:
        return any(row.participants for row in self.beside.rows if row.group == self.place.group)

    def grids(self) -> tuple[Grid, ...]:
        """For a document: one table where both have the same columns, else one after the other."""
        if self.below is None or not self.below.rows:
            return (self.beside,)
        if self.below.columns == self.beside.columns:
            return (replace(self.beside, rows=self.beside.rows + self.below.rows),)
        title = f"{self.below.title} {below_title(self.place.below).lower()}"
        return (self.beside, replace(self.below, title=title))


def below_title(level: Level | None) -> str:
    titles = {
        Level.REGION: _("По регионам"),
        Level.MUNICIPALITY: _("По муниципалитетам"),
        Level.SCHOOL: _("По школам"),
    }
    return titles.get(level, "") if level else ""


def papers(acting: Acting) -> QuerySet[Paper]:
    return Paper.objects.visible_to(acting).select_related("assessment")


def places(acting: Acting) -> QuerySet[Organisation]:
    """The organisations whose reports this person may open."""
    return Organisation.objects.visible_to(acting).select_related("region", "municipality", "supervisor")


def report(
    direction: Direction, paper: Paper, place: Place, *, search: str = "", seasons: Sequence[Season] = ()
) -> Report:
    """The direction with earlier seasons beside; `search` narrows the list below the place."""
    beside = _grid(direction, paper, place, place.beside, seasons)
    if place.listing is None:
        return Report(direction, place, beside, None)
    below = _grid(direction, paper, place, place.listing, seasons)
    wanted = search.strip().casefold()
    rows = (row for row in below.rows if place.lists(row.group) and wanted in row.label.casefold())
    return Report(direction, place, beside, replace(below, rows=tuple(rows)))


def _grid(direction: Direction, paper: Paper, place: Place, scope: Scope, seasons: Sequence[Season]) -> Grid:
    name = f"{direction.slug}:{scope.down_to or ''}"
    grid: Grid = held(
        paper, place.organisation, name, lambda: direction.grid(_table(direction, paper, place, scope))
    )
    earlier = [(season.title, grid_of_season(season, direction, place, scope)) for season in seasons]
    return beside_earlier(grid, earlier)


def _table(direction: Direction, paper: Paper, place: Place, scope: Scope) -> Any:
    of_paper = paper.for_engines()
    sums = stored_sums(settings.WORKS_ROOT, paper.assessment.code, of_paper, direction.counting)
    return direction.table(sums, of_paper, scope, place.label)


def picture(direction: Direction, paper: Paper, place: Place, width: int) -> str:
    """The direction as SVG, the place beside the one right above it."""

    def make() -> str:
        table = _table(direction, paper, place, place.beside)
        path = place.beside.path
        against = path[-2] if len(path) > 1 else None
        return draw(direction.slug, table, place.group, against=against, width=width)

    return kept(paper, place.organisation, f"{direction.slug}-{width}", make)
