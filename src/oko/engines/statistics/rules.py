"""Which numbers may be shown and how they are read: small groups, and thresholds by the level of an item.

The rules are data with a version and a source (`rules.json` beside this module): they change by the year.
"""

from __future__ import annotations

import json
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
class Rules:
    """One version of the rules; `informativeness` ascends, `thresholds` are by level of item (Б, П, В)."""

    version: str
    source: str
    informativeness: tuple[Informativeness, ...]
    thresholds: dict[str, Threshold]

    def of_size(self, participants: int) -> Informativeness:
        return [rule for rule in self.informativeness if rule.from_participants <= participants][-1]


@lru_cache(maxsize=1)
def shipped_rules() -> Rules:
    """The rules that Oko ships."""
    content = json.loads(_SHIPPED.read_text(encoding="utf-8"))
    return Rules(
        version=content["version"],
        source=content["source"],
        informativeness=tuple(
            Informativeness(
                rule["from"], rule["name"], rule["shows_percent"], rule["remark"], rule["caution"]
            )
            for rule in content["informativeness"]
        ),
        thresholds={
            level: Threshold(rule["threshold"], rule["margin"]) for level, rule in content["solving"].items()
        },
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
