"""Numbers and remarks of reports in Russian, the same on a chart, on a page and in a workbook."""

from __future__ import annotations

from collections.abc import Sequence

from oko.engines.statistics.rules import Rules, informativeness, shown_percent

HIDDEN = "менее 10 участников"


def percent_text(percent: float) -> str:
    """«35,2»: one digit after a comma, without the sign %."""
    return f"{shown_percent(percent):.1f}".replace(".", ",")


def remark(participants: int) -> str:
    """A few words beside a group on how far its numbers may be trusted; empty where they may."""
    return informativeness(participants).remark if participants else "нет работ"


def method_notes(rules: Rules) -> Sequence[str]:
    """How the two reports are made, for the foot of a page and the notes of a workbook."""
    return (
        "Территория: школа считается в том муниципалитете, где она стоит, кому бы она ни подчинялась.",
        "«Статистика по отметкам»: участники, выполнившие всю работу и получившие отметку. "
        "Отсутствовавшие на одной из двух частей не имеют ни суммы баллов, ни отметки и сюда не входят.",
        "«Выполнение заданий»: сумма баллов, делённая на максимум задания, умноженный на число участников, "
        "в %. X (не приступал) даёт 0 баллов, участник учтён; N (тема не пройдена) и пропущенная часть "
        "работы не учтены.",
        "Порог выполнения: "
        + "; ".join(
            f"{level} — {_number(threshold.percent)} % ± {_number(threshold.margin)}"
            for level, threshold in rules.thresholds.items()
        )
        + ". ▼ — ниже порога, ≈ — у порога.",
        *(rule.caution for rule in rules.informativeness if rule.caution),
        f"Правила, версия {rules.version}: {rules.source}.",
    )


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")
