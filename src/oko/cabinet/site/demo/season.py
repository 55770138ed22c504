"""The days of the demo's season, counted from today so that it always stands half-way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oko.cabinet.foundation.wallclock import MOSCOW


@dataclass(frozen=True, slots=True)
class PaperDays:
    """When a paper is written, until when its protocol is taken, from when to when its report is received
    (days from today)."""

    code: str
    written: int
    closes: int
    late_until: int | None
    report: tuple[int, int] | None = None


#: One deadline has passed (late protocols are still taken, and the report is out), one comes tomorrow, one
#: later.
PAPERS = (
    PaperDays("rus4", written=-12, closes=-1, late_until=4, report=(0, 9)),
    PaperDays("mat4", written=-6, closes=1, late_until=5, report=(6, 14)),
    PaperDays("mat5", written=-3, closes=9, late_until=None, report=(12, 20)),
)
STARTS, ENDS = -21, 30
READING_CLOSES = -13
#: What was written a year ago, and how many days that is: a whole number of weeks.
LAST_YEAR = (PaperDays("rus4", written=-12, closes=-1, late_until=None),)
A_YEAR = 364
REHEARSAL = PaperDays("mat4", written=14, closes=16, late_until=17)


@dataclass(frozen=True, slots=True)
class Season:
    """All days of a season that stands half-way on `today`."""

    today: date

    @classmethod
    def now(cls) -> Season:
        return cls(datetime.now(MOSCOW).date())

    def last_year(self) -> Season:
        return Season(self.day(-A_YEAR))

    def day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def wall(self, offset: int, hour: int, minute: int = 0) -> datetime:
        """A time on whatever clock hangs on the wall."""
        return datetime.combine(self.day(offset), time(hour, minute))

    def moment(self, offset: int, hour: int, minute: int = 0, zone: ZoneInfo = MOSCOW) -> datetime:
        return self.wall(offset, hour, minute).replace(tzinfo=zone)
