"""Sufficient statistics of Rasch and PCM, counted piece by piece: the works of a country fit into megabytes.

With slopes of 1 the likelihood of a person depends only on the items presented and the raw score (Andersen,
E. B. (1977). Sufficient statistics and latent trait models. Psychometrika, 42(1), 69–81), so the persons are
counted by group × set of items × raw score, and the scores of each item by category.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from oko.engines.columns import is_parquet, numbers, parquet_dataset
from oko.engines.psychometrics.reading import (
    HIGHEST_SCORE,
    ResponsesError,
    Source,
    parquet_source,
    read_study,
)
from oko.engines.psychometrics.scaling.calibration import (
    NOTHING_LEFT,
    CalibrationError,
    Model,
    Scale,
    calibrate,
    note_on_nothing_told,
    notes_on_estimate,
    notes_on_links,
    notes_on_persons,
    require_scores_of,
)
from oko.engines.psychometrics.scaling.curves import Items
from oko.engines.psychometrics.scaling.data import Block, Floats, Responses, Whole
from oko.engines.psychometrics.scaling.expectation import Population
from oko.engines.psychometrics.scaling.fitting import Estimate, Free, estimate_blocks

BATCH = 1 << 18  # rows in memory at once
_UNWEIGHTED = "вес «{}» пуст, отрицателен или не число"
_UNGROUPED = "группа «{}» пуста"
BITS = 62  # items whose presence fits into one whole number

_Presented = tuple[int, ...]  # whole numbers of BITS items each


@dataclass(frozen=True)
class ScoreCounts:
    """What Rasch and PCM need of the persons.

    Attributes:
        items, groups: names, as in `Responses`.
        categories: of each item the weight of the persons with each score 0 … the highest that occurs.
        blocks: by group and set of items presented, the weight of the persons with each raw score.
        persons: rows with at least one answer; silent: rows without any.
    """

    items: tuple[str, ...]
    groups: tuple[str, ...]
    categories: tuple[Floats, ...]
    blocks: tuple[Block, ...]
    persons: int
    silent: int
    notes: tuple[str, ...] = ()

    @property
    def maximum(self) -> Whole:
        return np.array([len(counts) - 1 for counts in self.categories], dtype=np.int64)


def count_scores(
    path: Path, *, groups: str | None = None, weights: str | None = None, ignore: Sequence[str] = ()
) -> ScoreCounts:
    """Count responses; Parquet is read piece by piece, anything else at once.

    Args: as of `read_study`; columns of Parquet are whole numbers, else it is told and they are left out.

    Raises:
        TableError, ResponsesError: as `read_study`.
    """
    if not is_parquet(path):
        study = read_study(path, groups=groups, weights=weights, ignore=ignore)
        return count_responses(study.responses, study.notes)
    source = parquet_source(path, groups, weights, ignore)
    counter = _Counter(source.items)
    columns = [*source.items, *(name for name in (groups, weights) if name)]
    found = parquet_dataset(path)
    for fragment in found.get_fragments():  # file by file: all at once would be read ahead into memory
        for batch in fragment.to_batches(schema=found.schema, columns=columns, batch_size=BATCH):
            if batch.num_rows:
                counter.add(_piece(pa.Table.from_batches([batch]), source, groups, weights, counter))
    return counter.result(source.notes, path.name)


def count_responses(responses: Responses, notes: tuple[str, ...] = ()) -> ScoreCounts:
    """The same of responses in memory."""
    counter = _Counter(responses.items)
    for name in responses.groups:
        counter.group_number(name)
    for begin in range(0, len(responses.scores), BATCH):
        rows = slice(begin, begin + BATCH)
        counter.add(_Piece(responses.scores[rows].T, responses.group[rows], responses.weight[rows]))
    return counter.result(notes, "")


def calibrate_parquet(
    path: Path,
    model: Model,
    *,
    groups: str | None = None,
    weights: str | None = None,
    ignore: Sequence[str] = (),
) -> Scale:
    """Rasch or PCM of Parquet that need not fit into memory, as `calibrate` of the persons would.

    Raises:
        TableError, ResponsesError: as `read_study`. CalibrationError: as `calibrate`.
    """
    counts = count_scores(path, groups=groups, weights=weights, ignore=ignore)
    categories = dict(zip(counts.items, counts.categories, strict=True))
    same = [name for name, of in categories.items() if not of[:-1].any()]
    gaps = [name for name, of in categories.items() if name not in same and not of.all()]
    if gaps:  # only the persons' scores can be closed up
        study = read_study(path, groups=groups, weights=weights, ignore=ignore)
        scale = calibrate(study.responses, model)
        return replace(scale, notes=(*study.notes, *scale.notes))
    if len(same) == len(counts.items):
        raise CalibrationError(NOTHING_LEFT)
    if same:
        told = [note_on_nothing_told(name, shown=bool(len(categories[name]))) for name in same]
        without = count_scores(path, groups=groups, weights=weights, ignore=(*ignore, *same))
        counts = replace(without, notes=(*counts.notes, *told))
    return calibrate_counts(counts, model)


def calibrate_counts(counts: ScoreCounts, model: Model = Model.PCM) -> Scale:
    """Rasch or PCM from counts alone, as `calibrate` of the persons.

    Slopes are 1, the mean of the first group is 0, all spreads are free.

    Raises:
        CalibrationError: a score of an item, below its highest, that nobody has; the model has slopes, or is
            one of 0/1 items and these are not.
    """
    if model.has_slopes:
        raise CalibrationError(f"Модель {model} — с наклонами: одних сумм баллов для неё мало.")
    require_scores_of(model, counts.items, counts.maximum)
    for name, of_scores in zip(counts.items, counts.categories, strict=True):
        if len(of_scores) < 2 or (of_scores == 0).any():
            missing = np.flatnonzero(of_scores == 0)
            found = f"балла {missing[0]} нет ни у кого" if len(missing) else "у всех один и тот же балл"
            raise CalibrationError(f"«{name}»: {found}; исключите задание или объедините баллы.")
    linked = np.zeros((len(counts.items),) * 2, bool)
    for block in counts.blocks:
        linked[np.ix_(block.items, block.items)] = True
    estimate = _estimate(counts)
    notes = (
        *counts.notes,
        *notes_on_persons(counts.silent),
        *notes_on_links(counts.items, linked),
        *notes_on_estimate(estimate, counts.groups),
    )
    return Scale(model, counts.items, counts.groups, counts.persons + counts.silent, estimate, notes)


def _estimate(counts: ScoreCounts) -> Estimate:
    groups = len(counts.groups)
    intercepts = [np.log(of[1:] / of[0]) for of in counts.categories]
    start = Items(np.ones(len(counts.items)), np.concatenate(intercepts), counts.maximum)
    free = Free(False, frozenset(), (False, *(True,) * (groups - 1)), (True,) * groups)
    population = Population(np.zeros(groups), np.ones(groups))
    return estimate_blocks(counts.blocks, counts.categories, start, population, free)


@dataclass(frozen=True)
class _Piece:
    """`scores`: of each item, n; −1 where not presented. `nulls`: of each item, how many cells are empty."""

    scores: Iterable[NDArray[np.int8]]
    group: Whole
    weight: Floats
    nulls: Sequence[int] | None = None


def _piece(
    table: pa.Table, source: Source, groups: str | None, weights: str | None, counter: _Counter
) -> _Piece:
    if weights:
        weight = numbers(table.column(weights))
        table = counter.without(table, ~(np.isfinite(weight) & (weight >= 0)), _UNWEIGHTED.format(weights))
    if groups:
        table = counter.without(table, np.asarray(table.column(groups).is_null()), _UNGROUPED.format(groups))
    group = np.zeros(table.num_rows, np.int64)
    if groups:
        coded = table.column(groups).cast(pa.string()).combine_chunks().dictionary_encode()
        numbered = [counter.group_number(name) for name in coded.dictionary.to_pylist()]
        group = np.array(numbered, np.int64)[np.asarray(coded.indices)]
    else:
        counter.group_number("")
    weight = numbers(table.column(weights)) if weights else np.ones(table.num_rows)
    columns = [table.column(name) for name in source.items]
    return _Piece(
        (source.scores(column) for column in columns), group, weight, [c.null_count for c in columns]
    )


@dataclass
class _Counter:
    items: tuple[str, ...]
    groups: dict[str, int] = field(default_factory=dict)
    categories: list[Floats] = field(default_factory=list)
    sets: dict[tuple[int, _Presented], Floats] = field(default_factory=dict)
    persons: int = 0
    silent: int = 0
    left_out: Counter[str] = field(default_factory=Counter)  # rows, by why
    no_scores: Counter[str] = field(default_factory=Counter)  # values that are none, by item

    def __post_init__(self) -> None:
        self.categories = [np.zeros(HIGHEST_SCORE + 2) for _ in self.items]

    def group_number(self, name: str) -> int:
        return self.groups.setdefault(name, len(self.groups))

    def without(self, table: pa.Table, wrong: NDArray[np.bool_], why: str) -> pa.Table:
        """The rows that can be counted; how many cannot is told in the end."""
        if not wrong.any():
            return table
        self.left_out[why] += int(wrong.sum())
        return table.filter(pa.array(~wrong))

    def add(self, piece: _Piece) -> None:
        """Add persons: item by item, so that no table of persons × items is needed."""
        rows = len(piece.weight)
        weight = None if (piece.weight == 1).all() else piece.weight  # whole numbers are counted faster
        raw = np.zeros(rows, np.int64)
        words = np.zeros((-(-len(self.items) // BITS), rows), np.int64)
        for place, scores in enumerate(piece.scores):
            self.categories[place] += np.bincount(
                scores.astype(np.int64) + 1, weights=weight, minlength=HIGHEST_SCORE + 2
            )
            presented = scores >= 0
            if piece.nulls is not None and (wrong := rows - int(presented.sum()) - piece.nulls[place]):
                self.no_scores[self.items[place]] += wrong
            raw += np.maximum(scores, 0)
            words[place // BITS] |= presented.astype(np.int64) << (place % BITS)
        answered = words.any(axis=0)
        self.persons += int(answered.sum())
        self.silent += int(rows - answered.sum())
        which, patterns = _distinct(np.vstack([piece.group, words]))
        width = int(raw.max(initial=0)) + 1
        sums = np.bincount(which * width + raw, weights=weight, minlength=len(patterns) * width)
        for pattern, of_raw in zip(patterns, sums.reshape(-1, width), strict=True):
            group, presented_items = pattern[0], pattern[1:]
            if any(presented_items) and of_raw.any():
                before = self.sets.get((group, presented_items), np.zeros(0))
                longer = np.zeros(max(len(before), width))
                longer[: len(before)] += before
                longer[:width] += of_raw
                self.sets[group, presented_items] = longer

    def result(self, notes: tuple[str, ...], source: str) -> ScoreCounts:
        if not self.sets:
            raise ResponsesError(f"«{source}»: ни одной строки с баллами и положительным весом.")
        blocks = []
        for (group, presented), weights in sorted(self.sets.items()):
            there = np.flatnonzero(weights)
            items = [
                place for place in range(len(self.items)) if presented[place // BITS] >> (place % BITS) & 1
            ]
            blocks.append(Block(group, np.array(items), None, None, there, weights[there]))
        categories = tuple(np.trim_zeros(counts[1:], "b") for counts in self.categories)
        told = [f"Строк: {rows}, {why}; они не учтены." for why, rows in self.left_out.items()]
        told += [
            f"Столбец «{name}»: не баллы от 0 до {HIGHEST_SCORE} — {count} раз; "
            "они считаются непредъявленными."
            for name, count in self.no_scores.items()
        ]
        return ScoreCounts(
            self.items,
            tuple(self.groups),
            categories,
            tuple(blocks),
            self.persons,
            self.silent,
            (*notes, *told),
        )


def _distinct(columns: Whole) -> tuple[Whole, list[tuple[int, ...]]]:
    """Which of the distinct columns each column (of K × n) is, and these."""
    which = np.zeros(columns.shape[1], np.int64)
    for row in columns:
        coded = pa.array(row).dictionary_encode()  # by hashing: no sorting of millions
        combined = which * len(coded.dictionary) + np.asarray(coded.indices)
        coded = pa.array(combined).dictionary_encode()
        which = np.asarray(coded.indices).astype(np.int64)
    _, first = np.unique(which, return_index=True)
    return which, [tuple(column) for column in columns[:, first].T.tolist()]
