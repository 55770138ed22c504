"""Works in Parquet: totals counted row group by row group, never held together; or answers of one paper.

The layout is that of `statistics.works`: `…/assessment=A/paper=P/region=R/works.parquet` with the columns
`school` and `total` (null where the work is not whole).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from oko.engines.columns import TableError
from oko.engines.integrity.reading import HIGHEST

Whole = NDArray[np.int64]
COLUMNS = ("school", "total")
NAMED = 10


@dataclass(frozen=True)
class CountedWorks:
    """Schools × (highest total + 1) numbers of works, the schools, and what was left out."""

    counts: Whole
    names: NDArray[np.object_]
    cuts: tuple[int, ...]  # the paper's own scale of marks; empty where the files do not tell
    notes: list[str]


def count_works(folder: Path, assessment: str | None = None, paper: str | None = None) -> CountedWorks:
    """Count the totals of one paper of one assessment under a folder.

    Args:
        folder: anywhere above the files: the root of works, or the folder of an assessment or a paper.
        assessment, paper: needed where there are works of several.

    Raises:
        TableError: no works, works of several papers, or a file that is not one of works.
    """
    files = _files(folder, assessment, paper)
    rows: dict[str, int] = {}
    parts: list[tuple[Whole, NDArray[np.int32]]] = []
    unfinished = wrong = 0
    for path in files:
        for names, school, total in _row_groups(path):
            there = np.asarray(total.is_valid()) & np.asarray(school.is_valid())
            unfinished += int((~there).sum())
            value = np.asarray(total.fill_null(0)).astype(np.int64)
            of = np.asarray(school.fill_null(0)).astype(np.int64)
            right = there & (value >= 0) & (value <= HIGHEST)
            wrong += int((there & ~right).sum())
            if right.any():
                width = int(value[right].max()) + 1
                counted = np.bincount(of[right] * width + value[right], minlength=len(names) * width)
                place = np.array([rows.setdefault(name, len(rows)) for name in names], dtype=np.int64)
                parts.append((place, counted.reshape(-1, width).astype(np.int32)))
    if not parts:
        raise TableError(f"«{folder}»: ни в одной работе нет суммы баллов.")
    counts = np.zeros((len(rows), max(part.shape[1] for _, part in parts)), dtype=np.int64)
    while parts:  # the parts go as they are added
        place, counted_part = parts.pop()
        counts[place, : counted_part.shape[1]] += counted_part
    there = counts.any(axis=1)
    notes = [f"Работ без школы или без суммы баллов: {unfinished}; не учтены."] if unfinished else []
    notes += [f"Работ с суммой баллов не от 0 до {HIGHEST}: {wrong}; не учтены."] if wrong else []
    return CountedWorks(counts[there], np.array(list(rows), dtype=object)[there], _scale(files[0]), notes)


def scale_of_works(folder: Path, assessment: str | None = None, paper: str | None = None) -> tuple[int, ...]:
    """The lowest totals of marks 3, 4, 5 in the paper's own scale; empty where the files do not tell.

    Raises:
        TableError: no works, or works of several papers.
    """
    return _scale(_files(folder, assessment, paper)[0])


def answers_of_works(folder: Path, assessment: str | None = None, paper: str | None = None) -> pa.Table:
    """School, class, class mark and items of all works of one paper that are under a folder.

    Raises:
        TableError: no works, works of several papers, or a file that is not one of works.
    """
    files = _files(folder, assessment, paper)
    try:
        items = [str(item["code"]) for item in _paper(files[0]).get("items", [])]
        tables = []
        for path in files:
            with pq.ParquetFile(path) as file:
                names = set(file.schema_arrow.names)
                missing = [name for name in ("school", *items) if name not in names]
                if missing or not items:
                    what = f"нет столбца «{missing[0]}»" if missing else "не сказано, какие столбцы — задания"
                    raise TableError(f"«{path}»: {what}. Запишите работы заново.")
                wanted = [name for name in ("school", "class", "prior_mark", *items) if name in names]
                tables.append(file.read(columns=wanted))
        return pa.concat_tables(tables, promote_options="permissive")
    except (OSError, ValueError, KeyError, TypeError) as error:  # an ArrowInvalid is a ValueError
        if isinstance(error, TableError):
            raise
        raise TableError(f"«{folder}»: работы не читаются: {error}.") from error


def _files(folder: Path, assessment: str | None, paper: str | None) -> list[Path]:
    found: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(folder.rglob("works.parquet")):
        if ".snapshots" in path.parts:  # private copies of readers
            continue
        parts = dict(part.split("=", 1) for part in path.absolute().parts if "=" in part)
        found.setdefault((parts.get("assessment", ""), parts.get("paper", "")), []).append(path)
    if not found:
        raise TableError(
            f"«{folder}»: нет файлов works.parquet. Ожидаются assessment=…/paper=…/region=…/works.parquet."
        )
    chosen = {
        key: paths for key, paths in found.items() if assessment in (None, key[0]) and paper in (None, key[1])
    }
    if len(chosen) != 1:
        there = ", ".join(f"{one} / {other}" for one, other in list(chosen or found)[:NAMED])
        what = "работы по нескольким предметам" if chosen else "таких работ нет"
        raise TableError(f"«{folder}»: {what}. Назовите --assessment и --paper; есть: {there}.")
    return next(iter(chosen.values()))


def _row_groups(path: Path) -> Iterator[tuple[list[str], pa.Array, pa.Array]]:
    """For each row group of a file: the names of schools, which of them each work is of, and its total."""
    try:
        with pq.ParquetFile(path, read_dictionary=["school"]) as file:
            missing = [name for name in COLUMNS if name not in file.schema_arrow.names]
            if missing:
                raise TableError(f"«{path}»: нет столбца «{missing[0]}». Нужны «school» и «total».")
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=list(COLUMNS), use_threads=False)
                school = table.column("school").unify_dictionaries().combine_chunks()
                total = table.column("total").combine_chunks()
                if not pa.types.is_integer(total.type):
                    raise TableError(f"«{path}»: в столбце «total» не целые числа ({total.type}).")
                yield [str(name) for name in school.dictionary.to_pylist()], school.indices, total
    except (OSError, pa.ArrowException) as error:
        raise TableError(f"«{path}» не читается как Parquet: {error}.") from error


def _scale(path: Path) -> tuple[int, ...]:
    """The lowest totals of marks 3, 4, 5 that the paper in the file's metadata tells."""
    try:
        return tuple(int(lowest) for lowest in _paper(path)["scale"])
    except (ValueError, TypeError, KeyError):  # written by another program
        return ()


def _paper(path: Path) -> dict[str, Any]:
    """The paper as the file's metadata have it; empty where they do not."""
    told = (pq.read_schema(path).metadata or {}).get(b"oko.paper")
    return dict(json.loads(told)) if told else {}
