"""What is said of items and planned results: strong, weak, systemic deficits, not attempted.

An item is strong where it is above its threshold and, by more than chance, above the same item of the group
that the place is compared with (the participants of the place itself taken out of that group). It is weak
where it is below its threshold or, by more than chance, below that group. No item is both. Items of a deficit
that has its own sentence are not told again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oko.engines.statistics import reading_words as words
from oko.engines.statistics.differences import Difference, Share, difference
from oko.engines.statistics.grid import Behind, Having
from oko.engines.statistics.levels import Group
from oko.engines.statistics.planned import Deficit, deficits
from oko.engines.statistics.reading_rules import reading_rules
from oko.engines.statistics.rules import Zone, shipped_rules
from oko.engines.statistics.solving import ItemCell, ItemTable
from oko.engines.statistics.statements import Statement, StatementKind


@dataclass(frozen=True, slots=True)
class _Beside:
    """A share of participants here, in percent, beside the group above if there is one."""

    percent: float
    above: float | None
    against: Difference | None

    @property
    def certain(self) -> bool:
        return self.against is not None and self.against.is_certain(reading_rules().certain_at_of_many)

    @property
    def higher(self) -> bool:
        return self.certain and self.against is not None and self.against.points > 0

    @property
    def lower(self) -> bool:
        return self.certain and self.against is not None and self.against.points < 0


@dataclass(frozen=True, slots=True)
class _Judged:
    """An item that enough participants have here."""

    cell: ItemCell
    solved: _Beside
    skipped: _Beside

    @property
    def is_strong(self) -> bool:
        return self.cell.zone is Zone.SUFFICIENT and (self.solved.higher or self.solved.above is None)

    @property
    def is_weak(self) -> bool:
        return self.cell.zone is Zone.INSUFFICIENT or self.solved.lower

    @property
    def is_skipped(self) -> bool:
        """Whether unusually many did not attempt it."""
        many = self.skipped.percent >= reading_rules().not_attempted_from
        return many and (self.skipped.higher or self.skipped.above is None)

    @property
    def over_threshold(self) -> float:
        return self.solved.percent - shipped_rules().thresholds[self.cell.item.level].percent

    @property
    def strength(self) -> float:
        """How far it is above the group that it is compared with, or above its threshold."""
        return self.solved.against.points if self.solved.against else self.over_threshold


class ItemReading:
    """The items of a place, read beside those of the group `above` it, if any."""

    def __init__(self, place: Group, above: Group | None, items: ItemTable) -> None:
        self.place, self.above = place, above
        self.items = tuple(_judged(items, place, above))
        self.all_deficits = deficits(items, place)
        self.deficits_above = (
            {deficit.result.title for deficit in deficits(items, above)} if above is not None else set()
        )

    def strong(self) -> Iterator[Statement]:
        strong = sorted((item for item in self.items if item.is_strong), key=lambda item: -item.strength)
        for item in strong[: reading_rules().most["strong"]]:
            yield self._of_item(StatementKind.STRONG, item, "")
        sufficient = sum(item.cell.zone is Zone.SUFFICIENT for item in self.items)
        if not strong and sufficient and self.above is not None:
            yield Statement(
                StatementKind.STRONG,
                f"Выше порога — {sufficient} из {len(self.items)} заданий. Заметно лучше, чем "
                f"{words.IN_LEVEL[self.above.level]}, не выполнено ни одно.",
            )

    def deficits(self) -> Iterator[Statement]:
        for deficit in self._told_deficits():
            codes = words.listed([cell.item.code for cell in deficit.red])
            text = (
                f"«{deficit.result.title}»: ниже порога {len(deficit.red)} из {len(deficit.judged)} заданий "
                f"({codes})."
            )
            if self.above is not None and deficit.result.title in self.deficits_above:
                text += f" {words.IN_LEVEL[self.above.level].capitalize()} — тот же дефицит."
            behind = Behind(self.place, having=Having.SCORE)
            yield Statement(StatementKind.DEFICIT, text, behind, about=deficit.result.title)

    def weak(self) -> Iterator[Statement]:
        told = {cell.item.code for deficit in self._told_deficits() for cell in deficit.red}
        weak = [item for item in self.items if item.is_weak and item.cell.item.code not in told]
        weak.sort(key=lambda item: (item.cell.zone is not Zone.INSUFFICIENT, item.over_threshold))
        for item in weak[: reading_rules().most["weak"]]:
            yield self._of_item(StatementKind.WEAK, item, self._how_weak(item))
        if self.items and not weak and not self.all_deficits:
            yield Statement(StatementKind.WEAK, "Заданий ниже порога и заметно слабее общего уровня нет.")

    def not_attempted(self) -> Iterator[Statement]:
        skipped = sorted(
            (item for item in self.items if item.is_skipped), key=lambda item: -item.skipped.percent
        )
        for item in skipped[: reading_rules().most["not_attempted"]]:
            cell = item.cell
            yield Statement(
                StatementKind.NOT_ATTEMPTED,
                f"{words.named(cell.item)}: не приступали {words.number(cell.not_attempted)} из "
                f"{words.of_participants(cell.counted)} ({words.percent(item.skipped.percent)})"
                f"{self._above_too(item.skipped)}. Возможно, не хватило времени или тема не пройдена.",
                Behind(self.place, item=cell.item.code, not_attempted=True),
                about=cell.item.code,
            )

    def _told_deficits(self) -> tuple[Deficit, ...]:
        """The most complete ones; among equals, in the order of the paper."""
        worst = sorted(self.all_deficits, key=lambda deficit: -len(deficit.red) / len(deficit.judged))
        return tuple(worst[: reading_rules().most["deficit"]])

    def _of_item(self, kind: StatementKind, item: _Judged, further: str) -> Statement:
        solved = f"выполнение {words.percent(item.solved.percent)}{self._above_too(item.solved)}"
        code = item.cell.item.code
        return Statement(
            kind,
            f"{words.named(item.cell.item)}: {solved}.{further}",
            Behind(self.place, item=code),
            about=code,
        )

    def _how_weak(self, item: _Judged) -> str:
        zone = f" Это {item.cell.zone.label}." if item.cell.zone else ""
        if self.above is None or item.solved.against is None:
            return zone
        if item.solved.lower:
            return f"{zone} Разница больше случайной."
        if item.solved.higher:
            return f"{zone} Это выше, чем {words.IN_LEVEL[self.above.level]}."
        if abs(item.solved.against.points) >= reading_rules().least_points:
            return f"{zone} Разница с остальными может быть случайной."
        return f"{zone} Заметной разницы с остальными нет."

    def _above_too(self, beside: _Beside) -> str:
        if self.above is None or beside.above is None:
            return ""
        return f", {words.IN_LEVEL[self.above.level]} — {words.percent(beside.above)}"


def _judged(items: ItemTable, place: Group, above: Group | None) -> Iterator[_Judged]:
    own = items.row(place)
    wider = items.row(above) if above is not None else None
    for position, cell in enumerate(own.cells):
        if cell.percent is None:
            continue
        other = wider.cells[position] if wider is not None else None
        schools_above = wider.schools if wider is not None else 0
        yield _Judged(
            cell,
            _beside(_solved(cell, own.schools), _solved(other, schools_above) if other else None),
            _beside(_skipped(cell, own.schools), _skipped(other, schools_above) if other else None),
        )


def _beside(own: Share, above: Share | None) -> _Beside:
    if above is None:
        return _Beside(own.percent, None, None)
    return _Beside(own.percent, above.percent, difference(own, above.without(own)))


def _solved(cell: ItemCell, schools: int) -> Share:
    return Share(cell.scores / cell.item.maximum, cell.counted, schools)


def _skipped(cell: ItemCell, schools: int) -> Share:
    return Share(cell.not_attempted, cell.counted, schools)
