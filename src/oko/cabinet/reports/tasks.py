"""Background work: thin, the actions do it."""

from __future__ import annotations

from procrastinate.contrib.django import app

from oko.cabinet.reports.packages import actions, making, sources


@app.task(name="reports.make_package")
def make_package(package_id: int, attempt: int) -> None:
    """A slice of an order; what is left is put to the end of the queue."""
    if making.make_slice(package_id, attempt, sources.SOURCES):
        actions.enqueue(package_id, attempt)


@app.periodic(cron="* * * * *")
@app.task(name="reports.take_up_lost_packages", queueing_lock="reports.take_up_lost_packages")
def take_up_lost_packages(timestamp: int) -> None:
    """Every minute: what a killed worker left behind."""
    actions.take_up_lost()


@app.periodic(cron="41 * * * *")
@app.task(name="reports.expire_packages", queueing_lock="reports.expire_packages")
def expire_packages(timestamp: int) -> None:
    """Every hour: files that were kept long enough."""
    actions.expire()
