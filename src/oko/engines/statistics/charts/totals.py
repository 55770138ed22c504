"""How many of a group earned each total: columns, the marks' boundaries, and a line to compare with."""

from __future__ import annotations

from typing import Any

import altair as alt

from oko.engines.papers import Paper
from oko.engines.statistics.charts.drawing import FAINT, INK, SMALLEST_TEXT, data, heading, svg, wrapped
from oko.engines.statistics.distribution import DistributionRow, DistributionTable
from oko.engines.statistics.levels import Group
from oko.engines.statistics.wording import percent_text, remark

_COLUMN = "#7fb2d3"
_HEIGHT = 260
_LABEL_ROOM = 30  # pixels between two labels of boundaries that stand at one height
_AXIS_ROOM = 60  # pixels at the left of the columns


def distribution_chart(
    table: DistributionTable, group: Group, *, against: Group | None = None, width: int = 960
) -> str:
    """The distribution of a group's totals in columns, that of another as a line.

    Args:
        table: holds the rows of both groups; a group too small for percents is not drawn.
        group: whose columns are drawn.
        against: whose line is drawn, for instance the region of a school.
        width: of the whole picture in pixels, 300–2000.

    Returns:
        One `<svg>` element as text, safe to put into HTML: no scripts, no addresses, ids of its own.

    Raises:
        KeyError: the table has no row for one of the groups.
    """
    row = table.row(group)
    other = table.row(against) if against is not None else None
    paper = table.paper
    highest = max((*(row.percents or ()), *(other.percents or () if other else ()), 5.0))
    x = alt.X(
        "from:Q",
        axis=alt.Axis(title="Первичный балл", tickMinStep=1, grid=False),
        scale=alt.Scale(domain=[-0.5, paper.maximum + 0.5], nice=False),
    )
    y = alt.Y(
        "percent:Q",
        axis=alt.Axis(title="% участников", tickCount=6),
        scale=alt.Scale(domain=[0, highest * 1.18], nice=False),  # labels of boundaries stand above
    )
    columns = [
        {"from": total - 0.42, "to": total + 0.42, "percent": percent}
        for total, percent in enumerate(row.percents or ())
        if percent
    ]
    layers: list[Any] = [
        alt.Chart(data(columns))
        .mark_bar(color=_COLUMN, stroke=FAINT, strokeWidth=0.5)
        .encode(x=x, x2="to:Q", y=y, y2=alt.datum(0)),
        *_boundaries(paper, width),
    ]
    if other is not None and other.percents is not None:
        points = [{"from": total, "percent": percent} for total, percent in enumerate(other.percents)]
        layers.append(alt.Chart(data(points)).mark_line(color=INK, strokeWidth=2).encode(x=x, y=y))
    return svg(
        alt.layer(*layers).properties(title=heading(_legend(row, other, width)), height=_HEIGHT),
        width,
        title=f"Распределение первичных баллов: {paper.title}, {row.label}",
        description=" ".join(
            [
                _sentence(row),
                *([_sentence(other)] if other is not None else []),
                *(f"Отметка «{mark}» — от {lowest} баллов." for mark, lowest in _scale(paper)),
            ]
        ),
    )


def _scale(paper: Paper) -> list[tuple[int, int]]:
    return list(zip((3, 4, 5), paper.scale, strict=True))


def _boundaries(paper: Paper, width: int) -> list[Any]:
    """A thin line in front of the lowest total of each mark; close neighbours are labelled lower."""
    pixels_a_point = (width - _AXIS_ROOM) / (paper.maximum + 1)
    lines: list[dict[str, Any]] = []
    for mark, lowest in _scale(paper):
        place = lowest - 0.5
        close = bool(lines) and (place - lines[-1]["place"]) * pixels_a_point < _LABEL_ROOM
        height = lines[-1]["height"] + SMALLEST_TEXT + 3 if close else 7
        lines.append({"place": place, "height": height, "label": f"«{mark}»"})
    base = alt.Chart(data(lines)).encode(x=alt.X("place:Q"))
    return [
        base.mark_rule(color=FAINT, strokeWidth=1, strokeDash=[4, 3]),
        base.mark_text(align="left", dx=3, fontSize=SMALLEST_TEXT, color=INK).encode(
            y=alt.Y("height:Q", scale=None), text="label:N"
        ),
    ]


def _legend(row: DistributionRow, other: DistributionRow | None, width: int) -> list[str]:
    drawn = row.percents is not None
    parts = [f"Столбцы — {row.label}" if drawn else f"{row.label}: {remark(row.participants)}"]
    if other is not None:
        with_line = other.percents is not None
        parts.append(
            f"линия — {other.label}" if with_line else f"{other.label}: {remark(other.participants)}"
        )
    parts.append("пунктир — с какого балла отметка")
    caution = row.informativeness.caution if drawn else ""
    return [*wrapped("; ".join(parts), width - 40), *wrapped(caution, width - 40)]


def _sentence(row: DistributionRow) -> str:
    if row.percents is None:
        return f"{row.label}: {remark(row.participants)}."
    most = max(range(len(row.percents)), key=lambda total: row.percents[total] if row.percents else 0.0)
    return (
        f"{row.label}: участников {row.participants}, чаще всего первичный балл {most} "
        f"({percent_text(row.percents[most])} %)."
    )
