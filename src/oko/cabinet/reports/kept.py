"""What was computed of works is kept until they change: many readers of a report cost one computation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache

from oko.cabinet.assessments.models import Paper
from oko.cabinet.organisations.models import Organisation
from oko.engines.statistics.works import works_fingerprint

KeptT = TypeVar("KeptT")

KEPT_FOR = 600  # seconds: a renamed organisation shows its new name by then; new works show at once


def kept(paper: Paper, place: Organisation, name: str, make: Callable[[], KeptT]) -> KeptT:
    """What `make` gives, kept until works of the paper are written anew anywhere."""
    written = works_fingerprint(settings.WORKS_ROOT, paper.assessment.code, paper.code)
    key = f"report:{paper.pk}:{place.pk}:{name}:{written}"
    found: KeptT | None = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, KEPT_FOR)
    return found
