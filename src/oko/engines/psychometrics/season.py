"""The simulation for many schools at once, as columns: a region's works in a second, a country's in minutes.

The model and its chances are those of `simulation`; only the order in which chances are drawn is another, so
the same seed gives other pupils than `simulate_school`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from oko.engines.papers import Paper
from oko.engines.psychometrics.simulation import (
    ABSENT,
    CLASS_EFFECT_SD,
    GIRLS_AHEAD,
    MISSED_ONE_PART,
    NOT_STUDIED,
    SCHOOL_EFFECT_SD,
    calibrate,
    draw_answers,
    draw_prior_marks,
    number_of,
    part_of_items,
)

Integers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class that writes a paper: where it is, what it is called, and how many are in it."""

    school: str
    municipality: str
    label: str
    pupils: int


def simulate_works(paper: Paper, classes: Sequence[SchoolClass], *, seed: int) -> pa.Table:
    """Works of all pupils of the classes in one paper.

    Args:
        paper: its items, scale, variants and number of parts.
        classes: those of one school follow one another; codes of participants are numbered school by school.
        seed: the same arguments give the same works; another paper gives other ones.

    Returns:
        The columns that `statistics.works.works_schema` names, one row a pupil: a score is −1 for X and null
        for N or a missed part; total and mark are null unless the work is whole.
    """
    generator = np.random.default_rng([seed, number_of(paper.code)])
    sizes = np.array([each.pupils for each in classes], dtype=np.int64)
    own_class = np.repeat(np.arange(len(classes)), sizes)
    schools, school_of_class = np.unique([each.school for each in classes], return_inverse=True)

    girls = generator.random(len(own_class)) < 0.5
    mean, spread = calibrate(paper)
    own_spread = np.sqrt(max(spread**2 - SCHOOL_EFFECT_SD**2 - CLASS_EFFECT_SD**2, 0.1))
    of_class = generator.normal(0, SCHOOL_EFFECT_SD, len(schools))[school_of_class]
    of_class = mean + of_class + generator.normal(0, CLASS_EFFECT_SD, len(classes))
    abilities = of_class[own_class] + own_spread * generator.standard_normal(len(own_class))
    abilities += np.where(girls, GIRLS_AHEAD / 2, -GIRLS_AHEAD / 2)
    standing = (abilities - mean) / spread

    absent, missed_part = _missed(paper, len(own_class), generator)
    unstudied = generator.random((len(classes), len(paper.items))) < NOT_STUDIED
    scores = draw_answers(paper, abilities, standing, generator)
    lacking = unstudied[own_class]
    lacking |= absent[:, None] | (missed_part[:, None] == np.array(part_of_items(paper)))
    totals = np.where(lacking, 0, np.maximum(scores, 0)).sum(axis=1)
    prior_marks, unknown = draw_prior_marks(standing, generator)
    incomplete = absent | (missed_part > 0)

    return pa.table(
        {
            "school": _repeated([each.school for each in classes], own_class),
            "municipality": _repeated([each.municipality for each in classes], own_class),
            "supervisor": _repeated([each.municipality for each in classes], own_class),
            "class": _repeated([each.label for each in classes], own_class),
            "participant": _codes(paper, sizes, school_of_class),
            **_variants(paper, absent, missed_part, generator),
            "sex": _repeated(["м", "ж"], girls.astype(np.int64)),
            "prior_mark": pa.array(prior_marks, pa.int8(), mask=unknown),
            "status": _repeated(["present", "partial", "absent"], incomplete.astype(np.int64) + absent),
            **{
                item.code: pa.array(scores[:, column], pa.int8(), mask=lacking[:, column])
                for column, item in enumerate(paper.items)
            },
            "total": pa.array(totals, pa.int16(), mask=incomplete),
            "mark": pa.array(2 + np.searchsorted(paper.scale, totals, "right"), pa.int8(), mask=incomplete),
        }
    )


def _missed(paper: Paper, count: int, generator: np.random.Generator) -> tuple[Truths, Integers]:
    """Who was absent; and the one part (1 or 2) that somebody else missed, 0 for none."""
    fates = generator.random(count)
    absent = fates < ABSENT
    if paper.parts == 1:
        return absent, np.zeros(count, dtype=np.int64)
    missed_one = ~absent & (fates < ABSENT + MISSED_ONE_PART)
    return absent, np.where(missed_one, generator.integers(1, 3, count), 0)


def _variants(
    paper: Paper, absent: Truths, missed_part: Integers, generator: np.random.Generator
) -> dict[str, Any]:
    drawn = generator.choice(np.array(paper.variants), (2, len(absent)))
    return {
        f"variant_{part}": pa.array(
            drawn[part - 1], pa.int16(), mask=absent | (missed_part == part) | bool(part > paper.parts)
        )
        for part in (1, 2)
    }


def _codes(paper: Paper, sizes: Integers, school_of_class: Integers) -> pa.Array:
    """Codes of participants as a protocol has them: the grade, then a number in the school."""
    pupils_of_school = np.bincount(school_of_class, weights=sizes).astype(np.int64)
    begins = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    first_class = np.concatenate([[True], school_of_class[1:] != school_of_class[:-1]])
    school_begins = np.maximum.accumulate(np.where(first_class, begins, 0))
    numbers = np.arange(sizes.sum()) - np.repeat(school_begins, sizes)
    names = [f"{paper.grade}{number + 1:04}" for number in range(int(pupils_of_school.max(initial=0)))]
    return _repeated(names, numbers)


def _repeated(names: Sequence[str], which: Integers) -> pa.Array:
    """The name for each of the rows."""
    return pa.DictionaryArray.from_arrays(pa.array(which, pa.int32()), pa.array(names, pa.string()))
