"""How items and planned results were solved: by a group, beside another, and by those with each mark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import altair as alt

from oko.engines.papers import Item
from oko.engines.statistics.by_mark import ByMarkRow, ByMarkTable
from oko.engines.statistics.charts.drawing import (
    INK,
    LINE,
    NARROW,
    SMALLEST_TEXT,
    ZONE_COLOURS,
    data,
    described,
    heading,
    room_for,
    row_labels,
    row_step,
    rows_axis,
    svg,
    wrapped,
)
from oko.engines.statistics.levels import Group
from oko.engines.statistics.planned import PlannedRow, PlannedTable, ResultCell
from oko.engines.statistics.rules import Zone, shipped_rules
from oko.engines.statistics.solving import ItemCell, ItemRow, ItemTable
from oko.engines.statistics.wording import HIDDEN, percent_text

_NO_ZONE = "порога нет: уровни разные"
_NO_ZONE_COLOUR = "#8a93a0"
_MARK_LINES = {2: "#b3401a", 3: "#8a6100", 4: "#23709f", 5: "#123f63"}  # on white, contrast ≥ 4.5
_AXIS_ROOM = 60  # pixels at the left of columns
_COLUMN_ROOM, _NUMBER_ROOM = 44, 30  # pixels of a column for its percent with the sign, and without


def items_chart(table: ItemTable, group: Group, *, against: Group | None = None, width: int = 960) -> str:
    """How a group solved each item, coloured by zone, with a tick for the group that it is compared with.

    Args:
        table: holds the rows of both groups.
        group: whose bars are drawn.
        against: whose ticks are drawn, for instance the region of a school.
        width: of the whole picture in pixels, 300–2000; where it has no room for a column an item, items run
            from top to bottom.

    Returns:
        One `<svg>` element as text, safe to put into HTML: no scripts, no addresses, ids of its own.

    Raises:
        KeyError: the table has no row for one of the groups.
    """
    row = table.row(group)
    other = table.row(against) if against is not None else None
    column = (width - _AXIS_ROOM) / max(len(row.cells), 1)
    lying = width < NARROW or column < _NUMBER_ROOM
    points = [
        _item_point(position, cell, other, two_lines=not lying and column < _COLUMN_ROOM)
        for position, cell in enumerate(row.cells)
    ]
    along: Any = alt.Y if lying else alt.X
    place = along(
        "item:O",
        sort=None,
        scale=alt.Scale(domain=list(range(len(points))), padding=0.2),
        axis=_item_axis([cell.item for cell in row.cells], lying=lying),
    )
    size: dict[str, Any] = {"height": {"step": 28} if lying else 260}
    return svg(
        alt.layer(*_bars_with_ticks(points, place, lying=lying)).properties(
            title=heading(_ticks_explained(row.label, other.label if other else None, width)), **size
        ),
        width,
        title=f"Выполнение заданий: {table.paper.title}, {row.label}",
        description=described([_item_sentence(cell) for cell in row.cells], most=60),
    )


def planned_chart(
    table: PlannedTable, group: Group, *, against: Group | None = None, width: int = 960
) -> str:
    """How far a group achieved each planned result, coloured by zone, with a tick for another group.

    Arguments and result are those of `items_chart`; planned results always run from top to bottom.
    """
    row = table.row(group)
    other = table.row(against) if against is not None else None
    most_room = int(width * (0.42 if width < NARROW else 0.38))
    labels = [wrapped(_result_label(cell), most_room - 12, lines=4) for cell in row.results]
    points = [_result_point(position, cell, other) for position, cell in enumerate(row.results)]
    place = rows_axis(labels, room_for(labels, most_room))
    lines = _ticks_explained(row.label, other.label if other else None, width)
    if not points:
        lines = [*lines, "Планируемые результаты этой работы не описаны."]
    return svg(
        alt.layer(
            *_bars_with_ticks(points, place, lying=True, narrow=width < NARROW), row_labels(labels, place)
        ).properties(title=heading(lines), height={"step": row_step(labels, 34)}),
        width,
        title=f"Достижение планируемых результатов: {table.paper.title}, {row.label}",
        description=described([_result_sentence(cell) for cell in row.results], most=60),
    )


def by_mark_chart(table: ByMarkTable, group: Group, *, width: int = 960) -> str:
    """How those of a group with each mark solved each item: a line a mark, the mark itself at every point.

    Arguments and result are those of `items_chart`.
    """
    rows = table.rows_of(group)
    anything = any(cell.percent is not None for row in rows for cell in row.cells)
    items = table.paper.items if anything else ()
    lying = width < NARROW or (width - _AXIS_ROOM) / max(len(items), 1) < _NUMBER_ROOM
    points = [
        {"item": position, "percent": cell.percent, "mark": row.mark}
        for row in rows
        for position, cell in enumerate(row.cells[: len(items)])
    ]
    along: Any = alt.Y if lying else alt.X
    across: Any = alt.X if lying else alt.Y
    along_name, across_name = ("y", "x") if lying else ("x", "y")
    place = along(
        "item:O",
        sort=None,
        scale=alt.Scale(domain=list(range(len(items)))),
        axis=_item_axis(items, lying=lying) if anything else None,
    )
    percents = across(
        "percent:Q",
        axis=alt.Axis(title="% от максимума", values=[0, 20, 40, 60, 80, 100], grid=True)
        if anything
        else None,
        scale=alt.Scale(domain=[-4, 104], nice=False),  # whole digits at 0 and at 100
    )
    colour = alt.Color(
        "mark:O",
        scale=alt.Scale(domain=list(_MARK_LINES), range=list(_MARK_LINES.values())),
        legend=None,
    )
    base = alt.Chart(data(points)).encode(**{along_name: place, across_name: percents, "color": colour})
    shown = base.transform_filter("isValid(datum.percent)")
    layers = [
        base.mark_line(strokeWidth=1.5, invalid="break-paths-show-domains").encode(order="item:Q"),
        shown.mark_point(filled=True, fill="#ffffff", size=190, opacity=1, strokeWidth=1.5),
        shown.mark_text(fontSize=SMALLEST_TEXT, fontWeight="bold").encode(text="mark:O"),
    ]
    size: dict[str, Any] = {"height": ({"step": 30} if lying else 320) if anything else 1}
    return svg(
        alt.layer(*layers).properties(title=heading(_marks_explained(rows, width)), **size),
        width,
        title=f"Выполнение заданий группами участников: {table.paper.title}, {rows[0].label}",
        description=" ".join(_mark_sentence(row) for row in rows),
    )


def _bars_with_ticks(
    points: Sequence[dict[str, Any]], place: Any, *, lying: bool, narrow: bool = False
) -> list[Any]:
    """A bar for each percent, ticks for its threshold and for the other group, the percent behind 100 %."""
    across: Any = alt.X if lying else alt.Y
    along_name, across_name = ("y", "x") if lying else ("x", "y")
    upright: Any = "vertical" if lying else "horizontal"
    percents = across(
        "percent:Q",
        axis=alt.Axis(title="% от максимума", values=[0, 20, 40, 60, 80, 100], grid=True),
        scale=alt.Scale(domain=[0, 124 if lying else 114], nice=False),  # the numbers stand behind 100 %
    )
    zones = {zone.label: ZONE_COLOURS[zone] for zone in Zone}
    if any(point["zone"] == _NO_ZONE for point in points):
        zones[_NO_ZONE] = _NO_ZONE_COLOUR
    base = alt.Chart(data(points)).encode(**{along_name: place})
    tick: dict[str, Any] = {"orient": upright, "thickness": 3, "opacity": 1}
    return [
        base.transform_filter("isValid(datum.percent)")
        .mark_bar()
        .encode(
            **{across_name: percents},
            color=alt.Color(
                "zone:N",
                scale=alt.Scale(domain=list(zones), range=list(zones.values())),
                legend=alt.Legend(title=None, orient="top", columns=1 if narrow else 4, labelLimit=300),
            ),
        ),
        base.transform_filter("isValid(datum.threshold)")
        .mark_tick(**tick, color="#ffffff", stroke=INK, strokeWidth=0.7)
        .encode(**{across_name: across("threshold:Q")}),
        base.transform_filter("isValid(datum.other)")
        .mark_tick(**tick, color="#000000")
        .encode(**{across_name: across("other:Q")}),
        base.mark_text(
            align="left" if lying else "center", fontSize=SMALLEST_TEXT, lineHeight=LINE, color=INK
        ).encode(**{across_name: alt.datum(102 if lying else 109)}, text="text:N"),
    ]


def _ticks_explained(label: str, other: str | None, width: int) -> list[str]:
    compared = f"; чёрная черта — {other}" if other is not None else ""
    return wrapped(f"{label}. Светлая черта — порог{compared}", width - 40)


def _item_point(position: int, cell: ItemCell, other: ItemRow | None, *, two_lines: bool) -> dict[str, Any]:
    text = _text(cell)
    return {
        "item": position,
        "percent": cell.percent,
        "zone": cell.zone.label if cell.zone else None,
        "text": text.split() if two_lines else text,
        "threshold": shipped_rules().thresholds[cell.item.level].percent,
        "other": other.cells[position].percent if other else None,
    }


def _result_point(position: int, cell: ResultCell, other: PlannedRow | None) -> dict[str, Any]:
    level = cell.result.level
    return {
        "row": position,
        "percent": cell.percent,
        "zone": cell.zone.label if cell.zone else (None if level else _NO_ZONE),
        "text": _text(cell),
        "threshold": shipped_rules().thresholds[level].percent if level else None,
        "other": other.results[position].percent if other else None,
    }


def _result_label(cell: ResultCell) -> str:
    codes = [item.code for item in cell.result.items]
    items = "задание" if len(codes) == 1 else "задания"
    return f"{cell.result.title}\n{items} {', '.join(codes)}"


def _text(cell: ItemCell | ResultCell) -> str:
    """A percent with the sign of its zone; a column has no room for more words than one."""
    if cell.percent is None:
        return "мало" if cell.counted else "нет"
    return f"{percent_text(cell.percent)} {cell.zone.sign if cell.zone else ''}".strip()


def _item_sentence(cell: ItemCell) -> str:
    if cell.percent is None or cell.zone is None:
        return f"Задание {cell.item.code}: {HIDDEN}."
    return f"Задание {cell.item.code}: {percent_text(cell.percent)} %, {cell.zone.label}."


def _result_sentence(cell: ResultCell) -> str:
    if cell.percent is None:
        return f"{cell.result.title}: {HIDDEN}."
    zone = f", {cell.zone.label}" if cell.zone else ""
    return f"{cell.result.title}: {percent_text(cell.percent)} %{zone}."


def _marks_explained(rows: Sequence[ByMarkRow], width: int) -> list[str]:
    silent = [f"«{row.mark}»" for row in rows if all(cell.percent is None for cell in row.cells)]
    missing = f"\nНе показаны {', '.join(silent)}: {HIDDEN}." if silent else ""
    return wrapped(f"{rows[0].label}. Цифра на линии — отметка участников{missing}", width - 40)


def _mark_sentence(row: ByMarkRow) -> str:
    shown = [(cell.percent, cell.item.code) for cell in row.cells if cell.percent is not None]
    if not shown:
        return f"Отметка «{row.mark}»: {HIDDEN}."
    (low, worst), (high, best) = min(shown), max(shown)
    return (
        f"Отметка «{row.mark}»: от {percent_text(low)} % (задание {worst}) "
        f"до {percent_text(high)} % (задание {best})."
    )


def _item_axis(items: Sequence[Item], *, lying: bool) -> alt.Axis:
    labels = [f"{item.code} ({item.level})" if lying else [item.code, item.level] for item in items]
    looked_up = f"{json.dumps(labels, ensure_ascii=False)}[datum.value]"
    if lying:
        return alt.Axis(title=None, labelExpr=looked_up, ticks=False, domain=False)
    return alt.Axis(title="Задание и его уровень", labelExpr=looked_up, labelAngle=0, labelOverlap=False)
