"""pages.csv in, matches.csv out: which pages are to be matched, and what they are."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from oko.engines.blanks.definition import Definition
from oko.engines.blanks.page_code import PageCode, PageCodeError, decode, encode
from oko.engines.recognition.matching.finding import Match
from oko.engines.recognition.model import Reason
from oko.engines.strict_json import cause

HEADER = ("source", "page", "blank", "blank_page", "serial", "confidence", "review", "code")
#: Reasons of pages that the printed text can say more of.
MATCHABLE = (Reason.NO_CODE, Reason.DAMAGED_CODE)
_WANTED = ("source", "page", "blank", "serial", "status", "reason")


class TableError(ValueError):
    """A table that cannot be used; the message is a sentence in Russian."""


@dataclass(frozen=True)
class Pages:
    """Of a batch that was read: the pages to be matched, and how many pages of each set were read."""

    unmatched: tuple[tuple[str, int], ...]
    read: Counter[tuple[str, str]]


def read_pages(path: Path) -> Pages:
    """What `oko blank read` wrote of its pages.

    Raises:
        TableError: it is not such a table.
    """
    unmatched: list[tuple[str, int]] = []
    read: Counter[tuple[str, str]] = Counter()
    for row, line in _rows(path, _WANTED):
        if row["status"] == "read":
            read[row["blank"], row["serial"]] += 1
        elif row["reason"] in MATCHABLE:
            unmatched.append((row["source"], _number(row["page"], path, line)))
    return Pages(tuple(unmatched), read)


def write_matches(
    path: Path,
    found: Sequence[tuple[str, int, Match]],
    read: Mapping[tuple[str, str], int],
    definitions: Sequence[Definition],
    key: bytes | None,
) -> int:
    """A row for each match that is clear, up to three for a page of which a person is to choose.

    A page that is already there, or that two scans would be, is for a person too.

    Returns:
        How many matches stand without a person.

    Raises:
        OSError: it cannot be written.
    """
    pages = {one.blank: len(one.pages) for one in definitions}
    chosen = Counter(match.candidates[0].code for _, _, match in found if match.clear)
    clear = 0
    unfinished = path.with_name(f"{path.name}.new")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(HEADER)
        for source, page, match in found:
            alone = match.clear and _is_new(match.candidates[0].code, chosen, read, pages)
            clear += alone
            table.writerows(_match_rows(source, page, match, alone, key))
    unfinished.replace(path)
    return clear


def _is_new(
    code: PageCode,
    chosen: Mapping[PageCode, int],
    read: Mapping[tuple[str, str], int],
    pages: Mapping[str, int],
) -> bool:
    return chosen[code] == 1 and read.get((code.blank, code.serial), 0) < pages[code.blank]


def _match_rows(
    source: str, page: int, match: Match, alone: bool, key: bytes | None
) -> Iterator[tuple[object, ...]]:
    if not match.candidates:
        yield source, page, "", "", "", "0.0000", 1, ""
    for one in match.candidates[: 1 if match.clear else None]:
        code = one.code
        confidence = f"{one.confidence:.4f}"
        text = encode(code, key)
        yield source, page, code.blank, code.page, code.serial, confidence, int(not alone), text


def read_matches(path: Path, key: bytes | None) -> dict[tuple[str, int], tuple[PageCode, str]]:
    """Matches that a person need not look at, or has looked at: rows with `review` of 0, by source and page.

    Raises:
        TableError: it is not such a table, a page stands in it twice, or a code is not whole.
    """
    matches: dict[tuple[str, int], tuple[PageCode, str]] = {}
    for row, line in _rows(path, HEADER):
        if row["review"] != "0":
            continue
        where = (row["source"], _number(row["page"], path, line))
        if where in matches:
            raise TableError(
                f"«{path.name}», строка {line}: страница {where[1]} файла «{where[0]}» стоит здесь дважды "
                "с review 0. Оставьте одну строку."
            )
        try:
            matches[where] = decode(row["code"], key), row["code"]
        except PageCodeError as error:
            raise TableError(f"«{path.name}», строка {line}, столбец code: {error}.") from error
    return matches


def _rows(path: Path, wanted: Iterable[str]) -> Iterator[tuple[dict[str, str], int]]:
    """The rows of a table with the numbers of their lines."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, restval="")
            missing = [name for name in wanted if name not in (table.fieldnames or ())]
            if missing:
                raise TableError(f"«{path.name}»: нет столбца «{missing[0]}». Это не та таблица?")
            for row in table:
                yield row, table.line_num
    except OSError as error:
        raise TableError(f"Таблица «{path}» не открывается: {cause(error)}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"Таблица «{path}» — не CSV в кодировке UTF-8.") from error


def _number(text: str, path: Path, line: int) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 8):
        raise TableError(f"«{path.name}», строка {line}, столбец page: найдено «{text}», ожидается номер.")
    return int(text)
