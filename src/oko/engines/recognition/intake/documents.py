"""PDF: scans are taken out of it as they are; what is only drawn is rendered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pikepdf
import pypdfium2

from oko.engines.recognition.intake.model import (
    MOST_PIXELS,
    RENDER_DPI,
    Colour,
    IntakeError,
    PageError,
    Scan,
    check_pixels,
    sensible_dpi,
)
from oko.engines.recognition.intake.pictures import (
    colour_of,
    grey_of,
    jpeg_scan,
    picture_colour,
    reduced,
)
from oko.engines.recognition.intake.unpacking import check_unpacked_size, filters_of

Taken = TypeVar("Taken")

_POINTS = 72.0
_COVERS = 0.8  # of the page: a smaller picture is a part of a drawing
_DRAWS = ("Tj", "TJ", "S", "f", "B", "sh", "INLINE IMAGE")  # text, lines, areas
_LARGEST_DESCRIPTION = 50_000_000  # bytes, unpacked
_MOST_BYTES, _SLACK = 8, 1_000_000  # of a pixel: four colours of 16 bits; of a picture
_LONGEST_DRAWING = 4_000  # bytes of page description: a scan needs a line of them


class Document:
    """An open PDF."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._pdf = pikepdf.open(path)
            self.pages = len(self._pdf.pages)
        except pikepdf.PasswordError as error:
            raise IntakeError(
                f"«{path.name}»: PDF защищён паролем. Сохраните его без пароля и загрузите снова."
            ) from error
        except (pikepdf.PdfError, OSError, ValueError, RuntimeError, RecursionError) as error:
            raise IntakeError(f"«{path.name}»: PDF повреждён и не открывается ({error}).") from error
        if not self.pages:
            raise IntakeError(f"«{path.name}»: в PDF нет ни одной страницы.")
        self._drawn: pypdfium2.PdfDocument | None = None

    def close(self) -> None:
        self._pdf.close()
        if self._drawn is not None:
            self._drawn.close()

    def grey(self, number: int, least_px: int) -> Scan:
        """Page `number`, from 1.

        Raises:
            PageError: it cannot be decoded or drawn.
        """
        name = f"{self.path.name}, страница {number}"
        self._check_description(number, name)
        picture = self._scan_of(number)
        if picture is not None:
            scan = _guarded(lambda: self._taken(picture, name, least_px, number))
            if scan is not None:
                return scan
        return _or_refuse(name, lambda: self._rendered(number, least_px))

    def colour(self, number: int) -> Colour:
        name = f"{self.path.name}, страница {number}"
        self._check_description(number, name)
        picture = self._scan_of(number)
        if picture is not None:
            found = _guarded(lambda: self._taken_colour(picture, name))
            if found is not None:
                return found
        return _or_refuse(name, lambda: self._drawing(number, grey=False))

    def _check_description(self, number: int, name: str) -> None:
        """Raises PageError when what draws the page unpacks to more than any page needs."""
        try:
            for part in _contents(self._pdf.pages[number - 1]):
                check_unpacked_size(part, _LARGEST_DESCRIPTION, name)
        except (AttributeError, KeyError, IndexError, TypeError, RuntimeError, pikepdf.PdfError):
            return  # it will be said when the page is drawn

    def _taken(self, picture: Any, name: str, least_px: int, number: int) -> Scan | None:
        _check_picture(picture, name)
        dpi = self._dpi(number, picture)
        if _is_jpeg(picture):
            scan = jpeg_scan(picture.read_raw_bytes(), name, least_px)
            return Scan(scan.image, scan.scale, scan.full_size, dpi)
        with pikepdf.PdfImage(picture).as_pil_image() as image:
            return reduced(grey_of(image), dpi, least_px)

    def _taken_colour(self, picture: Any, name: str) -> Colour | None:
        _check_picture(picture, name)
        if _is_jpeg(picture):
            return picture_colour(picture.read_raw_bytes(), name)
        with pikepdf.PdfImage(picture).as_pil_image() as image:
            return colour_of(image)

    def _scan_of(self, number: int) -> Any:
        """The picture that is the page: the only one, over nearly all of it; None when the page is drawn."""
        try:
            page = self._pdf.pages[number - 1]
            pictures = [
                item
                for item in page.resources.get("/XObject", {}).values()
                if item.get("/Subtype") in ("/Image", "/Form")
            ]
            if len(pictures) != 1 or pictures[0].get("/Subtype") != "/Image":
                return None
            picture = pictures[0]
            if "/SMask" in picture or "/Mask" in picture or bool(picture.get("/ImageMask", False)):
                return None
            if "/Decode" in picture and not _decodes_plainly(picture):
                return None
            return picture if self._covers(page) else None
        except (AttributeError, KeyError, IndexError, ValueError, TypeError, RuntimeError, pikepdf.PdfError):
            return None

    def _covers(self, page: pikepdf.Page) -> bool:
        """Whether the page description places one picture, and nothing else, over the page."""
        if sum(len(part.read_raw_bytes()) for part in _contents(page)) > _LONGEST_DRAWING:
            return False
        placed, drawn = np.eye(3), 0
        for step in pikepdf.parse_content_stream(page):
            operator = str(step.operator)
            if operator == "cm":
                a, b, c, d, e, f = (float(str(value)) for value in step.operands)
                placed = np.array([[a, b, 0], [c, d, 0], [e, f, 1]]) @ placed
            elif operator == "Do":
                drawn += 1
            elif operator in _DRAWS:
                return False
        left, bottom, right, top = (float(value) for value in page.mediabox)
        covered = abs(np.linalg.det(placed)) / max((right - left) * (top - bottom), 1.0)
        return drawn == 1 and covered >= _COVERS

    def _dpi(self, number: int, picture: Any) -> float | None:
        left, bottom, right, top = (float(value) for value in self._pdf.pages[number - 1].mediabox)
        long_side = max(right - left, top - bottom) / _POINTS
        return sensible_dpi(max(int(picture.Width), int(picture.Height)) / long_side) if long_side else None

    def _rendered(self, number: int, least_px: int) -> Scan:
        return reduced(self._drawing(number, grey=True), float(RENDER_DPI), least_px)

    def _drawing(self, number: int, *, grey: bool) -> Any:
        if self._drawn is None:
            self._drawn = pypdfium2.PdfDocument(self.path)
        page = self._drawn[number - 1]
        try:
            width, height = page.get_size()
            scale = RENDER_DPI / _POINTS
            while width * height * scale**2 > MOST_PIXELS:
                scale /= 2
            bitmap = page.render(scale=scale, grayscale=grey)
            pixels = np.array(bitmap.to_numpy())
            bitmap.close()
        finally:
            page.close()
        return pixels[:, :, 0] if grey and pixels.ndim == 3 else pixels


