"""The pages of the reports: one for all directions, one for the works behind a figure, and the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from oko.cabinet.assessments.models import Paper
from oko.cabinet.assessments.queries import typed_text
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import FILE_KINDS, XLSX, CabinetTable, content_disposition, show
from oko.cabinet.organisations.looking import note_look
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports import actions, documents, journal, queries, works_links
from oko.cabinet.reports.availability import Availability, availability, not_out_page
from oko.cabinet.reports.completeness import warnings
from oko.cabinet.reports.kept import kept
from oko.cabinet.reports.places import Place, place
from oko.cabinet.reports.seasons import earlier_seasons
from oko.cabinet.reports.tables import (
    BehindTable,
    Links,
    Pages,
    grid_table,
    is_turned,
    over_all,
    turned_table,
)
from oko.cabinet.reports.works import MOST_EXPORTED, Filters, Works, works_table
from oko.cabinet.results.queries import freshness, works_behind
from oko.engines.statistics import individual
from oko.engines.statistics.directions import BY_SLUG, Direction
from oko.engines.statistics.grid import Behind
from oko.engines.statistics.levels import Group
from oko.engines.statistics.marks import MARKS
from oko.engines.statistics.rules import shipped_rules
from oko.engines.statistics.wording import method_notes

#: The directions in a word, for tabs that fit a phone; the page's heading has the full title.
TABS: dict[str, Any] = {
    "marks": gettext_lazy("Отметки"),
    "comparison": gettext_lazy("Отметки и журнал"),
    "distribution": gettext_lazy("Баллы"),
    "items": gettext_lazy("Задания"),
    "planned": gettext_lazy("Планируемые результаты"),
    "items-by-mark": gettext_lazy("Задания по группам"),
}

LONGEST_KEPT = 100  # letters of a query: whoever sorts and pages writes fewer
WIDE, NARROW = 960, 350  # pixels of a picture on a screen and on a phone
CSV, PARQUET, PDF = "text/csv; charset=utf-8", "application/vnd.apache.parquet", "application/pdf"


def index(request: ActingRequest) -> HttpResponse:
    """Each paper with its state: when its report comes, on how many protocols it stands, where to go."""
    require(request.acting, "reports.read")
    own = queries.places(request.acting).get(pk=request.acting.organisation_id)
    papers = []
    for paper in queries.papers(request.acting):
        found = availability(request.acting, paper, own)
        papers.append(
            {
                "paper": paper,
                "availability": found,
                "freshness": freshness(paper, own),
                "warnings": warnings(paper, own) if found.readable else (),
            }
        )
    sees_works = may(request.acting, "reports.see_works", own)
    return render(
        request,
        "reports/index.html",
        {"papers": papers, "place": own, "tabs": TABS.items(), "sees_works": sees_works},
    )


def report(request: ActingRequest, paper: str, direction: str, code: str) -> HttpResponse:
    """One direction of a paper for a place; the seventh is the list of works itself."""
    if direction == individual.SLUG:
        return works(request, paper, code)
    if direction not in BY_SLUG:
        raise Http404
    of_paper, organisation = _subject(request, paper, code)
    found = availability(request.acting, of_paper, organisation)
    if not found.readable:
        return not_out_page(request, of_paper, organisation, found)
    where = place(request.acting, organisation, request.GET.get("below", ""))
    return _report_page(request, BY_SLUG[direction], of_paper, where, found)


def _report_page(
    request: ActingRequest, direction: Direction, paper: Paper, where: Place, found: Availability
) -> HttpResponse:
    seasons = earlier_seasons(request.acting, paper, where)
    with_seasons = request.GET.get("seasons") != "no"
    made = queries.report(
        direction,
        paper,
        where,
        search=typed_text(request.GET, "q"),
        seasons=seasons if with_seasons else (),
    )
    if request.GET.get("export") in FILE_KINDS:
        return _tables(request, made, paper, where).answer
    if made.has_works:
        actions.note_opened(request.acting, paper, where.organisation)
    about = {
        "direction": direction,
        "report": made,
        "seasons": seasons,
        "with_seasons": with_seasons,
        "paper": paper,
        "place": where,
        "organisation": where.organisation,
    }
    context = {
        **about,
        "tables": _drawn(request, about, made, paper, where) if made.has_works else "",
        "notes": method_notes(shipped_rules(), [direction.slug]),
        **_around(request, paper, where, found),
    }
    return render(request, "reports/report.html", context)


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of a page, sorted and paged as the address asks; `answer` is the main one as a file."""

    beside: CabinetTable
    below: CabinetTable | None
    answer: Any


