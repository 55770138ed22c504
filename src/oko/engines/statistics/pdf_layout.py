"""A grid laid on paper: how wide its columns are, and what is done where they do not fit.

A short table that is too wide is cut into blocks of columns, one under the other, each beginning with the
columns that tell its rows apart. A long one lies on landscape pages instead, if that spares blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeVar

from oko.engines.statistics.grid import Cell, Column, Grid, Kind, Row
from oko.engines.statistics.levels import Level
from oko.engines.statistics.wording import HIDDEN_CELL, THIS_SEASON, percent_text

UPRIGHT, LYING = 180.0, 267.0  # mm between the margins of A4

_SEASON = Column("season", "Сезон", Kind.TEXT)

_SHORT = 20  # rows; so many still stand under each other on a page in two or three blocks
_LETTER, _DIGIT = 1.52, 1.33  # mm, average widths at the 8 points of the table
_INSETS = 1.9  # mm, left and right of a cell's text together
_SIGN = 2.6  # mm, for the sign of a zone
_LINES_OF_HEADER = 7  # a longer title makes its column wider
_WIDEST_TEXT, _NARROWEST_NAME, _NARROW_TEXT = 75.0, 42.0, 17.0
_WORD = 12  # letters for which a column is wide enough; longer words are hyphenated
_UNBROKEN = 18  # letters that may stand without a place to break
_SOFT_HYPHEN = "\u00ad"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Block:
    """Positions of columns that stand beside each other, with their widths in mm."""

    columns: tuple[int, ...]
    widths: tuple[float, ...]


def laid_out(grid: Grid) -> dict[str, Any]:
    """What `report.typ` draws: `lying`, `zones` (are there any), `remarks`, `blocks`."""
    grid = _with_seasons(grid)
    own_widths = [_own_width(grid, position) for position in range(len(grid.columns))]
    blocks, lying = _cut(grid, own_widths, UPRIGHT), False
    if len(blocks) > 1 and len(grid.rows) > _SHORT:
        landscape = _cut(grid, own_widths, LYING)
        if len(landscape) < len(blocks):
            blocks, lying = landscape, True
    return {
        "lying": lying,
        "zones": any(cell.zone for row in grid.rows for cell in row.cells),
        "remarks": _remarks(grid),
        "blocks": [_drawn(grid, block) for block in blocks],
    }


def _with_seasons(grid: Grid) -> Grid:
    """A column that tells the seasons apart, where rows are of more than one."""
    if not any(row.season for row in grid.rows):
        return grid
    rows = [replace(row, cells=_inserted(row.cells, Cell(row.season or THIS_SEASON))) for row in grid.rows]
    return replace(grid, columns=_inserted(grid.columns, _SEASON), rows=tuple(rows))


def _inserted(those: tuple[_T, ...], one: _T) -> tuple[_T, ...]:
    return (*those[:1], one, *those[1:])


def _of_groups(grid: Grid) -> bool:
    """Whether each row begins with the name of its group (else all rows are of one place)."""
    return bool(grid.columns) and grid.columns[0].name == "group"


def _remarks(grid: Grid) -> list[str]:
    """How far the numbers may be trusted, where that is not said beside each group."""
    if _of_groups(grid):
        return []
    return list(dict.fromkeys(row.remark for row in grid.rows if row.remark))


def _own_width(grid: Grid, position: int) -> float:
    """The width with which a column's numbers, or the words of its header, are not broken."""
    column = grid.columns[position]
    header = max(_longest_word(column.title), len(column.title) / _LINES_OF_HEADER) * _LETTER
    if column.kind is Kind.TEXT:
        longest = max((len(_text(row.cells[position], column)) for row in grid.rows), default=0)
        return max(header, min(longest * _LETTER, _WIDEST_TEXT)) + _INSETS
    cells = [row.cells[position] for row in grid.rows]
    numbers = max((len(_text(cell, column)) for cell in cells), default=1) * _DIGIT
    sign = _SIGN if any(cell.zone for cell in cells) else 0.0
    of_neighbours = _longest_word(column.over) * _LETTER / _neighbours(grid, column)
    return max(header, of_neighbours, numbers + sign) + _INSETS


def _least_width(grid: Grid, position: int, own: float) -> float:
    """Words may also stand under each other; names of groups not too many, or every row would be high."""
    column = grid.columns[position]
    if column.kind is not Kind.TEXT or own <= _NARROW_TEXT:
        return own
    if position == 0 and _of_groups(grid):
        return min(own, _NARROWEST_NAME)
    words = max((_longest_word(_text(row.cells[position], column)) for row in grid.rows), default=0)
    return min(own, max(words, _longest_word(column.title)) * _LETTER + _INSETS)


def _longest_word(text: str) -> int:
    return min(max(map(len, text.split()), default=0), _WORD)


def _neighbours(grid: Grid, column: Column) -> int:
    return sum(other.over == column.over for other in grid.columns)


