"""Verifying an exported file; needs nothing but the file and, to trust its key, the key's fingerprint."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from oko.cabinet.audit import chain
from oko.cabinet.audit.chain import NOTHING, SealRecord
from oko.cabinet.audit.checkpoints import Checkpoint, from_json
from oko.cabinet.audit.findings import Break, Kind, Outcome
from oko.cabinet.audit.keys import fingerprint, public_key_in
from oko.cabinet.audit.walking import ChainWalk, forged_links, without_what_follows, wrong_checkpoints

FORMAT = "oko-audit-export-1"
LONGEST_LINE = 16 * 1024 * 1024
HOW_TO_VERIFY = {
    "ru": (
        "Проверить: oko audit verify --file ФАЙЛ --public-key КЛЮЧ. Без Око: отпечаток события — "
        "SHA-256(mac ‖ body в UTF-8). Звено — SHA-256('oko-seal-1' ‖ предыдущее звено (перед первым — "
        "32 нулевых байта) ‖ seq, moment, total, число событий и номера событий как 64-битные целые, "
        "старший байт первый ‖ digests), где digests — отпечатки событий подряд. Подпись Ed25519 стоит под "
        "текстом: 'oko-checkpoint-1', seq, link, total, moment, каждое на своей строке, в конце перевод "
        "строки."
    ),
    "en": (
        "To verify: oko audit verify --file FILE --public-key KEY. Without Oko: the digest of an event is "
        "SHA-256(mac || body in UTF-8). A link is SHA-256('oko-seal-1' || previous link (before the first: "
        "32 zero bytes) || seq, moment, total, number of events and the events' numbers as 64-bit "
        "big-endian integers || digests), digests being the events' digests one after another. The Ed25519 "
        "signature is over the text: 'oko-checkpoint-1', seq, link, total, moment, each on a line of its "
        "own, newline last."
    ),
}


class ExportFileError(RuntimeError):
    """The file is no export, or cannot be read; the message says where and why, in Russian."""


def verify_file(path: Path, key: Ed25519PublicKey | None = None) -> Outcome:
    """Walk the chain of a file. Without `key` the file's own one is used: compare its fingerprint then.

    Raises:
        ExportFileError: the file cannot be read.
        KeyFileError: the key in it is none.
    """
    lines = _lines(path)
    head = next(lines, None)
    if head is None or head.get("format") != FORMAT:
        raise ExportFileError(f"«{path}»: это не выгрузка журнала (ожидается файл «oko audit export»).")
    key = key or public_key_in(str(head.get("public_key", "")).encode(), f"{path}, строка 1")
    before = _checkpoint(head.get("previous"), path)
    points: dict[int, Checkpoint] = {}
    walk = ChainWalk(
        points, before.link if before else NOTHING, before.seq if before else 0, before.total if before else 0
    )
    breaks = _walk(lines, walk, points, path)
    if before is not None and not chain.is_signed(key, before.signature, before.statement):
        breaks.append(Break(Kind.LINK_FORGED, before.seq))
    breaks += walk.all_breaks() + wrong_checkpoints(walk, key, points)
    unsigned = walk.last is not None and not chain.is_signed(key, walk.last.signature, walk.last.statement)
    if breaks or unsigned:
        breaks += forged_links(_links(path), key)
    ordered = sorted(breaks, key=lambda broken: (broken.seq or 2**63, broken.event is None))
    return Outcome(
        breaks=without_what_follows(ordered),
        events=walk.events,
        links=walk.links,
        head=walk.last.link.hex() if walk.last else "",
        until=chain.moment_of(walk.last.moment) if walk.last else None,
        fingerprint=fingerprint(key),
    )


def _walk(
    lines: Iterator[dict[str, Any]], walk: ChainWalk, points: dict[int, Checkpoint], path: Path
) -> list[Break]:
    """Events, then the link that seals them; after all links the checkpoints; at last that it is all."""
    found: dict[int, bytes] = {}
    ended = False
    breaks = []
    for line in lines:
        try:
            if "event" in line:
                found[int(line["event"])] = chain.digest(
                    bytes.fromhex(line["mac"]), str(line["body"]).encode("utf-8", "surrogatepass")
                )
            elif "link" in line:
                seal = _seal(line["link"])
                walk.step(seal, [found.pop(event, None) for event in seal.events])
            elif "checkpoint" in line:
                point = from_json(line["checkpoint"])
                points[point.seq] = point
            else:
                ended = line.get("end") == {"events": walk.events, "links": walk.links}
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise ExportFileError(f"«{path}»: строка не понята: {str(line)[:80]}…") from error
    breaks += [Break(Kind.EVENT_INSERTED, None, event) for event in sorted(found)]
    if not ended:
        breaks.append(Break(Kind.FILE_INCOMPLETE))
    return breaks


def _links(path: Path) -> Iterator[SealRecord]:
    return (_seal(line["link"]) for line in _lines(path) if "link" in line)


def _seal(said: dict[str, Any]) -> SealRecord:
    return SealRecord(
        int(said["seq"]),
        int(said["moment"]),
        [int(event) for event in said["events"]],
        bytes.fromhex(said["digests"]),
        int(said["total"]),
        bytes.fromhex(said["link"]),
        bytes.fromhex(said["signature"]),
    )


def _checkpoint(said: Any, path: Path) -> Checkpoint | None:
    try:
        return from_json(said) if said is not None else None
    except (KeyError, ValueError, TypeError) as error:
        raise ExportFileError(f"«{path}», строка 1: не понято, что было перед первым звеном.") from error


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        with gzip.open(path, "rb") as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                said = json.loads(line)
                if not isinstance(said, dict):
                    raise ValueError
                yield said
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ExportFileError(f"«{path}»: это не выгрузка журнала или файл повреждён (gzip).") from error
    except EOFError as error:
        raise ExportFileError(
            f"«{path}»: файл оборван после строки {number}. Скачайте его ещё раз."
        ) from error
    except OSError as error:
        raise ExportFileError(f"«{path}» не читается: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise ExportFileError(f"«{path}», строка {number}: ожидается JSON, найдено другое.") from error
