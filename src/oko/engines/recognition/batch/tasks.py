"""What a worker of a batch does: count the pages of a file, read a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from oko.engines.blanks.definition import Definition
from oko.engines.recognition.batch.record import PageRecord, record_of, to_line
from oko.engines.recognition.model import Reason

if TYPE_CHECKING:
    from oko.engines.recognition.characters import CharacterReader
    from oko.engines.recognition.intake import ScanPage
    from oko.engines.recognition.reading import Blanks, PageReading

logger = logging.getLogger(__name__)


class FileJob(NamedTuple):
    """Count the pages of a file."""

    source: int
    path: str


class PageJob(NamedTuple):
    """Read a page; pictures of it go into `folder`-`page`."""

    source: int
    page: int
    path: str
    folder: str


class Counted(NamedTuple):
    """How many pages a file has; without any, why, in Russian."""

    pages: int
    sentence: str = ""


class Kept(NamedTuple):
    """A line for the journal; `trouble` says in Russian why pictures could not be written."""

    line: bytes
    trouble: str = ""


@dataclass(frozen=True)
class Setup:
    """What all pages are read with; `crops` and `overlay` are folders for pictures; `matches` has texts of
    codes that were found otherwise, by the path of a file and the number of a page.
    """

    definitions: tuple[Definition, ...]
    key: bytes | None = None
    crops: Path | None = None
    overlay: Path | None = None
    matches: Mapping[tuple[str, int], str] = field(default_factory=dict)


Answer = Counted | Kept
Start = Callable[[], Callable[[FileJob | PageJob], Answer]]


def prepare(setup: Setup) -> Callable[[FileJob | PageJob], Answer]:
    """Load what reading needs, once in a worker's life."""
    import cv2

    cv2.setNumThreads(1)  # a worker is one core: threads in each would only wait for one another
    from oko.engines.recognition.characters import CharacterReader
    from oko.engines.recognition.reading import Blanks

    return partial(_answer, setup, Blanks(setup.definitions), CharacterReader())


def lost_page(source: int, page: int, sentence: str) -> bytes:
    """The journal's line of a page that nothing could be learnt of."""
    return to_line(PageRecord(source, page, str(Reason.UNREADABLE_FILE), sentence))


def _answer(setup: Setup, blanks: Blanks, characters: CharacterReader, job: FileJob | PageJob) -> Answer:
    return _count(job) if isinstance(job, FileJob) else _read(setup, blanks, characters, job)


def _count(job: FileJob) -> Counted:
    from oko.engines.recognition.intake import IntakeError, pages_of

    try:
        return Counted(len(pages_of(Path(job.path))))
    except IntakeError as error:
        return Counted(0, str(error))
    except Exception as error:  # a library's surprise costs one file and not the batch
        logger.exception("file %s", job.path)
        return Counted(0, f"Файл не открывается ({type(error).__name__}: {error}).")


def _read(setup: Setup, blanks: Blanks, characters: CharacterReader, job: PageJob) -> Kept:
    from oko.engines.recognition.intake import ScanPage
    from oko.engines.recognition.reading import read_page

    page = ScanPage(Path(job.path), job.page)
    matched = setup.matches.get((job.path, job.page), "")
    reading = read_page(page, blanks, setup.key, characters, matched)
    try:
        pictures = _draw(setup, job, page, reading)
    except OSError as error:
        return Kept(b"", f"Не удалось записать «{error.filename or setup.crops}»: {error.strerror}.")
    return Kept(to_line(record_of(job.source, job.page, reading, pictures)))


def _draw(setup: Setup, job: PageJob, page: ScanPage, reading: PageReading) -> dict[str, str]:
    """Write the pictures that are wanted; the names of crops."""
    if not (setup.overlay or (setup.crops and reading.sheet)):
        return {}
    from oko.engines.recognition.batch.crops import write_crops
    from oko.engines.recognition.batch.overlay import write_overlay
    from oko.engines.recognition.intake import IntakeError, PageError

    try:
        scan = page.colour()
    except (IntakeError, PageError):  # why, the reading says
        return {}
    name = f"{job.folder}-{job.page}"
    if setup.overlay:
        write_overlay(scan, reading, setup.overlay / f"{name}.jpg")
    if setup.crops and reading.sheet:
        return write_crops(scan, reading.sheet, reading.fields, setup.crops / name)
    return {}
