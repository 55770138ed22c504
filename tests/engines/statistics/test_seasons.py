"""What may be compared between two seasons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oko.engines.papers import Item
from oko.engines.statistics.differences import Share, difference
from oko.engines.statistics.levels import Group
from oko.engines.statistics.marks import MarkRow
from oko.engines.statistics.planned import PlannedResult, PlannedRow, ResultCell
from oko.engines.statistics.seasons import papers_differ, result_changes, twos_change
from tests.engines.statistics.second_set import PAPER


def marks(twos: int, participants: int) -> MarkRow:
    counts = (twos, participants - twos, 0, 0)
    return MarkRow(Group("54"), "Регион", 1, participants, counts, None)


def planned(*results: tuple[str, int, int, int]) -> PlannedRow:
    """(title, counted, scores, possible) of each."""
    cells = tuple(
        ResultCell(
            PlannedResult(title, (Item("1", 2),)), counted, scores, possible, 100 * scores / possible, None
        )
        for title, counted, scores, possible in results
    )
    return PlannedRow(Group("54"), "Регион", 1, 100, (), cells)


def test_growth_by_ten_points_is_negative_even_where_it_may_be_chance() -> None:
    """4 and 6 of 20: p = 1/4, error 100·√(3/16·2/20) = 13.7 points, difference 10: 0.73 errors."""
    changed = twos_change(now=marks(6, 20), before=marks(4, 20))
    assert changed is not None
    assert (changed.before, changed.now, changed.negative, changed.certain) == (20.0, 30.0, True, False)


def test_less_twos_are_never_negative() -> None:
    changed = twos_change(now=marks(40, 200), before=marks(80, 200))
    assert changed is not None
    assert (changed.points, changed.negative, changed.certain) == (-20.0, False, True)


@pytest.mark.parametrize(("now", "before"), [(9, 50), (50, 9), (0, 50)])
def test_small_groups_are_not_compared(now: int, before: int) -> None:
    assert twos_change(marks(0, now), marks(0, before)) is None


def test_results_are_compared_by_name_alone_largest_change_first() -> None:
    now = planned(("Синтаксис", 100, 100, 200), ("Текст", 100, 120, 200), ("Новое", 100, 10, 100))
    before = planned(("Текст", 100, 60, 300), ("Синтаксис", 100, 98, 200), ("Старое", 100, 90, 100))
    changes = result_changes(now, before)
    assert [(change.title, change.before, change.now, change.certain) for change in changes] == [
        ("Текст", 20.0, 60.0, True),
        ("Синтаксис", 49.0, 50.0, False),
    ]


def test_papers_with_another_maximum_or_scale_differ() -> None:
    assert not papers_differ(PAPER, replace(PAPER, code="another"))
    assert papers_differ(PAPER, replace(PAPER, scale=(2, 3, 5)))
    assert papers_differ(PAPER, replace(PAPER, items=PAPER.items[:3]))


def test_alike_pupils_of_many_schools_tell_less() -> None:
    """Ten schools of 20 pupils: d = 1 + 19·0.15 = 3.85; p = 1/4, so √(3/16·(1/20 + 3.85/200)) = 11.4 points.

    5.5 points apart, 0.48 of an error.
    """
    own, alone, of_schools = Share(6, 20), Share(49, 200), Share(49, 200, schools=10)
    apart, nearer = difference(own, alone), difference(own, of_schools)
    assert apart is not None
    assert nearer is not None
    assert apart.points == nearer.points == pytest.approx(5.5)
    assert nearer.errors == pytest.approx(5.5 / 11.4, abs=0.01)
    assert apart.errors > nearer.errors


def test_equal_extremes_do_not_differ() -> None:
    nothing = difference(Share(20, 20), Share(30, 30))
    assert nothing is not None
    assert (nothing.points, nothing.errors, nothing.is_certain(0.5)) == (0.0, 0.0, False)
