"""Which difference is worth a sentence, how many of them fit a page, who is similar: data with a version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_SHIPPED = Path(__file__).with_name("reading.json")


@dataclass(frozen=True, slots=True)
class SimilarStep:
    """Schools are similar that have the same attributes and at most `size_factor` times fewer or more works.

    `words` say it to a reader.
    """

    same: tuple[str, ...]
    size_factor: float
    words: str


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """One version of the rules by which a page in plain words is made (`reading.json`, with their sources).

    Attributes:
        version, source: of all of them together.
        certain_at: from how many standard errors on a single difference is more than chance.
        certain_at_of_many: the same where many are looked at (every item), or one of twenty would lie.
        least_points: the least difference, in percentage points, that is worth a sentence.
        likeness_in_school: intraclass correlation, how alike pupils of one school are (0–1).
        most: how many sentences of a kind a page has, by the kind's value.
        not_attempted_from: from how many percent of X on an item is worth a sentence.
        least_similar: how many similar schools a comparison needs.
        similar_steps: from the narrowest idea of similarity to the widest.
    """

    version: str
    source: str
    certain_at: float
    certain_at_of_many: float
    least_points: float
    likeness_in_school: float
    most: dict[str, int]
    not_attempted_from: float
    least_similar: int
    similar_steps: tuple[SimilarStep, ...]


@lru_cache(maxsize=1)
def reading_rules() -> ReadingRules:
    """The rules that Oko ships."""
    content = json.loads(_SHIPPED.read_text(encoding="utf-8"))
    difference, similar = content["difference"], content["similar"]
    return ReadingRules(
        version=content["version"],
        source=content["source"],
        certain_at=difference["certain_at"],
        certain_at_of_many=difference["certain_at_of_many"],
        least_points=difference["least_points"],
        likeness_in_school=difference["likeness_in_school"],
        most={kind: number for kind, number in content["most"].items() if kind != "source"},
        not_attempted_from=content["not_attempted"]["from_percent"],
        least_similar=similar["least_schools"],
        similar_steps=tuple(
            SimilarStep(tuple(step["same"]), step["size_factor"], step["words"]) for step in similar["steps"]
        ),
    )
