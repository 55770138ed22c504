"""Background work: thin, the actions do it."""

from __future__ import annotations

from procrastinate.contrib.django import app

from oko.cabinet.exchange import actions


@app.periodic(cron="* * * * *")
@app.task(
    name="exchange.judge_waiting", queueing_lock="exchange.judge_waiting", lock="exchange.judge_waiting"
)
def judge_waiting(timestamp: int) -> None:
    """Every minute: judge what a killed process left unjudged."""
    actions.judge_waiting()
