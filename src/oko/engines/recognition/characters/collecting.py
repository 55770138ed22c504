"""Characters that a person put right, kept for the next training: pictures and labels, and nothing else.

Nobody can tell from the archive whose cell it was: it holds neither names nor pages nor times, and every
addition shuffles it whole.
"""

from __future__ import annotations

import csv
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.characters.classes import CLASSES, EMPTY
from oko.engines.recognition.characters.normalising import GreyImage

_HEIGHT, _WIDTH = 54, 42  # a cell of 5 × 7 mm with a margin of 1 mm at 6 pixels a millimetre
_COLUMNS = ("crop", "value")
_EXPECTED = "ожидается таблица CSV со столбцами crop (файл вырезки) и value (верный знак)"


class CollectionError(ValueError):
    """Corrections or an archive that cannot be used; the message says which, where and why, in Russian."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Cells, n × 54 × 42, paper light, and the class of each."""

    cells: GreyImage
    labels: NDArray[np.str_]


def read_corrections(path: Path) -> Collection:
    """Cells that a person put right, of a table with the columns `crop` and `value`.

    `crop` is a picture of a cell with 1 mm of margin, as `oko blank read --crops` writes it, named from the
    folder of the table; `value` is the right character, nothing for an empty cell, or the name of a class
    («crossed out», «not a character»).

    Raises:
        CollectionError: the table or a picture cannot be read, or a value is none that the model knows.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            if not set(_COLUMNS) <= set(table.fieldnames or ()):
                found = ", ".join(table.fieldnames or ()) or "пусто"
                raise CollectionError(f"В «{path}» столбцы: {found}; {_EXPECTED}.")
            rows = [(table.line_num, row) for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CollectionError(f"«{path}» не читается ({error}); {_EXPECTED}.") from error
    labels = [_label(path, line, row["value"] or "") for line, row in rows]
    cells = [_cell(path, line, row["crop"] or "") for line, row in rows]
    return _collection(cells, labels)


def collect(archive: Path, added: Collection) -> int:
    """Add cells to an archive (made if it is not there), shuffled; says how many it holds now.

    The archive is written beside its place and renamed when it is whole.
    """
    before = read_collection(archive) if archive.exists() else _collection([], [])
    cells = np.concatenate((before.cells, added.cells))
    labels = np.concatenate((before.labels.astype(str), added.labels.astype(str)))
    order = np.random.default_rng(secrets.randbits(128)).permutation(len(labels))
    unfinished = archive.with_name(archive.name + ".part")
    with unfinished.open("wb") as content:
        np.savez_compressed(content, cells=cells[order], labels=labels[order])
    unfinished.replace(archive)
    return len(labels)


def read_collection(archive: Path) -> Collection:
    """What was collected.

    Raises:
        CollectionError: it is no such archive.
    """
    try:
        with np.load(archive, allow_pickle=False) as content:
            cells, labels = content["cells"], content["labels"].astype(str)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise CollectionError(f"Архив «{archive}» не читается: это не собранные знаки ({error}).") from error
    if cells.dtype != np.uint8 or cells.shape[1:] != (_HEIGHT, _WIDTH) or len(cells) != len(labels):
        raise CollectionError(f"Архив «{archive}»: это не собранные знаки (вырезки {cells.shape}).")
    return Collection(cells, labels)


def _collection(cells: Sequence[GreyImage], labels: Sequence[str]) -> Collection:
    stacked = np.stack(cells) if cells else np.zeros((0, _HEIGHT, _WIDTH), np.uint8)
    return Collection(stacked, np.array(labels, str))


def _label(path: Path, line: int, value: str) -> str:
    label = value.strip() or EMPTY
    label = label.upper() if len(label) == 1 else label
    if label not in CLASSES:
        raise CollectionError(
            f"«{path}», строка {line}: «{value}» — не знак бланка. Возможны прописные русские буквы, цифры, "
            "минус, запятая, пусто, «crossed out» (зачёркнуто), «not a character» (не знак)."
        )
    return label


def _cell(path: Path, line: int, name: str) -> GreyImage:
    picture = path.parent / name
    try:
        content = np.frombuffer(picture.read_bytes(), np.uint8)
    except OSError as error:
        raise CollectionError(
            f"«{path}», строка {line}: вырезка «{picture}» не открывается: {error.strerror}."
        ) from error
    image = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE) if len(content) else None
    if image is None:
        raise CollectionError(f"«{path}», строка {line}: «{picture}» — не картинка.")
    return np.asarray(cv2.resize(image, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
