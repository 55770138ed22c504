"""What exchange says, and what follows from it here, in the same transaction."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from oko.cabinet.exchange.models import Submission
from oko.cabinet.exchange.signals import protocol_accepted, protocol_withdrawn
from oko.cabinet.results import actions


@receiver(protocol_accepted)
def on_accepted(submission: Submission, works: list[dict[str, Any]], **kwargs: Any) -> None:
    actions.count_protocol(submission, works)


@receiver(protocol_withdrawn)
def on_withdrawn(submission: Submission, **kwargs: Any) -> None:
    actions.withdraw_protocol(submission)
