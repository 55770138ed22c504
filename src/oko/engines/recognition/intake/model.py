"""What the intake gives: pages of files, and their pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.engines.recognition.model import GreyImage

Colour = NDArray[np.uint8]  # height × width × 3, blue, green, red

#: A page of more pixels is not decoded: A3 at 1,000 dpi has 194 million, and as grey bytes takes 0.2 GB.
MOST_PIXELS = 200_000_000
#: What is only drawn in a PDF is rendered with so many dots an inch.
RENDER_DPI = 200


class IntakeError(ValueError):
    """A file that cannot be opened at all; the message is a Russian sentence."""


class PageError(ValueError):
    """One page that cannot be decoded, others of the file may; the message is a Russian sentence."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A page as grey pixels.

    Attributes:
        scale: pixels of `image` for a pixel of the whole scan: 0.5 of a decode at half size.
        full_size: width and height of the whole scan in pixels.
        dpi: what the file says; None when it says nothing or nonsense.
    """

    image: GreyImage
    scale: float
    full_size: tuple[int, int]
    dpi: float | None


def sensible_dpi(value: object) -> float | None:
    """A resolution that a scan can have; screens' 72 and 96 are what programs write for want of better."""
    try:
        dpi = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return dpi if 50 <= dpi <= 2400 and dpi not in (72.0, 96.0) else None


def check_pixels(width: int, height: int, name: str) -> None:
    """Raises PageError when a picture is too large to be a page, or has no size."""
    if width < 1 or height < 1:
        raise PageError(f"«{name}»: у изображения нет размера.")
    if width * height > MOST_PIXELS:
        raise PageError(
            f"«{name}»: изображение {width} × {height} точек — больше {MOST_PIXELS // 1_000_000} млн. "
            "Отсканируйте с разрешением 200–300 точек на дюйм."
        )
