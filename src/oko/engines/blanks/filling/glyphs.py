"""Handwritten glyphs from archives: which characters there are, and a picture of each when asked."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.filling.raster import GreyImage

#: A pixel of a glyph with so much is ink, and a glyph has a part of its pixels inked: fewer are nothing.
INK, _LEAST_INKED = 48, 0.003
_EXPECTED = (
    "нужен архив NumPy (.npz) с массивами images (n × высота × ширина, чернила 255) и labels (n знаков)"
)
#: What NumPy and zipfile raise for archives that are cut, damaged or hold other things; RuntimeError is
#: zipfile's for members with a password or a compression that it does not know.
_BROKEN = (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError)


class GlyphsError(ValueError):
    """An archive that cannot be drawn from; the message says which and why, in Russian."""


class Glyphs:
    """Glyphs by character, of as many archives as there are."""

    def __init__(self) -> None:
        self._images: list[NDArray[np.uint8]] = []
        self._places: dict[str, list[tuple[int, int]]] = {}

    @property
    def characters(self) -> frozenset[str]:
        return frozenset(self._places)

    def add(self, images: NDArray[np.uint8], labels: NDArray[np.str_], wanted: Iterable[str]) -> int:
        """Take those of the wanted characters that are not empty; says how many there are."""
        here = np.flatnonzero(np.isin(labels, sorted(wanted)))
        here = here[(images[here] > INK).mean(axis=(1, 2)) > _LEAST_INKED]
        archive = len(self._images)
        self._images.append(images[here])
        for place, label in enumerate(labels[here]):
            self._places.setdefault(str(label), []).append((archive, place))
        return len(here)

    def one(self, character: str, rng: np.random.Generator) -> GreyImage:
        """A glyph of the character, ink 255."""
        places = self._places[character]
        archive, place = places[int(rng.integers(len(places)))]
        return np.asarray(self._images[archive][place])


def read_glyphs(paths: Sequence[Path], wanted: frozenset[str]) -> tuple[Glyphs, list[Path]]:
    """Glyphs of the wanted characters, and the archives that had none of them.

    Args:
        wanted: the characters that a blank permits somewhere.

    Raises:
        GlyphsError: an archive cannot be read or has not what it should, or all together have nothing wanted.
    """
    glyphs, useless = Glyphs(), []
    for path in paths:
        images, labels = _arrays(path)
        if not glyphs.add(images, labels, wanted):
            useless.append(path)
    if paths and not glyphs.characters:
        permitted = "".join(sorted(wanted)) or "нет"
        raise GlyphsError(
            f"Ни один знак из {_named(paths)} не разрешён ни в одном поле бланка (разрешены: {permitted})."
        )
    return glyphs, useless


def _arrays(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return _checked(path, archive)
    except GlyphsError:
        raise
    except OSError as error:
        raise GlyphsError(f"Архив «{path}» не открывается: {error.strerror or _EXPECTED}.") from error
    except _BROKEN as error:
        raise GlyphsError(f"Архив «{path}» не читается: {_EXPECTED}.") from error


def _checked(path: Path, archive: Any) -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    names = list(getattr(archive, "files", []))
    for name in ("images", "labels"):
        if name not in names:
            there = ", ".join(names) or "ничего"
            raise GlyphsError(f"В архиве «{path}» нет массива {name} (есть {there}): {_EXPECTED}.")
    images, labels = archive["images"], archive["labels"]
    if images.ndim != 3 or images.dtype != np.uint8 or 0 in images.shape[1:]:
        found = f"{images.dtype}, {' × '.join(map(str, images.shape))}"
        raise GlyphsError(f"В архиве «{path}» массив images не тот: найдено {found}; {_EXPECTED}.")
    if labels.shape != images.shape[:1]:
        raise GlyphsError(
            f"В архиве «{path}» на {len(images)} рисунков приходится {labels.size} подписей labels."
        )
    return images, labels.astype(str)


def _named(paths: Sequence[Path]) -> str:
    return ", ".join(f"«{path.name}»" for path in paths)
