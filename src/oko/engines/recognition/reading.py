"""One scanned page read: from the file to the values of its cells."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from oko.engines.blanks.definition import Definition
from oko.engines.blanks.layout import place
from oko.engines.blanks.page_code import PageCode
from oko.engines.recognition.cells import read_fields
from oko.engines.recognition.foreign.sheets import ForeignSheets
from oko.engines.recognition.intake import IntakeError, PageError, ScanPage
from oko.engines.recognition.locating import locate
from oko.engines.recognition.model import REASONS_RU, FieldReading, Reason, Sheet

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageReading:
    """What the reader says of a page.

    Attributes:
        reason: why the page was not read; none when it was.
        sentence: the reason for people, in Russian: what it is and what to do.
        code_text: the text of the page code as it was read, "" without one.
        quality: see `Sheet`; none of a page that was not laid straight.
        sheet: the page laid straight; none of a page of which that did not succeed.
        fields: every field that is read, each with all its cells; none of a page that was not read.
    """

    reason: Reason | None
    sentence: str = ""
    code: PageCode | None = None
    code_text: str = ""
    rotation: int | None = None
    dpi: float | None = None
    quality: float | None = None
    sheet: Sheet | None = None
    fields: tuple[FieldReading, ...] = ()


class Blanks:
    """The blanks that may be among the scans, made ready once."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        known = tuple(definitions)
        self.pages = {(one.blank, one.version, page.number): page for one in known for page in place(one)}
        self.foreign = ForeignSheets(known)


def read_page(page: ScanPage, blanks: Blanks, key: bytes | None = None) -> PageReading:
    """Read a page. Whatever is wrong with it, there is an answer: nothing is raised.

    Args:
        key: with which the page codes were made.
    """
    try:
        return _read(page, blanks, key)
    except (IntakeError, PageError) as error:
        return PageReading(Reason.UNREADABLE_FILE, str(error))
    except Exception as error:  # a library's surprise costs one page and not the batch
        logger.exception("page %s of %s", page.number, page.path)
        return PageReading(
            Reason.UNREADABLE_FILE, f"{REASONS_RU[Reason.UNREADABLE_FILE]} ({type(error).__name__}: {error})"
        )


def _read(page: ScanPage, blanks: Blanks, key: bytes | None) -> PageReading:
    scan = page.grey()
    sheet = locate(scan.image, blanks.pages, key, 1 / scan.scale)
    if isinstance(sheet, Reason):
        return PageReading(sheet, REASONS_RU[sheet])
    fields = read_fields(sheet)
    return PageReading(None, "", sheet.code, "", sheet.rotation, sheet.dpi, sheet.quality, sheet, fields)
