"""The two reports as pictures: SVG text for a page, made without a browser and without the network.

The numbers are those of the tables. Colours are told apart by colour-blind readers too, and never carry the
meaning alone: marks stand in order and with their percent, a zone has its sign. A page shows a table beside
every picture.
"""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import altair as alt
import vl_convert

from oko.engines.statistics.levels import Group
from oko.engines.statistics.marks import MARKS, MarkRow, MarkTable
from oko.engines.statistics.rules import Zone, shipped_rules
from oko.engines.statistics.solving import ItemCell, ItemRow, ItemTable
from oko.engines.statistics.wording import HIDDEN, percent_text

NARROW = 600  # pixels; below it an item has its own line instead of its own column

_FONT = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif"
_TEXT = "#1d273b"
_FAINT = "#5b6677"
_SMALLEST_TEXT = 12
_MARK_COLOURS = {2: "#b3401a", 3: "#f3bd7e", 4: "#9cc9e3", 5: "#1f6391"}
_MARK_TEXT_COLOURS = {2: "#ffffff", 3: _TEXT, 4: _TEXT, 5: "#ffffff"}
_ZONE_COLOURS = {Zone.INSUFFICIENT: "#c2410c", Zone.BORDERLINE: "#b8860b", Zone.SUFFICIENT: "#1f6f9f"}
_LETTER = 6.4  # pixels, the average width of a letter of _SMALLEST_TEXT
_LINE = 15  # pixels between two lines of text
_VALUE_ROOM = 34  # pixels that a percent needs inside its bar


def marks_chart(table: MarkTable, *, width: int = 960) -> str:
    """Stacked bars of marks, one for each group of the table.

    Args:
        table: its rows from top to bottom; small groups get words instead of a bar.
        width: of the whole picture in pixels, 300–2000; make one for phones (350) and one for screens.

    Returns:
        One `<svg>` element as text, safe to put into HTML: no scripts, no addresses, ids of its own.
    """
    most_room = int(width * (0.42 if width < NARROW else 0.32))
    labels = [_wrapped(f"{row.label}\n{row.participants} уч.", most_room - 12) for row in table.rows]
    longest = max((len(line) for label in labels for line in label), default=0)
    room = min(most_room, int(longest * _LETTER) + 16)
    bars = [bar for position, row in enumerate(table.rows) for bar in _mark_bars(position, row, width - room)]
    silent = [
        {"row": position, "note": HIDDEN if row.participants else "нет работ с отметкой"}
        for position, row in enumerate(table.rows)
        if row.percents is None
    ]
    lines = max((len(label) for label in labels), default=1)
    y = alt.Y(
        "row:O",
        sort=None,
        scale=alt.Scale(domain=list(range(len(labels))), paddingInner=0.1),
        axis=alt.Axis(title=None, labels=False, ticks=False, domain=False, minExtent=room, maxExtent=room),
    )
    x_axis = alt.Axis(title="% участников", values=[0, 25, 50, 75, 100], grid=False)
    segments = alt.Chart(_data(bars)).encode(y=y)
    layers: list[Any] = [
        segments.mark_bar(stroke=_FAINT, strokeWidth=0.6, size=28).encode(
            x=alt.X("from:Q", axis=x_axis, scale=alt.Scale(domain=[0, 100])),
            x2="to:Q",
            color=alt.Color(
                "mark:O",
                scale=alt.Scale(domain=list(MARKS), range=list(_MARK_COLOURS.values())),
                legend=alt.Legend(title="Отметка", orient="top", symbolStrokeWidth=0.6),
            ),
        ),
        segments.mark_text(fontSize=_SMALLEST_TEXT).encode(
            x="middle:Q", text="text:N", color=alt.Color("ink:N", scale=None, legend=None)
        ),
        alt.Chart(_data(silent))
        .mark_text(fontSize=_SMALLEST_TEXT, align="left", dx=4, color=_FAINT)
        .encode(x=alt.datum(0, type="quantitative"), y=y, text="note:N"),
        _row_labels(labels, y),
    ]
    return _svg(
        alt.layer(*layers).properties(height={"step": max(36, _LINE * lines + 10)}),
        width,
        title=f"Статистика по отметкам: {table.paper.title}",
        description=_described([_mark_sentence(row) for row in table.rows]),
    )


