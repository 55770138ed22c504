"""Background work: thin, the actions do it."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from oko.cabinet.assessments.models import Paper
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.results import actions


@app.task(name="results.write_partition", retry=RetryStrategy(max_attempts=5, exponential_wait=3))
def write_partition(paper_id: int, region_id: int) -> None:
    paper = Paper.everything.select_related("assessment").get(pk=paper_id)
    actions.write_partition(paper, Organisation.everything.get(pk=region_id))


@app.periodic(cron="* * * * *")
@app.task(
    name="results.write_stale_partitions",
    queueing_lock="results.write_stale_partitions",
    lock="results.write_stale_partitions",
)
def write_stale_partitions(timestamp: int) -> None:
    """Every minute: write what a killed worker left behind."""
    actions.write_stale_partitions()
