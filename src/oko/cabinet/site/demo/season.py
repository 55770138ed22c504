"""The days of the demo's season, counted from today so that it always stands half-way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oko.cabinet.foundation.wallclock import MOSCOW


@dataclass(frozen=True, slots=True)
class PaperDays:
    """When a paper is written and until when its protocol is taken (days from today)."""

    code: str
    written: int
    closes: int
    late_until: int | None


#: One deadline has passed (late protocols are still taken), one comes tomorrow, one later.
PAPERS = (
    PaperDays("rus4", written=-12, closes=-1, late_until=4),
    PaperDays("mat4", written=-6, closes=1, late_until=5),
    PaperDays("mat5", written=-3, closes=9, late_until=None),
)
STARTS, ENDS = -21, 30
READING_CLOSES = -13
REPORTS_OPEN, REPORTS_CLOSE = 6, 14
REHEARSAL = PaperDays("mat4", written=14, closes=16, late_until=17)


@dataclass(frozen=True, slots=True)
class Season:
    """All days of a season that stands half-way on `today`."""

    today: date

    @classmethod
    def now(cls) -> Season:
        return cls(datetime.now(MOSCOW).date())

    def day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def wall(self, offset: int, hour: int, minute: int = 0) -> datetime:
        """A time on whatever clock hangs on the wall."""
        return datetime.combine(self.day(offset), time(hour, minute))

    def moment(self, offset: int, hour: int, minute: int = 0, zone: ZoneInfo = MOSCOW) -> datetime:
        return self.wall(offset, hour, minute).replace(tzinfo=zone)