def _mark_bars(position: int, row: MarkRow, width: int) -> list[dict[str, Any]]:
    bars = []
    begin = 0.0
    for mark, percent in zip(MARKS, row.percents or (), strict=bool(row.percents)):
        end = begin + percent
        bars.append(
            {
                "row": position,
                "mark": mark,
                "from": begin,
                "to": end,
                "middle": (begin + end) / 2,
                "text": percent_text(percent) if percent * (width - 20) / 100 >= _VALUE_ROOM else "",
                "ink": _MARK_TEXT_COLOURS[mark],
            }
        )
        begin = end
    return bars


def _mark_sentence(row: MarkRow) -> str:
    if row.percents is None:
        return f"{row.label}: {HIDDEN}."
    shares = ", ".join(
        f"«{mark}» {percent_text(percent)} %" for mark, percent in zip(MARKS, row.percents, strict=True)
    )
    return f"{row.label}: {shares}."


def items_chart(table: ItemTable, group: Group, *, against: Group | None = None, width: int = 960) -> str:
    """How a group solved each item, coloured by zone, with a tick for the group that it is compared with.

    Args:
        table: holds the rows of both groups.
        group: whose bars are drawn.
        against: whose ticks are drawn, for instance the region of a school.
        width: of the whole picture in pixels, 300–2000; below NARROW items run from top to bottom.

    Returns:
        One `<svg>` element as text, safe to put into HTML: no scripts, no addresses, ids of its own.

    Raises:
        KeyError: the table has no row for one of the groups.
    """
    row = table.row(group)
    other = table.row(against) if against is not None else None
    lying = width < NARROW
    points = [_item_point(position, cell, other) for position, cell in enumerate(row.cells)]
    along: Any = alt.Y if lying else alt.X
    across: Any = alt.X if lying else alt.Y
    along_name, across_name = ("y", "x") if lying else ("x", "y")
    upright: Any = "vertical" if lying else "horizontal"
    place = along(
        "item:O",
        sort=None,
        scale=alt.Scale(domain=list(range(len(points))), padding=0.2),
        axis=_item_axis(row, lying=lying),
    )
    percents = across(
        "percent:Q",
        axis=alt.Axis(title="% от максимума", values=[0, 20, 40, 60, 80, 100], grid=True),
        scale=alt.Scale(domain=[0, 124 if lying else 114], nice=False),  # the numbers stand behind 100 %
    )
    base = alt.Chart(_data(points)).encode(**{along_name: place})
    zones = alt.Scale(domain=[zone.label for zone in Zone], range=[_ZONE_COLOURS[zone] for zone in Zone])
    layers: list[Any] = [
        base.transform_filter("isValid(datum.percent)")
        .mark_bar()
        .encode(
            **{across_name: percents},
            color=alt.Color("zone:N", scale=zones, legend=alt.Legend(title=None, orient="top")),
        ),
        base.mark_tick(
            orient=upright, thickness=3, opacity=1, color="#ffffff", stroke=_TEXT, strokeWidth=0.7
        ).encode(**{across_name: across("threshold:Q")}),
        base.mark_text(align="left" if lying else "center", fontSize=_SMALLEST_TEXT, color=_TEXT).encode(
            **{across_name: alt.datum(102 if lying else 107)}, text="text:N"
        ),
    ]
    if other is not None:
        layers.append(
            base.transform_filter("isValid(datum.other)")
            .mark_tick(orient=upright, thickness=3, opacity=1, color="#000000")
            .encode(**{across_name: across("other:Q")})
        )
    size: dict[str, Any] = {"height": {"step": 28} if lying else 260}
    compared = f"; чёрная черта — {other.label}" if other is not None else ""
    return _svg(
        alt.layer(*layers).properties(
            title=alt.TitleParams(
                _wrapped(f"{row.label}. Светлая черта — порог{compared}", width - 40),
                anchor="start",
                fontSize=_SMALLEST_TEXT + 1,
                fontWeight="normal",
                color=_TEXT,
            ),
            **size,
        ),
        width,
        title=f"Выполнение заданий: {table.paper.title}, {row.label}",
        description=_described([_item_sentence(cell) for cell in row.cells], most=60),
    )


