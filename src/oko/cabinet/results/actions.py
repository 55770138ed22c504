"""What changes the works: a protocol counts or no longer does; the Parquet of its region is written anew."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from oko.cabinet.assessments.models import Paper
from oko.cabinet.audit.recording import record
from oko.cabinet.exchange.models import Submission
from oko.cabinet.foundation.clock import now
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.results import journal
from oko.cabinet.results.models import ProtocolWorks, WorksPartition
from oko.engines.statistics.works import work_row, write_works

log = logging.getLogger(__name__)

#: Seconds in which further changes of a partition join the first one: they are written together.
SETTLING = 10
#: A job that has not written the changes by then was lost with its worker.
LEASE = timedelta(minutes=2)


@transaction.atomic(savepoint=False)
def count_protocol(submission: Submission, works: list[dict[str, Any]]) -> None:
    """From now on these works stand for the organisation in the paper; those before them stand no longer."""
    counted = ProtocolWorks(
        assessment=submission.assessment,
        paper=submission.paper,
        organisation=submission.organisation,
        submission=submission,
        works=works,
        present=sum(work["status"] == "present" for work in works),
        accepted_at=now(submission.assessment),
    )
    ProtocolWorks.everything.bulk_create(
        [counted],
        update_conflicts=True,
        unique_fields=["paper", "organisation"],
        update_fields=["submission", "works", "present", "accepted_at"],
    )
    _mark_changed(submission)


@transaction.atomic(savepoint=False)
def withdraw_protocol(submission: Submission) -> None:
    """The works of this version leave the results."""
    if ProtocolWorks.everything.filter(submission=submission).delete()[0]:
        _mark_changed(submission)


def _mark_changed(submission: Submission) -> None:
    """Count the change and have the file written, in the same transaction (law 4), as the last of it.

    Whoever changes a partition holds its row until the end of the transaction. So a job that is found waiting
    here cannot read the works before this change is committed: `write_partition` asks for the same row first.
    And so nothing else may follow: all uploads of a region and paper stand in line for that row.
    """
    region_id = submission.organisation.region_id
    if region_id is None:
        return
    moment = now(submission.assessment)
    row = WorksPartition.objects.filter(paper=submission.paper, region_id=region_id)
    if not row.update(changes=F("changes") + 1, changed_at=moment):
        first = WorksPartition(
            assessment=submission.assessment, paper=submission.paper, region_id=region_id, changed_at=moment
        )
        WorksPartition.objects.bulk_create([first], ignore_conflicts=True)
        row.update(changes=F("changes") + 1, changed_at=moment)
    enqueue_writing(submission.paper_id, region_id)


def enqueue_writing(paper_id: int, region_id: int) -> None:
    """One waiting job a partition is enough; the one that runs already may have read the works before.

    The job waits a little, so that a burst of protocols is written once and not after each of them.
    """
    from oko.cabinet.results import tasks  # the task calls this module

    name = f"results.write_partition:{paper_id}:{region_id}"
    if ProcrastinateJob.objects.filter(queueing_lock=name, status="todo").exists():
        return
    try:
        with transaction.atomic():  # a refusal by the unique index must not spoil the transaction around
            tasks.write_partition.configure(
                queueing_lock=name, lock=name, schedule_in={"seconds": SETTLING}
            ).defer(paper_id=paper_id, region_id=region_id)
    except AlreadyEnqueued:
        pass


def write_partition(paper: Paper, region: Organisation) -> WorksPartition | None:
    """Write the works of a paper in a region to Parquet at one stroke. None where nothing was ever accepted.

    Writers of one partition stand in line, and each reads after those before it have written: what lies there
    last is the newest.
    """
    _wait_for_changes(paper, region)
    with transaction.atomic():
        _lock_writing(paper, region)
        partition = WorksPartition.objects.filter(paper=paper, region=region).first()
        if partition is None:
            return None
        counted = list(_counted(paper, region))
        rows = [row for protocol in counted for row in _rows(protocol)]
        moment = now(paper.assessment)
        write_works(settings.WORKS_ROOT, paper.assessment.code, paper.for_engines(), region.region_code, rows)
        WorksPartition.objects.filter(pk=partition.pk).update(
            written=partition.changes, written_at=moment, protocols=len(counted), works=len(rows)
        )
        record(
            journal.PARTITION_WRITTEN,
            on=paper,
            organisation=region,
            before={"protocols": partition.protocols, "works": partition.works},
            after={"protocols": len(counted), "works": len(rows)},
        )
    partition.refresh_from_db()
    return partition


@transaction.atomic
def _wait_for_changes(paper: Paper, region: Organisation) -> None:
    """Let those who are changing the partition commit first: they count on being read by this writer."""
    list(WorksPartition.objects.select_for_update().filter(paper=paper, region=region).values_list("pk"))


def _lock_writing(paper: Paper, region: Organisation) -> None:
    key = hashlib.sha256(f"works {paper.pk} {region.pk}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key, signed=True)])


def _counted(paper: Paper, region: Organisation) -> Any:
    return (
        ProtocolWorks.everything.filter(paper=paper, organisation__region=region)
        .select_related("organisation__municipality", "organisation__supervisor")
        .order_by("organisation__code")
    )


def _rows(protocol: ProtocolWorks) -> list[dict[str, Any]]:
    school = protocol.organisation
    places = {
        "school": school.code,
        "municipality": school.municipality.code if school.municipality else "",
        "supervisor": school.supervisor.code if school.supervisor else "",
    }
    return [work_row(work, **places) for work in protocol.works]


def write_stale_partitions() -> int:
    """Write what no job has written in time: its worker was killed. Returns how many were written."""
    written = 0
    stale = WorksPartition.objects.exclude(written=F("changes")).select_related(
        "assessment", "paper__assessment", "region"
    )
    for partition in stale:
        if abs(now(partition.assessment) - partition.changed_at) < LEASE:
            continue
        try:
            write_partition(partition.paper, partition.region)
            written += 1
        except Exception:
            log.exception("Работы раздела «%s» записать не удалось", partition)
    return written
