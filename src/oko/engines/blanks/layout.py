"""A definition with every cell in its place: the geometry that printing and reading share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oko.engines.blanks.definition import AnyField, Characters, Definition, Marks

#: Black discs near the corners, by which a page is laid straight: how far their centres are from the edges.
CORNER_MM = 10.0
CORNER_RADIUS_MM = 2.5
#: The two codes of a page, with the same text: side, and how far from the edges.
CODE_MM = 17.0
CODE_FROM_SIDE_MM = 21.0
CODE_FROM_TOP_MM = 8.0
#: The text of the code is printed beside it: how much room that takes.
CODE_TEXT_MM = (70.0, 4.0)
QUIET_MM = 2.5  # white around codes and discs
MOST_CELLS = 3000  # on a page
TOUCHING_MM = 0.05  # neighbours that share an edge do not overlap
PRINTED_MM = (140.0, 297.0)  # sides of a page that Oko prints
FOREIGN_TOUCHING_MM = 0.5  # positions of foreign sheets are measured by hand
_ROUNDING_MM = 1e-6
READ_KINDS = ("marks", "characters", "area", "signature")


@dataclass(frozen=True, slots=True)
class Rectangle:
    """In millimetres from the upper left corner of the page; `value` is what a mark in it means."""

    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float
    value: str = ""

    def grown(self, by: float) -> Rectangle:
        return Rectangle(self.x_mm - by, self.y_mm - by, self.w_mm + 2 * by, self.h_mm + 2 * by)


@dataclass(frozen=True, slots=True)
class PlacedField:
    """One field, of those that a repeated one stands for; `number` is what its {n} is."""

    id: str
    kind: str
    number: int | None
    cells: tuple[Rectangle, ...]
    source: AnyField

    def with_number(self, text: str) -> str:
        return text if self.number is None else text.replace("{n}", str(self.number))


@dataclass(frozen=True, slots=True)
class PlacedPage:
    number: int
    width_mm: float
    height_mm: float
    fields: tuple[PlacedField, ...]

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """The centres of the discs: upper left, upper right, lower left, lower right."""
        right, bottom = self.width_mm - CORNER_MM, self.height_mm - CORNER_MM
        return ((CORNER_MM, CORNER_MM), (right, CORNER_MM), (CORNER_MM, bottom), (right, bottom))

    @property
    def codes(self) -> tuple[Rectangle, Rectangle]:
        """Where the codes stand: upper right, and lower left."""
        upper = Rectangle(self.width_mm - CODE_FROM_SIDE_MM - CODE_MM, CODE_FROM_TOP_MM, CODE_MM, CODE_MM)
        lower = Rectangle(CODE_FROM_SIDE_MM, self.height_mm - CODE_FROM_TOP_MM - CODE_MM, CODE_MM, CODE_MM)
        return upper, lower

    @property
    def code_texts(self) -> tuple[Rectangle, Rectangle]:
        """Where the text of the codes stands: to the left of the upper one, to the right of the lower one."""
        upper, lower = self.codes
        width, height = CODE_TEXT_MM
        return (
            Rectangle(upper.x_mm - QUIET_MM - width, upper.y_mm, width, height),
            Rectangle(lower.x_mm + lower.w_mm + QUIET_MM, lower.y_mm + lower.h_mm - height, width, height),
        )


def place(definition: Definition) -> tuple[PlacedPage, ...]:
    """The pages of a definition, each field with its cells."""
    scale = to_mm(definition)
    return tuple(
        PlacedPage(
            number,
            definition.width_mm,
            definition.height_mm,
            tuple(placed for field in page.fields for placed in _repeated(field, scale)),
        )
        for number, page in enumerate(definition.pages, start=1)
    )


def to_mm(definition: Definition) -> tuple[float, float]:
    """By what positions in a definition are multiplied, to the right and down, to be millimetres."""
    if definition.foreign is None or definition.foreign.size_px is None:
        return 1.0, 1.0
    width, height = definition.foreign.size_px
    return definition.width_mm / width, definition.height_mm / height


def layout_json(definition: Definition) -> dict[str, Any]:
    """What `oko blank layout` prints."""
    return {
        "blank": definition.blank,
        "version": definition.version,
        "pages": [
            {
                "width_mm": page.width_mm,
                "height_mm": page.height_mm,
                "fields": [_field_json(field) for field in page.fields],
            }
            for page in place(definition)
        ],
    }


def _field_json(field: PlacedField) -> dict[str, Any]:
    return {"id": field.id, "kind": field.kind, "cells": [_cell_json(cell, field) for cell in field.cells]}


def _cell_json(cell: Rectangle, field: PlacedField) -> dict[str, Any]:
    placed = {name: round(getattr(cell, name), 4) for name in ("x_mm", "y_mm", "w_mm", "h_mm")}
    return placed | ({"value": cell.value} if field.kind == "marks" else {})


def _repeated(field: AnyField, scale: tuple[float, float]) -> Iterator[PlacedField]:
    if field.repeat is None:
        yield PlacedField(field.id, field.kind, None, _cells(field, 0, 0, scale), field)
        return
    repeat = field.repeat
    per_row = repeat.per_row or repeat.count
    for position in range(repeat.count):
        row, column = divmod(position, per_row)
        right = column * repeat.step_mm[0] + row * repeat.row_mm[0]
        down = column * repeat.step_mm[1] + row * repeat.row_mm[1]
        number = repeat.first + position
        name = field.id.replace("{n}", str(number))
        yield PlacedField(name, field.kind, number, _cells(field, right, down, scale), field)


def _cells(field: AnyField, right: float, down: float, scale: tuple[float, float]) -> tuple[Rectangle, ...]:
    across, along = scale
    return tuple(
        Rectangle((x + right) * across, (y + down) * along, width * across, height * along, value)
        for x, y, width, height, value in _first_cells(field)
    )


def _first_cells(field: AnyField) -> list[tuple[float, float, float, float, str]]:
    """Left, top, width, height and value of the cells of a field that is not repeated, as defined."""
    if not isinstance(field, Marks | Characters):
        return [(field.x_mm, field.y_mm, field.w_mm, field.h_mm, "")]
    if field.cells:
        return [(cell.x_mm, cell.y_mm, cell.w_mm, cell.h_mm, cell.value) for cell in field.cells]
    values = field.values if isinstance(field, Marks) else ("",) * field.length
    right, down = field.step_mm
    return [
        (field.x_mm + n * right, field.y_mm + n * down, *field.cell_mm, value)
        for n, value in enumerate(values)
    ]


# What cannot be printed or told apart ----------------------------------------------------------------------


def placement_faults(definition: Definition) -> list[str]:
    """In words: ids that stand twice, cells outside of the page, over each other, over codes or discs."""
    faults = list(_too_many(definition)) or list(_not_for_printing(definition))
    if faults:
        return faults
    pages = place(definition)
    faults += _double_ids(pages)
    faults += _serial_faults(definition, pages)
    for page in pages:
        faults += _faults_of_page(page, foreign=definition.foreign is not None)
    return faults


def _too_many(definition: Definition) -> Iterator[str]:
    """Counted before anything is placed: a definition of a few lines can name millions of cells."""
    for number, page in enumerate(definition.pages, start=1):
        cells = sum(
            (field.repeat.count if field.repeat else 1) * len(_first_cells(field)) for field in page.fields
        )
        if cells > MOST_CELLS:
            yield f"страница {number}: клеток {cells}, а на странице их бывает не больше {MOST_CELLS}."


def _not_for_printing(definition: Definition) -> Iterator[str]:
    """What only a foreign sheet may have: sizes without room for codes, bubbles."""
    if definition.foreign is not None:
        return
    least, most = PRINTED_MM
    for key, side in (("width_mm", definition.width_mm), ("height_mm", definition.height_mm)):
        if not least <= side <= most:
            yield f"{key}: найдено «{side:g}», у бланка, который печатает Око, — от {least:g} до {most:g} мм."
    for number, page in enumerate(definition.pages, start=1):
        for field in page.fields:
            if isinstance(field, Marks) and (field.shape != "box" or field.filled != "cancelled"):
                yield (
                    f"страница {number}, поле «{field.id}»: такие shape и filled бывают только у чужих "
                    "листов (нужен ключ foreign)."
                )


def _serial_faults(definition: Definition, pages: tuple[PlacedPage, ...]) -> Iterator[str]:
    for name in definition.foreign.serial if definition.foreign else ():
        kinds = {field.kind for page in pages for field in page.fields if name in (field.id, field.source.id)}
        if kinds != {"marks"}:
            found = "такого поля нет" if not kinds else "это не поле вида marks"
            yield f"foreign.serial, «{name}»: {found}."


def _double_ids(pages: tuple[PlacedPage, ...]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for page in pages:
        for field in page.fields:
            if (field.source.repeat is None) == ("{n}" in field.source.id):
                where = f"страница {page.number}, поле «{field.source.id}»"
                yield (
                    f"{where}: у повторяемого поля в id нужно {{n}}."
                    if field.source.repeat
                    else f"{where}: {{n}} в id бывает только у поля с repeat."
                )
                return
            if field.id in seen:
                yield f"страница {page.number}: поле «{field.id}» уже есть на странице {seen[field.id]}."
            seen[field.id] = page.number


def _faults_of_page(page: PlacedPage, *, foreign: bool) -> Iterator[str]:
    read = [field for field in page.fields if field.kind in READ_KINDS]
    if foreign and not read:
        yield f"страница {page.number}: нет ни одного поля, которое читают; у чужого листа печатать нечего."
    for field in page.fields:
        outside = next((cell for cell in field.cells if _is_outside(cell, page)), None)
        if outside:
            yield (
                f"страница {page.number}, поле «{field.id}»: клетка {_words(outside)} выходит за лист "
                f"{page.width_mm:g} × {page.height_mm:g} мм."
            )
    yield from _overlaps(page, read, foreign=foreign)


def _is_outside(cell: Rectangle, page: PlacedPage) -> bool:
    right, bottom = cell.x_mm + cell.w_mm, cell.y_mm + cell.h_mm
    most_right, most_down = page.width_mm + _ROUNDING_MM, page.height_mm + _ROUNDING_MM
    return cell.x_mm < 0 or cell.y_mm < 0 or right > most_right or bottom > most_down


def _overlaps(page: PlacedPage, read: list[PlacedField], *, foreign: bool) -> Iterator[str]:
    """Each pair of things of which cells lie over one another, once."""
    things = [(f"поле «{field.id}»", field.cells) for field in read]
    if not foreign:
        things += [("угловая метка", (disc,)) for disc in _discs(page)]
        things += [("код страницы", (code.grown(QUIET_MM),)) for code in page.codes]
        things += [("подпись кода страницы", (text,)) for text in page.code_texts]
    touching = FOREIGN_TOUCHING_MM if foreign else TOUCHING_MM
    owners = np.array([n for n, (_, cells) in enumerate(things) for _ in cells])
    boxes = np.array(
        [(c.x_mm, c.y_mm, c.x_mm + c.w_mm, c.y_mm + c.h_mm) for _, cells in things for c in cells]
    )
    told: set[tuple[int, int]] = set()
    for position in range(len(boxes)):
        left, top, right, bottom = boxes[position]
        others = boxes[position + 1 :]
        over = (
            (others[:, 0] < right - touching)
            & (others[:, 2] > left + touching)
            & (others[:, 1] < bottom - touching)
            & (others[:, 3] > top + touching)
        )
        for other in np.flatnonzero(over) + position + 1:
            pair = (int(owners[position]), int(owners[other]))
            if pair in told or min(pair) >= len(read):
                continue
            told.add(pair)
            first, second = (things[n][0] for n in pair)
            what = (
                f"{first}: клетки лежат одна на другой"
                if pair[0] == pair[1]
                else f"{first} и {second} перекрываются"
            )
            yield f"страница {page.number}, {what} у точки {left:g}, {top:g} мм."


def _discs(page: PlacedPage) -> Iterator[Rectangle]:
    for x, y in page.corners:
        side = 2 * CORNER_RADIUS_MM
        yield Rectangle(x - CORNER_RADIUS_MM, y - CORNER_RADIUS_MM, side, side).grown(QUIET_MM)


def _words(cell: Rectangle) -> str:
    return f"({cell.x_mm:g}, {cell.y_mm:g}; {cell.w_mm:g} × {cell.h_mm:g} мм)"