def _cut(grid: Grid, own: Sequence[float], room: float) -> list[_Block]:
    """As few blocks as the room allows, about equally wide."""
    repeated = _repeated(grid)
    least = [_least_width(grid, position, width) for position, width in enumerate(own)]
    beginning = sum(least[position] for position in repeated)
    units = _units(grid, [position for position in range(len(own)) if position not in repeated])
    sizes = [sum(least[position] for position in unit) for unit in units]
    blocks = _filled(units, sizes, room - beginning)
    if len(blocks) > 1:
        even = sum(sizes) / len(blocks)
        balanced = _filled(units, sizes, min(room - beginning, even + max(sizes) / 2))
        blocks = balanced if len(balanced) == len(blocks) else blocks
    return [_stretched([*repeated, *block], own, least, room) for block in blocks or [[]]]


def _repeated(grid: Grid) -> list[int]:
    """The first columns that tell the rows apart."""
    for count in range(1, len(grid.columns)):
        heads = {tuple(cell.value for cell in row.cells[:count]) for row in grid.rows}
        if len(heads) == len(grid.rows):
            return list(range(count))
    return [0]


def _units(grid: Grid, positions: Sequence[int]) -> list[list[int]]:
    """Columns that stay together: a few neighbours under one header."""
    units: list[list[int]] = []
    for position in positions:
        over = grid.columns[position].over
        if units and over and over == grid.columns[units[-1][-1]].over:
            units[-1].append(position)
        else:
            units.append([position])
    return [part for unit in units for part in ([unit] if len(unit) <= 3 else [[each] for each in unit])]


def _filled(units: Sequence[list[int]], sizes: Sequence[float], room: float) -> list[list[int]]:
    blocks: list[list[int]] = []
    left = 0.0
    for unit, size in zip(units, sizes, strict=True):
        if not blocks or size > left:
            blocks.append([])
            left = room
        blocks[-1] += unit
        left -= size
    return blocks


def _stretched(columns: Sequence[int], own: Sequence[float], least: Sequence[float], room: float) -> _Block:
    """What room is left goes to the columns of words, then nowhere: numbers far apart are hard to follow."""
    spare = room - sum(least[position] for position in columns)
    wished = sum(own[position] - least[position] for position in columns)
    share = min(1.0, max(spare, 0.0) / wished) if wished else 0.0
    widths = [least[position] + (own[position] - least[position]) * share for position in columns]
    shrunk = min(1.0, room / sum(widths))
    return _Block(tuple(columns), tuple(width * shrunk for width in widths))


def _drawn(grid: Grid, block: _Block) -> dict[str, Any]:
    columns = [grid.columns[position] for position in block.columns]
    signed = {position: any(row.cells[position].zone for row in grid.rows) for position in block.columns}
    return {
        "widths": [round(width, 2) for width in block.widths],
        "over": list(_over(columns)),
        "whole": len(grid.rows) <= _SHORT,
        "columns": [{"title": _breakable(column.title), "kind": column.kind} for column in columns],
        "rows": [
            {
                "earlier": bool(row.season),
                "bold": _of_groups(grid) and row.group.level is not Level.SCHOOL,
                "begins": number > 0 and bool(row.key) and row.group != grid.rows[number - 1].group,
                "remark": row.remark if _of_groups(grid) else "",
                "cells": [
                    _drawn_cell(grid, row, position, signed=signed[position]) for position in block.columns
                ],
            }
            for number, row in enumerate(grid.rows)
        ],
    }


def _over(columns: Sequence[Column]) -> Iterator[dict[str, Any]]:
    """The headers above, each with how many columns it spans; nothing where there are none."""
    if not any(column.over for column in columns):
        return
    for over, neighbours in groupby(columns, key=lambda column: column.over):
        yield {"title": over, "span": len(list(neighbours))}


def _drawn_cell(grid: Grid, row: Row, position: int, *, signed: bool) -> list[str]:
    """Text, sign and zone of a cell; a column without zones leaves no place for a sign."""
    cell, column = row.cells[position], grid.columns[position]
    if column.kind is Kind.TEXT:
        return [_breakable(_text(row.cells[position], column))]
    text = _text(cell, column)
    if not signed:
        return [text]
    return [text, cell.zone.sign if cell.zone else "", cell.zone.value if cell.zone else ""]


def _text(cell: Cell, column: Column) -> str:
    if column.kind is Kind.TEXT:
        return "" if cell.value is None else str(cell.value)
    if cell.value is None:
        return HIDDEN_CELL
    if column.kind is Kind.PERCENT:
        return percent_text(float(cell.value))
    return f"{cell.value:,}".replace(",", "\u00a0")


def _breakable(text: str) -> str:
    """A word too long for any column gets places where it may be broken; «№ 1» is not broken."""
    text = text.replace("№ ", "№\u00a0")
    return re.sub(rf"\S{{{_UNBROKEN}}}(?=\S{{4}})", rf"\g<0>{_SOFT_HYPHEN}", text)
