"""What a head teacher reads: one page of plain words about a place and a paper.

The sentences come from the same tables as the reports do, by rules that are data (`reading.json`): what is
well done, what is weak, how it stands to the region and to similar schools, what has changed. A difference is
only called one where it is more than chance (`differences`). Nobody is ranked, no class and no teacher is
named, no share of marks is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from oko.engines.papers import Paper
from oko.engines.statistics import reading_words as words
from oko.engines.statistics.comparison import ComparisonTable, comparison_table
from oko.engines.statistics.counting import Counted
from oko.engines.statistics.differences import Difference, Share, difference
from oko.engines.statistics.grid import Behind, Change, Having
from oko.engines.statistics.levels import Group, Labels, Level, Scope, plain_label
from oko.engines.statistics.marks import MarkRow, MarkTable, mark_table
from oko.engines.statistics.planned import PlannedTable, planned_table
from oko.engines.statistics.reading_items import ItemReading
from oko.engines.statistics.reading_rules import reading_rules
from oko.engines.statistics.rules import informativeness, shipped_rules
from oko.engines.statistics.seasons import (
    ResultChange,
    TwosChange,
    papers_differ,
    result_changes,
    twos_change,
)
from oko.engines.statistics.similar import MiddleHalf, SimilarShares
from oko.engines.statistics.solving import ItemTable, item_table
from oko.engines.statistics.statements import Statement, StatementKind, Summary

__all__ = ["SeasonTables", "Statement", "StatementKind", "Summary", "season_tables", "summary"]


@dataclass(frozen=True, slots=True)
class SeasonTables:
    """The tables of one season, each with the groups from the country down to the place.

    `name` is what the season is called («ВПР 2025»).
    """

    name: str
    marks: MarkTable
    comparison: ComparisonTable
    items: ItemTable
    planned: PlannedTable


def season_tables(
    name: str,
    paper: Paper,
    place: Group,
    *,
    marks: Counted,
    comparison: Counted,
    items: Counted,
    labels: Labels = plain_label,
) -> SeasonTables:
    """The tables for a page about `place`, from works or from their school sums."""
    scope = Scope(place)
    return SeasonTables(
        name,
        mark_table(marks, paper, scope, labels),
        comparison_table(comparison, paper, scope, labels),
        item_table(items, paper, scope, labels),
        planned_table(items, paper, scope, labels),
    )


def summary(
    place: Group,
    season: SeasonTables,
    *,
    earlier: SeasonTables | None = None,
    similar: SimilarShares | None = None,
    school_sizes: Sequence[int] = (),
) -> Summary:
    """Put the numbers of a place into words.

    Args:
        place: the group of which the page is.
        season: its tables.
        earlier: those of the same paper in an earlier year, if there was one.
        similar: where similar schools stand; only of a school.
        school_sizes: participants with a mark in each school of a territory that has any.
    """
    own = season.marks.row(place)
    title = f"{own.label}. {season.marks.paper.title}"
    if not own.participants:
        return Summary(title, (Statement(StatementKind.CAUTION, "Проверенных работ пока нет."),))
    if not informativeness(own.participants).shows_percent:
        return Summary(title, tuple(_too_few(own)))
    reading = _Reading(place, season, earlier, similar, school_sizes)
    return Summary(title, tuple(reading.statements()))


def _too_few(own: MarkRow) -> Iterator[Statement]:
    yield Statement(
        StatementKind.HEADLINE,
        f"Всю работу выполнили и получили отметку: {words.participants(own.participants)}.",
        Behind(own.group, having=Having.MARK),
    )
    yield Statement(
        StatementKind.CAUTION,
        "Это слишком мало, чтобы говорить о долях и сравнивать с другими. Посмотрите сами работы.",
    )


class _Reading:
    """One page in the making; every method yields the sentences of a kind."""

    def __init__(
        self,
        place: Group,
        season: SeasonTables,
        earlier: SeasonTables | None,
        similar: SimilarShares | None,
        school_sizes: Sequence[int],
    ) -> None:
        self.place, self.season, self.earlier = place, season, earlier
        self.similar, self.school_sizes = similar, school_sizes
        self.above = _compared_with(place, season.marks)
        self.marks = season.marks.row(place)
        self.of_items = ItemReading(place, self.above, season.items)

    def statements(self) -> Iterator[Statement]:
        by_kind: dict[StatementKind, Callable[[], Iterator[Statement]]] = {
            StatementKind.HEADLINE: self._headlines,
            StatementKind.STRONG: self.of_items.strong,
            StatementKind.DEFICIT: self.of_items.deficits,
            StatementKind.WEAK: self.of_items.weak,
            StatementKind.NOT_ATTEMPTED: self.of_items.not_attempted,
            StatementKind.CLASS_MARKS: self._class_marks,
            StatementKind.SIMILAR: self._similar,
            StatementKind.CHANGE: self._changes,
            StatementKind.CAUTION: self._cautions,
        }
        for kind in StatementKind:
            yield from by_kind[kind]()

    def _headlines(self) -> Iterator[Statement]:
        row = self.marks
        assert row.percents is not None  # noqa: S101  # a group with too few participants is not read at all
        parts = (
            f"«{mark}»\u00a0— {words.number(count)} ({words.percent(share)})"
            for mark, count, share in zip((2, 3, 4, 5), row.counts, row.percents, strict=True)
        )
        yield Statement(
            StatementKind.HEADLINE,
            f"Всю работу выполнили и получили отметку: {words.participants(row.participants)}. "
            f"{', '.join(parts)}.",
            Behind(self.place, having=Having.MARK),
        )
        if self.above is not None:
            yield self._beside_above("Доля «2»", (2,), Behind(self.place, mark=2))
            yield self._beside_above("Доля «4» и «5»", (4, 5), Behind(self.place, having=Having.MARK))

    def _beside_above(self, name: str, marks: Sequence[int], behind: Behind) -> Statement:
        """A share of marks here and in the groups above it up to the one that it is compared with."""
        assert self.above is not None  # noqa: S101  # asked only then
        own, above = (_share_of(row, marks) for row in (self.marks, self.season.marks.row(self.above)))
        told = [f"{words.HERE} {words.percent(own.percent)}"]
        for row in reversed(self.season.marks.rows):
            depth = row.group.level.depth
            if self.above.level.depth <= depth < self.place.level.depth and row.percents is not None:
                told.append(
                    f"{words.IN_LEVEL[row.group.level]} — {words.percent(_share_of(row, marks).percent)}"
                )
        against = difference(own, above.without(own))
        return Statement(
            StatementKind.HEADLINE, f"{name}: {', '.join(told)}.{self._how_certain(against)}", behind
        )

    def _how_certain(self, against: Difference | None) -> str:
        if against is None:
            return " Сравнивать не с чем: в остальных организациях слишком мало участников."
        if against.is_certain(reading_rules().certain_at):
            return " Разница больше случайной."
        if abs(against.points) < reading_rules().least_points:
            return " Заметной разницы нет."
        few = ": участников мало" if informativeness(self.marks.participants).caution else ""
        return f" Разница может быть случайной{few}."

    def _class_marks(self) -> Iterator[Statement]:
        row = self.season.comparison.row(self.place)
        if row.percents is None or row.significant_percent is None:
            return
        lowered, confirmed, raised = row.counts
        yield Statement(
            StatementKind.CLASS_MARKS,
            f"Обе отметки есть у {words.of_participants(row.participants)}: за работу такая же, как в "
            f"журнале, — у {words.number(confirmed)}, ниже — у {words.number(lowered)}, выше — "
            f"у {words.number(raised)}.",
            Behind(self.place, having=Having.BOTH_MARKS),
        )
        gap = shipped_rules().significant_gap
        if not row.significant:
            yield Statement(
                StatementKind.CLASS_MARKS, f"Расхождений на {gap} отметки и более нет.", about="gap"
            )
            return
        text = (
            f"Расхождение на {gap} отметки и более — у {words.number(row.significant)} из "
            f"{words.of_participants(row.participants)} ({words.percent(row.significant_percent)})"
        )
        if self.above is not None:
            of_above = self.season.comparison.row(self.above).significant_percent
            if of_above is not None:
                text += f", {words.IN_LEVEL[self.above.level]} — {words.percent(of_above)}"
        yield Statement(
            StatementKind.CLASS_MARKS,
            f"{text}. Причины бывают разные: журнал учитывает то, чего в работе нет; темы прошли давно; "
            "задания непривычны. Стоит посмотреть эти работы.",
            Behind(self.place, change=Change.SIGNIFICANT),
            about="gap",
        )

    def _similar(self) -> Iterator[Statement]:
        if self.place.level is not Level.SCHOOL:
            return
        if self.similar is None:
            least = reading_rules().least_similar
            yield Statement(
                StatementKind.SIMILAR,
                f"Сравнения нет: в регионе меньше {least} похожих организаций с работами.",
            )
            return
        good, twos = (_share_of(self.marks, marks).percent for marks in ((4, 5), (2,)))
        for name, value, middle, behind in (
            ("«4» и «5»", good, self.similar.good, Behind(self.place, having=Having.MARK)),
            ("«2»", twos, self.similar.twos, Behind(self.place, mark=2)),
        ):
            yield Statement(
                StatementKind.SIMILAR,
                f"Доля {name}: {words.HERE} {words.percent(value)}; у средней половины похожих организаций — "
                f"от {words.percent(middle.lowest)} до {words.percent(middle.highest)}. "
                f"{_beside_middle(value, middle)}",
                behind,
            )
        yield Statement(
            StatementKind.SIMILAR,
            f"Похожих организаций региона: {words.number(self.similar.good.schools)}. Условия: "
            f"{self.similar.step.words}. За пределами средней половины — всегда около половины из них.",
        )

    def _changes(self) -> Iterator[Statement]:
        if self.earlier is None:
            return
        before = self.earlier.marks.row(self.place)
        twos = twos_change(self.marks, before)
        if twos is None:
            yield Statement(
                StatementKind.CHANGE,
                f"{self.earlier.name}: {words.participants(before.participants)}, "
                "для сравнения слишком мало.",
            )
            return
        yield Statement(StatementKind.CHANGE, self._twos_then(twos), Behind(self.place, mark=2))
        results = result_changes(self.season.planned.row(self.place), self.earlier.planned.row(self.place))
        most = reading_rules().most["change"]
        for change in [change for change in results if change.certain][:most]:
            yield Statement(
                StatementKind.CHANGE,
                self._result_then(change),
                Behind(self.place, having=Having.SCORE),
                about=change.title,
            )
        if papers_differ(self.season.marks.paper, self.earlier.marks.paper):
            yield Statement(
                StatementKind.CHANGE,
                "У работ двух лет разный максимум или разная шкала отметок: баллы не сравниваются, доли "
                "отметок сравнивайте осторожно.",
            )

    def _twos_then(self, twos: TwosChange) -> str:
        assert self.earlier is not None  # noqa: S101  # asked only then
        text = f"Доля «2»: {words.percent(twos.now)}, {self.earlier.name} — {words.percent(twos.before)}."
        if twos.negative:
            limit = f"{shipped_rules().negative_growth_of_twos:g}"
            text += (
                f" Рост на {words.points(twos.points)}; от {limit}\u00a0п.\u00a0п. — отрицательная динамика."
            )
        if abs(twos.points) < reading_rules().least_points:
            return f"{text} Заметных изменений нет."
        return f"{text} Разница {'больше случайной' if twos.certain else 'может быть случайной'}."

    def _result_then(self, change: ResultChange) -> str:
        assert self.earlier is not None  # noqa: S101  # asked only then
        how = "выше" if change.points > 0 else "ниже"
        return (
            f"«{change.title}»: выполнение {words.percent(change.now)}, {self.earlier.name} — "
            f"{words.percent(change.before)}: {how} на {words.points(change.points)} Задания были другие."
        )

    def _cautions(self) -> Iterator[Statement]:
        caution = informativeness(self.marks.participants).caution
        if caution:
            yield Statement(StatementKind.CAUTION, caution)
        small = [size for size in self.school_sizes if not informativeness(size).shows_percent]
        if small:
            yield Statement(
                StatementKind.CAUTION,
                f"Из {words.organisations(len(self.school_sizes))} с работами слишком мало участников для "
                f"долей — в {words.number(len(small))}; в общих числах они учтены.",
            )
        yield Statement(
            StatementKind.CAUTION,
            "Это выводы об освоении программы, а не об учителях: по ним нельзя составлять рейтинги и "
            "требовать определённых долей отметок.",
        )


def _compared_with(place: Group, marks: MarkTable) -> Group | None:
    """A school and a municipality are compared with their region, a region with the whole sample.

    None for the whole, and for a place beside which nobody else took part.
    """
    if place.level is Level.COUNTRY:
        return None
    above = Group() if place.level is Level.REGION else Group(place.region)
    return above if marks.row(above).participants > marks.row(place).participants else None


def _share_of(row: MarkRow, marks: Sequence[int]) -> Share:
    """The share of those with one of these marks."""
    return Share(sum(row.counts[mark - 2] for mark in marks), row.participants, row.schools)


def _beside_middle(value: float, middle: MiddleHalf) -> str:
    if value < middle.lowest:
        return "Ниже этих пределов."
    return "Выше этих пределов." if value > middle.highest else "В этих пределах."
