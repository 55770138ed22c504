"""The file of a backup: a ZIP of parts, and last of all a manifest with the SHA-256 of each.

ZIP, since its parts can be written while their length is not known yet, and since its table of contents
stands at the end: a copy that was cut short is no archive at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
LONGEST_MANIFEST = 64 * 1024 * 1024
CHUNK = 1024 * 1024
QUICK = 3  # of zlib's levels: a third of the time of the usual one, a tenth more bytes
#: `database/<table>.copy`, `works/…`, `audit/…`, `secrets/…`: nothing that could lead out of its folder.
PART = re.compile(r"(?:database|works|audit|secrets)(?:/[A-Za-zА-Яа-яЁё0-9_=][A-Za-zА-Яа-яЁё0-9_=.+-]*)+")


class ArchiveError(RuntimeError):
    """The file cannot be made or cannot be trusted; the message says why and what to do, in Russian."""


@dataclass(frozen=True, slots=True)
class Part:
    bytes: int
    sha256: str


class Counted:
    """A part being written: what goes through is counted and digested."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._bytes = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._bytes += len(data)

    @property
    def as_part(self) -> Part:
        return Part(self._bytes, self._digest.hexdigest())


class Writer:
    """An archive being made, under a name of its own until it is whole."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.parts: dict[str, Part] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[Counted]:
        if not PART.fullmatch(name):
            raise ArchiveError(f"Имя части «{name}» в архив не годится: переименуйте файл.")
        information = zipfile.ZipInfo(name)
        information.compress_type = zipfile.ZIP_DEFLATED
        information._compresslevel = QUICK  # type: ignore[attr-defined]  # public from Python 3.13 on
        with self._file.open(information, "w", force_zip64=True) as file:
            counted = Counted(file)
            yield counted
        self.parts[name] = counted.as_part

    def finish(self, manifest: dict[str, Any]) -> None:
        parts = {name: {"bytes": part.bytes, "sha256": part.sha256} for name, part in self.parts.items()}
        text = json.dumps({"format": FORMAT, **manifest, "parts": parts}, ensure_ascii=False, indent=1)
        self._file.writestr(MANIFEST, text, compress_type=zipfile.ZIP_DEFLATED)


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """Make `target`, readable by its owner alone: whole, or not at all; never over another file.

    Raises:
        ArchiveError: it is there already, or cannot be written.
    """
    if target.exists():
        raise ArchiveError(f"Файл «{target}» уже есть и не перезаписывается. Укажите другое имя или папку.")
    half_made = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(half_made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        os.link(half_made, target)  # refuses, should somebody have put a file there meanwhile
    except OSError as error:
        raise ArchiveError(f"Копия не записана в «{target}»: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            half_made.unlink(missing_ok=True)


class Reader:
    """An archive whose every byte has been compared with the manifest."""

    def __init__(self, file: zipfile.ZipFile, manifest: dict[str, Any], parts: dict[str, Part]) -> None:
        self._file = file
        self.manifest = manifest
        self.parts = parts

    def names(self, folder: str) -> list[str]:
        return [name for name in self.parts if name.startswith(f"{folder}/")]

    def chunks(self, name: str) -> Iterator[bytes]:
        with self._file.open(name) as file:
            while chunk := file.read(CHUNK):
                yield chunk


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """
    Raises:
        ArchiveError: no such file, no archive of Oko, cut short, or changed since it was made.
    """
    try:
        with zipfile.ZipFile(path) as file:
            reader = _known(file, path)
            _compare(reader, path)
            yield reader
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ArchiveError(
            f"«{path}» — не целый архив Око: файл обрезан или испорчен. Возьмите другую копию."
        ) from error
    except OSError as error:
        raise ArchiveError(f"Файл «{path}» не читается: {error.strerror or error}.") from error


def _known(file: zipfile.ZipFile, path: Path) -> Reader:
    names = [information.filename for information in file.infolist()]
    if MANIFEST not in names or file.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
        raise ArchiveError(f"В «{path}» нет описи {MANIFEST}: это не архив Око.")
    try:
        manifest = json.loads(file.read(MANIFEST))
        version = manifest["format"]
        parts = {str(name): Part(int(p["bytes"]), str(p["sha256"])) for name, p in manifest["parts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(f"Опись в «{path}» не читается: файл испорчен. Возьмите другую копию.") from error
    if version != FORMAT:
        raise ArchiveError(f"Архив «{path}» сделан другой версией Око (вид {version}, ожидается {FORMAT}).")
    if sorted(names) != sorted([*parts, MANIFEST]) or not all(map(PART.fullmatch, parts)):
        raise ArchiveError(f"Состав «{path}» не сходится с его описью: архив изменён. Возьмите другую копию.")
    return Reader(file, manifest, parts)


def _compare(reader: Reader, path: Path) -> None:
    for name, part in reader.parts.items():
        digest, size = hashlib.sha256(), 0
        for chunk in reader.chunks(name):
            digest.update(chunk)
            size += len(chunk)
            if size > part.bytes:
                break
        if (size, digest.hexdigest()) != (part.bytes, part.sha256):
            raise ArchiveError(
                f"Часть «{name}» в «{path}» не сходится с контрольной суммой: архив изменён или испорчен. "
                "Возьмите другую копию."
            )
