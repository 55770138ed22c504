"""What people do with results protocols: send, return, take a return back."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import PurePosixPath

from django.db import transaction
from django.utils.translation import gettext as _

from oko.cabinet.assessments.deadlines import Window, WindowState, window
from oko.cabinet.assessments.models import Paper, Participation, RoadmapStep
from oko.cabinet.audit.recording import facts, record
from oko.cabinet.exchange import journal, judging, queries, settling
from oko.cabinet.exchange.judging import Judgement
from oko.cabinet.exchange.models import StoredFile, Submission
from oko.cabinet.exchange.signals import protocol_withdrawn
from oko.cabinet.exchange.wording import refusal_words
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation

log = logging.getLogger(__name__)

State = Submission.State

DOES_NOT_TAKE_PART = "does not take part"
LARGEST = 10 * 1024 * 1024
#: Whoever stored a file judges it at once; the sweeper leaves them this long before it takes over.
HEAD_START = timedelta(seconds=30)


class Refused(Exception):  # noqa: N818  # an answer to the person, not a fault
    """Nothing was stored or changed; `message` says why and what to do. `reason` is for programs."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The version that a file became, or already was."""

    submission: Submission
    repeated: bool


@dataclass(frozen=True)
class Sending:
    """A file on its way, with what has been asked about it already."""

    acting: Acting
    paper: Paper
    organisation: Organisation
    step: RoadmapStep
    window: Window
    filename: str
    content: bytes

    @cached_property
    def checksum(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def submit_protocol(
    acting: Acting, paper: Paper, organisation: Organisation, filename: str, content: bytes
) -> Receipt:
    """Take a filled protocol: keep it, then judge it (law 3). The same file again is the version that it was.

    Two transactions: the bytes are safe before anybody judges them; the sweeper judges what was cut short.

    Raises:
        PermissionDenied: not one's own organisation, and not a coordinator above it.
        Refused: the step takes nothing now, the file is empty or too large, the organisation does not write
            the paper.
    """
    require(acting, "exchange.submit", organisation)
    classes = queries.classes_of(paper, organisation)
    step, term = _open_step(paper, organisation, classes)
    check_size(len(content))
    sending = Sending(acting, paper, organisation, step, term, filename, content)
    receipt = _sent_before(sending)
    judgement = None
    if receipt is not None:
        record(journal.REPEATED, acting=acting, on=receipt.submission, after={"filename": filename})
    else:
        judgement = judging.judge(content, paper, judging.expected_of(paper, organisation, classes))
        receipt = _store(sending, judgement)
    if receipt.submission.state == State.RECEIVED:
        _judge_at_once(receipt.submission, judgement, step)
    return receipt


def submit_cleaned_copy(acting: Acting, withheld: Submission) -> Receipt:
    """One click after a file with names: send the copy without them.

    Raises:
        Refused: there is no such copy, or the step takes nothing now.
    """
    if withheld.state != State.WITHHELD or withheld.cleaned is None:
        raise Refused(
            "no copy", _("Копии без столбца имён нет. Удалите столбец сами и отправьте файл снова.")
        )
    name = PurePosixPath(withheld.filename)
    filename = f"{name.stem} — {_('без имён')}.xlsx"
    return submit_protocol(
        acting, withheld.paper, withheld.organisation, filename, bytes(withheld.cleaned.content)
    )


def _open_step(
    paper: Paper, organisation: Organisation, classes: list[Participation]
) -> tuple[RoadmapStep, Window]:
    if not classes:
        raise Refused(
            DOES_NOT_TAKE_PART, _("Эта организация не участвует в работе «{paper}».").format(paper=paper)
        )
    step = queries.step_of(paper)
    if step is None:
        raise Refused("no step", _("В плане-графике ещё нет шага, в котором принимают этот протокол."))
    found = window(step, organisation)
    if not found.accepts:
        raise Refused(found.state.value, refusal_words(found, step, organisation))
    return step, found


def check_size(size: int) -> None:
    """Raises Refused for an empty file and for one that is too large; asked before the bytes are read."""
    if size == 0:
        raise Refused(
            "empty", _("Файл пуст (0 байт). Откройте протокол, сохраните его ещё раз и отправьте снова.")
        )
    if size > LARGEST:
        raise Refused(
            "too large",
            _(
                "Файл слишком велик: {size} МБ при пределе 10 МБ. Протокол занимает меньше 1 МБ: "
                "уберите картинки и лишние листы."
            ).format(size=-(-size // (1024 * 1024))),
        )


def _sent_before(sending: Sending) -> Receipt | None:
    earlier = Submission.everything.filter(
        paper=sending.paper, organisation=sending.organisation, sha256=sending.checksum
    ).first()
    if earlier is None:
        return None
    earlier.paper, earlier.organisation = sending.paper, sending.organisation
    earlier.assessment = sending.paper.assessment
    return Receipt(earlier, repeated=True)


@transaction.atomic
def _store(sending: Sending, judgement: Judgement) -> Receipt:
    """First transaction: the bytes and the version. Of a file with names, all but the bytes."""
    paper, organisation = sending.paper, sending.organisation
    versions = settling.locked_versions(paper, organisation)
    if any(version.sha256 == sending.checksum for version in versions):
        return _sent_before(sending)  # type: ignore[return-value]  # a version never goes away
    withheld = judgement.state == State.WITHHELD
    moment = now(paper.assessment)
    submission = Submission.everything.create(
        assessment=paper.assessment,
        paper=paper,
        organisation=organisation,
        version=versions[0].version + 1 if versions else 1,
        sender_id=sending.acting.account_id,
        received_at=moment,
        late=sending.window.state is WindowState.LATE,
        filename=harmless_name(sending.filename),
        size=len(sending.content),
        sha256=sending.checksum,
        file=None if withheld else keep(sending.content, sending.checksum),
        cleaned=keep(judgement.cleaned) if judgement.cleaned else None,
        state=State.WITHHELD if withheld else State.RECEIVED,
        trouble=judgement.trouble if withheld else "",
        judged_at=moment if withheld else None,
    )
    settling.write_progress(sending.step, organisation, [submission, *versions])
    record(
        journal.SUBMITTED,
        acting=sending.acting,
        on=submission,
        after=facts(submission, "version", "state", "late", "filename", "size", "sha256"),
    )
    return Receipt(submission, repeated=False)


def keep(content: bytes, checksum: str = "") -> StoredFile:
    """The bytes under their checksum; whoever else stores the same at this moment stores the same row."""
    checksum = checksum or hashlib.sha256(content).hexdigest()
    file = StoredFile(sha256=checksum, size=len(content), content=content)
    StoredFile.objects.bulk_create([file], ignore_conflicts=True)
    return file


def harmless_name(filename: str) -> str:
    """The last part of the name, without control characters, not longer than the column, its ending kept."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    name = "".join(character for character in name if character.isprintable()).strip() or "протокол"
    path = PurePosixPath(name)
    return name if len(name) <= 200 else path.stem[: 200 - len(path.suffix[:10])] + path.suffix[:10]


def _judge_at_once(submission: Submission, judgement: Judgement | None, step: RoadmapStep) -> None:
    """Second transaction. If it fails the version waits for the sweeper; its sender sees «проверяется»."""
    try:
        judge(submission, judgement, step)
    except Exception:
        log.exception("Версия %s сохранена, но не проверена; её проверит фоновая задача", submission.pk)
        submission.refresh_from_db()


@transaction.atomic
def judge(
    submission: Submission, judgement: Judgement | None = None, step: RoadmapStep | None = None
) -> None:
    """Check a received version and write what follows; one that is judged already stays as it is."""
    versions = settling.locked_versions(submission.paper, submission.organisation)
    if _state_among(versions, submission) != State.RECEIVED:
        submission.refresh_from_db()
        return
    judgement = judgement or _judged_from_bytes(submission)
    step = step or queries.step_of(submission.paper)
    settling.apply_judgement(submission, judgement, step, versions)


def _state_among(versions: list[Submission], submission: Submission) -> str:
    return next(version.state for version in versions if version.pk == submission.pk)


def _judged_from_bytes(submission: Submission) -> Judgement:
    content = bytes(submission.file.content) if submission.file else b""
    paper, organisation = submission.paper, submission.organisation
    expected = judging.expected_of(paper, organisation, queries.classes_of(paper, organisation))
    judgement = judging.judge(content, paper, expected)
    if judgement.state != State.WITHHELD:
        return judgement
    # Names were not seen when the file came, so it is kept; it must not go further.
    return Judgement(State.UNREADABLE, trouble=_("В файле столбец с именами. Отправьте файл без него."))


def judge_waiting() -> int:
    """Judge what was stored but not judged, because the process that took it died. Returns how many were."""
    waiting = Submission.everything.filter(state=State.RECEIVED).select_related(
        "assessment", "paper__assessment", "organisation"
    )
    judged = 0
    for submission in waiting.order_by("received_at"):
        if abs(now(submission.assessment) - submission.received_at) < HEAD_START:
            continue
        try:
            judge(submission)
            judged += 1
        except Exception:
            log.exception("Версию %s проверить не удалось", submission.pk)
    return judged


@transaction.atomic
def return_protocol(acting: Acting, submission: Submission, comment: str) -> Submission:
    """Send the accepted protocol back to the school with a comment; its works leave the results.

    Raises:
        PermissionDenied: not a coordinator above the school.
        Refused: no comment, or another version counts.
    """
    require(acting, "exchange.return", submission)
    words = comment.replace("\x00", "").strip()
    if not words:
        raise Refused("no comment", _("Напишите, что исправить: школа увидит эти слова на главной странице."))
    versions = settling.locked_versions(submission.paper, submission.organisation)
    counts = queries.counting(versions)
    if counts is None or counts.pk != submission.pk:
        raise Refused("does not count", _("Вернуть можно только ту версию, которая сейчас принята."))
    submission.refresh_from_db()
    before = facts(submission, "state")
    submission.state = State.RETURNED
    submission.comment = words[:2000]
    submission.returned_by_id = acting.account_id
    submission.returned_at = now(submission.assessment)
    submission.return_undone_by = submission.return_undone_at = None
    submission.save()
    newest_first = [submission if version.pk == submission.pk else version for version in versions]
    settling.write_progress(queries.step_of(submission.paper), submission.organisation, newest_first)
    after = facts(submission, "state", "comment")
    record(journal.RETURNED, acting=acting, on=submission, before=before, after=after)
    protocol_withdrawn.send(sender=Submission, submission=submission)
    return submission


@transaction.atomic
def undo_return(acting: Acting, submission: Submission) -> Submission:
    """Take a return back: the version is judged anew and, if all is well, counts again.

    Raises:
        PermissionDenied: not a coordinator above the school.
        Refused: it is not returned, or a newer version has been accepted since.
    """
    require(acting, "exchange.return", submission)
    versions = settling.locked_versions(submission.paper, submission.organisation)
    last = queries.decisive(versions)
    if last is None or last.pk != submission.pk or last.state != State.RETURNED:
        raise Refused(
            "not returned", _("Отменить можно только последний возврат, пока не принята новая версия.")
        )
    submission.refresh_from_db()
    submission.state = State.RECEIVED
    submission.return_undone_by_id = acting.account_id
    submission.return_undone_at = now(submission.assessment)
    submission.save()
    before = {"state": State.RETURNED, "comment": submission.comment}
    record(journal.RETURN_UNDONE, acting=acting, on=submission, before=before)
    judgement = _judged_from_bytes(submission)
    settling.apply_judgement(submission, judgement, queries.step_of(submission.paper), versions)
    return submission
