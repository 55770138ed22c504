"""Cells written with a font and with lines: drawn otherwise than those that the model learned from."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from oko.engines.recognition.characters import CharacterReader

Crop = NDArray[np.uint8]
HEIGHT, WIDTH, MARGIN = 54, 42, 6
FONT = files("ttf_opensans") / "ttf" / "OpenSans-Regular.ttf"


@pytest.fixture(scope="session")
def reader() -> CharacterReader:
    return CharacterReader()


@pytest.fixture(scope="session")
def cell() -> Callable[..., Crop]:
    """A cell with a character of the font of blanks, in so grey an ink, `border` grey or none."""
    font = ImageFont.truetype(str(FONT), 132)

    def draw(
        character: str = "",
        border: int | None = 90,
        ink: int = 40,
        shift: tuple[int, int] = (0, 0),
    ) -> Crop:
        page = Image.new("L", (WIDTH * 4, HEIGHT * 4), 246)
        pen = ImageDraw.Draw(page)
        if border is not None:
            frame = (MARGIN * 4, MARGIN * 4, (WIDTH - MARGIN) * 4, (HEIGHT - MARGIN) * 4)
            pen.rectangle(frame, outline=border, width=5)
        baseline = (WIDTH * 2 + shift[0] * 4, 158 + shift[1] * 4)
        pen.text(baseline, character, fill=ink, font=font, anchor="ms")
        smooth = page.filter(ImageFilter.GaussianBlur(2)).resize((WIDTH, HEIGHT), Image.Resampling.BOX)
        return np.asarray(smooth, np.uint8)

    return draw
