"""Numbers and remarks of reports in Russian, the same on a chart, on a page and in a workbook."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from oko.engines.statistics.rules import Rules, informativeness, shown_percent

HIDDEN = "менее 10 участников"
HIDDEN_CELL = "—"
THIS_SEASON = "текущий"  # beside rows that are named by their year


def percent_text(percent: float) -> str:
    """«35,2»: one digit after a comma, without the sign %."""
    return f"{shown_percent(percent):.1f}".replace(".", ",")


def remark(participants: int) -> str:
    """A few words beside a group on how far its numbers may be trusted; empty where they may."""
    return informativeness(participants).remark if participants else "нет работ"


def method_notes(rules: Rules, slugs: Collection[str] | None = None) -> Sequence[str]:
    """How reports are made, for the foot of a page and the notes of a workbook.

    Args:
        rules: under which they were made.
        slugs: of the directions that the document shows; all where it is None.
    """
    of_directions = _direction_notes(rules)
    shown = of_directions.keys() if slugs is None else [slug for slug in of_directions if slug in slugs]
    thresholds = slugs is None or not _WITH_THRESHOLDS.isdisjoint(slugs)
    return (
        "Территория: школа считается в том муниципалитете, где она стоит, кому бы она ни подчинялась.",
        *(of_directions[slug] for slug in shown),
        *([_threshold_note(rules)] if thresholds else []),
        *(rule.caution for rule in rules.informativeness if rule.caution),
        f"Правила, версия {rules.version}: {rules.source}.",
    )


_WITH_THRESHOLDS = frozenset({"items", "planned"})


def _direction_notes(rules: Rules) -> dict[str, str]:
    return {
        "marks": "«Статистика по отметкам»: участники, выполнившие всю работу и получившие отметку. "
        "Отсутствовавшие на одной из двух частей не имеют ни суммы баллов, ни отметки и сюда не входят.",
        "comparison": "«Сравнение отметок с отметками по журналу»: участники, у которых есть обе отметки. "
        f"Значительным считается расхождение на {rules.significant_gap} отметки и более в любую сторону.",
        "distribution": "«Распределение первичных баллов»: доля участников, получивших каждую сумму баллов; "
        "только выполнившие всю работу.",
        "items": "«Выполнение заданий»: сумма баллов, делённая на максимум задания, умноженный на число "
        "участников, в %. X (не приступал) даёт 0 баллов, участник учтён; N (тема не пройдена) и пропущенная "
        "часть работы не учтены.",
        "planned": "«Достижение планируемых результатов»: считается как выполнение заданий; по результату в "
        "целом — сумма баллов за все его задания, делённая на сумму их максимумов у тех же участников. "
        f"Системный дефицит: не менее {rules.deficit.least_items} заданий результата, из них ниже порога "
        f"больше {_number(rules.deficit.more_than_share)} %.",
        "items-by-mark": "«Выполнение заданий группами участников»: выполнение заданий отдельно у получивших "
        "«2», «3», «4» и «5»; только выполнившие всю работу.",
    }


def _threshold_note(rules: Rules) -> str:
    thresholds = "; ".join(
        f"{level} — {_number(threshold.percent)} % ± {_number(threshold.margin)}"
        for level, threshold in rules.thresholds.items()
    )
    return f"Порог выполнения: {thresholds}. ▼ — ниже порога, ≈ — у порога."


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")
