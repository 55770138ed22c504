"""For each address with ids: ids of things that belong to the school of the second region.

Each app's tests say it for the app's own addresses; here they come together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.cabinet.access.foreign import ADDRESSES as ACCESS
from tests.cabinet.appointments.foreign import ADDRESSES as APPOINTMENTS
from tests.cabinet.assessments.foreign import ADDRESSES as ASSESSMENTS
from tests.cabinet.audit.foreign import ADDRESSES as AUDIT
from tests.cabinet.conftest import World
from tests.cabinet.exchange.foreign import ADDRESSES as EXCHANGE
from tests.cabinet.organisations.foreign import ADDRESSES as ORGANISATIONS
from tests.cabinet.people.foreign_notices import ADDRESSES as NOTICES
from tests.cabinet.reports.foreign import ADDRESSES as REPORTS

Foreign = dict[str, dict[str, Callable[[World], Any]]]

#: address name → parameter → how to find the foreign value in the small world
FOREIGN: Foreign = {
    **ORGANISATIONS,
    **APPOINTMENTS,
    **ASSESSMENTS,
    **EXCHANGE,
    **REPORTS,
    **NOTICES,
    **ACCESS,
    **AUDIT,
}
