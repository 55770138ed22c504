"""What people do with files that are of no known paper: they are kept, given a paper, or set aside."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _

from oko.cabinet.assessments.models import Assessment, Paper
from oko.cabinet.audit.recording import facts, record
from oko.cabinet.exchange import journal
from oko.cabinet.exchange.actions import Receipt, Refused, check_size, harmless_name, keep, submit_protocol
from oko.cabinet.exchange.judging import Recognition
from oko.cabinet.exchange.models import Submission, UnsortedFile
from oko.cabinet.foundation.access import require
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation


def sent_for_a_paper(acting: Acting, organisation: Organisation, content: bytes) -> Receipt | None:
    """The version that these bytes are already, of whatever paper somebody said they are."""
    sent = Submission.everything.filter(
        assessment_id=acting.assessment_id,
        organisation=organisation,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    earlier = sent.select_related("paper").first()
    return Receipt(earlier, repeated=True) if earlier else None


@transaction.atomic
def keep_unsorted(
    acting: Acting, organisation: Organisation, filename: str, content: bytes, why: Recognition
) -> UnsortedFile:
    """Keep a file of no known paper; of one with names, all but the bytes. The same bytes twice are one row.

    Raises:
        PermissionDenied: not one's own organisation, and not a coordinator above it.
        Refused: the file is empty or too large.
    """
    require(acting, "exchange.submit", organisation)
    check_size(len(content))
    checksum = hashlib.sha256(content).hexdigest()
    kept, made = UnsortedFile.everything.get_or_create(
        assessment_id=acting.assessment_id,
        organisation=organisation,
        sha256=checksum,
        defaults={
            "sender_id": acting.account_id,
            "received_at": now(Assessment.everything.get(pk=acting.assessment_id)),
            "filename": harmless_name(filename),
            "size": len(content),
            "file": None if why.names else keep(content, checksum),
            "trouble": why.trouble,
        },
    )
    if not made and kept.set_aside_at is not None:  # whoever sends it again wants it to be seen
        kept.set_aside_at = kept.set_aside_by = None
        kept.save(update_fields=["set_aside_at", "set_aside_by"])
    record(journal.UNSORTED_KEPT, acting=acting, on=kept, after=facts(kept, "filename", "size", "sha256"))
    return kept


def sort_file(acting: Acting, unsorted: UnsortedFile, paper: Paper) -> Receipt:
    """Say of which paper the file is: from now on it is a version of that protocol, judged like any other.

    The version is stored in transactions of its own, as every file that comes; if the last word here is cut
    short, the same choice again finds that version.

    Raises:
        PermissionDenied: not one's own organisation, and not a coordinator above it.
        Refused: its bytes were not kept, it has its paper already, or that protocol is not taken now.
    """
    if unsorted.sorted_as_id is not None:
        raise Refused("sorted", _("Этот файл уже отнесён к работе."))
    if unsorted.file is None:
        raise Refused(
            "not kept", _("В этом файле был столбец с именами, он не сохранён. Отправьте файл без него.")
        )
    receipt = submit_protocol(
        acting, paper, unsorted.organisation, unsorted.filename, bytes(unsorted.file.content)
    )
    _remember_its_paper(acting, unsorted, receipt.submission)
    return receipt


@transaction.atomic
def _remember_its_paper(acting: Acting, unsorted: UnsortedFile, submission: Submission) -> None:
    waiting = UnsortedFile.everything.filter(pk=unsorted.pk, sorted_as=None)
    if waiting.update(sorted_as=submission):
        record(journal.UNSORTED_SORTED, acting=acting, on=unsorted, after={"submission": submission.pk})


@transaction.atomic
def set_aside(acting: Acting, unsorted: UnsortedFile) -> None:
    """Take a file that is no protocol off the list; it stays stored, with who took it off and when.

    Raises:
        PermissionDenied: not one's own organisation, and not a coordinator above it.
    """
    require(acting, "exchange.submit", unsorted.organisation)
    shown = UnsortedFile.everything.filter(pk=unsorted.pk, set_aside_at=None)
    if shown.update(set_aside_by=acting.account_id, set_aside_at=now(unsorted.assessment)):
        record(journal.UNSORTED_SET_ASIDE, acting=acting, on=unsorted, after={"filename": unsorted.filename})
