"""The one clock. A training assessment runs on its own rehearsal time; everything else runs on real time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from django.utils import timezone


class OnClock(Protocol):
    """An assessment, as far as the clock is concerned."""

    rehearsal_offset: timedelta | None


def now(assessment: OnClock | None = None) -> datetime:
    """This moment in UTC, shifted for an assessment that is being rehearsed."""
    moment = timezone.now()
    if assessment is not None and assessment.rehearsal_offset:
        return moment + assessment.rehearsal_offset
    return moment
