"""Which schools are similar to one, and where the middle half of them stands. Never a rank.

The rule is data (`reading.json`): steps from the narrowest idea of similarity to the widest; the first that
finds enough schools is taken, and its words go with the result.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from oko.engines.statistics.reading_rules import ReadingRules, SimilarStep, reading_rules
from oko.engines.statistics.rules import informativeness


@dataclass(frozen=True, slots=True)
class School:
    """What is known of a school, as codes of whoever knows it; an empty value is unknown."""

    code: str
    region: str
    kind: str
    settlement: str
    ownership: str
    levels: frozenset[str]
    participants: int


@dataclass(frozen=True, slots=True)
class Similar:
    """The codes of similar schools, and by which step of the rule they were found."""

    step: SimilarStep
    codes: tuple[str, ...]


def similar_schools(
    own: School, others: Iterable[School], rules: ReadingRules | None = None
) -> Similar | None:
    """The schools of the same region that are similar to `own`, without itself.

    Only those with enough participants for a percent count. A step that asks for something unknown of `own`
    is left out.

    Returns:
        None where even the widest step finds fewer than `least_similar`.
    """
    rules = rules or reading_rules()
    candidates = [
        school
        for school in others
        if school.code != own.code
        and school.region == own.region
        and informativeness(school.participants).shows_percent
    ]
    for step in rules.similar_steps:
        if not all(getattr(own, attribute) for attribute in step.same):
            continue
        found = [school.code for school in candidates if _is_similar(own, school, step)]
        if len(found) >= rules.least_similar:
            return Similar(step, tuple(sorted(found)))
    return None


def _is_similar(own: School, other: School, step: SimilarStep) -> bool:
    smaller, larger = sorted((own.participants, other.participants))
    return larger <= smaller * step.size_factor and all(
        getattr(own, attribute) == getattr(other, attribute) for attribute in step.same
    )


@dataclass(frozen=True, slots=True)
class MiddleHalf:
    """Between which values (the quartiles) the middle half of so many schools stands."""

    schools: int
    lowest: float
    highest: float


def middle_half(values: Sequence[float]) -> MiddleHalf:
    """Quartiles by linear interpolation between the values, the outermost included."""
    lowest, _median, highest = statistics.quantiles(values, n=4, method="inclusive")
    return MiddleHalf(len(values), lowest, highest)


@dataclass(frozen=True, slots=True)
class SimilarShares:
    """The middle half of similar schools: the share of «2», and that of «4» and «5»."""

    step: SimilarStep
    twos: MiddleHalf
    good: MiddleHalf


def similar_shares(similar: Similar, mark_sums: pa.Table) -> SimilarShares:
    """Where the similar schools stand.

    Args:
        similar: as found among schools with works in `mark_sums`.
        mark_sums: school sums of `marks.MARKS_COUNTED`.
    """
    chosen = mark_sums.filter(pc.is_in(mark_sums["school"], value_set=pa.array(similar.codes)))
    rows = chosen.to_pylist()
    return SimilarShares(
        similar.step,
        middle_half([100 * row["mark_2"] / row["participants"] for row in rows]),
        middle_half([100 * (row["mark_4"] + row["mark_5"]) / row["participants"] for row in rows]),
    )
