"""Which files are read, and by which names they stand in the tables."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

#: What scanners and phones write; a file that is not what its name says is told so by the intake.
ENDINGS = frozenset(
    (".tif", ".tiff", ".pdf", ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".gif", ".webp", ".heic")
)
_MAGIC = (b"%PDF-", b"II*\0", b"MM\0*", b"\xff\xd8\xff", b"\x89PNG")
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 80


class SourcesError(ValueError):
    """Scans that cannot be read as they were named; the message is a sentence in Russian."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of scans.

    Attributes:
        name: as the tables name it: the path within the folder, or the file's name.
        folder: a name that no other source has and any file system takes, for pictures of its pages.
    """

    name: str
    path: Path
    size: int
    changed_ns: int
    folder: str


@dataclass(frozen=True, slots=True)
class Found:
    """Sources in the order of the tables, and files of folders that are no scans."""

    sources: tuple[Source, ...]
    passed_over: tuple[str, ...]


def find_sources(paths: Sequence[Path]) -> Found:
    """The files that are named, and all scans in the folders that are named, each once.

    A file that was named is always read; of a folder those files are read that have the ending or the first
    bytes of a scan.

    Raises:
        SourcesError: a path is not there, there are no scans, or two files would have the same name.
    """
    passed_over: list[str] = []
    files: dict[str, Path] = {}
    taken: set[Path] = set()
    for path in paths:
        for name, file in _files_of(path, passed_over):
            real = file.resolve()
            if real in taken:
                continue
            taken.add(real)
            if name in files:
                raise SourcesError(
                    f"Файлы «{files[name]}» и «{file}» в таблицах назывались бы одинаково: «{name}». "
                    "Укажите папку, в которой лежат оба."
                )
            files[name] = file
    if not files:
        where = ", ".join(f"«{path}»" for path in paths)
        raise SourcesError(f"Сканов не найдено: {where}. Подходят TIFF, PDF, JPEG и PNG.")
    return Found(tuple(_described(files)), tuple(passed_over))


def _files_of(path: Path, passed_over: list[str]) -> Iterator[tuple[str, Path]]:
    if not path.exists():
        raise SourcesError(f"Сканы: «{path}» не найдено.")
    if not path.is_dir():
        yield printable(path.name), path
        return
    for file in _walk(path):
        name = printable(file.relative_to(path).as_posix())
        if file.suffix.lower() in ENDINGS or _begins_like_a_scan(file):
            yield name, file
        else:
            passed_over.append(name)


def _walk(folder: Path) -> Iterator[Path]:
    """Regular files, folder by folder, in the order in which people count: 2 before 10."""
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted((name for name in folders if not _is_hidden(name)), key=_counted)
        for name in sorted(names, key=_counted):
            file = Path(parent, name)
            if not _is_hidden(name) and _is_regular(file):
                yield file


def _refuse(error: OSError) -> None:
    raise SourcesError(f"Папка «{error.filename}» не читается: {error.strerror}.") from error


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _is_regular(file: Path) -> bool:
    """A pipe or a device in a folder would be waited for without end."""
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except OSError:
        return True  # a link to nowhere: the intake says so


def _counted(name: str) -> tuple[object, ...]:
    parts = re.split(r"(\d+)", name)
    return (*((int(part) if at % 2 else part.casefold()) for at, part in enumerate(parts)), name)


def _begins_like_a_scan(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return content.read(8).startswith(_MAGIC)
    except OSError:
        return False


def printable(name: str) -> str:
    """Names that are not UTF-8 are kept readable: a table cannot hold them as they are."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _described(files: dict[str, Path]) -> Iterator[Source]:
    folders = unique_names(re.sub(r"\.[^./]*$", "", name) for name in files)
    for (name, path), folder in zip(files.items(), folders, strict=True):
        try:
            known = path.stat()
            size, changed = known.st_size, known.st_mtime_ns
        except OSError:
            size = changed = 0
        yield Source(name, path, size, changed, folder)


def unique_names(names: Iterable[str]) -> Iterator[str]:
    """Names that any file system keeps apart: `a/1` and `a_1` become `a_1` and `a_1~2`."""
    taken: set[str] = set()
    for name in names:
        wanted, number = safe_name(name), 1
        found = wanted
        while found.casefold() in taken:
            number += 1
            found = f"{wanted}~{number}"
        taken.add(found.casefold())
        yield found


def safe_name(text: str) -> str:
    """A name without ways into other folders: letters, digits, `_`, `.`, `-`, not beginning with a dot."""
    return _UNSAFE.sub("_", text)[-_LONGEST_NAME:].lstrip(".-") or "_"
