"""A page with what was read drawn on it, for people who want to see why."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from oko.engines.recognition.batch.crops import Picture
from oko.engines.recognition.model import PX_PER_MM, CellReading, FieldReading, FieldState, Sheet, State
from oko.engines.recognition.reading import PageReading

GREEN, RED, ORANGE, GREY, BLACK = "#0a8a2a", "#d01818", "#e07800", "#808080", "#202020"
_BANNER = 56  # pixels, above the page
_LETTERS, _SMALL, _ASIDE = 22, 15, 8
_LONGEST_SIDE = 1800  # of a page that was not laid straight
_QUALITY = 80
_MM_PER_INCH = 25.4


def write_overlay(scan: Picture, reading: PageReading, file: Path) -> None:
    """Draw a page and what was read of it, as JPEG.

    A page that was read is laid straight: green marked, red doubled, orange to people, grey cancelled, with
    the values. Another one stands as it was scanned, with the reason above it.

    Raises:
        OSError: the file cannot be written.
    """
    page = _straight(scan, reading.sheet) if reading.sheet else _reduced(scan)
    picture = Image.new("RGB", (page.width, page.height + _BANNER), "white")
    picture.paste(page, (0, _BANNER))
    draw = ImageDraw.Draw(picture)
    if reading.sheet:
        for entry in reading.fields:
            for cell in entry.cells:
                _draw_cell(draw, entry, cell)
    _draw_banner(draw, reading, page.width)
    picture.save(file, "JPEG", quality=_QUALITY)


def _straight(scan: Picture, sheet: Sheet) -> Image.Image:
    """Made smaller first, so that no pixel is left out, and then straight."""
    smaller = max(1, int(sheet.dpi / _MM_PER_INCH / PX_PER_MM))
    size = max(1, scan.shape[1] // smaller), max(1, scan.shape[0] // smaller)
    to_smaller = np.diag([size[0] / scan.shape[1], size[1] / scan.shape[0], 1.0])
    to_page = np.diag([1 / PX_PER_MM, 1 / PX_PER_MM, 1.0])
    straight = cv2.warpPerspective(
        cv2.resize(scan, size, interpolation=cv2.INTER_AREA),
        to_smaller @ sheet.to_scan @ to_page,
        (round(sheet.page.width_mm * PX_PER_MM), round(sheet.page.height_mm * PX_PER_MM)),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )
    return _as_image(straight)  # type: ignore[arg-type]


def _reduced(scan: Picture) -> Image.Image:
    height, width = scan.shape[:2]
    scale = min(1.0, _LONGEST_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return _as_image(cv2.resize(scan, size, interpolation=cv2.INTER_AREA))  # type: ignore[arg-type]


def _as_image(picture: Picture) -> Image.Image:
    return Image.fromarray(
        cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) if picture.ndim == 3 else picture
    ).convert("RGB")


def _draw_cell(draw: ImageDraw.ImageDraw, entry: FieldReading, cell: CellReading) -> None:
    colour = _colour(entry, cell)
    if colour is None:
        return
    left, top = cell.place.x_mm * PX_PER_MM, cell.place.y_mm * PX_PER_MM + _BANNER
    right, bottom = left + cell.place.w_mm * PX_PER_MM, top + cell.place.h_mm * PX_PER_MM
    draw.rectangle((left - 2, top - 2, right + 2, bottom + 2), outline=colour, width=3)
    text = cell.value
    if cell.review:
        text = f"{text or '∅'} {cell.confidence:.2f}"
    if text and entry.kind != "area":
        draw.text((left, top - 2), text, colour, _font(_SMALL), anchor="ld")


def _colour(entry: FieldReading, cell: CellReading) -> str | None:
    """None: nothing was found, and nobody needs to look."""
    if cell.review:
        return ORANGE
    if cell.state is State.CANCELLED:
        return GREY
    if not cell.value:
        return None
    return RED if entry.state is FieldState.DOUBLED else GREEN


def _draw_banner(draw: ImageDraw.ImageDraw, reading: PageReading, width: int) -> None:
    facts = [reading.code_text] if reading.code_text else []
    if reading.rotation:
        facts.append(f"повёрнута на {reading.rotation}°")
    if reading.dpi:
        facts.append(f"{reading.dpi:.0f} точек на дюйм")
    if reading.quality is not None:
        facts.append(f"качество {reading.quality:.2f}")
    colour = RED if reading.reason else GREEN
    _draw_line(draw, 2, reading.sentence or "Прочитана", colour, _LETTERS, width)
    _draw_line(draw, 31, "   ".join(facts), BLACK, _SMALL, width)


def _draw_line(draw: ImageDraw.ImageDraw, top: int, text: str, colour: str, letters: int, width: int) -> None:
    """As large as fits into the width, up to `letters`."""
    needed = _font(letters).getlength(text) + 2 * _ASIDE
    draw.text((_ASIDE, top), text, colour, _font(max(1, int(letters * min(1.0, width / needed)))))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(files("ttf_opensans") / "ttf" / "OpenSans-Regular.ttf"), size)
