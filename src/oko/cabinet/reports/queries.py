"""Building a report: works of a paper → its tables for one place, beside those above it and those below.

What was computed is kept until works of the paper are written anew (`works_fingerprint`), so a hundred
readers of one report cost one computation. What a reader may not see is left out after that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet

from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports.places import Place
from oko.engines.statistics.marks import MarkTable, mark_table
from oko.engines.statistics.solving import ItemTable, item_table
from oko.engines.statistics.works import open_works, works_fingerprint

TableT = TypeVar("TableT", MarkTable, ItemTable)

KEPT_FOR = 600  # seconds: a renamed organisation shows its new name by then; new works show at once


@dataclass(frozen=True, slots=True)
class Report(Generic[TableT]):
    """One report of a paper: the place beside those above it (the last row is the place), and those below."""

    beside: TableT
    below: TableT | None

    def whole(self) -> TableT:
        """Both as one table, for a workbook."""
        rows = self.beside.rows + (self.below.rows if self.below else ())
        return type(self.beside)(self.beside.paper, rows)

    @property
    def participants(self) -> int:
        return self.beside.rows[-1].participants


def papers(acting: Acting) -> QuerySet[Paper]:
    return Paper.objects.visible_to(acting).select_related("assessment")


def places(acting: Acting) -> QuerySet[Organisation]:
    """The organisations whose reports this person may open."""
    return Organisation.objects.visible_to(acting).select_related("region", "municipality", "supervisor")


def marks_report(paper: Paper, place: Place, search: str = "") -> Report[MarkTable]:
    """«Статистика по отметкам»; `search` narrows the list below the place."""
    return _report(mark_table, paper, place, search)


def items_report(paper: Paper, place: Place, search: str = "") -> Report[ItemTable]:
    """«Выполнение заданий»; `search` narrows the list below the place."""
    return _report(item_table, paper, place, search)


def _report(table: Callable[..., TableT], paper: Paper, place: Place, search: str) -> Report[TableT]:
    name = f"{table.__name__}:{place.below or ''}"
    whole: Report[TableT] = kept(paper, place, name, lambda: _compute(table, paper, place))
    if whole.below is None:
        return whole
    wanted = search.strip().casefold()
    rows = [row for row in whole.below.rows if place.lists(row.group) and wanted in row.label.casefold()]
    return Report(whole.beside, type(whole.below)(whole.below.paper, tuple(rows)))


def _compute(table: Callable[..., TableT], paper: Paper, place: Place) -> Report[TableT]:
    of_paper = paper.for_engines()
    with open_works(settings.WORKS_ROOT, paper.assessment.code, of_paper) as works:
        return Report(
            beside=table(works, of_paper, place.beside, place.label),
            below=table(works, of_paper, place.listing, place.label) if place.listing else None,
        )


def kept(paper: Paper, place: Place, name: str, make: Callable[[], Any]) -> Any:
    """What `make` gives, kept until works of the paper are written anew anywhere."""
    written = works_fingerprint(settings.WORKS_ROOT, paper.assessment.code, paper.code)
    key = f"report:{paper.pk}:{place.organisation.pk}:{name}:{written}"
    return cache.get_or_set(key, make, KEPT_FOR)
