"""From recognised headers to columns of a given paper: what stands where, and what is wrong with the
headers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from oko.engines.forms.kinds import Finding, Kind, finding
from oko.engines.forms.layouts import Header, Table, item_key
from oko.engines.forms.values import (
    Cell,
    Defect,
    is_absent,
    read_class,
    read_class_number,
    read_code,
    read_prior_mark,
    read_sex,
    text_of,
    whole_number,
)
from oko.engines.papers import Item, Paper

Rows = Sequence[Sequence[Cell]]


def cell_name(row: int, column: int) -> str:
    """The reference of a cell, row and column counted from 0: (51, 28) is AC52."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


@dataclass(slots=True)
class Columns:
    """Column numbers by role, and one per item of the paper (None where the table lacks it)."""

    roles: dict[str, int]
    items: list[int | None]
    findings: list[Finding] = field(default_factory=list)

    def __getitem__(self, role: str) -> int | None:
        return self.roles.get(role)

    def role_of(self, column: int) -> str | None:
        return next((role for role, place in self.roles.items() if place == column), None)


ROLES = (
    "participant",
    "class",
    "class_number",
    "grade",
    "variant_1",
    "variant_2",
    "sex",
    "prior_mark",
    "total",
    "mark",
    "login",
    "organisation",
    "textbook",
)


def bind(table: Table, rows: Rows, paper: Paper, sheet: str) -> Columns:
    """Give every column its role; a header that is not understood is taken by its place or its content."""
    return _Binder(table, rows, paper, sheet).bind()


class _Binder:
    def __init__(self, table: Table, rows: Rows, paper: Paper, sheet: str) -> None:
        self.table, self.rows, self.paper, self.sheet = table, rows, paper, sheet
        self.columns = Columns({}, [None] * len(paper.items))
        self.spare: list[Header] = []

    def bind(self) -> Columns:
        self._bind_roles()
        self._bind_items()
        self.spare += [
            header for header in self.table.headers if header.role is None and self._has_data(header)
        ]
        self.spare.sort(key=lambda header: header.column)
        self._bind_missing_items()
        self._bind_missing_roles()
        for header in self.spare:
            if header.item is not None:
                self._report(Kind.ITEM_NOT_IN_PAPER, header, header.text, self._item_list())
        return self.columns

    def _report(self, kind: Kind, header: Header | None, found: str = "", expected: str = "") -> None:
        cell = cell_name(self.table.row, header.column) if header else ""
        self.columns.findings.append(
            finding(kind, cell=cell, found=found, expected=expected, sheet=self.sheet)
        )

    def _bind_roles(self) -> None:
        for header in self.table.headers:
            if header.role not in ROLES:
                continue
            if header.role in self.columns.roles:
                self._report(Kind.COLUMN_REPEATED, header, header.text, "один такой столбец")
            else:
                self.columns.roles[header.role] = header.column

    def _bind_items(self) -> None:
        places = {item_key(item.code): place for place, item in enumerate(self.paper.items)}
        for header in self.table.items:
            item = header.item
            if item is None:
                continue
            place = item.position - 1 if item.position else places.get(item.code or "")
            if place is None or place >= len(self.paper.items):
                self.spare.append(header)
            elif self.columns.items[place] is not None:
                self._report(Kind.COLUMN_REPEATED, header, header.text, "один такой столбец")
            else:
                self.columns.items[place] = header.column
                self._check_maximum(header, self.paper.items[place])

    def _check_maximum(self, header: Header, item: Item) -> None:
        if header.item and header.item.maximum not in (None, item.maximum):
            self._report(Kind.MAXIMUM_DIFFERS, header, header.text, f"{item.code} ({item.maximum})")

    def _bind_missing_items(self) -> None:
        """A missing item whose neighbours stand around a spare column with data is taken to be it."""
        for place, item in enumerate(self.paper.items):
            if self.columns.items[place] is not None:
                continue
            header = self._spare_between(place)
            if header is None:
                self._report(Kind.COLUMN_MISSING, None, "", f"задание {item.code}")
            else:
                self.columns.items[place] = header.column
                self.spare.remove(header)
                self._report(Kind.COLUMN_NOT_RECOGNISED, header, header.text, f"{item.code} ({item.maximum})")

    def _spare_between(self, place: int) -> Header | None:
        before = self.columns.items[place - 1] if place else None
        after = self.columns.items[place + 1] if place + 1 < len(self.columns.items) else None
        if before is None and after is None:
            return None
        for header in self.spare:
            follows = before is None or header.column == before + 1
            precedes = after is None or header.column == after - 1
            if follows and precedes:
                return header
        return None

    def _bind_missing_roles(self) -> None:
        layout = self.table.layout
        needed = layout.needed + (layout.needed_in_two_parts if self.paper.parts > 1 else ())
        for role in needed:
            if role in self.columns.roles or self._replaced(role):
                continue
            title = layout.titles[role]
            header = next((header for header in self.spare if self._holds(header, role)), None)
            if header is None:
                self._report(Kind.COLUMN_MISSING, None, "", title)
            else:
                self.columns.roles[role] = header.column
                self.spare.remove(header)
                self._report(Kind.COLUMN_NOT_RECOGNISED, header, header.text, title)

    def _replaced(self, role: str) -> bool:
        """The class may be told by its label or by its number: one of them is enough."""
        either = {"class", "class_number"}
        return role in either and bool(either & self.columns.roles.keys())

    def _has_data(self, header: Header) -> bool:
        return any(text_of(row[header.column]) for row in self.rows[self.table.row + 1 :])

    def _holds(self, header: Header, role: str) -> bool:
        """Whether most of the column reads as values of that role."""
        cells = [row[header.column] for row in self.rows[self.table.row + 1 :]]
        filled = [cell for cell in cells if text_of(cell)]
        readable = sum(_READABLE[role](cell) for cell in filled)
        return 2 * readable > len(filled) and 4 * len(filled) > len(cells)

    def _item_list(self) -> str:
        return "задания " + ", ".join(item.code for item in self.paper.items)


def _reads(reader: Callable[[Cell], object]) -> Callable[[Cell], bool]:
    return lambda cell: not isinstance(reader(cell), Defect)


_READABLE: dict[str, Callable[[Cell], bool]] = {
    "participant": _reads(read_code),
    "class": _reads(read_class),
    "class_number": _reads(read_class_number),
    "sex": _reads(read_sex),
    "prior_mark": _reads(read_prior_mark),
    "variant_1": lambda cell: whole_number(cell) is not None or is_absent(cell),
    "variant_2": lambda cell: whole_number(cell) is not None or is_absent(cell),
    "total": lambda cell: whole_number(cell) is not None,
    "mark": lambda cell: whole_number(cell) is not None,
}
