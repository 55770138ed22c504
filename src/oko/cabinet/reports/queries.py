"""Building a report: works of a paper → its tables for one place, beside the places above it and those below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet

from oko.cabinet.assessments.models import Assessment, Paper
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.places import Place
from oko.engines import papers as engine
from oko.engines.statistics.marks import MarkTable, mark_table
from oko.engines.statistics.solving import ItemTable, item_table
from oko.engines.statistics.works import open_works, works_fingerprint

TableT = TypeVar("TableT", MarkTable, ItemTable)

KEPT_FOR = 24 * 3600  # seconds; the key changes as soon as works are written


@dataclass(frozen=True, slots=True)
class Report:
    """The two reports of a paper for a place: beside the places above, and for those listed below it."""

    paper: engine.Paper
    marks: MarkTable
    items: ItemTable
    marks_below: MarkTable | None
    items_below: ItemTable | None

    @property
    def participants(self) -> int:
        """Of the place itself: it is the last on the way down."""
        return self.items.rows[-1].participants


def papers(acting: Acting) -> QuerySet[Paper]:
    return Paper.objects.visible_to(acting).select_related("assessment")


def places(acting: Acting) -> QuerySet[Organisation]:
    """The organisations whose reports this person may open."""
    return Organisation.objects.visible_to(acting).select_related("region", "municipality", "supervisor")


def report(paper: Paper, place: Place, search: str = "") -> Report:
    """Both reports of the paper from its works as they lie now; `search` narrows the list below the place."""
    of_paper = paper.for_engines()
    listing = place.listing
    with open_works(settings.WORKS_ROOT, paper.assessment.code, of_paper) as works:
        return Report(
            paper=of_paper,
            marks=mark_table(works, of_paper, place.beside, place.label),
            items=item_table(works, of_paper, place.beside, place.label),
            marks_below=_below(place, mark_table(works, of_paper, listing, place.label), search) if listing else None,
            items_below=_below(place, item_table(works, of_paper, listing, place.label), search) if listing else None,
        )


def _below(place: Place, table: TableT, search: str) -> TableT:
    wanted = search.strip().casefold()
    rows = tuple(row for row in table.rows if place.lists(row.group) and wanted in row.label.casefold())
    return type(table)(table.paper, rows)  # type: ignore[arg-type]  # rows of its own kind


def kept(paper: Paper, place: Place, name: str, make: Callable[[], str]) -> str:
    """A picture once drawn is kept until works of the paper are written anew."""
    assessment: Assessment = paper.assessment
    written = works_fingerprint(settings.WORKS_ROOT, assessment.code, paper.code)
    key = f"report:{assessment.code}:{paper.code}:{place.organisation.code}:{name}:{written}"
    return str(cache.get_or_set(key, make, KEPT_FOR))

