"""What a protocol holds when it has been read: works by participant code, never by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Status = Literal["present", "absent", "partial"]


class Work(NamedTuple):
    """One participant's work.

    `scores` by item code: ≥ 0 a score, −1 not attempted (X), None not studied (N) or not given. `partial` is
    a work in two parts one of which was missed: no total, no mark. `total` and `mark` are None as well where
    the row has a finding that leaves its scores in doubt.
    """

    participant: str
    class_label: str
    variant_1: int | None
    variant_2: int | None
    sex: str
    prior_mark: int | None
    status: Status
    scores: Mapping[str, int | None]
    total: int | None
    mark: int | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the receiver knows beforehand; every part may be left out.

    `organisation` is its code (`edu641007`), `organisation_titles` names it may go under in Ф1, `codes` the
    issued participant codes with the class of each, `variants` those printed for it, `layouts` the layouts
    taken this year.
    """

    organisation: str | None = None
    organisation_titles: tuple[str, ...] = field(default=())
    codes: Mapping[str, str] | None = None
    variants: frozenset[int] | None = None
    layouts: frozenset[str] | None = None
