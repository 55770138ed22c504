"""Signs as a table, a row a school, for spreadsheets and for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
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
    columns = {"school": pa.array(answers.schools), "n": pa.array(answers.size)}
    columns |= _judged("", joint) if joint else {}
    for sign in signs:
        front = f"{sign.name}_"
        columns |= _judged(front, sign.judged)
        for name, values in sign.numbers.items():
            columns[f"{front}{name}"] = pa.array(values, from_pandas=True)
    return pa.table(columns)


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


def _judged(front: str, judged: Judged) -> dict[str, pa.Array]:
    return {
        f"{front}{name}": pa.array(np.asarray(getattr(judged, name)), from_pandas=True) for name in JUDGED
    }
