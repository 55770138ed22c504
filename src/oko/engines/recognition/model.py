"""What the reader says of a page: the words that all parts of it share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.layout import PlacedPage, Rectangle
from oko.engines.blanks.page_code import PageCode

GreyImage = NDArray[np.uint8]  # height × width, 0 black … 255 white
Matrix = NDArray[np.float64]  # 3 × 3

#: A page that was laid straight has so many pixels in a millimetre (152 dpi).
PX_PER_MM = 6


class Reason(StrEnum):
    """Why a page was not read: a closed list."""

    NO_CODE = "no code"
    FOREIGN_CODE = "foreign code"
    DAMAGED_CODE = "damaged code"
    WRONG_VERSION = "wrong version"
    BLANK_PAGE = "blank page"
    CROPPED = "cropped"
    LOW_RESOLUTION = "resolution too low"
    DOUBLED = "doubled"
    TOO_DARK = "too dark"
    TOO_LIGHT = "too light"
    UNREADABLE_FILE = "unreadable file"


#: The same in words for people: what it is, and what to do.
REASONS_RU = {
    Reason.NO_CODE: "На странице нет кода Око. Если это бланк — найдите его по подписи кода, иначе уберите.",
    Reason.FOREIGN_CODE: "Код не от Око или сделан с другим ключом: это чужой лист.",
    Reason.DAMAGED_CODE: "Код повреждён. Отсканируйте страницу ещё раз или найдите её по подписи кода.",
    Reason.WRONG_VERSION: "Бланк другого вида или другой версии: добавьте его описание.",
    Reason.BLANK_PAGE: "Пустая страница.",
    Reason.CROPPED: "Часть страницы не попала в скан. Отсканируйте страницу целиком.",
    Reason.LOW_RESOLUTION: "Разрешение слишком низкое. Сканируйте с разрешением 200–300 точек на дюйм.",
    Reason.DOUBLED: "Та же страница есть в этих сканах ещё раз. Решите, какая верна.",
    Reason.TOO_DARK: "Скан слишком тёмный. Уменьшите контраст или отсканируйте ещё раз.",
    Reason.TOO_LIGHT: "Скан слишком светлый: печать не видна. Увеличьте контраст.",
    Reason.UNREADABLE_FILE: "Файл не открывается.",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that was recognised by its code and laid straight.

    Attributes:
        image: the page, upright, `PX_PER_MM` pixels a millimetre; white outside of the scan, and it may be
            white where nothing is read (outside of `regions_of`).
        seen: of the same shape, 0 where the scan has nothing (a corner torn off, a cropped edge), else 255.
        to_scan: takes millimetres of the page (homogeneous) to pixels of the scan at full resolution.
        rotation: 0, 90, 180 or 270: by how much the scan was turned clockwise.
        quality: 0 … 1, how surely the page was laid straight; for people and for sorting.
    """

    code: PageCode
    page: PlacedPage
    image: GreyImage
    seen: GreyImage
    to_scan: Matrix
    rotation: int
    dpi: float
    quality: float


class State(StrEnum):
    """What was found in a cell. `UNSURE` is never a value that nobody looks at."""

    EMPTY = "empty"
    MARKED = "marked"
    FAINT = "faint"
    CANCELLED = "cancelled"
    UNSURE = "unsure"


class FieldState(StrEnum):
    """What was found in a field of marks as a whole."""

    EMPTY = "empty"
    ANSWERED = "answered"
    DOUBLED = "doubled"  # more marks than there may be
    CANCELLED = "cancelled"  # all marks were cancelled
    CORRECTED = "corrected"  # a mark was cancelled, another one stands


@dataclass(frozen=True, slots=True)
class CellReading:
    """One cell. `number` counts from 1 within the field.

    Attributes:
        value: of marks the meaning of the box if it is marked, else ""; of characters the character, "?" when
            there is one that was not read, "" when the cell is empty; of areas and signatures "1" or "".
        confidence: the calibrated probability that `value` is right.
        review: a person should look.
    """

    number: int
    value: str
    confidence: float
    review: bool
    state: State
    place: Rectangle


@dataclass(frozen=True, slots=True)
class FieldReading:
    id: str
    kind: str
    state: FieldState
    cells: tuple[CellReading, ...]
