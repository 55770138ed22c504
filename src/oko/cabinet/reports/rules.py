"""Who reads reports."""

from __future__ import annotations

from typing import Any

import rules

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.people.models import COORDINATORS, SCHOOL_STAFF, Role

READERS = COORDINATORS | SCHOOL_STAFF | {Role.TEACHER, Role.ANALYST}


def may_read(acting: Acting, _subject: Any = None) -> bool:
    return acting.role in READERS


def may_confirm(acting: Acting, _subject: Any = None) -> bool:
    """A school says itself that it has received its report."""
    return acting.role in SCHOOL_STAFF


rules.add_rule("reports.read", may_read)
rules.add_rule("reports.confirm", may_confirm)
