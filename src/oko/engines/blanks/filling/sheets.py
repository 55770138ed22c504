"""One page filled by one hand, and the truth of each of its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from oko.engines.blanks.definition import Area, Characters, Marks
from oko.engines.blanks.filling.answers import choose, write
from oko.engines.blanks.filling.glyphs import Glyphs
from oko.engines.blanks.filling.handwriting import Hand, sign, write_character, write_lines
from oko.engines.blanks.filling.marks import Box, draw_dirt, draw_mark, fill_whole, near_style
from oko.engines.blanks.filling.raster import GreyImage, box_in_pixels
from oko.engines.blanks.layout import READ_KINDS, PlacedField, PlacedPage
from oko.engines.blanks.printing import filled

_UNWRITTEN, _UNSIGNED, _DIRTY = 0.25, 0.2, 0.05


@dataclass(frozen=True, slots=True)
class CellTruth:
    """What stands in a cell; `number` counts from 1 within the field."""

    field: str
    number: int
    value: str


def fill_page(
    image: GreyImage,
    page: PlacedPage,
    values: Mapping[str, str],
    hand: Hand,
    glyphs: Glyphs,
    rng: np.random.Generator,
) -> list[CellTruth]:
    """Write into the picture of a page.

    Args:
        values: what stands for names in braces on this page; printed cells hold it, nobody writes there.

    Returns:
        A truth for every cell that is read, in the order of the layout.
    """
    truth = []
    for field in page.fields:
        if field.kind in READ_KINDS:
            boxes = [box_in_pixels(cell, page, image) for cell in field.cells]
            written = _fill_field(image, field, boxes, values, hand, glyphs, rng)
            truth += [CellTruth(field.id, number, value) for number, value in enumerate(written, start=1)]
    return truth


def _fill_field(
    image: GreyImage,
    field: PlacedField,
    boxes: list[Box],
    values: Mapping[str, str],
    hand: Hand,
    glyphs: Glyphs,
    rng: np.random.Generator,
) -> Iterator[str]:
    source = field.source
    if isinstance(source, Marks):
        yield from _mark(image, field, source, boxes, hand, rng)
    elif isinstance(source, Characters):
        printed = filled(source.value, values)
        text = printed or write(source, len(boxes), glyphs.characters, rng)
        for position, box in enumerate(boxes):
            character = text[position : position + 1].strip()
            if character and not printed:
                write_character(image, box, character, glyphs.one(character, rng), hand, rng)
            yield character
    elif isinstance(source, Area):
        written = rng.random() >= _UNWRITTEN
        if written:
            write_lines(image, boxes[0], source.ruling_mm, hand, rng)
        yield "1" if written else ""
    else:
        signed = rng.random() >= _UNSIGNED
        if signed:
            sign(image, boxes[0], hand, rng)
        yield "1" if signed else ""


def _mark(
    image: GreyImage,
    field: PlacedField,
    source: Marks,
    boxes: list[Box],
    hand: Hand,
    rng: np.random.Generator,
) -> Iterator[str]:
    choice = choose(source, len(boxes), rng)
    for position, (box, cell) in enumerate(zip(boxes, field.cells, strict=True)):
        if position in choice.marked:
            draw_mark(image, box, near_style(hand.marks, rng), rng)
        elif position in choice.cancelled:
            draw_mark(image, box, near_style(hand.marks, rng), rng)
            fill_whole(image, box, hand.pen, rng)
        elif rng.random() < _DIRTY:
            draw_dirt(image, box, rng)
        yield cell.value if position in choice.marked else ""
