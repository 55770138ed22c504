"""Names of files and folders that every system can unpack: what Windows forbids is taken out."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

#: Characters of a name, and of a folder: a path of three folders and a file stays below what Windows bears.
LONGEST, LONGEST_FOLDER = 100, 45
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


class Names:
    """The names inside one folder: each given out once, whatever the case of its letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def file(self, name: str) -> str:
        stem, dot, ending = safe(name).rpartition(".")
        if not dot or not ending.isascii() or not ending.isalnum() or len(ending) > 8:
            return self._unique(safe(name), "", LONGEST)
        return self._unique(stem, f".{ending}", LONGEST)

    def folder(self, name: str) -> str:
        return self._unique(safe(name), "", LONGEST_FOLDER)

    def _unique(self, stem: str, ending: str, longest: int) -> str:
        number, mark = 1, ""
        while True:
            name = f"{_end(stem[: longest - len(mark) - len(ending)])}{mark}{ending}"
            if name.casefold() not in self._taken:
                self._taken.add(name.casefold())
                return name
            number += 1
            mark = f" ({number})"


def safe(name: str) -> str:
    """The name without path separators, control and invisible characters, reserved words; never empty."""
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(" " if _is_hidden(character) else character for character in composed)
    clean = _end(" ".join(_FORBIDDEN.sub(" ", visible).split()).lstrip(". "))
    if not clean:
        return _("без названия")
    return f"_{clean}" if _RESERVED.fullmatch(clean.split(".")[0].strip()) else clean


def _is_hidden(character: str) -> bool:
    """Control characters, marks that turn the direction of writing, halves of characters."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _end(name: str) -> str:
    """Windows drops dots and spaces at the end of a name."""
    return name.rstrip(". ") or "_"
