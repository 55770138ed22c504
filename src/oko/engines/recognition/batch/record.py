"""What the journal keeps of a page: enough for the tables and for the Collector.

A line of JSON for the page, a tab, JSON of its fields: whoever needs no fields does not parse them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from oko.engines.blanks.page_code import PageCode

if TYPE_CHECKING:  # the process that only keeps the journal needs no decoders
    from oko.engines.recognition.reading import PageReading


_TAB = b"\t"  # within JSON it is written as \\t


class CellRecord(NamedTuple):
    """See `CellReading`; the place follows from the definition and `PageRecord.to_scan`."""

    value: str
    confidence: float
    review: bool
    state: str


class FieldRecord(NamedTuple):
    """See `FieldReading`."""

    id: str
    kind: str
    state: str
    cells: tuple[CellRecord, ...]


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One page, read or not.

    Attributes:
        source: the position of the file among the sources.
        reason: a value of `Reason`, "" when the page was read.
        sentence: the same for people.
        code_text: the text of the page code as it was read, "" without one.
        to_scan: the nine numbers of `Sheet.to_scan`, row by row; none of a page that was not laid straight.
        pictures: the names of crops, by «field-cell».
        values: the same for the same answers, whatever the scan; of a record that comes from a line.
    """

    source: int
    page: int
    reason: str
    sentence: str = ""
    code: PageCode | None = None
    code_text: str = ""
    rotation: int | None = None
    dpi: float | None = None
    quality: float | None = None
    to_scan: tuple[float, ...] = ()
    fields: tuple[FieldRecord, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    values: str = ""

    @property
    def to_people(self) -> int:
        """How many cells a person should look at."""
        return sum(cell.review for field in self.fields for cell in field.cells)


def record_of(source: int, page: int, reading: PageReading, pictures: dict[str, str]) -> PageRecord:
    """What is kept of a reading."""
    sheet = reading.sheet
    return PageRecord(
        source,
        page,
        str(reading.reason or ""),
        reading.sentence,
        reading.code,
        reading.code_text,
        reading.rotation,
        None if reading.dpi is None else round(reading.dpi, 1),
        None if reading.quality is None else round(reading.quality, 3),
        () if sheet is None else tuple(float(number) for number in sheet.to_scan.ravel()),
        tuple(
            FieldRecord(
                field.id,
                field.kind,
                str(field.state),
                tuple(
                    CellRecord(
                        cell.value, round(float(cell.confidence), 4), bool(cell.review), str(cell.state)
                    )
                    for cell in field.cells
                ),
            )
            for field in reading.fields
        ),
        tuple(pictures.items()),
    )


def to_line(record: PageRecord) -> bytes:
    """One line of the journal, with its end."""
    code = record.code and astuple(record.code)
    whole = (
        record.source,
        record.page,
        record.reason,
        record.sentence,
        code,
        record.code_text,
        record.rotation,
        record.dpi,
        record.quality,
        record.to_scan,
        record.pictures,
        _digest(record.fields),
    )
    return _dumped(whole) + _TAB + _dumped(record.fields) + b"\n"


def _digest(fields: tuple[FieldRecord, ...]) -> str:
    values = [(field.id, [cell.value for cell in field.cells]) for field in fields]
    return hashlib.blake2b(_dumped(values), digest_size=16).hexdigest()


def from_line(line: bytes, *, with_fields: bool = True) -> PageRecord:
    """The record of a line, on demand without its fields.

    Raises:
        ValueError: the line is torn or is no record.
    """
    if not line.endswith(b"\n"):
        raise ValueError("the line has no end")
    try:
        start, _, fields = line.partition(_TAB)
        source, page, reason, sentence, code, text, rotation, dpi, quality, to_scan, pictures, values = (
            json.loads(start)
        )
        return PageRecord(
            source,
            page,
            reason,
            sentence,
            PageCode(*code) if code else None,
            text,
            rotation,
            dpi,
            quality,
            tuple(to_scan),
            tuple(_field(*field) for field in json.loads(fields)) if with_fields else (),
            tuple((place, name) for place, name in pictures),
            values,
        )
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a record: {error}") from error


def _field(name: str, kind: str, state: str, cells: list[Any]) -> FieldRecord:
    return FieldRecord(name, kind, state, tuple(CellRecord(*cell) for cell in cells))


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
