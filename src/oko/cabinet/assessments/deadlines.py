"""When a step is open for an organisation: one plain answer from the roadmap, the zone and the exceptions.

Rules, in the order in which they are applied:

1. Opening and deadline are read on the organisation's own clock, or on Moscow's where the order says so.
2. An exception holds for the organisation it was made for and for all below it in the supervision tree.
3. A standing pause stops the step, whatever extensions there are. Only ending it, its own term, or a
   newer reopening
   for the same organisation or one further down lifts it: extending a whole region must not lift one
   school's pause.
4. Of several extensions and reopenings for the same organisation the newest counts; of those made on
   different
   levels the latest deadline does: extending a whole region must not shorten what one school was granted.
5. The moment of the deadline itself is still in time; the moment of the opening is already open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import Q

from oko.cabinet.assessments.models import RoadmapStep, StepException
from oko.cabinet.foundation.clock import now
from oko.cabinet.foundation.wallclock import MOSCOW, moment
from oko.cabinet.organisations.models import Kind, Organisation


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

    @property
    def has_opened(self) -> bool:
        """Whether there has been time to do it: who has not, is behind."""
        return self.state in (WindowState.OPEN, WindowState.LATE, WindowState.CLOSED)

    @property
    def is_overdue(self) -> bool:
        return self.state in (WindowState.LATE, WindowState.CLOSED)


class StandingExceptions:
    """All standing exceptions of some steps, read once, for pages that show many organisations."""

    def __init__(self, steps: Iterable[RoadmapStep]) -> None:
        self._by_step: dict[int, list[StepException]] = defaultdict(list)
        standing = StepException.everything.filter(step__in=list(steps), ended_at=None)
        for exception in standing.select_related("organisation").order_by("-pk"):
            self._by_step[exception.step_id].append(exception)

    def of(self, step: RoadmapStep, organisation: Organisation) -> list[StepException]:
        """Those that hold for the organisation, newest first."""
        return [e for e in self._by_step.get(step.pk, ()) if _distance(e, organisation) is not None]


def exceptions_for(step: RoadmapStep, organisation: Organisation) -> list[StepException]:
    """Standing exceptions for the organisation or for one above it, newest first."""
    above = {organisation.pk, organisation.supervisor_id, organisation.region_id} - {None}
    return list(
        StepException.everything.filter(
            Q(organisation_id__in=above) | Q(organisation__kind=Kind.FEDERAL), step=step, ended_at=None
        )
        .select_related("organisation")
        .order_by("-pk")
    )


def window(
    step: RoadmapStep,
    organisation: Organisation,
    *,
    at: datetime | None = None,
    exceptions: Sequence[StepException] | None = None,
) -> Window:
    """The step's window for the organisation at a moment (now on the assessment's clock when none is given).

    `exceptions` (standing, those that hold for the organisation, newest first) spares a query where a
    page shows
    many organisations: see `StandingExceptions`.
    """
    at = at or now(step.assessment)
    zone = MOSCOW if step.zone_rule == RoadmapStep.ZoneRule.MOSCOW else ZoneInfo(organisation.time_zone)
    opens = moment(step.opens, zone)
    # Where clocks jump ahead, a later reading of the clock can be an earlier moment; the order must
    # survive that.
    closes = max(moment(step.closes, zone), opens)
    late_until = max(moment(step.late_until, zone), closes) if step.late_until else None
    standing = exceptions_for(step, organisation) if exceptions is None else exceptions
    moved = _moved(standing)
    if moved and moved.until and moved.until > closes:
        closes = moved.until
        late_until = max(late_until, closes) if late_until else None
        if moved.kind == StepException.Kind.REOPENING:
            opens = min(opens, moved.made_at)
    else:
        moved = None
    pause = _pause(standing, organisation, at)
    if pause:
        return Window(WindowState.PAUSED, opens, closes, late_until, zone, pause)
    return Window(_state(at, opens, closes, late_until), opens, closes, late_until, zone, moved)


def _moved(standing: Sequence[StepException]) -> StepException | None:
    """The extension or reopening that counts: the newest of each level, and of these the one with most
    time.
    """
    newest: dict[int, StepException] = {}
    for exception in standing:
        if exception.kind != StepException.Kind.PAUSE and exception.until:
            newest.setdefault(exception.organisation_id, exception)
    return max(newest.values(), key=lambda e: e.until or e.made_at, default=None)


def _pause(
    standing: Sequence[StepException], organisation: Organisation, at: datetime
) -> StepException | None:
    """The newest pause that has neither ended nor been lifted by a newer reopening at least as close."""
    nearest_reopening: int | None = None
    for exception in standing:
        distance = _distance(exception, organisation)
        if distance is None:
            continue
        if exception.kind == StepException.Kind.REOPENING:
            nearest_reopening = distance if nearest_reopening is None else min(nearest_reopening, distance)
        elif exception.kind == StepException.Kind.PAUSE:
            lifted = nearest_reopening is not None and nearest_reopening <= distance
            over = exception.until is not None and at >= exception.until
            if not lifted and not over:
                return exception
    return None


def _distance(exception: StepException, organisation: Organisation) -> int | None:
    """How far above the organisation the exception was made: 0 itself … 3 the whole country; None: not
    above it.
    """
    if exception.organisation_id == organisation.pk:
        return 0
    if exception.organisation_id == organisation.supervisor_id:
        return 1
    if exception.organisation_id == organisation.region_id:
        return 2
    return 3 if exception.organisation.kind == Kind.FEDERAL else None


def _state(at: datetime, opens: datetime, closes: datetime, late_until: datetime | None) -> WindowState:
    if at < opens:
        return WindowState.NOT_OPEN
    if at <= closes:
        return WindowState.OPEN
    if late_until and at <= late_until:
        return WindowState.LATE
    return WindowState.CLOSED
