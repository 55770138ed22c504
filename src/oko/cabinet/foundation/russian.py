"""Russian order and Russian numbers, without help from the database (the embedded one has no ICU)."""

from __future__ import annotations

import re

from django.utils.translation import get_language


def sort_key(text: str) -> str:
    """A key by which plain byte order is dictionary order: «Ё» after «Е», numbers by value, case ignored."""
    folded = text.casefold().replace("ё", "е\uffff").replace("«", "").replace("»", "")
    return re.sub(r"\d+", lambda number: number.group().zfill(8), folded)


def plural(count: int, one: str, few: str, many: str) -> str:
    """«3 протокола», «5 протоколов»: the noun in the form that the number asks for.

    The forms are those of the language in which the page is read; English knows only `one` and `many`.
    """
    of_language = _english_form if get_language() == "en" else _russian_form
    form = (one, few, many)[of_language(count)]
    return f"{count:,}".replace(",", "\u00a0") + f"\u00a0{form}"


def _russian_form(count: int) -> int:
    tens, ones = count % 100, count % 10
    if ones == 1 and tens != 11:
        return 0
    if 2 <= ones <= 4 and not 12 <= tens <= 14:
        return 1
    return 2


def _english_form(count: int) -> int:
    return 0 if count == 1 else 2