def _item_point(position: int, cell: ItemCell, other: ItemRow | None) -> dict[str, Any]:
    return {
        "item": position,
        "percent": cell.percent,
        "zone": cell.zone.label if cell.zone else None,
        "text": _item_text(cell),
        "threshold": shipped_rules().thresholds[cell.item.level].percent,
        "other": other.cells[position].percent if other else None,
    }


def _item_text(cell: ItemCell) -> str:
    if cell.percent is None or cell.zone is None:
        return "мало" if cell.counted else "нет"  # a column has no room for more
    return f"{percent_text(cell.percent)} {cell.zone.sign}"


def _item_sentence(cell: ItemCell) -> str:
    if cell.percent is None or cell.zone is None:
        return f"Задание {cell.item.code}: {HIDDEN}."
    return f"Задание {cell.item.code}: {percent_text(cell.percent)} %, {cell.zone.label}."


def _described(sentences: Sequence[str], most: int = 12) -> str:
    told = " ".join(sentences[:most])
    return told if len(sentences) <= most else f"{told} Остальные группы — в таблице."


def _wrapped(text: str, pixels: int) -> list[str]:
    letters = max(int(pixels / _LETTER), 8)
    return [
        line
        for part in text.split("\n")
        for line in textwrap.wrap(part, letters, max_lines=3, placeholder=" …")
    ]


def _data(rows: Sequence[dict[str, Any]]) -> Any:
    return alt.Data(values=list(rows))


def _row_labels(labels: Sequence[Sequence[str]], y: alt.Y) -> Any:
    """Labels at the left of the bars, drawn apart: an axis does not centre those of several lines."""
    lines = [
        {"row": position, "label": label, "up": -(len(label) - 1) * _LINE / 2}
        for position, label in enumerate(labels)
    ]
    marks = alt.Chart(_data(lines)).mark_text(
        align="right",
        dx=-8,
        dy=alt.ExprRef("datum.up"),
        lineHeight=_LINE,
        fontSize=_SMALLEST_TEXT,
        color=_TEXT,
    )
    return marks.encode(x=alt.value(0), y=y, text="label:N")


def _item_axis(row: ItemRow, *, lying: bool) -> alt.Axis:
    labels = [
        f"{cell.item.code} ({cell.item.level})" if lying else [cell.item.code, cell.item.level]
        for cell in row.cells
    ]
    looked_up = f"{json.dumps(labels, ensure_ascii=False)}[datum.value]"
    if lying:
        return alt.Axis(title=None, labelExpr=looked_up, ticks=False, domain=False)
    return alt.Axis(title="Задание и его уровень", labelExpr=looked_up, labelAngle=0, labelOverlap=False)


def _svg(chart: Any, width: int, *, title: str, description: str) -> str:
    text = _SMALLEST_TEXT
    configured = chart.properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding")).configure(
        background="transparent",
        font=_FONT,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelFontSize=text,
            titleFontSize=text,
            titleFontWeight="normal",
            labelColor=_TEXT,
            titleColor=_TEXT,
        ),
        legend=alt.LegendConfig(labelFontSize=text, titleFontSize=text, labelColor=_TEXT, titleColor=_TEXT),
    )
    specification = configured.properties(width=width).to_dict()
    drawn = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[], format_locale="ru-RU")
    return _accessible(drawn, title, description)


def _accessible(svg: str, title: str, description: str) -> str:
    """A picture with a name and a description of its own, instead of Vega's English roles for every part."""
    own = "oko-" + hashlib.sha256((svg + title).encode()).hexdigest()[:10]
    svg = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
    for number, found in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', svg))):
        svg = svg.replace(f'id="{found}"', f'id="{own}-{number}"').replace(
            f"url(#{found})", f"url(#{own}-{number})"
        )
    heading = (
        f'<title id="{own}-title">{escape(title)}</title><desc id="{own}-desc">{escape(description)}</desc>'
    )
    svg = re.sub(
        r' class="marks"',
        f' class="oko-chart" role="img" aria-labelledby="{own}-title {own}-desc"',
        svg,
        count=1,
    )
    return svg.replace(">", f">{heading}", 1)
