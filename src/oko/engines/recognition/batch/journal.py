"""Finished pages on disk, so that the same command goes on after a kill.

A file beside the table, JSON by line. The first line says what is read with what; each further one is a page,
in the order in which pages were finished. It is only ever added to; a torn last line is cut off.
"""

from __future__ import annotations

import fcntl
import json
import os
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from oko.engines.recognition.batch.record import PageRecord, from_line

_NOWHERE = -1

#: Keys of the header, as people call what they stand for.
_HEADER_RU = {
    "oko": "версия Око",
    "definitions": "описания бланков",
    "key": "ключ",
    "sources": "файлы сканов",
    "crops": "папка вырезок",
    "overlay": "папка страниц с разметкой",
    "matches": "найденные страницы",
}


class JournalBusyError(RuntimeError):
    """Another command writes the same table at this moment."""


class Journal:
    """Lines of finished pages; `begun_anew` says why earlier ones were of no use."""

    def __init__(self, path: Path, header: Mapping[str, str]) -> None:
        """Open the journal, or begin one where none fits the header.

        Raises:
            JournalBusyError: another command holds it.
            OSError: it cannot be written.
        """
        self.path = path
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise JournalBusyError(str(path)) from error
        self._lines: dict[int, array[int]] = {}  # source → offsets of the lines of its pages
        self._header = dict(header)
        self.begun_anew = self._compared()
        self._end = self._survey() if self._fits else self._begin()

    @property
    def finished(self) -> int:
        return sum(1 for lines in self._lines.values() for offset in lines if offset != _NOWHERE)

    def has(self, source: int, page: int) -> bool:
        lines = self._lines.get(source, ())
        return page <= len(lines) and lines[page - 1] != _NOWHERE

    def add(self, source: int, page: int, line: bytes) -> None:
        """Keep a page. What was added outlives a kill of this process."""
        self._file.seek(self._end)
        self._file.write(line)
        self._file.flush()
        self._note(source, page, self._end)
        self._end += len(line)

    def record(self, source: int, page: int, *, with_fields: bool = True) -> PageRecord:
        """A page that was kept."""
        self._file.seek(self._lines[source][page - 1])
        return from_line(self._file.readline(), with_fields=with_fields)

    def remove(self) -> None:
        """The tables stand: the journal is not needed."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file, and let others write it."""
        self._file.close()

    def _compared(self) -> str:
        """Whether the journal that is there was begun with the same header; if not, what differs."""
        self._fits = False
        first = self._file.readline()
        if not first:
            return ""
        try:
            earlier = json.loads(first) if first.endswith(b"\n") else None
        except ValueError:
            earlier = None
        if not isinstance(earlier, dict):
            return "начатое раньше не читается"
        changed = [name for key, name in _HEADER_RU.items() if earlier.get(key) != self._header.get(key)]
        self._fits = not changed
        return f"с прошлого раза изменилось: {', '.join(changed)}" if changed else ""

    def _begin(self) -> int:
        self._file.seek(0)
        self._file.truncate()
        line = json.dumps(self._header, ensure_ascii=False).encode() + b"\n"
        self._file.write(line)
        self._file.flush()
        return len(line)

    def _survey(self) -> int:
        """Find the pages that were finished; cut off what a kill left half written."""
        end = self._file.tell()
        for line in self._rest():
            try:
                record = from_line(line, with_fields=False)
            except ValueError:
                break
            self._note(record.source, record.page, end)
            end += len(line)
        self._file.seek(end)
        self._file.truncate()
        return end

    def _rest(self) -> Iterator[bytes]:
        while line := self._file.readline():
            yield line

    def _note(self, source: int, page: int, offset: int) -> None:
        lines = self._lines.setdefault(source, array("q"))
        lines.extend([_NOWHERE] * (page - len(lines)))
        lines[page - 1] = offset
