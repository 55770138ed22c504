"""What follows from the versions of a protocol: which one counts, and how far the organisation is."""

from __future__ import annotations

import hashlib

from django.db import connection
from django.utils.translation import gettext as _

from oko.cabinet.assessments.actions import record_progress
from oko.cabinet.assessments.models import Paper, RoadmapStep, StepProgress
from oko.cabinet.audit.recording import facts, record
from oko.cabinet.exchange import journal, queries
from oko.cabinet.exchange.judging import Judgement
from oko.cabinet.exchange.models import Submission
from oko.cabinet.exchange.signals import protocol_accepted
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation

State = Submission.State
Progress = StepProgress.State


def lock_protocol(paper_id: int, organisation_id: int) -> None:
    """Whatever changes the versions of one protocol stands in line here, until the transaction ends."""
    key = hashlib.sha256(f"protocol {paper_id} {organisation_id}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key, signed=True)])


def locked_versions(paper: Paper, organisation: Organisation) -> list[Submission]:
    """The versions of a protocol, newest first, and nobody else changes them until the transaction ends."""
    lock_protocol(paper.pk, organisation.pk)
    return queries.version_states(paper, organisation)


def apply_judgement(
    submission: Submission, judgement: Judgement, step: RoadmapStep | None, newest_first: list[Submission]
) -> None:
    """Write what was found in a received version, and all that follows.

    Called inside a transaction; `newest_first` are its `locked_versions`.
    """
    before = facts(submission, "state")
    submission.state = judgement.state
    submission.trouble = judgement.trouble
    submission.findings = judgement.findings
    submission.summary = judgement.summary
    submission.judged_at = now(submission.assessment)
    submission.save(update_fields=["state", "trouble", "findings", "summary", "judged_at"])
    versions = [submission if version.pk == submission.pk else version for version in newest_first]
    counts = write_progress(step, submission.organisation, versions)
    after = {"state": submission.state, "findings": len(submission.findings), "trouble": submission.trouble}
    record(journal.JUDGED, on=submission, before=before, after=after)
    if counts is not None and counts.pk == submission.pk:
        protocol_accepted.send(sender=Submission, submission=submission, works=judgement.works)


def write_progress(
    step: RoadmapStep | None, organisation: Organisation, newest_first: list[Submission]
) -> Submission | None:
    """Tell the roadmap how far the organisation is. Returns the version that counts now."""
    counts = queries.counting(newest_first)
    if step is not None:
        state, note = _progress(newest_first)
        record_progress(step, organisation, state, late=(counts or newest_first[0]).late, note=note)
    return counts


def _progress(newest_first: list[Submission]) -> tuple[str, str]:
    latest = newest_first[0]
    counts = queries.counting(newest_first)
    if counts is not None:
        return Progress.DONE, "" if latest is counts else _beside(latest, counts)
    match latest.state:
        case State.RETURNED:
            return Progress.RETURNED, latest.comment.rstrip(".")
        case State.RECEIVED:
            return Progress.SUBMITTED, ""
        case State.UNREADABLE:
            return Progress.HAS_FINDINGS, _("файл не удалось прочитать")
        case State.WITHHELD:
            return Progress.HAS_FINDINGS, _("в файле столбец с именами, он не сохранён")
    return Progress.HAS_FINDINGS, _("замечаний: {count}").format(count=latest.summary.get("findings", 0))


def _beside(latest: Submission, counts: Submission) -> str:
    """A newer version that does not count (yet) beside the accepted one."""
    what = {
        State.RECEIVED: _("проверяется версия {latest}, пока учитывается версия {counts}"),
        State.HAS_FINDINGS: _("в новой версии {latest} есть замечания, учитывается версия {counts}"),
    }.get(State(latest.state), _("версия {latest} не прочитана, учитывается версия {counts}"))
    return what.format(latest=latest.version, counts=counts.version)
