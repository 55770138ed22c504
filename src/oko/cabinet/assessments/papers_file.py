"""A file of papers (JSON in the layout of the shipped `papers.json`): read whole, every fault found
and named.

The engines' own reader stops at the first fault; here a person gets all of them, each with the paper
and the item.
Beside the engines' keys a paper may have `date` (2026-04-21) and `item_parts` (the part in which each
item stands).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

MAX_BYTES = 2 * 1024 * 1024
CODE = re.compile(r"[a-z][a-z0-9_-]{0,19}")
#: «5», «12.2», «1К1»: К in either alphabet.
ITEM_CODE = re.compile(r"\d{1,2}([.,]\d{1,2})?([КK]\d{1,2})?")
LEVELS = ("Б", "П", "В")
LARGEST = {"grade": 12, "maximum": 99, "minutes": 600, "parts": 5, "variant": 9999}


@dataclass(frozen=True, slots=True)
class ItemEntry:
    code: str
    maximum: int
    level: str
    skill: str
    area: str
    part: int


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """One paper of the file, checked."""

    code: str
    subject: str
    grade: int
    parts: int
    minutes: tuple[int, ...]
    variants: tuple[int, ...]
    scale: tuple[int, int, int]
    items: tuple[ItemEntry, ...]
    on: date | None


class Faults:
    """What was found wrong, in words; `for_paper` adds which paper."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def for_paper(self, name: str) -> Callable[[str], None]:
        return lambda text: self.found.append(_("Работа «%(name)s»: %(text)s") % {"name": name, "text": text})


def read_papers(content: bytes) -> tuple[list[PaperEntry], list[str]]:
    """The papers of a file and what is wrong in it; papers are to be used only where nothing is."""
    if len(content) > MAX_BYTES:
        return [], [_("Файл больше 2 МБ. Файл работ — это короткий текст в формате JSON.")]
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return [], [_("Файл не читается как текст UTF-8. Ожидается файл JSON.")]
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        return [], [_("Файл — не JSON: ошибка в строке %(line)s, знак %(column)s.") % where]
    except (RecursionError, ValueError):
        return [], [_("Файл — не JSON работ: слишком глубокая вложенность или слишком большое число.")]
    entries = whole.get("papers") if isinstance(whole, dict) else None
    if not isinstance(entries, list) or not entries:
        return [], [_("В файле нет списка «papers» с работами.")]
    faults = Faults()
    papers, seen = [], set()
    for position, entry in enumerate(entries, start=1):
        name = str(entry.get("code", position))[:40] if isinstance(entry, dict) else str(position)
        report = faults.for_paper(name)
        if not isinstance(entry, dict):
            report(_("ожидается объект с полями code, subject, grade, items, scale."))
            continue
        if name in seen:
            report(_("стоит в файле дважды."))
        seen.add(name)
        paper = _paper(entry, report)
        if paper:
            papers.append(paper)
    return ([], faults.found) if faults.found else (papers, [])


Report = Callable[[str], None]


def _paper(entry: dict[str, Any], report: Report) -> PaperEntry | None:
    code, subject = entry.get("code"), entry.get("subject")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        report(_("code: ожидаются латинские буквы и цифры, до 20 знаков, например rus4."))
    if not isinstance(subject, str) or not 0 < len(subject.strip()) <= 100 or "\0" in subject:
        report(_("subject: ожидается название предмета до 100 знаков."))
    grade = _whole(entry, "grade", None, LARGEST["grade"], report)
    parts = _whole(entry, "parts", 1, LARGEST["parts"], report)
    minutes = _wholes(entry, "minutes", [45] * (parts or 1), LARGEST["minutes"], report)
    variants = _wholes(entry, "variants", [1, 2, 3, 4], LARGEST["variant"], report)
    if parts and minutes and len(minutes) != parts:
        report(_("minutes: частей %(parts)s, а длительностей %(n)s.") % {"parts": parts, "n": len(minutes)})
    if variants and len(set(variants)) != len(variants):
        report(_("variants: варианты повторяются."))
    items = _items(entry, parts or 1, report)
    maximum = sum(item.maximum for item in items or ())
    if items and "max" in entry and entry["max"] != maximum:
        report(
            _("max: указано %(said)s, а сумма баллов заданий %(sum)s.")
            % {"said": entry["max"], "sum": maximum}
        )
    scale = _scale(entry.get("scale"), maximum, report)
    on = _date(entry.get("date"), report)
    if grade is None or parts is None or not (minutes and variants and items and scale):
        return None
    return PaperEntry(
        str(code),
        str(subject).strip(),
        grade,
        parts,
        tuple(minutes),
        tuple(variants),
        scale,
        tuple(items),
        on,
    )


