"""Tables that analysts bring: CSV and Parquet files read as columns of numbers and codes."""

from __future__ import annotations

import codecs
import csv as text_csv
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv, dataset, parquet

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

NAMES_TOLD = 20
LINES_TOLD = 3
SAMPLE_BYTES = 1 << 20  # by which the delimiter and the encoding of a CSV are told
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_RAGGED = re.compile(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)")


class TableError(ValueError):
    """A file that cannot be read as a table; the message says why, in Russian."""


def read_table(path: Path, only: Sequence[str | None] = ()) -> pa.Table:
    """A table of numbers and codes: a CSV, a Parquet file, or a folder of Parquet files.

    A CSV may have commas, semicolons or tabs, UTF-8 (with or without its mark) or Windows-1251. The folder's
    parts `name=value` become columns of text.

    Args:
        only: columns that are needed; if they are all there, others of Parquet are not read.

    Raises:
        TableError: it cannot be read, has no rows, or a column stands twice.
    """
    try:
        table = _read_parquet(path, only) if is_parquet(path) else _read_csv(path)
    except OSError as error:
        raise TableError(f"«{path}» не открывается: {error.strerror or error}.") from error
    require_distinct(table.column_names, path.name)
    if not table.num_rows:
        raise TableError(f"«{path.name}»: под заголовком нет ни одной строки.")
    return table


def is_parquet(path: Path) -> bool:
    return path.suffix == ".parquet" or path.is_dir()


def _read_parquet(path: Path, only: Sequence[str | None]) -> pa.Table:
    try:
        found = parquet_dataset(path)
        wanted = list(dict.fromkeys(name for name in only if name is not None))
        there = bool(wanted) and set(wanted) <= set(found.schema.names)
        return found.to_table(columns=wanted if there else None)
    except pa.ArrowException as error:
        raise TableError(f"«{path}» — не таблица Parquet: {error}.") from error


def parquet_dataset(path: Path) -> dataset.Dataset:
    """A Parquet file or all those of a folder, to be read whole or piece by piece.

    Raises:
        TableError: there is none, or one of them is something else.
    """
    try:
        if path.is_file():
            return dataset.dataset(path, format="parquet")
        paths = sorted(one for one in path.rglob("*.parquet") if not _hidden(one.relative_to(path)))
        if not paths:
            raise TableError(f"В папке «{path}» нет ни одного файла .parquet.")
        keys = [part.split("=")[0] for part in paths[0].relative_to(path).parts[:-1] if "=" in part]
        schema = pa.schema([(key, pa.string()) for key in keys])  # region «01» is a code, not the number 1
        return dataset.dataset(
            [str(one) for one in paths],
            format="parquet",
            partitioning=dataset.partitioning(schema, flavor="hive"),
            partition_base_dir=str(path),
        )
    except pa.ArrowException as error:
        raise TableError(f"«{path}» — не таблица Parquet: {error}.") from error


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)


def require_distinct(names: Sequence[str], source: str) -> None:
    """Raises TableError when a column stands twice."""
    doubled = [name for number, name in enumerate(names) if name in names[:number]]
    if doubled:
        raise TableError(f"«{source}»: столбец «{doubled[0]}» стоит дважды.")


def _read_csv(path: Path) -> pa.Table:
    with path.open("rb") as file:
        beginning = file.read(SAMPLE_BYTES)
    if not beginning.strip():
        raise TableError(f"«{path.name}» — не CSV: файл пуст.")
    first = beginning.split(b"\n", 1)[0]
    delimiter = max(",;\t", key=lambda sign: first.count(sign.encode()))
    encoding = "utf8" if _is_utf8(beginning) else "cp1251"
    table = _parse_csv(path, delimiter, encoding)
    if encoding == "utf8" and any(pa.types.is_binary(field.type) for field in table.schema):
        table = _parse_csv(path, delimiter, "cp1251")  # the beginning was Latin only
    return table.rename_columns([name.strip() for name in table.column_names])


