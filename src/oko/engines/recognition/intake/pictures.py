"""Pictures of one page: JPEG by reduced decoding, others through Pillow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from PIL import Image

from oko.engines.recognition.intake.model import (
    MOST_PIXELS,
    Colour,
    PageError,
    Scan,
    check_pixels,
    sensible_dpi,
)
from oko.engines.recognition.model import GreyImage

Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # Pillow refuses twice as many; what is between is refused here

_REDUCED = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
_END_OF_JPEG, _TAIL = b"\xff\xd9", 65_536  # scanners append their own data
_FLAT_ROWS, _FLAT_PART = 4, 50  # as many rows at least, such a part of the height
_FILLING = bytes(range(1, 250)) * 64
_TRUNCATED = "«{name}»: файл обрезан, конца изображения нет. Загрузите его ещё раз."
_FULL = 255


def jpeg_scan(data: bytes, name: str, least_px: int) -> Scan:
    """A JPEG, decoded as small as its long side stays at least `least_px` (DCT scaling by 1/2, 1/4, 1/8).

    How the camera was held (EXIF) is left alone: the page code tells which way is up.

    Raises:
        PageError: it is truncated, damaged or too large.
    """
    size, dpi = _header(data, name)
    end = data.rfind(_END_OF_JPEG, max(0, len(data) - _TAIL))
    if end < 0:
        raise PageError(_TRUNCATED.format(name=name))
    reduction = _reduction(max(size), least_px)
    image = _decoded(data, _REDUCED[reduction])
    if image is None:
        return reduced(_through_pillow(data, name), dpi, least_px)
    if _ends_flat(image) and _goes_on(data[:end]):
        raise PageError(_TRUNCATED.format(name=name))
    return Scan(image, 1 / reduction, size, dpi)


def _decoded(data: bytes, flags: int) -> GreyImage | None:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags | cv2.IMREAD_IGNORE_ORIENTATION)
    return None if image is None else image.astype(np.uint8, copy=False)


def _ends_flat(image: GreyImage) -> bool:
    """Whether the last rows are of one grey: so decoders fill what is missing, and so ends a clean page."""
    last = image[-max(_FLAT_ROWS, image.shape[0] // _FLAT_PART) :]
    return bool((last == last[0, 0]).all())


def _goes_on(coded: bytes) -> bool:
    """Whether more data would be read: a JPEG whose end was put on too early; `coded` is without its end.

    The decoder warns of it on the screen only. What it does not need it passes over, so anything put behind
    a whole picture changes nothing.
    """
    coarse = _REDUCED[8]
    ended, filled = _decoded(coded + _END_OF_JPEG, coarse), _decoded(coded + _FILLING + _END_OF_JPEG, coarse)
    return ended is not None and filled is not None and not np.array_equal(ended, filled)


def picture_scan(data: bytes, name: str, least_px: int) -> Scan:
    """Any other picture of one page.

    Raises:
        PageError: it is damaged or too large.
    """
    _, dpi = _header(data, name)
    return reduced(_through_pillow(data, name), dpi, least_px)


def picture_colour(data: bytes, name: str) -> Colour:
    """A picture in colour at full size, as cv2 has it.

    Raises:
        PageError: it is damaged or too large.
    """
    with opened(data, name) as image:
        return colour_of(image)


def reduced(image: GreyImage, dpi: float | None, least_px: int) -> Scan:
    """A decoded picture made smaller by a whole number, as `jpeg_scan` does it while decoding."""
    height, width = image.shape
    reduction = _reduction(max(width, height), least_px)
    if reduction == 1:
        return Scan(image, 1.0, (width, height), dpi)
    small = cv2.resize(
        image,
        (max(width // reduction, 1), max(height // reduction, 1)),
        interpolation=cv2.INTER_AREA,
    )
    return Scan(small.astype(np.uint8, copy=False), small.shape[1] / width, (width, height), dpi)


def grey_of(image: Image.Image) -> GreyImage:
    """Grey pixels of any picture: white under what is transparent, 16 bits down to 8."""
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, dtype=np.float32)
        top = 65_535.0 if values.max(initial=0) > _FULL else float(_FULL)
        scaled: GreyImage = np.clip(values * (_FULL / top), 0, _FULL).astype(np.uint8)
        return scaled
    return np.array(_flat(image).convert("L"), dtype=np.uint8)


def colour_of(image: Image.Image) -> Colour:
    if image.mode.startswith(("I", "F")):
        return np.repeat(grey_of(image)[:, :, None], 3, axis=2)
    return np.ascontiguousarray(np.asarray(_flat(image).convert("RGB"))[:, :, ::-1])


@contextmanager
def opened(data: bytes, name: str) -> Iterator[Image.Image]:
    """A picture opened by Pillow; whatever it finds wrong is a PageError.

    Raises:
        PageError: it is damaged or too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Pillow's thoughts about sizes and tags: the size is checked here
            with Image.open(io.BytesIO(data)) as image:
                check_pixels(*image.size, name)
                yield image
    except Image.DecompressionBombError as error:
        raise PageError(
            f"«{name}»: изображение слишком большое. Сканируйте с 200–300 точек на дюйм."
        ) from error
    except PageError:
        raise
    except Exception as error:  # of a spoiled file Pillow raises whatever its parsers stumble over
        raise PageError(
            f"«{name}»: изображение повреждено или обрезано. Отсканируйте страницу ещё раз."
        ) from error


def _through_pillow(data: bytes, name: str) -> GreyImage:
    with opened(data, name) as image:
        return grey_of(image)


def _header(data: bytes, name: str) -> tuple[tuple[int, int], float | None]:
    with opened(data, name) as image:
        dpi = image.info.get("dpi")
        return image.size, sensible_dpi(dpi[0] if isinstance(dpi, tuple) and dpi else None)


def _flat(image: Image.Image) -> Image.Image:
    """On white paper where it is transparent."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image
    layer = image.convert("RGBA")
    paper = Image.new("RGBA", layer.size, (_FULL, _FULL, _FULL, _FULL))
    return Image.alpha_composite(paper, layer)


def _reduction(long_side: int, least_px: int) -> int:
    """1, 2, 4 or 8."""
    reduction = 1
    while reduction < 8 and long_side // (2 * reduction) >= least_px:
        reduction *= 2
    return reduction
