"""«Главное»: one page of plain words about a place and a paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render

from oko.cabinet.assessments.models import Paper
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.organisations.looking import note_look
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.reports import actions, journal, queries
from oko.cabinet.reports.availability import availability, not_out_page
from oko.cabinet.reports.completeness import warnings
from oko.cabinet.reports.places import place
from oko.cabinet.reports.summary.queries import summary_of
from oko.cabinet.reports.views import TABS
from oko.cabinet.reports.works_links import works_link
from oko.cabinet.results.queries import freshness
from oko.engines.statistics.reading import StatementKind, Summary
from oko.engines.statistics.reading_rules import reading_rules


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said, and the address of the works behind it, or none."""

    text: str
    works: str


@dataclass(frozen=True, slots=True)
class Section:
    kind: StatementKind
    sentences: tuple[Sentence, ...]

    @property
    def heading(self) -> str:
        return self.kind.label


def page(request: ActingRequest, paper: str, code: str) -> HttpResponse:
    """The page of an organisation that one may see, once its report is out."""
    require(request.acting, "reports.read")
    of_paper = visible_or_404(queries.papers(request.acting), code=paper)
    organisation = visible_or_404(queries.places(request.acting), code=code)
    found = availability(request.acting, of_paper, organisation)
    if not found.readable:
        return not_out_page(request, of_paper, organisation, found)
    if organisation.is_school:
        note_look(request, organisation, journal.REPORT_LOOKED_AT)
    where = place(request.acting, organisation)
    read = summary_of(request.acting, of_paper, where)
    has_works = bool(read.of_kind(StatementKind.HEADLINE))
    if has_works:
        actions.note_opened(request.acting, of_paper, organisation)
    sees_works = may(request.acting, "reports.see_works", organisation)
    rules = reading_rules()
    return render(
        request,
        "reports/summary.html",
        {
            "paper": of_paper,
            "place": where,
            "organisation": organisation,
            "tabs": TABS.items(),
            "availability": found,
            "warnings": warnings(of_paper, organisation),
            "freshness": freshness(of_paper, organisation),
            "sees_works": sees_works,
            "has_works": has_works,
            "sections": list(_sections(read, of_paper, organisation, sees_works=sees_works)),
            "rules": rules,
        },
    )


def _sections(
    read: Summary, paper: Paper, organisation: Organisation, *, sees_works: bool
) -> Iterator[Section]:
    """The sentences under the headings of their kinds; links to works for those who may see them."""
    for kind, statements in groupby(read.statements, key=lambda statement: statement.kind):
        sentences = (
            Sentence(
                statement.text,
                works_link(paper.code, statement.behind, organisation.code)
                if statement.behind and sees_works
                else "",
            )
            for statement in statements
        )
        yield Section(kind, tuple(sentences))
