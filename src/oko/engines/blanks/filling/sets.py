"""Sets of filled blanks as scans in a folder, with the truth of each cell beside them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from oko.engines.blanks.definition import Characters, Definition
from oko.engines.blanks.filling.degrading import Degraded, degraded
from oko.engines.blanks.filling.glyphs import Glyphs
from oko.engines.blanks.filling.handwriting import some_hand
from oko.engines.blanks.filling.raster import GreyImage, box_in_pixels, page_rasters
from oko.engines.blanks.filling.sheets import CellTruth, fill_page
from oko.engines.blanks.layout import READ_KINDS, PlacedPage, place
from oko.engines.blanks.printing import columns_wanted, values_on_page

TRUTH, FAULTS = "truth.csv", "faults.csv"
_TRUTH_HEADER = ("source", "page", "serial", "field", "cell", "value")
_FAULTS_HEADER = ("source", "mode", "dpi", "fault")
_FIRST_SERIAL = 10001
_SETS_OF_AN_ORGANISATION = 500


class FillError(ValueError):
    """Sets that cannot be made; the message says why, in Russian."""


class _Filled(NamedTuple):
    source: str
    serial: str
    truth: list[CellTruth]
    scan: Degraded


def wanted_characters(definition: Definition) -> frozenset[str]:
    """All characters that somebody may write somewhere on the blank."""
    fields = [field for page in definition.pages for field in page.fields]
    written = [field for field in fields if isinstance(field, Characters) and not field.value]
    return frozenset(
        character for field in written for character in field.alphabet + "".join(field.dictionary)
    )


def fill(
    definition: Definition,
    glyphs: Glyphs,
    count: int,
    mode: str,
    seed: int,
    out: Path,
    *,
    key: bytes | None = None,
    progress: Callable[[int], None] = lambda pages: None,
) -> int:
    """Make sets of filled, degraded scans: `0001-1.jpg` is page 1 of set 1, its truth is in `truth.csv`.

    Each page is drawn from the seed and its own number: the first sets of a larger count are the same.

    Args:
        mode: one of `degrading.MODES`.
        out: a folder that is empty or does not exist.
        progress: called after each page with how many there are now.

    Returns:
        How many pages were made.

    Raises:
        FillError: Oko does not print the blank, cells have no glyphs, or the folder is not empty or writable.
    """
    _check(definition, glyphs, out)
    pages = 0
    try:
        out.mkdir(parents=True, exist_ok=True)
        unfinished = out / f"{TRUTH}.part"
        with (
            unfinished.open("w", encoding="utf-8", newline="") as truth_file,
            (out / FAULTS).open("w", encoding="utf-8", newline="") as faults_file,
        ):
            truth, faults = (csv.writer(file, lineterminator="\n") for file in (truth_file, faults_file))
            truth.writerow(_TRUTH_HEADER)
            faults.writerow(_FAULTS_HEADER)
            for page in _filled_pages(definition, glyphs, count, mode, seed, key):
                _save(page.scan, out / page.source)
                truth.writerows((page.source, 1, page.serial, *_row(cell)) for cell in page.truth)
                faults.writerows((page.source, mode, round(page.scan.dpi), f) for f in page.scan.faults)
                pages += 1
                progress(pages)
        unfinished.replace(out / TRUTH)
    except OSError as error:
        raise FillError(f"В папку «{out}» не записывается: {error.strerror}.") from error
    return pages


def people(definition: Definition, count: int) -> Iterator[dict[str, str]]:
    """Made-up people with all columns that the blank names; serials from 10001 on."""
    code = definition.code
    for number in range(count):
        person = {name: str(11 + number % 80) for name in columns_wanted(definition)}
        person[code.assessment] = "proba-2026"
        person[code.organisation] = f"edu64{1 + number // _SETS_OF_AN_ORGANISATION:04}"
        person[code.serial] = str(_FIRST_SERIAL + number)
        yield person


def _filled_pages(
    definition: Definition, glyphs: Glyphs, count: int, mode: str, seed: int, key: bytes | None
) -> Iterator[_Filled]:
    pages = place(definition)
    suffix_of = {True: "tif", False: "jpg"}
    for number, person in enumerate(people(definition, count), start=1):
        hand = some_hand(np.random.default_rng((seed, number)))
        for page, image in zip(pages, page_rasters(definition, person, key), strict=True):
            rng = np.random.default_rng((seed, number, page.number))
            values = values_on_page(definition, page.number, len(pages), person, key)
            truth = fill_page(image, page, values, hand, glyphs, rng)
            scan = degraded(image, mode, rng, places_to_keep(page, image))
            source = f"{number:04}-{page.number}.{suffix_of[scan.quality is None]}"
            yield _Filled(source, values["serial"], truth, scan)


def places_to_keep(page: PlacedPage, image: GreyImage) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Left, top, right, bottom in pixels of every cell that is read: no fault may hide them."""
    cells = [cell for field in page.fields if field.kind in READ_KINDS for cell in field.cells]
    boxes = np.array([box_in_pixels(cell, page, image) for cell in cells]).reshape(-1, 4)
    return np.column_stack((boxes[:, :2], boxes[:, :2] + boxes[:, 2:]))


def _check(definition: Definition, glyphs: Glyphs, out: Path) -> None:
    if definition.foreign is not None:
        raise FillError("Это описание чужого листа: его печатает не Око, заполнять нечего.")
    if wanted_characters(definition) and not glyphs.characters:
        raise FillError("В бланке есть поля для знаков: укажите архив рукописных знаков (--glyphs FILE.npz).")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FillError(f"«{out}» — не пустая папка. Укажите новую или пустую: файлы не затираются.")


def _row(cell: CellTruth) -> tuple[str, int, str]:
    return cell.field, cell.number, cell.value


def _save(scan: Degraded, path: Path) -> None:
    """Grey JPEG or 1-bit TIFF, its resolution in the header."""
    picture, dpi = Image.fromarray(scan.image), (round(scan.dpi),) * 2
    if scan.quality is None:
        picture.convert("1", dither=Image.Dither.NONE).save(path, compression="group4", dpi=dpi)
    else:
        picture.save(path, quality=scan.quality, dpi=dpi)
