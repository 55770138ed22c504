"""The progress board, the call list and the page of one organisation."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from oko.cabinet.assessments import board, journal, progress, queries, words
from oko.cabinet.assessments.models import RoadmapStep
from oko.cabinet.assessments.tables import CallTable
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.tables import csv_response, show, xlsx_response
from oko.cabinet.organisations.looking import note_look
from oko.cabinet.organisations.models import Kind, Organisation

PER_PAGE = 50


def progress_board(request: ActingRequest) -> HttpResponse:
    """The matrix; asked for by htmx, only what changed since the page was last drawn."""
    require(request.acting, "assessments.follow")
    steps = progress.board_steps(request.acting)
    wanted = _wanted(request, steps)
    if wanted.under.is_school:
        return redirect("board-school", code=wanted.under.code)
    at = now(queries.assessment_of(request.acting))
    windows = board.Windows(steps, at)
    shown = board.board(request.acting, wanted, steps, windows)
    if request.GET.get("export") in ("xlsx", "csv"):
        record(journal.BOARD_EXPORTED, organisation=wanted.under, after={"rows": len(shown.rows)})
        return _export(request, shown)
    page = Paginator(shown.rows, PER_PAGE).get_page(request.GET.get("page"))
    live: dict[str, Any] = {
        "board": shown,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "columns": list(zip(shown.steps, shown.by_step, strict=True)),
        "headline": board.headline(shown.total),
        "term": board.term_line(shown, windows, at),
        "details": board.counted(shown.total),
        "request": request,
    }
    matrix = render_to_string("assessments/_matrix.html", live)
    seen = _digest(matrix, live["headline"], live["term"])
    if request.htmx:  # type: ignore[attr-defined]  # put there by its middleware
        if request.headers.get("Oko-Seen") == seen:
            return HttpResponse(status=204)
        return render(request, "assessments/_board_live.html", {**live, "matrix": matrix, "seen": seen})
    context = {
        **live,
        "matrix": matrix,
        "seen": seen,
        "wanted": wanted,
        "all_steps": steps,
        "states": board.STATES.items(),
        "sorts": board.SORTS.items(),
        "crumbs": _crumbs(request, wanted.under),
        "calls": may(request.acting, "assessments.call"),
        "can_be_flat": wanted.under.kind == Kind.REGION,
    }
    return render(request, "assessments/board.html", context)


def _wanted(request: ActingRequest, steps: list[RoadmapStep]) -> board.Wanted:
    """What the address asks for; what makes no sense there is left out."""
    asked = request.GET
    seen = Organisation.objects.visible_to(request.acting)
    code = queries.typed_text(asked, "under")
    under = (
        visible_or_404(seen, code=code) if code else visible_or_404(seen, pk=request.acting.organisation_id)
    )
    state, sort = asked.get("state", ""), asked.get("sort", "")
    return board.Wanted(
        under=under,
        step=next((step for step in steps if str(step.pk) == asked.get("step")), None),
        state=state if state in board.STATES else "",
        text=queries.typed_text(asked, "q"),
        sort=sort if sort in board.SORTS else "name",
        flat=asked.get("view") == "schools",
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _crumbs(request: ActingRequest, under: Organisation) -> list[Organisation]:
    """The way down from the own organisation to the one whose rows are shown."""
    above = {under.supervisor_id, under.region_id, request.acting.organisation_id} - {under.pk, None}
    if under.pk == request.acting.organisation_id:
        return []
    found = Organisation.objects.visible_to(request.acting).filter(pk__in=above)
    return sorted(found, key=lambda o: (o.pk != request.acting.organisation_id, o.kind != Kind.REGION))


def _export(request: ActingRequest, shown: board.Board) -> HttpResponse:
    head = [_("Код"), _("Организация"), *[step.title for step in shown.steps]]
    head += [_("Принято"), _("Из"), _("Не хватает")]
    rows = [
        [
            row.organisation.code,
            row.organisation.short_name,
            *[_exported(cell, shown.shows_schools) for cell in row.cells],
            row.counts.done,
            row.counts.expected,
            row.counts.missing,
        ]
        for row in shown.rows
    ]
    answer = xlsx_response if request.GET["export"] == "xlsx" else csv_response
    return answer("khod-rabot", head, rows)


def _exported(cell: board.BoardCell | board.GroupCell | None, in_words: bool) -> str:
    if cell is None:
        return _("не участвует")
    return cell.text if in_words else cell.sign.replace("/", _(" из "))


def call_list(request: ActingRequest) -> HttpResponse:
    """Those behind, what they lack and whom to call; the same rows as on the board."""
    require(request.acting, "assessments.call")
    steps = progress.board_steps(request.acting)
    asked = _wanted(request, steps)
    wanted = board.Wanted(asked.under, asked.step, "behind", asked.text, "missing", asked.flat)
    windows = board.Windows(steps, now(queries.assessment_of(request.acting)))
    shown = board.board(request.acting, wanted, steps, windows)
    board.add_people(request.acting, shown.rows)
    table = show(request, CallTable([_call(row, shown) for row in shown.rows]), of=wanted.under)
    if isinstance(table, HttpResponse):
        return table
    context = {
        "table": table,
        "wanted": wanted,
        "all_steps": steps,
        "crumbs": _crumbs(request, wanted.under),
        "can_be_flat": wanted.under.kind == Kind.REGION,
    }
    return render(request, "assessments/call_list.html", context)


def _call(row: board.Row, shown: board.Board) -> dict[str, Any]:
    organisation = row.organisation
    url = (
        reverse("board-school", args=[organisation.code])
        if shown.shows_schools
        else f"{reverse('call-list')}?{urlencode({'under': organisation.code})}"
    )
    return {
        "code": organisation.code,
        "organisation": organisation.short_name,
        "organisation_key": organisation.sort_key,
        "url": url,
        "number": row.behind_number,
        "what": "; ".join(_lacks(step, part, shown.shows_schools) for step, part in row.behind.items()),
        "contacts": row.people,
        "people": "; ".join(f"{a.person.full_name}, {a.person.phone}".rstrip(", ") for a in row.people),
    }


def _lacks(step: RoadmapStep, part: progress.Counts, of_school: bool) -> str:
    """«Математика, 4 класс (возвращён)», or for a group «Математика, 4 класс — 3»."""
    if not of_school:
        return f"{step.short_title} — {part.behind}"
    if part.returned:
        return f"{step.short_title} ({_('возвращён')})"
    return f"{step.short_title} ({_('есть замечания')})" if part.has_findings else step.short_title


def school(request: ActingRequest, code: str) -> HttpResponse:
    """One organisation: its steps with states, times and notes, and whom to call."""
    found: Organisation = visible_or_404(
        Organisation.objects.visible_to(request.acting).select_related("supervisor", "municipality"),
        code=code,
    )
    if not found.is_school:
        return redirect(f"{reverse('board')}?{urlencode({'under': found.code})}")
    note_look(request, found, journal.SCHOOL_LOOKED_AT)
    steps = progress.board_steps(request.acting)
    known = progress.school_progress(request.acting, steps, [found])
    windows = board.Windows(steps, now(queries.assessment_of(request.acting)))
    lines = []
    for step in steps:
        if known.has_to(found, step):
            cell, term = known.cell(found, step), windows.of(step, found)
            lines.append(
                {
                    "step": step,
                    "cell": cell,
                    "state": board.school_cell(cell, term),
                    "label": words.window_label(term, step, found),
                }
            )
    row = board.Row(found, [], [], {}, True)
    if may(request.acting, "assessments.call"):
        board.add_people(request.acting, [row])
    context = {
        "school": found,
        "lines": lines,
        "people": row.people,
        "calls": may(request.acting, "assessments.call"),
        "excepts": may(request.acting, "assessments.make_exception"),
    }
    return render(request, "assessments/school.html", context)
