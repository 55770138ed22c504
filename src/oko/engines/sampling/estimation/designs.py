"""The design of a sample, read from the columns that say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from oko.engines.columns import TableError, codes, numbers, read_table, require_columns
from oko.engines.sampling.estimation.linearised import Design, Stage
from oko.engines.sampling.estimation.options import Lonely
from oko.engines.sampling.estimation.replication import (
    DesignError,
    Replicates,
    balanced,
    delete_one,
    given_weights,
    paired,
    sylvester,
)

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MOST_UNITS = 4000  # of a delete-one jackknife: as many replicates
SHOWN = 3
#: One draw of both halves of a zone is the rule of TIMSS since 2015.
PLAIN_NAMES = {"jk2": "jk2-full"}


@dataclass(frozen=True)
class DesignColumns:
    """The columns of a design by name, and how replicates are made."""

    strata: str | None = None
    cluster: tuple[str, ...] = ()
    fpc: tuple[str, ...] = ()
    lonely: Lonely = Lonely.CERTAINTY
    method: str | None = None
    zone: str | None = None
    half: str | None = None
    fay: float = 0.5
    hadamard: Path | None = None
    replicate_weights: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str | None, ...]:
        return (self.strata, *self.cluster, *self.fpc, self.zone, self.half)


def errors_of(columns: DesignColumns, table: pa.Table, lines: Whole, notes: list[str]) -> Design | Replicates:
    """How errors are reckoned.

    Args:
        lines: of each row of the table, its line in the file.

    Raises:
        DesignError, TableError: the columns make no design; the message says where.
    """
    reader = _Reader(table, lines)
    method = PLAIN_NAMES.get(columns.method or "", columns.method)
    if columns.replicate_weights:
        return given_weights(
            _given(table, lines, columns.replicate_weights), method or "", _fay(columns, method)
        )
    if method is None:
        return _design(columns, reader, notes)
    if method in ("jk1", "jkn"):
        return _delete_one(columns, method, reader)
    if not (columns.zone and columns.half):
        raise DesignError(f"Для {columns.method} нужны --zone и --half.")
    zone, _ = reader.codes(columns.zone)
    half = _halves(reader, columns.half)
    if method in ("jk2-half", "jk2-full"):
        return paired(zone, half, both=method == "jk2-full")
    matrix = sylvester(int(zone.max()) + 1) if columns.hadamard is None else _matrix(columns.hadamard)
    if columns.hadamard is None:
        notes.append(f"Матрица Адамара построена сама ({len(matrix)} повторных выборок); своя — --hadamard.")
    return balanced(zone, half, matrix, _fay(columns, method))


def _fay(columns: DesignColumns, method: str | None) -> float:
    return 0.0 if method == "brr" else columns.fay


@dataclass(frozen=True)
class _Reader:
    table: pa.Table
    lines: Whole

    def codes(self, name: str) -> tuple[Whole, tuple[str, ...]]:
        """Of a column that must be full."""
        of, names = codes(self.table.column(name))
        if "" in names:
            line = self.lines[int(np.argmax(of == names.index("")))]
            raise TableError(f"Столбец «{name}», строка {line}: пусто. Заполните или уберите строку.")
        return of, names


def _design(columns: DesignColumns, reader: _Reader, notes: list[str]) -> Design:
    stages, names = _stages(columns, reader)
    design = Design(stages, columns.lonely)
    lonely = stages[0].lonely
    if len(lonely):
        shown = ", ".join(f"«{names[h]}»" for h in lonely[:SHOWN])
        what = f"В {len(lonely)} стратах ({shown}) один кластер: их разброс не определить"
        if columns.lonely is Lonely.FAIL:
            raise DesignError(f"{what}. Объедините страты или выберите --lonely.")
        done = {
            Lonely.CERTAINTY: "считается нулевым, ошибки занижены. Объедините страты или выберите --lonely.",
            Lonely.ADJUST: "взято отклонение от общего среднего (--lonely adjust).",
            Lonely.AVERAGE: "взят средний разброс остальных страт (--lonely average).",
        }[columns.lonely]
        notes.append(f"{what}, {done}")
    return design


def _stages(columns: DesignColumns, reader: _Reader) -> tuple[tuple[Stage, ...], tuple[str, ...]]:
    """Stages of drawing and the names of the strata (a cluster code may stand again in another stratum).

    Below the first stage only what a share was drawn of adds to the variance, so stages without --fpc are
    left out: their units are taken as drawn with replacement within the first (R `survey` does the same).
    """
    rows = reader.table.num_rows
    stratum, names = reader.codes(columns.strata) if columns.strata else (np.zeros(rows, np.int64), ("",))
    clusters = columns.cluster or ("",)
    if columns.fpc and len(columns.fpc) != len(clusters):
        raise DesignError(
            f"--fpc: столбцов {len(columns.fpc)}, а ступеней отбора {len(clusters)}: нужен на каждую."
        )
    stages: list[Stage] = []
    above = np.ones(len(names))
    for number, cluster in enumerate(clusters if columns.fpc else clusters[:1]):
        code = reader.codes(cluster)[0] if cluster else np.arange(rows)
        _, first, unit = np.unique(stratum * (code.max() + 1) + code, return_index=True, return_inverse=True)
        of_unit = stratum[first]
        fraction = np.zeros(len(above))
        if columns.fpc:
            label = names if number == 0 else None
            fraction = _fractions(reader, columns.fpc[number], stratum, of_unit, len(above), label)
        stages.append(Stage(unit, of_unit, fraction, above))
        above = (above * fraction)[of_unit]
        stratum = unit
    return tuple(stages), names


def _fractions(
    reader: _Reader, column: str, stratum: Whole, of_unit: Whole, strata: int, names: Sequence[str] | None
) -> Floats:
    """Drawn shares, from sizes of strata or shares; R's rule: all ≤ 1 are shares, else all are sizes."""
    given = numbers(reader.table.column(column))
    wrong = ~(np.isfinite(given) & (given > 0))
    if wrong.any():
        line = reader.lines[int(np.argmax(wrong))]
        raise DesignError(f"«{column}», строка {line}: нужен положительный размер страты или доля отбора.")
    _, first = np.unique(stratum, return_index=True)
    differs = given != given[first][stratum]
    if differs.any():
        row = int(np.argmax(differs))
        raise DesignError(
            f"«{column}», строка {reader.lines[row]}: {given[row]:g}, а выше в той же страте "
            f"{given[first][stratum[row]]:g}: размер страты должен быть один."
        )
    of = given[first]
    drawn = np.bincount(of_unit, minlength=strata)
    fraction: Floats = of if (of <= 1).all() else drawn / of
    if (fraction > 1).any():
        h = int(np.argmax(fraction))
        where = f" «{names[h]}»" if names is not None else f" (строка {reader.lines[first[h]]})"
        raise DesignError(f"«{column}»: в страте{where} отобрано {drawn[h]} из {of[h]:g}: так не бывает.")
    return fraction


