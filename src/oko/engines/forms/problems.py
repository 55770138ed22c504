"""The small parts of checking: a problem in a place, a reader that remembers, a picker of cells."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from oko.engines.forms.kinds import Kind
from oko.engines.forms.values import Cell

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Problem(NamedTuple):
    """A cell (row and column from 0; row −1 for the whole file) and what is wrong with it."""

    row: int
    column: int
    kind: Kind
    expected: str = ""
    note: str = ""
    found: str | None = None  # None: what the cell shows


class Remembering(dict[K, V], Generic[K, V]):
    """A reader that understands each distinct value once: the columns of a protocol repeat a few."""

    def __init__(self, read: Callable[[K], V]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: K) -> V:
        result = self[value] = self._read(value)
        return result


def picker(columns: Sequence[int]) -> Callable[[Sequence[Cell]], tuple[Cell, ...]]:
    """Takes the cells of some columns out of a row at once."""
    if len(columns) > 1:
        return itemgetter(*columns)
    only: Any = columns[0] if columns else None
    return lambda row: () if only is None else (row[only],)
