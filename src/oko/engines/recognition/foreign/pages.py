"""A definition of a foreign sheet made ready for searching: all in millimetres, pictures loaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from oko.engines.blanks.definition import Characters, Definition, Marks
from oko.engines.blanks.foreign import AnchorMark, FrameAnchor, MarkAnchors
from oko.engines.blanks.layout import PlacedField, PlacedPage, Rectangle, place, to_mm
from oko.engines.blanks.page_code import PageCode
from oko.engines.recognition.model import GreyImage

LEAST_GROUND_MM = 12.0
_NO_CODE = PageCode("", "", 0, 0, "", "")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark in millimetres of the page; `picture` is that of an image, else None."""

    shape: str
    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float
    line_mm: float
    corner: str
    picture: GreyImage | None


@dataclass(frozen=True)
class ForeignPage:
    """One page of a foreign sheet.

    Attributes:
        marks: of anchors of kind marks, else none.
        frame: of an anchor of kind frame, else None.
        reference: picture of the empty page, as it is in its file, else None.
        code: of its sheets, but for their serial: that is spelt by the fields named in `serial`.
        outlined: the fields of which the boxes are printed, in blocks: repetitions of one field together.
    """

    page: PlacedPage
    kind: str
    marks: tuple[Mark, ...]
    frame: Rectangle | None
    reference: GreyImage | None
    code: PageCode = _NO_CODE
    serial: tuple[str, ...] = ()

    @property
    def size_mm(self) -> tuple[float, float]:
        return self.page.width_mm, self.page.height_mm

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the page together with its marks."""
        lefts = [0.0] + [mark.x_mm - mark.w_mm / 2 for mark in self.marks]
        tops = [0.0] + [mark.y_mm - mark.h_mm / 2 for mark in self.marks]
        rights = [self.page.width_mm] + [mark.x_mm + mark.w_mm / 2 for mark in self.marks]
        bottoms = [self.page.height_mm] + [mark.y_mm + mark.h_mm / 2 for mark in self.marks]
        return min(lefts), min(tops), max(rights), max(bottoms)

    @cached_property
    def ground_mm(self) -> float:
        """How far around a place paper is looked for: a filled box is not to be taken for ground."""
        sides = [
            max(cell.w_mm, cell.h_mm) for block in self.outlined for field in block for cell in field.cells
        ]
        return max(LEAST_GROUND_MM, 2.5 * max(sides, default=0.0))

    @cached_property
    def outlined(self) -> tuple[tuple[PlacedField, ...], ...]:
        blocks: dict[int, list[PlacedField]] = {}
        for field in self.page.fields:
            source = field.source
            if isinstance(source, Characters) or (isinstance(source, Marks) and source.shape != "none"):
                blocks.setdefault(id(source), []).append(field)
        return tuple(tuple(block) for block in blocks.values())


def foreign_pages(definition: Definition) -> tuple[ForeignPage, ...]:
    """The pages of a definition that has `foreign`; its pictures were found when it was loaded."""
    foreign = definition.foreign
    if foreign is None:
        return ()
    across, along = to_mm(definition)
    anchors = foreign.anchors
    marks = (
        tuple(_mark(mark, across, along) for mark in anchors.marks)
        if isinstance(anchors, MarkAnchors)
        else ()
    )
    frame = (
        Rectangle(anchors.x_mm * across, anchors.y_mm * along, anchors.w_mm * across, anchors.h_mm * along)
        if isinstance(anchors, FrameAnchor)
        else None
    )
    return tuple(
        ForeignPage(
            page,
            anchors.kind,
            marks,
            frame,
            None if foreign.image is None else _picture(foreign.image.replace("{page}", str(page.number))),
            PageCode("", definition.blank, definition.version, page.number, "", ""),
            foreign.serial,
        )
        for page in place(definition)
    )


def _mark(mark: AnchorMark, across: float, along: float) -> Mark:
    return Mark(
        mark.shape,
        mark.cx_mm * across,
        mark.cy_mm * along,
        mark.w_mm * across,
        mark.height * along,
        mark.line_mm * (across + along) / 2,
        mark.corner,
        None if mark.path is None else _picture(mark.path),
    )


def _picture(path: str) -> GreyImage:
    with Image.open(Path(path)) as picture:
        grey: NDArray[np.uint8] = np.asarray(picture.convert("L"), np.uint8)
    return grey
