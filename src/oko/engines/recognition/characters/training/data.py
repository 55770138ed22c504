"""Glyphs with labels: archives with their split, fonts, and what is drawn; and cells made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from oko.engines.recognition.characters.classes import (
    CHARACTERS,
    CROSSED_OUT,
    EMPTY,
    INDEX,
    NO_CHARACTER,
)
from oko.engines.recognition.characters.normalising import SIZE, normalised
from oko.engines.recognition.characters.training import cells, strokes

GreyImage = NDArray[np.uint8]
TRAIN, CALIBRATE, TEST = 0, 1, 2
_TESTED, _CALIBRATED = 0.1, 0.05  # of glyphs that are drawn one by one
_SESSIONS_TESTED = 0.05  # of glyphs, where whole sessions are drawn
_GIVEN_UP = 0.3  # of its glyphs that a letter may at most lose to the test
#: Letters whose lower case, written by hand, stands for the capital: of the same shape, or of a shape that no
#: other capital has.
_ALIKE = "абвеёжзийклмнопрсуфхцчшщъыьэюя"
_OTHER = "?!%&#*@+=§€"  # characters of fonts that a blank never asks for
_ONE_TASK = 4000


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Glyphs of one source, ink 255, one size; `part` is TRAIN, CALIBRATE or TEST, perhaps by session."""

    name: str
    images: GreyImage
    labels: NDArray[np.str_]
    part: NDArray[np.int8]
    by_session: bool = False

    def of(self, part: int) -> Glyphs:
        here = self.part == part
        return Glyphs(self.name, self.images[here], self.labels[here], self.part[here], self.by_session)


def read_archive(path: Path) -> Glyphs:
    """An archive (.npz: images, labels, perhaps session) with a split that is always the same.

    By session where there are sessions, so that no writing is on both sides; else at random. A session of
    Cyrillic-MNIST holds one letter, which has only one to four of them: few can be held out, only to test by,
    and only those with the smaller part of a letter's glyphs. Only characters the model knows are taken.
    """
    images, labels, sessions = _content(path)
    known = np.isin(labels, list(CHARACTERS)) & ((images > 60).sum(axis=(1, 2)) > 8)
    labels = labels[known]
    part = _at_random(len(labels)) if sessions is None else _by_session(sessions[known], labels)
    return Glyphs(path.stem, images[known], labels, part, sessions is not None)


def read_lower_case(path: Path) -> Glyphs:
    """Lower-case letters of an archive that have the shape of their capital, under the capital's name."""
    images, labels, _ = _content(path)
    alike = np.isin(labels, list(_ALIKE)) & ((images > 60).sum(axis=(1, 2)) > 8)
    capitals = np.char.upper(labels[alike])
    return Glyphs(f"{path.stem}, lower case", images[alike], capitals, np.full(len(capitals), TRAIN, np.int8))


def _content(path: Path) -> tuple[GreyImage, NDArray[np.str_], NDArray[np.generic] | None]:
    with np.load(path, allow_pickle=False) as archive:
        sessions = archive["session"] if "session" in archive.files else None
        return archive["images"], archive["labels"].astype(str), sessions


def _at_random(count: int) -> NDArray[np.int8]:
    drawn = np.random.default_rng(6).random(count)
    rest = np.where(drawn < _TESTED + _CALIBRATED, CALIBRATE, TRAIN)
    return np.where(drawn < _TESTED, TEST, rest).astype(np.int8)


def _by_session(sessions: NDArray[np.generic], labels: NDArray[np.str_]) -> NDArray[np.int8]:
    """The part of each glyph: whole sessions in a drawn order to test by, until there are enough glyphs.

    A session is held out only where each of its characters keeps the larger part of its glyphs.
    """
    names, owner = np.unique(sessions, return_inverse=True)
    written = [Counter(labels[owner == number].tolist()) for number in range(len(names))]
    spare = {one: count * _GIVEN_UP for one, count in Counter(labels.tolist()).items()}
    part = np.full(len(names), TRAIN, np.int8)
    wanted = _SESSIONS_TESTED * len(labels)
    for number in np.random.default_rng(6).permutation(len(names)).tolist():
        if wanted <= 0:
            break
        if any(spare[one] < count for one, count in written[number].items()):
            continue
        part[number] = TEST
        wanted -= sum(written[number].values())
        for one, count in written[number].items():
            spare[one] -= count
    return np.asarray(part[owner], np.int8)


