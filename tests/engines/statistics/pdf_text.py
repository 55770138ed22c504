"""The text of a PDF as Typst writes it: enough to see which words stand on which page."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(?<![\d])(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_STRING = rb"\(((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*)\)"  # a pair of brackets may stand in it as it is
_SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|" + _STRING + rb"|/(\w+) Do", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def plain(text: str) -> str:
    """Without spaces and places where a word may be broken: they depend on the widths of columns."""
    return re.sub(r"[\s\u00ad-]", "", text)


def pages_text(pdf: bytes) -> list[str]:
    """The words of each page, pictures included, as `plain` has them."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(pdf)}
    kids = next(body for body in objects.values() if b"/Type/Pages" in body)
    order = [int(number) for number in re.findall(rb"(\d+) 0 R", kids[kids.index(b"/Kids") :])]
    return [plain(_shown(objects, objects[number])) for number in order]


def landscape_pages(pdf: bytes) -> list[bool]:
    """Whether each page lies."""
    boxes = re.findall(rb"/MediaBox\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [float(width) > float(height) for width, height in boxes]


def _shown(objects: dict[int, bytes], owner: bytes) -> str:
    """What the content of a page, or of a picture in it, shows."""
    contents = re.search(rb"/Contents (\d+) 0 R", owner)
    stream = _stream(objects[int(contents[1])] if contents else owner)
    header = owner.split(b"stream\n", 1)[0]
    named = {name: int(number) for name, number in re.findall(rb"/(\w+) (\d+) 0 R", header)}
    if b"Resources" in named:
        inner = objects[named[b"Resources"]]
        named |= {name: int(number) for name, number in re.findall(rb"/(\w+) (\d+) 0 R", inner)}
    words: list[str] = []
    letters: dict[int, str] = {}
    for font, string, picture in _SHOWN.findall(stream):
        if font:
            letters = _letters(objects, objects[named[font]])
        elif picture:
            words.append(_shown(objects, objects[named[picture]]))
        else:
            glyphs = _ESCAPED.sub(_unescaped, string)
            numbers = (int.from_bytes(glyphs[at : at + 2], "big") for at in range(0, len(glyphs), 2))
            words.append("".join(letters.get(number, "") for number in numbers))
    return " ".join(words)


def _stream(body: bytes) -> bytes:
    packed = body.split(b"stream\n", 1)[1]
    return zlib.decompressobj().decompress(packed) if b"/FlateDecode" in body else packed


def _letters(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    """The letters of a font's glyphs."""
    found = re.search(rb"/ToUnicode (\d+) 0 R", font)
    table = _stream(objects[int(found[1])]) if found else b""
    return {
        int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for glyph, text in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", table.partition(b"beginbfchar")[2])
    }


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if code.isdigit() else _LETTERS.get(code, code)
