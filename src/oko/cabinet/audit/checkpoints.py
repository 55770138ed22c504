"""Signed checkpoints: the head of the chain, written outside the database as one line of a file each time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from oko.cabinet.audit.chain import SealRecord, statement
from oko.cabinet.audit.keys import audit_directory

NAME = "checkpoints.jsonl"
TAIL = 4096  # bytes in which the last line surely lies


class CheckpointFileError(RuntimeError):
    """A file of checkpoints cannot be read; the message says which and where, in Russian."""


class Checkpoint(NamedTuple):
    seq: int
    link: bytes
    total: int
    moment: int
    signature: bytes

    @property
    def statement(self) -> bytes:
        return statement(self.seq, self.link, self.total, self.moment)

    def as_json(self) -> dict[str, object]:
        return {
            "seq": self.seq,
            "link": self.link.hex(),
            "total": self.total,
            "moment": self.moment,
            "signature": self.signature.hex(),
        }


def checkpoint_of(seal: SealRecord) -> Checkpoint:
    return Checkpoint(seal.seq, seal.link, seal.total, seal.moment, seal.signature)


def checkpoints_path() -> Path:
    return audit_directory() / NAME


def append(checkpoint: Checkpoint) -> None:
    """Write one line and wait until it is on the disk; half a line left by a power cut is taken away."""
    path = checkpoints_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a+b") as file:
        _drop_half_a_line(file.fileno())
        file.write(json.dumps(checkpoint.as_json()).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def last(path: Path | None = None) -> Checkpoint | None:
    """The last whole line, or None where nothing has been signed yet."""
    path = path or checkpoints_path()
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
        lines = file.read().split(b"\n")[:-1]
    return parsed(lines[-1], f"{path}, последняя строка") if lines else None


def read(path: Path) -> Iterator[Checkpoint]:
    """All of them; half a line at the end (a power cut) is passed over.

    Raises:
        CheckpointFileError: the file cannot be read, or a line is no checkpoint.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.endswith(b"\n"):
                    yield parsed(line, f"{path}, строка {number}")
    except OSError as error:
        raise CheckpointFileError(
            f"Файл контрольных точек «{path}» не читается: {error.strerror}."
        ) from error


def parsed(line: bytes | str, where: str) -> Checkpoint:
    """
    Raises:
        CheckpointFileError: it is no checkpoint.
    """
    try:
        return from_json(json.loads(line))
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointFileError(f"{where}: это не контрольная точка.") from error


def from_json(said: dict[str, object]) -> Checkpoint:
    return Checkpoint(
        int(str(said["seq"])),
        bytes.fromhex(str(said["link"])),
        int(str(said["total"])),
        int(str(said["moment"])),
        bytes.fromhex(str(said["signature"])),
    )


def _drop_half_a_line(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    if size == 0:
        return
    start = max(0, size - TAIL)
    tail = os.pread(descriptor, TAIL, start) if hasattr(os, "pread") else b"\n"
    if not tail.endswith(b"\n"):
        os.ftruncate(descriptor, start + tail.rfind(b"\n") + 1)