def read_fonts(paths: Sequence[Path]) -> Glyphs:
    """Every character of fonts that have it, and others labelled as no character."""
    images, labels = [], []
    for path in paths:
        font = ImageFont.truetype(str(path), 44)
        missing = font.getmask("\ufffe").getbbox(), bytes(font.getmask("\ufffe"))
        for character in (*CHARACTERS.replace("-", ""), *_OTHER):
            mask = font.getmask(character)
            if mask.getbbox() is None or (mask.getbbox(), bytes(mask)) == missing:
                continue
            picture = Image.new("L", (96, 96), 0)
            ImageDraw.Draw(picture).text((48, 48), character, 255, font, anchor="mm")
            images.append(np.asarray(picture))
            labels.append(character if character in CHARACTERS else NO_CHARACTER)
    part = np.full(len(labels), TRAIN, np.int8)
    stacked = np.stack(images) if images else np.zeros((0, 96, 96), np.uint8)
    return Glyphs("fonts", stacked, np.array(labels, str), part)


def drawn(count: int, seed: int) -> Glyphs:
    """`count` of each character that is drawn by strokes."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(list(strokes.DRAWN), count)
    images = np.stack([strokes.DRAWN[label](rng) for label in labels])
    return Glyphs("drawn", images, labels, np.full(len(labels), TRAIN, np.int8))


def without_character(count: int, sources: Sequence[Glyphs], seed: int) -> Glyphs:
    """`count` of each of crossed out and no character, made of the glyphs of the sources."""
    rng = np.random.default_rng(seed)
    images, labels = [], []
    for number in range(count * 2):
        label = CROSSED_OUT if number % 2 else NO_CHARACTER
        glyph = _any(sources, rng)
        made = strokes.struck(glyph, rng) if number % 2 else _no_character(glyph, _any(sources, rng), rng)
        images.append(made)
        labels.append(label)
    side = max(max(image.shape) for image in images)
    stacked = np.stack([_padded(image, side) for image in images])
    return Glyphs("without character", stacked, np.array(labels), np.full(len(labels), TRAIN, np.int8))


def nothing(count: int) -> Glyphs:
    """Empty cells."""
    labels = np.full(count, EMPTY)
    return Glyphs("empty", np.zeros((count, 8, 8), np.uint8), labels, np.full(count, TRAIN, np.int8))


def into_cells(
    glyphs: Glyphs, times: int, conditions: Sequence[cells.Conditions], seed: int, workers: int = 1
) -> tuple[GreyImage, NDArray[np.int64]]:
    """Each glyph written into `times` cells, each in one of the conditions, and these normalised.

    Returns:
        n × 32 × 32, and numbers of classes.
    """
    order = np.tile(np.arange(len(glyphs.labels)), times)
    tasks = [order[first : first + _ONE_TASK] for first in range(0, len(order), _ONE_TASK)]
    with ProcessPoolExecutor(workers) as pool:
        made = list(
            pool.map(
                _written,
                [glyphs.images[task] for task in tasks],
                [glyphs.labels[task] for task in tasks],
                [conditions] * len(tasks),
                [(seed, number) for number in range(len(tasks))],
            )
        )
    numbers = np.array([INDEX[label] for label in glyphs.labels[order].tolist()], np.int64)
    return (np.concatenate(made) if made else np.zeros((0, SIZE, SIZE), np.uint8)), numbers


def _written(
    images: GreyImage, labels: NDArray[np.str_], conditions: Sequence[cells.Conditions], seed: tuple[int, int]
) -> GreyImage:
    rng = np.random.default_rng(seed)
    crops = [
        cells.write(
            None if label == EMPTY else image, label, conditions[int(rng.integers(len(conditions)))], rng
        )
        for image, label in zip(images, labels.tolist(), strict=True)
    ]
    return normalised(crops)[:, 0]


def _any(sources: Sequence[Glyphs], rng: np.random.Generator) -> GreyImage:
    source = sources[int(rng.integers(len(sources)))]
    return np.asarray(source.images[int(rng.integers(len(source.images)))])


def _no_character(first: GreyImage, second: GreyImage, rng: np.random.Generator) -> GreyImage:
    """A scrawl, two characters side by side, or one written over another."""
    drawn = rng.random()
    if drawn < 0.6:
        return strokes.scrawl(rng)
    side = max(first.shape[0], second.shape[0])
    one, other = _padded(first, side), _padded(second, side)
    if drawn < 0.8:
        return np.concatenate((one, other), axis=1)
    return np.maximum(one, other)


def _padded(image: GreyImage, side: int) -> GreyImage:
    """In the middle of a square."""
    height, width = image.shape
    top, left = max(0, (side - height) // 2), max(0, (side - width) // 2)
    return np.pad(image, ((top, max(0, side - height - top)), (left, max(0, side - width - left))))
