"""Layouts of the results protocol: versioned data (`layouts.json`) and the recognition of a header row by
its content.

Every observed year changed the headers, so a layout is data. A sheet is recognised by what its headers say,
never by the name of the file or of the sheet; headers forgive case, spaces, line breaks and look-alike
letters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from oko.engines.forms.values import Cell, folded, key, text_of

ITEM = "item"


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """One layout: the role of each header key, which roles are needed, and how it writes an item's header."""

    code: str
    title: str
    columns: Mapping[str, str]
    needed: tuple[str, ...]
    needed_in_two_parts: tuple[str, ...]
    items: re.Pattern[str]
    formula_allowed: frozenset[str]
    titles: Mapping[str, str]

    def role_of(self, header_key: str) -> str | None:
        return self.columns.get(header_key)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All layouts, and the headers that are understood in any of them."""

    layouts: tuple[Layout, ...]
    anywhere: Mapping[str, str]
    starts: tuple[tuple[str, str], ...]
    items: re.Pattern[str]

    def layout(self, code: str) -> Layout | None:
        return next((layout for layout in self.layouts if layout.code == code), None)

    def role_of(self, header_key: str) -> str | None:
        return self.anywhere.get(header_key) or next(
            (role for start, role in self.starts if header_key.startswith(start)), None
        )


@cache
def vocabulary() -> Vocabulary:
    """The shipped layouts."""
    data = json.loads(Path(__file__).with_name("layouts.json").read_text(encoding="utf-8"))
    return Vocabulary(
        layouts=tuple(_layout(entry, data["titles"]) for entry in data["layouts"]),
        anywhere={key(name): role for role, names in data["anywhere"].items() for name in names},
        starts=tuple((key(name), role) for role, names in data["anywhere_starts"].items() for name in names),
        items=_item_pattern(data["anywhere_items"]),
    )


def _layout(entry: dict, titles: dict[str, str]) -> Layout:  # type: ignore[type-arg]  # raw JSON
    return Layout(
        code=entry["code"],
        title=entry["title"],
        columns={key(name): role for role, names in entry["columns"].items() for name in names},
        needed=tuple(entry["needed"]),
        needed_in_two_parts=tuple(entry.get("needed_in_two_parts", ())),
        items=_item_pattern(entry["items"]),
        formula_allowed=frozenset(entry.get("formula_allowed", ())),
        titles=titles | {role: names[0] for role, names in entry["columns"].items()},
    )


def _item_pattern(written: str) -> re.Pattern[str]:
    """The pattern over folded headers; the data is written in Cyrillic for people, folding makes it one
    alphabet.

    The names of groups are Latin already and `folded` leaves them alone.
    """
    return re.compile(folded(written).replace("(?p<", "(?P<"))


@dataclass(frozen=True, slots=True)
class ItemHeader:
    """An item as its header names it: by code, or only by its position (2020); with the maximum if it is
    written.
    """

    code: str | None
    position: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """One cell of a header row and what it may mean."""

    column: int
    text: str
    role: str | None
    item: ItemHeader | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A recognised header row: which layout, and which column holds what."""

    layout: Layout
    row: int
    headers: tuple[Header, ...]

    def columns(self, role: str) -> list[int]:
        return [header.column for header in self.headers if header.role == role]

    def column(self, role: str) -> int | None:
        return next(iter(self.columns(role)), None)

    @property
    def items(self) -> list[Header]:
        return [header for header in self.headers if header.item is not None]

    @property
    def unknown(self) -> list[Header]:
        return [header for header in self.headers if header.role is None and header.text]


ROWS_TO_SEARCH = 40
FEWEST_ROLES = 2
FEWEST_HEADERS = 3  # a code, a variant, an item


def find_table(rows: Sequence[Sequence[Cell]], layout_code: str | None = None) -> Table | None:
    """The first row that reads as a protocol's header, among the first rows of a sheet; None if there is
    none.

    `layout_code` is a hidden mark left by our own form: it settles the layout if the headers agree.
    """
    for number, row in enumerate(rows[:ROWS_TO_SEARCH]):
        if len(row) - row.count("") < FEWEST_HEADERS:
            continue
        texts = tuple(map(_header_text, row))
        if recognised := _as_header(texts, layout_code):
            return Table(recognised[0], number, recognised[1])
    return None


@lru_cache(maxsize=512)
def _as_header(texts: tuple[str, ...], layout_code: str | None) -> tuple[Layout, tuple[Header, ...]] | None:
    """The layout and the headers, if these texts make a header row; the same row comes back school after
    school.
    """
    roles = [vocabulary().role_of(key(text)) or _any_role(key(text)) for text in texts]
    named = {role for role in roles if role}
    if len(named) < FEWEST_ROLES or not named & {"participant", "variant_1"}:
        return None
    if not any(_item(vocabulary().items, text) or _item_of_layouts(text) for text in texts):
        return None
    layout = vocabulary().layout(layout_code or "") or _closest_layout(texts)
    return layout, tuple(_header(layout, column, text) for column, text in enumerate(texts))


def _any_role(header_key: str) -> str | None:
    return next((role for layout in vocabulary().layouts if (role := layout.role_of(header_key))), None)


def _item_of_layouts(text: str) -> ItemHeader | None:
    return next((item for layout in vocabulary().layouts if (item := _item(layout.items, text))), None)


def _closest_layout(texts: tuple[str, ...]) -> Layout:
    """The layout that most of the headers speak for: its own names, the way it writes items, few needed
    missing.
    """

    def votes(layout: Layout) -> float:
        own = {role for text in texts if (role := layout.role_of(key(text)))}
        missing = sum(role not in own for role in layout.needed)
        possible = [text for text in texts if _item(vocabulary().items, text) or _item_of_layouts(text)]
        in_style = sum(_item(layout.items, text) is not None for text in possible)
        return len(own) - missing / 2 + 2 * in_style / max(1, len(possible))

    return max(vocabulary().layouts, key=votes)


def _header(layout: Layout, column: int, text: str) -> Header:
    if not text:
        return Header(column, text, None)
    role = layout.role_of(key(text)) or vocabulary().role_of(key(text)) or _any_role(key(text))
    if role:
        return Header(column, text, role)
    item = _item(layout.items, text) or _item(vocabulary().items, text) or _item_of_layouts(text)
    return Header(column, text, ITEM if item else None, item)


def _item(pattern: re.Pattern[str], text: str) -> ItemHeader | None:
    match = pattern.fullmatch(folded(text))
    if match is None:
        return None
    found = match.groupdict()
    maximum = int(found["maximum"]) if found.get("maximum") else None
    if found.get("position"):
        return ItemHeader(None, int(found["position"]), maximum)
    return ItemHeader(item_key(found["code"]), None, maximum)


def item_key(code: str) -> str:
    """An item's code for comparison: «1К1», «1K1» and «1к1» are one, «5,1» is «5.1»."""
    return folded(code).replace(",", ".").replace(" ", "").replace(".k", "k")


def _header_text(cell: Cell) -> str:
    """The header's text; 5.1 that a table editor took for the 5th of January becomes «5.1» again."""
    if isinstance(cell, date):
        return f"{cell.day}.{cell.month}"
    if isinstance(cell, float) and not isinstance(cell, bool) and not cell.is_integer():
        return str(round(cell, 6))
    return text_of(cell)
