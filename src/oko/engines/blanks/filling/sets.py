"""Sets of filled blanks as scans in a folder, with the truth of each cell beside them."""

from __future__ import annotations

import csv
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from oko.engines.blanks.definition import Characters, Definition
from oko.engines.blanks.filling.degrading import Degraded, degraded
from oko.engines.blanks.filling.glyphs import Glyphs
from oko.engines.blanks.filling.handwriting import some_hand
from oko.engines.blanks.filling.raster import GreyImage, box_in_pixels, page_rasters
from oko.engines.blanks.filling.sheets import fill_page
from oko.engines.blanks.layout import READ_KINDS, PlacedPage, place
from oko.engines.blanks.printing import columns_wanted, values_on_page

TRUTH, FAULTS = "truth.csv", "faults.csv"
_TRUTH_HEADER = ("source", "page", "serial", "field", "cell", "value")
_FAULTS_HEADER = ("source", "mode", "dpi", "fault")
_FIRST_SERIAL = 10001
_SETS_OF_AN_ORGANISATION = 500

_work: _Work  # of a worker process


class FillError(ValueError):
    """Sets that cannot be made; the message says why, in Russian."""


@dataclass(frozen=True)
class _Work:
    """What is the same for all sets."""

    definition: Definition
    glyphs: Glyphs
    mode: str
    seed: int
    key: bytes | None
    out: Path


class _Made(NamedTuple):
    """A page that was written: its rows of both tables."""

    truth: list[tuple[str, int, str, str, int, str]]
    faults: list[tuple[str, str, int, str]]


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
    workers: int = 1,
    progress: Callable[[int], None] = lambda pages: None,
) -> int:
    """Make sets of filled, degraded scans: `0001-1.jpg` is page 1 of set 1, its truth is in `truth.csv`.

    Each page is drawn from the seed and its own number: the first sets of a larger count are the same.

    Args:
        mode: one of `degrading.MODES`.
        out: a folder that is empty or does not exist.
        workers: so many processes work.
        progress: called after each page with how many there are now.

    Returns:
        How many pages were made.

    Raises:
        FillError: Oko does not print the blank, cells have no glyphs, or the folder is not empty or writable.
    """
    check(definition, glyphs, out)
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
            for made in _all_sets(_Work(definition, glyphs, mode, seed, key, out), count, workers):
                truth.writerows(made.truth)
                faults.writerows(made.faults)
                pages += 1
                progress(pages)
        unfinished.replace(out / TRUTH)
    except OSError as error:
        raise FillError(f"В папку «{out}» не записывается: {error.strerror}.") from error
    return pages


def person(definition: Definition, number: int) -> dict[str, str]:
    """A made-up person with all columns that the blank names; serials from 10001 on."""
    code = definition.code
    columns = {name: str(10 + number % 80) for name in columns_wanted(definition)}
    columns[code.assessment] = "proba-2026"
    columns[code.organisation] = f"edu64{1 + (number - 1) // _SETS_OF_AN_ORGANISATION:04}"
    columns[code.serial] = str(_FIRST_SERIAL + number - 1)
    return columns


def _all_sets(work: _Work, count: int, workers: int) -> Iterator[_Made]:
    """The pages of all sets in order, made here or by several processes."""
    numbers = range(1, count + 1)
    if min(workers, count) == 1:
        for number in numbers:
            yield from _make_set(work, number)
        return
    context = multiprocessing.get_context("spawn")  # threads of OpenCV do not survive a fork
    with context.Pool(min(workers, count), _begin_worker, (work,)) as pool:
        for pages in pool.imap(_make_set_of_worker, numbers):
            yield from pages


def _begin_worker(work: _Work) -> None:
    global _work
    _work = work
    cv2.setNumThreads(1)


def _make_set_of_worker(number: int) -> list[_Made]:
    return list(_make_set(_work, number))


def _make_set(work: _Work, number: int) -> Iterator[_Made]:
    """The pages of one person, each written as soon as it is made."""
    pages, whose = place(work.definition), person(work.definition, number)
    hand = some_hand(np.random.default_rng((work.seed, number)))
    images = page_rasters(work.definition, whose, work.key)
    for page, image in zip(pages, images, strict=True):
        rng = np.random.default_rng((work.seed, number, page.number))
        values = values_on_page(work.definition, page.number, len(pages), whose, work.key)
        cells = fill_page(image, page, values, hand, work.glyphs, rng)
        scan = degraded(image, work.mode, rng, places_to_keep(page, image))
        source = f"{number:04}-{page.number}.{'tif' if scan.quality is None else 'jpg'}"
        _save(scan, work.out / source)
        yield _Made(
            [(source, 1, values["serial"], cell.field, cell.number, cell.value) for cell in cells],
            [(source, work.mode, round(scan.dpi), fault) for fault in scan.faults],
        )


def places_to_keep(page: PlacedPage, image: GreyImage) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Left, top, right, bottom in pixels of every cell that is read: no fault may hide them."""
    cells = [cell for field in page.fields if field.kind in READ_KINDS for cell in field.cells]
    boxes = np.array([box_in_pixels(cell, page, image) for cell in cells]).reshape(-1, 4)
    return np.column_stack((boxes[:, :2], boxes[:, :2] + boxes[:, 2:]))


def check(definition: Definition, glyphs: Glyphs, out: Path) -> None:
    """Whether sets can be made at all; raises as `fill` does."""
    if definition.foreign is not None:
        raise FillError("Это описание чужого листа: его печатает не Око, заполнять нечего.")
    if wanted_characters(definition) and not glyphs.characters:
        raise FillError("В бланке есть поля для знаков: укажите архив рукописных знаков (--glyphs FILE.npz).")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FillError(f"«{out}» — не пустая папка. Укажите новую или пустую: файлы не затираются.")


def _save(scan: Degraded, path: Path) -> None:
    """Grey JPEG or 1-bit TIFF, its resolution in the header."""
    picture, dpi = Image.fromarray(scan.image), (round(scan.dpi),) * 2
    if scan.quality is None:
        picture.convert("1", dither=Image.Dither.NONE).save(path, compression="group4", dpi=dpi)
    else:
        picture.save(path, quality=scan.quality, dpi=dpi)
