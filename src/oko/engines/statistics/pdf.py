"""Reports as one PDF to print and file: a section a direction, its picture and its table (Typst).

Everything that a person wrote reaches `report.typ` as data, never as its markup. How a table is laid on
paper (upright or lying, cut into blocks of columns) is decided in `pdf_layout`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import unescape

import typst

from oko.engines.papers import Paper
from oko.engines.statistics.grid import Grid
from oko.engines.statistics.pdf_layout import UPRIGHT, laid_out
from oko.engines.statistics.rules import Zone, shipped_rules
from oko.engines.statistics.wording import method_notes

if TYPE_CHECKING:
    from oko.engines.statistics.statements import Summary

#: Draw pictures for a PDF at this width (pixels): their letters then come out at 9 points.
PICTURE_WIDTH = 680

_TALLEST_PICTURE = 165.0  # mm, so that its heading stands on the same page
_MOST_WARNINGS, _MOST_LETTERS = 5, 600  # of the frame on every page; the rest stands on the first page
_SHORT_TITLE = 120  # letters
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def report_pdf(
    grids: Sequence[Grid],
    *,
    pictures: Mapping[str, str],
    title: str,
    subtitle: str = "",
    warnings: Sequence[str] = (),
    notes: Sequence[str] = (),
    summary: Summary | None = None,
) -> bytes:
    """Set the reports of one place as a PDF.

    Args:
        grids: a section each, in this order; all of one paper.
        pictures: SVG by a grid's slug, drawn `PICTURE_WIDTH` wide (see `charts.draw`); those missing are left
            out.
        title: what the report is about (assessment and paper); on every page.
        subtitle: whose it is (the place, the date); on every page.
        warnings: sentences that stand in a frame on every page.
        notes: sentences for the end, in front of those on method.
        summary: one page in plain words, in front of the tables.

    Returns:
        A tagged PDF on A4 (PDF/UA-1 where the fonts have all letters), the same bytes for the same arguments.
    """
    data = {
        "title": title,
        "subtitle": subtitle,
        "short": {"title": _short(title), "subtitle": _short(subtitle)},
        "warnings": list(warnings),
        "frame": _frame(warnings),
        "summary": _summary(summary),
        "sections": [_section(grid, pictures.get(grid.slug)) for grid in grids],
        "items": _items(grids[0].paper) if grids else [],
        "notes": [*notes, *method_notes(shipped_rules(), [grid.slug for grid in grids])],
    }
    inputs = {"data": json.dumps(_printable(data))}
    try:
        return _compiled(inputs, "ua-1")
    except typst.TypstError:  # a letter that the fonts do not have (an emoji) is not allowed there
        return _compiled(inputs, "1.7")


def _compiled(inputs: dict[str, str], standard: Literal["ua-1", "1.7"]) -> bytes:
    compiler = typst.Compiler(_template(), font_paths=_fonts(), sys_inputs=inputs)
    made = compiler.compile(format="pdf", pdf_standards=[standard])
    assert isinstance(made, bytes)  # noqa: S101  # a PDF is one piece
    return made


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (resources.files(__package__) / "report.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)  # the same letters on every machine


def _short(words: str) -> str:
    """What of a title stands on top of every page: about two lines of half the width."""
    return words if len(words) <= _SHORT_TITLE else words[: _SHORT_TITLE - 1].rstrip() + "…"


def _frame(warnings: Sequence[str]) -> list[str]:
    """The warnings as they stand on every page: many would leave no room for the report."""
    shown = list(warnings[:_MOST_WARNINGS])
    while len(shown) > 1 and sum(map(len, shown)) > _MOST_LETTERS:
        shown.pop()
    if len(shown) == 1 and len(shown[0]) > _MOST_LETTERS:
        shown = [shown[0][:_MOST_LETTERS] + " …"]
    if len(shown) < len(warnings):
        shown.append(f"Показано предупреждений: {len(shown)} из {len(warnings)}. Все — на первой странице.")
    return shown


def _summary(summary: Summary | None) -> dict[str, Any] | None:
    if summary is None:
        return None
    parts: dict[str, list[str]] = {}
    for statement in summary.statements:
        parts.setdefault(statement.kind.label, []).append(statement.text)
    return {
        "title": summary.title,
        "parts": [{"heading": heading, "texts": texts} for heading, texts in parts.items()],
    }


def _section(grid: Grid, picture: str | None) -> dict[str, Any]:
    table = laid_out(grid)
    return {
        "title": grid.title,
        "picture": _picture(picture) if picture else None,
        **table,
        "zones": [f"{zone.sign} {zone.label}".strip() for zone in Zone] if table["zones"] else [],
    }


def _picture(svg: str) -> dict[str, Any]:
    """The picture with its size in mm and the words that stand for it."""
    width, height = (_attribute(svg, name) for name in ("width", "height"))
    shrunk = min(UPRIGHT / width, _TALLEST_PICTURE / height)
    words = re.findall(r"<(?:title|desc)\b[^>]*>(.*?)</(?:title|desc)>", svg, flags=re.DOTALL)
    return {
        "svg": svg,
        "width": width * shrunk,
        "height": height * shrunk,
        "words": unescape(". ".join(words[:2])),
    }


def _attribute(svg: str, name: str) -> float:
    found = re.search(rf'<svg\b[^>]*?\s{name}="([\d.]+)', svg)
    if found is None:
        raise ValueError(f"В рисунке не указано «{name}».")
    return float(found[1])


def _items(paper: Paper) -> list[list[str]]:
    return [[item.code, str(item.maximum), item.level, item.area, item.skill] for item in paper.items]


def _printable(value: Any) -> Any:
    """The same data without characters that no font can show or that turn the order of letters round."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value).encode("utf-8", "ignore").decode()
    if isinstance(value, Mapping):
        return {name: _printable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    return value
