"""Signs as a table, a row a school, for spreadsheets and for other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from oko.engines.columns import TableError
from oko.engines.integrity.answers import Answers
from oko.engines.integrity.judging import Judged, Sign

JUDGED = ("z", "p", "q", "flagged", "power")


def signs_table(answers: Answers, signs: Sequence[Sign], joint: Judged | None = None) -> pa.Table:
    """`school, n`, the combination's z, p, q, flagged, power, then each sign's with its name in front; what
    is unknown is null.
    """
    columns: dict[str, Any] = {"school": answers.schools, "n": answers.size}
    columns |= _judged("", joint) if joint else {}
    for sign in signs:
        columns |= _judged(f"{sign.name}_", sign.judged)
        columns |= {f"{sign.name}_{name}": values for name, values in sign.numbers.items()}
    return table_of(columns)


def table_of(columns: Mapping[str, Any]) -> pa.Table:
    """Columns as they are, nan as null."""
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


def write_table(table: pa.Table, path: Path) -> None:
    """CSV or Parquet by the ending of the name.

    Raises:
        TableError: another ending, or the file cannot be written.
    """
    try:
        if path.suffix.lower() == ".parquet":
            pq.write_table(table, path, compression="zstd")
        elif path.suffix.lower() == ".csv":
            csv.write_csv(table, path)
        else:
            raise TableError(f"«{path}»: имя должно кончаться на .csv или .parquet.")
    except OSError as error:
        raise TableError(f"«{path}» не записывается: {error.strerror or error}.") from error


def _judged(front: str, judged: Judged) -> dict[str, Any]:
    return {f"{front}{name}": getattr(judged, name) for name in JUDGED}
