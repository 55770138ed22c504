"""When a step is open for an organisation: one plain answer from the roadmap, the zone and the exceptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from oko.cabinet.assessments.models import RoadmapStep, StepException
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.wallclock import MOSCOW, moment
from oko.cabinet.organisations.models import Organisation


class WindowState(StrEnum):
    NOT_OPEN = "not_open"
    OPEN = "open"
    LATE = "late"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Window:
    """The opening and the deadline of a step for one organisation, as moments in UTC."""

    state: WindowState
    opens: datetime
    closes: datetime
    late_until: datetime | None
    zone: ZoneInfo
    exception: StepException | None = None

    @property
    def accepts(self) -> bool:
        """Whether something may be sent now."""
        return self.state in (WindowState.OPEN, WindowState.LATE)


def exceptions_for(step: RoadmapStep, organisation: Organisation) -> list[StepException]:
    """Those standing for the organisation itself, its supervisor, its territory or its region, newest first."""
    above = {organisation.pk, organisation.supervisor_id, organisation.municipality_id, organisation.region_id}
    return list(
        StepException.everything.filter(step=step, organisation_id__in=above - {None}, ended_at=None).order_by(
            "-made_at"
        )
    )


def window(
    step: RoadmapStep,
    organisation: Organisation,
    *,
    at: datetime | None = None,
    exceptions: Iterable[StepException] | None = None,
) -> Window:
    """The step's window for the organisation.

    The newest standing exception wins: a pause stops everything, an extension or a reopening moves the deadline.
    `exceptions` spares a query where a page shows many organisations.
    """
    at = at or now(step.assessment)
    zone = MOSCOW if step.zone_rule == RoadmapStep.ZoneRule.MOSCOW else ZoneInfo(organisation.time_zone)
    opens, closes = moment(step.opens, zone), moment(step.closes, zone)
    late_until = moment(step.late_until, zone) if step.late_until else None
    standing = exceptions_for(step, organisation) if exceptions is None else list(exceptions)
    newest = standing[0] if standing else None
    if newest and newest.kind == StepException.Kind.PAUSE and (newest.until is None or at < newest.until):
        return Window(WindowState.PAUSED, opens, closes, late_until, zone, newest)
    moved = next((e for e in standing if e.kind != StepException.Kind.PAUSE and e.until), None)
    if moved and moved.until:
        if moved.kind == StepException.Kind.REOPENING:
            opens = min(opens, moved.made_at)
        closes = max(closes, moved.until)
        late_until = max(late_until, closes) if late_until else None
    return Window(_state(at, opens, closes, late_until), opens, closes, late_until, zone, moved)


def _state(at: datetime, opens: datetime, closes: datetime, late_until: datetime | None) -> WindowState:
    if at < opens:
        return WindowState.NOT_OPEN
    if at <= closes:
        return WindowState.OPEN
    if late_until and at <= late_until:
        return WindowState.LATE
    return WindowState.CLOSED
