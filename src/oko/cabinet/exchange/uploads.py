"""Taking files: one for a known protocol (also from a program), or many, each recognised by its content."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from oko.cabinet.assessments.models import Paper
from oko.cabinet.exchange import actions, judging, queries, unsorted, views
from oko.cabinet.exchange.models import Submission, UnsortedFile
from oko.cabinet.foundation.access import require, visible_or_404
from oko.cabinet.foundation.acting import ActingRequest
from oko.cabinet.organisations.models import Organisation
from oko.engines.papers import Paper as EnginePaper

MOST_FILES = 60

STATUSES = {"no file": 400, "empty": 400, "too large": 413}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one of several files."""

    filename: str
    paper: Paper | None = None
    receipt: actions.Receipt | None = None
    unsorted: UnsortedFile | None = None
    refusal: str = ""


@require_POST
def upload(request: ActingRequest, paper: str, organisation: str) -> HttpResponse:
    """One file for one protocol. A program may ask for JSON; a person is led to the version's page."""
    found, school = views.visible_paper_and_school(request, paper, organisation)
    require(request.acting, "exchange.submit", school)
    try:
        file = request.FILES.get("file")
        if file is None:
            raise actions.Refused(
                "no file", _("Файл не выбран. Выберите заполненный протокол и отправьте ещё раз.")
            )
        receipt = _submit(request, found, school, file)
    except actions.Refused as refused:
        if refused.reason == actions.DOES_NOT_TAKE_PART:  # nor is there a page of such a protocol
            raise Http404 from refused
        return _refusal(request, found, school, refused)
    if _wants_json(request):
        return JsonResponse(_described(receipt))
    _tell(request, receipt)
    return redirect("submission", pk=receipt.submission.pk)


def _submit(
    request: ActingRequest, paper: Paper, school: Organisation, file: UploadedFile[bytes]
) -> actions.Receipt:
    actions.check_size(file.size or 0)
    return actions.submit_protocol(request.acting, paper, school, file.name or "", file.read())


def _refusal(
    request: ActingRequest, paper: Paper, school: Organisation, refused: actions.Refused
) -> HttpResponse:
    status = STATUSES.get(refused.reason, 409)
    if _wants_json(request):
        return JsonResponse({"refused": refused.reason, "message": refused.message}, status=status)
    context = {**views.protocol_context(request, paper, school), "refusal": refused.message}
    return render(request, "exchange/protocol.html", context, status=status)


def _wants_json(request: ActingRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _described(receipt: actions.Receipt) -> dict[str, object]:
    submission = receipt.submission
    return {
        "submission": submission.pk,
        "version": submission.version,
        "repeated": receipt.repeated,
        "state": submission.state,
        "late": submission.late,
        "sha256": submission.sha256,
        "trouble": submission.trouble,
        "findings": submission.findings,
        "url": reverse("submission", args=[submission.pk]),
    }


def _tell(request: ActingRequest, receipt: actions.Receipt) -> None:
    if receipt.repeated:
        messages.info(request, repeated_words(receipt.submission))
    elif receipt.submission.state == Submission.State.ACCEPTED:
        messages.success(request, _("Протокол принят, замечаний нет."))


def repeated_words(submission: Submission) -> str:
    """The file is known already; where that leads nowhere, what to do instead."""
    if submission.state == Submission.State.RETURNED:
        return _(
            "Именно этот файл координатор вернул с комментарием: «{comment}». Исправьте протокол и отправьте "
            "снова; если он верен, попросите координатора отменить возврат."
        ).format(comment=submission.comment)
    text = _("Этот файл уже отправлен: версия {version}. Второй раз он не записан.").format(
        version=submission.version
    )
    counts = queries.counting(queries.version_states(submission.paper, submission.organisation))
    if submission.state == Submission.State.ACCEPTED and counts and counts.version > submission.version:
        text += " " + _(
            "Сейчас учитывается версия {version}. Чтобы учитывалась эта, сохраните файл заново и отправьте."
        ).format(version=counts.version)
    return text


@require_POST
def upload_several(request: ActingRequest) -> HttpResponse:
    """All protocols of one's own school at once: each file says by its content which paper it is of."""
    require(request.acting, "exchange.read")
    school = visible_or_404(
        Organisation.objects.visible_to(request.acting), pk=request.acting.organisation_id
    )
    require(request.acting, "exchange.submit", school)
    files = request.FILES.getlist("files")
    papers = [duty.paper for duty in queries.duties(request.acting, school)]
    known = [paper.for_engines() for paper in papers]
    answers = [_answer(request, school, papers, known, file) for file in files[:MOST_FILES]]
    answers += [
        Answer(
            file.name or "", refusal=_("За один раз принимается не больше 60 файлов. Отправьте его отдельно.")
        )
        for file in files[MOST_FILES:]
    ]
    context = {**views.school_context(request), "answers": answers, "nothing_chosen": not files}
    return render(request, "exchange/school.html", context, status=200 if files else 400)


def _answer(
    request: ActingRequest,
    school: Organisation,
    papers: list[Paper],
    known: list[EnginePaper],
    file: UploadedFile[bytes],
) -> Answer:
    """What becomes of one file; `known` are the papers as the engines know them, read once for all files."""
    name = file.name or ""
    try:
        actions.check_size(file.size or 0)
        content = file.read()
        found = judging.recognise(content, known)
        paper = next((paper for paper in papers if paper.code == found.paper), None)
        if paper is not None:
            return Answer(name, paper, actions.submit_protocol(request.acting, paper, school, name, content))
        if earlier := unsorted.sent_for_a_paper(request.acting, school, content):
            return Answer(name, earlier.submission.paper, earlier)
        return Answer(name, unsorted=unsorted.keep_unsorted(request.acting, school, name, content, found))
    except actions.Refused as refused:
        return Answer(name, refusal=refused.message)


@require_POST
def sort_unsorted(request: ActingRequest, pk: int) -> HttpResponse:
    """«Это работа …»: one choice, and the file goes the way of every protocol."""
    found = views.visible_unsorted(request, pk)
    require(request.acting, "exchange.submit", found.organisation)
    papers = Paper.objects.visible_to(request.acting).select_related("assessment")
    paper = next((paper for paper in papers if paper.code == request.POST.get("paper")), None)
    try:
        if paper is None:
            raise actions.Refused("no paper", _("Выберите, какой работы этот протокол, и отправьте ещё раз."))
        receipt = unsorted.sort_file(request.acting, found, paper)
    except actions.Refused as refused:
        messages.error(request, refused.message)
        return redirect("protocols")
    _tell(request, receipt)
    return redirect("submission", pk=receipt.submission.pk)


@require_POST
def set_unsorted_aside(request: ActingRequest, pk: int) -> HttpResponse:
    found = views.visible_unsorted(request, pk)
    unsorted.set_aside(request.acting, found)
    messages.success(request, _("Файл «{name}» убран из списка.").format(name=found.filename))
    return redirect("protocols")


@require_POST
def send_cleaned(request: ActingRequest, pk: int) -> HttpResponse:
    """The copy without names, in one click."""
    withheld = views.visible_submission(request, pk)
    try:
        receipt = actions.submit_cleaned_copy(request.acting, withheld)
    except actions.Refused as refused:
        messages.error(request, refused.message)
        return redirect("submission", pk=pk)
    _tell(request, receipt)
    return redirect("submission", pk=receipt.submission.pk)
