"""What was computed of works is kept until they change: many readers of a report cost one computation."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache

from oko.cabinet.assessments.models import Paper
from oko.cabinet.organisations.models import Organisation
from oko.engines.statistics.works import works_fingerprint

KeptT = TypeVar("KeptT")

KEPT_FOR = 600  # seconds: a renamed organisation shows its new name by then; new works show at once


#: How many tables a process holds as they are: to unpack a kept one takes as long as to make it anew.
HELD = 32
_held: OrderedDict[str, tuple[float, Any]] = OrderedDict()
_lock = threading.Lock()


def kept(paper: Paper, place: Organisation, name: str, make: Callable[[], KeptT]) -> KeptT:
    """What `make` gives, kept until works of the paper are written anew anywhere."""
    key = _key(paper, place, name)
    found: KeptT | None = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, KEPT_FOR)
    return found


def held(paper: Paper, place: Organisation, name: str, make: Callable[[], KeptT]) -> KeptT:
    """The same for what is large and never changed by its readers: the last few of this process."""
    key = _key(paper, place, name)
    with _lock:
        until, found = _held.get(key, (0.0, None))
        if until > time.monotonic():
            _held.move_to_end(key)
            return found
    made = make()
    with _lock:
        _held[key] = (time.monotonic() + KEPT_FOR, made)
        while len(_held) > HELD:
            _held.popitem(last=False)
    return made


def _key(paper: Paper, place: Organisation, name: str) -> str:
    written = works_fingerprint(settings.WORKS_ROOT, paper.assessment.code, paper.code)
    what = hashlib.sha256(name.encode()).hexdigest()[:20]  # a name may hold what was typed into an address
    return f"report:{paper.pk}:{place.pk}:{what}:{written}"
