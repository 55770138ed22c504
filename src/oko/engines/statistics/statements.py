"""A page in plain words as data: statements of a closed list of kinds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from oko.engines.statistics.grid import Behind


class StatementKind(StrEnum):
    """What a sentence is about, in the order in which they stand on the page."""

    HEADLINE = "headline"
    STRONG = "strong"
    DEFICIT = "deficit"
    WEAK = "weak"
    NOT_ATTEMPTED = "not_attempted"
    CLASS_MARKS = "class_marks"
    SIMILAR = "similar"
    CHANGE = "change"
    CAUTION = "caution"

    @property
    def label(self) -> str:
        """The heading above the sentences of this kind."""
        return _HEADINGS[self]


_HEADINGS = {
    StatementKind.HEADLINE: "Коротко",
    StatementKind.STRONG: "Что получается",
    StatementKind.DEFICIT: "Системные дефициты",
    StatementKind.WEAK: "Что получается хуже",
    StatementKind.NOT_ATTEMPTED: "К чему не приступали",
    StatementKind.CLASS_MARKS: "Отметки за работу и в журнале",
    StatementKind.SIMILAR: "Рядом с похожими организациями",
    StatementKind.CHANGE: "Что изменилось",
    StatementKind.CAUTION: "О чём помнить",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or two; `behind`: the works from which its first number was counted, if it has one.

    `about` is the item's code or the planned result's title, where it is about one.
    """

    kind: StatementKind
    text: str
    behind: Behind | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """The page."""

    title: str
    statements: tuple[Statement, ...]

    def of_kind(self, kind: StatementKind) -> tuple[Statement, ...]:
        return tuple(statement for statement in self.statements if statement.kind is kind)
