"""XLSX and ODS are zip archives of XML: look inside before a parser believes them.

calamine lays a sheet out as a dense rectangle and inflates whatever it is told to, so one cell at XFD1048576,
a row repeated two million times or a hundred megabytes of zeros must be seen here, cheaply, in memory.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from oko.engines.forms.unreadable import Reason, UnreadableProtocol

LARGEST_FILE = 20_000_000
LARGEST_PART = 40_000_000
LARGEST_WHOLE = 80_000_000
MOST_PARTS = 1_000
SHORT_SHEET = 80_000  # bytes: too few for cells without references to span more than 200 MB
MOST_ROWS_BY_TAGS = 20_000_000  # a cell takes four tags at least
BOMB_RATIO = 250  # text of a real sheet packs up to a hundred times


@dataclass(frozen=True, slots=True)
class Limits:
    """How far the filled cells of a sheet may reach; `cells` are those of the rectangle calamine lays out."""

    rows: int
    columns: int
    cells: int


#: A protocol of one paper, columns up to ZZ.
PROTOCOL = Limits(rows=9_999, columns=702, cells=3_000_000)

_LOCAL_HEADER = (
    30  # bytes before the name in a part's own header; its last four are the lengths of name and extra
)

_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    NotImplementedError,
    OSError,
    EOFError,
    struct.error,
)


@dataclass(slots=True)
class Archive:
    """The parts of a zipped book, inflated, by lower-case name."""

    parts: dict[str, bytes] = field(default_factory=dict)

    @property
    def sheets(self) -> list[bytes]:
        """Whatever is laid out as a sheet, under whatever name it stands."""
        return [part for part in self.parts.values() if b"sheetData" in part]


def open_archive(source: bytes) -> Archive:
    """Inflate every part, within bounds.

    Raises:
        UnreadableProtocol: damaged, encrypted, a bomb, macros, or parts that hide one behind another.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(source))
    except _ZIP_ERRORS as error:
        raise UnreadableProtocol(Reason.DAMAGED, "архив XLSX или ODS не открывается") from error
    members = archive.infolist()
    if len(members) > MOST_PARTS:
        raise UnreadableProtocol(Reason.ARCHIVE_BOMB, f"в архиве {len(members)} частей")
    names = [member.filename.lower().replace("\\", "/") for member in members]
    if len(set(names)) != len(names):
        raise UnreadableProtocol(Reason.UNSAFE, "в архиве две части с одним именем")
    _refuse_macros_and_passwords(names, members)
    found = Archive()
    left = LARGEST_WHOLE
    for name, member in zip(names, members, strict=True):
        content = found.parts[name] = _inflate(source, member, min(LARGEST_PART, left))
        left -= len(content)
        _refuse_entities(name, content)
    if b"macroEnabled" in found.parts.get("[content_types].xml", b""):
        raise UnreadableProtocol(Reason.MACROS, "книга объявлена книгой с макросами")
    return found


def _refuse_macros_and_passwords(names: list[str], members: list[zipfile.ZipInfo]) -> None:
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise UnreadableProtocol(Reason.MACROS, "часть vbaProject.bin")
    if any(name.startswith("basic/") and name.endswith(".xml") and "script-l" not in name for name in names):
        raise UnreadableProtocol(Reason.MACROS, "модули Basic")
    if "xl/workbook.bin" in names:
        raise UnreadableProtocol(Reason.OTHER_FORMAT, "двоичная книга XLSB")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableProtocol(Reason.ENCRYPTED)


def _inflate(source: bytes, member: zipfile.ZipInfo, bound: int) -> bytes:
    """One part, never more than allowed, whatever size the archive declares.

    Straight through zlib: `zipfile` opens a part five times slower, and checks sums that a parser checks
    again.
    """
    name = member.filename[:60]
    if member.file_size > bound:
        reason = (
            Reason.ARCHIVE_BOMB
            if member.file_size > member.compress_size * BOMB_RATIO
            else Reason.TOO_MANY_CELLS
        )
        raise UnreadableProtocol(reason, f"{member.file_size / 1e6:.0f} МБ в части {name}")
    try:
        start = member.header_offset + _LOCAL_HEADER
        start += sum(struct.unpack_from("<HH", source, start - 4))
        packed = source[start : start + member.compress_size]
        if member.compress_type == zipfile.ZIP_STORED:
            content = packed
        elif member.compress_type == zipfile.ZIP_DEFLATED:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, bound + 1)
        else:
            raise UnreadableProtocol(Reason.DAMAGED, f"часть {name} сжата неизвестным способом")
    except _ZIP_ERRORS as error:
        raise UnreadableProtocol(Reason.DAMAGED, f"часть {name} не распаковывается") from error
    if len(content) > bound:
        raise UnreadableProtocol(Reason.ARCHIVE_BOMB, f"часть {name}")
    return content


