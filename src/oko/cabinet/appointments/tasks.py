"""Background work: thin, the actions do it."""

from __future__ import annotations

from procrastinate.contrib.django import app

from oko.cabinet.appointments import import_actions


@app.periodic(cron="19 * * * *")
@app.task(
    name="appointments.forget_old_drafts",
    queueing_lock="appointments.forget_old_drafts",
    lock="appointments.forget_old_drafts",
)
def forget_old_drafts(timestamp: int) -> None:
    """Every hour: lists of people that nobody confirmed within a day."""
    import_actions.forget_old_drafts()
