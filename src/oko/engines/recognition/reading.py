"""One scanned page read: from the file to the values of its cells."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from oko.engines.blanks.definition import Definition
from oko.engines.blanks.layout import place
from oko.engines.blanks.page_code import PageCode, PageCodeError, decode, encode, looks_like_ours
from oko.engines.recognition.cells import read_fields
from oko.engines.recognition.cells.characters import CharacterModel
from oko.engines.recognition.foreign.sheets import ForeignSheets
from oko.engines.recognition.intake import IntakeError, PageError, ScanPage
from oko.engines.recognition.locating import Rejected, locate
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
    """The blanks that may be among the scans, made ready once.

    Attributes:
        pages: of Oko's own blanks, by blank, version and number.
        foreign: sheets that Oko did not print.
    """

    def __init__(self, definitions: Iterable[Definition]) -> None:
        known = tuple(definitions)
        self.pages = {
            (one.blank, one.version, page.number): page
            for one in known
            if one.foreign is None
            for page in place(one)
        }
        self.foreign = ForeignSheets(known)


def read_page(
    page: ScanPage,
    blanks: Blanks,
    key: bytes | None = None,
    characters: CharacterModel | None = None,
    matched: str = "",
) -> PageReading:
    """Read a page. Whatever is wrong with it, there is an answer: nothing is raised.

    Args:
        key: with which the page codes were made.
        characters: reads what stands in cells for characters; without it that is «?».
        matched: the text of the code of this page, found otherwise; it counts where no code can be read.
    """
    try:
        return _read(page, blanks, key, characters, matched)
    except (IntakeError, PageError) as error:
        return PageReading(Reason.UNREADABLE_FILE, str(error))
    except Exception as error:  # a library's surprise costs one page and not the batch
        logger.exception("page %s of %s", page.number, page.path)
        return PageReading(Reason.UNREADABLE_FILE, f"Страница не читается ({type(error).__name__}: {error}).")


def _read(
    page: ScanPage, blanks: Blanks, key: bytes | None, characters: CharacterModel | None, matched: str
) -> PageReading:
    scan = page.grey()
    found = locate(scan.image, blanks.pages, key, 1 / scan.scale, lambda: page.full().image)
    if isinstance(found, Sheet):
        return _done(found, read_fields(found, characters), key)
    sheet = _matched(page, blanks, key, matched)
    if sheet is not None:
        return _done(sheet, read_fields(sheet, characters), key)
    if blanks.foreign and _may_be_foreign(found):
        foreign = blanks.foreign.read(scan.image, 1 / scan.scale, characters)
        if foreign is not None:
            return _done(*foreign, key)
    code = _decoded(found.text, key)
    return PageReading(
        found.reason, _sentence(found.reason, code), code, found.text, found.rotation, found.dpi
    )


def _matched(page: ScanPage, blanks: Blanks, key: bytes | None, text: str) -> Sheet | None:
    """The page by the text of its code, where that was matched and is printed on it."""
    code = _decoded(text, key)
    placed = None if code is None else blanks.pages.get((code.blank, code.version, code.page))
    if code is None or placed is None:
        return None
    from oko.engines.recognition.matching.sheets import LEAST_PX, sheet_with_code  # few batches need it

    scan = page.grey(LEAST_PX)
    return sheet_with_code(scan.image, placed, code, text, 1 / scan.scale)


def _sentence(reason: Reason, code: PageCode | None) -> str:
    if reason is Reason.WRONG_VERSION and code is not None:
        return (
            f"Это страница {code.page} бланка «{code.blank}» версии {code.version}, такой среди описаний "
            "нет: добавьте его описание."
        )
    return REASONS_RU[reason]


def _may_be_foreign(found: Rejected) -> bool:
    """A page that has Oko's code is no sheet of others, whatever else is wrong with it."""
    return not looks_like_ours(found.text)


def _done(sheet: Sheet, fields: tuple[FieldReading, ...], key: bytes | None) -> PageReading:
    return PageReading(
        None,
        code=sheet.code,
        code_text=_encoded(sheet.code, key),
        rotation=sheet.rotation,
        dpi=sheet.dpi,
        quality=sheet.quality,
        sheet=sheet,
        fields=fields,
    )


def _decoded(text: str, key: bytes | None) -> PageCode | None:
    try:
        return decode(text, key) if text else None
    except PageCodeError:
        return None


def _encoded(code: PageCode, key: bytes | None) -> str:
    """The text on the page; a foreign sheet has none."""
    try:
        return encode(code, key)
    except PageCodeError:
        return ""
