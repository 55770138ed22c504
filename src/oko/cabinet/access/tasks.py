"""Background work: thin."""

from __future__ import annotations

from procrastinate.contrib.django import app

from oko.cabinet.access import guessing
from oko.cabinet.access.sessions import SessionStore


@app.periodic(cron="23 * * * *")
@app.task(
    name="access.forget_what_is_over",
    queueing_lock="access.forget_what_is_over",
    lock="access.forget_what_is_over",
)
def forget_what_is_over(timestamp: int) -> None:
    """Every hour: sessions that have ended by themselves, wrong guesses of yesterday."""
    SessionStore.clear_expired()
    guessing.forget_old()
