"""Stacked bars, one for each group: of marks, and of marks beside those in the class register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from oko.engines.statistics.charts.drawing import (
    FAINT,
    INK,
    MARK_COLOURS,
    MARK_INKS,
    NARROW,
    SMALLEST_TEXT,
    data,
    described,
    room_for,
    row_labels,
    row_step,
    rows_axis,
    svg,
    wrapped,
)
from oko.engines.statistics.comparison import CHANGE_TITLES, CHANGES, ComparisonRow, ComparisonTable
from oko.engines.statistics.grid import Change
from oko.engines.statistics.marks import MARKS, MarkRow, MarkTable
from oko.engines.statistics.wording import HIDDEN, percent_text

_VALUE_ROOM = 34  # pixels that a percent needs inside its bar
_SIGN_ROOM = 16  # and a sign in front of it


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of every bar; its sign, if any, stands in front of its percent."""

    title: str
    colour: str
    ink: str
    sign: str = ""

    @property
    def name(self) -> str:
        return f"{self.sign} {self.title}".strip()


_MARKS = tuple(_Part(str(mark), MARK_COLOURS[mark], MARK_INKS[mark]) for mark in MARKS)
_LOOKS = {
    Change.LOWERED: ("#b3401a", "#ffffff", "↓"),
    Change.CONFIRMED: ("#dfe4ea", INK, "="),
    Change.RAISED: ("#1f6391", "#ffffff", "↑"),
}
_CHANGES = tuple(_Part(CHANGE_TITLES[change], *_LOOKS[change]) for change in CHANGES)


def marks_chart(table: MarkTable, *, width: int = 960) -> str:
    """Stacked bars of marks, one for each group of the table.

    Args:
        table: its rows from top to bottom; small groups get words instead of a bar.
        width: of the whole picture in pixels, 300–2000; make one for phones (350) and one for screens.

    Returns:
        One `<svg>` element as text, safe to put into HTML: no scripts, no addresses, ids of its own.
    """
    return _stacked(
        table.rows,
        _MARKS,
        width,
        legend="Отметка",
        nothing="нет работ с отметкой",
        title=f"Статистика по отметкам: {table.paper.title}",
        sentences=[_sentence(row, [f"«{mark}»" for mark in MARKS]) for row in table.rows],
    )


def comparison_chart(table: ComparisonTable, *, width: int = 960) -> str:
    """Stacked bars of lowered, confirmed and raised marks, one for each group of the table.

    Arguments and result are those of `marks_chart`.
    """
    return _stacked(
        table.rows,
        _CHANGES,
        width,
        legend=None,
        nothing="нет работ с обеими отметками",
        title=f"Сравнение отметок с отметками по журналу: {table.paper.title}",
        sentences=[
            _sentence(row, [CHANGE_TITLES[change].lower() for change in CHANGES]) for row in table.rows
        ],
    )


def _stacked(
    rows: Sequence[MarkRow | ComparisonRow],
    parts: Sequence[_Part],
    width: int,
    *,
    legend: str | None,
    nothing: str,
    title: str,
    sentences: Sequence[str],
) -> str:
    most_room = int(width * (0.42 if width < NARROW else 0.32))
    labels = [wrapped(f"{row.label}\n{row.participants} уч.", most_room - 12) for row in rows]
    room = room_for(labels, most_room)
    bars = [bar for position, row in enumerate(rows) for bar in _bars(position, row, parts, width - room)]
    silent = [
        {"row": position, "note": HIDDEN if row.participants else nothing}
        for position, row in enumerate(rows)
        if row.percents is None
    ]
    y = rows_axis(labels, room)
    x_axis = alt.Axis(title="% участников", values=[0, 25, 50, 75, 100], grid=False)
    segments = alt.Chart(data(bars)).encode(y=y)
    layers: list[Any] = [
        segments.mark_bar(stroke=FAINT, strokeWidth=0.6, size=28).encode(
            x=alt.X("from:Q", axis=x_axis, scale=alt.Scale(domain=[0, 100])),
            x2="to:Q",
            color=alt.Color(
                "part:O",
                scale=alt.Scale(domain=[part.name for part in parts], range=[part.colour for part in parts]),
                legend=alt.Legend(
                    title=legend,
                    orient="top",
                    symbolStrokeWidth=0.6,
                    columns=1 if width < NARROW and legend is None else len(parts),  # words need more room
                ),
            ),
        ),
        segments.mark_text(fontSize=SMALLEST_TEXT).encode(
            x="middle:Q", text="text:N", color=alt.Color("ink:N", scale=None, legend=None)
        ),
        alt.Chart(data(silent))
        .mark_text(fontSize=SMALLEST_TEXT, align="left", dx=4, color=FAINT)
        .encode(x=alt.datum(0, type="quantitative"), y=y, text="note:N"),
        row_labels(labels, y),
    ]
    chart = alt.layer(*layers).properties(height={"step": row_step(labels, 36)})
    return svg(chart, width, title=title, description=described(sentences))


def _bars(
    position: int, row: MarkRow | ComparisonRow, parts: Sequence[_Part], width: int
) -> list[dict[str, Any]]:
    bars = []
    begin = 0.0
    for part, percent in zip(parts, row.percents or (), strict=bool(row.percents)):
        end = begin + percent
        bars.append(
            {
                "row": position,
                "part": part.name,
                "from": begin,
                "to": end,
                "middle": (begin + end) / 2,
                "text": _inside(part, percent, percent * (width - 20) / 100),
                "ink": part.ink,
            }
        )
        begin = end
    return bars


def _inside(part: _Part, percent: float, pixels: float) -> str:
    """As much of sign and percent as fits into a bar."""
    if part.sign and pixels >= _VALUE_ROOM + _SIGN_ROOM:
        return f"{part.sign} {percent_text(percent)}"
    return percent_text(percent) if pixels >= _VALUE_ROOM else ""


def _sentence(row: MarkRow | ComparisonRow, names: Sequence[str]) -> str:
    if row.percents is None:
        return f"{row.label}: {HIDDEN}."
    shares = ", ".join(
        f"{name} {percent_text(percent)} %" for name, percent in zip(names, row.percents, strict=True)
    )
    return f"{row.label}: {shares}."
