"""The rules at their edges: Б 60 ± 3, П and В 30 ± 1.5, groups of 10, 20, 50."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oko.engines.statistics.directions import DIRECTIONS
from oko.engines.statistics.rules import (
    Zone,
    informativeness,
    item_zone,
    shipped_rules,
    shown_percent,
    twos_grew,
)
from oko.engines.statistics.wording import method_notes, percent_text, remark


@pytest.mark.parametrize(
    ("level", "percent", "zone"),
    [
        ("Б", 0, Zone.INSUFFICIENT),
        ("Б", 56.9, Zone.INSUFFICIENT),
        ("Б", 56.94, Zone.INSUFFICIENT),
        ("Б", 56.95, Zone.BORDERLINE),
        ("Б", 57, Zone.BORDERLINE),
        ("Б", 60, Zone.BORDERLINE),
        ("Б", 63, Zone.BORDERLINE),
        ("Б", 63.04, Zone.BORDERLINE),
        ("Б", 63.05, Zone.SUFFICIENT),
        ("П", 28.4, Zone.INSUFFICIENT),
        ("П", 28.45, Zone.BORDERLINE),
        ("П", 28.5, Zone.BORDERLINE),
        ("П", 31.5, Zone.BORDERLINE),
        ("В", 31.55, Zone.SUFFICIENT),
        ("В", 100, Zone.SUFFICIENT),
    ],
)
def test_an_item_falls_into_its_zone(level: str, percent: float, zone: Zone) -> None:
    assert item_zone(level, percent) is zone


@pytest.mark.parametrize(
    ("percent", "text"),
    [(0, "0,0"), (56.25, "56,3"), (56.15, "56,2"), (100 * 2 / 3, "66,7"), (99.95, "100,0"), (100.0, "100,0")],
)
def test_a_percent_is_rounded_as_a_spreadsheet_does(percent: float, text: str) -> None:
    assert percent_text(percent) == text


@given(st.floats(0, 100))
def test_a_percent_is_shown_within_half_of_its_last_digit(percent: float) -> None:
    assert abs(shown_percent(percent) - percent) <= 0.05 + 1e-12


def test_an_unknown_level_is_an_error() -> None:
    with pytest.raises(KeyError):
        item_zone("Я", 50)


@pytest.mark.parametrize(
    ("participants", "name", "shows_percent", "warns"),
    [
        (0, "hidden", False, True),
        (9, "hidden", False, True),
        (10, "very_limited", True, True),
        (19, "very_limited", True, True),
        (20, "approximate", True, True),
        (49, "approximate", True, True),
        (50, "informative", True, False),
        (1_000_000, "informative", True, False),
    ],
)
def test_a_group_is_as_good_as_its_size(
    participants: int, name: str, shows_percent: bool, warns: bool
) -> None:
    rule = informativeness(participants)
    assert (rule.name, rule.shows_percent) == (name, shows_percent)
    assert bool(rule.caution) == bool(remark(participants)) == warns


def test_rules_have_a_version_and_each_its_source() -> None:
    rules = shipped_rules()
    assert rules.version
    assert rules.source
    assert set(rules.sources) == {"informativeness", "solving", "journal", "twos", "deficit"}
    assert all("2026" in source for source in rules.sources.values())


def test_marks_two_apart_differ_significantly() -> None:
    assert shipped_rules().significant_gap == 2


@pytest.mark.parametrize(
    ("before", "now", "grew"),
    [(5, 14.9, False), (5, 14.94, False), (5, 14.95, True), (5, 15, True), (0, 10, True), (20, 5, False)],
)
def test_ten_points_more_of_twos_than_a_year_ago_are_bad(before: float, now: float, grew: bool) -> None:
    assert twos_grew(before, now) is grew


@pytest.mark.parametrize(
    ("red", "judged", "holds"),
    [(1, 1, False), (1, 2, False), (2, 2, True), (1, 3, False), (2, 3, True), (2, 4, False), (3, 4, True)],
)
def test_a_deficit_takes_two_items_and_more_than_half_of_them_red(red: int, judged: int, holds: bool) -> None:
    assert shipped_rules().deficit.holds(red, judged) is holds


def test_notes_tell_how_each_direction_is_counted_and_those_shown_alone_where_asked() -> None:
    rules = shipped_rules()
    notes = method_notes(rules)
    for direction in DIRECTIONS:
        [note] = [note for note in notes if note.startswith(f"«{direction.title}»")]
        assert note in method_notes(rules, {direction.slug})
    of_marks = method_notes(rules, {"marks"})
    assert not any(note.startswith(("«Выполнение", "Порог")) for note in of_marks)
    assert any(note.startswith("Порог") for note in method_notes(rules, {"planned"}))


def test_a_zone_is_seen_without_its_colour() -> None:
    assert len({zone.sign for zone in Zone}) == len({zone.label for zone in Zone}) == len(Zone)
