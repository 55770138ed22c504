"""Streams of a PDF unpacked no further than is sensible: a few bytes may hold gigabytes."""

from __future__ import annotations

import zlib
from typing import Any

import pikepdf

from oko.engines.recognition.intake.model import PageError

_STEP = 1 << 20
_FLATE = ("/FlateDecode", "/Fl")


def check_unpacked_size(stream: Any, most: int, name: str) -> None:
    """Raises PageError when the deflated layers of a stream unpack to more than `most` bytes.

    Layers are taken off one after another, each bounded; other codings come last and are left alone.
    """
    data = stream.read_raw_bytes()
    for coding in filters_of(stream):
        if coding not in _FLATE:
            return
        data = _inflated(data, most, name)


def filters_of(stream: Any) -> list[str]:
    """How a stream is coded, the outermost first."""
    filters = stream.get("/Filter")
    if filters is None:
        return []
    return [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]


def _inflated(data: bytes, most: int, name: str) -> bytes:
    """All of it; what is spoiled ends where it is spoiled, as readers of PDF have it."""
    inflating = zlib.decompressobj()
    found = bytearray()
    rest = data
    try:
        while rest and not inflating.eof:
            found += inflating.decompress(rest, _STEP)
            rest = inflating.unconsumed_tail
            if len(found) > most:
                raise PageError(
                    f"«{name}»: внутри PDF сжато больше {most // 1_000_000 or 1} МБ, так не бывает у скана. "
                    "Сохраните страницу заново."
                )
    except zlib.error:
        pass
    return bytes(found)
