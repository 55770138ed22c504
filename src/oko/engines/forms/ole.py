"""The old XLS: a compound file (OLE) with a stream of BIFF records. Looked through before a parser believes
it.

Only what is needed to refuse: a password, macros, a sheet whose dense rectangle would not fit in memory; and
the places of formulas. Structures: [MS-CFB] (compound file) and [MS-XLS] (records), both published by
Microsoft.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from oko.engines.forms.archive import refuse_extents
from oko.engines.forms.unreadable import Reason, UnreadableProtocol

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_END_OF_CHAIN = 0xFFFFFFFA  # this and above are not sectors
_ENTRY_SIZE = 128


def look_through(source: bytes) -> dict[int, set[tuple[int, int]]]:
    """Refuse an encrypted, macro-carrying or huge XLS; return its formulas as (row, column) by sheet number.

    Raises:
        UnreadableProtocol: for each of these, and for a damaged file.
    """
    try:
        streams = dict(_streams(source))
        _refuse_by_streams(streams)
        return _look_at_records(streams.get("Workbook") or streams["Book"])
    except (struct.error, IndexError, KeyError, OverflowError) as error:
        raise UnreadableProtocol(Reason.DAMAGED, "книга XLS нарушена") from error


def _refuse_by_streams(streams: dict[str, bytes]) -> None:
    if "EncryptedPackage" in streams:
        raise UnreadableProtocol(Reason.ENCRYPTED)
    if "_VBA_PROJECT" in streams:
        raise UnreadableProtocol(Reason.MACROS, "проект VBA")
    if "WordDocument" in streams:
        raise UnreadableProtocol(Reason.NOT_A_SPREADSHEET, "документ Word")
    if not streams.keys() & {"Workbook", "Book"}:
        raise UnreadableProtocol(Reason.NOT_A_SPREADSHEET, "внутри нет книги Excel")


def _streams(source: bytes) -> Iterator[tuple[str, bytes]]:
    """The streams of a compound file; the small ones (in the mini stream) only by name."""
    shift, mini_shift = struct.unpack_from("<HH", source, 30)
    if shift not in (9, 12):
        raise UnreadableProtocol(Reason.DAMAGED, "книга XLS нарушена")
    size = 1 << shift
    directory_start, mini_cutoff = struct.unpack_from("<I4xI", source, 48)
    table = _allocation_table(source, size)
    directory = _chain(source, table, directory_start, size)
    root_start = struct.unpack_from("<I", directory, 116)[0]
    mini_stream = _chain(source, table, root_start, size) if root_start < _END_OF_CHAIN else b""
    mini_table_start = struct.unpack_from("<I", source, 60)[0]
    mini_bytes = _chain(source, table, mini_table_start, size) if mini_table_start < _END_OF_CHAIN else b""
    mini_table = struct.unpack(f"<{len(mini_bytes) // 4}I", mini_bytes[: len(mini_bytes) // 4 * 4])
    for offset in range(0, len(directory) - _ENTRY_SIZE + 1, _ENTRY_SIZE):
        entry = directory[offset : offset + _ENTRY_SIZE]
        length, kind = struct.unpack_from("<HB", entry, 64)
        start, stream_size = struct.unpack_from("<II", entry, 116)
        if kind == 2 and 2 <= length <= 64:
            name = entry[: length - 2].decode("utf-16-le", "replace")
            if stream_size < mini_cutoff:
                yield name, _chain(mini_stream, mini_table, start, 1 << mini_shift, origin=0)[:stream_size]
            else:
                yield name, _chain(source, table, start, size)[:stream_size]


def _allocation_table(source: bytes, size: int) -> tuple[int, ...]:
    sectors = list(struct.unpack_from("<109I", source, 76))
    next_list = struct.unpack_from("<I", source, 68)[0]
    seen = set()
    while next_list < _END_OF_CHAIN and next_list not in seen:
        seen.add(next_list)
        listed = struct.unpack_from(f"<{size // 4}I", source, (next_list + 1) * size)
        sectors.extend(listed[:-1])
        next_list = listed[-1]
    table: list[int] = []
    for sector in sectors:
        if sector < _END_OF_CHAIN:
            table.extend(struct.unpack_from(f"<{size // 4}I", source, (sector + 1) * size))
    return tuple(table)


def _chain(source: bytes, table: tuple[int, ...], start: int, size: int, origin: int = 1) -> bytes:
    """The bytes of a chain of sectors; a chain that bites its own tail is damage."""
    parts: list[bytes] = []
    sector = start
    while sector < _END_OF_CHAIN:
        if len(parts) > len(table):
            raise UnreadableProtocol(Reason.DAMAGED, "книга XLS нарушена")
        parts.append(source[(sector + origin) * size : (sector + origin + 1) * size])
        sector = table[sector]
    return b"".join(parts)


_BOF, _EOF, _FILEPASS, _BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0085
_FORMULA = 0x0006
_ONE_CELL = {_FORMULA, 0x00FD, 0x0203, 0x027E, 0x0204, 0x0205, 0x00D6}
_MANY_CELLS = {0x00BD, 0x00BE}


def _look_at_records(stream: bytes) -> dict[int, set[tuple[int, int]]]:
    rows = columns = 0
    starts: dict[int, int] = {}
    formulas: dict[int, set[tuple[int, int]]] = {}
    sheet = -1
    for position, record, body in _records(stream):
        if record == _FILEPASS:
            raise UnreadableProtocol(Reason.ENCRYPTED)
        if record == _BOUNDSHEET:
            starts[struct.unpack_from("<I", body)[0]] = len(starts)
        elif record == _BOF:
            sheet = starts.get(position, sheet)
        elif record in _ONE_CELL or record in _MANY_CELLS:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if record in _MANY_CELLS else column
            rows, columns = max(rows, row + 1), max(columns, last + 1)
            if record == _FORMULA:
                formulas.setdefault(sheet, set()).add((row, column))
    refuse_extents(rows, columns)
    return formulas


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 0
    while position + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, position)
        yield position, record, stream[position + 4 : position + 4 + length]
        position += 4 + length
