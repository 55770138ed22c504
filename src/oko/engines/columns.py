"""Tables that analysts bring: CSV files read as columns of numbers and codes."""

from __future__ import annotations

import csv as text_csv
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

NAMES_TOLD = 20


class TableError(ValueError):
    """A file that cannot be read as a table; the message says why, in Russian."""


def read_table(path: Path) -> pa.Table:
    """A CSV (comma or semicolon, UTF-8) as a table.

    Raises:
        TableError: it cannot be read, has no rows, or a column stands twice.
    """
    try:
        with path.open("rb") as file:
            first = file.readline()
        delimiter = ";" if first.count(b";") > first.count(b",") else ","
        table = csv.read_csv(
            path,
            parse_options=csv.ParseOptions(delimiter=delimiter),
            convert_options=csv.ConvertOptions(strings_can_be_null=True),
        )
    except OSError as error:
        raise TableError(f"«{path}» не открывается: {error.strerror or error}.") from error
    except pa.ArrowInvalid as error:
        raise TableError(f"«{path}» — не CSV в кодировке UTF-8: {error}.") from error
    doubled = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if doubled:
        raise TableError(f"«{path.name}»: столбец «{doubled[0]}» стоит дважды.")
    if not table.num_rows:
        raise TableError(f"«{path.name}»: под заголовком нет ни одной строки.")
    return table


@dataclass(frozen=True, slots=True)
class Texts:
    """A table of which every cell is text as it was written: codes keep their zeros.

    Attributes:
        source: name of the file.
        columns: by name, without spaces around; the first row stands in line 2 of the file.
    """

    source: str
    columns: dict[str, list[str]]

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values())))

    def require(self, *names: str | None) -> None:
        """Raises TableError when a column that was named is not there; None is no name."""
        _require(self.source, list(self.columns), names)


def read_texts(path: Path) -> Texts:
    """A CSV (comma, semicolon or tab; UTF-8 or Windows-1251) as texts.

    Raises:
        TableError: it cannot be read, has no rows, a row is longer than the header, a column stands twice.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(f"«{path}» не открывается: {error.strerror or error}.") from error
    lines = _decoded(content).splitlines(keepends=True)
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    rows = [row for row in text_csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise TableError(f"«{path.name}»: под заголовком нет ни одной строки.")
    header = [name.strip() for name in rows[0]]
    doubled = [name for number, name in enumerate(header) if name in header[:number]]
    if doubled:
        raise TableError(f"«{path.name}»: столбец «{doubled[0]}» стоит дважды.")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) > len(header):
            raise TableError(f"«{path.name}», строка {number}: ячеек {len(row)}, а столбцов {len(header)}.")
    width = len(header)
    padded = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows[1:]]
    return Texts(path.name, {name: [row[place] for row in padded] for place, name in enumerate(header)})


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def require_columns(table: pa.Table, source: str, *names: str | None) -> None:
    """Raises TableError when a column that was named is not there; None is no name."""
    _require(source, table.column_names, names)


def _require(source: str, there: Sequence[str], names: Iterable[str | None]) -> None:
    for name in names:
        if name is not None and name not in there:
            told = ", ".join(f"«{one}»" for one in there[:NAMES_TOLD])
            near = difflib.get_close_matches(name, there, 1)
            meant = f" Может быть, «{near[0]}»?" if near else ""
            raise TableError(f"«{source}»: нет столбца «{name}».{meant} Есть: {told}.")


def numbers(column: pa.ChunkedArray) -> Floats:
    """A column as numbers; nan where there is none. A comma may stand for the point."""
    if pa.types.is_string(column.type):
        texts = pc.replace_substring(pc.utf8_trim_whitespace(column), ",", ".")
        return np.array([_number(text) for text in texts.to_pylist()], dtype=np.float64)
    if pa.types.is_boolean(column.type) or pa.types.is_null(column.type):
        column = column.cast(pa.int8())
    elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.full(len(column), np.nan)
    return np.asarray(column.cast(pa.float64()).fill_null(np.nan), dtype=np.float64)


def codes(column: pa.ChunkedArray) -> tuple[Whole, tuple[str, ...]]:
    """Numbers of the values in their sorted order, and the values as text; no value is «»."""
    values = column.combine_chunks()
    plain = (
        np.asarray(values)
        if pa.types.is_integer(values.type) and not values.null_count
        else np.array([str(value) if value is not None else "" for value in values.to_pylist()])
    )
    distinct, of = np.unique(plain, return_inverse=True)
    return of.astype(np.int64), tuple(str(value) for value in distinct)


def _number(text: str | None) -> float:
    try:
        return float(text) if text else np.nan
    except ValueError:
        return np.nan
