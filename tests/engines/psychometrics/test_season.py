"""Many schools simulated at once: the columns of works, like those of the simulation of one school."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from oko.engines.papers import load_papers
from oko.engines.psychometrics.season import SchoolClass, simulate_works
from oko.engines.statistics.works import read_works, write_works

RUS4, MAT4, _ = load_papers()
CLASSES = [
    SchoolClass(f"edu0100{school:02}", f"mun{school % 3}", label, 25)
    for school in range(60)
    for label in ("4А", "4Б")
]


@pytest.fixture(scope="module")
def works() -> pa.Table:
    return simulate_works(RUS4, CLASSES, seed=3)


def test_works_pass_the_checks_of_writing_and_are_read_back(works: pa.Table, tmp_path: Path) -> None:
    write_works(tmp_path, "season", RUS4, "01", works)
    read = read_works(tmp_path, "season", RUS4)
    assert len(read) == 60 * 50
    assert set(pc.unique(read["school"]).to_pylist()) == {each.school for each in CLASSES}


def test_pupils_of_a_school_are_numbered_across_its_classes(works: pa.Table) -> None:
    first = works.filter(pc.equal(works["school"], "edu010000"))
    assert first["participant"].to_pylist() == [f"4{number:04}" for number in range(1, 51)]
    assert first["class"].to_pylist() == ["4А"] * 25 + ["4Б"] * 25


def test_same_seed_gives_the_same_works_and_another_paper_other_ones(works: pa.Table) -> None:
    assert simulate_works(RUS4, CLASSES, seed=3).equals(works)
    assert not simulate_works(RUS4, CLASSES, seed=4).equals(works)
    assert not simulate_works(MAT4, CLASSES, seed=3)["prior_mark"].equals(works["prior_mark"])


def test_marks_are_spread_as_one_sees_them(works: pa.Table) -> None:
    marks = works["mark"].drop_null().to_pylist()
    shares = [marks.count(mark) / len(marks) for mark in (2, 3, 4, 5)]
    assert shares == pytest.approx([0.075, 0.325, 0.425, 0.175], abs=0.06)


def test_there_are_absent_partial_not_attempted_and_not_studied(works: pa.Table) -> None:
    statuses = works["status"].to_pylist()
    assert statuses.count("absent") / len(statuses) == pytest.approx(0.06, abs=0.02)
    assert statuses.count("partial") / len(statuses) == pytest.approx(0.015, abs=0.01)
    whole = works.filter(pc.equal(works["status"], "present"))
    assert any(-1 in whole[item.code].to_pylist() for item in RUS4.items)
    assert any(None in whole[item.code].to_pylist() for item in RUS4.items)


def test_total_and_mark_follow_from_the_scores(works: pa.Table) -> None:
    for work in works.slice(0, 300).to_pylist():
        scores = [work[item.code] for item in RUS4.items]
        total = sum(max(score or 0, 0) for score in scores)
        whole = work["status"] == "present"
        assert work["total"] == (total if whole else None)
        assert work["mark"] == (RUS4.mark(total) if whole else None)
        assert (work["status"] == "absent") == (set(scores) == {None} and work["variant_1"] is None)
