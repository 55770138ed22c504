"""Which schools were observed from outside: a column of the table, or a list of schools in its own file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from oko.engines.columns import TableError, codes, read_table, require_columns

Whole = NDArray[np.int64]
Truths = NDArray[np.bool_]

NAMED = 5
_YES = frozenset({"1", "true", "да", "yes"})
_NO = frozenset({"0", "false", "нет", "no", ""})


def from_column(
    column: pa.ChunkedArray,
    name: str,
    rows: Truths,
    school_of: Whole,
    schools: tuple[str, ...],
    notes: list[str],
) -> Truths:
    """S: schools of which every row is marked.

    Args:
        rows: the rows of the column that were taken; `school_of` and `schools` tell their schools.
        notes: gets what was doubtful.

    Raises:
        TableError: a value that is neither yes nor no.
    """
    of, values = codes(column)
    told = [value.strip().lower().removesuffix(".0") for value in values]
    for value in told:
        if value not in _YES | _NO:
            raise TableError(
                f"Столбец «{name}»: значение «{value}». "
                "Нужно 1 (школу наблюдали извне) или 0; годятся и «да», «нет»."
            )
    yes = np.array([value in _YES for value in told])[of][rows]
    count = np.bincount(school_of, minlength=len(schools))
    marked = np.bincount(school_of[yes], minlength=len(schools))
    mixed = (marked > 0) & (marked < count)
    if mixed.any():
        named = ", ".join(f"«{schools[index]}»" for index in np.flatnonzero(mixed)[:NAMED])
        notes.append(
            f"Столбец «{name}»: в {int(mixed.sum())} школах часть строк отмечена, часть нет ({named}); "
            "эти школы не считаются наблюдавшимися."
        )
    return np.asarray(marked == count)


def from_list(path: Path, schools: tuple[str, ...], notes: list[str]) -> Truths:
    """S: schools that stand in the column `school` of a CSV.

    Raises:
        TableError: the file cannot be read or has no such column.
    """
    table = read_table(path)
    require_columns(table, path.name, "school")
    listed = set(codes(table.column("school"))[1]) - {""}
    strange = sorted(listed - set(schools))
    if strange:
        named = ", ".join(f"«{name}»" for name in strange[:NAMED])
        notes.append(f"«{path.name}»: школ, которых нет среди ответов: {len(strange)} ({named}).")
    return np.array([name in listed for name in schools])
