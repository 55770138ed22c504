"""A hand-made set of works, small enough to count with a pencil.

One region, «54», with one municipality «54-1» of two schools. The paper has two parts of one item each:

    item  maximum  level
    1     2        Б
    2     1        П

School A, 12 works: eight pupils 2+1 (total 3, mark 5); one 0+1 (total 1, mark 3); one X+0 (total 0, mark 2);
one missed the second part, with 1 in the first; one was absent. So 10 marks: 1, 1, 0, 8 (of «2» to «5»).
    item 1: counted 11 (all but the absent), Σ = 8·2 + 0 + 0 (X) + 1 = 17, percent 100·17/22
    item 2: counted 10, Σ = 8·1 + 1 + 0 = 9, percent 90
School B, 10 works: four 2+0 (total 2, mark 4); four 1+N (total 1, mark 3); two 0+0 (mark 2).
So 10 marks: 2, 4, 4, 0.
    item 1: counted 10, Σ = 8 + 4 + 0 = 12, percent 60
    item 2: counted 6 (four N), Σ = 0: fewer than ten, not shown
Both: 20 marks: 3, 5, 4, 8. Item 1: counted 21, Σ 29, percent 100·29/42.
Item 2: counted 16, Σ 9, percent 56.25.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest

from oko.engines.papers import Item, Paper
from oko.engines.statistics.works import open_works, write_works
from tests.engines.statistics import second_set

ASSESSMENT = "vpr-2026"
PAPER = Paper(
    code="try4",
    subject="Проба",
    grade=4,
    items=(Item("1", 2, "Б", "считать"), Item("2", 1, "П", "рассуждать")),
    scale=(1, 2, 3),
    parts=2,
)


def work(
    school: str,
    participant: str,
    first: int | None,
    second: int | None,
    *,
    status: str = "present",
    municipality: str = "54-1",
) -> dict[str, Any]:
    """One row; −1 is X, None is N or a part that was missed. Only whole works have a total and a mark."""
    total = max(first or 0, 0) + max(second or 0, 0) if status == "present" else None
    return {
        "school": school,
        "municipality": municipality,
        "supervisor": municipality,
        "class": "4А",
        "participant": participant,
        "variant_1": 1,
        "variant_2": 2,
        "sex": "ж",
        "prior_mark": 4,
        "status": status,
        "1": first,
        "2": second,
        "total": total,
        "mark": None if total is None else PAPER.mark(total),
    }


def pencil_works() -> list[dict[str, Any]]:
    pupils_a = [(2, 1)] * 8 + [(0, 1), (-1, 0)]
    pupils_b = [(2, 0)] * 4 + [(1, None)] * 4 + [(0, 0)] * 2
    rows = [work("A", f"40{number:03}", *scores) for number, scores in enumerate(pupils_a)]
    rows.append(work("A", "40010", 1, None, status="partial"))
    rows.append(work("A", "40011", None, None, status="absent"))
    rows += [work("B", f"41{number:03}", *scores) for number, scores in enumerate(pupils_b)]
    return rows


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the works of the hand-made set."""
    write_works(tmp_path, ASSESSMENT, PAPER, "54", pencil_works())
    return tmp_path


@pytest.fixture
def works(root: Path) -> Iterator[ir.Table]:
    with open_works(root, ASSESSMENT, PAPER) as table:
        yield table


@pytest.fixture
def second(tmp_path: Path) -> Iterator[ir.Table]:
    """The works of the second hand-made set."""
    with second_set.opened(tmp_path, second_set.second_works()) as table:
        yield table
