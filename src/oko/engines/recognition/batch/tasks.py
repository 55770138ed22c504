"""What a worker of a batch does: count the pages of a file, read a page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from oko.engines.blanks.definition import Definition
from oko.engines.recognition.batch.record import PageRecord, record_of, to_line
from oko.engines.recognition.model import Reason

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
    """What all pages are read with; `crops` and `overlay` are folders for pictures."""

    definitions: tuple[Definition, ...]
    key: bytes | None = None
    crops: Path | None = None
    overlay: Path | None = None


Answer = Counted | Kept
Start = Callable[[], Callable[[FileJob | PageJob], Answer]]


def prepare(setup: Setup) -> Callable[[FileJob | PageJob], Answer]:
    """Load what reading needs, once in a worker's life."""
    import cv2

    cv2.setNumThreads(1)  # a worker is one core: threads in each would only wait for one another
    from oko.engines.recognition.locating import Blanks

    blanks = Blanks(setup.definitions)
    return partial(_answer, setup, blanks)


def lost_page(source: int, page: int, sentence: str) -> bytes:
    """The journal's line of a page that nothing could be learnt of."""
    return to_line(PageRecord(source, page, str(Reason.UNREADABLE_FILE), sentence))
