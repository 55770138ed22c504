"""Which parts of a page are looked at: where its cells and its discs stand.

Most of a page is text and white paper, and no time is spent on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from oko.engines.blanks.layout import READ_KINDS, PlacedPage
from oko.engines.recognition.model import PX_PER_MM
from oko.engines.recognition.once import once_a_page

_AROUND_MM = 4  # of a cell: strokes overrun, borders are displaced, and the paper shows itself
_AROUND_DISC_MM = 7  # as far as paper is looked for

Span = tuple[int, int]


class Region(NamedTuple):
    """Pixels of a page laid straight, each bound at a whole millimetre or at the edge of the page."""

    left: int
    top: int
    right: int
    bottom: int


@once_a_page
def regions_of(page: PlacedPage) -> tuple[Region, ...]:
    """Rectangles that hold all discs, and all cells that are read, with room around them."""
    discs = ((x, y, x, y) for x, y in page.corners)
    cells = [
        (cell.x_mm, cell.y_mm, cell.x_mm + cell.w_mm, cell.y_mm + cell.h_mm)
        for field in page.fields
        if field.kind in READ_KINDS
        for cell in field.cells
    ]
    around_discs = _grown(discs, _AROUND_DISC_MM, page)
    return (*around_discs, *_bands(list(_grown(cells, _AROUND_MM, page))))


def _grown(
    boxes: Iterable[tuple[float, float, float, float]], margin_mm: float, page: PlacedPage
) -> Iterator[Region]:
    width, height = round(page.width_mm * PX_PER_MM), round(page.height_mm * PX_PER_MM)
    for left, top, right, bottom in boxes:
        yield Region(
            max(0, int(left - margin_mm) * PX_PER_MM),
            max(0, int(top - margin_mm) * PX_PER_MM),
            min(width, int(right + margin_mm + 1) * PX_PER_MM),
            min(height, int(bottom + margin_mm + 1) * PX_PER_MM),
        )


def _bands(boxes: list[Region]) -> Iterator[Region]:
    """Rectangles that hold all boxes and do not overlap: rows, parted where nothing stands between."""
    for top, bottom in _joined((box.top, box.bottom) for box in boxes):
        row = [box for box in boxes if top <= box.top < bottom]
        for left, right in _joined((box.left, box.right) for box in row):
            yield Region(left, top, right, bottom)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans that meet made one."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
