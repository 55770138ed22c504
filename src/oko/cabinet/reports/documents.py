"""The documents of a place and a paper: workbook, PDF, Ф1, and single tables as CSV and Parquet."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.access import may
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports import queries
from oko.cabinet.reports.availability import availability
from oko.cabinet.reports.completeness import warnings
from oko.cabinet.reports.places import Place
from oko.cabinet.reports.seasons import Season, earlier_seasons
from oko.cabinet.reports.summary.queries import summary_of
from oko.cabinet.reports.works import visible_works
from oko.cabinet.results.queries import freshness
from oko.engines.statistics.directions import BY_SLUG, DIRECTIONS
from oko.engines.statistics.f1 import write_f1
from oko.engines.statistics.files import grid_csv, grid_parquet, works_csv, works_parquet
from oko.engines.statistics.grid import Behind, Grid
from oko.engines.statistics.levels import Group, plain_label
from oko.engines.statistics.pdf import PICTURE_WIDTH, report_pdf
from oko.engines.statistics.workbook import report_workbook

#: A longer list below a place is not set in the PDF: nobody reads it on paper, and it is in the workbook.
MOST_PRINTED = 100

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def documents(acting: Acting, paper: Paper, place: Place) -> Iterator[tuple[str, bytes]]:
    """File names and contents: workbook and PDF, and Ф1 for those who may see the works; nothing where there
    are no works, or where the report is not out for this person.
    """
    if not availability(acting, paper, place.organisation).readable or not has_works(paper, place):
        return
    yield file_name(_("Отчёт"), paper, place, "xlsx"), workbook(acting, paper, place)
    yield file_name(_("Отчёт"), paper, place, "pdf"), pdf(acting, paper, place)
    if may(acting, "reports.see_works", place.organisation):
        yield file_name(_("Ф1"), paper, place, "xlsx"), f1(acting, paper, place)


def file_name(what: str, paper: Paper, place: Place, ending: str) -> str:
    """«Отчёт Математика, 4 класс edu640001.xlsx»: what no file system refuses."""
    name = _UNSAFE.sub(" ", f"{what} {paper} {place.organisation.code}")
    return f"{' '.join(name.split())[:150]}.{ending}"


def has_works(paper: Paper, place: Place) -> bool:
    return queries.report(BY_SLUG["items"], paper, place).has_works


def workbook(acting: Acting, paper: Paper, place: Place) -> bytes:
    reports = _reports(paper, place, earlier_seasons(acting, paper, place))
    return report_workbook(
        [grid for report in reports for grid in report.grids()],
        subtitle=_subtitle(paper, place),
        warnings=told(acting, paper, place.organisation),
        notes=_notes(paper, place),
        summary=summary_of(acting, paper, place),
    )


def pdf(acting: Acting, paper: Paper, place: Place) -> bytes:
    reports = _reports(paper, place, earlier_seasons(acting, paper, place))
    pictures = {
        report.direction.slug: queries.picture(report.direction, paper, place, PICTURE_WIDTH)
        for report in reports
        if report.has_works
    }
    notes = _notes(paper, place)
    if any(_is_long(report) for report in reports):
        notes.append(_("Полный список организаций — в книге XLSX."))
    return report_pdf(
        [_printed(report) for report in reports],
        pictures=pictures,
        title=f"{paper.assessment}. {paper}",
        subtitle=place.organisation.short_name,
        warnings=told(acting, paper, place.organisation),
        notes=notes,
        summary=summary_of(acting, paper, place),
    )


def _is_long(report: queries.Report) -> bool:
    return report.below is not None and len(report.below.rows) > MOST_PRINTED


def _printed(report: queries.Report) -> Grid:
    return report.beside if _is_long(report) else report.grids()[0]


def f1(acting: Acting, paper: Paper, place: Place) -> bytes:
    """Of the works that this person sees."""
    content = io.BytesIO()
    organisation = place.organisation
    with visible_works(acting, paper, Behind(place.group)) as works:
        write_f1(
            works,
            paper.for_engines(),
            year=paper.assessment.year,
            day=paper.date or _("дата не назначена"),
            place_title=f"{organisation.short_name} ({organisation.code})",
            file=content,
            names=_Names(),
        )
    return content.getvalue()


class _Names:
    """What schools and municipalities are called: all of a region's are read when one of it is asked for."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._regions: set[str | None] = set()

    def __call__(self, group: Group) -> str:
        if group.region not in self._regions:
            self._regions.add(group.region)
            found = Organisation.everything.filter(region__in=_regions(group.region))
            self._known.update(found.values_list("code", "short_name"))
        return self._known.get(group.code) or plain_label(group)


def _regions(code: str | None) -> list[int]:
    regions = Organisation.everything.filter(kind="region")
    return [region.pk for region in regions if region.region_code == code]


def table_file(acting: Acting, paper: Paper, place: Place, direction: str, ending: str) -> tuple[str, bytes]:
    """One direction as `csv` or `parquet`. Raises KeyError for a direction that there is not."""
    report = queries.report(BY_SLUG[direction], paper, place, seasons=earlier_seasons(acting, paper, place))
    grids = report.grids()
    grid = grids[-1] if len(grids) > 1 else grids[0]
    write = grid_csv if ending == "csv" else grid_parquet
    content = write(grid, told(acting, paper, place.organisation))
    return file_name(report.direction.title, paper, place, ending), content


def works_file(acting: Acting, paper: Paper, place: Place, ending: str) -> tuple[str, bytes]:
    """The works that this person sees as `csv` or `parquet`."""
    write = works_csv if ending == "csv" else works_parquet
    with visible_works(acting, paper, Behind(place.group)) as works:
        content = write(works, paper.for_engines())
    return file_name(_("Работы участников"), paper, place, ending), content


def told(acting: Acting, paper: Paper, organisation: Organisation) -> tuple[str, ...]:
    """What stands on every page of a document: that it is preliminary, and what it lacks."""
    preliminary = availability(acting, paper, organisation).words
    return (*([preliminary] if preliminary else []), *warnings(paper, organisation))


def _reports(paper: Paper, place: Place, seasons: Sequence[Season]) -> list[queries.Report]:
    return [queries.report(direction, paper, place, seasons=seasons) for direction in DIRECTIONS]


def _subtitle(paper: Paper, place: Place) -> str:
    return f"{paper.assessment}. {place.organisation.short_name}"


def _notes(paper: Paper, place: Place) -> list[str]:
    return [freshness(paper, place.organisation).words]
