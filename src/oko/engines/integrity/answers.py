"""Answers of pupils with their school and class, from a CSV (a row a pupil, a column an item) or works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from oko.engines.columns import TableError, codes, numbers, read_table, require_columns
from oko.engines.integrity.observed import from_column, from_list
from oko.engines.integrity.works import answers_of_works

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Scores = NDArray[np.int8]

NOT_ATTEMPTED, NOT_PRESENTED = -1, -2
HIGHEST = 100
NAMED = 5

#: Columns of works and of protocols that are no items.
_OTHER = frozenset({"participant", "municipality", "supervisor", "region", "assessment", "paper", "variant"})
_OTHER |= {"variant_1", "variant_2", "sex", "status", "prior_mark", "total", "score", "mark"}
_OTHER |= {"row", "id", "weight"}
_NOT_ATTEMPTED_CODES = frozenset({"X", "x", "Х", "х", "-1"})
_NOT_PRESENTED_CODES = frozenset({"", "N", "n"})


@dataclass(frozen=True)
class Answers:
    """N pupils, S schools, C classes, I items; what was left out of the file is told in `notes`."""

    schools: tuple[str, ...]
    school_of: Whole  # N
    classes: tuple[str, ...]  # C, the label within the school
    school_of_class: Whole  # C
    class_of: Whole  # N
    has_classes: bool  # false: no column, each school is taken as one class
    items: tuple[str, ...]
    scores: Scores  # N × I: ≥ 0 a score, NOT_ATTEMPTED counts 0, NOT_PRESENTED does not count
    maxima: Whole  # I, the highest score that was met
    observed: NDArray[np.bool_] | None  # S
    covariates: dict[str, Floats]  # S each: the school's mean, nan where unknown
    notes: tuple[str, ...]

    @property
    def size(self) -> Whole:
        """S: pupils of each school."""
        return np.bincount(self.school_of, minlength=len(self.schools))

    @property
    def totals(self) -> Whole:
        """N: sums of scores."""
        return np.asarray(np.maximum(self.scores, 0).sum(axis=1, dtype=np.int64))

    @property
    def possible(self) -> Whole:
        """N: the highest total that a pupil could have with the items presented."""
        return np.asarray((self.scores != NOT_PRESENTED) @ self.maxima)

    @property
    def shares(self) -> Floats:
        """N: totals as shares of what was possible."""
        return np.asarray(self.totals / np.maximum(self.possible, 1))


def read_answers(
    path: Path,
    *,
    school: str = "school",
    class_column: str | None = None,
    observed: str | None = None,
    ignore: Sequence[str] = (),
    covariates: Sequence[str] = (),
    assessment: str | None = None,
    paper: str | None = None,
) -> Answers:
    """Read the answers; `class` and `observed` are taken by themselves where they stand in the file.

    Args:
        path: a CSV, or a folder of works in Parquet, of which `assessment` and `paper` choose.
        observed: the column that marks schools observed from outside, or a CSV whose `school` lists them.
        covariates: columns from which the mean of a school may be predicted.

    Raises:
        TableError: the file cannot be read, a named column is missing, or nothing can be reckoned from it.
    """
    table = answers_of_works(path, assessment, paper) if path.is_dir() else read_table(path)
    listing = Path(observed) if observed and observed.lower().endswith(".csv") else None
    observed = None if listing else observed
    require_columns(table, path.name, school, class_column, observed, *ignore, *covariates)
    class_column = class_column or ("class" if "class" in table.column_names else None)
    observed = observed or ("observed" if not listing and "observed" in table.column_names else None)
    notes: list[str] = []
    taken = {school, class_column, observed, *ignore, *covariates}
    items, scores = _items(table, [name for name in table.column_names if name not in taken], notes)
    if not items:
        raise TableError(
            f"«{path.name}»: нет ни одного столбца с целыми баллами за задания. "
            "Нужен столбец на каждое задание, в нём — целые баллы."
        )
    of, names = codes(table.column(school))
    wrote = (scores != NOT_PRESENTED).any(axis=1)
    known = np.array([bool(name) for name in names])[of]
    _tell_rows(~known, "без кода школы", notes)
    _tell_rows(known & ~wrote, "без единого ответа", notes)
    rows = known & wrote
    if not rows.any():
        raise TableError(f"«{path.name}»: нет ни одной строки со школой и хотя бы одним баллом.")
    there, school_of = np.unique(of[rows], return_inverse=True)
    schools = tuple(names[index] for index in there)
    scores = scores[rows]
    class_of, classes, school_of_class = _classes(table, class_column, rows, school_of)
    if class_column is None:
        notes.append("Столбца класса (class) нет: каждая школа взята как один класс.")
    seen = None
    if listing:
        seen = from_list(listing, schools, notes)
    elif observed:
        seen = from_column(table.column(observed), observed, rows, school_of, schools, notes)
    return Answers(
        schools=schools,
        school_of=school_of,
        classes=classes,
        school_of_class=school_of_class,
        class_of=class_of,
        has_classes=class_column is not None,
        items=items,
        scores=scores,
        maxima=np.maximum(scores.max(axis=0), 0).astype(np.int64),
        observed=seen,
        covariates={
            name: school_means(numbers(table.column(name))[rows], school_of, len(schools))
            for name in covariates
        },
        notes=tuple(notes),
    )


def school_means(values: Floats, school_of: Whole, schools: int) -> Floats:
    """S: the mean of the values that are known, nan where none is."""
    known = np.isfinite(values)
    count = np.bincount(school_of[known], minlength=schools)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.bincount(school_of[known], weights=values[known], minlength=schools) / count)


def _items(table: pa.Table, names: Sequence[str], notes: list[str]) -> tuple[tuple[str, ...], Scores]:
    kept, columns, unlike = [], [], []
    unknowns: list[tuple[str, int, int]] = []  # column, how many, the first row of the file
    for name in names:
        if name in _OTHER:
            continue
        score, unknown = _scores(table.column(name))
        if unknown.all() or 2 * unknown.sum() > table.num_rows or (score < 0).all():
            unlike.append(name)
            continue
        if unknown.any():
            unknowns.append((name, int(unknown.sum()), int(unknown.argmax()) + 2))
        kept.append(name)
        columns.append(score)
    if unknowns:
        count = sum(many for _, many, _ in unknowns)
        share = 100 * count / (table.num_rows * len(kept))
        told = ", ".join(f"«{name}» — {many} (строка {row})" for name, many, row in unknowns[:NAMED])
        notes.append(
            f"Значений, которые не целый балл от 0 до {HIGHEST}, не X и не N: {count} ({share:.1f} %); "
            f"они взяты как отсутствующие. Столбцы: {told}{' …' if len(unknowns) > NAMED else ''}."
        )
    if unlike:
        told = ", ".join(f"«{name}»" for name in unlike[:NAMED]) + (" …" if len(unlike) > NAMED else "")
        notes.append(f"Не задания (нет целых баллов), не учтены: {told}.")
    scores = np.stack(columns, axis=1) if columns else np.zeros((table.num_rows, 0), np.int8)
    return tuple(kept), scores


def _scores(column: pa.ChunkedArray) -> tuple[Scores, NDArray[np.bool_]]:
    """Scores of one item, and where stands something else than a score, X or N."""
    if pa.types.is_string(column.type):
        coded = column.combine_chunks().dictionary_encode()
        value = np.array(
            [_code(str(text).strip()) for text in coded.dictionary.to_pylist()] + [NOT_PRESENTED]
        )
        found = value[np.asarray(coded.indices.fill_null(len(value) - 1))]
        unknown = np.isnan(found)
    else:
        value = numbers(column)
        there = np.asarray(column.is_valid())
        with np.errstate(invalid="ignore"):
            right = (value >= NOT_ATTEMPTED) & (value <= HIGHEST) & (value == np.floor(value))
        found, unknown = np.where(right, value, NOT_PRESENTED), there & ~right
    return np.where(unknown, NOT_PRESENTED, found).astype(np.int8), unknown


def _code(text: str) -> float:
    """The score that a text stands for; nan where it stands for none."""
    if text in _NOT_ATTEMPTED_CODES:
        return NOT_ATTEMPTED
    if text in _NOT_PRESENTED_CODES:
        return NOT_PRESENTED
    score = float(text) if text.isdecimal() else np.nan
    return score if score <= HIGHEST else np.nan


def _classes(
    table: pa.Table, column: str | None, rows: NDArray[np.bool_], school_of: Whole
) -> tuple[Whole, tuple[str, ...], Whole]:
    label, names = (
        codes(table.column(column)) if column else (np.zeros(table.num_rows, dtype=np.int64), ("",))
    )
    pair, class_of = np.unique(school_of * len(names) + label[rows], return_inverse=True)
    return class_of, tuple(names[one] for one in pair % len(names)), pair // len(names)


def _tell_rows(which: NDArray[np.bool_], what: str, notes: list[str]) -> None:
    if which.any():
        notes.append(f"Строк {what}: {int(which.sum())}, первая — {int(which.argmax()) + 2}; не учтены.")
