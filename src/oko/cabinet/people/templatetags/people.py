"""Words of the pages about signing in."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def from_now(span: timedelta) -> datetime:
    """The moment that comes when the span is over."""
    return timezone.now() + span


@register.filter
def in_minutes(span: timedelta) -> int:
    """Whole minutes, rounded up: nobody should come a moment too early."""
    return -(-int(span.total_seconds()) // 60)
