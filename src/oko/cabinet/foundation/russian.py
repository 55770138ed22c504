"""Russian order and Russian numbers, without help from the database (the embedded one has no ICU)."""

from __future__ import annotations

import re


def sort_key(text: str) -> str:
    """A key by which plain byte order is dictionary order: «Ё» after «Е», numbers by value, case ignored."""
    folded = text.casefold().replace("ё", "е\uffff").replace("«", "").replace("»", "")
    return re.sub(r"\d+", lambda number: number.group().zfill(8), folded)


def plural(count: int, one: str, few: str, many: str) -> str:
    """«3 протокола», «5 протоколов»: the noun in the form that the number asks for."""
    tens, ones = count % 100, count % 10
    if ones == 1 and tens != 11:
        form = one
    elif 2 <= ones <= 4 and not 12 <= tens <= 14:
        form = few
    else:
        form = many
    return f"{count:,}".replace(",", "\u00a0") + f"\u00a0{form}"