def _contents(page: pikepdf.Page) -> list[Any]:
    contents = page.obj.get("/Contents")
    if contents is None:
        return []
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def _is_jpeg(picture: Any) -> bool:
    return filters_of(picture) == ["/DCTDecode"]


def _check_picture(picture: Any, name: str) -> None:
    """Raises PageError when a picture is too large, or unpacks to far more than its size says."""
    width, height = int(picture.Width), int(picture.Height)
    check_pixels(width, height, name)
    check_unpacked_size(picture, _SLACK + height * (width * _MOST_BYTES + 1), name)


def _decodes_plainly(picture: Any) -> bool:
    values = [float(value) for value in picture.Decode]
    return values[::2] == [0.0] * (len(values) // 2)


#: What pikepdf and Pillow raise of a picture whose coding they do not know or that is spoiled: pikepdf's own
#: errors, `NotImplementedError` (it is a `RuntimeError`) of what it cannot undo, and what comes of objects of
#: another kind than the standard has there.
_NOT_TAKEN_OUT = (
    pikepdf.PikepdfError,
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    RuntimeError,
)


def _guarded(take: Callable[[], Taken]) -> Taken | None:
    """What could be taken out; None when it must be rendered (JBIG2, masks, odd colour spaces)."""
    try:
        return take()
    except PageError:
        raise
    except _NOT_TAKEN_OUT:
        return None


def _or_refuse(name: str, draw: Callable[[], Taken]) -> Taken:
    try:
        return draw()
    except (pypdfium2.PdfiumError, OSError, ValueError, RuntimeError, MemoryError, IndexError) as error:
        raise PageError(f"«{name}»: страница повреждена ({error}).") from error
