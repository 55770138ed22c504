"""Scores of schools from a CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from oko.engines.columns import TableError, numbers, read_table, require_columns

HIGHEST = 200


class ScoresError(TableError):
    """A file from which nothing can be reckoned; the message says why, in Russian."""


def read_scores(path: Path) -> tuple[NDArray[np.int64], NDArray[np.object_], list[str]]:
    """Schools × (highest score + 1) numbers of pupils, the schools, and what was left out.

    Raises:
        TableError: the file cannot be read or lacks `school` or `score`.
        ScoresError: no row has both.
    """
    table = read_table(path)
    require_columns(table, path.name, "school", "score")
    score = numbers(table.column("score"))
    school = table.column("school").combine_chunks().dictionary_encode()
    with np.errstate(invalid="ignore"):
        right = (score >= 0) & (score <= HIGHEST) & (score == np.floor(score))
    right &= np.asarray(school.indices.is_valid())
    notes = []
    if not right.all():
        notes.append(
            f"{int((~right).sum())} строк без школы или без целого балла от 0 до {HIGHEST} не учтены; "
            f"первая — {int((~right).argmax()) + 2}."
        )
    if not right.any():
        raise ScoresError(f"«{path.name}»: нет ни одной строки со школой и целым баллом.")
    names = np.array([str(name) for name in school.dictionary.to_pylist()], dtype=object)
    of = np.asarray(school.indices.filter(pa.array(right)))
    whole = score[right].astype(np.int64)
    width = int(whole.max()) + 1
    counts = np.bincount(of * width + whole, minlength=len(names) * width).reshape(-1, width)
    there = counts.sum(axis=1) > 0
    return counts[there], names[there], notes
