"""Total scores of a form from a CSV: a column of scores, or items to be summed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from oko.engines.columns import TableError, numbers, read_table, require_columns
from oko.engines.psychometrics.linking.equating import Whole
from oko.engines.psychometrics.reading import read_study


def read_scores(
    path: Path, score: str | None, anchor: Sequence[str], ignore: Sequence[str]
) -> tuple[Whole, Whole]:
    """Scores of persons, and of the same persons on the anchor: zeros without one.

    Persons without a score are left out; items not presented count 0.

    Args:
        score: the column of scores; None: the sum of all items.
        anchor: names of the items (or of the one column) that both forms have.

    Raises:
        TableError: the file cannot be read, a column is not there, a score is no whole number.
    """
    table = read_table(path)
    require_columns(table, path.name, score, *anchor)
    if score is None:
        responses = read_study(path, ignore=list(ignore)).responses
        total = np.where(responses.scores < 0, 0, responses.scores).sum(axis=1, dtype=np.int64)
        rows = responses.scores.shape[0]
    else:
        total = _whole(path, score, numbers(table.column(score)))
        rows = len(total)
    if rows != table.num_rows and anchor:
        raise TableError(f"«{path.name}»: у части строк нет ответов, якорь не сопоставить.")
    of_anchor = np.zeros(rows, np.int64)
    for name in anchor:
        of_anchor += np.maximum(_whole(path, name, numbers(table.column(name))), 0)
    kept = total >= 0
    return total[kept], of_anchor[kept]


def _whole(path: Path, name: str, values: np.ndarray) -> Whole:
    """−1 where nothing stands."""
    there = np.isfinite(values)
    wrong = np.flatnonzero(there & ((values != np.round(values)) | (values < 0)))
    if len(wrong):
        row = int(wrong[0])
        raise TableError(
            f"«{path.name}», строка {row + 2}, столбец «{name}»: найдено «{values[row]:g}», "
            "ожидается целый балл не меньше 0."
        )
    return np.where(there, values, -1).astype(np.int64)
