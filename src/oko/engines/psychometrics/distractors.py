"""Which options of multiple-choice items are chosen, by whom, and whether wrong ones work as they should.

Haladyna, T. M., & Rodriguez, M. C. (2013). Developing and validating test items, ch. 18: a distractor works
when some choose it and the more so, the weaker they are. Thirds are cut at the quantiles of the score, those
at a cut belonging below (R `ShinyItemAnalysis`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from oko.engines.columns import TableError, codes, read_table, require_columns, told_names
from oko.engines.psychometrics.classical import correlation

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]

SEVERAL = "|"  # between right options of one item in a key
MOST_OPTIONS = 60  # a column with more is no item
THIRDS = (1 / 3, 2 / 3)


@dataclass(frozen=True)
class Choices:
    """What persons chose.

    Attributes:
        chosen: by item, N numbers of options; −1 where the item was not presented.
        options: by item, their names in order.
        right: by item, the names of the right ones.
    """

    chosen: dict[str, Whole]
    options: dict[str, tuple[str, ...]]
    right: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes:
        percent: of those who were presented the item.
        r_total: correlation of choosing it with the score; r_rest: with the score without this item.
        mean_rest: mean score without this item of those who chose it.
        lower, middle, upper: percent of each third of the persons who chose it.
        discrimination: (upper − lower) / 100.
    """

    option: str
    correct: bool
    n: int
    percent: float
    r_total: float
    r_rest: float
    mean_rest: float
    lower: float
    middle: float
    upper: float
    discrimination: float


@dataclass(frozen=True, slots=True)
class ChosenItem:
    item: str
    n: int
    p: float
    options: tuple[Option, ...]


def read_choices(path: Path, key: Path, ignore: Sequence[str] = ()) -> tuple[Choices, tuple[str, ...]]:
    """Choices (a row a person, a column an item, the option chosen, empty = not presented) and their key.

    Args:
        key: a CSV with columns `item,key`; several right options through «|».

    Returns:
        The choices, and what was left out, in Russian.

    Raises:
        TableError: a file cannot be read, or not one item has a key.
    """
    table = read_table(path)
    require_columns(table, path.name, *ignore)
    keys = read_key(key)
    names = [name for name in table.column_names if name not in ignore]
    notes = []
    without = [name for name in names if name not in keys]
    unknown = [name for name in keys if name not in names]
    if without:
        notes.append(f"Без ключа, не учтены: {told_names(without)}.")
    if unknown:
        notes.append(f"В ключе есть, а в ответах нет: {told_names(unknown)}.")
    made = Choices({}, {}, {})
    for name in names:
        if name not in keys:
            continue
        of, options = codes(table.column(name))
        empty = bool(options) and options[0] == ""
        if len(options) - empty > MOST_OPTIONS:
            notes.append(
                f"«{name}»: {len(options) - empty} разных ответов, это не задание с выбором; не учтён."
            )
            continue
        made.chosen[name] = of - empty
        made.options[name] = options[empty:]
        made.right[name] = keys[name]
        if not keys[name] & set(options):
            notes.append(f"«{name}»: верный ответ «{SEVERAL.join(sorted(keys[name]))}» не выбрал никто.")
    if not made.chosen:
        raise TableError(f"«{path.name}»: нет ни одного задания с ключом. " + " ".join(notes))
    return made, tuple(notes)


def read_key(path: Path) -> dict[str, frozenset[str]]:
    """The right options by item. Raises TableError."""
    table = read_table(path)
    require_columns(table, path.name, "item", "key")
    items, keys = (_texts(table.column(name)) for name in ("item", "key"))
    found: dict[str, frozenset[str]] = {}
    for line, (item, right) in enumerate(zip(items, keys, strict=True), start=2):
        options = frozenset(one.strip() for one in right.split(SEVERAL) if one.strip())
        if not item or not options:
            raise TableError(f"«{path.name}», строка {line}: нужны и item, и key.")
        if item in found:
            raise TableError(f"«{path.name}», строка {line}: ключ задания «{item}» уже был выше.")
        found[item] = options
    return found


def _texts(column: pa.ChunkedArray) -> list[str]:
    of, names = codes(column)
    return [names[one].strip() for one in of]


def distractors(choices: Choices) -> tuple[ChosenItem, ...]:
    """All options of all items.

    The score is the number of items solved; what was not presented counts nothing.
    """
    solved = {name: _solved(choices, name) for name in choices.chosen}
    presented = {name: chosen >= 0 for name, chosen in choices.chosen.items()}
    score = np.sum(list(solved.values()), axis=0).astype(np.float64)
    there = np.any(list(presented.values()), axis=0)
    cuts = np.quantile(score[there], THIRDS) if there.any() else np.zeros(2)
    third = np.searchsorted(cuts, score, side="left")
    return tuple(_item(choices, name, solved[name], presented[name], score, third) for name in choices.chosen)


def _solved(choices: Choices, name: str) -> Mask:
    right = np.array([option in choices.right[name] for option in choices.options[name]] + [False])
    return np.asarray(right[choices.chosen[name]])


def _item(
    choices: Choices, name: str, solved: Mask, presented: Mask, score: Floats, third: Whole
) -> ChosenItem:
    chosen, total, of_third = choices.chosen[name][presented], score[presented], third[presented]
    rest = total - solved[presented]
    n = len(chosen)
    sizes = np.bincount(of_third, minlength=3)
    options = []
    for number, option in enumerate(choices.options[name]):
        own = chosen == number
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = 100 * np.bincount(of_third[own], minlength=3) / sizes
        count = int(own.sum())
        lower, middle, upper = shares.tolist()
        options.append(
            Option(
                option,
                option in choices.right[name],
                count,
                100 * count / n,
                correlation(own.astype(np.float64), total),
                correlation(own.astype(np.float64), rest),
                float(rest[own].mean()),
                lower,
                middle,
                upper,
                (upper - lower) / 100,
            )
        )
    return ChosenItem(name, n, float(solved[presented].mean()) if n else float("nan"), tuple(options))


def doubtful(items: Sequence[ChosenItem]) -> list[str]:
    """Wrong options that the strong prefer, and right ones that the weak prefer: perhaps the key is wrong."""
    notes = []
    for item in items:
        by_rest: Mapping[bool, list[Option]] = {
            correct: [one for one in item.options if one.correct is correct and np.isfinite(one.r_rest)]
            for correct in (True, False)
        }
        right = max((one.r_rest for one in by_rest[True]), default=float("nan"))
        wrong = max(by_rest[False], key=lambda one: one.r_rest, default=None)
        if wrong is not None and wrong.r_rest > max(right, 0):
            notes.append(
                f"«{item.item}»: неверный ответ «{wrong.option}» сильные выбирают чаще верного "
                f"(r = {wrong.r_rest:.2f} против {right:.2f}): проверьте ключ."
            )
    return notes