def _tables(request: ActingRequest, made: queries.Report, paper: Paper, where: Place) -> _Tables:
    links, pages = _links(request, paper, where), _pages(made.direction, paper, where)
    beside: CabinetTable = (
        turned_table(made.beside, links, prefix="beside-")
        if is_turned(made.beside)
        else grid_table(made.beside, links, pages, prefix="beside-")
    )
    below = grid_table(made.below, links, pages) if made.below is not None else None
    return _Tables(
        beside, below, show(request, below if below is not None else beside, of=where.organisation)
    )


def _drawn(
    request: ActingRequest, about: dict[str, Any], made: queries.Report, paper: Paper, where: Place
) -> SafeString:
    """Pictures and tables of a page. They are the same for all who act alike, until works are written anew;
    what was searched for is drawn each time.
    """

    def draw() -> SafeString:
        tables = _tables(request, made, paper, where)
        context = {
            **about,
            "beside": tables.beside,
            "beside_over": over_all(made.beside),
            "below": tables.below,
            "below_over": over_all(made.below) if made.below is not None else "",
            "below_title": queries.below_title(where.below),
            "pictures": _pictures(made.direction, paper, where),
        }
        return render_to_string("reports/_tables.html", context, request)

    asked = request.GET.urlencode()
    if "q" in request.GET or len(asked) > LONGEST_KEPT:
        return draw()
    acting = request.acting
    reader = f"{acting.role}:{acting.organisation_id}:{acting.delegation_id or ''}:{get_language()}"
    return kept(paper, where.organisation, f"tables:{made.direction.slug}:{reader}:{asked}", draw)


