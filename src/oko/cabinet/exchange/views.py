"""Pages of results protocols: what to send, what was sent, what is wrong with it, and returning it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from oko.cabinet.assessments.deadlines import window
from oko.cabinet.assessments.models import Paper, Participation, StepProgress
from oko.cabinet.assessments.words import window_label
from oko.cabinet.exchange import actions, journal, queries, wording
from oko.cabinet.exchange.models import Submission, UnsortedFile
from oko.cabinet.exchange.tables import FindingsTable, OverviewTable, UnsortedTable, cell_place
from oko.cabinet.foundation.access import may, require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import show
from oko.cabinet.organisations.looking import note_look
from oko.cabinet.organisations.models import Organisation

State = Submission.State


def paper_and_school(request: ActingRequest, paper: str, organisation: str) -> tuple[Paper, Organisation]:
    """Both as one may see them; 404 also where the school does not write the paper."""
    found, school = visible_paper_and_school(request, paper, organisation)
    if not Participation.objects.visible_to(request.acting).filter(paper=found, organisation=school).exists():
        raise Http404
    return found, school


def visible_paper_and_school(
    request: ActingRequest, paper: str, organisation: str
) -> tuple[Paper, Organisation]:
    """Both as one may see them; whether the school writes the paper is asked by whoever needs it."""
    require(request.acting, "exchange.read")
    found = visible_or_404(Paper.objects.visible_to(request.acting).select_related("assessment"), code=paper)
    school = visible_or_404(Organisation.objects.visible_to(request.acting), code=organisation)
    return found, school


def visible_submission(request: ActingRequest, pk: int) -> Submission:
    require(request.acting, "exchange.read")
    return visible_or_404(
        Submission.objects.visible_to(request.acting).select_related(
            "paper__assessment", "assessment", "organisation", "sender", "returned_by", "return_undone_by"
        ),
        pk=pk,
    )


def visible_unsorted(request: ActingRequest, pk: int) -> UnsortedFile:
    require(request.acting, "exchange.read")
    found: UnsortedFile = visible_or_404(
        UnsortedFile.objects.visible_to(request.acting).select_related("assessment", "organisation"), pk=pk
    )
    return found


@require_GET
def protocols(request: ActingRequest) -> HttpResponse:
    """For a school: its papers and one place to send all files. For those above: a table of all protocols."""
    require(request.acting, "exchange.read")
    if may(request.acting, "assessments.follow"):
        return _overview(request)
    return render(request, "exchange/school.html", school_context(request))


def school_context(request: ActingRequest) -> dict[str, Any]:
    school = visible_or_404(
        Organisation.objects.visible_to(request.acting), pk=request.acting.organisation_id
    )
    duties = queries.duties(request.acting, school)
    for duty in duties:
        if duty.window and duty.step:
            duty.deadline = window_label(duty.window, duty.step, school).text
    return {
        "school": school,
        "duties": duties,
        "missing": sum(not duty.is_done for duty in duties),
        "unsorted": queries.unsorted(request.acting),
        "may_submit": may(request.acting, "exchange.submit", school),
    }


def _overview(request: ActingRequest) -> HttpResponse:
    names = ("paper", "state", "supervisor", "q")
    filters = {name: request.GET.get(name, "").replace("\x00", "").strip()[:100] for name in names}
    supervisors = queries.supervisors(request.acting)
    on_page = () if "export" in request.GET else ("late", "note")
    hidden = (*on_page, "supervisor_name") if len(supervisors) < 2 else on_page
    shown = show(request, OverviewTable(queries.overview(request.acting, filters), exclude=hidden))
    if isinstance(shown, HttpResponse):
        return shown
    counts = queries.counts_by_state(request.acting)
    return render(
        request,
        "exchange/overview.html",
        {
            "table": shown,
            "filters": filters,
            "filtered": any(filters.values()),
            "papers": Paper.objects.visible_to(request.acting),
            "supervisors": supervisors,
            "states": [(value, label, counts.get(value, 0)) for value, label in StepProgress.State.choices],
            "owed": sum(counts.values()),
            "unsorted": queries.unsorted(request.acting).count(),
        },
    )


@require_GET
def unsorted(request: ActingRequest) -> HttpResponse:
    """Files of no known paper, from all schools that one sees: they sort them, those above follow it."""
    require(request.acting, "exchange.read")
    shown = show(request, UnsortedTable(queries.unsorted(request.acting)))
    if isinstance(shown, HttpResponse):
        return shown
    return render(request, "exchange/unsorted.html", {"table": shown})


@require_GET
def protocol(request: ActingRequest, paper: str, organisation: str) -> HttpResponse:
    found, school = paper_and_school(request, paper, organisation)
    note_look(request, school, journal.PROTOCOL_LOOKED_AT)
    return render(request, "exchange/protocol.html", protocol_context(request, found, school))


def protocol_context(request: ActingRequest, paper: Paper, school: Organisation) -> dict[str, Any]:
    step = queries.step_of(paper)
    found = window(step, school) if step else None
    versions = queries.versions(paper, school)
    classes = Participation.objects.visible_to(request.acting).filter(paper=paper, organisation=school)
    progress = StepProgress.objects.visible_to(request.acting).filter(step=step, organisation=school).first()
    return {
        "paper": paper,
        "school": school,
        "classes": classes.order_by("class_number", "class_label"),
        "participants": sum(len(row.codes) for row in classes),
        "window": found,
        "deadline": window_label(found, step, school).text
        if found and step
        else _("в плане-графике ещё нет срока"),
        "closed": wording.refusal_words(found, step, school) if found and step and not found.accepts else "",
        "versions": versions,
        "counts": queries.counting(versions),
        "progress": progress,
        "state": progress.state if progress else StepProgress.State.NOT_STARTED,
        "may_submit": may(request.acting, "exchange.submit", school),
        "own": request.acting.organisation_id == school.pk,
    }


@require_GET
def submission(request: ActingRequest, pk: int) -> HttpResponse:
    found = visible_submission(request, pk)
    note_look(request, found.organisation, journal.SUBMISSION_LOOKED_AT)
    rows = _findings(request, found)
    one_sheet = len({row["sheet"] for row in found.findings}) < 2
    table = FindingsTable(rows, exclude=("sheet",) if one_sheet else ())
    shown = show(request, table, per_page=100, of=found.organisation)
    if isinstance(shown, HttpResponse):
        return shown
    return render(
        request, "exchange/submission.html", {**_submission_context(request, found), "table": shown}
    )


def _findings(request: ActingRequest, found: Submission) -> list[dict[str, Any]]:
    """The findings that the filter leaves, with what the table sorts by."""
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip().casefold()
    rows = [
        {**row, "title": wording.kind_title(row["kind"]), "place": cell_place(row["cell"])}
        for row in found.findings
    ]
    return [
        row
        for row in rows
        if (not kind or row["kind"] == kind)
        and (not text or text in f"{row['cell']} {row['found']} {row['message']}".casefold())
    ]


def _submission_context(request: ActingRequest, found: Submission) -> dict[str, Any]:
    versions = queries.version_states(found.paper, found.organisation)
    counts = queries.counting(versions)
    last = queries.decisive(versions)
    kinds = sorted({row["kind"] for row in found.findings})
    above = may(request.acting, "exchange.return", found)
    step = queries.step_of(found.paper)
    term = window(step, found.organisation) if step else None
    return {
        "submission": found,
        "latest": versions[0],
        "counts": counts,
        "is_counting": counts is not None and counts.pk == found.pk,
        "kinds": [(kind, wording.kind_title(kind)) for kind in kinds],
        "kind": request.GET.get("kind", ""),
        "q": request.GET.get("q", ""),
        "layout": wording.layout_title(found.summary.get("layout", "")),
        "hidden_findings": max(0, found.summary.get("findings", 0) - len(found.findings)),
        "may_submit": may(request.acting, "exchange.submit", found.organisation),
        "may_return": above and counts is not None and counts.pk == found.pk,
        "closed": term is not None and not term.accepts,
        "may_undo": above and found.state == State.RETURNED and last is not None and last.pk == found.pk,
    }


@require_GET
def submission_state(request: ActingRequest, pk: int) -> HttpResponse:
    """What a waiting page asks every two seconds; once the version is judged the page loads itself anew."""
    found = visible_submission(request, pk)
    response = render(request, "exchange/_waiting.html", {"submission": found})
    if found.state != State.RECEIVED:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
def return_protocol(request: ActingRequest, pk: int) -> HttpResponse:
    found = visible_submission(request, pk)
    try:
        actions.return_protocol(request.acting, found, request.POST.get("comment", ""))
    except actions.Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Протокол возвращён. Школа увидит ваш комментарий на главной странице."))
    return redirect("submission", pk=pk)


@require_POST
def undo_return(request: ActingRequest, pk: int) -> HttpResponse:
    found = visible_submission(request, pk)
    try:
        actions.undo_return(request.acting, found)
    except actions.Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Возврат отменён, протокол проверен заново."))
    return redirect("submission", pk=pk)
