"""Which numbers may be shown and how they are read: small groups, thresholds, gaps, deficits.

The rules are data with a version, each with its source (`rules.json` beside this module): they change by the
year. Those of today are the recommendations of 2026 as a third party has coded them; their official text has
not been seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

_SHIPPED = Path(__file__).with_name("rules.json")


@dataclass(frozen=True, slots=True)
class Informativeness:
    """What a group of a size is good for: from how many participants on, and in which words to warn.

    `caution` is a sentence for the notes of a report, `remark` a few words for a row; both may be empty.
    """

    from_participants: int
    name: str
    shows_percent: bool
    remark: str
    caution: str


class Zone(StrEnum):
    """How far an item is mastered: below the threshold, so near that one cannot say, or above it."""

    INSUFFICIENT = "insufficient"
    BORDERLINE = "borderline"
    SUFFICIENT = "sufficient"

    @property
    def label(self) -> str:
        return _ZONE_TITLES[self]

    @property
    def sign(self) -> str:
        """A sign beside the number, so that the zone is seen without its colour too."""
        return _ZONE_SIGNS[self]


_ZONE_TITLES = {
    Zone.INSUFFICIENT: "ниже порога",
    Zone.BORDERLINE: "у порога",
    Zone.SUFFICIENT: "выше порога",
}
_ZONE_SIGNS = {Zone.INSUFFICIENT: "▼", Zone.BORDERLINE: "≈", Zone.SUFFICIENT: ""}


@dataclass(frozen=True, slots=True)
class Threshold:
    """The percent of an item's maximum that is sufficient, ± the margin within which nothing is decided."""

    percent: float
    margin: float

    def zone(self, percent: float) -> Zone:
        if percent < self.percent - self.margin:
            return Zone.INSUFFICIENT
        return Zone.BORDERLINE if percent <= self.percent + self.margin else Zone.SUFFICIENT


@dataclass(frozen=True, slots=True)
class DeficitRule:
    """When a planned result is a systemic deficit: so many items at least, and so many of them red.

    `more_than_share` is in percent and is itself not enough: exactly half of the items is no deficit yet.
    """

    least_items: int
    more_than_share: float

    def holds(self, red: int, judged: int) -> bool:
        return judged >= self.least_items and 100 * red > self.more_than_share * judged


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rules.

    Attributes:
        version: of all of them together.
        source: of all of them together, in a sentence for the foot of a report.
        informativeness: what a group of a size is good for, ascending.
        thresholds: by level of item (Б, П, В).
        significant_gap: by how many marks a work's mark and that in the class register differ significantly.
        negative_growth_of_twos: from how many percentage points on a year's growth of «2» is bad.
        deficit: when a planned result is a systemic deficit.
        sources: of each rule by its name in `rules.json`.
    """

    version: str
    source: str
    informativeness: tuple[Informativeness, ...]
    thresholds: Mapping[str, Threshold]
    significant_gap: int
    negative_growth_of_twos: float
    deficit: DeficitRule
    sources: Mapping[str, str]

    def of_size(self, participants: int) -> Informativeness:
        return next(rule for rule in reversed(self.informativeness) if rule.from_participants <= participants)


@lru_cache(maxsize=1)
def shipped_rules() -> Rules:
    """The rules that Oko ships."""
    content = json.loads(_SHIPPED.read_text(encoding="utf-8"))
    return Rules(
        version=content["version"],
        source=content["source"],
        informativeness=tuple(
            Informativeness(
                step["from"], step["name"], step["shows_percent"], step["remark"], step["caution"]
            )
            for step in content["informativeness"]["steps"]
        ),
        thresholds={
            level: Threshold(rule["threshold"], rule["margin"])
            for level, rule in content["solving"]["levels"].items()
        },
        significant_gap=content["journal"]["significant_gap"],
        negative_growth_of_twos=content["twos"]["negative_growth"],
        deficit=DeficitRule(content["deficit"]["least_items"], content["deficit"]["more_than_share"]),
        sources={name: rule["source"] for name, rule in content.items() if isinstance(rule, dict)},
    )


def informativeness(participants: int) -> Informativeness:
    """What a group of so many participants (≥ 0) is good for."""
    return shipped_rules().of_size(participants)


def shown_percent(percent: float) -> float:
    """A percent to one digit, as every page, picture and workbook shows it: 56.25 is 56.3.

    Half goes up, and 56.15 is a half although its binary is a little less: as spreadsheets round, or one
    number would be two.
    """
    return float(Decimal(repr(percent)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def item_zone(level: str, percent: float) -> Zone:
    """The zone of an item of a level (Б, П, В) that was solved to `percent` (0–100), taken as it is shown.

    «57,0» never stands below a limit of 57.

    Raises:
        KeyError: the level is none of Б, П, В.
    """
    return shipped_rules().thresholds[level].zone(shown_percent(percent))


def twos_grew(before: float, now: float) -> bool:
    """Whether the share of «2» (percents, taken as they are shown) grew so much in a year that it is bad.

    Recommendations of 2026 as coded by a third party: by 10 percentage points.
    """
    growth = Decimal(repr(shown_percent(now))) - Decimal(repr(shown_percent(before)))
    return growth >= Decimal(repr(shipped_rules().negative_growth_of_twos))
