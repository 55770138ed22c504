"""What a paper is made of: the vocabulary that every engine shares.

A paper (работа по предмету) is data: its items with their maxima, its variants and its scale of marks come
from a JSON file in the layout of `papers.json` beside this module, or from the cabinet's database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SHIPPED_PAPERS = Path(__file__).with_name("papers.json")


@dataclass(frozen=True, slots=True)
class Item:
    """One item (задание or its criterion): `code` as published («1К1», К in Cyrillic), `maximum` score.

    `skill` is what it shows; `area` gathers the items of kindred skills («Синтаксис»), where the paper says.
    """

    code: str
    maximum: int
    level: str = "Б"
    skill: str = ""
    area: str = ""

    @property
    def planned_result(self) -> str:
        """Under which planned result the item is counted: its area, or its skill where there are no areas."""
        return self.area or self.skill


@dataclass(frozen=True, slots=True)
class Paper:
    """A subject in a grade. `scale` holds the lowest totals for the marks 3, 4 and 5."""

    code: str
    subject: str
    grade: int
    items: tuple[Item, ...]
    scale: tuple[int, int, int]
    parts: int = 1
    variants: tuple[int, ...] = (1, 2, 3, 4)
    minutes: tuple[int, ...] = (45,)

    @property
    def maximum(self) -> int:
        return sum(item.maximum for item in self.items)

    @property
    def title(self) -> str:
        return f"{self.subject}, {self.grade} класс"

    def mark(self, total: int) -> int:
        """The mark 2–5 that a total earns on this paper's scale."""
        return 2 + sum(total >= lowest for lowest in self.scale)


class PapersError(ValueError):
    """A file of papers that cannot be used; the message says which paper and why, in Russian."""


def load_papers(path: Path | None = None) -> tuple[Paper, ...]:
    """Read papers from a JSON file, or the shipped ones.

    Raises:
        PapersError: the file is missing, is not JSON, or a paper in it lacks something.
    """
    return _load(Path(path) if path else SHIPPED_PAPERS)


@lru_cache(maxsize=8)
def _load(path: Path) -> tuple[Paper, ...]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise PapersError(f"Не удалось открыть файл работ «{path}»: {error.strerror}.") from error
    except ValueError as error:
        raise PapersError(f"Файл работ «{path}» — не JSON: {error}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("papers"), list):
        raise PapersError(f"В файле работ «{path}» нет списка «papers».")
    return tuple(_paper(entry, path) for entry in content["papers"])


def _paper(entry: dict, path: Path) -> Paper:  # type: ignore[type-arg]  # raw JSON
    try:
        levels = entry.get("levels") or []
        skills = entry.get("skills") or []
        areas = entry.get("areas") or []
        items = tuple(
            Item(
                code=str(code),
                maximum=int(maximum),
                level=levels[position] if position < len(levels) else "Б",
                skill=skills[position] if position < len(skills) else "",
                area=areas[position] if position < len(areas) else "",
            )
            for position, (code, maximum) in enumerate(entry["items"])
        )
        three, four, five = (int(lowest) for lowest in entry["scale"])
        return Paper(
            code=str(entry["code"]),
            subject=str(entry["subject"]),
            grade=int(entry["grade"]),
            items=items,
            scale=(three, four, five),
            parts=int(entry.get("parts", 1)),
            variants=tuple(int(variant) for variant in entry.get("variants", (1, 2, 3, 4))),
            minutes=tuple(int(part) for part in entry.get("minutes", (45,))),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        name = entry.get("code", "?") if isinstance(entry, dict) else "?"
        raise PapersError(f"Работа «{name}» в файле «{path}» описана не полностью: {error!r}.") from error
