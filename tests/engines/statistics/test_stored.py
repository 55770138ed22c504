"""School sums kept beside works: counted once, counted anew when works, paper or counting change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from oko.engines.papers import Item
from oko.engines.statistics import stored
from oko.engines.statistics.counting import Counting, school_sums
from oko.engines.statistics.levels import Group
from oko.engines.statistics.marks import MARKS_COUNTED, mark_table
from oko.engines.statistics.stored import stored_sums
from oko.engines.statistics.works import open_works, write_works
from tests.engines.statistics.conftest import ASSESSMENT, PAPER, pencil_works, work


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each counting of works, by its name."""
    seen: list[str] = []

    def counts(works: object, paper: object, counting: Counting) -> object:
        seen.append(counting.name)
        return school_sums(works, paper, counting)  # type: ignore[arg-type]

    monkeypatch.setattr(stored, "school_sums", counts)
    return seen


def test_kept_sums_give_the_same_report_as_the_works(root: Path, counted: list[str]) -> None:
    with open_works(root, ASSESSMENT, PAPER) as works:
        from_works = mark_table(works, PAPER)
    for _time in range(2):
        assert mark_table(stored_sums(root, ASSESSMENT, PAPER, MARKS_COUNTED), PAPER) == from_works
    assert counted == ["marks"], "the second time nothing is counted"


def test_many_who_ask_at_once_cost_one_counting(root: Path, counted: list[str]) -> None:
    with ThreadPoolExecutor(8) as readers:
        asked = [readers.submit(stored_sums, root, ASSESSMENT, PAPER, MARKS_COUNTED) for _reader in range(8)]
        tables = [mark_table(each.result(), PAPER) for each in asked]
    assert counted == ["marks"]
    assert all(table == tables[0] for table in tables)


def test_only_the_region_whose_works_changed_is_counted_anew(root: Path, counted: list[str]) -> None:
    write_works(root, ASSESSMENT, PAPER, "65", [work("E", "40001", 2, 1)])
    stored_sums(root, ASSESSMENT, PAPER, MARKS_COUNTED)
    before = {path: path.stat().st_mtime_ns for path in root.rglob(".sums-*")}
    write_works(root, ASSESSMENT, PAPER, "65", [work("E", "40001", 2, 1), work("E", "40002", 0, 0)])
    table = mark_table(stored_sums(root, ASSESSMENT, PAPER, MARKS_COUNTED), PAPER)
    assert table.row(Group("65")).participants == 2
    assert table.row(Group()).participants == 22
    rewritten = [path for path, time in before.items() if path.stat().st_mtime_ns != time]
    assert [path.parent.name for path in rewritten] == ["region=65"]
    assert counted == ["marks", "marks"]


def test_sums_of_another_paper_version_or_counting_are_not_taken(root: Path, counted: list[str]) -> None:
    stored_sums(root, ASSESSMENT, PAPER, MARKS_COUNTED)
    harder = replace(PAPER, items=(Item("1", 2, "В", "считать"), PAPER.items[1]))
    stored_sums(root, ASSESSMENT, harder, MARKS_COUNTED)
    stored_sums(root, ASSESSMENT, harder, replace(MARKS_COUNTED, version=99))
    assert counted == ["marks"] * 3


def test_spoiled_sums_are_counted_anew(root: Path) -> None:
    whole = mark_table(stored_sums(root, ASSESSMENT, PAPER, MARKS_COUNTED), PAPER)
    for path in root.rglob(".sums-*"):
        path.write_bytes(b"PAR1 not really")
    assert mark_table(stored_sums(root, ASSESSMENT, PAPER, MARKS_COUNTED), PAPER) == whole


def test_where_nothing_is_written_there_is_nobody(tmp_path: Path) -> None:
    table = mark_table(stored_sums(tmp_path, ASSESSMENT, PAPER, MARKS_COUNTED), PAPER)
    assert [row.participants for row in table.rows] == [0]


def test_pencil_works_stay_as_they_were(root: Path) -> None:
    stored_sums(root, ASSESSMENT, PAPER, MARKS_COUNTED)
    with open_works(root, ASSESSMENT, PAPER) as works:
        assert works.count().execute() == len(pencil_works())