def works(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """The works behind a figure, or all of a place."""
    of_paper, organisation = _subject(request, paper, code, looked_at=False)
    require(request.acting, "reports.see_works", organisation)
    found = availability(request.acting, of_paper, organisation)
    if not found.readable:
        return not_out_page(request, of_paper, organisation, found)
    where = place(request.acting, organisation)
    around = _around(request, of_paper, where, found)
    try:
        behind, filters = _wanted(request, of_paper, where)
    except works_links.UnreadableError as error:
        return render(request, "reports/works.html", {"trouble": str(error), **around}, status=400)
    record(
        journal.WORKS_LOOKED_AT,
        acting=request.acting,
        on=of_paper,
        organisation=organisation,
        after={"page": request.get_full_path()[:300]},
    )
    listed = Works(request.acting, of_paper, behind, filters)
    made = works_table(listed, of_one_school=organisation.is_school)
    too_long = "export" in request.GET and len(listed) > MOST_EXPORTED
    if not too_long:
        table = show(request, made, of=organisation)
    else:
        table = made
        table.paginate(per_page=50)
    if isinstance(table, HttpResponse):
        return table
    context = {
        "table": table,
        "listed": listed,
        "filters": filters,
        "followed": _followed(behind),
        "kept": works_links.behind_query(behind).items(),
        "mark": behind.mark,
        "marks": MARKS,
        "too_long": too_long,
        "most": MOST_EXPORTED,
        **around,
    }
    return render(request, "reports/works.html", context)


def _wanted(request: ActingRequest, paper: Paper, where: Place) -> tuple[Behind, Filters]:
    """Raises UnreadableError."""
    behind = works_links.read_behind(request.GET, where.group, paper.for_engines())
    variant = typed_text(request.GET, "variant")
    if variant and variant not in {str(one) for one in paper.variants}:
        raise works_links.UnreadableError(_("Такого варианта в этой работе нет."))
    filters = Filters(
        class_label=typed_text(request.GET, "class"),
        variant=int(variant) if variant else None,
        search=typed_text(request.GET, "q"),
    )
    return behind, filters


def _followed(behind: Behind) -> list[str]:
    """What the figure was of, in words."""
    words = []
    if behind.mark is not None:
        words.append(_("отметка «%s»") % behind.mark)
    if behind.total is not None:
        words.append(_("первичный балл %s") % behind.total)
    if behind.item is not None:
        title = _("не приступали к заданию %s") if behind.not_attempted else _("есть балл за задание %s")
        words.append(title % behind.item)
    if behind.change is not None:
        words.append(_changes()[behind.change.value])
    if behind.having is not None:
        words.append(_havings()[behind.having.value])
    return words


def _changes() -> dict[str, str]:
    return {
        "lowered": _("отметка ниже, чем в журнале"),
        "confirmed": _("отметка как в журнале"),
        "raised": _("отметка выше, чем в журнале"),
        "significant": _("отметка сильно расходится с журналом"),
    }


def _havings() -> dict[str, str]:
    return {
        "score": _("есть хотя бы один балл"),
        "total": _("выполнена вся работа"),
        "mark": _("есть отметка"),
        "both-marks": _("есть обе отметки: за работу и в журнале"),
    }


def behind(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """From a number to the protocols that it was counted from."""
    of_paper, organisation = _subject(request, paper, code)
    found = availability(request.acting, of_paper, organisation)
    if not found.readable:
        return not_out_page(request, of_paper, organisation, found)
    where = place(request.acting, organisation)
    rows = works_behind(request.acting, of_paper, organisation)
    table = show(request, BehindTable(rows), of=organisation)
    if isinstance(table, HttpResponse):
        return table
    return render(
        request, "reports/behind.html", {"table": table, **_around(request, of_paper, where, found)}
    )


# Files ------------------------------------------------------------------------------------------------------


def workbook(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """All directions as one XLSX."""
    return download(request, paper, code, "workbook.xlsx")


def download(request: ActingRequest, paper: str, code: str, file: str) -> HttpResponse:
    """A document of a place: `workbook.xlsx`, `report.pdf`, `f1.xlsx`, `works.csv`, `marks.parquet`…"""
    of_paper, organisation = _subject(request, paper, code)
    what, _dot, ending = file.partition(".")
    if what in ("f1", "works"):
        require(request.acting, "reports.see_works", organisation)
    found = availability(request.acting, of_paper, organisation)
    if not found.readable:
        return not_out_page(request, of_paper, organisation, found)
    where = place(request.acting, organisation, request.GET.get("below", ""))
    name, content, kind = _file(request, of_paper, where, what, ending)
    record(
        journal.REPORT_DOWNLOADED, on=of_paper, organisation=organisation, after={"file": file, "name": name}
    )
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition(name)
    return response


def _file(
    request: ActingRequest, paper: Paper, where: Place, what: str, ending: str
) -> tuple[str, bytes, str]:
    """Raises Http404 for a document that there is not."""
    acting = request.acting
    table_kinds = {"csv": CSV, "parquet": PARQUET}
    match what, ending:
        case "workbook", "xlsx":
            name = documents.file_name(_("Отчёт"), paper, where, ending)
            return name, documents.workbook(acting, paper, where), XLSX
        case "report", "pdf":
            name = documents.file_name(_("Отчёт"), paper, where, ending)
            return name, documents.pdf(acting, paper, where), PDF
        case "f1", "xlsx":
            return (
                documents.file_name(_("Ф1"), paper, where, ending),
                documents.f1(acting, paper, where),
                XLSX,
            )
        case "works", ("csv" | "parquet"):
            return (*documents.works_file(acting, paper, where, ending), table_kinds[ending])
        case _ if what in BY_SLUG and ending in table_kinds:
            return (*documents.table_file(acting, paper, where, what, ending), table_kinds[ending])
    raise Http404


# What the pages share ---------------------------------------------------------------------------------------


def _subject(
    request: ActingRequest, paper: str, code: str, *, looked_at: bool = True
) -> tuple[Paper, Organisation]:
    require(request.acting, "reports.read")
    of_paper = visible_or_404(queries.papers(request.acting), code=paper)
    organisation = visible_or_404(queries.places(request.acting), code=code)
    if organisation.is_school and looked_at:
        note_look(request, organisation, journal.REPORT_LOOKED_AT)
    return of_paper, organisation


def _around(request: ActingRequest, paper: Paper, where: Place, found: Availability) -> dict[str, Any]:
    """What stands on every page of a report."""
    fresh = freshness(paper, where.organisation)
    return {
        "paper": paper,
        "place": where,
        "organisation": where.organisation,
        "tabs": TABS.items(),
        "availability": found,
        "warnings": warnings(paper, where.organisation, fresh),
        "freshness": fresh,
        "sees_works": may(request.acting, "reports.see_works", where.organisation),
    }


def _links(request: ActingRequest, paper: Paper, where: Place) -> Links:
    """From a figure of the place, or of one listed below it, to its works, for those who may see them."""
    allowed: dict[str, bool] = {}

    def link(behind: Behind) -> str:
        own = behind.group == where.group
        organisation = where.organisation if own else where.listed_organisation(behind.group)
        if organisation is None:
            return ""
        if organisation.code not in allowed:
            allowed[organisation.code] = may(request.acting, "reports.see_works", organisation)
        return (
            works_links.works_link(paper.code, behind, organisation.code)
            if allowed[organisation.code]
            else ""
        )

    return link


def _pages(direction: Direction, paper: Paper, where: Place) -> Pages:
    def page(group: Group) -> str:
        return where.link(paper.code, direction.slug, group)

    return page


def _pictures(direction: Direction, paper: Paper, where: Place) -> dict[str, SafeString]:
    return {
        name: mark_safe(queries.picture(direction, paper, where, width))  # noqa: S308  # our engine's SVG
        for name, width in (("wide", WIDE), ("narrow", NARROW))
    }