def _is_whole(value: Any, largest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= largest


def _whole(entry: dict[str, Any], key: str, default: int | None, largest: int, report: Report) -> int | None:
    value: Any = entry.get(key, default)
    if _is_whole(value, largest):
        return int(value)
    report(
        _("%(key)s: найдено «%(found)s», ожидается целое число от 1 до %(largest)s.")
        % {"key": key, "found": str(value)[:40], "largest": largest}
    )
    return None


def _wholes(
    entry: dict[str, Any], key: str, default: list[int], largest: int, report: Report
) -> list[int] | None:
    values = entry.get(key, default)
    if isinstance(values, list) and 0 < len(values) <= 100 and all(_is_whole(v, largest) for v in values):
        return [int(value) for value in values]
    report(_("%(key)s: ожидается список целых чисел от 1 до %(largest)s.") % {"key": key, "largest": largest})
    return None


def _items(entry: dict[str, Any], parts: int, report: Report) -> list[ItemEntry] | None:
    raw = entry.get("items")
    if not isinstance(raw, list) or not 0 < len(raw) <= 200:
        report(_('items: ожидается список заданий вида ["1К1", 4].'))
        return None
    levels = _beside(entry, "levels", len(raw), report)
    skills = _beside(entry, "skills", len(raw), report)
    areas = _beside(entry, "areas", len(raw), report)
    in_parts = _beside(entry, "item_parts", len(raw), report)
    items, seen = [], set()
    for position, pair in enumerate(raw):
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            report(_('задание %s по порядку: ожидается пара вида ["1К1", 4].') % (position + 1))
            continue
        code = pair[0].strip().replace("K", "К").replace(",", ".")
        where = _("задание %s: ") % pair[0][:20]
        if not ITEM_CODE.fullmatch(code):
            report(where + _("код не похож на 5, 12.2 или 1К1."))
        if code in seen:
            report(where + _("стоит дважды."))
        seen.add(code)
        if not _is_whole(pair[1], LARGEST["maximum"]):
            report(where + _("балл «%s», ожидается целое число от 1 до 99.") % str(pair[1])[:20])
            continue
        level = levels[position] if levels else "Б"
        if level not in LEVELS:
            report(where + _("уровень «%s», ожидается Б, П или В.") % str(level)[:20])
        skill = skills[position] if skills else ""
        if not isinstance(skill, str) or len(skill) > 400 or "\0" in skill:
            report(where + _("умение — не текст или длиннее 400 знаков."))
        area = areas[position] if areas else ""
        if not isinstance(area, str) or len(area) > 200 or "\0" in area:
            report(where + _("раздел — не текст или длиннее 200 знаков."))
        part = in_parts[position] if in_parts else 1
        if not _is_whole(part, parts):
            report(where + _("часть «%(found)s», а частей %(n)s.") % {"found": str(part)[:20], "n": parts})
            continue
        items.append(ItemEntry(code, pair[1], str(level), str(skill), str(area), part))
    return items


def _beside(entry: dict[str, Any], key: str, number: int, report: Report) -> list[Any]:
    """A list with one value for each item, or nothing."""
    values = entry.get(key) or []
    if not isinstance(values, list) or (values and len(values) != number):
        found = len(values) if isinstance(values, list) else 0
        report(_("%(key)s: заданий %(n)s, а значений %(found)s.") % {"key": key, "n": number, "found": found})
        return []
    return values


def _scale(raw: Any, maximum: int, report: Report) -> tuple[int, int, int] | None:
    if not isinstance(raw, list) or len(raw) != 3 or not all(_is_whole(value, 9999) for value in raw):
        report(_("scale: ожидаются три целых числа — наименьшие баллы для «3», «4» и «5»."))
        return None
    three, four, five = raw
    if not three < four < five:
        report(_("scale: баллы для «3», «4» и «5» должны возрастать."))
        return None
    if maximum and five > maximum:
        report(
            _("scale: для «5» нужно %(five)s, а максимум работы %(max)s.") % {"five": five, "max": maximum}
        )
        return None
    return three, four, five


def _date(raw: Any, report: Report) -> date | None:
    if raw in (None, ""):
        return None
    try:
        return date.fromisoformat(raw)
    except (TypeError, ValueError):
        report(_("date: найдено «%s», ожидается дата вида 2026-04-21.") % str(raw)[:40])
        return None
