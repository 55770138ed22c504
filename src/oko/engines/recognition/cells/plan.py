"""Where the cells of a page stand in pixels, sorted for reading many at once; made once for each page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import READ_KINDS, PlacedField, PlacedPage, Rectangle
from oko.engines.recognition.model import PX_PER_MM
from oko.engines.recognition.once import once_a_page

#: Around each cell so much more is looked at: room for displaced borders and for marks that overrun.
MARGIN_MM = 2.0
MARGIN = round(MARGIN_MM * PX_PER_MM)
_NEIGHBOURS_MM = 14.0


@dataclass(frozen=True, slots=True)
class Group:
    """Cells of one kind and size.

    Attributes:
        cells: their positions in `Plan.cells`.
        left, top: upper left pixels of the cells.
        width, height: of each cell, in pixels.
    """

    kind: str
    cells: NDArray[np.intp]
    left: NDArray[np.intp]
    top: NDArray[np.intp]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All cells of a page that are read, in the order of the layout.

    Attributes:
        owners: for each cell, the position of its field in `fields`.
        near: how much cells have to say of one another's displacement, n × n: neighbours move together.
        groups: marks and characters by size; areas and signatures each for itself.
    """

    page: PlacedPage
    fields: tuple[PlacedField, ...]
    cells: tuple[Rectangle, ...]
    owners: NDArray[np.intp]
    near: NDArray[np.float32]
    groups: tuple[Group, ...]


@once_a_page
def plan_of(page: PlacedPage) -> Plan:
    """The plan of a page."""
    fields = tuple(field for field in page.fields if field.kind in READ_KINDS)
    cells = tuple(cell for field in fields for cell in field.cells)
    owners = np.array([n for n, field in enumerate(fields) for _ in field.cells], np.intp)
    boxes = np.array([(c.x_mm, c.y_mm, c.w_mm, c.h_mm) for c in cells], np.float64).reshape(-1, 4)
    sizes = np.maximum(1, np.rint(boxes[:, 2:] * PX_PER_MM)).astype(np.intp)
    corners = np.rint(boxes[:, :2] * PX_PER_MM).astype(np.intp)
    keys = [(fields[owner].kind, *size) for owner, size in zip(owners, sizes.tolist(), strict=True)]
    groups = []
    for key in dict.fromkeys(keys):
        kind, width, height = key
        members = np.flatnonzero([other == key for other in keys])
        groups.append(Group(kind, members, corners[members, 0], corners[members, 1], width, height))
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    apart = ((centres[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    near = np.exp(apart / (-2 * _NEIGHBOURS_MM**2)).astype(np.float32)
    return Plan(page, fields, cells, owners, near, tuple(groups))
