"""The reports as pictures: SVG text for a page, made without a browser and without the network.

The numbers are those of the tables. Colours are told apart by colour-blind readers too, and never carry the
meaning alone: marks stand in order and with their percent, a zone and a change have their sign, a line has
its mark at every point. A page shows a table beside every picture.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oko.engines.statistics import by_mark, comparison, distribution, marks, planned, solving
from oko.engines.statistics.charts.drawing import NARROW
from oko.engines.statistics.charts.shares import comparison_chart, marks_chart
from oko.engines.statistics.charts.solved import by_mark_chart, items_chart, planned_chart
from oko.engines.statistics.charts.totals import distribution_chart
from oko.engines.statistics.levels import Group

__all__ = [
    "NARROW",
    "by_mark_chart",
    "comparison_chart",
    "distribution_chart",
    "draw",
    "items_chart",
    "marks_chart",
    "planned_chart",
]


def draw(slug: str, table: Any, group: Group, *, against: Group | None = None, width: int = 960) -> str:
    """The picture of a direction for one group.

    Args:
        slug: of the direction (see `directions`).
        table: its table; other groups in it than this one and those it lies in are not drawn.
        group: whose picture it is.
        against: with whom it is compared, where the direction compares with one group.
        width: of the whole picture in pixels, 300–2000.

    Returns:
        One `<svg>` element as text, safe to put into HTML: no scripts, no addresses, ids of its own.

    Raises:
        KeyError: there is no such direction, or the table has no row for one of the groups.
    """
    match slug:
        case marks.SLUG:
            return marks_chart(_way_to(group, table), width=width)
        case comparison.SLUG:
            return comparison_chart(_way_to(group, table), width=width)
        case distribution.SLUG:
            return distribution_chart(table, group, against=against, width=width)
        case solving.SLUG:
            return items_chart(table, group, against=against, width=width)
        case planned.SLUG:
            return planned_chart(table, group, against=against, width=width)
        case by_mark.SLUG:
            return by_mark_chart(table, group, width=width)
    raise KeyError(slug)


def _way_to(group: Group, table: Any) -> Any:
    """The same table with the rows of the group and of those that it lies in."""
    own = table.row(group)
    return replace(table, rows=tuple(row for row in table.rows if row == own or _holds(row.group, group)))


def _holds(outer: Group, inner: Group) -> bool:
    return all(getattr(outer, key) == getattr(inner, key) for key in outer.level.keys)
