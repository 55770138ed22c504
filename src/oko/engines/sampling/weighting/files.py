"""Tables of weights as files: CSV, Parquet, SPSS; and a codebook."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

KINDS = (".csv", ".parquet", ".sav")
#: What stands in SPSS for a value that is not there, and what it says.
MISSING, MISSING_SAYS = -9.0, "нет данных"


class FileError(ValueError):
    """A table that cannot be written; the message says why, in Russian."""


@dataclass(frozen=True)
class Variable:
    """A column with what a codebook says of it."""

    name: str
    label: str
    values: list[str] | NDArray[np.float64]


def write(path: Path, variables: list[Variable], title: str = "") -> None:
    """Write a table; its kind is that of the name: .csv, .parquet, .sav.

    Raises:
        FileError: another kind, or the file cannot be written.
    """
    if path.suffix.lower() not in KINDS:
        raise FileError(f"«{path}»: запишу только {', '.join(KINDS)}, выберите такое имя.")
    try:
        {".csv": _csv, ".parquet": _parquet, ".sav": _sav}[path.suffix.lower()](path, variables, title)
    except OSError as error:
        raise FileError(f"Файл «{path}» не записывается: {error.strerror or error}.") from error


def write_codebook(path: Path, variables: list[Variable]) -> None:
    """Names, kinds, labels, ranges and meanings of values, one variable a row.

    Raises:
        FileError: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("variable", "type", "label", "n_valid", "minimum", "maximum", "values"))
            writer.writerows(_described(one) for one in variables)
    except OSError as error:
        raise FileError(f"Файл «{path}» не записывается: {error.strerror or error}.") from error


def _described(one: Variable) -> tuple[Any, ...]:
    if isinstance(one.values, list):
        return (one.name, "text", one.label, sum(bool(value) for value in one.values), "", "", "")
    there = one.values[np.isfinite(one.values)]
    ends = (f"{there.min():g}", f"{there.max():g}") if len(there) else ("", "")
    return (one.name, "number", one.label, len(there), *ends, f"{MISSING:g} = {MISSING_SAYS} (SPSS)")


def _csv(path: Path, variables: list[Variable], title: str) -> None:
    columns = [
        one.values if isinstance(one.values, list) else [_plain(value) for value in one.values.tolist()]
        for one in variables
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([one.name for one in variables])
        writer.writerows(zip(*columns, strict=True))


def _plain(value: float) -> str:
    """The shortest text that reads back as the same number; whole numbers without a point."""
    if value != value:
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _parquet(path: Path, variables: list[Variable], title: str) -> None:
    arrays = [
        pa.array(one.values) if isinstance(one.values, list) else pa.array(one.values, from_pandas=True)
        for one in variables
    ]
    fields = [
        pa.field(one.name, array.type, metadata={"label": one.label})
        for one, array in zip(variables, arrays, strict=True)
    ]
    parquet.write_table(pa.table(arrays, schema=pa.schema(fields, metadata={"title": title})), path)


def _sav(path: Path, variables: list[Variable], title: str) -> None:
    import pandas
    import pyreadstat

    names = spss_names([one.name for one in variables])
    numbers = [name for name, one in zip(names, variables, strict=True) if not isinstance(one.values, list)]
    frame = pandas.DataFrame(
        {
            name: one.values
            if isinstance(one.values, list)
            else np.where(np.isfinite(one.values), one.values, MISSING)
            for name, one in zip(names, variables, strict=True)
        }
    )
    pyreadstat.write_sav(
        frame,
        path,
        file_label=title[:64],
        column_labels=[one.label[:255] for one in variables],
        variable_value_labels={name: {MISSING: MISSING_SAYS} for name in numbers},
        missing_ranges={name: [MISSING] for name in numbers},
        row_compress=True,
    )


def spss_names(names: list[str]) -> list[str]:
    """Names as SPSS takes them: a letter first, then letters, digits, dots, underscores; none twice."""
    found: list[str] = []
    for name in names:
        clean = re.sub(r"[^\w.]", "_", name).rstrip(".") or "v"
        clean = clean if clean[0].isalpha() else f"v{clean}"
        clean = clean.encode()[:60].decode(errors="ignore")
        number, unique = 2, clean
        while unique.lower() in {one.lower() for one in found}:
            unique, number = f"{clean}_{number}", number + 1
        found.append(unique)
    return found
