"""Files of scans opened: pages without decoding, each page's picture when it is wanted.

What a file is, its first bytes tell, not its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from oko.engines.recognition.intake.documents import Document
from oko.engines.recognition.intake.model import (
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
    opened,
    picture_colour,
    picture_scan,
    reduced,
)

__all__ = ["Colour", "IntakeError", "PageError", "Scan", "ScanPage", "pages_of"]

LEAST_PX = 1600  # of the long side: A4 at 137 dpi, half of a 300-dpi scan is 1754
_LARGEST_PICTURE = 500_000_000  # bytes of a file that is one picture
_PDF_WITHIN = 1024  # bytes at the beginning among which %PDF- may stand
_WHOLE = 1 << 30  # more pixels than any page has: never reduced

_KINDS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"BM", "picture"),
    (b"GIF8", "picture"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
)
_TOLD = (
    (b"PK\x03\x04", "это архив или офисный документ, а не скан. Сохраните страницы как PDF, TIFF или JPEG"),
    (b"\xd0\xcf\x11\xe0", "это офисный документ, а не скан. Сохраните страницы как PDF"),
    (b"Rar!", "это архив. Распакуйте его и укажите папку"),
)


@dataclass(frozen=True, slots=True)
class ScanPage:
    """One page of a file; small, so that it can be sent to a worker. `number` counts from 1."""

    path: Path
    number: int

    def grey(self, least_px: int = LEAST_PX) -> Scan:
        """The page in grey, as small as is quick to have, its long side at least `least_px` (or whole).

        Raises:
            IntakeError: the file does not open any more.
            PageError: this page cannot be decoded.
        """
        kind = kind_of(self.path)
        if kind == "pdf":
            return _document(self.path).grey(self.number, least_px)
        data = _bytes(self.path)
        if kind == "jpeg":
            return jpeg_scan(data, self.path.name, least_px)
        if kind == "picture":
            return picture_scan(data, self.path.name, least_px)
        with opened(data, self._name) as image:
            image.seek(self.number - 1)
            check_pixels(*image.size, self._name)
            return reduced(grey_of(image), _tiff_dpi(image.info.get("dpi")), least_px)

    def full(self) -> Scan:
        """The page in grey with every pixel that it has.

        Raises:
            IntakeError, PageError: as `grey`.
        """
        return self.grey(_WHOLE)

    def colour(self) -> Colour:
        """The page in colour with every pixel that it has.

        Raises:
            IntakeError, PageError: as `grey`.
        """
        kind = kind_of(self.path)
        if kind == "pdf":
            return _document(self.path).colour(self.number)
        data = _bytes(self.path)
        if kind in ("jpeg", "picture"):
            return picture_colour(data, self.path.name)
        with opened(data, self._name) as image:
            image.seek(self.number - 1)
            check_pixels(*image.size, self._name)
            return colour_of(image)

    @property
    def _name(self) -> str:
        return f"{self.path.name}, страница {self.number}"


def pages_of(path: Path) -> Sequence[ScanPage]:
    """The pages of a file, without decoding any.

    Raises:
        IntakeError: it is no scan, damaged as a whole, empty or locked.
    """
    kind = kind_of(path)
    count = 1
    if kind == "pdf":
        count = _document(path).pages
    elif kind == "tiff":
        try:
            with opened(_bytes(path), path.name) as image:
                count = int(getattr(image, "n_frames", 1))
        except PageError as error:
            raise IntakeError(str(error)) from error
    return [ScanPage(path, number) for number in range(1, count + 1)]


def kind_of(path: Path) -> str:
    """`pdf`, `jpeg`, `tiff` or `picture`, by the first bytes.

    Raises:
        IntakeError: it is none of them.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_PDF_WITHIN)
    except OSError as error:
        raise IntakeError(f"«{path.name}» не открывается: {error.strerror or error}.") from error
    if not head:
        raise IntakeError(f"«{path.name}»: файл пуст (0 байт). Загрузите его ещё раз.")
    if b"%PDF-" in head:
        return "pdf"
    for magic, kind in _KINDS:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    if head[4:8] == b"ftyp":
        raise IntakeError(
            f"«{path.name}»: это фото или видео телефона (HEIC). В настройках камеры выберите JPEG "
            "или отправьте снимок как JPEG."
        )
    told = next((words for magic, words in _TOLD if head.startswith(magic)), None)
    raise IntakeError(f"«{path.name}»: {told or 'это не скан: нужны PDF, TIFF, JPEG или PNG'}.")


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_PICTURE:
            raise IntakeError(f"«{path.name}»: файл больше {_LARGEST_PICTURE // 1_000_000} МБ.")
        return path.read_bytes()
    except OSError as error:
        raise IntakeError(f"«{path.name}» не открывается: {error.strerror or error}.") from error


def _tiff_dpi(value: object) -> float | None:
    return sensible_dpi(value[0]) if isinstance(value, tuple) and value else None


#: The document that a worker reads page after page; one at a time.
_open: dict[tuple[str, int, int], Document] = {}


def _document(path: Path) -> Document:
    try:
        known = path.stat()
    except OSError as error:
        raise IntakeError(f"«{path.name}» не открывается: {error.strerror or error}.") from error
    key = (str(path), known.st_mtime_ns, known.st_size)
    if key not in _open:
        for other in _open.values():
            other.close()
        _open.clear()
        _open[key] = Document(path)
    return _open[key]
