"""Simulated results: always the same for a seed, lawful as works, and such as one sees in a real season."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oko.engines.papers import Paper, load_papers
from oko.engines.psychometrics.simulation import (
    SCHOOL_EFFECT_SD,
    calibrate,
    part_of_items,
    score_probabilities,
    simulate_school,
)
from oko.engines.statistics.works import read_works, work_row, write_works

PAPERS = {paper.code: paper for paper in load_papers()}
RUS4, MAT4 = PAPERS["rus4"], PAPERS["mat4"]


def pupils(count: int) -> list[tuple[str, str]]:
    return [(str(40000 + number), "4А" if number < count / 2 else "4Б") for number in range(count)]


def region(paper: Paper, schools: int = 60, of: int = 50) -> list[dict[str, Any]]:
    effects = np.random.default_rng(5).normal(0, SCHOOL_EFFECT_SD, schools)
    return [
        work
        for seed, effect in enumerate(effects)
        for work in simulate_school(paper, pupils(of), school_effect=effect, seed=seed)
    ]


def mean_total(works: list[dict[str, Any]]) -> float:
    return float(np.mean([work["total"] for work in works if work["total"] is not None]))


def test_the_same_seed_gives_the_same_results() -> None:
    first = simulate_school(RUS4, pupils(30), school_effect=0.2, seed=7)
    assert simulate_school(RUS4, pupils(30), school_effect=0.2, seed=7) == first
    assert simulate_school(RUS4, pupils(30), school_effect=0.2, seed=8) != first


def test_papers_of_one_school_are_independent() -> None:
    russian = simulate_school(RUS4, pupils(30), school_effect=0.0, seed=7)
    mathematics = simulate_school(MAT4, pupils(30), school_effect=0.0, seed=7)
    assert [work["sex"] for work in russian] != [work["sex"] for work in mathematics]


@pytest.mark.parametrize("code", PAPERS)
def test_marks_are_distributed_as_in_a_season(code: str) -> None:
    marks = Counter(work["mark"] for work in region(PAPERS[code]) if work["mark"] is not None)
    shares = {mark: 100 * marks[mark] / marks.total() for mark in (2, 3, 4, 5)}
    assert 5 <= shares[2] <= 11
    assert 28 <= shares[3] <= 38
    assert 37 <= shares[4] <= 47
    assert 12 <= shares[5] <= 21


def test_class_marks_go_with_marks_of_the_test_but_not_closely() -> None:
    both = [
        (work["prior_mark"], work["mark"])
        for work in region(MAT4)
        if work["prior_mark"] is not None and work["mark"] is not None
    ]
    assert 0.4 < np.corrcoef(np.array(both).T)[0, 1] < 0.7


def test_an_abler_school_earns_more() -> None:
    weak = simulate_school(MAT4, pupils(400), school_effect=-0.7, seed=3)
    strong = simulate_school(MAT4, pupils(400), school_effect=0.7, seed=3)
    assert mean_total(strong) > mean_total(weak) + 2


def test_harder_items_are_solved_worse_and_left_out_more() -> None:
    works = region(MAT4)
    by_level: dict[str, list[tuple[float, float]]] = {"Б": [], "П": []}
    for item in MAT4.items:
        scores = [work["scores"][item.code] for work in works if work["scores"][item.code] is not None]
        solved = sum(max(score, 0) for score in scores) / (len(scores) * item.maximum)
        by_level[item.level].append((solved, scores.count(-1) / len(scores)))
    basic, advanced = (np.mean(by_level[level], axis=0) for level in ("Б", "П"))
    assert basic[0] > advanced[0] + 0.15
    assert advanced[1] > basic[1]


def test_two_parts_mean_two_variants_and_some_who_missed_one() -> None:
    works = region(RUS4)
    shares = Counter(work["status"] for work in works)
    assert 0.03 < shares["absent"] / len(works) < 0.09
    assert 0.005 < shares["partial"] / len(works) < 0.03
    parts = dict(zip((item.code for item in RUS4.items), part_of_items(RUS4), strict=True))
    for work in works:
        if work["status"] == "partial":
            missed = 1 if work["variant_1"] is None else 2
            assert work[f"variant_{missed}"] is None
            assert work[f"variant_{3 - missed}"] in RUS4.variants
            assert all(work["scores"][code] is None for code, part in parts.items() if part == missed)


def test_one_part_means_one_variant_and_nobody_who_missed_a_part() -> None:
    works = region(MAT4, schools=10)
    assert {work["status"] for work in works} == {"present", "absent"}
    assert {work["variant_2"] for work in works} == {None}
    assert {work["variant_1"] for work in works} == {1, 2, 3, 4, None}


def test_the_first_part_of_russian_is_the_dictation_and_its_tasks() -> None:
    first = [item.code for item, part in zip(RUS4.items, part_of_items(RUS4), strict=True) if part == 1]
    assert first == ["1К1", "1К2", "2", "3.1", "3.2"]


@settings(max_examples=30, deadline=None)
@given(
    count=st.integers(0, 40),
    effect=st.floats(-1.5, 1.5),
    seed=st.integers(0, 2**32),
    code=st.sampled_from(sorted(PAPERS)),
)
def test_every_simulated_work_is_lawful(
    count: int, effect: float, seed: int, code: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    paper = PAPERS[code]
    works = simulate_school(paper, pupils(count), school_effect=effect, seed=seed)
    assert [(work["participant"], work["class_label"]) for work in works] == pupils(count)
    for work in works:
        if work["status"] == "present":
            scored = sum(max(score or 0, 0) for score in work["scores"].values())
            assert (work["total"], work["mark"]) == (scored, paper.mark(scored))
    root: Path = tmp_path_factory.mktemp("works")
    rows = [work_row(work, school="A", municipality="54-1", supervisor="54-1") for work in works]
    write_works(root, "try", paper, "54", rows)  # refuses what is not lawful
    assert len(read_works(root, "try", paper)) == count


def test_probabilities_follow_masters() -> None:
    """θ = 0.5, δ = (0, 1): weights 1, exp(0.5), exp(0.5 − 0.5) = 1, and their sum is 3.6487."""
    found = score_probabilities(np.array([0.5]), (0.0, 1.0))
    assert found[0] == pytest.approx([0.274069, 0.451862, 0.274069], abs=1e-6)


def test_ability_is_set_for_a_paper_once() -> None:
    mean, spread = calibrate(MAT4)
    assert -1 < mean < 1.5
    assert 0.5 <= spread <= 1.5
