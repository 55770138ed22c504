"""Responses from a table: a row a person, a column an item, whole numbers, empty where not presented.

A folder of works (`oko.paper` in the metadata of its Parquet files) says itself which columns are items; its
−1 (not attempted) is no point.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from oko.engines.columns import (
    TableError,
    is_parquet,
    numbers,
    parquet_dataset,
    read_table,
    require_columns,
    require_names,
    told_lines,
    told_names,
)
from oko.engines.psychometrics.scaling.data import NOT_PRESENTED, Floats, Responses, Scores, Whole

Mask = NDArray[np.bool_]

HIGHEST_SCORE = 100
SHOWN = 3  # examples of what was found
NOT_ATTEMPTED = -1  # in works
UNKNOWN = -2
NO_ITEM = 0.5  # a column of which so much is no whole number is no item


class ResponsesError(TableError):
    """A file from which nothing can be computed; the message says why, in Russian."""


@dataclass(frozen=True)
class Study:
    """What was read.

    Attributes:
        rows: N, the numbers of the rows of the file (from 1, below the header) that were taken.
        notes: what was left out or mended, in Russian.
    """

    responses: Responses
    rows: Whole
    notes: tuple[str, ...]


def read_study(
    path: Path, *, groups: str | None = None, weights: str | None = None, ignore: Sequence[str] = ()
) -> Study:
    """Read responses.

    Args:
        groups: the column of groups; the first one that stands in the file is the reference group.
        weights: the column of weights.
        ignore: columns that are no items.

    Raises:
        TableError: the file cannot be read or a named column is missing.
        ResponsesError: no person or no item is left.
    """
    notes: list[str] = []
    if is_parquet(path):
        source = parquet_source(path, groups, weights, ignore)
        table, notes = source.table(path, groups, weights), list(source.notes)
    else:
        table = read_table(path)
        require_columns(table, path.name, groups, weights, *ignore)
    taken = np.ones(table.num_rows, dtype=bool)
    weight = _weights(table, weights, taken, notes)
    group, names = _groups(table, groups, taken, notes)
    special = {groups, weights, *ignore}
    items = [name for name in table.column_names if name not in special]
    scores, items = _scores(table, items, notes)
    rows = np.flatnonzero(taken)
    if not len(rows) or not items:
        what = "ни одного столбца с баллами" if len(rows) else "ни одной строки"
        raise ResponsesError(f"«{path.name}»: не осталось {what}. " + " ".join(notes))
    if len(rows) < len(taken):
        scores, group, weight = scores[rows], group[rows], weight[rows]
    responses = Responses(scores, tuple(items), group, names, weight)
    return Study(responses, rows + 1, tuple(notes))


@dataclass(frozen=True)
class Source:
    """Parquet with responses.

    Attributes:
        items: the columns that are items.
        attempted_or_not: −1 stands for an item that was not attempted, no point.
    """

    items: tuple[str, ...]
    attempted_or_not: bool
    notes: tuple[str, ...]

    def scores(self, column: pa.ChunkedArray) -> Scores:
        """n: the scores of an item; −1 where it was not presented or the score is none."""
        whole = np.asarray(column.fill_null(UNKNOWN).cast(pa.int16()))
        if self.attempted_or_not:
            whole = np.where(whole == NOT_ATTEMPTED, 0, whole)
        return np.where((whole < 0) | (whole > HIGHEST_SCORE), NOT_PRESENTED, whole).astype(np.int8)

    def table(self, path: Path, groups: str | None, weights: str | None) -> pa.Table:
        """Only the columns that are needed, with no other than real scores."""
        special = [name for name in (groups, weights) if name]
        table = parquet_dataset(path).to_table(columns=[*special, *self.items])
        if not self.attempted_or_not:
            return table
        for name in self.items:
            column = table.column(name)
            zero = pa.scalar(0, column.type)
            attempted = pc.if_else(pc.equal(column, NOT_ATTEMPTED), zero, column)
            table = table.set_column(table.column_names.index(name), name, attempted)
        return table


def parquet_source(path: Path, groups: str | None, weights: str | None, ignore: Sequence[str]) -> Source:
    """Which columns of Parquet are items.

    Raises:
        TableError: it cannot be read or a named column is missing.
        ResponsesError: no column is one of whole numbers.
    """
    found = parquet_dataset(path)
    names = found.schema.names
    require_names(names, path.name, groups, weights, *ignore)
    special = {groups, weights, *ignore}
    paper = (next(found.get_fragments()).physical_schema.metadata or {}).get(b"oko.paper")
    if paper is not None:
        codes = [item["code"] for item in json.loads(paper)["items"]]
        return Source(tuple(code for code in codes if code in names and code not in special), True, ())
    whole = [field.name for field in found.schema if pa.types.is_integer(field.type)]
    items = tuple(name for name in whole if name not in special)
    if not items:
        raise ResponsesError(f"«{path.name}»: нет ни одного столбца целых чисел.")
    other = [name for name in names if name not in special and name not in whole]
    notes = (f"Столбцы не из целых чисел, не учтены: {told_names(other)}.",) if other else ()
    return Source(items, False, notes)


def _weights(table: pa.Table, column: str | None, taken: Mask, notes: list[str]) -> Floats:
    if column is None:
        return np.ones(table.num_rows)
    weight = numbers(table.column(column))
    wrong = ~(np.isfinite(weight) & (weight >= 0))
    if wrong.any():
        notes.append(f"{_rows(wrong)}: вес «{column}» пуст, отрицателен или не число; они не учтены.")
    taken &= ~wrong
    return np.where(wrong, 0.0, weight)


def _groups(
    table: pa.Table, column: str | None, taken: Mask, notes: list[str]
) -> tuple[Whole, tuple[str, ...]]:
    if column is None:
        return np.zeros(table.num_rows, dtype=np.int64), ("",)
    coded = table.column(column).cast(pa.string()).combine_chunks().dictionary_encode()
    missing = np.asarray(coded.indices.is_null())
    if missing.any():
        notes.append(f"{_rows(missing)}: группа «{column}» пуста; они не учтены.")
    taken &= ~missing
    return np.asarray(coded.indices.fill_null(0)).astype(np.int64), tuple(coded.dictionary.to_pylist())


def _scores(table: pa.Table, items: list[str], notes: list[str]) -> tuple[Scores, list[str]]:
    columns, kept = [], []
    for name in items:
        column = table.column(name)
        if pa.types.is_integer(column.type):
            whole = np.asarray(column.fill_null(NOT_PRESENTED))
            wrong = (whole < 0) & np.asarray(column.is_valid()) | (whole > HIGHEST_SCORE)
        else:
            values = numbers(column)
            with np.errstate(invalid="ignore"):
                right = (values >= 0) & (values <= HIGHEST_SCORE) & (values == np.floor(values))
            wrong = np.asarray(column.is_valid()) & ~right
            whole = np.where(right, values, NOT_PRESENTED)
        there = int(np.count_nonzero(np.asarray(column.is_valid())))
        if wrong.any():
            found = ", ".join(f"«{value}»" for value in _examples(column, wrong))
            if wrong.sum() > NO_ITEM * there:
                notes.append(f"Столбец «{name}» — не баллы ({found}); он не учтён.")
                continue
            notes.append(
                f"Столбец «{name}»: {wrong.sum()} значений — не целые баллы "
                f"от 0 до {HIGHEST_SCORE} ({found}; {told_lines(np.flatnonzero(wrong) + 1)}); "
                "они считаются непредъявленными."
            )
            whole = np.where(wrong, NOT_PRESENTED, whole)
        columns.append(whole.astype(np.int8))
        kept.append(name)
    if not columns:
        return np.zeros((table.num_rows, 0), dtype=np.int8), []
    return np.ascontiguousarray(np.stack(columns, axis=1)), kept


def _examples(column: pa.ChunkedArray, wrong: Mask) -> list[str]:
    values = column.take(pa.array(np.flatnonzero(wrong)[:200])).to_pylist()
    return list(dict.fromkeys(str(value) for value in values))[:SHOWN]


def _rows(wrong: Mask) -> str:
    return told_lines(np.flatnonzero(wrong) + 1).capitalize()
