"""Filled protocols of the demo: results simulated, written into the very form that a school downloads.

Knows nothing of the database, so that files are made by several processes at once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from oko.engines.forms import Work
from oko.engines.forms.build import build_protocol
from oko.engines.papers import Paper
from oko.engines.psychometrics.simulation import SCHOOL_EFFECT_SD, simulate_school


@dataclass(frozen=True, slots=True)
class Order:
    """One protocol to be filled: whose, of which paper and season, and whether it gets mistakes."""

    paper: Paper
    code: str
    name: str
    participants: tuple[tuple[str, str, int], ...]
    assessment_title: str
    deadline_text: str
    spoiled: bool
    earlier: bool = False


def fill(order: Order) -> bytes:
    """The file as the school would send it; the same order always holds the same results."""
    works = [
        Work(**work)
        for work in simulate_school(
            order.paper,
            [(code, label) for code, label, _number in order.participants],
            school_effect=_school_effect(order),
            seed=int.from_bytes(order.code.encode()[-6:]) + order.earlier,
        )
    ]
    return build_protocol(
        order.paper,
        organisation_code=order.code,
        organisation_name=order.name,
        participants=order.participants,
        assessment_title=order.assessment_title,
        deadline_text=order.deadline_text,
        works=_spoil(works, order) if order.spoiled else works,
    )


def _school_effect(order: Order) -> float:
    """A school is much the same from year to year, but not quite."""
    chance = random.Random(order.code)  # noqa: S311  # simulation
    effect, change = chance.gauss(0, SCHOOL_EFFECT_SD), chance.gauss(0, SCHOOL_EFFECT_SD / 2)
    return effect - change if order.earlier else effect


def _spoil(works: list[Work], order: Order) -> list[Work]:
    """Slips as people make them: a score above the maximum, a variant that was not printed."""
    chance = random.Random(f"{order.code} {order.paper.code}")  # noqa: S311  # simulation
    present = [number for number, work in enumerate(works) if work.status == "present"]
    spoiled = list(works)
    for number in chance.sample(present, min(len(present), chance.randint(1, 3))):
        item = chance.choice(order.paper.items)
        scores = dict(spoiled[number].scores) | {item.code: item.maximum + 1}
        spoiled[number] = spoiled[number]._replace(scores=scores)
    if present:
        spoiled[present[0]] = spoiled[present[0]]._replace(variant_1=max(order.paper.variants) + 1)
    return spoiled
