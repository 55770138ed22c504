"""This season beside an earlier one: what may be compared, and what has changed by more than chance.

Papers of two years are different papers: points are never compared, only shares of marks and of what was
possible; planned results only under the same name.
"""

from __future__ import annotations

from dataclasses import dataclass

from oko.engines.papers import Paper
from oko.engines.statistics.differences import Share, difference
from oko.engines.statistics.marks import MarkRow
from oko.engines.statistics.planned import PlannedRow, ResultCell
from oko.engines.statistics.reading_rules import reading_rules
from oko.engines.statistics.rules import twos_grew


@dataclass(frozen=True, slots=True)
class ShareChange:
    """A share in percent, then and now; `certain`: more than chance and large enough to speak of."""

    before: float
    now: float
    certain: bool

    @property
    def points(self) -> float:
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class TwosChange(ShareChange):
    """`negative`: the share of «2» grew so much that the rules call it so."""

    @property
    def negative(self) -> bool:
        return twos_grew(self.before, self.now)


@dataclass(frozen=True, slots=True)
class ResultChange(ShareChange):
    """A planned result that both papers name alike."""

    title: str


def twos_change(now: MarkRow, before: MarkRow) -> TwosChange | None:
    """The share of «2» of one group in two seasons; None where one of them has too few participants."""
    shares = [Share(row.counts[0], row.participants, row.schools) for row in (now, before)]
    changed = difference(*shares)
    if changed is None:
        return None
    of_now, of_before = (share.percent for share in shares)
    return TwosChange(of_before, of_now, changed.is_certain(reading_rules().certain_at))


def result_changes(now: PlannedRow, before: PlannedRow) -> tuple[ResultChange, ...]:
    """The planned results that both seasons have under the same name, the largest change first."""
    earlier = {cell.result.title: cell for cell in before.results}
    found = []
    for cell in now.results:
        old = earlier.get(cell.result.title)
        if old is None or cell.percent is None or old.percent is None:
            continue
        changed = difference(result_share(cell, now.schools), result_share(old, before.schools))
        certain = changed is not None and changed.is_certain(reading_rules().certain_at_of_many)
        found.append(ResultChange(old.percent, cell.percent, certain, cell.result.title))
    return tuple(sorted(found, key=lambda change: -abs(change.points)))


def result_share(cell: ResultCell, schools: int) -> Share:
    """A planned result as a share of what was possible, over those who have all its items."""
    return Share(cell.scores * cell.counted / cell.possible, cell.counted, schools)


def papers_differ(now: Paper, before: Paper) -> bool:
    """Whether the two papers give marks differently: another maximum or other limits of marks."""
    return (now.maximum, now.scale) != (before.maximum, before.scale)
