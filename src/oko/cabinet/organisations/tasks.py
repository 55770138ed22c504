"""Background work: thin, the actions do it."""

from __future__ import annotations

from procrastinate.contrib.django import app

from oko.cabinet.organisations import actions


@app.periodic(cron="17 * * * *")
@app.task(
    name="organisations.forget_old_drafts",
    queueing_lock="organisations.forget_old_drafts",
    lock="organisations.forget_old_drafts",
)
def forget_old_drafts(timestamp: int) -> None:
    """Every hour: lists that nobody confirmed within a day."""
    actions.forget_old_drafts()