def _parse_csv(path: Path, delimiter: str, encoding: str, *, threads: bool = True) -> pa.Table:
    try:
        return csv.read_csv(
            path,
            read_options=csv.ReadOptions(encoding=encoding, use_threads=threads),
            parse_options=csv.ParseOptions(delimiter=delimiter),
            convert_options=csv.ConvertOptions(strings_can_be_null=True),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        ragged = _RAGGED.search(str(error))
        if ragged is None:
            raise TableError(f"«{path.name}» — не CSV: {error}.") from error
        if threads and not ragged[1]:
            return _parse_csv(path, delimiter, encoding, threads=False)  # only then is the row counted
        line = f", строка {ragged[1]}" if ragged[1] else ""
        raise TableError(
            f"«{path.name}»{line}: ячеек {ragged[3]}, а столбцов {ragged[2]}. "
            "Проверьте разделитель и кавычки в этой строке."
        ) from error


def _is_utf8(beginning: bytes) -> bool:
    """The last character may have been cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return False
    return True


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


def require_names(there: Sequence[str], source: str, *names: str | None) -> None:
    """The same of columns that are not read yet."""
    _require(source, there, names)


def _require(source: str, there: Sequence[str], names: Iterable[str | None]) -> None:
    for name in names:
        if name is not None and name not in there:
            near = difflib.get_close_matches(name, there, 1)
            meant = f" Может быть, «{near[0]}»?" if near else ""
            raise TableError(f"«{source}»: нет столбца «{name}».{meant} Есть: {told_names(there)}.")


def numbers(column: pa.ChunkedArray) -> Floats:
    """A column as numbers; nan where there is none. A comma may stand for the point."""
    if pa.types.is_string(column.type):
        texts = pc.replace_substring(pc.utf8_trim_whitespace(column), ",", ".")
        written = pc.fill_null(pc.match_substring_regex(texts, _NUMBER), False)
        column = pc.if_else(written, texts, pa.scalar(None, pa.string())).cast(pa.float64())
    if pa.types.is_boolean(column.type) or pa.types.is_null(column.type):
        column = column.cast(pa.int8())
    elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.full(len(column), np.nan)
    return np.asarray(column.cast(pa.float64()).fill_null(np.nan), dtype=np.float64)


def codes(column: pa.ChunkedArray) -> tuple[Whole, tuple[str, ...]]:
    """Numbers of the values in their sorted order, and the values as text; no value is «», the first."""
    values = column.combine_chunks()
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    there = values.dictionary.to_pylist()
    indices = np.asarray(values.indices.fill_null(len(there))).astype(np.int64)
    order = sorted(
        (place for place, value in enumerate(there) if value not in (None, "")), key=there.__getitem__
    )
    missing = bool(np.isin(indices, order, invert=True).any())
    rank = np.zeros(len(there) + 1, np.int64)
    rank[order] = np.arange(len(order)) + missing
    names = tuple(str(there[place]) for place in order)
    return rank[indices], ("", *names) if missing else names


def told_lines(lines: Whole) -> str:
    """«строки 3, 7, 9 и ещё 12»."""
    shown = ", ".join(str(line) for line in lines[:LINES_TOLD])
    more = f" и ещё {len(lines) - LINES_TOLD}" if len(lines) > LINES_TOLD else ""
    return f"строки {shown}{more}"


def told_names(names: Sequence[str]) -> str:
    """«q1», «q2», «q3» и ещё 12."""
    shown = ", ".join(f"«{name}»" for name in names[:NAMES_TOLD])
    return shown + (f" и ещё {len(names) - NAMES_TOLD}" if len(names) > NAMES_TOLD else "")


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as CSV, or as Parquet when the file is called so.

    Raises:
        TableError: it cannot be written, or is called something else.
    """
    table = pa.Table.from_pylist([dict(row) for row in rows])
    try:
        if path.suffix == ".parquet":
            parquet.write_table(table, path)
        elif path.suffix == ".csv":
            csv.write_csv(table, path, csv.WriteOptions(quoting_style="needed"))
        else:
            raise TableError(f"«{path.name}»: результаты пишутся в .csv или .parquet.")
    except OSError as error:
        raise TableError(f"Файл «{path}» не записывается: {error.strerror or error}.") from error
