"""One scanned page read: from the file to the values of its cells."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from oko.engines.blanks.page_code import PageCode
from oko.engines.recognition.model import FieldReading, Reason, Sheet

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
