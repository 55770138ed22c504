"""The tables of a batch, made of its journal: fields, pages, and the details for programs."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from oko.engines.blanks.layout import PlacedField, PlacedPage
from oko.engines.recognition.batch.doubles import Doubles, Verdict
from oko.engines.recognition.batch.journal import Journal
from oko.engines.recognition.batch.record import CellRecord, FieldRecord, PageRecord
from oko.engines.recognition.batch.sources import Source
from oko.engines.recognition.model import Reason

FIELDS_HEADER = ("source", "page", "blank", "serial", "field", "cell", "value", "confidence", "review")
PAGES_HEADER = ("source", "page", "blank", "serial", "status", "reason", "rotation", "dpi", "quality")

_MOST_TOLD = 20  # files of which is said what is wrong with each

#: Placed pages by blank, version and number.
PlacedPages = Mapping[tuple[str, int, int], PlacedPage]


@dataclass
class Totals:
    """What the tables hold."""

    pages: int = 0
    read: int = 0
    cells: int = 0
    to_people: int = 0
    pages_to_people: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)  # of each reason one page
    unreadable: list[str] = field(default_factory=list)  # sentences, the first ones


@dataclass(frozen=True)
class Outputs:
    """Where the tables go; `details` may be left out."""

    fields: Path
    pages: Path
    details: Path | None = None


def write_tables(
    journal: Journal, sources: Sequence[Source], counts: Sequence[int], placed: PlacedPages, out: Outputs
) -> Totals:
    """Write all tables beside their places and, when they are whole, put them there.

    Args:
        counts: how many pages each source has; the journal holds them all.

    Raises:
        OSError: a table cannot be written.
    """
    doubles = Doubles()
    for record in _records(journal, counts, with_fields=False):
        doubles.add(record)
    totals = Totals()
    with ExitStack() as stack:
        fields = csv.writer(stack.enter_context(_beside(out.fields)), lineterminator="\n")
        pages = csv.writer(stack.enter_context(_beside(out.pages)), lineterminator="\n")
        details = stack.enter_context(_beside(out.details)) if out.details else None
        fields.writerow(FIELDS_HEADER)
        pages.writerow(PAGES_HEADER)
        for record in _judged(_records(journal, counts), doubles, sources):
            name = sources[record.source].name
            fields.writerows(_field_rows(record, name))
            pages.writerow(_page_row(record, name))
            if details:
                line = _details(record, sources, placed)
                details.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
            _count(totals, record, name)
    for path in filter(None, (out.fields, out.pages, out.details)):
        _unfinished(path).replace(path)
    return totals


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _beside(path: Path) -> TextIO:
    return _unfinished(path).open("w", encoding="utf-8", newline="")


def _records(journal: Journal, counts: Sequence[int], *, with_fields: bool = True) -> Iterator[PageRecord]:
    for source, count in enumerate(counts):
        for page in range(1, count + 1):
            yield journal.record(source, page, with_fields=with_fields)


def _judged(
    records: Iterable[PageRecord], doubles: Doubles, sources: Sequence[Source]
) -> Iterator[PageRecord]:
    """Pages that stand in the scans twice are rejected: with the same answers all but the first, and their
    values are left out; with different answers all, and every value is for a person to look at.
    """
    for record in records:
        if record.reason:
            yield record
            continue
        verdict, (source, page) = doubles.verdict(record)
        where = f"«{sources[source].name}», страница {page}"
        if verdict is Verdict.REPEATED:
            sentence = f"Та же страница с теми же ответами уже прочитана: {where}."
            yield replace(record, reason=str(Reason.DOUBLED), sentence=sentence, fields=())
        elif verdict is Verdict.CONTRADICTED:
            sentence = f"Та же страница есть с другими ответами: {where}. Решите, какая верна."
            yield replace(
                record, reason=str(Reason.DOUBLED), sentence=sentence, fields=_for_people(record.fields)
            )
        else:
            yield record


def _for_people(fields: Sequence[FieldRecord]) -> tuple[FieldRecord, ...]:
    return tuple(
        entry._replace(cells=tuple(cell._replace(review=True) for cell in entry.cells)) for entry in fields
    )


def _field_rows(record: PageRecord, name: str) -> Iterator[tuple[object, ...]]:
    if record.code is None:
        return
    start = (name, record.page, record.code.blank, record.code.serial)
    for entry in record.fields:
        for number, cell in enumerate(entry.cells, start=1):
            yield (*start, entry.id, number, cell.value, f"{cell.confidence:.4f}", int(cell.review))


def _page_row(record: PageRecord, name: str) -> tuple[object, ...]:
    return (
        name,
        record.page,
        record.code.blank if record.code else "",
        record.code.serial if record.code else "",
        "rejected" if record.reason else "read",
        record.reason,
        _or_empty(record.rotation, "d"),
        _or_empty(record.dpi, ".0f"),
        _or_empty(record.quality, ".3f"),
    )


def _or_empty(number: float | None, how: str) -> str:
    return "" if number is None else format(number, how)


def _count(totals: Totals, record: PageRecord, name: str) -> None:
    totals.pages += 1
    totals.cells += sum(len(entry.cells) for entry in record.fields)
    totals.to_people += record.to_people
    totals.pages_to_people += bool(record.to_people)
    if record.reason:
        totals.reasons[record.reason] += 1
        totals.examples.setdefault(record.reason, f"{name}, страница {record.page}")
        if record.reason == Reason.UNREADABLE_FILE and len(totals.unreadable) < _MOST_TOLD:
            is_named = Path(name).name in record.sentence
            where = "" if is_named else f"{name}, страница {record.page}: "
            totals.unreadable.append(where + record.sentence)
    else:
        totals.read += 1


# Details --------------------------------------------------------------------------------------------------


def _details(record: PageRecord, sources: Sequence[Source], placed: PlacedPages) -> dict[str, Any]:
    """All that is known of a page; places are the corners of a cell in pixels of the scan at full resolution:
    upper left, upper right, lower right, lower left.
    """
    code = record.code
    page = code and placed.get((code.blank, code.version, code.page))
    by_id = {entry.id: entry for entry in page.fields} if page else {}
    pictures = dict(record.pictures)
    return {
        "source": sources[record.source].name,
        "page": record.page,
        "status": "rejected" if record.reason else "read",
        "reason": record.reason,
        "sentence": record.sentence,
        "code_text": record.code_text,
        "code": code
        and {
            "assessment": code.assessment,
            "blank": code.blank,
            "version": code.version,
            "page": code.page,
            "organisation": code.organisation,
            "serial": code.serial,
        },
        "rotation": record.rotation,
        "dpi": record.dpi,
        "quality": record.quality,
        "to_scan": list(record.to_scan),
        "pictures": sources[record.source].folder + f"-{record.page}" if pictures else None,
        "fields": [_field_details(entry, by_id.get(entry.id), record, pictures) for entry in record.fields],
    }


def _field_details(
    entry: FieldRecord, placed: PlacedField | None, record: PageRecord, pictures: dict[str, str]
) -> dict[str, Any]:
    places = _places(placed, record.to_scan) if placed and record.to_scan else [None] * len(entry.cells)
    return {
        "id": entry.id,
        "kind": entry.kind,
        "state": entry.state,
        "cells": [
            _cell_details(number, cell, place, pictures.get(f"{entry.id}-{number}"))
            for number, (cell, place) in enumerate(zip(entry.cells, places, strict=True), start=1)
        ],
    }


def _cell_details(number: int, cell: CellRecord, place: Any, picture: str | None) -> dict[str, Any]:
    return {"cell": number, **cell._asdict(), "place": place, "picture": picture}


def _places(placed: PlacedField, to_scan: Sequence[float]) -> list[list[list[float]]]:
    corners = np.array(
        [
            ((x, y, 1), (x + w, y, 1), (x + w, y + h, 1), (x, y + h, 1))
            for x, y, w, h in ((cell.x_mm, cell.y_mm, cell.w_mm, cell.h_mm) for cell in placed.cells)
        ]
    )
    there = corners @ np.reshape(to_scan, (3, 3)).T
    places: list[list[list[float]]] = (there[..., :2] / there[..., 2:]).round(1).tolist()
    return places