def _delete_one(columns: DesignColumns, method: str, reader: _Reader) -> Replicates:
    if method == "jk1" and columns.strata:
        raise DesignError("jk1 — без страт; со стратами возьмите jkn.")
    if len(columns.cluster) > 1:
        raise DesignError(f"Для {method} нужен один столбец кластеров: первой ступени.")
    (stage,), names = _stages(columns, reader)
    if len(stage.stratum) > MOST_UNITS:
        raise DesignError(
            f"Кластеров {len(stage.stratum)}: столько повторных выборок не нужно. "
            "Уберите --replicates или укажите --cluster."
        )
    size = np.bincount(stage.stratum, minlength=len(names))
    if (size == 1).any():
        raise DesignError(f"В страте «{names[int(np.argmin(size))]}» один кластер: объедините страты.")
    return delete_one(stage.unit, stage.stratum, stage.fraction)


def _halves(reader: _Reader, column: str) -> Whole:
    """1 for the half that is doubled first: the one called 1, else the first by name."""
    halves, names = reader.codes(column)
    if len(names) > 2:
        raise DesignError(f"«{column}»: половин должно быть две, а значений {len(names)}.")
    doubled = names.index("1") if "1" in names else 0
    first: Whole = (halves == doubled).astype(np.int64)
    return first


def _matrix(path: Path) -> Floats:
    table = read_table(path)
    return np.stack([numbers(column) for column in table.columns], axis=1)


def _given(table: pa.Table, lines: Whole, names: tuple[str, ...]) -> Floats:
    """N × R from columns by name, or from all that begin with the one name and end with a number."""
    if len(names) == 1 and names[0] not in table.column_names:
        ends = {name: name.removeprefix(names[0]) for name in table.column_names if name.startswith(names[0])}
        numbered = [name for name, end in ends.items() if end.isdecimal()]
        names = tuple(sorted(numbered, key=lambda name: int(ends[name]))) or names
    require_columns(table, "--replicate-weights", *names)
    if len(names) < 2:
        raise DesignError("--replicate-weights: нужны хотя бы два столбца весов.")
    given = np.stack([numbers(table.column(name)) for name in names], axis=1)
    wrong = ~(np.isfinite(given) & (given >= 0))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise DesignError(
            f"«{names[column]}», строка {lines[row]}: вес повторной выборки пуст, отрицателен или не число."
        )
    return given
