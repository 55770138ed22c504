"""Earlier seasons beside this one: under the same row, and only where the columns mean the same."""

from __future__ import annotations

from dataclasses import replace

import ibis.expr.types as ir
import pytest

from oko.engines.papers import Item
from oko.engines.statistics.directions import BY_SLUG
from oko.engines.statistics.grid import Grid, beside_earlier
from oko.engines.statistics.levels import Group, Scope
from tests.engines.statistics.second_set import PAPER, REGION, SCHOOL_C, SCHOOL_D


def grid_of(works: ir.Table, slug: str, place: Group) -> Grid:
    return BY_SLUG[slug].report(works, PAPER, Scope(place))


def test_earlier_seasons_follow_the_row_of_their_group_the_newest_first(second: ir.Table) -> None:
    now, country = grid_of(second, "marks", SCHOOL_C), grid_of(second, "marks", Group())
    both = beside_earlier(now, [("2025", now), ("2024", country)])
    assert [(row.group.level.value, row.season) for row in both.rows] == [
        ("country", ""),
        ("country", "2025"),
        ("country", "2024"),
        ("region", ""),
        ("region", "2025"),
        ("municipality", ""),
        ("municipality", "2025"),
        ("school", ""),
        ("school", "2025"),
    ]
    assert both.row(REGION) == now.row(REGION)


def test_a_mark_stands_beside_the_same_mark(second: ir.Table) -> None:
    now = grid_of(second, "items-by-mark", SCHOOL_C)
    rows = [row for row in beside_earlier(now, [("2025", now)]).rows if row.group == SCHOOL_C]
    assert [(row.key, row.season) for row in rows] == [
        (mark, season) for mark in ("2", "3", "4", "5") for season in ("", "2025")
    ]


def test_a_season_with_other_items_is_not_beside(second: ir.Table) -> None:
    now = grid_of(second, "items", SCHOOL_C)
    first, *rest = PAPER.items
    heavier = replace(PAPER, items=(Item(first.code, first.maximum + 1), *rest))
    earlier = BY_SLUG["items"].report(second, heavier, Scope(SCHOOL_C))
    assert beside_earlier(now, [("2025", earlier)]) == now


def test_a_row_that_is_not_there_is_an_error(second: ir.Table) -> None:
    with pytest.raises(KeyError):
        grid_of(second, "marks", SCHOOL_C).row(SCHOOL_D)
    with pytest.raises(KeyError):
        grid_of(second, "items-by-mark", SCHOOL_C).row(SCHOOL_C, "1")
