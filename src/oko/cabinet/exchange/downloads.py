"""Files going down: the prefilled protocol; what was sent, byte for byte; copies marked and without names."""

from __future__ import annotations

import logging
from pathlib import PurePosixPath

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from oko.cabinet.assessments.deadlines import window
from oko.cabinet.assessments.models import Participation
from oko.cabinet.assessments.words import window_label
from oko.cabinet.audit.recording import facts, record
from oko.cabinet.exchange import journal, judging, queries, views
from oko.cabinet.exchange.models import Submission
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.foundation.tables import XLSX, content_disposition
from oko.engines.forms.build import build_protocol

log = logging.getLogger(__name__)


@require_GET
def blank_form(request: ActingRequest, paper: str, organisation: str) -> HttpResponse:
    """The results protocol of this school, with its participant codes filled in."""
    found, school = views.paper_and_school(request, paper, organisation)
    step = queries.step_of(found)
    classes = Participation.objects.visible_to(request.acting).filter(paper=found, organisation=school)
    content = build_protocol(
        found.for_engines(),
        organisation_code=school.code,
        organisation_name=school.name,
        participants=[
            (code, row.class_label, row.class_number)
            for row in classes.order_by("class_number", "class_label")
            for code in row.codes
        ],
        assessment_title=found.assessment.title,
        deadline_text=window_label(window(step, school), step, school).text if step else "",
        contact_text=queries.contact_above(school, found),
    )
    record(journal.FORM_DOWNLOADED, organisation=school, on=found)
    return attachment(content, f"{_('протокол')}-{found.code}-{school.code}.xlsx", XLSX)


@require_GET
def original(request: ActingRequest, pk: int) -> HttpResponse:
    """Exactly what was sent, under a type that no browser runs."""
    submission = views.visible_submission(request, pk)
    if submission.file is None:
        raise Http404
    _record(journal.ORIGINAL_DOWNLOADED, submission)
    return attachment(bytes(submission.file.content), submission.filename, "application/octet-stream")


@require_GET
def unsorted_original(request: ActingRequest, pk: int) -> HttpResponse:
    """A file of no known paper, exactly as it was sent."""
    unsorted = views.visible_unsorted(request, pk)
    if unsorted.file is None:
        raise Http404
    record(journal.UNSORTED_DOWNLOADED, on=unsorted, after=facts(unsorted, "filename", "sha256"))
    return attachment(bytes(unsorted.file.content), unsorted.filename, "application/octet-stream")


@require_GET
def marked(request: ActingRequest, pk: int) -> HttpResponse:
    """The same file with its findings in the cells."""
    submission = views.visible_submission(request, pk)
    if submission.file is None or not submission.findings:
        raise Http404
    try:
        content = judging.marked_copy(
            bytes(submission.file.content), submission.paper, submission.organisation
        )
    except Exception:
        log.exception("Размеченную копию версии %s сделать не удалось", submission.pk)
        messages.error(
            request, _("Размеченную копию сделать не удалось. Замечания по ячейкам показаны в таблице ниже.")
        )
        return redirect("submission", pk=pk)
    _record(journal.MARKED_DOWNLOADED, submission)
    name = PurePosixPath(submission.filename).stem
    return attachment(content, f"{name} — {_('замечания')}.xlsx", XLSX)


@require_GET
def cleaned(request: ActingRequest, pk: int) -> HttpResponse:
    """The copy without the column of names."""
    submission = views.visible_submission(request, pk)
    if submission.cleaned is None:
        raise Http404
    _record(journal.CLEANED_DOWNLOADED, submission)
    name = PurePosixPath(submission.filename).stem
    return attachment(bytes(submission.cleaned.content), f"{name} — {_('без имён')}.xlsx", XLSX)


def _record(verb: str, submission: Submission) -> None:
    """Whoever takes a file of a school is in the journal, with the version that was taken."""
    record(verb, on=submission, after=facts(submission, "version", "sha256"))


def attachment(content: bytes, filename: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition(filename)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Length"] = str(len(content))
    return response