_FIRST_ELEMENT = re.compile(rb"<[A-Za-z_]")


def _refuse_entities(name: str, content: bytes) -> None:
    """No part of a spreadsheet needs a DTD; entity bombs do. UTF-16 would hide one from a search of bytes."""
    root = _FIRST_ELEMENT.search(content)
    prologue = content[: root.start()] if root else content
    if b"<!--" in prologue:  # a comment may hide what looks like the first element
        prologue = content
    if b"<!DOCTYPE" in prologue or b"<!ENTITY" in prologue:
        raise UnreadableProtocol(Reason.UNSAFE, f"описание типа документа (DTD) в части {name[:60]}")
    if name.endswith((".xml", ".rels")) and b"\x00" in content[:64]:
        raise UnreadableProtocol(Reason.UNSAFE, f"часть {name[:60]} не в кодировке UTF-8")


_FAR_CELL = re.compile(rb' r="[A-Za-z]{0,2}+(?:[A-Za-z]|\d{5})')  # three letters, or five digits
_ODD_QUOTES = (
    b"'",
    b"\t",
    b"\r",
)  # legal in XML, rare in spreadsheets, and the search for far cells would not see them
_PROLOGUE = 200  # a line break may follow the XML declaration
_FORMULA = re.compile(rb"<f[\s>/]")
_ROOT_WITHIN = 500  # bytes: a root without a prefix means elements without one
_PREFIXED_FORMULA = re.compile(rb"<\w+:f[\s>/]")
LONGEST_CELL_TAG = 200
_REFERENCE = re.compile(rb'r=["\']([A-Z]+\d+)')


def refuse_huge_sheets(archive: Archive, limits: Limits = PROTOCOL) -> None:
    """A sheet whose filled cells reach beyond the limits is refused before it is laid out.

    Within the limits of a protocol the usual sheet passes by a few searches; a doubtful one, and every sheet
    under other limits, is walked cell by cell.

    Raises:
        UnreadableProtocol: a filled cell beyond the limits, or markup that does not parse.
    """
    for content in archive.sheets:
        if limits != PROTOCOL or not _surely_small(content):
            _walk_to_the_limits(content, limits)


def _surely_small(content: bytes) -> bool:
    """Whether neither a far reference nor cells without references can exceed the limits of a protocol."""
    if (
        any(sign in content for sign in _ODD_QUOTES)
        or b" r =" in content
        or content.find(b"\n", _PROLOGUE) >= 0
    ):
        return False
    if _FAR_CELL.search(content):
        return False
    if len(content) <= SHORT_SHEET:
        return True
    rows, tags = content.count(b"row"), content.count(b"<")
    return rows <= PROTOCOL.rows and rows * tags <= MOST_ROWS_BY_TAGS


def refuse_extents(rows: int, columns: int, limits: Limits = PROTOCOL) -> None:
    if rows > limits.rows:
        raise UnreadableProtocol(
            Reason.TOO_MANY_CELLS, f"заполнена строка {rows}, а их может быть не больше {limits.rows}"
        )
    if columns > limits.columns:
        raise UnreadableProtocol(
            Reason.TOO_MANY_CELLS, f"заполнен {columns}-й столбец, а их может быть не больше {limits.columns}"
        )
    if rows * columns > limits.cells:
        raise UnreadableProtocol(Reason.TOO_MANY_CELLS, f"{rows} строк и {columns} столбцов")


