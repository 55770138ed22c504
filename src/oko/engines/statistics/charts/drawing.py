"""What all pictures share: their letters and colours, and an SVG that is safe and can be read aloud."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import altair as alt
import vl_convert

from oko.engines.statistics.rules import Zone

NARROW = 600  # pixels; below it a picture is for a phone: rows instead of columns

INK = "#1d273b"
FAINT = "#5b6677"
SMALLEST_TEXT = 12
LINE = 15  # pixels between two lines of text
MARK_COLOURS = {2: "#b3401a", 3: "#f3bd7e", 4: "#9cc9e3", 5: "#1f6391"}
MARK_INKS = {2: "#ffffff", 3: INK, 4: INK, 5: "#ffffff"}
ZONE_COLOURS = {Zone.INSUFFICIENT: "#c2410c", Zone.BORDERLINE: "#b8860b", Zone.SUFFICIENT: "#1f6f9f"}

_FONT = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif"
_LETTER = 6.4  # pixels, the average width of a letter of SMALLEST_TEXT


def data(rows: Sequence[dict[str, Any]]) -> Any:
    return alt.Data(values=list(rows))


def wrapped(text: str, pixels: float, *, lines: int = 3) -> list[str]:
    """The text in lines of so many pixels, each of its own lines cut after `lines`."""
    letters = max(int(pixels / _LETTER), 8)
    return [
        line
        for part in text.split("\n")
        for line in textwrap.wrap(part, letters, max_lines=lines, placeholder=" …")
    ]


def room_for(labels: Sequence[Sequence[str]], most: int) -> int:
    """Pixels that labels at the left of rows need, at most so many."""
    longest = max((len(line) for label in labels for line in label), default=0)
    return min(most, int(longest * _LETTER) + 16)


def row_step(labels: Sequence[Sequence[str]], least: int) -> int:
    """Pixels from row to row, so that the label of several lines fits."""
    return max(least, LINE * max((len(label) for label in labels), default=1) + 10)


def rows_axis(labels: Sequence[Sequence[str]], room: int) -> alt.Y:
    """Rows from top to bottom, with room for `row_labels` at their left."""
    return alt.Y(
        "row:O",
        sort=None,
        scale=alt.Scale(domain=list(range(len(labels))), paddingInner=0.1),
        axis=alt.Axis(title=None, labels=False, ticks=False, domain=False, minExtent=room, maxExtent=room),
    )


def row_labels(labels: Sequence[Sequence[str]], y: alt.Y) -> Any:
    """Labels at the left of the bars, drawn apart: an axis does not centre those of several lines."""
    lines = [
        {"row": position, "label": label, "up": -(len(label) - 1) * LINE / 2}
        for position, label in enumerate(labels)
    ]
    marks = alt.Chart(data(lines)).mark_text(
        align="right",
        dx=-8,
        dy=alt.ExprRef("datum.up"),
        lineHeight=LINE,
        fontSize=SMALLEST_TEXT,
        color=INK,
    )
    return marks.encode(x=alt.value(0), y=y, text="label:N")


def heading(lines: Sequence[str]) -> alt.TitleParams:
    """A legend in words, above the picture."""
    return alt.TitleParams(
        list(lines), anchor="start", fontSize=SMALLEST_TEXT + 1, fontWeight="normal", color=INK
    )


def described(sentences: Sequence[str], most: int = 12) -> str:
    told = " ".join(sentences[:most])
    return told if len(sentences) <= most else f"{told} Остальные группы — в таблице."


def svg(chart: Any, width: int, *, title: str, description: str) -> str:
    """One `<svg>` element of this width, with a name and a description."""
    text = SMALLEST_TEXT
    configured = chart.properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding")).configure(
        background="transparent",
        font=_FONT,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelFontSize=text,
            titleFontSize=text,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=INK,
        ),
        legend=alt.LegendConfig(labelFontSize=text, titleFontSize=text, labelColor=INK, titleColor=INK),
    )
    specification = configured.properties(width=width).to_dict(validate=False)  # validation is a third of it
    drawn = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[], format_locale="ru-RU")
    return _accessible(drawn, title, description)


def _accessible(drawn: str, title: str, description: str) -> str:
    """A picture with a name and a description of its own, instead of Vega's English roles for every part."""
    own = "oko-" + hashlib.sha256((drawn + title).encode()).hexdigest()[:10]
    drawn = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", drawn)
    for number, found in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', drawn))):
        drawn = drawn.replace(f'id="{found}"', f'id="{own}-{number}"').replace(
            f"url(#{found})", f"url(#{own}-{number})"
        )
    named = (
        f'<title id="{own}-title">{escape(title)}</title><desc id="{own}-desc">{escape(description)}</desc>'
    )
    drawn = re.sub(
        r' class="marks"',
        f' class="oko-chart" role="img" aria-labelledby="{own}-title {own}-desc"',
        drawn,
        count=1,
    )
    return drawn.replace(">", f">{named}", 1)
