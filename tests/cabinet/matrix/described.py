"""Every address of the project, and how it is tried; each app's own stand in its module here."""

from __future__ import annotations

from tests.cabinet.matrix import (
    of_access,
    of_appointments,
    of_assessments,
    of_audit,
    of_exchange,
    of_organisations,
    of_people,
    of_reports,
)
from tests.cabinet.matrix.expected import Tried

#: The order is that of the printed matrix.
TRIED: dict[str, Tried] = {
    **of_audit.TRIED,
    **of_people.TRIED,
    **of_access.TRIED,
    **of_organisations.TRIED,
    **of_appointments.TRIED,
    **of_assessments.TRIED,
    **of_exchange.TRIED,
    **of_reports.TRIED,
}