class _Extents:
    """The last row and column that hold a value in an XLSX sheet, by a parse that stops beyond the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.rows = self.columns = 0
        self._row = self._column = 0
        self._cell_has_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self._row = _number(attributes.get("r")) or self._row + 1
                self._column = 0
            case "c":
                self._column += 1
                if place := _place(attributes.get("r", "")):
                    self._row, self._column = place
            case "v" | "is" | "f":
                self.rows = max(self.rows, self._row)
                self.columns = max(self.columns, self._column)
                if self.rows > self._limits.rows or self.columns > self._limits.columns:
                    refuse_extents(self.rows, self.columns, self._limits)


def _walk_to_the_limits(content: bytes, limits: Limits) -> None:
    extents = _Extents(limits)
    parser = expat.ParserCreate()
    parser.StartElementHandler = extents.start
    _parse(parser, content)
    refuse_extents(extents.rows, extents.columns, limits)


def _parse(parser: expat.XMLParserType, content: bytes) -> None:
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise UnreadableProtocol(Reason.DAMAGED, "разметка листа нарушена") from error


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


_PLACE = re.compile(r"([A-Za-z]{1,7})([0-9]{1,9})")


def _place(reference: str) -> tuple[int, int] | None:
    match = _PLACE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def may_be_odd(content: bytes) -> bool:
    """Whether a sheet may hold formulas or errors: two searches, for most sheets have neither."""
    return b"#" in content or b"<f" in content or b"<worksheet" not in content[:_ROOT_WITHIN]


def formulas(content: bytes) -> frozenset[tuple[int, int]]:
    """Places of the cells of an XLSX sheet that hold a formula, as (row, column) from 0."""
    places = set()
    plain = b"<worksheet" in content[:_ROOT_WITHIN]
    for match in (_FORMULA if plain else _PREFIXED_FORMULA).finditer(content):
        start = match.start()
        reference = _REFERENCE.match(
            content, content.rfind(b" r=", max(0, start - LONGEST_CELL_TAG), start) + 1
        )
        if reference and (place := _place(reference[1].decode())):
            places.add((place[0] - 1, place[1] - 1))
    return frozenset(places)


_ERROR = re.compile(
    rb"<(?:\w+:)?c\b([^>]*\bt=[\"']e[\"'][^>]*)>(?:(?!</(?:\w+:)?c>).){0,2000}?<(?:\w+:)?v>([^<]{1,20})<",
    re.DOTALL,
)


def errors(content: bytes) -> dict[tuple[int, int], str]:
    """Places and texts of the cells of an XLSX sheet that show an error: calamine leaves them empty."""
    if b"#" not in content:
        return {}
    found: dict[tuple[int, int], str] = {}
    for match in _ERROR.finditer(content):
        reference = _REFERENCE.search(match[1])
        if reference and (place := _place(reference[1].decode())):
            found[place[0] - 1, place[1] - 1] = match[2].decode("utf-8", "replace")
    return found


class _OdsWalk:
    """Extents and formulas of an ODS document, repeats counted but never laid out."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self.formulas: dict[str, set[tuple[int, int]]] = {}
        self._table = ""
        self._row = self._column = 0
        self._row_repeat = 1

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "table:table":
                self._table = attributes.get("table:name", "")
                self._row = 0
            case "table:table-row":
                self._row_repeat = _number(attributes.get("table:number-rows-repeated")) or 1
                self._column = 0
            case "table:table-cell" | "table:covered-table-cell":
                self._cell(attributes)

    def end(self, name: str) -> None:
        if name == "table:table-row":
            self._row += self._row_repeat

    def _cell(self, attributes: dict[str, str]) -> None:
        repeat = _number(attributes.get("table:number-columns-repeated")) or 1
        if "office:value-type" in attributes or "calcext:value-type" in attributes:
            self.rows = max(self.rows, self._row + self._row_repeat)
            self.columns = max(self.columns, self._column + repeat)
            if self.rows > PROTOCOL.rows or self.columns > PROTOCOL.columns:
                refuse_extents(self.rows, self.columns)
        if "table:formula" in attributes:
            self.formulas.setdefault(self._table, set()).add((self._row, self._column))
        self._column += repeat


def walk_ods(archive: Archive) -> dict[str, set[tuple[int, int]]]:
    """Refuse a huge ODS document; return its formulas as (row, column), counted from 0, by sheet."""
    content = archive.parts.get("content.xml")
    if content is None:
        raise UnreadableProtocol(Reason.DAMAGED, "в документе ODS нет содержимого")
    walk = _OdsWalk()
    parser = expat.ParserCreate()
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    _parse(parser, content)
    refuse_extents(walk.rows, walk.columns)
    return walk.formulas


def is_encrypted_ods(archive: Archive) -> bool:
    return b"encryption-data" in archive.parts.get("meta-inf/manifest.xml", b"")


def sheet_parts(archive: Archive) -> Iterator[tuple[str, bytes]]:
    """Sheet names and their XML, in the order of the workbook."""
    targets = dict(_relations(archive.parts.get("xl/_rels/workbook.xml.rels", b"")))
    for name, relation in _workbook_sheets(archive.parts.get("xl/workbook.xml", b"")):
        target = targets.get(relation, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        yield name, archive.parts.get(part.lower(), b"")


def _workbook_sheets(content: bytes) -> list[tuple[str, str]]:
    sheets: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            sheets.append((attributes.get("name", ""), relation))

    _walk(content, start)
    return sheets


def _relations(content: bytes) -> list[tuple[str, str]]:
    relations: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            relations.append((attributes.get("Id", ""), attributes.get("Target", "")))

    _walk(content, start)
    return relations


def _walk(content: bytes, start) -> None:  # type: ignore[no-untyped-def]  # an expat callback
    if content:
        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        _parse(parser, content)
